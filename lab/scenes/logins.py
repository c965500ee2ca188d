# SPDX-License-Identifier: MIT
"""Logins at one camera in every protocol, with factory passwords and own ones, whole and damaged on the way.

The factory passwords are entries of knowledge/credentials.tsv. Own passwords and the serial numbers in the talks may
stand in no report.
"""

import carry
import wire
from apps import Talk, recorders, terminal, things, web
from house import House

from scenes import register

OWN = "lab-own-7Kq2"
STRANGER = wire.ip("203.0.113.77")
SECRETS = ["lab-own", recorders.sofia(OWN), recorders.SERIAL, recorders.SERIAL[-8:]]


class Protocol:
    """How to log in by one protocol, and what reports make of it."""

    def __init__(self, make, user, password, *, clear=True, thing=False, masked=None, telnet=False, maker=None,
                 silent=()):
        self.make, self.user, self.password = make, user, password
        self.clear = clear  # the password crosses the network as it is
        self.thing = thing  # who serves this is no computer
        self.masked = masked if masked is not None else "(empty)" if not password else f"{password[0]}…{password[-1]}"
        self.telnet = telnet
        self.maker = maker  # the protocol alone says who made it …
        self.silent = silent  # … but not in these cases, where the device said nothing
        self.service = make(user, password).service
        self.udp = make(user, password).udp
        self.port = make(user, password).port


PROTOCOLS = {
    "telnet": Protocol(terminal.telnet, "root", "xc3511", thing=True, telnet=True),
    "ftp": Protocol(terminal.ftp, "admin", "12345"),
    "http-basic": Protocol(web.http_basic, "admin", "12345"),
    "http-digest": Protocol(web.http_digest, "admin", "12345", clear=False),
    "http-form": Protocol(web.http_form, "admin", "12345"),
    "rtsp-basic": Protocol(web.rtsp_basic, "root", "pass", thing=True),
    "rtsp-digest": Protocol(web.rtsp_digest, "admin", "12345", clear=False, thing=True),
    "onvif": Protocol(web.onvif, "admin", "12345", clear=False),
    "dvrip": Protocol(recorders.dvrip, "admin", "", clear=False, thing=True, maker="Xiongmai",
                      silent=("cut", "answer")),
    "dahua": Protocol(recorders.dahua, "admin", "admin", clear=False, thing=True, maker="Dahua"),
    "dhip": Protocol(recorders.dhip, "admin", "admin", clear=False, thing=True, maker="Dahua"),
    "rpc2": Protocol(recorders.rpc2, "admin", "admin", clear=False, thing=True, maker="Dahua"),
    "xm-snapshot": Protocol(recorders.xm_snapshot, "admin", "", clear=False, maker="Xiongmai",
                            silent=("cut", "try", "answer", "joined")),
    "xm-stream": Protocol(recorders.xm_stream, "admin", "", clear=False, thing=True, maker="Xiongmai",
                          silent=("cut", "try", "answer", "joined")),
    "sip": Protocol(web.sip, "admin", "12345", clear=False),
    "mqtt": Protocol(things.mqtt, "guest", "12345"),
    "snmp": Protocol(things.snmp, "", "public", clear=False, masked="community string public"),
}
REQUIRED_ASKING = ("http-basic", "rtsp-basic")
# Believed even where the connection's beginning was not seen: the answer bears its own proof.
BY_ONE_EXCHANGE = ("dvrip",)
MANY_TRIES = ("telnet", "http-basic", "http-form", "onvif", "dvrip")


def home(stage, *, v6=False, quiet=False):
    """A camera and a laptop; nothing else that could be exposed."""
    stage.exact = True
    stage.secrets = list(SECRETS)
    house = stage.use(House(stage.rng, v6=v6, quiet_gateway=quiet, only=("camera", "laptop")))
    if not quiet:
        return house, house.settle() + 0.5
    for reply in (False, True):
        src, dst = ends(house)[:: -1 if reply else 1]
        house.send(0.1 + reply * 0.001, src, dst, *wire.echo(src, dst, 1, 1, bytes(56), reply=reply))
    return house, 0.5


def ends(house, v6=False):
    return (house.laptop.v6, house.camera.v6) if v6 else (house.laptop.v4, house.camera.v4)


def is_shown(password):
    """A factory password long enough that finding it in a report is no accident."""
    return len(password) > 4 and password not in ("admin",)


def served(house, p, case=None):
    """What it says of a camera that it speaks this protocol at all."""
    if p.telnet:
        house.expose(house.camera, "open-telnet", p.service)
    house.tell(house.camera, maker=None if case in p.silent else p.maker)


def accepted(house, p, *, factory, frame=None):
    served(house, p)
    if factory:
        user = f"{p.user} / " if p.user else ""
        house.expose(house.camera, "factory-password", p.service, f"{user}{p.masked}", frame=frame)
    if factory and p.telnet:  # every entry of the list says that nobody can change this pair
        house.expose(house.camera, "unchangeable-password", p.service, frame=frame)
    if p.clear:
        verdict = "exposed" if p.thing or factory else "clear"
        house.expose(house.camera, "cleartext-login", p.service, frame=frame, verdict=verdict)


# What a login may look like; each makes the house and says what is true.


def whole(p, password, good, *, v6=False, link=None):
    def play(stage):
        house, at = home(stage, v6=v6, quiet=link is not None)
        stage.links = [link or "ethernet"]
        factory = password == p.password
        _, frames = carry.whole(house, at, ends(house, v6), p.make(p.user, password, good))
        if good:
            accepted(house, p, factory=factory, frame=frames.get("answer"))
        else:
            served(house, p)
        if factory and good and is_shown(password) and password not in p.masked:
            stage.masked = [f"{password} ("]

    return play


