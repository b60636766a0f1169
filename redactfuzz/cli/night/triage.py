"""``redactfuzz triage``: the findings of the nights, as somebody goes through them in the morning."""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs
import click

from redactfuzz.model.finding import Finding
from redactfuzz.model.night import FindingMet, Life, TargetListed
from redactfuzz.model.texts.shell import quoted
from redactfuzz.night import suppressions
from redactfuzz.night.gone import is_gone
from redactfuzz.night.journal import FINDINGS, Night, names_of_files, nights, of_kind
from redactfuzz.night.known import judged, unknown
from redactfuzz.night.owners import Owner, owners
from redactfuzz.night.suppressions import Suppression, SuppressionError
from redactfuzz.report.lines import count, printable

_ORDER = (Life.REGRESSED, Life.NEW, Life.FLAKY, Life.MOVED, Life.KNOWN, Life.FIXED)
"""What somebody looks at first."""


@attrs.frozen
class Row:
    """One finding over all nights."""

    met: FindingMet
    """When it was met last,"""
    night: int
    """in this night,"""
    first: int
    """and for the first time in this one."""
    owners: tuple[Owner, ...] = ()
    suppressed: Suppression | None = None
    expired: bool = False
    """Its suppression is."""
    gone: int = 0
    """The night that was asked for its file, and in which nothing had its name any more; 0: none was."""

    @property
    def counts(self) -> bool:
        """Whether somebody has to do something about it."""
        there = self.met.life is not Life.FIXED and not self.gone
        return there and (self.suppressed is None or self.expired or self.outgrown)

    @property
    def outgrown(self) -> bool:
        """Its suppression is of what it was before it became worse."""
        return self.suppressed is not None and not self.suppressed.covers(self.met.worse)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path(".redactfuzz/night"), metavar="[DIR]")
@click.option("--all", "everything", is_flag=True, help="What is fixed and what is suppressed as well.")
@click.option("--suppressions", "file", type=click.Path(path_type=Path), default=suppressions.FILE, metavar="FILE")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON a finding.")
def triage(folder: Path, everything: bool, file: Path, as_json: bool) -> int:
    """List the findings of a night directory, one for each cause, with whom to ask.

    \b
    A finding that somebody lives with for a while goes into redactfuzz-suppressions.toml, with a reason and a day:
        [[suppressed]]
        key = "534bed6e64a5"
        reason = "fixed upstream in 2.3, which we take in March"
        until = 2027-03-31
    One that gives away more than it did is listed again, until its entry has the worse = N that is said beside it.
    Exit status: 1 where a finding is left that is neither fixed nor suppressed; else 5 where a journal cannot be read
    whole, or a repro file is there that none tells of, so that there may be more.
    """
    known = nights(folder)
    if not known:
        raise click.UsageError(f"{folder}: no journal of a night is there; name the --out of `redactfuzz fuzz`")
    today = datetime.datetime.now(datetime.UTC).date()
    try:
        rows = _rows(known, suppressions.read(file, today), today)
    except SuppressionError as error:
        raise click.UsageError(str(error)) from None
    for row in rows:
        if everything or row.counts:
            click.echo(json.dumps(_record(row)) if as_json else _text(row))
    left = sum(row.counts for row in rows)
    if not as_json:
        fixed = sum(row.met.life is Life.FIXED for row in rows)
        gone = sum(row.gone > 0 for row in rows)
        hidden = len(rows) - left - fixed - gone
        what = f"{left} to look at, {fixed} fixed, {hidden} suppressed"
        what += f", {gone} of scenarios that are gone" if gone else ""
        click.echo(f"{count(len(rows), 'finding')} in {count(len(known), 'night')}: {what}")
    unread = [each for night in known for each in night.unread]
    if unread:
        click.echo(printable(_lost(folder, unread)), err=True)
    waiting = unknown(folder / FINDINGS, judged(known, ()), names_of_files(folder))
    if waiting:
        what = f"{count(len(waiting), 'repro file')} that no journal tells of, as {waiting[0].finding.repro}: a search"
        click.echo(
            printable(f"{folder}: {what} was ended before it could say so. The next night runs it again."), err=True
        )
    return 1 if left else 5 if unread or waiting else 0


