# SPDX-License-Identifier: MIT
"""The text, the HTML and the JSON of one capture state the same facts.

The JSON is the measure. Every device, verdict, stage, packet number, peer, exposure, recall and attack that it has must
be in the other two as well, and these may not have more: no device, no packet number, no verdict of their own.

Usage: compare.py REPORT.txt REPORT.html REPORT.json      (text and HTML written with --all)
"""
import html.parser
import json
import re
import sys

SHOWN = 3  # packet numbers of a sign; the JSON has all that are kept
VERDICTS = {"clear": "clear", "exposed": "EXPOSED", "suspect": "SUSPECT", "infected": "INFECTED"}


class Page(html.parser.HTMLParser):
    """The page's words by part: sections by their id, and in them devices by theirs."""

    def __init__(self):
        super().__init__()
        self.sections, self.devices, self.attacks, self.json = {}, {}, [], ""
        self.section = self.device = self.attack = None
        self.skip = self.inside = False

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag in ("style", "title", "desc"):
            self.skip = True
        elif tag == "script":
            self.inside = True
        elif tag in ("section", "header") and self.section is None:
            self.section = attrs.get("id", "masthead")
            self.sections[self.section] = ""
        elif "data-device" in attrs:
            self.device = attrs["data-device"]
            self.devices[self.device] = ""
        elif "data-attack" in attrs:
            self.attacks.append("")
            self.attack = True
        if tag in ("td", "th", "li", "p", "br", "div", "tr", "h3"):
            self.handle_data(" ")

    def handle_endtag(self, tag):
        if tag in ("style", "title", "desc"):
            self.skip = False
        elif tag == "script":
            self.inside = False
        elif tag == "section" or (tag == "header" and self.section == "masthead"):
            self.section = None
        elif tag in ("article", "tr"):
            if tag == "article" or self.section == "clear":
                self.device = self.attack = None

    def handle_data(self, data):
        if self.inside:
            self.json += data
        elif not self.skip:
            if self.section:
                self.sections[self.section] += data
            if self.device is not None:
                self.devices[self.device] += data
            if self.attack:
                self.attacks[-1] += data


def plain(words):
    """As both reports spell it: one space, no line ends, and nothing that a terminal would act on."""
    words = "".join(c if c >= " " and c != "\x7f" else f"\\x{ord(c):02x}" for c in words.replace("\\", "\\\\"))
    return squeeze(words)


def squeeze(words):
    return re.sub(r"[ \n\u00a0]+", " ", words).strip()


def joined(words):
    """Without any space: where a line of text was broken inside a long word is of no interest."""
    return re.sub(r"\s+", "", words)


class Facts:
    def __init__(self, where):
        self.where, self.passed, self.wrong = where, 0, []

    def has(self, words, wanted, what):
        if joined(plain(wanted)) in joined(words):
            self.passed += 1
        else:
            self.wrong.append(f"{self.where}: no {what}: {plain(wanted)!r}")

    def same(self, got, wanted, what):
        if got == wanted:
            self.passed += 1
        else:
            self.wrong.append(f"{self.where}: {what}: {got!r}, by the JSON {wanted!r}")


def name_of(device):
    """How the reports call a device: see device_address() in src/report/text_device.c."""
    best = None
    for a in device["addresses"]:
        if a.startswith(("169.254.", "fe80")):
            continue
        if ":" not in a:
            return a
        best = best or a
    return best or (device["addresses"] or [device["id"]])[0]


def number(where, report):
    return f"#{where['input']}:{where['packet']}" if len(report["inputs"]) > 1 else f"#{where['packet']}"


def verdict_word(device, words):
    """What stands there, if anything of it does: a device of which only broadcasts were seen is not judged."""
    if device["verdict"] == "clear":
        return "clear" if "clear" in words else "not judged"
    return VERDICTS[device["verdict"]]


def packets_of(device, report):
    """The numbers that may stand beside a device, and those that must."""
    must, may = set(), set()
    for e in device["evidence"]:
        numbers = [number(w, report) for w in e["packets"]]
        must.update(numbers[:SHOWN])
        may.update(numbers)
    for e in device["exposures"] + device["identified_by"]:
        if e["packet"]:
            may.add(number(e, report))
            must.add(number(e, report))
    return must, may


def check_device(facts, device, words, report):
    facts.has(words, name_of(device), "name")
    facts.has(words, verdict_word(device, words), "verdict")
    if device["verdict"] == "clear":
        return
    if device["confidence"] != "none":
        facts.has(words, device["confidence"], "confidence")
    if device["stages"]:
        facts.has(words, "stages: " + ", ".join(device["stages"]), "stages, in their order")
    for family in device["families"]:
        facts.has(words, family, "family")
    for e in device["evidence"]:
        facts.has(words, e["text"], "sign")
        if e["peer"]:
            facts.has(words, e["peer"], "peer")
        for when in (e["first"], e["last"]):
            facts.has(words, when[11:19], "time")
    for e in device["exposures"]:
        facts.has(words, e.get("detail") or e["kind"], "exposure")
    for key in ("maker", "model", "firmware", "built"):
        if device.get(key):
            facts.has(words, device[key], key)
    if device["site"] == "local":
        for step in device["do"]:
            facts.has(words, step, "step")
    must, may = packets_of(device, report)
    got = set(re.findall(r"#[0-9]+(?::[0-9]+)?", words))
    # A model or a sign's own words may hold such a thing too.
    own = set(re.findall(r"#[0-9]+(?::[0-9]+)?", json.dumps(device)))
    facts.same(sorted(must - got), [], "packet numbers that are missing")
    facts.same(sorted(got - may - own), [], "packet numbers of its own")


