# SPDX-License-Identifier: MIT
"""Scanners without a mark: ordinary connections, to too many strangers who do not answer."""

import talk
import wire
from bots import connect_scan
from house import House
from network import public_address

from scenes import register, scene

SCANNING = ("infected", ["scanning"], [])
SUSPECT = ("suspect", ["scanning"], [])


def home(stage, **how):
    house = stage.use(House(stage.rng, **how))
    return house, house.settle() + 0.5


@scene
def connect_telnet(stage):
    """A camera connects to telnet ports all over the Internet; hardly anybody answers, while others get answers."""
    house, at = home(stage)
    connect_scan(house, at, house.camera.v4, 200, (23, 23, 23, 2323), every=0.15, answered=3, refused=8)
    house.background(at, 40, every=3)
    house.accuse(house.camera, *SCANNING)


@scene
def connect_telnet_v6(stage):
    """The same over IPv6."""
    house, at = home(stage, v6=True)
    connect_scan(house, at, house.camera.v6, 120, (23, 2223, 26), every=0.15, answered=2, refused=4)
    house.background(at, 30, every=3)
    house.accuse(house.camera, *SCANNING)


@scene
def connect_telnet_refused(stage):
    """Most targets refuse: no answer is better than a refusal, but neither is what an innocent client meets."""
    house, at = home(stage)
    connect_scan(house, at, house.camera.v4, 80, 23, every=0.3, refused=70)
    house.background(at, 30, every=3)
    house.accuse(house.camera, *SCANNING)


@scene
def connect_telnet_slow(stage):
    """One target a minute for an hour."""
    house, at = home(stage)
    connect_scan(house, at, house.camera.v4, 60, 23, seconds=3600, tries=5, refused=2)
    house.background(at, 3600, every=45)
    house.accuse(house.camera, *SCANNING)


def worm_port(port):
    def play(stage):
        house, at = home(stage)
        connect_scan(house, at, house.camera.v4, 100, port, every=0.2, answered=1, refused=5)
        house.background(at, 30, every=3)
        house.accuse(house.camera, *SUSPECT)

    return play


for number in (22, 445, 5555, 7547, 37215, 52869, 60001):
    register(f"connect-port-{number}", worm_port(number),
             f"The same shape on {number}, a port that worms use and others too: suspect.")


@scene
def connect_web_unanswered(stage):
    """A crawler whose list is old: a hundred web servers that do not answer accuse nobody."""
    house, at = home(stage)
    connect_scan(house, at, house.laptop.v4, 100, (80, 443, 8080), every=0.2, answered=6, refused=10)
    house.background(at, 30, every=3)


@scene
def connect_telnet_few(stage):
    """Ten dead telnet addresses are below the floor of sixteen targets."""
    house, at = home(stage)
    connect_scan(house, at, house.laptop.v4, 10, 23, every=2)
    house.background(at, 30, every=3)


@scene
def connect_telnet_one_host(stage):
    """One telnet server that is down, tried for an hour: one target, however often."""
    house, at = home(stage)
    target = public_address(stage.rng)
    for i in range(60):
        talk.unanswered(house, at + i * 60, house.laptop.v4, target, 23, tries=4)
    house.background(at, 3600, every=120)


@scene
def connect_telnet_answered(stage):
    """Somebody who likes text games: forty telnet servers, nearly all of which answer."""
    house, at = home(stage)
    connect_scan(house, at, house.laptop.v4, 40, 23, every=3, answered=35, refused=3)
    house.background(at, 100, every=10)


@scene
def connect_telnet_private(stage):
    """A tool tries telnet across the company's private networks through the gateway: never more than suspect."""
    house, at = home(stage)
    for i in range(60):
        talk.unanswered(house, at + i * 0.3, house.laptop.v4, wire.ip(f"10.20.{i}.{5 + i}"), 23, tries=2)
    house.background(at, 30, every=3)
    house.accuse(house.laptop, "at most suspect", ["any"])


@scene
def connect_uplink_down(stage):
    """The uplink is down: nobody gets an answer from outside, so silence says nothing about anybody."""
    house = stage.use(House(stage.rng))
    for index, host in enumerate((house.camera, house.recorder, house.phone, house.laptop)):
        talk.dhcp(house, 0.1 + index * 0.15, host, house.gateway, host.v4, name=host.name)
        for i in range(12):
            when = 1 + i * 3 + index * 0.4
            talk.lookup(house, when, host.v4, house.gateway.v4, f"cloud{i}.example.com", code=2)
            talk.unanswered(house, when + 0.1, host.v4, public_address(stage.rng), 443, tries=4)
    talk.tcp(house, 0.9, house.laptop.v4, house.gateway.v4, 80, [("c", b"GET / HTTP/1.0\r\n\r\n")], rtt=0.002)
    connect_scan(house, 2, house.recorder.v4, 60, 23, every=0.5, tries=3)
    stage.unseen = {"one_way": ">0"}
