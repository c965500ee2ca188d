# SPDX-License-Identifier: MIT
"""The same scanner seen from other places, and networks that are more than one flat LAN."""

import dataclasses

import files
import talk
import wire
from bots import MiraiScanner
from house import House, lan_mac, site
from network import Host, Network, public_address

from scenes import scene

SCANNING = ("infected", ["scanning"], ["mirai"])
PUBLIC = wire.ip("203.0.113.66")
WAN_MAC = wire.mac("02:00:5e:00:53:f0")
PROVIDER_MAC = wire.mac("02:00:5e:00:53:f1")


def rewritten(packet, *, src=None, dst=None, ttl=-1):
    """An IPv4 packet after a router: other addresses, TTL one less, checksums right again."""
    src, dst = src or packet[12:16], dst or packet[16:20]
    head, body, proto = packet[:20], bytearray(packet[20:]), packet[9]
    at = {wire.TCP: 16, wire.UDP: 6}.get(proto)
    if at is not None:
        body[at : at + 2] = b"\0\0"
        pseudo = src + dst + bytes([0, proto]) + len(body).to_bytes(2, "big")
        body[at : at + 2] = wire.checksum(pseudo + bytes(body)).to_bytes(2, "big")
    head = head[:8] + bytes([head[8] + ttl]) + head[9:10] + b"\0\0" + src + dst
    return head[:10] + wire.checksum(head).to_bytes(2, "big") + head[12:] + bytes(body)


def crosses(house, frame):
    """The frame is IPv4, and between the house and the Internet."""
    if frame.kind != wire.TYPE_IP4 or frame.dst[0] & 1:
        return False
    src, dst = frame.body[12:16] in house.owner, frame.body[16:20] in house.owner
    return src != dst


def outside(house, frame, *, public=PUBLIC):
    """The same packet on the other side of the router, after NAT when there is a public address."""
    outgoing = frame.body[12:16] in house.owner
    change = {"src" if outgoing else "dst": public} if public else {}
    body = rewritten(frame.body, ttl=-1 if outgoing else 1, **change)
    macs = (WAN_MAC, PROVIDER_MAC) if outgoing else (PROVIDER_MAC, WAN_MAC)
    at = frame.at + (30000 if outgoing else -30000)
    return dataclasses.replace(frame, at=at, src=macs[0], dst=macs[1], body=body, from_host=outgoing)


def scanning_house(stage, **how):
    house = stage.use(House(stage.rng, **how))
    at = house.settle() + 0.5
    MiraiScanner(house, house.camera.v4).burst(at, 100, listen=1)
    house.background(at, 10, every=2)
    house.accuse(house.camera, *SCANNING)
    return house


def any_interface(stage, house, public):
    """`-i any` on the router: LAN packets on port and bridge, what goes out on the uplink too."""
    stage.form.interfaces = [files.Interface(link=files.SLL2)]
    stage.links = ["made"]
    frames, copies = [], 0
    for frame in house.frames:
        frames.append(dataclasses.replace(frame, iface=3))
        if frame.from_host:
            # comes in by a port, then shows on the bridge
            frames.append(dataclasses.replace(frame, at=frame.at + 2000, iface=5))
            copies += 1
        else:
            frames.append(dataclasses.replace(frame, at=frame.at - 2000, iface=5))
            copies += 1
        if crosses(house, frame):
            frames.append(dataclasses.replace(outside(house, frame, public=public), iface=2))
            copies += 1
    stage.frames = [MadeFrame.of(f) for f in frames]
    stage.unseen = {"duplicates": copies}


@dataclasses.dataclass(slots=True)
class MadeFrame:
    """A frame with its link header on: SLL2 names the kernel's interface, the file has one for all."""

    at: int
    body: bytes
    iface: int = 0
    cut: int = 0

    @classmethod
    def of(cls, f):
        kind = 1 if f.dst == wire.BROADCAST else 2 if f.dst[0] & 1 else 0 if f.from_host else 4
        return cls(f.at, wire.sll2(kind, f.iface, f.src, f.kind, f.body))


