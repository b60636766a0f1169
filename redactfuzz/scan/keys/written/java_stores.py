"""Key stores of Java: JKS and JCEKS (``sun.security.provider.JavaKeyStore``). Each private key is encrypted."""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator

import attrs

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys import der
from redactfuzz.scan.keys.detector import Findings, identity
from redactfuzz.scan.keys.effort import affords
from redactfuzz.scan.keys.known import KnownKeys
from redactfuzz.scan.keys.literals import Literals
from redactfuzz.scan.keys.private_key import ENCRYPTED

_MAGIC = {b"\xfe\xed\xfe\xed": "JKS", b"\xce\xce\xce\xce": "JCEKS"}
_BEGINNINGS = Literals(*_MAGIC, wide=False)
_FIRST = 12
_PRIVATE, _CERTIFICATE, _SECRET = 1, 2, 3
_SUN = bytes.fromhex("2b060104012a02")
"""What the algorithms of both kinds of store begin with (1.3.6.1.4.1.42.2)."""
_SEALED = b"\xac\xed\0\5sr\0\x33com.sun.crypto.provider.SealedObjectForKeyProtector"
"""What a secret key of JCEKS begins with: an object that Java serialised."""
_SECRET_KEY, _PRIVATE_KEY = 512, 1 << 16
"""Bytes of one that are taken, and of one at most."""
_HEADERS, _OF_SUN = 12, 32
"""Bytes between the beginning of a key and the identifier of its algorithm, and up to its end, at most."""
_REST = 1 << 22
"""Bytes of a store behind a secret key in which others are looked for."""

_ENTRY, _BYTE = 1 << 21, 1 << 12
"""What to walk over an entry costs, or over a certificate, and to look at a byte of a key, as ``effort.py`` counts.

A store says how many there are, and each of many stores that begin within one another may lead to the same ones.
"""

_Data = bytes | mmap.mmap
_Key = tuple[int, bytes, bool]


@attrs.frozen
class JavaStores:
    """Stores that parse to a key."""

    name: str = "java-store"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each key."""
        findings = Findings(self.name, image)
        for offset, index, _ in _BEGINNINGS.places(image):
            kind = list(_MAGIC.values())[index]
            for start, content, private in keys(image.data, offset):
                what = f"encrypted {'private' if private else 'secret'} key ({kind} store)"
                findings.add(what, identity(content), Severity.MEDIUM, ENCRYPTED, start, len(content))
        return findings


def keys(data: _Data, begin: int = 0) -> Iterator[_Key]:
    """(offset, content, whether it is a private key) of each entry with a key, of a store at an offset.

    How long a secret key is nobody says, so what is behind the first is looked for by its own header.
    """
    try:
        version, count = struct.unpack_from(">II", data, begin + 4)
        if version not in (1, 2):
            return
        at = begin + _FIRST
        for _ in range(count):
            if not affords(_ENTRY):
                return
            (tag,) = struct.unpack_from(">I", data, at)
            at = _text(data, at + 4) + 8  # the alias, and the date behind it
            if tag == _PRIVATE:
                end = _sized(data, at)
                content = data[at + 4 : min(end, at + 4 + _PRIVATE_KEY)]
                if not _is_encrypted(content):
                    return
                yield at + 4, content, True
                (chain,) = struct.unpack_from(">I", data, end)
                at = end + 4
            elif tag == _SECRET and data[at : at + len(_SEALED)] == _SEALED:
                yield from _behind(data, at, begin)
                return
            elif tag != _CERTIFICATE:
                return
            for _ in range(chain if tag == _PRIVATE else 1):
                if not affords(_ENTRY):
                    return
                at = _sized(data, _text(data, at))
    except (struct.error, ValueError):
        return


def _behind(data: _Data, first: int, begin: int) -> Iterator[_Key]:
    """The keys of a store from its first secret one on, up to where another store begins."""
    end = data.find(data[begin : begin + 4], first, first + _REST)
    end = min(len(data), first + _REST) if end < 0 else end
    at = first
    while at >= 0:
        behind = data.find(_SEALED, at + 1, end)
        yield at, data[at : min(at + _SECRET_KEY, end if behind < 0 else behind)], False
        at = behind
    at = first
    while (at := data.find(_SUN, at + 1, end)) >= 0:
        for start in range(max(4, at - _HEADERS), at - 3):
            if data[start] == der.SEQUENCE and _is_key(data, start, end):
                yield start, data[start : _sized(data, start - 4)], True
                break


def _is_key(data: _Data, start: int, end: int) -> bool:
    """Whether an encrypted key begins there, with its length before it."""
    try:
        behind = _sized(data, start - 4)
        return behind <= min(end, start + _PRIVATE_KEY) and _is_encrypted(data[start:behind])
    except (struct.error, ValueError):
        return False


def _text(data: _Data, at: int) -> int:
    """Behind a text with its length in two bytes."""
    return at + 2 + int(struct.unpack_from(">H", data, at)[0])


def _sized(data: _Data, at: int) -> int:
    """Behind what has its length in four bytes."""
    (size,) = struct.unpack_from(">I", data, at)
    if size > len(data) - at - 4:
        raise ValueError("cut")
    return at + 4 + int(size)


def _is_encrypted(content: bytes) -> bool:
    if _SUN not in content[:_OF_SUN] or not affords(_BYTE * len(content)):
        return False
    fields = der.sequence(content)
    tags = [field.tag for field in fields]
    if tags != [der.SEQUENCE, der.OCTETS]:
        return False
    algorithm = der.values(fields[0].content)
    return bool(algorithm) and algorithm[0].content.startswith(_SUN)
