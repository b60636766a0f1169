"""What the code under test says of a bug may quote a secret in a form that no table has.

Only that is shown which stays the same when the secret is another one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs

from redactfuzz.campaign.session.state import Session
from redactfuzz.model.canary.variant import Variant
from redactfuzz.model.finding import Finding
from redactfuzz.model.messages import DIFFERS, common
from redactfuzz.model.outcome import QUOTING, Bug, Outcome
from redactfuzz.model.schedule import Schedule, Step
from redactfuzz.threads.explain.sites import nameless

_OTHERS = 2
"""Other secrets: of a single one a character may be the same by chance."""


def equal_part(session: Session, finding: Finding, canaries: Iterable[str]) -> Finding:
    """A finding of a Python scenario, of which only that is kept which follows from no secret."""
    bug = finding.bug
    if not (_made_up(finding.steps) if bug is None else bug.kind in QUOTING):
        return finding
    if session.interrupted:
        return _withhold(finding)
    how: dict[str, Any] = {"seed": finding.seed, "number": finding.canary_number, "describe": bool(finding.steps)}
    others = _others(session, finding.schedule, canaries, **how)
    equal = _keep_equal(finding, others)
    if equal == finding:
        return finding
    return _keep_equal(finding, others, _others(session, finding.schedule, canaries, **how, same=True))


def _keep_equal(finding: Finding, others: Sequence[Outcome], again: Sequence[Outcome] = ()) -> Finding:
    """Return the part of the finding that is equal in ``others``, with other secrets, and ``again``, with the same."""
    if not others:
        return finding
    steps = tuple(_steps(finding.steps, [other.trace for other in others], [one.trace for one in again]))
    hidden = {one.site for one, kept in zip(finding.steps, steps, strict=True) if one.site != kept.site}
    deviations = (
        attrs.evolve(one, site=nameless(one.site)) if one.site in hidden else one for one in finding.schedule.deviations
    )
    schedule = attrs.evolve(finding.schedule, deviations=tuple(deviations))
    bug = finding.bug and _bug(finding.bug, [other.bug for other in others], [one.bug for one in again])
    return attrs.evolve(finding, bug=bug, steps=steps, schedule=schedule)


def _withhold(finding: Finding) -> Finding:
    """Return the finding without names and steps, which may depend on a secret: no run is left to find out."""
    deviations = tuple(attrs.evolve(one, site=nameless(one.site)) for one in finding.schedule.deviations)
    schedule = attrs.evolve(finding.schedule, deviations=deviations)
    return attrs.evolve(finding, bug=finding.bug and _bug(finding.bug, [None]), steps=(), schedule=schedule)


def _made_up(steps: Sequence[Step]) -> bool:
    """Return whether a step ran code that has no file: the name of code that was compiled may quote a secret."""
    files = {step.file for step in steps if step.file and not step.file.startswith("<frozen ")}
    return any(not Path(file).is_file() for file in files)


def keep_equal_error(session: Session, outcome: Outcome, schedule: Schedule, *, seed: int, number: int) -> Bug:
    """Return the error of a Python scenario, reduced to the part that is equal in runs with other secrets."""
    bug = outcome.bug
    assert bug is not None
    if session.interrupted:
        return _bug(bug, [None])
    how: dict[str, Any] = {"seed": seed, "number": number, "describe": True}
    others = [other.bug for other in _others(session, schedule, outcome.canaries, **how)]
    if not others or _bug(bug, others) == bug:
        return bug
    again = _others(session, schedule, outcome.canaries, **how, same=True)
    return _bug(bug, others, [one.bug for one in again])


def _others(
    session: Session, schedule: Schedule, canaries: Iterable[str], *, same: bool = False, **how: Any
) -> list[Outcome]:
    """The same execution under other secrets, or the ``same``. Empty where there are none, or none can be compared."""
    if not session.target.facts.values_change or session.oracle.record is None:
        return []
    draws = range(_OTHERS) if canaries else ()
    values = ({} if same else {name: Variant(draw) for name in canaries} for draw in draws)
    ran = [session.once(schedule, values=each, **how) for each in values]
    return [outcome for outcome in ran if outcome is not None]


def _bug(bug: Bug, others: Sequence[Bug | None], again: Sequence[Bug | None] = ()) -> Bug:
    like = [other for other in others if other is not None and other.kind is bug.kind]
    if len(like) < len(others):  # it goes another way with another secret: nobody can say what follows from which
        name, colon, _ = bug.summary.partition(": ")
        return attrs.evolve(bug, summary=f"{name}{colon}{DIFFERS if colon else ''}", detail="", raised_at="")
    same = [one for one in again if one is not None and one.kind is bug.kind]
    equal: dict[str, Any] = {
        name: common(getattr(bug, name), [getattr(one, name) for one in like], [getattr(one, name) for one in same])
        for name in ("summary", "thread", "raised_at")
    }
    rows, more = ([one.detail.splitlines() for one in bugs] for bugs in ((bug, *like), same))
    if len({len(lines) for lines in rows}) > 1:
        return attrs.evolve(bug, **equal, detail=equal["summary"])
    more = [lines for lines in more if len(lines) == len(rows[0])]
    detail = "\n".join(
        common(line, [lines[at] for lines in rows[1:]], [lines[at] for lines in more])
        for at, line in enumerate(rows[0])
    )
    return attrs.evolve(bug, **equal, detail=detail)


def _steps(steps: Sequence[Step], others: Sequence[Sequence[Step]], again: Sequence[Sequence[Step]]) -> Iterator[Step]:
    """The steps; where a name is another one with another secret, what is equal in it, and the site by its number."""
    for index, step in enumerate(steps):
        theirs, same = _at(index, step, others), _at(index, step, again)
        changed: dict[str, Any] = {
            name: shared
            for name in ("thread", "file", "function", "source", "note", "struck")
            if (shared := _common(name, step, theirs, same)) != getattr(step, name)
        }
        if changed.keys() & {"file", "function"}:
            changed["site"] = nameless(step.site)
        yield attrs.evolve(step, **changed) if len(theirs) == len(others) else step


def _at(index: int, step: Step, traces: Sequence[Sequence[Step]]) -> list[Step]:
    return [trace[index] for trace in traces if index < len(trace) and trace[index].line == step.line]


def _common(name: str, step: Step, others: Sequence[Step], again: Sequence[Step]) -> str:
    return common(getattr(step, name), [getattr(one, name) for one in others], [getattr(one, name) for one in again])
