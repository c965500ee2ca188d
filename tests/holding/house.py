# SPDX-License-Identifier: MIT
"""The living lab's house (lab/live) with what measuring needs beside it: a plug for devices that come and go, a plug for a
neighbour, and a far end of the Internet at which all that leaves for nobody is counted with the kernel's own times.

    routed       cameras, rec, phone, bot, liar ── br0 [gateway; cordon] wan, far
    transparent  cameras, rec, phone, bot, liar ── br0 [box; cordon] ── br0 [gateway] wan, far

The bridge learns from `bot` and `liar`, as bridges do; from the lab's other hosts it does not (namespaces.py says why).
"""

import json
import os
import pathlib
import shutil
import socket
import struct
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "lab" / "live"), str(ROOT / "lab")]

import eyes  # noqa: E402
import namespaces  # noqa: E402
import residents  # noqa: E402
import services  # noqa: E402
import wire  # noqa: E402
from namespaces import GATEWAY, GATEWAY6, GATEWAY_MAC, GW, HOSTS, PREFIX, RUN, command, inside, ip, set_values  # noqa: E402

PROGRAMS = ("dnsmasq", "knotd", "nginx", "tcpdump", "ip", "bridge", "nft", "nsenter", "unshare")
PLUGS = ("bot", "liar")
FAR_MAC, BOX_V4, BOX_V6 = "00:00:5e:00:53:03", "192.0.2.2", "2001:db8:1::2"
CLOUD, CLOUD6 = HOSTS["world"].address, residents.CLOUD6
SO_TIMESTAMPNS, SO_RCVBUFFORCE = 35, 33
counts = {"passed": 0, "failed": 0, "skipped": 0}


def expect(what, good, seen=""):
    counts["passed" if good else "failed"] += 1
    if not good:
        print(f"FAIL holding: {what}: {seen}"[:2000], flush=True)
    return good


def skip(what, why):
    counts["skipped"] += 1
    print(f"SKIPPED holding: {what}: {why}", flush=True)


def until(true, seconds, pause=0.02):
    end = time.monotonic() + seconds
    while not (found := true()) and time.monotonic() < end:
        time.sleep(pause)
    return found