def spaced(n):
    return f"{n:,}".replace(",", " ")


def check_attacks(facts, found, report):
    facts.same(len(found), len(report["attacks"]), "number of attacks")
    for a in report["attacks"]:
        port = f" port {a['port']}" if a["port"] is not None else ""
        head = f"[{a['vector']}] on {a['target']}{port}, {a['direction']}"
        mine = [f for f in found if joined(head) in joined(f)]
        if not mine:
            facts.wrong.append(f"{facts.where}: no attack {head}")
            continue
        for words in (spaced(a["packets"]) + " packet", spaced(a["peak_pps"]) + " packets/s",
                      spaced(a["sources"]) + " source"):
            facts.has(" ".join(mine), words, "measure of an attack")


def check_tally(facts, words, report):
    """So many devices of each verdict, in the first lines."""
    local = [d for d in report["devices"] if d["site"] == "local"]
    for verdict in ("infected", "suspect", "exposed"):
        n = sum(d["verdict"] == verdict for d in local)
        if n:
            facts.has(words, f"{spaced(n)} {VERDICTS[verdict]}", "count")
        else:
            facts.same(VERDICTS[verdict] in words, False, f"a count of {verdict}")
    facts.has(words, f"{spaced(len(local))} local device", "count")
    seen = report["vantage"]
    judged = f"From here {spaced(seen['judged'])} of {spaced(seen['of'])} device"
    facts.has(words, judged if seen["of"] else "From here no local device was seen", "what could be judged")


def check_rest(facts, words, report):
    for r in report["recalls"] + report["undecided"]:
        facts.has(words, r["maker"], "maker of a recall")
        facts.has(words, r["advisory"], "recall")
    for r in report["recalls"]:
        facts.has(words, r["action"], "action")
    for count in report["unseen"].values():
        if count:
            facts.has(words, spaced(count), "count of what was not seen")


def check_html(page, report):
    facts = Facts("html")
    facts.same(json.loads(page.json), report, "the JSON inside")
    local = {d["id"] for d in report["devices"] if d["site"] == "local"}
    strangers = {d["id"] for d in report["devices"] if d["site"] != "local" and d["verdict"] != "clear"}
    facts.same(sorted(page.devices), sorted(plain(i) for i in local | strangers), "devices")
    for d in report["devices"]:
        if plain(d["id"]) in page.devices:
            check_device(facts, d, squeeze(page.devices[plain(d["id"])]), report)
    check_tally(facts, squeeze(page.sections["masthead"]), report)
    check_attacks(facts, page.attacks, report)
    check_rest(facts, squeeze(" ".join(page.sections.values())), report)
    return facts


def check_text(text, report):
    facts = Facts("text")
    blocks = re.split(r"\n(?=● )", text)
    cards = [re.split(r"\n\n(?=[A-Z]{4})", b)[0] for b in blocks[1:]]
    shown = [d for d in report["devices"] if d["site"] == "local" or d["verdict"] != "clear"]
    facts.same(len(cards), len(shown), "number of devices")
    for d in shown:
        mine = [c for c in cards if re.match(r"● " + re.escape(plain(name_of(d))) + r"(\s|$)", c)]
        if len(mine) == 1:
            check_device(facts, d, squeeze(mine[0]), report)
        elif not mine:
            facts.wrong.append(f"text: no device {name_of(d)}")
    check_tally(facts, squeeze(blocks[0].split("\n\nSTRANGERS SEEN")[0].split("\n\nRECALLS AND")[0]), report)
    part = re.search(r"\nATTACKS\n(.*?)(?=\n\n|\Z)", text, re.S)
    lines = re.split(r"\n(?=  \S)", part.group(1)) if part else []
    check_attacks(facts, lines, report)
    check_rest(facts, squeeze(text), report)
    return facts


def main(text_path, html_path, json_path):
    with open(json_path, encoding="utf-8") as f:
        report = json.load(f)
    page = Page()
    with open(html_path, encoding="utf-8") as f:
        page.feed(f.read())
    with open(text_path, encoding="utf-8") as f:
        text = f.read()
    results = [check_html(page, report), check_text(text, report)]
    wrong = [w for r in results for w in r.wrong]
    for w in wrong[:20]:
        print(f"FAIL html: {json_path}: {w}")
    print(f"{sum(r.passed for r in results)} passed, {len(wrong)} failed")
    return 1 if wrong else 0


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
