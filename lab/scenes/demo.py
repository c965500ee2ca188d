# SPDX-License-Identifier: MIT
"""The demo capture of `make run`."""

import bots
import carry
import talk
import wire
from apps import recorders, terminal
from house import House, lan_mac
from network import Host

from scenes import scene

VICTIM = wire.ip("198.51.100.7")
LOADER = wire.ip("203.0.113.77")
RECALLS = (("recalled", "telnet/23", "CVE-2016-1000245"), ("outdated-firmware", None, "XM statement 2016"))
BUILT, FIRMWARE = "2014-12-05 17:24:41", "V4.02.R11.00000059.10001.131900.00000"


def announce(house, at, host, *, times, every):
    """What boards of this maker broadcast unasked: model, firmware and when that was built."""
    told = recorders.xm_announcement(BUILT, FIRMWARE, wire.mac_text(host.mac), host_name="LocalHost", device_type="DVR")
    for number in range(times):
        talk.udp(house, at + number * every, host.v4, wire.ALL4, 34569, 34569, told)


@scene
def demo(stage):
    """A household whose recorder was taken over: a stranger logs in to it by telnet with the factory password, then it
    scans, finds somebody, and floods a victim, while phone and laptop live their lives and the camera at the door streams
    25 Mbit/s to it. Every minute it says what it is."""
    house = stage.use(House(stage.rng, v6=True))
    recorder = house.recorder
    door = house.add(Host("door-camera", lan_mac(22), [house.lan(22), house.lan6(22)]))
    at = house.settle() + 2
    house.background(at, 300, every=3)
    talk.stream(house, at + 5, door.v4, recorder.v4, 5004, seconds=12, mbit=25)
    announce(house, at + 3, recorder, times=5, every=60)
    _, frames = carry.whole(house, at + 18, (LOADER, recorder.v4), terminal.telnet("root", "xc3511", name="LocalHost"))
    bots.MiraiScanner(house, recorder.v4).burst(at + 20, 8000, listen=5)
    bots.flood_udp(house, at + 200, [recorder.v4], VICTIM, count=20000, seconds=16)
    house.accuse(recorder, "infected", ["scanning", "attacking"], ["mirai"])
    house.attack("udp", VICTIM, "outbound", devices=[recorder], packets=20000)
    house.tell(recorder, maker="Xiongmai", product="dvr", firmware=FIRMWARE, built=BUILT[:10])
    for kind, detail in (("factory-password", "root / x…1"), ("unchangeable-password", ""), ("open-telnet", ""),
                         ("internet-reachable", "203.0.113.77"), ("cleartext-login", "")):
        house.expose(recorder, kind, "telnet/23", detail, frame=frames["answer"] if "login" in kind else None)
    for kind, service, advisory in RECALLS:
        house.expose(recorder, kind, service, advisory, basis="inferred")
    stage.secrets = [recorders.SERIAL]
    stage.masked = ["xc3511"]
