"""What the code under test says of a bug may quote a secret in a form that no table has.

Only that is shown which stays the same when the secret is another one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs

from redactfuzz.campaign.session import Session
from redactfuzz.model.canary.variant import Variant
from redactfuzz.model.finding import Finding
from redactfuzz.model.outcome import Bug, BugKind, Outcome
from redactfuzz.model.repro import DIFFERS
from redactfuzz.model.schedule import Schedule, Step
from redactfuzz.threads.sites import nameless

_QUOTING = (BugKind.EXCEPTION, BugKind.HANDLER, BugKind.SCENARIO, BugKind.SKIPPED)
"""Bugs of which the code under test says what they are."""
_OTHERS = 2
"""Other secrets: of a single one a character may be the same by chance."""


def equal_part(session: Session, finding: Finding, canaries: Iterable[str]) -> Finding:
    """A finding of a Python scenario, of which only that is told which follows from no secret."""
    bug = finding.bug
    if not (_made_up(finding.steps) if bug is None else bug.kind in _QUOTING):
        return finding
    how: dict[str, Any] = {"seed": finding.seed, "number": finding.canary_number, "describe": bool(finding.steps)}
    others = _others(session, finding.schedule, canaries, **how)
    if not others:
        return finding
    steps = tuple(_steps(finding.steps, [other.trace for other in others]))
    hidden = {one.site for one, told in zip(finding.steps, steps, strict=True) if one.site != told.site}
    deviations = (
        attrs.evolve(one, site=nameless(one.site)) if one.site in hidden else one for one in finding.schedule.deviations
    )
    schedule = attrs.evolve(finding.schedule, deviations=tuple(deviations))
    bug = bug and _bug(bug, [other.bug for other in others])
    return attrs.evolve(finding, bug=bug, steps=steps, schedule=schedule)


def _made_up(steps: Sequence[Step]) -> bool:
    """Whether code was compiled at run time, under a name of its own making: that of a file that is there is plain."""
    files = {step.file for step in steps if step.file and not step.file.startswith("<frozen ")}
    return any(not Path(file).is_file() for file in files)


def equal_error(session: Session, outcome: Outcome, schedule: Schedule, *, seed: int, number: int) -> Bug:
    """What a Python scenario says of its own fault, in the same way."""
    assert outcome.bug is not None
    others = _others(session, schedule, outcome.canaries, seed=seed, number=number, describe=True)
    return _bug(outcome.bug, [other.bug for other in others]) if others else outcome.bug


def _others(session: Session, schedule: Schedule, canaries: Iterable[str], **how: Any) -> list[Outcome]:
    """The same execution under other secrets. Empty where there are none, or dumps cannot be compared."""
    if session.spec.is_program or session.oracle.record is None:
        return []
    draws = range(_OTHERS) if canaries else ()
    ran = [session.once(schedule, values={name: Variant(draw) for name in canaries}, **how) for draw in draws]
    return [outcome for outcome in ran if outcome is not None]


def _bug(bug: Bug, others: Sequence[Bug | None]) -> Bug:
    same = [other for other in others if other is not None and other.kind is bug.kind]
    if len(same) < len(others):  # it goes another way with another secret: nobody can say what follows from which
        name, colon, _ = bug.summary.partition(": ")
        return attrs.evolve(bug, summary=f"{name}{colon}{DIFFERS if colon else ''}", detail="")
    summary = _common(bug.summary, [other.summary for other in same])
    bug = attrs.evolve(bug, thread=_common(bug.thread, [other.thread for other in same]))
    rows = [one.detail.splitlines() for one in (bug, *same)]
    if len({len(lines) for lines in rows}) > 1:
        return attrs.evolve(bug, summary=summary, detail=summary)
    detail = "\n".join(_common(line, more) for line, *more in zip(*rows, strict=True))
    return attrs.evolve(bug, summary=summary, detail=detail)


def _steps(steps: Sequence[Step], others: Sequence[Sequence[Step]]) -> Iterator[Step]:
    """The steps; where a name is another one with another secret, what is equal in it, and the site by its number."""
    for index, step in enumerate(steps):
        theirs = [other[index] for other in others if index < len(other) and other[index].line == step.line]
        changed: dict[str, Any] = {
            name: told
            for name in ("thread", "file", "function", "source", "note", "struck")
            if (told := _common(getattr(step, name), [getattr(other, name) for other in theirs])) != getattr(step, name)
        }
        if changed.keys() & {"file", "function"}:
            changed["site"] = nameless(step.site)
        yield attrs.evolve(step, **changed) if len(theirs) == len(others) else step


def _common(text: str, others: Sequence[str]) -> str:
    """What is equal at both ends, with a mark between; all of it where nothing differs."""
    if all(other == text for other in others):
        return text
    first = _equal([text, *others])
    last = _equal([one[first:][::-1] for one in (text, *others)])
    return f"{text[:first]}{DIFFERS}{text[len(text) - last :]}"


def _equal(texts: Sequence[str]) -> int:
    """Characters that all of them begin with."""
    columns = enumerate(zip(*texts, strict=False))
    return next((at for at, column in columns if len(set(column)) > 1), min(map(len, texts)))
