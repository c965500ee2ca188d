# SPDX-License-Identifier: MIT
"""What administrators, providers and measurement networks do with other people's devices. Nobody is accused."""

import talk
import wire
from house import CLOUD, House
from network import public_address

from scenes import register, scene
from scenes.busy import FAR, home, server_site, steadily

ACS = wire.ip("198.51.100.70")


# Names that look random


def looked_up(house, at, client, resolver, names, rate):
    """Each name asked for in turn; most are not listed, as it is with lists of bad things."""
    for i, name in enumerate(names):
        code = 0 if house.rng.random() < 0.2 else 3
        talk.lookup(house, at + i / rate, client, resolver, name, wire.ip("127.0.0.2") if code == 0 else None,
                    code=code)


def hashed(rng):
    return rng.randbytes(rng.choice([16, 20])).hex()


def reversed_address(rng):
    return ".".join(str(rng.randrange(1, 255)) for _ in range(4))


def ordinary(rng):
    parts = ("shop", "mail", "news", "best", "deal", "info", "home", "click")
    return f"{rng.choice(parts)}-{rng.choice(parts)}.com"


@scene
def managed_mail_filter(stage):
    """A mail filter asks sixty block lists a second, most of them by hash, in many zones."""
    house, at = home(stage)
    zones = [f"{kind}{n}.example.{top}" for kind in ("bl", "hash", "uri") for n in range(4) for top in ("org", "net")]
    names = [f"{stage.rng.choice([hashed, hashed, reversed_address])(stage.rng)}.{stage.rng.choice(zones)}"
             for _ in range(600)]
    looked_up(house, at, house.laptop.v4, house.gateway.v4, names, 60)


@scene
def managed_mail_filter_one_zone(stage):
    """The same in one zone, asked of its own name server: seven in ten names are hashes, the others domains."""
    house, at = home(stage)
    names = [f"{(hashed if i % 10 < 7 else ordinary)(stage.rng)}.bl.example.org" for i in range(600)]
    looked_up(house, at, house.laptop.v4, FAR, names, 60)


@scene
def managed_scanner_repeats(stage):
    """A virus scanner asks for files by hash in one zone, and half of the files are those it has seen before."""
    house, at = home(stage)
    known = [hashed(stage.rng) for _ in range(20)]
    names = [f"{stage.rng.choice(known) if stage.rng.random() < 0.5 else hashed(stage.rng)}.av.example.com"
             for _ in range(600)]
    looked_up(house, at, house.laptop.v4, house.gateway.v4, names, 60)


# Port scans and surveys of one's own


def port_scan(house, at, src, dst, *, count, rate, silent):
    """nmap -sS -p-: one source port, 1024 as window, MSS alone; refused, or (silent) mostly filtered away."""
    ports = house.rng.sample(range(1, 65536), count)
    for i, port in enumerate(ports):
        seq, when = house.rng.getrandbits(32), at + i / rate
        body = wire.tcp(src, dst, 61234, port, seq=seq, window=1024, options=b"\x02\x04\x05\xb4")
        house.send(when, src, dst, wire.TCP, body, df=False)
        if silent and i % 200:
            continue
        answer = wire.tcp(dst, src, port, 61234, seq=0, ack=seq + 1, flags=wire.RST | wire.ACK, window=0)
        house.send(when + 0.001, dst, src, wire.TCP, answer)


def scanned(lan, silent):
    def play(stage):
        house, at = home(stage)
        target = house.recorder.v4 if lan else FAR
        port_scan(house, at, house.laptop.v4, target, count=20000, rate=5000, silent=silent)

    return play


register("managed-port-scan-lan", scanned(True, False), "nmap -p- of one host in the house, 5000 SYNs a second.")
register("managed-port-scan-own-server", scanned(False, False), "nmap -p- of one host outside, 5000 SYNs a second.")
register("managed-port-scan-filtered", scanned(False, True), "The same where a firewall swallows nearly all of it.")


@scene
def managed_survey_own_network(stage):
    """masscan of one's own /24, sixty ports each in random order, 5000 SYNs a second."""
    house, at = home(stage)
    me, there = house.laptop.v4, {h.v4 for h in house.hosts}
    common = [21, 22, 23, 80, 443, 445, 554, 2323, 7547, 8080, 9527, 34567, 37777]
    pairs = [(n, port) for n in range(1, 255) for port in common + list(range(1000, 1047)) if house.lan(n) != me]
    stage.rng.shuffle(pairs)
    for i, (n, port) in enumerate(pairs):
        dst, seq, when = house.lan(n), stage.rng.getrandbits(32), at + i / 5000
        body = wire.tcp(me, dst, 61000, port, seq=seq, window=1024)
        house.send(when, me, dst, wire.TCP, body, ident=(wire.low32(dst) ^ port ^ seq) & 0xFFFF, df=False)
        if dst in there:
            answer = wire.tcp(dst, me, port, 61000, seq=0, ack=seq + 1, flags=wire.RST | wire.ACK, window=0)
            house.send(when + 0.001, dst, me, wire.TCP, answer)


def routers(stage, network):
    """Twenty routers are tried in four rounds; two answer."""
    house, at = home(stage)
    login = [("s", b"User Access Verification\r\n\r\nUsername: ")]
    for turn in range(4):
        for n in range(20):
            router, when = network + bytes([n * 10 + 5]), at + turn * 60 + n * 2
            if n < 2:
                talk.tcp(house, when, house.laptop.v4, router, 23, login)
            else:
                talk.unanswered(house, when, house.laptop.v4, router, 23, tries=4)
    house.background(at, 240, every=15)


@scene
def managed_routers_by_telnet(stage):
    """Somebody looks after twenty routers in one /24 by telnet; eighteen of them are cut off today."""
    routers(stage, FAR[:3])


