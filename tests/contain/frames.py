# SPDX-License-Identifier: MIT
"""Single frames that a held device might send, and who sees them while it is free, gated, contained, isolated (y or n).

A frame bears a number in its payload, or behind its end where the payload is another's business, by which it is known again at
whoever it was meant for. Nothing here carries more than that number.
"""

import os
import re
import socket
import struct
import time

import wire

from place import ALLOWED, ALLOWED6, CAM, HOSTS, WORLD, WORLD6, run, within

FREE, GATED, CONTAINED, ISOLATED = range(4)
MARK_BYTES = 12


class Ear:
    """What arrives at a host, from before the stack."""

    def __init__(self, space, link="eth0"):
        self.socket = within(space, lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)))
        self.socket.bind((link, 3))
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)

    def marks(self, known):
        """Which of these marks came."""
        found = set()
        while True:
            try:
                data, _ = self.socket.recvfrom(4096)
            except BlockingIOError:
                return found
            at = data.find(known[0][:6])
            while at >= 0:
                found.add(data[at:at + MARK_BYTES])
                at = data.find(known[0][:6], at + 1)

    def close(self):
        self.socket.close()


class Sender:
    """What cam sends, in one go. `rows` are (name, who hears it, expected, needs the same link, frame)."""

    def __init__(self, place):
        self.place, self.rows = place, []
        self.nonce = os.urandom(6)
        self.mac = wire.mac(CAM.mac)
        self.router = wire.mac({"routed": "02:00:5e:00:53:01", "transparent": "02:00:5e:00:53:02", "lanes": "02:00:5e:00:53:03"}[place.kind])
        self.own, self.own6 = wire.ip(place.v4("cam")), wire.ip(place.v6("cam"))
        self.link = wire.ip(CAM.link_local)

    def mark(self):
        return self.nonce + struct.pack("!6s", b"%06d" % len(self.rows))

    def add(self, what, ear, expected, kind, body, dst=None, link=False):
        if dst is None:
            dst = self.router if ear in ("world", "gate") or self.place.routed else wire.mac(HOSTS[ear].mac)
        frame = wire.ethernet(self.mac, dst, kind, body)
        mark = self.mark()
        if mark not in frame:
            frame = frame.ljust(60 - MARK_BYTES, b"\0") + mark
        self.rows.append((what, ear, expected, link, frame, mark))

    def ip(self, what, ear, expected, proto, body, src=None, dst=None, link=False, eth=None, **how):
        six = how.pop("six", False)
        src = src or (self.own6 if six else self.own)
        build = wire.ip6 if six else wire.ip4
        self.add(what, ear, expected, 0x86DD if six else 0x0800, build(src, dst, proto, body, **how), dst=eth, link=link)

    def to(self, ear, six):
        if ear == "gate":
            return wire.ip("2001:db8:1::1" if six else "192.0.2.1")
        if ear == "world":
            return wire.ip(WORLD6 if six else WORLD)
        return wire.ip(self.place.v6(ear) if six else self.place.v4(ear))

    def build(self):
        for six in (False, True):
            self.calls(six, "6" if six else "4")
        self.tunnels()
        self.lease_and_address()
        self.claims()
        return self

    def calls(self, six, v):
        src = self.own6 if six else self.own
        for ear, expected in (("other", "yynn"), ("world", "ynnn")):
            dst = self.to(ear, six)
            self.ip(f"datagram to {ear}, v{v}", ear, expected, 17, wire.udp(src, dst, 5004, 5004, self.mark()), dst=dst, six=six)
            self.ip(f"SYN to {ear}, v{v}", ear, expected, 6, wire.tcp(src, dst, 40000, 23, seq=1, payload=self.mark()), dst=dst, six=six)
            self.ip(f"ACK to {ear}, v{v}", ear, expected, 6,
                    wire.tcp(src, dst, 40000, 23, seq=1, ack=1, flags=0x10, payload=self.mark()), dst=dst, six=six)
            proto, body = wire.echo(src, dst, 7, 1, self.mark())
            self.ip(f"echo to {ear}, v{v}", ear, expected, proto, body, dst=dst, six=six)
            self.ip(f"raw protocol to {ear}, v{v}", ear, expected, 253, self.mark(), dst=dst, six=six)
        dst = wire.ip(ALLOWED6 if six else ALLOWED)
        self.ip(f"datagram to whom it is allowed, v{v}", "world", "yynn", 17, wire.udp(src, dst, 5004, 5004, self.mark()), dst=dst, six=six)
        dst = self.to("eye", six)
        self.ip(f"SYN to who looks, v{v}", "eye", "yynn", 6, wire.tcp(src, dst, 40001, 23, seq=1, payload=self.mark()), dst=dst, six=six)
        self.ip(f"SYN with FIN to who looks, v{v}", "eye", "yynn", 6, wire.tcp(src, dst, 40001, 23, seq=1, flags=3, payload=self.mark()), dst=dst, six=six)
        for i in range(2):
            whole = wire.packet(src, dst, 17, wire.udp(src, dst, 5004, 5004, self.mark() + bytes(64) + self.mark()))
            self.add(f"fragment {i + 1} of a datagram to who looks, v{v}", "eye", "yyyn", 0x86DD if six else 0x0800,
                     wire.fragments(whole, 64, 77)[i])
            whole = wire.packet(src, dst, 6, wire.tcp(src, dst, 40001, 23, seq=1, ack=1, flags=0x10, payload=self.mark() + bytes(64) + self.mark()))
            self.add(f"fragment {i + 1} of TCP to who looks, v{v}", "eye", "yynn", 0x86DD if six else 0x0800, wire.fragments(whole, 64, 78)[i])
        what = wire.icmp6(src, dst, 1, 4, bytes(44) + self.mark()) if six else wire.icmp4(3, 3, 0, bytes(28) + self.mark())
        self.ip(f"error to who looks, v{v}", "eye", "yyyn", 58 if six else 1, what, dst=dst, six=six)
        dst = self.to("other", six)
        whole = wire.packet(src, dst, 17, wire.udp(src, dst, 5004, 5004, bytes(64) + self.mark()))
        self.add(f"later fragment to other, v{v}", "other", "yynn", 0x86DD if six else 0x0800, wire.fragments(whole, 64, 79)[1])
        forged = self.to("rec", six)
        for ear, expected in (("eye", "yynn"), ("world", "ynnn")):
            dst = self.to(ear, six)
            self.ip(f"forged sender to {ear}, v{v}", ear, expected, 17, wire.udp(forged, dst, 5004, 5004, self.mark()), src=forged, dst=dst, six=six)
        group = wire.ip("ff02::c" if six else "239.255.255.250")
        self.ip(f"search to a group, v{v}", "other", "yynn", 17, wire.udp(src, group, 5004, 1900, self.mark()), dst=group, six=six, link=True,
                eth=wire.mac("33:33:00:00:00:0c" if six else "01:00:5e:7f:ff:fa"))
        group, eth = wire.ip("ff02::fb" if six else "224.0.0.251"), wire.mac("33:33:00:00:00:fb" if six else "01:00:5e:00:00:fb")
        for what, flags, expected in (("question", 0, "yynn"), ("answer", 0x8400, "yyyn")):
            body = struct.pack("!HH8x", 0, flags) + self.mark()
            self.ip(f"mDNS {what}, v{v}", "other", expected, 17, wire.udp(src, group, 5353, 5353, body), dst=group, six=six, link=True, eth=eth)

    def tunnels(self):
        for ear, expected in (("other", "yynn"), ("world", "ynnn")):
            dst, dst6 = self.to(ear, False), self.to(ear, True)
            for what, proto, outer in (("IP in IP", 4, dst), ("IPv6 in IP", 41, dst), ("IP in IPv6", 4, dst6)):
                six = len(outer) == 16
                inner = wire.ip4(self.own, dst, 17, wire.udp(self.own, dst, 5004, 5004, self.mark()))
                self.ip(f"{what} to {ear}", ear, expected, proto, inner, dst=outer, six=six)
        dst = self.to("eye", False)
        inner = wire.ip4(self.own, dst, 17, wire.udp(self.own, dst, 5004, 5004, self.mark()))
        for what, tags in (("VLAN tag", [(0x8100, 5)]), ("QinQ tags", [(0x88A8, 5), (0x8100, 6)]), ("priority tag", [(0x8100, 0)])):
            self.add(f"{what} to eye", "eye", "ynnn", tags[0][0],
                     b"".join(struct.pack("!HH", t[1], n) for t, n in zip(tags, [t[0] for t in tags[1:]] + [0x0800])) + inner, link=True)
            inner = wire.ip4(self.own, dst, 17, wire.udp(self.own, dst, 5004, 5004, self.mark()))
        self.add("PPPoE session to eye", "eye", "ynnn", 0x8864, struct.pack("!BBHHH", 0x11, 0, 1, len(inner) + 2, 0x21) + inner, link=True)
        self.add("PPPoE discovery", "eye", "ynnn", 0x8863, struct.pack("!BBHH", 0x11, 9, 0, 4) + b"\1\1\0\0", dst=wire.BROADCAST, link=True)
        self.add("MPLS to eye", "eye", "ynnn", 0x8847, struct.pack("!I", 16 << 12 | 1 << 8 | 64) + inner, link=True)
        self.add("unknown type to eye", "eye", "yynn", 0x88B5, self.mark(), link=True)
        self.add("802.3 frame to eye", "eye", "yynn", 40, b"\x42\x42\3" + bytes(25) + self.mark(), link=True)
        self.add("EAPOL", "eye", "yyyy", 0x888E, b"\2\3\0\0" + self.mark(), link=True)
        dst = self.to("eye", False)
        for what, kind in (("source", 0x83), ("strict source", 0x89)):
            route = bytes([kind, 7, 4]) + wire.ip(WORLD) + b"\0"
            self.ip(f"{what} route by who looks", "eye", "ynnn", 17, wire.udp(self.own, dst, 5004, 5004, self.mark()), dst=dst, options=route, link=True)
        dst = self.to("eye", True)
        route = (43, bytes([2, 0, 1]) + bytes(4) + wire.ip(WORLD6))
        self.ip("routing header by who looks", "eye", "ynnn", 17, wire.udp(self.own6, dst, 5004, 5004, self.mark()), dst=dst, six=True,
                extensions=[route], link=True)

    def lease_and_address(self):
        """What any host must say to have an address."""
        none, none6 = bytes(4), bytes(16)
        everyone = wire.ip("255.255.255.255")
        self.ip("DHCP without an address", "other", "yyyy", 17, wire.udp(none, everyone, 68, 67, self.mark()), src=none, dst=everyone,
                eth=wire.BROADCAST, link=True)
        self.ip("DHCP as a server", "other", "yynn", 17, wire.udp(self.own, everyone, 67, 68, self.mark()), dst=everyone, eth=wire.BROADCAST,
                link=True)
        self.ip("DHCP with an address", "other", "yyyy", 17, wire.udp(self.own, everyone, 68, 67, self.mark()), dst=everyone, eth=wire.BROADCAST,
                link=True)
        for what, ear, expected, src in (("to the gateway", "gate", "yyyy", self.own), ("to the gateway as rec", "gate", "yynn", self.to("rec", False)),
                                         ("to other", "other", "yynn", self.own), ("to other without an address", "other", "yynn", none)):
            dst = self.to(ear, False)
            self.ip(f"DHCP {what}", ear, expected, 17, wire.udp(src, dst, 68, 67, self.mark()), src=src, dst=dst, link=True)
        whole = wire.ip4(self.own, everyone, 17, wire.udp(self.own, everyone, 68, 67, self.mark() + bytes(64)))
        self.add("DHCP in fragments", "other", "yynn", 0x0800, wire.fragments(whole, 64, 81)[0], dst=wire.BROADCAST, link=True)
        for what, kind, expected in (("report", 0x16, "yyyn"), ("query", 0x11, "yynn")):
            group = wire.ip("239.255.255.250")
            body = struct.pack("!BBH", kind, 0, 0) + group + self.mark()
            body = body[:2] + wire.checksum(body).to_bytes(2, "big") + body[4:]
            self.ip(f"IGMP {what}", "other", expected, 2, body, dst=group, ttl=1, options=b"\x94\4\0\0", eth=wire.mac("01:00:5e:7f:ff:fa"), link=True)
        other, rec = wire.ip(self.place.v4("other")), wire.ip(self.place.v4("rec"))
        for what, op, sender, expected in (("question", 1, self.own, "yyyy"), ("of another kind", 8, self.own, "yynn"), ("probe", 1, none, "yyyy"), ("answer", 2, self.own, "yyyy"),
                                           ("answer for rec", 2, rec, "yynn"), ("question as rec", 1, rec, "yynn"),
                                           ("answer for the gateway", 2, wire.ip("192.0.2.1"), "yynn"), ("answer of nobody", 2, none, "yynn")):
            self.add(f"ARP {what}", "other", expected, 0x0806, wire.arp(op, self.mac, sender, bytes(6), other), dst=wire.BROADCAST, link=True)
        self.add("ARP for its address with rec's MAC", "other", "yynn", 0x0806, wire.arp(2, wire.mac(HOSTS["rec"].mac), self.own, bytes(6), other),
                 dst=wire.BROADCAST, link=True)
        self.add("RARP", "other", "yynn", 0x8035, wire.arp(3, self.mac, self.own, bytes(6), other), dst=wire.BROADCAST, link=True)
        self.nd("DAD", "yyyy", none6, wire.solicited_node(self.link), 135, bytes(4) + self.link)
        for src in (self.link, self.own6):
            self.nd("ND question", "yyyy", src, wire.solicited_node(self.to("other", True)), 135, bytes(4) + self.to("other", True))
        every, routers, group = wire.ip("ff02::1"), wire.ip("ff02::2"), wire.ip("ff02::16")
        self.nd("ND answer", "yyyy", self.own6, every, 136, b"\x20\0\0\0" + self.own6)
        self.nd("search for routers", "yyyy", self.link, routers, 133, bytes(4))
        self.nd("search for routers before it has an address", "yyyy", none6, routers, 133, bytes(4))
        record = bytes.fromhex("0000000104000000") + wire.ip("ff02::fb")
        for src in (self.link, none6):
            self.nd("MLD report", "yyyy", src, group, 143, record, 1, extensions=[(0, bytes.fromhex("00050200000100"))])
        servers = wire.ip("ff02::1:2")
        self.ip("DHCPv6", "other", "yyyy", 17, wire.udp(self.link, servers, 546, 547, self.mark()), src=self.link, dst=servers, six=True,
                link=True, eth=b"\x33\x33" + servers[12:])

    def nd(self, what, expected, src, dst, kind, body, hop=255, **how):
        """Neighbour discovery or MLD; the mark is an option that nobody knows."""
        body = wire.icmp6(src, dst, kind, 0, body + b"\xfd\2" + self.mark() + b"\0\0")
        self.ip(what, "other", expected, 58, body, src=src, dst=dst, six=True, hop=hop, link=True, eth=b"\x33\x33" + dst[12:], **how)

    def claims(self):
        """What only a router or somebody else may say."""
        every, rec, gate, own = wire.ip("ff02::1"), self.to("rec", True), wire.ip("fe80::1"), self.link
        for what, src, target in (("for rec", self.own6, rec), ("for the gateway", own, gate), ("as rec", rec, rec)):
            self.nd(f"ND answer {what}", "yynn", src, every, 136, b"\x20\0\0\0" + target)
        self.nd("ND answer from beyond the link", "yynn", own, every, 136, b"\x20\0\0\0" + own, 64)
        self.nd("router advertisement", "yynn", own, every, 134, bytes.fromhex("4000070800000000" "00000000"))
        self.nd("redirect as the gateway", "yynn", gate, every, 137, bytes(4) + own + wire.ip(WORLD6))
        self.nd("redirect", "yynn", own, every, 137, bytes(4) + own + wire.ip(WORLD6))
        self.nd("MLD query", "yynn", own, every, 130, bytes(20), 1)
        dst = wire.solicited_node(rec)
        body = wire.icmp6(own, dst, 135, 0, bytes(4) + rec + b"\xfd\2" + self.mark() + bytes(2) + b"\xfd\1" + bytes(6))
        piece = wire.fragments(wire.ip6(own, dst, 58, body, hop=255), 40, 80)[0]
        self.add("ND in fragments", "other", "yynn", 0x86DD, piece, dst=b"\x33\x33" + dst[12:], link=True)
        own, eye = self.own, wire.ip(self.place.v4("eye"))
        self.ip("ICMP redirect", "other", "yynn", 1, wire.icmp4(5, 1, 0x0A000001, bytes(28) + self.mark()), dst=self.to("other", False), link=True)
        self.ip("ICMP error to other", "other", "yynn", 1, wire.icmp4(3, 3, 0, wire.ip4(eye, own, 17, bytes(8)) + self.mark()),
                dst=self.to("other", False), link=True)

    def arrive(self, state):
        """What others send to cam; gives (name, expected, seen)."""
        rows = []
        for ear, expected in (("other", "yyyn"), ("world", "ynnn")):
            for six, v in ((False, "4"), (True, "6")):
                src, dst = self.to(ear, six), self.own6 if six else self.own
                for what, proto in (("datagram", 17), ("raw protocol", 253)):
                    mark = self.arriving(rows)
                    body = wire.udp(src, dst, 161, 9, mark) if proto == 17 else mark
                    rows.append((f"{what} from {ear} arrives, v{v}", ear, expected, 0x86DD if six else 0x0800,
                                 wire.packet(src, dst, proto, body), mark))
        if not self.place.routed:
            src, mark = wire.ip(HOSTS["other"].link_local), self.arriving(rows)
            body = wire.icmp6(src, self.link, 135, 0, bytes(4) + self.link + b"\xfd\2" + mark + b"\0\0")
            rows.append(("ND question from other arrives", "other", "yyyy", 0x86DD, wire.ip6(src, self.link, 58, body, hop=255), mark))
            src, mark = wire.ip(self.place.v4("other")), self.arriving(rows)
            rows.append(("DHCP's answer arrives", "other", "yyyy", 0x0800, wire.packet(src, self.own, 17, wire.udp(src, self.own, 67, 68, mark)), mark))
        ear = Ear(self.place.space("cam"))
        try:
            for space in ("other", "world"):
                out = within(self.place.space(space), lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW))
                out.bind(("eth0", 0))
                dst = self.mac
                if space == "world" or self.place.routed:
                    link = ("wan",) if space == "world" else ("br0",)
                    dst = wire.mac(re.search(r"link/ether (\S+)", run("ip", "-n", self.place.gate, "link", "show", *link)).group(1))
                for row in rows:
                    if row[1] == space:
                        out.send(wire.ethernet(b"\2\0\0\0\0\1" if space == "world" else wire.mac(HOSTS["other"].mac), dst, row[3], row[4]))
                out.close()
            time.sleep(0.15)
            came = ear.marks([r[5] for r in rows])
        finally:
            ear.close()
        return [(r[0], r[2][state] == "y", r[5] in came) for r in rows]

    def arriving(self, rows):
        return self.nonce + b"in%04d" % len(rows)

    def send(self, state):
        """Sends all; gives (name, expected, seen) for each that can be seen from here."""
        rows = [r for r in self.rows if not (r[3] and self.place.routed)]
        ears = {ear: Ear(self.place.space(ear), "eth0" if ear != "gate" else self.place.inner) for ear in {r[1] for r in rows}}
        try:
            out = within(self.place.space("cam"), lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW))
            out.bind(("eth0", 0))
            for i, row in enumerate(rows):
                out.send(row[4])
                if state in (CONTAINED, ISOLATED) and i % 8 == 7:
                    time.sleep(0.01)
            out.close()
            time.sleep(0.15)
            marks = [r[5] for r in rows]
            came = {name: ear.marks(marks) for name, ear in ears.items()}
        finally:
            for ear in ears.values():
                ear.close()
        return [(r[0], r[2][state] == "y", r[5] in came[r[1]]) for r in rows]
