"""The four controls of ``docs/design.md`` section 7: without them a pass means nothing."""

from __future__ import annotations

from collections.abc import Container, Generator, Iterable, Iterator, Sequence

import attrs

from redactfuzz.campaign.checks.confirmation import confirm
from redactfuzz.campaign.checks.layers import Protected, protected
from redactfuzz.campaign.compare.unseen import in_another_form
from redactfuzz.campaign.search.exploration import Exploration
from redactfuzz.campaign.session.advice import Advice
from redactfuzz.campaign.session.spec import relative
from redactfuzz.campaign.session.state import Batch, Session
from redactfuzz.model.events import CampaignEvent
from redactfuzz.model.outcome import BugKind, Outcome, Problem, ProblemKind
from redactfuzz.model.plan import Budget, Policy, Stage
from redactfuzz.model.schedule import Granularity, Step
from redactfuzz.model.verdict import Control, Reason
from redactfuzz.schedule import portfolio

LOCATING = 10
"""Times that schedules are compared to find out where a scenario diverges."""
_OTHERS = 8
"""Executions of a schedule that are compared where chance was drawn, of which half may come out the same."""
_SECONDS = 20.0
"""Of each batch of a control, at most: there are several, and all come out of the seconds of the campaign."""
_OTHER_NAMES = "threads or crashes have other names where the secrets are others, and every report shows names"
_ONE_NAME = "Give each the same name in every execution."
_FEW = 4
"""Executions of each kind that are run although the seconds of the campaign are over."""
_ENDLESS = 2
"""Executions without an end after which the redactor is bypassed no more: the bug is known by then."""
_MOST = 20_000
"""Executions with the redactor bypassed at most, where the campaign's budget has no limit."""

_BYPASS_STAGES = (
    Stage(Policy.BOUNDED, Granularity.CALLS, bound=1),
    Stage(Policy.RANDOM, Granularity.INSTRUCTIONS),
    Stage(Policy.BOUNDED, Granularity.INSTRUCTIONS, bound=1),
)
"""Crash late (the sequential orders), then anywhere between calls, then anywhere at all."""

_SHOWN = "redactor bypassed"
_WITNESSES = "dumps and witnesses"
_LISTED = 5
"""Missing witnesses that are named."""
_SEQUENTIAL = "sequential"
_SAME = "same schedule, same trace"


