# SPDX-License-Identifier: MIT
"""bench/results.md and the table on the terminal, from the lines that a bench gathered: {"part": …, …} each."""
import datetime
import os
import pathlib
import platform
import subprocess

import inputs
import instructions
import rivals

BUDGET_KIB = 256 * 1024  # --memory, when nobody says otherwise
TOLD = "no bound"


def part(lines, name):
    return [line for line in lines if line["part"] == name]


def find(lines, name, **wanted):
    for line in part(lines, name):
        if all(line.get(key) == value for key, value in wanted.items()):
            return line
    return None


def millions(rate):
    """Packets a second, in millions, with three figures that count."""
    value = rate / 1e6
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 1 else f"{value:.3f}"


def times_faster(mine, rate):
    value = mine["packets_per_s"] / rate
    return f"{value:.0f} x" if value >= 10 else f"{value:.1f} x"


def mb(kib):
    return f"{kib * 1024 / 1e6:.0f}"


def table(head, rows):
    """Markdown: the first columns are words, those whose heading ends in a unit or a sign are figures."""
    widths = [max(len(str(row[i])) for row in [head, *rows]) for i in range(len(head))]
    words = [not any(str(row[i])[:1].isdigit() for row in rows) for i in range(len(head))]

    def line(row):
        cells = (str(c).ljust(w) if left else str(c).rjust(w) for c, w, left in zip(row, widths, words))
        return "| " + " | ".join(cells) + " |"

    rule = "|" + "|".join(("-" * (w + 2)) if left else "-" * (w + 1) + ":" for w, left in zip(widths, words)) + "|"
    return [line(head), rule, *map(line, rows), ""]


# What must be reached


def goals(lines):
    """(what, wanted, figure, reached) of every goal whose figures are there."""

    def ratio(kind, most):
        line = find(lines, "programs", input=kind, program="cordon json")
        if line:
            value = line["times_libpcap"]
            yield f"{kind}, JSON report: time, beside the libpcap loop", f"<= {most}", f"{value:.2f}", value <= most

    yield from ratio("scan", 1.0)
    mine, theirs = find(lines, "programs", input="scan", program="cordon json"), find(lines, "rivals", input="scan", program="ndpiReader")
    if mine and theirs and theirs["packets_per_s"]:
        times = mine["packets_per_s"] / theirs["packets_per_s"]
        yield "scan, JSON report: packets a second, beside ndpiReader", ">= 100 x", f"{times:.0f} x", times >= 100
    yield from ratio("spoofed", 1.5)
    yield from memory_goals(lines)
    yield from ratio("mixed", 1.5)
    for kind, least in (("mixed", 1.5), ("scan", None)):
        one, two = (find(lines, "programs", input=kind, program=f"cordon json{more}") for more in ("", ", 2 threads"))
        if one and two:
            times = one["median_s"] / two["median_s"]
            yield (f"{kind}: two threads, beside one", f">= {least} x" if least else TOLD, f"{times:.2f} x",
                   not least or times >= least)
    start = find(lines, "start")
    if start:
        yield "start, with all of knowledge/", "<= 30 ms", f"{start['median_s'] * 1e3:.0f} ms", start["median_s"] <= 0.030


def memory_goals(lines):
    few, many = (part(lines, "pipe") + [None, None])[:2]
    if not many:
        return
    peak = many["peak_kib"]
    yield "spoofed: resident memory", "<= 256 MiB", f"{peak / 1024:.0f} MiB", peak <= BUDGET_KIB
    apart = abs(peak - few["peak_kib"]) / few["peak_kib"]
    yield (f"spoofed: the same memory for {few['sources'] / 1e6:g} and {many['sources'] / 1e6:g} million sources",
           "within 2 %", f"{apart * 100:.1f} %", apart <= 0.02)


# The page


def machine():
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo", encoding="utf-8")
                  if line.startswith("model name")), platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{model}, {os.cpu_count()} processors, {memory:.0f} GiB; {platform.system()} {platform.release()}"


def told(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=pathlib.Path(__file__).parent)
        return (done.stdout or done.stderr).strip().splitlines()[0]
    except (OSError, subprocess.CalledProcessError, IndexError):
        return "unknown"


def versions(lines):
    yield f"cordon {told('git', 'describe', '--always', '--dirty', '--exclude', '*')}, built by {told('cc', '--version')}"
    yield f"libpcap {rivals.version('libpcap0.8')}, tcpdump {rivals.version('tcpdump')}"
    names = {line["program"]: line["version"] for line in part(lines, "rivals") if line.get("version")}
    yield ", ".join(f"{name} {version}" for name, version in names.items())


