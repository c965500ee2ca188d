# SPDX-License-Identifier: MIT
"""What looks bad and is not: nobody is accused here, and there is no attack."""

import struct

import talk
import wire
from house import CLOUD, House, lan_mac, site
from network import Host, public_address

from scenes import scene


def home(stage, **how):
    house = stage.use(House(stage.rng, **how))
    return house, house.settle() + 0.5


@scene
def benign_household(stage):
    """Five minutes of an ordinary household, both IP versions."""
    house, at = home(stage, v6=True)
    house.background(at, 300, every=6)


@scene
def benign_video_to_recorder(stage):
    """A camera streams 25 Mbit/s of RTP one way to the recorder."""
    house, at = home(stage)
    talk.stream(house, at, house.camera.v4, house.recorder.v4, 5004, seconds=4.5, mbit=25)


@scene
def benign_video_to_cloud(stage):
    """A camera streams 12 Mbit/s of RTP one way to a stranger on the Internet."""
    house, at = home(stage)
    talk.stream(house, at, house.camera.v4, CLOUD, 40004, seconds=5, mbit=12)


@scene
def benign_multicast_television(stage):
    """The gateway brings television in: MPEG-TS to a multicast group, nobody answers."""
    house, at = home(stage)
    source, group, continuity = wire.ip("198.51.100.200"), wire.ip("239.77.1.1"), 0
    for i in range(4500):
        cells = []
        for _ in range(7):
            cells.append(b"\x47\x01\x00" + bytes([0x10 | continuity]) + stage.rng.randbytes(184))
            continuity = (continuity + 1) & 15
        talk.udp(house, at + i / 900, source, group, 10000, 10000, b"".join(cells))


@scene
def benign_quic_backup(stage):
    """A laptop uploads a backup over QUIC: five seconds of large UDP packets to one address."""
    house, at = home(stage)
    theirs, mine = stage.rng.randbytes(8), stage.rng.randbytes(8)
    me, dst = house.laptop.v4, wire.ip("203.0.113.200")
    first = b"\xc3\0\0\0\x01\x08" + theirs + b"\x08" + mine + b"\0\x44\x96" + stage.rng.randbytes(1174)
    talk.udp(house, at, me, dst, 51000, 443, first)
    talk.udp(house, at + 0.02, dst, me, 443, 51000, b"\xc1\0\0\0\x01\x08" + mine + b"\x08" + theirs + b"\0\x44\x96" +
             stage.rng.randbytes(1174))
    for i in range(4000):
        when = at + 0.1 + i * 5 / 4000
        talk.udp(house, when, me, dst, 51000, 443, b"\x45" + theirs + stage.rng.randbytes(1240))
        if i % 8 == 7:
            talk.udp(house, when + 0.0003, dst, me, 443, 51000, b"\x4a" + mine + stage.rng.randbytes(26))


@scene
def benign_speed_test(stage):
    """A speed test: four connections down, four up, as fast as they go."""
    house, at = home(stage)
    server = wire.ip("203.0.113.201")
    block = stage.rng.randbytes(1448 * 400)
    for side in (1, 0):
        for i in range(4):
            connection = talk.Tcp(house, house.laptop.v4, server, 5201, rtt=0.01)
            start = connection.open(at + i * 0.01)
            connection.close(connection.say(start, side, block, pace=0.004) + 0.1)
        at += 4


# RFC 5531 call, program 100003 (NFS), version 3, procedure 7 (WRITE), no credentials, a file handle of 32 bytes
NFS_WRITE = struct.pack("!10I", 0, 2, 100003, 3, 7, 0, 0, 0, 0, 32) + b"EXAMPLE-HANDLE--" * 2
NFS_LENGTHS = struct.pack("!3I", 8000, 0, 8000)  # count, stable, length of the data


@scene
def benign_file_server(stage):
    """NFS over UDP to a file server in the house: 8 KB writes in six fragments each, and their answers."""
    house = stage.use(House(stage.rng))
    server = house.host("files", 50)
    at = house.settle() + 0.5
    for i in range(500):
        when, xid = at + i * 0.01, stage.rng.randbytes(4)
        call = xid + NFS_WRITE + i.to_bytes(8, "big") + NFS_LENGTHS + stage.rng.randbytes(8000)
        whole = wire.ip4(house.laptop.v4, server.v4, wire.UDP, wire.udp(house.laptop.v4, server.v4, 801, 2049, call))
        for j, piece in enumerate(wire.fragments(whole, 1480, i + 1)):
            house.send_packet(when + j * 0.0001, house.laptop.v4, server.v4, piece)
        reply = xid + b"\0\0\0\1" + bytes(28) + NFS_LENGTHS[:8] + bytes(8)
        talk.udp(house, when + 0.002, server.v4, house.laptop.v4, 2049, 801, reply)


