"""Key stores of Java: JKS and JCEKS (``sun.security.provider.JavaKeyStore``). Each private key is encrypted."""

from __future__ import annotations

import struct

import attrs

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys import der
from redactfuzz.scan.keys.detector import Findings, identity
from redactfuzz.scan.keys.known import KnownKeys
from redactfuzz.scan.keys.literals import Literals
from redactfuzz.scan.keys.private_key import ENCRYPTED

_MAGIC = {b"\xfe\xed\xfe\xed": "JKS", b"\xce\xce\xce\xce": "JCEKS"}
_BEGINNINGS = Literals(*_MAGIC, wide=False)
_LONGEST = 1 << 22
_MOST = 1024
_PRIVATE, _CERTIFICATE = 1, 2
_SUN = bytes.fromhex("2b060104012a02")
"""What the algorithms of both kinds of store begin with (1.3.6.1.4.1.42.2)."""


@attrs.frozen
class JavaStores:
    """Stores that parse to a private key."""

    name: str = "java-store"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each private key."""
        findings = Findings(self.name, image)
        for offset, index, _ in _BEGINNINGS.places(image):
            kind = list(_MAGIC.values())[index]
            for start, content in private_keys(image.data[offset : offset + _LONGEST]):
                what = f"encrypted private key ({kind} store)"
                findings.add(what, identity(content), Severity.MEDIUM, ENCRYPTED, offset + start, len(content))
        return findings


def private_keys(data: bytes) -> list[tuple[int, bytes]]:
    """(offset, DER) of each private key, up to where the store cannot be read on."""
    found: list[tuple[int, bytes]] = []
    try:
        version, count = struct.unpack_from(">II", data, 4)
        if version not in (1, 2) or not 0 < count <= _MOST:
            return found
        at = 12
        for _ in range(count):
            (tag,) = struct.unpack_from(">I", data, at)
            at = _text(data, at + 4) + 8  # the alias, and the date behind it
            if tag == _PRIVATE:
                content, end = _sized(data, at)
                if not _is_encrypted(content):
                    return found
                found.append((at + 4, content))
                (chain,) = struct.unpack_from(">I", data, end)
                at = end + 4
            elif tag != _CERTIFICATE:
                return found
            for _ in range(min(chain, _MOST) if tag == _PRIVATE else 1):
                _, at = _sized(data, _text(data, at))
    except (struct.error, ValueError):
        return found
    return found


def _text(data: bytes, at: int) -> int:
    """Behind a text with its length in two bytes."""
    return at + 2 + int(struct.unpack_from(">H", data, at)[0])


def _sized(data: bytes, at: int) -> tuple[bytes, int]:
    (size,) = struct.unpack_from(">I", data, at)
    if size > len(data) - at - 4:
        raise ValueError("cut")
    return data[at + 4 : at + 4 + size], at + 4 + size


def _is_encrypted(content: bytes) -> bool:
    fields = der.sequence(content)
    tags = [field.tag for field in fields]
    return tags == [der.SEQUENCE, der.OCTETS] and der.values(fields[0].content)[0].content.startswith(_SUN)
