# SPDX-License-Identifier: MIT
"""
Compares a whole report with a label, and two reports with each other. A label's value is demanded exactly, but for
these: "any"; ">N", ">=N" and "<N"; "~N", within five per cent (a count that an engine may estimate); "at most WORD"
for a verdict; ["any"] for a list, and "WORD?" in one for a word that may be missing. A device that is "optional" may
be listed or not, and nothing more is said of it.

What a label does not say of makers, exposures and recalls is not compared.
"""

VERDICTS = ("clear", "exposed", "suspect", "infected")
DEVICE_FIELDS = ("site", "verdict", "stages", "families", "addresses", "macs", "via", "two_way")
TOLD_FIELDS = ("maker", "product", "model", "firmware", "built")  # compared where a label has them
ATTACK_FIELDS = ("port", "devices", "spoofed", "packets", "sources")


def fits(wanted, got):
    if wanted in ("any", ["any"]):
        return True
    if isinstance(wanted, list) and isinstance(got, list):
        return fits_list(wanted, got)
    if not isinstance(wanted, str) or wanted[:1] not in (">", "<", "~") and not wanted.startswith("at most "):
        return wanted == got and type(wanted) is type(got)
    if wanted.startswith("at most "):
        return got in VERDICTS and VERDICTS.index(got) <= VERDICTS.index(wanted[len("at most ") :])
    if isinstance(got, bool) or not isinstance(got, (int, float)):
        return False
    number = int(wanted.lstrip("<>=~"))
    if wanted[0] == "~":
        return abs(got - number) <= number * 0.05
    if wanted[0] == "<":
        return got < number
    return got >= number if wanted.startswith(">=") else got > number


def fits_list(wanted, got):
    """Word by word, in order; those with a question mark may be missing."""
    left = list(got)
    for word in wanted:
        perhaps = isinstance(word, str) and word.endswith("?")
        if left and left[0] == (word[:-1] if perhaps else word):
            left.pop(0)
        elif not perhaps:
            return False
    return not left


def device_fields(device):
    """What a label says of a device, from a report's device."""
    fields = {name: device[name] for name in DEVICE_FIELDS if name != "two_way"}
    fields["addresses"] = sorted(fields["addresses"])
    fields["macs"] = sorted(fields["macs"])
    fields["two_way"] = device["observed"]["two_way"]
    return fields


def exposure_words(exposure):
    return " ".join(str(exposure[key]) for key in ("kind", "basis", "service", "packet"))


def is_exposure(wanted, got):
    """service is compared exactly; of the detail a part; the packet where the label knows it."""
    if any(wanted[key] != got[key] for key in ("kind", "basis", "service")):
        return False
    return wanted["detail~"] in got.get("detail", "") and (got["input"] or fits(wanted["packet"], got["packet"]))


def compare_exposures(wanted, got, where):
    left, lines = list(got), []
    for exposure in wanted:
        match = next((g for g in left if is_exposure(exposure, g)), None)
        if match is None:
            lines.append(f"{where} lacks {exposure_words(exposure)} {exposure['detail~']!r}")
        else:
            left.remove(match)
    return lines + [f"{where} should not be {exposure_words(g)} {g.get('detail', '')!r}" for g in left]


def is_claim(wanted, got):
    return (wanted["signal"] == got["signal"] and wanted.get("says~", "") in got["says"]
            and wanted.get("against", False) == got.get("against", False))


def speaks_of(sign, item):
    """An item of evidence by the sign's detector about its stage, and about its other side where that is known."""
    return (sign["detector"] == item["detector"] and sign["stage"] == item["stage"]
            and sign["peer"] in (None, item["peer"]))


def packets_of(item):
    return [place["packet"] for place in item["packets"] if place["input"] == 0]


def compare_evidence(wanted, got, where):
    """Each sign is told with the packet that shows it and what the other side is; nothing from before its stage."""
    lines = []
    for sign in wanted:
        what = f"{where}: {sign['detector']} of {sign['stage']}"
        items = [item for item in got if speaks_of(sign, item)]
        if not items:
            lines.append(f"{what} about {sign['peer']} is missing")
            continue
        cited = [packets_of(item) for item in items]
        if not any(set(sign["packets"]) & set(packets) for packets in cited):
            lines.append(f"{what} should cite packet {sign['packets']}, cites {cited}")
        early = [n for packets in cited for n in packets if n < sign["from"]]
        if early:
            lines.append(f"{what} cites {early}, before it began in packet {sign['from']}")
        if sign["role"] and not any(item.get("role") == sign["role"] for item in items):
            lines.append(f"{what}: {sign['peer']} should be its {sign['role']}, is {[i.get('role') for i in items]}")
    return lines


def compare_told(wanted, got, where):
    """What a label says of a device besides its verdict; a label that is silent demands nothing."""
    lines = unlike(wanted, got, [f for f in TOLD_FIELDS if f in wanted], where)
    missing = [a for a in wanted.get("undecided", []) if a not in got.get("undecided", [])]
    if missing:
        lines.append(f"{where}.undecided lacks {missing}, is {got.get('undecided', [])}")
    for claim in wanted.get("claims", []):
        if not any(is_claim(claim, g) for g in got["identified_by"]):
            lines.append(f"{where}.identified_by lacks {claim}, is {got['identified_by']}")
    lines += compare_evidence(wanted.get("evidence", []), got["evidence"], where)
    if wanted.get("exposures", "any") != "any":
        lines += compare_exposures(wanted["exposures"], got["exposures"], where)
    return lines


