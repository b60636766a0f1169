"""Small programs that check the models of the library from inside, and what the driver tells of their executions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import attrs
from section import named

from redactfuzz.model.canary import Kind, mint
from redactfuzz.model.outcome import BugKind
from redactfuzz.model.plan import Policy, Stage, StageReport
from redactfuzz.model.schedule import Granularity
from redactfuzz.native.compile import build
from redactfuzz.native.compile.build import BuildRequest, Built
from redactfuzz.native.compile.compiler import toolchain
from redactfuzz.native.compile.shared import Shared
from redactfuzz.native.compile.table import Treated
from redactfuzz.native.drive.control_block import ControlBlock, DriverConfig
from redactfuzz.native.drive.driver import Command, Driver, DriverError, plain_environment
from redactfuzz.native.drive.events import RawExecution
from redactfuzz.native.drive.numbers import End, Note
from redactfuzz.native.drive.piped import Piped
from redactfuzz.native.drive.vault import Delivery, Vault, Way
from redactfuzz.schedule.engine import Engine, size_of

MODELS = frozenset({Treated.MODELLED, Treated.PASSES, Treated.GIVES, Treated.FAILS, Treated.STARTS_NOTHING})
"""How functions are treated of which the driver has a model."""
PROGRAMS = {path.name: path for path in (Path(__file__).parent / "programs").glob("*/*")}
"""By name."""
LIMITS = {"threads": 1024, "steps": 200_000, "frontier": 16 << 20, "replay": 0}
SECONDS = 20.0
ANY = Stage(Policy.RANDOM, Granularity.SWITCHES)
FINEST = Stage(Policy.BOUNDED, Granularity.INSTRUCTIONS, bound=1, strike=True)
"""Each place where a crash may strike, in turn."""

Event = RawExecution


def built(name: str) -> Built:
    """A program of the folder, as the driver loads it."""
    source = PROGRAMS.get(name, Path(__file__).parent / name)
    return build.program(toolchain(), BuildRequest((source,)), build.driver(toolchain()))


def planted(name: str, kind: Kind, way: Way = Way.ASKED, target: str = "") -> Delivery:
    """A canary on its way to the program."""
    return Delivery(mint(7, name, kind, 1), way, target)


def executions(
    name: str,
    *arguments: str,
    crash: str = "none",
    stage: Stage = ANY,
    canaries: Sequence[Delivery] = (),
    environment: dict[str, str] | None = None,
    at_most: int = 3,
    crashes: int = 2,
    proof: Callable[[bytes], None] | None = None,
) -> list[Event]:
    """What the driver tells of each execution. Three by default: the second must find everything as the first did.

    After each the driver compares what it has put back of its own state with what it was before the first. ``proof``
    takes the record of them, where the stage has one.
    """
    config = DriverConfig(crash=crash, crashes=crashes, every=True, executions=at_most, seconds=SECONDS)
    found, _ = batch(
        name, arguments, config, stage=stage, canaries=canaries, environment=environment, proof=proof
    )
    assert found, "the driver has told of no execution"
    return found


def batch(
    name: str,
    arguments: Sequence[str],
    config: DriverConfig,
    *,
    stage: Stage,
    canaries: Sequence[Delivery] = (),
    environment: dict[str, str] | None = None,
    proof: Callable[[bytes], None] | None = None,
) -> tuple[list[Event], StageReport]:
    """What the driver tells, and the core of the stage."""
    program, driver = built(name), build.driver(toolchain())
    with Shared("core", size_of([stage], **LIMITS)) as core:
        engine = Engine([stage], 7, memory=core.memory, **LIMITS)
        vault, control_block = Vault(canaries), ControlBlock()
        piped = Piped(proof) if proof is not None else None
        also = () if piped is None else (piped.descriptor,)
        config = attrs.evolve(config, proof=sum(also))
        control_block.configure(attrs.evolve(config, canaries=len(vault.deliveries), sources=len(vault.planted)))
        command = Command(driver, program.path, arguments, plain_environment(environment or {}))
        process = Driver(command, control_block, vault.shared.descriptor, core.descriptor, also=also)
        found: list[Event] = []
        try:
            for event in process.events(SECONDS):
                if isinstance(event, RawExecution):
                    found.append(event)
                    process.go()
        except DriverError as error:
            raise AssertionError(named(driver, str(error))) from error
        finally:
            process.close()
            if piped is not None:
                piped.close()
            vault.close()
            control_block.close()
        assert process.ending is not None
        assert process.ending.status == 0, process.ending
        return found, engine.report(0)


def assert_passes(events: Sequence[Event], problems: Sequence[Note] = ()) -> None:
    """Its own assertions held in each execution, and each was the same: everything was put back."""
    assert len(events) >= 2
    for event in events:
        assert event.bug is None, event.bug
        assert (event.state, event.status) == (End.EXITED, 0), event
        assert [problem.kind for problem in event.problems] == list(problems), event.problems
    assert len({(event.trace_hash, event.steps) for event in events}) == 1


def bugs(events: Sequence[Event]) -> set[BugKind]:
    """Kinds of bug that were met."""
    return {event.bug.kind for event in events if event.bug}


def leaked(event: Event) -> set[str]:
    """Names of the dumps of an execution that hold a canary."""
    return {hit.dump for hit in event.hits}
