# SPDX-License-Identifier: MIT
"""The Mirai mark: who shows it how often, and what that proves."""

import talk
import wire
from bots import MiraiScanner
from house import House, lan_mac, site
from network import Host, public_address, public_address6

from scenes import scene

SCANNING = ("infected", ["scanning"], ["mirai"])
SUSPECT = ("suspect", ["scanning"], ["mirai"])


def home(stage, **how):
    house = stage.use(House(stage.rng, **how))
    return house, house.settle() + 0.5


def marked(net, at, src, dst, port=23, *, sport=40001, window=5555):
    MiraiScanner(net, src, sport=sport, window=window).probe(at, dst, port)


@scene
def mirai_scan(stage):
    """A camera scans as Mirai does; two targets listen and are connected to."""
    house, at = home(stage)
    MiraiScanner(house, house.camera.v4).burst(at, 320, listen=2)
    house.background(at, 20, every=4)
    house.accuse(house.camera, *SCANNING)


@scene
def mirai_scan_v6(stage):
    """The same over IPv6: the mark is the last 32 bits of the target."""
    house, at = home(stage, v6=True)
    MiraiScanner(house, house.camera.v6).burst(at, 200, listen=2)
    house.background(at, 20, every=4)
    house.accuse(house.camera, *SCANNING)


@scene
def mirai_scan_other_ports(stage):
    """Later variants: the mark on 7547, 5555, 37215, 52869, 80 and never on telnet."""
    house, at = home(stage)
    scanner = MiraiScanner(house, house.camera.v4)
    for i in range(60):
        scanner.probe(at + i * 0.05, public_address(stage.rng), stage.rng.choice([7547, 5555, 37215, 52869, 80]))
    house.accuse(house.camera, *SCANNING)


@scene
def mirai_scan_slow(stage):
    """One marked SYN every ten minutes for an hour is a scanner all the same."""
    house, at = home(stage)
    scanner = MiraiScanner(house, house.camera.v4)
    for i in range(7):
        scanner.probe(at + i * 600, public_address(stage.rng))
    house.background(at, 3600, every=240)
    house.accuse(house.camera, *SCANNING)


@scene
def mirai_two_devices(stage):
    """Camera and recorder both scan: each is named, nobody else."""
    house, at = home(stage)
    for host in (house.camera, house.recorder):
        MiraiScanner(house, host.v4).burst(at, 40)
        house.accuse(host, *SCANNING)


@scene
def mirai_one_mark(stage):
    """One mark is a chance of one in 2^32, and proves nothing."""
    house, at = home(stage)
    marked(house, at, house.camera.v4, public_address(stage.rng))


@scene
def mirai_one_mark_retransmitted(stage):
    """A kernel's initial number happens to be its target; nobody answers, so it is sent seven times."""
    house, at = home(stage)
    target = public_address(stage.rng)
    talk.unanswered(house, at, house.phone.v4, target, 443, tries=7, isn=wire.low32(target))


@scene
def mirai_one_mark_many_times(stage):
    """The same marked SYN again and again, same port and window, nothing between: still one mark."""
    house, at = home(stage)
    target = public_address(stage.rng)
    for i in range(8):
        marked(house, at + i * 5, house.camera.v4, target)


@scene
def mirai_two_marks(stage):
    """Two targets: suspect."""
    house, at = home(stage)
    for i in range(2):
        marked(house, at + i, house.camera.v4, public_address(stage.rng))
    house.accuse(house.camera, *SUSPECT)


@scene
def mirai_two_marks_and_a_connection(stage):
    """Two targets, and then an ordinary connection to one of them: infected."""
    house, at = home(stage)
    scanner = MiraiScanner(house, house.camera.v4)
    scanner.probe(at, public_address(stage.rng))
    scanner.answered(at + 1, public_address(stage.rng), 23)
    house.accuse(house.camera, *SCANNING)


@scene
def mirai_two_marks_and_another_connection(stage):
    """Two targets, and an ordinary connection to somebody else: that adds nothing."""
    house, at = home(stage)
    for i in range(2):
        marked(house, at + i, house.camera.v4, public_address(stage.rng))
    talk.tcp(house, at + 3, house.camera.v4, public_address(stage.rng), 23, [("s", b"login: ")])
    house.accuse(house.camera, *SUSPECT)


