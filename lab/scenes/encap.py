# SPDX-License-Identifier: MIT
"""One scan in everything that packets come wrapped in, cut short, in pieces, and in every form of file."""

import files
import links
import talk
import wire
from bots import MiraiScanner
from house import House, lan_mac
from network import Host, Network, public_address

from scenes import register, scene

SCANNING = ("infected", ["scanning"], ["mirai"])
SUSPECT = ("suspect", ["scanning"], ["mirai"])
SERVER = wire.ip("203.0.113.80")
SERVER6 = wire.ip("2001:db8:80::80")
LOCAL6 = "2001:db8:51::/64"


def scan(stage, *, v6=False, with_mac=True, handshake=True):
    """A camera alone with its router: a connection that works, then the scan."""
    house = House(stage.rng, v6=v6, quiet_gateway=True, only=("camera",))
    camera = house.camera
    src, server = (camera.v6, SERVER6) if v6 else (camera.v4, SERVER)
    if not with_mac:
        camera.mac, camera.addresses = None, [src]
        if v6:  # nothing but this says that a global address is ours
            stage.args, stage.place = ["--local", LOCAL6], "any"
    if handshake:
        talk.tcp(house, 0.5, src, server, 443, talk.page(stage.rng, 300, 3000))
        MiraiScanner(house, src).burst(1.5, 60, listen=3)
        house.accuse(camera, *SCANNING)
    else:
        # one-way or refused throughout: an address is all there is
        MiraiScanner(house, src).burst(1.5, 60)
        house.accuse(camera, *SUSPECT)
    return house


def on_link(link, v6):
    def play(stage):
        stage.links = [link]
        stage.use(scan(stage, v6=v6, with_mac=link not in links.WITHOUT_MAC))

    return play


for name in links.LINKS:
    register(f"link-{name}", on_link(name, False), f"The scan on a link of the kind {name}.")
    register(f"link-{name}-v6", on_link(name, True), f"The scan over IPv6 on a link of the kind {name}.")


@scene
def address_only(stage):
    """Raw IP, and the camera never completes a connection: its address could be anybody's, so suspect."""
    stage.links = ["raw"]
    stage.use(scan(stage, with_mac=False, handshake=False))


@scene
def link_raw_v6_stranger(stage):
    """Raw IPv6 without --local: nothing shows that the scanner is ours, so it is a stranger, and infected as such."""
    stage.links, stage.place = ["raw"], "unknown"
    net = stage.use(Network(stage.rng, lan_mac(1), resolves=False))
    src = wire.ip("2001:db8:51::14")
    talk.tcp(net, 0.5, src, SERVER6, 443, talk.page(stage.rng, 300, 3000))
    MiraiScanner(net, src).burst(1.5, 60, listen=3)
    net.accuse(src, *SCANNING)


# Tunnels inside the site: an access point carries its stations' packets to a controller.

AP, CONTROLLER = wire.ip("192.168.9.2"), wire.ip("192.168.9.1")
AP6, CONTROLLER6 = wire.ip("fd00:9::2"), wire.ip("fd00:9::1")


def frame_of(f):
    return wire.ethernet(f.src, f.dst, f.kind, f.body)


def vxlan(a, b, f):
    return wire.UDP, wire.udp(a, b, 49999, 4789, wire.vxlan(7, frame_of(f)))


TUNNELS = {
    # name: (outer IPv6?, inner IPv6?, inner frames?, what carries it)
    "gre-ip": (False, False, False, lambda a, b, f: (wire.GRE, wire.gre(f.kind, f.body))),
    "gre-ip6": (False, True, False, lambda a, b, f: (wire.GRE, wire.gre(f.kind, f.body))),
    "gre-eth": (False, False, True, lambda a, b, f: (wire.GRE, wire.gre(wire.TYPE_TEB, frame_of(f)))),
    "gre-over-ip6": (True, False, False, lambda a, b, f: (wire.GRE, wire.gre(f.kind, f.body))),
    "ipip": (False, False, False, lambda a, b, f: (wire.IPIP, f.body)),
    "6in4": (False, True, False, lambda a, b, f: (wire.IPV6, f.body)),
    "4in6": (True, False, False, lambda a, b, f: (wire.IPIP, f.body)),
    "6in6": (True, True, False, lambda a, b, f: (wire.IPV6, f.body)),
    "vxlan": (False, False, True, vxlan),
    "vxlan-over-ip6": (True, True, True, vxlan),
}


