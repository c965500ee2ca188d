# SPDX-License-Identifier: MIT
"""The XDP program that holds devices, loaded by cordon-enforce, with this as its service. A box with a bridge, cam and eye behind
its ports; what cam sends outside and reaches the bridge is heard there. What XDP drops never reaches nft, so nft's own counter
tells whether the program was away for a moment."""

import ctypes
import ipaddress
import os
import pathlib
import re
import select
import socket
import struct
import subprocess
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
MAGIC = 0x63644531
BEGIN, ADD, REMOVE, END, COUNT, FORGET, REMOVE_ALL = range(1, 8)
HELLO, DONE = 100, 101
SETS = re.findall(r"\tSET_(\w+),", (ROOT / "src/contain/element.h").read_text(encoding="utf-8"))
BOX, CAM, EYE = (f"cd-xb-{os.getpid()}-{name}" for name in ("box", "cam", "eye"))
MAC, OTHER, HERE, EYE_MAC = "02:00:5e:00:53:21", "02:00:5e:00:53:22", "02:00:5e:00:53:fe", "02:00:5e:00:53:40"
PLACE = ("--port", "p0", "--port", "p1", "--lan", "192.0.2.0/24", "--lan", "2001:db8:1::/64", "--gateway", "192.0.2.1")
FLOW, SHOWN = 3000, 8  # frames in a stream; marked SYNs of a sender that pass in a minute (src/contain/xdp_maps.h)


def sh(*words, check=True):
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True, check=False, timeout=30)
    if check and done.returncode:
        raise RuntimeError(f"{words}: {done.stderr}")
    return done.stdout


def box(*words, check=True):
    return sh("ip", "netns", "exec", BOX, *words, check=check)


def until(what, seconds=5.0):
    end = time.monotonic() + seconds
    while not (found := what()) and time.monotonic() < end:
        time.sleep(0.01)
    return found


def within(space, work):
    out = []

    def inside():
        with open(f"/run/netns/{space}", "rb") as there:
            if ctypes.CDLL(None, use_errno=True).setns(there.fileno(), 0x40000000) == 0:
                out.append(work())
    thread = threading.Thread(target=inside)
    thread.start()
    thread.join()
    return out[0]


def number(mac):
    return bytes.fromhex(mac.replace(":", ""))


def frame(dst="198.51.100.7", src="192.0.2.21", mac=MAC, seq=7, to=HERE, flags=2, tail=b""):
    """A TCP segment, a SYN as a rule."""
    tcp = struct.pack("!HHIIBBHHH", 40000, 23, seq, 0, 0x50, flags, 1024, 0, 0) + tail
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 0, 0, 64, 6, 0, ipaddress.ip_address(src).packed,
                       ipaddress.ip_address(dst).packed)
    total = sum(struct.unpack("!10H", head))  # the bridge looks at this one
    head = head[:10] + struct.pack("!H", ~(total % 0xFFFF) & 0xFFFF) + head[12:]
    return number(to) + number(mac) + b"\x08\x00" + head + tcp


def marked(i, mac=MAC):
    dst = ipaddress.ip_address("198.51.100.0") + i
    return frame(str(dst), seq=int(dst), mac=mac)


class Ear:
    """What comes as far as the bridge."""

    def __init__(self, name="br0"):
        self.socket = within(BOX, lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)))
        self.socket.bind((name, 3))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        self.socket.setblocking(False)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def count(self, mac=MAC):
        n = 0
        while True:
            try:
                data, where = self.socket.recvfrom(2048)
            except BlockingIOError:
                return n
            n += where[2] != socket.PACKET_OUTGOING and data[6:12] == number(mac) and data[12:14] == b"\x08\x00"


def send(frames, space=CAM, pause=0.0):
    def work():
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as wire:
            wire.bind(("eth0", 0))
            for one in frames:
                wire.send(one)
                if pause:
                    time.sleep(pause)
    within(space, work)
    time.sleep(0.05)


