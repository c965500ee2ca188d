# SPDX-License-Identifier: MIT
"""Beside the table: the portal, what ran before a hold, rules loaded anew under traffic, full sets and limits."""

import concurrent.futures
import re
import socket
import time

import frames
import wire
from holds import check, device, forget_viewers, listed, made, rules
from place import ALLOWED, ALLOWED6, CAM, HOSTS, TCP_ECHO, UDP_ECHO, VIDEO, WORLD, WORLD6, Server, name, run, tcp, udp, within

PORTAL = 8080


def connected(space, address, port):
    return within(space, lambda: socket.create_connection((address, port), timeout=2))


def dropped(house):
    """What the kernel counted of cam, wherever a packet ended."""
    return sum(int(re.search(CAM.mac + r" counter packets (\d+)", listed(house, "set", family, "cordon", "blocked")).group(1))
               for family in ("netdev", "bridge", "inet"))


def alive(talk, seconds=0.5):
    """Whether an open connection still carries something there and back."""
    talk.settimeout(seconds)
    try:
        talk.sendall(b"cordon")
        return talk.recv(64) == b"cordon"
    except OSError:
        return False


def call(house, space, address, port, seconds=1.0):
    return within(house.space(space), tcp, address, port, seconds)


def portal(house):
    where = f"portal, {house.kind}, nf {house.nf}"
    house.nft(rules(house))
    plain = house.ruleset()
    house.nft(rules(house, "portal", str(PORTAL)))
    server = Server(house.box, [PORTAL], [], b"held")
    running = connected(house.space("cam"), WORLD, 80)
    # A bridge passes on what is not its own; with bridge-nf-call-iptables the kernel lets it be redirected all the same.
    outside = b"held" if house.kind != "transparent" or house.nf else b""
    tries = {
        "contained": ((WORLD, 80, outside), (WORLD6, 80, outside), (WORLD, TCP_ECHO, b""), (WORLD6, TCP_ECHO, b""),
                      (house.v4("rec"), 80, b"cordon"), (house.v4("other"), 80, b"")),
        "gated": ((WORLD, 80, outside), (WORLD6, 80, outside), (ALLOWED, 80, b"cordon"), (ALLOWED6, 80, b"cordon"),
                  (house.v4("other"), 80, b"cordon"), ("192.0.2.1", 80, b"cordon"), (WORLD, TCP_ECHO, b"")),
        "isolated": ((WORLD, 80, b""), (WORLD6, 80, b""), ("192.0.2.1", 80, b"")),
    }
    if house.kind == "transparent":
        tries["contained"] += (("192.0.2.2", 80, b"held"),)
    else:
        tries["contained"] += (("192.0.2.1", 80, b"held"), ("2001:db8:1::1", 80, b"held"))
    for hold, rows in tries.items():
        house.nft(device("hold", house, hold))
        with concurrent.futures.ThreadPoolExecutor(len(rows) + 2) as pool:
            done = [pool.submit(call, house, "cam", address, port) for address, port, _ in rows]
            others = [pool.submit(call, house, "eye", address, 80) for address in (WORLD, WORLD6)]
            inward = pool.submit(from_port_80, house)
        for (address, port, wanted), future in zip(rows, done):
            check(f"{where}: {hold} cam calls {address} port {port}", future.result() == wanted, future.result())
        check(f"{where}: nobody else gets it", all(o.result() == b"cordon" for o in others))
        check(f"{where}: {hold}, a datagram of nobody's from outside's port 80", not inward.result())
        if hold == "contained":
            check(f"{where}: a call to port 80 that ran before ends", not alive(running))
        house.nft(device("release", house, hold))
        forget_viewers(house)
    running.close()
    server.end = True
    house.nft(rules(house))
    check(f"{where}: without it the rules are what they were", house.ruleset() == plain)


def from_port_80(house):
    """Does a SYN reach cam that comes from the world's port 80 without anybody having asked?"""
    ear = frames.Ear(house.space("cam"))
    mark = b"cordonSYN-80"
    try:
        for src, dst in ((WORLD, house.v4("cam")), (WORLD6, house.v6("cam"))):
            src, dst = wire.ip(src), wire.ip(dst)
            body = wire.packet(src, dst, 6, wire.tcp(src, dst, 80, VIDEO, seq=1, payload=mark))
            out = within(house.world, lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW))
            gate = re.search(r"link/ether (\S+)", run("ip", "-n", house.gate, "link", "show", "wan")).group(1)
            out.bind(("eth0", 0))
            out.send(wire.ethernet(wire.mac("02:00:5e:00:53:44"), wire.mac(gate), 0x0800 if len(src) == 4 else 0x86DD, body))
            out.close()
        time.sleep(0.2)
        return mark in ear.marks([mark])
    finally:
        ear.close()


