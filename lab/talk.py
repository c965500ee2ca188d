# SPDX-License-Identifier: MIT
"""Conversations as ordinary kernels hold them: TCP with random initial numbers and retransmission, DNS, DHCP, RTP.

Each function puts its packets into a network and gives the time at which it was over.
"""

import wire
from network import MSS

# When Linux sends a SYN again: after 1, 2, 4, … seconds (tcp(7), tcp_syn_retries).
RETRIES = (0, 1, 3, 7, 15, 31, 63)
TO_GATEWAY = 0.0006


class Tcp:
    """One connection from a client to a server. Numbers run on; every segment carries a timestamp option."""

    def __init__(self, net, client, server, port, *, sport=None, rtt=0.02, isn=None):
        self.net, self.rtt = net, rtt
        self.ends = (client, server)
        self.ports = (sport or net.rng.randrange(32768, 60999), port)
        self.next = [net.rng.getrandbits(32) if isn is None else isn, net.rng.getrandbits(32)]
        self.clock = net.rng.getrandbits(31)

    def segment(self, at, side, flags, payload=b"", *, options=None, window=502, ahead=0):
        """One segment, `ahead` bytes behind the next that is due; gives its frame."""
        src, dst = self.ends[side], self.ends[1 - side]
        if options is None:
            options = wire.options_stamp(self.clock + int(at * 1000), self.clock)
        ack = self.next[1 - side] if flags & wire.ACK else 0
        body = wire.tcp(src, dst, self.ports[side], self.ports[1 - side], seq=self.next[side] + ahead, ack=ack,
                        flags=flags, window=window, options=options, payload=payload)
        return self.net.send(at, src, dst, wire.TCP, body)

    def syn(self, at, *, window=64240):
        self.segment(at, 0, wire.SYN, options=wire.options_linux(self.clock + int(at * 1000)), window=window)

    def open(self, at):
        self.syn(at)
        self.next[0] += 1
        options = wire.options_linux(self.clock, self.clock)
        self.segment(at + self.rtt, 1, wire.SYN | wire.ACK, options=options, window=65160)
        self.next[1] += 1
        self.segment(at + self.rtt + TO_GATEWAY, 0, wire.ACK)
        return at + self.rtt + TO_GATEWAY

    def say(self, at, side, data, *, pace=0.0002):
        """Data from one side in full segments, every second one acknowledged; gives the time of the last ACK."""
        size = MSS if len(self.ends[0]) == 4 else MSS - 20
        for index, start in enumerate(range(0, len(data), size)):
            chunk = data[start : start + size]
            last = start + size >= len(data)
            at += pace
            self.segment(at, side, wire.ACK | (wire.PSH if last else 0), chunk)
            self.next[side] += len(chunk)
            if last or index % 2:
                self.segment(at + TO_GATEWAY, 1 - side, wire.ACK)
        return at + TO_GATEWAY

    def close(self, at):
        self.segment(at, 0, wire.FIN | wire.ACK)
        self.next[0] += 1
        self.segment(at + self.rtt, 1, wire.FIN | wire.ACK)
        self.next[1] += 1
        self.segment(at + self.rtt + TO_GATEWAY, 0, wire.ACK)
        return at + self.rtt + TO_GATEWAY


def tcp(net, at, client, server, port, talk=(), *, rtt=0.02, sport=None, close=True):
    """A whole connection. talk: ("c" or "s", bytes) in order."""
    connection = Tcp(net, client, server, port, rtt=rtt, sport=sport)
    at = connection.open(at)
    for who, data in talk:
        at = connection.say(at + connection.rtt / 2, 0 if who == "c" else 1, data)
    return connection.close(at + 0.01) if close else at


def unanswered(net, at, client, server, port, *, tries=6, isn=None):
    """A connect() that nobody answers: the same SYN again after 1, 2, 4, 8, 16 s."""
    connection = Tcp(net, client, server, port, isn=isn)
    for wait in RETRIES[:tries]:
        connection.syn(at + wait)
    return at + RETRIES[tries - 1]