def programs(lines):
    head = ["input", "program", "seconds", "from .. to", "user s", "kernel s", "Mpackets/s", "x libpcap", "peak MB"]
    rows = []
    for line in part(lines, "programs"):
        rows.append([line["input"], line["program"], f"{line['median_s']:.3f}", f"{line['min_s']:.3f} .. {line['max_s']:.3f}",
                     f"{line['user_s']:.3f}", f"{line['kernel_s']:.3f}", millions(line["packets_per_s"]),
                     f"{line['times_libpcap']:.2f}", mb(line["peak_kib"])])
    return head, rows


def other_programs(lines):
    head = ["input", "program", "seconds", "Mpackets/s", "cordon is faster by", "peak MB", "how it ended"]
    rows = []
    for line in part(lines, "rivals"):
        mine = find(lines, "rivals", input=line["input"], program="cordon json")
        rate = line["packets_per_s"]
        if line is mine:
            faster = "-"
        elif line["late"]:
            faster = "> " + times_faster(mine, line["packets"] / line["seconds"])
        else:
            faster = times_faster(mine, rate) if rate else "-"
        rows.append([line["input"], line["program"], f"{line['seconds']:.2f}", millions(rate) if rate else "-", faster,
                     mb(line["peak_kib"]), line["fate"]])
    return head, rows


def pipes(lines):
    return ["sources", "packets", "seconds", "Mpackets/s", "peak MB"], [
        [f"{line['sources']:,}", f"{line['packets']:,}", f"{line['seconds']:.2f}",
         millions(line["packets"] / line["seconds"]), mb(line["peak_kib"])] for line in part(lines, "pipe")]


def stages(lines):
    used = [s for s in instructions.STAGES if any(line["stages"][s] >= 0.5 for line in part(lines, "stages"))]
    head = ["input", "packets", *used, "together", "kernel ns"]
    rows = []
    for line in part(lines, "stages"):
        kernel = line["kernel_ns"]
        rows.append([line["input"], f"{line['packets']:,}", *(f"{max(line['stages'][s], 0):.0f}" for s in used),
                     f"{sum(line['stages'].values()):.0f}", "-" if kernel is None else f"{kernel:.0f}"])
    return head, rows


def page(lines, settings):
    out = ["# How fast cordon is, and how large", "",
           "Written by `make bench`; docs/speed.md says how it is measured.", "",
           f"- {datetime.date.today().isoformat()}; {machine()}", *(f"- {v}" for v in versions(lines)),
           f"- all detectors and parsers on, one core but where threads are named, captures in the page cache; medians of"
           f" {settings['runs']} runs in turn", ""]
    reached = list(goals(lines))
    if reached:
        out += ["## What was to be reached", ""]
        out += table(["what", "wanted", "measured", ""],
                     [[what, wanted, figure, "" if wanted == TOLD else "yes" if well else "NO"] for what, wanted, figure, well in reached])
    kinds = list(dict.fromkeys(line["input"] for line in lines if "input" in line))
    out += ["## Inputs", ""] + [f"- `{kind}`: {inputs.ABOUT[kind]}" for kind in kinds] + [""]
    out += ["## Beside an empty libpcap loop and a stateless filter", ""] + table(*programs(lines))
    if part(lines, "rivals"):
        out += ["## Beside programs that keep state, on the first packets of each input", "",
                f"One run each, with at most {settings['rival_bytes'] / 1e9:.0f} GB and {settings['rival_seconds']} s."
                " cordon writes its report as JSON.", ""] + table(*other_programs(lines))
    if part(lines, "pipe"):
        out += ["## Memory and the number of spoofed sources, from a pipe", ""] + table(*pipes(lines))
    if part(lines, "stages"):
        out += ["## Instructions a packet, by stage", "",
                "Cycles can't be counted on virtual machines like this one, so these are instructions, counted by callgrind on"
                " short inputs, the start taken off; the report is JSON. `libraries` is the C library (copying, comparing,"
                " sorting, printing), which all stages use. Time in the kernel is that of the runs above: reading the file, and"
                " memory touched for the first time.", ""] + table(*stages(lines))
    return "\n".join(out).rstrip() + "\n"


def terminal(lines):
    head, rows = programs(lines)
    widths = [max(len(str(row[i])) for row in [head, *rows]) for i in range(len(head))]
    for row in [head, *rows]:
        yield "  ".join(str(c).ljust(w) if i < 2 else str(c).rjust(w) for i, (c, w) in enumerate(zip(row, widths)))
    yield ""
    for what, wanted, figure, well in goals(lines):
        yield f"{'' if wanted == TOLD else 'reached' if well else 'NOT REACHED':12} {what}: {figure} (wanted: {wanted})"


def write(path, text):
    path = pathlib.Path(path)
    fresh = path.with_suffix(".new")
    fresh.write_text(text, encoding="utf-8")
    fresh.rename(path)
