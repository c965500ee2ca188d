# SPDX-License-Identifier: MIT
"""What comes out of the house on the Internet's side, whether a host gets there, and what it reads where it does not.

A listener on the gateway's `wan` notes the sender of every frame: what a held host sends must not be among them. A host
gets there when somebody in the Internet answers it, be it that nobody listens; a held one hears nothing.
"""

import collections
import html
import http.client
import ipaddress
import re
import socket
import struct
import threading
import time

from namespaces import GATEWAY, GATEWAY6, GW, HOSTS, enter
from residents import BROWSER, CLOUD6, SECONDS, Gave, in_lab

CLOSED_PORT = 4433  # nobody listens there: an RST is the answer
ETH_P_ALL, ETH_P_IP, ETH_P_IPV6, HEAD = 3, 0x0800, 0x86DD, 14
TRY_SECONDS = 0.3
PORTAL_PORT = 8081
LED_MOST = 3


class Outside:
    """Frames on `wan`, by sender: the times at which they passed."""

    def __init__(self):
        self.seen, self.ready = collections.defaultdict(list), threading.Event()
        threading.Thread(target=self.listen, daemon=True).start()
        if not self.ready.wait(SECONDS):
            raise Gave("nobody could listen on the gateway's wan")

    def listen(self):
        enter(GW)
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL)) as door:
            door.bind(("wan", ETH_P_ALL))
            self.ready.set()
            while True:
                frame = door.recv(128)
                kind = struct.unpack("!H", frame[12:14])[0] if len(frame) >= HEAD + 40 else 0
                if kind == ETH_P_IP:
                    self.seen[ipaddress.ip_address(frame[HEAD + 12 : HEAD + 16])].append(time.time())
                elif kind == ETH_P_IPV6:
                    self.seen[ipaddress.ip_address(frame[HEAD + 8 : HEAD + 24])].append(time.time())

    def count(self, host, since=0):
        """Of both its addresses."""
        h = HOSTS[host]
        return sum(when >= since for a in (h.address, h.address6) for when in self.seen[ipaddress.ip_address(a)])


def reaches(six):
    """Does anybody in the Internet answer? Asked once."""
    address = CLOUD6 if six else HOSTS["world"].address
    with socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_STREAM) as door:
        door.settimeout(TRY_SECONDS)
        try:
            door.connect((in_lab(address), CLOSED_PORT))
        except ConnectionRefusedError:
            return True
        except OSError:
            return False
        return True


def ask(address, port, host, path):
    connection = http.client.HTTPConnection(in_lab(address), port, timeout=SECONDS)
    try:
        connection.request("GET", path, headers={"Host": host, "User-Agent": BROWSER, "Connection": "close"})
        answer = connection.getresponse()
        return answer.status, answer.getheader("Location"), answer.read().decode()
    except http.client.HTTPException as error:
        raise Gave(f"http://{address}:{port}{path}: {error!r}") from error
    finally:
        connection.close()


def open_page(six):
    """What a phone asks when it joins a network, and the page it is led to. Gives the statuses and the last page's text."""
    address, port, host, path = CLOUD6 if six else HOSTS["world"].address, 80, "connectivity.example", "/generate_204"
    statuses = []
    for _ in range(LED_MOST):
        status, location, body = ask(address, port, host, path)
        statuses.append(status)
        if status != 302:
            return statuses, body
        found = re.fullmatch(r"http://(?:\[([0-9a-f:]+)\]|([0-9.]+)):(\d+)(/.*)", location or "")
        if found is None:
            raise Gave(f"it was led to {location!r}")
        address, port, path = found[1] or found[2], int(found[3]), found[4]
        host = location.split("/")[2]
    raise Gave("it was led around in a circle")


def read_portal(six, path="/all"):
    """The page at the gateway's own address."""
    address = GATEWAY6 if six else GATEWAY
    status, _, body = ask(address, PORTAL_PORT, f"[{address}]:{PORTAL_PORT}" if six else f"{address}:{PORTAL_PORT}", path)
    if status != 200:
        raise Gave(f"the portal answered {status}")
    return body


def is_shut(six):
    """Nobody answers at the portal's port."""
    try:
        read_portal(six)
    except (OSError, Gave):
        return True
    return False


def dawdle(count):
    """Requests that never end, at once: how many were listened to, and for how long at most."""
    start, doors, ended = time.time(), [], {}
    for number in range(count):
        door = socket.create_connection((GATEWAY, PORTAL_PORT), timeout=SECONDS)
        door.settimeout(0.05)
        doors.append((number, door))
    while len(ended) < count and time.time() < start + 4 * SECONDS:
        for number, door in doors:
            if number in ended:
                continue
            try:
                door.sendall(b"G" if time.time() < start + 0.1 else b"E")
                if door.recv(256) == b"":
                    ended[number] = time.time() - start
            except TimeoutError:
                pass
            except OSError:
                ended[number] = time.time() - start
    for _, door in doors:
        door.close()
    if len(ended) < count:
        raise Gave(f"{count - len(ended)} requests that never end were still listened to after {4 * SECONDS} s")
    return sum(after > 2 for after in ended.values()), max(ended.values())


def words_of(page):
    """As a reader sees them."""
    text = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())
