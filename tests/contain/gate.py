# SPDX-License-Identifier: MIT
"""With the first-use gate on: the portal for who is new, forged MACs, and whom the gate must leave alone."""

import os
import socket
import time

import frames
import wire
from holds import check, device, forget_viewers, made, rules
from more import PORTAL, alive, call, connected, from_port_80
from place import ALLOWED, CAM, HOSTS, TCP_ECHO, UDP_ECHO, VIDEO, WORLD, WORLD6, Server, passed, run, set_values, tcp, udp, within

FORGED = 10000


def portal(house):
    """Who is new gets the page of what is outside, and nobody else does."""
    where = f"gate and portal, {house.kind}, nf {house.nf}"
    house.nft(rules(house))
    running = connected(house.space("cam"), WORLD, 80)
    house.nft(rules(house, "gate", "on", "portal", str(PORTAL)) + made("pass", *passed(house)))
    before = house.ruleset()
    server = Server(house.box, [PORTAL], [], b"held")
    outside = b"held" if house.kind != "transparent" or house.nf else b""
    rows = [(WORLD, 80, outside), (WORLD6, 80, outside), (ALLOWED, 80, outside), (house.v4("other"), 80, b"cordon"),
            (house.v6("other"), 80, b"cordon"), ("192.0.2.1", 80, b"cordon"), (WORLD, TCP_ECHO, b""), (WORLD6, TCP_ECHO, b"")]
    for address, port, wanted in rows:
        got = call(house, "cam", address, port, 1.0 if wanted else 0.4)
        check(f"{where}: new cam calls {address} port {port}", got == wanted, got)
    check(f"{where}: nobody else gets it", all(call(house, "eye", a, 80) == b"cordon" for a in (WORLD, WORLD6)))
    check(f"{where}: what comes from outside's port 80", not from_port_80(house))
    check(f"{where}: a call to port 80 that ran before ends", not alive(running))
    leaks(house, where)
    house.nft(made("pass", CAM.mac))
    got = [call(house, "cam", a, p) for a, p in ((WORLD, 80), (WORLD6, 80), (WORLD, TCP_ECHO))]
    check(f"{where}: who passed calls whom it likes", got == [b"cordon"] * 3, got)
    house.nft(made("unpass", CAM.mac))
    house.nft(device("hold", house, "contained"))
    got = call(house, "cam", WORLD, 80)
    check(f"{where}: contained, it gets the page too", got == outside, got)
    house.nft(device("release", house, "contained"))
    forget_viewers(house)
    check(f"{where}: no set has grown", house.ruleset() == before)
    running.close()
    server.end = True


def leaks(house, where):
    """Forged senders, to the port that the portal answers: they would pass the redirection, which asks by address."""
    ear = frames.Ear(house.world)
    marks = [os.urandom(6) + b"%06d" % i for i in range(4)]
    marks = [marks[0][:6] + m[6:] for m in marks]
    router = wire.mac({"routed": "02:00:5e:00:53:01", "transparent": "02:00:5e:00:53:02", "lanes": "02:00:5e:00:53:03"}[house.kind])
    out = within(house.space("cam"), lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW))
    out.bind(("eth0", 0))
    for mark, (src, dst, flags) in zip(marks, (("203.0.113.77", WORLD, 2), ("2001:db8:77::7", WORLD6, 2), (house.v4("cam"), WORLD, 0x10),
                                               (house.v6("cam"), WORLD6, 0x10))):
        if house.kind == "lanes" and src == "203.0.113.77":
            src = "198.51.100.77"
        src, dst = wire.ip(src), wire.ip(dst)
        out.send(wire.ethernet(wire.mac(CAM.mac), router, 0x0800 if len(src) == 4 else 0x86DD,
                               wire.packet(src, dst, 6, wire.tcp(src, dst, 40000, 80, seq=1, ack=1, flags=flags, payload=mark))))
    out.close()
    time.sleep(0.3)
    came = ear.marks(marks)
    ear.close()
    check(f"{where}: no forged sender and no lone segment reaches outside's port 80", not came, came)


