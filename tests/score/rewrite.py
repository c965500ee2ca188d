# SPDX-License-Identifier: MIT
"""
Takes knowledge out of a capture, so that a score shows what the rest of it is worth: the makers' MAC prefixes (each
global unicast MAC becomes locally administered, wherever in a frame its six bytes stand, and so does the interface
identifier that is made of it), or all but what everybody on the network hears (frames to a group, and DHCP).
Classic pcap of Ethernet only. Checksums are left as they are: cordon counts wrong ones and judges all the same.
"""
import re
import struct

RECORD = 16
MAGIC = {b"\xd4\xc3\xb2\xa1": "<", b"\x4d\x3c\xb2\xa1": "<", b"\xa1\xb2\xc3\xd4": ">", b"\xa1\xb2\x3c\x4d": ">"}
ETHERNET = 1
GROUP, LOCAL = 1, 2  # bits of a MAC's first byte
VLAN_TAGS = (0x8100, 0x88A8)
IPV4, IPV6, UDP = 0x0800, 0x86DD, 17
DHCP_PORTS = {67, 68, 546, 547}


class NotRewritten(Exception):
    pass


def read(data):
    """(file header, [(record header, frame)])"""
    order = MAGIC.get(data[:4])
    if order is None or struct.unpack_from(order + "I", data, 20)[0] & 0xFFFF != ETHERNET:
        raise NotRewritten("is no classic pcap of Ethernet")
    at, records = 24, []
    while at + RECORD <= len(data):
        kept = struct.unpack_from(order + "I", data, at + 8)[0]
        records.append((data[at : at + RECORD], data[at + RECORD : at + RECORD + kept]))
        at += RECORD + kept
    return data[:24], records


def write(header, records):
    return header + b"".join(part for record in records for part in record)


def administered(mac):
    """The MAC as its owner's own choice."""
    return bytes([mac[0] | LOCAL]) + mac[1:]


def identifier(mac):
    """The last eight bytes of an address made of the MAC (RFC 4291, appendix A)."""
    return bytes([mac[0] ^ LOCAL]) + mac[1:3] + b"\xff\xfe" + mac[3:]


def without_prefixes(records):
    macs = {mac for _, frame in records if len(frame) >= 12 for mac in (frame[:6], frame[6:12])}
    macs = {mac for mac in macs if mac[0] & (GROUP | LOCAL) == 0 and mac != bytes(6)}
    new = {mac: administered(mac) for mac in macs}
    new |= {identifier(mac): identifier(administered(mac)) for mac in macs}
    if not new:
        return records
    any_of_them = re.compile(b"|".join(re.escape(old) for old in sorted(new)), re.DOTALL)
    return [(head, any_of_them.sub(lambda found: new[found[0]], frame)) for head, frame in records]


def udp_ports(frame):
    at = 12
    while frame[at : at + 2] in [struct.pack(">H", tag) for tag in VLAN_TAGS]:
        at += 4
    kind, at = int.from_bytes(frame[at : at + 2], "big"), at + 2
    if kind == IPV4 and len(frame) > at + 20 and frame[at + 9] == UDP:
        at += (frame[at] & 15) * 4
    elif kind == IPV6 and len(frame) > at + 40 and frame[at + 6] == UDP:
        at += 40
    else:
        return set()
    return set(struct.unpack_from(">HH", frame, at)) if len(frame) >= at + 4 else set()


def is_heard_by_all(frame):
    return len(frame) >= 14 and (frame[0] & GROUP != 0 or bool(udp_ports(frame) & DHCP_PORTS))


def heard_by_all(records):
    return [(head, frame) for head, frame in records if is_heard_by_all(frame)]


# name -> what is done to the frames
VARIANTS = {
    "whole": (),
    "no prefixes": (without_prefixes,),
    "broadcast": (heard_by_all,),
    "broadcast, no prefixes": (heard_by_all, without_prefixes),
}


def variant(data, name):
    """The capture's bytes, changed."""
    if not VARIANTS[name]:
        return data
    header, records = read(data)
    for change in VARIANTS[name]:
        records = change(records)
    return write(header, records)
