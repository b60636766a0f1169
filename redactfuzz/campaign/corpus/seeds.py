"""The seeds of a campaign: those that are there are run first, and what covers something new is kept."""

from __future__ import annotations

import contextlib
import os
import platform
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import attrs

from redactfuzz.campaign.corpus.coverage import described, in_outcome, strayed
from redactfuzz.campaign.corpus.entries import STALE, Entry, seeds_of, stale_in
from redactfuzz.campaign.corpus.files import Skipped, opened, place, settle
from redactfuzz.campaign.corpus.place import SEEDS, target_of
from redactfuzz.campaign.search.exploration import Exploration
from redactfuzz.campaign.search.found import Found, first_found, python_for, tool_version
from redactfuzz.campaign.session.state import Session
from redactfuzz.model.counted import Kept
from redactfuzz.model.coverage import Coverage, union
from redactfuzz.model.events import CampaignEvent, FindingSeen
from redactfuzz.model.finding import Finding
from redactfuzz.model.outcome import UNTESTED, Outcome
from redactfuzz.model.plan import Policy, Stage
from redactfuzz.model.schedule import Granularity
from redactfuzz.model.seed import Seed, dumps

EACH = 40
"""Executions of a campaign for each one that asks what a schedule covers. By itself one takes as long as some that
follow one another,"""
_SECONDS = 0.05
"""so they may take that part of the campaign's time at most; where a number of executions was asked for, what is kept
follows from that alone, and not from how fast the machine is."""
_FAILED = 8
"""Schedules that leaked or went wrong are asked in any case, so many."""
_RUN = 2
"""One of so many executions of the campaign may be of a seed that is there,"""
_PART = 4
"""and they may take so much of its time: one of so many parts."""
_HERE = python_for(Granularity.INSTRUCTIONS)


