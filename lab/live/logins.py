# SPDX-License-Identifier: MIT
"""How people log in at the lab's cameras of 2014, 2015 and 2026 (lab/cameras): by HTTP with Basic, Digest or a form, by
RTSP, DVRIP and telnet. Bounds are those of residents.py: three invented pairs, TRIES_MOST tries for each host.

What a camera made itself is none of these pairs: the stream key of camera-2026, which its owner reads on its page
after the login and types into the recorder.
"""

import base64
import http.client
import json
import os
import random
import re
import socket
import struct
import time
import urllib.parse

import residents
import rtsp
from apps import recorders
from namespaces import HOSTS
from residents import BROWSER, PAIRS, SECONDS, Gave, in_lab, pair_for

DVRIP_PORT, DVRIP_ANSWER_MOST, FRAMES, DISCOVERY_PORT = 34567, 4096, 3, 34569
GUESSES = ("factory", "wrong")
stream_keys = {}  # camera: what its page showed to its owner


class Page:
    """One connection to a camera's pages; `way` is how it asks for a login."""

    def __init__(self, camera, way, six=False):
        self.address = in_lab(HOSTS[camera].address6 if six else HOSTS[camera].address)
        self.camera, self.way = camera, way
        self.connection = http.client.HTTPConnection(self.address, 80, timeout=SECONDS)
        self.cookie = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def ask(self, path, form=None, login=None, *, raw=None):
        """(status, headers, body). `login` is the value of an Authorization header, `raw` a file in place of a form."""
        head = {"Host": f"[{self.address}]" if ":" in self.address else self.address, "User-Agent": BROWSER}
        if login:
            head["Authorization"] = login
        if self.cookie:
            head["Cookie"] = self.cookie
        body = raw
        if form is not None:
            body, head["Content-Type"] = urllib.parse.urlencode(form), "application/x-www-form-urlencoded"
        try:
            self.connection.request("GET" if body is None else "POST", path, body=body, headers=head)
            answer = self.connection.getresponse()
            return answer.status, answer.headers, answer.read()
        except http.client.HTTPException as error:
            raise Gave(f"{self.camera}{path}: {error!r}") from error

    def authorized(self, pair, path, form=None):
        """Asks without a login, as browsers do, and then with it."""
        status, headers, body = self.ask(path, form)
        if status != 401:
            return status, headers, body
        asked = headers.get("WWW-Authenticate", "")
        if asked.startswith("Basic"):
            login = "Basic " + base64.b64encode(":".join(pair).encode()).decode()
        else:
            login = digest(pair, asked, "GET" if form is None else "POST", path)
        return self.ask(path, form, login)

    def log_in(self, pair):
        """Did it let us in? And how long it wants us to wait, where it says so."""
        if self.way != "form":
            status, _, _ = self.authorized(pair, "/view")
            return status == 200, 0
        status, headers, _ = self.ask("/login", {"user": pair[0], "password": pair[1]})
        if status == 303:
            self.cookie = headers["Set-Cookie"].split(";")[0]
        return status == 303, int(headers.get("Retry-After", 0))


def digest(pair, asked, method, path):
    """RFC 2617 with qop=auth, where the camera offers it."""
    parts = dict(re.findall(r'(\w+)="([^"]*)"', asked))
    realm, nonce, client = parts["realm"], parts["nonce"], os.urandom(8).hex()
    who, what = rtsp.md5(f"{pair[0]}:{realm}:{pair[1]}"), rtsp.md5(f"{method}:{path}")
    fields = {"username": pair[0], "realm": realm, "nonce": nonce, "uri": path}
    plain = "algorithm=MD5"
    if "qop" in parts:
        response = rtsp.md5(f"{who}:{nonce}:00000001:{client}:auth:{what}")
        fields |= {"cnonce": client}
        plain += ", qop=auth, nc=00000001"
    else:
        response = rtsp.md5(f"{who}:{nonce}:{what}")
    if "opaque" in parts:
        fields["opaque"] = parts["opaque"]
    fields["response"] = response
    return "Digest " + ", ".join(f'{name}="{value}"' for name, value in fields.items()) + ", " + plain


