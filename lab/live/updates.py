# SPDX-License-Identifier: MIT
"""Files of firmware for camera-2026, as device/include/firstuse_update.h describes them, and such as must not be taken.
Written apart from firstuse-sign, so that the two are held to the description and not to each other. The image is bytes
that mean nothing; the maker's key is invented, and so is that of the stranger.
"""

import ctypes
import ctypes.util
import hashlib
import struct

PRODUCT, CHUNK, IMAGE = b"labcam/camera-2026", 1024, 5000
MAKER, STRANGER = b"lab-maker".ljust(32), b"lab-stranger".ljust(32)
SIGNATURE, MANIFEST = 64, 208


def sodium():
    return ctypes.CDLL(ctypes.util.find_library("sodium") or "libsodium.so.23")


def keys(seed):
    public, secret = ctypes.create_string_buffer(32), ctypes.create_string_buffer(64)
    sodium().crypto_sign_seed_keypair(public, secret, seed)
    return public.raw, secret.raw


def public_key():
    """The line of a key file, as firstuse-sign writes it."""
    return f"firstuse-public ed25519 {keys(MAKER)[0].hex()}\n"


def signed(counter, *, seed=MAKER, product=PRODUCT):
    image = hashlib.shake_256(str(counter).encode()).digest(IMAGE)
    pieces, following = [], b""
    for at in reversed(range(0, IMAGE, CHUNK)):
        pieces.append(image[at : at + CHUNK] + following)
        following = hashlib.sha256(pieces[-1]).digest()
    head = struct.pack("<4sB3xII32s32s32s32s", b"FUM1", 1, counter, IMAGE, product, b"lab",
                       hashlib.sha256(image).digest(), following)
    signature = ctypes.create_string_buffer(SIGNATURE)
    sodium().crypto_sign_detached(signature, None, head, ctypes.c_ulonglong(len(head)), keys(seed)[1])
    return head + signature.raw + b"".join(reversed(pieces))


def altered(counter):
    file = bytearray(signed(counter))
    file[MANIFEST + CHUNK + 40] ^= 1
    return bytes(file)


FILES = {
    "signed": signed,
    "altered": altered,
    "cut": lambda counter: signed(counter)[:-700],
    "unsigned": lambda counter: signed(counter)[:144] + bytes(SIGNATURE) + signed(counter)[MANIFEST:],
    "foreign": lambda counter: signed(counter, product=b"labcam/camera-2030"),
    "a-stranger's": lambda counter: signed(counter, seed=STRANGER),
}
