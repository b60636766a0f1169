"""What a scenario's body may ask of its Race, and what it is told when it asks for something else."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from driving import bounded, randomly, run

from redactfuzz import Race, explore
from redactfuzz.model.outcome import Bug, BugKind
from redactfuzz.model.plan import Isolation
from redactfuzz.model.schedule import Granularity
from redactfuzz.model.verdict import Verdict

CALLS = Granularity.CALLS


def twice(what: Callable[[Race], Any]) -> Callable[[Race], None]:
    def body(race: Race) -> None:
        what(race)
        what(race)

    return body


def late(what: Callable[[Race], Any]) -> Callable[[Race], None]:
    """Asks for it in a thread."""
    return lambda race: race.thread(what, race)


WRONG: dict[str, tuple[Callable[[Race], Any], str]] = {
    "two canaries of one name": (twice(lambda race: race.canary("key")), "two canaries are named 'key'"),
    "two witnesses of one name": (twice(lambda race: race.witness("id", "x")), "two witnesses are named 'id'"),
    "two threads of one name": (twice(lambda race: race.thread(int, name="t")), "the name 't' is taken"),
    "two crashes of one name": (twice(lambda race: race.crash(int, name="c")), "the name 'c' is taken"),
    "a thread named main": (lambda race: race.thread(int, name="main"), "the name 'main' is taken"),
    "two mains": (twice(lambda race: race.main(int)), "race.main was called twice"),
    "a thread that cannot be called": (lambda race: race.thread(5), "race.thread needs a callable, not int"),
    "a crash that cannot be called": (lambda race: race.crash("x"), "race.crash needs a callable, not str"),  # type: ignore[type-var]
    "an unknown kind of crash": (lambda race: race.crash(int, by="fire"), "by is one of watchdog, exception"),
}
LATE: dict[str, tuple[Callable[[Race], Any], str]] = {
    "race.thread": (lambda race: race.thread(int), "race.thread belongs in the scenario's body"),
    "race.crash": (lambda race: race.crash(int), "race.crash belongs in the scenario's body"),
    "race.main": (lambda race: race.main(int), "race.main belongs in the scenario's body"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_makes_no_sense_is_an_error_that_says_what_to_do(case: str) -> None:
    body, message = WRONG[case]
    report = explore(body, executions=5, seconds=10.0)
    assert report.verdict is Verdict.ERROR
    assert report.reason is not None
    assert message in report.reason.what
    assert "redactfuzz/threads" not in str(report.reason)


@pytest.mark.parametrize("case", LATE)
def test_what_belongs_in_the_body_is_refused_elsewhere(case: str) -> None:
    what, message = LATE[case]
    bug: Bug = run(late(what)).bug
    assert message in bug.summary


def test_a_body_that_raises_is_an_error_with_the_place() -> None:
    def body(race: Race) -> None:
        raise LookupError("no keys")

    report = explore(body, executions=5, seconds=10.0)
    assert report.verdict is Verdict.ERROR
    assert report.reason is not None
    assert report.reason.what == "LookupError: no keys"
    assert "test_race_api.py" in report.reason.remedy


def test_threads_without_a_name_are_called_by_their_function_and_numbered() -> None:
    def body(race: Race) -> None:
        race.thread(int)
        race.thread(int)
        race.thread(lambda: None)
        race.crash(lambda: None)

    outcome = run(body).only
    assert outcome.threads == ("main", "int", "int-2", "thread")
    assert outcome.crashes == ("crash",)


def test_arguments_reach_the_threads_and_main() -> None:
    got: list[Any] = []

    def take(*args: Any, **kwargs: Any) -> None:
        got.append((args, kwargs))

    def body(race: Race) -> None:
        race.main(take, 1, 2)
        race.thread(take, 3, key=4)

    run(body)
    assert got == [((1, 2), {}), ((3,), {"key": 4})]


@pytest.mark.parametrize("isolation", [Isolation.NONE, Isolation.PROCESS])
def test_the_folder_of_an_execution_is_its_own_and_gone_afterwards(isolation: Isolation, tmp_path: Path) -> None:
    notes = tmp_path / "notes"

    def body(race: Race) -> None:
        folder = race.tmp_path
        assert folder is race.tmp_path
        assert list(folder.iterdir()) == []
        (folder / "sub").mkdir()
        (folder / "sub" / "file").write_text("text")
        with notes.open("a") as file:
            file.write(f"{folder}\n")

    assert not run(body, randomly(3), isolation=isolation).bugs
    folders = notes.read_text().split()
    assert len(set(folders)) == 3
    assert not any(Path(folder).exists() for folder in folders)


def test_the_sink_takes_text_and_bytes_by_every_way_and_is_emptied_for_each_execution() -> None:
    def body(race: Race) -> None:
        def write() -> None:
            race.sink.write("text ")  # type: ignore[arg-type]
            race.sink.write(b"bytes ")
            os.write(race.sink.fileno(), b"descriptor")

        race.thread(write)
        race.crash(lambda: None)

    ran = run(body, randomly(4, CALLS), crash_last=True)
    assert not ran.bugs
    assert ran.dumped == [[b"text bytes descriptor"]] * 4


def test_what_the_sink_held_when_the_process_died_is_the_dump() -> None:
    def body(race: Race) -> None:
        def write() -> None:
            for letter in b"abc":
                race.sink.write(bytes([letter]))

        race.sink.write(b"-")
        race.thread(write)
        race.crash(lambda: None)

    ran = run(body, bounded(1, CALLS))
    assert {data for (data,) in ran.dumped} == {b"-", b"-a", b"-ab", b"-abc"}


def test_a_log_handler_may_write_to_the_sink_and_a_leak_there_is_found() -> None:
    def body(race: Race) -> None:
        key = race.canary("key")
        logger = logging.Logger("scenario")
        logger.addHandler(logging.StreamHandler(race.sink))  # type: ignore[arg-type]
        race.thread(logger.warning, "signing with %s", key.text, name="logs")

    ran = run(body)
    assert not ran.bugs
    assert ran.only.leaks[0].dump == "sink"


def test_a_dump_of_any_thread_counts_and_is_frozen_at_that_moment() -> None:
    def body(race: Race) -> None:
        record = {"user": "a", "list": [1]}

        def work() -> None:
            race.dump(record)
            record["user"] = "b"
            record["list"].append(2)  # type: ignore[attr-defined]

        race.thread(work)

    assert run(body).dumped == [[{"user": "a", "list": [1]}]]


def test_a_canary_in_legitimate_use_when_the_handler_starts_does_not_count() -> None:
    def body(race: Race) -> None:
        key = race.canary("key")
        box = [key.text]
        key.allow()

        def wipe() -> None:
            box.clear()
            key.forbid()

        race.thread(wipe)
        race.crash(lambda: list(box))

    ran = run(body, bounded(1))
    assert ran.leaks == 0
    assert any(outcome.inspection.shown == {"key"} for outcome in ran.outcomes)


def test_forbidden_too_early_it_does_count() -> None:
    def body(race: Race) -> None:
        key = race.canary("key")
        box = [key.text]
        key.allow()

        def wipe() -> None:
            key.forbid()
            box.clear()

        race.thread(wipe)
        race.crash(lambda: list(box))

    assert run(body, bounded(1)).leaks > 0


def test_what_is_entered_is_closed_after_each_execution_in_reverse_order() -> None:
    log: list[str] = []

    @contextmanager
    def manager(name: str) -> Iterator[str]:
        log.append(f"enter {name}")
        yield name
        log.append(f"leave {name}")

    def body(race: Race) -> None:
        assert race.enter(manager("a")) == "a"
        race.enter(manager("b"))
        race.thread(lambda: log.append("thread"))
        race.crash(lambda: None)

    run(body, randomly(2, CALLS), crash_last=True)
    assert log == ["enter a", "enter b", "thread", "leave b", "leave a"] * 2


def test_a_manager_that_raises_when_it_is_closed_is_the_scenarios_fault() -> None:
    @contextmanager
    def manager() -> Iterator[None]:
        yield
        raise OSError("cannot close")

    bug = run(lambda race: race.enter(manager())).bug
    assert bug.kind is BugKind.SCENARIO
    assert bug.summary == "OSError: cannot close"


def test_the_race_shows_nothing_of_itself() -> None:
    seen: list[tuple[str, bool]] = []

    def body(race: Race) -> None:
        race.canary("key")
        seen.append((repr(race), hasattr(race, "__dict__")))

    run(body)
    assert seen == [("<Race>", False)]