class Enforce:
    def __init__(self, program, *words, drop=()):
        self.program = program
        self.ours, self.theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.log = tempfile.TemporaryFile("w+")
        self.cookie = 0
        self.start(*words, drop=drop)

    def start(self, *words, drop=()):
        self.process = subprocess.Popen(["ip", "netns", "exec", BOX, *drop, self.program, *PLACE, *words], pass_fds=(3,), stderr=self.log,
                                        stdin=subprocess.DEVNULL, preexec_fn=lambda: os.dup2(self.theirs.fileno(), 3))
        while True:  # what the one before said may still be there
            if not select.select([self.ours], [], [], 10)[0]:
                raise RuntimeError("no HELLO: " + self.said())
            if struct.unpack_from("<II", self.ours.recv(100))[1] == HELLO:
                return

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
        self.ours.close()
        self.theirs.close()
        self.log.close()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def said(self):
        self.log.seek(0)
        return self.log.read()

    def ask(self, kind, where=None, mac="", addr="", seconds=0):
        """(packets, bytes) when it is done."""
        self.cookie += 1
        address = b""
        if addr:
            a = ipaddress.ip_address(addr)
            address = a.packed if a.version == 6 else bytes(10) + b"\xff\xff" + a.packed
        self.ours.send(struct.pack("<IIQII6sH16sIIQQ", MAGIC, kind, self.cookie, SETS.index(where) if where else 0, seconds,
                                   number(mac), 0, address, 0, 0, 0, 0))
        while select.select([self.ours], [], [], 10)[0]:
            m = struct.unpack("<IIQII6sH16sIIQQ", self.ours.recv(100))
            if m[2] == self.cookie:
                return (m[10], m[11]) if m[1] == DONE else None
        raise RuntimeError(f"no answer: {self.said()}")

    def hold(self, how="CONTAINED", mac=MAC, addr="192.0.2.21"):
        """As plan_actions() has it: what it may do before it is held."""
        self.ask(ADD, "OWN", mac, addr)
        for name in ("BLOCKED", "LOUD", "ASKS", "HELD", how):
            self.ask(ADD, name, mac)

    def release(self, how="CONTAINED", mac=MAC, addr="192.0.2.21"):
        for name in (how, "BLOCKED", "LOUD", "ASKS", "HELD"):
            self.ask(REMOVE, name, mac)
        self.ask(REMOVE, "OWN", mac, addr)


def program_on(port="p0"):
    """(mode, number), or None."""
    found = re.search(r" mtu \d+ (xdp\w*) .*prog/xdp id (\d+)", box("ip", "-d", "link", "show", port, check=False), re.DOTALL)
    return (found[1], int(found[2])) if found else None


def by_nft(mac=MAC):
    """What the firewall's own counter has."""
    found = re.search(rf"{mac} counter packets (\d+)", box("nft", "list", "set", "netdev", "cordon", "blocked", check=False))
    return int(found[1]) if found else None


def build():
    for space in (BOX, CAM, EYE):
        sh("ip", "netns", "add", space)
        sh("ip", "-n", space, "link", "set", "lo", "up")
        for key in ("all", "default"):
            sh("ip", "netns", "exec", space, "sysctl", "-qw", f"net.ipv6.conf.{key}.disable_ipv6=1")
    sh("ip", "-n", BOX, "link", "add", "br0", "type", "bridge")
    sh("ip", "-n", BOX, "link", "set", "br0", "address", HERE, "up")
    join("p0", CAM, MAC)
    join("p1", EYE, EYE_MAC)


def join(port, space, mac, *more):
    sh("ip", "link", "add", port, "netns", BOX, *more, "type", "veth", "peer", "name", "eth0", "netns", space)
    sh("ip", "-n", space, "link", "set", "eth0", *more, "address", mac, "up")
    sh("ip", "-n", BOX, "link", "set", port, "master", "br0", "up")


def clear():
    for space in (BOX, CAM, EYE):
        sh("ip", "netns", "del", space, check=False)


# ---- the trials ---------------------------------------------------------------------------------------------------------