def tunnel(outer6, inner6, frames, wrap):
    def play(stage):
        outer = stage.use(Network(stage.rng, lan_mac(0xB1), resolves=False))
        ap = outer.add(Host("access-point", lan_mac(0xB2), [AP6 if outer6 else AP]))
        controller = outer.add(Host("controller", lan_mac(0xB1), [CONTROLLER6 if outer6 else CONTROLLER]))
        inner = stage.use(scan(stage, v6=inner6, with_mac=frames))
        if stage.args:
            stage.args += ["--local", "fd00:9::/64" if outer6 else "192.168.9.0/24"]
            stage.place = "lan"
        for f in inner.frames:
            ends = (ap, controller) if f.from_host else (controller, ap)
            a, b = (e.addresses[0] for e in ends)
            outer.send(f.at / 1e9, a, b, *wrap(a, b, f))

    return play


for name, how in TUNNELS.items():
    register(f"tunnel-{name}", tunnel(*how), f"The scan inside a tunnel: {name}.")


def truncated(length, link="ethernet"):
    def play(stage):
        stage.links = [link]
        stage.form.interfaces = [files.Interface(snaplen=length)]
        stage.use(scan(stage))
        stage.unseen = {"truncated": ">0"}

    return play


register("snaplen-54", truncated(54), "The scan with 54 bytes of each frame kept: the fixed headers and no more.")
register("snaplen-96", truncated(96), "The scan with 96 bytes of each frame kept.")
register("snaplen-96-qinq", truncated(96, "qinq"), "The same behind two VLAN tags.")


@scene
def snaplen_48(stage):
    """Too short for the TCP flags: nothing can be said of the scan, and nothing is made up."""
    stage.form.interfaces = [files.Interface(snaplen=46)]
    house = stage.use(scan(stage))
    house.accuse(house.camera, "clear")
    house.camera.two_way = "any"
    stage.unseen = {"truncated": ">0"}


@scene
def ip_options(stage):
    """Every probe carries IP options (router alert, padding): the TCP header is further back."""
    house = stage.use(House(stage.rng, quiet_gateway=True, only=("camera",)))
    src = house.camera.v4
    talk.tcp(house, 0.5, src, SERVER, 443, [("c", talk.sealed(stage.rng, 300))])
    for i in range(40):
        dst = public_address(stage.rng)
        body = wire.tcp(src, dst, 5001, 23, seq=wire.low32(dst), window=999)
        options = bytes([148, 4, 0, 0]) + bytes([1] * (i % 9) + [0] * (-(i % 9) % 4))
        house.send_packet(2 + i * 0.05, src, dst, wire.ip4(src, dst, wire.TCP, body, ident=i + 1, options=options))
    house.accuse(house.camera, *SCANNING)


@scene
def ip6_extensions(stage):
    """Every probe carries hop-by-hop and destination options: the TCP header is further back."""
    house = stage.use(House(stage.rng, v6=True, quiet_gateway=True, only=("camera",)))
    src = house.camera.v6
    talk.tcp(house, 0.5, src, SERVER6, 443, [("c", talk.sealed(stage.rng, 300))])
    for i in range(40):
        dst = wire.ip("2001:db8::")[:4] + stage.rng.randbytes(12)
        body = wire.tcp(src, dst, 5001, 23, seq=wire.low32(dst), window=999)
        chain = [wire.HOP_BY_HOP, wire.DESTINATION][: 1 + i % 2]
        house.send_packet(2 + i * 0.05, src, dst, wire.ip6(src, dst, wire.TCP, body, extensions=chain))
    house.accuse(house.camera, *SCANNING)


def fragmented(v6):
    def play(stage):
        house = stage.use(scan(stage, v6=v6))
        src, dst = (house.camera.v6, SERVER6) if v6 else (house.camera.v4, SERVER)
        for i in range(40):
            body = wire.udp(src, dst, 40000, 40000 + i, stage.rng.randbytes(4000))
            for piece in wire.fragments(wire.packet(src, dst, wire.UDP, body, ident=i + 1), 1400, i + 1):
                house.send_packet(2 + i * 0.1, src, dst, piece)
        # the first eight bytes of a marked SYN alone: ports and mark, but no flags
        for i in range(40):
            other, to = (house.lan6(20), SERVER6) if v6 else (house.lan(20), public_address(stage.rng))
            syn = wire.tcp(other, to, 6000, 23, seq=wire.low32(to), window=999)
            for piece in wire.fragments(wire.packet(other, to, wire.TCP, syn, ident=100 + i), 8, 100 + i):
                house.send_packet(7 + i * 0.1, other, to, piece)

    return play


