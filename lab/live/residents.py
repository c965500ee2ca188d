# SPDX-License-Identifier: MIT
"""What people and devices of the lab do: look at pictures, record, ask for names, the time, newer firmware; log in.

Bounds of everything here that sends a password: three invented pairs, and TRIES_MOST tries for each host and run, after
which it refuses. Only the lab's own documentation addresses are ever called, from inside its namespaces.
"""

import base64
import collections
import http.client
import ipaddress
import os
import random
import socket
import struct
import threading
import time

import rtsp
from namespaces import GATEWAY, HOSTS

PAIRS = {"factory": ("lab-root", "lab-factory"), "own": ("lab-owner", "lab-own-47"), "wrong": ("lab-root", "lab-guess")}
TRIES_MOST = 50
CLOUD6 = "2001:db8:2::44"
LAB = [ipaddress.ip_network(n) for n in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")]
SECONDS = 5

tries = collections.Counter()
tries_lock = threading.Lock()


class Gave(Exception):
    """A deed did not come to its end: what stood in its way."""


def pair_for(who, name):
    with tries_lock:
        tries[who] += 1
        if tries[who] > TRIES_MOST:
            raise Gave(f"{who} has tried passwords {TRIES_MOST} times: that is all it may")
    return PAIRS[name]


def in_lab(address):
    if not any(ipaddress.ip_address(address) in net for net in LAB):
        raise Gave(f"{address} is none of the lab's addresses")
    return address


# Names and time


def question(name):
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
    ident = random.getrandbits(16)
    return ident, struct.pack("!HHHHHH", ident, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!HH", 1, 1)


def datagram(address, port, payload):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(SECONDS)
        s.connect((in_lab(address), port))
        s.send(payload)
        return s.recv(2048)


def lookup(name):
    """The first address of a name, by the gateway."""
    _, asked = question(name)
    answer = datagram(GATEWAY, 53, asked)
    if len(answer) < len(asked) + 16 or answer[3] & 15:
        raise Gave(f"no answer for {name}")
    return socket.inet_ntoa(answer[len(asked) + 12 : len(asked) + 16])


def set_clock(_who):
    answer = datagram(lookup("time.example"), 123, b"\x23" + bytes(39) + os.urandom(8))
    if len(answer) < 48:
        raise Gave("no time")


# Pages


def get(address, path, host, *, login=None, agent=None):
    head = {"Host": f"[{host}]" if ":" in host else host, "Connection": "close"}
    if agent:
        head["User-Agent"] = agent
    if login:
        head["Authorization"] = "Basic " + base64.b64encode(":".join(login).encode()).decode()
    connection = http.client.HTTPConnection(in_lab(address), 80, timeout=SECONDS)
    try:
        connection.request("GET", path, headers=head)
        answer = connection.getresponse()
        body = answer.read()
        return answer.status, body, time.time()
    except http.client.HTTPException as error:
        raise Gave(f"http://{address}{path}: {error!r}") from error
    finally:
        connection.close()


BROWSER = ("Mozilla/5.0 (Linux; Android 13; Pixel 7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/118.0 Mobile "
           "Safari/537.36")


def browse(who):
    """A page by IPv4, and the cloud's by IPv6 once the host has an address for it."""
    status, _, _ = get(lookup("www.shop.example"), "/", "www.shop.example", agent=BROWSER)
    if status == 200 and has_address6(HOSTS[who].address6):
        status, _, _ = get(CLOUD6, "/", "cloud.example", agent=BROWSER)
    if status != 200:
        raise Gave(f"the page answered {status}")


def has_address6(address):
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as s:
        try:
            s.bind((address, 0))
        except OSError:
            return False  # not yet: it is made from what the router advertises
    return True


def ask_for_router():
    """A router solicitation (RFC 4861, section 4.1): the kernel sent its few before the router was there."""
    with socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6) as s:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
        try:
            s.sendto(b"\x85" + bytes(7), ("ff02::2", 0, 0, socket.if_nametoindex("eth0")))
        except OSError:
            pass  # its own address is still being looked for twice; it is asked again


def check_firmware(_who):
    status, _, _ = get(lookup("update.example"), "/version", "update.example", agent="Wget")
    if status != 200:
        raise Gave(f"update.example answered {status}")


def view(who, camera, pair, *, six=False):
    """Page and picture, as a browser gets them: without the password until it is asked for. When it was granted."""
    address = HOSTS[camera].address6 if six else HOSTS[camera].address
    for path in ("/", "/snapshot/now.jpg"):
        if get(address, path, address, agent=BROWSER)[0] == 401:
            break
    status, body, when = get(address, "/snapshot/now.jpg", address, login=pair_for(who, pair), agent=BROWSER)
    if (status == 200) != (pair != "wrong"):
        raise Gave(f"{camera} answered {status} to {pair} password")
    if status == 200 and body[:2] != b"\xff\xd8":
        raise Gave(f"{camera} sent no picture")
    return when


def player(who, camera, pair):
    """Who takes the camera's stream until told to stop."""
    return rtsp.Player(in_lab(HOSTS[camera].address), pair_for(who, pair))


# Telnet


class Terminal:
    """Just enough of RFC 854: whatever the other side offers or asks is declined, but its echo."""

    def __init__(self, address):
        self.socket = socket.create_connection((in_lab(address), 23), timeout=SECONDS)
        self.text = b""

    def until(self, *words):
        """Reads until one of the words has come; gives it."""
        while True:
            for word in words:
                if word in self.text:
                    self.text = b""
                    return word
            some = self.socket.recv(1024)
            if not some:
                raise Gave("the telnet server hung up")
            self.take(some)

    def take(self, some):
        i = 0
        while i < len(some):
            if some[i] != 255 or i + 2 >= len(some):
                self.text += some[i : i + 1]
                i += 1
                continue
            verb, option = some[i + 1], some[i + 2]
            answer = {251: 253 if option in (1, 3) else 254, 253: 252}.get(verb)
            if answer:
                self.socket.sendall(bytes([255, answer, option]))
            i += 3

    def type(self, line):
        self.socket.sendall(line.encode() + b"\r\n")


def telnet(who, camera, pair):
    """Logs in and leaves; when the prompt came. With a wrong pair: one try, and it must fail."""
    terminal = Terminal(HOSTS[camera].address)
    with terminal.socket:
        terminal.until(b"login:")
        name, word = pair_for(who, pair)
        terminal.type(name)
        terminal.until(b"Password:")
        terminal.type(word)
        end = terminal.until(b"~ #", b"incorrect")
        when = time.time()
        if (end == b"~ #") != (pair != "wrong"):
            raise Gave(f"{camera} said '{end.decode()}' to the {pair} password")
        if pair != "wrong":
            terminal.type("exit")
            time.sleep(0.1)
    return when
