# SPDX-License-Identifier: MIT
"""Honest traffic at the rates of attacks: servers, collectors, tests and uploads. Nobody is accused."""

import struct

import bots
import talk
import wire
from house import CLOUD, House, lan_mac, site
from network import Host, Network, public_address

from scenes import register, scene

FAR = wire.ip("203.0.113.220")
SITE = ["--local", "203.0.113.0/24"]


def home(stage, **how):
    house = stage.use(House(stage.rng, **how))
    return house, house.settle() + 0.5


def office(stage, count, first=50):
    """A house with so many more hosts, whose addresses are fixed; gives (house, hosts, time)."""
    house, at = home(stage)
    hosts = [house.host(f"host-{n}", n) for n in range(first, first + count)]
    for i, host in enumerate(hosts):
        talk.lookup(house, at + i * 0.01, host.v4, house.gateway.v4, "www.example.com", CLOUD)
    return house, hosts, at + count * 0.01 + 0.5


def server_site(stage, *more):
    net = stage.use(site(stage.rng, server=["203.0.113.10", *more]))
    stage.args, stage.place = list(SITE), "any"
    return net, net.server.v4


def steadily(at, rate, seconds):
    """(number, time) at an even rate."""
    return enumerate(bots.times(at, rate * seconds, seconds))


# Collectors: thousands of datagrams one way, as the protocols are


def syslog_line(rng, i, name):
    words = ("accepted", "session opened for user", "link up", "lease renewed", "cache flushed", "probe ok", "drop")
    stamp = f"2016-10-21T11:02:{i // 1000 % 60:02}.{i % 1000:03}Z"
    text = f"{rng.choice(words)} {rng.choice(words)} id={rng.getrandbits(rng.choice([8, 16, 32]))}"
    return f"<{rng.choice([134, 30, 86, 165])}>1 {stamp} {name} app{rng.randrange(9)} {rng.randrange(9000)} - - {text}"


