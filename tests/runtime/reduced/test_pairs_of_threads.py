"""Which places of a scenario in Python met over memory in one execution."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from driving import bounded, run

from redactfuzz import Race
from redactfuzz.model.outcome import OVERWRITES, Outcome
from redactfuzz.model.plan import Isolation
from redactfuzz.model.schedule import Granularity, Schedule

HERE = __name__


def line(function: Any, text: str) -> str:
    """The place of the line of ``function`` that holds this text."""
    source = function.__code__
    lines = Path(source.co_filename).read_text("utf-8").splitlines()[source.co_firstlineno - 1 :]
    number = next(number for number, each in enumerate(lines) if text in each)
    return f"{HERE}:{source.co_qualname}+{number}"


class Account:
    total = 0


def adds(account: Account, more: int) -> None:
    seen = account.total
    len("a point lies here")
    account.total = seen + more


def update(race: Race) -> None:
    account = Account()
    race.thread(adds, account, 1, name="one")
    race.thread(adds, account, 2, name="two")
    race.crash(lambda: "")


READS, WRITES = line(adds, "seen = account.total"), line(adds, "account.total = seen")


def covered(body: Any, schedule: Schedule | None = None, **fields: Any) -> Outcome:
    schedule = schedule or Schedule(Granularity.CALLS)
    return run(body, schedule=schedule, describe=True, pairs=True, **fields).only


def of(outcome: Outcome, function: str) -> set[tuple[str, str]]:
    """Those of which both places lie in it."""
    return {pair for pair in outcome.pairs if all(f":{function}+" in each for each in pair)}


def test_one_after_the_other_the_second_sees_what_the_first_has_written() -> None:
    assert of(covered(update), "adds") == {(WRITES, READS)}


def test_an_update_that_is_lost_is_another_pair() -> None:
    found = run(update, bounded(1, Granularity.CALLS), describe=True)
    pairs = [of(covered(update, outcome.schedule), "adds") for outcome in found.outcomes]
    assert {(WRITES, WRITES + OVERWRITES)} in pairs
    assert {(WRITES, READS)} in pairs


@pytest.mark.parametrize("isolation", [Isolation.NONE, Isolation.PROCESS])
def test_the_places_are_the_same_in_each_process_and_at_each_granularity(isolation: Isolation) -> None:
    for granularity in Granularity:
        outcome = covered(update, Schedule(granularity), isolation=isolation)
        assert of(outcome, "adds") == {(WRITES, READS)}, granularity


def test_without_being_asked_nothing_is_noted_and_the_way_is_the_same() -> None:
    plain = run(update, schedule=Schedule(Granularity.CALLS), describe=True).only
    asked = covered(update)
    assert plain.pairs == frozenset() != asked.pairs
    assert (plain.trace_hash, plain.steps, plain.state) == (asked.trace_hash, asked.steps, asked.state)


def test_attributes_of_one_object_are_places_of_their_own() -> None:
    class Two:
        first = second = 0

    def writes(two: Two) -> None:
        two.first = 1

    def looks(two: Two) -> int:
        return two.second

    def body(race: Race) -> None:
        two = Two()
        race.thread(writes, two)
        race.thread(looks, two)
        race.crash(lambda: "")

    assert not of(covered(body), "writes")
    assert not any("looks" in other for writer, other in covered(body).pairs if "writes" in writer)


def holds(lock: threading.Lock) -> None:
    with lock:
        pass


def test_a_lock_is_handed_on_from_where_it_is_let_go_of() -> None:
    def body(race: Race) -> None:
        lock = threading.Lock()
        race.thread(holds, lock, name="one")
        race.thread(holds, lock, name="two")
        race.crash(lambda: "")

    taken = line(holds, "with lock")
    assert (taken, taken) in of(covered(body), "holds")


def test_a_handler_meets_what_a_thread_has_written() -> None:
    def writes(account: Account) -> None:
        account.total = 5

    def body(race: Race) -> None:
        account = Account()
        race.thread(writes, account)
        race.crash(lambda: account.total, by="watchdog")

    met = {other for writer, other in covered(body).pairs if "writes" in writer}
    assert any("<lambda>" in other for other in met)