@scene
def benign_games(stage):
    """A game: sixty small packets a second both ways, and a list of servers asked once each."""
    house, at = home(stage)
    rng, me = stage.rng, house.laptop.v4
    query = b"\xff\xff\xff\xffTSource Engine Query\0"
    answer = b"\xff\xff\xff\xffI\x11EXAMPLE\0" + bytes(30)
    for i in range(150):
        server = public_address(rng)
        talk.udp(house, at + i * 0.01, me, server, 27005, 27015, query)
        if i % 5:
            talk.udp(house, at + i * 0.01 + 0.04, server, me, 27015, 27005, answer)
    server = wire.ip("203.0.113.150")
    for i in range(1800):
        when, tick = at + 3 + i / 128, i.to_bytes(4, "little")
        talk.udp(house, when, me, server, 27005, 27016, tick + rng.randbytes(rng.randrange(40, 90)))
        talk.udp(house, when + 0.002, server, me, 27016, 27005, tick + rng.randbytes(rng.randrange(60, 300)))


@scene
def benign_resolver(stage):
    """A busy recursive resolver: hundreds of questions a second to hundreds of servers, all answered."""
    house = stage.use(House(stage.rng))
    resolver = house.host("resolver", 53)
    at = house.settle() + 0.5
    words = ["mail", "www", "img", "api", "cdn", "static", "news", "shop", "login", "video"]
    servers = [public_address(stage.rng) for _ in range(300)]
    for i in range(2400):
        name = f"{stage.rng.choice(words)}.{stage.rng.choice(words)}{stage.rng.randrange(900)}.example.com"
        talk.lookup(house, at + i / 400, resolver.v4, stage.rng.choice(servers), name, public_address(stage.rng),
                    rtt=0.02 + stage.rng.random() * 0.05)


@scene
def benign_file_sharing(stage):
    """A BitTorrent client: two hundred peers on all kinds of ports, most of them gone; DHT questions besides."""
    house, at = home(stage)
    rng, me = stage.rng, house.laptop.v4
    hello = [("c", b"\x13BitTorrent protocol" + bytes(48)), ("s", rng.randbytes(4000))]
    for i in range(200):
        peer, when = public_address(rng), at + i * 0.15
        port = 23 if i % 90 == 50 else rng.choice([6881, 51413, rng.randrange(1024, 65536), 443, 80, 8080])
        if i % 9 == 0:
            talk.tcp(house, when, me, peer, port, hello)
        elif i % 7 == 0:
            talk.refused(house, when, me, peer, port)
        else:
            talk.unanswered(house, when, me, peer, port, tries=3)
        ping = b"d1:ad2:id20:" + rng.randbytes(20) + b"e1:q4:ping1:t2:aa1:y1:qe"
        talk.udp(house, when + 0.05, me, public_address(rng), 6881, 6881, ping)
    house.background(at, 30, every=3)


@scene
def benign_ethereum(stage):
    """A node of a peer network on tcp/30303: three hundred peers, one in ten answers."""
    house, at = home(stage)
    for i in range(300):
        peer, when = public_address(stage.rng), at + i * 0.1
        if i % 10 == 0:
            keys = [("c", stage.rng.randbytes(300)), ("s", stage.rng.randbytes(300))]
            talk.tcp(house, when, house.laptop.v4, peer, 30303, keys)
        else:
            talk.unanswered(house, when, house.laptop.v4, peer, 30303, tries=2)
    house.background(at, 30, every=3)


@scene
def benign_inventory(stage):
    """An inventory tool sweeps its own LAN on 23, 80 and 443: most addresses are nobody, hosts refuse or answer."""
    house, at = home(stage)
    me, there = house.laptop.v4, {h.v4: h for h in house.hosts}
    for number in range(2, 255):
        when, target = at + number * 0.05, house.lan(number)
        if target == me:
            continue
        if target not in there:
            for again in range(3):
                house.arp(when + again, house.laptop, me, target)
            continue
        talk.refused(house, when, me, target, 23, rtt=0.002)
        talk.tcp(house, when + 0.01, me, target, 80, [("c", b"HEAD / HTTP/1.0\r\n\r\n")], rtt=0.002)
        talk.refused(house, when + 0.02, me, target, 443, rtt=0.002)


