"""What makes a night without findings mean nothing. Each is a reason for exit status 5."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from redactfuzz.model.finding import Report
from redactfuzz.model.night import Alarm, AlarmKind, NightEvent, NightStarted, SliceEnded, TargetListed
from redactfuzz.model.verdict import Verdict
from redactfuzz.night.journal import Night, of_kind
from redactfuzz.night.kept import is_of
from redactfuzz.night.rotation import DEATHS

_NOTHING = (Verdict.VACUOUS, Verdict.ERROR, Verdict.INCONCLUSIVE)
"""Verdicts that say nothing of the code under test."""
_FAILED = (Verdict.VACUOUS, Verdict.ERROR)
_BROKEN = 2
"""Slices in a row at the end of a night; one alone may have been chance."""
_HALF = 0.5
_LEAST_SECONDS = 10.0
"""Of a processor: below that the speed of a slice says little."""


def of_night(events: Sequence[NightEvent], before: Sequence[Night] = ()) -> Iterator[Alarm]:
    """All that is known at the end of a night. ``before``: those before it, the oldest first."""
    listed = list({each.title: each for each in of_kind(events, TargetListed)}.values())
    if not listed:
        yield Alarm(AlarmKind.NOTHING, "no scenario was found in what was named: nothing was explored")
    yield from _fewer(listed, _like(events, [each for each in before if of_kind(each.events, TargetListed)]))
    told = reports(events)
    for each in listed:
        if each.spared:
            continue
        mine = told.get(each.title, [])
        if mine and (how := _given_up(each.title, events)):
            yield Alarm(
                AlarmKind.DIED, f"it had no more turns after {DEATHS} slices without a report: {how}", each.title
            )
        if not any(report.executions for report in mine):
            yield _unexplored(each.title, events, mine)
        elif all(report.verdict in _NOTHING for report in mine):
            kind = AlarmKind.UNDECIDED if mine[-1].verdict is Verdict.INCONCLUSIVE else AlarmKind.CONTROL
            why = mine[-1].reason
            yield Alarm(kind, f"{mine[-1].verdict}: {why.what if why else 'a control failed'}", each.title)
        elif not _given_up(each.title, events) and (since := _broken(each.title, events)):
            yield Alarm(AlarmKind.BROKE, since, each.title)
    yield from _unused(events, _like(events, [each for each in before if reports(each.events)]))
    yield from _unkept(events)
    yield from _slow(events, before)
    if before:
        yield from (Alarm(AlarmKind.UNREADABLE, each) for each in before[-1].unread[:3])


def of_corpus(started: NightStarted, *, is_new: bool) -> Iterator[Alarm]:
    """At its beginning: one that was asked for and is empty was lost, unless somebody says that it is new."""
    if started.corpus and not started.entries and not is_new:
        yield Alarm(
            AlarmKind.NO_CORPUS,
            f"{started.corpus} holds no entry that can be read: what earlier nights kept was lost or not restored. "
            "If this is the first night, say so: --new-corpus",
        )


def of_replays(known: int, left: Sequence[str]) -> Iterator[Alarm]:
    """After the replays. ``left``: titles of the findings for which there was no time."""
    if left:
        what = f"{len(left)} of {known}, as the night was over before their turn"
        yield Alarm(AlarmKind.NOT_REPLAYED, what, left[0] if len(set(left)) == 1 else "")


def _unexplored(title: str, events: Sequence[NightEvent], mine: Sequence[Report]) -> Alarm:
    slices = since_listed(title, events)
    if not slices:
        return Alarm(AlarmKind.UNEXPLORED, "its turn did not come: the night was too short", title)
    if not mine and all(each.lost for each in slices):
        return Alarm(AlarmKind.UNEXPLORED, f"no slice of it gave a report: {slices[-1].how}", title)
    if not mine:
        return Alarm(AlarmKind.DIED, f"no slice of it gave a report: {slices[-1].how}", title)
    why = mine[-1].reason
    return Alarm(AlarmKind.UNEXPLORED, f"{mine[-1].verdict}: {why.what if why else 'no execution was run'}", title)


def _given_up(title: str, events: Sequence[NightEvent]) -> str:
    """How the last slice of a scenario ended that had no more turns for that; empty where it had."""
    last = since_listed(title, events)[-DEATHS:]
    dead = len(last) == DEATHS and all(each.report is None and not each.lost for each in last)
    return last[-1].how if dead else ""


def _broken(title: str, events: Sequence[NightEvent]) -> str:
    """How its last slices ended, where it had a verdict before and they had none; empty where they had one."""
    last = since_listed(title, events)[-_BROKEN:]
    if len(last) < _BROKEN or any(each.report is not None and each.report.verdict not in _FAILED for each in last):
        return ""
    report = last[-1].report
    why = f"{report.verdict}: {report.reason.what if report.reason else 'a control failed'}" if report else last[-1].how
    return f"its last {_BROKEN} slices came to no verdict: {why}"


def _fewer(listed: Sequence[TargetListed], before: Night | None) -> Iterator[Alarm]:
    if before is None:
        return
    now = {each.title for each in listed}
    then = {each.title for each in of_kind(before.events, TargetListed)}
    # A file that cannot be imported is listed as a whole, which alarms in another way.
    gone = sorted(title for title in then if not any(is_of(each, title) or is_of(title, each) for each in now))
    if gone:
        some = ", ".join(gone[:3]) + (f" and {len(gone) - 3} more" if len(gone) > 3 else "")
        yield Alarm(AlarmKind.FEWER, f"{len(gone)} that there were last night are not there: {some}")


def _unused(events: Sequence[NightEvent], before: Night | None) -> Iterator[Alarm]:
    """Entries that were run again last night, and of which none was tonight: what they are of has another name now."""
    then = {each.title for each in of_kind(before.events, SliceEnded) if each.replayed} if before is not None else set()
    ended = [each for each in of_kind(events, SliceEnded) if each.report is not None]
    spared = {each.title for each in of_kind(events, TargetListed) if each.spared}
    corpus = next((each.corpus for each in of_kind(events, NightStarted)), "")
    there = any(each.replayed or (each.report is not None and each.report.seeds.left) for each in ended)
    if corpus and then - spared and ended and not there:
        what = f"no entry of {corpus} was run again, and last night some were, of {', '.join(sorted(then)[:3])}"
        yield Alarm(AlarmKind.NO_CORPUS, f"{what}: a file or its folder was renamed, or the corpus is another one")


def _unkept(events: Sequence[NightEvent]) -> Iterator[Alarm]:
    """A corpus that took nothing in, or not all: what the next nights begin with is not what this one has found."""
    last = {each.title: each.report.seeds.trouble for each in of_kind(events, SliceEnded) if each.report is not None}
    if troubled := sorted(title for title, trouble in last.items() if trouble):
        more = f", and so it was of {len(troubled) - 1} more" if len(troubled) > 1 else ""
        yield Alarm(AlarmKind.UNKEPT, f"{last[troubled[0]]}{more}", troubled[0])


def _slow(events: Sequence[NightEvent], before: Sequence[Night]) -> Iterator[Alarm]:
    """Beside the last night in which it had turns that say so."""
    known = [speeds(each.events) for each in before]
    for title, now in speeds(events).items():
        then = next((each[title] for each in reversed(known) if title in each), {})
        both = now.keys() & then.keys()
        if both and all(now[name] < _HALF * then[name] for name in both):
            name = min(both)
            what = f"{now[name]:,.0f} for each second of a processor ({name}), {then[name]:,.0f} the last time"
            yield Alarm(AlarmKind.SLOW, what, title)


def speeds(events: Sequence[NightEvent]) -> dict[str, dict[str, float]]:
    """Executions for each second that a processor worked, by title and strategy; the best of a night.

    Not by the clock: what else a machine does is no fault of the scenario. Slices that found something are left out, as
    most of their time goes into explaining.
    """
    found: dict[str, dict[str, float]] = {}
    for each in of_kind(events, SliceEnded):
        report = each.report
        if (
            report is not None
            and each.cpu >= _LEAST_SECONDS
            and report.verdict is not Verdict.LEAK
            and not report.interrupted
        ):
            of = found.setdefault(each.title, {})
            of[report.strategy] = max(of.get(report.strategy, 0.0), report.executions / each.cpu)
    return found


def reports(events: Sequence[NightEvent]) -> dict[str, list[Report]]:
    """By title. What was said before a scenario was listed anew, as its code has changed, counts no more."""
    titles = dict.fromkeys(each.title for each in of_kind(events, SliceEnded))
    found = {
        title: [each.report for each in since_listed(title, events) if each.report is not None] for title in titles
    }
    return {title: mine for title, mine in found.items() if mine}


def void(events: Sequence[NightEvent]) -> dict[str, Verdict]:
    """What scenarios came to that tested nothing, in all their slices."""
    told = reports(events).items()
    return {title: mine[-1].verdict for title, mine in told if all(each.verdict in _FAILED for each in mine)}


def since_listed(title: str, events: Sequence[NightEvent]) -> list[SliceEnded]:
    """Since it was listed last."""
    listed = (at for at, each in enumerate(events) if isinstance(each, TargetListed) and each.title == title)
    since = max(listed, default=0)
    return [each for each in of_kind(events[since:], SliceEnded) if each.title == title]


def _like(events: Sequence[NightEvent], before: Sequence[Night]) -> Night | None:
    """The last one that was asked for the same, else the last one: after a night of one file alone all others count."""
    started = next(iter(of_kind(events, NightStarted)), None)
    asked = (started.paths, started.shard) if started is not None else None
    same = [each for each in before if each.started is not None and (each.started.paths, each.started.shard) == asked]
    found = [*before, *same]
    return found[-1] if found else None
