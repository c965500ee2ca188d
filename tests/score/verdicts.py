#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
True and false verdicts over all captures, beside two plain baselines on the same bytes:

  six-failed   a host whose TCP contacts on one port failed at six different targets or more
  box-plot     a host one of whose minutes had more packets than the upper whisker (third quartile and one and a half
               times the box) of all minutes of all hosts in the capture

A host is judged when it is local in cordon's report and sent something. Real captures: the folder beside the project;
whoever its MANIFEST.tsv names as a bot is infected, every other local host is not. Generated ones: the label says.
Limits are exact (Clopper and Pearson, 1934), 95 per cent. Devices of one model behave alike, so that hosts are no
independent draws: the second table counts models, wrong when any of its hosts was.

Usage: verdicts.py [--real] [--check | --test] [BUILD]     CORDON_CAPTURES says where the captures are
       --check fails when docs/verdicts.md shows other tables; --test prints nothing but failures and a count, as a
       group of `make test` does. Generated captures of more than 24 MB are left out: the baselines are slow.
"""
import argparse
import collections
import concurrent.futures
import csv
import json
import math
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SHARED = pathlib.Path(os.environ.get("CORDON_SHARED", ROOT.parent / "shared"))
CAPTURES = pathlib.Path(os.environ.get("CORDON_CAPTURES", SHARED / "captures"))
IPV4 = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b")
SYN, RST, ACK = 2, 4, 16
FAILED_TARGETS = 6
ANSWER_SECONDS = 3.0
JUDGES = ("cordon: infected", "cordon: suspect or worse", "six failed targets", "box plot on rate")
BYTES_MOST = 24_000_000  # of a generated capture: the baselines are slow
DOCUMENT = ROOT / "docs/verdicts.md"


def tail(k, n, p):
    """The probability of at least k of n."""
    if p <= 0 or p >= 1:
        return float(k == 0 or p >= 1)
    terms = (
        math.exp(
            math.lgamma(n + 1)
            - math.lgamma(i + 1)
            - math.lgamma(n - i + 1)
            + i * math.log(p)
            + (n - i) * math.log1p(-p)
        )
        for i in range(k, n + 1)
    )
    return min(1.0, math.fsum(terms))


def bisect(f, low=0.0, high=1.0):
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if f(middle) else (low, middle)
    return (low + high) / 2


def limits(k, n):
    """Clopper and Pearson's 95 per cent limits of k successes in n."""
    if n == 0:
        return 0.0, 1.0
    low = 0.0 if k == 0 else bisect(lambda p: tail(k, n, p) < 0.025)
    high = 1.0 if k == n else bisect(lambda p: 1 - tail(k + 1, n, p) > 0.025)
    return low, high


class Host:
    """What the baselines know of a sender."""

    def __init__(self):
        self.open = {}
        self.failed = collections.defaultdict(set)
        self.minutes = collections.Counter()

    def settle(self, now):
        for key, since in list(self.open.items()):
            if now - since <= ANSWER_SECONDS:
                break
            self.failed[key[1]].add(key[0])
            del self.open[key]