def refused(net, at, client, server, port, *, rtt=0.03):
    connection = Tcp(net, client, server, port, rtt=rtt)
    connection.syn(at)
    connection.next[0] += 1
    connection.next[1] = 0
    connection.segment(at + rtt, 1, wire.RST | wire.ACK, options=b"", window=0)
    return at + rtt


def sealed(rng, size):
    """A TLS record of application data: what nearly all of the Internet looks like from outside."""
    return b"\x17\x03\x03" + size.to_bytes(2, "big") + rng.randbytes(size)


def page(rng, up, down):
    """What is said on a connection that fetches something: a request and its answer."""
    return [("c", sealed(rng, up)), ("s", sealed(rng, down))]


def udp(net, at, src, dst, sport, dport, payload, **how):
    return net.send(at, src, dst, wire.UDP, wire.udp(src, dst, sport, dport, payload), **how)


def lookup(net, at, client, resolver, name, address=None, *, rtt=0.015, code=0):
    """A DNS question with its answer (A or AAAA by the address's length; no address: the code says why)."""
    kind = 28 if address is not None and len(address) == 16 else 1
    ident, sport = net.rng.getrandbits(16), net.rng.randrange(32768, 60999)
    udp(net, at, client, resolver, sport, 53, wire.dns_query(ident, name, kind))
    answer = wire.dns_answer(ident, name, kind, [address] if address else [], code=code)
    udp(net, at + rtt, resolver, client, 53, sport, answer)
    return at + rtt


def dhcp(net, at, host, server, address, *, name="", renew=False):
    """A lease from nothing (four messages, broadcast), or its renewal (two, unicast)."""
    xid, router = net.rng.getrandbits(32), server.v4
    for kind in (3, 5) if renew else (1, 2, 3, 5):
        at += 0.02
        if kind in (2, 5):
            message = wire.dhcp4(kind, xid, host.mac, yours=address, server=router, router=router)
            body = wire.udp(router, address, 67, 68, message)
            packet = wire.ip4(router, address, wire.UDP, body, ident=net.ident(router))
            net.put(at, server.mac, host.mac, wire.TYPE_IP4, packet)
            net.saw(server, router, unicast=True)
            net.exchange(router, address)
            continue
        src, dst = (address, router) if renew else (wire.ANY4, wire.ALL4)
        known = {"ciaddr": address} if renew else {"requested": address} if kind == 3 else {}
        if kind == 3 and not renew:
            known["server"] = router
        message = wire.dhcp4(kind, xid, host.mac, name=name, **known)
        packet = wire.ip4(src, dst, wire.UDP, wire.udp(src, dst, 68, 67, message), ident=net.ident(src))
        net.put(at, host.mac, server.mac if renew else wire.BROADCAST, wire.TYPE_IP4, packet)
        net.saw(host, src, unicast=renew)
        if renew:
            net.exchange(address, router)
    return at


def stream(net, at, src, dst, port, *, seconds, mbit, size=1316, sport=50004):
    """RTP video in one direction, evenly paced, as a camera sends it to a recorder."""
    count = int(seconds * mbit * 1e6 / 8 / size)
    ssrc, first, stamp = net.rng.getrandbits(32), net.rng.getrandbits(15), net.rng.getrandbits(31)
    picture = net.rng.randbytes(size * 8)
    for i in range(count):
        start = net.rng.randrange(size * 7)
        # FU-A fragments of H.264 (RFC 6184): a header that repeats, data that does not
        payload = b"\x7c\x41" + picture[start : start + size - 14]
        packet = wire.rtp(first + i, stamp + i // 40 * 3600, ssrc, payload, marker=i % 40 == 39)
        udp(net, at + seconds * i / count, src, dst, sport, port, packet)
    return at + seconds
