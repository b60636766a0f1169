"""Everything that a page of a night says, as plain values: a template shows them and computes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import attrs

from redactfuzz.model.night import Life
from redactfuzz.model.verdict import Verdict
from redactfuzz.night import estimates
from redactfuzz.report.lines import count
from redactfuzz.report.night.charts import Chart, stairs
from redactfuzz.report.night.news import News, news
from redactfuzz.report.night.of_findings import FindingView, elsewhere, findings
from redactfuzz.report.night.of_targets import TargetView, targets
from redactfuzz.report.night.told import Told
from redactfuzz.report.night.words import duration, moment, shown, times


@attrs.frozen
class AlarmView:
    """Why this night must not be taken for a clean one."""

    kind: str
    what: str
    title: str


@attrs.frozen
class Figure:
    """One number that is to be seen at once. ``beside``: what it is compared with."""

    name: str
    value: str
    beside: str = ""


@attrs.frozen
class Share:
    """How many scenarios have a verdict."""

    verdict: str
    tone: str
    number: int


@attrs.frozen
class Digest:
    """One night, beside those before it."""

    number: int
    headline: str
    tone: str
    state: str
    """How it ended, or that it did not."""
    over: bool
    began: str
    facts: tuple[tuple[str, str], ...]
    alarms: tuple[AlarmView, ...]
    figures: tuple[Figure, ...]
    shares: tuple[Share, ...]
    news: tuple[News, ...]
    findings: tuple[FindingView, ...]
    fixed: tuple[FindingView, ...]
    suppressed: tuple[FindingView, ...]
    """Neither in ``findings`` nor in the first line."""
    elsewhere: tuple[FindingView, ...]
    """Of scenarios that this night was not about: open since an earlier one."""
    targets: tuple[TargetView, ...]
    curves: tuple[Chart, ...]
    assumed: str
    unread: tuple[str, ...]
    compared: str
    """With which night; empty where there is none before."""


def digest(
    night: Told,
    before: Sequence[Told] = (),
    *,
    running: bool = False,
    unread: Sequence[str] = (),
    suppressed: Mapping[str, str] | None = None,
) -> Digest:
    """``before``: earlier nights, the oldest first. ``running``: somebody still writes it. ``unread``: lost lines.

    ``suppressed``: see `of_findings.findings`.
    """
    every = findings(night, before, suppressed or {})
    fixed = tuple(each for each in every if each.life == Life.FIXED)
    hidden = tuple(each for each in every if each.life != Life.FIXED and each.suppressed)
    left = tuple(each for each in every if each.life != Life.FIXED and not each.suppressed)
    others = elsewhere(night, before, suppressed or {})
    listed = [each for each in before if each.titles]  # one that a full disk ended at its start says nothing of others
    rows = targets(night, listed)
    told = tuple(AlarmView(str(each.kind), shown(each.what, 600), shown(each.title)) for each in night.alarms)
    alarms = (*told, *_unread(unread))
    state = _state(night, running=running)
    # What is lost takes nothing from what was found.
    headline, tone = _headline(alarms if told or not left else (), left, hidden, rows, state, night)
    return Digest(
        number=night.number,
        headline=headline,
        tone=tone,
        state=state,
        over=night.ended is not None,
        began=moment(night.started.at) if night.started is not None else "",
        facts=_facts(night),
        alarms=alarms,
        figures=_figures(rows, left),
        shares=_shares(rows),
        news=news(night, listed, rows, every, others),
        findings=left,
        fixed=fixed,
        suppressed=hidden,
        elsewhere=others,
        targets=rows,
        curves=_curves(night),
        assumed=estimates.ASSUMED,
        unread=tuple(map(shown, unread[:20])),
        compared=f"night {listed[-1].number}" if listed else "",
    )


def _unread(lines: Sequence[str]) -> tuple[AlarmView, ...]:
    """In a line that is lost there may have been a finding."""
    if not lines:
        return ()
    more = f" (and {count(len(lines) - 1, 'more line')})" if len(lines) > 1 else ""
    return (AlarmView("its journal cannot be read whole", f"{shown(lines[0], 500)}{more}", ""),)


def _headline(
    alarms: Sequence[AlarmView],
    left: Sequence[FindingView],
    hidden: Sequence[FindingView],
    rows: Sequence[TargetView],
    state: str,
    night: Told,
) -> tuple[str, str]:
    """The first line: an alarm where there is one, else what came out."""
    if alarms:
        first = alarms[0]
        more = f" (and {count(len(alarms) - 1, 'more alarm')})" if len(alarms) > 1 else ""
        return f"ALARM: {first.kind}: {first.title + ': ' if first.title else ''}{first.what}{more}", "alarm"
    if not night.events:
        return "Nothing is known of this night: its journal holds no event", "warn"
    unfinished = "" if night.ended is not None else f"; {state}"
    if left:
        fresh = sum(each.fresh for each in left)
        where = count(len({each.title for each in left}), "scenario")
        new = f", {fresh:,} of them new or changed" if fresh else ", none of them new"
        return f"{_worst(left)}: {count(len(left), 'finding')} in {where}{new}{unfinished}", "bad"
    nothing = f"Nothing found but {count(len(hidden), 'suppressed finding')}" if hidden else "No leak found"
    if hidden:  # a search ends at the first finding that it does not know from the corpus
        unfinished = f"; no search went on behind {'it' if len(hidden) == 1 else 'them'}{unfinished}"
    known = {each.about for each in hidden}
    failed = [each for each in rows if each.tone in ("warn", "bad") and each.anchor not in known]
    if failed:
        return f"{nothing}, but {count(len(failed), 'scenario')} of {len(rows):,} did not pass{unfinished}", "warn"
    missed = [each for each in rows if not each.verdict]
    if missed or not rows:
        what = f"{len(missed):,} of {count(len(rows), 'scenario')} not explored" if rows else "no scenario"
        return f"Nothing found, but {what}{unfinished}", "warn"
    proved = sum(each.verdict == Verdict.PROVED for each in rows)
    line = f"{nothing} in {count(len(rows), 'scenario')}, {proved:,} of them proved{unfinished}"
    return line, "warn" if unfinished or hidden else "good"


def _worst(left: Sequence[FindingView]) -> str:
    return str(Verdict.LEAK) if any(each.verdict == Verdict.LEAK for each in left) else left[0].verdict


def _state(night: Told, *, running: bool) -> str:
    ended = night.ended
    if ended is not None:
        name = f" {ended.signal}" if ended.signal else ""
        return f"it ended: {ended.why}{name}"
    return "it is still running" if running else "it was killed, or its machine was: it has no end"


def _facts(night: Told) -> tuple[tuple[str, str], ...]:
    started = night.started
    if started is None:
        return ()
    wanted = duration(started.seconds) if started.seconds is not None else "until nothing is new, or a signal"
    slices = [each for every in night.slices.values() for each in every]
    pairs = [
        ("asked for", wanted),
        ("lasted", duration(night.ended.seconds) if night.ended is not None else ""),
        ("seed", f"{started.seed}"),
        ("shard", started.shard),
        ("on", f"{count(started.jobs, 'process', 'processes')} on {count(started.cores, 'core')}"),
        ("with", f"redactfuzz {started.tool}, Python {started.python}"),
        ("corpus", f"{started.corpus}: {started.entries:,} entries" if started.corpus else "none was asked for"),
        ("replayed", f"{sum(each.replayed for each in slices):,} entries" if started.corpus else ""),
        ("added", f"{sum(each.added for each in slices):,} entries" if started.corpus else ""),
        ("resumed", count(night.resumed, "time") if night.resumed else ""),
        ("paths", " ".join(started.paths)),
    ]
    return tuple((name, shown(value)) for name, value in pairs if value)


def _figures(rows: Sequence[TargetView], left: Sequence[FindingView]) -> tuple[Figure, ...]:
    executions, seconds = sum(each.executions for each in rows), sum(each.seconds for each in rows)
    ratios = [each.ratio for each in rows if each.ratio is not None]
    middle = sorted(ratios)[len(ratios) // 2] if ratios else None
    proved = sum(each.verdict == Verdict.PROVED for each in rows)
    spared = sum(bool(each.spared) for each in rows)
    fresh = sum(each.fresh for each in left)
    return (
        Figure("findings", f"{len(left):,}", f"{fresh:,} new or changed" if left else ""),
        Figure("scenarios", f"{len(rows):,}", f"{spared:,} spared" if spared else ""),
        Figure("proved", f"{proved:,}", f"of {len(rows):,}" if rows else ""),
        Figure("executions", f"{executions:,}"),
        Figure(
            "executions/s",
            f"{executions / seconds if seconds else 0:,.0f}",
            f"{times(middle)} last night" if middle is not None else "",
        ),
    )


def _shares(rows: Sequence[TargetView]) -> tuple[Share, ...]:
    found = Counter((each.verdict or "not explored", each.tone) for each in rows)
    order = {"bad": 0, "warn": 1, "none": 2, "good": 3}
    made = [Share(verdict, tone, number) for (verdict, tone), number in found.items()]
    return tuple(sorted(made, key=lambda each: (order.get(each.tone, 2), each.verdict)))


def _curves(night: Told) -> tuple[Chart, ...]:
    """What was known after so many seconds of exploring, of all processes together."""
    kinds: dict[str, int] = {}
    keys: set[str] = set()
    slices = [each for every in night.slices.values() for each in every]
    ended = sorted(slices, key=lambda each: each.number)
    by_slice: dict[int, set[str]] = {}
    for key, met in night.met.items():
        if met[0].life is not Life.FIXED:
            by_slice.setdefault(met[0].slice, set()).add(key)
    keys |= by_slice.get(0, set())
    spent, found, seen = 0.0, [(0.0, float(len(keys)))], [(0.0, 0.0)]
    for each in ended:
        spent += each.seconds
        keys |= by_slice.get(each.number, set())
        if each.report is not None:
            kinds[each.title] = max(kinds.get(each.title, 0), each.report.species.kinds)
        found.append((spent, float(len(keys))))
        seen.append((spent, float(sum(kinds.values()))))
    unit = (3600.0, "h") if spent >= 7200 else (60.0, "min") if spent >= 120 else (1.0, "s")
    told = f"after {duration(spent)} of exploring, over all processes"
    made = (
        stairs("Findings", found, unit, f"{len(keys):,} {told}."),
        stairs("Kinds of behaviour, at least", seen, unit, f"{sum(kinds.values()):,} {told}."),
    )
    return tuple(each for each in made if each is not None)
