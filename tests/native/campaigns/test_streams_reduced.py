"""What threads and handlers print, format and flush: partial order reduction loses nothing that any schedule shows.

``struck.c`` prints into memory, on standard streams and into files, as its arguments say: see
``test_handlers_reduced.py``. How long each file and stream has become, and whether the secret is in it, is part of what
is compared.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from modelled import PROGRAMS, executions
from test_handlers_reduced import EVERY, ONE_OF_EACH, Drawn, compared, outcomes, steps

from redactfuzz import Report, Verdict, explore, native
from redactfuzz.model.plan import Stage
from redactfuzz.native.drive.numbers import End, Where

pytestmark = pytest.mark.once

CHANGES = "NNyyyssKW"
PRINTS = "EMPPPSSHCUR"
STREAMS = "YYOOZBBVG"
BESIDE = "lmuAAFFawxXekb"
DENSE = "yyyNsPPPSSE"
"""What changes a text, and what shows how long it is."""
SEEDS = range(24)
MOST = 4_000
"""Schedules of a program that is drawn: beyond, another one is. With 30,000, four of five are small enough."""


def some(chance: random.Random, *most: int) -> str:
    """So many steps, of which most have to do with streams."""
    kinds = (CHANGES, CHANGES, PRINTS, PRINTS, PRINTS, STREAMS, STREAMS, BESIDE)
    return "".join(steps(chance, chance.choice(kinds), 1) for _ in range(chance.choice(most)))


def dense(chance: random.Random, most: int) -> str:
    return "".join(steps(chance, DENSE, 1) for _ in range(most)).replace("P0", "P1").replace("S0", "S1")


def drawn(seed: int) -> Drawn:
    """Without a crash there is room for most: two threads of two or three steps."""
    chance = random.Random(f"streams {seed}")
    handler = chance.choice(("", "-", "-")) + some(chance, 1, 2)
    match chance.randrange(8):
        case 0 | 1:
            return Drawn(handler, (dense(chance, 2), dense(chance, 2) + chance.choice(("", "", "e01"))), crash="none")
        case 2 | 3:
            return Drawn(handler, (some(chance, 2), some(chance, 2, 3)), crash="none")
        case 4 | 5:
            other = chance.choice((some(chance, 1), some(chance, 1), "A01F01", "F01A01"))
            return Drawn(handler, (f"K{chance.choice('01')}1" + some(chance, 1), other), crash="kill")
        case _:
            return Drawn(handler, (some(chance, 1), some(chance, 1, 2)))


def ends(handler: str, *threads: str, crash: str = "none", stage: Stage = ONE_OF_EACH) -> set[tuple[Any, ...]]:
    """How it ends, and one leak; without a crash all that leaks, and how long its streams are."""
    return outcomes(Drawn(handler, threads, crash=crash), stage)[1]


def lengths(stream: str, *threads: str) -> set[int]:
    return {dict(files).get(stream, 0) for *_, files in ends("", *threads)}


def test_what_every_schedule_prints_is_printed_by_one_execution_of_each_class() -> None:
    whole = [done for done in (compared(drawn(seed), MOST) for seed in SEEDS) if done[0]]
    assert len(whole) > len(SEEDS) / 4
    assert sum(ways > 1 for _, _, ways in whole) > 1
    assert sum(few for few, _, _ in whole) < sum(many for _, many, _ in whole) / 5


def test_a_line_is_printed_as_long_as_it_was_before_or_after_others_have_cut_it() -> None:
    """It is read where it is printed: nothing else tells that the two steps have to do with one another."""
    assert lengths("stderr", "y11y02", "S11") == {7, 4, 2}


def test_a_text_is_found_behind_values_of_all_types() -> None:
    events = executions("conversions.c", stage=ONE_OF_EACH, at_most=100)
    assert {(event.state, event.status) for event in events} == {(End.EXITED, 2), (End.EXITED, 6)}
    assert len(events) == 2  # where something of the format were unknown it would be taken to touch everything


def test_what_is_printed_comes_before_the_end_of_the_process_or_after_it() -> None:
    assert lengths("stderr", "e01", "C11C12") == {0, 1, 2}


def test_a_buffer_that_was_not_flushed_is_lost_with_the_process_that_ends_at_once() -> None:
    assert lengths("stdout", "C01e01") == {0}
    assert lengths("stdout", "C01X01") == {1}


def test_a_text_that_waits_for_the_heap_to_give_a_buffer_is_printed_once_and_beside_that_of_others() -> None:
    """Both threads are about to print first, and one is in the midst of malloc."""
    found = ends("", "K01J01P01Y02", "C01Y02")
    assert {(leak[0], leak[3]) for *_, leaks, _ in found for leak in leaks} == {("stdout", 8)}
    assert {(len(leaks), *files) for *_, leaks, files in found} == {(1, ("stdout", 7 + 8 + 1 + 1))}


def test_what_libc_leaves_below_the_stack_pointer_is_in_the_dump_while_steps_tell_what_they_touch() -> None:
    """The runtime told it on the program's own stack, over what formatting a text of another thread had left there."""
    few, many = (ends("", "K01M02", "N03", crash="kill", stage=stage) for stage in (ONE_OF_EACH, EVERY))
    assert few == many
    assert any(leak[1] is Where.STACK for *_, leak in few)


def searched(*flags: str, crash: str) -> Report:
    scenario = native.scenario(PROGRAMS["printed.c"], flags=flags, crash=crash, second_crash=False)
    return explore(scenario, strategy="dpor", seconds=120.0, executions=20_000, seed=1)


@pytest.mark.parametrize("crash", ["SIGSEGV", "none"])
def test_a_program_that_formats_and_prints_is_proved(
    crash: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    report = searched(crash=crash)
    assert report.verdict is Verdict.PROVED, report


def test_its_twin_that_formats_where_the_handler_prints_leaks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    report = searched("-DSHARED", crash="SIGSEGV")
    assert report.verdict is Verdict.LEAK, report
    assert report.finding is not None
    assert {leak.dump for leak in report.finding.leaks} == {"stderr"}


def test_a_program_that_prints_beside_a_core_is_proved_by_few_executions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of another order (more than 20,000) where each line that is printed had to do with all that others do."""
    monkeypatch.chdir(tmp_path)
    report = explore(native.scenario(PROGRAMS["rounds.c"]), strategy="dpor", seconds=120.0, executions=20_000, seed=1)
    assert report.verdict is Verdict.PROVED, report
    assert report.certificate is not None
    assert "one schedule of each class between all stores: all, 36 executions" in report.certificate.covered
