# SPDX-License-Identifier: MIT
"""Brings a talk of lab/apps into a network, whole or damaged. Damage happens to what is captured, not to the two ends:
each of them got everything.

Each way gives the frames of the try and of the answer by their role, as far as they were captured, so that a label can
say in which packet something was seen.
"""

import talk
import wire

GAP = 0.01
RTT = 0.004


def open_connection(net, at, ends, port):
    connection = talk.Tcp(net, *ends, port, rtt=RTT)
    return connection, connection.open(at)


def acknowledge(connection, at, side):
    connection.segment(at, 1 - side, wire.ACK)
    return at + GAP


def datagrams(net, at, ends, what, *, upto=None, lost=None, copies=1):
    """The whole talk over UDP."""
    ports, frames = (net.rng.randrange(32768, 60999), what.port), {}
    for line in what.lines:
        for copy in range(copies):
            side = line.side
            frame = talk.udp(net, at + copy * 0.002, ends[side], ends[1 - side], ports[side], ports[1 - side],
                             line.data)
            frames.setdefault(line.role, frame)
            if lost is not None and line.role == lost:
                net.frames.remove(frame)
        at += GAP
        if upto is not None and line.role == upto:
            break
    return at, frames


def whole(net, at, ends, what, *, upto=None, lost=None):
    """The talk in order; up to a line (the capture ends there), or with a line's first segment never captured."""
    if what.udp:
        return datagrams(net, at, ends, what, upto=upto, lost=lost)
    connection, at = open_connection(net, at, ends, what.port)
    frames = {}
    for line in what.lines:
        before = len(net.frames)
        at = connection.say(at + GAP, line.side, line.data)
        frames[line.role] = net.frames[before]
        if upto is not None and line.role == upto:
            return at, frames
        if lost is not None and line.role == lost:
            net.frames.remove(frames.pop(line.role))
    return connection.close(at + GAP), frames


def thirds(data):
    """(where it begins, piece) for each of a line's three."""
    size = max(1, len(data) // 3)
    return [(start, data[start : end]) for start, end in ((0, size), (size, 2 * size), (2 * size, len(data)))
            if data[start : end]]


def joined(net, at, ends, what):
    """The capture begins with the try: neither how the connection was opened nor what was said before was seen."""
    before = len(net.frames)
    connection, at = open_connection(net, at, ends, what.port)
    for line in what.lines:
        if line.role == "try":
            net.frames[before:] = [f for f in net.frames[before:] if f.kind == wire.TYPE_ARP]
        at = connection.say(at + GAP, line.side, line.data)
    return connection.close(at + GAP), {}


def disordered(net, at, ends, what):
    """Every line in three segments: the second first, the last one twice, the first once more at the end."""
    if what.udp:
        return datagrams(net, at, ends, what, copies=2)
    connection, at = open_connection(net, at, ends, what.port)
    for line in what.lines:
        pieces = thirds(line.data)
        order = [pieces[i] for i in (1, 0, 2, 2, 0) if i < len(pieces)]
        for number, (start, piece) in enumerate(order):
            connection.segment(at + number * 0.0003, line.side, wire.ACK | wire.PSH, piece, ahead=start)
        connection.next[line.side] += len(line.data)
        at = acknowledge(connection, at + 0.002, line.side)
    return connection.close(at + GAP), {}


def contradicted(net, at, ends, what, lies, role="try"):
    """
    The lines of `lies` come as second copies of those of `what` wherever they differ: while the first copy still waits
    for what is missing before it, and once more when it does not. The first copy counts, as it does at nearly every
    receiver (RFC 9293 leaves it open).
    """
    connection, at = open_connection(net, at, ends, what.port)
    flags = wire.ACK | wire.PSH
    for line, lie in zip(what.lines, lies.lines, strict=True):
        assert len(line.data) == len(lie.data)
        if line.role == role:
            connection.segment(at, line.side, flags, line.data[1:], ahead=1)
            connection.segment(at + 0.0002, line.side, flags, lie.data[1:], ahead=1)
            connection.segment(at + 0.0004, line.side, flags, line.data[:1])
            connection.segment(at + 0.0006, line.side, flags, lie.data)
        else:
            connection.segment(at, line.side, flags, line.data)
        connection.next[line.side] += len(line.data)
        at = acknowledge(connection, at + 0.002, line.side)
    return connection.close(at + GAP), {}
