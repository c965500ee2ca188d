# SPDX-License-Identifier: MIT
"""The language of scenarios: sentences, one a line, carried out in turn. README.md has all of them.

A deed has a moment: when it began, or, where it says so, when it came to its point (a password was accepted, a frame
was on the wire). `expect` looks at what cordon said since and reckons from such a moment.
"""

import dataclasses
import os
import re
import signal
import threading
import time

import frames
import logins
import namespaces
import outside
import pushing
import residents
import services
import updates
from eyes import ACCUSING
from namespaces import GW, HOSTS, RUN, Failed, ip

NAMES = "|".join(sorted(HOSTS, key=len, reverse=True))
PATIENCE = 10  # seconds for an expectation that says no other
EARLY = 0.3  # a deed whose moment is when its client read the answer is seen on the wire before
IPV6_SECONDS = 20
UNITS = {"ms": 0.001, "s": 1, "m": 60}


class Wrong(Exception):
    """A line that is no sentence, with its number."""


class Lacking(Exception):
    """What the scenario is about is not in this build."""


class Unmet(Exception):
    """An expectation that was not met: what was said in place of it."""


@dataclasses.dataclass
class Row:
    """A line of the table: a deed, or what cordon said."""

    at: float
    text: str
    said: bool = False


@dataclasses.dataclass
class Sentence:
    number: int
    text: str
    why: str
    work: object
    parts: dict
    mark: str | None = None
    every: float | None = None


def seconds(text):
    number, unit = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s|m)", text).groups()
    return float(number) * UNITS[unit]


SENTENCES = []


def says(pattern):
    """The function carries out lines of that form: HOST, HOSTS, TIME and WORD stand for what they are called."""
    for word, meaning in (("HOSTS", rf"(?P<hosts>(?:{NAMES})(?: (?:{NAMES}))*)"), ("HOST2", rf"(?P<other>{NAMES})"),
                          ("HOST", rf"(?P<host>{NAMES})"), ("TIME", r"(?P<span>[\d.]+(?:ms|s|m))"),
                          ("WORDS", r"(?P<words>.+)"), ("WORD", r"(?P<word>[\w.-]+)")):
        pattern = pattern.replace(word, meaning)

    def keep(work):
        SENTENCES.append((re.compile(pattern), work))
        return work

    return keep


def parse(path):
    """(title, sentences). The first comment is the title."""
    title, sentences = None, []
    with open(path, encoding="utf-8") as source:
        for number, line in enumerate(source, 1):
            text, _, comment = line.partition("#")
            text = " ".join(text.split())
            title = title or comment.strip() or None
            if text:
                sentences.append(sentence(number, text, comment.strip()))
    return title or path, sentences


def sentence(number, text, why):
    mark = re.search(r" as ([\w-]+)$", text)
    every = re.match(r"every ([\d.]+(?:ms|s|m)) ", text)
    rest = text[every.end() if every else 0 : mark.start() if mark else len(text)]
    for pattern, work in SENTENCES:
        if (found := pattern.fullmatch(rest)) is not None:
            return Sentence(number, text, why, work, found.groupdict(), mark and mark[1], every and seconds(every[1]))
    raise Wrong(f"line {number}: '{text}' is no sentence of the lab's; lab/live/README.md lists them")


def named(lines):
    """The hosts that these sentences are about."""
    return {name for line in lines for name in re.findall(rf"\b(?:{NAMES})\b", line.text)}


