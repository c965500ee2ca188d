# SPDX-License-Identifier: MIT
"""Bytes on the wire: one builder per header, from plain values to bytes.

Knows lengths and checksums and nothing of hosts, time or files. Addresses are bytes (4 or 16 of them, or 6 for a
MAC): use ip() and mac() to read text. Builders return the whole packet from their own header on.
"""

import ipaddress
import struct

ICMP, IGMP, IPIP, TCP, UDP, IPV6, GRE, ICMPV6, NO_NEXT, VRRP = 1, 2, 4, 6, 17, 41, 47, 58, 59, 112
FIN, SYN, RST, PSH, ACK, URG = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20
TYPE_IP4, TYPE_ARP, TYPE_VLAN, TYPE_IP6, TYPE_QINQ = 0x0800, 0x0806, 0x8100, 0x86DD, 0x88A8
TYPE_MPLS, TYPE_PPPOE, TYPE_TEB = 0x8847, 0x8864, 0x6558
BROADCAST = b"\xff" * 6
ANY4 = bytes(4)
ALL4 = b"\xff" * 4


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def mac_text(raw):
    return raw.hex(":")


def ip(text):
    return ipaddress.ip_address(text).packed


def ip_text(raw):
    return str(ipaddress.ip_address(raw))


def low32(address):
    """The last 32 bits of an address: what a Mirai scanner writes into the sequence number."""
    return int.from_bytes(address[-4:], "big")


def checksum(data):
    """RFC 1071. The ones' complement sum of 16 bit words is the number modulo 65535: one division, no loop."""
    if len(data) & 1:
        data += b"\0"
    rest = int.from_bytes(data, "big") % 0xFFFF
    if rest == 0:
        return 0 if any(data) else 0xFFFF
    return 0xFFFF - rest


def _pseudo(src, dst, proto, length):
    if len(src) == 4:
        return src + dst + struct.pack("!HH", proto, length)
    return src + dst + struct.pack("!II", length, proto)


# Link layers


def ethernet(src, dst, kind, body):
    return dst + src + kind.to_bytes(2, "big") + body


def vlan(tags, kind, body):
    """Tags outermost first; gives (ethertype, body). Two tags are QinQ (802.1ad outside)."""
    for depth, tag in reversed(list(enumerate(tags))):
        body = struct.pack("!HH", tag, kind) + body
        kind = TYPE_QINQ if depth == 0 and len(tags) > 1 else TYPE_VLAN
    return kind, body


def ppp_number(kind):
    return {TYPE_IP4: 0x0021, TYPE_IP6: 0x0057}[kind]


def pppoe(session, kind, body):
    """RFC 2516, session stage; gives (ethertype, body)."""
    head = struct.pack("!BBHHH", 0x11, 0, session, len(body) + 2, ppp_number(kind))
    return TYPE_PPPOE, head + body


def mpls(labels, body):
    last = len(labels) - 1
    stack = b"".join(
        struct.pack("!I", label << 12 | (i == last) << 8 | 64) for i, label in enumerate(labels)
    )
    return TYPE_MPLS, stack + body


def ppp(kind, body):
    return struct.pack("!BBH", 0xFF, 0x03, ppp_number(kind)) + body


def sll(packet_type, src, kind, body):
    return struct.pack("!HHH8sH", packet_type, 1, 6, src, kind) + body


def sll2(packet_type, ifindex, src, kind, body):
    return struct.pack("!HHIHBB8s", kind, 0, ifindex, 1, packet_type, 6, src) + body


def null(kind, body):
    """BSD loopback: the address family in the byte order of the machine that captured (little here)."""
    return struct.pack("<I", {TYPE_IP4: 2, TYPE_IP6: 30}[kind]) + body


def radiotap(bssid, src, dst, kind, body, *, from_station, sequence=0, retry=False, qos=False):
    """802.11 data frame, unencrypted, behind the shortest radiotap header."""
    flags = (0x01 if from_station else 0x02) | (0x08 if retry else 0)
    order = (bssid, src, dst) if from_station else (dst, bssid, src)
    frame = bytes([0x88 if qos else 0x08, flags]) + b"\0\0" + b"".join(order)
    frame += struct.pack("<H", (sequence & 0xFFF) << 4) + (b"\0\0" if qos else b"")
    snap = b"\xaa\xaa\x03\0\0\0" + kind.to_bytes(2, "big")
    return struct.pack("<BBHI", 0, 0, 8, 0) + frame + snap + body