@scene
def benign_monitoring(stage):
    """A monitor pings and connects to everything in the house every ten seconds; one host is off."""
    house, at = home(stage)
    me = house.laptop.v4
    for turn in range(30):
        when = at + turn * 10
        for i, host in enumerate((house.gateway, house.camera, house.recorder, house.phone)):
            talk.tcp(house, when + i * 0.1, me, host.v4, 80, rtt=0.002)
            house.send(when + i * 0.1 + 0.05, me, host.v4, *wire.echo(me, host.v4, 7, turn, bytes(56)))
            house.send(when + i * 0.1 + 0.051, host.v4, me, *wire.echo(host.v4, me, 7, turn, bytes(56), reply=True))
        house.arp(when + 0.6, house.laptop, me, house.lan(99))


def nmap(house, at, src, dst, *, rtt, count=2000, rate=700):
    """A SYN scan of one host: some ports open, the rest refused."""
    for i in range(count):
        when, port, seq = at + i / rate, 1 + i, house.rng.getrandbits(32)
        body = wire.tcp(src, dst, 61234, port, seq=seq, window=1024, options=b"\x02\x04\x05\xb4")
        house.send(when, src, dst, wire.TCP, body, df=False)
        open_port = port in (22, 80, 443)
        answer = wire.tcp(dst, src, port, 61234, seq=house.rng.getrandbits(32) if open_port else 0, ack=seq + 1,
                          flags=(wire.SYN if open_port else wire.RST) | wire.ACK, window=64240 if open_port else 0,
                          options=b"\x02\x04\x05\xb4" if open_port else b"")
        house.send(when + rtt, dst, src, wire.TCP, answer)


@scene
def benign_port_scan_lan(stage):
    """nmap of one host in the house, 700 SYNs a second."""
    house, at = home(stage)
    nmap(house, at, house.laptop.v4, house.recorder.v4, rtt=0.001)


@scene
def benign_port_scan_own_server(stage):
    """nmap of one host outside, 700 SYNs a second."""
    house, at = home(stage)
    nmap(house, at, house.laptop.v4, wire.ip("203.0.113.80"), rtt=0.02)


@scene
def benign_device_setup(stage):
    """A new camera tries its maker's servers, many of which are gone."""
    house, at = home(stage)
    for i in range(40):
        port = stage.rng.choice([443, 8883, 8800, 32100, 6789, 80])
        server = public_address(stage.rng)
        talk.lookup(house, at + i, house.camera.v4, house.gateway.v4, f"p2p{i}.example.com", server)
        talk.unanswered(house, at + i + 0.1, house.camera.v4, server, port, tries=5)
    house.background(at, 60, every=4)


@scene
def benign_administrator(stage):
    """Somebody logs in to thirty servers of his own by SSH; all answer."""
    house, at = home(stage)
    for i in range(30):
        talk.tcp(house, at + i, house.laptop.v4, public_address(stage.rng), 22,
                 [("s", b"SSH-2.0-OpenSSH_9.2\r\n"), ("c", b"SSH-2.0-OpenSSH_9.2\r\n")])


@scene
def benign_vpn_leak(stage):
    """A laptop that roamed sends a few packets from its old networks' addresses."""
    house, at = home(stage)
    for i, old in enumerate(("192.0.2.77", "192.0.2.140", "203.0.113.9")):
        src, dst = wire.ip(old), CLOUD
        for j in range(3):
            body = wire.tcp(src, dst, 40000 + i, 443, seq=stage.rng.getrandbits(32), ack=1, flags=wire.ACK | wire.FIN)
            house.put(at + i + j * 2.5, house.laptop.mac, house.router_mac, wire.TYPE_IP4,
                      wire.ip4(src, dst, wire.TCP, body, ident=i * 8 + j + 1, df=True))
    house.background(at, 10, every=2)


@scene
def benign_syn_burst(stage):
    """Forty-eight SYNs within milliseconds, as a browser with many tabs sends them, are no flood."""
    house, at = home(stage)
    ask = [("c", talk.sealed(stage.rng, 300))]
    for i in range(48):
        talk.tcp(house, at + i * 0.0002, house.laptop.v4, wire.ip("203.0.113.80"), 443, ask)


@scene
def benign_backscatter(stage):
    """Somebody floods others under our server's address: their answers reach it. It did nothing, and nor did they."""
    net = stage.use(site(stage.rng, server=["203.0.113.10"]))
    stage.args, stage.place = ["--local", "203.0.113.0/24"], "any"
    server = net.server.v4
    for i in range(6):
        talk.tcp(net, i * 2, public_address(stage.rng), server, 443, talk.page(stage.rng, 300, 2000))
    for i in range(400):
        victim, kind = public_address(stage.rng), stage.rng.choice([wire.SYN | wire.ACK, wire.RST | wire.ACK])
        body = wire.tcp(victim, server, 80, stage.rng.randrange(1024, 65536), seq=stage.rng.getrandbits(32),
                        ack=stage.rng.getrandbits(32), flags=kind, window=8192)
        net.send(1 + i * 0.05, victim, server, wire.TCP, body)


