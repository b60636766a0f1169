"""Known findings of a scenario are run before anything else: one that happens again fails at once.

Each runs in a process of its own, so that what it leaves behind is in no other's way, and the campaign that follows
still begins where the scenario has never run.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import attrs

from redactfuzz.campaign.corpus.entries import Entry, regressions_in, regressions_of
from redactfuzz.campaign.corpus.files import Skipped
from redactfuzz.campaign.corpus.place import above, target_of
from redactfuzz.campaign.face.replay import replay
from redactfuzz.campaign.session.oracle import Oracle
from redactfuzz.campaign.session.runtime import Runtime
from redactfuzz.campaign.session.spec import FOREVER, OptionError, Options, ScenarioSpec, relative
from redactfuzz.model.events import CampaignEnded, CampaignEvent, CampaignStarted
from redactfuzz.model.finding import Report
from redactfuzz.model.plan import Isolation
from redactfuzz.model.repro import SUFFIX, Repro
from redactfuzz.model.verdict import Reason, Verdict
from redactfuzz.threads import _hooks
from redactfuzz.threads.process.child import Answer, ChildError, in_child
from redactfuzz.threads.restore.descriptions import around_child

_OTHERWISE = ("sources", "plain", "struck")
"""What of a program may be other than when its finding was kept: where its files lie, and which build was struck."""
_SECONDS = 120.0
"""For one: an execution, and, where it happens again, what is asked of it besides."""
_PART = 4
"""Where what is known ends no search, these may take so much of its time: one of so many parts."""
_NAMED = 3
"""Of those that cannot be followed any more, so many are named."""


@attrs.frozen
class Said:
    """What came of one: its report, or why there is none."""

    path: str
    report: Report | None
    why: str = ""


@attrs.define(eq=False)
class Known:
    """The known findings of one scenario."""

    spec: ScenarioSpec
    options: Options
    runtime: Runtime
    oracle: Oracle | None
    files: Sequence[tuple[str, Repro]] = ()
    """(path, what it holds)."""
    skipped: Sequence[Skipped] = ()
    clean: int = 0
    stale: list[Said] = attrs.field(factory=list)
    again: list[Report] = attrs.field(factory=list)
    """Of those that happen again, where that ends no search."""
    left: int = 0
    """For which there was no time."""

    @classmethod
    def of(cls, spec: ScenarioSpec, options: Options, runtime: Runtime, oracle: Oracle | None) -> Known:
        """Those of the scenario's own list, and of the folders in which they are looked for. Raises OptionError."""
        known = cls(spec, options, runtime, oracle)
        if _hooks.current() is None:  # inside of a scenario no campaign may run, and what follows says so
            read = dict(_all(spec, options))
            known.files = [(path, each) for path, each in read.items() if isinstance(each, Repro)]
            known.skipped = [each for each in read.values() if isinstance(each, Skipped)]
        return known

    def before(self, campaign: Callable[[], Iterator[CampaignEvent]]) -> Iterator[CampaignEvent]:
        """The events of a campaign, which begins where none of these happens again."""
        return self._before(campaign) if self.files or self.skipped else campaign()

    def _before(self, campaign: Callable[[], Iterator[CampaignEvent]]) -> Iterator[CampaignEvent]:
        try:
            limits, until = self.spec.limits(self.options), FOREVER
            if self.options.beyond:
                until = time.monotonic() + limits.seconds / _PART
            for path, repro in self._turned(limits.seed):
                if time.monotonic() > until:
                    self.left += 1
                    continue
                again = self.replayed(path, repro)
                if again is not None and self.options.beyond:
                    self.again.append(again)
                elif again is not None and again.finding is not None:
                    yield CampaignStarted(self.spec.title, again.seed, limits.profile, 1, limits.seconds)
                    yield CampaignEnded(again)
                    return
        except KeyboardInterrupt:
            reason = Reason("Interrupted before all known findings were run.", "Run it again.")
            yield CampaignEnded(Report(self.spec.title, Verdict.INCONCLUSIVE, reason, interrupted=True))
            return
        for event in campaign():
            yield CampaignEnded(self._beside(self._noted(event.report))) if isinstance(event, CampaignEnded) else event

    def _turned(self, seed: int) -> list[tuple[str, Repro]]:
        """Each seed begins with another one, where there may be too many for all."""
        first = seed % max(len(self.files), 1) if self.options.beyond else 0
        return [*self.files[first:], *self.files[:first]]

    def _beside(self, report: Report) -> Report:
        """With the findings that were known, which come again beside what the search has come to."""
        known = [each.finding for each in self.again if each.finding is not None]
        if not known:
            return report
        first, *others = sorted([*report.findings, *known], key=lambda finding: finding.rank)
        notes = (*(each.notes[0] for each in self.again), *report.notes)
        if report.verdict not in (Verdict.LEAK, Verdict.BUG):
            reason = f": {report.reason.what}" if report.reason is not None else ""
            notes = (*notes, f"the search beside that came to {report.verdict}{reason}")
        return attrs.evolve(
            report,
            verdict=first.verdict,
            reason=None,
            finding=first,
            others=tuple(others),
            preemptions=first.preemptions,
            certificate=None,
            notes=notes,
        )

    def replayed(self, path: str, repro: Repro) -> Report | None:
        """Its report where it happens again."""
        said = self._said(path, repro)
        report = said.report
        if report is not None and report.finding is not None:
            what = f"a known finding happens again: {path}"
            return attrs.evolve(report, notes=(what, *report.notes))
        if report is not None and report.verdict.passed:
            self.clean += 1
        else:
            self.stale.append(said)
        return None

    def _said(self, path: str, repro: Repro) -> Said:
        if not self.spec.target.facts.starts_afresh:
            return self._here(path, repro, self.options)
        isolated = attrs.evolve(self.options, isolation=Isolation.PROCESS)
        how = ""
        for options in (self.options, isolated):  # what ends its process is described by a process of its own
            try:
                with around_child():
                    answer = in_child(partial(self._here, path, repro, options), _SECONDS)
            except ChildError as error:
                return Said(path, None, f"it cannot be run ({str(error).strip().splitlines()[-1]})")
            if isinstance(answer, Answer):
                return answer.value
            how = answer.how
        return Said(path, None, f"its process {how}")

    def _here(self, path: str, repro: Repro, options: Options) -> Said:
        own = Isolation(repro.isolation) if repro.isolation in list(Isolation) else None
        asked = attrs.evolve(options, isolation=options.isolation or own, strategy=None, proof=None, corpus=None)
        report = None
        events = replay(
            repro, self.spec.body, self.runtime, spec=self.spec, options=asked, path=path, oracle=self.oracle
        )
        for event in events:
            if isinstance(event, CampaignEnded):
                report = event.report
        why = report.reason.what if report is not None and report.reason is not None else ""
        here = f"{sys.version_info[0]}.{sys.version_info[1]}"
        if not repro.python.startswith(f"{here}."):
            why = f"recorded on Python {repro.python}: {why}"
        return Said(path, report, why)

    def _noted(self, report: Report) -> Report:
        report = attrs.evolve(report, notes=(*self._notes(), *report.notes))
        if not (self.stale and self.options.strict_regressions and report.verdict.passed):
            return report
        what = f"{_count(len(self.stale))} cannot be run any more ({self.stale[0].path})."
        reason = Reason(what, "Search it anew and keep what is found, or take the file away.")
        return attrs.evolve(report, verdict=Verdict.INCONCLUSIVE, reason=reason, certificate=None)

    def _notes(self) -> Iterator[str]:
        ran = self.clean + len(self.stale)
        if self.left:
            yield f"{_count(self.left)} not replayed, as they may take a part of the time only"
        stale = f", {len(self.stale)} cannot be followed any more" if self.stale else ""
        if ran:
            yield f"{_count(ran)} replayed: " + (f"{self.clean} clean{stale}" if stale else "clean")
        yield from (f"{each.path}: {each.why}" for each in self.stale[:_NAMED])
        for reason, times in sorted(Counter(each.reason for each in self.skipped).items()):
            yield f"{_count(times)} skipped: {reason}"


