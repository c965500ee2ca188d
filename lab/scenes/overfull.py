# SPDX-License-Identifier: MIT
"""Captures that overfill every table of an engine with the least memory, from outside and from inside.

What is demanded: the same bytes for any number of threads; nobody innocent accused; refusals counted; and what a
proven device of ours does after all is full is found as before. Invented addresses may show as devices, never as more
than clear.
"""

import bots
import talk
import wire
from house import CLOUD, House, lan_mac, site
from network import Host, Network, public_address, public_address6

from scenes import register, scene
from scenes.floods import ATTACKING, VICTIM, VICTIM6, under_one_mac
from scenes.vantage import PROVIDER_MAC, WAN_MAC

SCANNING = ("infected", ["scanning"], ["mirai"])
LEAST = ["--memory", "48M"]
WIDE = "198.18.0.0/15"


def least_memory(stage, **refused):
    stage.args, stage.others = stage.args + LEAST, "clear"
    stage.unseen = {f"refused_{what}": count for what, count in refused.items()}


def crowded(stage, *, v6=False, **refused):
    """(house, time after all have settled)"""
    house = stage.use(House(stage.rng, v6=v6))
    least_memory(stage, **refused)
    return house, house.settle() + 0.5


def camera_scans(house, at, camera=None):
    camera = camera or house.camera
    bots.MiraiScanner(house, camera.v4).burst(at, 80, listen=1)
    house.accuse(camera, *SCANNING)


def arrives(house, at, number=77):
    """A camera that is new to the house: a lease, a first connection."""
    camera = house.host("new-camera", number)
    talk.dhcp(house, at, camera, house.gateway, camera.v4, name="new-camera")
    house.browse(at + 0.5, camera)
    return camera


def some(rng, count, make):
    return list(dict.fromkeys(make(rng) for _ in range(count)))  # a set has another order every time


# Senders


def from_outside(house, at, count=160000):
    """A SYN flood from more addresses than there is room for."""
    origins = some(house.rng, count, public_address)
    bots.flood_syn(house, at, origins, house.recorder.v4, count=len(origins), seconds=8)
    house.attack("syn", house.recorder.v4, "inbound", port=80, packets=len(origins), sources=">=256", spoofed="any")
    return at + 8


@scene
def full_hosts(stage):
    """The recorder is flooded from 160,000 addresses; then a camera that was there before scans."""
    house, at = crowded(stage, hosts=">0")
    camera_scans(house, from_outside(house, at) + 1)


@scene
def full_hosts_newcomer(stage):
    """The same, and the camera that scans comes only after the flood."""
    house, at = crowded(stage, hosts=">0")
    at = from_outside(house, at) + 1
    camera_scans(house, at + 2, arrives(house, at))


def from_inside(v6):
    def play(stage):
        house, at = crowded(stage, v6=v6, hosts=">0")
        victim = VICTIM6 if v6 else VICTIM
        invented = some(stage.rng, 160000, public_address6 if v6 else public_address)
        under_one_mac(house, house.recorder, lambda: bots.flood_syn(
            house, at, invented, victim, count=len(invented), seconds=8))
        house.accuse(house.recorder, *ATTACKING)
        house.attack("syn", victim, "outbound", port=80, devices=[house.recorder], spoofed=True,
                     packets=len(invented), sources=">=256")
        camera_scans(house, at + 9)

    return play


register("full-hosts-from-inside", from_inside(False),
         "The recorder floods from 160,000 invented addresses; then the camera scans.")
register("full-hosts-from-inside-v6", from_inside(True), "The same over IPv6.")


# MAC addresses


def mac_flood(house, at, count=8000):
    """Frames from random MACs to random MACs, as those who want to overflow a switch send them."""
    rng = house.rng
    for i in range(count):
        src, dst = public_address(rng), public_address(rng)
        body = wire.tcp(src, dst, rng.randrange(1, 65536), rng.randrange(1, 65536), seq=rng.getrandbits(32), window=512)
        macs = [bytes([rng.getrandbits(8) & 0xFC | 2]) + rng.randbytes(5) for _ in range(2)]
        house.put(at + i / 2000, *macs, wire.TYPE_IP4, wire.ip4(src, dst, wire.TCP, body, ident=rng.getrandbits(16)))
    return at + count / 2000


@scene
def full_macs(stage):
    """Frames from 8000 random MACs; then a camera that was there before scans."""
    house, at = crowded(stage, macs=">0")
    camera_scans(house, mac_flood(house, at) + 1)


