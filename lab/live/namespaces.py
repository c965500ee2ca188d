# SPDX-License-Identifier: MIT
"""The living lab's network: a house behind a gateway, and a piece of Internet, each host in a namespace of its own.

    LAN 192.0.2.0/24, 2001:db8:1::/64                     WAN 198.51.100.0/24, 203.0.113.0/24, 2001:db8:2::/64
    cam1 cam2 cam3 rec phone ── br0 [gw, routes] wan ── world (a cloud, time, updates), stranger, victim (names)
    cam14 cam15 cam26, in scenarios that name them

No interface leads to this machine's own network. Whatever stands in no row of HOSTS and is of the WAN's prefixes is
nobody: the gateway drops packets to it silently, as the Internet does with most.

lab/live/run makes it inside a mount and a process namespace of its own, with a /run of its own: however the run ends,
the kernel takes everything back, and runs beside each other don't meet.
"""

import ctypes
import dataclasses
import os
import subprocess
import threading

RUN = "/run/lab"  # of the run's own mount namespace
PREFIX = f"cd-lab-{os.urandom(2).hex()}-"
GATEWAY, GATEWAY6, GATEWAY_MAC = "192.0.2.1", "2001:db8:1::1", "00:00:5e:00:53:01"
WAN_GATEWAYS = ("198.51.100.1", "203.0.113.1", "2001:db8:2::1")
LAN, LAN6 = "192.0.2.0/24", "2001:db8:1::/64"
CLONE_NEWNET = 0x40000000

libc = ctypes.CDLL(None, use_errno=True)


@dataclasses.dataclass(frozen=True)
class Host:
    name: str
    number: int  # last part of its address, and of its MAC where that is of the documentation's range
    net: str  # first three parts of its address
    mac: str = ""
    dhcp_name: str = ""
    dhcp_vendor: str = ""
    random_mac: bool = False  # as phones make theirs up
    guest: bool = False  # only there in scenarios that name it
    mud_url: str = ""  # announced with the lease

    @property
    def address(self):
        return self.net + str(self.number)

    @property
    def at_home(self):
        return self.net == "192.0.2."

    @property
    def link(self):
        return self.mac or f"{'02' if self.random_mac else '00'}:00:5e:00:53:{self.number:02x}"

    @property
    def space(self):
        return PREFIX + self.name

    @property
    def address6(self):
        """By its interface's MAC (RFC 4291), as the LAN's routers tell it to."""
        first, *rest = bytes.fromhex(self.link.replace(":", ""))
        inner = [first ^ 2, *rest[:2], 0xFF, 0xFE, *rest[2:]]
        return "2001:db8:1::" + ":".join(f"{inner[i] << 8 | inner[i + 1]:x}" for i in range(0, 8, 2))


# cam2 has a prefix of its maker, since a name is also known by it; no frame of it leaves the lab.
HOSTS = {h.name: h for h in (
    Host("cam1", 21, "192.0.2.", dhcp_name="LocalHost", dhcp_vendor="udhcp 1.16.1"),
    Host("cam2", 22, "192.0.2.", mac="28:10:7b:00:53:22", dhcp_name="DCS-932L", dhcp_vendor="udhcp 1.12.1"),
    Host("cam3", 23, "192.0.2.", dhcp_name="LocalHost", dhcp_vendor="udhcp 1.16.1"),
    Host("cam14", 24, "192.0.2.", dhcp_name="camera-2014", dhcp_vendor="udhcp 1.16.1", guest=True),
    Host("cam15", 25, "192.0.2.", dhcp_name="camera-2015", dhcp_vendor="udhcp 1.19.4", guest=True),
    Host("cam26", 26, "192.0.2.", dhcp_name="camera-2026", dhcp_vendor="udhcp 1.35.0", guest=True,
         mud_url="https://mud.cordon.example/camera-2026.json"),
    Host("rec", 30, "192.0.2.", dhcp_name="recorder", dhcp_vendor="udhcp 1.20.2"),
    Host("phone", 40, "192.0.2.", dhcp_name="phone", dhcp_vendor="android-dhcp-13", random_mac=True),
    Host("world", 44, "198.51.100."),
    Host("stranger", 66, "198.51.100."),
    Host("victim", 53, "203.0.113."),
)}
GW = PREFIX + "gw"