@attrs.define(eq=False)
class Controls:
    """The controls of one campaign, with what they need to know of its explorations."""

    session: Session
    exploration: Exploration
    shown: set[str] = attrs.field(factory=set)
    planted: set[str] = attrs.field(factory=set)
    redactions: int = 0
    bypassed: int = 0
    endless: int = 0
    """Executions with the redactor bypassed that did not come to an end, each of which costs as much as thousands."""
    tried: bool = False
    """Every sequential order was run with the redactor bypassed, or enough of them, or all canaries have shown."""
    protected: tuple[Protected, ...] = ()
    """Canaries that something beside the redactor keeps out of every dump."""
    dumps: int = 0
    """Made while the redactor was bypassed."""
    raised: str = ""
    """What the crash handler raised while the redactor was bypassed."""
    compared: int = 0
    diverged: str = ""
    remedy: str = ""
    sampled: list[str] = attrs.field(factory=list)
    """In what processes that really died left nothing, where the search in memory saw nothing either."""
    mismatch: Reason | None = None
    """What such a process left all the same."""

    def early(self) -> Iterator[CampaignEvent]:
        """Controls 1 and 4, cheap enough to come before the search."""
        yield from self._bypass()
        if not self.session.interrupted:
            yield from self._repeat()

    def locate(self) -> Iterator[CampaignEvent]:
        """Looks for the place where a scenario diverges that is known to be nondeterministic."""
        for _ in range(LOCATING):
            if self.diverged or self.session.interrupted or not self.session.deadline.left:
                return
            yield from self._repeat()

    def vacuous(self) -> Reason | None:
        """Why a pass would mean nothing, as far as it is known by now."""
        found = self.exploration
        if not found.executions:
            return None
        if self.unplanted:
            return None
        if not self.canaries:
            return Reason("The scenario plants no canary, so no dump could leak one.", self._advice.plant)
        if not (found.opened and self.tried):
            return None  # what was not seen may come up where the budget did not reach
        if not found.dumps:
            return self._no_dump()
        if not found.redactors:
            return Reason(
                "No redactor is declared, and nothing leaked: the canaries may never have been near a dump.",
                self._advice.no_redactor,
            )
        if not self.redactions and not found.redactions:
            return Reason(
                "The declared redactor was never called, so nothing was tested.",
                self._advice.never_called,
            )
        if self.unseen:
            names = ", ".join(f"'{name}'" for name in self.unseen)
            why = f" (the crash handler raised there: {self.raised})" if self.raised else ""
            return Reason(
                f"The redactor was called, but with it bypassed no dump ever showed {names} either, in {self.bypassed}"
                f" executions{why}: what keeps it out is something else.",
                self._advice.unseen,
            )
        if found.missing:
            names = _listed(f"'{name}'" for name in found.missing)
            return Reason(
                f"No dump of some execution held the witness {names}: the redactor destroys what must survive.",
                "Redact less, or plant the witness where some dump always shows it.",
            )
        return None

    @property
    def unseen(self) -> list[str]:
        """Canaries that no dump showed in a form that is listed, whatever was bypassed."""
        return sorted(self.canaries - self.shown) if self.bypassed else []

    def uncounted(self) -> Reason | None:
        """Why no dump could have counted; known only when the search is over, since any schedule may make one."""
        allowed = sorted(self.canaries - self.exploration.counted)
        if not allowed:
            return None
        names = ", ".join(f"'{name}'" for name in allowed)
        return Reason(
            f"{names} {'was' if len(allowed) == 1 else 'were'} allowed in every dump of the search, so none of them"
            " could have counted as a leak.",
            self._advice.allowed,
        )

    def _no_dump(self) -> Reason:
        found = self.exploration
        if not found.crashes:
            return Reason(self._advice.no_crash, self._advice.make_dump)
        when = "with the redactor on (bypassed, there were some)" if self.dumps else "at all"
        why = f" (the crash handler raised: {self.raised})" if self.raised else f": {self._advice.handler_returned}"
        return Reason(
            f"No dump was made {when}{why}.",
            self._advice.return_dump,
        )

    def inconclusive(self) -> Reason | None:
        """Why the campaign could not decide, apart from problems that the runtime reports."""
        if self.mismatch is not None:
            return self.mismatch
        if self.diverged:
            return Reason(self.diverged, self.remedy)
        if not self.exploration.opened:
            return Reason("The budget ended before every sequential order was run.", self._more)
        if not self.bypassed:
            return Reason("The control run with the redactor bypassed gave no execution.", self._more)
        if not self.tried:
            names = _listed(f"'{name}'" for name in self.canaries - self.shown) or "all that they are to show"
            return Reason(
                f"The budget ended before the control runs with the redactor bypassed had shown {names}"
                f" ({self.bypassed} executions).",
                self._more,
            )
        if not self.compared:
            return Reason("No schedule could be run twice for comparison.", self._more)
        return None

    @property
    def _more(self) -> str:
        """What the budget would have to be, as far as it is known."""
        session, done = self.session, self.exploration.executions + self.bypassed
        limits = session.limits
        each = f": an execution takes {session.seconds / done:.2g} s here" if done else ""
        return f"Raise executions ({limits.executions:,}) or seconds ({limits.seconds:g}){each}."

    def results(self) -> tuple[Control, ...]:
        """All four, for the report."""
        found = self.exploration
        same = Control(
            _SAME, self.compared > 0 and not self.diverged, self.diverged or f"{self.compared} schedules compared"
        )
        if self.unplanted:
            none = f"not applicable: the {self.session.target.name} has no canary"
            return (*(Control(name, True, none) for name in (_SHOWN, _WITNESSES, _SEQUENTIAL)), same)
        unseen = sorted(self.canaries - self.shown)
        known = f"{len(self.shown & self.canaries)} of {len(self.canaries)} canaries"
        shown = f"{known} shown in {self.bypassed} executions{'; never ' if unseen else ''}{', '.join(unseen)}"
        shown += "".join(f"; {one}" for one in self.protected)
        called = bool(self.redactions or found.redactions)
        if not found.redactors:
            shown += "; no redactor is declared"
        elif not called:
            shown += "; the redactor was never called"
        leaked = found.leak is not None and found.leak.stage.first
        witnesses = f"missing: {_listed(found.missing)}" if found.missing else "none missing"
        return (
            Control(_SHOWN, bool(self.canaries) and not unseen and called and found.redactors > 0, shown),
            Control(_WITNESSES, found.dumps > 0 and not found.missing, witnesses if found.dumps else "no dump"),
            Control(
                _SEQUENTIAL,
                found.opened and not leaked,
                "leaks" if leaked else "clean" if found.opened else "not finished",
            ),
            same,
        )

    def _bypass(self) -> Iterator[CampaignEvent]:
        most = self.session.target.pace.bypassed.of(apart=self.session.forked)
        limited = ((attrs.evolve(stage, limit=most),) for stage in _BYPASS_STAGES)
        orders = portfolio.opening()
        for stages in (orders, *self._near(most), *limited):
            batch = yield from self._bypassed(stages, Budget(most, _SECONDS, stop_at_first=False, least=_FEW))
            if self._complete or self.session.interrupted:
                self.tried = True
                return
            if self.endless >= _ENDLESS:
                return
            if stages is orders:
                # A race may still show what no order shows: `persist` continues this control.
                self.tried = batch.exhausted or batch.executions >= most
        self.protected = yield from protected(self.session, frozenset(self.unseen))
        self.shown.update(one.canary for one in self.protected)
        self.shown.update((yield from in_another_form(self.session, frozenset(self.unseen))))

    def _near(self, most: int) -> tuple[tuple[Stage, ...], ...]:
        """Where the secret is, for whom that is worth it."""
        near = self.session.target.pace.near
        return (tuple(attrs.evolve(stage, limit=most // 2) for stage in near),) if near else ()

    def persist(self) -> Iterator[CampaignEvent]:
        """Control 1 goes on with the budget of the search, where the canaries did not show in the first executions."""
        session = self.session
        if self._complete or not self.tried or session.interrupted or session.fatal is not None or self.unplanted:
            return
        most = min(session.limits.executions, _MOST)
        budget = Budget(most, session.limits.seconds / 2, stop_at_first=False)
        yield from self._bypassed(portfolio.main(executions=most, swift=session.target.pace.swift), budget)

    def _bypassed(self, stages: Sequence[Stage], budget: Budget) -> Generator[CampaignEvent, None, Batch]:
        batch = self.session.batch(stages, budget, "controls", bypass=True, every=True, steps=False)
        for item in batch:
            if not isinstance(item, Outcome):
                yield item
                continue
            self._take(item)
            if (self._complete and self.bypassed > 1) or self.endless >= _ENDLESS:
                batch.stop()
        return batch

    def _take(self, outcome: Outcome) -> None:
        self.bypassed += 1
        self.planted.update(outcome.canaries)
        self.shown.update(outcome.inspection.shown)
        self.shown.update(leak.canary for leak in outcome.leaks)
        self.redactions += outcome.redactions
        self.dumps += outcome.dumps
        if outcome.bug is not None:
            self.raised = self.raised or outcome.bug.summary
            self.endless += outcome.bug.kind is BugKind.SPIN

    @property
    def unplanted(self) -> bool:
        """What has no canary, and needs none, is checked by its other oracles: what leaks is not asked."""
        return not (self.session.target.facts.needs_canary or self.canaries)

    @property
    def _advice(self) -> Advice:
        return self.session.target.advice

    @property
    def canaries(self) -> set[str]:
        """Every canary that any execution planted."""
        return self.planted | self.exploration.canaries

    @property
    def _complete(self) -> bool:
        wanted = self.exploration.redactors and not self.unplanted  # one that nobody declared is never called
        return (self.redactions > 0 or not wanted) and self.canaries <= self.shown

    def _repeat(self) -> Iterator[CampaignEvent]:
        """Runs a few schedules twice with the same canaries and once with others: all three traces must be equal."""
        session = self.session
        finest = session.limits.granularity or Granularity.INSTRUCTIONS
        others = _OTHERS if session.drew_chance else 1
        for stage in (Stage(Policy.SEQUENTIAL, limit=1), Stage(Policy.RANDOM, finest, limit=1)):
            number = session.count_numbers(2 + others) + 1
            first, again = (yield from self._single(stage, number)), (yield from self._single(stage, number))
            if first is None or again is None:
                continue
            self.compared += 1
            self._sample(first, number)
            if first.trace_hash != again.trace_hash:
                self.diverged = f"The same schedule gave two different executions: {divergence(first, again)}."
                self.remedy = self._advice.nondeterministic
                return
            for other_number in range(number + 1, number + 1 + others):
                other = yield from self._single(stage, other_number)
                if other is not None and not session.drew_chance and _renamed(first, other):
                    session.note(Problem(ProblemKind.NONDETERMINISM, _OTHER_NAMES, "", _ONE_NAME))
                if other is not None and other.trace_hash != first.trace_hash and session.pinned is None:
                    # Code that looks at every character of the secret is deterministic while the secret stays the same.
                    session.pin(number, divergence(first, other))

    def _sample(self, outcome: Outcome, number: int) -> None:
        """A clean execution whose process really dies must be clean on disk as well."""
        session = self.session
        if not session.target.facts.dies or not outcome.clean or not outcome.dumps or outcome.schedule is None:
            return
        seen = confirm(session, outcome.schedule, seed=session.limits.seed, number=number)
        if not seen.dumps:
            session.note(
                Problem(ProblemKind.INCOMPLETE, f"no clean execution could be confirmed: {seen.why}", fatal=False)
            )
            return
        leaked = sorted(seen.leaked_canaries)
        if leaked:
            names = ", ".join(f"'{name}'" for name in leaked)
            self.mismatch = Reason(
                f"Internal error: the search in memory saw nothing, but a process that really died of the same schedule"
                f" left {names} in {seen.describe_dumps_with(*leaked)}.",
                "Please report this with the program: a pass would mean nothing.",
            )
        self.sampled.append(seen.where)

    def _single(self, stage: Stage, number: int) -> Generator[CampaignEvent, None, Outcome | None]:
        batch = self.session.batch(
            (stage,),
            Budget(1, _SECONDS, stop_at_first=False),
            "controls",
            every=True,
            describe=True,
            canary_number=number,
        )
        outcome = None
        for item in batch:
            if isinstance(item, Outcome):
                outcome = item
            else:
                yield item
        return outcome


def _renamed(one: Outcome, other: Outcome) -> bool:
    """Whether as many threads and crashes have other names where the secrets are others."""
    mine, theirs = ({*outcome.threads, *outcome.crashes} for outcome in (one, other))
    return len(mine) == len(theirs) and mine != theirs


def divergence(one: Outcome, other: Outcome) -> str:
    """Where two executions of one schedule part."""
    first, second, there = one.trace, other.trace, _names(one) & _names(other)
    for mine, its in zip(first, second, strict=False):
        if (mine.thread, mine.site, mine.action) != (its.thread, its.site, its.action):
            return f"at step {mine.index + 1}, {_at(mine, there)} in the one, {_at(its, there)} in the other"
    if len(first) != len(second):
        longer, shorter = (first, second) if len(first) > len(second) else (second, first)
        where = _at(longer[len(shorter)], there)
        return f"at step {len(shorter) + 1}, where one had ended and the other was at {where}"
    return "the recorded steps are the same, what they touched is not"


def _names(outcome: Outcome) -> set[str]:
    return {*outcome.threads, *outcome.crashes, *(name for step in outcome.trace for name in (step.thread, step.file))}


def _at(step: Step, there: Container[str]) -> str:
    """Where a step is. Names that the other execution does not have may follow from the secret: they are left out."""
    thread = f"thread '{step.thread}'" if step.thread in there else "a thread that the other does not have"
    if step.file not in there:
        return f"{thread} in a file that the other does not meet"
    return f"{thread} at {relative(step.file)}:{step.line}" if step.file else thread


def _listed(names: Iterable[str]) -> str:
    """The first names of many."""
    ordered = sorted(names)
    more = f" and {len(ordered) - _LISTED} more" if len(ordered) > _LISTED else ""
    return ", ".join(ordered[:_LISTED]) + more
