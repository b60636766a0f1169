"""Stores of PKCS#12 (RFC 7292) that hold a private key: PFX files."""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Sequence

import attrs

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys import der
from redactfuzz.scan.keys.der_key import describe
from redactfuzz.scan.keys.detector import Findings, identity
from redactfuzz.scan.keys.known import KnownKeys
from redactfuzz.scan.keys.literals import Literals
from redactfuzz.scan.keys.private_key import ENCRYPTED
from redactfuzz.scan.keys.written.empty_passphrase import DATA, SHROUDED, opens

_PLAIN = bytes.fromhex("060b2a864886f70d010c0a0101")
_VERSION = b"\x02\x01\x03\x30"
_VERSIONS = Literals(_VERSION, wide=False)
_BAGS = Literals(SHROUDED, wide=False)
_BEFORE = 5
"""Bytes of a header at most."""
_MEMBERS = 3
_LONGEST_BAG = 1 << 16
_TIMES, _SPARE = 4, 16 << 20
"""Bytes that are parsed in all: so many times those of the image, and some."""
_TRIED = 64
"""Stores that are tried to be opened: each takes the time that its passphrase was made to take."""
_TOO_MANY = "not all that may be PKCS#12 stores were read: they are too many, one in the other"
_MANY = "not of all PKCS#12 stores it was tried whether an empty passphrase opens them: they are too many"
_UNKNOWN = (
    "of some PKCS#12 stores it is not known whether an empty passphrase opens them: that takes too many rounds, or what"
    " the library lacks"
)
_OPEN = "its passphrase is empty"


@attrs.frozen
class Pkcs12Stores:
    """What parses as a PFX and names a bag with a key. Whether an empty passphrase opens it is tried."""

    name: str = "pkcs12"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each store; of a store that is damaged or not in DER, one for each key that is in it."""
        findings = Findings(self.name, image)
        starts, ends = [0], [0]
        left = _TIMES * image.size + _SPARE
        tried: dict[str, bool | None] = {}
        for offset, _, _ in _VERSIONS.places(image):
            for start, end in _extents(image, offset):
                left -= end - start
                if left < 0:
                    findings.gap(_TOO_MANY, start)
                    return findings
                store = _store(image.data[start:end])
                if store:
                    name = identity(store)
                    if name not in tried and len(tried) < _TRIED:
                        tried[name] = _PLAIN in store or opens(store)
                    if name not in tried:
                        findings.gap(_MANY, start)
                    elif tried[name] is None:
                        findings.gap(_UNKNOWN, start)
                    severity, reason = (Severity.TOTAL, _OPEN) if tried.get(name) else (Severity.MEDIUM, ENCRYPTED)
                    findings.add("private key (PKCS#12 store)", name, severity, reason, start, end - start)
                    starts.append(start)
                    ends.append(end)
        self._add_bags(image, findings, starts, ends)
        return findings

    def _add_bags(self, image: Image, findings: Findings, starts: Sequence[int], ends: Sequence[int]) -> None:
        """Encrypted keys outside of stores that were read: of stores in BER, or of which a part is missing."""
        for offset, _, _ in _BAGS.places(image):
            if offset < ends[bisect.bisect(starts, offset) - 1]:
                continue
            data = image.data[offset + len(SHROUDED) : offset + _LONGEST_BAG]
            try:
                start, _ = der.extent(data)
                _, end = der.extent(data, start)
            except der.NotDer:
                continue
            key = describe(data[start:end]) if end <= len(data) else None
            if key:
                what = f"{key.what}, in a PKCS#12 store"
                findings.add(what, key.identity, key.severity, key.reason, offset, len(SHROUDED) + end)


def _extents(image: Image, content: int) -> Iterator[tuple[int, int]]:
    """From where to where a store with its version there may reach: what is in it fills it (RFC 7292 section 4)."""
    for start in range(max(0, content - _BEFORE), content - 1):
        data = image.data
        try:
            first, end = der.extent(data[start:content])
        except der.NotDer:
            continue
        end += start
        if data[start] != der.SEQUENCE or start + first != content or end > image.size:
            continue
        at, members = content, 0
        while at < end and members < _MEMBERS:
            try:
                _, size = der.extent(data[at : at + _BEFORE])
            except der.NotDer:
                break
            at, members = at + size, members + 1
        if at == end and members > 1 and DATA in data[start : start + 64]:
            yield start, end
            return


def _store(data: bytes) -> bytes:
    """The store, where it has a key; nothing where there is none."""
    try:
        fields = der.sequence(data)
    except der.NotDer:
        return b""
    if fields[1].tag != der.SEQUENCE or not (SHROUDED in data or _PLAIN in data):
        return b""
    return data
