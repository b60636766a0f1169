"""Static keys of OpenVPN: ``--secret``, ``--tls-auth`` and ``--tls-crypt`` (``openvpn --genkey``), and of tls-crypt-v2.

The first is 16 lines of 32 hexadecimal digits (``crypto.c``, ``write_key_file``); the others are base64 of 128 bytes
for a server, and of 256 bytes and a wrapped copy, which ends with its own length, for a client
(``doc/tls-crypt-v2.txt``).
"""

from __future__ import annotations

import binascii
import itertools
import re

import attrs

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys.detector import Findings, identity
from redactfuzz.scan.keys.known import KnownKeys
from redactfuzz.scan.keys.literals import Literals
from redactfuzz.scan.keys.private_key import random_looking
from redactfuzz.scan.keys.written.line_forms import blocks, forms

_LABELS = Literals(b"OpenVPN Stat", b"OpenVPN tls-")
_BEGIN = b"-----BEGIN "
_LONGEST = 1 << 13
"""Characters from the label on: 800 of a static key, whose lines may stand in a log, and 2,000 of a client's."""
_STATIC = re.compile(rb"OpenVPN Static key V1-----\n((?:[0-9a-fA-F]{32}\n){16})")
_SECOND = re.compile(rb"OpenVPN tls-crypt-v2 (client|server) key-----\n((?:[A-Za-z0-9+/]{1,76}={0,2}\n)+)")
_JOINED = re.compile(rb"(?<=V1-----)\s+|(?<=key-----)\s+|(?<=[0-9a-fA-F]{32})\s+|(?<=[A-Za-z0-9+/]{64})\s+")
"""What stands for the breaks of lines in a file that was written in one."""
_SERVER, _CLIENT = 128, 256
_WRAPPED = 2 + 256 + 32
"""What is wrapped is at least the key, its authentication and its length."""
_HIDDEN = re.compile(rb"[0-9a-fA-F]{32}|[A-Za-z0-9+/]{64}")
_UNOPENED = "what begins as a static key of OpenVPN was not put together"
_REASON = "its lines are those of such a key, and it looks random: nothing in it can be checked"


@attrs.frozen
class OpenVpnKeys:
    """Blocks whose lines are a key, indented, quoted, in a log or in one line."""

    name: str = "openvpn"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each key. What has lines of one, and is none, is a gap."""
        findings = Findings(self.name, image)
        for block in blocks(image, _LABELS, _BEGIN, b"-----END", _LONGEST):
            key = _found(block.text, block.before)
            if key:
                findings.add("OpenVPN static key", identity(key), Severity.TOTAL, _REASON, block.offset, block.length)
            elif key is None and _HIDDEN.search(block.text):
                findings.unopened(_UNOPENED, block.offset, block.length)
        return findings


def _found(text: bytes, before: bytes) -> bytes | None:
    """The key in a block; empty where one is written and is no secret; None where none is put together."""
    for form in forms(text, before, _JOINED):
        lines = form.rstrip() + b"\n"
        static, second = _STATIC.match(lines), _SECOND.match(lines)
        if static:
            return _secret(bytes.fromhex(static[1].decode()))
        if second:
            key = _of_second(second[1], second[2])
            if key is not None:
                return key
    return None


def _of_second(side: bytes, text: bytes) -> bytes | None:
    try:
        data = binascii.a2b_base64(text)
    except binascii.Error:
        return None
    wrapped = len(data) - _CLIENT
    whole = len(data) == _SERVER if side == b"server" else wrapped >= _WRAPPED
    if not whole or (side == b"client" and int.from_bytes(data[-2:], "big") != wrapped):
        return None
    return _secret(data[: _SERVER if side == b"server" else _CLIENT])


def _secret(key: bytes) -> bytes:
    """The key, or nothing where it is one of a document: running bytes, or the same again and again."""
    runs = sum((after - byte) % 256 in (0, 1) for byte, after in itertools.pairwise(key))
    return key if random_looking(key) and runs * 4 < len(key) else b""
