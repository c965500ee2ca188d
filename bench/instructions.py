# SPDX-License-Identifier: MIT
"""
Instructions that a command executes, counted by valgrind's callgrind and added up by source folder. The count hardly
depends on the machine and not at all on what else runs there, so it can guard against getting slower where a clock
can't. It knows nothing of caches: what waits for memory costs no more here than what doesn't.

A function that was inlined counts for the folder it is written in. What was inlined from src/base or from headers of
the C library counts for the stage whose code stands before it: it is nearly always that stage's doing.
"""
import pathlib
import re
import shutil
import subprocess

STAGES = ("base", "capture", "decode", "flow", "proto", "identify", "detect", "verdict", "report", "cli", "libraries")


def is_here():
    return shutil.which("valgrind") is not None


def stage_of(path):
    """src/flow/world.c: flow; src/pipeline.c and the like: cli; None for what is not ours."""
    found = re.search(r"(?:^|/)src/(?:(\w+)/)?\w+\.[ch]$", path)
    if found:
        return found[1] if found[1] in STAGES else "cli"
    return "base" if re.search(r"(?:knowledge|prefixes)_data\.c$", path) else None


class Profile:
    """Reads callgrind's format (valgrind manual, "Callgrind Format Specification"): names are told once and then by number."""

    def __init__(self):
        self.sums = dict.fromkeys(STAGES, 0)
        self.names = {}
        self.function = None  # stage of the function's own file
        self.stage = None  # of the lines that follow
        self.skip = False  # the next costs are those of a call, which are counted where they are spent

    def name(self, value):
        number, _, name = value.partition(" ")
        if name:
            self.names[number] = stage_of(name)
        return self.names.get(number)

    def line(self, line):
        if line[:1] in "0123456789+-*":
            if not self.skip:
                self.sums[self.stage or "libraries"] += int(line.split()[1])
            self.skip = False
            return
        key, _, value = line.rstrip("\n").partition("=")
        if key == "fl":
            self.function = self.stage = self.name(value)
        elif key in ("fi", "fe"):
            stage = self.name(value)
            if stage not in (None, "base"):
                self.stage = stage
        elif key in ("cfi", "cfl"):
            self.name(value)
        elif key == "fn":
            self.stage = self.function
        elif key == "calls":
            self.skip = True


def read(path):
    profile = Profile()
    with open(path, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            profile.line(line)
    return profile.sums


def count(command, scratch):
    """{stage: instructions} of one run. scratch: a file that may be written."""
    scratch = pathlib.Path(scratch)
    run = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={scratch}", *map(str, command)]
    done = subprocess.run(run, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace", check=False)
    if done.returncode != 0:
        raise RuntimeError(f"status {done.returncode} from {' '.join(run)}: {done.stderr[-400:]}")
    sums = read(scratch)
    scratch.unlink()
    return sums


def a_packet(more, less, packets):
    """Instructions a packet by stage, where `less` is the count of a run with so many packets fewer."""
    return {stage: (more[stage] - less[stage]) / packets for stage in STAGES}