def by_http(camera, way, pair, six):
    with Page(camera, way, six) as page:
        return page.log_in(pair)[0]


def by_rtsp(camera, _way, pair, six):
    """A player's: three frames of the picture, and it leaves."""
    player = rtsp.Player(HOSTS[camera].address6 if six else in_lab(HOSTS[camera].address), pair)
    return player.look(FRAMES)


def by_dvrip(camera, _way, pair, six):
    address = in_lab(HOSTS[camera].address6 if six else HOSTS[camera].address)
    with socket.create_connection((address, DVRIP_PORT), timeout=SECONDS) as caller, caller.makefile("rb") as stream:
        caller.sendall(recorders.dvrip_frame(1000, {"EncryptType": "MD5", "LoginType": "DVRIP-Web",
                                                    "PassWord": recorders.sofia(pair[1]), "UserName": pair[0]}))
        head = stream.read(20)
        if len(head) < 20 or (size := struct.unpack("<I", head[16:])[0]) > DVRIP_ANSWER_MOST:
            raise Gave(f"{camera} answered no message of DVRIP")
        return json.loads(stream.read(size).rstrip(b"\n\0"))["Ret"] == 100


def by_telnet(camera, _way, pair, six):
    terminal = residents.Terminal(HOSTS[camera].address6 if six else HOSTS[camera].address)
    with terminal.socket:
        terminal.until(b"login:")
        terminal.type(pair[0])
        terminal.until(b"Password:")
        terminal.type(pair[1])
        right = terminal.until(b"~ #", b"incorrect") == b"~ #"
        if right:
            terminal.type("exit")
            time.sleep(0.1)
        return right


SERVICES = {"http": by_http, "rtsp": by_rtsp, "dvrip": by_dvrip, "telnet": by_telnet}


def pair_of(who, camera, service, name):
    """Counts the try. The owner's own one for a stream is the key that the camera made, where it makes one."""
    pair = pair_for(who, name)
    if name == "own" and service in ("rtsp", "dvrip") and camera in stream_keys:
        return pair[0], stream_keys[camera]
    return pair


def log_in(who, camera, way, service, name, six):
    """One try; did it let them in?"""
    try:
        return SERVICES[service](camera, way, pair_of(who, camera, service, name), six)
    except ConnectionRefusedError:
        raise Gave(f"{camera} has no {service}") from None


def set_up(_who, camera, six):
    """The first password; then the owner looks at the stream key."""
    with Page(camera, "form", six) as page:
        status, _, _ = page.ask("/")
        if status != 403:
            raise Gave(f"{camera} answered {status} before it was set up")
        status, _, body = page.ask("/set-up", {"new": PAIRS["own"][1], "again": PAIRS["own"][1]})
        if status != 200:
            raise Gave(f"{camera} answered {status}: {words_of(body)}")


def read_stream_key(who, camera, six):
    """After a login of the owner's."""
    with Page(camera, "form", six) as page:
        right, wait = page.log_in(pair_for(who, "own"))
        if not right:
            raise Gave(f"{camera} does not let its owner in, and says to wait {wait} s")
        _, _, body = page.ask("/view")
        found = re.search(rb"stream key[^<]*<code>([0-9A-Za-z]{24})</code>", body)
        if found is None:
            raise Gave(f"{camera} shows no stream key")
        stream_keys[camera] = found[1].decode()


def change_password(who, camera, way):
    """From the factory's to the owner's."""
    name, word = PAIRS["own"]
    with Page(camera, way) as page:
        status, _, body = page.authorized(pair_for(who, "factory"), "/password",
                                          {"new_name": name, "new_word": word})
        if status != 200:
            raise Gave(f"{camera} answered {status}: {words_of(body)}")


