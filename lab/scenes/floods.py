# SPDX-License-Identifier: MIT
"""Floods, each vector as the attacker's network sees it and as the victim does."""

import bots
import talk
import wire
from house import House, site
from network import public_address, public_address6, public_like

from scenes import register, scene

ATTACKING = ("infected", ["attacking"], [])
VICTIM = wire.ip("198.51.100.7")
VICTIM6 = wire.ip("2001:db8:66::7")
RESOLVER = wire.ip("198.51.100.53")
RESOLVER6 = wire.ip("2001:db8:66::53")


def plain(function, **how):
    """A flood whose packets are all counted: (what sends it, the port that is hit, its exact packets)."""
    return function, how


# vector, name, what sends it, port in the report, packets in the report
VECTORS = [
    ("udp", "udp", plain(bots.flood_udp), None, 4000),
    ("udp", "udp-plain", plain(bots.flood_udp, port=9987, sport=31337), 9987, 4000),
    ("syn", "syn", plain(bots.flood_syn), 80, 4000),
    ("ack", "ack", plain(bots.flood_ack), None, 4000),
    ("ack", "ack-443", plain(bots.flood_ack, port=443), 443, 4000),
    ("stomp", "stomp", plain(bots.flood_stomp), 443, "~4000"),
    ("vse", "vse", plain(bots.flood_vse), 27015, 4000),
    ("gre-ip", "gre-ip", plain(bots.flood_gre, inside="ip"), None, 4000),
    ("gre-eth", "gre-eth", plain(bots.flood_gre, inside="eth"), None, 4000),
    ("dns-water-torture", "dns", plain(bots.water_torture), 53, 4000),
    ("http", "http", plain(bots.flood_http), 80, ">0"),
    ("icmp", "icmp", plain(bots.flood_icmp), None, 4000),
    ("fragment", "fragment", plain(bots.flood_fragments), None, 4000),
]


def outbound(vector, how, port, packets, v6):
    def play(stage):
        send, more = how
        house = stage.use(House(stage.rng, v6=v6))
        at = house.settle() + 1
        dst = (RESOLVER6 if v6 else RESOLVER) if port == 53 else (VICTIM6 if v6 else VICTIM)
        send(house, at, [house.camera.of(dst)], dst, **more)
        house.background(at, 5, every=1)
        house.accuse(house.camera, *ATTACKING)
        house.attack(vector, dst, "outbound", port=port, devices=[house.camera], packets=packets)

    return play


def inbound(vector, how, port, packets, v6, sources=40):
    def play(stage):
        send, more = how
        net = stage.use(site(stage.rng, server=["203.0.113.10", "2001:db8:113::10"]))
        stage.args = ["--local", "203.0.113.0/24", "--local", "2001:db8:113::/48"]
        stage.place = "victim"
        dst = net.server.of(VICTIM6 if v6 else VICTIM)
        visits(net, 0, net.server.v4, 6)
        visits(net, 0.5, net.server.v6, 2)
        origins = [public_like(stage.rng, dst) for _ in range(sources)]
        send(net, 3, origins, dst, **more)
        # stomp rides on the real connections of customers too
        exact = vector != "stomp"
        net.attack(vector, dst, "inbound", port=port, packets=packets, sources=sources if exact else f">={sources}")

    return play


def visits(net, at, server, count):
    """Ordinary customers of a server."""
    for i in range(count):
        talk.tcp(net, at + i * 0.4, public_like(net.rng, server), server, 443,
                 talk.page(net.rng, 300, 4000))


SIXES = {"udp", "syn", "ack", "gre-ip", "dns", "icmp", "fragment"}

for kind, short, recipe, hit, amount in VECTORS:
    register(f"flood-{short}-out", outbound(kind, recipe, hit, amount, False),
             f"A camera floods a stranger: {short}.")
    register(f"flood-{short}-in", inbound(kind, recipe, hit, amount, False),
             f"Forty strangers flood a server: {short}.")
    if short in SIXES:
        register(f"flood-{short}-out-v6", outbound(kind, recipe, hit, amount, True),
                 f"A camera floods a stranger over IPv6: {short}.")
        register(f"flood-{short}-in-v6", inbound(kind, recipe, hit, amount, True),
                 f"Forty strangers flood a server over IPv6: {short}.")


def reflected(service):
    return lambda net, at, origins, dst: bots.amplified(net, at, origins, dst, service)


