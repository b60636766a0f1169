"""Private keys in DER: PKCS#8 (RFC 5958), PKCS#1 (RFC 8017) and SEC 1 (RFC 5915), and what is left of RSA keys."""

from __future__ import annotations

import bisect
import heapq
from collections.abc import Iterator, Sequence

import attrs

from redactfuzz.dumps.readers.image import Image
from redactfuzz.scan.keys import candidates, der, rsa_members
from redactfuzz.scan.keys.der_key import PBES, describe
from redactfuzz.scan.keys.detector import Findings, Memo
from redactfuzz.scan.keys.known import KnownKeys
from redactfuzz.scan.keys.literals import Literals
from redactfuzz.scan.keys.private_key import Described

_ENCRYPTIONS = Literals(*(bytes([der.OBJECT, size]) + PBES[size] for size in sorted(PBES)), wide=False)
_BEFORE = 10
"""Bytes of the headers of two SEQUENCEs at most."""
_LONGEST = 1 << 16
_BAG = bytes.fromhex("060b2a864886f70d010c0a0102")
"""Of PKCS#12, before a key that is encrypted there: its store is reported."""
_EXPONENTS = Literals(*rsa_members.EXPONENTS, wide=False)
_TRIED = 256
"""Beginnings of numbers of RSA in one stretch whose relations are looked at: a hundredth of a second each, at most."""
_TOO_MANY = "not all that may be numbers of damaged RSA keys were compared: they are too many"


@attrs.frozen
class DerKeys:
    """What begins like a private key, has its whole length in the image, parses, and whose numbers agree.

    Of RSA keys also d with n or with a prime, whatever became of what is before and behind them.
    """

    name: str = "der"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each key."""
        findings, described = Findings(self.name, image), Memo(describe)
        starts, ends = [0], [0]
        for offset, length in heapq.merge(candidates.headers(image.data), _encrypted(image)):
            # The PKCS#1 key inside a PKCS#8 key is not a second one.
            if offset < ends[-1]:
                continue
            key = described(image.data[offset : offset + length])
            if key:
                findings.add(key.what, key.identity, key.severity, key.reason, offset, length)
                starts.append(offset)
                ends.append(offset + length)
        _add_damaged(image, findings, starts, ends)
        return findings


def _encrypted(image: Image) -> Iterator[tuple[int, int]]:
    """(offset, length) of what begins like an encrypted key (RFC 5958 section 3): it has no version."""
    for offset, _, _ in _ENCRYPTIONS.places(image):
        data = image.data[max(0, offset - _BEFORE) : offset + _LONGEST]
        before = min(offset, _BEFORE)
        for start in range(before - 3):
            try:
                inner, end = der.extent(data, start)
                content, _ = der.extent(data, inner)
            except der.NotDer:
                continue
            if data[start] == data[inner] == der.SEQUENCE and content == before and end <= len(data):
                if _BAG not in image.data[max(0, offset - 4 * _BEFORE) : offset]:
                    yield offset - before + start, end - start
                break


def _add_damaged(image: Image, findings: Findings, starts: Sequence[int], ends: Sequence[int]) -> None:
    """What is left of RSA keys, outside of those that are whole."""
    tried: dict[rsa_members.Members, Described | None] = {}
    for offset, _, _ in _EXPONENTS.places(image):
        if offset < ends[bisect.bisect(starts, offset) - 1]:
            continue
        ahead = image.data[max(0, offset - rsa_members.AHEAD) : offset]
        members = rsa_members.members(ahead, image.data[offset : offset + rsa_members.BEHIND])
        if members is None:
            continue
        if members not in tried:
            if len(tried) >= _TRIED:
                findings.gap(_TOO_MANY, offset)
                return
            tried[members] = members.described()
        key = tried[members]
        if key:
            begin, end = offset - members.before, min(image.size, offset + members.behind)
            findings.add(key.what, key.identity, key.severity, key.reason, begin, end - begin)
