# SPDX-License-Identifier: MIT
"""Places to stand: a house of namespaces around the host whose rules are tried. Every host answers on a few ports.

    routed       cam tv eye rec other ── br0 [box, routes, DHCP, DNS, clock] ── world
    transparent  cam tv eye rec other ── br0 [box] ── br0's port uplink ── [router: routes, DHCP, DNS, clock] ── world
    lanes        cam ── [box, routes, DHCP, DNS, clock] ── a second LAN: tv eye rec other;  world behind a third link

cam is the held device; tv looked at it before and is silent now, eye looks at it during the trial, rec is its recorder, and
other has nothing to do with it. No link leads to this machine's own network.
"""

import ctypes
import dataclasses
import os
import selectors
import socket
import struct
import subprocess
import threading
import time

libc = ctypes.CDLL(None, use_errno=True)
WORLD, WORLD6, ALLOWED, ALLOWED6 = "198.51.100.44", "2001:db8:2::44", "198.51.100.45", "2001:db8:2::45"
TCP_ECHO, UDP_ECHO, VIDEO = 8000, 8001, 554


@dataclasses.dataclass(frozen=True)
class Host:
    name: str
    number: int

    @property
    def mac(self):
        return f"02:00:5e:00:53:{self.number:02x}"

    @property
    def link_local(self):
        return f"fe80::5eff:fe00:53{self.number:02x}"


HOSTS = {h.name: h for h in (Host("cam", 0x21), Host("tv", 0x41), Host("eye", 0x40), Host("rec", 0x30), Host("other", 0x50))}
CAM = HOSTS["cam"]


def run(*words, feed=None, check=True):
    done = subprocess.run(words, input=feed, capture_output=True, text=True, check=False, timeout=30)
    if check and done.returncode:
        raise RuntimeError(f"{' '.join(words)}: {(done.stderr or done.stdout).strip()}")
    return done.stdout


def within(space, work, *args):
    """What `work` returns, done by a thread of its own in a namespace: sockets made there belong there."""
    out = []

    def inside():
        fd = os.open("/run/netns/" + space, os.O_RDONLY | os.O_CLOEXEC)
        try:
            if libc.setns(fd, 0x40000000):
                raise OSError(ctypes.get_errno(), "setns")
        finally:
            os.close(fd)
        out.append(work(*args))

    thread = threading.Thread(target=inside, daemon=True)
    thread.start()
    thread.join(60)
    return out[0]


def set_values(space, values):
    def write():
        for name, value in values.items():
            try:
                with open("/proc/sys/net/" + name, "w", encoding="ascii") as out:
                    out.write(str(value))
            except FileNotFoundError:
                pass

    within(space, write)


class Server:
    """Answers in a namespace: TCP and UDP ports that send back what comes, or a word. A clock of our own is one of these."""

    def __init__(self, space, tcp, udp, word=None):
        self.end, self.word = False, word
        self.selector = selectors.DefaultSelector()
        within(space, self.open, tcp, udp)
        threading.Thread(target=self.serve, daemon=True).start()

    def open(self, tcp, udp):
        for port in tcp:
            s = socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True)
            self.selector.register(s, selectors.EVENT_READ, self.accept)
        for address, port in (u if isinstance(u, tuple) else ("::", u) for u in udp):
            s = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
            if address == "::":
                s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            s.bind((address, port))
            self.selector.register(s, selectors.EVENT_READ, self.answer)

    def accept(self, s):
        talk, _ = s.accept()
        talk.settimeout(1)
        self.selector.register(talk, selectors.EVENT_READ, self.echo)

    def echo(self, s):
        try:
            data = s.recv(4096)
            if data:
                s.sendall(self.word or data)
                return
        except OSError:
            pass
        self.selector.unregister(s)
        s.close()

    @staticmethod
    def answer(s):
        try:
            data, source = s.recvfrom(4096)
            s.sendto(data, source)
        except OSError:
            pass

    def serve(self):
        while not self.end:
            for key, _ in self.selector.select(0.2):
                key.data(key.fileobj)
        for key in list(self.selector.get_map().values()):
            key.fileobj.close()


LEASE = """#!{busybox} sh
[ "$1" = bound ] || [ "$1" = renew ] || exit 0
ip addr replace "$ip/$mask" dev "$interface"
ip route replace default via "$router"
"""


