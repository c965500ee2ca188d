# SPDX-License-Identifier: MIT
"""Small things and what they ask of routers: MQTT (OASIS, 3.1.1), SNMP (RFC 1901, 3416), UPnP's port mappings, PCP
(RFC 6887)."""

import ipaddress
import struct

from apps import Talk, client, server
from apps.web import envelope, http_answer, message


def mqtt_text(value):
    return struct.pack("!H", len(value)) + value.encode()


def mqtt(user, password, good=True):
    body = mqtt_text("MQTT") + bytes([4, 0xC2, 0, 60]) + mqtt_text("lab") + mqtt_text(user) + mqtt_text(password)
    return Talk("mqtt/1883", 1883, [client(bytes([0x10, len(body)]) + body, "try"),
                                    server(bytes([0x20, 2, 0, 0 if good else 5]), "answer")])


def ber(tag, *parts):
    body = b"".join(parts)
    return bytes([tag, len(body)]) + body


def snmp_message(community, kind, value):
    name = bytes([0x06, 8, 0x2B, 6, 1, 2, 1, 1, 1, 0])  # sysDescr.0
    pdu = ber(kind, ber(2, b"\x47\x11"), ber(2, b"\0"), ber(2, b"\0"), ber(0x30, ber(0x30, name, value)))
    return ber(0x30, ber(2, b"\1"), ber(4, community.encode()), pdu)


def snmp(_user, community, good=True):
    """A community is a password without a name; to a wrong one there is no answer at all."""
    lines = [client(snmp_message(community, 0xA0, b"\x05\0"), "try")]
    if good:
        lines.append(server(snmp_message(community, 0xA2, ber(4, b"EXAMPLE")), "answer"))
    return Talk("snmp/161", 161, lines, udp=True)


SERVICE = "urn:schemas-upnp-org:service:WANIPConnection:1"


def port_mapping(outside, inside_host, inside, good=True):
    """A device asks its router by UPnP to let strangers in."""
    asked = {"NewRemoteHost": "", "NewExternalPort": outside, "NewProtocol": "TCP", "NewInternalPort": inside,
             "NewInternalClient": inside_host, "NewEnabled": 1, "NewPortMappingDescription": "EXAMPLE",
             "NewLeaseDuration": 0}
    elements = "".join(f"<{name}>{value}</{name}>" for name, value in asked.items())
    call = message("POST /ctl/IPConn HTTP/1.1",
                   [("Host", "192.168.1.1:49152"), ("Content-Type", 'text/xml; charset="utf-8"'),
                    ("SOAPAction", f'"{SERVICE}#AddPortMapping"')],
                   envelope(f'<u:AddPortMapping xmlns:u="{SERVICE}">{elements}</u:AddPortMapping>'))
    answer = http_answer("200 OK", kind="text/xml", body=envelope(
        f'<u:AddPortMappingResponse xmlns:u="{SERVICE}"/>'))
    if not good:
        fault = ('<s:Fault><faultcode>s:Client</faultcode><faultstring>UPnPError</faultstring><detail><UPnPError '
                 'xmlns="urn:schemas-upnp-org:control-1-0"><errorCode>718</errorCode></UPnPError></detail></s:Fault>')
        answer = http_answer("500 Internal Server Error", kind="text/xml", body=envelope(fault))
    return Talk("igd", 49152, [client(call), server(answer, "answer")])


def pcp(me, inside, outside, good=True):
    """The same by PCP: a MAP request for TCP and its answer (result 2: not authorized)."""
    address = ipaddress.ip_address("::ffff:" + me).packed
    anywhere = ipaddress.ip_address("::ffff:0.0.0.0").packed
    nonce = bytes(range(12))
    ask = struct.pack("!BBHI", 2, 1, 0, 7200) + address
    ask += nonce + struct.pack("!B3xHH", 6, inside, 0) + anywhere
    answer = struct.pack("!BBBBII12x", 2, 0x81, 0, 0 if good else 2, 7200, 1000)
    answer += nonce + struct.pack("!B3xHH", 6, inside, outside) + ipaddress.ip_address("::ffff:203.0.113.9").packed
    return Talk("pcp", 5351, [client(ask), server(answer, "answer")], udp=True)
