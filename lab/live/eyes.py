# SPDX-License-Identifier: MIT
"""What cordon says, as it says it: `cordon watch` in the gateway's namespace, its eve.json read line by line with the
time at which each line was there, and its report.

Beside it tcpdump writes what passes br0 to a file. That file is the clock of the deeds: when a frame was on the wire is
read there. With --tape there is no `cordon watch`, and what `cordon inspect` makes of that file, again and again, is
what was said.
"""

import itertools
import json
import os
import shutil
import signal
import struct
import subprocess
import threading
import time

from namespaces import GW, LAN, LAN6, RUN, command, inside

LOCAL = ["--local", LAN, "--local", LAN6]
PROGRAMS = ("cordon", "cordon-guard", "cordon-packets", "cordon-service")
READY_SECONDS = 10

# Findings of any of these make a device less than clean.
ACCUSING = {"exposure", "infection", "alert", "attack"}

CONFIG = """[network]
local = {lan}
local = {lan6}
[engine]
memory = 64M
[store]
directory = {run}/store
[events]
file = {run}/eve.json
[control]
socket = {run}/ctl
[service]
user = nobody
data = {data}
"""


class Blind(Exception):
    """cordon can't be heard at all."""


class Tape:
    """The file that tcpdump writes, read as it grows."""

    def __init__(self, net, promiscuous):
        """Beside the live program it asks for nothing: that br0 shows what is for others is that one's concern."""
        self.path, self.at, self.wanted, self.found = f"{RUN}/tape.pcap", 24, {}, {}
        self.order = None
        quiet = [] if promiscuous else ["-p"]
        self.process = net.start(GW, "tcpdump", "-i", "br0", *quiet, "-w", self.path, "-U", "--immediate-mode", "-Z",
                                 "root", "-B", "16384", "-s", "0", "--nano", "-q", log="tcpdump")
        wait_for(lambda: os.path.exists(self.path) and os.path.getsize(self.path) >= 24, "tcpdump doesn't write")

    def want(self, name, beginning):
        self.wanted[beginning] = name

    def read(self):
        """Takes what has come since; frames that were wanted get their time."""
        with open(self.path, "rb") as source:
            if self.order is None:
                self.order = "<" if source.read(4) in (b"\x4d\x3c\xb2\xa1", b"\xd4\xc3\xb2\xa1") else ">"
            source.seek(self.at)
            body = source.read()
        at, head = 0, struct.Struct(self.order + "IIII")
        while at + 16 <= len(body):
            seconds, part, kept, _ = head.unpack_from(body, at)
            if at + 16 + kept > len(body):
                break
            self.note(seconds + part / 1e9, body[at + 16 : at + 16 + kept])
            at += 16 + kept
        self.at += at

    def note(self, when, frame):
        for beginning, name in self.wanted.items():
            if frame.startswith(beginning) and name not in self.found:
                self.found[name] = when

    def time_of(self, name):
        self.read()
        return self.found.get(name)


def wait_for(true, otherwise, seconds=READY_SECONDS, step=0.02):
    end = time.time() + seconds
    while not true():
        if time.time() > end:
            raise Blind(otherwise)
        time.sleep(step)


def listeners():
    """Packet sockets in the gateway's namespace, tcpdump's among them."""
    found = []

    def count():
        with open("/proc/thread-self/net/packet", encoding="ascii") as source:
            found.extend(source)

    inside(GW, count).join()
    return len(found)


