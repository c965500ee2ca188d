# SPDX-License-Identifier: MIT
"""The table of a scenario: what was done, what cordon said, and the seconds between."""

import bisect
import textwrap

from namespaces import GATEWAY_MAC, HOSTS

WIDTH, INDENT, TEXT_MOST = 100, 26, 145
NAMES = {"mac:" + h.link: h.name for h in HOSTS.values()} | {"ip:" + h.address: h.name for h in HOSTS.values()}
NAMES["mac:" + GATEWAY_MAC] = "the gateway"


def name(event_id):
    return NAMES.get(event_id, event_id or "?")


def device(event, known):
    """Only when something about it is new."""
    d = event["device"]
    what = " ".join(d[key] for key in ("maker", "product", "model") if d.get(key))
    if known.get(d["id"]) == what:
        return None
    known[d["id"]] = what
    return f"{name(d['id'])} is there" + (f": {what}" if what else "")


def exposure(event, _known):
    e = event["exposure"]
    return f"{name(e['id'])} is exposed, {e['kind'].replace('-', ' ')}: {e.get('detail') or e.get('service')}"


def infection(event, _known):
    e = event["infection"]
    words = f"{name(e['id'])} is {e['verdict'].upper()} ({e['confidence']}): {', '.join(e['stages']) or 'no stage'}"
    return words + (f"; {', '.join(e['families'])}" if e.get("families") else "")


def alert(event, _known):
    inner = event["alert"].get("context", {})
    stage = f", {inner['stage']}" if inner.get("stage") else ""
    return f"{name(inner.get('device'))}{stage}: {inner.get('text') or event['alert']['signature']}"


def attack(event, _known):
    a = event["attack"]
    devices = ", ".join(map(name, a["devices"])) or "strangers"
    return f"{a['vector']} flood on {event.get('dest_ip')} by {devices}: {a['packets']} packets so far"


def contain(event, _known):
    e = event["contain"]
    return f"{name(e['id'])} is {'released' if e['hold'] == 'none' else e['hold'].upper()} by {e['by']}: {e['reason']}"


WORDS = {"alert": alert, "device": device, "exposure": exposure, "infection": infection, "attack": attack,
         "contain": contain}


def said(events):
    """(time, words) of all that is worth a line."""
    known = {}
    for when, event in events:
        words = WORDS.get(event["event_type"])
        text = words(event, known) if words else None
        if text:
            yield when, text


def line(at, after, text, lead):
    head = f"{at:7.1f}  {after:>8}  {lead}"
    short = textwrap.shorten(text, TEXT_MOST, placeholder=" …")
    return textwrap.fill(short, WIDTH, initial_indent=head.ljust(INDENT), subsequent_indent=" " * INDENT)


def table(play):
    deeds = sorted((row.at, row.text) for row in play.rows)
    moments = [at for at, _ in deeds]
    lines = [(at, 0, line(at - play.start, "", text, "")) for at, text in deeds]
    for at, text in said(play.eyes.events if play.eyes.live else ()):
        before = bisect.bisect_right(moments, at)
        after = f"+{at - moments[before - 1]:.2f} s" if before else ""
        lines.append((at, 1, line(at - play.start, after, text, "cordon: ")))
    head = f"{'second':>7}  {'after':>8}  what happened, and what cordon said"
    often = [f"{count:6} times went well: {text}" for text, count in play.times.items()]
    return "\n".join([head, *(text for _, _, text in sorted(lines)), "", *often, "", play.eyes.devices()])


def measured(play):
    """How long each expectation that reckons from a deed had to wait."""
    return [f"{after:6.2f} s after {since}: {what}" for what, since, after in play.measured]
