"""A worker that gives no sign of life is ended; one that waits for somebody else by a limit of its own gives some."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from redactfuzz.cli import worker
from redactfuzz.cli.worker import Finished, Task, Worker, start
from redactfuzz.silence import Silence, alive

LIMIT = 2.0


def waits() -> None:
    time.sleep(60)


def spins() -> None:
    while True:
        pass


def looks() -> None:
    until = time.monotonic() + 2 * LIMIT
    while time.monotonic() < until:
        alive()
        time.sleep(0.01)


def running(work: Callable[[], None], limit: float = LIMIT) -> Worker:
    def task(_output: object, _isolated: object) -> int:
        work()
        return 0

    @contextmanager
    def job() -> Iterator[list[Task]]:
        yield [Task("works", task)]

    made = start(job, 0, isolated=False)
    made._limit = limit
    return made


@pytest.mark.parametrize("work", [waits, spins])
def test_a_worker_that_shows_nothing_is_ended_at_its_limit(work: Callable[[], None]) -> None:
    hangs = running(work)
    began = time.monotonic()
    messages = list(hangs.messages())
    assert not any(isinstance(each, Finished) for each in messages)
    assert hangs.how == f"gave no sign of life for {LIMIT:g} s and was killed"
    assert time.monotonic() - began >= LIMIT


def test_a_worker_that_only_waits_for_another_process_shows_that() -> None:
    lives = running(looks)
    assert Finished(0) in list(lives.messages())
    assert lives.how == ""


def test_a_worker_that_the_machine_does_not_let_run_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stands in line for a processor at each look, as /proc shows it."""

    def in_line(pid: int) -> Silence:
        task = tmp_path / str(pid) / "task" / str(pid)
        task.mkdir(parents=True)
        for name, text in (("stat", f"{pid} (it) R 1"), ("schedstat", "1 1 1"), ("children", "")):
            (task / name).write_text(text)
        return Silence(pid, tmp_path)

    monkeypatch.setattr(worker, "Silence", in_line)
    lives = running(lambda: time.sleep(2), limit=1.0)
    assert Finished(0) in list(lives.messages())
