"""``redactfuzz check FILE --rerun K``: a part of a certificate is executed again, in a process of its own."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path, PurePosixPath
from random import Random

import attrs
import click

from redactfuzz.campaign.face.scenario import program_spec, spec_of
from redactfuzz.campaign.files import agreed
from redactfuzz.campaign.session.spec import OptionError, ScenarioSpec, Settings
from redactfuzz.campaign.session.streamed import ended, forked
from redactfuzz.check import Rejected
from redactfuzz.check.reading import Lines
from redactfuzz.cli import hash_seed
from redactfuzz.cli.found import before
from redactfuzz.cli.given import drawn, unbound
from redactfuzz.cli.load import LoadError, loaded
from redactfuzz.cli.worker import leave_no_core
from redactfuzz.model.texts.shell import quoted
from redactfuzz.native.run.program import Program, ProgramError, from_json
from redactfuzz.report.lines import say
from redactfuzz.rerun.again import Done, again
from redactfuzz.rerun.executed import Runner
from redactfuzz.rerun.facts import Facts
from redactfuzz.rerun.leaves import Sample, sampled
from redactfuzz.threads.process.child import ChildError

_GRACE_SECONDS = 30.0
"""Beyond the time that was given, for an execution that is on its way; then its process is ended."""
_HASH_SEEDS = 2**32


@attrs.frozen
class Asked:
    """What the command line says."""

    count: int
    seed: int
    seconds: float
    target: str
    trust: bool
    unconfined: bool


@attrs.frozen
class _Code:
    """Where what is executed again lies. ``root``: where names of the certificate are seen from."""

    path: Path
    name: str
    """Of a scenario in Python."""
    root: Path
    alone: Path | None
    """The file in the place of its only source."""
    program: Program | None


@attrs.frozen
class _Failed:
    """What came of it in place of more to execute."""

    why: str
    usage: bool = False


def begin(file: Path) -> None:
    """Before anything else: what is read twice is a file, and sets are in the order in which the search had them."""
    if file.exists() and not file.is_file():
        raise click.UsageError(f"{file}: --rerun needs a file, which is read more than once")
    with contextlib.suppress(Rejected, OSError), file.open("rb") as opened:  # which the check says in its turn
        seed = next(iter(Lines(opened)), {}).get("hash_seed")
        if type(seed) is str and seed.isascii() and seed.isdigit() and int(seed[:11]) < _HASH_SEEDS:
            hash_seed.change(seed)


def rerun(file: Path, asked: Asked) -> Iterator[str]:
    """What is to be said of what was executed again. ``file`` was accepted. Raises Rejected, click.UsageError."""
    chance = Random(asked.seed)
    with file.open("rb") as opened:
        sample = sampled(opened, asked.count, chance)
    facts = Facts.of(sample.facts)
    code = _code(facts, file, asked)
    facts.same_code(code.root, code.alone)
    until = time.monotonic() + asked.seconds
    done = _executed(lambda connection: _work(facts, code, sample, asked, chance, until, connection), until, file)
    if done.leaves < len(sample.leaves) or done.orders < asked.count:
        said = f"the {asked.seconds:g} s were over behind {done.leaves:,} leaves and {done.orders:,} linearisations"
        raise Rejected(1, f"not all that was asked for was executed again: {said} (--seconds)")
    leaves = "all" if done.leaves == sample.executions else f"{done.leaves:,} of"
    leaves = f"{leaves} {sample.executions:,} {'leaf' if sample.executions == 1 else 'leaves'}"
    orders = f"{done.orders:,} {'linearisation' if done.orders == 1 else 'linearisations'}"
    yield f"{file}: {leaves} and {orders} executed again, seed {asked.seed}: alike."
    yield (
        "Sampled by these, not proved: that steps touch what it says, and that the same schedule does the same"
        f" ({done.moved:,} in another order than the recorded one)."
    )
    if done.parted:
        yield f"In {done.parted:,} linearisations some step was another one, and nothing else came out: {done.first}."
    yield "What dumps hold was looked for as in the search, in the forms that are known."


# -- which code


def _code(facts: Facts, file: Path, asked: Asked) -> _Code:
    """Says what is about to run. Raises UsageError where it is not there, or its reader has not agreed to run it."""
    target, _, name = asked.target.partition("::")
    given = Path(target) if target else None
    agrees = asked.trust or given is not None
    strange = (
        agreed.beyond(attrs.evolve(facts, path="here", program=_options(facts))) if given else agreed.beyond(facts)
    )
    if strange and not asked.trust:
        raise click.UsageError(
            f"{file}: it asks for {strange}. Read its header (zcat {quoted(str(file))} | head -1), and give --trust"
            " if all that it names may run, or --target PATH for its code."
        )
    root, path = _place(facts, given, file)
    inside = [each for each in agreed.paths(facts) if not (root / each).resolve().is_relative_to(root.resolve())]
    if inside and not agrees:
        raise click.UsageError(
            f"{file}: {inside[0]} is a link that leads out of this folder. Give --trust if it may run"
        )
    alone = path if path != root / facts.path else None
    if alone is not None and len(facts.sources) > 1:
        raise click.UsageError(f"{file}: it is of {len(facts.sources)} files: give --target the folder that has them")
    program = _program(facts, root, alone, file) if facts.program else None
    if program is None:
        for each in before(path, file, agrees=agrees):
            say(f"redactfuzz: importing {each}", sys.stderr)
    for line in agreed.announcement(facts, path):
        say(f"redactfuzz: {line}", sys.stderr)
    return _Code(path, name or facts.name, root, alone, program)


def _options(facts: Facts) -> dict[str, object]:
    """Of a program, all but where its sources lie."""
    return {name: value for name, value in facts.program.items() if name != "sources"}


def _place(facts: Facts, given: Path | None, file: Path) -> tuple[Path, Path]:
    """Where the names of the certificate are seen from, and its first file."""
    root = Path.cwd() if given is None or given.is_file() else given
    path = given if given is not None and given.is_file() else root / facts.path
    if not path.is_file():
        raise click.UsageError(
            f"{file}: its code, {path}, is not there. Change to the folder in which it was made, or give --target, the"
            " file or the folder that has it"
        )
    path = path.resolve()
    parts = PurePosixPath(facts.path).parts
    if given is not None and given.is_file() and path.parts[-len(parts) :] == parts:
        root = path.parents[len(parts) - 1]
    return root.resolve(), path


def _program(facts: Facts, root: Path, alone: Path | None, file: Path) -> Program:
    try:
        program = from_json(facts.program, root)
    except ProgramError as error:
        raise click.UsageError(f"{file}: {error}") from None
    if {str(each) for each in program.sources} != {str((root / name).resolve()) for name in facts.sources}:
        raise Rejected(1, "its program is made of other sources than it has hashes of")
    return program if alone is None else attrs.evolve(program, sources=(alone,))


# -- in a process of its own


def _executed(work: Callable[[Connection], None], until: float, file: Path) -> Done:
    """How far it has come. Raises Rejected, UsageError."""
    made, done = forked(work), Done()
    if made is None:
        raise click.UsageError(f"{file}: there is no room for another process")
    pid, connection = made
    try:
        while connection.poll(max(until + _GRACE_SECONDS - time.monotonic(), 0.0)):
            message = connection.recv()
            match message:
                case Done():
                    done = message
                case _Failed(why, usage):
                    if usage:
                        raise click.UsageError(f"{file}: {why}")
                    raise _rejected(why)
                case ChildError():
                    raise message
                case _:
                    return done
        return done
    except (EOFError, ConnectionError):
        said = f"behind {done.leaves:,} leaves and {done.orders:,} linearisations"
        raise Rejected(1, f"the process in which it was executed again has ended, {said}") from None
    finally:
        ended(pid, connection)


def _rejected(why: str) -> Rejected:
    """One whose line stands in its message already."""
    error = Rejected(1, why)
    error.args = (why,)
    return error


def _work(
    facts: Facts, code: _Code, sample: Sample, asked: Asked, chance: Random, until: float, connection: Connection
) -> None:
    """What scenarios print is dropped, since it may hold secrets."""
    leave_no_core()
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    try:
        with _spec(code) as spec:
            runner = Runner.of(spec, attrs.evolve(facts.options, unconfined=asked.unconfined))
            facts.same_tools(spec.target.record.build(spec.body))
            for done in again(runner, sample, asked.count, chance, until):
                connection.send(done)
        connection.send(None)
    except Rejected as error:
        connection.send(_Failed(str(error)))
    except (LoadError, OptionError) as error:
        connection.send(_Failed(str(error), usage=True))


@contextlib.contextmanager
def _spec(code: _Code) -> Iterator[ScenarioSpec]:
    """Raises LoadError, and Rejected where the file has no such scenario."""
    if code.program is not None:
        yield program_spec(code.program, Settings())
        return
    with loaded(code.path) as scenarios:
        found = next((each.function for each in scenarios if each.is_called(code.name)), None)
        if found is None or unbound(drawn(found)):
            raise Rejected(1, f"{code.path} has no scenario {code.name} that takes nothing but the Race")
        yield spec_of(drawn(found))
