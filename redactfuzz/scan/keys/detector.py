"""What a detector of key material is, and how its findings are gathered."""

from __future__ import annotations

import hashlib
import mmap
from collections.abc import Iterator
from typing import Protocol

import attrs

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import KeyFinding, Severity, Where
from redactfuzz.scan.keys.known import KnownKeys

LISTED = 16
"""Places of one finding that are listed; the rest is counted."""


class Detector(Protocol):
    """Finds one kind of key material that nobody planted. One file each, listed in ``DETECTORS``."""

    @property
    def name(self) -> str:
        """Short and stable: it stands in reports and in baselines."""

    def find(self, image: Image, known: KnownKeys) -> Iterator[KeyFinding]:
        """Every key in the raw bytes of an image, once, with the places where it lies. Raises for no bytes whatever."""


def identity(*parts: bytes | int) -> str:
    """Distinguishes keys and shows none: the first 32 bits of a hash."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.to_bytes((part.bit_length() + 7) // 8, "big") if isinstance(part, int) else part
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()[:8]


@attrs.define
class _Gathered:
    severity: Severity
    reason: str
    where: list[Where] = attrs.field(factory=list)
    more: int = 0


class Findings:
    """Gathers the places of each key in an image, in the order in which the keys are met."""

    def __init__(self, detector: str, image: Image) -> None:
        self._detector = detector
        self._image = image.name
        self._found: dict[tuple[str, str], _Gathered] = {}

    def add(self, what: str, identity: str, severity: Severity, reason: str, offset: int, length: int) -> None:
        """One more place of a key."""
        one = self._found.setdefault((what, identity), _Gathered(severity, reason))
        if len(one.where) < LISTED:
            one.where.append(Where(self._image, offset, length))
        else:
            one.more += 1

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
