# SPDX-License-Identifier: MIT
"""What honest people and devices do that looks like a stage of an infection: nobody here was taken over.

Each scene is one shape: a dialogue at a shell, a program fetched, a server called again and again, a scan of one's own
network. "at most suspect" stands where what is seen could be either, and the wrong word would be "infected".
"""

import struct

import carry
import talk
import wire
from apps import intruders, terminal, web
from apps.web import http_answer, message
from house import House
from network import public_address

from scenes import register, scene

VENDOR = wire.ip("198.51.100.90")
STRANGER = wire.ip("203.0.113.77")
FACTORY, OWN = ("root", "xc3511"), ("admin", "lab-own-7Kq2")
FIRMWARE = b"\x27\x05\x19\x56" + bytes(60) + bytes(range(256)) * 30  # a U-Boot image's magic
OPEN = "at most exposed"
HOST_NAME = "firmware.example.com"


def home(stage, **how):
    house = stage.use(House(stage.rng, **how))
    for i in range(4):  # answers come in from outside
        talk.tcp(house, 4 + i * 5, house.laptop.v4, public_address(stage.rng), 443, talk.page(stage.rng, 300, 3000))
    return house, house.settle() + 0.5


def said(lines):
    """Lines of a talk as talk.tcp takes them."""
    return [("s" if line.side else "c", line.data) for line in lines]


def named_fetch(house, at, host, body, *, path="/EXAMPLE.bin", agent="Wget/1.16"):
    """A file over plain HTTP from a host that was looked up."""
    talk.lookup(house, at, host.v4, house.gateway.v4, HOST_NAME, VENDOR)
    ask = message(f"GET {path} HTTP/1.1", [("User-Agent", agent), ("Accept", "*/*"), ("Host", HOST_NAME)])
    answer = http_answer("200 OK", body=body, kind="application/octet-stream")
    return talk.tcp(house, at + 0.1, host.v4, VENDOR, 80, [("c", ask), ("s", answer)])


# At a shell


def technician(who, commands):
    """Somebody who looks after the camera logs in with the factory's password."""
    def play(stage):
        house, at = home(stage)
        lines = terminal.telnet(*FACTORY).lines
        for command, answer in commands:
            lines += intruders.typed(command, answer)
        peer = house.laptop.v4 if who is None else who
        end = talk.tcp(house, at, peer, house.camera.v4, 23, said(lines), rtt=0.02)
        if any("wget" in command for command, _ in commands):
            named_fetch(house, end - 0.5, house.camera, FIRMWARE)
        house.background(at, 60, every=6)
        house.camera.verdict = OPEN if who is None else "at most suspect"
        house.perhaps(STRANGER)

    return play


LOOKS = [("ifconfig", b"eth0 EXAMPLE\r\n"), ("/bin/busybox ps", b"  PID USER COMMAND\r\n"),
         ("cat /proc/mounts", b"rootfs / rootfs rw 0 0\r\n")]
register("lookalike-technician-updates", technician(None, [*LOOKS, (f"wget http://{HOST_NAME}/EXAMPLE.bin", b"")]),
         "A technician at the camera's shell, with the factory's password, has it fetch firmware from a name.")
register("lookalike-technician-missing-applet",
         technician(None, [("enable", b"enable: not found\r\n"), ("sh", b""),
                           ("/bin/busybox nslookup", b"nslookup: applet not found\r\n")]),
         "A technician in the house asks busybox for an applet that this one was built without.")
register("lookalike-technician-far-away", technician(STRANGER, [*LOOKS, ("sh", b"")]),
         "Somebody from the Internet logs in with the factory's password and looks round.")


@scene
def lookalike_refused_logins(stage):
    """Forty strangers try Mirai's list at the camera's telnet, and none of them gets in."""
    house, at = home(stage)
    pairs = [("root", "vizxv"), ("root", "xc3511"), ("admin", "7ujMko0admin")]
    for i in range(40):
        stranger = public_address(stage.rng)
        talk.tcp(house, at + i * 5, stranger, house.camera.v4, 23, said(intruders.logins(pairs, accepted=False)))
        house.perhaps(stranger)
    house.background(at, 200, every=8)
    house.camera.verdict = OPEN


