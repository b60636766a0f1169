"""``redactfuzz parts``: whether the parts that nights of several machines went through are whole spaces together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import attrs
import click

from redactfuzz.model.finding import Finding, Report
from redactfuzz.model.night import FindingMet, Life, SliceEnded, TargetListed
from redactfuzz.model.verdict import Verdict
from redactfuzz.night.alarms import since_listed
from redactfuzz.night.journal import Night, NightError, nights, of_kind
from redactfuzz.night.parts import OTHER, Parts, of_same_files
from redactfuzz.report.certificate import within
from redactfuzz.report.lines import count, printable

_FOUND = (Verdict.LEAK, Verdict.BUG)
_SHOWN = 8
"""Parts that are missing and are named."""


@attrs.frozen
class _Row:
    """One scenario over all nights."""

    title: str
    verdict: str
    what: str
    status: int

    def __str__(self) -> str:
        return printable(f"{self.verdict}  {self.title}: {self.what}")


@click.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="DIR...")
def parts(folders: tuple[Path, ...]) -> int:
    """Join what the last nights in several night directories have gone through, each a --shard of the others.

    A scenario is PROVED where one of the nights has proved it, or where its parts in all of them are the whole space:
    gone through by the same version of redactfuzz and of Python, of files that were the same.

    \b
    Exit status: 0 all are PROVED, 1 a night found something, 5 parts are missing or do not belong together.
    """
    known = [_known(folder) for folder in folders]
    titles = dict.fromkeys(each.title for some in known for each in of_kind(some[-1].events, TargetListed))
    rows = [_row(title, known) for title in titles]
    for row in rows:
        click.echo(str(row))
    proved = sum(row.status == 0 for row in rows)
    click.echo(f"{count(len(rows), 'scenario')} in {count(len(known), 'night')}: {proved:,} proved")
    unread = [each for some in known for each in some[-1].unread]
    for each in unread[:_SHOWN]:
        click.echo(printable(f"cannot be read, so that something may be missing here: {each}"), err=True)
    statuses = {row.status for row in rows} | ({5} if unread or not rows else set())
    return 1 if 1 in statuses else max(statuses)


def _known(folder: Path) -> list[Night]:
    """The nights in it, the last one at the end. Raises UsageError."""
    try:
        known = nights(folder)
    except NightError as error:
        raise click.UsageError(str(error)) from None
    if not known:
        raise click.UsageError(f"{folder}: no journal of a night is there; name the --out of `redactfuzz fuzz --shard`")
    return known


def _row(title: str, known: Sequence[Sequence[Night]]) -> _Row:
    explored = [night for some in known if (night := _explored(title, some)) is not None]
    each_night = [[each for each in since_listed(title, night.events) if each.report is not None] for night in explored]
    slices = [each for some in each_night for each in some]
    reports = [each.report for each in slices if each.report is not None]
    found: Report | Finding | None = next((each for each in reports if each.verdict in _FOUND), None)
    if found is None:
        found = next((met.finding for night in known for met in _open(title, night[-1])), None)
    if found is not None:
        return _Row(title, str(found.verdict), "a night found it; `redactfuzz triage` tells more", 1)
    passed = [_passed(some) for some in each_night]
    for last, kept in zip(each_night, passed, strict=True):
        if last and not kept and (said := last[-1].report) is not None:
            return _Row(title, "NOT PROVED", f"a night ended with {said.verdict} of it: nobody can tell", 5)
    slices = [each for some in passed for each in some]
    alone = next((each for each in slices if each.report is not None and each.report.verdict is Verdict.PROVED), None)
    if alone is not None and alone.report is not None:
        if not all(of_same_files(alone, each) for each in slices):
            return _Row(title, "NOT JOINED", OTHER, 5)
        return _Row(title, str(alone.report.verdict), _and("by a night alone", alone.report), 0)
    joined = Parts.of_nights(each for each in slices if each.report is not None and each.report.part is not None)
    if joined.gone and (why := joined.given_up or _other_tools(explored)):
        return _Row(title, "NOT JOINED", why, 5)
    if joined.whole and (report := joined.joined(joined.gone[-1].ended).report) is not None:
        executions = sum(each.executions for each in joined.gone)
        what = f"{count(len(joined.gone), 'part')}, {executions:,} executions"
        return _Row(title, str(report.verdict), _and(what, report), 0)
    return _Row(title, "NOT PROVED", _missing(joined), 5)


def _passed(slices: Sequence[SliceEnded]) -> list[SliceEnded]:
    """Those of a night since the last one that was no pass: what went before it, nobody can tell."""
    bad = [at for at, each in enumerate(slices) if each.report is not None and not each.report.verdict.passed]
    return [*slices[bad[-1] + 1 :]] if bad else [*slices]


def _and(what: str, report: Report) -> str:
    """With the bound of the proof, where it has one."""
    return ", ".join(filter(None, (what, within(report))))


def _open(title: str, night: Night) -> list[FindingMet]:
    """Findings of which the night says that they are there."""
    met = {each.key: each for each in of_kind(night.events, FindingMet) if each.title == title}
    return [each for each in met.values() if each.life is not Life.FIXED]


def _explored(title: str, known: Sequence[Night]) -> Night | None:
    """The last night of a directory that did not spare it."""
    for night in reversed(known):
        listed = [each for each in of_kind(night.events, TargetListed) if each.title == title]
        if not listed or not listed[-1].spared:
            return night if listed else None
    return None


def _missing(joined: Parts) -> str:
    if not joined.gone:
        return "no part of its space was gone through"
    missing = ", ".join(map(str, joined.missing[:_SHOWN]))
    more = f" and {len(joined.missing) - _SHOWN} more" if len(joined.missing) > _SHOWN else ""
    return f"missing: {missing}{more}"


def _other_tools(last: Sequence[Night]) -> str:
    if not all(each.started for each in last):
        return "a journal has lost its first line, so that nobody knows by which version it was written"
    tools = {f"redactfuzz {each.started.tool}, Python {each.started.python}" for each in last if each.started}
    return "" if len(tools) == 1 else f"the nights are of {' and of '.join(sorted(tools))}"
