# SPDX-License-Identifier: MIT
"""
The answers of recorders in the capture of a reflected flood: how many of them were read as the packets have them, and
that nothing of them reaches an output that belongs to one recorder alone - its serial number and the name its owner
gave it.
"""
import json
import pathlib
import re
import struct
import subprocess

import rewrite

CAPTURE = "floods/stopddos_dahua37810_bacnet_even.pcap"
PORT = 37810
MAGIC = b" \x00\x00\x00DHIP"
FIELD = re.compile(rb'"(\w+)"\s*:\s*"([^"]*)"')
NAME_MIN = 5  # shorter ones stand everywhere

OUTPUTS = (
    ("text", ["--format", "text"]),
    ("text, all", ["--format", "text", "--all", "--show-secrets"]),
    ("JSON", ["--format", "json", "--all", "--show-secrets"]),
    ("CSV", ["--format", "csv", "--all"]),
    ("CSV of recalls", ["--format", "csv", "--recalls", "--all"]),
)


def answers(path):
    """(address, fields) of each answer: Ethernet, IPv4, UDP, no options and no tags in this capture."""
    _, records = rewrite.read(path.read_bytes())
    for _, frame in records:
        if rewrite.udp_ports(frame) and struct.unpack_from(">H", frame, 34)[0] == PORT and MAGIC in frame[42:50]:
            # JSON lets a bar be escaped, and these recorders do.
            fields = {key.decode(): value.decode("utf-8", "replace").replace("\\/", "/")
                      for key, value in FIELD.findall(frame[42:])}
            yield ".".join(map(str, frame[26:30])), fields


def owners_words(told, knowledge):
    """Serial numbers and given names; not the names that are a type, a maker or a common word as well."""
    common = {value for fields in told for key, value in fields.items() if key not in ("SerialNo", "MachineName")}
    serials = {fields.get("SerialNo", "") for fields in told}
    names = {fields.get("MachineName", "") for fields in told}
    names = {name for name in names if len(name) >= NAME_MIN and not any(name in word for word in common)}
    return {word for word in serials | names if len(word) >= NAME_MIN and word not in knowledge} - {""}


def outputs(cordon, path):
    """(name, text) of everything that is written about the capture. -v goes to standard error."""
    for name, options in OUTPUTS:
        done = subprocess.run([cordon, "inspect", "-v", *options, path], capture_output=True, check=True)
        yield name, done.stdout.decode("utf-8", "replace")
        yield f"-v with {name}", done.stderr.decode("utf-8", "replace")


def check(cordon, captures, knowledge):
    """(line that sums up, what is wrong)"""
    path = captures / CAPTURE
    told = list(answers(path))
    said = {}
    for address, fields in told:
        if fields.get("DeviceType") and fields.get("Version"):
            said.setdefault(address, set()).add((fields["DeviceType"], fields["Version"]))
    wrong, read, written = [], 0, dict(outputs(cordon, path))
    for device in json.loads(written["JSON"])["devices"]:
        for address in device["addresses"]:
            if address in said and device["model"] and device["firmware"]:
                if (device["model"], device["firmware"]) in said[address]:
                    read += 1
                else:
                    wrong.append(f"{address} is a {device['model']} {device['firmware']}, it says {said[address]}")
    secret = owners_words([fields for _, fields in told], knowledge)
    if len(secret) < 1000:
        wrong.append(f"only {len(secret)} serial numbers and names found in the packets: the check is blind")
    for name, text in written.items():
        wrong += [f"{name}: shows {word!r} of a recorder" for word in sorted(secret) if word in text][:3]
    line = f"{CAPTURE}: {len(told)} answers of {len({a for a, _ in told})} addresses, of which {len(said)} name type and"
    line += f" version; {read} read as they say, {len(wrong)} wrong; {len(secret)} serial numbers and given names"
    return line + f" looked for in {len(written)} outputs", read, wrong


def knowledge_text(root):
    return "".join(path.read_text() for path in sorted((pathlib.Path(root) / "knowledge").glob("*.tsv")))
