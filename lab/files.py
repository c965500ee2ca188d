# SPDX-License-Identifier: MIT
"""Capture files: writers for every form cordon reads, and a reader for the tests.

Forms: pcap with microseconds or nanoseconds, both byte orders, the modified (Kuznetzov) header; pcapng with several
interfaces, resolutions, time offsets and sections, enhanced and simple packet blocks; gzip around any of them.
Formats: draft-ietf-opsawg-pcap and draft-ietf-opsawg-pcapng.
"""

import dataclasses
import gzip
import struct

NULL, ETHERNET, PPP, RAW, SLL, RADIOTAP, LOOP, SLL2 = 0, 1, 9, 101, 113, 127, 108, 276


@dataclasses.dataclass
class Interface:
    link: int = ETHERNET
    snaplen: int = 262144
    resolution: int = 6  # negative powers of ten, as in if_tsresol
    offset: int = 0  # seconds that the file's times leave out
    name: str = ""


@dataclasses.dataclass
class Form:
    """How a scene is written. `sections` repeats the pcapng header so many times, packets shared out evenly."""

    kind: str = "pcap"
    nano: bool = False
    big: bool = False
    kuznetzov: bool = False
    gz: bool = False
    sections: int = 1
    simple: bool = False
    interfaces: list = dataclasses.field(default_factory=lambda: [Interface()])

    def suffix(self):
        return "." + self.kind + (".gz" if self.gz else "")


@dataclasses.dataclass
class Record:
    at: int  # nanoseconds since 1970
    data: bytes
    iface: int = 0
    cut: int = 0  # capture only so many bytes; 0: what the snap length leaves


def write(path, form, records):
    body = write_pcap(form, records) if form.kind == "pcap" else write_pcapng(form, records)
    if form.gz:
        body = gzip.compress(body, 6, mtime=0)
    with open(path, "wb") as out:
        out.write(body)


def _kept(record, iface):
    return record.data[: min(iface.snaplen, record.cut or iface.snaplen)]


def write_pcap(form, records):
    order = ">" if form.big else "<"
    iface = form.interfaces[0]
    magic = 0xA1B2CD34 if form.kuznetzov else 0xA1B23C4D if form.nano else 0xA1B2C3D4
    unit = 1 if form.nano else 1000
    parts = [struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, iface.snaplen, iface.link)]
    head = struct.Struct(order + "IIII")
    for r in records:
        kept = _kept(r, iface)
        parts.append(head.pack(r.at // 10**9, r.at % 10**9 // unit, len(kept), len(r.data)))
        if form.kuznetzov:
            parts.append(struct.pack(order + "IHBB", 1, 0x0800, 0, 0))
        parts.append(kept)
    return b"".join(parts)


def _block(order, kind, body):
    body += bytes(-len(body) % 4)
    length = struct.pack(order + "I", 12 + len(body))
    return struct.pack(order + "I", kind) + length + body + length


def _option(order, code, value):
    return struct.pack(order + "HH", code, len(value)) + value + bytes(-len(value) % 4)


def _section(order):
    return _block(order, 0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1))


def _interface(order, iface):
    body = struct.pack(order + "HHI", iface.link, 0, iface.snaplen)
    if iface.name:
        body += _option(order, 2, iface.name.encode())
    body += _option(order, 9, bytes([iface.resolution]))
    if iface.offset:
        body += _option(order, 14, struct.pack(order + "q", iface.offset))
    return _block(order, 1, body + _option(order, 0, b""))


def _enhanced(order, form, r):
    iface = form.interfaces[r.iface]
    kept = _kept(r, iface)
    ticks = (r.at - iface.offset * 10**9) // 10 ** (9 - iface.resolution)
    head = struct.pack(order + "IIIII", r.iface, ticks >> 32, ticks & 0xFFFFFFFF, len(kept), len(r.data))
    return _block(order, 6, head + kept)


def write_pcapng(form, records):
    parts = []
    share = -(-len(records) // form.sections) or 1
    for index in range(form.sections):
        # every other section in the other byte order: each says its own
        order = ">" if form.big ^ (index % 2 == 1) else "<"
        parts.append(_section(order))
        parts.extend(_interface(order, iface) for iface in form.interfaces)
        for r in records[index * share : (index + 1) * share]:
            if form.simple:
                parts.append(_block(order, 3, struct.pack(order + "I", len(r.data)) + _kept(r, form.interfaces[0])))
            else:
                parts.append(_enhanced(order, form, r))
    return b"".join(parts)


# Reading: enough for the tests, for files written above.


def load(path):
    with open(path, "rb") as source:
        body = source.read()
    return gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body


def read(path):
    """The captured bytes of each packet, in order."""
    body = load(path)
    return list(_read_pcapng(body) if body[:4] == b"\x0a\x0d\x0d\x0a" else _read_pcap(body))


def _read_pcap(body):
    order = ">" if body[0] == 0xA1 else "<"
    extra = 8 if struct.unpack(order + "I", body[:4])[0] == 0xA1B2CD34 else 0
    at = 24
    while at < len(body):
        kept = struct.unpack_from(order + "I", body, at + 8)[0]
        at += 16 + extra
        yield body[at : at + kept]
        at += kept


def _read_pcapng(body):
    at, order = 0, "<"
    while at < len(body):
        if body[at : at + 4] == b"\x0a\x0d\x0d\x0a":
            order = ">" if body[at + 8 : at + 12] == b"\x1a\x2b\x3c\x4d" else "<"
        kind, length = struct.unpack_from(order + "II", body, at)
        if kind == 6:
            kept = struct.unpack_from(order + "I", body, at + 20)[0]
            yield body[at + 28 : at + 28 + kept]
        elif kind == 3:
            wire_length = struct.unpack_from(order + "I", body, at + 8)[0]
            yield body[at + 12 : at + 12 + min(wire_length, length - 16)]
        at += length