for service in (*bots.AMPLIFIERS, "syn-ack"):
    register(f"flood-amplified-{service}-in",
             inbound("amplification", (reflected(service), {}), None, 4000, False, sources=120),
             f"A server gets {service} answers it never asked for, from 120 reflectors.")
for service in ("dns", "ntp"):
    register(f"flood-amplified-{service}-in-v6",
             inbound("amplification", (reflected(service), {}), None, 4000, True, sources=120),
             f"The same over IPv6: {service}.")


@scene
def flood_udp_two_devices(stage):
    """Camera and recorder flood the same target: one attack, both listed."""
    house = stage.use(House(stage.rng))
    at = house.settle() + 1
    for host in (house.recorder, house.camera):
        bots.flood_udp(house, at, [host.v4], VICTIM, count=3000, seconds=4)
        house.accuse(host, *ATTACKING)
    house.attack("udp", VICTIM, "outbound", devices=[house.camera, house.recorder], packets=6000, sources=2)


@scene
def flood_burst(stage):
    """1500 packets within one second, and silence: enough."""
    house = stage.use(House(stage.rng))
    at = house.settle() + 1.2
    bots.flood_udp(house, at, [house.camera.v4], VICTIM, count=1500, seconds=0.6)
    house.background(at, 10, every=2)
    house.accuse(house.camera, *ATTACKING)
    house.attack("udp", VICTIM, "outbound", devices=[house.camera], packets=1500)


@scene
def flood_scan_then_flood(stage):
    """A camera scans and then floods: both stages, in the order seen."""
    house = stage.use(House(stage.rng))
    at = house.settle() + 1
    end, _ = bots.MiraiScanner(house, house.camera.v4).burst(at, 320, listen=1)
    bots.flood_syn(house, end + 5, [house.camera.v4], VICTIM, port=53)
    house.accuse(house.camera, "infected", ["scanning", "attacking"], ["mirai"])
    house.attack("syn", VICTIM, "outbound", port=53, devices=[house.camera], packets=4000)


@scene
def flood_internal(stage):
    """A camera floods the recorder beside it."""
    house = stage.use(House(stage.rng))
    at = house.settle() + 1
    bots.flood_udp(house, at, [house.camera.v4], house.recorder.v4)
    house.accuse(house.camera, *ATTACKING)
    house.attack("udp", house.recorder.v4, "internal", devices=[house.camera], packets=4000)


@scene
def flood_dns_through_gateway(stage):
    """Water torture through the household's own resolver."""
    house = stage.use(House(stage.rng))
    at = house.settle() + 1
    bots.water_torture(house, at, [house.camera.v4], house.gateway.v4, answered=0.6)
    house.accuse(house.camera, *ATTACKING)
    house.attack("dns-water-torture", house.gateway.v4, "internal", port=53, devices=[house.camera], packets=4000)


@scene
def flood_inbound_house(stage):
    """A household's exposed camera is flooded from 300 addresses: it is the victim."""
    house = stage.use(House(stage.rng))
    at = house.settle() + 1
    origins = [public_address(stage.rng) for _ in range(300)]
    bots.flood_udp(house, at, origins, house.camera.v4, count=6000, seconds=6)
    house.background(at, 6, every=1)
    # about: the gateway's own name answers to the camera count with it
    house.attack("udp", house.camera.v4, "inbound", packets="~6000", sources=300)


@scene
def flood_inbound_many_sources(stage):
    """A SYN flood from 5000 invented addresses; the server answers what it can, which is no attack of its own."""
    net = stage.use(site(stage.rng, server=["203.0.113.10"]))
    stage.args, stage.place = ["--local", "203.0.113.0/24"], "victim"
    server = net.server.v4
    visits(net, 0, server, 6)
    origins = [public_address(stage.rng) for _ in range(5000)]
    bots.flood_syn(net, 3, origins, server, port=443, count=10000, seconds=6)
    for frame in list(net.frames)[-10000::4]:
        src, sport = frame.body[12:16], int.from_bytes(frame.body[20:22], "big")
        seq = int.from_bytes(frame.body[24:28], "big")
        body = wire.tcp(server, src, 443, sport, seq=stage.rng.getrandbits(32), ack=seq + 1,
                        flags=wire.SYN | wire.ACK, window=65160, options=wire.options_linux(1000, 0))
        net.send(frame.at / 1e9 + 0.0001, server, src, wire.TCP, body)
    net.attack("syn", server, "inbound", port=443, packets=10000, sources="~5000", spoofed=True)