@scene
def mirai_three_marks(stage):
    """Three targets: infected."""
    house, at = home(stage)
    for i in range(3):
        marked(house, at + i, house.camera.v4, public_address(stage.rng))
    house.accuse(house.camera, *SCANNING)


@scene
def mirai_one_target_reset_between(stage):
    """One target three times, each time answered and reset: three independent marks."""
    house, at = home(stage)
    scanner, target = MiraiScanner(house, house.camera.v4), public_address(stage.rng)
    for i in range(3):
        scanner.answered(at + i * 2, target, 23, follow=False)
    house.accuse(house.camera, *SCANNING)


@scene
def mirai_one_target_other_source_ports(stage):
    """One target three times from three source ports: no kernel retransmits like that."""
    house, at = home(stage)
    target = public_address(stage.rng)
    for i in range(3):
        marked(house, at + i, house.camera.v4, target, sport=40001 + i)
    house.accuse(house.camera, *SCANNING)


@scene
def mirai_one_target_long_gaps(stage):
    """One target three times with over 130 s between: longer than any retransmission waits."""
    house, at = home(stage)
    target = public_address(stage.rng)
    for i in range(3):
        marked(house, at + i * 140, house.camera.v4, target)
    house.background(at, 280, every=20)
    house.accuse(house.camera, *SCANNING)


@scene
def mirai_v6_small_numbers(stage):
    """Targets like 2001:db8::17 and initial numbers like 23: chance comes easily there, so it does not count."""
    house, at = home(stage, v6=True)
    for i in range(12):
        target = public_address6(stage.rng)[:8] + bytes(7) + bytes([i + 16])
        marked(house, at + i * 0.5, house.laptop.v6, target, sport=50000 + i)


@scene
def mirai_inbound(stage):
    """Strangers scan a site with public addresses: one shows many marks, one two, one a single one."""
    stage.args = ["--local", "203.0.113.0/24"]
    house = stage.use(House(stage.rng, net="203.0.113."))
    at = house.settle() + 0.5
    hosts = [h.v4 for h in house.hosts]
    for name, count, verdict in (("192.0.2.66", 12, SCANNING), ("192.0.2.67", 2, SUSPECT), ("192.0.2.68", 1, None)):
        stranger = wire.ip(name)
        for i in range(count):
            marked(house, at + i * 2, stranger, hosts[1 + i % 4], sport=3000 + i)
        if verdict:
            house.accuse(stranger, *verdict)


@scene
def mirai_inbound_v6(stage):
    """A stranger scans a household over IPv6; the hosts refuse, and are not to blame."""
    house, at = home(stage, v6=True)
    stranger = public_address6(stage.rng)
    for host in (house.camera, house.recorder, house.phone, house.laptop):
        host.addresses.append(host.v6[:8] + stage.rng.randbytes(8))
        house.owner[host.addresses[-1]] = host
    for i, host in enumerate((house.camera, house.recorder, house.phone, house.laptop)):
        target = host.addresses[-1]
        marked(house, at + i, stranger, target, 23)
        body = wire.tcp(target, stranger, 23, 40001, seq=0, ack=wire.low32(target) + 1, flags=wire.RST | wire.ACK,
                        window=0)
        house.send(at + i + 0.001, target, stranger, wire.TCP, body)
    house.accuse(stranger, *SCANNING)


@scene
def mirai_lease_moves(stage):
    """The scanning camera gets another address half-way: one MAC, one device, the marks of both add up."""
    house, at = home(stage)
    old, new = house.camera.v4, house.lan(25)
    for i in range(2):
        marked(house, at + i, old, public_address(stage.rng))
    house.camera.addresses = [new]
    house.owner[new] = house.camera
    talk.dhcp(house, at + 60, house.camera, house.gateway, new, name="camera")
    talk.tcp(house, at + 62, new, wire.ip("198.51.100.44"), 443, [("c", b"hello")])
    for i in range(2):
        marked(house, at + 70 + i, new, public_address(stage.rng))
    house.accuse(house.camera, *SCANNING)


def forger(house, own=None):
    return house.add(Host("forger", lan_mac(0x66), [own] if own else []))


