"""What is handed to a thread made before the scenario is not controlled, and a forked process has no such thread."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path

import pytest

from redactfuzz import Race, Report, Verdict, explore

Job = Callable[[], object]
MADE_BEFORE = "made before the scenario"


def handed(hand: Callable[[Job], object], *, masked: bool = False, isolation: str = "process") -> Report:
    """A thread hands over a job, which dumps, and may wait for it."""

    def scenario(race: Race) -> None:
        key = race.canary("key")
        text = key.text
        mask = race.redactor(lambda value: value.replace(text, "[key]"))
        race.thread(lambda: hand(lambda: race.dump(mask(text) if masked else text)))
        race.crash(lambda: mask(text))

    return explore(scenario, executions=60, isolation=isolation)


@contextmanager
def executor(name: str) -> Iterator[ThreadPoolExecutor]:
    """One that is ended whatever the scenarios left of it.

    A thread that is ended with its execution, just when it has taken a lock and before the `with` is entered, never
    releases it: in process that is the executor's own, for which its thread then waits.
    """
    pool = ThreadPoolExecutor(1, name)
    try:
        yield pool
    finally:
        pool.shutdown(wait=False)
        for thread in pool._threads:
            thread.join(10)
            if thread.is_alive():
                pool._idle_semaphore._cond._lock.release()  # type: ignore[attr-defined]
                thread.join(10)
            assert not thread.is_alive()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For repro files."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("isolation", ["process", "none"])
def test_a_job_for_an_executor_that_has_a_thread_is_no_pass(isolation: str) -> None:
    with executor("before") as pool:
        pool.submit(int).result()
        report = handed(lambda job: pool.submit(job).result(), isolation=isolation)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert MADE_BEFORE in str(report.reason)
    assert "before_0" in str(report.reason)


def test_what_an_expired_wait_for_it_shows_is_no_leak() -> None:
    with executor("beside") as pool:
        pool.submit(int).result()

        def scenario(race: Race) -> None:
            key = race.canary("key")
            text = key.text
            mask = race.redactor(lambda value: value.replace(text, "[key]"))
            record = {"key": text}

            def works() -> None:
                wait([pool.submit(lambda: record.update(key=mask(record["key"])))], timeout=50)
                race.dump(dict(record))

            race.thread(works)
            race.crash(lambda: mask(text))

        report = explore(scenario, executions=60, isolation="process")
    assert report.verdict is Verdict.INCONCLUSIVE
    assert MADE_BEFORE in str(report.reason)


def test_a_job_for_a_thread_at_a_queue_is_no_pass() -> None:
    jobs: queue.Queue[Job | None] = queue.Queue()

    def works() -> None:
        while (job := jobs.get()) is not None:
            job()

    thread = threading.Thread(target=works, name="works")
    thread.start()
    report = handed(jobs.put)  # nobody waits for it
    jobs.put(None)
    thread.join()
    assert report.verdict is Verdict.INCONCLUSIVE
    assert "'works'" in str(report.reason)


def test_a_wait_for_a_thread_that_looks_now_and_then_is_no_pass() -> None:
    jobs: list[Job] = []
    leave = False

    def looks() -> None:
        while not leave:
            while jobs:
                jobs.pop()()
            time.sleep(0.005)

    def hand(job: Job) -> None:
        done = threading.Event()
        jobs.append(lambda: (job(), done.set()))
        done.wait()

    thread = threading.Thread(target=looks, name="looks")
    thread.start()
    report = handed(hand)
    leave = True
    thread.join()
    assert report.verdict is Verdict.INCONCLUSIVE
    assert "'looks'" in str(report.reason)


def test_threads_that_nothing_is_handed_to_are_no_reason() -> None:
    def hand(job: Job) -> None:
        with ThreadPoolExecutor(1) as own:
            wait([own.submit(job)], timeout=50)

    with executor("beside") as pool:
        pool.submit(int).result()
        assert handed(hand, masked=True, isolation="auto").verdict is Verdict.NO_LEAK_FOUND
        assert handed(hand, isolation="auto").verdict is Verdict.LEAK


def test_an_executor_that_has_no_thread_yet_starts_it_in_the_scenario() -> None:
    cold = ThreadPoolExecutor(1)
    assert handed(lambda job: cold.submit(job).result()).verdict is Verdict.LEAK
