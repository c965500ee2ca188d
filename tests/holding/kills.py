# SPDX-License-Identifier: MIT
"""SIGKILL of each process in each state of a transition, and power-off. Whatever is killed when: who is to be held is held in the
end, who is to be free is free, nothing of a held device comes out meanwhile, and after power-off it is held within a second
of the first process's start.

States that last for microseconds are held open: cordon-enforce is stopped (SIGSTOP), so that what was decided is not done yet.
"""

import os
import random
import signal
import socket
import threading
import time

import house
from house import PREFIX, RUN, Tap, expect, until

BACK = 15  # seconds for the longest pause of the first process and all that follows
PROGRAMS = ("packets", "service", "enforce", "guard", "first")
STATES = ("before the hold", "between decision and element", "held", "during the release", "during a reload")
HANDFUL = (("service", "between decision and element"), ("enforce", "between decision and element"), ("packets", "before the hold"),
           ("guard", "held"), ("enforce", "during the release"), ("service", "during a reload"), ("first", "held"))
OPEN_MOST = 1.0


def processes():
    """{program: [pid]}; of the guard's two the first process is `first`, and its child, which opens sockets, `guard`."""
    found, parents = {}, {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            exe = os.readlink(f"/proc/{pid}/exe").removesuffix(" (deleted)")
            with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as source:
                parents[int(pid)] = int(source.read().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
        if exe.startswith(RUN + "/bin/cordon-"):
            found.setdefault(exe.rsplit("-", 1)[1], []).append(int(pid))
    guards = found.pop("guard", [])
    found["first"] = [pid for pid in guards if parents[pid] not in guards]
    found["guard"] = [pid for pid in guards if parents[pid] in guards]
    return found


def sign(program, number):
    for pid in processes().get(program, ()):
        os.kill(pid, number)


class Babble(threading.Thread):
    """A device that goes on and on: a SYN to nobody every 10 ms, without the mark, so that nothing new is found out."""

    def __init__(self, home, mac, address):
        super().__init__(daemon=True)
        self.home, self.over = home, threading.Event()
        self.frames = [house.syn(mac, address, target, i, marked=False, port=443) for i, target in enumerate(house.nobody(200))]
        self.start()

    def run(self):
        self.home.do(PREFIX + "bot", self.babble)

    def babble(self):
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as s:
            s.bind(("eth0", 0))
            number = 0
            while not self.over.wait(0.01):
                try:
                    s.send(self.frames[number % len(self.frames)])
                except OSError:
                    return
                number += 1

    def end(self):
        self.over.set()
        self.join()


class Trial:
    def __init__(self, home, tap):
        self.home, self.tap, self.number = home, tap, 0
        self.begun = self.held = 0.0

    def device(self):
        self.number += 1
        mac, address = f"02:00:5e:00:67:{self.number:02x}", f"192.0.2.{100 + self.number}"
        house.become("bot", mac, address)
        self.home.do(PREFIX + "bot", house.talk)
        time.sleep(0.7)
        return mac, address

    def scan(self, mac, address):
        frames = [house.syn(mac, address, target, i) for i, target in enumerate(house.nobody(6))]
        self.home.do(PREFIX + "bot", house.send, frames, 0.005)

    def kill(self, program):
        sign(program, signal.SIGKILL)
        if program == "first":
            until(lambda: not processes()["first"], 2)
            time.sleep(0.3)
            self.home.watch.may_end = True
            self.begun = time.monotonic()
            self.home.start_watch("--contain", "enforce")

    def out_since(self, address, moment_ns):
        source = house.wire.ip(address)
        return [at for at, frame in self.tap.frames if at > moment_ns and frame[26:30] == source]

    def work(self, program, state):
        """(what was wrong, seconds until all was right)"""
        home = self.home
        mac, address = self.device()
        if state == "before the hold":
            start = time.monotonic()
            self.kill(program)
            # What packets learned since its last summary is gone with it, that this device is two-way too: it goes on with its life.
            right = until(lambda: (home.do(PREFIX + "bot", house.talk), time.sleep(0.2), self.scan(mac, address), time.sleep(0.2),
                                   home.holds(mac))[4], BACK)
            return None if right else "it was not held after that", time.monotonic() - start
        if state == "between decision and element":
            sign("enforce", signal.SIGSTOP)
            self.scan(mac, address)
            time.sleep(0.2)
            start = time.monotonic()
            self.kill(program)
            sign("enforce", signal.SIGCONT)
            right = until(lambda: home.holds(mac), BACK)
            self.held = time.monotonic()
            return None if right else "it was not held after that", self.held - start
        self.scan(mac, address)
        if not until(lambda: home.holds(mac), 3):
            return "it was not held to begin with", 0
        if state == "during the release":
            return self.release(program, mac)
        time.sleep(0.05)
        quiet, babble = time.time_ns(), Babble(home, mac, address)
        start = time.monotonic()
        if state == "during a reload":
            home.watch.reload()
            time.sleep(random.random() * 0.2)
        self.kill(program)
        until(lambda: all(processes().get(p) for p in PROGRAMS), BACK)
        took = time.monotonic() - start
        time.sleep(0.7)
        babble.end()
        out = len(self.out_since(address, quiet + 20_000_000))
        if out:
            return f"{out} of its packets came out", took
        return None if home.holds(mac) else "it is not held any more", took

    def release(self, program, mac):
        """The order is given, and what it needs can't be done until somebody is dead."""
        home = self.home
        sign("enforce", signal.SIGSTOP)
        threading.Thread(target=lambda: home.order("release", mac, check=False), daemon=True).start()
        time.sleep(0.3)
        start = time.monotonic()
        self.kill(program)
        sign("enforce", signal.SIGCONT)
        right = until(lambda: not home.holds(mac), BACK)
        took = time.monotonic() - start
        time.sleep(0.5)
        if home.holds(mac):
            right = False
        return None if right else "it was not let go", took


def run(home, rounds):
    tap = Tap(PREFIX + "far")
    trial = Trial(home, tap)
    work = HANDFUL if rounds == 0 else [(p, s) for _ in range(rounds) for s in STATES for p in PROGRAMS]
    slow, begun = {}, []
    for program, state in work:
        wrong, took = trial.work(program, state)
        slow.setdefault(state, []).append(took)
        if program == "first" and state == "between decision and element":
            begun.append(trial.held - trial.begun)
        expect(f"{program} killed {state}: all is right in the end", wrong is None, f"{wrong}\n{home.watch.words()[-1200:]}")
        if not until(lambda: all(processes().get(p) for p in PROGRAMS), BACK):
            expect(f"{program} killed {state}: all run again", False, processes())
            return
        time.sleep(0.3)
    print(f"  {len(work)} kills; seconds until all was right, median and most:")
    for state, seconds in slow.items():
        print(f"    {state}: {sorted(seconds)[len(seconds) // 2]:.2f}, {max(seconds):.2f}")
    if begun:
        print(f"    all was killed before the element was there: held {max(begun):.2f} s after the guard's start, at most")
        expect(f"who was to be held is, {OPEN_MOST} s after the guard's start at most", max(begun) <= OPEN_MOST, begun)
    tap.close()


def power_off(make, times):
    """The gateway's namespace is gone with its rules and all processes; the disk stays. From exec to the last packet outside."""
    home = make()
    mac, address = "02:00:5e:00:68:01", "192.0.2.81"
    took = []
    try:
        home.start_watch("--contain", "enforce")
        house.become("bot", mac, address)
        home.do(PREFIX + "bot", house.talk)
        time.sleep(0.7)
        home.do(PREFIX + "bot", house.send, [house.syn(mac, address, t, i) for i, t in enumerate(house.nobody(20))], 0.005)
        if not expect("a bot is held before the power goes off", until(lambda: home.holds(mac), 3), home.said_of(mac)):
            return
        time.sleep(1.5)  # the round that says so is on disk
        for _ in range(times):
            watch = home.watch
            watch.may_end = True
            for program in PROGRAMS:
                sign(program, signal.SIGKILL)
            home.close()
            home = make()
            home.watch, watch.net = watch, home
            house.become("bot", mac, address)
            tap, babble = Tap(PREFIX + "far"), Babble(home, mac, address)
            expect("without cordon it is open", until(lambda: len(tap.frames) > 5, 5))
            start = time.time_ns()
            home.start_watch("--contain", "enforce")
            time.sleep(2)
            babble.end()
            late = [at for at, frame in tap.frames if at > start and frame[26:30] == house.wire.ip(address)]
            took.append((late[-1] - start) / 1e9 if late else 0.0)
            tap.close()
            expect("after power-off it is held again", home.holds(mac), home.said_of(mac))
        print(f"  {times} times power-off: open for {', '.join(f'{t:.2f}' for t in sorted(took))} s from the start of `cordon watch`")
        expect(f"after power-off it is open for {OPEN_MOST} s at most", max(took) <= OPEN_MOST, took)
    finally:
        home.watch.stopped = True
        home.close()
