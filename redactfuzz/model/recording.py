"""The dumps of one execution as bytes, for comparison with those of another. Never part of a report."""

from __future__ import annotations

import attrs


@attrs.frozen(repr=False)
class RecordedDump:
    """One dump as one stretch of bytes. ``unread`` says why it cannot be compared."""

    name: str
    data: bytes
    allowed: frozenset[str] = frozenset()
    unread: str = ""

    def __repr__(self) -> str:
        return f"<RecordedDump {self.name}: {len(self.data)} bytes>"


@attrs.frozen
class RecordedSecret:
    """What there is to know of a canary without its value."""

    name: str
    positions: int
    """Characters or bits that can be changed one at a time; 0 where its parts hang together."""
    unit: str
    bits: float
    hash_prefix: str


@attrs.frozen
class Recording:
    """All dumps of an execution, and what was planted in it."""

    dumps: tuple[RecordedDump, ...] = ()
    secrets: tuple[RecordedSecret, ...] = ()
    failed: tuple[str, ...] = ()
    """Declared derivations that could not be computed, with the reason."""
    declared: tuple[str, ...] = ()
    """Declarations of which something was taken out of the dumps,"""
    admitted: tuple[str, ...] = ()
    """and those that give a secret away."""
    plain: frozenset[str] = frozenset()
    """Canaries that are in a dump as they are, where they may not."""
    shape: int = 0
    content: tuple[int, ...] = ()
    """Both as those of an ``Inspection``."""
