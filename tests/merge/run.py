#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
`inspect --summary` and `merge`, over every scene of lab/ and every real capture (where they are):

1. One summary, merged alone, says byte for byte what inspect said of the capture.
2. A capture is cut at random places into two to four pieces, each summarised, all merged. The order in which they are
   named changes no byte. Against the pieces' own reports: what is counted is the sum, firsts are the earliest, lasts the
   latest, nothing that one of them concluded is taken back. Against the whole capture's report: equal, but for what was
   going on where it was cut, and only in the fields that docs/merge.md names.

How many were wholly equal is printed. CORDON_CUTS=N cuts each N times, with N seeds.

Usage: run.py [BUILD] [--only GLOB]
"""
import argparse
import collections
import fnmatch
import json
import multiprocessing
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "lab"), str(ROOT / "tests" / "real"), str(ROOT / "tests" / "traces")]
import compare  # noqa: E402
import cut  # noqa: E402
import files  # noqa: E402
import make_traces  # noqa: E402

SHARED = pathlib.Path(os.environ.get("CORDON_SHARED", ROOT.parent / "shared"))
CAPTURES = pathlib.Path(os.environ.get("CORDON_CAPTURES", SHARED / "captures"))
CUTS = int(os.environ.get("CORDON_CUTS", "1"))
SECONDS = 120
VERDICTS = ("clear", "exposed", "suspect", "infected")

# What may differ from the report of the uncut capture, and why (docs/merge.md). A difference anywhere else is a failure.
UNSEEN = "counted by what was known when the packet came"
STATE = "a conversation, or what a detector had in mind, lay across the cut"
FLOOD = "a target is admitted anew, and its rates are by the second"
MAY_DIFFER = (
    (r"/unseen/(backscatter|held_clock|one_way|surplus_facts|duplicates|no_actor|(refused|given_up)_\w+)", UNSEEN),
    (r"/attacks\b.*", FLOOD),
    (r"/vantage/(place|note)", FLOOD),
    (r"/devices\[\]/(observed/two_way|backing|confidence|verdict|why|do|stages|families|since|undecided)\b.*", STATE),
    (r"/devices\[\]/(exposures|evidence|identified_by|maker|brand|product|model|firmware|built)\b.*", STATE),
    (r"/devices\[\]/rates\b.*", "the stage clock stands still where packets are rare"),
    (r"/(recalls|makers|scanned|undecided)\b.*", STATE),
    (r"/vantage/judged", STATE),
)

BACK = "times go back within it: the uncut capture has the last packet's time, not the latest"
OURS = "what shows a public address to be ours (ARP, a router's announcement) lies before the cut"

# Whose devices themselves depend on what was known before the cut. Name -> why.
DEVICES_DIFFER = {
    "full-*": "tables are full: which address found room depends on what else there was",
    "benign/malcolm_DNS.pcap": "an address is proven by a question before the cut and its answer behind it",
    "benign/arkime_v6.pcap": OURS,
    "benign/malcolm_DHCP.pcap": BACK,
    "malformed/suricata-verify/bug-8621__bug-8621-01__input.pcap": BACK,
    "gateway-ttl-flood-v6": OURS,
    "lifecycle-*-wan": OURS,
}


class Outcome:
    def __init__(self, name):
        self.name, self.passed, self.failures = name, 0, []
        self.cuts, self.equal, self.differ = 0, 0, collections.Counter()

    def check(self, ok, what):
        if ok:
            self.passed += 1
        else:
            self.failures.append(what)
        return ok


def run(program, *args):
    command = [str(program), *map(str, args)]
    try:
        return subprocess.run(command, capture_output=True, timeout=SECONDS, check=False, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, -1, b"", b"no end within %d s" % SECONDS)


def last_words(done):
    return f"status {done.returncode}: " + " | ".join(done.stderr.decode("utf-8", "replace").splitlines()[-4:])


def summarise(program, capture, saved, args):
    return run(program, "inspect", "-q", "--threads", "1", "--json", "--all", *args, "--summary", saved, "--", capture)


def check_alone(outcome, programs, capture, saved, args):
    """The report, or None."""
    done = summarise(programs[0], capture, saved, args)
    if done.returncode == 65:
        return None
    if not outcome.check(done.returncode == 0, f"inspect --summary: {last_words(done)}"):
        return None
    again = run(programs[0], "merge", "-q", "--json", "--all", saved)
    if outcome.check(again.returncode == 0, f"merge: {last_words(again)}"):
        outcome.check(again.stdout == done.stdout, "one summary alone says something else than inspect")
    return json.loads(done.stdout)


def differences(a, b, at=""):
    """Paths of what is not equal; devices by their id."""
    if a == b:
        return
    if isinstance(a, dict) and isinstance(b, dict):
        for key in sorted(set(a) | set(b)):
            yield from differences(a.get(key), b.get(key), f"{at}/{key}")
    elif at == "/devices":
        one, other = ({d["id"]: d for d in side} for side in (a, b))
        for key in sorted(set(one) | set(other)):
            yield from differences(one.get(key), other.get(key), f"{at}[]")
    else:
        yield at, a, b


def reason_of(path):
    for pattern, why in MAY_DIFFER:
        if re.fullmatch(pattern, path):
            return why
    return None


def devices_of(reports):
    out = collections.defaultdict(list)
    for report in reports:
        for device in report["devices"]:
            out[device["id"]].append(device)
    return out


def rank(device):
    return VERDICTS.index(device["verdict"])


def check_device(outcome, device, parts, whole):
    # Before it has an address, or has sent from it, a device is known by what it told alone, which is called one packet.
    seen, pieces = device["observed"], [part["observed"] for part in parts if part["addresses"]]
    pieces = [piece for piece in pieces if (piece["packets_out"], piece["unicast_out"]) != (1, 0)]
    where = f"{device['id']}:"
    # Whose an address is may be seen better in all pieces together, as it is in the uncut capture.
    same = whole is not None and whole["observed"] == seen
    if pieces and not same and device["site"] == "local" and all(part["site"] == "local" for part in parts):
        for key in ("packets_out", "unicast_out"):
            outcome.check(seen[key] >= sum(p[key] for p in pieces), f"{where} {key} is not the sum")
        outcome.check(seen["first"] <= min(p["first"] for p in pieces), f"{where} first is not the earliest")
        outcome.check(seen["last"] >= max(p["last"] for p in pieces), f"{where} last is not the latest")
        outcome.check(seen["two_way"] >= max(p["two_way"] for p in pieces), f"{where} two-way in a piece alone")
    weaker = rank(device) < max(map(rank, parts))
    agrees = whole is not None and rank(device) <= rank(whole)
    outcome.check(not weaker or agrees, f"{where} {device['verdict']} is weaker than a piece's verdict")


def check_against_pieces(outcome, merged, pieces, whole):
    parts, uncut = devices_of(pieces), {d["id"]: d for d in whole["devices"]}
    for device in merged["devices"]:
        if device["id"] in parts:
            check_device(outcome, device, parts[device["id"]], uncut.get(device["id"]))
    for key, value in merged["unseen"].items():
        total = sum(piece["unseen"].get(key, 0) for piece in pieces)
        exact = not key.startswith("refused") and key not in ("cut_flows", "surplus_facts")
        outcome.check(value == total if exact else value >= total, f"unseen {key} is {value}, the pieces have {total}")
    outcome.check("cut_flows" in merged["unseen"], "cut_flows is not told")
    key = lambda a: (a["target"], a["vector"], a["direction"])  # noqa: E731
    attacks = {key(a): a for a in merged["attacks"]}
    for piece in pieces:
        for attack in piece["attacks"]:
            had = attacks.get(key(attack))
            if had is not None:
                for field in ("packets", "bytes", "peak_pps"):
                    outcome.check(had[field] >= attack[field], f"attack {key(attack)}: {field} is less than a piece's")


def goes_back(pieces):
    """Do times go back, as far as the inputs show?"""
    inputs = [piece["inputs"][0] for piece in pieces]
    return any(a["last"] and b["first"] and a["last"] > b["first"] for a, b in zip(inputs, inputs[1:]))


def check_against_whole(outcome, merged, whole, capture, starts, pieces):
    merged["unseen"].pop("cut_flows", None)
    one = compare.joined(whole, {str(capture): 0})
    found = list(differences(one, compare.joined(merged, starts)))
    outcome.cuts += 1
    outcome.equal += not found
    spared = any(fnmatch.fnmatch(outcome.name, pattern) for pattern in DEVICES_DIFFER)
    for path, a, b in found:
        outcome.differ[path] += 1
        late = path.startswith("/devices[]/observed/") and goes_back(pieces)
        known = reason_of(path) is not None or spared or late or is_stranger(a, b)
        outcome.check(known, f"{path}: {a!r:.120} uncut, {b!r:.120} merged")


def is_stranger(a, b):
    """A stranger is listed for what it is accused of alone."""
    return all(side is None or isinstance(side, dict) and side.get("site") == "remote" for side in (a, b))


def check_pieces(outcome, program, capture, args, whole, seed):
    try:
        pieces = cut.pieces(files.load(capture), seed, 4)
    except cut.NotCut:
        return
    with tempfile.TemporaryDirectory() as folder:
        folder, starts, saved, reports = pathlib.Path(folder), {}, [], []
        for i, (start, body) in enumerate(pieces):
            path = folder / f"piece-{i}"
            path.write_bytes(body)
            starts[str(path)] = start
            saved.append(folder / f"piece-{i}.summary")
            done = summarise(program, path, saved[-1], args)
            if not outcome.check(done.returncode == 0, f"piece {i}: {last_words(done)}"):
                return
            reports.append(json.loads(done.stdout))
        done = run(program, "merge", "-q", "--json", "--all", *saved)
        if not outcome.check(done.returncode == 0, f"merge: {last_words(done)}"):
            return
        random.Random(seed).shuffle(saved)
        again = run(program, "merge", "-q", "--json", "--all", *saved)
        outcome.check(done.stdout == again.stdout, "the order of the names changes the report")
        check_steps(outcome, program, folder, saved, done.stdout)
    merged = json.loads(done.stdout)
    check_against_pieces(outcome, merged, reports, whole)
    check_against_whole(outcome, merged, whole, capture, starts, reports)


def check_steps(outcome, program, folder, saved, wanted):
    """Two first, and what comes of them with the third, is the same as all three at once."""
    order = [entry["path"] for entry in json.loads(wanted)["inputs"]]
    if len(saved) != 3 or outcome.name.startswith("full-") or order != sorted(order):
        return
    saved = sorted(saved)
    both = folder / "both"
    done = run(program, "merge", "-q", "-o", "/dev/null", "--summary", both, *saved[:2])
    outcome.check(done.returncode == 0, f"merge --summary: {last_words(done)}")
    outcome.check(run(program, "merge", "-q", "--json", "--all", both, saved[2]).stdout == wanted, "in two steps the report is another")


def examine(job):
    name, capture, args, cuts, programs = job
    outcome = Outcome(name)
    with tempfile.TemporaryDirectory() as folder:
        whole = check_alone(outcome, programs, capture, pathlib.Path(folder) / "summary", args)
    if whole is not None and cuts and whole["inputs"][0]["damage"] is None:
        for n in range(CUTS):
            check_pieces(outcome, programs[-1], pathlib.Path(capture), args, whole, f"{pathlib.Path(name).name} {n}")
    return outcome


def jobs(folder, only, programs):
    for name in make_traces.chosen([]):
        if only is None or fnmatch.fnmatch(name, only):
            capture = make_traces.make(name, str(folder))
            label = json.loads((folder / f"{name}.label.json").read_text())
            yield name, capture, label["args"], label["cuts"], programs
    for path in sorted(CAPTURES.rglob("*")) if CAPTURES.is_dir() else []:
        name = str(path.relative_to(CAPTURES))
        if path.suffix in (".pcap", ".pcapng", ".cap", ".trace") and (only is None or fnmatch.fnmatch(name, only)):
            yield name, path, [], True, programs


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", nargs="?", default="build")
    parser.add_argument("--only", metavar="GLOB")
    args = parser.parse_args()
    build = pathlib.Path(args.build).resolve()
    programs = [p for p in (build / "san" / "cordon", build / "cordon") if p.exists()]
    outcomes = []
    with tempfile.TemporaryDirectory() as scratch, multiprocessing.Pool(2) as pool:
        for outcome in pool.imap(examine, jobs(pathlib.Path(scratch), args.only, programs)):
            outcomes.append(outcome)
            for failure in outcome.failures[:8]:
                print(f"FAIL {outcome.name}: {failure}")
    differ = sum((outcome.differ for outcome in outcomes), collections.Counter())
    cuts, equal = sum(o.cuts for o in outcomes), sum(o.equal for o in outcomes)
    print(f"{len(outcomes)} captures, {cuts} of them cut and merged, {equal} of these wholly equal to the uncut")
    for path, n in differ.most_common(12):
        print(f"  {n:5} {path}: {reason_of(path) or 'see DEVICES_DIFFER'}")
    if not CAPTURES.is_dir():
        print(f"SKIPPED: the real captures are not here ({CAPTURES}); CORDON_CAPTURES may say where they are")
    failed = sum(len(o.failures) for o in outcomes)
    print(f"{sum(o.passed for o in outcomes)} passed, {failed} failed" + ("" if CAPTURES.is_dir() else ", 1 skipped"))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
