# SPDX-License-Identifier: MIT
"""How devices stand open, who made them, and which recalls name them; and what only looks like it.

Serial numbers and own passwords are invented and may stand in no report. A MAC with a maker's prefix is invented behind
it.
"""

import carry
import talk
import wire
from apps import Talk, client, recorders, server, terminal, things, web
from house import CLOUD, House
from network import Host

from scenes import register, scene
from scenes.logins import SECRETS, STRANGER, ends, home

XM_OLD = "V4.02.R11.00000117.10001.131900.00000"
XM_NEW = "V4.03.R11.00000117.10001.131900.00000"
XM_STATEMENT = "XM statement 2016-10-24"
AXIS, ESPRESSIF = "00:40:8c:00:53:20", "24:0a:c4:00:53:20"


def outside(house):
    return STRANGER, house.camera.v4


def with_board(stage, mac):
    """The house, and a board with this MAC."""
    stage.exact, stage.secrets = True, list(SECRETS)
    house = stage.use(House(stage.rng, only=("camera", "laptop")))
    board = house.add(Host("board", wire.mac(mac), [house.lan(50)]))
    return house, board, house.settle() + 0.5


def announce(house, at, host, port, data, to=wire.ALL4):
    return talk.udp(house, at, host.v4, to, port, port, data)


def xm(house, at, built, version=XM_OLD, *, host=None, device_type="IPC", host_name="IPC_0153"):
    host = host or house.camera
    data = recorders.xm_announcement(built, version, wire.mac_text(host.mac), device_type=device_type,
                                     host_name=host_name)
    return announce(house, at, host, 34569, data)


def sadp(house, at, activated, **how):
    return announce(house, at, house.camera, 37020, recorders.sadp_answer(activated, **how),
                    wire.ip("239.255.255.250"))


def dhip(house, at, init):
    return announce(house, at, house.camera, 37810, recorders.dahua_announcement(init), wire.ip("239.255.255.251"))


# Telnet


@scene
def open_telnet(stage):
    """Telnet asks for a name and nobody logs in: it is open, and no more is known."""
    house, at = home(stage)
    carry.whole(house, at, ends(house), terminal.telnet_opening())
    house.expose(house.camera, "open-telnet", "telnet/23")
    house.tell(house.camera, maker=None)


@scene
def open_telnet_xiongmai(stage):
    """A Xiongmai board that answers telnet: a password that its owner can't change is there, and an advisory says so."""
    house, at = home(stage)
    xm(house, at, "2016-03-01 10:12:14", XM_NEW)
    carry.whole(house, at + 1, ends(house), terminal.telnet_opening("LocalHost"))
    house.expose(house.camera, "open-telnet", "telnet/23")
    house.expose(house.camera, "unchangeable-password", "telnet/23", basis="inferred")
    house.expose(house.camera, "recalled", "telnet/23", "CVE-2016-1000245", basis="inferred")
    house.tell(house.camera, maker="Xiongmai")
    stage.recalls = [["Xiongmai", "CVE-2016-1000245", [house.camera.id]]]


@scene
def open_telnet_localhost(stage):
    """A prompt as Xiongmai's boards have it, and others too: alone it names nobody."""
    house, at = home(stage)
    carry.whole(house, at, ends(house), terminal.telnet_opening("LocalHost"))
    house.expose(house.camera, "open-telnet", "telnet/23")
    house.tell(house.camera, maker=None)
    stage.recalls = []


@scene
def telnet_xiongmai_factory(stage):
    """root / xc3511 accepted by a Xiongmai board: this maker's password, and it can't be changed."""
    house, at = home(stage)
    xm(house, at, "2016-03-01 10:12:14", XM_NEW)
    _, frames = carry.whole(house, at + 1, ends(house), terminal.telnet("root", "xc3511", name="LocalHost"))
    answer = frames["answer"]
    house.expose(house.camera, "factory-password", "telnet/23", "this maker's factory password, known to bots",
                 frame=answer)
    house.expose(house.camera, "unchangeable-password", "telnet/23", frame=answer)
    house.expose(house.camera, "open-telnet", "telnet/23")
    house.expose(house.camera, "recalled", "telnet/23", "CVE-2016-1000245", basis="inferred")
    house.expose(house.camera, "cleartext-login", "telnet/23", frame=answer)
    house.tell(house.camera, maker="Xiongmai")
    stage.masked = ["xc3511"]


