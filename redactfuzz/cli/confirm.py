"""``redactfuzz confirm``: how often a finding happens with plain threads, which nobody controls."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TextIO

import attrs
import click

from redactfuzz import workplace
from redactfuzz.campaign.files.store import Store
from redactfuzz.campaign.search.uncontrolled import Tally, Uncontrolled, intervals
from redactfuzz.campaign.session.oracle import default_oracle
from redactfuzz.campaign.session.runtime import default_runtime
from redactfuzz.campaign.session.spec import Options, relative
from redactfuzz.campaign.session.state import Session
from redactfuzz.cli import hash_seed
from redactfuzz.cli.found import found, trusting
from redactfuzz.cli.load import confining
from redactfuzz.cli.replay import spec_in
from redactfuzz.cli.streams import apart
from redactfuzz.cli.worker import Task, start
from redactfuzz.model.events import CampaignEnded
from redactfuzz.model.finding import Report
from redactfuzz.model.outcome import BugKind
from redactfuzz.model.plan import Isolation
from redactfuzz.model.repro import Repro
from redactfuzz.model.verdict import EXIT_CODES, INTERRUPTED, Verdict
from redactfuzz.report.lines import say
from redactfuzz.report.outputs import OUTPUTS, Output
from redactfuzz.threads import _hooks
from redactfuzz.threads.output.black_box import BlackBox
from redactfuzz.threads.process.writable import confined, refuse

_LEAST_SECONDS = 0.05


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--seconds", type=click.FloatRange(0.1, 86_400.0), default=60.0, show_default=True, help="For all runs.")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON on stdout.")
@confining
@trusting
def confirm(file: Path, seconds: float, as_json: bool, unconfined: bool, trust: bool) -> int:
    """Ask plain threads how often the finding of FILE (NAME-7f3a.rfz.json) happens by itself.

    Its scenario runs again and again, uncontrolled, half of the time with the shortest switch interval (1 us) and half
    with the interpreter's own. Its threads start together, and the crash strikes at a random moment. Of the share of
    runs in which it happens Wilson's interval of 95 % confidence is given. That it was not met proves nothing.

    \b
    Exit status: 1 it happened, 0 it did not, 4 the scenario cannot be run, 130 interrupted.
    What the scenario prints is searched like a dump, and not shown.
    """
    repro, path = found(file, trust=trust)
    if repro.program:
        raise click.UsageError(
            f"{file}: this is the finding of a C or C++ program, which has no threads of Python to be tried. A leak of"
            " one was seen in a process that really died before it was reported; redactfuzz replay runs that again, and"
            " --gdb stops there."
        )
    if repro.identity.by_comparison:
        raise click.UsageError(f"{file}: this leak shows only where dumps with other secrets are compared: replay it")
    hash_seed.change(repro.hash_seed)
    with apart(show=True) as (out, err):
        asked = _Asked(repro, path, file, OUTPUTS["json" if as_json else "terminal"](out, err), unconfined)
        tallies: list[Tally] = []
        interrupted = 0
        try:
            for interval in intervals():
                tallies.append(Tally(interval))
                for tally in asked.tallies(interval, seconds / len(intervals())):
                    tallies[-1] = tally
        except KeyboardInterrupt as error:  # by another signal it bears its number
            interrupted = 128 + error.args[0] if error.args else INTERRUPTED
        finally:
            asked.output.close()
        if asked.report is not None:
            return EXIT_CODES[asked.report.verdict]
        title = f"{relative(str(path))}::{repro.scenario}"
        _report(out, title, repro, tallies, interrupted=bool(interrupted), as_json=as_json)
        if interrupted:
            return interrupted
        if any(tally.failed for tally in tallies):
            return EXIT_CODES[Verdict.ERROR]
        return int(any(tally.hits for tally in tallies))


@attrs.define(eq=False)
class _Asked:
    """Workers that run the scenario, one after the other."""

    repro: Repro
    path: Path
    file: Path
    output: Output
    unconfined: bool = False
    report: Report | None = None
    """Why it cannot be run."""

    def tallies(self, interval: float, seconds: float) -> Iterator[Tally]:
        """What has been counted under one switch interval, now and then."""
        until, total = time.monotonic() + seconds, Tally(interval)
        past: BlackBox | None = None
        while ((left := until - time.monotonic()) > _LEAST_SECONDS or past) and self.report is None:
            last, box = Tally(interval), BlackBox()
            worker = start(partial(self._steps, interval, left, total.runs + 1, box, past), 0, False)
            try:
                for message in worker.messages():
                    if isinstance(message, Tally):
                        last = message
                        yield total + last
                    elif isinstance(message, CampaignEnded):
                        self.report = message.report
                        self.output.handle(message)
            finally:
                worker.end()
                if past is not None:
                    past.close()
            died = bool(box.running)  # the next one says what that run had shown
            past = box if died else None
            if died:
                runs, hits = box.counted
                last = attrs.evolve(last, runs=runs, hits=hits)
            else:
                box.close()
            if worker.how and not died:
                hit = self.repro.identity.bug_kind is BugKind.DIED
                last += Tally(interval, 1, int(hit), 1)
            total += last
            yield total
            if total.failed or not (last.stuck or worker.how or died):
                return

    @contextlib.contextmanager
    def _steps(
        self, interval: float, seconds: float, first: int, box: BlackBox, past: BlackBox | None
    ) -> Iterator[list[Task]]:
        """The one step; in the worker."""
        with spec_in(self.repro, self.path, self.file) as spec:
            if isinstance(spec, Task):
                yield [spec]
                return

            def run(output: Output, isolated: bool) -> int:
                limits = spec.limits(Options(seed=self.repro.seed))
                store = Store(workplace.folder())  # it has nothing to keep, and may write nowhere else
                session = Session(spec, limits, default_runtime(), store, default_oracle())
                asked = Uncontrolled(session, self.repro, interval, seconds, first, box, past)
                with confined(not self.unconfined):
                    _hooks.confine_here()  # for good: the worker ends with this
                    _hooks.confine_rest(refuse, True)
                    for tally in asked.tallies():
                        output.handle(tally)  # type: ignore[arg-type]  # to the other side of the pipe, as it is
                return 0

            yield [Task(spec.title, run)]


def _report(out: TextIO, title: str, repro: Repro, tallies: list[Tally], *, interrupted: bool, as_json: bool) -> None:
    identity = repro.identity
    verb = "leaked" if identity.bug_kind is None else "happened"
    finding = str(identity.bug_kind or f"leak of {identity.primary!r}")
    if as_json:
        intervals = [
            {
                "switch_interval": tally.interval,
                "runs": tally.runs,
                "hits": tally.hits,
                "stuck": tally.stuck,
                "seconds": round(tally.seconds, 3),
                "low": tally.bounds[0],
                "high": tally.bounds[1],
                **({"failed": tally.failed} if tally.failed else {}),
            }
            for tally in tallies
        ]
        record = {"scenario": title, "finding": finding, "confidence": "Wilson, 95 %", "interrupted": interrupted}
        print(json.dumps({**record, "plain_threads": intervals}), file=out)
        return
    say(f"{title}: {finding}, with plain threads", out)
    if repro.isolation == Isolation.PROCESS:
        say("  It was found where each execution is the first of its process; here most follow others,", out)
        say("  so that what only a first one does is hardly met: redactfuzz replay runs it as it was found.", out)
    for tally in tallies:
        low, high = tally.bounds
        share = tally.hits / tally.runs if tally.runs else 0.0
        at = f"{tally.interval * 1e6:,.0f} us"
        say(f"  switch interval {at:>8}  {verb} in {tally.hits:,} of {tally.runs:,} runs", out)
        if tally.runs:
            say(f"{'':28}{share:.4%} (Wilson's interval, 95 %: {low:.4%} to {high:.4%})", out)
        if tally.stuck:
            say(f"{'':28}{tally.stuck:,} did not come to their end", out)
        if tally.failed:
            say(f"{'':28}{tally.failed}: nothing more was run", out)
    if interrupted:
        say("  interrupted", out)
    elif not any(tally.hits for tally in tallies):
        say("  That it was not met proves nothing: windows of a few instructions are met once in millions.", out)