def update(who, camera, file):
    """The owner sends firmware; was it taken? And the camera's words."""
    with Page(camera, "form") as page:
        if not page.log_in(pair_for(who, "own"))[0]:
            raise Gave(f"{camera} does not let its owner in")
        status, _, body = page.ask("/update", raw=file)
        return status == 200, words_of(body)


def guess(who, camera, count):
    """Passwords in turn, of those that are not the owner's. Gives how many were looked at, and how many held back."""
    looked_at = held_back = 0
    for number in range(count):
        with Page(camera, "form") as page:
            right, wait = page.log_in(pair_for(who, GUESSES[number % len(GUESSES)]))
            if right:
                raise Gave(f"{camera} let in who guessed")
            looked_at, held_back = looked_at + (wait == 0), held_back + (wait > 0)
    return looked_at, held_back


def owner_in(who, camera, within):
    """The owner's login, as often as he is told to wait; gives how long it took."""
    start = time.time()
    while True:
        with Page(camera, "form") as page:
            right, wait = page.log_in(pair_for(who, "own"))
        if right:
            return time.time() - start
        if wait == 0 or time.time() + wait > start + within:
            raise Gave(f"{camera} does not let its owner in within {within:g} s; it says to wait {wait} s")
        time.sleep(wait)


def words_of(body):
    found = re.search(rb"<p>([^<]*)", body)
    return found[1].decode(errors="replace") if found else "nothing"


# What is no login, and should harm nobody

LOGIN = b'Authorization: Digest username="a", '
BEGINNINGS = {
    "http": [
        b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST /login HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999\r\n\r\nuser=a",
        b"POST /set-up HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n",
        b"POST /update HTTP/1.1\r\nHost: a\r\nCookie: session=" + b"0" * 32 + b"\r\nContent-Length: 400\r\n\r\nFUM1",
        b"GET /view HTTP/1.1\r\nHost: a\r\n" + LOGIN + b'nonce="", response=\r\n\r\n',
        b"GET /" + b"a" * 20000,
    ],
    "rtsp": [
        b"DESCRIBE rtsp://a/stream1 RTSP/1.0\r\nCSeq: 1\r\n" + LOGIN + b"uri=\r\n\r\n",
        b"SETUP a RTSP/1.0\r\nTransport: RTP/AVP;client_port=99999999999\r\n\r\n",
        b"$\0\xff\xff",
        b"a" * 9000,
    ],
    "dvrip": [
        recorders.dvrip_frame(1000, {"UserName": "a", "PassWord": "b"}),
        recorders.dvrip_frame(1020) * 200,
        b"\xff\1\0\0" + bytes(12) + b"\xff\xff\xff\xff",
    ],
    "telnet": [b"\xff\xfa\x1f" + b"\xff" * 3000, b"\xff\xfd\x18" * 1500, b"a" * 5000 + b"\r\n" * 50],
}
NONSENSE_ROUNDS, NONSENSE_MOST = 5, 20000


def nonsense(camera, services):
    """Beginnings of talks, with some bytes changed, and left hanging. No password is among them."""
    address, rng = in_lab(HOSTS[camera].address), random.Random(2026)
    for service, port in services:
        for text in BEGINNINGS[service] * NONSENSE_ROUNDS:
            text = bytearray(text)
            for _ in range(rng.randrange(4)):
                text[rng.randrange(len(text))] = rng.randrange(256)
            send_and_go(address, port, bytes(text[:NONSENSE_MOST]), rng.random() < 0.5)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        for size in (0, 1, 19, 20, 64, 1400):
            door.sendto(rng.randbytes(size), (address, DISCOVERY_PORT))


def send_and_go(address, port, text, reads):
    """A camera may hang up at any moment; it may not fail to take the next connection."""
    with socket.create_connection((address, port), timeout=SECONDS) as caller:
        try:
            caller.settimeout(0.02)
            caller.sendall(text)
            if reads:
                caller.recv(4096)
        except OSError:
            pass
