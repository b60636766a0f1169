"""Runs jobs in workers and brings what they send to an output; a worker that dies costs nothing but a second look."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType
from typing import TextIO

import attrs

from redactfuzz.cli.ending import AtOnce
from redactfuzz.cli.worker import Finished, Job, LeftOver, Steps, Worker, start
from redactfuzz.model.events import CampaignEnded, CampaignEvent, CampaignProgress, FindingSeen, Listed
from redactfuzz.model.finding import Finding, Report
from redactfuzz.model.verdict import EXIT_CODES, INTERRUPTED, Reason, Verdict, exit_code
from redactfuzz.report.lines import say
from redactfuzz.report.outputs import Output

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
ISOLATED = 'isolation="process"'


@attrs.define(eq=False)
class Supervisor:
    """One command's workers, one after the other."""

    output: Output
    err: TextIO
    number: int = 0
    """Of the signal that ended it; 0: none did."""
    _worker: Worker | None = None

    @property
    def interrupted(self) -> bool:
        """Whether somebody ended it."""
        return self.number != 0

    def why(self, codes: list[int]) -> str:
        """Why not everything was reached; empty where it was."""
        status = self.status(codes)
        return f"interrupted by {signal.Signals(status - 128).name}" if status > 128 else ""

    def status(self, codes: list[int]) -> int:
        """The exit status of a command whose steps had these."""
        if self.number or INTERRUPTED in codes:
            return 128 + (self.number or signal.SIGINT)
        return exit_code(codes)

    def run(self, subject: str, job: Job) -> Iterator[int]:
        """The exit status of each step of a job. ``subject`` is the file, in case that nothing comes of it.

        A step in which the worker dies is run again, with every execution in a process of its own: exploration is
        deterministic, so it meets the same death there and can describe it. What either run had found is kept.
        """
        done, died = 0, ""
        seen: tuple[Finding, ...] = ()
        if self.interrupted:
            yield INTERRUPTED
            return
        while True:
            attempt = _Attempt(self.output, subject, died, seen)
            codes = []
            worker = self._worker = start(job, done, bool(died))
            if self.interrupted:
                worker.interrupt()
            try:
                for message in worker.messages():
                    match message:
                        case Steps(titles):
                            attempt.titles = titles
                            self.output.handle(Listed(subject, titles))
                        case Finished(code):
                            codes.append(attempt.finish_step(code))
                            yield codes[-1]
                        case LeftOver(threads):
                            names = ", ".join(threads)
                            text = f"redactfuzz: {subject} left threads running, which were ended: {names}"
                            say(text, self.err)
                        case _:
                            attempt.handle(message)
            finally:
                worker.end()
            if INTERRUPTED in codes:
                return
            done += len(codes)
            if self.interrupted and not (attempt.titles is not None and done >= len(attempt.titles)):
                yield INTERRUPTED
                return
            if attempt.titles is None:
                if codes:  # an error of ours or of the machine, which is reported
                    return
                yield self._ended(_no_import(subject, worker))
                return
            if done >= len(attempt.titles):
                return
            title = attempt.titles[done]
            if died and not codes:
                report = _report_second_death(title, died, attempt.describe_end(worker), worker)
                yield self._ended(report.with_findings_kept(attempt.seen))
                done, died, seen = done + 1, "", ()
                if done >= len(attempt.titles):
                    return
            else:
                died, seen = attempt.describe_end(worker), attempt.seen

    def _ended(self, report: Report) -> int:
        self.output.handle(CampaignEnded(report))
        return EXIT_CODES[report.verdict]

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Ctrl-C goes on to the worker, which finishes with what is known, and what is known is written.

        So do the signals by which others end a job; not one that is ignored, as under nohup. The second one ends the
        command at once, whatever it is at.
        """
        before = {each: signal.getsignal(each) for each in ENDING}
        for each in ENDING:
            if before[each] is not signal.SIG_IGN:
                signal.signal(each, self._interrupt)
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        if self.number:
            raise AtOnce(self.number)
        self.number = number
        if self._worker is not None:
            self._worker.interrupt()


@attrs.define(eq=False)
class _Attempt:
    """What one worker has sent.

    ``died`` says how the worker before it ended in the step that this worker runs first, or is empty.
    """

    output: Output
    subject: str
    died: str
    seen: tuple[Finding, ...]
    """Findings of the step that runs: of this worker, or of the one before while this one has none."""
    titles: tuple[str, ...] | None = None
    _verdict: Verdict | None = None
    _has_findings: bool = False
    """This worker has found something in the step that runs."""
    _executions: int = 0
    """Number of executions of the step that runs, as far as events have told."""

    def handle(self, event: CampaignEvent) -> None:
        if isinstance(event, FindingSeen):
            self.seen = (*(self.seen if self._has_findings else ()), event.finding)
            self._has_findings = True
            self._executions = max(self._executions, event.finding.execution)
        if isinstance(event, CampaignProgress):
            self._executions = max(self._executions, event.counters.executions)
        if isinstance(event, CampaignEnded) and not event.report.scenario:  # before any was known
            event = CampaignEnded(attrs.evolve(event.report, scenario=self.subject))
        if self.died and isinstance(event, CampaignEnded):
            event = CampaignEnded(self._withdraw_pass(event.report))
            self._verdict = event.report.verdict
        self.output.handle(event)

    def _withdraw_pass(self, report: Report) -> Report:
        """Return the report of a second run without its pass: that cannot undo the death of the first run."""
        if not report.verdict.passed:
            note = f"Without {ISOLATED} {self.died}."
            return attrs.evolve(report, notes=(*report.notes, note))
        what = f"Without {ISOLATED} {self.died}; with it, the search did not come to that within its budget."
        replay = ""
        if self.seen and not self._has_findings:
            replay = f" Replay what was found by then: {self.seen[0].replay_command}"
        reason = Reason(what, f"Give {ISOLATED} and more seconds.{replay}")
        return attrs.evolve(report, verdict=Verdict.INCONCLUSIVE, reason=reason, certificate=None)

    def finish_step(self, code: int) -> int:
        """Begin the next step, and return the exit status of this one: that of the verdict that was shown."""
        if self._verdict is Verdict.INCONCLUSIVE and code == 0:
            code = EXIT_CODES[Verdict.INCONCLUSIVE]
        self.died, self.seen, self._verdict, self._has_findings, self._executions = "", (), None, False, 0
        return code

    def describe_end(self, worker: Worker) -> str:
        """Say how the process of the worker ended, and in or after which execution of the step, if that is known."""
        where = " before the first execution"
        if worker.execution or self._executions:
            where = f" in execution {worker.execution}" if worker.execution else f" after execution {self._executions}"
        return f"the process {worker.how or 'ended'}{where}"


def _hang_report(worker: Worker) -> tuple[str, ...]:
    return (worker.hang_report,) if worker.hang_report else ()


def _no_import(subject: str, worker: Worker) -> Report:
    reason = Reason(
        f"Importing {subject} ended the process: it {worker.how or 'ended with exit status 0'}.",
        "Keep what ends the process, or does not return, out of the module's own code.",
    )
    return Report(subject, Verdict.ERROR, reason, notes=_hang_report(worker))


def _report_second_death(title: str, first: str, second: str, worker: Worker) -> Report:
    what = f"{first[:1].upper()}{first[1:]}; run again with {ISOLATED}, {second}."
    remedy = (
        "Unless the scenario itself ends its process (os._exit, a fault in C that it calls), redactfuzz is at fault:"
        " please report this with the scenario."
    )
    return Report(title, Verdict.INCONCLUSIVE, Reason(what, remedy), notes=_hang_report(worker))
