# SPDX-License-Identifier: MIT
"""What applications say to each other, as lines of bytes: no addresses of frames, no time, no TCP.

A talk is what two ends say in order, with the two lines marked that a login hangs on: the try, which holds the
password, and the answer, which shows what became of it. Hashes are made as the device's client makes them, from the
published descriptions of each protocol.
"""

import dataclasses

CLIENT, SERVER = 0, 1


@dataclasses.dataclass(frozen=True)
class Line:
    side: int
    data: bytes
    role: str = ""  # "try" or "answer"


@dataclasses.dataclass(frozen=True)
class Talk:
    service: str  # as a report names it
    port: int
    lines: list
    udp: bool = False


def client(data, role=""):
    return Line(CLIENT, data, role)


def server(data, role=""):
    return Line(SERVER, data, role)
