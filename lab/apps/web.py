# SPDX-License-Identifier: MIT
"""HTTP and what borrows its form: RTSP, SIP, SOAP of ONVIF. Logins by Basic (RFC 7617), Digest (RFC 7616), a form, and
WS-Security's UsernameToken."""

import base64
import hashlib

from apps import Talk, client, server

REALM, HOST = "lab", "192.168.1.20"
NONCE, CNONCE = "8f2b7a5d9c3e41f0a6b7c8d9e0f11223", "0a4f113b"
PAGE = b"<html><head><title>lab</title></head><body>EXAMPLE</body></html>"
DATE = "Fri, 21 Oct 2016 11:02:14 GMT"


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


def message(start, fields, body=b""):
    """Start line, fields and body; a length only where there is a body or an answer might have one."""
    lines = [start, *(f"{name}: {value}" for name, value in fields)]
    if body or start.startswith("HTTP/"):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def basic(user, password):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def digest(user, password, method, uri, *, realm=REALM, qop=True):
    ha1, ha2 = md5(f"{user}:{realm}:{password}"), md5(f"{method}:{uri}")
    middle = f"00000001:{CNONCE}:auth:" if qop else ""
    text = f'Digest username="{user}", realm="{realm}", nonce="{NONCE}", uri="{uri}", '
    if qop:
        text += f'qop=auth, nc=00000001, cnonce="{CNONCE}", '
    return text + f'response="{md5(f"{ha1}:{NONCE}:{middle}{ha2}")}"'


def challenge(scheme, *, realm=REALM, qop=True):
    if scheme == "basic":
        return ("WWW-Authenticate", f'Basic realm="{realm}"')
    return ("WWW-Authenticate", f'Digest realm="{realm}", nonce="{NONCE}"' + (', qop="auth"' if qop else ""))


# HTTP


def get(path="/", *more, host=HOST):
    return message(f"GET {path} HTTP/1.1", [("Host", host), ("User-Agent", "Mozilla/5.0"), *more])


def http_answer(status, *fields, body=b"", kind="text/html"):
    return message(f"HTTP/1.1 {status}", [("Date", DATE), *([("Content-Type", kind)] if body else []), *fields], body)


def http_login(scheme, user, password, good):
    header = basic(user, password) if scheme == "basic" else digest(user, password, "GET", "/")
    asked = http_answer("401 Unauthorized", challenge(scheme), body=b"<html>EXAMPLE</html>")
    return asked, get("/", ("Authorization", header)), http_answer("200 OK", body=PAGE) if good else asked


def http_basic(user, password, good=True):
    asked, tried, answer = http_login("basic", user, password, good)
    return Talk("http/80", 80, [client(get()), server(asked), client(tried, "try"), server(answer, "answer")])


def http_digest(user, password, good=True):
    asked, tried, answer = http_login("digest", user, password, good)
    return Talk("http/80", 80, [client(get()), server(asked), client(tried, "try"), server(answer, "answer")])


def http_form(user, password, good=True):
    form = f"username={user}&password={password}&submit=OK".encode()
    post = message("POST /login.cgi HTTP/1.1", [("Host", HOST), ("Content-Type", "application/x-www-form-urlencoded")],
                   form)
    answer = http_answer("302 Found", ("Location", "/main.html"), ("Set-Cookie", "SID=5f0c3a9be1; path=/"))
    if not good:
        answer = http_answer("401 Unauthorized", body=PAGE)
    return Talk("http/80", 80, [client(get("/login.html")), server(http_answer("200 OK", body=PAGE)),
                                client(post, "try"), server(answer, "answer")])


def soap_token(user, password):
    nonce, created = bytes(range(16)), "2016-10-21T11:02:14Z"
    proof = hashlib.sha1(nonce + created.encode() + password.encode()).digest()
    space = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
    return (f'<Security xmlns="{space}wssecurity-secext-1.0.xsd"><UsernameToken><Username>{user}</Username>'
            f'<Password Type="{space}username-token-profile-1.0#PasswordDigest">{base64.b64encode(proof).decode()}'
            f'</Password><Nonce>{base64.b64encode(nonce).decode()}</Nonce>'
            f'<Created xmlns="{space}wssecurity-utility-1.0.xsd">{created}</Created></UsernameToken></Security>')


def envelope(body, header=""):
    return (f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope">'
            f'<s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>').encode()


ONVIF = 'xmlns:tds="http://www.onvif.org/ver10/device/wsdl"'


def onvif_call(operation, header=""):
    return message("POST /onvif/device_service HTTP/1.1",
                   [("Host", HOST), ("Content-Type", "application/soap+xml; charset=utf-8")],
                   envelope(f"<tds:{operation} {ONVIF}/>", header))