def forged(house):
    """cam makes up ten thousand MACs: none reaches outside, all reach the LAN, and no set grows."""
    where = f"10,000 forged MACs, {house.kind}"
    house.nft(rules(house, "gate", "on") + made("pass", *passed(house)))
    before = house.ruleset()
    world, near = frames.Ear(house.world), frames.Ear(house.space("other"))
    out = within(house.space("cam"), lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW))
    out.bind(("eth0", 0))
    router = wire.mac({"routed": "02:00:5e:00:53:01", "transparent": "02:00:5e:00:53:02", "lanes": "02:00:5e:00:53:03"}[house.kind])
    src, mark, close = wire.ip(house.v4("cam")), b"cordon-forge", b"cordon-forg2"
    far = wire.ip4(src, wire.ip(WORLD), 17, wire.udp(src, wire.ip(WORLD), 5004, 5004, mark))
    lan = wire.ip4(src, wire.ip(house.v4("other")), 17, wire.udp(src, wire.ip(house.v4("other")), 5004, 5004, close))
    for i in range(FORGED):
        mac = bytes((2 if i % 16 else 3, 0, 0x5E, 0x77, i >> 8, i & 255))  # some are no host's MAC at all
        out.send(wire.ethernet(mac, router, 0x0800, far))
        if i % 100 == 0:
            out.send(wire.ethernet(mac, router if house.routed else wire.mac(HOSTS["other"].mac), 0x0800, lan))
            time.sleep(0.004)
    out.close()
    time.sleep(0.3)
    check(f"{where}: none reaches outside", not world.marks([mark]))
    check(f"{where}: the LAN is as before", close in near.marks([close]))
    check(f"{where}: no set has grown", house.ruleset() == before)
    check(f"{where}: who passed has lost nothing", call(house, "eye", WORLD, TCP_ECHO) == b"cordon")
    world.close()
    near.close()


def elsewhere(house):
    """Another bridge of this host, with a network of its own, is none of the gate's business; nor is this host, nor the LAN's groups."""
    name = house.tag + "guest"
    run("ip", "netns", "add", name)
    try:
        set_values(house.box, {"bridge/bridge-nf-call-iptables": 1, "bridge/bridge-nf-call-ip6tables": 1})
        house.ip(house.box, "link add br1 type bridge forward_delay 0", "link set br1 up", "addr add 10.77.0.1/24 dev br1",
                 "addr add fd77::1/64 dev br1 nodad", f"link add p-guest type veth peer name eth0 netns {name}",
                 "link set p-guest master br1 up")
        house.ip(name, "link set lo up", "link set eth0 up", "addr add 10.77.0.2/24 dev eth0", "addr add fd77::2/64 dev eth0 nodad",
                 "route add default via 10.77.0.1", "route add default via fd77::1")
        house.ip(house.world, "route add 10.77.0.0/24 via 198.51.100.1", "route add fd77::/64 via 2001:db8:2::1")
        guest = Server(name, [VIDEO], [UDP_ECHO])
        house.nft(rules(house, "gate", "on", "portal", str(PORTAL)))
        for far in (WORLD, WORLD6):
            for port in (80, TCP_ECHO):
                check(f"who is on another bridge calls {far} port {port}", within(name, tcp, far, port, 2.0) == b"cordon")
        for near in ("10.77.0.2", "fd77::2"):
            check(f"… and is called, {near}", within(house.world, udp, near, UDP_ECHO, 2.0))
        check("this host calls whom it likes", within(house.box, tcp, WORLD, TCP_ECHO, 2.0) == b"cordon")
        check("who is new calls this host, and is called by it", within(house.space("cam"), udp, "192.0.2.1", UDP_ECHO, 2.0) and
              within(house.box, tcp, house.v4("cam"), VIDEO, 2.0) == b"cordon")
        check("… but nobody outside", within(house.space("cam"), tcp, WORLD, TCP_ECHO, 0.4) == b"")
        guest.end = True
    finally:
        run("ip", "netns", "del", name, check=False)
