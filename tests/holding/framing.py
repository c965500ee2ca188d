# SPDX-License-Identifier: MIT
"""Who is held for what a neighbour sent: a host at another port of the bridge that uses the victim's MAC, or its address alone, or
ten thousand MACs that it made up. And a held device that uses its own address under another MAC to get out.
"""

import signal
import threading
import time

import house
import kills
from house import PREFIX, Tap, expect, until

VICTIM, VICTIM_V4 = "02:00:5e:00:66:01", "192.0.2.61"
LIAR, LIAR_V4 = "02:00:5e:00:66:02", "192.0.2.62"
BOT, BOT_V4 = "02:00:5e:00:66:03", "192.0.2.63"
MADE_UP = 10000


def scan(mac, address, count=40):
    return [house.syn(mac, address, target, i) for i, target in enumerate(house.nobody(count))]


def states(home):
    return [e["health"]["state"] for _, e in home.watch.events if e["event_type"] == "health"]


def verdict(home, mac):
    said = [e["infection"]["verdict"] for _, e in home.watch.events if e["event_type"] == "infection" and mac in e["infection"]["id"]]
    return said[-1] if said else "clear"


def never_held(home, mac, seconds):
    return not until(lambda: home.holds(mac), seconds, 0.1)


def talks(home, plug, over):
    """A device that goes about its business."""
    while not over.wait(0.1):
        try:
            home.do(PREFIX + plug, house.talk)
        except OSError:
            pass


def forged_mac(home):
    for what, silent in (("which is silent", True), ("which talks", False)):
        victim, v4 = VICTIM[:-1] + ("4" if silent else "5"), "192.0.2." + ("64" if silent else "65")
        house.become("bot", victim, v4)
        home.do(PREFIX + "bot", house.talk)
        time.sleep(0.7)
        over = threading.Event()
        if not silent:
            threading.Thread(target=talks, args=(home, "bot", over), daemon=True).start()
        before = len(states(home))
        house.become("liar", LIAR, LIAR_V4)
        home.do(PREFIX + "liar", house.send, scan(victim, v4), 0.01)
        expect(f"a neighbour at another port uses the MAC of a device {what}: it is not held", never_held(home, victim, 2), home.said_of(victim))
        expect(f"… its owner is told ({what})", until(lambda: "mac-on-two-ports" in states(home)[before:], 2), home.said_of(victim))
        print(f"  forged MAC of a device {what}: said to be {verdict(home, victim)}, not held")
        over.set()
    time.sleep(1.5)
    kills.sign("service", signal.SIGKILL)
    time.sleep(0.5)
    expect("… nor after the service was started anew", never_held(home, VICTIM[:-1] + "4", 3) and not home.holds(VICTIM[:-1] + "5"),
           home.said_of(VICTIM[:-1] + "4"))


def forged_address(home):
    house.become("bot", VICTIM, VICTIM_V4)
    home.do(PREFIX + "bot", house.talk)
    house.become("liar", LIAR, LIAR_V4)
    time.sleep(0.7)
    home.do(PREFIX + "liar", house.send, scan(LIAR, VICTIM_V4), 0.01)
    expect("a neighbour uses a device's address under a MAC of his own: the device is not held", never_held(home, VICTIM, 2),
           home.said_of(VICTIM))
    print(f"  forged address: the victim is said to be {verdict(home, VICTIM)}, the neighbour {verdict(home, LIAR)}"
          f" and {'held' if home.holds(LIAR) else 'not held'}")


def same_port(home):
    """Frames of two hosts behind one port look alike: that it is held is what the documents say."""
    mac, v4 = VICTIM[:-1] + "6", "192.0.2.66"
    house.become("bot", mac, v4)
    home.do(PREFIX + "bot", house.talk)
    time.sleep(0.7)
    home.do(PREFIX + "bot", house.send, scan(mac, v4), 0.01)
    expect("what comes from its own port is its own", until(lambda: home.holds(mac), 2), home.said_of(mac))
    home.order("release", mac)


def let_out(home):
    """The held device, or a friend of it, makes its binding doubtful."""
    house.become("bot", BOT, BOT_V4)
    home.do(PREFIX + "bot", house.talk)
    time.sleep(0.7)
    home.do(PREFIX + "bot", house.send, scan(BOT, BOT_V4), 0.01)
    if not expect("a bot is held", until(lambda: home.holds(BOT), 2), home.said_of(BOT)):
        return
    frames = [house.syn("02:00:5e:00:66:77", BOT_V4, "198.51.100.44", i, marked=False, port=80) for i in range(20)]
    home.do(PREFIX + "bot", house.send, frames, 0.02)
    home.do(PREFIX + "liar", house.send, [house.syn(BOT, BOT_V4, "198.51.100.44", i, marked=False, port=80) for i in range(20)], 0.02)
    expect("its address under another MAC, and its MAC at another port, don't let it out", not until(lambda: not home.holds(BOT), 3, 0.1),
           home.said_of(BOT))
    home.order("release", BOT)


def made_up(home):
    """A number of MACs that no table has room for, each with three marks, from one port."""
    tap = Tap(PREFIX + "far")
    before = home.nft("-s", "list", "ruleset")
    house.become("liar", LIAR, LIAR_V4)
    frames = []
    for i in range(MADE_UP):
        mac = f"02:66:{i >> 24 & 255:02x}:{i >> 16 & 255:02x}:{i >> 8 & 255:02x}:{i & 255:02x}"
        address = f"192.0.2.{70 + i % 180}"
        frames += [house.syn(mac, address, target, i) for target in ("198.51.100.9", "198.51.100.10", "203.0.113.11")]
    start = time.monotonic()
    home.do(PREFIX + "liar", house.send, frames)
    took = time.monotonic() - start
    time.sleep(3)
    expect("MACs that are made up are not held, and no set grows", home.nft("-s", "list", "ruleset") == before)
    text = home.cordon("contained", "--json", "--store", f"{house.RUN}/store").stdout
    expect("… nor are they on the list of who is held", "02:66:" not in text, text[:500])
    expect("… and the owner is told", "macs-made-up" in states(home), states(home))
    print(f"  {MADE_UP} MACs in {took:.1f} s: {sum(home.holds('02:66:', s) for s in ('contained', 'held'))} held, health says {sorted(set(states(home)))}")
    tap.close()
    expect("… and cordon goes on", home.order("status").returncode == 0)


def run(home):
    for part in (forged_mac, forged_address, same_port, let_out, made_up):
        start = time.monotonic()
        part(home)
        print(f"  {part.__name__}: {time.monotonic() - start:.1f} s", flush=True)