# Programs


def updates(body, path):
    def play(stage):
        house, at = home(stage)
        for day in range(3):
            named_fetch(house, at + day * 30, house.camera, body, path=path)
        house.background(at, 90, every=6)

    return play


register("lookalike-own-update", updates(FIRMWARE, "/fw/EXAMPLE.img"),
         "A camera fetches its firmware over plain HTTP with Wget from its maker's host.")
register("lookalike-own-update-program", updates(intruders.ELF, "/fw/EXAMPLE-updater"),
         "The same, and what it fetches is a program: it comes from a name and with a version in the agent.")


def tftp(house, at, asker, giver, name, body):
    mine, theirs = house.rng.randrange(1024, 60000), house.rng.randrange(32768, 60000)
    talk.udp(house, at, asker.v4, giver.v4, mine, 69, intruders.tftp_ask(name))
    for data, acknowledged in intruders.tftp_blocks(body):
        at += 0.002
        talk.udp(house, at, giver.v4, asker.v4, theirs, mine, data)
        talk.udp(house, at + 0.0005, asker.v4, giver.v4, mine, theirs, acknowledged)
    return at


@scene
def lookalike_tftp_recovery(stage):
    """A recorder is brought back to life from a laptop in the house, and a computer starts over the network: firmware
    and a program by TFTP."""
    house, at = home(stage)
    computer = house.host("diskless", 70)
    at = tftp(house, at, house.recorder, house.laptop, "EXAMPLE-recovery.bin", FIRMWARE)
    talk.dhcp(house, at + 1, computer, house.gateway, computer.v4, name="diskless")
    at = tftp(house, at + 2, computer, house.laptop, "EXAMPLE.0", bytes(3000))
    at = tftp(house, at + 1, computer, house.laptop, "EXAMPLE.elf", intruders.ELF)
    house.background(at, 60, every=6)


# Who calls many, or one again and again


def ssh_session(rng):
    """Version strings, key exchange and what follows under encryption, by its lengths."""
    kex = struct.pack("!IBB", 1020, 6, 20) + rng.randbytes(16) + bytes(1002)
    lines = [("s", b"SSH-2.0-OpenSSH_8.4p1\r\n"), ("c", b"SSH-2.0-OpenSSH_9.2p1\r\n"), ("c", kex), ("s", kex)]
    for size in (48, 300, 64, 52, 400, 180):
        lines += [("c", rng.randbytes(size)), ("s", rng.randbytes(size + 28))]
    return lines


@scene
def lookalike_ansible(stage):
    """An administrator's laptop works on forty hosts of the LAN over SSH, five at a time, three rounds."""
    house, at = home(stage)
    hosts = [house.host(f"host-{n}", 100 + n) for n in range(40)]
    for turn in range(3):
        for i, host in enumerate(hosts):
            when = at + turn * 40 + i // 5 * 3 + i % 5 * 0.1
            talk.tcp(house, when, house.laptop.v4, host.v4, 22, ssh_session(stage.rng), rtt=0.002)
    house.background(at, 60, every=6)


@scene
def lookalike_monitoring(stage):
    """A monitoring system logs in to thirty cameras every five minutes, with right passwords: HTTP and telnet."""
    house, at = home(stage)
    monitor = house.host("monitor", 60)
    cameras = [house.host(f"camera-{n}", 100 + n) for n in range(30)]
    for turn in range(4):
        for i, camera in enumerate(cameras):
            what = (terminal.telnet if i % 3 == 0 else web.http_basic)(*OWN)
            carry.whole(house, at + turn * 300 + i * 1.5, (monitor.v4, camera.v4), what)
            camera.verdict = OPEN
    stage.secrets = ["lab-own"]


