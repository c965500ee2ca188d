# SPDX-License-Identifier: MIT
"""A camera that calls its recorder and sends its pictures there: RTSP's ANNOUNCE and RECORD (RFC 2326, sections 10.3
and 10.11), interleaved RTP (RFC 3550) after it. It hangs up and calls again every few seconds, as those do that upload
files: a call that was there before says little about whether it may call.
"""

import os
import socket
import struct
import threading
import time

from rtsp import PACKETS_A_SECOND, PORT, SDP, SIZE, read_message

CALL_SECONDS = 4
LOST = 1.0  # seconds without a packet


class Store:
    """The recorder's side: takes what comes, and knows the longest silence."""

    def __init__(self):
        self.packets, self.last, self.longest, self.calls = 0, None, 0.0, 0
        self.lock = threading.Lock()

    def run(self, stop):
        with socket.create_server(("", PORT), backlog=8) as door:
            door.settimeout(0.5)
            while not stop.is_set():
                try:
                    caller, _ = door.accept()
                except TimeoutError:
                    continue
                threading.Thread(target=self.attend, args=(caller,), daemon=True).start()

    def attend(self, caller):
        try:
            with caller, caller.makefile("rb") as stream:
                while (message := read_message(stream)) is not None:
                    line, headers, _ = message
                    number = headers.get("cseq", "0")
                    caller.sendall(f"RTSP/1.0 200 OK\r\nCSeq: {number}\r\nSession: 47114712\r\n\r\n".encode())
                    if line.startswith("RECORD "):
                        self.calls += 1
                        self.take(stream)
                        return
        except (OSError, ValueError):
            pass  # the longest silence says enough

    def take(self, stream):
        while len(head := stream.read(4)) == 4:
            stream.read(struct.unpack("!H", head[2:])[0])
            self.note(time.monotonic())

    def note(self, now):
        with self.lock:
            if self.last is not None:
                self.longest = max(self.longest, now - self.last)
            self.last = now
            self.packets += 1

    def silence(self):
        """The longest one so far, with the one that may go on."""
        with self.lock:
            return float("inf") if self.last is None else max(self.longest, time.monotonic() - self.last)


class Camera:
    """The camera's side."""

    def __init__(self, address):
        self.address = address
        self.number, self.ssrc = 1, os.urandom(4)

    def run(self, stop):
        while not stop.is_set():
            try:
                self.call(stop)
            except OSError:
                stop.wait(0.2)  # it tries again at once, as cameras do

    def call(self, stop):
        uri = f"rtsp://{self.address}:{PORT}/record/1"
        with socket.create_connection((self.address, PORT), timeout=2) as caller, caller.makefile("rb") as stream:
            for number, method in enumerate(("ANNOUNCE", "SETUP", "RECORD"), 1):
                lines = [f"{method} {uri} RTSP/1.0", f"CSeq: {number}"]
                body = SDP if method == "ANNOUNCE" else ""
                if body:
                    lines += ["Content-Type: application/sdp", f"Content-Length: {len(body)}"]
                if method == "SETUP":
                    lines.append("Transport: RTP/AVP/TCP;unicast;interleaved=0-1;mode=record")
                caller.sendall(("\r\n".join(lines) + "\r\n\r\n" + body).encode())
                if read_message(stream) is None:
                    raise OSError("the recorder hung up")
            self.send(caller, stop)

    def send(self, caller, stop):
        until = time.monotonic() + CALL_SECONDS
        while time.monotonic() < until and not stop.wait(1 / PACKETS_A_SECOND):
            stamp = self.number * 90000 // PACKETS_A_SECOND & 0xFFFFFFFF
            head = struct.pack("!BBHI", 0x80, 96, self.number & 0xFFFF, stamp) + self.ssrc
            packet = head + b"\x7c\x41" + os.urandom(SIZE)
            caller.sendall(struct.pack("!cBH", b"$", 0, len(packet)) + packet)
            self.number += 1
