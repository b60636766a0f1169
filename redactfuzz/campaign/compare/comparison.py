"""Runs one schedule with other values of the secrets, and says whether its dumps depend on them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial

import attrs

from redactfuzz.campaign.compare.answer import Comparison, Noted, depend, joined, worded
from redactfuzz.campaign.compare.elimination import eliminated
from redactfuzz.campaign.compare.places import Dumps, names
from redactfuzz.campaign.session.deadline import OutOfTime
from redactfuzz.campaign.session.fresh import Cold, Fresh
from redactfuzz.campaign.session.oracle import Values
from redactfuzz.campaign.session.recurring import again
from redactfuzz.campaign.session.spec import FOREVER
from redactfuzz.campaign.session.state import Session
from redactfuzz.model.canary.variant import Variant
from redactfuzz.model.outcome import Inspection, ProblemKind
from redactfuzz.model.plan import Budget
from redactfuzz.model.recording import RecordedSecret, Recording
from redactfuzz.model.schedule import Schedule
from redactfuzz.scan.compare.changes import every, few, wholes
from redactfuzz.scan.compare.dependence import Dependence, Probe, Relation, judge, without
from redactfuzz.scan.compare.sealed import RUNS, unsealed

_RUNS = 2_000
"""Executions of one schedule at most: a repeat, other values, and three values of each position."""
_REPEATS = 3
"""With the same values, before what differs is taken to depend on them: addresses come back now and then."""
_CHANCES = 8
"""Runs in which something else is drawn by chance: less than one of 200 bits stays the same in all of them."""
_SECONDS = 60.0
"""Of these executions together, at most: what is asked for later comes back as what cannot be followed."""
_STRAY = ("runs another way under other values and cannot be followed", "makes other dumps under other values")
_GONE = (ProblemKind.DIVERGED, ProblemKind.NONDETERMINISM)

Known = dict[tuple[object, ...], Comparison]
"""What a sample has shown before, and what came of it when every position was changed."""


class Comparing:
    """One schedule, run again and again in one batch, each time with the values that are asked for."""

    def __init__(
        self,
        session: Session,
        schedule: Schedule,
        *,
        seed: int,
        number: int,
        crash_last: bool = False,
        bypass: bool = False,
        known: Known | None = None,
        fresh: Fresh | Cold | None = None,
        seconds: float = FOREVER,
    ) -> None:
        """``seconds``: after which OutOfTime is raised."""
        self._clock, self._until = session.clock, session.clock() + seconds
        self._asked: dict[str, Variant] = {}
        self._known: Known = {} if known is None else known
        self.runs = 0
        apart = fresh or session.apart
        how = {"seed": seed, "number": number, "crash_last": crash_last, "bypass": bypass}
        self._once = None if apart is None else partial(apart.once, schedule, **how)
        self._by_chance = partial((session if apart is None else apart).once, schedule, **how)
        plan = session.plan_of(schedule, values=self._asked, **how)
        self._outcomes = session.outcomes(plan, Budget(_RUNS, _SECONDS, stop_at_first=False))

    def __enter__(self) -> Comparing:
        return self

    def __exit__(self, *_: object) -> None:
        self._outcomes.close()

    def run(self, values: Values) -> Recording | None:
        """The dumps under these values; None where the schedule could not be followed."""
        if self._clock() > self._until:
            raise OutOfTime
        self._asked.clear()
        self._asked.update(values)
        outcome = next(self._outcomes, None) if self._once is None else self._once(values=dict(values))
        self.runs += 1
        if outcome is None or any(problem.kind in _GONE for problem in outcome.problems):
            return None
        return outcome.inspection.recording or Recording()  # it makes no dump

    def drawn(self, values: Values, chance: int) -> Recording | None:
        """The same, where other things are drawn by chance."""
        outcome = self._by_chance(values=dict(values), chance=chance)
        self.runs += 1
        return None if outcome is None else outcome.inspection.recording

    def compare(
        self, base: Recording | None = None, *, seen: Inspection | None = None, quick: bool = False
    ) -> Comparison:
        """The answer. ``base``: the dumps under the secrets themselves, where they are known; ``seen``: what the search
        saw of them. ``quick``: a sample. Raises OutOfTime.
        """
        if base is None and seen is not None:
            came = again(lambda: self.run({}), seen)
            if came.lost:
                return Comparison("makes other dumps than before", runs=self.runs, lost=came)
            base = came.recording
        elif base is None:
            base = self.run({})
        if base is None or not base.dumps:
            return Comparison(_STRAY[0] if base is None else "makes no dump", runs=self.runs)
        unread = next((dump for dump in base.dumps if dump.unread), None)
        if unread is not None:
            return Comparison(f"has a dump that is not compared ({unread.name}: {unread.unread})", runs=self.runs)
        failed = tuple(Noted(text, (text,)) for text in base.failed)
        found = Comparison(noted=failed, declared=base.declared, admitted=base.admitted)
        for forbidden, dumps in _groups(base).items():
            found = joined(found, self._group(base, forbidden, dumps, quick))
        return attrs.evolve(found, runs=self.runs)

    def _group(self, base: Recording, forbidden: frozenset[str], dumps: tuple[int, ...], quick: bool) -> Comparison:
        """The dumps in which the same canaries are forbidden: all of these get other values, then each alone."""
        values = {name: Variant(0) for name in forbidden}
        other = self.run(values)
        if other is None or names(other) != names(base):
            return Comparison(_STRAY[other is not None])
        mine = Dumps(base, dumps)
        changed = mine.changed(other)
        if not changed:
            return Comparison()
        noise: set[int] = set()
        for _ in range(1 if quick else _REPEATS):
            again, twin = self.run({}), self.run(values)
            if again is None or twin is None:
                return Comparison(_STRAY[0])
            noise |= set(mine.changed(again)) | _unlike(changed, mine.changed(twin))
            if changed.keys() <= noise:
                break
        inside = [secret for secret in base.secrets if secret.name in forbidden]
        found = Comparison(noise=mine.noise(noise), hidden=mine.hidden(noise, inside))
        for secret in inside:
            if changed.keys() - noise:
                found = joined(found, self._alone(mine, secret, noise, quick))
        return found

    def _alone(self, mine: Dumps, secret: RecordedSecret, noise: set[int], quick: bool) -> Comparison:
        probes: list[Probe] = []
        others = []
        for draw in range(2):
            other = self.run({secret.name: Variant(draw)})
            if other is None or names(other) != mine.names:
                return Comparison(_STRAY[other is not None])
            others.append(other)
            probes.append(Probe(None, mine.changed(other)))
        if not any(probe.changed for probe in without(probes, noise)):
            return Comparison()
        if all(secret.name in other.plain - mine.plain for other in others):
            return Comparison(f"knows '{secret.name}' by its form: another value was left as it is")
        if mine.reordered(others):
            return Comparison(unsure=(f"the order of what is in {mine.label} follows from '{secret.name}'",))
        said = self._changing(mine, secret, few(secret.positions, secret.unit), probes, noise)
        if said.kind is not Relation.INDEPENDENT and not quick:
            said = self._changing(mine, secret, few(secret.positions, secret.unit), probes, noise)
        if said.decided or quick or not secret.positions:
            if not (quick and said.readable):  # else it leaks, whatever the rest is
                said = eliminated(self.run, mine, secret, said, noise, quick)
            return self._said(mine, secret, said, probes, noise, quick)
        looks = (secret.name, said.readable, *((one.size, one.kind, one.positions) for one in said.stretches))
        if looks not in self._known:
            before = self.runs
            said = self._changing(mine, secret, every(secret.positions, secret.unit), probes, noise)
            if said.kind is Relation.ENCODING:
                said = self._changing(mine, secret, wholes(), probes, noise)
            said = eliminated(self.run, mine, secret, said, noise, quick)
            self._known[looks] = self._said(mine, secret, said, probes, noise, quick)
            self.runs = before  # once for all schedules that look so
        return self._known[looks]

    def _changing(
        self, mine: Dumps, secret: RecordedSecret, others: Iterable[Variant], probes: list[Probe], noise: set[int]
    ) -> Dependence:
        """What these single changes say, with those before. Adds to ``probes``, and to ``noise``.

        Where a change that was made before now does something else, that was not its doing.
        """
        for variant in others:
            other = self.run({secret.name: variant})
            if other is None or names(other) != mine.names or secret.name in other.plain - mine.plain:
                continue
            changed = mine.changed(other)
            before = mine.met.setdefault((secret.name, variant), changed)
            noise |= _unlike(before, changed)
            if before is changed:
                probes.append(Probe(variant.position, changed))
        again = self.run({})
        noise |= set(mine.changed(again)) if again is not None else set()
        tried = len({probe.position for probe in probes} - {None})
        return judge(without(probes, noise), secret.bits / max(1, tried), secret.bits)

    def _said(
        self, mine: Dumps, secret: RecordedSecret, said: Dependence, probes: list[Probe], noise: set[int], quick: bool
    ) -> Comparison:
        """The answer, without what is sealed with something that is drawn by chance."""
        answer = worded(said, secret, mine, quick)
        places = frozenset(at for probe in without(probes, noise) for at in probe.changed)
        # A schedule that was found to leak, and is only run again, was asked before.
        sealed, beside = self._sealed(mine, places, noise) if answer.leaks and not quick else (frozenset(), False)
        if not sealed:
            return answer
        rest = judge(without(probes, noise | sealed), secret.bits / max(1, said.positions), secret.bits)
        answer = worded(rest, secret, mine, quick)
        how = ", some of which lies beside it: it may be unsealed with that" if beside else ": encrypted or masked"
        what = f"{depend(len(sealed), mine.label, secret.name)} and on what is drawn by chance{how}"
        return answer if answer.leaks else attrs.evolve(answer, unsure=(*answer.unsure, what))

    def _sealed(self, mine: Dumps, places: frozenset[int], noise: set[int]) -> tuple[frozenset[int], bool]:
        """Which of these places are sealed, and whether anything else that is drawn is in the dumps."""
        runs = list(self._chances(mine, range(1, _CHANCES + 1)))
        drawn = frozenset(at for run in runs for at in run) - noise
        sealed, beside = drawn & places, drawn - places
        for most in RUNS if beside else ():
            if sealed:
                runs += self._chances(mine, range(len(runs) + 1, most + 1))
                sealed -= unsealed(sealed, beside, runs)
        return sealed, bool(beside)

    def _chances(self, mine: Dumps, chances: Iterable[int]) -> Iterator[Mapping[int, int]]:
        for chance in chances:
            other = self.drawn({}, chance)
            if other is not None and names(other) == mine.names:
                yield mine.changed(other)


def _groups(recording: Recording) -> dict[frozenset[str], tuple[int, ...]]:
    """Dumps by the canaries that are forbidden in them."""
    secrets = frozenset(secret.name for secret in recording.secrets)
    groups: dict[frozenset[str], tuple[int, ...]] = {}
    for index, dump in enumerate(recording.dumps):
        forbidden = secrets - dump.allowed
        if forbidden:
            groups[forbidden] = (*groups.get(forbidden, ()), index)
    return groups


def _unlike(one: Mapping[int, int], two: Mapping[int, int]) -> set[int]:
    """Places where two runs with the same values differ."""
    return {at for at in one.keys() | two.keys() if one.get(at) != two.get(at)}
