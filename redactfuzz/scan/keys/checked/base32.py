"""Secret seeds in base32 with a CRC-16: of NATS (nkeys), and of Stellar (SEP-23, "strkey")."""

from __future__ import annotations

import base64
import binascii
import re

import attrs

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys import candidates
from redactfuzz.scan.keys.detector import Findings, identity
from redactfuzz.scan.keys.known import KnownKeys
from redactfuzz.scan.keys.private_key import random_looking

_DIGITS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_STELLAR, _NATS = 56, 58
"""Letters of a seed of 32 bytes with one byte before it, and with two."""
_MOST = 1 << 16
"""Letters in a row that are looked at: what is longer is no word."""
_BEFORE = 12
"""Letters before a seed of NATS at most: a string that is not terminated may stand there."""
_TYPED = re.compile(rb"S[UAOCNX]A")
"""What a seed of NATS begins with: S, and U, A, O, C, N or X for user, account, operator, cluster, server and curve.
The third letter has bits of the type alone, all of which are zero."""
_SECRET = 18 << 3
"""The first byte of both: the upper five bits are an S."""
_CRC = 2
_REASON = "its checksum is right"


@attrs.frozen
class Base32Keys:
    """Words of which 56 or 58 letters begin as a secret seed and have a right checksum, whatever follows.

    Of Stellar the whole word is looked at from its first letter on: 24 bits say what it is, so that one place in 2^24
    would be one by chance.
    """

    name: str = "base32"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each seed."""
        findings = Findings(self.name, image)
        for offset, length in candidates.runs(image.data, _DIGITS, _STELLAR, _MOST):
            text = image.data[offset : offset + min(length, _BEFORE + _NATS)]
            begin = _TYPED.search(text, 0, _BEFORE + 3)
            if begin and _is_seed(text[begin.start() : begin.start() + _NATS], _NATS):
                _add(findings, "NATS nkey seed", text[begin.start() :][:_NATS], offset + begin.start())
            elif text[:1] == b"S" and _is_seed(text[:_STELLAR], _STELLAR):
                _add(findings, "Stellar secret seed", text[:_STELLAR], offset)
        return findings


def _add(findings: Findings, what: str, text: bytes, offset: int) -> None:
    findings.add(what, identity(text), Severity.TOTAL, _REASON, offset, len(text))


def _is_seed(text: bytes, size: int) -> bool:
    """Whether so many letters are a seed with its checksum, and its seed is no example of zeros."""
    if len(text) != size:
        return False
    data = base64.b32decode(text + b"=" * (-size % 8))
    right = binascii.crc_hqx(data[:-_CRC], 0).to_bytes(_CRC, "little")  # XMODEM's, as both ask
    kind = _SECRET if size == _STELLAR else data[0]
    return data[-_CRC:] == right and data[0] == kind and random_looking(data[-_CRC - 32 : -_CRC])


def encode(data: bytes) -> bytes:
    """Base32 without padding of bytes and their checksum."""
    return base64.b32encode(data + binascii.crc_hqx(data, 0).to_bytes(_CRC, "little")).rstrip(b"=")
