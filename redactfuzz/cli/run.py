"""``redactfuzz run``: explores scenarios and reports on each."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import attrs
import click

from redactfuzz.campaign.face.run import run as campaign
from redactfuzz.campaign.face.scenario import program_spec, spec_of
from redactfuzz.campaign.files import begun
from redactfuzz.campaign.session import depends
from redactfuzz.campaign.session.spec import OptionError, Options, ScenarioSpec, Settings, relative, resolve
from redactfuzz.cli.bytecode import make_no_folders
from redactfuzz.cli.given import drawn, examples, unbound
from redactfuzz.cli.load import Loaded, LoadError, confining, loaded
from redactfuzz.cli.paths import WantedScenarios, wanted
from redactfuzz.cli.programs import Given, WithArguments, arguments_of, programs, split
from redactfuzz.cli.proofs.part import part_of
from redactfuzz.cli.proofs.used import Proved
from redactfuzz.cli.pump import Result, pump
from redactfuzz.cli.streams import apart
from redactfuzz.cli.supervise import Supervisor
from redactfuzz.cli.targets import followers, is_stdout, targets
from redactfuzz.cli.worker import Job, Task, said
from redactfuzz.model.events import Depended, Listed
from redactfuzz.model.finding import Report
from redactfuzz.model.part import Part
from redactfuzz.model.plan import Isolation
from redactfuzz.model.schedule import Granularity
from redactfuzz.model.verdict import EXIT_CODES, INTERRUPTED, Reason, Verdict
from redactfuzz.report.kept import File, Kept, Stream, Target
from redactfuzz.report.outputs import FILES, OUTPUTS, Output, Several, Titles


@click.command(cls=WithArguments)
@click.argument("paths", nargs=-1, required=True, metavar="PATH[::NAME]... [-- ARGUMENTS]")
@click.option("--executions", type=click.IntRange(1), help="Explorations of each scenario at most.")
@click.option("--seconds", type=click.FloatRange(0, min_open=True), help="Seconds for each scenario at most.")
@click.option(
    "--after", type=click.FloatRange(0), metavar="SECONDS", help="To shrink and explain at most; 0: confirm alone."
)
@click.option("--seed", type=click.IntRange(0), help="Same seed, same search (default 0).")
@click.option("--strategy", metavar="NAME", help="One strategy in place of the portfolio.")
@click.option("--granularity", type=click.Choice([str(g) for g in Granularity]), help="How close together points lie.")
@click.option("--preemptions", type=click.IntRange(0), help="Explore at most so many preemptions.")
@click.option("--isolation", type=click.Choice([str(i) for i in Isolation]), help="A child process for each execution?")
@click.option(
    "--focus", multiple=True, metavar="MODULE", help="Stop threads only inside MODULE; all: everywhere. Repeatable."
)
@click.option("--profile", type=click.Choice(["ci", "dev", "nightly"]), help="Budget: 10 s, 60 s (default), unbounded.")
@click.option(
    "--require", type=click.Choice(["proved"]), help="Search the whole space in any case; NO_LEAK_FOUND exits with 5."
)
@click.option(
    "--part",
    callback=part_of,
    metavar="I/N",
    help="Go through the i-th of N parts of the whole space, and no more.",
)
@click.option("--crash", metavar="SIGNAL|kill|none", help="Programs: what strikes (default SIGSEGV).")
@click.option("--one-crash", is_flag=True, help="Programs: no second crash strikes, in the handler or beside it.")
@click.option(
    "--canary",
    "canaries",
    multiple=True,
    metavar="env:NAME|arg|stdin|NAME=KIND",
    help="Programs: a secret from outside, or what kind one is.",
)
@click.option("--redactor", "redactors", multiple=True, metavar="SYMBOL", help="Programs: a function under test.")
@click.option("--cflag", "flags", multiple=True, metavar="FLAG", help="Programs: for the compiler and the linker.")
@click.option(
    "--proof", type=click.Path(path_type=Path), metavar="FILE", help="--strategy dpor: write its certificate."
)
@click.option(
    "--corpus",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Run its seeds first; keep new ones.",
)
@click.option("--no-regressions", is_flag=True, help="Do not replay known findings, in corpora/, before the search.")
@click.option("--strict-regressions", is_flag=True, help="No pass with a known finding that cannot be followed.")
@click.option("--beyond-known", "beyond", is_flag=True, help="What seeds and known findings show ends no search.")
@click.option("--oracle", "oracles", multiple=True, metavar="NAME", help="Programs: only these count as bugs.")
@confining
@click.option("--json", "as_json", is_flag=True, help="One line of JSON a scenario on stdout.")
@click.option("--sarif", type=click.Path(path_type=Path), metavar="FILE", help="Write findings as SARIF 2.1.0.")
@click.option("--junit", type=click.Path(path_type=Path), metavar="FILE", help="Write a test case for each scenario.")
@click.option("--list", "listing", is_flag=True, help="List the scenarios, one a line, and explore none.")
@click.option("--events", type=click.Path(path_type=Path), metavar="FILE", help="Write each event as a line of JSON.")
@click.option("--findings", type=click.Path(path_type=Path), metavar="DIR", help="Repro files go there.")
@click.pass_context
def run(
    context: click.Context,
    paths: tuple[str, ...],
    executions: int | None,
    seconds: float | None,
    after: float | None,
    seed: int | None,
    strategy: str | None,
    granularity: str | None,
    preemptions: int | None,
    isolation: str | None,
    focus: tuple[str, ...],
    profile: str | None,
    require: str | None,
    part: Part | None,
    crash: str | None,
    one_crash: bool,
    canaries: tuple[str, ...],
    redactors: tuple[str, ...],
    flags: tuple[str, ...],
    proof: Path | None,
    corpus: Path | None,
    no_regressions: bool,
    strict_regressions: bool,
    beyond: bool,
    oracles: tuple[str, ...],
    unconfined: bool,
    as_json: bool,
    sarif: Path | None,
    junit: Path | None,
    listing: bool,
    events: Path | None,
    findings: Path | None,
) -> int:
    """Explore the scenarios of .py files, C and C++ programs, and folders of either.

    All C and C++ files that are named make one program; in a folder, each vulnerable.c and fixed.c is one.

    What scenarios print is dropped, since it may hold canaries; `redactfuzz replay` shows it.
    """
    asked = Options(
        seed=seed,
        executions=executions,
        seconds=seconds,
        after_seconds=after,
        profile=profile,
        strategy=strategy,
        granularity=Granularity(granularity) if granularity else None,
        preemptions=preemptions,
        isolation=Isolation(isolation) if isolation else None,
        focus=focus or None,
        unconfined=unconfined,
        repro_dir=findings,
        proves=require == "proved",
        part=part,
        proof=proof,
        corpus=corpus,
        regressions=not no_regressions,
        strict_regressions=strict_regressions,
        beyond=beyond,
    )
    try:
        resolve(asked, Settings())
    except OptionError as error:
        raise click.UsageError(str(error)) from None
    given = Given(crash, canaries, redactors, flags, oracles, arguments_of(context), one_crash or None)
    proved = Proved()
    python, native, folders = split(paths)
    files = wanted(python) if python else []
    found = programs(native, folders, given)
    if proof is not None and len(found) + len(files) != 1:
        raise click.UsageError("--proof is for one scenario or program: it holds the certificate of one search")
    beside_files = {"sarif": sarif, "junit": junit, "proof": proof, "events": events}
    sources = [*(each.file for each in files), *(source for program in found for source in program.sources)]
    beside = targets(beside_files, sources, as_json=as_json)
    certificate = _certificate(f"--proof {proof}", beside.pop("proof", None))
    followed = followers(f"--events {events}", beside.pop("events", None))
    if followed:
        make_no_folders()  # `proved.used` looks at what changed
    options = attrs.evolve(asked, proof=certificate)
    jobs = [(relative(str(file.file)), partial(_steps, file, options, proved=require == "proved")) for file in files]
    for program in found:
        spec = program_spec(program, Settings())
        jobs.append((spec.title, partial(_program, spec, options, proved=require == "proved")))
    if listing:
        jobs = [(subject, partial(_only_listed, job)) for subject, job in jobs]
    with apart(show=False) as (out, err):
        text = err if any(map(is_stdout, beside_files.values())) else out
        output: Output = Titles(text) if listing else OUTPUTS["json" if as_json else "terminal"](text, err)
        kept = [_kept(f"--{name} {beside_files[name]}", name, target) for name, target in beside.items()]
        output = Several(output, *kept, *followed, proved)
        supervisor = Supervisor(output, err)
        codes: list[int] = []
        with supervisor.listening():
            try:
                for subject, _ in jobs:
                    output.handle(Listed(subject, (subject,)))
                for subject, job in jobs:
                    codes.extend(supervisor.run(subject, job))
                    if supervisor.interrupted or INTERRUPTED in codes:
                        break
                for each in kept:
                    each.ended(supervisor.why(codes))
                for event in proved.used(files, found, unconfined=unconfined) if followed else ():
                    output.handle(event)
                    if supervisor.interrupted:
                        break
            finally:
                output.close()
                if isinstance(certificate, Path):
                    begun.clear(certificate)  # a worker that was killed leaves one
    if not codes:
        raise click.UsageError(f"no scenario in {', '.join(paths)}; decorate a function with @scenario")
    return supervisor.status(codes)


def _certificate(option: str, target: Target | None) -> Path | int | None:
    """Where it goes. Raises UsageError where it cannot be written, before there is anything to lose."""
    if not isinstance(target, File):
        return target.fd if isinstance(target, Stream) else None
    try:
        begun.opened(target.path).close()
        begun.of(target.path).unlink()
    except OSError as error:
        raise click.UsageError(f"{option}: it cannot be written ({error.strerror})") from None
    return target.path


def _kept(option: str, name: str, target: Target) -> Kept:
    """Raises UsageError where it cannot be written, before there is anything to lose."""
    try:
        return Kept(target, FILES[name])
    except OSError as error:
        raise click.UsageError(f"{option}: it cannot be written ({error.strerror})") from None


@contextlib.contextmanager
def _steps(file: WantedScenarios, options: Options, *, proved: bool) -> Iterator[list[Task]]:
    """The scenarios of one file, imported; in the worker."""
    title = relative(str(file.file))
    with contextlib.ExitStack() as stack:
        try:
            scenarios = stack.enter_context(loaded(file.file))
        except LoadError as error:
            reason = Reason(str(error), "Correct the file; this is its traceback:")
            yield [said(Report(title, Verdict.ERROR, reason, notes=error.notes))]
            return
        chosen = [each for each in scenarios if not file.names or any(map(each.is_called, file.names))]
        missing = [name for name in file.names if not any(each.is_called(name) for each in scenarios)]
        absent = missing or ([""] if file.named and not scenarios else [])
        if options.proof is not None and (len(chosen) > 1 or any(map(_is_drawn, chosen))):
            yield [said(Report(title, Verdict.ERROR, _several(file, chosen)))]
            return
        yield [
            *(said(_absent(file, name, scenarios)) for name in absent),
            *(_step(scenario, options, proved=proved) for scenario in chosen),
        ]


@contextlib.contextmanager
def _program(spec: ScenarioSpec, options: Options, *, proved: bool) -> Iterator[list[Task]]:
    """The one step of a program; in the worker."""

    def explored(output: Output, isolated: bool) -> int:
        result = pump(spec.title, lambda: campaign(spec, options, spec.target.runtime()), output)
        output.handle(Depended(spec.title, depends.sources(spec)))
        return _code(result, proved=proved)

    yield [Task(spec.title, explored)]


@contextlib.contextmanager
def _only_listed(job: Job) -> Iterator[list[Task]]:
    """The steps of a job, which do nothing but for those that say why there is none."""
    with job() as steps:
        yield [step if step.known else Task(step.title, lambda output, isolated: 0) for step in steps]


def _code(result: Result, *, proved: bool) -> int:
    report = result.report
    if proved and report.verdict is Verdict.NO_LEAK_FOUND and report.part is None and result.code == 0:
        return EXIT_CODES[Verdict.INCONCLUSIVE]
    return result.code


def _step(scenario: Loaded, options: Options, *, proved: bool) -> Task:
    spec = spec_of(drawn(scenario.function))
    missing = unbound(scenario.function)
    if missing:
        reason = Reason(
            f"It takes {', '.join(missing)} beside the Race.",
            "Run it with pytest, which knows fixtures and parameters.",
        )
        return said(Report(spec.title, Verdict.ERROR, reason))

    def explored(output: Output, isolated: bool) -> int:
        chosen = attrs.evolve(options, isolation=Isolation.PROCESS) if isolated else options
        if _is_drawn(scenario):
            every = attrs.evolve(chosen, part=None)  # each of what is drawn has a space of its own
            result = pump(spec.title, lambda: examples(scenario.function, every), output)
        else:
            result = pump(spec.title, lambda: campaign(spec, chosen, spec.target.runtime()), output)
        output.handle(Depended(spec.title, depends.sources(spec)))
        return _code(result, proved=proved)

    return Task(spec.title, explored)


def _is_drawn(scenario: Loaded) -> bool:
    """By Hypothesis: it is many scenarios."""
    return getattr(scenario.function, "is_hypothesis_test", False)


def _several(file: WantedScenarios, chosen: list[Loaded]) -> Reason:
    one = next((each.name for each in chosen if not _is_drawn(each)), "NAME")
    return Reason(
        "--proof holds the certificate of one search, and more than one was asked for.",
        f"Name one scenario, as {relative(str(file.file))}::{one}; those that Hypothesis draws have none.",
    )


def _absent(file: WantedScenarios, name: str, scenarios: list[Loaded]) -> Report:
    """A name or file that looked as if it had a scenario, until it was imported."""
    title = relative(str(file.file)) + (f"::{name}" if name else "")
    there = ", ".join(scenario.name for scenario in scenarios)
    remedy = f"This file has: {there}." if there else "Decorate a function with @scenario."
    reason = Reason("There is no scenario of this name." if name else "There is no scenario in this file.", remedy)
    return Report(title, Verdict.ERROR, reason)