def _count(number: int) -> str:
    return f"{number} {'regression' if number == 1 else 'regressions'}"


def _all(spec: ScenarioSpec, options: Options) -> Iterator[tuple[str, Repro | Skipped]]:
    file = Path(spec.path)
    given = spec.settings.regressions or ()
    for each in (given,) if isinstance(given, str) else given:
        yield from _named(spec, file.parent / each, each)
    corpora = [*above(file)] if options.regressions else []
    corpora += [options.corpus] if options.corpus is not None else []
    for corpus in corpora:
        try:
            for read in regressions_of(corpus, target_of(file, spec.name)):
                yield _of(spec, corpus, read)
        except OSError as error:
            yield str(corpus), Skipped(str(corpus), f"{corpus} cannot be read ({error.strerror})")


def _named(spec: ScenarioSpec, path: Path, word: str) -> Iterator[tuple[str, Repro | Skipped]]:
    if not path.exists():
        raise OptionError(f"regressions names {word!r}, which is not there ({path}): give a folder or a {SUFFIX} file")
    folder = path if path.is_dir() else path.parent
    for read in regressions_in(folder):
        name = read.place[-1] if isinstance(read, Entry) else read.path
        if path.is_dir() or name == path.name:
            yield _of(spec, folder, read)


def _of(spec: ScenarioSpec, folder: Path, read: Entry | Skipped) -> tuple[str, Repro | Skipped]:
    """It runs the code of this scenario and of no other, whatever it names."""
    path = relative(f"{folder}/{read.path}")
    if isinstance(read, Skipped):
        return path, read
    repro = read.repro
    assert repro is not None
    own = spec.target.to_json(spec.body)
    other = [key for key in own if key not in _OTHERWISE and own[key] != repro.program.get(key)]
    if repro.scenario != spec.name or Path(repro.path).name != Path(spec.path).name or bool(own) != bool(repro.program):
        return path, Skipped(path, "of another scenario")
    if other:
        return path, Skipped(path, f"of a program with another {other[0]}")
    if dict(repro.workload) != dict(spec.workload) or (repro.item and repro.item != spec.item):
        return path, Skipped(path, "of other arguments")
    return path, repro