class Play:
    """A scenario as it is carried out."""

    def __init__(self, net, tape, eyes, build):
        self.net, self.tape, self.eyes, self.build = net, tape, eyes, build
        self.start = time.time()
        self.marks, self.rows, self.plays, self.times = {}, [], {}, {}
        self.over = threading.Event()
        self.players, self.faults, self.measured = [], [], []
        self.stores = {}  # of those that push: where
        self.let_in = None  # did the last login succeed?
        self.outside = None  # what was seen on the Internet's side

    def carry_out(self, line):
        """One sentence. Raises what stands in its way."""
        if line.every is not None:
            self.times[line.text] = 0
            threading.Thread(target=self.repeat, args=(line,), daemon=True).start()
            return
        began = time.time()
        moment = line.work(self, **line.parts)
        if line.mark:
            self.marks[line.mark] = moment or began
        if line.work not in SILENT:
            text = re.sub(r" as [\w-]+$", "", line.text)
            self.rows.append(Row(moment or began, f"{text} ({line.why})" if line.why else text))

    def repeat(self, line):
        """In the background, until the scenario is over."""
        while not self.over.wait(line.every):
            try:
                line.work(self, **line.parts)
                self.times[line.text] += 1
            except (residents.Gave, OSError) as error:
                self.faults.append(f"line {line.number}: '{line.text}': {error}")

    def do(self, host, work, *args):
        """What a host does, in its namespace; gives what it gives, or raises what it raises."""
        box = {}

        def run():
            try:
                box["gave"] = work(*args)
            except (residents.Gave, OSError, ValueError) as error:
                box["error"] = error

        namespaces.inside(HOSTS[host].space, run).join()
        if "error" in box:
            raise residents.Gave(f"{host}: {box['error']}")
        return box["gave"]

    # What cordon said

    def is_about(self, event, host):
        """By its MAC, or where there is none of it by its address."""
        h, kind = HOSTS[host], event["event_type"]
        inner = event["alert"].get("context", {}) if kind == "alert" else event.get(kind, {})
        if kind == "attack":
            return "mac:" + h.link in inner.get("devices", ())
        name = inner.get("device" if kind == "alert" else "id", "")
        return name in ("mac:" + h.link, "ip:" + h.address)

    def of(self, host, kind, true):
        return lambda event: event["event_type"] == kind and self.is_about(event, host) and true(event[kind])

    def device(self, host):
        """As the report has it; None when it has not."""
        h = HOSTS[host]
        found = [d for d in self.eyes.report()["devices"] if h.link in d["macs"] or h.address in d["addresses"]]
        if len(found) > 1:
            raise Unmet(f"{host} was taken for {len(found)} devices: {', '.join(d['id'] for d in found)}")
        return found[0] if found else None

    def await_event(self, what, true, within, since):
        """It must come, and when it is said of what deed, after that and in time."""
        moment = time.time() if since is None else self.moment(since)
        pair = self.eyes.wait(true, moment + within, moment - EARLY if since else 0)
        if pair is None:
            raise Unmet(f"nothing said '{what}' within {within:g} s of {since or 'now'}")
        if since is not None and self.eyes.live:
            after = pair[0] - moment
            self.measured.append((what, since, after))
            if after > within:
                raise Unmet(f"'{what}' came {after:.2f} s after {since}, not within {within:g} s")

    def moment(self, name):
        if name not in self.marks:
            raise Unmet(f"no deed before this line is called {name}")
        return self.marks[name]

    def kill(self, program):
        """One process of this run, by the name of its program: of the guard's two the child, which opens sockets."""
        parents = {}
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                if os.readlink(f"/proc/{pid}/exe") != f"{RUN}/bin/{program}":
                    continue
                with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as source:
                    parents[pid] = source.read().rsplit(")", 1)[1].split()[1]
            except OSError:
                continue
        victims = [pid for pid, parent in parents.items() if parent in parents] or list(parents)
        if not victims:
            raise Unmet(f"no {program} runs")
        os.kill(int(victims[0]), signal.SIGKILL)


# Deeds


@says("watch(?: and (?P<mode>ask|enforce))?")
def watch(play, mode):
    if mode and not os.path.exists(f"{play.build}/cordon-enforce"):
        raise Lacking("there is no cordon-enforce: libnftables was not here when cordon was built")
    play.eyes.start(*(("--contain", mode) if mode else ()))


@says("watch reads a capture of HOST whose clock jumps by a year")
def watch_capture(play, host):
    play.eyes.start("-r", frames.jumping(HOSTS[host], RUN))


