# SPDX-License-Identifier: MIT
"""Scenes: each makes one capture and says what a report on it must say.

A scene is a function that takes a Stage, puts a network on it, lets it act and notes the truth. Its name in the files
is the function's, with dashes. The random numbers of a scene come from its name alone: adding one changes no other.
"""

import importlib
import pkgutil
import random

import files
import links
from network import START

SCENES = {}


class Stage:
    def __init__(self, name):
        self.name = name
        self.rng = random.Random(name)
        self.nets = []
        self.frames = None  # default: those of the first network
        self.place = "lan"
        self.links = ["ethernet"]  # by interface
        self.form = files.Form()
        self.args = []  # further arguments for `cordon inspect`
        self.unseen = {}
        self.others = None  # a verdict that devices not named by the scene may have, where invented ones abound
        self.of = "any"  # then: how many local devices there may be
        self.cuts = True  # may be cut into pieces: false where the file carries no times
        self.plain = True  # nothing in it is malformed on purpose
        self.recalls = None  # (maker, advisory, ids of devices) of each entry, where the scene is about them
        self.exact = False  # local devices have no other exposures than the scene says
        self.secrets = []  # nothing of this may stand in any report …
        self.masked = []  # … and of this only in one with --show-secrets

    def use(self, net):
        """Puts a network on the stage; the first one is the one that is captured."""
        self.nets.append(net)
        return net

    def ordered(self):
        return sorted(self.nets[0].frames if self.frames is None else self.frames, key=lambda f: f.at)

    def records(self):
        makers = [links.maker(name) for name in self.links]
        ordered = self.ordered()
        first = min(0, ordered[0].at) if ordered else 0
        return [files.Record(START + f.at - first, makers[f.iface](f), f.iface, f.cut) for f in ordered]

    def write(self, directory):
        """The capture; gives its path."""
        for iface, name in zip(self.form.interfaces, self.links):
            iface.link = links.number(name, iface.link)
        path = f"{directory}/{self.name}{self.form.suffix()}"
        files.write(path, self.form, self.records())
        return path

    def label(self):
        parts = [net.label(self.place) for net in self.nets]
        if set(self.links) & links.WITHOUT_MAC:
            for device in (d for part in parts for d in part["devices"] if d["site"] == "remote"):
                device["via"] = "any"
        devices = [device for part in parts for device in part["devices"]]
        self.number_packets(devices)
        for device in devices if self.exact else []:
            device.setdefault("exposures", [])
        vantage = {"place": self.place}
        for key in ("judged", "of"):
            vantage[key] = sum(p["vantage"][key] for p in parts)
        if self.others:
            vantage.update(judged="any", of=self.of)
        return {
            "about": " ".join(SCENES[self.name].__doc__.split()),
            "args": self.args,
            "cuts": self.cuts,
            "vantage": vantage,
            "others": self.others,
            "devices": sorted(devices, key=lambda d: d["id"]),
            "attacks": [a for p in parts for a in p["attacks"]],
            "unseen": self.unseen,
            "recalls": self.recalls,
            "secrets": self.secrets,
            "masked": self.masked,
        }

    def number_packets(self, devices):
        """Frames in which exposures and evidence were seen become numbers of packets."""
        numbers = {id(frame): number for number, frame in enumerate(self.ordered(), 1)}
        for device in devices:
            for sign in device.get("evidence", []):
                sign["packets"] = [numbers[id(frame)] for frame in sign["packets"]]
                sign["from"] = numbers[id(sign["from"])]
            if isinstance(device.get("exposures"), list):
                device["exposures"] = [
                    {"packet" if key == "frame" else key: numbers.get(id(value), "any") if key == "frame" else value
                     for key, value in exposure.items()} for exposure in device["exposures"]]


def scene(function):
    return register(function.__name__.replace("_", "-"), function)


def register(name, function, about=None):
    """A scene under a name of its own: for families of scenes made by one function."""
    assert name not in SCENES, name
    if about is not None:
        made = function

        def function(stage):
            made(stage)

        function.__doc__ = about
    assert function.__doc__, name
    SCENES[name] = function
    return function


def play(name):
    stage = Stage(name)
    SCENES[name](stage)
    return stage


def load():
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return SCENES
