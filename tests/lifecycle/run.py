#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
Whole infections of lab/lifecycle.py on a LAN, with packets lost at random before the point of capture: each family,
with a seed for each life and each loss. A report may miss stages; it may tell none that was not there, none before
another that came first, none of a neighbour, and no other family. Of 100 infected devices 95 must be called so. The
same lives are read once more as if the capture had ended before they scanned anybody: that is printed, and only what
is invented fails.

Usage: run.py [--seeds N] [--test] [CORDON|BUILD]
       --seeds N   lives of each family, 25 without it
       --test      prints failures and a count, as a group of `make test` does
"""
import argparse
import collections
import dataclasses
import json
import math
import multiprocessing
import pathlib
import random
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "lab"))
import files  # noqa: E402
import lifecycle  # noqa: E402
import scenes  # noqa: E402

LOSSES = (0, 1, 10)  # percent
LEAST = 95  # percent of lives that must be called infected
SECONDS = 60


@dataclasses.dataclass
class Read:
    """What a report said of one life, seen whole or up to its first scan, with so much lost."""

    family: str
    seed: int
    early: bool
    percent: int
    verdict: str
    found: list  # stages that were there and are told
    named: bool
    wrong: list  # in words

    def words(self):
        return f"{self.family}, seed {self.seed}, {self.percent} % lost{', before it scanned' if self.early else ''}"


def lossy(records, percent, seed):
    """What is left of a capture."""
    rng = random.Random(seed)
    return [r for r in records if rng.random() * 100 >= percent]


def is_in_order(told, truth):
    """Some of the truth's stages, none twice, in their order."""
    left = iter(truth)
    return all(stage in left for stage in told)


def judge(device, stages, family):
    """What is wrong with what a report says of the one who was taken over."""
    lines = []
    if not set(device["stages"]) <= set(stages):
        lines.append(f"stages that were not: {sorted(set(device['stages']) - set(stages))}")
    elif not is_in_order(device["stages"], stages):
        lines.append(f"not in the order of {stages}: {device['stages']}")
    if not set(device["families"]) <= {family}:
        lines.append(f"families {device['families']}")
    return lines


def devices_of(program, path):
    done = subprocess.run([program, "inspect", "-q", "--format", "json", path], capture_output=True, timeout=SECONDS,
                          check=False)
    if done.returncode:
        raise RuntimeError(f"status {done.returncode}: {done.stderr.decode('utf-8', 'replace')[-300:]}")
    return json.loads(done.stdout)["devices"]


def before_scanning(stage):
    """How many frames came before the first that belongs to a scan."""
    first = {id(sign.first) for sign in stage.life.signs if sign.stage == "scanning"}
    return next(i for i, frame in enumerate(stage.ordered()) if id(frame) in first)


def examine(program, path, stage, seed, early, percent):
    life, camera = stage.life, stage.nets[0].camera.id
    stages = life.stages[: life.stages.index("scanning")] if early else life.stages
    devices = devices_of(program, path)
    taken = next((d for d in devices if d["id"] == camera), None)
    if taken is None:
        return Read(life.family, seed, early, percent, "missing", [], False, ["the camera is not listed"])
    wrong = judge(taken, stages, life.family)
    wrong += [f"{d['id']}: {d['verdict']} {d['stages']}" for d in devices
              if d["site"] == "local" and d["id"] != camera and (d["stages"] or d["verdict"] == "infected")]
    found = [s for s in taken["stages"] if s in stages]
    return Read(life.family, seed, early, percent, taken["verdict"], found, bool(taken["families"]), wrong)


def live(job):
    """One life, whole and up to its first scan, with each loss."""
    program, family, seed = job
    stage = scenes.Stage(f"lifecycle-{family}-lan")
    stage.rng = random.Random(f"{family} {seed}")
    scenes.SCENES[stage.name](stage)
    records, end, out = stage.records(), before_scanning(stage), []
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/life.pcap"
        for early in (False, True):
            for percent in LOSSES:
                seen = records[:end] if early else records
                files.write(path, stage.form, lossy(seen, percent, f"{family} {seed} {percent}"))
                out.append(examine(program, path, stage, seed, early, percent))
    return out


def at_least(hits, n):
    """The exact lower limit of a share (Clopper and Pearson, 95 %, one side)."""
    if hits == 0:
        return 0.0
    low, high = 0.0, 1.0
    for _ in range(50):
        p = (low + high) / 2
        tail = sum(math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(hits, n + 1))
        low, high = (p, high) if tail < 0.05 else (low, p)
    return low


def percent_of(part, whole):
    return f"{100 * part / whole:.0f} %" if whole else "-"


def print_loss(percent, early, reads):
    infected = sum(read.verdict == "infected" for read in reads)
    print(f"{percent} % of packets lost{', capture ends before it scans' if early else ''}: infected {infected} of "
          f"{len(reads)} (at least {100 * at_least(infected, len(reads)):.0f} % with 95 % confidence), "
          f"{sum(bool(read.wrong) for read in reads)} with something invented or out of order")
    stages = lifecycle.STAGES[:3] if early else lifecycle.STAGES
    print(f"  {'stages found':14}" + "".join(f"{stage:>11}" for stage in stages) + f"{'all':>7}{'family':>8}")
    groups = collections.defaultdict(list)
    for read in reads:
        groups[read.family].append(read)
    for name, group in [*groups.items(), ("together", reads)]:
        shares = [percent_of(sum(stage in read.found for read in group), len(group)) for stage in stages]
        everything = percent_of(sum(len(read.found) for read in group), len(group) * len(stages))
        named = percent_of(sum(read.named for read in group), len(group))
        print(f"  {name:14}" + "".join(f"{share:>11}" for share in shares) + f"{everything:>7}{named:>8}")


def failures(reads):
    lines = [f"{read.words()}: {line}" for read in reads for line in read.wrong]
    for percent in LOSSES:
        some = [read for read in reads if read.percent == percent and not read.early]
        missed = [f"{read.family} {read.seed}" for read in some if read.verdict != "infected"]
        if len(missed) * 100 > len(some) * (100 - LEAST):
            lines.append(f"{percent} % lost: {len(missed)} of {len(some)} not called infected: {', '.join(missed)}")
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=25, metavar="N")
    parser.add_argument("--test", action="store_true")
    parser.add_argument("program", nargs="?", default="build", metavar="CORDON|BUILD")
    args = parser.parse_args()
    program = pathlib.Path(args.program).resolve()
    program = program / "cordon" if program.is_dir() else program
    scenes.load()
    jobs = [(str(program), family, seed) for family in lifecycle.LIVES for seed in range(args.seeds)]
    with multiprocessing.Pool(2) as pool:
        reads = [read for some in pool.imap(live, jobs) for read in some]
    for early in (False, True):
        for percent in LOSSES:
            print_loss(percent, early, [r for r in reads if (r.early, r.percent) == (early, percent)])
    failed = failures(reads)
    for line in failed:
        print(f"FAIL {line}")
    if args.test:
        print(f"{max(0, len(reads) + len(LOSSES) - len(failed))} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
