#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
How many devices of labelled captures are named right. Each capture of the manifest beside the project whose label is
device:MAKER/MODEL and that says which host is meant is inspected four times: as it is, without makers' MAC prefixes,
with nothing but broadcasts and DHCP, and with both left out. What a right answer is stands in names.tsv. The score is
compared with the file `expect`: a wrong answer anywhere is a failure, and so are fewer right ones than expected.

Usage: score.py [--test | --write] [BUILD]
       --test prints failures and a count, as a group of `make test` does; --write makes `expect` anew.
       CORDON_CAPTURES says where the captures are. Without them all is skipped, loudly.
"""
import argparse
import collections
import csv
import dataclasses
import fnmatch
import json
import multiprocessing
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE))
import recorders  # noqa: E402
import rewrite  # noqa: E402

SHARED = pathlib.Path(os.environ.get("CORDON_SHARED", ROOT.parent / "shared"))
CAPTURES = pathlib.Path(os.environ.get("CORDON_CAPTURES", SHARED / "captures"))
EXPECT = HERE / "expect"
MAC = re.compile(r"\b[0-9a-f]{2}(?::[0-9a-f]{2}){5}\b")
IPV4 = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b")
ASPECTS = ("maker", "kind", "model")
FIELDS = {"maker": "maker", "kind": "product", "model": "model"}
RIGHT, WRONG, NONE, OPEN = "right", "wrong", "none", "open"  # open: the label does not say
SECONDS = 60


@dataclasses.dataclass
class Mark:
    """What came out for one capture in one variant."""

    label: str
    file: str
    variant: str
    marks: dict
    decided: str
    said: str


def table(name):
    """Rows of a file of tabs, without comments."""
    lines = (HERE / name).read_text().splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


def accepted(columns):
    return {aspect: None if cell == "-" else cell.lower().split("|") for aspect, cell in zip(ASPECTS, columns)}


def judge(device, right):
    marks = {}
    for aspect in ASPECTS:
        said = device and device[FIELDS[aspect]]
        patterns = right[aspect]
        if not said:
            marks[aspect] = OPEN if patterns is None else NONE
        elif patterns is None:
            marks[aspect] = OPEN
        else:
            fits = any(fnmatch.fnmatchcase(said.lower(), pattern) for pattern in patterns)
            marks[aspect] = RIGHT if fits else WRONG
    return marks


def inspect(cordon, path):
    done = subprocess.run(
        [cordon, "inspect", "-q", "--json", "--threads", "1", path], capture_output=True, timeout=SECONDS, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"status {done.returncode}: {done.stderr.decode('utf-8', 'replace')[-300:]}")
    return json.loads(done.stdout)


def find(report, macs, addresses):
    """The device of these MACs, else the one of these addresses."""
    for device in report["devices"]:
        if set(macs) & set(device["macs"]):
            return device
    for device in report["devices"]:
        if set(addresses) & set(device["addresses"]):
            return device
    return None


def decided(device):
    for sign in device["identified_by"] if device else []:
        if not sign.get("against"):
            return sign["signal"]
    return "nothing"


def words(device):
    if device is None:
        return "no such device"
    return " ".join(str(device[FIELDS[aspect]] or "-") for aspect in ASPECTS)


def readministered(mac):
    return rewrite.administered(bytes.fromhex(mac.replace(":", ""))).hex(":")


def score_one(job):
    """All variants of one capture."""
    row, right, cordon = job
    host, out = row["hosts_of_interest"], []
    # Of several hosts the label is about the first.
    macs, addresses = MAC.findall(host)[:1], IPV4.findall(host.split(";")[0])
    data = (CAPTURES / row["file"]).read_bytes()
    for name in rewrite.VARIANTS:
        with tempfile.NamedTemporaryFile(suffix=".pcap") as changed:
            changed.write(rewrite.variant(data, name))
            changed.flush()
            report = inspect(cordon, changed.name)
        wanted = [readministered(mac) for mac in macs] if "no prefixes" in name else macs
        device = find(report, wanted, addresses)
        marks = judge(device, right)
        nothing = all(mark in (NONE, OPEN) for mark in marks.values())
        said = "states none" if nothing else decided(device)
        out.append(Mark(row["label"].removeprefix("device:"), row["file"], name, marks, said, words(device)))
    return out


def manifest():
    with open(CAPTURES / "MANIFEST.tsv", newline="") as text:
        return list(csv.DictReader(text, delimiter="\t", quoting=csv.QUOTE_NONE))


def is_scored(row):
    return row["label"].startswith("device:") and "/" in row["label"] and MAC.search(row["hosts_of_interest"])


def score_all(cordon):
    names = {row[0]: accepted(row[1:]) for row in table("names.tsv")}
    rows = [row for row in manifest() if is_scored(row)]
    unnamed = sorted({row["label"] for row in rows if row["label"].removeprefix("device:") not in names})
    if unnamed:
        sys.exit(f"score: names.tsv says nothing about {', '.join(unnamed)}")
    jobs = [(row, names[row["label"].removeprefix("device:")], cordon) for row in rows]
    jobs.sort(key=lambda job: -int(job[0]["packets"]))
    with multiprocessing.Pool(min(4, os.cpu_count() or 1)) as pool:
        found = [mark for marks in pool.imap_unordered(score_one, jobs) for mark in marks]
    return sorted(found, key=lambda mark: (list(rewrite.VARIANTS).index(mark.variant), mark.label, mark.file))


def judge_others(cordon):
    """What is said wrongly of the devices in others.tsv."""
    wrong = []
    for file, host, *columns in table("others.tsv"):
        device = find(inspect(cordon, CAPTURES / file), [host], [host])
        for aspect, mark in judge(device, accepted(columns)).items():
            if mark == WRONG:
                wrong.append(f"{file}, {host}: wrong {aspect}: {words(device)}")
    return wrong


# ---- sums -----------------------------------------------------------------------------------------------------------


def count(marks, aspect, which):
    return sum(mark.marks[aspect] == which for mark in marks)


def groups(marks):
    """(variant, label or 'total') -> its marks"""
    found = collections.defaultdict(list)
    for mark in marks:
        found[mark.variant, mark.label].append(mark)
        found[mark.variant, "total"].append(mark)
    return found


def three(marks, aspect):
    if all(mark.marks[aspect] == OPEN for mark in marks):
        return f"{'-':>11}"
    return "".join(f"{count(marks, aspect, which):>4}" for which in (RIGHT, WRONG, NONE))[1:]


def print_variant(name, by_group):
    print(f"\n{name}")
    print(f"  {'label':<46} {'n':>4}  {'maker':^11}  {'kind':^11}  {'model':^11}  decided by")
    print(f"  {'':<46} {'':>4}  " + "  ".join(["  r   w   -"] * 3))
    for (variant, label), marks in by_group.items():
        if variant != name or label == "total":
            continue
        by = collections.Counter(mark.decided for mark in marks)
        reasons = ", ".join(f"{signal} {n}" if len(by) > 1 else signal for signal, n in by.most_common())
        columns = "  ".join(three(marks, aspect) for aspect in ASPECTS)
        print(f"  {label:<46} {len(marks):>4}  {columns}  {reasons}")
    marks = by_group[name, "total"]
    print(f"  {'total':<46} {len(marks):>4}  " + "  ".join(three(marks, aspect) for aspect in ASPECTS))


def percent(n, of):
    return f"{100 * n / of:.0f} % ({n} of {of})" if of else "none"


def print_totals(by_group):
    print("\nnamed right, of all captures; of those whose label tells it; and named wrong")
    for name in rewrite.VARIANTS:
        marks, parts = by_group[name, "total"], []
        for aspect in ASPECTS:
            right, told = count(marks, aspect, RIGHT), len(marks) - count(marks, aspect, OPEN)
            part = f"{aspect} {percent(right, len(marks))}"
            part += f", told {percent(right, told)}" if told < len(marks) else ""
            parts.append(f"{part}, {count(marks, aspect, WRONG)} wrong")
        print(f"  {name:<24} {'; '.join(parts)}")


def print_unjudged(cordon):
    """What is said of devices that no label speaks of, for a reader to judge."""
    print("\nsaid of devices in the other captures, by more than their MAC prefix; no label tells whether rightly")
    for row in manifest():
        if is_scored(row) or row["file"].split("/")[0] not in ("benign", "infected", "devices"):
            continue
        for device in inspect(cordon, CAPTURES / row["file"])["devices"]:
            if (device["maker"] or device["product"] or device["model"]) and decided(device) != "mac-prefix":
                print(f"  {row['file']}, {device['id']}: {words(device)}: {decided(device)}")


# ---- what is expected -----------------------------------------------------------------------------------------------


def expected_lines(by_group):
    yield "# Captures named right: variant, label, captures, maker, kind, model. Made by `score.py --write`; only more"
    yield "# of them, or a change of names.tsv, is a reason to write it anew."
    for (variant, label), marks in sorted(by_group.items()):
        numbers = [len(marks)] + [count(marks, aspect, RIGHT) for aspect in ASPECTS]
        yield "\t".join([variant, label, *map(str, numbers)])


def compare(by_group, marks):
    """(passed, failures, notes)"""
    failures = [
        f"{mark.variant}: {mark.file}: wrong {aspect}: {mark.said}"
        for mark in marks
        for aspect in ASPECTS
        if mark.marks[aspect] == WRONG
    ]
    passed, notes, seen = 0, [], set()
    for variant, label, captures, *least in table("expect") if EXPECT.exists() else []:
        found = by_group.get((variant, label), [])
        seen.add((variant, label))
        if len(found) < int(captures):
            failures.append(f"{variant}: {label}: {len(found)} captures, {captures} expected")
        for aspect, wanted in zip(ASPECTS, map(int, least)):
            right = count(found, aspect, RIGHT)
            if right < wanted:
                failures.append(f"{variant}: {label}: {aspect} right {right} times, {wanted} expected")
            else:
                passed += 1
            if right > wanted and label != "total":
                notes.append(f"{variant}: {label}: {aspect} right {right} times, only {wanted} expected")
    failures += [f"{variant}: {label}: not in expect" for variant, label in by_group if (variant, label) not in seen]
    return passed, failures, notes


def main():
    arguments = argparse.ArgumentParser(usage=__doc__)
    arguments.add_argument("--test", action="store_true")
    arguments.add_argument("--write", action="store_true")
    arguments.add_argument("build", nargs="?", default="build")
    options = arguments.parse_args()
    if not (CAPTURES / "MANIFEST.tsv").exists():
        print(f"SKIPPED: the real captures are not here ({CAPTURES}); CORDON_CAPTURES may say where they are")
        print("0 passed, 0 failed, 1 skipped")
        return 0
    cordon = pathlib.Path(options.build).resolve() / "cordon"
    marks = score_all(cordon)
    by_group = groups(marks)
    if options.write:
        EXPECT.write_text("".join(line + "\n" for line in expected_lines(by_group)))
    passed, failures, notes = compare(by_group, marks)
    others = judge_others(cordon)
    line, read, wrong = recorders.check(cordon, CAPTURES, recorders.knowledge_text(ROOT))
    wrong += [] if read > 0 else ["no recorder was read"]
    failures += others + wrong
    passed += len(table("others.tsv")) + 1 - bool(wrong)
    if not options.test:
        for name in rewrite.VARIANTS:
            print_variant(name, by_group)
        print_unjudged(cordon)
    print_totals(by_group)
    print(f"\n{line}\n")
    for note in notes:
        print(f"  better than expected: {note}")
    for failure in failures:
        print(f"FAIL score: {failure}")
    print(f"{passed} passed, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
