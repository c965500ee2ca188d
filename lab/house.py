# SPDX-License-Identifier: MIT
"""A small household, captured on its gateway's LAN side: gateway, camera, recorder, phone, laptop."""

import talk
import wire
from network import Host, Network

PREFIX6 = wire.ip("2001:db8:51:0::")
WEB = wire.ip("203.0.113.80")
WEB6 = wire.ip("2001:db8:80::80")
CLOUD = wire.ip("198.51.100.44")
CLOUD6 = wire.ip("2001:db8:44::44")


def lan_mac(number):
    return bytes.fromhex("02005e0053") + bytes([number])


class House(Network):
    """`net` is the first three bytes of the LAN (as text); `v6` gives every host a global IPv6 address as well."""

    def __init__(self, rng, *, net="192.168.1.", v6=False, quiet_gateway=False, only=None):
        super().__init__(rng, lan_mac(1), resolves=not quiet_gateway)
        self.net = net
        self.v6 = v6
        if not quiet_gateway:
            self.gateway = self.add(Host("gateway", lan_mac(1), [self.lan(1)]))
            if v6:
                self.give(self.gateway, wire.ip("fe80::1"))
        numbers = {"camera": 20, "recorder": 21, "phone": 30, "laptop": 40}
        for name in only or numbers:
            setattr(self, name, self.host(name, numbers[name]))

    def lan(self, number):
        return wire.ip(self.net + str(number))

    def lan6(self, number):
        return PREFIX6[:-1] + bytes([number])

    def host(self, name, number):
        host = Host(name, lan_mac(number), [self.lan(number)])
        if self.v6:
            host.addresses.append(self.lan6(number))
        return self.add(host)

    def members(self):
        """Who lives here with an address and a MAC of its own, the gateway apart."""
        return [h for h in self.hosts if h is not self.gateway and h.relay is None and h.addresses]

    def settle(self, at=0.0):
        """Everybody arrives: router advertisement, leases, names, a first connection each; a look at the gateway."""
        if self.v6:
            self.advertise(at + 0.05)
        members = self.members()
        for index, host in enumerate(members):
            talk.dhcp(self, at + 0.1 + index * 0.15, host, self.gateway, host.v4, name=host.name)
        for index, host in enumerate(members):
            self.browse(at + 1.2 + index * 0.4, host)
        visitor = members[-1].v4
        page = [("c", b"GET / HTTP/1.1\r\nHost: router\r\n\r\n"), ("s", b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 600)]
        talk.tcp(self, at + 1.0, visitor, self.gateway.v4, 80, page, rtt=0.002)
        if self.v6:
            talk.tcp(self, at + 1.1, members[-1].v6, members[0].v6, 80, page, rtt=0.002)
        return at + 1.4 + len(members) * 0.4

    def advertise(self, at):
        source = wire.ip("fe80::1")
        dst, body = wire.router_advertisement(source, self.gateway.mac, PREFIX6)
        self.send(at, source, dst, wire.ICMPV6, body, ttl=255)

    def browse(self, at, host, *, size=4000):
        """A name looked up at the gateway and a TLS-like connection to it; by IPv6 too where there is some."""
        talk.lookup(self, at, host.v4, self.gateway.v4, "cloud.example.com", CLOUD)
        page = talk.page(self.rng, 507, size)
        end = talk.tcp(self, at + 0.03, host.v4, CLOUD, 443, page)
        if self.v6:
            talk.lookup(self, at + 0.1, host.v4, self.gateway.v4, "www.example.com", WEB6)
            end = talk.tcp(self, at + 0.13, host.v6, WEB6, 443, page)
        return end

    def background(self, at, seconds, *, every=10.0):
        """Ordinary life for a while: each host looks something up and fetches it now and then."""
        members, turn = self.members(), 0
        while turn * every < seconds:
            self.browse(at + turn * every + self.rng.random(), members[turn % len(members)], size=2000)
            turn += 1
        return at + seconds


def site(rng, *, server, router="02:00:5e:00:53:fe", resolves=False):
    """One public server and its provider's router: the capture of somebody who is attacked."""
    net = Network(rng, wire.mac(router), resolves=resolves)
    addresses = [wire.ip(a) for a in server]
    net.server = net.add(Host("server", lan_mac(10), addresses))
    return net