@scene
def benign_telnet_refused_thirty(stage):
    """A stranger tries thirty pairs over telnet and gets in by none: telnet is open to the Internet, nothing else."""
    house, at = home(stage)
    pairs = [("root", "xc3511"), ("root", "vizxv"), ("admin", "admin"), ("root", "888888"), ("root", "xmhdipc")]
    pairs += [(f"lab-user-{i}", f"lab-own-{i}") for i in range(25)]
    for user, password in pairs:
        at, _ = carry.whole(house, at + 0.5, outside(house), terminal.telnet(user, password, False))
    house.expose(house.camera, "open-telnet", "telnet/23")
    house.expose(house.camera, "internet-reachable", "telnet/23", "203.0.113.77")


@scene
def benign_telnet_elsewhere(stage):
    """The laptop logs in at a stranger's server with a factory password: that is nobody's in this house."""
    house, at = home(stage)
    carry.whole(house, at, (house.laptop.v4, wire.ip("203.0.113.60")), terminal.telnet("root", "xc3511"))


# Activation


@scene
def not_activated_sadp(stage):
    """A Hikvision camera says that no password was ever set on it."""
    house, at = home(stage)
    frame = sadp(house, at, "false", version="V5.5.82 build 210910")
    house.expose(house.camera, "not-activated", "sadp", frame=frame)
    house.tell(house.camera, maker="Hikvision", product="camera", model="DS-2CD2032-I", firmware="V5.5.82 build 210910")


@scene
def not_activated_then_activated(stage):
    """It says so, and a minute later that one has been set: nothing is left of it."""
    house, at = home(stage)
    sadp(house, at, "false", version="V5.5.82 build 210910")
    sadp(house, at + 60, "true", version="V5.5.82 build 210910")
    house.tell(house.camera, maker="Hikvision")


@scene
def not_activated_again(stage):
    """Activated, and then set back to how it came from the factory: the last word counts."""
    house, at = home(stage)
    sadp(house, at, "true", version="V5.5.82 build 210910")
    sadp(house, at + 60, "false", version="V5.5.82 build 210910")
    house.expose(house.camera, "not-activated", "sadp")


def dahua_built_2015(house, stage):
    """Firmware of 2015 is older than the repair of 2021, but the advisory does not name this model: undecided."""
    house.tell(house.camera, maker="Dahua", product="camera", model="IPC-HFW1320S", built="2015-11-20",
               undecided=["CVE-2021-33045"])
    stage.recalls = []


@scene
def not_activated_dhip(stage):
    """A Dahua camera whose Init says that it was never initialised."""
    house, at = home(stage)
    frame = dhip(house, at, 405)
    house.expose(house.camera, "not-activated", "dahua", frame=frame)
    dahua_built_2015(house, stage)


@scene
def initialised_dhip(stage):
    """The same with a password set: Init 166."""
    house, at = home(stage)
    dhip(house, at, 166)
    dahua_built_2015(house, stage)


@scene
def initialised_later_dhip(stage):
    """Init 405, and Init 166 a minute later."""
    house, at = home(stage)
    dhip(house, at, 405)
    dhip(house, at + 60, 166)
    dahua_built_2015(house, stage)


@scene
def old_dahua_without_init(stage):
    """A camera that knows no Init never asked for a first password: its firmware is outdated."""
    house, at = home(stage)
    dhip(house, at, None)
    dahua_built_2015(house, stage)
    house.expose(house.camera, "outdated-firmware", None, "DHDiscover without Init", basis="inferred")
    stage.recalls.append(["Dahua", "no first-use password (DHDiscover without Init)", [house.camera.id]])


# From the Internet


@scene
def reachable_rtsp(stage):
    """A stranger connects to the camera's RTSP through the router, and the camera talks to it."""
    house, at = home(stage)
    carry.whole(house, at, outside(house), web.rtsp_open())
    house.expose(house.camera, "internet-reachable", "rtsp/554", "203.0.113.77")


@scene
def reachable_refused(stage):
    """A stranger's connection is refused by the camera: the router lets it through, but nothing is open there."""
    house, at = home(stage)
    talk.refused(house, at, STRANGER, house.camera.v4, 554)


@scene
def reachable_unanswered(stage):
    """A stranger's connection never gets an answer."""
    house, at = home(stage)
    talk.unanswered(house, at, STRANGER, house.camera.v4, 554, tries=3)


@scene
def reachable_half(stage):
    """A stranger's SYN is answered, and it goes away: port scans look so, and nobody was served."""
    house, at = home(stage)
    connection = talk.Tcp(house, STRANGER, house.camera.v4, 554)
    connection.syn(at)
    connection.next[0] += 1
    connection.segment(at + 0.004, 1, wire.SYN | wire.ACK, options=wire.options_linux(1, 1), window=65160)
    connection.segment(at + 0.05, 0, wire.RST, options=b"", window=0)


