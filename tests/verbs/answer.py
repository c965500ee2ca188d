#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Answers one question at a control socket, as the service of `cordon watch` does, or as somebody else would.

    answer.py SOCKET MODE

MODE is good, slow, empty, strange, none, refused, junk, endless or hangs. Prints what was asked.
"""
import json
import socket
import sys
import time

GOOD = {
    "ok": True, "version": "0.1.0", "knowledge": "0123456789abcdef", "life": "00000000000000ff",
    "since": "2016-10-21T11:04:31.500000000Z", "up_seconds": 11145, "state": "runs", "heard_ms_ago": 500,
    "interfaces": [
        {"name": "br-lan", "packets": 4118220, "bytes": 1234567890, "dropped": 12, "gone": 0,
         "last": "2016-10-21T14:10:16.000000000Z"},
        {"name": "eth1", "packets": 1, "bytes": 60, "dropped": 0, "gone": 1, "last": "2016-10-21T14:10:16.000000000Z"},
    ],
    "rounds": 1234, "now": "2016-10-21T14:10:16.000000000Z", "judge_us": 8000,
    "devices": {"clear": 7, "exposed": 1, "suspect": 0, "infected": 1},
    "strangers": {"clear": 0, "exposed": 0, "suspect": 0, "infected": 3},
    "attacks_open": 1,
    "store": {"directory": "/var/lib/cordon", "state": "works", "rounds_kept": 1232, "rounds_failed": 2, "rows_dropped": 0},
    "events": {"file": "/var/log/cordon/eve.json", "state": "failing", "why": "the disk is full", "written": 12, "dropped": 7,
               "waiting_bytes": 0},
    "packets_restarts": 1, "messages_refused": 0, "held_back": 3,
    "tables": [{"name": "hosts", "entries": 1000, "used": 123}, {"name": "flows", "entries": 1000, "used": 456}],
    "unseen": {"refused_hosts": 0},
}
# Nothing has the type that it should have, and texts would command a terminal.
STRANGE = {
    "ok": True, "version": "\x1b[31m1\n2", "since": 7, "up_seconds": -1, "interfaces": [[], 5, {"name": "\x1b]0;x\x07", "packets": "many"}],
    "rounds": None, "devices": [1], "strangers": "x", "attacks_open": 1e300,
    "store": {"state": "\x1b[2J", "why": "\u202e"}, "events": {}, "tables": {"x": 1}, "packets_restarts": True, "heard_ms_ago": 99999,
}


def serve(client, mode):
    if mode == "none":
        client.recv(4096)
    elif mode == "hangs":
        time.sleep(30)
    elif mode == "endless":
        while True:
            client.sendall(b"x" * 65536)
    else:
        print(client.recv(4096).decode().rstrip("\n"), flush=True)
        lines = {"empty": {"ok": True}, "strange": STRANGE, "refused": {"ok": False, "error": "no"}, "junk": [1]}
        line = (json.dumps(lines.get(mode, GOOD)) + "\n").encode()
        for piece in ([line[i:i + 1] for i in range(len(line))] if mode == "slow" else [line]):
            client.sendall(piece)


def main():
    path, mode = sys.argv[1:]
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(1)
        client, _ = listener.accept()
        with client:
            try:
                serve(client, mode)
            except OSError:
                pass


main()
