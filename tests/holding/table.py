# SPDX-License-Identifier: MIT
"""What still works while a camera is free, waits at the gate, is contained, is isolated: for each of the lab's cameras (of 2014, 2015
and 2026), IPv4 and IPv6, routed and bridged, bridge-nf-call-iptables 0 and 1, nft alone and with XDP. One house a run; rows are
what an owner would ask. The answers go into a file, and markdown() makes the table of all of them.
"""

import concurrent.futures
import itertools
import json
import os
import socket
import struct
import time

import house
import logins
import residents
import services
import wire
from apps import recorders
from house import CLOUD, CLOUD6, GATEWAY, GATEWAY6, GATEWAY_MAC, GW, HOSTS, RUN, Tap, expect, ip, until

CAMERAS = ("cam14", "cam15", "cam26")
STATES = ("free", "gated", "contained", "isolated")
PAIR = {"cam14": "factory", "cam15": "own", "cam26": "own"}
NEIGHBOUR, DISCOVERY = "cam3", 34569
SHORT = 1.2

# row: what it should be in each of STATES; the last ones are what a hijacked camera would do.
ROWS = {
    "its picture on the phone (RTSP)": "yyyn",
    "its picture at the recorder (RTSP)": "yyyn",
    "the recorder's own protocol (DVRIP)": "yyyn",
    "its page, for its owner": "yyyn",
    "an app finds it in the LAN (broadcast)": "yynn",
    "a name from the gateway": "yyyn",
    "the time from the gateway": "yyyn",
    "its lease is renewed": "yyyy",
    "its maker's cloud and updates (TCP)": "ynnn",
    "a server of time outside (UDP)": "ynnn",
    "a scan SYN goes outside": "ynnn",
    "a SYN with a forged sender goes outside": "ynnn",
    "it calls a neighbour (TCP SYN)": "yynn",
    "it sends to a neighbour that asked nothing (UDP)": "yynn",
}


numbers = itertools.count(20000, 8)


def address(name, six):
    return HOSTS[name].address6 if six else HOSTS[name].address


def works(work, *words):
    try:
        return bool(work(*words))
    except (OSError, residents.Gave, house.namespaces.Failed, ValueError, KeyError):
        return False


def name_from(gateway):
    _, asked = residents.question("www.shop.example")
    return len(datagram(gateway, 53, asked)) > len(asked)


def time_from(server):
    return len(datagram(server, 123, b"\x23" + bytes(47))) >= 48