@scene
def flood_transit(stage):
    """A provider's link: fifty strangers flood another stranger."""
    net = stage.use(site(stage.rng, server=["203.0.113.10"]))
    net.hosts.clear()
    net.owner.clear()
    stage.place = "upstream"
    for i in range(60):
        talk.tcp(net, i * 0.15, public_address(stage.rng), public_address(stage.rng), 443,
                 talk.page(stage.rng, 300, 3000))
    origins = [public_address(stage.rng) for _ in range(50)]
    bots.flood_udp(net, 2, origins, VICTIM)
    net.attack("udp", VICTIM, "transit", packets=4000, sources=50)


def with_ttl(packet, ttl):
    body = bytearray(packet)
    if body[0] >> 4 == 6:
        body[7] = ttl
    else:
        body[8], body[10:12] = ttl, b"\0\0"
        body[10:12] = wire.checksum(bytes(body[:20])).to_bytes(2, "big")
    return bytes(body)


def under_one_mac(house, host, send):
    """Lets `send` put packets from invented addresses, then lays them all to the host's MAC, uncrossed by routers."""
    before = len(house.frames)
    resolves, house.resolves = house.resolves, False
    send()
    house.resolves = resolves
    for frame in house.frames[before:]:
        frame.src, frame.dst, frame.from_host = host.mac, house.router_mac, True
        frame.body = with_ttl(frame.body, 64)


@scene
def spoofed_flood(stage):
    """A camera floods under invented addresses: the MAC is the culprit, the addresses are nobody."""
    house = stage.use(House(stage.rng))
    at = house.settle() + 1
    invented = [public_address(stage.rng) for _ in range(500)]
    under_one_mac(house, house.camera, lambda: bots.flood_syn(house, at, invented, VICTIM))
    house.accuse(house.camera, *ATTACKING)
    house.attack("syn", VICTIM, "outbound", port=80, devices=[house.camera], spoofed=True, packets=4000, sources=500)


@scene
def spoofed_flood_private(stage):
    """The same under addresses of private networks: none of them becomes a device."""
    house = stage.use(House(stage.rng))
    at = house.settle() + 1
    invented = [bytes([10]) + stage.rng.randbytes(2) + b"\x07" for _ in range(500)]
    invented = list(dict.fromkeys(invented))
    under_one_mac(house, house.camera, lambda: bots.flood_udp(house, at, invented, VICTIM))
    house.accuse(house.camera, *ATTACKING)
    house.attack("udp", VICTIM, "outbound", devices=[house.camera], spoofed=True, packets=4000,
                 sources=len(invented))


@scene
def spoofed_flood_v6(stage):
    """The same over IPv6."""
    house = stage.use(House(stage.rng, v6=True))
    at = house.settle() + 1
    invented = [public_address6(stage.rng) for _ in range(500)]
    under_one_mac(house, house.camera, lambda: bots.flood_udp(house, at, invented, VICTIM6))
    house.accuse(house.camera, *ATTACKING)
    house.attack("udp", VICTIM6, "outbound", devices=[house.camera], spoofed=True, packets=4000, sources=500)


@scene
def spoofed_trickle(stage):
    """A phone sends now and then from forty foreign addresses: suspect, as a VPN gone wrong can look like that."""
    house = stage.use(House(stage.rng))
    at = house.settle() + 1
    for i in range(40):
        src = public_address(stage.rng)
        body = wire.udp(src, VICTIM, 40000 + i, 443, stage.rng.randbytes(60))
        packet = wire.ip4(src, VICTIM, wire.UDP, body, ident=i + 1)
        house.put(at + i * 1.5, house.phone.mac, house.router_mac, wire.TYPE_IP4, packet)
    house.background(at, 60, every=6)
    house.accuse(house.phone, "suspect")


@scene
def reflector_dhip(stage):
    """A camera whose search service stands open answers forged requests: it takes part, but nobody runs it."""
    house = stage.use(House(stage.rng))
    at = house.settle() + 1
    port, answer = bots.AMPLIFIERS["dhip"]
    for when in bots.times(at, 2000, 5):
        sport = stage.rng.randrange(1024, 65536)
        talk.udp(house, when, VICTIM, house.camera.v4, sport, port, b"\x20\0\0\0DHIP" + bytes(24))
        talk.udp(house, when + 0.001, house.camera.v4, VICTIM, port, sport, answer(stage.rng))
    house.attack("amplification", VICTIM, "outbound", devices=[house.camera], packets=2000)
