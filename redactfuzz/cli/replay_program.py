"""``redactfuzz replay`` of a C or C++ program's finding."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path, PurePosixPath

import click

from redactfuzz.campaign.checks.confirmation import debug
from redactfuzz.campaign.face.replay import replay as campaign
from redactfuzz.campaign.face.scenario import program_spec
from redactfuzz.campaign.files.store import Store
from redactfuzz.campaign.session.oracle import default_oracle
from redactfuzz.campaign.session.spec import Options, ScenarioSpec, Settings
from redactfuzz.campaign.session.state import Session
from redactfuzz.cli.pump import pump
from redactfuzz.cli.streams import apart
from redactfuzz.cli.supervise import Supervisor
from redactfuzz.cli.worker import Task
from redactfuzz.model.outcome import BugKind
from redactfuzz.model.repro import Repro
from redactfuzz.native.drive.driver import DriverError
from redactfuzz.native.run.program import ProgramError, from_json
from redactfuzz.native.run.ready import BuildError
from redactfuzz.report.outputs import OUTPUTS, Output, Several
from redactfuzz.report.trace import Trace

_NOBODY_DIES = (BugKind.DEADLOCK, BugKind.SPIN, BugKind.NO_DUMP)


def replay_program(
    repro: Repro,
    path: Path,
    file: Path,
    times: int,
    *,
    trace: bool,
    gdb: bool,
    stop: bool,
    as_json: bool,
    measures: bool = False,
    followed: Sequence[Output] = (),
) -> int:
    """Runs ``repro``, of which ``path`` is the first source. Gives the exit status."""
    if stop:
        raise click.UsageError(f"{file}: --pdb is for scenarios in Python; this is a program: give --gdb")
    try:
        program = from_json(repro.program, _root(repro, path))
    except ProgramError as error:
        raise click.UsageError(f"{file}: {error}") from None
    missing = [source for source in program.sources if not source.is_file()]
    if missing:
        raise click.UsageError(f"{file}: {missing[0]}, a source of its program, is not there any more")
    spec = program_spec(program, Settings())
    if gdb:
        return _debug(repro, spec, file)
    with apart(show=True) as (out, err):
        output: Output = Several(OUTPUTS["json" if as_json else "terminal"](out, err), *followed)
        if trace:
            output = Trace(output, err if as_json else out)
        supervisor = Supervisor(output, err)
        try:
            with supervisor.listening():
                codes = list(supervisor.run(spec.title, partial(_steps, repro, spec, file, times, measures)))
                return supervisor.status(codes)
        finally:
            output.close()


@contextlib.contextmanager
def _steps(repro: Repro, spec: ScenarioSpec, file: Path, times: int, measures: bool) -> Iterator[list[Task]]:
    """The one step; in the worker."""

    def again(output: Output, isolated: bool) -> int:
        runtime = spec.target.runtime()
        replays = partial(campaign, repro, spec.body, runtime, times, path=str(file), measures=measures)
        events = partial(replays, spec=spec)
        return pump(spec.title, events, output).code

    yield [Task(spec.title, again)]


def _debug(repro: Repro, spec: ScenarioSpec, file: Path) -> int:
    bug = repro.identity.bug_kind
    if bug in _NOBODY_DIES:
        raise click.UsageError(
            f"{file}: nobody dies in it ({bug}), so there is nothing to stop at: replay it without --gdb"
        )
    if shutil.which("gdb") is None:
        raise click.UsageError("gdb is not on the path: install it")
    limits = spec.limits(Options(seed=repro.seed))
    session = Session(spec, limits, spec.target.runtime(), Store(), default_oracle())
    of = "by itself, if it does: nothing strikes it" if repro.program["crash"] == "none" else "of the crash"
    click.echo(f"gdb stops where the process dies {of}. bt, info registers, x/32xb ADDRESS; quit leaves.", err=True)
    try:
        debug(session, repro.schedule, seed=repro.seed, number=repro.canary_number)
    except (DriverError, BuildError) as error:
        raise click.ClickException(str(error)) from None
    return 0


def _root(repro: Repro, path: Path) -> Path:
    """The folder that the paths of the repro file are relative to."""
    given = PurePosixPath(repro.path)
    return path if given.is_absolute() else path.parents[len(given.parts) - 1]