@scene
def benign_server(stage):
    """The laptop serves a page to a stranger: reachable, as it was meant to be, and no verdict."""
    house, at = home(stage)
    page = Talk("http/8080", 8080, [client(web.get()), server(web.http_answer("200 OK", body=web.PAGE))])
    carry.whole(house, at, (STRANGER, house.laptop.v4), page)
    house.expose(house.laptop, "internet-reachable", "http/8080", "203.0.113.77", verdict="clear")


# Port mappings


@scene
def mapping_upnp(stage):
    """A camera has its router open port 8080 by UPnP."""
    house, at = home(stage)
    at, _ = carry.whole(house, at, ends(house), web.rtsp_open())
    mapping = things.port_mapping(8080, "192.168.1.20", 80)
    _, frames = carry.whole(house, at, (house.camera.v4, house.gateway.v4), mapping)
    house.expose(house.camera, "port-mapping", "igd", "tcp 8080 to 192.168.1.20:80", frame=frames["answer"])


@scene
def mapping_upnp_refused(stage):
    """The router says no: nothing is open."""
    house, at = home(stage)
    carry.whole(house, at, (house.camera.v4, house.gateway.v4),
                things.port_mapping(8080, "192.168.1.20", 80, good=False))


@scene
def mapping_upnp_unanswered(stage):
    """The router's answer was not seen: asked is not given."""
    house, at = home(stage)
    carry.whole(house, at, (house.camera.v4, house.gateway.v4), things.port_mapping(8080, "192.168.1.20", 80),
                lost="answer")


@scene
def mapping_for_another(stage):
    """The laptop has a port opened that leads to the camera: the camera's exposure it is."""
    house, at = home(stage)
    at, _ = carry.whole(house, at, ends(house), web.rtsp_open())
    mapping = things.port_mapping(5554, "192.168.1.20", 554)
    _, frames = carry.whole(house, at, (house.laptop.v4, house.gateway.v4), mapping)
    house.expose(house.camera, "port-mapping", "igd", "tcp 5554 to 192.168.1.20:554", frame=frames["answer"])


@scene
def mapping_pcp(stage):
    """A camera has its router open a port by PCP."""
    house, at = home(stage)
    at, _ = carry.whole(house, at, ends(house), web.rtsp_open())
    _, frames = carry.whole(house, at, (house.camera.v4, house.gateway.v4), things.pcp("192.168.1.20", 554, 8554))
    house.expose(house.camera, "port-mapping", "pcp", "tcp 8554 to port 554", frame=frames["answer"])


@scene
def mapping_pcp_refused(stage):
    """The router answers PCP with "not authorized"."""
    house, at = home(stage)
    carry.whole(house, at, (house.camera.v4, house.gateway.v4), things.pcp("192.168.1.20", 554, 8554, good=False))


@scene
def benign_mapping_game(stage):
    """A laptop has a port opened for a game: listed, and no verdict."""
    house, at = home(stage)
    mapping = things.port_mapping(3074, "192.168.1.40", 3074)
    _, frames = carry.whole(house, at, (house.laptop.v4, house.gateway.v4), mapping)
    house.expose(house.laptop, "port-mapping", "igd", "tcp 3074", frame=frames["answer"], verdict="clear")


# Recalls


def named_by_xm(house, frame, basis="inferred"):
    house.expose(house.camera, "recalled", None, XM_STATEMENT, basis=basis, frame=frame)
    house.expose(house.camera, "outdated-firmware", None, XM_STATEMENT, basis=basis, frame=frame)


@scene
def recall_xm_2014(stage):
    """A Xiongmai camera with firmware of December 2014: the maker's recall of October 2016 names it."""
    house, at = home(stage)
    named_by_xm(house, xm(house, at, "2014-12-05 10:12:14"))
    house.tell(house.camera, maker="Xiongmai", product="camera", firmware=XM_OLD, built="2014-12-05")
    stage.recalls = [["Xiongmai", XM_STATEMENT, [house.camera.id]]]


@scene
def recall_xm_2016(stage):
    """Firmware of 2016: no recall by date."""
    house, at = home(stage)
    xm(house, at, "2016-03-01 10:12:14", XM_NEW)
    house.tell(house.camera, maker="Xiongmai", product="camera", firmware=XM_NEW, built="2016-03-01")
    stage.recalls = []


@scene
def recall_xm_1970(stage):
    """A clock that never ran: when the firmware was built is not known, so the recall is undecided."""
    house, at = home(stage)
    xm(house, at, "1970-01-01 00:00:12")
    house.tell(house.camera, maker="Xiongmai", product="camera", built=None, undecided=[XM_STATEMENT])
    stage.recalls = []


