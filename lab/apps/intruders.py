# SPDX-License-Identifier: MIT
"""What is said while a device is taken over and when it serves somebody else, as lines of bytes.

Shapes to be recognized and nothing else: where a command or a program would stand there is the word EXAMPLE, a
program's body is its magic and zeros, nothing is made executable or run. The forms are those of the published analyses:
a loader's words at a telnet prompt, Mirai's check-in and orders, the text of Gafgyt's servers, Mozi's marks in the
distributed hash table of BitTorrent (BEP 5).
"""

import struct

from apps import client, server, terminal
from apps.web import http_answer, message

PROMPT = b"~ # "
ELF = b"\x7fELF" + bytes(6000)
WORDS = ("enable", "system", "shell", "sh")
NEWLINE, NUL_NEWLINE = b"\r\n", b"\0\r\n"  # bots end what they type with a zero, loaders and people do not
IAC, SB, SE = 255, 250, 240
WINDOW_80_24 = bytes([IAC, SB, terminal.WINDOW, 0, 80, 0, 24, IAC, SE])
BOT_AGREES = (bytes([IAC, terminal.WONT, terminal.ECHO, IAC, terminal.WILL, terminal.WINDOW]) + WINDOW_80_24
              + bytes([IAC, terminal.DO, terminal.ECHO, IAC, terminal.DO, terminal.SUPPRESS]))


# At a telnet prompt


def logins(pairs, *, accepted=True, name="camera"):
    """One connection: pairs in turn, the last one accepted or not. Roles try and answer are the last one's."""
    prompt = f"{name} login: ".encode()
    lines = [server(terminal.ASKS), client(BOT_AGREES), server(b"\r\n" + prompt)]
    for number, (user, password) in enumerate(pairs, 1):
        last = number == len(pairs)
        answer = terminal.SHELL if last and accepted else b"\r\nLogin incorrect\r\n" + prompt
        lines += [client(user.encode() + NEWLINE), server(user.encode() + NEWLINE), server(b"Password: "),
                  client(password.encode() + NEWLINE, "try" if last else ""), server(answer, "answer" if last else "")]
    return lines


def typed(command, answer=b"", *, end=NEWLINE, role=""):
    """A line at the prompt, which the device echoes before it answers."""
    return [client(command.encode() + end, role + "-typed" if role else ""),
            server(command.encode() + NEWLINE + answer + PROMPT, role)]


def loader_words(token, *, end=NEWLINE):
    """The way out of a restricted shell, and the word that busybox does not have: proof of a shell."""
    lines = []
    for word in WORDS:
        lines += typed(word, b"" if word == "sh" else f"{word}: not found\r\n".encode(), end=end)
    return lines + typed(f"/bin/busybox {token}", f"{token}: applet not found\r\n".encode(), end=end, role="proof")


def dropper(line):
    return typed(f"/bin/busybox {line}", role="dropper")


# Programs on their way


def fetched(host, path, agent):
    """Over HTTP, from an address without a name."""
    ask = message(f"GET {path} HTTP/1.1", [("Host", host), ("User-Agent", agent), ("Connection", "close")])
    return [client(ask, "ask"), server(http_answer("200 OK", body=ELF, kind="application/octet-stream"), "program")]


def tftp_ask(name):
    return struct.pack("!H", 1) + name.encode() + b"\0octet\0"


def tftp_blocks(body):
    """Data blocks with the acknowledgement of each (RFC 1350)."""
    pieces = [body[i : i + 512] for i in range(0, len(body) + 1, 512)]
    for number, piece in enumerate(pieces, 1):
        yield struct.pack("!HH", 3, number) + piece, struct.pack("!HH", 4, number)


# Mirai


def mirai_name(text):
    return bytes([len(text)]) + text.encode()


MIRAI_HELLO, MIRAI_ALIVE = b"\0\0\0\1", b"\0\0"


def mirai_order(seconds, vector, target, port):
    """One target and one option, its port (key 7)."""
    option = b"\x07" + bytes([len(str(port))]) + str(port).encode()
    body = struct.pack("!IBB4sBB", seconds, vector, 1, target, 32, 1) + option
    return struct.pack("!H", len(body) + 2) + body


def mirai_report(target, port, pair):
    """A device that was logged in to."""
    names = b"".join(mirai_name(text) for text in pair)
    return b"\0" + target + struct.pack("!H", port) + names


# Mozi and the hash table


def mozi_id(rng):
    return b"88888888" + rng.randbytes(12)


def find_node(rng, node):
    return (b"d1:ad2:id20:" + node + b"6:target20:" + rng.randbytes(20) + b"e1:q9:find_node1:t4:" + rng.randbytes(4)
            + b"1:v4:JBls1:y1:qe")


def found_node(rng, node, *, version=b"LT\x01\x02"):
    return (b"d1:rd2:id20:" + node + b"5:nodes26:" + rng.randbytes(20) + bytes([198, 51, 100, 60, 0x1A, 0xE1])
            + b"e1:t4:" + rng.randbytes(4) + b"1:v4:" + version + b"1:y1:re")


# The beginnings of requests that devices with known holes carry out, as constants: (port, request)

HOST = ("Host", "192.0.2.1")
JAWS = 80, message("GET /shell?EXAMPLE HTTP/1.1", [HOST])
VACRON = 80, message("GET /board.cgi?cmd=EXAMPLE HTTP/1.1", [HOST])
AVTECH = 80, message("GET /cgi-bin/supervisor/CloudSetup.cgi?exefile=EXAMPLE HTTP/1.1", [HOST])
GPON = 8080, message("POST /GponForm/diag_Form?images/ HTTP/1.1", [HOST], b"XWebPageName=diag&EXAMPLE")

REFUSED = http_answer("404 Not Found")
CARRIED_OUT = http_answer("200 OK", body=b"EXAMPLE", kind="text/plain")