def running(house):
    """What was open before the hold: to a seeded viewer it goes on, all else ends, and no answer makes a viewer of anybody."""
    house.nft(rules(house))
    lateral, abroad = (connected(house.space("cam"), a, TCP_ECHO) for a in (house.v4("other"), WORLD))
    lateral6, abroad6 = (connected(house.space("cam"), a, TCP_ECHO) for a in (house.v6("other"), WORLD6))
    seen, seen6 = (connected(house.space("tv"), house.v4("cam"), VIDEO), connected(house.space("tv"), house.v6("cam"), VIDEO))
    recorder = connected(house.space("cam"), house.v4("rec"), TCP_ECHO)
    house.nft(device("hold", house, "contained"))
    for what, talk, wanted in (("lateral", lateral, False), ("lateral, v6", lateral6, False), ("abroad", abroad, False),
                               ("abroad, v6", abroad6, False), ("to who watched", seen, True), ("to who watched, v6", seen6, True),
                               ("to the recorder", recorder, True)):
        check(f"running before ({house.kind}): {what}", alive(talk) == wanted)
        talk.close()
    for of in (house.v4, house.v6):
        check("who opens a connection watches", call(house, "eye", of("cam"), VIDEO) == b"cordon")
        family = "4" if of == house.v4 else "6"
        text = listed(house, "set", "netdev", "cordon", "viewers" + family)
        check("who speaks again has five minutes again", re.search(CAM.mac + " . " + of("tv") + r" timeout \S+ expires 4m5\d", text), text)
    check("a name is answered", within(house.space("cam"), name, "192.0.2.1", 2.0))
    check("an answer makes no viewer of the gateway", not within(house.space("cam"), udp, "192.0.2.1", UDP_ECHO, 0.3))
    # other answers from a port below 1024 what it was asked before: that is no looking either.
    within(house.space("other"), udp, house.v4("cam"), UDP_ECHO, 0.2, b"late answer", 161)
    check("a late answer makes no viewer", not within(house.space("cam"), udp, house.v4("other"), UDP_ECHO, 0.3))
    if house.kind == "transparent":
        before = dropped(house)
        within(house.world, udp, house.v4("cam"), UDP_ECHO, 0.2)
        check("what is dropped on the way to it is counted, too", dropped(house) > before, before)
    check("the gateway looks at cam", within(house.gate, udp, house.v4("cam"), UDP_ECHO, 2.0))
    check("and is answered", within(house.space("cam"), udp, "192.0.2.1", UDP_ECHO, 2.0))
    check("but opens no ports for it", not within(house.space("cam"), udp, "192.0.2.1", 5351, 0.4))
    house.nft(device("release", house, "contained"))
    forget_viewers(house)


def reloading(house):
    """The rules are loaded thirty times while cam calls outside and eye watches."""
    house.nft(rules(house))
    house.nft(device("hold", house, "contained"))
    check("eye watches", call(house, "eye", house.v4("cam"), VIDEO) == b"cordon")
    before = house.ruleset()
    ear, mark = frames.Ear(house.world), b"cordon-leaks"
    dst, src = wire.ip(WORLD), wire.ip(house.v4("cam"))
    frame = wire.ethernet(wire.mac(CAM.mac), wire.mac("02:00:5e:00:53:01"), 0x0800, wire.ip4(src, dst, 17, wire.udp(src, dst, 5004, 5004, mark)))
    watched = connected(house.space("eye"), house.v4("cam"), VIDEO)
    out = within(house.space("cam"), lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW))
    out.bind(("eth0", 0))
    sent, lost = 0, 0
    text = rules(house)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        work = pool.submit(lambda: [house.nft(text) for _ in range(30)])
        while not work.done() and sent < 20000:
            for _ in range(10):
                out.send(frame)
            sent += 10
            lost += not alive(watched, 0.5)
            time.sleep(0.002)
        work.result()
    check(f"no packet of {sent} came out while the rules were loaded", mark not in ear.marks([mark]))
    check("no picture was lost meanwhile", lost == 0, lost)
    check("rules and elements are as before", house.ruleset() == before)
    count = dropped(house)
    check("each was counted once", sent <= count < sent + 9, f"{count} of {sent}")
    for s in (out, ear, watched):
        s.close()
    house.nft(device("release", house, "contained"))
    forget_viewers(house)