def holds(program, expect):
    with Enforce(program, "--xdp", "on") as e, Ear() as ear:
        expect("its program is on both ports, in the driver", all((program_on(p) or [""])[0] == "xdp" for p in ("p0", "p1")), e.said())
        expect("… and that is said", e.said().count("stopped by XDP, in the driver") == 2, e.said())
        send([frame()] * 20)
        expect("a free device sends", ear.count() == 20)
        e.hold()
        send([frame()] * 20 + [frame(src="192.0.2.99")] * 10 + [frame("192.0.2.40", to=EYE_MAC)] * 10)
        expect("contained: not outside, not as another, no call into the LAN", ear.count() == 0)
        expect("… by XDP alone", by_nft() == 0, by_nft())
        got = e.ask(COUNT, mac=MAC)
        expect("… which COUNT has", got == (40, 40 * len(frame())), got)
        send([frame("192.0.2.40", flags=16, to=EYE_MAC)] * 5)
        expect("what XDP can't know the firewall is asked", by_nft() == 5 and e.ask(COUNT, mac=MAC)[0] == 45, by_nft())
        e.release()
        send([frame()] * 20)
        expect("released: at once", ear.count() == 20)
        e.ask(ADD, "OWN", MAC, "192.0.2.21")
        e.ask(ADD, "HELD", MAC)
        e.ask(ADD, "CONTAINED", MAC, seconds=1)
        send([frame()] * 5)
        expect("a hold of a second", ear.count() == 0)
        time.sleep(1.2)
        send([frame()] * 5)
        expect("… is over after it", ear.count() == 5)
        e.hold()
        expect("REMOVE_ALL takes it off", e.ask(REMOVE_ALL) is not None and program_on() is None and program_on("p1") is None)
        send([frame()] * 5)
        expect("… and nobody is held", ear.count() == 5)
        e.hold()
        send([frame()] * 5)
        expect("with the next hold it is back", program_on() and ear.count() == 0, e.said())


def gate(program, expect):
    with Enforce(program, "--xdp", "on", "--gate", "on") as e, Ear() as ear:
        send([frame()] * 5)
        expect("the gate: a new device gets nowhere", ear.count() == 0)
        e.ask(ADD, "PASSED", MAC)
        send([frame()] * 5 + [frame(mac=OTHER)] * 5)
        expect("… who passed it does", ear.count() == 5)
        expect("… nobody else", ear.count(OTHER) == 0)
        e.hold()
        send([frame()] * 5)
        expect("… until it is held", ear.count() == 0)


def marks(program, expect):
    with Enforce(program, "--xdp", "on") as e, Ear() as ear:
        send([marked(i) for i in range(100)] + [frame(flags=2)] * 10)
        n = ear.count()
        expect("marked SYNs: some pass, so that the engine can see them", n == SHOWN + 10, n)
        send([marked(i, OTHER) for i in range(20)])
        n = ear.count(OTHER)
        expect("… of each sender", n == SHOWN, n)
        e.hold()
        send([marked(i) for i in range(20)])
        expect("… of a held one none", ear.count() == 0 and by_nft() == 0, by_nft())


def outlives(program, expect, say):
    """Killed and started again under a stream of frames: none reaches the firewall, and none is free."""
    with Enforce(program, "--xdp", "on") as e, Ear() as ear:
        e.hold()
        seen, before = {program_on()[1]}, program_on()
        stream = threading.Thread(target=send, args=([frame()] * FLOW, CAM, 0.0005))
        stream.start()
        for _ in range(5):
            e.kill()
            expect("it outlives cordon-enforce", program_on() and program_on()[1] in seen, (program_on(), before))
            e.start("--xdp", "on")
            expect("the next one has put its own in its place", program_on() and program_on()[1] not in seen, program_on())
            seen.add(program_on()[1])
        again = threading.active_count()
        stream.join()
        expect("no frame was free", ear.count() == 0 and again >= 1)
        expect("no frame came as far as the firewall", by_nft() == 0, by_nft())
        say(f"  {FLOW} frames while cordon-enforce was killed and started five times: {by_nft()} came as far as nft, 0 outside")
        e.release()
        send([frame()] * 5)
        expect("released by the last one", ear.count() == 5)
        e.hold()
        e.kill()
        e.start()
        expect("one without --xdp takes it off", program_on() is None, program_on())
        send([frame()] * 5)
        expect("… and the firewall holds alone", ear.count() == 0 and by_nft() == 5, by_nft())
        e.kill()
        e.start("--xdp", "on")
        e.kill()
        expect("by hand --remove-all takes it off", program_on() and box(program, "--remove-all") == "" and program_on() is None)