@scene
def recall_xm_tomorrow(stage):
    """A build date years after the capture is no date either."""
    house, at = home(stage)
    xm(house, at, "2036-01-01 00:00:12")
    house.tell(house.camera, maker="Xiongmai", built=None, undecided=[XM_STATEMENT])
    stage.recalls = []


@scene
def recall_xm_updated(stage):
    """The same camera with firmware of 2014, and after a restart with that of 2016: cleared."""
    house, at = home(stage)
    xm(house, at, "2014-12-05 10:12:14")
    xm(house, at + 120, "2016-03-01 10:12:14", XM_NEW)
    house.tell(house.camera, maker="Xiongmai", firmware=XM_NEW, built="2016-03-01")
    stage.recalls = []


@scene
def recall_xm_went_back(stage):
    """Firmware of 2016, and then the old one put back: named again."""
    house, at = home(stage)
    xm(house, at, "2016-03-01 10:12:14", XM_NEW)
    xm(house, at + 120, "2014-12-05 10:12:14")
    named_by_xm(house, None)
    house.tell(house.camera, maker="Xiongmai", firmware=XM_OLD, built="2014-12-05")


@scene
def recall_xm_recorder(stage):
    """A recorder of 2014: the maker took cameras back; for recorders it promised firmware."""
    house, at = home(stage)
    frame = xm(house, at, "2014-12-05 10:12:14", device_type="HVR", host_name="LocalHost")
    house.expose(house.camera, "outdated-firmware", None, XM_STATEMENT, basis="inferred", frame=frame)
    house.tell(house.camera, maker="Xiongmai", product="dvr", built="2014-12-05", undecided=["CVE-2018-10088"])


@scene
def recall_xm_class_unknown(stage):
    """As most boards tell it: a number for a type, and no name of its own. Camera or recorder? Whether it is to be taken
    back is undecided; that its firmware is outdated holds for both."""
    house, at = home(stage)
    frame = xm(house, at, "2014-12-05 10:12:14", device_type=1, host_name="LocalHost")
    house.expose(house.camera, "outdated-firmware", None, XM_STATEMENT, basis="inferred", frame=frame)
    house.tell(house.camera, maker="Xiongmai", product=None, built="2014-12-05", undecided=[XM_STATEMENT],
               claims=[{"signal": "xm-built"}])
    stage.recalls = [["Xiongmai", XM_STATEMENT, [house.camera.id]]]


@scene
def outdated_hikvision(stage):
    """A version within the range of an advisory."""
    house, at = home(stage)
    sadp(house, at, "true", model="DS-2CD2032F-I", version="V5.3.0 build 150513")
    house.expose(house.camera, "outdated-firmware", None, "CVE-2017-7921", basis="inferred")
    house.tell(house.camera, maker="Hikvision", product="camera", model="DS-2CD2032F-I", firmware="V5.3.0 build 150513",
               built="2015-05-13", undecided=["CVE-2021-36260"])
    stage.recalls = [["Hikvision", "CVE-2017-7921, ICSA-17-124-01", [house.camera.id]]]


@scene
def outdated_hikvision_past_range(stage):
    """The same model, later than every range."""
    house, at = home(stage)
    sadp(house, at, "true", model="DS-2CD2032F-I", version="V5.5.82 build 210910")
    house.tell(house.camera, maker="Hikvision", model="DS-2CD2032F-I", firmware="V5.5.82 build 210910")
    stage.recalls = []


@scene
def outdated_hikvision_unknown(stage):
    """The same model, and its version is not told: undecided, and no exposure."""
    house, at = home(stage)
    sadp(house, at, "true", model="DS-2CD2032F-I", version="N/A")
    house.tell(house.camera, maker="Hikvision", model="DS-2CD2032F-I", firmware=None,
               undecided=["CVE-2017-7921, ICSA-17-124-01"])
    stage.recalls = []


# Who made it


@scene
def maker_behind_other_prefix(stage):
    """A Xiongmai board with a MAC of Axis: what it says of itself counts, and the prefix is shown as against it."""
    house, board, at = with_board(stage, AXIS)
    xm(house, at, "2016-03-01 10:12:14", XM_NEW, host=board)
    house.tell(board, maker="Xiongmai", claims=[{"signal": "mac-prefix", "says~": "Axis", "against": True},
                                                {"signal": "xm-version"}])


@scene
def maker_by_prefix(stage):
    """Nothing but a MAC of Axis: the maker is taken from it."""
    house, board, at = with_board(stage, AXIS)
    house.tell(board, maker="Axis", model=None, firmware=None, claims=[{"signal": "mac-prefix", "says~": "Axis"}])


