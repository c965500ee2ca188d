# What the lab's camera of 2026 needs of its network. firstuse-mud(1) says how to read it.

mud-url = https://mud.cordon.example/camera-2026.json
last-update = 2026-11-23T19:00:00Z
cache-hours = 48
systeminfo = Camera of cordon's lab, 2026, with libfirstuse
maker = cordon lab
model = camera-2026
documentation = https://cordon.example/lab
supported = yes

# The owner at home: page, picture, recorder's login.
rule page: local network to device over tcp port 80
rule picture: local network to device over tcp port 554
rule recorder: my controller to device over tcp port 34567

# What it asks itself. Updates come from its maker and from nobody else.
rule names: device to controller urn:ietf:params:mud:dns over udp port 53
rule time: device to controller urn:ietf:params:mud:ntp over udp port 123
rule updates: device to host updates.cordon.example over tcp port 443
