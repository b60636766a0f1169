"""From the steps of a described execution to the rows that are worth showing."""

from __future__ import annotations

import enum
import functools
import re
from collections.abc import Iterator, Sequence
from pathlib import PurePath

import attrs

from redactfuzz.model.origin import Origin, origin_of
from redactfuzz.model.schedule import Action, Step, Window
from redactfuzz.model.texts.escaped import without_literal
from redactfuzz.report.lines import printable


class Mark(enum.Enum):
    """What a row is."""

    STEP = enum.auto()
    SWITCH = enum.auto()
    PREEMPTION = enum.auto()
    EXPIRY = enum.auto()
    CRASH = enum.auto()
    GAP = enum.auto()
    WINDOW_OPENS = enum.auto()
    WINDOW_CLOSES = enum.auto()


@attrs.frozen
class Row:
    """One row of the interleaving. ``first`` and ``last`` are indices of steps; of a GAP, the steps left out."""

    mark: Mark
    first: int
    last: int
    thread: str = ""
    other: str = ""
    """The thread that was left (SWITCH, PREEMPTION)."""
    location: str = ""
    source: str = ""
    origin: Origin = Origin.OWN
    """Whose code it is; of a GAP, the nearest of all of it."""
    passed: bool = False
    """A line that the step went on to, without a scheduling point."""
    kept: bool = False
    """Never left out: the row that says best what its thread did."""
    inside: bool = False
    """Whether the row lies inside the race window."""


_ANCHORS = frozenset({Mark.PREEMPTION, Mark.EXPIRY, Mark.CRASH, Mark.WINDOW_OPENS, Mark.WINDOW_CLOSES})
_STRETCH = 3
"""That many steps of others in a row, away from everything that matters, become one."""
_QUOTED = re.compile(r"""[\[(,\s]*[rbfuRBFU]{0,2}(['"]).*\1[\])},\s]*""")


def rows(steps: Sequence[Step], window: Window | None, limit: int = 48) -> list[Row]:
    """The rows of an interleaving, long uninteresting stretches left out so that about ``limit`` remain.

    The standard library goes first, then packages, last what lies far from everything that matters.
    """
    found = _without(_bracket(_spoken_for(_walk(steps)), window), Origin.STANDARD)
    if len(found) > limit:
        found = _without(found, Origin.PACKAGE)
    return elide(found, limit)


def location(step: Step) -> str:
    """``file:line`` with the bare name of the file, or the name of the function where no source is known."""
    return _place(step.file, step.line) if step.file and step.line else step.function


@functools.lru_cache(maxsize=4096)
def _place(file: str, line: int) -> str:
    path = PurePath(file)
    name = "/".join(path.parts[-2:]) if path.name == "__init__.py" else path.name
    return f"{name}:{line}"


@functools.lru_cache(maxsize=4096)
def shown_source(source: str) -> str:
    """The source text of a step, without what might be the value of a literal canary.

    A canary of kind ``literal`` is written down in the scenario itself: the line that plants it must not be shown.
    """
    text = printable(source)
    return "'…'" if _QUOTED.fullmatch(text) else without_literal(text)


def _walk(steps: Sequence[Step]) -> list[Row]:
    found: list[Row] = []
    before: Step | None = None
    for step in steps:
        moved = before is not None and before.thread != step.thread
        if step.struck:
            found.append(Row(Mark.CRASH, step.index, step.index, step.struck))
        if step.action is Action.CRASH:
            found.append(Row(Mark.CRASH, step.index, step.index, step.thread))
        elif step.action is Action.EXPIRE:
            found.append(Row(Mark.EXPIRY, step.index, step.index, step.thread, other=before.thread if before else ""))
        elif moved and before is not None:
            mark = Mark.PREEMPTION if step.preempts else Mark.SWITCH
            found.append(Row(mark, step.index, step.index, step.thread, other=before.thread))
        _add_step(found, step)
        before = step
    return found


def _add_step(found: list[Row], step: Step) -> None:
    where, text = location(step), shown_source(step.source)
    if text or (where and step.action not in (Action.CRASH, Action.EXPIRE)):
        _add_line(found, Row(Mark.STEP, step.index, step.index, step.thread, "", where, text, origin_of(step.file)))
    for line in step.passed:
        where, text = _place(line.file, line.line), shown_source(line.source)
        row = Row(Mark.STEP, step.index, step.index, step.thread, "", where, text, origin_of(line.file), passed=True)
        _add_line(found, row)


def _add_line(found: list[Row], row: Row) -> None:
    """A row of its own, or, where the thread is still on the line, part of the last one."""
    last = found[-1] if found else None
    if last and last.mark is Mark.STEP and (last.thread, last.location) == (row.thread, row.location):
        point = last if row.passed or not last.passed else row
        found[-1] = attrs.evolve(last, first=point.first, last=row.last, passed=point.passed)
    else:
        found.append(row)


