# SPDX-License-Identifier: MIT
"""Cameras and recorders in their makers' own words: Xiongmai's DVRIP, Dahua's 37777 and DHIP, Hikvision's SADP.

Formats and hashes are those that owners' tools describe. Serial numbers are invented and stand where devices put
theirs, so that a report that repeats one is found out.
"""

import hashlib
import json
import struct

from apps import Talk, client, server
from apps.web import get, http_answer, message, rtsp_answer

SERIAL = "LABSERIAL4711"
LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def sofia(password):
    """Xiongmai's hash of a password, and Dahua's first one."""
    m = hashlib.md5(password.encode()).digest()
    return "".join(LETTERS[(m[2 * i] + m[2 * i + 1]) % 62] for i in range(8))


def upper(*parts):
    return hashlib.md5(":".join(parts).encode()).hexdigest().upper()


def text(value):
    return json.dumps(value).encode()


# Xiongmai


def dvrip_frame(number, value=None, *, session=0, sequence=0):
    body = text(value) + b"\n\0" if value is not None else b""
    return struct.pack("<BBHIIBBHI", 0xFF, 0, 0, session, sequence, 0, 0, number, len(body)) + body


def dvrip(user, password, good=True):
    login = {"EncryptType": "MD5", "LoginType": "DVRIP-Web", "PassWord": sofia(password), "UserName": user}
    answer = {"AliveInterval": 20, "ChannelNum": 1, "ExtraChannel": 0, "Ret": 100 if good else 203,
              "SessionID": "0x0000000A"}
    return Talk("dvrip/34567", 34567, [client(dvrip_frame(1000, login), "try"),
                                       server(dvrip_frame(1001, answer, session=10), "answer")])


def xm_announcement(built, version, mac, *, host_name="IPC_0153", device_type="IPC"):
    """The datagram that boards broadcast unasked on UDP 34569."""
    return dvrip_frame(1531, {"Name": "NetWork.NetCommon", "NetWork.NetCommon": {
        "BuildDate": built, "ChannelNum": 1, "DeviceType": device_type, "GateWay": "0x0101A8C0",
        "HostIP": "0x1401A8C0", "HostName": host_name, "HttpPort": 80, "MAC": mac, "OtherFunction": "EXAMPLE",
        "SN": SERIAL, "SSLPort": 8443, "TCPPort": 34567, "UDPPort": 34568, "Version": version}, "Ret": 100})


# Dahua


def binary_frame(kind, form, body=b"", *, result=0, reason=0, session=0, tail=b"\x05\x02\x00\x01\x00\x00\xa1\xaa"):
    head = struct.pack("<BBHI", kind, form, 0, len(body)) + bytes([result, reason]) + bytes(6)
    return head + struct.pack("<II", session, 0) + tail + body


NOTHING = bytes(8)
REALM, RANDOM = f"Login to {SERIAL}", "1477047734"


def dahua(user, password, good=True):
    """TCP 37777: frames A0 and B0. Two hashes over the challenge, one behind the other."""
    second = upper(user, RANDOM, upper(user, REALM, password))
    first = upper(user, RANDOM, sofia(password))
    asked = f"Realm:{REALM}\r\nRandom:{RANDOM}\r\n\r\n".encode()
    answer = binary_frame(0xB0, 0, session=0x1234, tail=NOTHING)
    if not good:
        answer = binary_frame(0xB0, 0, result=1, reason=0, tail=NOTHING)
    return Talk("dahua/37777", 37777, [
        client(binary_frame(0xA0, 1)), server(binary_frame(0xB0, 0, asked, result=1, reason=11, tail=NOTHING)),
        client(binary_frame(0xA0, 5, f"{user}&&{second}{first}".encode()), "try"), server(answer, "answer"),
    ])


def dhip_frame(value, *, session=0, number=0):
    body = text(value)
    return struct.pack("<I4sIIIIII", 0x20, b"DHIP", session, number, len(body), 0, len(body), 0) + body