def redundant(stage, hello):
    """Two routers share the gateway's address; half-way the second takes it over."""
    house = stage.use(House(stage.rng, only=("phone", "laptop")))
    one, two = house.add(Host("one", lan_mac(2), [house.lan(2)])), house.add(Host("two", lan_mac(3), [house.lan(3)]))
    virtual = house.gateway
    at = house.settle() + 1
    for host in (one, two):
        ask = [("c", talk.sealed(stage.rng, 200))]
        talk.tcp(house, at + host.v4[3] * 0.1, house.laptop.v4, host.v4, 443, ask, rtt=0.002)
    for turn in range(60):
        active = one if turn < 30 else two
        hello(house, at + 1 + turn, active, virtual)
        if turn == 30:
            # the new owner of the address says so to all
            body = wire.arp(1, virtual.mac, virtual.v4, bytes(6), virtual.v4)
            house.put(at + 1 + turn, virtual.mac, wire.BROADCAST, wire.TYPE_ARP, body)
    house.background(at + 1, 60, every=4)
    return house


@scene
def benign_vrrp(stage):
    """Two routers with VRRP: the gateway's address and its virtual MAC move from one to the other."""

    def hello(house, at, active, virtual):
        dst = wire.ip("224.0.0.18")
        message = bytes([0x21, 1, 200, 1, 0, 1, 0, 0]) + virtual.v4 + bytes(8)
        message = message[:6] + wire.checksum(message).to_bytes(2, "big") + message[8:]
        packet = wire.ip4(active.v4, dst, wire.VRRP, message, ttl=255, ident=house.ident(active.v4))
        house.put(at, virtual.mac, wire.mac("01:00:5e:00:00:12"), wire.TYPE_IP4, packet)
        house.saw(active, active.v4)

    house = redundant(stage, hello)
    change_mac(house, wire.mac("00:00:5e:00:01:01"))


@scene
def benign_hsrp(stage):
    """The same with HSRP: the active router greets from the virtual MAC."""

    def hello(house, at, active, virtual):
        dst = wire.ip("224.0.0.2")
        message = bytes([0, 0, 16, 3, 10, 120, 0, 0]) + b"EXAMPLE\0" + virtual.v4
        packet = wire.ip4(active.v4, dst, wire.UDP, wire.udp(active.v4, dst, 1985, 1985, message), ttl=1,
                          ident=house.ident(active.v4))
        house.put(at, virtual.mac, wire.mac("01:00:5e:00:00:02"), wire.TYPE_IP4, packet)
        house.saw(active, active.v4)

    house = redundant(stage, hello)
    change_mac(house, wire.mac("00:00:0c:07:ac:01"))


def change_mac(house, virtual):
    """The gateway's MAC was a router's own until now; in the frames and ARP bodies it becomes the virtual one, which is
    nobody's: the shared address stands behind it."""
    old = house.gateway.mac
    for frame in house.frames:
        frame.src = virtual if frame.src == old else frame.src
        frame.dst = virtual if frame.dst == old else frame.dst
        if frame.kind == wire.TYPE_ARP:
            frame.body = frame.body.replace(old, virtual)
    house.gateway.mac, house.gateway.relay = None, virtual


@scene
def benign_broadcasts_only(stage):
    """A laptop on Wi-Fi: of the others only broadcasts are seen, so they were not judged."""
    house = stage.use(House(stage.rng))
    for i, host in enumerate((house.camera, house.recorder, house.phone)):
        for turn in range(5):
            house.arp(turn * 20 + i, host, host.v4, house.gateway.v4)
            group = wire.ip("239.255.255.250")
            talk.udp(house, turn * 20 + i + 0.5, host.v4, group, 1900, 1900,
                     b"M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n"
                     b"MAN: \"ssdp:discover\"\r\nMX: 1\r\nST: ssdp:all\r\n\r\n")
    talk.dhcp(house, 0.2, house.laptop, house.gateway, house.laptop.v4, name="laptop")
    house.browse(1, house.laptop)
    talk.tcp(house, 2, house.laptop.v4, house.gateway.v4, 80, [("c", b"GET / HTTP/1.0\r\n\r\n")], rtt=0.002)
