# SPDX-License-Identifier: MIT
"""A network seen from one point: hosts send, frames are captured, and what is true of the hosts is remembered.

Everything a report must say about the hosts is noted here when it happens (which addresses sent, whether anything was
unicast, whether both sides of a pair spoke), never read back from the bytes: the label is the scene's truth, not a
second opinion on the capture.

Times are seconds from the start of the capture, as floats; a frame keeps nanoseconds.
"""

import dataclasses
import ipaddress
import random

import wire

START = 1477047734 * 10**9  # 2016-10-21 11:02:14 UTC
MSS = 1448
PRIVATE = [ipaddress.ip_network(n) for n in (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
    "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/3", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")]


@dataclasses.dataclass(slots=True)
class Frame:
    at: int  # nanoseconds since the start
    src: bytes
    dst: bytes
    kind: int  # ethertype
    body: bytes
    iface: int = 0
    cut: int = 0
    from_host: bool = True  # sent by a host on the local link, not brought in by the router


@dataclasses.dataclass
class Host:
    """One device. Its truth fields are filled in as it acts."""

    name: str
    mac: bytes | None = None
    addresses: list = dataclasses.field(default_factory=list)  # its own, as bytes
    relay: bytes | None = None  # MAC under which its packets appear, when not its own
    hops: int = 0  # routers between it and the capture
    used: set = dataclasses.field(default_factory=set)
    unicast: bool = False
    two_way: bool = False
    verdict: str = "clear"
    stages: list = dataclasses.field(default_factory=list)
    families: list = dataclasses.field(default_factory=list)
    told: dict = dataclasses.field(default_factory=dict)  # what a report says of it besides; see Network.tell

    @property
    def id(self):
        if self.mac is None or self.relay is not None:
            return "ip:" + wire.ip_text(self.addresses[0])
        return "mac:" + wire.mac_text(self.mac)

    @property
    def frame_mac(self):
        return self.relay or self.mac or bytes(6)

    @property
    def v4(self):
        return next(a for a in self.addresses if len(a) == 4)

    @property
    def v6(self):
        return next(a for a in self.addresses if len(a) == 16 and a[0] != 0xFE)

    def of(self, address):
        """Its own address of the same IP version as another one."""
        return self.v4 if len(address) == 4 else self.v6

    def label(self):
        direct = self.id.startswith("mac:")
        return {
            "id": self.id,
            "site": "local",
            "verdict": self.verdict,
            "stages": self.stages,
            "families": self.families,
            "addresses": sorted(wire.ip_text(a) for a in self.used),
            "macs": [wire.mac_text(self.mac)] if direct else [],
            "via": wire.mac_text(self.relay) if self.relay else None,
            "two_way": self.two_way,
            **self.told,
        }


class Network:
    """The hosts, the router's MAC for everything else, and the frames so far."""

    def __init__(self, rng: random.Random, router_mac, *, resolves=True):
        self.rng = rng
        self.router_mac = router_mac
        self.resolves = resolves  # hosts ask by ARP and ND before they send
        self.gateway = None  # the Host that answers for the router, if it speaks for itself
        self.hosts = []
        self.owner = {}
        self.resolved = set()
        self.spoke = set()  # (from, to) of unicast packets
        self.frames = []
        self.idents = {}
        self.strangers = {}
        self.attacks = []

    def add(self, host):
        self.hosts.append(host)
        for address in host.addresses:
            self.owner[address] = host
        return host

    def give(self, host, address):
        """Another address for a host that has some."""
        host.addresses.append(address)
        self.owner[address] = host

    # Sending

    def put(self, at, src, dst, kind, body, *, from_host=True):
        frame = Frame(round(at * 1e9), src, dst, kind, body, from_host=from_host)
        self.frames.append(frame)
        return frame

    def ident(self, src):
        """IPv4 identification: one counter a sender, from a random start, as embedded stacks do."""
        value = self.idents.get(src, self.rng.randrange(1, 40000)) + 1
        self.idents[src] = value
        return value & 0xFFFF

    def ttl(self, src):
        host = self.owner.get(src)
        if host is not None:
            return 64 - host.hops
        return 41 + sum(src) % 20  # 3 to 22 hops away, always the same for one address

    def link_of(self, address):
        """(MAC, host) that frames from or to an address carry."""
        host = self.owner.get(address)
        if host is not None:
            return host.frame_mac, host
        return self.router_mac, None

    def send(self, at, src, dst, proto, body, *, ttl=None, ident=None, df=True):
        """One IP packet from src to dst, as it passes the point of capture."""
        packet = wire.packet(src, dst, proto, body, ttl=ttl or self.ttl(src),
                             ident=self.ident(src) if ident is None else ident, df=df)
        return self.send_packet(at, src, dst, packet)

    def send_packet(self, at, src, dst, packet):
        src_mac, host = self.link_of(src)
        dst_mac = group_mac(dst)
        if dst_mac is None:
            dst_mac, _ = self.link_of(dst)
            if self.resolves:
                self._resolve(at, src, dst)
        if host is not None:
            self.saw(host, src, unicast=not dst_mac[0] & 1)
        if not dst_mac[0] & 1:
            self.exchange(src, dst)
        kind = wire.TYPE_IP4 if packet[0] >> 4 == 4 else wire.TYPE_IP6
        return self.put(at, src_mac, dst_mac, kind, packet, from_host=host is not None)

    def saw(self, host, address, *, unicast=False):
        if any(address):
            host.used.add(address)
        host.unicast |= unicast

    def exchange(self, src, dst):
        """A unicast packet from src to dst; once both have sent one to the other, both are two-way."""
        self.spoke.add((src, dst))
        if (dst, src) in self.spoke:
            for address in (src, dst):
                if address in self.owner:
                    self.owner[address].two_way = True

    # Finding neighbours

    def _resolve(self, at, src, dst):
        asker = self.owner.get(src) or self.gateway
        target = self.owner.get(dst) or self.gateway
        if asker is None or target is None or asker is target:
            return
        if asker.frame_mac == target.frame_mac or asker.hops or target.hops:
            return
        wanted = dst if dst in self.owner else next_hop(target, dst)
        mine = src if src in self.owner else next_hop(asker, src)
        if (asker.frame_mac, wanted) in self.resolved:
            return
        self.resolved |= {(asker.frame_mac, wanted), (target.frame_mac, mine)}
        if len(dst) == 4:
            self.arp(at - 0.0012, asker, mine, wanted, target)
        else:
            self.discover(at - 0.0012, asker, mine, wanted, target)

    def arp(self, at, asker, mine, wanted, target=None):
        """A question to all, and the answer of `target` when there is one."""
        mac = asker.frame_mac
        self.saw(asker, mine)
        self.put(at, mac, wire.BROADCAST, wire.TYPE_ARP, wire.arp(1, mac, mine, bytes(6), wanted))
        if target is not None:
            self.saw(target, wanted)
            answer = wire.arp(2, target.frame_mac, wanted, mac, mine)
            self.put(at + 0.0004, target.frame_mac, mac, wire.TYPE_ARP, answer)

    def discover(self, at, asker, mine, wanted, target=None):
        dst, body = wire.neighbour_solicitation(mine, asker.frame_mac, wanted)
        self.saw(asker, mine)
        packet = wire.ip6(mine, dst, wire.ICMPV6, body, hop=255)
        self.put(at, asker.frame_mac, group_mac(dst), wire.TYPE_IP6, packet)
        if target is not None:
            body = wire.neighbour_advertisement(wanted, mine, wanted, target.frame_mac, router=target is self.gateway)
            self.saw(target, wanted, unicast=True)
            packet = wire.ip6(wanted, mine, wire.ICMPV6, body, hop=255)
            self.put(at + 0.0004, target.frame_mac, asker.frame_mac, wire.TYPE_IP6, packet)

    # The truth

    def accuse(self, who, verdict, stages=(), families=()):
        """who: a Host, or the address (bytes) of a stranger."""
        if isinstance(who, Host):
            who.verdict, who.stages, who.families = verdict, list(stages), list(families)
            return
        text = wire.ip_text(who)
        self.strangers[who] = {
            "id": "ip:" + text, "site": "remote", "verdict": verdict, "stages": list(stages),
            "families": list(families), "addresses": [text], "macs": [], "via": wire.mac_text(self.router_mac),
            "two_way": False,
        }

    def perhaps(self, *addresses):
        """Strangers of whom a report may say something, or nothing."""
        for address in addresses:
            text = "ip:" + wire.ip_text(address)
            self.strangers[address] = {"id": text, "site": "remote", "optional": True}

    def tell(self, host, **facts):
        """
        What a report says of a host: maker, product, model, firmware, built, undecided (advisories), and claims, those
        that must be among its signals. A host that is told nothing of is not compared on them.
        """
        host.told.update(facts)

    def expose(self, host, kind, service=None, detail="", *, basis="seen", frame=None, verdict="exposed"):
        """One exposure of a host, whose detail holds this text, seen in this frame. verdict: at least this."""
        host.told.setdefault("exposures", []).append(
            {"kind": kind, "basis": basis, "service": service, "detail~": detail, "frame": frame})
        if host.verdict == "clear":
            host.verdict = verdict

    def attack(self, vector, target, direction, *, port=None, devices=(), spoofed=False, packets=">0", sources=1):
        self.attacks.append({
            "vector": vector, "target": wire.ip_text(target), "direction": direction, "port": port,
            "devices": sorted(d.id for d in devices), "spoofed": spoofed, "packets": packets, "sources": sources,
        })

    def label(self, place):
        seen = [h for h in self.hosts if h.used or h.unicast]
        devices = [h.label() for h in seen] + list(self.strangers.values())
        return {
            "vantage": {"place": place, "judged": sum(h.unicast for h in seen), "of": len(seen)},
            "devices": sorted(devices, key=lambda d: d["id"]),
            "attacks": sorted(self.attacks, key=lambda a: (wire.ip(a["target"]), a["vector"], a["direction"])),
        }


def group_mac(dst):
    """The MAC of a broadcast or multicast address, None for a unicast one."""
    if len(dst) == 4:
        if dst == wire.ALL4 or dst[0] >> 4 != 14 and dst[3] == 255 and dst[:2] == b"\xc0\xa8":
            return wire.BROADCAST
        if dst[0] >> 4 == 14:
            return b"\x01\x00\x5e" + bytes([dst[1] & 0x7F]) + dst[2:]
    elif dst[0] == 0xFF:
        return b"\x33\x33" + dst[-4:]
    return None


def next_hop(host, towards):
    """The address by which a host is asked for when it stands for others (a gateway: IPv6 by its link-local one)."""
    if len(towards) == 4:
        return host.v4
    return next((a for a in host.addresses if a[:2] == b"\xfe\x80"), None) or host.v6


class Documented(random.Random):
    """Whose public addresses are those of the documentation's networks: for captures that are replayed onto a link."""


def public_address(rng):
    """Anywhere in public IPv4 space. Only ever bytes in a file: nothing here opens a socket."""
    if isinstance(rng, Documented):
        return rng.choice((b"\xc6\x33\x64", b"\xcb\x00\x71")) + bytes([rng.randrange(100, 255)])
    while True:
        value = ipaddress.IPv4Address(rng.randrange(1 << 24, 224 << 24))
        if not any(value in net for net in PRIVATE) and value.packed[3] not in (0, 255):
            return value.packed


def public_address6(rng):
    """Anywhere in the space that registries hand out, each in another /32, and never a small number at the end."""
    first = wire.ip("2001:db8::")[:4] if isinstance(rng, Documented) else bytes([0x24 + rng.randrange(8)]) + rng.randbytes(3)
    return first + rng.randbytes(8) + rng.randrange(1 << 17, 1 << 32).to_bytes(4, "big")


def public_like(rng, address):
    return public_address(rng) if len(address) == 4 else public_address6(rng)
