"""What is new since last night."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs

from redactfuzz.model.night import Life
from redactfuzz.report.night.of_findings import FindingView
from redactfuzz.report.night.of_targets import TargetView, leading
from redactfuzz.report.night.told import Told
from redactfuzz.report.night.words import percent, shown, times

_SLOWER, _FASTER = 0.8, 1.25
_MOST = 50
"""Lines of one kind."""


@attrs.frozen
class News:
    """One line. ``about``: the anchor of what it is about, or nothing."""

    what: str
    tone: str
    title: str
    text: str
    about: str = ""


def news(
    night: Told,
    before: Sequence[Told],
    rows: Sequence[TargetView],
    every: Sequence[FindingView],
    elsewhere: Sequence[FindingView],
) -> tuple[News, ...]:
    """The first thing is what asks for somebody first. Without a night before, findings alone are new.

    ``elsewhere``: findings that are open still, of which tonight tells nothing.
    """
    return (*_of_findings(every), *_open_still(elsewhere), *_of_targets(night, before, rows))


def _open_still(elsewhere: Sequence[FindingView]) -> Iterator[News]:
    counted = [each for each in elsewhere if not each.suppressed]
    for each in counted[:_MOST]:
        yield News("open still", "warn", each.title, f"nobody looked tonight: {each.cause}")
    if len(counted) > _MOST:
        yield News("open still", "warn", f"{len(counted) - _MOST:,} more", "nobody looked tonight")


def _of_findings(every: Sequence[FindingView]) -> Iterator[News]:
    for each in every:
        if each.suppressed or each.still:
            continue
        if each.fresh or each.life in (Life.FLAKY, Life.FIXED):
            tone = "good" if each.life == Life.FIXED else each.tone
            replays = f" (it came back in {each.again} replays)" if each.life == Life.FLAKY and each.again else ""
            yield News(each.life, tone, each.title, each.cause + replays, each.anchor)


def _of_targets(night: Told, before: Sequence[Told], rows: Sequence[TargetView]) -> Iterator[News]:
    if not before:
        return
    last = before[-1]
    known = set(last.titles)
    for row, title in zip(rows, night.titles, strict=True):
        if title not in known:
            yield News("new scenario", "none", row.title, f"{row.verdict or 'not explored'}", row.anchor)
            continue
        earlier = leading(last.reports(title))
        if earlier is not None and row.verdict and earlier.verdict != row.verdict:
            yield News("verdict", row.tone, row.title, f"{earlier.verdict} last night, {row.verdict} now", row.anchor)
        elif row.part is not None and row.part_before is not None and row.part - row.part_before >= 0.01:
            what = f"{percent(row.part_before)} of its classes of schedules last night, {percent(row.part)} now"
            yield News("proof", "good", row.title, what, row.anchor)
        if row.ratio is not None and not _SLOWER <= row.ratio <= _FASTER:
            what = f"{times(row.ratio)} executions a second, compared with last night"
            yield News("speed", "warn" if row.ratio < _SLOWER else "none", row.title, what, row.anchor)
    now = set(night.titles)
    gone = [title for title in last.titles if title not in now]
    for title in gone[:_MOST]:
        yield News("gone", "warn", shown(title), "it was there last night")
    if len(gone) > _MOST:
        yield News("gone", "warn", f"{len(gone) - _MOST:,} more", "they were there last night")
