# SPDX-License-Identifier: MIT
"""Calls to one server over and over: a bot whose command server is gone, beacons, and honest things of nearly that shape."""

import talk
import wire
from house import House
from network import public_address

from scenes import register, scene

SUSPECT = ("suspect", ["recruited"], [])
SERVER = wire.ip("198.51.100.50")


def home(stage):
    house = stage.use(House(stage.rng))
    for i in range(4):  # answers come in from outside
        talk.tcp(house, 4 + i * 5, house.laptop.v4, public_address(stage.rng), 443, talk.page(stage.rng, 300, 3000))
    return house, house.settle() + 0.5


def live(house, at, seconds):
    """Somebody in the house gets answers from outside all the time."""
    page = talk.page(house.rng, 300, 900)
    for i in range(int(seconds // 300)):
        talk.tcp(house, at + i * 300, house.phone.v4, public_address(house.rng), 443, page)


def said(house, server, call):
    """What the report must say of the calls to a server; call() makes the first of them."""
    n = len(house.frames)
    call()
    return {"detector": "c2-calls", "stage": "recruited", "peer": wire.ip_text(server), "role": "command-server",
            "packets": [house.frames[n]], "from": house.frames[n]}


@scene
def c2_dead_server(stage):
    """A bot calls its command server at a bare address for hours; nobody lets it in. The second address is tried in turn."""
    house, at = home(stage)
    other = wire.ip("203.0.113.50")

    def call(i, server):
        talk.unanswered(house, at + i * 80 + (server == other) * 40, house.camera.v4, server, 50, tries=5)

    signs = [said(house, server, lambda server=server: call(0, server)) for server in (SERVER, other)]
    for i in range(1, 240):
        call(i, SERVER)
        call(i, other)
    live(house, at, 240 * 80)
    house.accuse(house.camera, *SUSPECT)
    house.tell(house.camera, evidence=signs)


@scene
def c2_beacon(stage):
    """A camera calls a bare address on an odd port every five minutes, for a word each way: suspect, and no more."""
    house, at = home(stage)
    talk.lookup(house, at, house.camera.v4, house.gateway.v4, "time.example.com", wire.ip("198.51.100.123"))

    def call(i):
        talk.tcp(house, at + 1 + i * 300 + stage.rng.random() * 5, house.camera.v4, SERVER, 6060,
                 [("c", b"EXAMPLE alive"), ("s", b"EXAMPLE stay")])

    sign = said(house, SERVER, lambda: call(0))
    for i in range(1, 40):
        call(i)
    live(house, at, 40 * 300)
    house.accuse(house.camera, *SUSPECT)
    house.tell(house.camera, evidence=[sign])


def hub(port, named, answered):
    def play(stage):
        house, at = home(stage)
        who = house.host("hub", 61)
        for i in range(1200):
            when = at + i * 30
            if named and i % 50 == 0:
                talk.lookup(house, when - 0.1, who.v4, house.gateway.v4, "hub.example.com", SERVER)
            if answered and i % 50 == 25:
                talk.tcp(house, when, who.v4, SERVER, port, [("c", b"EXAMPLE"), ("s", b"EXAMPLE")])
            else:
                talk.unanswered(house, when + stage.rng.random() * 9, who.v4, SERVER, port, tries=3)
        live(house, at, 1200 * 30)

    return play


register("c2-dead-cloud-named", hub(9999, True, False),
         "A hub calls its maker's dead server on a port of the maker's own for ten hours; it has the address from a name.")
register("c2-dead-cloud-usual-port", hub(8883, False, False),
         "A hub has its broker's address built in, and the broker is dead: MQTT's port is anybody's.")
register("c2-flaky-cloud-bare", hub(9999, False, True),
         "A hub's server at a bare address lets it in now and then, and there is no pace in the calls.")


@scene
def c2_dead_uplink(stage):
    """The line is down for hours: nobody in the house gets an answer, and a device calls a bare address all that time."""
    house, at = home(stage)
    for i in range(500):
        talk.unanswered(house, at + 700 + i * 40 + stage.rng.random() * 20, house.camera.v4, SERVER, 50, tries=4)
    house.background(at + 700 + 500 * 40 + 60, 60)