@scene
def any_interface_routed(stage):
    """`-i any` on a router without NAT: port, bridge and uplink show each packet; it counts once."""
    any_interface(stage, scanning_house(stage), None)


@scene
def any_interface_nat(stage):
    """`-i any` on a router with NAT: the uplink's copies carry the public address, which is not accused."""
    any_interface(stage, scanning_house(stage), PUBLIC)
    # what comes in has another destination before NAT, and looks like another packet there
    stage.unseen = {"duplicates": ">0"}


@scene
def nat_both_sides(stage):
    """One pcapng with two interfaces, inside and outside of the NAT: the scan is the LAN device's."""
    house = scanning_house(stage)
    stage.form = files.Form(kind="pcapng", interfaces=[files.Interface(name="lan"), files.Interface(name="wan")])
    stage.links = ["ethernet", "ethernet"]
    stage.frames = house.frames + [
        dataclasses.replace(outside(house, f), iface=1) for f in house.frames if crosses(house, f)
    ]
    stage.unseen = {"duplicates": ">0"}


@scene
def wan_side(stage):
    """On the Internet side of a router: one public address, and a scanner somewhere behind it."""
    house = House(stage.rng)
    at = house.settle() + 0.5
    MiraiScanner(house, house.camera.v4).burst(at, 100, listen=1)
    house.background(at, 10, every=2)
    wan = stage.use(Network(stage.rng, PROVIDER_MAC, resolves=False))
    router = wan.add(Host("router", WAN_MAC, [PUBLIC], two_way=True, unicast=True, used={PUBLIC}))
    stage.frames = [outside(house, f) for f in house.frames if crosses(house, f)]
    stage.place = "wan"
    wan.accuse(router, *SCANNING)


@scene
def wan_side_clean(stage):
    """The same place, and nothing wrong behind it: the household talks to a dozen servers."""
    house = House(stage.rng)
    at, servers = house.settle(), [public_address(stage.rng) for _ in range(12)]
    for i in range(40):
        talk.tcp(house, at + i * 1.5, house.members()[i % 4].v4, servers[i % 12], 443,
                 talk.page(stage.rng, 400, 3000))
    wan = stage.use(Network(stage.rng, PROVIDER_MAC, resolves=False))
    wan.add(Host("router", WAN_MAC, [PUBLIC], two_way=True, unicast=True, used={PUBLIC}))
    stage.frames = [outside(house, f) for f in house.frames if crosses(house, f)]
    stage.place = "wan"


@scene
def wan_side_two_hosts(stage):
    """Two public addresses that talk to nobody but each other: which of them is ours does not show."""
    house = House(stage.rng)
    house.background(house.settle(), 60, every=2)
    stage.use(Network(stage.rng, PROVIDER_MAC, resolves=False))
    stage.frames = [outside(house, f) for f in house.frames if crosses(house, f)]
    stage.place = "unknown"


@scene
def routed_subnet(stage):
    """A second router with a network behind it: its hosts are told apart by address, one scans."""
    house = stage.use(House(stage.rng))
    inner = lan_mac(0x90)
    house.add(Host("inner-router", inner, [house.lan(9)]))
    at = house.settle() + 0.5
    house.arp(at, house.owner[house.lan(9)], house.lan(9), house.lan(1), house.gateway)
    behind = [
        house.add(Host(f"inner-{n}", None, [wire.ip(f"192.168.50.{n}")], relay=inner, hops=1)) for n in (10, 11, 12)
    ]
    for turn in range(5):
        for host in behind:
            house.browse(at + turn * 3 + host.v4[3] % 10, host, size=1500)
    MiraiScanner(house, behind[2].v4).burst(at + 5, 60, listen=1)
    house.accuse(behind[2], *SCANNING)


