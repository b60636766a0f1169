"""The night itself: slices beside each other, and the journal of what they showed."""

from __future__ import annotations

import hashlib
import random
import select
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import attrs

from redactfuzz.campaign.explain import causes
from redactfuzz.model.night import (
    FindingMet,
    Life,
    NightEnded,
    NightEvent,
    NightStarted,
    Resumed,
    SliceBegan,
    SliceEnded,
    TargetListed,
    Why,
)
from redactfuzz.model.part import Part
from redactfuzz.model.verdict import Verdict
from redactfuzz.night import alarms, slices
from redactfuzz.night.asked import Asked
from redactfuzz.night.cluster import Cluster, RemoteSlice
from redactfuzz.night.journal import FINDINGS, Journal, Night, names_of_files, of_kind
from redactfuzz.night.kept import Kept, is_of
from redactfuzz.night.known import Known, judged, unknown
from redactfuzz.night.measures import AFTER, Measures, Measuring
from redactfuzz.night.parts import Parts
from redactfuzz.night.resumed import listed_anew
from redactfuzz.night.rotation import DEATHS, Rotation, Standing
from redactfuzz.night.slices import Slice
from redactfuzz.night.stopping import Stopping
from redactfuzz.night.told import end_of, untold

_LOOK = 0.5
"""Seconds between two looks at the processes."""
_SHORTEST = 1.0
_SHARD_BITS = 17
"""Of a seed: room for 99,999 shards. With 40 that are drawn it is below 2^64."""
_LATE = 20.0
"""Seconds after its time that a night waits for slices to end."""


Listener = Callable[[NightEvent], None]
Work = Standing | Known | Measuring
"""What a process runs for."""