register("fragments", fragmented(False),
         "A scan among large datagrams in fragments, and SYNs in pieces of eight bytes.")
register("fragments-v6", fragmented(True), "The same over IPv6.")


@scene
def wrong_ethertype(stage):
    """IPv6 under the ethertype of IPv4, as one real switch makes it: malformed, and nobody's fault."""
    house = stage.use(House(stage.rng, v6=True))
    at = house.settle() + 1
    for i in range(30):
        src = wire.ip("2001:db8:77::")[:8] + stage.rng.randbytes(8)
        packet = wire.ip6(src, SERVER6, wire.UDP, wire.udp(src, SERVER6, 5000 + i, 5000, b"EXAMPLE"))
        house.put(at + i * 0.1, house.laptop.mac, house.router_mac, wire.TYPE_IP4, packet)
    house.background(at, 5, every=1)
    stage.unseen = {"malformed": 30}
    stage.plain = False


@scene
def bad_checksums(stage):
    """Checksums left to the network card: counted, and judged all the same."""
    house = stage.use(scan(stage))
    broken = 0
    for frame in house.frames:
        if frame.from_host:
            body = bytearray(frame.body)
            body[36] ^= 0x55
            frame.body = bytes(body)
            broken += 1
    stage.unseen = {"bad_checksum": broken}
    stage.plain = False


# Forms of files


def written(**form):
    def play(stage):
        stage.form = files.Form(**form)
        stage.links = ["ethernet"] * len(stage.form.interfaces)
        stage.use(scan(stage))
        stage.cuts = not stage.form.simple

    return play


FORMS = {
    "big-endian": ("pcap in the other byte order", {"big": True}),
    "nano": ("pcap with nanoseconds", {"nano": True}),
    "nano-big-endian": ("pcap with nanoseconds in the other byte order", {"nano": True, "big": True}),
    "kuznetzov": ("pcap with the modified header", {"kuznetzov": True}),
    "gzip": ("pcap, compressed", {"gz": True}),
    "pcapng": ("pcapng with nanoseconds", {"kind": "pcapng", "interfaces": [files.Interface(resolution=9)]}),
    "pcapng-big-endian": ("pcapng in the other byte order", {"kind": "pcapng", "big": True}),
    "pcapng-milliseconds": ("pcapng with milliseconds and a time offset",
                            {"kind": "pcapng", "interfaces": [files.Interface(resolution=3, offset=1477040000)]}),
    "pcapng-sections": ("pcapng in three sections of both byte orders", {"kind": "pcapng", "sections": 3}),
    "pcapng-simple": ("pcapng of simple packet blocks, which carry no time", {"kind": "pcapng", "simple": True}),
    "pcapng-gzip": ("pcapng, compressed", {"kind": "pcapng", "gz": True}),
}

for name, (about, form) in FORMS.items():
    register(f"form-{name}", written(**form), f"The scan as {about}.")


@scene
def form_pcapng_interfaces(stage):
    """Three interfaces of one pcapng with other link types, snap lengths and resolutions; a scanner on each."""
    stage.links = ["ethernet", "sll", "radiotap"]
    stage.form = files.Form(kind="pcapng", interfaces=[
        files.Interface(resolution=6, snaplen=96, name="lan"), files.Interface(resolution=9, name="any"),
        files.Interface(resolution=3, snaplen=1000, name="wifi")])
    house = stage.use(House(stage.rng, quiet_gateway=True, only=("camera", "recorder", "phone")))
    for i, host in enumerate((house.camera, house.recorder, house.phone)):
        before = len(house.frames)
        talk.tcp(house, 0.5 + i, host.v4, SERVER, 443, talk.page(stage.rng, 300, 3000))
        MiraiScanner(house, host.v4).burst(2 + i * 3, 30)
        house.accuse(host, *SCANNING)
        for frame in house.frames[before:]:
            frame.iface = i


@scene
def form_empty(stage):
    """A capture with a header and no packet: nothing to say, and no error."""
    stage.use(Network(stage.rng, lan_mac(1)))
    stage.place = "unknown"