# Network layer


def arp(op, src_mac, src, dst_mac, dst):
    return struct.pack("!HHBBH", 1, TYPE_IP4, 6, 4, op) + src_mac + src + dst_mac + dst


def ip4(src, dst, proto, body, *, ttl=64, ident=0, df=False, mf=False, offset=0, options=b"", tos=0):
    words = 5 + len(options) // 4
    flags = (0x4000 if df else 0) | (0x2000 if mf else 0) | offset // 8
    total = words * 4 + len(body)
    head = struct.pack("!BBHHHBBH", 0x40 | words, tos, total, ident, flags, ttl, proto, 0)
    head += src + dst + options
    return head[:10] + checksum(head).to_bytes(2, "big") + head[12:] + body


def ip6(src, dst, proto, body, *, hop=64, extensions=(), flow=0):
    """extensions: (number, body without its first byte) in order, each a multiple of 8 bytes once completed."""
    chain = [number for number, _ in extensions] + [proto]
    inner = b"".join(
        bytes([chain[i + 1]]) + rest for i, (_, rest) in enumerate(extensions)
    )
    head = struct.pack("!IHBB", 6 << 28 | flow, len(inner) + len(body), chain[0], hop)
    return head + src + dst + inner + body


HOP_BY_HOP = (0, bytes([0, 1, 4, 0, 0, 0, 0]))  # one PadN of six bytes
DESTINATION = (60, bytes([0, 1, 4, 0, 0, 0, 0]))


def packet(src, dst, proto, body, *, ttl=64, ident=0, df=False):
    """IPv4 or IPv6, by the length of the addresses."""
    if len(src) == 4:
        return ip4(src, dst, proto, body, ttl=ttl, ident=ident, df=df)
    return ip6(src, dst, proto, body, hop=ttl)


def fragments(whole, size, ident):
    """Cuts an IP packet without options or extension headers into fragments of at most `size` payload bytes."""
    size -= size % 8
    if whole[0] >> 4 == 4:
        body, src, dst, ttl, proto = whole[20:], whole[12:16], whole[16:20], whole[8], whole[9]
    else:
        body, src, dst, ttl, proto = whole[40:], whole[8:24], whole[24:40], whole[7], whole[6]
    pieces = []
    for at in range(0, len(body), size):
        more = at + size < len(body)
        pieces.append(fragment(src, dst, proto, body[at : at + size], at, more, ident, ttl=ttl))
    return pieces


def fragment(src, dst, proto, body, offset, more, ident, *, ttl=64):
    if len(src) == 4:
        return ip4(src, dst, proto, body, ttl=ttl, ident=ident & 0xFFFF, mf=more, offset=offset)
    header = (44, b"\0" + struct.pack("!HI", offset | more, ident))
    return ip6(src, dst, proto, body, hop=ttl, extensions=[header])


# Transport layer


def options_linux(timestamp, echo=0, mss=1460):
    """A SYN's options as Linux sends them: MSS, SACK permitted, timestamps, NOP, window scale 7."""
    return struct.pack("!BBHBBBBIIBBBB", 2, 4, mss, 4, 2, 8, 10, timestamp, echo, 1, 3, 3, 7)


def options_windows(mss=1460):
    return struct.pack("!BBHBBBBBBBB", 2, 4, mss, 1, 3, 3, 8, 1, 1, 4, 2)


def options_stamp(timestamp, echo):
    return struct.pack("!BBBBII", 1, 1, 8, 10, timestamp, echo)


def tcp(src, dst, sport, dport, *, seq, ack=0, flags=SYN, window=64240, options=b"", payload=b""):
    head = struct.pack("!HHIIBBHHH", sport, dport, seq & 0xFFFFFFFF, ack & 0xFFFFFFFF,
                       (20 + len(options)) << 2, flags, window, 0, 0)
    segment = head + options + payload
    total = checksum(_pseudo(src, dst, TCP, len(segment)) + segment)
    return segment[:16] + total.to_bytes(2, "big") + segment[18:]


def udp(src, dst, sport, dport, payload):
    length = 8 + len(payload)
    head = struct.pack("!HHH", sport, dport, length)
    total = checksum(_pseudo(src, dst, UDP, length) + head + b"\0\0" + payload) or 0xFFFF
    return head + total.to_bytes(2, "big") + payload


