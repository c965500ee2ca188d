# SPDX-License-Identifier: MIT
"""
What the bench reads: captures made by make_input and make_mixed, kept from run to run as long as their generator is no
newer, and the first packets of each for programs that are slow.
"""
import itertools
import pathlib
import shutil
import struct
import subprocess
import sys

# Of so many packets that a run is asked for, each kind has these parts, and so many sources.
GENERATED = {
    # kind: (part of the packets, sources or None for as many as packets)
    "scan": (1.0, 50_000),
    "spoofed": (1.0, None),
    "flows": (1.6, 20_000),  # eight packets each: a million connections when five million packets are asked for
    "logins": (0.4, 2_000),
    "fragments": (0.4, 50_000),
}
ABOUT = {
    "scan": "SYNs shaped like Mirai's scan, from 50,000 sources to addresses all over the Internet",
    "spoofed": "SYNs to one address, each from a source of its own",
    "flows": "short TCP connections of 20,000 devices with hosts all over the Internet, eight packets each",
    "logins": "2,000 strangers try invented names and passwords at 4,000 devices, over telnet and HTTP",
    "fragments": "pieces of UDP datagrams from 50,000 sources, half of them without their first",
    "mixed": "the frames of real captures, shuffled and repeated with other addresses, ports and times",
}
HEADER, RECORD = 24, 16  # of a classic pcap file


class Inputs:
    """folder: where they are kept; programs: where the generators are, when elsewhere."""

    def __init__(self, folder, packets, mixed_bytes, captures, programs=None):
        self.folder, self.programs = folder, programs or folder
        self.packets, self.mixed_bytes, self.captures = packets, mixed_bytes, captures

    def get(self, kind):
        """Its path; None, after a loud word, where it can't be made."""
        return self.mixed() if kind == "mixed" else self.generated(kind)

    def is_fresh(self, path, program):
        return path.exists() and path.stat().st_mtime >= (self.programs / program).stat().st_mtime

    def counts(self, kind):
        """(packets, sources) of a generated kind."""
        part, sources = GENERATED[kind]
        packets = int(part * self.packets)
        return packets, min(sources or packets, packets)

    def short(self, kind, packets):
        """A short one, with as many packets a source."""
        whole, sources = self.counts(kind)
        return self.generated(kind, (packets, max(1, sources * packets // whole)))

    def generated(self, kind, counts=None):
        packets, sources = counts or self.counts(kind)
        path = self.folder / f"{kind}-{packets}-{sources}.pcap"
        if not self.is_fresh(path, "make_input"):
            fresh = path.with_suffix(".new")
            subprocess.run([self.programs / "make_input", kind, str(packets), str(sources), fresh], check=True)
            fresh.rename(path)
        return path

    def mixed(self, size=None):
        size = size or self.mixed_bytes
        path = self.folder / f"mixed-{size}.pcap"
        if self.is_fresh(path, "make_mixed"):
            return path
        captures = sorted(p for p in self.captures.rglob("*") if p.is_file() and p.suffix != ".tsv")
        if not captures:
            print(f"SKIPPED mixed: the real captures are not here ({self.captures}); CORDON_CAPTURES may say where",
                  file=sys.stderr)
            return None
        if shutil.disk_usage(self.folder).free < 2 * size:
            print(f"SKIPPED mixed: less than {2 * size} bytes are free in {self.folder}", file=sys.stderr)
            return None
        fresh = path.with_suffix(".new")
        subprocess.run([self.programs / "make_mixed", str(size), fresh, *captures], check=True, stdout=sys.stderr)
        fresh.rename(path)
        return path

    def first(self, path, packets):
        """(path of a capture with its first packets, how many they are)"""
        to = self.folder / f"{path.stem}-first-{packets}.pcap"
        if not (to.exists() and to.stat().st_mtime >= path.stat().st_mtime):
            copy_first(path, to, packets)
        return to, count(to)


def records(source):
    """(header, bytes) of each packet of a classic pcap file, from behind the file's own header."""
    while len(record := source.read(RECORD)) == RECORD:
        yield record, source.read(struct.unpack_from("<I", record, 8)[0])


def count(path):
    """How many packets are in it."""
    with open(path, "rb", buffering=1 << 20) as source:
        source.seek(HEADER)
        return sum(1 for _ in records(source))


def copy_first(path, to, packets):
    fresh = pathlib.Path(f"{to}.new")
    with open(path, "rb", buffering=1 << 20) as source, open(fresh, "wb", buffering=1 << 20) as out:
        out.write(source.read(HEADER))
        for record, data in itertools.islice(records(source), packets):
            out.write(record + data)
    fresh.rename(to)
