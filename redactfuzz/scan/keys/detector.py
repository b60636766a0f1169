"""What a detector of key material is, and how its findings are gathered."""

from __future__ import annotations

import hashlib
import mmap
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Generic, Protocol, TypeVar

import attrs

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import Gap, KeyFinding, Severity, Where
from redactfuzz.scan.keys.known import KnownKeys
from redactfuzz.scan.keys.published import PUBLISHED, REASON

PLACES = 16
"""Places of one finding that are listed; the rest is counted."""
KEYS = 256
"""Keys of one kind that are listed; the rest is counted."""


_Value = TypeVar("_Value")


class Memo(Generic[_Value]):
    """A function whose values are kept for bytes that come again: a dump holds a key many times.

    Of the bytes, which are secret, a hash is kept.
    """

    _MOST = 4096

    def __init__(self, work: Callable[..., _Value]) -> None:
        self._work = work
        self._known: dict[bytes, _Value] = {}

    def __call__(self, *parts: bytes | int) -> _Value:
        """What the function gives for these parts."""
        digest = _digest(*parts)
        if digest not in self._known:
            if len(self._known) >= self._MOST:
                del self._known[next(iter(self._known))]
            self._known[digest] = self._work(*parts)
        return self._known[digest]


class Detector(Protocol):
    """Finds one kind of key material that nobody planted. One file each, listed in ``DETECTORS``."""

    @property
    def name(self) -> str:
        """Short and stable: it stands in reports and in baselines."""

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """Every key in the raw bytes of an image, once, with the places where it lies. Raises for no bytes whatever."""


def identity(*parts: bytes | int) -> str:
    """Distinguishes keys and shows none: the first 64 bits of a hash, so that nobody makes two of one identity."""
    return _digest(*parts)[:8].hex()


def _digest(*parts: bytes | int) -> bytes:
    digest = hashlib.sha256()
    for part in parts:
        data = part.to_bytes((part.bit_length() + 7) // 8, "big") if isinstance(part, int) else part
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.digest()


@attrs.define
class _Gathered:
    severity: Severity
    reason: str
    where: list[Where] = attrs.field(factory=list)
    more: int = 0


class Findings:
    """Gathers the places of each key in an image, in the order in which the keys are met, and what was not looked at.

    ``unlisted`` are the identities of keys beyond those that are listed, by detector, kind and severity.
    """

    def __init__(self, detector: str, image: Image) -> None:
        self._detector = detector
        self._image = image.name
        self._keys, self._places = (sys.maxsize, sys.maxsize) if image.whole.every else (KEYS, PLACES)
        self._found: dict[tuple[str, str], _Gathered] = {}
        self._kinds: Counter[str] = Counter()
        self.unlisted: dict[tuple[str, str, Severity], set[str]] = {}
        self.gaps: list[Gap] = []
        self.unread: list[Gap] = []
        """What was recognised as a key and not opened here: a gap, unless it is found at this place in another form."""

    def gap(self, reason: str, offset: int) -> None:
        """Something was not looked at. Said once for each reason."""
        if all(gap.reason != reason for gap in self.gaps):
            self.gaps.append(Gap(self._image, reason, offset))

    def unopened(self, reason: str, offset: int, length: int) -> None:
        """What lies there is recognised, and not opened in this form."""
        if len(self.unread) < self._keys:
            self.unread.append(Gap(self._image, reason, offset, length))
        else:
            self.gap(reason, offset)

    def add(self, what: str, identity: str, severity: Severity, reason: str, offset: int, length: int) -> None:
        """One more place of a key. One that is published opens nothing, whatever it is."""
        if identity in PUBLISHED:
            severity, reason = Severity.LOW, REASON
        if (what, identity) not in self._found:
            if self._kinds[what] >= self._keys:
                self.unlisted.setdefault((self._detector, what, severity), set()).add(identity)
                return
            self._kinds[what] += 1
            self._found[what, identity] = _Gathered(severity, reason)
        one = self._found[what, identity]
        if len(one.where) < self._places:
            one.where.append(Where(self._image, offset, length))
        else:
            one.more += 1

    @property
    def is_silent(self) -> bool:
        """There is nothing to report: no key, and nothing that was not looked at."""
        return not (self._found or self.unlisted or self.gaps or self.unread)

    def __iter__(self) -> Iterator[KeyFinding]:
        for (what, name), one in self._found.items():
            yield KeyFinding(self._detector, what, name, one.severity, one.reason, tuple(one.where), one.more)


def text_at(data: bytes | mmap.mmap, offset: int, width: int, limit: int) -> bytes:
    """Up to `limit` ASCII characters from `offset` on, each of `width` bytes (2: UTF-16 little-endian)."""
    if width == 1:
        return data[offset : offset + limit]
    raw = data[offset : offset + width * limit]
    high = raw[1::width]
    end = len(high) - len(high.lstrip(b"\0"))
    return raw[::width][:end]
