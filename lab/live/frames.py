# SPDX-License-Identifier: MIT
"""The stages of a camera's infection as frames in files, with the lab's addresses: what lab/replay plays on its link.

Shapes made by lab/lifecycle.py and lab/bots.py, whose bounds hold here too: nothing is executable, no command stands in
any line, the pair typed is the lab's own. Both sides of each talk are frames; the intruder, the loader and the command
server are addresses at which nobody lives. Each stage is a file of its own, so that a scenario says when it is played,
and has one frame that decides it: from its time on the wire it is reckoned how long cordon took.
"""

import random

import bots
import files
import lifecycle
import links
import namespaces
import wire
from apps import client, intruders
from network import START, Host, Network

GUESSES = [("lab-root", "lab-guess")]
RIGHT = ("lab-root", "lab-factory")
VICTIM = wire.ip(namespaces.HOSTS["victim"].address)
WANTED_MOST = 96  # bytes by which a frame is known again on the wire: it has headers and no checksum of a later hop
FLOOD_PACKETS, FLOOD_SECONDS = 4000, 8
SCAN_TARGETS = 320
NOBODY6 = wire.ip("2001:db8:2::")[:12]
YEAR_NS = 365 * 86400 * 10**9


class Life(lifecycle.Mirai):
    """A Mirai life in the lab: shorter pauses, targets of the documentation's networks, a name server as victim."""

    def __init__(self, host, seed):
        net = Network(random.Random(seed), wire.mac(namespaces.GATEWAY_MAC), resolves=False)
        net.gateway = net.add(Host("gateway", net.router_mac, [wire.ip(namespaces.GATEWAY)]))
        addresses = [wire.ip(host.address), wire.ip(host.address6)]
        net.camera = net.add(Host(host.name, wire.mac(host.link), addresses))
        super().__init__(net, 1.0)
        self.decisive = None

    def breach(self):
        frames = self.log_in(lifecycle.INTRUDER, [*GUESSES, RIGHT], "MIRAI", end=intruders.NUL_NEWLINE)
        self.decisive = frames["proof"]

    def load(self):
        self.log_in(lifecycle.LOADER, [RIGHT], "ECCHI", *intruders.dropper(self.drop_line()))
        self.fetch("/bins/EXAMPLE.arm7", "Wget")
        self.decisive = self.dropper  # the program itself follows at once

    def recruit(self):
        self.server, start = self.open(self.camera.v4, lifecycle.COMMAND, 23)
        name = intruders.mirai_name("telnet.arm7")
        self.at, frames = self.say(self.server, start, [client(intruders.MIRAI_HELLO, "hello"), client(name, "name"),
                                                        *self.alive()])
        self.decisive = frames["name"]

    def scan(self):
        self.probe(self.camera.v4, self.targets(SCAN_TARGETS))

    def scan6(self):
        """Where NAT64 carries IPv4 addresses, in the last 32 bits."""
        self.probe(self.camera.v6, [NOBODY6 + self.rng.randrange(1 << 25, 1 << 32).to_bytes(4, "big")
                                    for _ in range(SCAN_TARGETS)])

    def probe(self, src, targets):
        mark, scanner = self.mark(), bots.MiraiScanner(self.net, src)
        for number, target in enumerate(targets):
            scanner.probe(self.at + number // 160 + number % 160 * 0.006, target)
        self.decisive = self.since(mark)[2]  # the third mark: the one that proves it
        self.at += 3

    def targets(self, count):
        """Addresses at which nobody lives, in turn and none twice in a row."""
        taken = {h.address for h in namespaces.HOSTS.values()} | set(namespaces.WAN_GATEWAYS)
        nobody = [f"{net}.{n}" for net in ("198.51.100", "203.0.113") for n in range(2, 255)]
        return [wire.ip(a) for a in self.rng.sample([a for a in nobody if a not in taken], count)]

    def attack(self):
        self.order(intruders.mirai_order(FLOOD_SECONDS, 3, VICTIM, 53))
        mark, self.at = self.mark(), self.at + 0.6
        bots.flood_syn(self.net, self.at, [self.camera.v4], VICTIM, port=53, count=FLOOD_PACKETS, seconds=FLOOD_SECONDS)
        self.decisive = self.since(mark)[0]
        self.at += FLOOD_SECONDS


STAGES = {"breached": Life.breach, "loaded": Life.load, "recruited": Life.recruit, "scanning": Life.scan,
          "attacking": Life.attack, "scanning by IPv6": Life.scan6}


def known_by(frame):
    return links.ethernet(frame)[:WANTED_MOST]


def make(host, folder, seed=2016):
    """A file for each stage. Gives {stage: (path, frames, seconds, the decisive frame's first bytes)}."""
    life, made = Life(host, seed), {}
    for stage, live in STAGES.items():
        mark, start = life.mark(), life.at
        live(life)
        frames = sorted(life.net.frames[mark:], key=lambda f: f.at)
        path = f"{folder}/{host.name}-{stage.replace(' ', '-')}.pcap"
        files.write(path, files.Form(nano=True), [files.Record(f.at, links.ethernet(f)) for f in frames])
        made[stage] = (path, len(frames), life.at - start, known_by(life.decisive))
        life.at += 1
    return made


def jumping(host, folder, seed=2016):
    """A capture in which the clock goes on by a year between breaking in and scanning."""
    life = Life(host, seed)
    life.breach()
    before = list(life.net.frames)
    life.scan()
    late = {id(f) for f in life.net.frames} - {id(f) for f in before}
    records = [files.Record(START + f.at + YEAR_NS * (id(f) in late), links.ethernet(f))
               for f in sorted(life.net.frames, key=lambda f: f.at)]
    path = f"{folder}/{host.name}-jump.pcap"
    files.write(path, files.Form(nano=True), records)
    return path