def forged_marks(house, at, mac, count=40):
    """Marked SYNs under a neighbour's address: the MAC is what gives the sender away."""
    for i in range(count):
        target, src = public_address(house.rng), house.camera.v4
        body = wire.tcp(src, target, 4242, 23, seq=wire.low32(target), window=7777)
        packet = wire.ip4(src, target, wire.TCP, body, ident=house.rng.getrandbits(16))
        house.put(at + i * 0.05, mac, house.router_mac, wire.TYPE_IP4, packet)


@scene
def forged_neighbour(stage):
    """A silent device sends marked SYNs under the camera's address: its MAC is accused, the camera is not."""
    house, at = home(stage)
    culprit = forger(house)
    forged_marks(house, at, culprit.mac)
    culprit.unicast = True  # and no address: a forged one is not its own
    house.background(at, 10, every=2)
    house.accuse(culprit, *SCANNING)


@scene
def forged_neighbour_with_address(stage):
    """The same by a device that has a lease of its own and uses it."""
    house = stage.use(House(stage.rng))
    culprit = forger(house, house.lan(66))
    at = house.settle() + 0.5
    forged_marks(house, at, culprit.mac)
    house.background(at, 10, every=2)
    house.accuse(culprit, *SCANNING)


@scene
def repeater(stage):
    """Three hosts behind one repeater's MAC, one of them a scanner: it alone is named, by its address."""
    house = stage.use(House(stage.rng))
    at = house.settle() + 0.5
    behind = [house.add(Host(f"behind-{n}", None, [house.lan(n)], relay=lan_mac(0x70))) for n in (71, 72, 73)]
    for turn in range(6):
        for host in behind:
            house.browse(at + turn * 3 + host.v4[3] % 70 * 0.4, host, size=1500)
    MiraiScanner(house, behind[1].v4).burst(at + 4, 60, listen=1)
    house.accuse(behind[1], *SCANNING)


@scene
def zmap_inbound(stage):
    """A research scanner (IP id 54321) on a server: known, not accused."""
    net = stage.use(site(stage.rng, server=["203.0.113.10"]))
    stage.args, stage.place = ["--local", "203.0.113.0/24"], "any"
    stranger, server = wire.ip("192.0.2.99"), net.server.v4
    for i in range(300):
        port = stage.rng.choice([22, 23, 80, 443, 502, 7547, 8080])
        body = wire.tcp(stranger, server, stage.rng.randrange(32768, 61000), port, seq=stage.rng.getrandbits(32),
                        window=65535, options=b"\x02\x04\x05\xb4")
        net.send(i * 0.4, stranger, server, wire.TCP, body, ident=54321, df=False)
    talk.tcp(net, 3, wire.ip("198.51.100.9"), server, 443, [("c", b"hello")])


@scene
def masscan_inbound(stage):
    """masscan (IP id = target ^ port ^ sequence number, 16 bits) on a server: known, not accused."""
    net = stage.use(site(stage.rng, server=["203.0.113.10"]))
    stage.args, stage.place = ["--local", "203.0.113.0/24"], "any"
    stranger, server = wire.ip("192.0.2.98"), net.server.v4
    for i in range(300):
        port, seq = stage.rng.randrange(1, 10000), stage.rng.getrandbits(32)
        body = wire.tcp(stranger, server, 61000, port, seq=seq, window=1024)
        ident = (wire.low32(server) ^ port ^ seq) & 0xFFFF
        net.send(i * 0.1, stranger, server, wire.TCP, body, ident=ident, df=False)
        answer = wire.tcp(server, stranger, port, 61000, seq=0, ack=seq + 1, flags=wire.RST | wire.ACK, window=0)
        net.send(i * 0.1 + 0.001, server, stranger, wire.TCP, answer)
    talk.tcp(net, 3, wire.ip("198.51.100.9"), server, 443, [("c", b"hello")])


@scene
def mark_in_later_fragments(stage):
    """Later fragments carry bytes that look like marked SYNs: no port, no flags, no mark."""
    house, at = home(stage)
    for i in range(20):
        src, dst = house.laptop.v4, public_address(stage.rng)
        fake = wire.tcp(src, dst, 4000, 23, seq=wire.low32(dst), window=1000)
        body = wire.tcp(src, dst, 5000 + i, 443, seq=stage.rng.getrandbits(32), flags=wire.ACK,
                        payload=bytes(4) + fake)
        for piece in wire.fragments(wire.ip4(src, dst, wire.TCP, body), 24, i + 1):
            house.send_packet(at + i * 0.1, src, dst, piece)