@scene
def full_macs_newcomer(stage):
    """The same, and the camera that scans comes only after the flood: no room for its MAC, so it is its address."""
    house, at = crowded(stage, macs=">0")
    at = mac_flood(house, at) + 1
    camera = arrives(house, at)
    camera_scans(house, at + 2, camera)
    camera.mac = None


# Addresses


def many_private_sources(ttl):
    def play(stage):
        house, at = crowded(stage, binds=">0")
        stage.of = "<200"
        for i, src in enumerate(some(stage.rng, 20000, lambda rng: b"\x0a" + rng.randbytes(3))):
            dst = public_address(stage.rng)
            body = wire.udp(src, dst, 40000, 443, stage.rng.randbytes(40))
            house.put(at + i / 2500, house.recorder.mac, house.router_mac, wire.TYPE_IP4,
                      wire.ip4(src, dst, wire.UDP, body, ttl=ttl, ident=i & 0xFFFF))
        house.accuse(house.recorder, "suspect" if ttl == 64 else "at most suspect")
        camera_scans(house, at + 9)

    return play


register("full-private-sources", many_private_sources(64),
         "The recorder sends under 20,000 private addresses; then the camera scans.")
register("full-private-sources-ttl", many_private_sources(63),
         "The same with the TTL of a packet that a router passed on: still no 20,000 devices.")


def claim(house, at, mac, address):
    house.put(at, mac, wire.BROADCAST, wire.TYPE_ARP, wire.arp(1, mac, address, bytes(6), address))


@scene
def full_claims(stage):
    """The recorder claims 5000 addresses by ARP, the camera's and the phone's among them; then the camera scans."""
    house, at = crowded(stage, binds=">0")
    claimed = some(stage.rng, 5000, lambda rng: b"\x0a" + rng.randbytes(3)) + [house.camera.v4, house.phone.v4]
    stage.rng.shuffle(claimed)
    for i, address in enumerate(claimed):
        claim(house, at + i / 1000, house.recorder.mac, address)
    house.background(at, 8, every=1)
    camera_scans(house, at + 9)
    # so many addresses at once look like a relay's: then the recorder goes by its own
    house.recorder.mac, house.recorder.relay = None, house.recorder.mac