def icmp4(kind, code, rest, payload=b""):
    """rest: the four bytes after the checksum, as a number."""
    body = struct.pack("!BBHI", kind, code, 0, rest) + payload
    return body[:2] + checksum(body).to_bytes(2, "big") + body[4:]


def icmp6(src, dst, kind, code, body):
    message = struct.pack("!BBH", kind, code, 0) + body
    total = checksum(_pseudo(src, dst, ICMPV6, len(message)) + message)
    return message[:2] + total.to_bytes(2, "big") + message[4:]


def echo(src, dst, ident, sequence, payload, *, reply=False):
    """An echo of either IP version; gives (protocol, body)."""
    if len(src) == 4:
        return ICMP, icmp4(0 if reply else 8, 0, ident << 16 | sequence, payload)
    body = struct.pack("!HH", ident, sequence) + payload
    return ICMPV6, icmp6(src, dst, 129 if reply else 128, 0, body)


# Neighbour discovery (RFC 4861)


def solicited_node(address):
    return bytes.fromhex("ff0200000000000000000001ff") + address[-3:]


def neighbour_solicitation(src, src_mac, target):
    dst = solicited_node(target)
    option = b"\x01\x01" + src_mac if any(src) else b""
    return dst, icmp6(src, dst, 135, 0, bytes(4) + target + option)


def neighbour_advertisement(src, dst, target, target_mac, *, router=False):
    flags = struct.pack("!I", (0xE if router else 0x6) << 28)
    return icmp6(src, dst, 136, 0, flags + target + b"\x02\x01" + target_mac)


def router_advertisement(src, src_mac, prefix, length=64):
    """To all nodes; the prefix is on-link and for autoconfiguration."""
    dst = ip("ff02::1")
    body = struct.pack("!BBHII", 64, 0, 1800, 0, 0) + b"\x01\x01" + src_mac
    body += struct.pack("!BBBBIII", 3, 4, length, 0xC0, 86400, 14400, 0) + prefix
    return dst, icmp6(src, dst, 134, 0, body)


# Tunnels


def gre(kind, body):
    return struct.pack("!HH", 0, kind) + body


def vxlan(vni, frame):
    return struct.pack("!II", 0x08 << 24, vni << 8) + frame


# Applications


def dhcp4(kind, xid, client_mac, *, yours=ANY4, ciaddr=ANY4, server=ANY4, requested=None, router=None, name=""):
    """kind: 1 discover, 2 offer, 3 request, 5 acknowledge."""
    reply = kind in (2, 5)
    head = struct.pack("!BBBBIHH", 2 if reply else 1, 1, 6, 0, xid, 0, 0)
    head += ciaddr + yours + (server if reply else ANY4) + ANY4 + client_mac.ljust(16, b"\0") + bytes(192)
    options = bytes([53, 1, kind])
    if reply or requested and kind == 3 and server != ANY4:
        options += b"\x36\x04" + server
    if requested:
        options += b"\x32\x04" + requested
    if reply:
        options += b"\x33\x04" + struct.pack("!I", 3600) + b"\x01\x04\xff\xff\xff\0"
        options += b"\x03\x04" + router + b"\x06\x04" + router
    if name:
        options += bytes([12, len(name)]) + name.encode()
    return (head + b"\x63\x82\x53\x63" + options + b"\xff").ljust(300, b"\0")


def dns_name(name):
    return b"".join(bytes([len(part)]) + part.encode() for part in name.split(".")) + b"\0"


def dns_query(ident, name, kind=1):
    return struct.pack("!HHHHHH", ident, 0x0100, 1, 0, 0, 0) + dns_name(name) + struct.pack("!HH", kind, 1)


def dns_answer(ident, name, kind=1, data=(), *, code=0, ttl=300):
    head = struct.pack("!HHHHHH", ident, 0x8180 | code, 1, len(data), 0, 0)
    body = head + dns_name(name) + struct.pack("!HH", kind, 1)
    for value in data:
        body += struct.pack("!HHHIH", 0xC00C, kind, 1, ttl, len(value)) + value
    return body


def rtp(sequence, timestamp, ssrc, payload, *, kind=96, marker=False):
    return struct.pack("!BBHII", 0x80, kind | marker << 7, sequence & 0xFFFF, timestamp & 0xFFFFFFFF, ssrc) + payload