class Place:
    """One house. `kind` is routed, transparent or lanes; `nf` is bridge-nf-call-iptables of the box."""

    def __init__(self, kind, nf, busybox):
        self.kind, self.nf, self.busybox = kind, nf, busybox
        self.tag = f"cd-contain-{os.urandom(2).hex()}-"
        self.box, self.gate, self.world = self.tag + "box", self.tag + "router", self.tag + "world"
        if kind != "transparent":
            self.gate = self.box
        self.processes, self.servers = [], []
        self.routed = kind == "lanes"
        self.inner = {"lanes": "p-cam", "routed": "br0", "transparent": "house"}[kind]  # the gateway's link to cam
        self.far = "203.0.113." if self.routed else "192.0.2."
        self.far6 = "2001:db8:3::" if self.routed else "2001:db8:1::"
        self.gateways = ["192.0.2.1", "2001:db8:1::1", "fe80::1"]
        self.ports = ["p-" + name for name in HOSTS]
        self.folder = "/run/contain-" + self.tag
        os.makedirs(self.folder)

    def v4(self, name):
        return ("192.0.2." if name == "cam" else self.far) + str(HOSTS[name].number)

    def v6(self, name):
        return ("2001:db8:1::" if name == "cam" else self.far6) + f"{HOSTS[name].number:x}"

    def space(self, name):
        return self.tag + name if name in HOSTS else {"box": self.box, "gate": self.gate, "world": self.world}[name]

    def ip(self, space, *lines):
        run("ip", "-n", space, "-batch", "-", feed="\n".join(lines) + "\n")

    def build(self):
        spaces = {self.box, self.gate, self.world} | {self.space(n) for n in HOSTS}
        run("ip", "-batch", "-", feed="".join(f"netns add {s}\n" for s in sorted(spaces)))
        for space in spaces:
            set_values(space, {"ipv6/conf/default/accept_dad": 0, "ipv6/conf/default/router_solicitations": 0,
                               "ipv6/conf/default/accept_ra": 0})
        for space in {self.box, self.gate}:
            set_values(space, {"ipv4/ip_forward": 1, "ipv6/conf/all/forwarding": 1,
                               "bridge/bridge-nf-call-iptables": self.nf, "bridge/bridge-nf-call-ip6tables": self.nf})
        self.ip(self.box, "link set lo up", "link add br0 address 02:00:5e:00:53:01 type bridge forward_delay 0 mcast_snooping 0",
                "link set br0 up")
        for name, host in HOSTS.items():
            port = "p-" + name
            self.ip(self.box, f"link add {port} type veth peer name eth0 netns {self.space(name)}", f"link set {port} up")
            if not (self.routed and name == "cam"):
                self.ip(self.box, f"link set {port} master br0")
            self.ip(self.space(name), "link set lo up", f"link set eth0 address {host.mac}", "link set eth0 up",
                    f"addr add {self.v6(name)}/64 dev eth0 nodad", f"addr add {self.v4(name)}/24 dev eth0")
        self.connect()
        for name in HOSTS:
            self.ip(self.space(name), f"route add default via {'192.0.2.' if name == 'cam' else self.far}1",
                    f"route add default via {'2001:db8:1::' if name == 'cam' else self.far6}1 dev eth0")
        self.serve()
        return self

    def connect(self):
        """The gateway's addresses and the way to the world."""
        if self.kind == "transparent":
            self.ip(self.box, f"link add uplink type veth peer name house netns {self.gate}", "link set uplink master br0 up",
                    "addr add 192.0.2.2/24 dev br0", "addr add 2001:db8:1::2/64 dev br0 nodad")
            self.ip(self.gate, "link set lo up", "link set house address 02:00:5e:00:53:02", "link set house up")
        if self.routed:
            self.ip(self.box, "link set p-cam address 02:00:5e:00:53:03", "addr add 192.0.2.1/24 dev p-cam", "addr add fe80::1/64 dev p-cam",
                    "addr add 2001:db8:1::1/64 dev p-cam nodad", "addr add 203.0.113.1/24 dev br0",
                    "addr add 2001:db8:3::1/64 dev br0 nodad")
        else:
            self.ip(self.gate, f"addr add 192.0.2.1/24 dev {self.inner}", f"addr add 2001:db8:1::1/64 dev {self.inner} nodad",
                    f"addr add fe80::1/64 dev {self.inner} nodad")
        self.ip(self.gate, f"link add wan type veth peer name eth0 netns {self.world}", "link set wan up",
                "addr add 198.51.100.1/24 dev wan", "addr add 2001:db8:2::1/64 dev wan nodad")
        self.ip(self.world, "link set lo up", "link set eth0 up", *(f"addr add {a}/24 dev eth0" for a in (WORLD, ALLOWED)),
                f"addr add {WORLD6}/64 dev eth0 nodad", f"addr add {ALLOWED6}/64 dev eth0 nodad preferred_lft 0",
                "route add default via 198.51.100.1",
                "route add default via 2001:db8:2::1")

    def serve(self):
        for name in HOSTS:
            self.servers.append(Server(self.space(name), [VIDEO, TCP_ECHO, 80], [UDP_ECHO]))
        self.servers.append(Server(self.world, [80, TCP_ECHO], [(a, UDP_ECHO) for a in (WORLD, WORLD6, ALLOWED, ALLOWED6)]))
        self.servers.append(Server(self.gate, [80], [123, 5351, UDP_ECHO]))
        if self.box != self.gate:
            self.servers.append(Server(self.box, [80], []))
        script = self.folder + "/lease"
        with open(script, "w", encoding="ascii") as out:
            out.write(LEASE.format(busybox=self.busybox))
        os.chmod(script, 0o755)
        self.start(self.gate, "dnsmasq", "--conf-file=/dev/null", "--no-daemon", f"--interface={self.inner}", "--bind-interfaces",
                   "--no-ping", "--user=root", "--dhcp-range=192.0.2.100,192.0.2.150,2m", f"--dhcp-leasefile={self.folder}/leases",
                   f"--dhcp-host={CAM.mac},{self.v4('cam')}", f"--pid-file={self.folder}/pid", "--no-resolv", "--no-hosts",
                   "--address=/cam.example/198.51.100.1")
        for _ in range(100):
            if os.path.exists(self.folder + "/pid"):
                break
            time.sleep(0.02)

    def start(self, space, *words):
        self.processes.append(subprocess.Popen(["ip", "netns", "exec", space, *words], stdin=subprocess.DEVNULL,
                                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))

    def nft(self, text, check=True):
        return run("ip", "netns", "exec", self.box, "nft", "-f", "-", feed=text, check=check)

    def ruleset(self, *families):
        return run("ip", "netns", "exec", self.box, "nft", "-s", "list", "ruleset", *families)

    def lease(self):
        done = subprocess.run(["ip", "netns", "exec", self.space("cam"), self.busybox, "udhcpc", "-i", "eth0", "-n", "-q", "-f", "-t", "4", "-T", "1",
                               "-s", self.folder + "/lease"], capture_output=True, text=True, check=False, timeout=20)
        return done.returncode == 0

    def neighbour(self, space, address):
        text = run("ip", "-n", space, "neigh", "show", address)
        return CAM.mac in text

    def forget_neighbours(self):
        for space in [self.gate] + [self.space(n) for n in HOSTS]:
            run("ip", "-n", space, "neigh", "flush", "all", check=False)

    def close(self):
        for server in self.servers:
            server.end = True
        for process in self.processes:
            process.kill()
            process.wait()
        for space in {self.box, self.gate, self.world} | {self.space(n) for n in HOSTS}:
            run("ip", "netns", "del", space, check=False)


