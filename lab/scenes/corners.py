# SPDX-License-Identifier: MIT
"""What was once taken for something else: gateways that count nothing down, both sides of a NAT in one file, floods
and scans that keep below one rule or beside it.
"""

import dataclasses

import bots
import talk
import wire
from bots import MiraiScanner
from house import CLOUD, House, lan_mac, site
from network import Host, Network, public_address, public_address6, public_like

from scenes import register, scene
from scenes.encap import frame_of
from scenes.floods import ATTACKING, VICTIM, VICTIM6, inbound, outbound, plain, visits, with_ttl
from scenes.vantage import PROVIDER_MAC, WAN_MAC, crosses, outside, rewritten

SCANNING = ("infected", ["scanning"], ["mirai"])
SUSPECT = ("suspect", ["scanning"], ["mirai"])


def home(stage, **how):
    house = stage.use(House(stage.rng, **how))
    return house, house.settle() + 1


# A gateway that does not count down: what comes from outside has the TTL of a packet that was sent here.


def uncounted(frames):
    for frame in frames:
        if not frame.from_host:
            frame.body = with_ttl(frame.body, 64)


def floods_the_camera(house, at, v6=False):
    camera = house.camera.v6 if v6 else house.camera.v4
    origins = [public_like(house.rng, camera) for _ in range(300)]
    bots.flood_udp(house, at, origins, camera, count=6000, seconds=6)
    # about: the gateway's own name answers to the camera count with it
    house.attack("udp", camera, "inbound", packets="~6000", sources=300)


@scene
def gateway_ttl_flood(stage):
    """Three hundred strangers flood the camera through a gateway that counts no TTL down: no forger, but a gateway."""
    house, at = home(stage)
    floods_the_camera(house, at)
    uncounted(house.frames)
    house.background(at, 6, every=1)


@scene
def gateway_ttl_flood_v6(stage):
    """The same over IPv6."""
    house, at = home(stage, v6=True)
    floods_the_camera(house, at, v6=True)
    uncounted(house.frames)
    house.background(at, 6, every=1)


@scene
def gateway_ttl_marks(stage):
    """Thirty strangers with one marked SYN each come through such a gateway: nothing of that is the gateway's."""
    house, at = home(stage)
    for i in range(30):
        MiraiScanner(house, public_address(stage.rng)).probe(at + i, house.members()[i % 4].v4, 23)
    house.background(at, 30, every=3)
    uncounted(house.frames)


@scene
def gateway_ttl_reflection(stage):
    """A hundred reflectors answer the camera, which never asked, through such a gateway."""
    house, at = home(stage)
    origins = [public_address(stage.rng) for _ in range(100)]
    bots.amplified(house, at, origins, house.camera.v4, "ntp")
    house.background(at, 5, every=1)
    uncounted(house.frames)
    # about: answers that the camera did ask for count with it
    house.attack("amplification", house.camera.v4, "inbound", packets="~4000", sources="~100")


@scene
def hop_limit_64_inbound(stage):
    """A server with IPv6 alone is flooded; neither a router advertisement nor a hop limit tells who is ours."""
    net = stage.use(site(stage.rng, server=["2001:db8:113::10"]))
    stage.place = "any"
    visits(net, 0, net.server.v6, 8)
    origins = [public_address6(stage.rng) for _ in range(40)]
    before = len(net.frames)
    bots.flood_udp(net, 5, origins, net.server.v6)
    uncounted(net.frames[before:])
    net.attack("udp", net.server.v6, "inbound", packets=4000, sources=40)


@scene
def hop_limit_64_transit(stage):
    """A provider's link: forty strangers flood another one over IPv6, their hop limits as they were sent."""
    net = stage.use(Network(stage.rng, PROVIDER_MAC, resolves=False))
    stage.place = "any"
    for i in range(60):
        talk.tcp(net, i * 0.15, public_address6(stage.rng), public_address6(stage.rng), 443,
                 talk.page(stage.rng, 300, 3000))
    before = len(net.frames)
    origins = [public_address6(stage.rng) for _ in range(40)]
    bots.flood_udp(net, 10, origins, VICTIM6)
    uncounted(net.frames[before:])
    for frame in net.frames:
        frame.dst = WAN_MAC
    net.attack("udp", VICTIM6, "transit", packets=4000, sources=40)


