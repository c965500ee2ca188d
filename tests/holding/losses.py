# SPDX-License-Identifier: MIT
"""What is lost while a hijacked camera is found, held, and let out again: by numbers in what is sent, second by second. Its picture
to the recorder and to the phone, by TCP and UDP; its names, time and lease; and what others send. And that the firewall's rules are
after the release what they were before.
"""

import collections
import socket
import struct
import threading
import time

import house
import residents
import rtsp
import services
from house import CLOUD, GATEWAY, HOSTS, PREFIX, Tap, expect, until

CAMERA, PUSH_PORT, ECHO_PORT = "cam1", 5004, 7007
PICTURES, DATAGRAMS = rtsp.PACKETS_A_SECOND, 50
BEFORE, HELD, AFTER = 3, 6, 3


class Series:
    """What came by number and when."""

    def __init__(self, name):
        self.name, self.asked, self.came, self.gaps, self.last = name, 0, [], 0, None

    def number(self, n, modulo=1 << 16):
        if self.last is not None:
            self.gaps += (n - self.last - 1) % modulo
        self.last = n
        self.came.append(time.monotonic())

    def between(self, start, end):
        """(those that came, the fewest of any whole second, the longest silence in ms)"""
        inside = [t for t in self.came if start <= t < end]
        seconds = collections.Counter(int(t - start) for t in inside)
        pauses = [b - a for a, b in zip([start] + inside, inside + [end])]
        return len(inside), min((seconds[i] for i in range(int(end - start))), default=0), max(pauses) * 1000


class Player(rtsp.Player):
    """A viewer that notes the number of each picture's packet (RFC 3550)."""

    def __init__(self, series, address, pair):
        super().__init__(address, pair)
        self.series = series

    def take(self, stream):
        head = stream.read(4)
        if len(head) < 4:
            return False
        body = stream.read(struct.unpack("!H", head[2:])[0])
        self.series.number(struct.unpack("!H", body[2:4])[0])
        return True


def push(over, to):
    """The camera's pictures by UDP, to whoever asked for them."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("", PUSH_PORT))
        _, viewer = s.recvfrom(64)
        number = 0
        while not over.wait(1 / DATAGRAMS):
            try:
                s.sendto(struct.pack("!BBHI", 0x80, 96, number & 0xFFFF, 0) + bytes(900), viewer)
            except OSError:
                pass
            number += 1
        to.append(number)


def watch_push(over, series, camera):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(0.2)
        s.connect((camera, PUSH_PORT))
        asked = 0
        while not over.is_set():
            if time.monotonic() - asked > 2:
                s.send(b"on")
                asked = time.monotonic()
            try:
                data = s.recv(2048)
            except OSError:
                continue
            series.number(struct.unpack("!H", data[2:4])[0])


def echo(where):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind((where, ECHO_PORT))
        while True:
            data, caller = s.recvfrom(256)
            s.sendto(data, caller)


def ask(over, series, address, pause):
    """Numbered questions; who answers is at the other end of all that lies between."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.connect((address, ECHO_PORT))
        s.settimeout(1)
        while not over.wait(pause):
            series.asked += 1
            try:
                s.send(struct.pack("!I", series.asked))
                while struct.unpack("!I", s.recv(64))[0] != series.asked:
                    pass
                series.number(series.asked, 1 << 32)
            except OSError:
                pass


def again(over, series, pause, work):
    """A deed that must come off each time."""
    while not over.wait(pause):
        series.asked += 1
        try:
            work()
            series.number(series.asked, 1 << 32)
        except (OSError, residents.Gave, house.namespaces.Failed):
            pass


def name():
    _, asked = residents.question("www.shop.example")
    residents.datagram(GATEWAY, 53, asked)


def clock():
    residents.datagram(GATEWAY, 123, b"\x23" + bytes(47))


