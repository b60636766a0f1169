"""Keytabs of Kerberos: keys of principals, with which whoever has them logs in (MIT's ``keytab`` file format, 5.2).

Behind the mark are entries, each with its length: the realm and the parts of a name, its type, the time, a version, and
the key with the number of its encryption type. Holes have negative lengths.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

import attrs

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys.detector import Findings, identity
from redactfuzz.scan.keys.effort import affords
from redactfuzz.scan.keys.known import KnownKeys
from redactfuzz.scan.keys.literals import Literals

_MAGIC = b"\5\2"
_BEGINNINGS = Literals(_MAGIC + b"\0\0", wide=False)
"""With the upper half of the length of the first entry, which has a hundred bytes."""
_SIZES = {1: 8, 2: 8, 3: 8, 16: 24, 17: 16, 18: 32, 19: 16, 20: 32, 23: 16, 24: 16, 25: 16, 26: 32}
"""Bytes of a key, by its encryption type (RFC 3961, 3962, 4757, 6803, 8009)."""
_SHORTEST, _LONGEST, _MOST = 24, 4096, 1 << 16
"""Bytes of an entry, and entries of a file, at most."""
_STEP = 1 << 19
"""What reading one entry costs (`effort.py`), a millionth of a second: holes of a file may lead from each beginning to
the same others."""
_NAME = re.compile(rb"[ -~]{1,255}")
_PARTS = 8
_REASON = "it is an entry of a keytab, whose parts fill its length"


@attrs.frozen
class Keytabs:
    """Files whose entries fill their lengths, and name a principal and an encryption type with a key of its length."""

    name: str = "keytab"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each key, of which one principal has several."""
        findings, told = Findings(self.name, image), 0
        for offset, _, _ in _BEGINNINGS.places(image):
            for at, key in _keys(image, offset + len(_MAGIC)) if offset >= told else ():
                told = at + len(key)
                if len(set(key)) > len(key) // 3:  # zeros stand for a key in a file that was made for an example
                    findings.add("Kerberos key (keytab)", identity(key), Severity.TOTAL, _REASON, at, len(key))
        return findings


def _keys(image: Image, at: int) -> Iterator[tuple[int, bytes]]:
    """Where each key is, up to what is no entry. An empty entry is the end."""
    for _ in range(_MOST):
        head = image.data[at : at + 4]
        (size,) = struct.unpack(">i", head) if len(head) == 4 else (0,)
        if not size or abs(size) > _LONGEST or not affords(_STEP):
            return
        if size > 0:
            place, key = _entry(image.data[at + 4 : at + 4 + size], size)
            if not place:
                return
            yield at + 4 + place, key
        at += 4 + abs(size)


def _entry(data: bytes, size: int) -> tuple[int, bytes]:
    """Where in an entry its key is, and the key; (0, b"") where it is none."""
    try:
        if not _SHORTEST <= size == len(data):
            return 0, b""
        (parts,) = struct.unpack_from(">H", data)
        at = 2
        if not 1 <= parts <= _PARTS:
            return 0, b""
        for _ in range(parts + 1):  # the realm is the first one
            (length,) = struct.unpack_from(">H", data, at)
            if not _NAME.fullmatch(data, at + 2, at + 2 + length):
                return 0, b""
            at += 2 + length
        _, _, _, kind, length = struct.unpack_from(">IIBHH", data, at)
        at += 13
        key = data[at : at + length]
        rest = size - at - length
        fits = _SIZES.get(kind) == length == len(key) and rest in (0, 4, 8)  # a longer version, and flags
        return (at, key) if fits else (0, b"")
    except struct.error:
        return 0, b""
