# SPDX-License-Identifier: MIT
"""
A second opinion on the Mirai mark, as simple as can be: looks for a marked SYN at every offset of a frame, so that it
knows nothing of link layers and tunnels. Slow, and wrong once in 2^32 offsets: good enough to check evidence with.
"""

ACK_RST_SYN_FIN = 0x17
SYN = 0x02
EXTENSIONS = (0, 43, 60)
LEAST_V6 = 65536


def is_marked_syn(tcp, destination):
    if len(tcp) < 14 or tcp[13] & ACK_RST_SYN_FIN != SYN or tcp[4:8] != destination[-4:]:
        return False
    return len(destination) == 4 or int.from_bytes(tcp[4:8], "big") >= LEAST_V6


def begins_marked_v4(data):
    size = (data[0] & 15) * 4
    later = int.from_bytes(data[6:8], "big") & 0x1FFF
    return size >= 20 and data[9] == 6 and not later and is_marked_syn(data[size:], data[16:20])


def begins_marked_v6(data):
    kind, at = data[6], 40
    while kind in EXTENSIONS and at + 2 <= len(data):
        kind, at = data[at], at + (data[at + 1] + 1) * 8
    return kind == 6 and is_marked_syn(data[at:], data[24:40])


def marked_target(frame):
    """The destination of the marked SYN in a frame, as bytes; none when there is no such SYN."""
    for at in range(len(frame) - 33):
        version = frame[at] >> 4
        if version == 4 and begins_marked_v4(frame[at:]):
            return frame[at + 16 : at + 20]
        if version == 6 and begins_marked_v6(frame[at:]):
            return frame[at + 24 : at + 40]
    return None


def is_syn_to(frame, target):
    """A frame with a TCP SYN, marked or not, behind an IP header without options, to that target."""
    header, place = (20, 16) if len(target) == 4 else (40, 24)
    at = frame.find(target) - place
    tcp = frame[at + header :]
    return at >= 0 and len(tcp) >= 14 and tcp[13] & ACK_RST_SYN_FIN == SYN
