#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
Makes the labelled captures of lab/ and compares whole reports with their labels: a device too many is a failure. Each
report is also checked against the schema (where it is beside the tree, or at CORDON_SHARED), its evidence against the
packets it names, its bytes for other numbers of threads, and the report of the capture cut into pieces.

Usage: run.py CORDON|BUILD [--only GLOB]... [--keep DIR]
       CORDON is the program; BUILD a folder with `cordon` in it, and perhaps `san/cordon`, which then reads first.
       CORDON_CUTS=N cuts each capture N times, with N seeds. CORDON_UNDER='qemu-mips-static' runs a program of
       another machine under that command.
"""
import argparse
import functools
import json
import multiprocessing
import os
import pathlib
import random
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT / "lab"), str(ROOT / "tests" / "real")]
import compare  # noqa: E402
import cut  # noqa: E402
import files  # noqa: E402
import make_traces  # noqa: E402
import marks  # noqa: E402

SHARED = pathlib.Path(os.environ.get("CORDON_SHARED", ROOT.parent / "shared"))
SCHEMA = SHARED / "schema" / "report.schema.json"
CUTS = int(os.environ.get("CORDON_CUTS", "1"))
THREADS = (1, 2, 3, 16)
UNDER = os.environ.get("CORDON_UNDER", "").split()
LEAST_TO_CUT = 4
EX_DATAERR, NOT_BUILT = 65, b"this build has no "
SECONDS = 120


class Outcome:
    def __init__(self, name):
        self.name, self.passed, self.failures, self.skipped = name, 0, [], None

    def check(self, what, lines):
        """lines: what is wrong; none when all is well."""
        if lines:
            self.failures.append((what, lines))
        else:
            self.passed += 1
        return not lines


@functools.cache
def validator():
    if not SCHEMA.exists():
        return None
    import jsonschema

    return jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))


def inspect(program, paths, args, threads=None, form="json"):
    command = [*UNDER, program, "inspect", "-q", "--format", form, *args]
    command += ["--threads", str(threads)] if threads else []
    try:
        return subprocess.run(command + ["--", *map(str, paths)], capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, "none", b"", b"no end within %d s" % SECONDS)


def report_of(done):
    """(report, what is wrong)"""
    if done.returncode != 0:
        return None, [f"status {done.returncode}", *done.stderr.decode("utf-8", "replace").splitlines()[-12:]]
    try:
        return json.loads(done.stdout), []
    except ValueError as why:
        return None, [f"the report is no JSON: {why}"]


def check_schema(report):
    if validator() is None:
        return []
    errors = validator().iter_errors(report)
    return [f"{'/'.join(map(str, e.absolute_path))}: {e.message}"[:200] for e in errors][:5]


def check_marks(item, packets):
    """Every packet has the mark, but for the ordinary connections to marked targets that the text speaks of."""
    frames = {where["packet"]: packets[where["packet"] - 1] for where in item["packets"]}
    targets = {n: marks.marked_target(frame) for n, frame in frames.items()}
    marked, unmarked = [t for t in targets.values() if t], [n for n, t in targets.items() if not t]
    if "ordinary connection" in item["text"]:
        unmarked = [n for n in unmarked if not any(marks.is_syn_to(frames[n], t) for t in marked)]
    return [f"packet {n} has no mark" for n in unmarked]


def check_evidence(report, capture):
    """Every packet that a report names is there, in order; and the marks are marks."""
    packets, lines = files.read(capture), []
    for device, item in compare.evidence(report):
        named = [(where["input"], where["packet"]) for where in item["packets"]]
        what = f"{device}, {item['detector']}"
        if not all(i == 0 and 1 <= n <= len(packets) for i, n in named):
            lines.append(f"{what}: names packets that are not there: {named}")
        elif named != sorted(set(named)):
            lines.append(f"{what}: packets out of order or twice: {named}")
        elif item["detector"] == "mirai-scan":
            lines += [f"{what}: {line}" for line in check_marks(item, packets)]
    for what, where, number in compare.places(report):
        if where != 0 or not 1 <= number <= len(packets):
            lines.append(f"{what}: names packet {number} of input {where}")
    return lines


def check_secrets(program, capture, label):
    """What may not be told is in no report; factory passwords stand there in full only where that was asked for."""
    if not label["secrets"] and not label["masked"]:
        return []
    lines = []
    for form in ("text", "json"):
        for shown in (False, True):
            args = [*label["args"], "--all", *(["--show-secrets"] if shown else [])]
            done = inspect(program, [capture], args, form=form)
            report = done.stdout.decode("utf-8", "replace")
            what = form + (" with --show-secrets" if shown else "")
            if done.returncode != 0:
                lines.append(f"{what}: status {done.returncode}")
            for secret in label["secrets"] + ([] if shown else label["masked"]):
                if secret in report:
                    lines.append(f"{what}: tells {secret!r}")
            lines += [f"{what}: should tell {s!r}" for s in label["masked"] if shown and s not in report]
    return lines


def check_threads(program, capture, args, wanted):
    lines = []
    for n in THREADS:
        done = inspect(program, [capture], args, n)
        if done.stdout != wanted:
            other, wrong = report_of(done)
            why = wrong or compare.apart(json.loads(wanted), other) or ["other bytes"]
            lines += [f"--threads {n}: {line}" for line in why]
    return lines


def check_pieces(program, capture, args, whole, seed):
    """The capture cut at random and given in any order says what the whole one says."""
    try:
        pieces = cut.pieces(files.load(capture), seed)
    except cut.NotCut:
        return []
    with tempfile.TemporaryDirectory() as folder:
        starts = {}
        for i, (start, body) in enumerate(pieces):
            path = pathlib.Path(folder) / f"piece-{i}"
            path.write_bytes(body)
            starts[str(path)] = start
        order = list(starts)
        random.Random(seed).shuffle(order)
        report, wrong = report_of(inspect(program, order, args))
    if wrong:
        return wrong
    one = compare.joined(whole, {str(capture): 0})
    after = [start for start, _ in pieces[1:]]
    return [f"cut after {after}: {line}" for line in compare.apart(one, compare.joined(report, starts))]


def examine(name, folder, programs):
    outcome = Outcome(name)
    capture = pathlib.Path(make_traces.make(name, str(folder)))
    label = json.loads((folder / f"{name}.label.json").read_text())
    done = inspect(programs[0], [capture], label["args"])
    if done.returncode == EX_DATAERR and NOT_BUILT in done.stderr:
        outcome.skipped = done.stderr.decode("utf-8", "replace").splitlines()[-1]
        return outcome
    report, wrong = report_of(done)
    if not outcome.check("run", wrong):
        return outcome
    outcome.check("schema", check_schema(report))
    outcome.check("label", compare.with_label(label, report))
    outcome.check("evidence", check_evidence(report, capture))
    outcome.check("secrets", check_secrets(programs[0], capture, label))
    outcome.check("threads", check_threads(programs[-1], capture, label["args"], done.stdout))
    if label["cuts"] and sum(entry["packets"] for entry in report["inputs"]) >= LEAST_TO_CUT:
        for n in range(CUTS):
            outcome.check("pieces", check_pieces(programs[-1], capture, label["args"], report, f"{name} {n}"))
    return outcome


def programs_at(path):
    """What reads first, and what reads again."""
    path = pathlib.Path(path).resolve()
    if not path.is_dir():
        return [str(path)]
    sanitized = path / "san" / "cordon"
    return [str(p) for p in (sanitized, path / "cordon") if p.exists()] or [str(path / "cordon")]


def print_outcome(outcome, label_file):
    print(f"FAIL {outcome.name}: {json.loads(label_file.read_text())['about']}")
    for what, lines in outcome.failures:
        for line in lines[:20]:
            print(f"  {what}: {line}")
        if len(lines) > 20:
            print(f"  {what}: … and {len(lines) - 20} more")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", nargs="?", default="build", metavar="CORDON|BUILD")
    parser.add_argument("--only", action="append", default=[], metavar="GLOB")
    parser.add_argument("--keep", metavar="DIR", help="leave captures and labels there")
    args = parser.parse_args()
    names = make_traces.chosen(args.only)
    if not names:
        parser.error("no scene has such a name")
    outcomes = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(args.keep or scratch)
        folder.mkdir(parents=True, exist_ok=True)
        work = functools.partial(examine, folder=folder, programs=programs_at(args.program))
        with multiprocessing.Pool(2) as pool:
            for outcome in pool.imap(work, names):
                outcomes.append(outcome)
                if outcome.skipped:
                    print(f"SKIPPED {outcome.name}: {outcome.skipped}")
                if outcome.failures:
                    print_outcome(outcome, folder / f"{outcome.name}.label.json")
    if validator() is None:
        print(f"SKIPPED: reports are not checked against the schema, which is not here ({SCHEMA})")
    failed = sum(len(o.failures) for o in outcomes)
    print(f"{len(outcomes)} captures, {sum(bool(o.failures) for o in outcomes)} of them with failures")
    skipped = sum(bool(o.skipped) for o in outcomes) + (validator() is None)
    print(f"{sum(o.passed for o in outcomes)} passed, {failed} failed{f', {skipped} skipped' if skipped else ''}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
