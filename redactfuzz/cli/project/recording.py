"""What each scenario of a file depends on, seen in workers: one for each, which ends when it has run once."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import attrs

from redactfuzz.campaign.face.scenario import spec_of
from redactfuzz.changed.once import compiled, installed, used
from redactfuzz.changed.watch import Seen, UnseenError, Watch, dependencies, outside
from redactfuzz.cli.given import drawn, unbound
from redactfuzz.cli.load import Loaded, LoadError, loaded
from redactfuzz.cli.paths import WantedScenarios
from redactfuzz.cli.worker import Finished, Steps, Task, start
from redactfuzz.model.dependencies import Dependencies
from redactfuzz.model.events import CampaignEnded
from redactfuzz.native.compile.compiler import BuildError
from redactfuzz.native.run.program import Program
from redactfuzz.pytest_rules import consulted, rules_for
from redactfuzz.report.outputs import Output


@attrs.frozen
class Recorded:
    """What is known of one scenario."""

    name: str
    """Empty: of the whole file, which cannot be imported."""
    depends: Dependencies = attrs.field(factory=Dependencies)
    unknown: str = ""
    """Why it is not known what it depends on."""
    outside: frozenset[str] = frozenset()
    """Paths elsewhere that it asked for, there or not: no part of what projects keep and share."""


@attrs.frozen
class _Told:
    """The same as the worker tells it: files are not read there."""

    name: str
    seen: Seen = attrs.field(factory=Seen)
    built: Dependencies = attrs.field(factory=Dependencies)
    unknown: str = ""


def of_file(file: WantedScenarios, root: Path, *, unconfined: bool) -> Iterator[Recorded]:
    """Each scenario that is wanted of a file, in the order in which they are defined."""
    job = partial(_steps, file, root, unconfined=unconfined)
    names: tuple[str, ...] = ("",)
    number = 0
    while number < len(names):
        told: _Told | None = None
        worker = start(job, number, False)
        try:
            for message in worker.messages():
                match message:
                    case Steps(titles):
                        names = titles
                    case _Told():
                        told = message
                    case CampaignEnded(report):  # an error of ours
                        told = _Told(names[number], unknown=report.reason.what if report.reason else "an error of ours")
                    case Finished():
                        break
        finally:
            worker.end()
        if number < len(names):
            yield _recorded(told or _Told(names[number], unknown=f"its process {worker.how or 'ended'}"), file, root)
        number += 1


def _recorded(told: _Told, file: WantedScenarios, root: Path) -> Recorded:
    if told.unknown:
        return Recorded(told.name, unknown=told.unknown)
    rules = rules_for(file.file, Path.cwd())
    read_first = {str(each) for each in (file.file, rules.ini, *rules.conftests) if each is not None}
    asked_for = {str(each) for each in consulted(file.file) if each.is_relative_to(root)}
    seen = attrs.evolve(told.seen, files=told.seen.files | read_first | asked_for)
    depends = dependencies(seen, root, installed(seen.loaded)) | told.built
    return Recorded(told.name, depends, outside=frozenset(outside(seen, root)))


@contextlib.contextmanager
def _steps(file: WantedScenarios, root: Path, *, unconfined: bool) -> Iterator[list[Task]]:
    """In the worker: one step for each scenario, of which only one is done."""
    watch = Watch()
    with contextlib.ExitStack() as stack:
        try:
            scenarios = stack.enter_context(loaded(file.file))
        except LoadError as error:
            yield [_telling(_Told("", unknown=str(error)))]
            return
        chosen = [each for each in scenarios if not file.names or any(map(each.is_called, file.names))]
        yield [_step(scenario, watch, root, unconfined=unconfined) for scenario in chosen]


def _step(scenario: Loaded, watch: Watch, root: Path, *, unconfined: bool) -> Task:
    function = drawn(scenario.function)
    spec = spec_of(function)
    if function is not scenario.function:
        return _telling(_Told(spec.name, unknown="Hypothesis draws it: each example may use something else"))
    if missing := unbound(scenario.function):
        return _telling(_Told(spec.name, unknown=f"only pytest can run it, since it takes {', '.join(missing)}"))

    def run(output: Output, isolated: bool) -> int:
        try:
            if isinstance(spec.body, Program):
                told = _Told(spec.name, watch.seen(), compiled(spec.body, root))
            else:
                told = _Told(spec.name, used(spec, watch, unconfined=unconfined))
        except (UnseenError, BuildError, OSError) as error:
            told = _Told(spec.name, unknown=str(error))
        output.handle(told)  # type: ignore[arg-type]  # to the other side of the pipe, as it is
        return 0

    return Task(spec.name, run)


def _telling(told: _Told) -> Task:
    def run(output: Output, isolated: bool) -> int:
        output.handle(told)  # type: ignore[arg-type]
        return 0

    return Task(told.name, run)