def dhip(user, password, good=True):
    """The same port, in JSON: global.login twice, and the challenge between."""
    secret = upper(user, RANDOM, upper(user, REALM, password))
    ask = {"method": "global.login", "params": {"userName": user, "password": "", "clientType": "Web3.0"}}
    answer = {"id": 2, "result": True, "session": 4711, "params": {"keepAliveInterval": 60}}
    if not good:
        answer = {"id": 2, "result": False, "session": 4711, "error": {"code": 268632085, "message": "EXAMPLE"}}
    return Talk("dahua/37777", 37777, [
        client(dhip_frame({**ask, "id": 1, "session": 0})),
        server(dhip_frame({"id": 1, "result": False, "session": 4711,
                           "error": {"code": 268632079, "message": "EXAMPLE"},
                           "params": {"encryption": "Default", "random": RANDOM, "realm": REALM}})),
        client(dhip_frame({"method": "global.login", "id": 2, "session": 4711, "params": {
            "userName": user, "password": secret, "clientType": "Web3.0", "authorityType": "Default"}}), "try"),
        server(dhip_frame(answer), "answer"),
    ])


def rpc2(user, password, good=True):
    """The same JSON calls as bodies of HTTP, as the web page makes them."""
    def post(path, value):
        head = [("Host", "192.168.1.20"), ("Content-Type", "application/json")]
        return client(message(f"POST {path} HTTP/1.1", head, text(value)))

    lines = []
    for path, line in zip(("/RPC2_Login", None, "/RPC2_Login", None), dhip(user, password, good).lines):
        value = json.loads(line.data[32:])
        made = post(path, value) if path else server(http_answer("200 OK", body=text(value), kind="application/json"))
        lines.append(type(made)(made.side, made.data, line.role))
    return Talk("dahua/80", 80, lines)


def xm_snapshot(user, password, good=True):
    """Xiongmai's picture by HTTP, with the hash in the address."""
    path = f"/webcapture.jpg?command=snap&channel=1&user={user}&password={sofia(password)}"
    answer = http_answer("200 OK", body=b"\xff\xd8\xff\xe0EXAMPLE", kind="image/jpeg")
    return Talk("http/80", 80, [client(get(path), "try"),
                                server(answer if good else http_answer("401 Unauthorized"), "answer")])


def xm_stream(user, password, good=True):
    """Xiongmai's stream by RTSP, with the hash in the address."""
    uri = f"rtsp://192.168.1.20:554/user={user}_password={sofia(password)}_channel=1_stream=0.sdp"
    answer = rtsp_answer("200 OK" if good else "401 Unauthorized", 1)
    return Talk("rtsp/554", 554, [client(message(f"DESCRIBE {uri} RTSP/1.0", [("CSeq", 1)]), "try"),
                                  server(answer, "answer")])


def dahua_announcement(init, *, model="IPC-HFW1320S", version="2.420.0000.0.R, build: 2015-11-20"):
    """The answer to a search on UDP 37810."""
    info = {"DeviceClass": "IPC", "DeviceType": model, "HttpPort": 80, "Port": 37777, "SerialNo": SERIAL,
            "MachineName": "EXAMPLE", "Vendor": "Dahua", "Version": version}
    if init is not None:
        info["Init"] = init
    return dhip_frame({"mac": "02:00:5e:00:53:14", "method": "client.notifyDevInfo", "params": {"deviceInfo": info}})


# Hikvision


def sadp_answer(activated, *, model="DS-2CD2032-I", version="V5.4.5build 170124"):
    """What a camera tells all on UDP 37020."""
    inner = {"Uuid": "EXAMPLE", "Types": "inquiry", "DeviceType": "139523", "DeviceDescription": model,
             "DeviceSN": model + SERIAL, "CommandPort": 8000, "HttpPort": 80, "MAC": "02-00-5e-00-53-14",
             "IPv4Address": "192.168.1.20", "SoftwareVersion": version, "BootTime": "2016-10-01 08:00:00"}
    if activated is not None:
        inner["Activated"] = activated
    elements = "".join(f"<{name}>{value}</{name}>" for name, value in inner.items())
    return f'<?xml version="1.0" encoding="UTF-8"?><ProbeMatch>{elements}</ProbeMatch>'.encode()
