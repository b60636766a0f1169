"""One run of a scenario with plain threads, to see what it uses; and what the compiler says that a program uses."""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

from redactfuzz import workplace
from redactfuzz.campaign.files.store import Store
from redactfuzz.campaign.session.oracle import default_oracle
from redactfuzz.campaign.session.runtime import default_runtime
from redactfuzz.campaign.session.spec import Options, ScenarioSpec
from redactfuzz.campaign.session.state import Session
from redactfuzz.changed import places
from redactfuzz.changed.build import looked_in
from redactfuzz.changed.decide import is_current
from redactfuzz.changed.dependencies import digests
from redactfuzz.changed.watch import Seen, UnseenError, Watch, inside
from redactfuzz.model.dependencies import Dependencies
from redactfuzz.model.outcome import UNTESTED
from redactfuzz.model.schedule import Granularity, Schedule
from redactfuzz.native.compile.build import INCLUDE
from redactfuzz.native.compile.compiler import ran, toolchain
from redactfuzz.native.compile.made_from import prerequisites
from redactfuzz.native.compile.sought import absent, libraries
from redactfuzz.native.run.program import Program
from redactfuzz.threads import _hooks
from redactfuzz.threads.explain.masking import Masking
from redactfuzz.threads.output.black_box import SINK, BlackBox
from redactfuzz.threads.output.sink import Sink
from redactfuzz.threads.output.streams import Output
from redactfuzz.threads.process.writable import confined, refuse
from redactfuzz.threads.restore.surroundings import begin
from redactfuzz.threads.run.plain import Plain

_MOMENT, _HANG = 2.0, 5.0
"""Seconds until the crash strikes threads that still run, and until they are given up."""
_COMPILER = "C compiler"
_PATH = "PYTHONPATH"
"""Of the variables of the environment the one that says where modules are looked for."""
_LOOKED_IN = "sys.path"
"""All that says so, with what files .pth bring."""


def used(spec: ScenarioSpec, watch: Watch, *, unconfined: bool) -> Seen:
    """Runs a scenario once, for good confined: the process is to end afterwards. Raises UnseenError.

    What only another interleaving comes to is not seen.
    """
    session = Session(
        spec, spec.limits(Options(seed=0)), default_runtime(), Store(workplace.folder()), default_oracle()
    )
    plan = session.plan_of(Schedule(Granularity.CALLS), seed=0, number=1)
    masking, box = Masking(plan), BlackBox()
    output = Output(box.file)
    execution = Plain(plan, 1, Sink(box.file(SINK)), masking, output, box)
    try:
        with confined(not unconfined):
            _hooks.confine_here()
            _hooks.confine_rest(refuse, True)
            begin()
            came_back = execution.run(plan.body, _MOMENT, _HANG)
            _, bug = execution.outcome()
        if not came_back:
            raise UnseenError(f"its threads did not end within {_HANG:g} s")
        if bug is not None and bug.kind in UNTESTED:
            raise UnseenError(f"the scenario itself raised {bug.summary.partition(':')[0]}")
        if _hooks.was_refused(True):
            raise UnseenError("it would change a file outside of what a scenario may write")
        canaries = execution.canaries
        return watch.seen().without(lambda names: masking.secrets_among(names, canaries))
    finally:
        execution.close()
        output.close()
        box.close()


def compiled(program: Program, root: Path) -> Dependencies:
    """What a build reads of the project. Raises BuildError where it does not compile."""
    return Dependencies(
        digests(root, inside(built_from(program), root)),
        installed={_COMPILER: _compiler()},
    )


def built_from(program: Program) -> frozenset[str]:
    """The sources and headers of a program, as the compiler lists them (``-MM``), and files that it is linked with.

    A header that is not there, and would come before one that is, is asked for as well, and so is a library. Raises
    BuildError where it does not compile.
    """
    tools, wanted = toolchain(), program.wanted
    found = {str(source) for source in program.sources}
    for source in program.sources:
        command: list[str | Path] = [*tools.compiler_of(source), *wanted.compile_flags, f"-I{INCLUDE}", "-MM", source]
        found |= set(prerequisites(ran(command, f"{source.name} cannot be read by the compiler")))
    found |= absent(wanted.compile_flags, map(Path, found))
    found |= libraries(wanted.link_flags)
    return frozenset(str(Path(each).absolute()) for each in found)


def _compiler() -> str:
    """Its version, and the arguments that always go with it."""
    tools = toolchain()
    return " ".join([tools.version.splitlines()[0], *tools.words.split(" | ")[1:]])


@functools.cache
def _having() -> Mapping[str, list[str]]:
    """Module at the top -> distributions that have it. All that is installed is looked through."""
    return metadata.packages_distributions()


def installed(modules: frozenset[str]) -> dict[str, str]:
    """Distribution -> version, of those that have one of these modules, and where modules are looked for first."""
    return versions(frozenset(name for module in modules for name in _having().get(module, [])) | {_PATH, _LOOKED_IN})


def versions(names: frozenset[str]) -> dict[str, str]:
    """The same by the names of distributions, of those that are here."""
    found = {}
    for name in names - {_COMPILER, _PATH, _LOOKED_IN}:
        try:
            found[name] = metadata.version(name)
        except (metadata.PackageNotFoundError, ValueError):
            continue
    others = {_PATH: os.environ.get(_PATH, "")} if _PATH in names else {}
    others |= {_LOOKED_IN: looked_in()} if _LOOKED_IN in names else {}
    others |= {_COMPILER: _compiler()} if _COMPILER in names else {}
    return found | others


def is_here(known: Dependencies, root: Path) -> bool:
    """Whether all that something depends on is here as it was. Raises BuildError where there is no compiler any more"""
    now = places.held(known, known.places, root)
    return is_current(known, digests(root, known.files), versions(frozenset(known.installed)), now)
