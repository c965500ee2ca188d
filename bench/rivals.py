# SPDX-License-Identifier: MIT
"""
Other programs that look at packets, from Debian's packages, each with what is asked for in the usual way: dissectors and
flow meters. They keep gigabytes for a million packets, so that each has one run with a cap on its memory and its time;
which of both ended it is told.
"""
import os
import shutil
import subprocess
import sys

# name: (package, what is run; FILE is the capture)
RIVALS = {
    "ndpiReader": ("libndpi-bin", ["ndpiReader", "-q", "-i", "FILE"]),
    "tshark": ("tshark", ["tshark", "-n", "-q", "-z", "io,phs", "-r", "FILE"]),
    "argus": ("argus-server", ["argus", "-F", "/dev/null", "-r", "FILE", "-w", "/dev/null"]),
    "p0f": ("p0f", ["p0f", "-r", "FILE"]),
}
# A stateless filter: is it a SYN, and does it go where next to nothing goes? Both look at the header of TCP.
FILTER = "tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn and dst port 48101"


def tcpdump(path):
    return ["tcpdump", "-n", "-r", path, "-w", "/dev/null", FILTER]


def is_here(program):
    """Daemons are in sbin, which not everybody's PATH has."""
    return shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


def version(package):
    try:
        asked = ["dpkg-query", "-W", "-f", "${Version}", package]
        return subprocess.run(asked, capture_output=True, text=True, check=True).stdout or "unknown"
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def present():
    """{name: (package, command)} of those that are here; a loud word for each of the others."""
    here = {}
    for name, (package, command) in RIVALS.items():
        program = is_here(command[0])
        if program:
            here[name] = (package, [program, *command[1:]])
        else:
            print(f"SKIPPED {name}: not installed (Debian's package {package})", file=sys.stderr)
    return here


def on(command, path):
    return [path if word == "FILE" else word for word in command]


def fate(run, bound):
    """How it ended, in words; what ends at the cap says so itself."""
    if run.late:
        return f"not done after {bound} s"
    if run.status == 0:
        return "done"
    how = f"signal {-run.status}" if run.status < 0 else f"status {run.status}"
    return f"ended with {how}: {run.words[:60]}" if run.words else f"ended with {how}"
