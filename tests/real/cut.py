# SPDX-License-Identifier: MIT
"""
Cuts a capture into pieces that are captures themselves, without touching a packet: classic pcap keeps its header
and record layout, pcapng repeats the section header and the interfaces known at the cut. Knows no more of the
formats than that needs; a file it does not understand to its last byte is not cut.
"""
import random
import struct

SECTION, INTERFACE, SIMPLE, PACKET, ENHANCED = 0x0A0D0D0A, 1, 3, 2, 6
# magic -> (byte order, ticks per second, bytes of a record header)
CLASSIC = {
    b"\xd4\xc3\xb2\xa1": ("<", 16),
    b"\xa1\xb2\xc3\xd4": (">", 16),
    b"\x4d\x3c\xb2\xa1": ("<", 16),
    b"\xa1\xb2\x3c\x4d": (">", 16),
    b"\x34\xcd\xb2\xa1": ("<", 24),
    b"\xa1\xb2\xcd\x34": (">", 24),
}


class NotCut(Exception):
    pass


def classic(data):
    """(header for any piece, [(time, bytes of the record)])"""
    order, size = CLASSIC[data[:4]]
    head, at, records = data[:24], 24, []
    while at < len(data):
        if at + size > len(data):
            raise NotCut("ends within a record header")
        seconds, fraction, kept = struct.unpack_from(order + "III", data, at)
        if at + size + kept > len(data):
            raise NotCut("ends within a packet")
        records.append(((seconds, fraction), data[at : at + size + kept]))
        at += size + kept
    return records, lambda first: head


def next_generation(data):
    """Packets with the blocks that stand before them; and what must be repeated before the n-th packet."""
    at, order = 0, "<"
    section, interfaces, scale = b"", [], []
    before, records, context = b"", [], []
    while at < len(data):
        if at + 12 > len(data):
            raise NotCut("ends within a block header")
        (kind,) = struct.unpack_from(order + "I", data, at)
        if kind == SECTION:
            order = "<" if data[at + 8 : at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
        kind, length = struct.unpack_from(order + "II", data, at)
        if length < 12 or length % 4 or at + length > len(data):
            raise NotCut("block of a bad length")
        block = data[at : at + length]
        at += length
        if kind == SECTION:
            # The length of a section may be left open, and after a cut it must be.
            section = block[:16] + b"\xff" * 8 + block[24:]
            interfaces, scale = [], []
            before += section
            continue
        if kind == INTERFACE:
            interfaces = interfaces + [block]
            scale.append(ticks_per_second(block, order))
            before += block
            continue
        if kind in (SIMPLE, PACKET):
            raise NotCut("has packets without a time or of the old kind")
        if kind != ENHANCED:
            before += block
            continue
        which, high, low = struct.unpack_from(order + "III", block, 8)
        if which >= len(scale):
            raise NotCut("packet of an unknown interface")
        time = ((high << 32) | low) * (10**12) // scale[which]
        context.append((section + b"".join(interfaces)))
        records.append((time, before, block))
        before = b""
    out = [(time, lead + block) for time, lead, block in records]

    def header(first):
        # The blocks that stand before the first packet of a piece may bring its section themselves.
        return b"" if first == 0 else context[first - 1]

    return out, header


def ticks_per_second(block, order):
    at, end = 16, len(block) - 4
    while at + 4 <= end:
        code, length = struct.unpack_from(order + "HH", block, at)
        if code == 0:
            break
        if code == 14:
            raise NotCut("time offset of an interface")
        if code == 9 and length == 1:
            resolution = block[at + 4]
            return 2 ** (resolution & 0x7F) if resolution & 0x80 else 10**resolution
        at += 4 + (length + 3) // 4 * 4
    return 10**6


def pieces(data, seed, most=5):
    """
    [(number of packets before the piece, bytes of the piece)]. Pieces are joined by their first time, so a cut is
    made only where the next piece begins later than every piece before it.
    """
    if data[:4] in CLASSIC:
        records, header = classic(data)
    elif data[:4] == b"\x0a\x0d\x0d\x0a":
        records, header = next_generation(data)
    else:
        raise NotCut("is no capture")
    chance = random.Random(seed)
    wanted = chance.randint(2, most)
    cuts, last = [0], records[0][0] if records else 0
    for at in sorted(chance.sample(range(1, len(records)), min(len(records) - 1, wanted - 1))) if records else []:
        if records[at][0] > last:
            cuts.append(at)
            last = records[at][0]
    if len(cuts) < 2:
        raise NotCut("has no place to cut")
    ends = cuts[1:] + [len(records)]
    return [(a, header(a) + b"".join(record for _, record in records[a:b])) for a, b in zip(cuts, ends)]