@says("HOSTS comes?")
def come(play, hosts):
    for name in hosts.split():
        services.lease(HOSTS[name])


@says("HOSTS (?:has|have) IPv6")
def have_ipv6(play, hosts):
    """Waits for the address that each makes from what the router advertises."""
    end = time.time() + IPV6_SECONDS
    for host in hosts.split():
        while not play.do(host, residents.has_address6, HOSTS[host].address6):
            if time.time() > end:
                raise Unmet(f"{host} made no address from the router's advertisement")
            play.do(host, residents.ask_for_router)
            play.over.wait(0.3)


@says("HOST views HOST2(?P<six> by IPv6)?(?: with the (?P<pair>own|factory|wrong) password)?")
def view(play, host, other, six, pair):
    pair = pair or services.CAMERAS[other][2]
    return play.do(host, lambda: residents.view(host, other, pair, six=bool(six)))


@says("HOST records (?P<hosts>.+)")
def record(play, host, hosts):
    for camera in hosts.split():
        pair = services.CAMERAS[camera][2]
        player = residents.player(host, camera, pair)
        play.players.append((camera, player))
        namespaces.inside(HOSTS[host].space, player.run, play.over)


@says("HOST pushes its picture to HOST2")
def push(play, host, other):
    store = pushing.Store()
    play.stores[host] = store
    namespaces.inside(HOSTS[other].space, store.run, play.over)
    namespaces.inside(HOSTS[host].space, pushing.Camera(HOSTS[other].address).run, play.over)


@says("HOST (?:browses|looks around)")
def browse(play, host):
    play.do(host, residents.browse, host)


@says("HOST sets its clock")
def set_clock(play, host):
    play.do(host, residents.set_clock, host)


@says("HOST checks its firmware")
def check_firmware(play, host):
    play.do(host, residents.check_firmware, host)


@says("HOST logs in to HOST2 by (?P<service>http|rtsp|dvrip|telnet)(?P<six> by IPv6)? "
      "with the (?P<pair>own|factory|wrong) password")
def log_in(play, host, other, service, six, pair):
    """What came of it `expect the login` asks; at the cameras of 2016 a telnet login must go as its password says."""
    if other not in services.LAB_CAMERAS:
        if service != "telnet" or six:
            raise Unmet(f"to {other} logins go by telnet and IPv4 alone, and by viewing")
        return play.do(host, residents.telnet, host, other, pair)
    way = services.LAB_CAMERAS[other][1]
    play.let_in = play.do(host, lambda: logins.log_in(host, other, way, service, pair, bool(six)))
    return time.time()


@says("expect the login (?P<how>succeeds|fails)")
def expect_login(play, how):
    if play.let_in is not (how == "succeeds"):
        raise Unmet({None: "nobody logged in", True: "it let them in", False: "it refused them"}[play.let_in])


@says("HOST sets up HOST2(?P<six> by IPv6)?")
def set_up(play, host, other, six):
    """The first password of a camera that has none, and a look at its stream key."""
    play.do(host, lambda: logins.set_up(host, other, bool(six)))
    play.do(host, lambda: logins.read_stream_key(host, other, bool(six)))


@says("HOST changes the password of HOST2")
def change_password(play, host, other):
    way = services.LAB_CAMERAS[other][1]
    play.do(host, lambda: logins.change_password(host, other, way))
    return time.time()


@says("HOST guesses (?P<count>\\d+) passwords of HOST2, (?P<most>\\d+) of them looked at at most")
def guess(play, host, count, other, most):
    looked_at, held_back = play.do(host, lambda: logins.guess(host, other, int(count)))
    if looked_at > int(most):
        raise Unmet(f"{looked_at} were looked at, {held_back} held back")


@says("HOST gets in to HOST2 within TIME")
def get_in(play, host, other, span):
    """The owner's login, who waits as often as the camera tells him to."""
    play.do(host, lambda: logins.owner_in(host, other, seconds(span)))


