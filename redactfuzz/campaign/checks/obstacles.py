"""What stands between a pass and a proof, the most important first."""

from __future__ import annotations

from collections.abc import Iterator

from redactfuzz.campaign.checks.large import at, place, unfinished
from redactfuzz.campaign.search import needed, subsets
from redactfuzz.campaign.search.exploration import Exploration
from redactfuzz.campaign.session.state import Session

_OTHERWISE = {
    "where time passes before looks at a clock": "stalls",
    "with sets of text in reverse order": "turned",
    "with a second crash in the handler of the first": "double",
    "in a process where the scenario has never run": "cold",
}
"""What a proof goes through once more, by the field of Stage that says so."""
_NAMED = 12
"""Functions that are listed."""


def list_data_races(exploration: Exploration) -> tuple[str, ...]:
    """Return one note for each pair of places that a reduction reported as a data race.

    Only programs report them: ISO C leaves the behaviour of a program with a data race undefined (C23, 5.1.2.5).
    """
    met = [one for c in exploration.covered for one in c.report.conflicts if one.is_data_race]
    pairs = [(*sorted((place(one.first), place(one.then))), one.over) for one in met]
    unordered = "no lock, atomic, or start or end of a thread orders them"
    return tuple(
        f"data race: {first} and {then}{f' ({over})' if over else ''}; {unordered}"
        for first, then, over in dict.fromkeys(pairs)
    )


def in_the_way(session: Session, exploration: Exploration) -> Iterator[str]:
    """A line for each thing to be done before the verdict can be PROVED.

    What was not seen or controlled rules a proof out, whatever is explored; then comes what keeps the search of the
    whole space from its end.
    """
    if session.problems:
        kinds = ", ".join(dict.fromkeys(str(problem.kind) for problem in session.problems))
        yield f"what was not seen or not controlled, listed as opaque, or as a note: {kinds}"
    if races := len(list_data_races(exploration)):
        noted = "a data race, listed as a note" if races == 1 else f"{races:,} data races, listed as notes"
        yield f"{noted}: the compiler may assume that there is none"
    unreported = session.target.record.unreported(session)
    if unreported:
        more = f" and {len(unreported) - _NAMED} more" if len(unreported) > _NAMED else ""
        calls = session.target.record.calls_of(session, unreported[:_NAMED])
        listed = (f"{name}{at(calls.get(name, ()))}" for name in unreported[:_NAMED])
        yield (
            "calls of which nobody reports all that they touch, so that every schedule must be run, and not one of"
            f" each class: {', '.join(listed)}{more}"
        )
    if session.limits.preemptions is not None:
        yield "a bound of preemptions that was asked for: without it every schedule is looked at"
    searches = [c for c in exploration.covered if c.stage.policy.whole and c.stage.usual]
    if not searches and session.limits.preemptions is None:
        yield "the strategy, which looks at no whole space: 'default' and 'dpor' do"
    for each in searches:
        yield from unfinished(each)
    if searches and all(each.report.exhausted for each in searches):
        yield from _variations(exploration)


def _variations(exploration: Exploration) -> Iterator[str]:
    """What has to be gone through once more with something else otherwise, and was not."""
    looks, sets = max(exploration.looks.values()), exploration.sets.bit_count()
    if looks > subsets.MOST:
        ways = f"before each of them or not, in 2^{looks} ways; {subsets.MOST} are gone through"
        yield f"{looks} looks at a clock in an execution: time may pass {ways}"
    if sets > subsets.MOST:
        ways = f"each of them or not, in 2^{sets} ways; {subsets.MOST} are gone through"
        yield f"{sets} sets of other texts or objects: a hash seed may turn {ways}"
    ended = [c for c in exploration.covered if c.report.exhausted and not c.report.cut]
    spaces = {c.space for c in ended}
    usual = [c.space for c in ended if c.stage.policy.whole and c.stage.usual]
    missing = [way for space in usual for way in needed.ways(space, exploration) if way not in spaces]
    for what, name in _OTHERWISE.items():
        if not any(way.otherwise[name] for way in missing):
            continue
        begun = [c for c in exploration.covered if c.space in missing and c.stage.otherwise[name]]
        if not begun:
            yield f"there was no time for all that has to be gone through once more ({what})"
        else:
            most = max(begun, key=lambda c: c.report.estimate)
            yield from (f"{line} ({what})" for line in unfinished(most))