@scene
def managed_routers_anywhere_by_telnet(stage):
    """The same in a /24 somewhere in public space, not in one kept for documentation."""
    routers(stage, public_address(stage.rng)[:3])


# Providers


@scene
def managed_uplink_down(stage):
    """The uplink is down, and forty devices try their provider's management server (TR-069) again and again."""
    house = stage.use(House(stage.rng, only=()))
    hosts = [house.host(f"box-{n}", n) for n in range(20, 60)]
    for i, host in enumerate(hosts):
        talk.dhcp(house, 0.1 + i * 0.1, host, house.gateway, host.v4, name=host.name)
    for turn in range(8):
        for i, host in enumerate(hosts):
            when = 6 + turn * 8 + i * 0.15
            talk.lookup(house, when, host.v4, house.gateway.v4, "acs.example.net", code=2)
            talk.unanswered(house, when + 0.01, host.v4, ACS, 7547, tries=3)


@scene
def managed_server_asks_its_boxes(stage):
    """A provider's management server calls 300 of its boxes on 7547; one in five is switched off."""
    net, server = server_site(stage)
    networks = [public_address(stage.rng)[:2] for _ in range(4)]
    ask = b"GET /acs HTTP/1.1\r\nHost: box\r\n\r\n"
    for i in range(300):
        box, when = stage.rng.choice(networks) + stage.rng.randbytes(1) + bytes([1 + i % 254]), 0.5 + i * 0.2
        if i % 5 == 0:
            talk.unanswered(net, when, server, box, 7547, tries=3)
        else:
            talk.tcp(net, when, server, box, 7547, [("c", ask), ("s", b"HTTP/1.1 204 No Content\r\n\r\n")])


@scene
def managed_router_with_200_hosts(stage):
    """An office's router with NAT: two hundred hosts under one address, and one in ten of their calls gets nowhere."""
    house = stage.use(House(stage.rng))
    router = house.host("office-router", 9)
    at = house.settle() + 0.5
    router.hops = 1  # what it brings in from its hosts has one router behind it
    rng, me = stage.rng, router.v4
    servers, resolver = [public_address(rng) for _ in range(150)] + [CLOUD] * 60, wire.ip("203.0.113.53")
    words = ["mail", "www", "img", "api", "cdn", "static", "news", "shop", "login", "video"]
    for i, when in steadily(at, 120, 8):
        name = f"{rng.choice(words)}.{rng.choice(words)}{rng.randrange(90)}.example.com"
        talk.lookup(house, when, me, resolver, name, public_address(rng))
        if i % 10 == 3:
            talk.unanswered(house, when + 0.03, me, public_address(rng), rng.choice([443, 80, 5223, 6881]), tries=3)
        else:
            page = talk.page(rng, rng.randrange(200, 900), rng.randrange(300, 3000))
            talk.tcp(house, when + 0.03, me, rng.choice(servers), 443, page)
    for i, when in steadily(at, 700, 6):
        head = b"\x45" + bytes([i % 7] * 8)
        talk.udp(house, when, me, CLOUD, 50000 + i % 7, 443, head + rng.randbytes(rng.choice([30, 1200])))
        talk.udp(house, when + 0.01, CLOUD, me, 443, 50000 + i % 7, b"\x4a" + bytes(8) + rng.randbytes(60))


def reconnecting(lan):
    def play(stage):
        house, at = home(stage)
        server = house.recorder.v4 if lan else CLOUD
        for _, when in steadily(at, 200, 6):
            talk.refused(house, when, house.camera.v4, server, 8800, rtt=0.001 if lan else 0.02)
        house.background(at, 6, every=2)

    return play


register("managed-reconnecting", reconnecting(False),
         "A camera tries its maker's server 200 times a second; the port is closed, and each time it is told so.")
register("managed-reconnecting-lan", reconnecting(True), "The same with the recorder beside it.")


# Measurement


def traced(house, at, src, dst, hops):
    """traceroute by UDP: one datagram a hop, and the routers' answers."""
    for hop in range(1, hops + 1):
        when, sport = at + hop * 0.05, 40000 + hop
        probe = wire.udp(src, dst, sport, 33434 + hop, bytes(12))
        packet = wire.packet(src, dst, wire.UDP, probe, ttl=hop, ident=house.ident(src))
        house.send_packet(when, src, dst, packet)
        router = house.gateway.v4 if hop == 1 else dst if hop == hops else public_address(house.rng)
        kind = (3, 3) if hop == hops else (11, 0)
        house.send(when + hop * 0.004, router, src, wire.ICMP, wire.icmp4(*kind, 0, packet[:28]))


@scene
def managed_measurement_probe(stage):
    """A probe of a measurement network: pings, traceroutes, names and certificates of a hundred places."""
    house, at = home(stage)
    me = house.laptop.v4
    for i in range(100):
        place, when = public_address(stage.rng), at + i * 1.2
        for n in range(3):
            ident = stage.rng.getrandbits(16)
            house.send(when + n * 0.1, me, place, *wire.echo(me, place, ident, n, bytes(48)))
            if i % 7:
                house.send(when + n * 0.1 + 0.05, place, me, *wire.echo(place, me, ident, n, bytes(48), reply=True))
        traced(house, when + 0.4, me, place, 4 + i % 12)
        talk.lookup(house, when + 0.5, me, place, f"r{stage.rng.getrandbits(40):x}.probe.example.net", code=3)
        if i % 3:
            talk.tcp(house, when + 0.6, me, place, 443, talk.page(stage.rng, 300, 3000))
        else:
            talk.unanswered(house, when + 0.6, me, place, stage.rng.choice([443, 80, 22]), tries=3)