def netflow9(rng, i, exporter):
    """RFC 3954: header with a running number, one data set of a template agreed on before."""
    count = rng.randrange(8, 24)
    head = struct.pack("!HHIIII", 9, count, 1000000 + i, 1477047734 + i // 1000, i, exporter)
    return head + struct.pack("!HH", 256, count * 48 + 4) + rng.randbytes(count * 48)


def ipfix(rng, i, exporter):
    """RFC 7011: as above, with the length first."""
    count = rng.randrange(8, 24)
    body = struct.pack("!HH", 256, count * 48 + 4) + rng.randbytes(count * 48)
    return struct.pack("!HHIII", 10, 16 + len(body), 1477047734 + i // 1000, i, exporter) + body


def syslog(rng, i, n):
    return syslog_line(rng, i, f"host{n}").encode()


def collected(make, port, many):
    def play(stage):
        if many:
            house, hosts, at = office(stage, 100)
        else:
            house, at = home(stage)
            hosts = [house.laptop]
        collector = house.host("collector", 7)
        numbers = [0] * len(hosts)
        for _, when in steadily(at, 1000, 5):
            n = stage.rng.randrange(len(hosts))
            numbers[n] += 1
            payload = make(stage.rng, numbers[n], n)
            talk.udp(house, when, hosts[n].v4, collector.v4, 40000 + n, port, payload)

    return play


for name, make, port in (("syslog", syslog, 514), ("netflow", netflow9, 2055), ("ipfix", ipfix, 4739)):
    register(f"busy-{name}", collected(make, port, False),
             f"A collector in the house gets 1000 {name} messages a second from one host, and never answers.")
    register(f"busy-{name}-100-sources", collected(make, port, True),
             f"The same from a hundred hosts: {name}.")


# Tests of a line, tunnels, uploads


def iperf(stage, house, at, src, dst, rate, sport):
    """iperf2's datagrams: running number, seconds, microseconds, digits."""
    pad = b"0123456789" * 145
    for i, when in steadily(at, rate, 5):
        micros = int(when * 1e6)
        payload = struct.pack("!III", i, micros // 10**6, micros % 10**6) + pad
        talk.udp(house, when, src, dst, sport, 5001, payload)


@scene
def busy_udp_test_one_way(stage):
    """A UDP speed test to a server outside: 2000 datagrams a second, nothing back."""
    house, at = home(stage)
    iperf(stage, house, at, house.laptop.v4, FAR, 2000, 51234)


@scene
def busy_udp_test_both_ways(stage):
    """The same in both directions at once, with its control connection."""
    house, at = home(stage)
    control = talk.Tcp(house, house.laptop.v4, FAR, 5001)
    control.say(control.open(at - 0.1), 0, b'{"udp":true,"bandwidth":23000000}')
    iperf(stage, house, at, house.laptop.v4, FAR, 2000, 51234)
    iperf(stage, house, at, FAR, house.laptop.v4, 2000, 5001)


@scene
def busy_udp_test_lan(stage):
    """The same inside the house, one way."""
    house, at = home(stage)
    iperf(stage, house, at, house.laptop.v4, house.recorder.v4, 3000, 51234)


def wireguard(rng, i, receiver=0x01020304):
    return struct.pack("<IIQ", 4, receiver, i) + rng.randbytes(rng.choice([1424, 1424, 1424, 96, 608]))


def esp(rng, i, spi=0xC0FFEE01):
    return struct.pack("!II", spi, i) + rng.randbytes(rng.choice([1392, 1392, 1392, 112, 576]))


def tunnel(make, port, answers):
    def play(stage):
        house, at = home(stage)
        me = house.laptop.v4
        for i, when in steadily(at, 2000, 5):
            talk.udp(house, when, me, FAR, port, port, make(stage.rng, i))
            if answers and i % 3 == 0:
                talk.udp(house, when + 0.0002, FAR, me, port, port, make(stage.rng, i // 3)[:112])

    return play


for name, make, port in (("wireguard", wireguard, 51820), ("ipsec", esp, 4500)):
    register(f"busy-{name}-upload", tunnel(make, port, True),
             f"A backup through {name}: 2000 packets a second out, a third of that back.")
    register(f"busy-{name}-upload-one-way", tunnel(make, port, False),
             f"The same where the way back is not seen: {name}.")


def upload(house, at, src, dst, rate, seconds, connections):
    """TCP at full speed; the other side acknowledges every second segment."""
    opened = [talk.Tcp(house, src, dst, 443, rtt=0.01) for _ in range(connections)]
    for one in opened:
        one.open(at)
    size = rate * seconds // connections * 1448
    block = house.rng.randbytes(size)
    for one in opened:
        one.say(at + 0.05, 0, block, pace=connections / rate)


@scene
def busy_upload_one_way(stage):
    """A backup over TCP, 5000 segments a second, on a tap that shows only what goes out."""
    house = stage.use(House(stage.rng, only=("camera", "laptop")))
    at = house.settle() + 0.5
    upload(house, at, house.laptop.v4, FAR, 5000, 4, 4)
    outgoing(house)


def outgoing(house):
    """Keeps what goes to the gateway; then nobody is seen to be answered, and the gateway is not seen at all."""
    house.frames = [f for f in house.frames if f.src != house.router_mac]
    house.gateway.used, house.gateway.unicast = set(), False
    for host in house.hosts:
        host.two_way = False
    house.camera.two_way = house.laptop.two_way = "any"  # they may have met each other


@scene
def busy_upload_acks_unseen(stage):
    """The same where everything else is seen both ways, but the upload's way back goes elsewhere."""
    house, at = home(stage)
    before = len(house.frames)
    upload(house, at, house.laptop.v4, FAR, 5000, 4, 3)
    house.frames[before:] = [f for f in house.frames[before:] if f.from_host]


@scene
def busy_uploads_one_way(stage):
    """A hundred clients back up to one server, 5000 full segments a second; the tap shows only what comes in."""
    net, server = server_site(stage)
    for i in range(100):
        upload(net, 0.5 + i * 0.0003, public_address(stage.rng), server, 50, 5, 1)
    net.frames = [f for f in net.frames if not f.from_host]
    net.server.used, net.server.unicast = set(), False


@scene
def busy_recorder(stage):
    """Sixty-four cameras stream to one recorder, 5000 RTP packets a second, each to a port of its own."""
    house, hosts, at = office(stage, 64)
    recorder = house.recorder.v4
    for i, camera in enumerate(hosts):
        talk.stream(house, at + i * 0.0002, camera.v4, recorder, 30000 + 2 * i, seconds=4, mbit=0.85)


@scene
def busy_fragmented_video(stage):
    """A camera sends its pictures in datagrams of 8 KB, six fragments each, to a stranger who never answers."""
    house, at = home(stage)
    src, ssrc = house.camera.v4, stage.rng.getrandbits(32)
    for i, when in steadily(at, 150, 5):
        body = wire.udp(src, FAR, 50004, 5004, wire.rtp(i, i * 600, ssrc, stage.rng.randbytes(8000)))
        for j, piece in enumerate(wire.fragments(wire.packet(src, FAR, wire.UDP, body, ident=i + 1), 1480, i + 1)):
            house.send_packet(when + j * 0.0001, src, FAR, piece)


@scene
def busy_gre_upload(stage):
    """A GRE tunnel from a host of the house to another site: a backup runs through it, 1000 segments a second."""
    house, at = home(stage)
    inner = Network(stage.rng, lan_mac(1), resolves=False)
    a, b = wire.ip("10.77.1.5"), wire.ip("10.77.2.6")
    upload(inner, at, a, b, 1000, 5, 1)
    me = house.laptop.v4
    for f in inner.frames:
        ends = (me, FAR) if f.body[12:16] == a else (FAR, me)
        house.send(f.at / 1e9, *ends, wire.GRE, wire.gre(wire.TYPE_IP4, f.body))
    # both ends of the inner connection are seen in the tunnel, and are ours by their private addresses
    stage.others, stage.of = "clear", "<8"


@scene
def busy_television_and_cameras(stage):
    """IPTV of the provider and two cameras, all to multicast groups, while hosts join and leave."""
    house, at = home(stage)
    source = wire.ip("198.51.100.200")
    for src, group, mbit in ((source, "239.77.1.2", 9), (house.camera.v4, "239.1.2.3", 8),
                             (house.recorder.v4, "239.1.2.4", 8)):
        talk.stream(house, at, src, wire.ip(group), 5004, seconds=5, mbit=mbit)
    for i, host in enumerate((house.phone, house.laptop) * 8):
        group = wire.ip("239.1.2.3")
        report = bytes([0x16, 0, 0, 0]) + group
        report = report[:2] + wire.checksum(report).to_bytes(2, "big") + report[4:]
        house.send(at + i * 0.3, host.v4, group, wire.IGMP, report, ttl=1)


# Many that ask one, all of them with a reason


SEARCH = (b"M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\n"
          b"ST: ssdp:all\r\n\r\n")
NOTIFY = b"NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nNTS: ssdp:alive\r\nNT: upnp:rootdevice\r\n\r\n"


@scene
def busy_ssdp_storm(stage):
    """A search every second among forty talkative devices: 400 answers a second to the one that asked."""
    house, hosts, at = office(stage, 40)
    asker, group = house.laptop.v4, wire.ip("239.255.255.250")
    for turn in range(6):
        talk.udp(house, at + turn, asker, group, 50100, 1900, SEARCH)
        for host in hosts:
            for service in range(10):
                answer = (b"HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=1800\r\nEXT:\r\nLOCATION: http://%s:80/d.xml\r\n"
                          b"SERVER: EXAMPLE/1.0 UPnP/1.0\r\nST: urn:example:service:%d\r\nUSN: uuid:%s::%d\r\n\r\n"
                          % (wire.ip_text(host.v4).encode(), service, host.mac.hex().encode(), service))
                talk.udp(house, at + turn + 0.02 + stage.rng.random() * 0.9, host.v4, asker, 1900, 50100, answer)
            talk.udp(house, at + turn + stage.rng.random(), host.v4, group, 1900, 1900, NOTIFY)


def visits(stage, net, server, rate, seconds, *, port=443):
    """So many new connections a second, of all sizes, each from somebody else."""
    for _, when in steadily(0.5, rate, seconds):
        page = talk.page(stage.rng, stage.rng.randrange(200, 900), stage.rng.randrange(300, 6000))
        talk.tcp(net, when, public_address(stage.rng), server, port, page, rtt=0.01 + stage.rng.random() * 0.1)


@scene
def busy_web_server(stage):
    """A web server with 500 new connections a second."""
    net, server = server_site(stage)
    visits(stage, net, server, 500, 4)


@scene
def busy_web_server_inbound_only(stage):
    """The same on a tap that shows only what comes in."""
    net, server = server_site(stage)
    visits(stage, net, server, 500, 4)
    net.frames = [f for f in net.frames if not f.from_host]
    net.server.used, net.server.unicast = set(), False


@scene
def busy_reverse_proxy(stage):
    """A reverse proxy: 500 connections a second come in, each asks the machine behind it for another page."""
    net, server = server_site(stage)
    backend = net.add(Host("backend", lan_mac(11), [wire.ip("203.0.113.11")]))
    visits(stage, net, server, 500, 4)
    for i, when in steadily(0.52, 500, 4):
        ask = b"GET /page/%d HTTP/1.1\r\nHost: www.example.net\r\n\r\n" % stage.rng.randrange(5000)
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n" + bytes(900)
        talk.tcp(net, when, server, backend.v4, 8080, [("c", ask), ("s", answer)], rtt=0.001)


@scene
def busy_telemetry(stage):
    """A hundred meters a second report to one server with the same request line, and get an answer each."""
    net, server = server_site(stage)
    meters = [public_address(stage.rng) for _ in range(400)]
    for i, when in steadily(0.5, 100, 14):
        body = b'{"meter":%d,"kwh":%d}' % (i % 400, stage.rng.randrange(10**6))
        ask = b"POST /v1/telemetry HTTP/1.1\r\nHost: meters.example.net\r\nContent-Length: %d\r\n\r\n" % len(body)
        done = b"HTTP/1.1 204 No Content\r\n\r\n"
        talk.tcp(net, when, meters[i % 400], server, 80, [("c", ask + body), ("s", done)], rtt=0.05)


@scene
def busy_time_server(stage):
    """A time server of the public pool: 500 strangers a second ask once each."""
    net, server = server_site(stage)
    for _, when in steadily(0.5, 500, 5):
        client, sport = public_address(stage.rng), stage.rng.choice([123, stage.rng.randrange(1024, 65536)])
        ask = b"\x23\0\x06\xec" + bytes(36) + stage.rng.randbytes(8)
        talk.udp(net, when, client, server, sport, 123, ask)
        talk.udp(net, when + 0.0002, server, client, 123, sport, b"\x24\x02\x06\xe9" + stage.rng.randbytes(44))


@scene
def busy_coap(stage):
    """A collector asks two hundred sensors over CoAP, 400 questions a second; all answer."""
    house, hosts, at = office(stage, 180, first=60)
    collector = house.host("collector", 7).v4
    for i, when in steadily(at, 400, 5):
        sensor, ident = hosts[i % len(hosts)].v4, i & 0xFFFF
        talk.udp(house, when, collector, sensor, 5683, 5683, struct.pack("!BBHH", 0x42, 1, ident, ident) + b"\xb4temp")
        answer = struct.pack("!BBHH", 0x62, 0x45, ident, ident) + b"\xff21.%d" % (i % 10)
        talk.udp(house, when + 0.004, sensor, collector, 5683, 5683, answer)


@scene
def busy_sip(stage):
    """A telephone exchange keeps 600 phones behind NAT alive with OPTIONS, and they it."""
    net, server = server_site(stage)
    phones = [public_address(stage.rng) for _ in range(600)]
    for i, when in steadily(0.5, 600, 5):
        phone, port = phones[i % 600], 20000 + i % 600
        head = (b"SIP/2.0/UDP 203.0.113.10;branch=z9hG4bK%d\r\nFrom: <sip:a@example.net>\r\nCall-ID: %d\r\n"
                b"CSeq: 1 OPTIONS\r\n\r\n" % (stage.rng.getrandbits(32), i))
        ends = (phone, server, port, 5060) if i % 2 else (server, phone, 5060, port)
        talk.udp(net, when, *ends, b"OPTIONS sip:a@example.net SIP/2.0\r\nVia: " + head)
        back = (ends[1], ends[0], ends[3], ends[2])
        talk.udp(net, when + 0.03, *back, b"SIP/2.0 200 OK\r\nVia: " + head)


@scene
def busy_game_server(stage):
    """A game server with 2000 players: 4000 small packets a second in, as many out; some ask for its name first."""
    net, server = server_site(stage)
    players = [(public_address(stage.rng), stage.rng.randrange(1024, 65536)) for _ in range(2000)]
    query, answer = b"\xff\xff\xff\xffTSource Engine Query\0", b"\xff\xff\xff\xffI\x11EXAMPLE\0" + bytes(30)
    for i, when in steadily(0.5, 4000, 4):
        player, port = players[i % 2000] if i % 3 else stage.rng.choice(players)
        tick, rng = i.to_bytes(4, "little"), stage.rng
        talk.udp(net, when, player, server, port, 27016, tick + rng.randbytes(rng.randrange(20, 80)))
        talk.udp(net, when + 0.001, server, player, 27016, port, tick + rng.randbytes(rng.randrange(90, 400)))
        if i % 20 == 0:
            stranger, other = public_address(stage.rng), stage.rng.randrange(1024, 65536)
            talk.udp(net, when, stranger, server, other, 27015, query)
            talk.udp(net, when + 0.0005, server, stranger, 27015, other, answer)
