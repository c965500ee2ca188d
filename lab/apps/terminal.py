# SPDX-License-Identifier: MIT
"""Line protocols with the password in clear: telnet (RFC 854), FTP (RFC 959)."""

from apps import Talk, client, server

IAC, DONT, DO, WONT, WILL = 255, 254, 253, 252, 251
ECHO, SUPPRESS, TERMINAL, WINDOW = 1, 3, 24, 31

ASKS = bytes([IAC, DO, ECHO, IAC, DO, WINDOW, IAC, WILL, ECHO, IAC, WILL, SUPPRESS])
AGREES = bytes([IAC, WONT, ECHO, IAC, WONT, WINDOW, IAC, DO, ECHO, IAC, DO, SUPPRESS])
SHELL = (b"\r\n\r\nBusyBox v1.16.1 (2014-03-04 16:00:18 CST) built-in shell (ash)\r\n"
         b"Enter 'help' for a list of built-in commands.\r\n\r\n~ # ")


def telnet_opening(name="camera"):
    """The server negotiates and asks for a name; nobody answers."""
    return Talk("telnet/23", 23, [server(ASKS), client(AGREES), server(f"\r\n{name} login: ".encode())])


def telnet(user, password, good=True, *, name="camera"):
    prompt = f"{name} login: ".encode()
    answer = SHELL if good else b"\r\nLogin incorrect\r\n" + prompt
    return Talk("telnet/23", 23, [
        server(ASKS), client(AGREES), server(b"\r\n" + prompt),
        client(user.encode() + b"\r\n"), server(user.encode() + b"\r\n"), server(b"Password: "),
        client(password.encode() + b"\r\n", "try"), server(answer, "answer"),
    ])


def ftp(user, password, good=True):
    answer = b"230 User logged in, proceed.\r\n" if good else b"530 Login incorrect.\r\n"
    return Talk("ftp/21", 21, [
        server(b"220 FTP server ready.\r\n"),
        client(f"USER {user}\r\n".encode()), server(b"331 Password required.\r\n"),
        client(f"PASS {password}\r\n".encode(), "try"), server(answer, "answer"),
        client(b"QUIT\r\n"), server(b"221 Goodbye.\r\n"),
    ])
