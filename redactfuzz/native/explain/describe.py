"""From what the driver and the exploration core know by number to values that people read and repro files store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from redactfuzz._core._engine import ffi, lib
from redactfuzz.model.outcome import Bug, BugKind, Leak, Problem, ProblemKind
from redactfuzz.model.schedule import Action, Granularity, Schedule, Site, Step
from redactfuzz.native.drive.events import RawBug, RawProblem, RawSighting, Struck, Waiting
from redactfuzz.native.drive.numbers import Note, Where
from redactfuzz.native.drive.vault import VaultSource
from redactfuzz.native.explain.names import CRASHES, MAIN
from redactfuzz.native.explain.provenance import Past
from redactfuzz.native.explain.sites import Sites, type_name
from redactfuzz.schedule.engine import NO_THREAD, RawDeviation, Record
from redactfuzz.schedule.naming import named, numbered, step_of

LISTED = 20
"""Sightings of one canary in one dump that are listed."""
_PROBLEMS = {
    Note.OPAQUE: ProblemKind.OPAQUE,
    Note.FORK: ProblemKind.FORK,
    Note.CHILD_PROCESS: ProblemKind.CHILD_PROCESS,
    Note.UNREADABLE: ProblemKind.UNREADABLE,
    Note.INCOMPLETE: ProblemKind.INCOMPLETE,
    Note.OUTSIDE: ProblemKind.OUTSIDE,
    Note.THREAD: ProblemKind.UNCONTROLLED_THREAD,
    Note.CHANCE: ProblemKind.CHANCE,
    Note.REFUSED: ProblemKind.OUTSIDE,
}
_REFUSED = (Note.REFUSED, Note.CHILD_PROCESS)
_NO_MEMORY = (Where.FILE, Where.REGISTERS, Where.NOTES)
_THE_END = "the end of a thread"
_LISTED_ONLY = (ProblemKind.OPAQUE, ProblemKind.INCOMPLETE, ProblemKind.CHANCE)


class Words:
    """Names for the numbers of one execution."""

    def __init__(self, sites: Sites, threads: Mapping[int, str], struck: Sequence[Struck] = (), **past: Any) -> None:
        """``struck``: the crashes, as the driver reports them. ``past``: what else Past holds of the execution."""
        self.sites = sites
        self.threads = threads
        self._struck = struck
        self._past = Past(sites, self.thread, **past)

    def thread(self, number: int) -> str:
        """A thread's name; empty for none."""
        return "" if number == NO_THREAD else self.threads.get(number, f"thread {number}")

    def line(self, site: int) -> str:
        """``file:function+LINE``, the line as it is counted from the function's first one."""
        place = self.sites.place(site).site
        line = place.place.partition(":")[0]
        return f"{place.module}:{place.function}{line}" if place.module else "<start>"

    def step(self, index: int, record: Record) -> Step:
        """One choice of the trace."""
        place = self.sites.place(record.site)
        return step_of(index, record, self.thread(record.thread), place, self.thread(record.trigger))

    def with_strikes(self, steps: Sequence[Step]) -> tuple[Step, ...]:
        """With those crashes that nobody chose: the process had come to its end."""
        actions = {step.index: step.action for step in steps}
        struck = {
            one.step: self.thread(one.thread) for one in self._struck if actions.get(one.step - 1) is not Action.CRASH
        }
        return tuple(attrs.evolve(step, struck=struck[step.index]) if step.index in struck else step for step in steps)

    def schedule(self, granularity: Granularity, deviations: Sequence[RawDeviation]) -> Schedule:
        """The deviations by name. Sites of a program are the same on every machine that compiles it alike."""
        return Schedule(granularity, named(deviations, self.thread, lambda site: self.sites.place(site).site))

    # -- what the driver reports

    def leaks(self, hits: Sequence[RawSighting], planted: Sequence[VaultSource]) -> tuple[Leak, ...]:
        """Sightings that count: the best of those that lie inside one another."""
        counts: dict[tuple[str, str], int] = {}
        found = []
        for hit in _outermost([hit for hit in hits if not hit.allowed]):
            leak = self._leak(hit, planted[hit.source])
            counts[leak.canary, leak.dump] = counts.get((leak.canary, leak.dump), 0) + 1
            if counts[leak.canary, leak.dump] <= LISTED:
                found.append(leak)
        return tuple(sorted(found, key=lambda leak: (leak.canary, leak.dump, leak.offset)))

    def _leak(self, hit: RawSighting, planted: VaultSource) -> Leak:
        source, canary = planted.source, planted.canary
        of = f" of {source.label}" if source.label else ""
        whole = hit.form_offset == 0 and hit.length >= hit.form_length
        return Leak(
            canary=canary.name,
            encoding=f"{_encoding(hit.encoding)}{of}",
            offset=hit.offset,
            length=hit.length,
            dump=hit.dump,
            hash_prefix=canary.hash_prefix,
            where=self._past.of(hit),
            recovered=round(hit.bits, 1),
            entropy=round(source.bits, 1),
            part="whole" if whole else "part",
            place=self._past.place(hit),
            address=hit.offset if hit.where not in _NO_MEMORY else None,
        )

    def place(self, hit: RawSighting) -> str:
        """Where bytes lie that nobody has planted, and all that is known of their past."""
        return self._past.of(hit)

    def bug(self, raw: RawBug | None, oracles: frozenset[str]) -> Bug | None:
        """What went wrong, when that is asked for."""
        if raw is None or (raw.kind.name.lower() not in oracles and raw.kind is not BugKind.ABORT):
            return None  # the driver itself knows whether an abort counts
        thread = self.thread(raw.thread)
        place = self.sites.place(raw.site)
        # Where the exception was thrown is known to libstdc++ alone.
        at = "its thread was last seen at" if raw.exception is not None else "at"
        lines = [f"{at} {place} in {place.function}: {place.source}"] if place.file else []
        lines += [self._past.block(raw.block)] if raw.block is not None else []
        lines += [self._waits(each) for each in raw.waiting]
        summary = raw.summary
        if raw.exception is not None:
            summary += f"'{type_name(raw.exception)}'"
            summary += f": {raw.says}" if raw.says else ""
        if raw.waiting and summary.startswith("deadlock"):
            summary += " of " + ", ".join(self.thread(each.thread) for each in raw.waiting)
            # Not one that only waits for the others.
            thread = next((self.thread(each.thread) for each in raw.waiting if each.kind != _THE_END), thread)
        return Bug(raw.kind, summary, thread, "\n".join(lines))

    def _waits(self, each: Waiting) -> str:
        what, holder = each.kind or "something", each.held_by
        if what == _THE_END and holder != NO_THREAD:
            what = f"the end of '{self.thread(holder)}'"
        elif holder != NO_THREAD:
            what += " that it holds itself" if holder == each.thread else f" that '{self.thread(holder)}' holds"
        known = [self._past.object(each.object)] if each.object is not None else []
        known += [self._past.block(each.block)] if each.block is not None else []
        known += [f"taken at {self._past.at(each.taken_at)}"] if each.taken_at else []
        about = f" ({', '.join(known)})" if known else ""
        where = f"{'in a signal handler ' if each.in_handler else ''}at {self._past.at(each.site)}"
        return f"'{self.thread(each.thread)}' waits for {what}{about}, {where}"

    def problem(self, raw: RawProblem) -> Problem:
        """A reason for which a pass would mean less."""
        kind = _PROBLEMS[raw.kind]
        place = self.sites.place(raw.site)
        at = str(place) if place.file else ""
        return Problem(kind, raw.what, at, fatal=kind not in _LISTED_ONLY, refused=raw.kind in _REFUSED)


