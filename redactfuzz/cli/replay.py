"""``redactfuzz replay``: runs one finding again, exactly."""

from __future__ import annotations

import os
from pathlib import Path

import attrs
import click

from redactfuzz.campaign.replay import replay as campaign
from redactfuzz.campaign.runtime import Runtime, default_runtime
from redactfuzz.campaign.scenario import spec_of
from redactfuzz.campaign.spec import relative
from redactfuzz.campaign.store import load
from redactfuzz.cli.given import drawn, unbound
from redactfuzz.cli.load import Loaded, LoadError, loaded
from redactfuzz.cli.pump import ended, pump
from redactfuzz.cli.run import HASH_SEED, fix_hash_seed
from redactfuzz.cli.streams import apart
from redactfuzz.model.finding import Report
from redactfuzz.model.repro import Repro, ReproError
from redactfuzz.model.verdict import EXIT_CODES, Reason, Verdict
from redactfuzz.report.outputs import OUTPUTS, Output
from redactfuzz.report.trace import Trace


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--times", type=click.IntRange(1), default=1, metavar="N", help="Run it so many times.")
@click.option("--trace", is_flag=True, help="Print every step.")
@click.option("--pdb", "stop", is_flag=True, help="Stop when the crash strikes, to look at the threads.")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON on stdout.")
def replay(file: Path, times: int, trace: bool, stop: bool, as_json: bool) -> int:
    """Run the finding of FILE (NAME-7f3a.rfz.json) again, exactly.

    \b
    Exit status: 1 it happens again, 0 the schedule ran to its end without it, 5 it diverged: the code has changed.
    What the scenario prints goes to stderr.
    """
    try:
        repro = load(file)
    except ReproError as error:
        raise click.UsageError(str(error)) from None
    path = _scenario_file(repro, file)
    if repro.hash_seed.isdigit() and os.environ.get(HASH_SEED) != repro.hash_seed:
        os.environ.pop(HASH_SEED, None)
        fix_hash_seed(repro.hash_seed)
    runtime = default_runtime()
    if stop:
        from redactfuzz.cli.stop import Stopping

        runtime = Stopping(runtime)
    with apart(show=True) as (out, err):
        output: Output = OUTPUTS["json" if as_json else "terminal"](out, err)
        if trace:
            output = Trace(output, err if as_json else out)
        try:
            return _replay(repro, path, file, times, output, runtime)
        finally:
            output.close()


def _scenario_file(repro: Repro, file: Path) -> Path:
    """The scenario's file: below the working directory, or below one of the folders that the repro file lies in."""
    given = Path(repro.path)
    for folder in (Path.cwd(), *file.resolve().parents):
        if (folder / given).is_file():
            return (folder / given).resolve()
    raise click.UsageError(
        f"{file}: its scenario lies in {repro.path}, which is neither below the working directory nor below a folder"
        " of the repro file. Change to the folder in which it was found."
    )


def _replay(repro: Repro, path: Path, file: Path, times: int, output: Output, runtime: Runtime) -> int:
    title = f"{relative(str(path))}::{repro.scenario}"
    try:
        with loaded(path) as scenarios:
            scenario = _named(repro.scenario, scenarios)
            if scenario is None:
                there = ", ".join(each.name for each in scenarios) or "none"
                reason = Reason(
                    f"Diverged: {relative(str(path))} has no scenario {repro.scenario} any more.", f"It has: {there}."
                )
                gone = Report(title, Verdict.INCONCLUSIVE, reason, seed=repro.seed, strategy="replay")
                return ended(gone, EXIT_CODES[Verdict.INCONCLUSIVE], output).code
            function = drawn(scenario.function)
            missing = [name for name in unbound(function) if name not in repro.workload]
            if missing:
                what = f"It takes {', '.join(missing)} beside the Race, which the repro file does not hold."
                reason = Reason(what, f"Run pytest with --redactfuzz-replay {file}.")
                lost = Report(title, Verdict.ERROR, reason, seed=repro.seed, strategy="replay")
                return ended(lost, EXIT_CODES[Verdict.ERROR], output).code
            spec = attrs.evolve(spec_of(function, **repro.workload), workload=repro.workload)
            return pump(
                title,
                lambda: campaign(repro, spec.body, runtime, times, spec=spec, path=str(file)),
                output,
            ).code
    except LoadError as error:
        reason = Reason(str(error), "Correct the file; this is its traceback:")
        broken = Report(title, Verdict.ERROR, reason, seed=repro.seed, strategy="replay", notes=(error.detail,))
        return ended(broken, EXIT_CODES[Verdict.ERROR], output).code


def _named(name: str, scenarios: list[Loaded]) -> Loaded | None:
    return next((each for each in scenarios if name in (each.name, spec_of(drawn(each.function)).name)), None)
