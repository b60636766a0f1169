"""Whether anything else is found when the race window of a finding is left out.

Nothing keeps an execution from entering the window. The search just goes on, and what it finds is dropped where its
cause is the finding's own: the same secret in the same dump (or the same bug), of an execution that entered the window.
That it did where a thread was inside of a function in which the window begins or ends, or of what that calls, when the
schedule deviated. Of what is left, one of each kind is made small and asked the same once more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs

from redactfuzz.campaign.explain import causes
from redactfuzz.campaign.explain.cause import cause
from redactfuzz.campaign.explain.classify import classify
from redactfuzz.campaign.explain.window import Moved, find_window
from redactfuzz.campaign.search.found import Found, finding_of
from redactfuzz.campaign.search.trial import Trial
from redactfuzz.model.events import CampaignEvent
from redactfuzz.model.finding import Finding
from redactfuzz.model.measured import Remaining
from redactfuzz.model.outcome import UNTESTED, Bug, Leak, Outcome
from redactfuzz.model.plan import Policy, Stage
from redactfuzz.model.repro import Identity
from redactfuzz.model.schedule import Schedule, Site, Step
from redactfuzz.schedule.portfolio import main
from redactfuzz.schedule.shrink import Failing, shrink

_EXECUTIONS, _SWIFT = 200, 1_000
"""That are searched; of programs, whose executions are swift."""
_ASKED = 3
"""Kinds of executions whose cause is looked for,"""
_SHRINKING, _WINDOW = 200, 100
"""by at most so many runs each."""
_FIRST_NUMBER = 1 << 20
"""Of the canaries: no other part of a campaign comes to it."""

Kind = tuple[str, frozenset[str]]
"""What is shown, and which functions threads were inside of."""


@attrs.frozen
class Explained:
    """A finding, and the functions in which its race window begins and ends; none: it needs no race."""

    finding: Finding
    window: frozenset[str]


def explain(trial: Trial, failing: Failing) -> Explained | None:
    """Return the finding of an execution, explained; None if another run does not show it."""
    trial.grant(_WINDOW)
    moved: Moved | None = None
    for moved in find_window(trial, failing):  # noqa: B007  the last one is the result
        pass
    best = moved.failing if moved is not None else failing
    described = trial.described(best.schedule)
    if described is None or not trial.same(described):
        return None
    finding = finding_of(
        trial.session,
        trial.found,
        described,
        schedule=best.schedule,
        steps=tuple(described.trace),
        kind=classify(trial, Failing(best.schedule, described)),
    )
    if moved is None:
        last = finding.schedule.deviations[-1:]
        return Explained(attrs.evolve(finding, cause=cause(finding)), _functions(each.site for each in last))
    finding = attrs.evolve(finding, cause=cause(finding, moved.ahead, moved.beyond))
    # Up to the last deviation all executions are the same.
    first = described.trace[moved.window.first : moved.window.last][:1]
    racing = (*first, moved.ahead, moved.beyond)
    return Explained(finding, _functions(step.site for step in racing if step is not None))


@attrs.define(eq=False)
class Leftover:
    """What is found beside ``own``."""

    trial: Trial
    own: Explained
    _dropped: int = 0
    _undecided: int = 0
    _executions: int = 0
    _kinds: Counter[Kind] = attrs.field(factory=Counter)
    _asked: dict[Kind, Outcome] = attrs.field(factory=dict)
    _others: dict[tuple[str, frozenset[str]], str] = attrs.field(factory=dict)

    def search(self, seconds: float) -> Generator[CampaignEvent, None, None]:
        """Looks for others, then for their causes."""
        session, seed = self.trial.session, self.trial.found.seed
        session.count_numbers(_FIRST_NUMBER)
        swift = session.target.pace.swift
        executions = _SWIFT if swift else _EXECUTIONS
        otherwise: dict[str, Any] = self.own.finding.schedule.otherwise
        stages = [attrs.evolve(each, **otherwise) for each in main(executions=executions, swift=swift)]
        fields: dict[str, Any] = {"writers": bool(self.trial.identity.place), "describe": True}
        fields["every"] = True  # else a leak that is like one before may not be told
        batch = session.counted(stages, executions, seconds, "measuring", seed=seed, **fields)
        for item in batch:
            if not isinstance(item, Outcome):
                yield item
            elif item.leaks or (item.bug is not None and item.bug.kind not in UNTESTED):
                self._take(item)
        self._executions = batch.executions
        self.trial.runs += batch.executions
        for kind, outcome in self._asked.items():
            number = batch.plan.number_of(outcome.execution, outcome.stage)
            self._decide(kind, self._minimise_and_explain(outcome, number) if self.trial.in_time else None)

    def remaining(self) -> Remaining:
        """What is known by now."""
        waiting = sum(self._kinds.values())
        others = tuple(self._others.values())
        return Remaining(
            self._executions, self._dropped, tuple(sorted(self.own.window)), others, self._undecided + waiting
        )

    def _take(self, outcome: Outcome) -> None:
        inside = _inside(outcome.trace, outcome.schedule) if outcome.schedule is not None else frozenset()
        if self._enters(outcome.leaks, outcome.bug, inside):
            self._dropped += 1
            return
        kind = Identity.of(outcome.leaks, outcome.bug).key, inside
        self._kinds[kind] += 1
        if len(self._asked) < _ASKED and outcome.schedule is not None:
            self._asked.setdefault(kind, outcome)

    def _enters(self, leaks: tuple[Leak, ...], bug: Bug | None, functions: frozenset[str]) -> bool:
        """Whether it is the finding itself, through its own window; where that needs no race, it always is."""
        own = self.own
        return causes.alike(own.finding, leaks, bug) and (not own.window or bool(own.window & functions))

    def _minimise_and_explain(self, outcome: Outcome, number: int) -> Explained | None:
        """Return the minimised finding of an execution with its race window; None if another run does not show it."""
        assert outcome.schedule is not None
        stage = Stage(Policy.REPLAY, outcome.schedule.granularity)
        found = Found(outcome, stage, 1, number, self.trial.found.seed)
        trial = Trial(self.trial.session, found, found.identity, self.trial.until, 0)
        best = first = Failing(found.schedule, outcome)
        trial.grant(_SHRINKING)
        for best in shrink(first, trial.run, trial.same, trial.more):  # noqa: B007  the last one is the result
            pass
        made = explain(trial, best)
        self.trial.runs += trial.runs
        return made

    def _decide(self, kind: Kind, made: Explained | None) -> None:
        """What one of its kind is, all are taken for."""
        times = self._kinds.pop(kind)
        if made is None:
            self._undecided += times
            return
        found = made.finding
        if self._enters(found.leaks, found.bug, made.window | _inside(found.steps, found.schedule)):
            self._dropped += times
        else:
            self._others.setdefault((kind[0], made.window), made.finding.cause)


def _inside(steps: Sequence[Step], schedule: Schedule) -> frozenset[str]:
    """Functions that threads were inside of when the schedule deviated, and of all that the last deviation met."""
    at = [step.index for step in steps if step.deviation]
    found = set(_functions(each.site for each in schedule.deviations))
    if not at:
        return frozenset(found)
    # Where those stood that do nothing any more, the schedule says of who was displaced.
    left = dict(zip(at, schedule.deviations, strict=False))
    struck = at[-1]
    modules = {step.file: step.site.module for step in steps if step.file}
    for thread in {step.thread for step in steps if step.index <= struck}:
        before = [step for step in steps if step.index < struck and step.thread == thread]
        later = next((s.site for s in steps if s.index >= struck and s.thread == thread and s.action is None), None)
        done = before[-1].index if before else -1
        stands = later or next((each.site for at, each in left.items() if at > done and each.thread == thread), None)
        if stands is not None:  # else it had ended
            found.update(_stack([*_entered(before, modules), _name(stands)]))
    return frozenset(found)


def _entered(steps: Iterable[Step], modules: Mapping[str, str]) -> Iterator[str]:
    """The functions of what a thread ran, line by line."""
    for step in steps:
        yield _name(step.site)
        yield from (f"{modules.get(each.file, each.file)}:{each.function}" for each in step.passed)


def _stack(names: Iterable[str]) -> list[str]:
    """Functions that have not returned. Frames are not recorded: see `cause`."""
    stack: list[str] = []
    for name in names:
        if name in stack:
            del stack[stack.index(name) + 1 :]
        else:
            stack.append(name)
    return stack


def _functions(sites: Iterable[Site]) -> frozenset[str]:
    return frozenset(_name(site) for site in sites if site.function)


def _name(site: Site) -> str:
    return f"{site.module}:{site.function}"