def raw_deviations(schedule: Schedule, sites: Sites, numbers: Mapping[str, int]) -> tuple[list[RawDeviation], str]:
    """The deviations by number, and the first place that this program does not have, as text."""
    missing: list[Site] = []

    def offset(site: Site) -> int:
        known = sites.offset(site)
        if known is None:
            missing.append(site)
        return _NO_SITE if known is None else known

    found = numbered(schedule.deviations, numbers.__getitem__, offset)
    return found, str(missing[0]) if missing else ""


_NO_SITE = (1 << 64) - 1


def names_in(schedule: Schedule) -> tuple[str, ...]:
    """Threads and crashes that a schedule speaks of."""
    found = {MAIN: None, **dict.fromkeys(CRASHES.values())}
    for deviation in schedule.deviations:
        found.update(dict.fromkeys((deviation.thread, deviation.target, deviation.trigger)))
    return tuple(name for name in found if name)


def _outermost(hits: Sequence[RawSighting]) -> list[RawSighting]:
    """Without those that lie inside a longer one of the same canary, or are as long and less plain."""
    kept: list[RawSighting] = []
    for hit in sorted(hits, key=lambda hit: (-hit.length, hit.encoding)):
        if not any(_inside(hit, other) for other in kept):
            kept.append(hit)
    return kept


def _inside(hit: RawSighting, other: RawSighting) -> bool:
    same = all(getattr(hit, name) == getattr(other, name) for name in ("canary", "dump", "where", "thread"))
    return same and other.offset <= hit.offset and hit.offset + hit.length <= other.offset + other.length


def _encoding(number: int) -> str:
    name = lib.rf_encoding_name(number)
    return "unknown encoding" if name == ffi.NULL else str(ffi.string(name).decode())