def compare_recalls(label, report):
    if label["recalls"] is None:
        return []
    wanted = [list(entry) for entry in label["recalls"]]
    got = [[entry["maker"], entry["advisory"], entry["devices"]] for entry in report["recalls"]]
    return [] if wanted == got else [f"recalls: should be {wanted}, are {got}"]


def story(device):
    signs = "; ".join(f"{e['detector']}: {e['text']} (x{e['count']})" for e in device["evidence"][:3])
    return f"{device['verdict']} {' '.join(device['addresses'][:3])} {signs}".rstrip()


def unlike(wanted, got, fields, where):
    """Lines for those fields that differ."""
    return [f"{where}.{f}: should be {wanted[f]!r}, is {got[f]!r}" for f in fields if not fits(wanted[f], got[f])]


def same_order(entries, key, what):
    keys = [key(e) for e in entries]
    return [] if keys == sorted(keys) else [f"{what} are not sorted: {keys}"]


def compare_devices(label, report):
    wanted = {d["id"]: d for d in label["devices"]}
    got = {d["id"]: d for d in report["devices"]}
    lines = same_order(report["devices"], lambda d: d["id"], "devices")
    if len(got) != len(report["devices"]):
        lines.append("devices: one id twice")
    for name in [n for n, d in wanted.items() if d.get("optional")]:
        del wanted[name]
        got.pop(name, None)
    for name in sorted(wanted.keys() - got.keys()):
        lines.append(f"device {name} is missing, should be {wanted[name]['verdict']}")
    for name in sorted(got.keys() - wanted.keys()):
        if got[name]["verdict"] == label["others"]:
            continue
        lines.append(f"device {name} should not be listed: {story(got[name])}")
    for name in sorted(wanted.keys() & got.keys()):
        differing = unlike(wanted[name], device_fields(got[name]), DEVICE_FIELDS, f"device {name}")
        lines += differing + compare_told(wanted[name], got[name], f"device {name}")
        if any(".verdict:" in line for line in differing):
            lines.append(f"    it says: {story(got[name])}")
    return lines


def attack_key(attack):
    return (attack["target"], attack["vector"], attack["direction"])


def compare_attacks(label, report):
    wanted = {attack_key(a): a for a in label["attacks"]}
    got = {attack_key(a): a for a in report["attacks"]}
    lines = [] if len(got) == len(report["attacks"]) else ["attacks: one (target, vector, direction) twice"]
    for key in sorted(wanted.keys() - got.keys()):
        lines.append(f"attack {' '.join(key)} is missing")
    for key in sorted(got.keys() - wanted.keys()):
        a = got[key]
        lines.append(f"attack {' '.join(key)} should not be listed: {a['packets']} packets, {a['devices']}")
    for key in sorted(wanted.keys() & got.keys()):
        lines += unlike(wanted[key], got[key], ATTACK_FIELDS, f"attack {' '.join(key)}")
    return lines


def with_label(label, report):
    """Lines that say where the report is not what the label demands; none when all is well."""
    lines = unlike(label["vantage"], report["vantage"], ("place", "judged", "of"), "vantage")
    lines += compare_devices(label, report) + compare_attacks(label, report) + compare_recalls(label, report)
    for name, wanted in label["unseen"].items():
        got = report["unseen"].get(name, 0)
        if not fits(wanted, got):
            lines.append(f"unseen.{name}: should be {wanted}, is {got}")
    return lines


def evidence(report):
    """(device id, item) for every item of evidence."""
    return [(d["id"], item) for d in report["devices"] for item in d["evidence"]]


def places(report):
    """(what, input, packet) for every exposure and every signal."""
    for device in report["devices"]:
        for item in device["exposures"]:
            yield f"{device['id']}, {item['kind']}", item["input"], item["packet"]
        for item in device["identified_by"]:
            yield f"{device['id']}, {item['signal']}", item["input"], item["packet"]


def renumbered(value, starts):
    """Every {input, packet} as the packet's number in the uncut capture, wherever in the report it stands."""
    if isinstance(value, list):
        return [renumbered(v, starts) for v in value]
    if not isinstance(value, dict):
        return value
    value = {k: renumbered(v, starts) for k, v in value.items()}
    if isinstance(value.get("input"), int) and isinstance(value.get("packet"), int):
        value.update(packet=value["packet"] + starts[value["input"]], input=0)
    return value


def joined(report, starts):
    """The report as if its inputs were one file. starts: by path, the packets before that piece."""
    order = [starts[entry["path"]] for entry in report["inputs"]]
    rest = {k: renumbered(v, order) for k, v in report.items() if k != "inputs"}
    rest["packets"] = sum(entry["packets"] for entry in report["inputs"])
    rest["bytes"] = sum(entry["bytes"] for entry in report["inputs"])
    return rest


def apart(a, b, at="report"):
    """The first few places where two reports differ, in words."""
    if isinstance(a, dict) and isinstance(b, dict):
        return [line for k in sorted(a.keys() | b.keys()) for line in apart(a.get(k), b.get(k), f"{at}.{k}")][:5]
    if isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        return [line for i, (x, y) in enumerate(zip(a, b)) for line in apart(x, y, f"{at}[{i}]")][:5]
    return [] if a == b else [f"{at}: {a!r:.120} and {b!r:.120}"]