def ports(program, expect):
    """Ports that come and go, generic XDP, somebody else's program."""
    with Enforce(program, "--xdp", "on") as e, Ear() as ear:
        e.hold()
        sh("ip", "-n", BOX, "link", "del", "p0")
        join("p0", CAM, MAC, "mtu", "3700")
        expect("a port that comes back has it: generic, where the driver refuses", until(lambda: (program_on() or [""])[0] == "xdpgeneric"),
               e.said())
        expect("… and that is said", until(lambda: "generic" in e.said()), e.said())
        send([frame()] * 5)
        expect("… and it holds", ear.count() == 0 and by_nft() == 0, by_nft())
        box("ip", "link", "set", "p0", "xdpgeneric", "off")
        expect("who takes it off finds it back", until(program_on), e.said())
        e.kill()
        e.start("--xdp", "on")
        expect("generic is taken over, too", (program_on() or [""])[0] == "xdpgeneric", e.said())
    box(program, "--remove-all")
    sh("ip", "-n", BOX, "link", "del", "p0")
    join("p0", CAM, MAC)


def foreign(program, expect, other):
    """Somebody else's program stays where it is."""
    box("ip", "link", "set", "p0", "xdp", "obj", other, "sec", "xdp")
    theirs = program_on()
    with Enforce(program, "--xdp", "on") as e, Ear() as ear:
        e.hold()
        expect("another's program stays", theirs and program_on() == theirs, (theirs, program_on(), e.said()))
        expect("… and it is said who holds there", "another program is there" in e.said(), e.said())
        expect("… the other port has ours", program_on("p1"), e.said())
        send([frame()] * 5)
        expect("… the firewall", ear.count() == 0 and by_nft() == 5, by_nft())
        e.ask(REMOVE_ALL)
        expect("… also at the end", program_on() == theirs and program_on("p1") is None)
    box("ip", "link", "set", "p0", "xdp", "off")


def rights(program, expect):
    """As the first process starts it: no root, two capabilities; and without the one for XDP."""
    drop = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--bounding-set", "-all,+net_admin,+bpf"]
    for caps, possible in (("-all,+net_admin,+bpf", True), ("-all,+net_admin", False)):
        with Enforce(program, "--xdp", "on", drop=[*drop, "--inh-caps", caps, "--ambient-caps", caps]) as e, Ear() as ear:
            expect(f"with {caps} {'it is there' if possible else 'it is not'}", bool(program_on()) == possible, e.said())
            expect("… which is said", ("CAP_BPF" in e.said()) != possible, e.said())
            left = re.search(r"CapPrm:\s+(\w+)", pathlib.Path(f"/proc/{e.process.pid}/status").read_text(encoding="ascii"))[1]
            expect("CAP_BPF is given up", int(left, 16) == 1 << 12, left)
            e.hold()
            send([frame()] * 5)
            expect("… and the device is held", ear.count() == 0 and by_nft() == (0 if possible else 5), by_nft())
            e.ask(REMOVE_ALL)


def run(build_folder, expect, say):
    program = build_folder / "cordon-enforce"
    if not program.exists():
        return "cordon-enforce is not built"
    try:
        build()
        with Enforce(program, "--xdp", "on") as e:
            if program_on() is None:
                return f"no XDP here: {e.said().strip()}"
            e.ask(REMOVE_ALL)
        for trial in (holds, gate, marks, ports, rights):
            trial(program, expect)
            box(program, "--remove-all")
        outlives(program, expect, say)
        other = build_folder / "bpf" / "contain.bpf.o"
        if other.exists():
            foreign(program, expect, other)
    finally:
        clear()
    return None