def _lost(folder: Path, unread: Sequence[str]) -> str:
    more = f" and {len(unread) - 1:,} more" if len(unread) > 1 else ""
    return f"{folder}: lines of journals cannot be read, so that findings may be missing here: {unread[0]}{more}"


def _rows(known: Sequence[Night], said: dict[str, Suppression], today: datetime.date) -> list[Row]:
    last: dict[str, tuple[FindingMet, int]] = {}
    first: dict[str, int] = {}
    explained: dict[str, Finding] = {}
    for night in known:
        for met in of_kind(night.events, FindingMet):
            became_worse = met.key in last and met.worse > last[met.key][0].worse
            last[met.key] = (met, night.number)
            first.setdefault(met.key, night.number)
            if met.finding.window is not None or met.key not in explained or became_worse:
                explained[met.key] = met.finding
    rows = []
    for key, (met, number) in last.items():
        suppressed = said.get(key)
        expired = suppressed is not None and not suppressed.holds(today)
        finding, gone = explained[key], 0 if met.life is Life.FIXED else _gone(met.title, number, known)
        shown = attrs.evolve(met, finding=finding)
        rows.append(Row(shown, number, first[key], owners(finding), suppressed, expired, gone))
    return sorted(rows, key=lambda row: (_ORDER.index(row.met.life), row.met.title, row.met.key))


def _gone(title: str, met: int, known: Sequence[Night]) -> int:
    """The first later night that should have listed a scenario and did not; 0 where a later one has it again."""
    found = 0
    for night in known:
        if night.number > met and night.started is not None and night.ended:
            titles = {each.title for each in of_kind(night.events, TargetListed)}
            if is_gone(title, night.started.paths, titles):
                found = found or night.number
            elif title in titles:
                found = 0
    return found


def _text(row: Row) -> str:
    finding = row.met.finding
    times = f", {row.met.again} of {row.met.times} replays" if row.met.times else ""
    lines = [
        f"{row.met.life}  {row.met.title}  ({row.met.key}; since night {row.first}, met in night {row.night}{times})",
        f"  {finding.cause or finding.verdict}",
    ]
    if row.owners:
        asked = ", ".join(f"{each.name} ({each.commit}, {count(each.lines, 'line')})" for each in row.owners)
        lines.append(f"  ask     {asked}")
    if finding.repro:
        lines.append(f"  replay  {finding.replay_command}")
        lines.append(f"  keep    redactfuzz corpus promote {quoted(finding.repro)} --into corpora")
    if row.met.worse:
        lines.append(f"  note    it gives away more than it did (worse = {row.met.worse})")
    if row.gone:
        lines.append(f"  note    nothing had this name any more in night {row.gone}, which was asked for its file")
    if row.met.how:
        lines.append(f"  note    it could not be told whether it is there: {row.met.how}")
    if row.outgrown and row.suppressed is not None:
        lines.append(f"  note    its suppression is of what it was before that: {row.suppressed.reason}")
    elif row.suppressed is not None:
        what = "its suppression ended on" if row.expired else "suppressed until"
        lines.append(f"  note    {what} {row.suppressed.until}: {row.suppressed.reason}")
    return "\n".join(printable(line) if line[0] != " " else f"  {printable(line)}" for line in lines)


def _record(row: Row) -> dict[str, Any]:
    finding = row.met.finding
    return {
        "key": row.met.key,
        "life": str(row.met.life),
        "scenario": row.met.title,
        "verdict": str(finding.verdict),
        "cause": finding.cause or None,
        "first_night": row.first,
        "last_night": row.night,
        "replays": {"shown": row.met.again, "of": row.met.times} if row.met.times else None,
        "worse": row.met.worse,
        "gone_in_night": row.gone or None,
        "owners": [attrs.asdict(each) for each in row.owners],
        "repro": finding.repro or None,
        "suppressed": (
            {"reason": row.suppressed.reason, "until": str(row.suppressed.until), "expired": row.expired}
            if row.suppressed is not None
            else None
        ),
    }
