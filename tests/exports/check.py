#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Holds what cordon exports against its schemas, and against the JSON report of the same capture.

    check.py SHARED FOLDER

FOLDER holds for each capture NAME: NAME.json (the report) and NAME.eve, .ndjson, .xarf, .stix, .misp, .csv. SHARED has
other people's schemas in schema/external; without it only our own are used. Prints a line for each fault and, at the end,
how many checks there were. Exit status 0 when all held.
"""
import base64
import csv
import hashlib
import ipaddress
import json
import pathlib
import re
import sys
import uuid

import jsonschema

try:  # of jsonschema 4.18 and later; Debian 12 has an older one
    import referencing
    import referencing.jsonschema
except ImportError:
    referencing = None

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CORDON = uuid.UUID("58521aa7-d123-52b9-bd00-0bebea9b372d")
STIX = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
OWN_EVENTS = ("device", "exposure", "infection", "attack")
# Of Shadowserver's event4_honeypot_darknet.
COLUMNS = (
    "timestamp protocol src_ip src_port src_asn src_geo src_region src_city src_hostname src_naics src_sector "
    "device_vendor device_type device_model dst_ip dst_port dst_asn dst_geo dst_region dst_city dst_hostname dst_naics "
    "dst_sector public_source infection family tag application version event_id count"
).split()
# What MISP's describeTypes allows of what we use.
MISP_TYPES = {
    "Network activity": {"ip-src", "ip-dst", "ip-dst|port", "port", "mac-address"},
    "Other": {"text", "counter", "datetime"},
}
checks = 0
faults = []


def hold(right, what):
    global checks
    checks += 1
    if not right:
        faults.append(what)


def validator(path, folder=None):
    schema = json.loads(path.read_text("utf-8"))
    store = {}
    for name in folder.rglob("*.json") if folder else ():
        other = json.loads(name.read_text("utf-8"))
        store[other.get("$id", str(name))] = other
    if referencing is not None:
        draft = referencing.jsonschema.DRAFT202012
        registry = referencing.Registry().with_resources((uri, draft.create_resource(s)) for uri, s in store.items())
        return jsonschema.Draft202012Validator(schema, registry=registry)
    resolver = jsonschema.RefResolver(schema.get("$id", ""), schema, store=store)
    return jsonschema.Draft202012Validator(schema, resolver=resolver)


def fits(check, document, what):
    if check is None:
        return
    error = next(iter(check.iter_errors(document)), None)
    hold(error is None, f"{what}: {error and error.message[:200]} at {error and list(error.absolute_path)}")


def lines(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def accused(report):
    return [d for d in report["devices"] if d["verdict"] in ("suspect", "infected")]


def telling(device):
    return [e for e in device["evidence"] if e["weight"] != "note"]


def check_eve(path, report, schemas):
    events = lines(path)
    for i, event in enumerate(events):
        kind = event["event_type"]
        fits(schemas["events"] if kind in OWN_EVENTS else schemas["eve"], event, f"{path.name}:{i + 1}")
    count = {kind: sum(e["event_type"] == kind for e in events) for kind in OWN_EVENTS + ("alert",)}
    hold(count["device"] == len(report["devices"]), f"{path.name}: devices")
    hold(count["attack"] == len(report["attacks"]), f"{path.name}: attacks")
    hold(count["alert"] == sum(len(d["evidence"]) for d in report["devices"]), f"{path.name}: alerts")
    hold(count["infection"] == len(accused(report)), f"{path.name}: infections")
    hold(count["exposure"] == sum(len(d["exposures"]) for d in report["devices"]), f"{path.name}: exposures")


def check_findings(path, report, schemas):
    found = lines(path)
    for i, finding in enumerate(found):
        fits(schemas["finding"], finding, f"{path.name}:{i + 1}")
    wanted = [(d["id"], e["detector"], e["text"]) for d in report["devices"] for e in d["evidence"]]
    hold([(f["device"], f["detector"], f["text"]) for f in found] == wanted, f"{path.name}: findings are the report's")


def check_xarf(path, report, schemas):
    reports = lines(path)
    ids = [r["report_id"] for r in reports]
    hold(len(set(ids)) == len(ids), f"{path.name}: an id stands twice")
    for i, r in enumerate(reports):
        what = f"{path.name}:{i + 1}"
        fits(schemas["xarf"], r, what)
        hold(r["reporter"] == {"org": "Example Net", "contact": "abuse@example.net", "domain": "example.net"}, what)
        for e in r["evidence"]:
            payload = base64.b64decode(e["payload"], validate=True)
            hold(e["hash"] == "sha256:" + hashlib.sha256(payload).hexdigest() and e["size"] == len(payload), what)
            hold(len(payload) > 0, f"{what}: empty evidence")
    hosts = [r["source_identifier"] for r in reports if r["type"] == "infected_host"]
    infected = [d for d in report["devices"] if d["verdict"] == "infected" and d["addresses"]]
    hold(len(hosts) == len(infected), f"{path.name}: {len(hosts)} hosts, {len(infected)} infected devices")
    for host, device in zip(hosts, infected):
        hold(host in device["addresses"], f"{path.name}: {host} is no address of {device['id']}")


def sco_id(o):
    """The id of section 2.9 of STIX 2.1, made here again from the object itself."""
    if o["type"] == "network-traffic":
        keys = ("start", "end", "src_ref", "dst_ref", "src_port", "dst_port", "protocols", "extensions")
    else:
        keys = ("value",)
    content = {k: o[k] for k in keys if k in o}
    name = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"{o['type']}--{uuid.uuid5(STIX, name)}"


def check_stix(path, report, schemas):
    bundle = json.loads(path.read_text("utf-8"))
    fits(schemas["stix"], bundle, path.name)
    objects = bundle["objects"]
    ids = [o["id"] for o in objects]
    hold(len(set(ids)) == len(ids), f"{path.name}: an id stands twice")
    for o in objects:
        if o["type"] in ("ipv4-addr", "ipv6-addr", "mac-addr", "network-traffic"):
            hold(o["id"] == sco_id(o), f"{path.name}: {o['id']} is not the id of its contents")
        refs = [v for k, v in o.items() if k.endswith("_ref")] + [x for k, v in o.items() if k.endswith("_refs") for x in v]
        hold(all(r in ids for r in refs), f"{path.name}: {o['id']} refers to nothing")
    sighted = [o for o in objects if o["type"] == "sighting"]
    infected = [d for d in report["devices"] if d["verdict"] == "infected" and d["addresses"]]
    hold(len(sighted) == sum(max(1, len(d["families"])) for d in infected), f"{path.name}: sightings")


def check_misp(path, report, schemas):
    event = json.loads(path.read_text("utf-8"))["Event"]
    for key in ("uuid", "info", "date", "timestamp", "threat_level_id", "analysis", "distribution"):
        hold(isinstance(event[key], str), f"{path.name}: {key} is no string")
    hold(event["published"] is False and re.fullmatch(r"\d{4}-\d\d-\d\d", event["date"]), f"{path.name}: date")
    attributes = event["Attribute"] + [a for o in event["Object"] for a in o["Attribute"]]
    ids = [x["uuid"] for x in attributes + event["Object"]]
    hold(len(set(ids)) == len(ids), f"{path.name}: an id stands twice")
    for a in attributes:
        uuid.UUID(a["uuid"])
        hold(a["type"] in MISP_TYPES[a["category"]], f"{path.name}: {a['type']} in {a['category']}")
        if a["type"].startswith("ip-"):
            ipaddress.ip_address(a["value"].split("|")[0])
    for a in event["Attribute"]:
        own = any(a["value"] in d["addresses"] for d in report["devices"] if d["site"] == "local")
        hold(not (a["to_ids"] and own), f"{path.name}: a device of ours is to be blocked")
    hold(len(event["Object"]) == len(report["attacks"]), f"{path.name}: attacks")


def check_table(path, report, schemas):
    with open(path, encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    hold(rows[0] == COLUMNS, f"{path.name}: columns")
    for row in rows[1:]:
        r = dict(zip(COLUMNS, row))
        hold(len(row) == len(COLUMNS), f"{path.name}: cells")
        hold(re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", r["timestamp"]), f"{path.name}: {r['timestamp']}")
        ipaddress.ip_address(r["src_ip"])
        uuid.UUID(r["event_id"])
    deeds = [e for d in accused(report) for e in telling(d) if e["stage"] in ("scanning", "attacking") and e["direction"] == "out"]
    hold(len(rows) - 1 >= len(deeds), f"{path.name}: {len(rows) - 1} rows, {len(deeds)} deeds")


def check_silence(folder, name, report):
    """Of whom nothing is said, nobody abroad hears: no address and no MAC."""
    spoken = {a for d in accused(report) for a in d["addresses"]}
    spoken |= {e["peer"] for d in accused(report) for e in d["evidence"]} | {a["target"] for a in report["attacks"]}
    for ending in ("xarf", "stix", "misp", "csv"):
        text = (folder / f"{name}.{ending}").read_text("utf-8")
        if ending == "xarf":
            text += "".join(base64.b64decode(e["payload"]).decode() for r in lines(folder / f"{name}.xarf") for e in r["evidence"])
        hold(not any(i["path"] in text for i in report["inputs"]), f"{name}.{ending}: names a file")
        for d in report["devices"]:
            if d["verdict"] in ("suspect", "infected") or d["site"] != "local":
                continue
            for word in [*d["macs"], *(a for a in d["addresses"] if a not in spoken)]:
                hold(not re.search(rf"(?<![\w.:]){re.escape(word)}(?![\w.:])", text), f"{name}.{ending}: tells of {word}")


FORMATS = {
    "eve": check_eve,
    "ndjson": check_findings,
    "xarf": check_xarf,
    "stix": check_stix,
    "misp": check_misp,
    "csv": check_table,
}


def main(shared, folder):
    external = pathlib.Path(shared) / "schema" / "external"
    schemas = {"events": validator(ROOT / "schema/events.schema.json"), "finding": validator(ROOT / "schema/finding.schema.json")}
    schemas.update(eve=None, xarf=None, stix=None)
    if external.is_dir():
        v4 = external / "xarf4/schemas/v4"
        schemas["eve"] = validator(external / "eve.schema.json")
        schemas["xarf"] = validator(v4 / "xarf-v4-master.json", v4)
        stix = external / "stix2/schemas"
        schemas["stix"] = validator(stix / "common/bundle.json", stix)
    folder = pathlib.Path(folder)
    for path in sorted(folder.glob("*.json")):
        report = json.loads(path.read_text("utf-8"))
        for ending, check in FORMATS.items():
            try:
                check(folder / f"{path.stem}.{ending}", report, schemas)
            except (ValueError, KeyError, OSError) as error:
                hold(False, f"{path.stem}.{ending}: {type(error).__name__}: {error}")
        check_silence(folder, path.stem, report)
    for fault in faults[:40]:
        print(f"FAIL exports: {fault}")
    print(checks - len(faults), len(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