@attrs.define(eq=False)
class Seeds:
    """Those of one campaign. Nothing is done where the campaign has no corpus."""

    session: Session
    found: Exploration
    known: Coverage = attrs.field(factory=Coverage)
    """What the seeds covered that still replay."""
    ran: int = 0
    stale: int = 0
    left: int = 0
    """For which there were no executions."""
    asked: int = 0
    kept: int = 0
    added: int = 0
    """Pairs and places that are new by these."""
    trouble: str = ""
    skipped: list[Skipped] = attrs.field(factory=list)
    _there: list[Entry] = attrs.field(factory=list)
    _began: float = 0.0
    """Seconds of the session when all were read: what takes long to read is run all the same."""
    _held: dict[object, tuple[Found, Finding]] = attrs.field(factory=dict)
    """What seeds showed, by identity, where that ends no search."""

    @property
    def corpus(self) -> Path | None:
        """Its folder."""
        return self.session.limits.corpus

    @property
    def target(self) -> str:
        """Name of the folder of this target."""
        return target_of(Path(self.session.spec.path), self.session.spec.name)

    def run(self) -> Iterator[CampaignEvent]:
        """Those that are there, which count as executions of the campaign. One that leaks is a finding at once."""
        if self.corpus is None:
            return
        self._read(self.corpus)
        self._began = self.session.seconds
        first = self.session.limits.seed % max(len(self._there), 1)  # others, where there are too many for all
        for entry in (*self._there[first:], *self._there[:first]):
            if self.found.settled or self.session.interrupted or not self._room or not _is_ours(entry):
                self.left += 1
                continue
            yield from self._again(entry)

    @property
    def _room(self) -> bool:
        limits = self.session.limits
        return (
            self.ran < max(limits.executions // _RUN, 1) and self.session.seconds - self._began < limits.seconds / _PART
        )

    def _read(self, corpus: Path) -> None:
        try:
            stale = stale_in(corpus, self.target)
            for read in seeds_of(corpus, self.target):
                if isinstance(read, Skipped):
                    self.skipped.append(read)
                else:
                    self._there.append(read)
        except OSError as error:
            self.trouble = f"the corpus {corpus} cannot be read ({error.strerror})"
            return
        self.known = union(each.seed.coverage for each in self._there if each.seed and each.place[-1] not in stale)

    def _again(self, entry: Entry) -> Iterator[CampaignEvent]:
        seed, session = entry.seed, self.session
        assert seed is not None
        self.ran += 1
        outcome = session.once(seed.schedule, seed=seed.seed, number=seed.canary_number)
        self.found.executions += 1
        if outcome is None or strayed(outcome):
            self.stale += 1
            if seed.python.startswith(f"{_HERE}."):  # else another interpreter may still follow it
                self._mark(entry)
            return
        self._mark(entry, stale=False)
        if outcome.leaks or (outcome.bug is not None and outcome.bug.kind not in UNTESTED):
            again = session.once(seed.schedule, seed=seed.seed, number=seed.canary_number, describe=True)
            yield from self._met(seed, again or outcome)

    def _met(self, seed: Seed, outcome: Outcome) -> Iterator[CampaignEvent]:
        stage = Stage(Policy.REPLAY, seed.schedule.granularity)
        found = Found(outcome, stage, self.found.executions, seed.canary_number, seed.seed)
        if self.session.limits.beyond:
            if found.identity.key not in self._held:
                finding = first_found(self.session, found)  # on the disk, whatever becomes of the search
                self._held[found.identity.key] = found, finding
                yield FindingSeen(finding)
        elif outcome.leaks:
            yield from self.found.met(found)
        elif outcome.bug is not None and self.found.bug is None:
            self.found.bug = found
            yield from self.found.announce(found)

    def release(self) -> None:
        """What seeds showed is found by now, after what the search has met: that is more likely to be new.

        Twice is as once.
        """
        found, held = self.found, list(self._held.values())
        self._held.clear()
        known = [(each.schedule, each.seed) for each, _ in found.leaks]  # one secret may leak by two causes
        found.leaks += [each for each in held if each[1].leaks and (each[0].schedule, each[0].seed) not in known]
        if found.leaks and found.leak is None:
            found.leak, found.finding = found.leaks[0]
        for first, finding in held:
            if not finding.leaks and found.bug is None:
                found.bug, found.described_bug = first, finding.bug
                found.finding = found.finding or finding

    def _mark(self, entry: Entry, *, stale: bool = True) -> None:
        """As stale, or not; where the corpus cannot be written it stays as it was."""
        *inside, name = entry.place
        try:
            with opened(self.corpus or Path(), *inside) as descriptor:
                if stale:
                    place(descriptor, name + STALE, "")
                else:
                    with contextlib.suppress(FileNotFoundError):
                        os.unlink(name + STALE, dir_fd=descriptor)
        except OSError as error:
            self.trouble = f"the corpus cannot be written ({error.strerror})"

    # -- what is kept

    def keep(self) -> None:
        """Asks what the campaign's own schedules cover, of which something was new, and writes those that add to it."""
        if self.corpus is None or self.session.interrupted:
            return
        most = float("inf") if self.session.limits.counted else self.session.seconds * _SECONDS
        began = self.session.clock()
        for found, failed in self._candidates():
            if not failed and self.session.clock() - began > most:
                break
            self.asked += 1
            outcome = described(self.session, found.schedule, found.seed, found.number)
            covered = Coverage() if outcome is None else in_outcome(outcome)
            if not covered.adds(self.known):
                continue
            before, self.known = len(self.known), self.known | covered
            self.added += len(self.known) - before
            if not self._write(self.corpus, found, covered):
                return

    def _candidates(self) -> Iterator[tuple[Found, bool]]:
        """And whether it leaked or went wrong. What was the first of its process is another execution elsewhere."""
        failed = [found for found, _ in self.found.leaks] + ([self.found.bug] if self.found.bug else [])
        yield from [(each, True) for each in failed if not each.stage.cold][:_FAILED]
        wanted = [(each, False) for each in self.found.unlike.candidates if not each.stage.cold]
        yield from wanted[: self.found.executions // EACH]

    def _write(self, corpus: Path, found: Found, covered: Coverage) -> bool:
        seed = Seed.of(
            covered,
            target=self.target,
            scenario=self.session.spec.name,
            schedule=found.schedule,
            seed=found.seed,
            canary_number=found.number,
            python=platform.python_version(),
            tool=tool_version(),
        )
        try:
            with opened(corpus, self.target, SEEDS, make=True) as descriptor:
                self.kept += place(descriptor, seed.file_name, dumps(seed))
                settle(descriptor)
        except OSError as error:
            self.trouble = f"the corpus cannot be written ({error.strerror or error})"
            return False
        return True

    @property
    def counted(self) -> Kept:
        """The same for a report."""
        return Kept(self.ran, self.stale, self.kept, self.left, self.trouble)

    def said(self) -> Iterator[str]:
        """What the report says of it."""
        if self.corpus is None:
            return
        stale = f", {self.stale} of them stale" if self.stale else ""
        left = f", {self.left} not run" if self.left else ""
        what = f"corpus: {self.ran} {'seed' if self.ran == 1 else 'seeds'} run first{stale}{left}"
        yield f"{what}; {self.asked} executions more asked what schedules cover, {self.kept} were kept (+{self.added})"
        for reason, times in sorted(Counter(each.reason for each in self.skipped).items()):
            yield f"corpus: {times} skipped: {reason}"
        if self.trouble:
            yield f"corpus: {self.trouble}"


def _is_ours(entry: Entry) -> bool:
    """Instructions are counted by each interpreter in its own way."""
    return entry.seed is not None and entry.seed.schedule.python in ("", _HERE)
