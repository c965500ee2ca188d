#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What a shell can't compare of the verbs that read a store.

    check.py same SCHEMA FOLDER       NAME.report.json is NAME.inspect.json, and so are NAME.report.txt and NAME.inspect.txt
    check.py harmless FOLDER          outputs, named by their formats, have nothing in them that harms who reads them
    check.py borders CORDON STORE     --since takes its moment in, --until leaves it out

Prints a line for each fault and, at the end, how many checks held and how many did not.
"""
import csv
import datetime
import json
import pathlib
import re
import subprocess
import sys

import jsonschema

SCHEMAS = pathlib.Path(__file__).resolve().parents[2] / "schema"
held = 0
faults = 0


def hold(right, what):
    global held, faults
    if right:
        held += 1
    else:
        faults += 1
        print(f"FAIL verbs: {what}")


# ---- the same report ---------------------------------------------------------------------------------------------------

# Where packets came from is told of the store, and what was not seen is counted there by the minute.
APART = ("inputs", "unseen")


def difference(a, b, at=""):
    """The first place where two documents differ, or None."""
    if type(a) is not type(b):
        return f"{at}: {a!r} and {b!r}"
    if isinstance(a, dict):
        for key in sorted(set(a) | set(b)):
            if key not in a or key not in b:
                return f"{at}.{key}: only one has it"
            found = difference(a[key], b[key], f"{at}.{key}")
            if found:
                return found
    elif isinstance(a, list):
        if len(a) != len(b):
            return f"{at}: {len(a)} and {len(b)} of them"
        for i, (x, y) in enumerate(zip(a, b)):
            found = difference(x, y, f"{at}[{i}]")
            if found:
                return found
    elif a != b:
        return f"{at}: {a!r} and {b!r}"
    return None


def text_lines(path):
    """The lines of a text report, without those about the inputs and about what was not seen."""
    lines = path.read_text("utf-8").split("NOT SEEN, OR SEEN IN PART")[0].splitlines()
    tally = next(i for i, line in enumerate(lines) if re.match(r"[0-9 ]+ local devices?\b", line))
    return lines[:lines.index("")] + lines[tally:]


def same(schema, folder):
    validator = None
    if pathlib.Path(schema).exists():
        validator = jsonschema.Draft202012Validator(json.loads(pathlib.Path(schema).read_text("utf-8")))
    names = [path.name[:-len(".inspect.json")] for path in sorted(folder.glob("*.inspect.json"))]
    hold(len(names) > 5, "there are too few reports to compare")
    for name in names:
        reports = []
        for verb in ("inspect", "report"):
            reports.append(json.loads((folder / f"{name}.{verb}.json").read_text("utf-8")))
        if validator:
            error = next(validator.iter_errors(reports[1]), None)
            hold(error is None, f"{name}: {error and error.json_path}: {error and error.message[:200]}")
        found = difference(*({k: v for k, v in report.items() if k not in APART} for report in reports))
        hold(found is None, f"{name}: the store's report is another: {found}")
        texts = [text_lines(folder / f"{name}.{verb}.txt") for verb in ("inspect", "report")]
        other = next((pair for pair in zip(*texts) if pair[0] != pair[1]), None)
        hold(other is None and len(texts[0]) == len(texts[1]), f"{name}: the text of the store's report is another: {other}")


# ---- harmless ----------------------------------------------------------------------------------------------------------

CONTROLS = {chr(c) for c in range(32)} - {"\n"} | {"\x7f"} | {chr(c) for c in range(0x80, 0xa0)} | {"\u202e"}
FORMULA = "=+-@\t\r＝＋－＠"


def cells_harmless(name, text):
    rows = list(csv.reader(text.splitlines()))
    hold(len(rows) > 1, f"{name}: a table without rows")
    for row in rows:
        for cell in row:
            for value in cell.split(";"):
                if value.strip()[:1] and value.strip()[0] in FORMULA:
                    hold(False, f"{name}: a formula: {value!r}")
                    return
    hold(True, "")


def fits(name, document):
    """Against our own schema of that output, where there is one."""
    schema = SCHEMAS / f"{name.split('.')[0].replace('recall', 'recalls')}.schema.json"
    if not schema.exists():
        return
    error = next(jsonschema.Draft202012Validator(json.loads(schema.read_text("utf-8"))).iter_errors(document), None)
    hold(error is None, f"{name}: {error and error.json_path}: {error and error.message[:200]}")


def harmless(folder):
    paths = sorted(folder.iterdir())
    hold(len(paths) > 15, "there are too few outputs")
    for path in paths:
        name, kind = path.name, path.suffix[1:]
        data = path.read_bytes()
        try:
            text = data.decode("ascii" if kind == "ascii" else "utf-8")
        except UnicodeDecodeError as error:
            hold(False, f"{name}: {error}")
            continue
        if "csv" in kind:
            text = text.replace("\r\n", "\n")
        found = sorted(c for c in set(text) if c in CONTROLS)
        hold(not found, f"{name}: has {found}")
        hold(len(text) > 50, f"{name}: is empty")
        if "csv" in kind:
            cells_harmless(name, text)
        elif kind == "html":
            hold("<script>alert" not in text and "maker\\x1b[2J<b>" not in text, f"{name}: a name is markup")
        elif kind in ("json", "stix", "misp"):
            fits(name, json.loads(text))
        elif kind in ("ndjson", "eve", "xarf"):
            for line in text.splitlines():
                fits(name, json.loads(line))
        if kind in ("text", "csv", "json", "ndjson", "ascii") and name.split(".")[0] in ("devices", "show"):
            hold("alert(1)" in text or "calc" in text, f"{name}: the names are not in it")


# ---- borders -----------------------------------------------------------------------------------------------------------

EPOCH = datetime.datetime(1970, 1, 1)


def to_ns(text):
    whole, fraction = text.rstrip("Z").split(".")
    seconds = (datetime.datetime.strptime(whole, "%Y-%m-%dT%H:%M:%S") - EPOCH).total_seconds()
    return int(seconds) * 10**9 + int(fraction.ljust(9, "0"))


def from_ns(ns):
    return (EPOCH + datetime.timedelta(seconds=ns // 10**9)).strftime("%Y-%m-%dT%H:%M:%S") + f".{ns % 10**9:09d}Z"


def borders(cordon, store):
    def run(*arguments):
        done = subprocess.run([cordon, *arguments, "--store", store], capture_output=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"FAIL verbs: {arguments}: {done.stderr.decode()}\n0 1")
        return done.stdout

    def ids(*arguments):
        return {d["id"] for d in json.loads(run("report", "--json", "--all", *arguments))["devices"]}

    devices = json.loads(run("devices", "--all", "--json"))["devices"]
    everybody = {d["id"] for d in devices}
    hold(ids() == everybody, "all devices are in the report")
    for d in devices:
        first, last = to_ns(d["first"]), to_ns(d["last"])
        hold(d["id"] in ids("--since", from_ns(last)), f"{d['id']}: last seen at --since")
        hold(d["id"] not in ids("--since", from_ns(last + 1)), f"{d['id']}: last seen before --since")
        hold(d["id"] in ids("--until", from_ns(first + 1)), f"{d['id']}: first seen before --until")
        hold(d["id"] not in ids("--until", from_ns(first)), f"{d['id']}: first seen at --until")
    rows = [json.loads(line) for line in run("history", "--json").splitlines()]
    hold(len(rows) > len(devices), "history has rows")
    times = [to_ns(row["time"]) for row in rows]
    hold(times == sorted(times), "history is in order")
    for at in (times[0], times[len(times) // 2], times[-1]):
        since = run("history", "--json", "--since", from_ns(at)).splitlines()
        until = run("history", "--json", "--until", from_ns(at)).splitlines()
        hold(len(since) == sum(t >= at for t in times), f"history since {from_ns(at)}")
        hold(len(until) == sum(t < at for t in times), f"history until {from_ns(at)}")


def main():
    what, rest = sys.argv[1], sys.argv[2:]
    if what == "same":
        same(rest[0], pathlib.Path(rest[1]))
    elif what == "harmless":
        harmless(pathlib.Path(rest[0]))
    elif what == "borders":
        borders(*rest)
    print(held, faults)


main()