def lacking(build):
    """Why nothing can be tried here, or nothing."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    if os.geteuid() != 0:
        return "only root may make network namespaces"
    missing = [name for name in PROGRAMS if shutil.which(name, path=path) is None]
    if missing:
        return f"not there: {', '.join(missing)}; scripts/install-packages lab installs them"
    wanted = ["cordon", "cordon-guard", "cordon-packets", "cordon-service", "cordon-enforce", "lab/busybox/bin/busybox"]
    absent = [f"{build}/{name}" for name in wanted if not os.path.exists(f"{build}/{name}")]
    if absent:
        return f"not built: {', '.join(absent)}"
    if subprocess.run(["unshare", "--net", "--mount", "true"], capture_output=True, check=False).returncode:
        return "this kernel, or this container, makes no network namespaces"
    return None


def apart(script, *words):
    """What the script says when run again, with --inside, in mount and process namespaces of its own: however it ends, nothing stays."""
    env = {**os.environ, "PATH": os.environ.get("PATH", "") + ":/usr/sbin:/sbin"}
    return subprocess.run(["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private",
                           "--", sys.executable, "-B", script, "--inside", *words], env=env, check=False, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True).stdout


def own_run():
    """Inside of that: a /run of its own."""
    command("mount", "-t", "tmpfs", "-o", "mode=755", "lab", "/run")
    os.makedirs("/run/netns")
    os.makedirs(RUN)


class House(namespaces.Network):
    def __init__(self, build, guests=(), kind="routed", nf=0):
        super().__init__(guests)
        self.programs, self.kind, self.nf = build, kind, nf
        self.box = GW if kind == "routed" else PREFIX + "box"
        self.watch = None

    # The place

    def build(self):
        if self.box != GW:
            ip([f"netns add {self.box}"])
            ip(["link set lo up", "link add br0 type bridge forward_delay 0", "link set br0 up",
                f"addr add {BOX_V4}/24 dev br0", f"addr add {BOX_V6}/64 dev br0 nodad"], self.box)
        super().build()
        nf = {"bridge/bridge-nf-call-iptables": self.nf, "bridge/bridge-nf-call-ip6tables": self.nf}
        set_values(GW, nf)
        set_values(self.box, nf)
        if self.box != GW:
            ip([f"link add uplink netns {self.box} type veth peer name inner netns {GW}"])
            ip(["link set inner master br0 up"], GW)
            ip(["link set uplink master br0 up", f"route add default via {GATEWAY}", f"route add default via {GATEWAY6}"], self.box)
        for plug in PLUGS:
            self.plug(plug)
        self.far_end()
        shutil.copy(f"{self.programs}/lab/busybox/bin/busybox", services.BUSYBOX)
        return self

    def join(self, host):
        if self.box == GW or not host.at_home:
            super().join(host)
            return
        kept, namespaces.GW = namespaces.GW, self.box  # whose ports the lab's hosts are behind
        try:
            super().join(host)
        finally:
            namespaces.GW = kept

    def plug(self, name):
        space = PREFIX + name
        ip([f"netns add {space}", f"link add to-{name} netns {self.box} type veth peer name eth0 netns {space}"])
        ip([f"link set to-{name} master br0 up"], self.box)
        set_values(space, {"ipv6/conf/all/disable_ipv6": 1})
        ip(["link set lo up", "link set eth0 up"], space)

    def far_end(self):
        """What goes to nobody leaves by a link of its own, in place of being thrown away at the gateway."""
        space = PREFIX + "far"
        ip([f"netns add {space}", f"link add far netns {GW} type veth peer name eth0 netns {space}"])
        ip([f"link set eth0 address {FAR_MAC}", "link set eth0 up"], space)
        ip(["link set far up", "addr add fe80::1/64 dev far nodad",
            *(f"route del blackhole {net}" for net in ("198.51.100.0/24", "203.0.113.0/24", "2001:db8:2::/64")),
            *(f"neigh replace {a} lladdr {FAR_MAC} dev far nud permanent" for a in ("198.51.100.254", "fe80::fe")),
            "route add 198.51.100.0/24 via 198.51.100.254 dev far onlink", "route add 203.0.113.0/24 via 198.51.100.254 dev far onlink",
            "route add 2001:db8:2::/64 via fe80::fe dev far metric 2048"], GW)

    def start_services(self):
        services.start(self, f"{self.programs}/lab/busybox/bin/busybox", self.programs)

    def close(self):
        super().close()
        for name in (*PLUGS, "far", "box"):
            subprocess.run(["ip", "netns", "del", PREFIX + name], capture_output=True, check=False)

    # cordon

    def start_watch(self, *words, settings=()):
        eyes.GW = self.box
        if self.watch is None:
            self.watch = eyes.Watch(self, self.programs, str(ROOT / "lab" / "live" / "data.d"))
        for section, key, value in settings:
            self.watch.settle(section, key, value)
        begun = self.watch.words().count("has begun") if self.watch.process else 0
        self.watch.start(*words)
        # Listening is not reading yet: a handshake in that moment would go unseen.
        until(lambda: self.watch.words().count("has begun") > begun, 5)
        time.sleep(0.5)
        return self.watch

    def cordon(self, *words, check=True):
        done = subprocess.run(["nsenter", f"--net=/run/netns/{self.box}", "--", f"{RUN}/bin/cordon", *words], capture_output=True,
                              text=True, check=False, timeout=30)
        if check and done.returncode:
            raise RuntimeError(f"cordon {' '.join(words)}: {done.returncode}: {done.stderr.strip()}")
        return done

    def order(self, *words, check=True):
        return self.cordon(*words, "--control", f"{RUN}/ctl", check=check)

    def said_of(self, mac):
        """For whoever looks for the reason: what cordon said of a device, and its last words."""
        events = [json.dumps(e)[:300] for _, e in self.watch.events if mac in json.dumps(e)]
        return "\n".join([*events[-8:], self.watch.words()[-800:]])

    def nft(self, *words):
        return command("nsenter", f"--net=/run/netns/{self.box}", "--", "nft", *words)

    def holds(self, mac, hold="contained"):
        """Does the kernel hold it, at the ports?"""
        return mac in self.nft("list", "set", "netdev", "cordon", hold)

    def do(self, space, work, *args):
        """What `work` gives, done in a namespace; raises what it raises."""
        box = {}

        def run():
            try:
                box["gave"] = work(*args)
            except Exception as error:  # pylint: disable=broad-except
                box["error"] = error

        inside(space, run).join()
        if "error" in box:
            raise box["error"]
        return box["gave"]


class Tap(threading.Thread):
    """Frames that come in on a link, with the kernel's time of each: [(ns, frame)]."""

    def __init__(self, space, link="eth0", outgoing=False):
        super().__init__(daemon=True)
        self.link, self.outgoing, self.frames, self.over = link, outgoing, [], False
        inside(space, self.open).join()
        self.start()

    def open(self):
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 8 << 20)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.socket.bind((self.link, 3))
        self.socket.settimeout(0.2)

    def run(self):
        while not self.over:
            try:
                frame, control, _, at = self.socket.recvmsg(2048, 64)
            except TimeoutError:
                continue
            except OSError:
                return
            if (at[2] == socket.PACKET_OUTGOING) != self.outgoing:
                continue
            seconds, nanoseconds = struct.unpack("qq", control[0][2][:16])
            self.frames.append((seconds * 10**9 + nanoseconds, frame))

    def since(self, count):
        return self.frames[count:]

    def close(self):
        self.over = True
        self.join()
        self.socket.close()