@says("HOST sends HOST2 firmware (?P<number>\\d+) that is (?P<kind>[a-z'-]+): (?P<end>taken|refused)")
def send_firmware(play, host, other, number, kind, end):
    """`number` is its anti-rollback counter."""
    taken, said = play.do(host, lambda: logins.update(host, other, updates.FILES[kind](int(number))))
    if taken != (end == "taken"):
        raise Unmet(f"{other} said: {said}")


@says("HOST sends nonsense to HOST2")
def send_nonsense(play, host, other):
    """To each of its services; it must go on."""
    doors = [(service, services.PORTS[service]) for service in services.LAB_CAMERAS[other][2]]
    play.do(host, logins.nonsense, other, doors)
    if (status := play.net.cameras[other].poll()) is not None:
        raise Unmet(f"{other} ended with status {status}; see its log")


@says("HOST is turned off and on")
def turn_off_and_on(play, host):
    process = play.net.cameras[host]
    process.kill()
    process.wait()
    play.net.cameras[host] = services.lab_camera(play.net, host, play.build)
    namespaces.inside(HOSTS[host].space, services.knock, services.HERE, 80).join(PATIENCE)


def play_frames(play, host, stage, name):
    """On the host's link; the tape looks for the frame that decides by that name."""
    if host not in play.plays:
        play.plays[host] = frames.make(HOSTS[host], RUN)
    path, count, length, decisive = play.plays[host][stage]
    play.tape.want(name, decisive)
    namespaces.command("nsenter", "--net=/run/netns/" + HOSTS[host].space, "--", f"{play.build}/lab/replay",
                       "--keep-times", "--count", str(count), "--seconds", str(int(length) + 5), path, "eth0")


@says("HOST is (?P<stage>breached|loaded|recruited|scanning(?: by IPv6)?|attacking)")
def stage(play, host, stage):
    """Plays the frames of that stage on the host's link; its moment is when the frame that decides it passed br0."""
    name = f"{host}: {stage}"
    play_frames(play, host, stage, name)
    end = time.time() + 2
    while (moment := play.tape.time_of(name)) is None:
        if time.time() > end:
            raise Failed(f"the frames of '{stage}' were sent and did not pass br0")
        time.sleep(0.02)
    return moment


@says("HOST is kept from (?P<stage>breached|loaded|recruited|scanning|attacking)")
def kept(play, host, stage):
    """Its frames are played on the host's link, and the one that decides must not come as far as br0."""
    name = f"{host}: kept from {stage}"
    play_frames(play, host, stage, name)
    play.over.wait(0.5)
    if play.tape.time_of(name) is not None:
        raise Unmet(f"the frames of '{stage}' passed br0, though {host} is held")


@says("the owner (?P<verb>contains|isolates|releases) HOST")
def order(play, verb, host):
    words = {"contains": ["contain"], "isolates": ["contain", "--isolate"], "releases": ["release"]}[verb]
    before = play.eyes.holds()
    told = play.eyes.order(*words, "--dry-run", HOSTS[host].address)
    if play.eyes.holds() != before:
        raise Unmet("it was done, though --dry-run was said")
    play.eyes.order(*words, HOSTS[host].address)
    if ("element netdev cordon" in told) != (play.eyes.holds() != before):
        raise Unmet(f"--dry-run said otherwise: {told}")


@says("the owner (?P<verb>confirms|overrides|closes) HOST at the gate")
def gate(play, verb, host):
    play.eyes.order("gate", verb.removesuffix("s"), HOSTS[host].address)


@says("the Internet's side is listened to")
def listen_outside(play):
    play.outside = outside.Outside()


@says("HOST (?P<how>reaches|is kept from) the Internet(?P<six> by IPv6)?")
def reach(play, host, how, six):
    if play.do(host, outside.reaches, bool(six)) != (how == "reaches"):
        raise Unmet("somebody answered it" if how != "reaches" else "nobody answered it")