def _spoken_for(found: list[Row]) -> list[Row]:
    """Marks one row of each thread, so that whoever did something has a column: the last in code of the user's."""
    best: dict[str, int] = {}
    for index, row in enumerate(found):
        if row.mark is Mark.STEP and (row.thread not in best or row.origin <= found[best[row.thread]].origin):
            best[row.thread] = index
    chosen = set(best.values())
    return [attrs.evolve(row, kept=True) if index in chosen else row for index, row in enumerate(found)]


def _bracket(found: list[Row], window: Window | None) -> list[Row]:
    """Puts the edges of the race window between the rows and marks the rows that it holds."""
    if window is None or not found:
        return found
    bracketed: list[Row] = []
    opened = closed = False
    for row in found:
        if not opened and row.last >= window.first:
            bracketed.append(Row(Mark.WINDOW_OPENS, window.first, window.first))
            opened = True
        if opened and not closed and row.first > window.last:
            bracketed.append(Row(Mark.WINDOW_CLOSES, window.last, window.last))
            closed = True
        bracketed.append(attrs.evolve(row, inside=opened and not closed))
    if opened and not closed:
        bracketed.append(Row(Mark.WINDOW_CLOSES, window.last, window.last))
    return bracketed if opened else found


def _without(found: list[Row], least: Origin) -> list[Row]:
    """Leaves out stretches of code of ``least`` or further away, but for the steps right beside what matters."""
    kept: list[Row] = []
    stretch: list[Row] = []
    for index, row in enumerate(found):
        beside = found[max(index - 1, 0) : index + 2]
        foreign = row.mark in (Mark.STEP, Mark.GAP) and row.origin >= least and not row.kept
        if foreign and all(each.mark in (Mark.STEP, Mark.GAP) for each in beside) and row is not found[-1]:
            stretch.append(row)
            continue
        kept += _stretched(stretch)
        stretch = []
        kept.append(row)
    return kept + stretch


def _stretched(stretch: list[Row]) -> list[Row]:
    many = len(stretch) >= _STRETCH or any(row.mark is Mark.GAP for row in stretch)
    return _gap(stretch) if many else stretch


def elide(found: list[Row], limit: int) -> list[Row]:
    """Leaves out what lies far from switches, expiries, the crash and the edges of the window."""
    if len(found) <= limit:
        return found
    for reach in (5, 4, 3, 2, 1):
        kept = _near(found, _ANCHORS, reach)
        if len(kept) <= limit:
            return kept
    # Too many switches to show them all: what matters is how it ended.
    kept = _near(found, frozenset({Mark.CRASH, Mark.WINDOW_OPENS, Mark.WINDOW_CLOSES}), 3)
    return kept if 8 <= len(kept) <= limit else [*_gap(found[: -limit + 1]), *found[-limit + 1 :]]


def _near(found: list[Row], anchors: frozenset[Mark], reach: int) -> list[Row]:
    wanted: set[int] = {0, 1, len(found) - 2, len(found) - 1}
    for index, row in enumerate(found):
        if row.mark in anchors:
            wanted |= {index, *_beside(found, index, -1, reach), *_beside(found, index, 1, reach)}
    kept: list[Row] = []
    left_out: list[Row] = []
    for index, row in enumerate(found):
        if index not in wanted and not row.kept:
            left_out.append(row)
            continue
        kept += _gap(left_out)
        left_out = []
        kept.append(row)
    return _merged(kept + _gap(left_out))


def _beside(found: list[Row], index: int, way: int, reach: int) -> Iterator[int]:
    """The rows beside one: the next, whatever it is, and ``reach`` of the user's own."""
    left = reach
    for distance in range(1, 4 * reach + 1):
        at = index + way * distance
        if not 0 <= at < len(found) or not left:
            return
        own = found[at].origin is Origin.OWN
        left -= own
        if own or distance == 1:
            yield at


def _merged(found: list[Row]) -> list[Row]:
    """Gaps side by side are one."""
    kept: list[Row] = []
    for row in found:
        if kept and row.mark is Mark.GAP and kept[-1].mark is Mark.GAP:
            name = row.location if row.location == kept[-1].location else ""
            kept[-1] = attrs.evolve(kept[-1], last=row.last, location=name, inside=row.inside and kept[-1].inside)
        else:
            kept.append(row)
    return kept


def _gap(left_out: list[Row]) -> list[Row]:
    """One row for many; a single row is shown rather than replaced."""
    if len(left_out) <= 1:
        return left_out
    files = {row.location.rpartition(":")[0] if row.mark is Mark.STEP else row.location for row in left_out}
    nearest = min(row.origin for row in left_out)
    name = files.pop() if len(files) == 1 and nearest is not Origin.OWN else ""
    inside = all(row.inside for row in left_out)
    return [Row(Mark.GAP, left_out[0].first, left_out[-1].last, location=name, origin=nearest, inside=inside)]
