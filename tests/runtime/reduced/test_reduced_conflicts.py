"""What stands in the way of a proof is told by name and line; once it is gone there is a proof, or the next thing."""

from __future__ import annotations

import inspect
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from driving import run

from redactfuzz import Race, Verdict, explore, scenario
from redactfuzz.model.plan import Isolation, Policy, Stage
from redactfuzz.model.schedule import Granularity

FILE = Path(__file__).name


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Findings are kept in a folder of the test."""
    monkeypatch.chdir(tmp_path)


def line_of(function: Callable[..., object], text: str) -> int:
    """Where a text stands in a function."""
    lines, first = inspect.getsourcelines(function)
    return first + next(number for number, line in enumerate(lines) if text in line)


class Store:
    """What the threads of a body share."""

    flag = 0


def hashes(store: Store) -> None:
    for _ in range(3):
        zlib.crc32(b"x")


def shows_class(store: Store) -> None:
    for _ in range(2):
        zlib.Z_BEST_SPEED.__class__.__mro__  # noqa: B018


def writes(store: Store) -> None:
    for number in range(5):
        store.flag = number


def rests(store: Store) -> None:
    row = []
    for number in range(3):
        row.append(number)


def in_the_way(*works: Callable[[Store], None], executions: int = 300) -> tuple[str, tuple[str, ...]]:
    """The verdict, and what it lists, where these work beside one another."""

    @scenario
    def body(race: Race) -> None:
        key = race.canary("key").text
        mask = race.redactor(lambda line: line.replace(key, "[key]"))
        store = Store()
        for work in works:
            race.thread(work, store)
        race.crash(lambda: mask(key))

    report = explore(body, strategy="dpor", executions=executions)
    assert report.verdict in (Verdict.PROVED, Verdict.NO_LEAK_FOUND), report.reason
    assert report.certificate is not None
    return report.verdict, report.certificate.obstacles


def test_an_unknown_call_comes_first_with_its_line() -> None:
    verdict, (first, *others) = in_the_way(hashes, hashes, writes, writes)
    assert verdict is Verdict.NO_LEAK_FOUND
    assert "zlib.crc32 at " in first
    assert f"{FILE}:{line_of(hashes, 'zlib.crc32')}, taken to touch everything: " in first
    assert any("-- " in line for line in others)


def test_without_the_call_the_next_thing_is_first() -> None:
    _, (first, *_) = in_the_way(writes, writes, writes, writes)
    place = f"{FILE}:{line_of(writes, 'store.flag')}"
    assert first.startswith(("app", "/", place))
    assert f"{place} -- " in first
    assert f"{place} (flag), whose order matters: " in first


def test_without_both_it_is_proved() -> None:
    assert in_the_way(rests, rests, executions=3_000) == (Verdict.PROVED, ())


def test_of_two_unknown_calls_the_one_that_costs_more_is_first() -> None:
    _, lines = in_the_way(hashes, hashes, shows_class, shows_class, executions=600)
    calls = [line.split(" at ")[0] for line in lines if "taken to touch everything" in line]
    assert set(calls) == {"zlib.crc32", "LOAD_ATTR of type"}
    times = [int(line.split(": ")[1].split()[0].replace(",", "")) for line in lines if "taken to" in line]
    assert times == sorted(times, reverse=True)


def test_the_same_is_told_of_executions_in_processes_of_their_own() -> None:
    def body(race: Race) -> None:
        race.canary("key")
        for _ in range(2):
            race.thread(hashes, Store())

    stages = (Stage(Policy.DPOR, Granularity.SWITCHES),)
    here, apart = (
        run(body, stages, executions=20, isolation=isolation).counters.stages[0].conflicts
        for isolation in (Isolation.NONE, Isolation.PROCESS)
    )
    assert here == apart
    (call,) = {call for one in apart for call in one.unknown}
    assert (call.name, call.spot.line) == ("zlib.crc32", line_of(hashes, "zlib.crc32"))
    assert Path(call.spot.file).name == FILE


def waits(store: Store) -> None:
    while not store.flag:
        time.sleep(0)


def sets(store: Store) -> None:
    store.flag = 1


def test_a_loop_that_was_cut_is_told_with_its_line() -> None:
    _, lines = in_the_way(waits, sets, executions=2_000)
    (line,) = [line for line in lines if line.startswith("loops that yield")]
    assert f"{FILE}:{line_of(waits, 'time.sleep')}" in line


@pytest.mark.once  # on 3.14 nothing of it is unknown, so that there is no line to look at
def test_no_name_that_holds_a_secret_is_told() -> None:
    secrets = []

    @scenario
    def body(race: Race) -> None:
        key = race.canary("key").text
        secrets.append(key)
        mask = race.redactor(lambda line: line.replace(key, "[key]"))
        kind = type(key, (), {"__slots__": ("flag",)})
        room: dict[str, object] = {}
        work = f"def work(one):\n one.flag = 1\n getattr(one, 'x{key}', 0)\n one.flag\n"
        exec(compile(work, f"{key}.py", "exec"), room)
        one = kind()
        for _ in range(3):
            race.thread(room["work"], one)  # type: ignore[arg-type]
        race.crash(lambda: mask(key))

    report = explore(body, strategy="dpor", executions=400)
    assert report.certificate is not None, report.reason
    lines = report.certificate.obstacles
    assert any("taken to touch everything" in line or "whose order matters" in line for line in lines)
    assert secrets
    assert not [line for line in lines for secret in secrets if secret in line]
    assert any("[key" in line or "canary" in line for line in lines), lines
