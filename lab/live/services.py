# SPDX-License-Identifier: MIT
"""The services of the lab's hosts: Debian's dnsmasq, knot, nginx and busybox, and the small RTSP server of rtsp.py.

Cameras answer as real products do, as far as cordon's knowledge looks: the title of their page, the realm of their
login, the name they ask a lease with. Names and passwords are the lab's own (residents.PAIRS).
"""

import os
import shutil
import socket
import struct
import time

import rtsp
import updates
from apps import recorders
from namespaces import GATEWAY, GW, HOSTS, LAN6, RUN, Failed, command, inside
from residents import PAIRS

BUSYBOX = f"{RUN}/busybox"
PICTURE = b"\xff\xd8\xff\xe0\x00\x10JFIF\0" + bytes(range(256)) * 96 + b"\xff\xd9"
NTP_EPOCH = 2208988800
HERE, READY_SECONDS = "127.0.0.1", 10
FIRMWARE, ANNOUNCE_SECONDS = ("2014-12-05 17:24:41", "V4.02.R11.00000059.10001.131900.00000"), 4

# host: (realm, title of the page that anybody may see, whose password opens the pictures, telnet as well?)
CAMERAS = {
    "cam1": ("IPCamera Login", "NETSurveillance WEB", "factory", True),
    "cam2": ("DCS-932L", None, "own", False),
    "cam3": ("IPCamera Login", "NETSurveillance WEB", "factory", True),
}

# host: (program, how its pages ask for a login, services): those of lab/cameras, where a scenario names them
LAB_CAMERAS = {
    "cam14": ("camera-2014", "basic", ("http", "rtsp", "dvrip", "telnet")),
    "cam15": ("camera-2015", "digest", ("http", "rtsp", "dvrip")),
    "cam26": ("camera-2026", "form", ("http", "rtsp", "dvrip")),
}
PORTS = {"http": 80, "rtsp": rtsp.PORT, "dvrip": 34567, "telnet": 23}

FAKE_LOGIN = """#!{busybox} sh
# A login that knows one pair, and a prompt behind it that runs nothing.
export PATH=
{busybox} stty -echo
while :; do
	printf 'LocalHost login: '
	read -r name || exit
	printf '%s\\nPassword: ' "$name"
	read -r word || exit
	printf '\\n'
	[ "$name/$word" = '{pair}' ] && break
	printf '\\nLogin incorrect\\n'
done
printf '\\n\\nBusyBox v1.16.1 (2014-03-04 16:00:18 CST) built-in shell (ash)\\n'
printf "Enter 'help' for a list of built-in commands.\\n\\n~ # "
while read -r line; do
	printf '%s\\n' "$line"
	[ "$line" = exit ] && exit
	printf '%s: not found\\n~ # ' "${{line%% *}}"
done
"""

KNOT = """server:
    rundir: {run}/knot
    user: root:root
    listen: {address}@53
log:
  - target: stderr
    any: warning
database:
    storage: {run}/knot
zone:
  - domain: example
    file: {run}/knot/example.zone
    journal-content: none
    zonefile-load: whole
"""

ZONE = """$ORIGIN example.
$TTL 60
@ SOA ns hostmaster 1 3600 600 86400 60
@ NS ns
ns A {victim}
www.shop A {world}
cloud A {world}
cloud AAAA 2001:db8:2::44
update A {world}
time A {world}
"""

NGINX = """daemon off;
master_process off;
user root;
pid {run}/nginx/pid;
error_log stderr warn;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {run}/nginx/a;
    proxy_temp_path {run}/nginx/b;
    fastcgi_temp_path {run}/nginx/c;
    uwsgi_temp_path {run}/nginx/d;
    scgi_temp_path {run}/nginx/e;
    server {{
        listen 80;
        listen [::]:80;
        location /version {{ return 200 "2.12\\n"; }}
        location / {{ return 200 "<html><title>EXAMPLE</title></html>\\n"; }}
    }}
}}
"""

LEASE = """#!{busybox} sh
# What udhcpc asks for: the address and the way out. The name server is asked by address.
[ "$1" = bound ] || [ "$1" = renew ] || exit 0
ip addr replace "$ip/$mask" dev "$interface"
ip route replace default via "$router"
"""