class Watch:
    """The live program. `events` are (arrived, event), in order."""

    live = True

    def __init__(self, net, build, data):
        self.net, self.events, self.news, self.stopped = net, [], threading.Condition(), False
        self.programs = f"{RUN}/bin"
        os.makedirs(self.programs, exist_ok=True)
        for name in PROGRAMS + (("cordon-enforce",) if os.path.exists(f"{build}/cordon-enforce") else ()):
            shutil.copy(f"{build}/{name}", self.programs)
        shutil.copytree(data, f"{RUN}/data.d")
        self.config, self.process, self.may_end, self.torn = f"{RUN}/cordon.conf", None, False, None
        with open(self.config, "w", encoding="ascii") as out:
            out.write(CONFIG.format(lan=LAN, lan6=LAN6, run=RUN, data=f"{RUN}/data.d"))
        for folder in ("store", "."):
            os.makedirs(f"{RUN}/{folder}", exist_ok=True)
            shutil.chown(f"{RUN}/{folder}", "nobody")
        threading.Thread(target=self.listen, daemon=True).start()

    def start(self, *what):
        """Comes back when the program listens on br0; at once when it is to read something else."""
        before = listeners()
        captured = "-r" in what
        self.process = self.net.start(GW, f"{self.programs}/cordon", "watch", *(() if captured else ("-i", "br0")), *what,
                                      "--config", self.config, log="watch")
        self.may_end = captured
        if not captured:
            wait_for(lambda: listeners() > before or self.alive() is None, "cordon watch doesn't listen on br0")

    def alive(self):
        """Raises when it ended though nobody told it to, or wrote what is no event."""
        if self.torn is not None:
            raise Blind(f"a line of eve.json is no JSON: {self.torn!r}")
        if self.process is not None and not self.may_end and self.process.poll() is not None:
            raise Blind(f"cordon watch ended with status {self.process.returncode}: {self.words()[-600:]}")

    def ended(self, seconds):
        """The status with which it ended by itself, or None."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def stop(self):
        """By SIGTERM, as a service manager does; gives how it ended and how long that took."""
        start, self.may_end = time.time(), True
        self.process.terminate()
        try:
            status = self.process.wait(READY_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        return status, time.time() - start

    def settle(self, section, key, value):
        """A setting, in a file of conf.d that has this one alone."""
        os.makedirs(f"{RUN}/conf.d", exist_ok=True)
        with open(f"{RUN}/conf.d/{section}-{key}.conf", "w", encoding="ascii") as out:
            out.write(f"[{section}]\n{key} = {value}\n")

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def listen(self):
        source = None
        pending = b""
        while not self.stopped:
            if source is None:
                try:
                    source = open(f"{RUN}/eve.json", "rb")
                except FileNotFoundError:
                    time.sleep(0.01)
                    continue
            some = source.read()
            if not some:
                time.sleep(0.01)
                continue
            now = time.time()
            *lines, pending = (pending + some).split(b"\n")
            with self.news:
                for line in lines:
                    self.take(now, line)
                self.news.notify_all()

    def take(self, now, line):
        try:
            self.events.append((now, json.loads(line)))
        except ValueError:
            self.torn = line[:200]

    def wait(self, true, until, since=0):
        """The first event since then for which it is true, as (arrived, event), waiting for it until then; or None."""
        seen = 0
        with self.news:
            while True:
                for pair in self.events[seen:]:
                    if pair[0] >= since and true(pair[1]):
                        return pair
                seen = len(self.events)
                left = until - time.time()
                if left <= 0:
                    return None
                self.alive()
                self.news.wait(min(left, 0.5))

    def report(self):
        return run_json(f"{self.programs}/cordon", "report", "--format", "json", "--all", "--store", f"{RUN}/store")

    def order(self, *words):
        """What the owner orders of a device; what came of it, in words."""
        return command("nsenter", f"--net=/run/netns/{GW}", "--", f"{self.programs}/cordon", *words, "--control", f"{RUN}/ctl")

    def holds(self):
        """Whom the firewall holds, as it says itself."""
        return [command("nsenter", f"--net=/run/netns/{GW}", "--", "nft", "-s", "list", "set", "netdev", "cordon", name)
                for name in ("contained", "isolated")]

    def gate(self):
        """Who stands at the first-use gate, as the owner is told."""
        words = [f"{self.programs}/cordon", "gate", "--json", "--control", f"{RUN}/ctl"]
        return json.loads(command("nsenter", f"--net=/run/netns/{GW}", "--", *words))["devices"]

    def status(self):
        return run_json(f"{self.programs}/cordon", "status", "--json", "--control", f"{RUN}/ctl")

    def devices(self):
        """What an owner sees who asks who is there."""
        done = subprocess.run([f"{self.programs}/cordon", "devices", "--store", f"{RUN}/store"], capture_output=True,
                              text=True, check=False)
        return done.stdout

    def logins(self, device):
        """How each of its services was logged in to last, by what `cordon show` says: service to words."""
        done = subprocess.run([f"{self.programs}/cordon", "show", device, "--store", f"{RUN}/store"], capture_output=True,
                              text=True, check=False)
        lines = done.stdout.partition("  LOGINS SEEN\n")[2].splitlines()
        rows = itertools.takewhile(lambda line: line.startswith("    "), lines)
        return dict(row.split(None, 1) for row in rows)

    def words(self):
        with open(f"{RUN}/watch.log", encoding="utf-8", errors="replace") as source:
            return source.read()


class Recorded:
    """In place of Watch: says all at the end, from the tape."""

    live = False

    def __init__(self, tape, build, data):
        self.tape, self.program, self.events, self.process = tape, f"{build}/cordon", [], None
        # The owner's additions have one place. In this run's own mounts /etc may be written to without being touched.
        for name in ("upper", "work"):
            os.makedirs(f"{RUN}/etc/{name}")
        command("mount", "-t", "overlay", "-o", f"lowerdir=/etc,upperdir={RUN}/etc/upper,workdir={RUN}/etc/work", "lab",
                "/etc")
        shutil.copytree(data, "/etc/cordon/data.d", dirs_exist_ok=True)

    def start(self, *what):
        if what:
            raise Blind("a recording is judged as it is: without `cordon watch` this scenario has no meaning")

    def inspect(self, form):
        return subprocess.run([self.program, "inspect", "--format", form, "--all", *LOCAL, self.tape.path],
                              capture_output=True, text=True, check=False)

    def wait(self, true, until, since=0):
        del since  # all comes at once
        while True:
            self.events = [(time.time(), json.loads(line)) for line in self.inspect("eve").stdout.splitlines()]
            pair = next((pair for pair in self.events if true(pair[1])), None)
            if pair is not None or time.time() > until:
                return pair
            time.sleep(0.2)

    def report(self):
        return json.loads(self.inspect("json").stdout)

    def stop(self):
        return 0, 0.0

    def status(self):
        return {}

    def devices(self):
        return ""

    def logins(self, device):
        return None  # a report says nothing of them

    def words(self):
        return ""


def run_json(*words):
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Blind(f"'{' '.join(words)}' ended with {done.returncode}: {done.stderr.strip()}")
    return json.loads(done.stdout)
