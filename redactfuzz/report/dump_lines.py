"""The verdict on a dump as a readable table, and as one line of JSON. Shows places, never bytes of a secret."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import attrs

from redactfuzz.model.exposure import (
    Difference,
    DumpReport,
    Exposure,
    Fragment,
    Gap,
    KeyFinding,
    Severity,
    UnlistedKeys,
)
from redactfuzz.report.lines import printable
from redactfuzz.scan.threshold import fingerprint

SCHEMA = "scan/1"
"""What a line of JSON is written as: ``scan.schema.json`` in the reference. A field more is the same version."""
SHOWN = 6
"""Places of one secret in the table; the JSON has more."""
SHOWN_DIFFERENCES = 20
"""Places that another dump has otherwise."""
UNMARKED = "the registry's marker is not in this dump: it may be of another program, or hold no environment"


def verdict(report: DumpReport) -> str:
    """LEAK, INCOMPLETE (something was not read, or may not be what it should be), NOTED (what was found does not fail)
    or CLEAN.
    """
    if report.leaks:
        return "LEAK"
    if not report.complete or report.marked is False:
        return "INCOMPLETE"
    return "NOTED" if report.findings else "CLEAN"


def table(report: DumpReport) -> Iterator[str]:
    """Lines for a person. Names come from the dump: no control character of theirs reaches a terminal."""
    for text in _lines(report):
        indent = len(text) - len(text.lstrip(" "))
        yield " " * indent + printable(text)


def _lines(report: DumpReport) -> Iterator[str]:
    size = sum(image.size for image in report.images[:1])
    read = sum(image.read for image in report.images[:1])
    others = len(report.images) - 1
    inside = f", {others} file{'s' if others > 1 else ''} inside it" if others > 0 else ""
    yield f"{verdict(report)}  {report.dump}: {read:,} of {size:,} bytes read{inside}, {report.seconds:.1f} s"
    for image in report.images:
        yield f"    {image.name}: {', '.join((image.format, *image.notes))}"
    for exposure in report.exposures:
        yield from _exposure(exposure)
    for key in report.keys:
        yield from _key(key)
    for kind in report.unlisted_keys:
        yield f"  {_mark(kind)} and {kind.count:,} more: {kind.what} ({kind.detector}) {kind.severity.upper()}"
        yield from _passes(kind)
    yield from _differences(report)
    if report.marked is False:
        yield f"  ? {UNMARKED}"
    for gap in report.skipped:
        if not gap.harmless:
            yield f"  ? {_gap(gap)}"
    left_out = [gap for gap in report.skipped if gap.harmless]
    if left_out:
        size = sum(gap.length or 0 for gap in left_out)
        count = sum(gap.more or 1 for gap in left_out)
        stretches = "1 stretch" if count == 1 else f"{count:,} stretches"
        yield f"  - not in it, as usual for its kind: {stretches}, {size:,} bytes; --json names them"


def _mark(one: Exposure | KeyFinding | UnlistedKeys | Difference) -> str:
    return "-" if one.passes else "!"


def _passes(one: Exposure | KeyFinding | UnlistedKeys) -> Iterator[str]:
    if one.passes:
        yield f"      does not fail: {one.passes}"


def _exposure(one: Exposure) -> Iterator[str]:
    yield f"  {_mark(one)} {one.secret} ({one.kind}, {one.hash_prefix}) {one.severity.upper()}: {one.reason}"
    yield from _passes(one)
    if one.torn:
        yield f"      torn: {one.torn}"
    for fragment in one.fragments[:SHOWN]:
        yield f"      {_fragment(fragment)}"
        if fragment.where.context:
            yield f"          {fragment.where.context}"
    more = max(0, len(one.fragments) - SHOWN) + one.more
    if more > 0:
        yield f"      and {more:,} more places"


def _fragment(one: Fragment) -> str:
    what = "whole" if one.whole else f"bytes {one.first} to {one.last} of {one.size}"
    where = f", {one.where.text}" if one.where.text else ""
    return f"{one.where.image} at {one.where.offset:#x}{where}: {one.encoding}, {what}, {one.bits:.0f} bits"


def _key(one: KeyFinding) -> Iterator[str]:
    yield f"  {_mark(one)} {one.what} ({one.detector}, {one.identity}) {one.severity.upper()}: {one.reason}"
    yield from _passes(one)
    for where in one.where[:SHOWN]:
        yield f"      {where.image} at {where.offset:#x}, {where.text}".rstrip(", ")
    more = max(0, len(one.where) - SHOWN) + one.more
    if more > 0:
        yield f"      and {more:,} more places"


def _differences(report: DumpReport) -> Iterator[str]:
    for one in report.differences[:SHOWN_DIFFERENCES]:
        where = f", {one.where.text}" if one.where.text else ""
        what = f"'{one.canary}' " if one.canary else ""
        size = f"{one.size} of {one.where.length} bytes"
        yield f"  {_mark(one) if one.sure else '?'} {what}{one.where.image} at {one.where.offset:#x}{where}: {size}"
        yield f"      {one.reason}"
    more = max(0, len(report.differences) - SHOWN_DIFFERENCES) + report.more_differences
    if more > 0:
        yield f"      and {more:,} more places that differ from {report.differs_from}"
    if report.differs_from and not report.differences:
        yield f"    nothing else differs, in 8 bytes and more, from {report.differs_from}"


def _gap(gap: Gap) -> str:
    at = "" if gap.offset is None else f" at {gap.offset:#x}"
    length = "" if gap.length is None else f" ({gap.length:,} bytes)"
    return f"not read: {gap.image}{at}{length}: {gap.reason}"


def as_json(report: DumpReport) -> str:
    """One line. Severity and verdict are words; numbers of bytes and bits are numbers."""
    data: dict[str, Any] = {"verdict": verdict(report), "schema": SCHEMA, **attrs.asdict(report)}
    data["bytes"] = sum(image.size for image in report.images[:1])
    data["bytes_read"] = sum(image.read for image in report.images[:1])
    data["complete"] = report.complete
    every: tuple[tuple[str, tuple[Exposure | KeyFinding, ...]], ...] = (
        ("exposures", report.exposures),
        ("keys", report.keys),
    )
    for told, found in every:
        for each, one in zip(data[told], found, strict=True):
            each["fingerprint"] = fingerprint(one)
    return json.dumps(data, default=str)


LEVELS = {Severity.TOTAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}
"""SARIF's levels."""
