# SPDX-License-Identifier: MIT
"""Captures that may be replayed onto a link: every address is one of the documentation's networks.

Silence is shortened, so that a whole life passes while a test waits; what comes close together stays as it is.
"""

import carry
import lifecycle
import talk
import wire
from apps import terminal
from house import House
from network import Documented, public_address

from scenes import scene
from scenes.lifecycle import accuse

LONGEST = 12_000_000  # nanoseconds between two frames


def hasten(frames):
    """Cuts every silence short."""
    before, gone = 0, 0
    for frame in sorted(frames, key=lambda f: f.at):
        gone += max(0, frame.at - before - LONGEST)
        before = frame.at
        frame.at -= gone


def visits(house, at, count):
    for i in range(count):
        talk.tcp(house, at + i * 2, house.laptop.v4, public_address(house.rng), 443, talk.page(house.rng, 400, 6000))


@scene
def live_house(stage):
    """An infected camera, a recorder that a stranger logs in to with its factory password, and three clean devices: in
    some seconds, and with addresses of the documentation's networks only."""
    stage.rng = Documented(stage.name)
    stage.args = ["--local", "192.0.2.0/24", "--local", "2001:db8:51::/64"]
    house = stage.use(House(stage.rng, net="192.0.2.", v6=True))
    at = house.settle() + 1
    visits(house, at, 6)
    _, frames = carry.whole(house, at + 13, (wire.ip("203.0.113.90"), house.recorder.v4), terminal.telnet("root", "xc3511"))
    life = lifecycle.Mirai(house, at + 16)
    life.packets = 3000
    life.live()
    house.background(at + 16, life.at - at - 16, every=5)
    hasten(house.frames)
    accuse(house, house.camera, life)
    for kind in ("factory-password", "unchangeable-password", "open-telnet", "internet-reachable", "cleartext-login"):
        house.expose(house.recorder, kind, "telnet/23", frame=frames["answer"] if "login" in kind else None)
