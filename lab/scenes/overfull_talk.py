# SPDX-License-Identifier: MIT
"""Captures that overfill the tables of conversations and of what parsers tell, with the least memory there is.

As in overfull.py: the same bytes for any number of threads, refusals counted, nobody innocent accused, and what a device
of ours does afterwards is found. Nothing here ends before the device acts: all of it is less than a minute old.
"""

import bots
import carry
import talk
import wire
from apps import recorders, terminal, things
from house import House
from network import public_address

from scenes import scene
from scenes.logins import STRANGER
from scenes.overfull import SCANNING, WIDE, camera_scans, provider, some

SMALLEST = ["--memory", "32M"]
FACTORY = ("root", "xc3511")


def smallest(stage, **refused):
    """A provider's network and a camera in it, as in overfull.py, with even less memory."""
    net, camera = provider(stage, **refused)
    stage.args = ["--local", WIDE, *SMALLEST]
    return net, camera


def ours(number):
    return b"\xc6\x13" + (256 + number % 60000).to_bytes(2, "big")


def begun(net, at, client, server, ports, said, *, ahead=0):
    """A connection that is opened and goes on: its client says something, perhaps behind a hole. Gives its numbers."""
    isn, theirs = net.rng.getrandbits(31), net.rng.getrandbits(31)

    def segment(when, back, flags, seq, ack, payload=b""):
        ends, way = (server, client) if back else (client, server), ports[::-1] if back else ports
        net.send(when, *ends, wire.TCP, wire.tcp(*ends, *way, seq=seq, ack=ack, flags=flags, payload=payload))

    segment(at, False, wire.SYN, isn, 0)
    segment(at + 0.02, True, wire.SYN | wire.ACK, theirs, isn + 1)
    segment(at + 0.03, False, wire.ACK | wire.PSH, isn + 1 + ahead, theirs + 1, said)
    return segment, isn + 1 + len(said), theirs + 1


@scene
def full_flows(stage):
    """Eighteen thousand connections of our addresses are open at once, half as many again as fit; our camera scans."""
    net, camera = smallest(stage, flows=">0")
    servers = some(stage.rng, 60, public_address)
    for i in range(18000):
        begun(net, 3 + i / 1500, ours(i % 600), servers[i % 60], (32768 + i // 60, 443), b"\x17\x03\x03\0\x20" + bytes(32))
    camera_scans(net, 16, camera)


@scene
def full_parsers(stage):
    """Four thousand of our addresses ask brokers who never answer: four times as many as parsers have states."""
    net, camera = smallest(stage, parsers=">0")
    said = things.mqtt("lab", "lab-own").lines[0].data
    for i, server in enumerate(some(stage.rng, 4000, public_address)):
        begun(net, 3 + i / 1000, ours(i), server, (40000 + i % 1000, 1883), said)
    camera_scans(net, 8, camera)


@scene
def full_windows(stage):
    """Two thousand connections lack their first bytes: ten times as many as there are windows to wait in."""
    net, camera = smallest(stage, windows=">0")
    for i, server in enumerate(some(stage.rng, 2000, public_address)):
        begun(net, 3 + i / 1000, ours(i), server, (40000 + i % 1000, 443), stage.rng.randbytes(60), ahead=90)
    camera_scans(net, 6, camera)


def taken(net, at, camera):
    """A stranger logs in at the camera by telnet, with the factory's password; all that shows of it must be told."""
    user, password = FACTORY
    _, frames = carry.whole(net, at, (STRANGER, camera.v4), terminal.telnet(user, password))
    service, answer = "telnet/23", frames["answer"]
    net.expose(camera, "open-telnet", service)
    net.expose(camera, "internet-reachable", service, wire.ip_text(STRANGER))
    net.expose(camera, "factory-password", service, "root / x…1", frame=answer)
    net.expose(camera, "unchangeable-password", service, frame=answer)
    net.expose(camera, "cleartext-login", service, frame=answer)
    return at + 2


@scene
def full_names(stage):
    """Forty thousand strangers say what they are, ten times as many as fit; then one logs in at our camera."""
    net, camera = smallest(stage, facts=">0")
    stage.others = "exposed"
    for i, src in enumerate(some(stage.rng, 41000, public_address)):
        told = {"method": "client.notifyDevInfo", "params": {"deviceInfo": {"DeviceType": f"LAB-{i}"}}}
        talk.udp(net, 3 + i / 4000, src, ours(i % 50), 37810, 37810, recorders.dhip_frame(told))
    camera_scans(net, taken(net, 14, camera), camera)


@scene
def full_logins(stage):
    """Six thousand strangers are refused at our servers, each with another password; then one gets into our camera."""
    net, camera = smallest(stage, logins=">0")
    for i, src in enumerate(some(stage.rng, 6000, public_address)):
        tried, refused = (line.data for line in things.mqtt("lab", f"lab-own-{i}", False).lines)
        segment, seq, ack = begun(net, 3 + i / 500, src, ours(i % 10), (40000 + i % 1000, 1883), tried)
        segment(3.05 + i / 500, True, wire.ACK | wire.PSH, ack, seq, refused)
        segment(3.06 + i / 500, False, wire.RST | wire.ACK, seq, ack + len(refused))
    camera_scans(net, taken(net, 17, camera), camera)


@scene
def full_prefixes(stage):
    """Somebody advertises seven hundred networks, ten times as many as fit; then our camera scans."""
    house = stage.use(House(stage.rng, v6=True))
    at = house.settle() + 0.5
    stage.args, stage.others, stage.unseen = list(SMALLEST), "clear", {"refused_prefixes": ">0"}
    for i in range(700):
        prefix = wire.ip("2001:db8:51::")[:6] + (256 + i).to_bytes(2, "big") + bytes(8)
        source = wire.ip("fe80::1")
        dst, body = wire.router_advertisement(source, house.gateway.mac, prefix)
        house.send(at + i / 200, source, dst, wire.ICMPV6, body, ttl=255)
    bots.MiraiScanner(house, house.camera.v4).burst(at + 5, 80, listen=1)
    house.accuse(house.camera, *SCANNING)