def onvif_answer(operation, inner):
    return http_answer("200 OK", body=envelope(f"<tds:{operation}Response {ONVIF}>{inner}</tds:{operation}Response>"),
                       kind="application/soap+xml")


def onvif(user, password, good=True):
    answer = onvif_answer("GetUsers", "")
    if not good:
        fault = ('<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value '
                 'xmlns:ter="http://www.onvif.org/ver10/error">ter:NotAuthorized</s:Value></s:Subcode></s:Code>'
                 '</s:Fault>')
        answer = http_answer("400 Bad Request", body=envelope(fault), kind="application/soap+xml")
    return Talk("onvif/80", 80, [client(onvif_call("GetUsers", soap_token(user, password)), "try"),
                                 server(answer, "answer")])


def onvif_information(manufacturer, model, firmware, serial, *, banner=None):
    """GetDeviceInformation, which most cameras answer to anybody."""
    inner = (f"<tds:Manufacturer>{manufacturer}</tds:Manufacturer><tds:Model>{model}</tds:Model><tds:FirmwareVersion>"
             f"{firmware}</tds:FirmwareVersion><tds:SerialNumber>{serial}</tds:SerialNumber>"
             f"<tds:HardwareId>EXAMPLE</tds:HardwareId>")
    answer = onvif_answer("GetDeviceInformation", inner)
    if banner:
        answer = answer.replace(b"\r\n", f"\r\nServer: {banner}\r\n".encode(), 1)
    return Talk("onvif/80", 80, [client(onvif_call("GetDeviceInformation")), server(answer)])


# RTSP (RFC 2326)

STREAM = f"rtsp://{HOST}:554/live"
SDP = b"v=0\r\no=- 0 0 IN IP4 192.168.1.20\r\ns=lab\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"


def rtsp_ask(method, number, *more):
    return message(f"{method} {STREAM} RTSP/1.0", [("CSeq", number), ("User-Agent", "lab"), *more])


def rtsp_answer(status, number, *more, body=b""):
    return message(f"RTSP/1.0 {status}", [("CSeq", number), *more], body)


def rtsp_opening():
    return [client(rtsp_ask("OPTIONS", 1)),
            server(rtsp_answer("200 OK", 1, ("Public", "OPTIONS, DESCRIBE, SETUP, PLAY"))),
            client(rtsp_ask("DESCRIBE", 2, ("Accept", "application/sdp")))]


def rtsp(scheme, user, password, good):
    asked = challenge(scheme, qop=False)
    header = basic(user, password) if scheme == "basic" else digest(user, password, "DESCRIBE", STREAM, qop=False)
    answer = rtsp_answer("200 OK", 3, ("Content-Type", "application/sdp"), body=SDP)
    if not good:
        answer = rtsp_answer("401 Unauthorized", 3, asked)
    return Talk("rtsp/554", 554, rtsp_opening() + [
        server(rtsp_answer("401 Unauthorized", 2, asked)),
        client(rtsp_ask("DESCRIBE", 3, ("Accept", "application/sdp"), ("Authorization", header)), "try"),
        server(answer, "answer"),
    ])


def rtsp_basic(user, password, good=True):
    return rtsp("basic", user, password, good)


def rtsp_digest(user, password, good=True):
    return rtsp("digest", user, password, good)


def rtsp_open():
    """Somebody asks for the picture and is asked for a password."""
    return Talk("rtsp/554", 554, rtsp_opening() + [server(rtsp_answer("401 Unauthorized", 2, challenge("basic")))])


# SIP (RFC 3261) over UDP


def sip_fields(number, *more):
    return [("Via", f"SIP/2.0/UDP 192.168.1.40:5060;branch=z9hG4bK{number}"),
            ("From", "<sip:lab@example.com>;tag=1"), ("To", "<sip:lab@example.com>"),
            ("Call-ID", "1a2b3c4d@example.com"), ("CSeq", f"{number} REGISTER"), *more, ("Content-Length", 0)]


def sip(user, password, good=True):
    uri = f"sip:{HOST}"
    header = digest(user, password, "REGISTER", uri, qop=False)
    answer = "SIP/2.0 200 OK" if good else "SIP/2.0 403 Forbidden"
    return Talk("sip/5060", 5060, [
        client(message(f"REGISTER {uri} SIP/2.0", sip_fields(1, ("User-Agent", "lab")))),
        server(message("SIP/2.0 401 Unauthorized", sip_fields(1, challenge("digest", qop=False)))),
        client(message(f"REGISTER {uri} SIP/2.0", sip_fields(2, ("Authorization", header))), "try"),
        server(message(answer, sip_fields(2)), "answer"),
    ], udp=True)