def dead_server(named):
    def play(stage):
        house, at = home(stage)
        hub, cloud = house.host("hub", 61), wire.ip("198.51.100.140")
        day, every = 86400, 43
        for i in range(day // every):
            if named and i % 20 == 0:
                talk.lookup(house, at + i * every - 0.1, hub.v4, house.gateway.v4, "hub.example.com", cloud)
            talk.unanswered(house, at + i * every, hub.v4, cloud, 8883, tries=2)
        house.background(at, day, every=600)
        for i in range(200):
            there, page = public_address(stage.rng), talk.page(stage.rng, 300, 900)
            talk.tcp(house, at + i * 430, house.phone.v4, there, 443, page)
        hub.verdict = OPEN if named else "at most suspect"

    return play


register("lookalike-dead-cloud", dead_server(True), "A hub calls its maker's dead server, by name, for a day.")
register("lookalike-dead-cloud-bare", dead_server(False),
         "The same by an address without a name: what a bot of a dead command server looks like too.")


@scene
def lookalike_beacons(stage):
    """A camera's regular life for two hours: time each 64 s, MQTT and TLS keep-alives each minute, and two zero bytes
    each way on its maker's own port."""
    house, at = home(stage)
    rng, me, clock = stage.rng, house.camera.v4, wire.ip("198.51.100.123")
    hours = 7200
    mqtt = b"\x10\x10\0\x04MQTT\x04\x02\0\x3c\0\x04EXAM"
    broker, cloud, own = (talk.Tcp(house, me, wire.ip(f"198.51.100.{n}"), port)
                          for n, port in ((130, 1883), (131, 443), (132, 32100)))
    for connection, hello, answer in ((broker, mqtt, b"\x20\x02\0\0"), (own, b"\0\0\0\x02EXAMPLE", b"\0\0\0\x02"),
                                      (cloud, talk.sealed(rng, 300), talk.sealed(rng, 900))):
        connection.say(connection.say(connection.open(at), 0, hello) + 0.02, 1, answer)
    for i in range(1, hours // 64):
        port = rng.randrange(32768, 60999)
        talk.udp(house, at + i * 64, me, clock, port, 123, b"\x23" + bytes(47))
        talk.udp(house, at + i * 64 + 0.02, clock, me, 123, port, b"\x24\x02" + bytes(46))
    for i in range(1, hours // 60):
        when = at + i * 60
        for connection, ask, answer in ((broker, b"\xc0\0", b"\xd0\0"), (own, b"\0\0", b"\0\0"),
                                        (cloud, talk.sealed(rng, 40), talk.sealed(rng, 40))):
            connection.say(connection.say(when, 0, ask) + 0.02, 1, answer)
            when += 3
    house.background(at, hours, every=300)


# What people run


@scene
def lookalike_bittorrent(stage):
    """A laptop shares files: nodes of the hash table, half of them gone, and peers on all sorts of ports, likewise."""
    house, at = home(stage)
    rng, me = stage.rng, house.laptop.v4
    mine = rng.randbytes(20)
    hello = b"\x13BitTorrent protocol" + bytes(8) + rng.randbytes(20) + b"-TR2940-" + rng.randbytes(12)
    for i in range(150):
        node, port = public_address(rng), rng.randrange(1024, 65535)
        ask = intruders.find_node(rng, mine).replace(b"JBls", b"TR\0\1")
        talk.udp(house, at + i * 0.4, me, node, 51413, port, ask)
        if i % 2:
            talk.udp(house, at + i * 0.4 + 0.1, node, me, port, 51413, intruders.found_node(rng, rng.randbytes(20)))
    for i in range(90):
        peer, port = public_address(rng), rng.choice((6881, 51413, 8999, rng.randrange(1024, 65535)))
        if i % 3:
            talk.unanswered(house, at + 2 + i * 0.6, me, peer, port, tries=3)
        else:
            talk.tcp(house, at + 2 + i * 0.6, me, peer, port, [("c", hello), ("s", hello), ("s", rng.randbytes(4000))])
    house.background(at, 60, every=6)


@scene
def lookalike_irc_chat(stage):
    """Somebody chats on IRC for half an hour: names, PING and PONG, words that begin with an exclamation mark."""
    house, at = home(stage)
    connection = talk.Tcp(house, house.laptop.v4, wire.ip("203.0.113.90"), 6667)
    name = b":irc.example.net "
    say = [(0, b"NICK alice\r\nUSER alice 0 * :Alice EXAMPLE\r\n"), (1, name + b"001 alice :Welcome\r\n"),
           (0, b"JOIN #garden\r\n"), (1, b":alice!a@example.org JOIN #garden\r\n"),
           (1, name + b"366 alice #garden :End\r\n")]
    at = connection.open(at)
    for side, data in say:
        at = connection.say(at + 0.3, side, data)
    talks = [(0, b"PRIVMSG #garden :hello, how do the tomatoes do?\r\n"), (0, b"PRIVMSG #garden :!seen bob\r\n"),
             (1, b":bob!b@example.org PRIVMSG #garden :!* all well, my scanner is on the desk\r\n"),
             (1, b":bob!b@example.org PRIVMSG #garden :PING me tomorrow about the UDP course\r\n")]
    for i in range(18):
        at = connection.say(at + 40, *talks[i % len(talks)])
        at = connection.say(at + 50, 1, b"PING :irc.example.net\r\n")
        at = connection.say(at + 0.05, 0, b"PONG :irc.example.net\r\n")
    house.background(10, at - 10, every=60)


PROBES = (intruders.JAWS, intruders.VACRON, intruders.AVTECH, intruders.GPON)


@scene
def lookalike_own_vulnerability_scan(stage):
    """The owner's vulnerability scanner asks everything in the house for known holes, and tries factory passwords."""
    house, at = home(stage)
    pairs = [("root", "vizxv"), ("root", "xc3511"), ("admin", "7ujMko0admin")]
    targets = [house.camera, house.recorder, house.phone, house.gateway]
    for i, target in enumerate(targets):
        when = at + i * 20
        for number, port in enumerate((21, 22, 81, 443, 554, 2323, 5555, 7547, 37215, 52869)):
            talk.refused(house, when + number * 0.05, house.laptop.v4, target.v4, port, rtt=0.002)
        for number, (port, request) in enumerate(PROBES):
            talk.tcp(house, when + 2 + number, house.laptop.v4, target.v4, port,
                     [("c", request), ("s", intruders.REFUSED)], rtt=0.002)
        lines = said(intruders.logins(pairs, accepted=False))
        talk.tcp(house, when + 8, house.laptop.v4, target.v4, 23, lines, rtt=0.002)
        target.verdict = OPEN
    house.background(at, 80, every=6)
    house.laptop.verdict, house.laptop.stages = "at most suspect", ["scanning?"]


@scene
def lookalike_answers_everything(stage):
    """Strangers ask a camera for known holes, and it answers all they ask with its front page and 200."""
    house, at = home(stage)
    page = http_answer("200 OK", body=web.PAGE)
    for i in range(12):
        port, request = PROBES[i % len(PROBES)]
        stranger = public_address(stage.rng)
        talk.tcp(house, at + i * 6, stranger, house.camera.v4, port, [("c", request), ("s", page)])
        house.perhaps(stranger)
    house.background(at, 80, every=6)
    house.camera.verdict = "at most suspect"


# What begins like a check-in


@scene
def lookalike_raw_video(stage):
    """A camera sends H.264 over plain TCP to a recorder and to a server: the start code 00 00 00 01 alone in the
    first segment, or with what follows."""
    house, at = home(stage)
    rng = stage.rng
    start, units = b"\0\0\0\1", b"\x67\x42\x00\x1f" + rng.randbytes(12)
    for number, peer in enumerate((house.recorder.v4, wire.ip("203.0.113.150"))):
        for alone in (False, True):
            connection = talk.Tcp(house, house.camera.v4, peer, 8000 + number)
            when = connection.open(at + number * 2 + alone)
            for piece in ([start, units] if alone else [start + units]):
                when = connection.say(when + 0.01, 0, piece)
            for _ in range(40):
                when = connection.say(when + 0.04, 0, start + b"\x41" + rng.randbytes(1200))
            connection.close(when)
    house.background(at, 60, every=6)