def full(house):
    """other makes up ever more viewers: who looked before, and the recorder, lose nothing; new ones do, and are counted."""
    house.nft(rules(house))
    house.nft(device("hold", house, "contained"))
    # The kernel's table of neighbours is one for all namespaces: cam's answers to nobody must not fill it.
    house.ip(house.space("cam"), *(f"route add unreachable 2001:db8:1::{i}:0/112" for i in (1, 2)))
    check("eye watches", within(house.space("eye"), udp, house.v6("cam"), UDP_ECHO, 2.0))
    out = within(house.space("other"), lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW))
    out.bind(("eth0", 0))
    dst = wire.ip(house.v6("cam"))
    eth = wire.mac(CAM.mac) + wire.mac(HOSTS["other"].mac) + b"\x86\xdd"
    for i in range(9000):
        src = wire.ip("2001:db8:1::")[:12] + (0x10000 + i).to_bytes(4, "big")
        out.send(eth + wire.ip6(src, dst, 17, wire.udp(src, dst, 5004, 9, b"")))
        if i % 100 == 0:
            time.sleep(0.005)
    out.close()
    viewers = listed(house, "set", "netdev", "cordon", "viewers6").count(CAM.mac)
    check("viewers have their bound", 8000 < viewers <= 8192, viewers)
    missed = int(re.search(r"packets (\d+)", listed(house, "counter", "netdev", "cordon", "full")).group(1))
    check("who found no place is counted", missed > 700, missed)
    check("who watched goes on watching", within(house.space("eye"), udp, house.v6("cam"), UDP_ECHO, 2.0))
    check("so does who was seeded", within(house.space("cam"), udp, house.v6("tv"), UDP_ECHO, 2.0))
    check("so does the recorder", within(house.space("cam"), udp, house.v6("rec"), UDP_ECHO, 2.0))
    check("IPv4 has a set of its own", within(house.space("other"), udp, house.v4("cam"), UDP_ECHO, 2.0))
    check("a new one isn't answered", not within(house.space("other"), udp, house.v6("cam"), UDP_ECHO, 0.4))
    house.nft(device("release", house, "contained"))
    forget_viewers(house)


def limits(house):
    """What a device may say to all, and ask the gateway, is bounded."""
    house.nft(rules(house))
    house.nft(device("hold", house, "contained"))
    ear = frames.Ear(house.space("other"))
    out = within(house.space("cam"), lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW))
    out.bind(("eth0", 0))
    marks = [b"cordon%06d" % i for i in range(400)]
    own, other = wire.ip(house.v4("cam")), wire.ip(house.v4("other"))
    for mark in marks:
        out.send(wire.ethernet(wire.mac(CAM.mac), b"\xff" * 6, 0x0806, wire.arp(1, wire.mac(CAM.mac), own, bytes(6), other).ljust(46, b"\0") + mark))
    out.close()
    time.sleep(0.2)
    came = len(ear.marks(marks))
    check("of 400 ARP questions at once few pass", 100 <= came < 150, came)
    ear.close()

    def ask():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.connect(("192.0.2.1", 123))
            s.settimeout(0.3)
            got = 0
            try:
                for _ in range(400):
                    s.send(b"time")
                while True:
                    s.recv(64)
                    got += 1
            except OSError:
                return got

    got = within(house.space("cam"), ask)
    check("of 400 questions to the gateway few pass", 60 <= got < 150, got)
    house.nft(device("release", house, "contained"))
    forget_viewers(house)


def anew(house):
    house.nft(rules(house))
    empty = house.ruleset()
    house.nft(rules(house))
    check("loaded twice, they are the same", house.ruleset() == empty)
    house.nft(made("removal") + rules(house))
    check("removed and made in one go, too", house.ruleset() == empty)
    house.nft(rules(house, ports=[]))
    check("without ports there are no hooks of netdev", "ingress" not in house.ruleset() and "prerouting" in house.ruleset())
    house.nft(rules(house, ports=house.ports[:1]))
    check("one port is enough", "p-cam" in house.ruleset())
    house.nft(rules(house, ports=house.ports + ['a"b', "*", "p-*"]))
    check("names that are none are left out", house.ruleset() == empty)