class Failed(Exception):
    pass


def command(*words, feed=None):
    done = subprocess.run(words, input=feed, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failed(f"'{' '.join(words)}' failed: {(done.stderr or done.stdout).strip()}")
    return done.stdout


def ip(lines, space=None):
    """Lines of `ip`, in one process."""
    command("ip", *(["-n", space] if space else []), "-batch", "-", feed="\n".join(lines) + "\n")


def enter(space):
    """The calling thread's sockets belong to that namespace from now on."""
    fd = os.open("/run/netns/" + space, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if libc.setns(fd, CLONE_NEWNET) != 0:
            raise Failed(f"can't enter the namespace {space}: {os.strerror(ctypes.get_errno())}")
    finally:
        os.close(fd)


def inside(space, work, *args):
    """Starts `work` in a thread of its own inside a namespace."""

    def run():
        enter(space)
        work(*args)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def set_values(space, values):
    def write():
        for name, value in values.items():
            try:
                with open("/proc/sys/net/" + name, "w", encoding="ascii") as out:
                    out.write(str(value))
            except FileNotFoundError:
                pass  # a kernel without it has nothing to turn off

    inside(space, write).join()


class Network:
    def __init__(self, guests=()):
        self.processes, self.cameras = [], {}
        self.hosts = [h for h in HOSTS.values() if not h.guest or h.name in guests]

    def build(self):
        ip([f"netns add {h.space}" for h in self.hosts] + [f"netns add {GW}"])
        set_values(GW, {"ipv4/ip_forward": 1, "ipv6/conf/all/forwarding": 1, "bridge/bridge-nf-call-iptables": 0,
                        "bridge/bridge-nf-call-ip6tables": 0})
        ip(["link set lo up",
            f"link add br0 address {GATEWAY_MAC} type bridge forward_delay 0",
            "link add wan address 00:00:5e:00:53:02 type bridge forward_delay 0",
            "link set br0 up", "link set wan up",
            f"addr add {GATEWAY}/24 dev br0", f"addr add {GATEWAY6}/64 dev br0 nodad",
            *(f"addr add {a}/{128 if ':' in a else 32} dev wan {'nodad' if ':' in a else ''}" for a in WAN_GATEWAYS),
            "route add blackhole 198.51.100.0/24", "route add blackhole 203.0.113.0/24",
            "route add blackhole 2001:db8:2::/64"], GW)
        for host in self.hosts:
            self.join(host)

    def join(self, host):
        port = "to-" + host.name
        ip([f"link add {port} netns {GW} type veth peer name eth0 netns {host.space}"])
        ip([f"link set {port} master {'br0' if host.at_home else 'wan'} up"], GW)
        # What is replayed on a camera's link has both sides of a talk: the bridge must not learn from it.
        command("bridge", "-n", GW, "link", "set", "dev", port, "learning", "off")
        command("bridge", "-n", GW, "fdb", "replace", host.link, "dev", port, "master", "static")
        ip([f"link set eth0 address {host.link}", "link set lo up", "link set eth0 up"], host.space)
        if not host.at_home:
            gateway = next(a for a in WAN_GATEWAYS if a.startswith(host.net))
            six = f"2001:db8:2::{host.number}"
            ip([f"addr add {host.address}/32 dev eth0", f"route add {gateway} dev eth0",
                f"route add default via {gateway}", f"addr add {six}/64 dev eth0 nodad",
                f"route add default via {WAN_GATEWAYS[2]}"], host.space)
            ip([f"route add {host.address}/32 dev wan", f"route add {six}/128 dev wan"], GW)

    def start(self, space, *words, log):
        """A program inside a namespace, in the foreground of nobody; its words go to a file."""
        with open(f"{RUN}/{log}.log", "ab") as out:
            process = subprocess.Popen(["nsenter", "--net=/run/netns/" + space, "--", *words], stdin=subprocess.DEVNULL,
                                       stdout=out, stderr=subprocess.STDOUT)
        self.processes.append(process)
        return process

    def close(self):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
        for process in self.processes:
            process.wait()
        for space in [h.space for h in self.hosts] + [GW]:
            subprocess.run(["ip", "netns", "del", space], capture_output=True, check=False)
