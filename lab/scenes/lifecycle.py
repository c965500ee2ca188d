# SPDX-License-Identifier: MIT
"""Whole infections, each from four places: the house's LAN, the Internet side of its router, a provider's link, the one
that is attacked.

From the LAN everything shows. On the Internet side everything shows too, under the router's address: what a device
asks its router for does not. The provider sees the same without a customer's MAC. The victim sees the flood alone.
"""

import dataclasses

import lifecycle
import talk
import wire
from house import House, site
from network import Host, Network, public_address

from scenes import register
from scenes.vantage import PROVIDER_MAC, WAN_MAC, crosses, outside

CORE_MAC = wire.mac("02:00:5e:00:53:f2")
STRANGERS = (lifecycle.INTRUDER, lifecycle.LOADER, lifecycle.COMMAND, lifecycle.REPORTS)


def lived(stage, family):
    """A house whose camera was taken over, and the others in it, whose visits show that answers come in."""
    house = House(stage.rng)
    at = house.settle() + 1
    for i in range(6):
        talk.tcp(house, at + i * 25, house.laptop.v4, public_address(stage.rng), 443, talk.page(stage.rng, 400, 6000))
    life = lifecycle.LIVES[family](house, at + 5)
    life.live()
    house.background(at, life.at - at, every=5)
    return house, life


def accuse(net, who, life, frame_of=lambda frame: frame):
    """The device, with every stage in its order and what must be cited; strangers may be accused of their part."""
    stages = [stage + "?" if stage in life.maybe else stage for stage in life.stages]
    net.accuse(who, "infected", stages, [life.family + ("" if life.sure_family else "?")])
    signs = [sign.label() for sign in life.signs]
    for sign in signs:
        sign["packets"] = [frame_of(frame) for frame in sign["packets"]]
        sign["from"] = frame_of(sign["from"]) or sign["packets"][0]  # what stays in the house is not seen outside
    net.tell(who, evidence=signs)
    net.attack(life.vector, lifecycle.VICTIM, "outbound", port=life.port if life.vector == "udp" else 80,
               devices=[who], packets=life.packets)
    net.perhaps(*STRANGERS, *lifecycle.NODES)


def from_lan(stage, family):
    house, life = lived(stage, family)
    stage.use(house)
    accuse(house, house.camera, life)
    return life


def passed_on(stage, house):
    """What crosses the router, by the frame on the LAN; the network on the other side of it."""
    seen = {id(f): outside(house, f, public=lifecycle.PUBLIC) for f in house.frames if crosses(house, f)}
    return seen, stage.use(Network(stage.rng, PROVIDER_MAC, resolves=False))


def from_wan(stage, family, *, asks=True):
    """The router asks for the provider's by ARP, as it does on Ethernet every few minutes; over PPP it does not."""
    house, life = lived(stage, family)
    seen, wan = passed_on(stage, house)
    router = wan.add(Host("router", WAN_MAC, [lifecycle.PUBLIC], two_way=True, unicast=True, used={lifecycle.PUBLIC}))
    other = Host("provider", PROVIDER_MAC, [wire.ip("192.0.2.1")])  # none of ours
    for i in range(4 if asks else 0):
        wan.arp(0.5 + i * 55, router, router.v4, other.v4, other)
    stage.frames, stage.place = wan.frames + list(seen.values()), "wan"
    accuse(wan, router, life, lambda frame: seen.get(id(frame)))
    return life


def from_provider(stage, family):
    """Twelve customers behind one access router, on the provider's side of it."""
    house, life = lived(stage, family)
    seen, net = passed_on(stage, house)
    stage.place, stage.args = "upstream", ["--local", "192.0.2.0/24"]
    own = lifecycle.PUBLIC
    customers = [net.add(Host(f"customer-{n}", None, [wire.ip(f"192.0.2.{n}")], relay=WAN_MAC, hops=2))
                 for n in range(60, 72)]
    taken = next(host for host in customers if host.v4 == own)
    for turn in range(6):
        for i, host in enumerate(customers):
            talk.tcp(net, turn * 20 + i * 1.3, host.v4, public_address(stage.rng), 443, talk.page(stage.rng, 300, 3000))
    for frame in net.frames:
        frame.src, frame.dst = (WAN_MAC, CORE_MAC) if frame.from_host else (CORE_MAC, WAN_MAC)
    for key, frame in seen.items():
        macs = (WAN_MAC, CORE_MAC) if frame.from_host else (CORE_MAC, WAN_MAC)
        seen[key] = dataclasses.replace(frame, src=macs[0], dst=macs[1])
    stage.frames = net.frames + list(seen.values())
    taken.used.add(own)
    net.router_mac = CORE_MAC
    accuse(net, taken, life, lambda frame: seen.get(id(frame)))
    return life


def from_victim(stage, family):
    """A server with its customers, and one of those who flood it. Customers' SYNs count as the flood's."""
    house, life = lived(stage, family)
    net = stage.use(site(stage.rng, server=[wire.ip_text(lifecycle.VICTIM)]))
    stage.place, stage.args = "victim", ["--local", "198.51.100.0/24"]
    for frame in house.frames:
        if crosses(house, frame) and lifecycle.VICTIM in (frame.body[12:16], frame.body[16:20]):
            there = outside(house, frame, public=lifecycle.PUBLIC)
            net.send_packet(there.at / 1e9, there.body[12:16], there.body[16:20], there.body)
    start = net.frames[0].at / 1e9
    for i in range(12):
        talk.tcp(net, start - 3 + i * 0.8, public_address(stage.rng), lifecycle.VICTIM, 443,
                 talk.page(stage.rng, 300, 4000))
    net.attack(life.vector, lifecycle.VICTIM, "inbound", port=life.port if life.vector == "udp" else 80,
               packets=f"~{life.packets}", sources=">=1")
    net.perhaps(lifecycle.PUBLIC)
    return life


PLACES = {"lan": (from_lan, "on its LAN"), "wan": (from_wan, "on the Internet side of its router"),
          "provider": (from_provider, "at the provider"), "victim": (from_victim, "where the flood arrives")}


def play(function, family, **how):
    def run(stage):
        stage.life = function(stage, family, **how)

    return run


for family_name in lifecycle.LIVES:
    for place_name, (function, words) in PLACES.items():
        register(f"lifecycle-{family_name}-{place_name}", play(function, family_name),
                 f"A camera's whole infection with {family_name}, seen {words}.")

register("lifecycle-mirai-wan-ppp", play(from_wan, "mirai", asks=False),
         "A camera's whole infection with Mirai, seen on the Internet side of a router that nothing says the address of.")