def write(path, text, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as out:
        out.write(text if isinstance(text, bytes) else text.encode())
    os.chmod(path, mode)


def fixed_lease(host):
    return f"--dhcp-host={host.link},{host.address}"


def gateway(net):
    """Leases with a fixed address for each, router advertisements, and names: asked on at the victim, who has them."""
    home = [h for h in HOSTS.values() if h.at_home]
    net.start(GW, "dnsmasq", "--conf-file=/dev/null", "--no-daemon", "--user=root", "--interface=br0",
              "--bind-interfaces", "--no-ping", "--dhcp-range=192.0.2.100,192.0.2.150,2h", *map(fixed_lease, home),
              "--dhcp-authoritative", f"--dhcp-leasefile={RUN}/leases", f"--pid-file={RUN}/dnsmasq.pid", "--no-resolv",
              "--no-hosts", f"--server={HOSTS['victim'].address}", "--enable-ra",
              f"--dhcp-range={LAN6.split('/', maxsplit=1)[0]},ra-only", log="dnsmasq")


def authority(net):
    host = HOSTS["victim"]
    write(f"{RUN}/knot/conf", KNOT.format(run=RUN, address=host.address))
    write(f"{RUN}/knot/example.zone", ZONE.format(victim=host.address, world=HOSTS["world"].address))
    net.start(host.space, "knotd", "-c", f"{RUN}/knot/conf", log="knot")


def cloud(net):
    host = HOSTS["world"]
    os.makedirs(f"{RUN}/nginx", exist_ok=True)
    write(f"{RUN}/nginx/conf", NGINX.format(run=RUN))
    net.start(host.space, "nginx", "-c", f"{RUN}/nginx/conf", log="nginx")
    inside(host.space, tell_time)


def tell_time():
    """An NTP server (RFC 5905, client and server mode), of stratum 2."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        door.bind(("", 123))
        while True:
            asked, caller = door.recvfrom(512)
            if len(asked) < 48 or asked[0] & 7 != 3:
                continue
            now = struct.pack("!Q", int((time.time() + NTP_EPOCH) * 2**32))
            door.sendto(struct.pack("!BBBbII4s", 0x24, 2, 6, -20, 0, 0, b"\xcb\0\x71\x01") + now + asked[40:48] + now
                        + now, caller)


def lab_camera(net, name, build):
    """One of lab/cameras, with sanitizers where it was built with them; what it keeps lies in a folder of its own, and
    stays when it is turned off and on."""
    program = LAB_CAMERAS[name][0]
    guarded = f"{build}/san/lab/{program}"
    words = [guarded if os.path.exists(guarded) else f"{build}/lab/{program}"]
    if name == "cam26":
        write(f"{RUN}/{name}-state/maker.pub", updates.public_key())
        words += ["--state", f"{RUN}/{name}-state"]
    return net.start(HOSTS[name].space, *words, log=name)


def camera(net, name):
    host, (realm, title, pair, telnet) = HOSTS[name], CAMERAS[name]
    words, www = PAIRS[pair], f"{RUN}/{name}/www"
    write(f"{www}/index.html", f"<html><head><title>{title or realm}</title></head><body>EXAMPLE</body></html>\n")
    write(f"{www}/snapshot/now.jpg", PICTURE)
    write(f"{RUN}/{name}/httpd.conf", f"/{'snapshot' if title else ''}:{words[0]}:{words[1]}\n")
    net.start(host.space, BUSYBOX, "httpd", "-f", "-p", "80", "-h", www, "-r", realm, "-c", f"{RUN}/{name}/httpd.conf",
              log=name)
    inside(host.space, rtsp.Server("RTSP Server", words).serve)
    if telnet:
        inside(host.space, announce, host.link)
        write(f"{RUN}/{name}/login", FAKE_LOGIN.format(busybox=BUSYBOX, pair="/".join(words)), 0o755)
        net.start(host.space, BUSYBOX, "telnetd", "-F", "-p", "23", "-l", f"{RUN}/{name}/login", log=name)


def announce(mac):
    """What Xiongmai's boards tell everybody: which firmware they run, and of when it is."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        while True:
            try:
                s.sendto(recorders.xm_announcement(*FIRMWARE, mac, host_name="LocalHost", device_type="IPC"),
                         ("255.255.255.255", 34569))
            except OSError:
                pass  # no lease yet
            time.sleep(ANNOUNCE_SECONDS)


def lease(host):
    """The host asks for its address; comes back when it has it."""
    command("nsenter", "--net=/run/netns/" + host.space, "--", BUSYBOX, "udhcpc", "-i", "eth0", "-n", "-q", "-f",
            "-t", "5", "-T", "1", "-s", f"{RUN}/lease", "-x", "hostname:" + host.dhcp_name, "-V", host.dhcp_vendor,
            *(["-x", "0xa1:" + host.mud_url.encode().hex()] if host.mud_url else []))


def start(net, busybox, build):
    """All of them; comes back when they answer."""
    shutil.copy(busybox, BUSYBOX)
    write(f"{RUN}/lease", LEASE.format(busybox=BUSYBOX), 0o755)
    gateway(net)
    authority(net)
    cloud(net)
    for name in CAMERAS:
        camera(net, name)
    doors = [(GW, GATEWAY, 53), (HOSTS["victim"].space, HOSTS["victim"].address, 53), (HOSTS["world"].space, HERE, 80)]
    for name, (_, _, _, telnet) in CAMERAS.items():
        doors += [(HOSTS[name].space, HERE, port) for port in (80, rtsp.PORT) + (23,) * telnet]
    for name in (h.name for h in net.hosts if h.guest):
        net.cameras[name] = lab_camera(net, name, build)
        doors += [(HOSTS[name].space, HERE, PORTS[service]) for service in LAB_CAMERAS[name][2]]
    waits = [inside(space, knock, address, port) for space, address, port in doors]
    for wait, (space, _, port) in zip(waits, doors):
        wait.join(READY_SECONDS)
        if wait.is_alive():
            raise Failed(f"nobody answers on port {port} of {space}; see its log")


def knock(address, port):
    """From inside, so that nothing of it is on a link."""
    while True:
        try:
            socket.create_connection((address, port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
