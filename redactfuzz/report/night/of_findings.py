"""What a page says of each finding: what it is, how it comes about, where the secret lay, how it is seen again."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence

import attrs

from redactfuzz.model.finding import Finding
from redactfuzz.model.night import FindingMet, Life
from redactfuzz.model.texts.shell import quoted
from redactfuzz.night.gone import is_gone
from redactfuzz.report.explanation import found, headline, replay_command, window_text
from redactfuzz.report.lines import count
from redactfuzz.report.night.lanes import Lanes, lanes
from redactfuzz.report.night.layout import Place, place
from redactfuzz.report.night.of_measured import MeasuredView, view
from redactfuzz.report.night.of_targets import tone
from redactfuzz.report.night.told import Told
from redactfuzz.report.night.words import lines, moment, shown

ORDER = {Life.NEW: 0, Life.REGRESSED: 1, Life.MOVED: 2, Life.FLAKY: 3, Life.KNOWN: 4, Life.FIXED: 5}
"""On a page: what asks for somebody first."""
_FRESH = (Life.NEW, Life.REGRESSED, Life.MOVED)
_ANCHOR = re.compile(r"[0-9a-z]{1,40}")
_ROWS, _FEWER_ROWS, _MANY = 300, 60, 20
"""Rows of an interleaving: of up to so-many findings, and of each where there are more."""
_PLACES = 8
_DETAIL = 40
_COMMAND = 2_000
"""Characters of a command: cut short it would run something else."""


@attrs.frozen
class FindingView:
    """One finding, however often it was met."""

    key: str
    anchor: str
    life: str
    again: str
    """Of a replay: 3 of 5; empty where none was made."""
    fresh: bool
    """Nobody knew of it last night as it is."""
    still: bool
    """It was fixed before, and is."""
    title: str
    about: str
    """The anchor of its scenario."""
    verdict: str
    tone: str
    headline: str
    found: str
    cause: str
    window: str
    detail: tuple[str, ...]
    lanes: Lanes
    places: tuple[Place, ...]
    more_places: int
    provenance: tuple[tuple[str, str], ...]
    replay: str
    repro: str
    since: str
    """The night that met it first."""
    suppressed: str
    """Until when it does not count, and why; empty: it does."""
    measured: MeasuredView | None
    finding: Finding = attrs.field(repr=False)


def findings(night: Told, before: Sequence[Told], suppressed: Mapping[str, str]) -> tuple[FindingView, ...]:
    """Those of a night, the ones that ask for somebody first. ``suppressed``: by key, until when, and why."""
    rows = _ROWS if len(night.met) <= _MANY else _FEWER_ROWS
    made = [
        attrs.evolve(_view(key, met, night, before, rows), suppressed=shown(suppressed.get(key, "")))
        for key, met in night.met.items()
    ]
    return tuple(sorted(made, key=lambda each: (ORDER[Life(each.life)], each.finding.rank, each.title, each.key)))


def elsewhere(night: Told, before: Sequence[Told], suppressed: Mapping[str, str]) -> tuple[FindingView, ...]:
    """Those that earlier nights left open and that this one was not about, as they were when they were last met.

    A scenario that is gone from a file that was asked for takes its findings along.
    """
    last = {key: each for each in before for key in each.met if key not in night.met}
    paths = night.started.paths if night.started is not None else ()
    made = [
        attrs.evolve(_view(key, told.met[key], told, before, _FEWER_ROWS), suppressed=shown(suppressed.get(key, "")))
        for key, told in last.items()
        if life_of(told.met[key]) is not Life.FIXED and not is_gone(told.met[key][0].title, paths, night.titles)
    ]
    return tuple(sorted(made, key=lambda each: (each.finding.rank, each.title, each.key)))


def life_of(met: Sequence[FindingMet]) -> Life:
    """What it is tonight: what a search meets once more is no less new, and no less flaky.

    Fixed is a last word: it is said at the end, of what could not be replayed, or of what nothing has met since.
    """
    if met[-1].life is Life.FIXED:
        return Life.FIXED
    return next((each.life for each in met if each.life in (*_FRESH, Life.FLAKY)), met[-1].life)


def fullest(met: Sequence[FindingMet]) -> FindingMet:
    """The one that explains it best: as it is since it became worse, shrunk, with its steps, of these the shortest."""
    return min(
        reversed(met),
        key=lambda each: (-each.worse, not each.finding.steps, not each.finding.shrunk, len(each.finding.steps)),
    )


def _view(key: str, met: Sequence[FindingMet], night: Told, before: Sequence[Told], rows: int) -> FindingView:
    event, life = fullest(met), life_of(met)
    finding = event.finding
    replayed = next((each for each in reversed(met) if each.times), None)
    bug = finding.bug
    what = f"{bug.kind}: {bug.summary}" if bug is not None and not finding.leaks else ""
    return FindingView(
        key=shown(key),
        anchor="f-"
        + (key if _ANCHOR.fullmatch(key) else hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:12]),
        life=str(life),
        again=f"{replayed.again} of {replayed.times}" if replayed is not None else "",
        fresh=life in _FRESH,
        still=met[-1].still,
        title=shown(event.title),
        about=f"t{1 + night.titles.index(event.title)}",
        verdict=str(finding.verdict),
        tone=tone(finding.verdict),
        headline=shown(headline(finding)),
        found=shown(found(finding)),
        cause=shown(finding.cause or what or headline(finding), 1_000),
        window=shown(window_text(finding)),
        detail=lines(bug.detail, _DETAIL) if bug is not None else (),
        lanes=lanes(finding.steps, finding.window, finding.verb, rows),
        places=tuple(map(place, finding.leaks[:_PLACES])),
        more_places=max(len(finding.leaks) - _PLACES, 0),
        provenance=_provenance(event, met, night),
        replay=shown(replay_command(finding), _COMMAND) if finding.repro else "",
        repro=shown(finding.repro),
        since=_since(key, night, before),
        suppressed="",
        measured=_measured(key, night, before),
        finding=finding,
    )


def _measured(key: str, night: Told, before: Sequence[Told]) -> MeasuredView | None:
    """Once, in whatever night that was."""
    found = next((each.measured[key] for each in [night, *reversed(before)] if key in each.measured), None)
    return view(found) if found is not None else None


def _since(key: str, night: Told, before: Sequence[Told]) -> str:
    first = next((each for each in [*before, night] if key in each.met), night)
    at = moment(first.started.at) if first.started is not None else ""
    return f"night {first.number}" + (f", {at}" if at else "")


def _provenance(event: FindingMet, met: Sequence[FindingMet], night: Told) -> tuple[tuple[str, str], ...]:
    finding, started, began = event.finding, night.started, night.began.get(event.slice)
    schedule = finding.schedule
    size = f"{count(finding.preemptions, 'preemption')}, {count(finding.switches, 'switch', 'switches')}"
    otherwise = ", ".join(name for name, value in schedule.otherwise.items() if value)
    pairs = [
        ("seed", f"{finding.seed}"),
        ("execution", f"{finding.execution:,}"),
        ("schedule", f"{size}, {count(len(finding.steps), 'step')}, granularity {schedule.granularity}"),
        ("otherwise", otherwise),
        ("focus", ", ".join(schedule.focus)),
        ("slice", " ".join(map(quoted, began.command)) if began is not None else ""),
        ("met", count(len(met), "time") + " tonight"),
        ("tool", f"redactfuzz {started.tool}" if started is not None else ""),
        ("Python", schedule.python or (started.python if started is not None else "")),
        ("key", event.key),
    ]
    return tuple((name, shown(value, _COMMAND)) for name, value in pairs if value)
