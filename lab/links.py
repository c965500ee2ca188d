# SPDX-License-Identifier: MIT
"""How a frame looks on each kind of link: (link type for the file, function from frame to bytes)."""

import files
import wire

BSSID = wire.mac("02:00:5e:00:53:aa")
OUTGOING, TO_OTHERS = 4, 3


def ethernet(f):
    return wire.ethernet(f.src, f.dst, f.kind, f.body)


def vlan(f):
    return wire.ethernet(f.src, f.dst, *wire.vlan([42], f.kind, f.body))


def qinq(f):
    return wire.ethernet(f.src, f.dst, *wire.vlan([1001, 42], f.kind, f.body))


def pppoe(f):
    return wire.ethernet(f.src, f.dst, *wire.pppoe(0x1234, f.kind, f.body))


def vlan_pppoe(f):
    return wire.ethernet(f.src, f.dst, *wire.vlan([7], *wire.pppoe(0x1234, f.kind, f.body)))


def mpls(f):
    return wire.ethernet(f.src, f.dst, *wire.mpls([16001, 30], f.body))


def sll(f):
    return wire.sll(TO_OTHERS if f.from_host else OUTGOING, f.src, f.kind, f.body)


def sll2(f):
    return wire.sll2(TO_OTHERS if f.from_host else OUTGOING, 2, f.src, f.kind, f.body)


def radiotap(f):
    return wire.radiotap(BSSID, f.src, f.dst, f.kind, f.body, from_station=f.from_host, qos=f.from_host,
                         sequence=f.at // 1000000)


def ppp(f):
    return wire.ppp(f.kind, f.body)


def raw(f):
    return f.body


def null(f):
    return wire.null(f.kind, f.body)


LINKS = {
    "ethernet": (files.ETHERNET, ethernet),
    "vlan": (files.ETHERNET, vlan),
    "qinq": (files.ETHERNET, qinq),
    "pppoe": (files.ETHERNET, pppoe),
    "vlan-pppoe": (files.ETHERNET, vlan_pppoe),
    "mpls": (files.ETHERNET, mpls),
    "sll": (files.SLL, sll),
    "sll2": (files.SLL2, sll2),
    "radiotap": (files.RADIOTAP, radiotap),
    "ppp": (files.PPP, ppp),
    "raw": (files.RAW, raw),
    "null": (files.NULL, null),
}

# Links on which a packet comes without a MAC address: a device is its address there.
WITHOUT_MAC = {"ppp", "raw", "null"}

MADE = "made"  # frames that have their link header on already; the interface says which kind


def maker(name):
    return (lambda f: f.body) if name == MADE else LINKS[name][1]


def number(name, given):
    return given if name == MADE else LINKS[name][0]
