#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""scripts/embed-passwords against a twin in Python, and against wrong lines.

Usage: embed_passwords.py (from the top of the tree); last line "N passed, N failed".
"""
import re
import subprocess
import sys
import tempfile
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
SCRIPT = TOP / "scripts/embed-passwords"
GOOD = "maker\tproduct\ttelnet\troot\t%s\tyes\tno\tno\tsource\thigh\n"
counts = {True: 0, False: 0}


def check(what, good, shown=""):
    counts[bool(good)] += 1
    if not good:
        print(f"FAILED: {what} {shown}")


def fnv1a(text):
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return value


def embed(text):
    with tempfile.NamedTemporaryFile("w", suffix=".tsv") as file:
        file.write(text)
        file.flush()
        return subprocess.run([SCRIPT, file.name], capture_output=True, text=True)


def same_as_twin(text):
    words = {row.split("\t")[4].lower() for row in text.splitlines() if row and row[0] != "#"}
    words = {word for word in words if word != "<empty>" and len(word) >= 4}
    made = embed(text)
    hashes = [int(h, 16) for h in re.findall(r"0x([0-9a-f]{16})", made.stdout)]
    check("exit status", made.returncode == 0, made.stderr)
    check("sorted hashes of all of them", hashes == sorted(map(fnv1a, words)))
    check("how many", f"password_count = {len(words)};" in made.stdout)
    check("the longest", f"password_longest = {max(map(len, words))};" in made.stdout)
    check("none in clear", not any(word in made.stdout.lower() for word in words if len(word) > 8))


def wrong(what, text, status=65, says=""):
    made = embed(text)
    check(what, made.returncode == status and made.stdout == "" and says in made.stderr,
          f"status {made.returncode}, {made.stderr!r}")
    check(what + ", said in one line", made.stderr.count("\n") == 1)


def main():
    same_as_twin((TOP / "knowledge/credentials.tsv").read_text())
    same_as_twin("# a comment\n\n" + GOOD % "AbCd" + GOOD % "abcd" + GOOD % "abc" + GOOD % "<empty>")
    same_as_twin("".join(GOOD % f"~!\"#$%&'()*+\\{n}zZ9" for n in range(300)))
    wrong("nine fields", GOOD % "good" + "maker\tproduct\ttelnet\troot\tpass\tyes\tno\tno\tsource\n",
          says=":2: has 9 fields")
    wrong("eleven fields", GOOD.rstrip("\n") % "good" + "\tmore\n", says=":1: has 11 fields")
    wrong("blanks in place of tabs", "maker product telnet root pass yes no no source high\n")
    wrong("no password", GOOD % "", says=":1: no password")
    wrong("a blank in it", GOOD % "two words", says=":1: a password holds")
    wrong("not ASCII", GOOD % "pässword", says=":1: a password holds")
    wrong("a carriage return in it", GOOD % "lab-pass\r", says=":1: a password holds")
    wrong("too long", GOOD % ("x" * 65), says=":1: a password is longer")
    wrong("nothing but short ones", GOOD % "abc", says="no password of 4 bytes")
    wrong("an empty file", "", says="no password of 4 bytes")
    for arguments, status in (([], 64), (["a", "b"], 64), (["/nonexistent"], 66), (["/"], 66)):
        made = subprocess.run([SCRIPT, *arguments], capture_output=True, text=True)
        check(f"arguments {arguments}", made.returncode == status and not made.stdout)
    print(f"{counts[True]} passed, {counts[False]} failed")
    return 1 if counts[False] else 0


if __name__ == "__main__":
    sys.exit(main())
