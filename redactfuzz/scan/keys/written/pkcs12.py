"""Stores of PKCS#12 (RFC 7292) that hold a private key: PFX files."""

from __future__ import annotations

import attrs

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys import der
from redactfuzz.scan.keys.detector import Findings, identity
from redactfuzz.scan.keys.known import KnownKeys
from redactfuzz.scan.keys.literals import Literals
from redactfuzz.scan.keys.private_key import ENCRYPTED, library

_DATA = bytes.fromhex("06092a864886f70d010701")
_SHROUDED, _PLAIN = bytes.fromhex("060b2a864886f70d010c0a0102"), bytes.fromhex("060b2a864886f70d010c0a0101")
_VERSION = b"\x02\x01\x03\x30"
_VERSIONS = Literals(_VERSION, wide=False)
_BEFORE = 5
_LONGEST = 1 << 20
_OPEN = "its passphrase is empty"


@attrs.frozen
class Pkcs12Stores:
    """What parses as a PFX and names a bag with a key. Whether an empty passphrase opens it is tried."""

    name: str = "pkcs12"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each store."""
        findings = Findings(self.name, image)
        for offset, _, _ in _VERSIONS.places(image):
            for start in range(max(0, offset - _BEFORE), offset):
                store = _store(image.data[start : start + _LONGEST], offset - start)
                if store:
                    opened = _PLAIN in store or _opens(store)
                    severity, reason = (Severity.TOTAL, _OPEN) if opened else (Severity.MEDIUM, ENCRYPTED)
                    findings.add("private key (PKCS#12 store)", identity(store), severity, reason, start, len(store))
                    break
        return findings


def _store(data: bytes, content: int) -> bytes:
    """The store at the beginning of some bytes; nothing where there is none, or none with a key."""
    if data[:1] != b"\x30" or _DATA not in data[:64]:
        return b""
    try:
        first, end = der.extent(data)
        fields = der.sequence(data[:end])
    except der.NotDer:
        return b""
    if first != content or not 2 <= len(fields) <= 3 or fields[1].tag != der.SEQUENCE:
        return b""
    return data[:end] if _SHROUDED in data[:end] or _PLAIN in data[:end] else b""


def _opens(store: bytes) -> bool:
    if library() is None:
        return False
    from cryptography.hazmat.primitives.serialization import pkcs12

    for passphrase in (b"", None):
        try:
            key, _, _ = pkcs12.load_key_and_certificates(store, passphrase)
        except (ValueError, TypeError):
            continue
        return key is not None
    return False