@says("HOST opens a page(?P<six> by IPv6)? and is led to WORDS")
def led(play, host, six, words):
    """As phones do that look for a portal; what stands on the page in the end is a regular expression."""
    statuses, page = play.do(host, outside.open_page, bool(six))
    if statuses != [302, 200] or not re.search(words, outside.words_of(page)):
        raise Unmet(f"answers {statuses}, and it read: {outside.words_of(page)}")


@says("HOST reads at the gateway(?P<six> by IPv6)?: WORDS")
def read_portal(play, host, six, words):
    page = outside.words_of(play.do(host, outside.read_portal, bool(six)))
    if not re.search(words, page):
        raise Unmet(f"it read: {page}")


@says("HOST reads nothing at the gateway(?P<six> by IPv6)?")
def read_nothing(play, host, six):
    if not play.do(host, outside.is_shut, bool(six)):
        raise Unmet("the portal answered")


@says("HOST begins (?P<count>\\d+) requests of the portal that never end: (?P<most>\\d+) are listened to, for TIME at most")
def dawdle(play, host, count, most, span):
    heard, longest = play.do(host, outside.dawdle, int(count))
    if heard != int(most) or longest > seconds(span):
        raise Unmet(f"{heard} were listened to, for {longest:.1f} s")


@says("HOST is (?P<how>unplugged|plugged in)")
def plug(play, host, how):
    ip([f"link set to-{host} {'down' if how == 'unplugged' else 'up'}"], GW)


@says("br0 goes (?P<how>down|up)")
def bridge(play, how):
    ip([f"link set br0 {how}"], GW)


@says("wait TIME")
def wait(play, span):
    play.over.wait(seconds(span))


@says("(?P<which>packets|service|guard|enforce) is killed")
def kill(play, which):
    """By SIGKILL, as the kernel does when memory is out; the processes are this run's own."""
    play.kill("cordon-" + which)


@says("(?P<key>\\w+) = (?P<value>\\w+) in (?P<section>\\w+) is set")
def setting(play, key, value, section):
    play.eyes.settle(section, key, value)


@says("the settings are read anew")
def reload(play):
    play.eyes.reload()


@says("cordon is stopped")
def stop(play):
    status, took = play.eyes.stop()
    if status != 0:
        raise Unmet(f"cordon watch ended with status {status} after {took:.1f} s: {play.eyes.words()[-400:]}")


# Expectations. Each may begin with `expect within TIME [after MARK]:`; without it there are PATIENCE seconds from now.

WHEN = r"expect(?: within TIME(?: after (?P<since>[\w-]+))?:)? "


def when(span, since):
    return (seconds(span) if span else PATIENCE), since


@says(WHEN + "HOST is (?P<verdict>suspect|infected)")
def expect_verdict(play, span, since, host, verdict):
    what = f"{host} is {verdict}"
    play.await_event(what, play.of(host, "infection", lambda e: e["verdict"] == verdict), *when(span, since))


@says(WHEN + "HOST is (?P<hold>contained|isolated|released)")
def expect_hold(play, span, since, host, hold):
    wanted = "none" if hold == "released" else hold
    play.await_event(f"{host} is {hold}", play.of(host, "contain", lambda e: e["hold"] == wanted), *when(span, since))


@says(WHEN + "HOST reaches the Internet(?P<six> by IPv6)?")
def expect_reach(play, span, since, host, six):
    within, since = when(span, since)
    moment = time.time() if since is None else play.moment(since)
    while not play.do(host, outside.reaches, bool(six)):
        if time.time() > moment + within:
            raise Unmet(f"nobody answers it within {within:g} s of {since or 'now'}")
    if since is not None:
        play.measured.append((f"{host} reaches the Internet", since, time.time() - moment))


@says("expect nothing of HOST came outside(?: since (?P<since>[\\w-]+))?")
def expect_silence(play, host, since):
    if play.outside is None:
        raise Unmet("nobody listens there: 'the Internet's side is listened to' comes first")
    count = play.outside.count(host, play.moment(since) if since else 0)
    if count:
        raise Unmet(f"{count} packets of it came outside")