class Life:
    """All that goes on in the house, each in its own namespace."""

    def __init__(self, home):
        self.home, self.over, self.series, self.pushed, self.threads = home, threading.Event(), {}, [], []

    def start(self):
        v4 = {n: h.address for n, h in HOSTS.items()}
        pair = residents.PAIRS[services.CAMERAS[CAMERA][2]]
        self.go("rec", Player(self.of("picture to rec, TCP"), v4[CAMERA], pair).run, self.over)
        self.go("phone", Player(self.of("picture to phone, TCP"), v4[CAMERA], pair).run, self.over)
        self.go(CAMERA, push, self.over, self.pushed)
        time.sleep(0.1)
        self.go("phone", watch_push, self.over, self.of("picture to phone, UDP"), v4[CAMERA])
        house.inside(house.GW, services.tell_time)
        self.go(CAMERA, again, self.over, self.of("its names"), 0.1, name)
        self.go(CAMERA, again, self.over, self.of("its time"), 0.1, clock)
        self.threads.append(threading.Thread(target=again, daemon=True, args=(
            self.over, self.of("its lease"), 1.0, lambda: services.lease(HOSTS[CAMERA]))))
        self.threads[-1].start()
        self.go("world", echo, CLOUD)
        self.go("rec", echo, v4["rec"])
        time.sleep(0.1)
        other = residents.PAIRS[services.CAMERAS["cam2"][2]]
        self.go("rec", Player(self.of("others: picture of cam2 to rec"), v4["cam2"], other).run, self.over)
        for who in ("phone", "cam2", "cam3"):
            self.go(who, ask, self.over, self.of(f"others: {who} and the Internet"), CLOUD, 0.02)
        for who in ("phone", "cam2"):
            self.go(who, ask, self.over, self.of(f"others: {who} and rec"), v4["rec"], 0.02)

    def of(self, what):
        return self.series.setdefault(what, Series(what))

    def go(self, who, work, *words):
        self.threads.append(house.inside(HOSTS[who].space, work, *words))

    def end(self):
        self.over.set()
        time.sleep(0.4)


def scan_on(over):
    """The bot goes on while it is held: 100 a second."""
    host = HOSTS[CAMERA]
    frames = [house.syn(host.link, host.address, target, i) for i, target in enumerate(house.nobody(300))]
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as s:
        s.bind(("eth0", 0))
        for frame in frames * 10:
            if over.wait(0.01):
                return
            s.send(frame)


def run(home):
    for host in ("cam1", "cam2", "cam3", "rec", "phone"):
        services.lease(HOSTS[host])
    before = home.nft("-s", "list", "ruleset")
    tap, life, mac = Tap(PREFIX + "far"), Life(home), HOSTS[CAMERA].link
    life.start()
    time.sleep(1.5)
    start = time.monotonic()
    time.sleep(BEFORE)
    scanning = threading.Event()
    house.inside(HOSTS[CAMERA].space, scan_on, scanning)
    held = expect("the camera is held", until(lambda: home.holds(mac), 3), home.said_of(mac))
    time.sleep(HELD)
    out = [at for at, frame in tap.frames if house.is_marked(frame, HOSTS[CAMERA].address)]
    scanning.set()
    time.sleep(0.1)
    home.order("release", mac)
    expect("… and let go", until(lambda: not home.holds(mac), 3))
    time.sleep(AFTER)
    end = time.monotonic()
    life.end()
    print("| what | came | lost | fewest in a second | longest silence, ms |\n|---|---|---|---|---|")
    for what, series in life.series.items():
        came, least, silence = series.between(start, end)
        lost = series.gaps if series.asked == 0 else series.asked - len(series.came)
        print(f"| {what} | {came} | {lost} | {least} | {silence:.0f} |", flush=True)
        expect(f"{what}: no second is lost", least > 0 or "lease" in what, f"{least} in a second")
        expect(f"{what}: nothing is lost", lost <= (1 if "lease" in what else 0), lost)
    print(f"  marked SYNs that came out in {HELD} s at 100 a second: {len(out)}")
    expect("… while it scans on and none of that comes out", held and len(out) < 20, len(out))
    after = home.nft("-s", "list", "ruleset")
    expect("after the release the ruleset is what it was before", after == before,
           "\n".join(sorted(set(after.splitlines()) ^ set(before.splitlines())))[:1500])
    tap.close()
