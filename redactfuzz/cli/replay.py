"""``redactfuzz replay``: runs one finding again, exactly."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import attrs
import click

from redactfuzz.campaign.face.replay import replay as campaign
from redactfuzz.campaign.face.scenario import spec_of
from redactfuzz.campaign.session.runtime import Runtime, default_runtime
from redactfuzz.campaign.session.spec import Options, ScenarioSpec, relative
from redactfuzz.cli import hash_seed
from redactfuzz.cli.ending import end_with
from redactfuzz.cli.found import found, in_pytest, trusting
from redactfuzz.cli.given import drawn, unbound
from redactfuzz.cli.load import Loaded, LoadError, confining, loaded
from redactfuzz.cli.pump import pump
from redactfuzz.cli.replay_program import replay_program
from redactfuzz.cli.streams import apart
from redactfuzz.cli.supervise import Supervisor
from redactfuzz.cli.targets import followers, targets
from redactfuzz.cli.worker import Task, said
from redactfuzz.model.events import CampaignEvent
from redactfuzz.model.finding import Report
from redactfuzz.model.plan import Isolation
from redactfuzz.model.repro import Repro
from redactfuzz.model.verdict import Reason, Verdict, exit_code
from redactfuzz.report.outputs import OUTPUTS, Output, Several
from redactfuzz.report.trace import Trace

_SKIP = 125
"""Says to git that this revision can be neither good nor bad."""


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--times", type=click.IntRange(1), default=1, metavar="N", help="Run it so many times.")
@click.option("--trace", is_flag=True, help="Print every step.")
@click.option("--pdb", "stop", is_flag=True, help="Stop when the crash strikes, to look at the threads.")
@click.option("--gdb", is_flag=True, help="A C or C++ program: gdb, stopped where the crash strikes.")
@click.option("--likelihood", "measures", is_flag=True, help="Measure how likely it is along its schedule.")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON on stdout.")
@click.option("--events", type=click.Path(path_type=Path), metavar="FILE", help="Write each event as a line of JSON.")
@click.option("--bisect", is_flag=True, help="For `git bisect run`: 125 (skip this one) where nobody can tell.")
@confining
@trusting
def replay(
    file: Path,
    times: int,
    trace: bool,
    stop: bool,
    gdb: bool,
    measures: bool,
    as_json: bool,
    events: Path | None,
    bisect: bool,
    unconfined: bool,
    trust: bool,
) -> int:
    """Run the finding of FILE (NAME-7f3a.rfz.json) again, exactly.

    \b
    Exit status: 1 it happens again, 0 the schedule ran to its end without it, 5 it diverged: the code has changed;
    or it is no finding, as a search would say.
    What the scenario prints goes to stderr. With --likelihood it says from which step on the finding came about each
    time, what the nearest schedule is that shows nothing, and whether there is another finding beside this one.
    """
    if measures and (stop or gdb):
        raise click.UsageError("--likelihood measures many executions, and stops in none: leave --pdb and --gdb out.")
    shown = {"trace": trace, "stop": stop, "gdb": gdb, "as_json": as_json, "unconfined": unconfined, "trust": trust}
    shown["measures"] = measures
    try:
        code = _again(file, times, events, **shown)
    except Exception as error:
        if bisect:  # any other status below 128 says to git that this commit is a bad one
            end_with(error, _SKIP)
        raise
    return _SKIP if bisect and code not in (0, 1, *range(128, 256)) else code


def _again(
    file: Path,
    times: int,
    events: Path | None,
    *,
    trace: bool,
    stop: bool,
    gdb: bool,
    as_json: bool,
    unconfined: bool,
    trust: bool,
    measures: bool,
) -> int:
    repro, path = found(file, trust=trust)
    followed = followers("--events", targets({"events": events}, [file, path], as_json=as_json).get("events"))
    if repro.program:
        how = {"trace": trace, "gdb": gdb, "stop": stop, "as_json": as_json, "measures": measures}
        return replay_program(repro, path, file, times, **how, followed=followed)
    if gdb:
        raise click.UsageError(f"{file}: --gdb is for C and C++ programs; this is a scenario in Python: give --pdb")
    hash_seed.change(repro.hash_seed)
    if stop:
        from redactfuzz.cli.stop import Stopping

        runtime: Runtime = Stopping(default_runtime())
    else:
        runtime = default_runtime()
    with apart(show=True) as (out, err):
        output: Output = Several(OUTPUTS["json" if as_json else "terminal"](out, err), *followed)
        if trace:
            output = Trace(output, err if as_json else out)
        asked = partial(campaign, runtime=runtime, times=times, path=str(file), measures=measures)
        job = partial(_steps, repro, path, file, asked, Options(unconfined=unconfined))
        try:
            if stop:  # a process of its own has no terminal to talk to
                with job() as steps:
                    return exit_code([step.run(output, False) for step in steps])
            supervisor = Supervisor(output, err)
            with supervisor.listening():
                codes = list(supervisor.run(relative(str(path)), job))
                return supervisor.status(codes)
        finally:
            output.close()


@contextlib.contextmanager
def _steps(
    repro: Repro, path: Path, file: Path, replays: Callable[..., Iterator[CampaignEvent]], asked: Options
) -> Iterator[list[Task]]:
    """The one step of a replay, its scenario imported."""
    title = f"{relative(str(path))}::{repro.scenario}"
    with spec_in(repro, path, file) as found:
        if isinstance(found, Task):
            yield [found]
            return

        def again(output: Output, isolated: bool) -> int:
            options = attrs.evolve(asked, isolation=Isolation.PROCESS) if isolated else asked
            events = partial(replays, repro, found.body, spec=found, options=options)
            return pump(title, events, output).code

        yield [Task(title, again)]


@contextlib.contextmanager
def spec_in(repro: Repro, path: Path, file: Path) -> Iterator[ScenarioSpec | Task]:
    """The scenario of a repro file, imported from ``path``; or a step that says why it cannot be run."""
    title = f"{relative(str(path))}::{repro.scenario}"
    with contextlib.ExitStack() as stack:
        try:
            scenarios = stack.enter_context(loaded(path))
        except LoadError as error:
            reason = Reason(str(error), "Correct the file; this is its traceback:")
            broken = Report(title, Verdict.ERROR, reason, seed=repro.seed, strategy="replay", notes=error.notes)
            yield said(broken)
            return
        yield _spec(title, repro, path, file, scenarios)


def _spec(title: str, repro: Repro, path: Path, file: Path, scenarios: list[Loaded]) -> ScenarioSpec | Task:
    scenario = _named(repro.scenario, scenarios)
    if scenario is None and "." in repro.scenario:
        what = f"{repro.scenario} is not at the top of {relative(str(path))}, but in a class or a function."
        return _elsewhere(title, what, repro, file)
    if scenario is None:
        there = ", ".join(each.name for each in scenarios) or "none"
        reason = Reason(
            f"Diverged: {relative(str(path))} has no scenario {repro.scenario} any more.", f"It has: {there}."
        )
        return said(Report(title, Verdict.INCONCLUSIVE, reason, seed=repro.seed, strategy="replay"))
    function = drawn(scenario.function)
    missing = [name for name in unbound(function) if name not in repro.workload]
    if missing:
        what = f"It takes {', '.join(missing)} beside the Race, which the repro file does not hold."
        return _elsewhere(title, what, repro, file)
    return attrs.evolve(spec_of(function, **repro.workload), workload=repro.workload)


def _elsewhere(title: str, what: str, repro: Repro, file: Path) -> Task:
    reason = Reason(what, f"Run pytest {in_pytest(repro, file)}")
    return said(Report(title, Verdict.ERROR, reason, seed=repro.seed, strategy="replay"))


def _named(name: str, scenarios: list[Loaded]) -> Loaded | None:
    return next((each for each in scenarios if each.is_called(name)), None)