@says(WHEN + "HOST is (?P<state>new|waiting|never|open) at the gate(?: for WORD)?")
def expect_gate(play, span, since, host, state, word):
    """As `cordon gate` has it, and why, by one word."""
    within, since = when(span, since)
    end = (time.time() if since is None else play.moment(since)) + within
    while True:
        row = next((r for r in play.eyes.gate() if r["mac"] == HOSTS[host].link), {})
        if row.get("state") == state and word in (None, row.get("reason")):
            return
        if time.time() > end:
            raise Unmet(f"it stands there as: {row}")
        play.over.wait(0.2)


LOGINS = {"own": "an own password", "factory": "the factory password", "none": "none,", "hidden": "a password that can't"}


@says("expect the logins of HOST: WORDS")
def expect_logins(play, host, words):
    """All of them; a round later they are in the store."""
    wanted = dict(pair.split() for pair in words.split(", "))
    until = time.time() + 3
    while True:
        seen = play.eyes.logins(HOSTS[host].address)
        if seen is None or (seen.keys() == wanted.keys()
                            and all(seen[at].startswith(LOGINS[kind]) for at, kind in wanted.items())):
            return
        if time.time() > until:
            raise Unmet(f"they are {seen}")
        time.sleep(0.2)


@says(WHEN + "HOST reaches (?P<stage>breached|loaded|recruited|scanning|attacking)")
def expect_stage(play, span, since, host, stage):
    """Said by the alert of the finding that shows it, or by the verdict."""
    verdict = play.of(host, "infection", lambda e: stage in e["stages"])
    finding = play.of(host, "alert", lambda e: e.get("context", {}).get("stage") == stage)
    play.await_event(f"{host} is {stage}", lambda e: verdict(e) or finding(e), *when(span, since))


@says(WHEN + "HOST is exposed by WORD(?: at (?P<service>[\\w/-]+))?")
def expect_exposure(play, span, since, host, word, service):
    true = play.of(host, "exposure", lambda e: e["kind"] == word and service in (None, e.get("service")))
    play.await_event(f"{host} is exposed by {word}", true, *when(span, since))


@says(WHEN + "HOST is seen")
def expect_seen(play, span, since, host):
    play.await_event(f"{host} is seen", play.of(host, "device", lambda e: True), *when(span, since))


@says(WHEN + "HOST is made by WORDS")
def expect_maker(play, span, since, host, words):
    true = play.of(host, "device", lambda e: words in (e.get("maker"), f"{e.get('maker')} {e.get('model')}"))
    play.await_event(f"{host} is made by {words}", true, *when(span, since))


@says(WHEN + "an? WORD attack on HOST")
def expect_attack(play, span, since, word, host):
    def true(event):
        return (event["event_type"] == "attack" and event["attack"]["vector"] == word
                and event.get("dest_ip") == HOSTS[host].address)

    play.await_event(f"{word} attack on {host}", true, *when(span, since))


@says(WHEN + "cordon says WORDS")
def expect_words(play, span, since, words):
    within, since = when(span, since)
    end = (time.time() if since is None else play.moment(since)) + within
    while not re.search(words, play.eyes.words()):
        if time.time() > end:
            raise Unmet(f"no such line within {within:g} s; the last ones are: {play.eyes.words()[-400:]}")
        play.over.wait(0.05)


@says("expect the stages of HOST: WORDS")
def expect_stages(play, host, words):
    device = play.device(host)
    stages = device["stages"] if device else []
    if stages != words.split():
        raise Unmet(f"the stages of {host} are said to be: {' '.join(stages) or 'none'}")


@says("expect the evidence of HOST shows WORDS")
def expect_evidence(play, host, words):
    device = play.device(host)
    shown = {item["stage"] for item in device["evidence"]} if device else set()
    missing = [word for word in words.split() if word not in shown]
    if missing:
        raise Unmet(f"the evidence of {host} does not show: {' '.join(missing)}; it has {sorted(filter(None, shown))}")


