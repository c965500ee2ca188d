# SPDX-License-Identifier: MIT
"""The frames by which the firewall's rules are tried (tests/contain/frames.py), shown to the XDP program: it must pass what the
rules let through, and drop those of a hijacked device that matter."""

import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "contain"))

import frames  # noqa: E402
from place import ALLOWED, ALLOWED6, CAM, HOSTS  # noqa: E402

GATED, CONTAINED, ISOLATED = 1, 2, 3
STATES = {GATED: "gated", CONTAINED: "contained", ISOLATED: "isolated"}
# Of all that the rules drop: what may not come as far as them, in which state.
SURE = {
    CONTAINED: ("datagram to world", "SYN to world", "ACK to world", "echo to world", "raw protocol to world", "SYN to other", "echo to other",
                "raw protocol to other", "SYN to who looks", "forged sender to eye", "forged sender to world", "IP in IP to world",
                "IPv6 in IP to other", "VLAN tag to eye", "PPPoE session to eye", "ARP answer for rec", "ARP answer for the gateway",
                "router advertisement", "unknown type to eye", "DHCP to other", "fragment 1 of TCP to who looks"),
    GATED: ("datagram to world", "SYN to world", "ACK to world", "raw protocol to world", "VLAN tag to eye", "PPPoE session to eye"),
    ISOLATED: ("datagram to world", "SYN to other", "datagram to other", "ACK to other", "VLAN tag to eye", "unknown type to eye",
               "ARP answer for rec", "IP in IP to other"),
}


class House:
    """What the frames ask of a house, without one."""

    kind, routed = "transparent", False

    def v4(self, name):
        return f"192.0.2.{HOSTS[name].number}"

    def v6(self, name):
        return f"2001:db8:1::{HOSTS[name].number:x}"


def trial(program, expect, say):
    house = House()
    rows = frames.Sender(house).build().rows
    words = [f"mac {CAM.mac.replace(':', '')}", "lan 192.0.2.0 120", "lan 2001:db8:1:: 64", "gateway 192.0.2.1", "gateway 2001:db8:1::1"]
    words += [f"own {a}" for a in (house.v4("cam"), house.v6("cam"), CAM.link_local)]
    words += [f"recorder {a}" for a in (house.v4("rec"), house.v6("rec"))] + [f"allowed {a}" for a in (ALLOWED, ALLOWED6)]
    for state in STATES:
        words += [f"hold {state}"] + [f"frame {row[4].hex()}" for row in rows]
    done = subprocess.run([program, "--frames"], input="\n".join(words) + "\n", capture_output=True, text=True, check=False)
    answers = done.stdout.split()
    expect("each frame of the rules' trials was decided", len(answers) == len(rows) * len(STATES), done.stderr or len(answers))
    for i, state in enumerate(STATES):
        got = dict(zip((row[0] for row in rows), answers[i * len(rows):]))
        dropped = sum(word == "drop" for word in got.values())
        no = sum(row[2][state] == "n" for row in rows)
        for name, _, expected, *_ in rows:
            expect(f"{STATES[state]}: {name}: the rules let it through, so does XDP", expected[state] == "n" or got[name] == "pass")
        for name in SURE[state]:
            all_of = [word for full, word in got.items() if full.startswith(name)]
            expect(f"{STATES[state]}: {name} is dropped by XDP", all_of and set(all_of) == {"drop"}, all_of)
        say(f"  {STATES[state]}: of {no} frames that the rules drop XDP drops {dropped}; of {len(rows) - no} others none")
