# SPDX-License-Identifier: MIT
"""A camera's stream: RTSP (RFC 2326) with Digest logins (RFC 2617), pictures interleaved on the same connection.

Server and player of the lab, and no more of the protocol than these two need. The pictures are random bytes behind a
real RTP header (RFC 3550).
"""

import hashlib
import os
import re
import socket
import struct
import threading
import time

PORT, PACKETS_A_SECOND, SIZE = 554, 12, 900
SDP = ("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=EXAMPLE\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
       "a=control:track1\r\n")


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


def digest(pair, realm, nonce, method, uri):
    return md5(f"{md5(f'{pair[0]}:{realm}:{pair[1]}')}:{nonce}:{md5(f'{method}:{uri}')}")


def read_message(stream):
    """First line, headers, body; None at the end."""
    line = stream.readline(4096)
    if not line:
        return None
    headers = {}
    while (field := stream.readline(4096).strip()):
        name, _, value = field.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    return line.decode("latin-1").strip(), headers, stream.read(int(headers.get("content-length", 0)))


class Server:
    """One camera's; `pair` is the name and password that it takes."""

    def __init__(self, realm, pair):
        self.realm, self.pair = realm, pair

    def serve(self):
        with socket.create_server(("", PORT), backlog=8) as door:
            while True:
                caller, _ = door.accept()
                threading.Thread(target=self.attend, args=(caller,), daemon=True).start()

    def attend(self, caller):
        nonce, playing = os.urandom(16).hex(), threading.Event()
        try:
            with caller, caller.makefile("rb") as stream:
                while (message := read_message(stream)) is not None:
                    self.answer(caller, nonce, playing, *message[:2])
        except (OSError, ValueError):
            pass  # the caller went away, or spoke something else
        playing.set()

    def answer(self, caller, nonce, stop, line, headers):
        method, uri, _ = line.split(" ", 2)
        more, body, status = [], "", "200 OK"
        if method == "OPTIONS":
            more = ["Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN"]
        elif not self.knows(headers.get("authorization", ""), nonce, method, uri):
            status, more = "401 Unauthorized", [f'WWW-Authenticate: Digest realm="{self.realm}", nonce="{nonce}"']
        elif method == "DESCRIBE":
            more, body = ["Content-Type: application/sdp"], SDP
        elif method == "SETUP":
            more = ["Transport: RTP/AVP/TCP;unicast;interleaved=0-1", "Session: 47114711"]
        lines = [f"RTSP/1.0 {status}", f"CSeq: {headers.get('cseq', '0')}", *more]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        caller.sendall(("\r\n".join(lines) + "\r\n\r\n" + body).encode())
        if method == "PLAY" and status == "200 OK":
            threading.Thread(target=self.play, args=(caller, stop), daemon=True).start()

    def knows(self, given, nonce, method, uri):
        parts = dict(re.findall(r'(\w+)="([^"]*)"', given))
        return (parts.get("username") == self.pair[0]
                and parts.get("response") == digest(self.pair, self.realm, nonce, method, uri))

    def play(self, caller, stop):
        number, ssrc = 1, os.urandom(4)
        while not stop.wait(1 / PACKETS_A_SECOND):
            head = struct.pack("!BBHI", 0x80, 96, number & 0xFFFF, number * 90000 // PACKETS_A_SECOND) + ssrc
            packet = head + b"\x7c\x41" + os.urandom(SIZE)
            try:
                caller.sendall(struct.pack("!cBH", b"$", 0, len(packet)) + packet)
            except OSError:
                return
            number += 1


class Player:
    """A recorder's: logs in once and takes pictures until it is told to stop."""

    def __init__(self, address, pair):
        self.address, self.pair = address, pair
        self.uri = f"rtsp://{f'[{address}]' if ':' in address else address}:{PORT}/stream1"
        self.packets, self.logged_in = 0, 0.0

    def ask(self, caller, stream, method, number, login):
        lines = [f"{method} {self.uri} RTSP/1.0", f"CSeq: {number}", "User-Agent: recorder"]
        if login:
            realm, nonce = login
            lines.append(f'Authorization: Digest username="{self.pair[0]}", realm="{realm}", nonce="{nonce}", '
                         f'uri="{self.uri}", response="{digest(self.pair, realm, nonce, method, self.uri)}"')
        if method == "SETUP":
            lines.append("Transport: RTP/AVP/TCP;unicast;interleaved=0-1")
        caller.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        answer = read_message(stream)
        if answer is None:
            raise OSError("the camera hung up")
        return answer

    def run(self, stop):
        """To the end, or until the camera is gone."""
        try:
            self.record(stop)
        except OSError:
            pass  # how many pictures came says enough

    def open(self, caller, stream):
        """As far as the pictures; False when the camera refuses."""
        self.ask(caller, stream, "OPTIONS", 1, None)
        _, headers, _ = self.ask(caller, stream, "DESCRIBE", 2, None)
        asked = re.search(r'realm="([^"]*)", nonce="([^"]*)"', headers.get("www-authenticate", ""))
        if asked is None:
            return False
        status, _, _ = self.ask(caller, stream, "DESCRIBE", 3, asked.groups())
        if " 200 " not in status:
            return False
        self.logged_in = time.time()
        self.ask(caller, stream, "SETUP", 4, asked.groups())
        self.ask(caller, stream, "PLAY", 5, asked.groups())
        return True

    def take(self, stream):
        """One packet; False when there are no more."""
        head = stream.read(4)
        if len(head) < 4:
            return False
        stream.read(struct.unpack("!H", head[2:])[0])
        self.packets += 1
        return True

    def record(self, stop):
        with socket.create_connection((self.address, PORT), timeout=5) as caller, caller.makefile("rb") as stream:
            if self.open(caller, stream):
                while not stop.is_set() and self.take(stream):
                    pass

    def look(self, packets):
        """A few packets and away. Was it let in? Then pictures must come."""
        with socket.create_connection((self.address, PORT), timeout=5) as caller, caller.makefile("rb") as stream:
            if not self.open(caller, stream):
                return False
            while self.packets < packets:
                if not self.take(stream):
                    raise OSError("the camera sent no picture")
        return True