def passed(house):
    """Who is through the gate: all but cam, and the router where that is another host."""
    return [h.mac for h in HOSTS.values() if h is not CAM] + (["02:00:5e:00:53:02"] if house.kind == "transparent" else [])


# ---- tries: each is done inside a namespace and says whether it worked ----------------------------------------

def tcp(address, port, seconds):
    try:
        with socket.create_connection((address, port), timeout=seconds) as s:
            s.sendall(b"cordon")
            return s.recv(64)
    except OSError:
        return b""


def udp(address, port, seconds, payload=b"cordon", source=0):
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(seconds)
        try:
            s.bind(("::" if ":" in address else "0.0.0.0", source))
            s.connect((address, port))
            s.send(payload)
            return len(s.recv(2048)) > 0
        except OSError:
            return False


def ping(address, seconds):
    six = ":" in address
    with socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_RAW, 58 if six else 1) as s:
        s.settimeout(seconds)
        ident = os.urandom(2)
        body = struct.pack("!BBH", 128 if six else 8, 0, 0) + ident + b"\0\1cordon"
        if not six:
            total = sum(struct.unpack("!%dH" % (len(body) // 2), body))
            total = (total >> 16) + (total & 0xFFFF)
            body = body[:2] + struct.pack("!H", ~(total + (total >> 16)) & 0xFFFF) + body[4:]
        end = time.monotonic() + seconds
        try:
            s.sendto(body, (address, 0))
            while time.monotonic() < end:
                data = s.recv(2048)
                data = data if six else data[20:]
                if data[0] == (129 if six else 0) and data[4:6] == ident:
                    return True
        except OSError:
            pass
        return False


def name(address, seconds):
    query = b"\x12\x34\1\0\0\1\0\0\0\0\0\0\3cam\7example\0\0\1\0\1"
    return udp(address, 53, seconds, query)


def name_by_tcp(address, seconds):
    query = b"\x12\x34\1\0\0\1\0\0\0\0\0\0\3cam\7example\0\0\1\0\1"
    try:
        with socket.create_connection((address, 53), timeout=seconds) as s:
            s.sendall(struct.pack("!H", len(query)) + query)
            return len(s.recv(512)) > 0
    except OSError:
        return False
