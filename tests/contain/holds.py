# SPDX-License-Identifier: MIT
"""What src/contain writes for a house (by build/tests/contain_try), and the count of what was checked."""

import pathlib
import subprocess
import sys

import place as places
from place import ALLOWED, ALLOWED6, CAM

BUILD = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build").resolve()
TRY, BUSYBOX = BUILD / "tests" / "contain_try", BUILD / "lab" / "busybox" / "bin" / "busybox"
HOUR = "3600"
counts = {"passed": 0, "failed": 0, "skipped": 0}


def check(what, good, seen=""):
    counts["passed" if good else "failed"] += 1
    if not good:
        print(f"FAIL contain: {what}: {seen}"[:1000])


def made(*words):
    return subprocess.run([TRY, *words], capture_output=True, text=True, check=True).stdout


def rules(house, *more, ports=None):
    words = ["lan", "192.0.2.0/24", "lan", "2001:db8:1::/64"]
    if house.routed:
        words += ["lan", "203.0.113.0/24", "lan", "2001:db8:3::/64"]
    for port in house.ports if ports is None else ports:
        words += ["port", port]
    for address in house.gateways + (["192.0.2.2", "2001:db8:1::2"] if house.kind == "transparent" else []):
        words += ["gateway", address]
    return made("rules", *words, *more)


def device(deed, house, hold):
    """The deed that holds or releases cam, which has its three addresses, tv as a viewer and rec as its recorder."""
    words = [deed, hold, CAM.mac, HOUR]
    for address in (house.v4("cam"), house.v6("cam"), CAM.link_local):
        words += ["own", address]
    # That somebody outside looks would be a mistake of the service: it must not let cam out.
    for kind, addresses in (("viewer", (house.v4("tv"), house.v6("tv"), ALLOWED, ALLOWED6)), ("recorder", (house.v4("rec"), house.v6("rec"))),
                            ("allowed", (ALLOWED, ALLOWED6))):
        for address in addresses:
            words += [kind, address]
    return made(*words)


def listed(house, *words):
    return places.run("ip", "netns", "exec", house.box, "nft", "list", *words)


def forget_viewers(house):
    """What the kernel learned; cordon-enforce does so when it takes a device's last hold away."""
    for family in ("netdev", "bridge", "inet"):
        for v in "46":
            house.nft(f"flush set {family} cordon viewers{v}\n")
