"""From what the driver and the exploration core know by number to values that people read and repro files store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from redactfuzz._core._engine import ffi, lib
from redactfuzz.model.outcome import Bug, BugKind, Leak, Problem, ProblemKind
from redactfuzz.model.schedule import Action, Granularity, Schedule, Site, Step
from redactfuzz.native.drive.board import BUGS, ORACLES
from redactfuzz.native.drive.vault import Planted
from redactfuzz.native.explain.names import CRASHES, MAIN
from redactfuzz.native.explain.provenance import Past
from redactfuzz.native.explain.sites import Sites, type_name
from redactfuzz.schedule.engine import NO_THREAD, RawDeviation, Record
from redactfuzz.schedule.naming import action_of, named, note_of, numbered

LISTED = 20
"""Sightings of one canary in one dump that are listed."""
_PROBLEMS = {
    "opaque": ProblemKind.OPAQUE,
    "fork": ProblemKind.FORK,
    "child_process": ProblemKind.CHILD_PROCESS,
    "unreadable": ProblemKind.UNREADABLE,
    "incomplete": ProblemKind.INCOMPLETE,
    "outside": ProblemKind.OUTSIDE,
    "thread": ProblemKind.UNCONTROLLED_THREAD,
    "chance": ProblemKind.CHANCE,
    "refused": ProblemKind.OUTSIDE,
}
_REFUSED = ("refused", "child_process")
_ABORT = "abort"
_NO_MEMORY = ("file", "registers", "notes")
_THE_END = "the end of a thread"
_LISTED_ONLY = (ProblemKind.OPAQUE, ProblemKind.INCOMPLETE, ProblemKind.CHANCE)


class Words:
    """Names for the numbers of one execution."""

    def __init__(
        self, sites: Sites, threads: Mapping[int, str], struck: Sequence[Mapping[str, Any]] = (), **past: Any
    ) -> None:
        """``struck``: the crashes, as the driver tells of them. ``past``: what else Past is told of the execution."""
        self.sites = sites
        self.threads = threads
        self._struck = struck
        self._past = Past(sites, self.thread, **past)

    def thread(self, number: int) -> str:
        """A thread's name; empty for none."""
        return "" if number == NO_THREAD else self.threads.get(number, f"thread {number}")

    def step(self, index: int, record: Record) -> Step:
        """One choice of the trace."""
        place = self.sites.place(record.site)
        return Step(
            index=index,
            thread=self.thread(record.thread),
            file=place.file,
            line=place.line,
            function=place.function,
            source=place.source,
            site=place.site,
            action=action_of(record),
            preempts=record.preemption,
            deviation=record.deviation,
            note=note_of(record, self.thread(record.trigger)),
        )

    def with_strikes(self, steps: Sequence[Step]) -> tuple[Step, ...]:
        """With those crashes that nobody chose: the process had come to its end."""
        actions = {step.index: step.action for step in steps}
        struck = {
            int(one["step"]): self.thread(int(one["thread"]))
            for one in self._struck
            if actions.get(int(one["step"]) - 1) is not Action.CRASH
        }
        return tuple(attrs.evolve(step, struck=struck[step.index]) if step.index in struck else step for step in steps)

    def schedule(self, granularity: Granularity, deviations: Sequence[RawDeviation]) -> Schedule:
        """The deviations by name. Sites of a program are the same on every machine that compiles it alike."""
        return Schedule(granularity, named(deviations, self.thread, lambda site: self.sites.place(site).site))

    # -- what the driver tells

    def leaks(self, hits: Sequence[Mapping[str, Any]], planted: Sequence[Planted]) -> tuple[Leak, ...]:
        """Sightings that count: the best of those that lie inside one another."""
        counts: dict[tuple[str, str], int] = {}
        found = []
        for hit in _outermost([hit for hit in hits if not hit.get("allowed")]):
            leak = self._leak(hit, planted[int(hit["source"])])
            counts[leak.canary, leak.dump] = counts.get((leak.canary, leak.dump), 0) + 1
            if counts[leak.canary, leak.dump] <= LISTED:
                found.append(leak)
        return tuple(sorted(found, key=lambda leak: (leak.canary, leak.dump, leak.offset)))

    def _leak(self, hit: Mapping[str, Any], planted: Planted) -> Leak:
        source, canary = planted.source, planted.canary
        of = f" of {source.label}" if source.label else ""
        whole = hit["form_offset"] == 0 and hit["length"] >= hit["form_length"]
        return Leak(
            canary=canary.name,
            encoding=f"{_encoding(int(hit['encoding']))}{of}",
            offset=int(hit["offset"]),
            length=int(hit["length"]),
            dump=str(hit["dump"]),
            hash_prefix=canary.hash_prefix,
            where=self._past.of(hit),
            recovered=round(float(hit["bits"]), 1),
            entropy=round(source.bits, 1),
            part="whole" if whole else "part",
            place=self._past.place(hit),
            address=int(hit["offset"]) if hit["where"] not in _NO_MEMORY else None,
        )

    def place(self, hit: Mapping[str, Any]) -> str:
        """Where bytes lie that nobody has planted, and all that is known of their past."""
        return self._past.of(hit)

    def bug(self, event: Mapping[str, Any], oracles: frozenset[str]) -> Bug | None:
        """What went wrong, when that is asked for."""
        told = event.get("bug")
        if not told or (told["kind"] not in oracles and told["kind"] != _ABORT):
            return None  # the driver itself knows whether an abort counts
        kind = BugKind.ABORT if told["kind"] == _ABORT else BUGS[ORACLES[told["kind"]]]
        thread = self.thread(int(told["thread"]))
        waiting = told.get("waiting", ())
        place = self.sites.place(int(told["site"]))
        # Where the exception was thrown is known to libstdc++ alone.
        at = "its thread was last seen at" if "exception" in told else "at"
        lines = [f"{at} {place} in {place.function}: {place.source}"] if place.file else []
        lines += [self._waits(each) for each in waiting]
        summary = str(told["summary"])
        if "exception" in told:
            summary += f"'{type_name(told['exception'])}'"
            summary += f": {told['says']}" if told["says"] else ""
        if waiting and summary.startswith("deadlock"):
            summary += " of " + ", ".join(self.thread(int(each["thread"])) for each in waiting)
            # Not one that only waits for the others.
            thread = next(
                (self.thread(int(each["thread"])) for each in waiting if each.get("kind") != _THE_END), thread
            )
        return Bug(kind, summary, thread, "\n".join(lines))

    def _waits(self, each: Mapping[str, Any]) -> str:
        thread, holder = int(each["thread"]), int(each.get("held_by", NO_THREAD))
        what = str(each.get("kind", "something"))
        if what == _THE_END and holder != NO_THREAD:
            what = f"the end of '{self.thread(holder)}'"
        elif holder != NO_THREAD:
            what += " that it holds itself" if holder == thread else f" that '{self.thread(holder)}' holds"
        known = [self._past.object(int(each["object"]))] if "object" in each else []
        known += [self._past.block(each["block"])] if "block" in each else []
        known += [f"taken at {self._past.at(each['taken_at'])}"] if each.get("taken_at") else []
        about = f" ({', '.join(known)})" if known else ""
        where = f"{'in a signal handler ' if each.get('in_handler') else ''}at {self._past.at(each['site'])}"
        return f"'{self.thread(thread)}' waits for {what}{about}, {where}"

    def problem(self, told: Mapping[str, Any]) -> Problem:
        """A reason for which a pass would mean less."""
        kind = _PROBLEMS[told["kind"]]
        place = self.sites.place(int(told["site"]))
        at = str(place) if place.file else ""
        refused = told["kind"] in _REFUSED
        return Problem(kind, str(told["what"]), at, fatal=kind not in _LISTED_ONLY, refused=refused)


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


def _outermost(hits: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Without those that lie inside a longer one of the same canary, or are as long and less plain."""
    kept: list[Mapping[str, Any]] = []
    for hit in sorted(hits, key=lambda hit: (-int(hit["length"]), int(hit["encoding"]))):
        if not any(_inside(hit, other) for other in kept):
            kept.append(hit)
    return kept


def _inside(hit: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    same = all(hit.get(key) == other.get(key) for key in ("canary", "dump", "where", "thread"))
    start, end = int(hit["offset"]), int(hit["offset"]) + int(hit["length"])
    return same and int(other["offset"]) <= start and end <= int(other["offset"]) + int(other["length"])


def _encoding(number: int) -> str:
    name = lib.rf_encoding_name(number)
    return "unknown encoding" if name == ffi.NULL else str(ffi.string(name).decode())
