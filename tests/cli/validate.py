#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Checks JSON files against a JSON Schema (draft 2020-12).

Usage: validate.py SCHEMA FILE...

Prints the place and the reason of each file's first error. Exit status 0 when all are valid, 1 when one is not or
is no JSON, 2 for wrong use. "-" is standard input.
"""
import json
import sys

import jsonschema


def no_duplicates(pairs):
    keys = [key for key, _ in pairs]
    for key in keys:
        if keys.count(key) > 1:
            raise ValueError(f"key {key!r} stands twice in one object")
    return dict(pairs)


def refuse(constant):
    raise ValueError(f"{constant} is no JSON number")


def load(name):
    """Strictly: UTF-8, no key twice, no NaN, one value and a final newline."""
    stream = sys.stdin.buffer if name == "-" else open(name, "rb")
    with stream:
        text = stream.read().decode("utf-8")
    if not text.endswith("\n"):
        raise ValueError("no newline at the end")
    return json.loads(text, object_pairs_hook=no_duplicates, parse_constant=refuse)


def first_error(validator, name):
    """The first error in the file's own order, or None."""
    try:
        document = load(name)
    except (OSError, ValueError) as error:
        return str(error)
    error = next(iter(sorted(validator.iter_errors(document), key=lambda e: [str(p) for p in e.absolute_path])), None)
    if error is None:
        return None
    place = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in error.absolute_path)
    return f"${place}: {error.message[:400]}"


def main(arguments):
    if len(arguments) < 2:
        print(__doc__.split("\n\n")[1], file=sys.stderr)
        return 2
    with open(arguments[0], encoding="utf-8") as stream:
        schema = json.load(stream)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    failed = 0
    for name in arguments[1:]:
        error = first_error(validator, name)
        if error is not None:
            failed = 1
            print(f"{name}: {error}")
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