def read_hosts(program, path):
    hosts = collections.defaultdict(Host)
    done = subprocess.run([program, path], capture_output=True, text=True, check=False)
    now = 0.0
    for line in done.stdout.splitlines():
        time, src, dst, proto, sport, dport, flags = line.split("\t")
        now, flags = float(time), int(flags)
        host = hosts[src]
        host.minutes[int(now // 60)] += 1
        if proto != "6":
            continue
        if flags & (SYN | ACK) == SYN:
            host.settle(now)
            host.open.setdefault((dst, dport), now)
        elif flags & (SYN | ACK) == SYN | ACK or flags & RST:
            since = hosts[dst].open.pop((src, sport), None)
            if since is not None and flags & RST:
                hosts[dst].failed[sport].add(src)
    for host in hosts.values():
        host.settle(now + 2 * ANSWER_SECONDS)
    return hosts


def whisker(hosts):
    minutes = [n for host in hosts.values() for n in host.minutes.values()]
    if len(minutes) < 4:
        return math.inf
    low, _, high = statistics.quantiles(minutes, n=4)
    return high + 1.5 * (high - low)


def judge(cordon, program, path, args=()):
    """[(addresses, id, judged, {judge: alarm})] of the local hosts."""
    done = subprocess.run([cordon, "inspect", "-q", "--json", *args, "--", path], capture_output=True, check=False)
    if not done.stdout:
        return []
    report = json.loads(done.stdout)
    hosts = read_hosts(program, path)
    most = whisker(hosts)
    rows = []
    for device in report["devices"]:
        own = [hosts[a] for a in device["addresses"] if a in hosts]
        if device["site"] != "local" or not own:
            continue
        alarms = {
            JUDGES[0]: device["verdict"] == "infected",
            JUDGES[1]: device["verdict"] in ("suspect", "infected"),
            JUDGES[2]: any(len(t) >= FAILED_TARGETS for h in own for t in h.failed.values()),
            JUDGES[3]: any(n > most for h in own for n in h.minutes.values()),
        }
        rows.append((device["addresses"], device["id"], device["observed"]["unicast_out"] > 0, alarms))
    return rows


def real_one(job):
    cordon, program, row = job
    path = CAPTURES / row["file"]
    infected = row["label"].startswith("infected")
    bots = set(IPV4.findall(row["hosts_of_interest"].split("=bot")[0])) if infected else set()
    model = row["label"].split(":", 1)[1] if row["label"].startswith("device:") else row["file"]
    out = []
    for addresses, name, judged, alarms in judge(cordon, program, path):
        truth = bool(bots & set(addresses))
        out.append({"file": row["file"], "id": name, "model": model, "judged": judged, "truth": truth,
                    "alarms": alarms})
    return out


def real(cordon, program):
    with open(CAPTURES / "MANIFEST.tsv", newline="") as file:
        rows = [r for r in csv.DictReader(file, delimiter="\t")
                if r["file"].split("/")[0] in ("benign", "devices", "infected")]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return [x for many in pool.map(real_one, [(cordon, program, r) for r in rows]) for x in many]


def generated_one(job):
    cordon, program, label_path = job
    label = json.loads(label_path.read_text())
    path = next(p for p in label_path.parent.glob(label_path.name.replace(".label.json", ".*")) if p != label_path)
    if path.suffix in (".gz", ".zst") or path.stat().st_size > BYTES_MOST:
        return []
    truths = {d["id"]: d.get("verdict") for d in label["devices"]}
    out = []
    for _, name, judged, alarms in judge(cordon, program, path, label.get("args", ())):
        if name in truths and isinstance(truths[name], str):
            truth = truths[name] == "infected"
            out.append({"file": path.name, "id": name, "model": path.name, "judged": judged, "truth": truth,
                        "alarms": alarms})
    return out


def generated(cordon, program):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, ROOT / "lab/make_traces.py", folder], check=True, stdout=subprocess.DEVNULL)
        labels = sorted(pathlib.Path(folder).glob("*.label.json"))
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            return [x for many in pool.map(generated_one, [(cordon, program, p) for p in labels]) for x in many]


def by_model(rows):
    """One row a model: an alarm for any of its hosts is one for it."""
    models = {}
    for row in rows:
        m = models.setdefault((row["model"], row["truth"]), {"truth": row["truth"], "alarms": collections.Counter()})
        for name, alarm in row["alarms"].items():
            m["alarms"][name] |= alarm
    return list(models.values())


def share(k, n):
    low, high = limits(k, n)
    return f"{k} of {n} ({100 * low:.1f} to {100 * high:.1f} %)"


def table(title, rows):
    clean, bad = [r for r in rows if not r["truth"]], [r for r in rows if r["truth"]]
    lines = [f"### {title}", "", "| judged by | true alarms | false alarms |", "|---|---|---|"]
    for name in JUDGES:
        right = sum(bool(r["alarms"][name]) for r in bad)
        wrong = sum(bool(r["alarms"][name]) for r in clean)
        lines.append(f"| {name} | {share(right, len(bad))} | {share(wrong, len(clean))} |")
    return "\n".join(lines) + "\n"


def sections(title, rows):
    """What the document shows of some captures, one table each for devices and for models."""
    judged = [row for row in rows if row["judged"]]
    yield table(f"{title}, by device", judged)
    yield table(f"{title}, by model", by_model(judged))


def false_alarms(rows):
    """Honest hosts of real captures above exposed: each must be explained."""
    return [f"above exposed, and not known as a bot: {row['file']} {row['id']}"
            for row in rows if row["alarms"][JUDGES[1]] and not row["truth"]]


def failures(texts, alarms):
    document = DOCUMENT.read_text()
    lines = [f"docs/verdicts.md shows another table than this:\n{text}"
             for text in texts if text.strip() not in document]
    return lines + alarms


def report(options, texts, alarms):
    if not options.test:
        print("\n".join([*texts, *alarms]))
    failed = failures(texts, alarms) if options.check or options.test else []
    for line in failed:
        print(f"FAIL {line}")
    if options.test:
        print(f"{len(texts) + 1 - min(len(failed), len(texts) + 1)} passed, {len(failed)} failed")
    return 1 if failed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--real", action="store_true", help="the real captures alone")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--test", action="store_true")
    parser.add_argument("build", nargs="?", default="build")
    options = parser.parse_args()
    cordon = pathlib.Path(options.build) / "cordon"
    program = pathlib.Path(options.build) / "score" / "packets"
    texts, alarms = [], []
    if (CAPTURES / "MANIFEST.tsv").exists():
        rows = real(cordon, program)
        texts += sections("Real captures", rows)
        alarms = false_alarms(rows)
    else:
        print(f"SKIPPED: the real captures are not here ({CAPTURES}); CORDON_CAPTURES may say where")
        if options.test and options.real:
            print("0 passed, 0 failed, 1 skipped")
            return 0
    if not options.real:
        texts += sections("Generated captures", generated(cordon, program))
    return report(options, texts, alarms)


if __name__ == "__main__":
    sys.exit(main())