def datagram(to, port, payload):
    with socket.socket(socket.AF_INET6 if ":" in to else socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(SHORT)
        s.connect((residents.in_lab(to), port))
        s.send(payload)
        return s.recv(2048)


def page_of(to):
    with socket.create_connection((residents.in_lab(to), 80), timeout=SHORT) as s:
        s.sendall(b"GET /version HTTP/1.0\r\n\r\n")
        return s.recv(512)


def found(camera):
    """An app's question to all, and the camera's answer to all."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(("", DISCOVERY))
        end = time.monotonic() + 3
        s.settimeout(0.5)
        while time.monotonic() < end:
            s.sendto(recorders.dvrip_frame(1530), ("255.255.255.255", DISCOVERY))
            try:
                while True:
                    if s.recvfrom(2048)[1][0] == HOSTS[camera].address:
                        return True
            except TimeoutError:
                pass
    return False


def seen(home, tap, camera, frames):
    """Does one of three such frames, sent by the camera, come to where the tap is?"""
    before = len(tap.frames)
    home.do(HOSTS[camera].space, house.send, frames, 0.01)
    wanted = {f[14:] if f[12:14] == b"\x86\xdd" else f[26:] for f in frames}  # the TTL is another one behind a router
    def same(frame):
        return any((frame[54:] if frame[12:14] == b"\x86\xdd" else frame[34:])[:8] == (w[40:] if len(w) > 40 and w[0] >> 4 == 6 else w[8:])[:8]
                   for w in wanted)
    return bool(until(lambda: any(same(f) for _, f in tap.since(before)), 0.4))


def syns(camera, six, targets, *, source=None, to=GATEWAY_MAC, marked=True, port=23):
    base = next(numbers)
    frames = []
    for i, target in enumerate(targets):
        src = source or address(camera, six)
        frame = bytearray(house.syn(HOSTS[camera].link, src, target, i, marked=marked, port=port, to=to))
        at = 54 if six else 34
        frame[at:at + 2] = struct.pack("!H", base + i)  # known again by its port; nobody looks at the checksum on the way
        frames.append(bytes(frame))
    return frames


def datagrams(camera, six, target, to):
    src, dst = wire.ip(address(camera, six)), wire.ip(target)
    base = next(numbers)
    return [wire.ethernet(wire.mac(HOSTS[camera].link), wire.mac(to), 0x86DD if six else 0x0800,
                          wire.packet(src, dst, wire.UDP, wire.udp(src, dst, base + i, 5353 + i, b"EXAMPLE"))) for i in range(3)]


def leased(host):
    services.lease(host)
    return True


def tries(home, camera, taps, six):
    """(row, what says whether it does) of one family."""
    way, here = services.LAB_CAMERAS[camera][1], HOSTS[camera]
    far, near = taps
    pair = PAIR[camera]
    yield "its picture on the phone (RTSP)", lambda: home.do(HOSTS["phone"].space, works, logins.log_in, "phone", camera, way, "rtsp", pair, six)
    yield "its picture at the recorder (RTSP)", lambda: home.do(HOSTS["rec"].space, works, logins.log_in, "rec", camera, way, "rtsp", pair, six)
    yield "its page, for its owner", lambda: home.do(HOSTS["phone"].space, works, logins.log_in, "phone", camera, way, "http", pair, six)
    if not six:
        yield "the recorder's own protocol (DVRIP)", lambda: home.do(HOSTS["rec"].space, works, logins.log_in, "rec", camera, way, "dvrip", pair, six)
        yield "an app finds it in the LAN (broadcast)", lambda: home.do(HOSTS["phone"].space, works, found, camera)
        yield "its lease is renewed", lambda: works(leased, here)
    yield "a name from the gateway", lambda: home.do(here.space, works, name_from, GATEWAY6 if six else GATEWAY)
    yield "the time from the gateway", lambda: home.do(here.space, works, time_from, GATEWAY6 if six else GATEWAY)
    yield "its maker's cloud and updates (TCP)", lambda: home.do(here.space, works, page_of, CLOUD6 if six else CLOUD)
    yield "a server of time outside (UDP)", lambda: home.do(here.space, works, time_from, CLOUD6 if six else CLOUD)
    targets = [f"2001:db8:2::{n:x}" for n in (0x1001, 0x1002)] if six else ["198.51.100.91", "203.0.113.92"]
    # Two marks at most: three would be a finding, and it is to be held only when its owner says so.
    yield "a scan SYN goes outside", lambda: seen(home, far, camera, syns(camera, six, targets[:1], marked=False))
    forged = "2001:db8:1::dead" if six else "192.0.2.251"
    yield "a SYN with a forged sender goes outside", lambda: seen(home, far, camera, syns(camera, six, targets[1:], source=forged, marked=False, port=80))
    other = HOSTS[NEIGHBOUR]
    yield "it calls a neighbour (TCP SYN)", lambda: seen(home, near, camera, syns(camera, six, [address(NEIGHBOUR, six)], to=other.link, marked=False))
    yield "it sends to a neighbour that asked nothing (UDP)", lambda: seen(home, near, camera, datagrams(camera, six, address(NEIGHBOUR, six), other.link))


def tried(home, camera, six, taps, state):
    """[(row, did it?)]. What should work and did not is tried once more: six at a time is more than these cameras are made for."""
    out = []
    for row, work in tries(home, camera, taps, six):
        out.append((row, work() or (ROWS[row][STATES.index(state)] == "y" and work())))
    return out


def people(home):
    """Everybody has addresses of both families, and the cameras their owners' passwords."""
    for name in (*CAMERAS, "cam3", "rec", "phone"):
        services.lease(HOSTS[name])
        ip([f"addr replace {HOSTS[name].address6}/64 dev eth0 nodad", f"route replace default via {GATEWAY6} dev eth0"], HOSTS[name].space)
    house.inside(GW, services.tell_time)
    house.inside(GW, tell_time6)
    house.inside(HOSTS["world"].space, tell_time6)
    home.do(HOSTS["rec"].space, logins.set_up, "rec", "cam26", False)
    home.do(HOSTS["rec"].space, logins.read_stream_key, "rec", "cam26", False)
    home.do(HOSTS["rec"].space, logins.change_password, "rec", "cam15", services.LAB_CAMERAS["cam15"][1])
    time.sleep(1.5)


def tell_time6():
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as door:
        door.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        door.bind(("::", 123))
        while True:
            _, caller = door.recvfrom(512)
            door.sendto(b"\x24" + bytes(47), caller)


def into(home, state):
    """All three cameras; why it can't be, or nothing."""
    if state == "free":
        return None
    verb = {"gated": ("gate", "close"), "contained": ("contain",), "isolated": ("contain", "--isolate")}[state]
    for camera in CAMERAS:
        done = home.order(*verb, HOSTS[camera].link, check=False)
        if done.returncode:
            return done.stderr.strip() or f"status {done.returncode}"
    for camera in CAMERAS:
        if not until(lambda c=camera: home.holds(HOSTS[c].link, state), 3):
            return f"{camera} is not {state}"
    return None


def let_through(home, camera):
    """By its owner's word, once it is known."""
    said = []

    def done():
        said[:] = [home.order("gate", "override", HOSTS[camera].link, check=False)]
        return said[0].returncode == 0

    expect(f"{camera} is let through the gate", until(done, 10, 0.3), said and said[0].stderr)


def run(home, engine, out):
    where = f"{home.kind}, nf {home.nf}, {engine}"
    settings = [("contain", "xdp", "yes")] if engine == "xdp" else []
    if settings and not os.path.exists(f"{home.programs}/bpf/contain.bpf.o"):
        house.skip(f"the table, {where}", "its program is not built, for there is no clang, bpftool or libbpf")
        return
    home.start_watch("--contain", "ask", settings=[*settings, ("gate", "mode", "on")])
    if engine == "xdp":
        expect(f"the ports have the XDP program ({where})", until(lambda: "stopped by XDP" in home.watch.words(), 5), home.watch.words())
    people(home)
    taps = Tap(house.PREFIX + "far"), Tap(HOSTS[NEIGHBOUR].space)
    residents.SECONDS = logins.SECONDS = SHORT
    patient = socket.create_connection
    socket.create_connection = lambda to, timeout=None, *more, **named: patient(to, min(timeout or SHORT, SHORT), *more, **named)
    # Who looked before it was held is known as a viewer; each state begins with that.
    for state in STATES:
        if state == "free":
            for camera in CAMERAS:
                let_through(home, camera)
            time.sleep(1.5)
        why = into(home, state)
        if not expect(f"all cameras are {state} ({where})", why is None, f"{why}\n{home.watch.words()[-600:]}"):
            continue
        jobs = [(camera, six) for camera in CAMERAS for six in (False, True)]
        with concurrent.futures.ThreadPoolExecutor(len(jobs)) as pool:
            done = list(pool.map(lambda job, state=state: tried(home, *job, taps, state), jobs))
        for (camera, six), rows in zip(jobs, done):
            for row, did in rows:
                should = ROWS[row][STATES.index(state)] == "y"
                expect(f"{row}: {camera}, IPv{'6' if six else '4'}, {state} ({where})", did == should, "it does" if did else "it does not")
                out.write(json.dumps([row, state, camera, 6 if six else 4, where, did]) + "\n")
    out.flush()
    for tap in taps:
        tap.close()


def markdown(path):
    """The table of all that was tried; a cell where houses differ names them."""
    cells = {}
    with open(path, encoding="utf-8") as lines:
        for row, state, camera, family, where, did in map(json.loads, lines):
            cells.setdefault((row, state), {})[camera, family, where] = did
    tried = sorted({key for cell in cells.values() for key in cell})
    if not tried:
        return
    shown = [s for s in STATES if any(state == s for _, state in cells)]
    yield f"Houses: {'; '.join(sorted({where for _, _, where in tried}))}. Cameras: {', '.join(sorted({c for c, _, _ in tried}))}."
    yield ""
    yield "| | " + " | ".join(shown) + " |"
    yield "|---" * (len(shown) + 1) + "|"
    for row in ROWS:
        words = []
        for state in shown:
            cell = cells.get((row, state), {})
            yes = [key for key, did in cell.items() if did]
            families = "" if {f for _, f, _ in cell} != {4} else " (IPv4 only)"
            if len(yes) in (0, len(cell)):
                words.append(("yes" if yes else "no") if cell else "-")
            else:
                words.append("yes but for " + "; ".join(f"{c} IPv{f} {w}" for c, f, w in sorted(set(cell) - set(yes))))
        yield f"| {row}{families} | " + " | ".join(words) + " |"