def cut_short(p):
    def play(stage):
        house, at = home(stage)
        carry.whole(house, at, ends(house), p.make(p.user, p.password), upto="try")
        served(house, p, "cut")

    return play


def lost(p, role):
    def play(stage):
        house, at = home(stage)
        carry.whole(house, at, ends(house), p.make(p.user, p.password), lost=role)
        served(house, p, role)

    return play


def disordered(p):
    def play(stage):
        house, at = home(stage)
        carry.disordered(house, at, ends(house), p.make(p.user, p.password))
        accepted(house, p, factory=True)

    return play


def contradicted(p, factory_first):
    """Two passwords of the same length at the same place of the stream."""
    def play(stage):
        house, at = home(stage)
        own = "lab-own-7Kq2"[: len(p.password)] if p.password else "lab-own"
        stage.secrets.append(own if len(own) > 5 else "lab-own")
        one, other = (p.make(p.user, password) for password in (p.password, own))
        first, second = (one, other) if factory_first else (other, one)
        carry.contradicted(house, at, ends(house), first, second)
        accepted(house, p, factory=factory_first)

    return play


def answered_twice(p, accepted_first):
    """Two answers of the same length at the same place of the stream: taken and refused."""
    def play(stage):
        house, at = home(stage)
        yes, no = (p.make(p.user, p.password, good) for good in (True, False))
        first, second = (yes, no) if accepted_first else (no, yes)
        carry.contradicted(house, at, ends(house), first, second, "answer")
        if accepted_first:
            accepted(house, p, factory=True)
        else:
            served(house, p)

    return play


def answers_fit(p):
    yes, no = (p.make(p.user, p.password, good) for good in (True, False))
    return not p.udp and [len(line.data) for line in yes.lines] == [len(line.data) for line in no.lines]


def in_turn(p, first, second):
    """Two tries on one connection, each with its own answer: (password, accepted?) in turn."""
    def play(stage):
        house, at = home(stage)
        lines = []
        for password, good in (first, second):
            more = p.make(p.user, password, good).lines
            again = lines and p.service.startswith("telnet")  # the prompt stands there already
            lines += more[3:] if again else [line for line in more if line.role] if lines else more
        carry.whole(house, at, ends(house), Talk(p.service, p.port, lines))
        accepted(house, p, factory=p.password in [password for password, good in (first, second) if good])

    return play


def joined(p, proves):
    def play(stage):
        house, at = home(stage)
        carry.joined(house, at, ends(house), p.make(p.user, p.password))
        if proves:
            accepted(house, p, factory=True)
        else:
            served(house, p, "joined")

    return play


def unasked(p):
    """The client sends its header at once, and the server never asks for one: any header would have done."""
    def play(stage):
        house, at = home(stage)
        what = p.make(p.user, p.password)
        kept = [line for line in what.lines if line.role]
        carry.whole(house, at, ends(house), Talk(what.service, what.port, kept))
        served(house, p)

    return play


def asked_before(p):
    """Asked on one connection, logged in on the next one, as many clients do."""
    def play(stage):
        house, at = home(stage)
        what = p.make(p.user, p.password)
        kept = [line for line in what.lines if line.role]
        first = [line for line in what.lines if not line.role]
        at, _ = carry.whole(house, at, ends(house), Talk(what.service, what.port, first))
        _, frames = carry.whole(house, at + 0.5, ends(house), Talk(what.service, what.port, kept))
        accepted(house, p, factory=True, frame=frames["answer"])

    return play


for name, p in PROTOCOLS.items():
    def put(case, play, about, name=name):
        register(f"login-{name}-{case}", play, f"A login by {name}: {about}")

    put("factory", whole(p, p.password, True), "the factory password, accepted.")
    put("own", whole(p, OWN, True), "a password of the owner's own, accepted.")
    put("refused", whole(p, p.password, False), "the factory password, refused.")
    put("cut", cut_short(p), "the capture ends behind the try, so that nothing is proven.")
    put("lost-try", lost(p, "try"), "the try was not captured; an answer to nobody knows what proves nothing.")
    put("lost-answer", lost(p, "answer"), "the answer was not captured, though it was acknowledged.")
    put("disorder", disordered(p), "out of order, doubled and sent again, and accepted all the same.")
    put("v6", whole(p, p.password, True, v6=True), "the factory password, accepted, over IPv6.")
    put("vlan", whole(p, p.password, True, link="vlan"), "the factory password, accepted, inside a VLAN.")
    put("pppoe", whole(p, p.password, True, link="pppoe"), "the factory password, accepted, inside PPPoE.")
    if not p.udp:
        put("lied-after", contradicted(p, True), "the factory password; a later copy of the segment says another one.")
        put("lied-before", contradicted(p, False), "an own password; a later copy says the factory's, in vain.")
        put("joined", joined(p, name in BY_ONE_EXCHANGE), "the capture begins with the try.")
    if answers_fit(p):
        put("refused-first", answered_twice(p, False), "refused; a later copy of the answer says accepted, in vain.")
        put("accepted-first", answered_twice(p, True), "accepted; a later copy of the answer says refused, in vain.")
    if name in MANY_TRIES:
        put("factory-then-own", in_turn(p, (p.password, False), (OWN, True)),
            "the factory password is refused, an own one accepted on the same connection.")
        put("own-then-factory", in_turn(p, (OWN, False), (p.password, True)),
            "an own password is refused, the factory's accepted on the same connection.")
    if name in REQUIRED_ASKING:
        put("unasked", unasked(p), "a header that nobody asked for, and 200: it proves nothing.")
    if name.startswith(("http-b", "http-d", "rtsp")):
        put("asked-before", asked_before(p), "asked for on one connection, accepted on the next.")
