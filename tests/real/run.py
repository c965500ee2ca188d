#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
Every real capture of the manifest beside the project (or CORDON_CAPTURES), in place: no sanitizer finding, the
packets the manifest counts, a report that fits the schema, the same bytes for any number of threads, the same
report for a capture cut into pieces, and the verdicts that its label allows. Skipped, loudly, where the captures
are not there.

Usage: run.py [BUILD]           CORDON_CUTS=N cuts each capture N times, with N seeds
"""
import csv
import json
import multiprocessing
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import cut  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build").resolve()
SHARED = pathlib.Path(os.environ.get("CORDON_SHARED", ROOT.parent / "shared"))
CAPTURES = pathlib.Path(os.environ.get("CORDON_CAPTURES", SHARED / "captures"))
SCHEMA = SHARED / "schema" / "report.schema.json"
CUTS = int(os.environ.get("CORDON_CUTS", "1"))
SECONDS = 60
THREADS = (1, 2, 3, 16)
LEAST_TO_CUT = 20

# Files that are no capture: 65 is the right answer. File -> why.
NO_CAPTURE = {}

# Files where we rightly count another number of packets than the manifest. File -> (packets, why).
OTHER_COUNT = {}

# floods/: exactly these attacks, as (vector, target, direction), and nothing more.
FLOODS = {
    "floods/stopddos_pkt.TCP.synflood.spoofed.pcap": {("syn", "10.10.10.10", "inbound")},
    "floods/stopddos_amp.TCP.reflection.SYNACK.pcap": {("amplification", "10.10.10.10", "inbound")},
    "floods/stopddos_dahua37810_bacnet_even.pcap": {("amplification", "10.10.10.1", "inbound")},
    "floods/rsmurf6_suricata_verify.pcap": {("icmp", "ff02::1", "internal")},
    "floods/synflood_small_learnITgirl.pcap": set(),
    "floods/dosattack_ppa.pcap": set(),
    "floods/backscatter_bro_simple_scan.trace": set(),
}

SANITIZER = re.compile(rb"runtime error|ERROR: \w+Sanitizer|Assertion .* failed")


class Findings:
    """What the checks of one file said."""

    def __init__(self, name):
        self.name, self.passed, self.failures, self.notes = name, 0, [], []

    def check(self, ok, what):
        if ok:
            self.passed += 1
        else:
            self.failures.append(f"{self.name}: {what}")
        return ok


def inspect(program, paths, *options):
    command = [str(program), "inspect", "-q", "--format", "json", *options, "--", *map(str, paths)]
    try:
        return subprocess.run(command, capture_output=True, timeout=SECONDS, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, -1, b"", b"no end within %d seconds" % SECONDS)


def last_words(done):
    lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
    telling = [line for line in lines if SANITIZER.search(line.encode()) or " in " in line and "src/" in line]
    return f"status {done.returncode}; " + " | ".join((telling or lines[-3:])[:4])


def check_run(found, path, row):
    """Runs the sanitized program; the bytes of its report, or None."""
    done = inspect(BUILD / "san" / "cordon", [path])
    wanted = 65 if row["file"] in NO_CAPTURE else 0
    clean = done.returncode == wanted and not SANITIZER.search(done.stderr)
    if not found.check(clean, f"sanitized run: {last_words(done)}"):
        return None
    return done.stdout


def check_schema(found, report, validator):
    if validator is None:
        return
    errors = [f"{'/'.join(map(str, e.absolute_path))}: {e.message}"[:200] for e in validator.iter_errors(report)]
    found.check(not errors, "schema: " + "; ".join(errors[:3]))


def check_packets(found, report, row):
    if not found.check(len(report["inputs"]) == 1, f"{len(report['inputs'])} inputs for one file"):
        return
    counted, listed = report["inputs"][0]["packets"], int(row["packets"])
    if row["file"] in OTHER_COUNT:
        listed = OTHER_COUNT[row["file"]][0]
    damage = report["inputs"][0]["damage"]
    ok = counted == listed or (damage is not None and counted < listed)
    found.check(ok, f"{counted} packets, the manifest has {listed}")
    if ok and counted != listed:
        found.notes.append(f"{row['file']}: {counted} of {listed} packets, damaged at {damage['offset']}: {damage['reason']}")


def check_threads(found, path, sanitized):
    seen = {n: inspect(BUILD / "cordon", [path], "--threads", str(n)).stdout for n in THREADS}
    for n in THREADS:
        found.check(seen[n] == sanitized, f"--threads {n}: other bytes than the sanitized run's")


def places(value, starts):
    """Every {input, packet} as a number of the uncut capture, wherever in the report it stands."""
    if isinstance(value, dict):
        moved = {key: places(inner, starts) for key, inner in value.items()}
        if isinstance(moved.get("input"), int) and isinstance(moved.get("packet"), int):
            moved["packet"] += starts[moved["input"]]
            moved["input"] = 0
        return moved
    if isinstance(value, list):
        return [places(inner, starts) for inner in value]
    return value


def joined(report, starts_by_path):
    """The report with its inputs made one."""
    starts = [starts_by_path[entry["path"]] for entry in report["inputs"]]
    report = {key: value if key == "inputs" else places(value, starts) for key, value in report.items()}
    inputs = report["inputs"]
    report["inputs"] = {
        "packets": sum(entry["packets"] for entry in inputs),
        "bytes": sum(entry["bytes"] for entry in inputs),
        "first": min((entry["first"] for entry in inputs if entry["first"]), default=None),
        "last": max((entry["last"] for entry in inputs if entry["last"]), default=None),
    }
    return report


def difference(a, b, at=""):
    """Where two reports part, in words."""
    if type(a) is not type(b):
        return f"{at}: {a!r:.80} / {b!r:.80}"
    if isinstance(a, dict):
        for key in sorted(set(a) | set(b)):
            if a.get(key) != b.get(key):
                return difference(a.get(key), b.get(key), f"{at}/{key}")
    if isinstance(a, list):
        if len(a) != len(b):
            return f"{at}: {len(a)} / {len(b)} entries"
        for i, (x, y) in enumerate(zip(a, b)):
            if x != y:
                return difference(x, y, f"{at}/{i}")
    return f"{at}: {a!r:.120} / {b!r:.120}"


def check_cut(found, path, report, seed):
    try:
        pieces = cut.pieces(path.read_bytes(), seed)
    except cut.NotCut as why:
        found.notes.append(f"{found.name}: not cut, {why}")
        return
    with tempfile.TemporaryDirectory() as folder:
        starts = {}
        for i, (start, data) in enumerate(pieces):
            piece = pathlib.Path(folder) / f"piece-{i}"
            piece.write_bytes(data)
            starts[str(piece)] = start
        order = list(starts)
        random.Random(seed).shuffle(order)
        done = inspect(BUILD / "cordon", order)
        if not found.check(done.returncode == 0, f"{len(pieces)} pieces, seed {seed}: {last_words(done)}"):
            return
        whole, parts = joined(report, {str(path): 0}), joined(json.loads(done.stdout), starts)
        found.check(whole == parts, f"{len(pieces)} pieces, seed {seed}, say something else: {difference(whole, parts)}")


def accused(report, verdicts, site=None):
    for device in report["devices"]:
        if device["verdict"] in verdicts and site in (None, device["site"]):
            yield device


def story(device):
    addresses = " ".join(device["addresses"][:3])
    signs = "; ".join(f"{e['text']} (x{e['count']})" for e in device["evidence"][:4])
    return f"{device['site']} {device['id']} {addresses}: {device['verdict']} {device['confidence']}: {signs}"


def check_label(found, report, name):
    folder = name.split("/")[0]
    for device in accused(report, ("suspect", "infected")):
        if folder in ("benign", "devices", "malformed"):
            found.notes.append(f"{name}: {story(device)}")
    if folder in ("benign", "devices", "malformed"):
        site = None if folder == "malformed" else "local"
        wrong = [story(device) for device in accused(report, ("infected",), site)]
        found.check(not wrong, "called infected: " + " / ".join(wrong[:3]))
    if name in FLOODS:
        said = {(a["vector"], a["target"], a["direction"]) for a in report["attacks"]}
        found.check(said == FLOODS[name], f"attacks {sorted(said)}, should be {sorted(FLOODS[name])}")
        wrong = [story(device) for device in accused(report, ("infected",), "local")]
        found.check(not wrong, "the victim is called infected: " + " / ".join(wrong[:3]))
    if name.startswith("infected/mirai_syn_inbound_"):
        bot = [d["verdict"] for d in report["devices"] if "116.90.231.16" in d["addresses"] and d["site"] == "remote"]
        found.check(bot == ["suspect"], f"116.90.231.16 is {bot}, should be suspect")
        wrong = [story(device) for device in accused(report, ("suspect", "infected"), "local")]
        found.check(not wrong, "accuses a local device: " + " / ".join(wrong[:3]))


def load_validator():
    if not SCHEMA.exists():
        return None
    import jsonschema

    return jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))


def examine(row):
    name = row["file"]
    found = Findings(name)
    path = CAPTURES / name
    if not found.check(path.exists(), "is in the manifest but not there"):
        return found
    output = check_run(found, path, row)
    if output is None or name in NO_CAPTURE:
        return found
    try:
        report = json.loads(output)
    except ValueError as why:
        found.check(False, f"report is no JSON: {why}")
        return found
    check_schema(found, report, examine.validator)
    check_packets(found, report, row)
    check_threads(found, path, output)
    if int(row["packets"]) >= LEAST_TO_CUT and report["inputs"][0]["damage"] is None:
        for n in range(CUTS):
            check_cut(found, path, report, f"{name} {n}")
    check_label(found, report, name)
    return found


def begin_worker():
    examine.validator = load_validator()


def main():
    manifest = CAPTURES / "MANIFEST.tsv"
    if not manifest.exists():
        print(f"SKIPPED: the real captures are not here ({manifest}); CORDON_CAPTURES may say where they are")
        print("0 passed, 0 failed, 1 skipped")
        return 0
    skipped = 0
    if not SCHEMA.exists():
        print(f"SKIPPED: reports are not checked against the schema, which is not here ({SCHEMA})")
        skipped = 1
    with open(manifest, newline="") as text:
        rows = list(csv.DictReader(text, delimiter="\t", quoting=csv.QUOTE_NONE))
    rows.sort(key=lambda row: -int(row["packets"]))
    passed, failures, notes = 0, [], []
    with multiprocessing.Pool(2, begin_worker) as pool:
        for found in pool.imap_unordered(examine, rows):
            passed += found.passed
            failures += found.failures
            notes += found.notes
    for note in sorted(notes):
        print(f"  note {note}")
    for failure in sorted(failures):
        print(f"FAIL {failure}")
    print(f"{len(rows)} captures")
    print(f"{passed} passed, {len(failures)} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