@says("expect the report finds HOST (?P<verdict>clear|exposed|suspect|infected)")
def expect_report(play, host, verdict):
    device = play.device(host)
    if device is None or device["verdict"] != verdict:
        raise Unmet(f"{host} is said to be {device['verdict'] if device else 'nobody'}")


@says("expect HOST was told (?P<verdict>suspect|infected) once")
def expect_once(play, host, verdict):
    true = play.of(host, "infection", lambda e: e["verdict"] == verdict)
    count = sum(true(event) for _, event in play.eyes.events)
    if count != 1:
        raise Unmet(f"it was told {count} times")


@says("expect cordon ends by itself(?: within TIME)?")
def expect_end(play, span):
    status = play.eyes.ended(seconds(span) if span else PATIENCE)
    if status != 0:
        raise Unmet(f"it ended with status {status}: {play.eyes.words()[-400:]}")


@says(WHEN + "HOST is no longer exposed by WORD(?: at (?P<service>[\\w/-]+))?")
def expect_no_exposure(play, span, since, host, word, service):
    within, since = when(span, since)
    end = (time.time() if since is None else play.moment(since)) + within
    while True:
        device = play.device(host)
        left = [x for x in device["exposures"] if x["kind"] == word and service in (None, x.get("service"))]
        if not left:
            return
        if time.time() > end:
            raise Unmet(f"it still is: {left}")
        play.over.wait(0.2)


@says("expect no exposure of HOST(?: but (?P<but>[\\w-]+(?:, [\\w-]+)*))?")
def expect_exposures(play, host, but):
    """Of which kinds, and no others; each of them must be there."""
    device = play.device(host)
    if device is None:
        raise Unmet(f"{host} is not known at all")
    kinds = {x["kind"] for x in device["exposures"]}
    if kinds != set(but.split(", ") if but else ()):
        raise Unmet(f"its exposures are: {', '.join(sorted(kinds)) or 'none'}")


@says("expect nothing about HOSTS")
def expect_nothing(play, hosts):
    for host in hosts.split():
        device = play.device(host)
        if device is None:
            raise Unmet(f"{host} is not known at all")
        if device["verdict"] != "clear" or device["exposures"]:
            raise Unmet(f"{host} is said to be {device['verdict']}: {device['exposures'] or device['evidence']}")
        for _, event in play.eyes.events:
            if event["event_type"] in ACCUSING and play.is_about(event, host):
                raise Unmet(f"an event was about {host}: {event}")


@says("expect nothing was lost")
def expect_no_loss(play):
    """Neither a packet, nor an event, nor a round of the store, nor a message between the processes."""
    status = play.eyes.status()
    lost = {f"packets of {i['name']}": i["dropped"] for i in status.get("interfaces", ())}
    lost["events"] = status.get("events", {}).get("dropped", 0)
    lost["rounds of the store"] = status.get("store", {}).get("rounds_failed", 0)
    lost["messages"] = status.get("messages_refused", 0)
    if any(lost.values()):
        raise Unmet(", ".join(f"{count} {what}" for what, count in lost.items() if count))


@says("expect no XDP program is left")
def expect_no_xdp(_play):
    left = re.findall(r"^\d+: (\S+?)[@:].* xdp", namespaces.command("ip", "-n", GW, "link", "show"), re.MULTILINE)
    if left:
        raise Unmet(f"there is one on {', '.join(left)}")


@says("expect (?P<count>\\d+) pictures? recorded")
def expect_pictures(play, count):
    for camera, player in play.players:
        if player.packets < int(count):
            raise Unmet(f"of {camera} {player.packets} packets of its pictures were recorded")


@says("expect no second lost of what HOST pushes")
def expect_pushed(play, host):
    store = play.stores[host]
    silence = store.silence()
    words = f"{host} pushed {store.packets} packets in {store.calls} calls, the longest silence {silence:.2f} s"
    play.rows.append(Row(time.time(), words, True))
    if silence >= pushing.LOST:
        raise Unmet(f"the recorder got nothing from {host} for {silence:.1f} s")


SILENT = {wait, *(work for _, work in SENTENCES if work.__name__.startswith("expect_"))}