def darknet(stage, sources):
    """Marked SYNs from so many strangers to addresses that nobody has."""
    net = stage.use(Network(stage.rng, PROVIDER_MAC, resolves=False))
    stage.place = "telescope"
    for i in range(sources):
        src = public_address(stage.rng)
        scanner = MiraiScanner(net, src)
        for _ in range(stage.rng.randrange(3, 9)):
            dst = wire.ip("198.18.0.0")[:2] + stage.rng.randbytes(2)
            scanner.probe(stage.rng.random() * 300, dst)
        net.accuse(src, *SCANNING)
    for i in range(200):
        src, dst = public_address(stage.rng), wire.ip("198.18.0.0")[:2] + stage.rng.randbytes(2)
        body = wire.tcp(src, dst, 80, stage.rng.getrandbits(16), seq=stage.rng.getrandbits(32),
                        ack=stage.rng.getrandbits(32), flags=wire.SYN | wire.ACK, window=8192)
        net.send(i * 1.4, src, dst, wire.TCP, body)
    return net


@scene
def telescope(stage):
    """A network telescope: three hundred Mirai sources among backscatter, by address alone."""
    darknet(stage, 300)
    stage.links = ["raw"]


@scene
def telescope_named(stage):
    """The same behind a router, its dark network given: what nobody has is no device."""
    net = darknet(stage, 60)
    stage.args = ["--local", "198.18.0.0/16"]
    for frame in net.frames:
        frame.dst = WAN_MAC


@scene
def upstream_transit(stage):
    """A provider's link without --local: two of many strangers scan."""
    net = stage.use(Network(stage.rng, PROVIDER_MAC, resolves=False))
    stage.place = "upstream"
    for i in range(150):
        talk.tcp(net, i * 0.2, public_address(stage.rng), public_address(stage.rng), 443,
                 talk.page(stage.rng, 300, 3000))
    for i in range(2):
        src = public_address(stage.rng)
        MiraiScanner(net, src).burst(3 + i * 7, 40, listen=1)
        net.accuse(src, *SCANNING)
    for frame in net.frames:
        frame.dst = WAN_MAC


@scene
def upstream_subscribers(stage):
    """A provider's link with --local: twelve subscribers behind one access router, one of them a scanner."""
    net = stage.use(Network(stage.rng, PROVIDER_MAC, resolves=False))
    stage.place, stage.args = "upstream", ["--local", "203.0.113.0/24"]
    subscribers = [
        net.add(Host(f"subscriber-{n}", None, [wire.ip(f"203.0.113.{n}")], relay=WAN_MAC, hops=2))
        for n in range(20, 32)
    ]
    for turn in range(8):
        for i, host in enumerate(subscribers):
            talk.tcp(net, turn * 5 + i * 0.3, host.v4, public_address(stage.rng), 443,
                     talk.page(stage.rng, 300, 3000))
    MiraiScanner(net, subscribers[4].v4).burst(8, 60, listen=1)
    net.accuse(subscribers[4], *SCANNING)


@scene
def gateway_only_forwards(stage):
    """The gateway never speaks for itself: then it is no device, and its MAC accuses nobody."""
    house = stage.use(House(stage.rng, quiet_gateway=True))
    for i in range(20):
        for j, host in enumerate((house.camera, house.phone)):
            talk.tcp(house, i * 2 + j, host.v4, public_address(stage.rng), 443,
                     talk.page(stage.rng, 300, 2000))


@scene
def server_site(stage):
    """A server and its customers: the one public address at every packet's end belongs to a machine."""
    net = stage.use(site(stage.rng, server=["203.0.113.10"]))
    stage.args, stage.place = ["--local", "203.0.113.0/24"], "any"
    for i in range(80):
        talk.tcp(net, i * 0.3, public_address(stage.rng), net.server.v4, 443,
                 talk.page(stage.rng, 300, 5000))
