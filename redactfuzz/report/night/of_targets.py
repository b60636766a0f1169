"""What a page says of each scenario: its verdict, what was done for it, and what that shows of what was not run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import attrs

from redactfuzz.model.counted import Species
from redactfuzz.model.finding import Report
from redactfuzz.model.night import Life
from redactfuzz.model.part import MOST
from redactfuzz.model.verdict import Verdict
from redactfuzz.night import estimates
from redactfuzz.night.alarms import speeds
from redactfuzz.report.certificate import entries, within
from redactfuzz.report.explanation import TONES
from redactfuzz.report.lines import Tone
from redactfuzz.report.night.told import Told, last_of
from redactfuzz.report.night.words import percent, shown

_WORST_FIRST = {
    Verdict.LEAK: 0,
    Verdict.BUG: 1,
    Verdict.ERROR: 2,
    Verdict.VACUOUS: 3,
    Verdict.INCONCLUSIVE: 4,
    Verdict.PROVED: 5,
    Verdict.NO_LEAK_FOUND: 6,
}
"""Of the slices of one night. What one of them has proved, another that only looked does not take back."""
_CLASSES = {Tone.GOOD: "good", Tone.BAD: "bad", Tone.WARN: "warn"}
_SAID = 60
"""Lines of one entry of a certificate."""


@attrs.frozen
class Chance:
    """What independently drawn schedules say of those that were not run."""

    species: Species
    strategy: str
    """Of the slice that drew most: its kinds are counted."""
    unseen: str
    """That the next execution shows a kind that none has shown: where none was seen once, at most 3/n."""
    clean: int
    """Schedules that one strategy drew tonight, none of which leaked."""
    cleanly: str
    """That strategy."""
    bound: float | None
    """Of a leak in one that it draws, at most, at 95 %."""


@attrs.frozen
class TargetView:
    """One scenario or program."""

    title: str
    anchor: str
    verdict: str
    """Empty: the night has not come to it."""
    bound: str
    """And focus, of a proof that has some: beyond them it may leak."""
    tone: str
    why: str
    """Of what is no pass."""
    remedy: str
    spared: str
    slices: int
    died: int
    how: str
    """How the last of those ended that died."""
    executions: int
    seconds: float
    speed: float
    ratio: float | None
    """For each second of a processor, to last night, with a strategy that both nights ran."""
    part: float | None
    """Of the classes of schedules, which a reduction went through; all of them are no proof by themselves."""
    part_before: float | None
    chance: Chance
    certificate: tuple[tuple[str, tuple[str, ...]], ...]
    obstacles: tuple[str, ...]
    findings: int
    memory: int
    report: Report | None = attrs.field(repr=False)
    """The one that says most of it: what files for other programs are made of."""


def tone(verdict: Verdict | None) -> str:
    """The class of a verdict on a page."""
    return _CLASSES[TONES[verdict]] if verdict is not None else "none"


def targets(night: Told, before: Sequence[Told]) -> tuple[TargetView, ...]:
    """Of all that belong to the night. ``before``: earlier nights, the oldest first."""
    rates = _Rates(speeds(night.events), speeds(before[-1].events) if before else {})
    return tuple(_target(title, index, night, before, rates) for index, title in enumerate(night.titles, 1))


def leading(reports: Sequence[Report]) -> Report | None:
    """The last of the worst."""
    return min(reversed(reports), key=lambda each: _WORST_FIRST[each.verdict], default=None)


def _target(title: str, index: int, night: Told, before: Sequence[Told], rates: _Rates) -> TargetView:
    listed, slices, reports = night.listed.get(title), night.slices.get(title, []), night.reports(title)
    report = leading(reports)
    if report is None and listed is not None and listed.spared:
        report = last_of(before, title)
    met = {key for key, each in night.met.items() if each[0].title == title and each[-1].life is not Life.FIXED}
    worst = _worst(night, met)
    verdict = worst if worst is not None else report.verdict if report is not None else None
    died = [each for each in slices if each.report is None]
    seconds, executions = sum(each.seconds for each in reports), sum(each.executions for each in reports)
    certificate = entries(report) if report is not None and verdict is report.verdict else []
    why = report.reason if report is not None and verdict is report.verdict else None
    spared = listed.spared if listed is not None else ""
    return TargetView(
        title=shown(title),
        anchor=f"t{index}",
        verdict=str(verdict or ""),
        bound=shown(within(report)) if report is not None and verdict is Verdict.PROVED else "",
        tone=tone(verdict),
        why=shown(why.what, 1_000) if why is not None else "",
        remedy=shown(why.remedy, 1_000) if why is not None else "",
        spared=shown(spared),
        slices=len(slices),
        died=len(died),
        how=shown(died[-1].how) if died else "",
        executions=executions,
        seconds=seconds,
        speed=executions / seconds if seconds else 0.0,
        ratio=_ratio(rates.now.get(title, {}), rates.then.get(title, {})),
        part=_part(reports) if reports or report is None else estimates.proved(report.stages),
        part_before=_part(before[-1].reports(title)) if before else None,
        chance=_chance(reports, clean=verdict is Verdict.NO_LEAK_FOUND),  # of what is proved it would say less
        certificate=tuple((key, tuple(map(shown, said[:_SAID]))) for key, said in certificate if said),
        obstacles=tuple(map(shown, report.certificate.obstacles[:_SAID])) if report and report.certificate else (),
        findings=len(met),
        memory=max((each.memory for each in slices), default=0),
        report=report,
    )


def _worst(night: Told, met: set[str]) -> Verdict | None:
    found = [each.finding.verdict for key in met for each in night.met[key]]
    return min(found, key=lambda each: _WORST_FIRST[each], default=None)


def _part(reports: Sequence[Report]) -> float | None:
    parts = [part for each in reports if (part := estimates.proved(each.stages)) is not None]
    gone: dict[str, set[int]] = {}  # what went by other things is of another tree
    for each in reports:
        if each.part is not None:
            gone.setdefault(each.part.known, set()).update(each.part.residues)
    return max([*parts, *(len(each) / MOST for each in gone.values())], default=None)


@attrs.frozen
class _Rates:
    """Executions for each second of a processor, by title and strategy."""

    now: Mapping[str, Mapping[str, float]]
    then: Mapping[str, Mapping[str, float]]


def _ratio(now: Mapping[str, float], then: Mapping[str, float]) -> float | None:
    """As the alarm compares them: the best of the strategies that both nights ran."""
    return max((now[each] / then[each] for each in now.keys() & then.keys() if then[each]), default=None)


def _unseen(species: Species) -> str:
    chance, most = estimates.unseen(species), estimates.bound(species.drawn)
    if chance is None or most is None:
        return ""
    return percent(chance) if chance else f"< {percent(most).removeprefix('< ')}"


def _chance(reports: Sequence[Report], *, clean: bool) -> Chance:
    most = max(reports, key=lambda each: each.species.drawn, default=None)
    species = most.species if most is not None else Species()
    drawn: Counter[str] = Counter()
    for report in reports:
        for stage in report.stages:
            if clean and stage.drawn and not stage.otherwise:
                drawn[f"{stage.strategy} at {stage.granularity}"] += stage.executions
    ((cleanly, count),) = drawn.most_common(1) or [("", 0)]
    return Chance(
        species=species,
        strategy=shown(most.strategy) if most is not None and species.drawn else "",
        unseen=_unseen(species),
        clean=count,
        cleanly=shown(cleanly),
        bound=estimates.bound(count),
    )
