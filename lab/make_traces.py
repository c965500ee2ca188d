#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes labelled captures: NAME.pcap or NAME.pcapng, and beside it NAME.label.json, what a report on it must say.

    make_traces.py OUTDIR [--only GLOB]...    all scenes, or those that match
    make_traces.py --demo FILE                the demo capture
    make_traces.py --list                     the scenes' names and what each is about

The same bytes every time. Nothing here sends a packet: it only writes files.
"""

import argparse
import fnmatch
import json
import os
import sys

import files
import scenes


def make(name, directory):
    """One scene's capture and label; gives the capture's path."""
    stage = scenes.play(name)
    path = stage.write(directory)
    with open(f"{directory}/{name}.label.json", "w", encoding="utf-8") as out:
        json.dump({"capture": os.path.basename(path), **stage.label()}, out, indent=1)
        out.write("\n")
    return path


def chosen(patterns):
    names = sorted(scenes.load())
    return [n for n in names if not patterns or any(fnmatch.fnmatch(n, p) for p in patterns)]


def make_demo(path):
    scenes.load()
    stage = scenes.play("demo")
    files.write(path, stage.form, stage.records())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("outdir", nargs="?")
    parser.add_argument("--only", action="append", default=[], metavar="GLOB")
    parser.add_argument("--demo", metavar="FILE")
    parser.add_argument("--list", action="store_true")
    args = parser.parse_args()
    if args.list:
        for name in chosen(args.only):
            print(f"{name:36} {' '.join(scenes.SCENES[name].__doc__.split())}")
        return 0
    if args.demo:
        make_demo(args.demo)
        return 0
    if not args.outdir:
        parser.error("OUTDIR, --demo FILE or --list is needed")
    names = chosen(args.only)
    if not names:
        parser.error("no scene has such a name")
    os.makedirs(args.outdir, exist_ok=True)
    for name in names:
        make(name, args.outdir)
    return 0


if __name__ == "__main__":
    sys.exit(main())
