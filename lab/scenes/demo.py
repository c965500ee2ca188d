# SPDX-License-Identifier: MIT
"""The demo capture of `make run`."""

import bots
import talk
import wire
from house import House, lan_mac
from network import Host

from scenes import scene

VICTIM = wire.ip("198.51.100.7")


@scene
def demo(stage):
    """A household whose camera was taken over: it scans, finds somebody, and floods a stranger, while phone and
    laptop live their lives and the camera at the door streams 25 Mbit/s to the recorder."""
    house = stage.use(House(stage.rng, v6=True))
    door = house.add(Host("door-camera", lan_mac(22), [house.lan(22), house.lan6(22)]))
    at = house.settle() + 2
    house.background(at, 300, every=3)
    talk.stream(house, at + 5, door.v4, house.recorder.v4, 5004, seconds=12, mbit=25)
    bots.MiraiScanner(house, house.camera.v4).burst(at + 20, 8000, listen=5)
    bots.flood_udp(house, at + 200, [house.camera.v4], VICTIM, count=20000, seconds=16)
    house.accuse(house.camera, "infected", ["scanning", "attacking"], ["mirai"])
    house.attack("udp", VICTIM, "outbound", devices=[house.camera], packets=20000)
