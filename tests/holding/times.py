# SPDX-License-Identifier: MIT
"""From the third marked SYN to the last packet of the contained device that reached the Internet side, by the kernel's times
at the far end: at an even 100 SYNs a second, and in bursts of 160 at once, one a second. Each run is a device of its own, which
was a good neighbour before; it is released afterwards, and service and house stay up.
"""

import statistics
import time

import house
from house import PREFIX, Tap, expect, until

EVEN_MS, EVEN_PACKETS, BURST_MS = 50, 10, 50
SHAPES = {"even": "100 a second, evenly", "burst": "160 at once, each second"}


def device(number):
    return f"02:00:5e:00:{0x64 + number // 256:02x}:{number % 256:02x}", f"192.0.2.{60 + number % 190}"


def frames_of(shape, mac, address):
    count = 80 if shape == "even" else 160
    frames = [house.syn(mac, address, target, i) for i, target in enumerate(house.nobody(count))]
    return (frames, 0.01, 1, 0) if shape == "even" else (frames, 0, 2, 1.0)


def one(home, tap, shape, number):
    """(packets, ms) after the third mark, and ms to the element in the kernel's set as far as it can be looked at."""
    mac, address = device(number)
    house.become("bot", mac, address)
    home.do(PREFIX + "bot", house.talk)
    time.sleep(0.7)  # it is known before
    before = len(tap.frames)
    home.do(PREFIX + "bot", house.send, *frames_of(shape, mac, address))
    held = until(lambda: home.holds(mac), 3)
    time.sleep(0.1)
    marks = [at for at, frame in tap.since(before) if house.is_marked(frame, address)]
    if not held or len(marks) < 3:
        print(f"  {mac}: {'held' if held else 'not held'}, {len(marks)} marks at the far end: {home.said_of(mac)}")
        return None
    home.order("release", address)
    if not until(lambda: not home.holds(mac), 3):
        print(f"  {mac}: not let go")
        return None
    return len(marks) - 3, (marks[-1] - marks[2]) / 1e6


def spread(values):
    ordered = sorted(values)
    return (f"{statistics.median(ordered):.1f}", f"{ordered[0]:.1f}", f"{ordered[int(len(ordered) * 0.9)]:.1f}" if len(ordered) > 9 else "-",
            f"{ordered[-1]:.1f}")


def run(home, runs):
    tap = Tap(PREFIX + "far")
    number = 0
    print("| SYNs | runs | packets after the third mark: median, least, 9 of 10, most | ms: median, least, 9 of 10, most |")
    print("|---|---|---|---|")
    for shape, words in SHAPES.items():
        done = []
        for _ in range(runs):
            done.append(one(home, tap, shape, number))
            number += 1
        good = [pair for pair in done if pair]
        expect(f"{words}: every one was held, and let go", len(good) == runs, f"{runs - len(good)} of {runs} were not")
        if not good:
            continue
        packets, ms = [p for p, _ in good], [m for _, m in good]
        print(f"| {words} | {len(good)} | {', '.join(spread(packets))} | {', '.join(spread(ms))} |", flush=True)
        expect(f"{words}: {BURST_MS} ms at most (median)", statistics.median(ms) <= (EVEN_MS if shape == "even" else BURST_MS), sorted(ms))
        if shape == "even":
            expect(f"{words}: {EVEN_PACKETS} packets at most (median)", statistics.median(packets) <= EVEN_PACKETS, sorted(packets))
    tap.close()