@scene
def maker_of_module(stage):
    """A MAC of Espressif, who makes chips for others: the maker is not known, the module is shown."""
    house, board, at = with_board(stage, ESPRESSIF)
    house.tell(board, maker=None, claims=[{"signal": "mac-prefix", "says~": "Espressif"}])


@scene
def maker_unknown(stage):
    """Locally administered MACs, and nobody says who made them: nobody is named."""
    house, at = home(stage)
    house.tell(house.camera, maker=None, model=None, product=None)
    house.tell(house.laptop, maker=None, model=None)


@scene
def maker_in_conflict(stage):
    """A banner of one maker, and ONVIF answers with another: the device's own message counts, the banner is against."""
    house, at = home(stage)
    carry.whole(house, at, ends(house), web.onvif_information(
        "Dahua", "IPC-HFW1320S", "2.420.0000.0.R", recorders.SERIAL, banner="App-webs/"))
    house.tell(house.camera, maker="Dahua", model="IPC-HFW1320S", claims=[
        {"signal": "onvif-manufacturer", "says~": "Dahua"},
        {"signal": "http-server", "says~": "Hikvision", "against": True}])
    house.camera.told["exposures"] = "any"
    house.camera.verdict = "at most suspect"


def visits(host):
    def play(stage):
        house, at = home(stage)
        talk.lookup(house, at, house.laptop.v4, house.gateway.v4, host, CLOUD)
        body = b"<html><head><title>NETSurveillance WEB</title></head><body>NewActive.exe</body></html>"
        page = Talk("http/80", 80, [
            client(web.get("/", host=host)),
            server(web.http_answer("200 OK", ("Server", "App-webs/"), body=body))])
        carry.whole(house, at + 0.1, (house.laptop.v4, CLOUD), page)
        house.tell(house.laptop, maker=None, product=None, model=None)

    return play


for place in ("www.hikvision.com", "www.xmeye.net", "www.hik-connect.com", "www.easy4ip.com"):
    register(f"benign-visit-{place.split('.')[1]}", visits(place),
             f"Somebody visits {place} with a browser: that makes no camera of the laptop.")


@scene
def benign_cameras_app(stage):
    """A phone with the app of a camera's maker asks for its cloud, as the cameras do: it stays a phone of nobody's."""
    stage.exact = True
    house = stage.use(House(stage.rng, only=("camera", "phone")))
    at = house.settle() + 0.5
    for name in ("pub-cfg.secu100.net", "access-dss.secu100.net", "xmeye.net", "caps.xmeye.net"):
        talk.lookup(house, at, house.phone.v4, house.gateway.v4, name, CLOUD)
        talk.tcp(house, at + 0.1, house.phone.v4, CLOUD, 443, talk.page(stage.rng, 300, 900))
        at += 1
    house.tell(house.phone, maker=None, product=None)


# Passwords that are nearly those of a factory


def nearly(make, user, password):
    def play(stage):
        house, at = home(stage)
        what = make(user, password)
        stage.secrets.append(password)
        _, frames = carry.whole(house, at, ends(house), what)
        if what.service.startswith("telnet"):
            house.expose(house.camera, "open-telnet", what.service)
        house.expose(house.camera, "cleartext-login", what.service, frame=frames["answer"],
                     verdict="exposed" if what.service.startswith("telnet") else "clear")

    return play


for kind, (make, user, password) in {
    "telnet-prefix": (terminal.telnet, "root", "xc3511-lab-own"),
    "telnet-case": (terminal.telnet, "root", "XC3511"),
    "http-prefix": (web.http_basic, "admin", "12345-lab-own"),
    "ftp-other-user": (terminal.ftp, "lab-user", "xc3511"),
}.items():
    register(f"login-nearly-{kind}", nearly(make, user, password),
             f"An own login that is nearly a factory one ({kind}): it is the owner's own.")


def unclear(answer, about):
    def play(stage):
        house, at = home(stage)
        what = web.http_form("admin", "12345")
        lines = [*what.lines[:-1], server(answer)]
        carry.whole(house, at, ends(house), Talk(what.service, what.port, lines))

    return play, about


for kind, (answer, about) in {
    "page": (web.http_answer("200 OK", body=web.PAGE), "a page, which may say anything"),
    "back": (web.http_answer("302 Found", ("Location", "/login.html?error=1")), "the way back to the login page"),
    "error": (web.http_answer("500 Internal Server Error"), "an error"),
}.items():
    play, about = unclear(answer, about)
    register(f"login-http-form-unclear-{kind}", play,
             f"A factory password in a form is answered with {about}: nothing is proven.")