@scene
def hop_limit_64_transit_alone(stage):
    """The same, and nothing else was captured."""
    net = stage.use(Network(stage.rng, PROVIDER_MAC, resolves=False))
    stage.place = "any"
    origins = [public_address6(stage.rng) for _ in range(40)]
    bots.flood_udp(net, 1, origins, VICTIM6)
    uncounted(net.frames)
    for frame in net.frames:
        frame.dst = WAN_MAC
    net.attack("udp", VICTIM6, "transit", packets=4000, sources=40)


# Scans of documentation's addresses


def connects(house, at, targets, *, every=0.3):
    for i, target in enumerate(targets):
        talk.unanswered(house, at + i * every, house.camera.v4, wire.ip(target), 23, tries=2)
    house.background(at, len(targets) * every, every=3)


@scene
def connect_documentation(stage):
    """Telnet connections all over the three networks for documentation: a scan, as far as examples can show one."""
    house, at = home(stage)
    nets = ("192.0.2", "198.51.100", "203.0.113")
    connects(house, at, [f"{nets[i % 3]}.{i * 37 % 250 + 1}" for i in range(60)])
    house.accuse(house.camera, "infected", ["scanning"])


@scene
def connect_dense(stage):
    """A hundred addresses of one network: somebody may look after it, so suspect."""
    house, at = home(stage)
    connects(house, at, [f"192.0.2.{i * 2 + 1}" for i in range(100)])
    house.accuse(house.camera, "suspect", ["scanning"])


@scene
def connect_slow_between_answers(stage):
    """A dead telnet address every 75 seconds, each followed by a connection that works: time stands still between."""
    house, at = home(stage)
    for i in range(40):
        talk.unanswered(house, at + i * 75, house.camera.v4, public_address(stage.rng), 23, tries=3)
        talk.tcp(house, at + i * 75 + 5, house.camera.v4, CLOUD, 443, talk.page(stage.rng, 300, 2000))
    house.accuse(house.camera, "infected", ["scanning"])


# Both sides of a NAT on one link


def other_side(house, frame, counted):
    made = outside(house, frame)
    if not counted:
        outgoing = frame.body[12:16] in house.owner
        made.body = rewritten(made.body, ttl=1 if outgoing else -1)
    return made


def nat_one_file(act, counted):
    def play(stage):
        house, at = home(stage)
        act(house, at)
        house.background(at, 8, every=2)
        stage.frames = house.frames + [other_side(house, f, counted) for f in house.frames if crosses(house, f)]
        stage.unseen = {"duplicates": ">0"}

    return play


def scans(house, at):
    MiraiScanner(house, house.camera.v4).burst(at, 100, listen=1)
    house.accuse(house.camera, *SCANNING)


def floods(house, at):
    bots.flood_udp(house, at, [house.camera.v4], VICTIM)
    house.accuse(house.camera, *ATTACKING)
    house.attack("udp", VICTIM, "outbound", devices=[house.camera], packets=4000)


for name, act in (("scan", scans), ("flood", floods)):
    register(f"nat-one-file-{name}", nat_one_file(act, True),
             f"Inside and outside of a NAT in one plain pcap: the {name} is the LAN device's alone.")
    register(f"nat-one-file-{name}-ttl", nat_one_file(act, False),
             f"The same {name} through a NAT that counts no TTL down.")


# Floods


@dataclasses.dataclass
class Counter:
    start: int = 0
    step: int = 1

    def __call__(self, i):
        return self.start + i * self.step


def both_ways(name, about, vector, recipe, *, port=None, packets=4000, sources=40):
    register(f"{name}-out", outbound(vector, recipe, port, packets, False), about)
    register(f"{name}-in", inbound(vector, recipe, port, packets, False, sources=sources), f"{about} At a server.")


both_ways("flood-ack-empty", "ACKs without data, each from another port.", "ack", plain(bots.flood_ack, size=0))
both_ways("flood-fragment-one-id", "Pieces that all carry one identification.", "fragment",
          plain(bots.flood_fragments, ident=Counter(7, 0)))
both_ways("flood-fragment-counting", "Pieces whose identification counts up.", "fragment",
          plain(bots.flood_fragments, ident=Counter()))
both_ways("flood-dns-letters", "Random names of twelve letters and no digit.", "dns-water-torture",
          plain(bots.water_torture, letters="abcdefghijklmnopqrstuvwxyz"), port=53)
