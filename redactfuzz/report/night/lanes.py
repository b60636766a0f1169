"""The interleaving as swim lanes: a lane a thread, and beside it what the source says."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from redactfuzz.model.schedule import Step, Window
from redactfuzz.report.columns import strike_of
from redactfuzz.report.lines import count
from redactfuzz.report.night.words import shown
from redactfuzz.report.rows import Mark, Row, rows

_WIDEST = 200
"""Characters of a source line that are shown."""
_MOST = 24
"""Lanes: further threads share the last one, and have their name beside each of their rows."""


@attrs.frozen
class LaneRow:
    """One row. ``kind``: step, switch, preemption, expiry, crash, gap, opens, closes."""

    kind: str
    number: int | None
    """Of the step, from 1; None where the row is none."""
    lane: int | None
    """Index of its thread; None: of no thread."""
    thread: str
    where: str
    """``file:line``."""
    text: str
    """The source line, or what happens here."""
    inside: bool
    """The race window."""


@attrs.frozen
class Lanes:
    """What is drawn. ``steps``: how many there are, drawn or not."""

    threads: tuple[str, ...]
    rows: tuple[LaneRow, ...]
    steps: int


def lanes(steps: Sequence[Step], window: Window | None, verb: str, limit: int) -> Lanes:
    """At most about ``limit`` rows. ``verb``: what an execution does in the window."""
    found = rows(steps, window, limit)[: 2 * limit]
    names = tuple(dict.fromkeys(row.thread for row in found if row.thread))
    lane_of = {name: min(index, _MOST - 1) for index, name in enumerate(names)}
    edge = f"race window: it {verb}s if the {strike_of(steps)} from here"
    made = tuple(_row(row, lane_of.get(row.thread), edge) for row in found)
    return Lanes(tuple(map(shown, names[:_MOST])), made, len(steps))


_KINDS = {
    Mark.STEP: "step",
    Mark.SWITCH: "switch",
    Mark.PREEMPTION: "preemption",
    Mark.EXPIRY: "expiry",
    Mark.CRASH: "crash",
    Mark.GAP: "gap",
    Mark.WINDOW_OPENS: "opens",
    Mark.WINDOW_CLOSES: "closes",
}


def _row(row: Row, lane: int | None, edge: str) -> LaneRow:
    where, text, number = "", "", None
    match row.mark:
        case Mark.STEP:
            where, text = shown(row.location), shown(row.source, _WIDEST)
            number = None if row.passed else row.first + 1
        case Mark.SWITCH:
            text = "goes on"
        case Mark.PREEMPTION:
            text = f"preempts {shown(row.other)}"
        case Mark.EXPIRY:
            text = "its wait expires"
        case Mark.CRASH:
            text = "CRASH strikes here"
        case Mark.GAP:
            text = count(row.last - row.first + 1, "step")
            text += f" in {shown(row.location)}" if row.location else " not shown"
        case Mark.WINDOW_OPENS:
            text = edge
        case Mark.WINDOW_CLOSES:
            text = "to here"
    inside = row.inside or row.mark in (Mark.WINDOW_OPENS, Mark.WINDOW_CLOSES)
    return LaneRow(_KINDS[row.mark], number, lane, shown(row.thread), where, text, inside)