# Frames

def syn(mac, source, target, number=0, *, marked=True, port=23, to=GATEWAY_MAC):
    """What a scanner sends to learn whether somebody answers; `marked` as Mirai does."""
    src, dst = wire.ip(source), wire.ip(target)
    body = wire.tcp(src, dst, 40000, port, seq=wire.low32(dst) if marked else 1000 + number, window=5840)
    return wire.ethernet(wire.mac(mac), wire.mac(to), 0x86DD if ":" in source else 0x0800, wire.packet(src, dst, wire.TCP, body, ident=number))


def is_marked(frame, source):
    src = wire.ip(source)
    if len(src) == 4:
        return frame[12:14] == b"\x08\x00" and frame[26:30] == src and frame[23] == 6 and frame[38:42] == frame[30:34]
    return frame[12:14] == b"\x86\xdd" and frame[22:38] == src and frame[20] == 6 and frame[58:62] == frame[50:54]


def nobody(count):
    """Addresses of the Internet at which nobody lives, each once and then again."""
    taken = {h.address for h in HOSTS.values()} | set(namespaces.WAN_GATEWAYS) | {"198.51.100.254"}
    every = [a for net in ("198.51.100", "203.0.113") for n in range(2, 254) if (a := f"{net}.{n}") not in taken]
    return [every[i % len(every)] for i in range(count)]


def send(frames, every=0.0, rounds=1, pause=1.0):
    """In the caller's namespace, on eth0: each `every` seconds, all of it `rounds` times."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as s:
        s.bind(("eth0", 0))
        for number in range(rounds):
            start = time.monotonic()
            for i, frame in enumerate(frames):
                wait = start + i * every - time.monotonic()
                if every and wait > 0:
                    time.sleep(wait)
                s.send(frame)
            if number + 1 < rounds:
                time.sleep(max(start + pause - time.monotonic(), 0))


def become(plug, mac, address):
    """The host at this plug is another one from now on."""
    space = PREFIX + plug
    ip(["link set eth0 down", f"link set eth0 address {mac}", "addr flush dev eth0", f"addr add {address}/24 dev eth0", "link set eth0 up",
        f"route replace default via {GATEWAY}", "neigh flush all"], space)


def talk():
    """A conversation of a real stack with the cloud: what makes a device two-way."""
    end = time.monotonic() + 4
    while True:
        try:
            with socket.create_connection((CLOUD, 80), timeout=1) as s:
                s.sendall(b"GET /version HTTP/1.0\r\n\r\n")
                return len(s.recv(512)) > 0
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