both_ways("flood-gre-constant", "GRE packets with one and the same packet inside.", "gre-ip",
          plain(bots.flood_gre, inside="ip", constant=True))
register("flood-http-short", outbound("http", plain(bots.flood_http, connections=50, requests=40, seconds=4), 80, 2000,
                                      False), "Two thousand equal requests in four seconds.")
register("flood-stomp-in-order", outbound("stomp", plain(bots.flood_stomp, stride=768), 443, "~4000", False),
         "Data in order on an open connection, and its receiver never acknowledges any.")
register("flood-amplified-few", inbound(
    "amplification", (lambda net, at, origins, dst: bots.amplified(net, at, origins, dst, "dns"), {}), None, 4000,
    False, sources=3), "A server gets DNS answers it never asked for, from three resolvers.")


@scene
def benign_rare_acknowledgements(stage):
    """A recorder that collects segments before it looks (GRO) acknowledges every 44th: an upload, and no stomp."""
    house, at = home(stage)
    connection = talk.Tcp(house, house.camera.v4, house.recorder.v4, 445)
    at = connection.open(at)
    for i in range(6000):
        connection.segment(at + i * 0.001, 0, wire.ACK, bytes(1448))
        connection.next[0] += 1448
        if i % 44 == 43:
            connection.segment(at + i * 0.001 + 0.0002, 1, wire.ACK)


@scene
def flood_burst_over_border(stage):
    """A thousand packets in 0.4 s, half of them in one second of the clock and half in the next."""
    house = stage.use(House(stage.rng))
    at = int(house.settle()) + 2 - 0.2
    bots.flood_udp(house, at, [house.camera.v4], VICTIM, count=1000, seconds=0.4)
    house.background(at + 1, 10, every=2)
    house.accuse(house.camera, *ATTACKING)
    house.attack("udp", VICTIM, "outbound", devices=[house.camera], packets=1000)


@scene
def spoofed_trickle_v6(stage):
    """A phone sends now and then from forty foreign IPv6 addresses: suspect."""
    house, at = home(stage, v6=True)
    for i in range(40):
        src = public_address6(stage.rng)
        body = wire.udp(src, VICTIM6, 40000 + i, 443, stage.rng.randbytes(60))
        house.put(at + i * 1.5, house.phone.mac, house.router_mac, wire.TYPE_IP6,
                  wire.ip6(src, VICTIM6, wire.UDP, body))
    house.background(at, 60, every=6)
    house.accuse(house.phone, "suspect")


# Who it is


@scene
def one_way_under_one_mac(stage):
    """Ten one-way scanners come up in turn under one MAC, and no ARP tells why: ten addresses, each suspect."""
    net = stage.use(Network(stage.rng, lan_mac(1), resolves=False))
    stage.place = "any"
    for i in range(10):
        host = net.add(Host(f"bot-{i}", None, [wire.ip(f"192.168.1.{100 + i}")], relay=lan_mac(0x70)))
        MiraiScanner(net, host.v4).burst(1 + i * 3, 30)
        net.accuse(host, *SUSPECT)


@scene
def unicast_to_broadcast_mac(stage):
    """A scanner sends its SYNs to the broadcast MAC: unicast all the same."""
    house = stage.use(House(stage.rng, quiet_gateway=True, only=("camera",)))
    stage.place = "any"
    MiraiScanner(house, house.camera.v4).burst(1, 60)
    for frame in house.frames:
        frame.dst = wire.BROADCAST
    house.accuse(house.camera, *SCANNING)


@scene
def vxlan_one_way(stage):
    """A bot that never got an answer, inside VXLAN: its own MAC inside is who it is, and its address goes with it."""
    outer = stage.use(Network(stage.rng, lan_mac(0xB1), resolves=False))
    ap = outer.add(Host("access-point", lan_mac(0xB2), [wire.ip("192.168.9.2")]))
    controller = outer.add(Host("controller", lan_mac(0xB1), [wire.ip("192.168.9.1")]))
    inner = stage.use(House(stage.rng, quiet_gateway=True, only=("camera",)))
    MiraiScanner(inner, inner.camera.v4).burst(1, 60)
    inner.accuse(inner.camera, *SCANNING)
    for f in inner.frames:
        body = wire.udp(ap.v4, controller.v4, 49999, 4789, wire.vxlan(7, frame_of(f)))
        outer.send(f.at / 1e9, ap.v4, controller.v4, wire.UDP, body)
