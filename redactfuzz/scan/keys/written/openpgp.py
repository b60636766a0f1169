"""Secret keys of OpenPGP in ASCII armor (RFC 9580 sections 5.5.3 and 6.2), versions 3 to 6; 5 is LibrePGP's."""

from __future__ import annotations

import binascii
import importlib
import re
import struct
from collections.abc import Iterator

import attrs

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys import pem_lines, private_key
from redactfuzz.scan.keys.detector import Findings, identity, text_at
from redactfuzz.scan.keys.known import KnownKeys
from redactfuzz.scan.keys.literals import Literals
from redactfuzz.scan.keys.private_key import ENCRYPTED, Described
from redactfuzz.scan.keys.written.line_forms import forms, line_before

_BEGIN = b"PGP PRIVATE "
_BEGINNINGS = Literals(_BEGIN)
"""What a literal may hold of ``-----BEGIN PGP PRIVATE KEY BLOCK-----``, at its place."""
_PLACE = len(b"-----BEGIN ")
_LIMITS = (1 << 9, 1 << 16)
"""Characters that are read: of a beginning without an end no more than the first."""
_FIRST = b"-----BEGIN PGP PRIVATE KEY BLOCK-----"
_LABEL = re.compile(_FIRST)
_UNOPENED = "what begins as a secret key of OpenPGP in armor was not put together: whether it is one is not known"
_ARMOR = re.compile(rb"-----BEGIN PGP PRIVATE KEY BLOCK-----\n(?:[A-Za-z]+: [^\n]*\n)*\s*((?:[A-Za-z0-9+/]+={0,2}\n)+)")
_JOINED = re.compile(
    rb"(?:(?<=BLOCK-----)|(?<=[A-Za-z0-9+/]{32}))[ ]+|(?<! )[ ]++(?=[A-Za-z0-9+/]{32}|=[A-Za-z0-9+/]{4}\b)"
)
"""What stands for the breaks of lines in a block that was written in one. Of blanks in a row none is read twice."""
_SECRET = (5, 7)
_RSA = (1, 2, 3)
_PUBLIC = {16: 3, 17: 4}
"""Numbers of the public part, by algorithm (Elgamal, DSA)."""
_NAMES = {
    1: "RSA",
    2: "RSA",
    3: "RSA",
    16: "Elgamal",
    17: "DSA",
    18: "ECDH",
    19: "ECDSA",
    22: "EdDSA",
    25: "X25519",
    26: "X448",
    27: "Ed25519",
    28: "Ed448",
}
_NATIVE = {25: 32, 26: 56, 27: 32, 28: 57}
"""Bytes of a public key that is no number, and of its secret."""
_STARTS = {2: 8, 3: 8, 4: 6, 5: 10, 6: 10}
"""Where the public part begins, by version: days of validity may stand before it, and how long it is."""
_COUNTED, _LIBRE, _UNCHECKED = (5, 6), 5, 6
"""Versions that say how long their parts are; the one that says so in clear as well; the one without a checksum."""
_ELSEWHERE = re.compile(rb"\x65.GNU[\1\2].{0,24}\Z", re.DOTALL)
"""A kind of derivation and its hash, GnuPG's mark of a key whose secret part is nowhere or on a card, and that one's
number.
"""
_CLEAR, _ENCRYPTED = 0, (*range(1, 14), 253, 254, 255)
"""How the secret part is used: a cipher by its number, as long ago, or what says more."""
_REASON = "parsed, and its checksum is right"


