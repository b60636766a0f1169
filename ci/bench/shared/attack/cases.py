"""What a section is made of: bytes that hold something, the same without it, and what is seen of either."""

from __future__ import annotations

import functools
import random
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import attrs

from redactfuzz.model.canary import Canary
from redactfuzz.model.exposure import DumpReport
from redactfuzz.report.dump_lines import verdict
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.matcher_set import MatcherSet

FOUND = "found"


@attrs.frozen
class Case:
    """One notation or container. ``make`` gives the dump that holds the secret, ``near`` one that holds none.

    ``is_found`` is asked about the report.
    """

    name: str
    make: Callable[[], bytes]
    is_found: Callable[[DumpReport], bool]
    near: Callable[[], bytes] | None = None
    canary: Canary | None = None

    def outcome(self) -> str:
        """Found, or the verdict of the scan in its place."""
        report = scanned(self.make(), self.canary)
        return FOUND if self.is_found(report) else verdict(report)

    def near_miss(self) -> str | None:
        """What is said of that which holds none: CLEAN is right, or what the section says."""
        return None if self.near is None else verdict(scanned(self.near(), self.canary))


@attrs.frozen
class Section:
    """A chapter of the page. Columns are carriers: what the notation stands in."""

    name: str
    title: str
    text: str
    cases: Callable[[], Mapping[str, Mapping[str, Case]]]
    """Row -> carrier -> case."""
    near: frozenset[str] = frozenset({"CLEAN"})
    """What may be said of a near miss."""


@functools.cache
def _wanted(canary: Canary | None) -> ScanRequest:
    matcher_set = MatcherSet(thorough=True)
    matcher_set.plant([canary] if canary is not None else [], [])
    return ScanRequest(matcher_set, KnownKeys(), canaries=() if canary is None else (canary,))


def scanned(data: bytes, canary: Canary | None) -> DumpReport:
    """The report on these bytes, as a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "dump"
        path.write_bytes(data)
        return scan_dump(path, _wanted(canary))


def in_memory(data: bytes) -> bytes:
    """Among bytes that are none of it, as in a core."""
    rng = random.Random(len(data))
    return rng.randbytes(4099) + bytes(64) + data + bytes(64) + rng.randbytes(4099)


def in_a_log(data: bytes) -> bytes:
    """Between lines of a log."""
    line = b"2026-11-28T10:00:00Z host app[17]: INFO all is well in the state of things\n"
    return line * 3 + data + b"\n" + line * 3


def in_a_log_with_a_nul(data: bytes) -> bytes:
    """A log that lost its text encoding by one byte."""
    return b"started\0\n" + in_a_log(data)


CARRIERS: dict[str, Callable[[bytes], bytes]] = {
    "in a log": in_a_log,
    "in a log with one NUL": in_a_log_with_a_nul,
    "in memory": in_memory,
}
