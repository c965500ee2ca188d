# SPDX-License-Identifier: MIT
"""What hijacked devices send, as packet shapes in a file: scans and floods.

Shapes only: no payload here does anything, no list of passwords, no command. Facts and their sources: the published
analyses of Mirai and its kin (sequence number equal to the target, window and source port fixed for a run, 512 random
bytes, window 0 with full options in the SYN flood, and so on).
"""

import struct

import talk
import wire
from network import public_like

MIRAI_PORTS = (23,) * 9 + (2323,)
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


class MiraiScanner:
    """A scanner process: one source port and one window for its whole life, SYNs without options."""

    def __init__(self, net, src, *, sport=None, window=None):
        self.net, self.src = net, src
        self.sport = sport or net.rng.randrange(1024, 65535)
        self.window = window or net.rng.randrange(1024, 65535)

    def probe(self, at, dst, port=None):
        port = port or self.net.rng.choice(MIRAI_PORTS)
        body = wire.tcp(self.src, dst, self.sport, port, seq=wire.low32(dst), window=self.window)
        self.net.send(at, self.src, dst, wire.TCP, body, ident=self.net.rng.getrandbits(16), df=False)
        return port

    def answered(self, at, dst, port=None, *, follow=True):
        """A target that listens: SYN-ACK, the kernel's RST, then an ordinary connection to the same port."""
        port = self.probe(at, dst, port)
        theirs = self.net.rng.getrandbits(32)
        mark = wire.low32(dst) + 1
        body = wire.tcp(dst, self.src, port, self.sport, seq=theirs, ack=mark, flags=wire.SYN | wire.ACK,
                        window=5840, options=b"\x02\x04\x05\xb4")
        self.net.send(at + 0.08, dst, self.src, wire.TCP, body)
        body = wire.tcp(self.src, dst, self.sport, port, seq=mark, flags=wire.RST, window=0)
        self.net.send(at + 0.0806, self.src, dst, wire.TCP, body)
        if follow:
            talk.tcp(self.net, at + 0.3, self.src, dst, port, [("s", b"\xff\xfd\x1f\xff\xfd\x18login: ")], rtt=0.08)

    def burst(self, at, count, *, port=None, every=0.006, seconds=1.0, per_second=160, listen=0):
        """Random public targets in one burst a second; `listen` of them answer. Gives (time, targets)."""
        targets = [public_like(self.net.rng, self.src) for _ in range(count)]
        listening = set(self.net.rng.sample(range(count), listen))
        for i, dst in enumerate(targets):
            when = at + i // per_second * seconds + i % per_second * every
            if i in listening:
                self.answered(when, dst, port)
            else:
                self.probe(when, dst, port)
        return at + (count // per_second + 1) * seconds, targets


def connect_scan(net, at, src, count, port, *, every=0.2, tries=2, answered=0, refused=0, seconds=None):
    """A scanner that uses connect(): the kernel's own SYNs, to random public targets, nearly all of them silent."""
    kinds = ["answered"] * answered + ["refused"] * refused + ["silent"] * (count - answered - refused)
    net.rng.shuffle(kinds)
    step = seconds / count if seconds else every
    for i, kind in enumerate(kinds):
        when, dst = at + i * step, public_like(net.rng, src)
        number = port if isinstance(port, int) else net.rng.choice(port)
        if kind == "answered":
            talk.tcp(net, when, src, dst, number, [("s", b"\xff\xfd\x1flogin: ")], rtt=0.12)
        elif kind == "refused":
            talk.refused(net, when, src, dst, number, rtt=0.12)
        else:
            talk.unanswered(net, when, src, dst, number, tries=tries)
    return at + count * step


# Floods: each sends `count` packets evenly over `seconds` from `sources`: every address once, and then at random.


def times(at, count, seconds):
    return (at + seconds * i / count for i in range(count))


def _senders(net, sources, count):
    if len(sources) == 1:
        return [sources[0]] * count
    # every source at least once, so that the number of sources is exact
    chosen = list(sources[:count]) + [net.rng.choice(sources) for _ in range(count - len(sources))]
    net.rng.shuffle(chosen)
    return chosen


def _flood(net, at, sources, dst, make, *, count, seconds):
    for when, src in zip(times(at, count, seconds), _senders(net, sources, count)):
        proto, body = make(src)
        net.send(when, src, dst, proto, body, ident=net.rng.getrandbits(16), df=False)


def flood_udp(net, at, sources, dst, *, port=None, sport=None, size=512, count=4000, seconds=5):
    rng = net.rng

    def make(src):
        return wire.UDP, wire.udp(src, dst, sport or rng.randrange(1, 65536), port or rng.randrange(1, 65536),
                                  rng.randbytes(size))

    _flood(net, at, sources, dst, make, count=count, seconds=seconds)


def flood_vse(net, at, sources, dst, *, count=4000, seconds=5):
    rng, payload = net.rng, b"\xff\xff\xff\xffTSource Engine Query\0"

    def make(src):
        return wire.UDP, wire.udp(src, dst, rng.randrange(1, 65536), 27015, payload)

    _flood(net, at, sources, dst, make, count=count, seconds=seconds)


def flood_syn(net, at, sources, dst, *, port=80, count=4000, seconds=5):
    rng = net.rng

    def make(src):
        options = struct.pack("!BBHBBBBIIBBBB", 2, 4, 1400 + rng.randrange(16), 4, 2, 8, 10, rng.getrandbits(32), 0,
                              1, 3, 3, 6)
        return wire.TCP, wire.tcp(src, dst, rng.randrange(1, 65536), port or rng.randrange(1, 65536),
                                  seq=rng.getrandbits(32), window=0, options=options)

    _flood(net, at, sources, dst, make, count=count, seconds=seconds)


def flood_ack(net, at, sources, dst, *, port=None, size=512, count=4000, seconds=5):
    rng = net.rng

    def make(src):
        return wire.TCP, wire.tcp(src, dst, rng.randrange(1, 65536), port or rng.randrange(1, 65536),
                                  seq=rng.getrandbits(32), ack=rng.getrandbits(32), flags=wire.ACK,
                                  window=rng.getrandbits(16), payload=rng.randbytes(size))

    _flood(net, at, sources, dst, make, count=count, seconds=seconds)


def flood_stomp(net, at, sources, dst, *, port=443, stride=0x10000, count=4000, seconds=5):
    """From real connections, whose 5-tuples then carry data: far outside the window, or in order (a stride of 768)."""
    rng, open_connections = net.rng, {}
    for src in sources:
        connection = talk.Tcp(net, src, dst, port)
        connection.open(at - 0.5)
        open_connections[src] = connection
    step = dict.fromkeys(sources, 0)

    def make(src):
        connection = open_connections[src]
        step[src] += 1
        return wire.TCP, wire.tcp(src, dst, connection.ports[0], port, seq=connection.next[0] + step[src] * stride,
                                  ack=connection.next[1], flags=wire.ACK | wire.PSH, window=rng.getrandbits(16),
                                  payload=rng.randbytes(768))

    _flood(net, at, sources, dst, make, count=count, seconds=seconds)


def flood_gre(net, at, sources, dst, *, inside, constant=False, count=4000, seconds=5):
    """GRE with a packet ("ip") or a frame ("eth") inside, from and to random addresses; or always the same one."""
    rng, kept = net.rng, {}

    def make(src):
        one, two = public_like(rng, src), public_like(rng, src)
        inner = wire.packet(one, two, wire.UDP, wire.udp(one, two, rng.getrandbits(16), rng.getrandbits(16),
                                                         rng.randbytes(512)), ident=rng.getrandbits(16))
        kind = wire.TYPE_IP4 if len(one) == 4 else wire.TYPE_IP6
        if inside == "eth":
            inner, kind = wire.ethernet(rng.randbytes(6), rng.randbytes(6), kind, inner), wire.TYPE_TEB
        if constant:
            kind, inner = kept.setdefault(inside, (kind, inner))
        return wire.GRE, wire.gre(kind, inner)

    _flood(net, at, sources, dst, make, count=count, seconds=seconds)


def flood_icmp(net, at, sources, dst, *, count=4000, seconds=5):
    rng = net.rng

    def make(src):
        return wire.echo(src, dst, rng.getrandbits(16), rng.getrandbits(16), rng.randbytes(512))

    _flood(net, at, sources, dst, make, count=count, seconds=seconds)


def flood_fragments(net, at, sources, dst, *, ident=None, count=4000, seconds=5):
    """Pieces of datagrams whose first piece never comes: victims keep them until they give up. ident: by number."""
    rng = net.rng
    for i, (when, src) in enumerate(zip(times(at, count, seconds), _senders(net, sources, count))):
        packet = wire.fragment(src, dst, wire.UDP, rng.randbytes(512), rng.randrange(8, 160) * 8, True,
                               ident(i) if ident else rng.getrandbits(32), ttl=net.ttl(src))
        net.send_packet(when, src, dst, packet)


def water_torture(net, at, sources, resolver, *, zone="example.net", letters=LETTERS, count=4000, seconds=5,
                  answered=0.3):
    """Twelve random characters before the zone, never the same twice; some of the answers (NXDOMAIN) come back."""
    rng = net.rng
    for when, src in zip(times(at, count, seconds), _senders(net, sources, count)):
        name = "".join(rng.choices(letters, k=12)) + "." + zone
        ident, sport = rng.getrandbits(16), rng.randrange(1024, 65536)
        talk.udp(net, when, src, resolver, sport, 53, wire.dns_query(ident, name), df=False)
        if rng.random() < answered:
            talk.udp(net, when + 0.04, resolver, src, 53, sport, wire.dns_answer(ident, name, code=3))


def flood_http(net, at, sources, dst, *, port=80, connections=60, requests=40, seconds=14):
    """Keep-alive connections that ask again and again, with one of the same few browser names."""
    agent = b"Mozilla/5.0 (Windows NT 10.0; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/51.0 Safari/537.36"
    request = b"GET / HTTP/1.1\r\nHost: www.example.net\r\nUser-Agent: %s\r\nConnection: keep-alive\r\n\r\n" % agent
    answer = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"
    for i in range(connections):
        connection = talk.Tcp(net, sources[i % len(sources)], dst, port, rtt=0.02)
        start = connection.open(at + i * 0.01)
        for j in range(requests):
            when = start + (seconds - i * 0.01) * j / requests
            connection.say(when, 0, request)
            connection.say(when + 0.02, 1, answer)


def _padded(start, size):
    return lambda rng: start + rng.randbytes(size - len(start))


def _dns_any(rng):
    texts = [b"\x13" + rng.randbytes(19) for _ in range(36)]
    return wire.dns_answer(rng.getrandbits(16), "example.net", 16, texts)


def _ssdp(rng):
    name = rng.randbytes(16).hex().encode()
    return (b"HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=120\r\nEXT:\r\nST: upnp:rootdevice\r\nUSN: uuid:%s\r\n"
            b"LOCATION: http://192.0.2.1:1900/EXAMPLE.xml\r\nSERVER: EXAMPLE/1.0 UPnP/1.0\r\n\r\n" % name)


DHIP = b"\x20\0\0\0DHIP" + bytes(8) + b"\xb0\x02" + bytes(6) + b"\xb0\x02" + bytes(6)


AMPLIFIERS = {
    # service: (port, what makes an answer); only the first bytes of the binary ones are the protocol's
    "dns": (53, _dns_any),
    "ntp": (123, _padded(b"\xd7\0\x03\x2a\0\x06\0\x48", 440)),
    "ssdp": (1900, _ssdp),
    "snmp": (161, _padded(b"\x30\x82\x04\xac\x02\x01\x01\x04\x06public\xa2\x82\x04\x9d", 1200)),
    "cldap": (389, _padded(b"\x30\x84\0\0\x05\x6e\x02\x01\x01\x64\x84\0\0\x05\x65", 1400)),
    "memcached": (11211, _padded(b"\0\x01\0\0\0\x08\0\0VALUE a 0 10240\r\n", 1400)),
    "dhip": (37810, _padded(DHIP + b'{"mac":"02:00:5e', 720)),
}


def amplified(net, at, sources, dst, service, *, dport=None, count=4000, seconds=5):
    """Answers nobody asked for. dport: where they go; the ports of the forged requests are random otherwise."""
    rng = net.rng
    if service == "syn-ack":
        def make(src):
            return wire.TCP, wire.tcp(src, dst, 443, dport or rng.randrange(1024, 65536), seq=rng.getrandbits(32),
                                      ack=rng.getrandbits(32), flags=wire.SYN | wire.ACK, window=65160,
                                      options=wire.options_linux(rng.getrandbits(32), 0))
    else:
        port, answer = AMPLIFIERS[service]

        def make(src):
            return wire.UDP, wire.udp(src, dst, port, dport or rng.randrange(1024, 65536), answer(rng))

    _flood(net, at, sources, dst, make, count=count, seconds=seconds)
