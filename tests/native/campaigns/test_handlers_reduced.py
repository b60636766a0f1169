"""The end of a process, and a handler of its crash, as steps: nothing that any schedule shows is lost.

``struck.c`` installs a handler that writes memory and files and ends the process, as its arguments say, while the other
threads go on. Each program is run under every schedule with every crash, and reduced. The rules of the
core have mutants in ``tests/unit/core/test_dpor.py``.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

import attrs
import pytest
from modelled import Event, executions, planted

from redactfuzz.model.canary import token
from redactfuzz.model.plan import Policy, Stage
from redactfuzz.model.schedule import Granularity
from redactfuzz.native.drive.numbers import End, Where

pytestmark = pytest.mark.once

EVERY = Stage(Policy.EXHAUSTIVE, Granularity.INSTRUCTIONS)
ONE_OF_EACH = Stage(Policy.DPOR, Granularity.INSTRUCTIONS)
CANARIES = (planted("key", token(8)),)
MOST = 8_000
"""Schedules of a program that is drawn: beyond, another one is."""
SEEDS = {1: (0, 1, 2, 3, 7, 9, 11), 2: (1, 6, 13, 16, 21, 25, 26, 36, 42, 44)}
"""By crashes: those below 12 and 48 whose programs have few schedules."""
KINDS = "ssslllttaamuKKKWWwggAFjexxiodT"
IN_HANDLER = "slltamuKWwwggFjexdq"
FILES = ("ssllKKKWWAFexxpppcccfhnrzvvoi", "slKWFecppfhnrzvq")
"""The same with files that threads and the handler open, write, cut, rename and close."""
FILE_SEEDS = {1: (3, 7, 9, 11, 13, 14, 16, 17, 20, 22, 24, 25, 26, 29, 31, 32), 2: (1029, 1032, 1125, 1144, 1148)}
"""Those below 40, and from 1000 on, in the same way."""


@attrs.frozen
class Drawn:
    """A program: what its handler does, the steps of its threads, and how often the crash may strike."""

    handler: str
    threads: tuple[str, ...]
    crashes: int = 1
    crash: str = "SIGSEGV"


def steps(chance: random.Random, kinds: str, most: int) -> str:
    return "".join(
        f"{chance.choice(kinds)}{chance.choice('01')}{chance.randrange(1, 4)}" for _ in range(chance.randint(1, most))
    )


def drawn(seed: int, crashes: int = 1, kinds: tuple[str, str] = (KINDS, IN_HANDLER)) -> Drawn:
    chance = random.Random(seed)
    handler = chance.choice(("", "-", "-")) + steps(chance, kinds[1], 2)
    three = chance.random() < 0.15 and crashes == 1
    threads = [steps(chance, kinds[0], 1 if three or crashes > 1 else 2) for _ in range(3 if three else 2)]
    return Drawn(handler, tuple(threads), crashes)


def what(event: Event) -> set[tuple[object, ...]]:
    """How it ended, and each dump that leaks: of a process that was killed each for itself."""
    assert event.state is not End.CUT  # each schedule met the program that it was made for
    bug = event.bug.kind if event.bug else None
    ended = (event.state, event.status, bug)
    leaks = sorted({(hit.dump, hit.where, hit.thread, hit.length) for hit in event.hits if not hit.allowed})
    if event.state is End.KILLED:
        return {(*ended, leak) for leak in leaks} | ({ended} if bug else set())
    return {(*ended, tuple(leaks), tuple((file.name, file.size) for file in event.files))}


def outcomes(program: Drawn, stage: Stage, at_most: int = MOST) -> tuple[int, set[tuple[object, ...]]]:
    events: Sequence[Event] = executions(
        "struck.c",
        program.handler,
        *program.threads,
        crash=program.crash,
        stage=stage,
        canaries=CANARIES,
        at_most=at_most,
        crashes=program.crashes,
    )
    return len(events), set[tuple[object, ...]]().union(*map(what, events))


def compared(program: Drawn, at_most: int = MOST) -> tuple[int, int, int]:
    """Executions with the reduction and without, and ways in which they end; three times 0: too many."""
    many, expected = outcomes(program, EVERY, at_most)
    if many >= at_most:
        return 0, 0, 0
    few, found = outcomes(program, ONE_OF_EACH, at_most)
    assert few < at_most
    # Others go on between stores to a thread's own stack where a class is run, and in no other enumeration.
    more = {each for each in found - expected if each[0] is not End.KILLED}
    assert not expected - found | more, f"{program}: lost {expected - found}, more {more}"
    return few, many, len(expected)


@pytest.mark.parametrize("crashes", [1, 2])
def test_what_every_schedule_comes_to_is_found_by_one_execution_of_each_class(crashes: int) -> None:
    whole = [compared(drawn(seed, crashes)) for seed in SEEDS[crashes]]
    assert all(few for few, _, _ in whole)  # none has more schedules than are run
    assert sum(ways > 1 for _, _, ways in whole) > 1
    assert sum(few for few, _, _ in whole) < sum(many for _, many, _ in whole) / 5


@pytest.mark.parametrize("crashes", [1, 2])
def test_files_that_threads_and_the_handler_change_end_as_under_every_schedule(crashes: int) -> None:
    whole = [compared(drawn(seed, crashes, FILES)) for seed in FILE_SEEDS[crashes]]
    assert all(few for few, _, _ in whole)
    assert sum(ways > 1 for _, _, ways in whole) > 1
    assert sum(few for few, _, _ in whole) < sum(many for _, many, _ in whole) / 5


def test_what_others_do_on_their_stacks_while_a_handler_runs_is_in_the_core_that_it_leaves() -> None:
    """The thread leaves a frame once the handler has written, and the handler dies of abort() in the midst of it."""
    _, found = outcomes(Drawn("s01q01", ("T01", "K13")), ONE_OF_EACH)
    assert (End.KILLED, 6, None, ("core", Where.STACK, 3, 8)) in found


@pytest.mark.parametrize("call", "aifrt")
def test_a_call_that_only_asks_for_a_descriptor_comes_before_and_after_its_close(call: str) -> None:
    """posix_fadvise, ioctl, posix_fallocate, readahead, isatty: they had no point, or looked before it."""
    found = executions("asked.c", call, stage=ONE_OF_EACH, canaries=CANARIES, at_most=MOST)
    assert len(found) in range(2, MOST)
    assert any(not hit.allowed for event in found for hit in event.hits)