@attrs.frozen
class OpenPgpKeys:
    """Secret key packets in armor: encrypted ones, and those in clear whose checksum is right."""

    name: str = "openpgp"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each key of a block: a main key and its subkeys."""
        findings = Findings(self.name, image)
        for place, _, width in _BEGINNINGS.places(image):
            offset = place - width * _PLACE
            if offset < 0:
                continue
            text = _block(image, offset, width)
            packets = _packets(text, line_before(image, offset, width)) if _LABEL.match(text) else None
            unread = packets == [] and pem_lines.letters(text) > 0
            for packet in packets or ():
                if _ELSEWHERE.search(packet):
                    continue
                key = _key(packet)
                if key:
                    findings.add(key.what, key.identity, key.severity, key.reason, offset, width * len(text))
                unread = unread or key is None
            if unread:
                findings.unopened(_UNOPENED, offset, width * len(text))
        return findings


def _block(image: Image, offset: int, width: int) -> bytes:
    """The text up to its last line, or to where another begins or no text is any more."""
    text = b""
    for limit in _LIMITS:
        text = text_at(image.data, offset, width, limit)
        ends = [end for end in (text.find(mark, len(_FIRST)) for mark in (b"-----END", _BEGIN, b"\0")) if end >= 0]
        if ends:
            return text[: min(ends)]
    return text


def _packets(text: bytes, before: bytes) -> list[bytes]:
    """Those with secret keys, in the form of the text in which there are any."""
    for form in forms(text, before, _JOINED):
        match = _ARMOR.match(form + b"\n")
        packets = list(_secrets(_decode(match[1]))) if match else []
        if packets:
            return packets
    return []


def _decode(text: bytes) -> bytes:
    plain = re.sub(rb"\s", b"", text)
    try:
        return binascii.a2b_base64(plain[: len(plain) // 4 * 4])
    except binascii.Error:
        return b""


def _secrets(data: bytes) -> Iterator[bytes]:
    """The contents of the secret key packets, up to what is cut (section 4.2)."""
    at = 0
    while at + 6 <= len(data) and data[at] & 0x80:
        tag, size, start = _new_header(data, at) if data[at] & 0x40 else _old_header(data, at)
        if start + size > len(data):
            return
        if tag in _SECRET:
            yield data[start : start + size]
        at = start + size


def _old_header(data: bytes, at: int) -> tuple[int, int, int]:
    """(tag, bytes of the content, where it begins). The last kind of length reaches to the end."""
    count = 1 << (data[at] & 3)
    size = int.from_bytes(data[at + 1 : at + 1 + count], "big") if count < 8 else len(data)
    return data[at] >> 2 & 15, size, at + 1 + count


def _new_header(data: bytes, at: int) -> tuple[int, int, int]:
    first = data[at + 1]
    if first < 192:
        return data[at] & 63, first, at + 2
    if first < 224:
        return data[at] & 63, (first - 192 << 8) + data[at + 2] + 192, at + 3
    return data[at] & 63, int.from_bytes(data[at + 2 : at + 6], "big"), at + 6


def _key(packet: bytes) -> Described | None:
    try:
        return _described(packet)
    except (struct.error, ValueError, IndexError, KeyError):
        return None


def _described(packet: bytes) -> Described | None:
    """None where the secret is not what the public part and the checksum say."""
    version, start = packet[0], _STARTS[packet[0]]
    algorithm = packet[start - 5 if version in _COUNTED else start - 1]
    public, at = _public(packet, algorithm, start)
    if version in _COUNTED and at - start != int.from_bytes(packet[start - 4 : start], "big"):
        return None
    what, usage = f"OpenPGP {_NAMES[algorithm]} secret key", packet[at]
    name = identity(packet[1:at])
    if usage in _ENCRYPTED:
        there = len(packet) - at > 20
        return Described(f"encrypted {what}", name, Severity.MEDIUM, ENCRYPTED) if there else None
    if usage != _CLEAR:
        return None
    at += 1 + 5 * (version == _LIBRE)  # it says how long what follows is
    checked = version != _UNCHECKED
    if checked and sum(packet[at:-2]) & 0xFFFF != int.from_bytes(packet[-2:], "big"):
        return None
    if algorithm in _RSA:
        (d, p, q, _), _ = _numbers(packet, at, 4)
        return private_key.rsa(public[0], public[1], d, p, q, f"RSA-{public[0].bit_length()} secret key (OpenPGP)")
    if checked:
        return Described(what, name, Severity.TOTAL, _REASON)
    size = _NATIVE[algorithm]
    secret = packet[at:]
    right = len(secret) == size and _public_of(_NAMES[algorithm], secret) == packet[start : start + size]
    return Described(what, name, Severity.TOTAL, private_key.CHECKED) if right else None


def _public_of(name: str, secret: bytes) -> bytes:
    """What belongs to a secret; nothing where the library is not there, or does not know the curve."""
    library = private_key.library()
    if library is None:
        return b""
    module = importlib.import_module(f"cryptography.hazmat.primitives.asymmetric.{name.lower()}")
    try:
        return bytes(getattr(module, f"{name}PrivateKey").from_private_bytes(secret).public_key().public_bytes_raw())
    except library[1]:
        return b""


def _public(packet: bytes, algorithm: int, at: int) -> tuple[list[int], int]:
    """The numbers of the public part, which begins at ``at``, and where it ends."""
    if algorithm in _NATIVE:
        return [], at + _NATIVE[algorithm]
    if algorithm in (18, 19, 22):
        numbers, at = _numbers(packet, at + 1 + packet[at], 1)  # behind the identifier of the curve
        return numbers, at + 1 + packet[at] if algorithm == 18 else at
    return _numbers(packet, at, 2 if algorithm in _RSA else _PUBLIC[algorithm])


def _numbers(data: bytes, at: int, count: int) -> tuple[list[int], int]:
    """Multiprecision integers (section 3.2), each with its length in bits."""
    numbers = []
    for _ in range(count):
        (bits,) = struct.unpack_from(">H", data, at)
        size = (bits + 7) // 8
        if at + 2 + size > len(data):
            raise ValueError("cut")
        numbers.append(int.from_bytes(data[at + 2 : at + 2 + size], "big"))
        at += 2 + size
    return numbers, at