def all_claim(house, at):
    for i in range(20000):
        mac = b"\x02\x00\x5f" + (i // 5).to_bytes(3, "big")
        claim(house, at + i / 2500, mac, b"\x0a" + (i * 7).to_bytes(3, "big"))


@scene
def full_bindings(stage):
    """Four thousand MACs claim five addresses each; then a camera that was there before scans."""
    house, at = crowded(stage, binds=">0")
    all_claim(house, at)
    camera_scans(house, at + 9)


@scene
def full_bindings_newcomer(stage):
    """The same, and the camera that scans comes only after that: no room for its address, so it is its MAC."""
    house, at = crowded(stage, binds=">0")
    all_claim(house, at)
    camera = arrives(house, at + 9)
    camera_scans(house, at + 11, camera)
    camera.used, camera.two_way = set(), False


# Targets


def provider(stage, **refused):
    """A network with a camera of its own at a provider, and a /15 that is ours; (network, camera)."""
    net = stage.use(site(stage.rng, server=["198.18.0.10"]))
    stage.args, stage.place = ["--local", WIDE], "any"
    least_memory(stage, **refused)
    camera = net.add(Host("camera", lan_mac(0x20), [wire.ip("198.18.0.20")]))
    for i in range(6):
        for host in (net.server, camera):
            talk.tcp(net, 0.5 + i * 0.2, host.v4, CLOUD, 443, talk.page(stage.rng, 300, 2000))
    return net, camera


def bombed(net, at, targets=1000, each=40):
    """Every address of a wide network gets forty packets within one second."""
    rng = net.rng
    chosen = [b"\xc6\x13" + n.to_bytes(2, "big") for n in rng.sample(range(256, 65000), targets)]
    for i in range(targets * each):
        dst = chosen[i // each]
        body = wire.udp(src := public_address(rng), dst, rng.randrange(1, 65536), rng.randrange(1, 65536),
                        rng.randbytes(32))
        when = at + i // each // 250 + i % each * 0.024 + i // each % 250 * 0.00009
        net.send(when, src, dst, wire.UDP, body, ident=i & 0xFFFF)
    return at + targets / 250


@scene
def full_targets(stage):
    """A thousand of our addresses get forty packets each within a second; then our camera scans."""
    net, camera = provider(stage, targets=">0")
    camera_scans(net, bombed(net, 3) + 1, camera)


@scene
def full_targets_then_flood(stage):
    """The same, and then our camera floods a stranger."""
    net, camera = provider(stage, targets=">0")
    bots.flood_udp(net, bombed(net, 3) + 1, [camera.v4], VICTIM)
    net.accuse(camera, *ATTACKING)
    net.attack("udp", VICTIM, "outbound", devices=[camera], packets=4000)


@scene
def full_senders(stage):
    """Forty devices of one house flood the same stranger: all of them are named."""
    house = stage.use(House(stage.rng))
    members = [house.host(f"box-{n}", n) for n in range(100, 140)]
    stage.args = list(LEAST)
    at = house.settle() + 1
    for i, host in enumerate(members):
        bots.flood_udp(house, at + i * 0.0001, [host.v4], VICTIM, count=1800, seconds=5, size=64)
        house.accuse(host, *ATTACKING)
    house.attack("udp", VICTIM, "outbound", devices=members, packets=40 * 1800, sources=40)


@scene
def full_sources(stage):
    """Twenty-four servers are flooded at once, each from 400 addresses: more sources than can be counted exactly."""
    net, _ = provider(stage, sources=">0")
    for n in range(24):
        server = net.add(Host(f"server-{n}", lan_mac(0x40 + n), [wire.ip(f"198.18.1.{n + 1}")]))
        talk.tcp(net, 2 + n * 0.01, public_address(stage.rng), server.v4, 443, talk.page(stage.rng, 300, 2000))
        origins = some(stage.rng, 400, public_address)
        bots.flood_udp(net, 3, origins, server.v4, count=2800, seconds=4, size=64)
        net.attack("udp", server.v4, "inbound", packets="~2800", sources=">=300", spoofed="any")


# States of detectors


@scene
def full_marks(stage):
    """Thirty thousand strangers send one marked SYN each into our network; then our camera scans."""
    net, camera = provider(stage, states=">0")
    for i, src in enumerate(some(stage.rng, 30000, public_address)):
        bots.MiraiScanner(net, src).probe(3 + i / 4000, b"\xc6\x13" + stage.rng.randbytes(2))
    camera_scans(net, 12, camera)


@scene
def full_surveys(stage):
    """Ten thousand strangers survey our network with ZMap; then our camera surveys the Internet with it."""
    net, camera = provider(stage, states=">0")
    for i, src in enumerate(some(stage.rng, 10000, public_address) + [camera.v4] * 200):
        dst = public_address(stage.rng) if src == camera.v4 else b"\xc6\x13" + stage.rng.randbytes(2)
        body = wire.tcp(src, dst, 40000, 443, seq=stage.rng.getrandbits(32), window=65535, options=b"\x02\x04\x05\xb4")
        net.send(3 + i / 2000, src, dst, wire.TCP, body, ident=54321, df=False)
    net.accuse(camera, "suspect", ["scanning"])


@scene
def full_calls(stage):
    """Three thousand addresses of ours call dead servers that nobody looked up; then our camera scans."""
    net, camera = provider(stage, states=">0")
    for i in range(18000):
        src = b"\xc6\x13" + (256 + i % 3000).to_bytes(2, "big")
        talk.unanswered(net, 3 + i / 2000, src, public_address(stage.rng), 6667 + i % 3, tries=1)
    camera_scans(net, 14, camera)


@scene
def full_contacts(stage):
    """On a provider's link ten thousand strangers try a telnet server each; then a subscriber connects to hundreds."""
    net = stage.use(Network(stage.rng, PROVIDER_MAC, resolves=False))
    stage.args, stage.place = ["--local", "203.0.113.0/24"], "upstream"
    least_memory(stage, states=">0")
    subscribers = [
        net.add(Host(f"subscriber-{n}", None, [wire.ip(f"203.0.113.{n}")], relay=WAN_MAC, hops=2))
        for n in range(20, 32)
    ]
    for turn in range(16):
        for i, host in enumerate(subscribers):
            talk.tcp(net, turn * 3 + i * 0.25, host.v4, public_address(stage.rng), 443,
                     talk.page(stage.rng, 300, 3000))
    for i, src in enumerate(some(stage.rng, 10000, public_address)):
        talk.unanswered(net, 2 + i / 1000, src, public_address(stage.rng), 23, tries=1)
    bots.connect_scan(net, 14, subscribers[4].v4, 150, 23, answered=2, refused=5)
    net.accuse(subscribers[4], "infected", ["scanning"])