@attrs.define(eq=False)
class Job:
    """One night. ``run`` gives the events that are the last word; the journal has them all."""

    asked: Asked
    targets: Sequence[TargetListed]
    journal: Journal
    before: Sequence[Night]
    """Nights before this one, the oldest first."""
    listener: Listener
    cluster: Cluster | None = None
    """Where slices run; None: here."""
    extra: tuple[str, ...] = ()
    """Words for each `run`, as the folder of the corpus is."""
    events: list[NightEvent] = attrs.field(factory=list)
    _running: list[tuple[Work, Slice | RemoteSlice]] = attrs.field(factory=list)
    _told: dict[str, bool] = attrs.field(factory=dict)
    """Findings that were told after the replays, and whether with their explanation."""
    _worse: dict[str, int] = attrs.field(factory=dict)
    """How often each had become worse when it was met last."""
    _number: int = 0
    _spent: float = 0.0
    """Seconds before it was resumed."""
    _at: float = attrs.field(factory=time.monotonic)
    _measures: Measures = attrs.field(factory=Measures)
    _anew: Sequence[TargetListed] = ()
    """Whose code is another one since the night was killed."""
    rotation: Rotation = attrs.field(init=False)
    _kept: Kept = attrs.field(init=False)
    _stopping: Stopping = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Nothing has run yet."""
        standings = [
            Standing(each.title, done=each.spared, parts=Parts(self.asked.slice_seconds, self.asked.shard))
            for each in self.targets
        ]
        self._stopping = Stopping(self._close_all)
        self._kept = Kept(self.journal.path.parent / FINDINGS)
        self.rotation = Rotation(standings, random.Random(self._seed("rotation")), self.asked.adaptive)

    def run(self, started: NightStarted) -> NightEnded:
        """From the first event to the last. Raises nothing that a scenario could cause."""
        self._tell(started, *self.targets)
        self._tell(*alarms.of_corpus(started, is_new=self.asked.new_corpus))
        return self._through()

    def resume(self, events: Sequence[NightEvent], entries: int = 0) -> NightEnded:
        """Goes on with a night that was killed.

        ``events``: what its journal holds; ``entries``: how many its corpus has by now.
        """
        self.events = list(events)
        ended = of_kind(events, SliceEnded)
        self._spent = sum(each.seconds for each in ended) / max(self.asked.jobs, 1)
        self._number = max((each.number for each in of_kind(events, SliceBegan)), default=0)
        self._anew = anew = listed_anew(self.events, self.targets)
        by_title = {each.title: each for each in self.rotation.standings}
        for target in anew:
            by_title.pop(target.title).done = ""  # its slices were of other code
        for each in ended:
            if (standing := by_title.get(each.title)) is not None:
                self._take(standing, each, found=0)
        self._tell(Resumed(time.time(), self.asked.seed), *anew)
        started = next(iter(of_kind(events, NightStarted)), None)
        if started is not None and started.entries:
            self._tell(*alarms.of_corpus(attrs.evolve(started, entries=entries), is_new=False))
        return self._through()

    def _through(self) -> NightEnded:
        self._kept.known = {each.key: each for each in judged(self.before, self.events)}
        self._measures = Measures.of(self.before, self.events, asked=self.asked.measures)
        for known in self._kept.known.values():
            known.tonight = known.tonight and not any(is_of(each.title, known.title) for each in self._anew)
            if known.tonight:  # before it was killed
                self._measures.add(known, known.life)
        with self._stopping.listening():
            try:
                self._replay()
                why = self._explore()
            finally:
                self._close_all()
        self._tell(*self._gone())
        self._tell(*alarms.of_night(self.events, self.before))
        ended = NightEnded(time.time(), why, self.seconds, self.signal)
        self._tell(ended)
        return ended

    @property
    def signal(self) -> int:
        """That asked for its end; 0: none did."""
        return self._stopping.number

    @property
    def seconds(self) -> float:
        """That it has run."""
        return self._spent + time.monotonic() - self._at

    @property
    def left(self) -> float:
        """Seconds."""
        return float("inf") if self.asked.seconds is None else self.asked.seconds - self.seconds

    # -- what is known is run again first

    def _replay(self) -> None:
        """Every finding that is known of tonight's scenarios, a few times: is it still there?"""
        titles = {each.title for each in self.targets}
        mine = [each for each in self._kept.of(titles) if not each.tonight]
        found = [each for each in mine if each.replayable]
        for each in mine:
            if not each.replayable and each.life is not Life.FIXED:  # its file is gone: a search may know
                self._tell(each.met((), untold="its repro file is gone"))
        told = names_of_files(self.journal.path.parent)
        lost = unknown(self._kept.folder, self._kept.known.values(), told)
        waiting = found + [each for each in lost if any(is_of(title, each.title) for title in titles)]
        wanted = len(waiting)
        while (self._running or (waiting and self.left > 0)) and not self.signal and not self.journal.failed:
            while waiting and self.left > 0 and len(self._running) < self.asked.jobs:
                self._start(known := waiting.pop(), known.again(trust=self.asked.trust))
            if self.left < -_LATE:
                break
            self._wait()
        self._stop_all()
        self._tell(*alarms.of_replays(wanted, [each.title for each in waiting]))

    def _spare_no_more(self, met: FindingMet) -> None:
        """What was proved and shows a finding again was proved of something else: it has its turns."""
        target = next((each for each in self.targets if is_of(each.title, met.title)), None)
        if not met.again or target is None or not target.spared:
            return
        self.targets = [attrs.evolve(each, spared="") if each is target else each for each in self.targets]
        for standing in self.rotation.standings:
            standing.done = "" if standing.title == target.title else standing.done
        self._tell(attrs.evolve(target, spared=""))

    def _gone(self) -> list[FindingMet]:
        """Those that nobody could follow, and that no search of tonight met, though it came to a pass, or of those that
        could not be run to a proof; and those that replays called fixed, of scenarios that test nothing."""
        reports = alarms.reports(self.events).items()
        void = alarms.void(self.events).items()
        unsure = [each.untold(f"its scenario came to {why}") for title, why in void for each in self._kept.of([title])]
        passed = {title for title, mine in reports if any(each.verdict.passed for each in mine)}
        passed |= {each.title for each in self.targets if each.spared}
        proved = {title for title, mine in reports if any(each.verdict is Verdict.PROVED for each in mine)}
        doubted = [each for each in self._kept.of(passed) if each.doubtful]
        doubted += [each for each in self._kept.of(proved) if each.untried and each.replayed and each not in doubted]
        return [*filter(None, unsure), *(each.gone() for each in doubted)]

    # -- what is not known

    def _explore(self) -> Why:
        why = Why.TIME
        while True:
            if self.signal:
                why = Why.SIGNAL
                break
            if self.journal.failed:
                why = Why.DISK
                break
            if self.left <= 0:
                break
            if self._had_enough() and not self._running:
                why = Why.ROUNDS
                break
            if self.rotation.over:
                why = Why.NOTHING_LEFT
                break
            if self.asked.until_stable and self.rotation.stable and not self._running:
                why = Why.STABLE
                break
            self._fill()
            self._wait()
        if why is Why.TIME:
            self._let_end()
        self._stop_all()
        self._measure_rest()
        return why

    def _measure_rest(self) -> None:
        """New findings for which there was no time: the page of the morning is to have what is known of them."""
        until = time.monotonic() + AFTER
        while (self._measures.waits or self._running) and not (self.signal or self.journal.failed):
            if time.monotonic() >= until:
                break
            self._measure_next()
            self._wait()
        self._stop_all()

    def _measure_next(self) -> None:
        if (measuring := self._measures.next()) is not None:
            self._start(measuring, measuring.began())

    def _fill(self) -> None:
        if len(self._running) < self.asked.jobs and self.left > _SHORTEST:
            self._measure_next()
        busy = {of.title for of, _ in self._running if isinstance(of, Standing) and of.parts.next() is None}
        while len(self._running) < self.asked.jobs and self.left > _SHORTEST:
            standing = self.rotation.next(busy)
            if standing is None or self._had_enough() or (self.asked.until_stable and self.rotation.stable):
                return
            self._number += 1
            runs = any(of is standing for of, _ in self._running)
            part = standing.part(runs=runs)
            if part is not None:
                standing.parts.running[self._number] = part
            self._start(standing, self._plan(standing, part))
            if standing.parts.next() is None:
                busy.add(standing.title)

    def _had_enough(self) -> bool:
        rounds = self.asked.rounds
        return rounds is not None and all(each.done or each.slices >= rounds for each in self.rotation.standings)

    def _plan(self, standing: Standing, part: Part | None) -> SliceBegan:
        usual = self.asked.slice_seconds
        if not standing.slices:  # all of them before the night is half over
            each = (self.asked.seconds or 8 * 3600.0) * self.asked.jobs / (2 * max(len(self.rotation.standings), 1))
            usual = min(max(each, _SHORTEST), usual)
        seconds = max(min(usual, self.left), _SHORTEST)
        words = next(each.words for each in self.targets if each.title == standing.title)
        seed = self._seed(f"{standing.title} {standing.slices}")
        findings = self.journal.path.parent / FINDINGS
        strategy = standing.parts.strategy if part is not None else standing.plan()
        command = slices.command(words, strategy=strategy, seed=seed, seconds=seconds, findings=findings)
        command = (*command, "--part", str(part)) if part is not None else command
        return SliceBegan(self._number, standing.title, (*command, *self.extra), seconds)

    def _seed(self, what: str) -> int:
        """Shards share none, since each ends in its number. A resumed night has those that it would have had."""
        index, _ = self.asked.shard
        drawn = int.from_bytes(
            hashlib.sha256(f"{self.asked.seed} {what}".encode("utf-8", "surrogateescape")).digest()[:5]
        )
        return drawn << _SHARD_BITS | index

    # -- processes

    def _start(self, of: Work, began: SliceBegan) -> None:
        self._tell(began)  # before its first execution
        try:
            self._running.append((of, self._started(began, of)))
        except OSError as error:
            why = f"could not be started ({error.strerror})"
            self._ended(of, SliceEnded(began.number, began.title, 0.0, None, how=why))
            time.sleep(_LOOK)  # of memory or processes there may be enough again soon

    def _started(self, began: SliceBegan, of: Work) -> Slice | RemoteSlice:
        """Replays are short, and of files that are here: they run here."""
        if self.cluster is not None and isinstance(of, Standing):
            return self.cluster.start(began, self.asked.memory)
        return slices.start(began, self.asked.memory, Path.cwd())

    def _wait(self) -> None:
        """Until something has happened, and no longer than a moment."""
        by_fd = {each.fd: each for _, each in self._running}
        poll = select.poll()  # select takes no descriptor beyond 1,023, which so many slices have
        for fd in by_fd:
            poll.register(fd, select.POLLIN)
        ready = poll.poll(_LOOK * 1000)
        for fd, _ in ready:
            by_fd[fd].follow()
        if ready:
            time.sleep(0.02)  # who writes a lot is read in large pieces
        for of, each in list(self._running):
            if each.look():
                self._running.remove((of, each))
                self._finish(of, each)

    def _let_end(self) -> None:
        """Slices that are about to end by themselves: one that is interrupted is no pass."""
        until = time.monotonic() + _LATE
        while self._running and time.monotonic() < until and not self.signal:
            self._wait()

    def _stop_all(self) -> None:
        """What still runs ends with what it knows."""
        for _, each in self._running:
            each.interrupt()
        while self._running:
            self._wait()

    def _finish(self, of: Work, done: Slice | RemoteSlice) -> None:
        if isinstance(of, Measuring):
            self._measures.over()
            self._tell(of.ended(done.measured, done.how))
            return
        if isinstance(of, Known) and of.life is not None:
            met = of.met(done.replays, untold=untold(done), found=done.findings)
            self._tell(met)
            self._measures.add(of, met.life)
            self._spare_no_more(met)
            return
        found = self._kept.take(done)
        first = [each for each in found if each.key not in self._told]
        better = [each for each in found if causes.explained(each.finding) and not self._told.get(each.key, False)]
        better += [each for each in found if each.worse > self._worse.get(each.key, each.worse) and each not in better]
        self._tell(*(each for each in found if each in first or each in better))
        for each in first:
            self._measures.add(self._kept.known[each.key], each.life)
        self._worse |= {each.key: each.worse for each in found}
        self._told |= {each.key: each in better or self._told.get(each.key, False) for each in found}
        if isinstance(of, Known):  # a file that nobody knew
            return
        new = [each for each in first if each.life in (Life.NEW, Life.REGRESSED)]
        self._ended(of, end_of(done, tuple(each.key for each in found)), len(new))

    def _ended(self, of: Work, ended: SliceEnded, found: int = 0) -> None:
        if isinstance(of, Measuring):  # it could not be started
            self._measures.over()
            self._tell(of.ended(None, ended.how))
            return
        if isinstance(of, Standing):
            ended = self._take(of, ended, found=found)
        self._tell(ended)
        if isinstance(of, Known) and of.life is not None:  # as above: it is no less known for that
            self._tell(of.met((), untold=ended.how))

    def _take(self, standing: Standing, ended: SliceEnded, *, found: int) -> SliceEnded:
        """Gives it as it is told: the last part of a space is all of it."""
        standing.took(ended.seconds, ended.report, added=ended.added, found=found, causes=ended.found, lost=ended.lost)
        standing.parts.take(ended)
        ended = standing.parts.told(ended)
        if standing.parts.over and not standing.parts.whole:
            standing.done = "all parts of its space that are this shard's were gone through"
        if ended.report is not None and ended.report.verdict is Verdict.PROVED:
            standing.done = "it is proved"
        elif standing.deaths >= DEATHS:
            standing.done = f"no slice of it gives a report: {ended.how}"
        return ended

    # -- outside

    def _tell(self, *events: NightEvent) -> None:
        self.journal.write(*events)
        self.events += events
        for each in events:
            self.listener(each)

    def _close_all(self) -> None:
        for _, each in self._running:
            each.close()
