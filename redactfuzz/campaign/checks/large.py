"""What makes the space of a search so large that it did not come to its end, the most important first."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence

from redactfuzz.campaign.session.covered import Covered
from redactfuzz.campaign.session.spec import relative
from redactfuzz.model.conflict import Conflict, Spot, UnknownCall
from redactfuzz.model.plan import Policy

_LISTED = 5
"""Calls, pairs of places, and loops, of each: who has removed these sees the next ones."""


def unfinished(search: Covered) -> Iterator[str]:
    """A line for each thing that keeps this search from its end; none where it came to it.

    What is counted are reversals: how often a race made the reduction run the other order of two steps as well (a
    backtrack point of source-DPOR: Abdulla, Aronis, Jonsson, Sagonas, POPL 2014). Each begins at least one more class.
    """
    report = search.report
    if not report.exhausted:
        yield from _unknown(report.conflicts)
        yield from _pairs(report.conflicts)
    if report.cut:
        where = at(report.cuts)
        yield f"loops that yield or wait with a limit{where}: what comes when they do so once more was left out"
    what = "classes of schedules" if search.stage.policy is Policy.DPOR else "schedules"
    if report.truncated:
        yield "the room for what is still to be explored, which was full"
    elif not report.exhausted:
        of = f" of about {about(report.estimate)}" if report.estimate > report.executions else ""
        yield f"the size of the space: {report.executions:,}{of} {what} were run; smaller threads have fewer"


def about(estimate: float) -> str:
    """A number of schedules, in at most a dozen digits."""
    return f"{estimate:,.0f}" if estimate < 1e12 else f"10^{math.log10(estimate):.0f}"


def _unknown(conflicts: Sequence[Conflict]) -> Iterator[str]:
    """Of two such calls that meet one another each is counted: without it there would be no race."""
    costs = Counter[UnknownCall]()
    for one in conflicts:
        costs.update(dict.fromkeys(one.unknown, one.times))
    total = sum(one.times for one in conflicts)
    for call, times in costs.most_common(_LISTED):
        yield f"{call.name} at {place(call.spot)}, taken to touch everything: {_share(times, total)}"
    yield from _more(len(costs), "calls of that kind")


def _pairs(conflicts: Sequence[Conflict]) -> Iterator[str]:
    costs = Counter[tuple[str, str, str]]()
    for one in conflicts:
        if not one.unknown:
            first, then = sorted((place(one.first), place(one.then)))
            costs[first, then, one.over] += one.times
    total = sum(one.times for one in conflicts)
    for (first, then, over), times in costs.most_common(_LISTED):
        yield f"{first} -- {then}{f' ({over})' if over else ''}, whose order matters: {_share(times, total)}"
    yield from _more(len(costs), "pairs of places")


def _share(times: int, total: int) -> str:
    percent = f"{100 * times / total:.0f}" if 100 * times >= total else "below 1"
    return f"{times:,} of {total:,} reversals ({percent} %)"


def _more(count: int, what: str) -> Iterator[str]:
    if count > _LISTED:
        yield f"and {count - _LISTED} more {what}"


def at(spots: Sequence[Spot]) -> str:
    """Some places, behind what lies there."""
    listed = " and ".join(dict.fromkeys(map(place, spots[:_LISTED])))
    return f" at {listed}" if listed else ""


def place(spot: Spot) -> str:
    """As people read it."""
    if not spot.file:
        return spot.function
    return f"{relative(spot.file)}:{spot.line}"
