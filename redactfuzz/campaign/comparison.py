"""Runs one schedule with other values of the secrets, and says whether its dumps depend on them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial

import attrs

from redactfuzz.campaign.fresh import Fresh
from redactfuzz.campaign.session import Session, Values
from redactfuzz.model.canary.variant import Variant
from redactfuzz.model.outcome import UNKNOWN_ENCODING, Leak, ProblemKind
from redactfuzz.model.plan import Budget
from redactfuzz.model.recording import RecordedSecret, Recording
from redactfuzz.model.schedule import Schedule
from redactfuzz.scan.dependence import Dependence, Kind, Probe, Stretch, judge, sample, without
from redactfuzz.scan.difference import differences, reordered, starts
from redactfuzz.scan.sealed import RUNS, unsealed
from redactfuzz.scan.severity import by_remaining

_RUNS = 2_000
"""Executions of one schedule at most: a repeat, other values, and three values of each position."""
_POSITIONS = 128
"""Of a longer secret so many are changed, spread over it."""
_VALUES = 3
_REPEATS = 3
"""With the same values, before what differs is taken to depend on them: addresses come back now and then."""
_WHOLES = range(2, 32)
"""Further other values that must move what is read off more often than single changes do, before it is a leak."""
_CHANCES = 8
"""Runs in which something else is drawn by chance: less than one of 200 bits stays the same in all of them."""
_SECONDS = 60.0
_STRAY = ("runs another way under other values and cannot be followed", "makes other dumps under other values")
_GONE = (ProblemKind.DIVERGED, ProblemKind.NONDETERMINISM)


@attrs.frozen
class Comparison:
    """What came of comparing the dumps of one schedule."""

    stray: str = ""
    """Why they could not be compared; empty when they were."""
    leaks: tuple[Leak, ...] = ()
    """Of each canary that can be read off."""
    noted: tuple[str, ...] = ()
    """What depends on a secret and gives little of it away."""
    unsure: tuple[str, ...] = ()
    """What depends on a secret in a way that nobody can judge from outside."""
    noise: tuple[tuple[str, int], ...] = ()
    """Dumps with how many of their bytes differ of themselves, and were left out."""
    runs: int = 0
    few: tuple[str, ...] = ()
    """What tells a few bits, as an index or a checksum does: only told."""
    hidden: tuple[str, ...] = ()
    """Where so much differs of itself that a secret has room in it."""


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
        known: Known | None = None,
        fresh: Fresh | None = None,
    ) -> None:
        self._asked: dict[str, Variant] = {}
        self._known: Known = {} if known is None else known
        self.runs = 0
        apart = fresh or session.apart
        how = {"seed": seed, "number": number, "crash_last": crash_last}
        self._once = None if apart is None else partial(apart.once, schedule, **how)
        self._by_chance = partial((session if apart is None else apart).once, schedule, **how)
        plan = session.plan_of(schedule, seed=seed, number=number, values=self._asked, crash_last=crash_last)
        self._outcomes = session.outcomes(plan, Budget(_RUNS, _SECONDS, stop_at_first=False))

    def __enter__(self) -> Comparing:
        return self

    def __exit__(self, *_: object) -> None:
        self._outcomes.close()

    def run(self, values: Values) -> Recording | None:
        """The dumps under these values; None where the schedule could not be followed."""
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

    def compare(self, base: Recording | None = None, *, quick: bool = False) -> Comparison:
        """The answer. ``base``: the dumps under the secrets themselves, where they are known. ``quick``: a sample."""
        base = self.run({}) if base is None else base
        if base is None or not base.dumps:
            return Comparison(_STRAY[0] if base is None else "makes no dump", runs=self.runs)
        unread = next((dump for dump in base.dumps if dump.unread), None)
        if unread is not None:
            return Comparison(f"has a dump that is not compared ({unread.name}: {unread.unread})", runs=self.runs)
        found = Comparison(noted=base.failed)
        for forbidden, dumps in _groups(base).items():
            found = _joined(found, self._group(base, forbidden, dumps, quick))
        return attrs.evolve(found, runs=self.runs)

    def _group(self, base: Recording, forbidden: frozenset[str], dumps: tuple[int, ...], quick: bool) -> Comparison:
        """The dumps in which the same canaries are forbidden: all of these get other values, then each alone."""
        values = {name: Variant(0) for name in forbidden}
        other = self.run(values)
        if other is None or _names(other) != _names(base):
            return Comparison(_STRAY[other is not None])
        mine = _Dumps(base, dumps)
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
                found = _joined(found, self._alone(mine, secret, noise, quick))
        return found

    def _alone(self, mine: _Dumps, secret: RecordedSecret, noise: set[int], quick: bool) -> Comparison:
        probes: list[Probe] = []
        others = []
        for draw in range(2):
            other = self.run({secret.name: Variant(draw)})
            if other is None or _names(other) != mine.names:
                return Comparison(_STRAY[other is not None])
            others.append(other)
            probes.append(Probe(None, mine.changed(other)))
        if not any(probe.changed for probe in without(probes, noise)):
            return Comparison()
        if all(secret.name in other.plain - mine.plain for other in others):
            return Comparison(f"knows '{secret.name}' by its form: another value was left as it is")
        if mine.reordered(others):
            return Comparison(unsure=(f"the order of what is in {mine.told} follows from '{secret.name}'",))
        said = self._changing(mine, secret, _sample(secret), probes, noise)
        if said.kind is not Kind.INDEPENDENT and not quick:
            said = self._changing(mine, secret, _sample(secret), probes, noise)
        if said.decided or quick or not secret.positions:
            return self._said(mine, secret, said, probes, noise, quick)
        looks = (secret.name, said.readable, *((one.size, one.kind, one.positions) for one in said.stretches))
        if looks not in self._known:
            before = self.runs
            said = self._changing(mine, secret, _all(secret), probes, noise)
            if said.kind is Kind.ENCODING:
                said = self._changing(mine, secret, map(Variant, _WHOLES), probes, noise)
            self._known[looks] = self._said(mine, secret, said, probes, noise, quick)
            self.runs = before  # once for all schedules that look so
        return self._known[looks]

    def _changing(
        self, mine: _Dumps, secret: RecordedSecret, others: Iterable[Variant], probes: list[Probe], noise: set[int]
    ) -> Dependence:
        """What these single changes say, with those before. Adds to ``probes``, and to ``noise``.

        Where a change that was made before now does something else, that was not its doing.
        """
        for variant in others:
            other = self.run({secret.name: variant})
            if other is None or _names(other) != mine.names or secret.name in other.plain - mine.plain:
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
        self, mine: _Dumps, secret: RecordedSecret, said: Dependence, probes: list[Probe], noise: set[int], quick: bool
    ) -> Comparison:
        """The answer, without what is sealed with something that is drawn by chance."""
        told = _told(said, secret, mine, quick)
        places = frozenset(at for probe in without(probes, noise) for at in probe.changed)
        # A schedule that was found to leak, and is only run again, was asked before.
        sealed, beside = self._sealed(mine, places, noise) if told.leaks and not quick else (frozenset(), False)
        if not sealed:
            return told
        rest = judge(without(probes, noise | sealed), secret.bits / max(1, said.positions), secret.bits)
        told = _told(rest, secret, mine, quick)
        how = ", some of which lies beside it: it may be unsealed with that" if beside else ": encrypted or masked"
        what = f"{len(sealed):,} bytes of {mine.told} depend on '{secret.name}' and on what is drawn by chance{how}"
        return told if told.leaks else attrs.evolve(told, unsure=(*told.unsure, what))

    def _sealed(self, mine: _Dumps, places: frozenset[int], noise: set[int]) -> tuple[frozenset[int], bool]:
        """Which of these places are sealed, and whether anything else that is drawn is in the dumps."""
        runs = list(self._chances(mine, range(1, _CHANCES + 1)))
        drawn = frozenset(at for run in runs for at in run) - noise
        sealed, beside = drawn & places, drawn - places
        for most in RUNS if beside else ():
            if sealed:
                runs += self._chances(mine, range(len(runs) + 1, most + 1))
                sealed -= unsealed(sealed, beside, runs)
        return sealed, bool(beside)

    def _chances(self, mine: _Dumps, chances: Iterable[int]) -> Iterator[Mapping[int, int]]:
        for chance in chances:
            other = self.drawn({}, chance)
            if other is not None and _names(other) == mine.names:
                yield mine.changed(other)


def _sample(secret: RecordedSecret) -> Iterator[Variant]:
    """The single changes that decide between an encoding and a digest."""
    single = secret.unit == "bits"  # which have one other value: there are twice as many of them in place of that
    for position in sample(secret.positions, 8 if single else 4):
        yield from (Variant(draw, position) for draw in range(1 if single else 2))


def _all(secret: RecordedSecret) -> Iterator[Variant]:
    """Those of every position, or of many; without those of the sample."""
    step = max(1, -(-secret.positions // _POSITIONS))
    tried = set(_sample(secret))
    draws = 1 if secret.unit == "bits" else _VALUES
    every = (Variant(draw, position) for position in range(0, secret.positions, step) for draw in range(draws))
    yield from (variant for variant in every if variant not in tried)


class _Dumps:
    """Some of the dumps of an execution, as those of others are compared with them."""

    def __init__(self, recording: Recording, dumps: tuple[int, ...]) -> None:
        self._dumps = [recording.dumps[index] for index in dumps]
        self._indices = dumps
        self._data = [dump.data for dump in self._dumps]
        self._starts = starts(self._data)
        self.names = _names(recording)
        self.plain = recording.plain
        self.met: dict[tuple[str, Variant], Mapping[int, int]] = {}
        """What a single change did when it was made first."""

    @property
    def told(self) -> str:
        """Their names."""
        return " and ".join(dict.fromkeys(dump.name for dump in self._dumps))

    def changed(self, other: Recording) -> dict[int, int]:
        """The places that differ; all of them where a dump is missing."""
        theirs = [other.dumps[index].data for index in self._indices if index < len(other.dumps)]
        return differences(self._data, theirs)

    def reordered(self, others: Sequence[Recording]) -> bool:
        """Whether other values only change the order of the words."""
        return all(reordered(self._data, [other.dumps[index].data for index in self._indices]) for other in others)

    def place(self, at: int) -> tuple[str, int]:
        """Name of the dump, and offset in it."""
        index = max(index for index, start in enumerate(self._starts) if start <= at)
        return self._dumps[index].name, at - self._starts[index]

    def hidden(self, places: set[int], secrets: Iterable[RecordedSecret]) -> tuple[str, ...]:
        """Secrets that have room in what differs of itself."""
        data = {at: self._byte(at) for at in places}
        room = len(data) * max(1, len(set(data.values())) - 1).bit_length()
        names = " and ".join(f"'{secret.name}'" for secret in secrets if room >= secret.bits)
        told = f"{len(data):,} bytes of {self.told} differ of themselves and were left out: room enough for {names}"
        return (told,) if names else ()

    def _byte(self, at: int) -> int:
        index = max(index for index, start in enumerate(self._starts) if start <= at)
        return next(iter(self._data[index][at - self._starts[index] :][:1]), 0)

    def noise(self, places: set[int]) -> tuple[tuple[str, int], ...]:
        """Which dumps have places that differ of themselves."""
        count: dict[str, int] = {}
        for at in places:
            name = self.place(at)[0]
            count[name] = count.get(name, 0) + 1
        return tuple(count.items())


def _groups(recording: Recording) -> dict[frozenset[str], tuple[int, ...]]:
    """Dumps by the canaries that are forbidden in them."""
    secrets = frozenset(secret.name for secret in recording.secrets)
    groups: dict[frozenset[str], tuple[int, ...]] = {}
    for index, dump in enumerate(recording.dumps):
        forbidden = secrets - dump.allowed
        if forbidden:
            groups[forbidden] = (*groups.get(forbidden, ()), index)
    return groups


def _names(recording: Recording) -> tuple[str, ...]:
    return tuple(dump.name for dump in recording.dumps)


def _unlike(one: Mapping[int, int], two: Mapping[int, int]) -> set[int]:
    """Places where two runs with the same values differ."""
    return {at for at in one.keys() | two.keys() if one.get(at) != two.get(at)}


def _joined(one: Comparison, two: Comparison) -> Comparison:
    return Comparison(
        one.stray or two.stray,
        (*one.leaks, *two.leaks),
        (*one.noted, *two.noted),
        (*one.unsure, *two.unsure),
        (*one.noise, *two.noise),
        hidden=(*one.hidden, *two.hidden),
    )


def _told(said: Dependence, secret: RecordedSecret, mine: _Dumps, quick: bool) -> Comparison:
    """The answer for one canary in words, and as a leak where it can be read off."""
    name = secret.name
    if said.kind is Kind.ENCODING or (quick and said.readable):
        return Comparison(leaks=tuple(_leaks(said, secret, mine)))
    noted = []
    for stretch in said.of(Kind.DIGEST):
        dump, _ = mine.place(stretch.start)
        noted.append(f"{stretch.size} bytes of {dump} depend on '{name}' through something like a digest")
    if said.of(Kind.FEW):
        noted.append(f"at most {said.bits:.0f} of the {secret.bits:.0f} bits of '{name}' can be read off {mine.told}")
    unsure = [
        f"{sum(one.size for one in stretches):,} bytes of {dump} depend on '{name}', neither as in an encoding nor"
        " as in a digest (compressed, encrypted, or another way under another value)"
        for dump, stretches in _by_dump(said.of(Kind.OTHER), mine).items()
    ]
    return Comparison(noted=tuple(noted), unsure=tuple(unsure))


def _leaks(said: Dependence, secret: RecordedSecret, mine: _Dumps) -> Iterator[Leak]:
    """One for each dump that has a part of it; what they give away together is told with each."""
    count = f"{len(said.readable)} of {said.positions} {secret.unit}"
    if said.positions < secret.positions:
        count += f" that were tried, of {secret.positions},"
    severity = by_remaining(secret.bits - said.bits)
    kinds = (Kind.ENCODING, Kind.FEW)
    for dump, stretches in _by_dump([one for one in said.stretches if one.kind in kinds], mine).items():
        yield Leak(
            canary=secret.name,
            encoding=UNKNOWN_ENCODING,
            offset=mine.place(stretches[0].start)[1],
            length=sum(one.size for one in stretches),
            dump=dump,
            hash_prefix=secret.hash_prefix,
            where=f"{count} can be read off, {said.bits:.0f} of {secret.bits:.0f} bits: severity {severity}",
            recovered=said.bits,
            entropy=round(secret.bits, 1),
            part="whole" if said.bits > 0.98 * secret.bits else "part",
        )


def _by_dump(stretches: Sequence[Stretch], mine: _Dumps) -> dict[str, list[Stretch]]:
    by: dict[str, list[Stretch]] = {}
    for one in stretches:
        by.setdefault(mine.place(one.start)[0], []).append(one)
    return by
