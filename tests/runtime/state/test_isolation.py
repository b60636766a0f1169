"""Cold paths are explored as often as warm ones; what kills a process kills a child."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import gc
import json
import os
import socket
import threading
import time
import warnings
from pathlib import Path
from typing import Any

import pytest
from driving import DEFAULT_ORDER, SEQUENTIAL, Ran, bounded, randomly, run

from redactfuzz import Race, explore, workplace
from redactfuzz.model.outcome import BugKind, ProblemKind
from redactfuzz.model.plan import Isolation
from redactfuzz.model.schedule import Granularity
from redactfuzz.model.verdict import Verdict
from redactfuzz.threads.run import single

CALLS = Granularity.CALLS
CACHE: dict[str, bytes] = {}
KEPT: list[str] = []


def plain(race: Race) -> None:
    box = [race.canary("key").text]
    scrub = race.redactor(lambda texts: ["[gone]" for _ in texts])
    race.thread(lambda: box.append("more"))
    race.crash(lambda: scrub(box))


def importing(race: Race) -> None:
    def work() -> int:
        import cold

        return cold.double(cold.VALUE)

    race.thread(work)
    race.crash(lambda: "dump")


def leaks_when_cold(race: Race) -> None:
    """The cache is filled at first use, and until it is, the key lies about."""
    key = race.canary("key")
    box = {"raw": ""}
    scrub = race.redactor(lambda record: {name: "gone" for name in record if name != "raw"} | {"raw": record["raw"]})
    bypassed = race.redactor(lambda text: "gone")

    def sign() -> None:
        if "sha" not in CACHE:
            box["raw"] = key.text
            int("1")
            CACHE["sha"] = b"1"
            box["raw"] = ""
        int("2")

    race.thread(sign)
    race.crash(lambda: {**scrub(box), "key": bypassed(key.text)})


def test_auto_runs_plain_code_in_this_process() -> None:
    assert run(plain, SEQUENTIAL, isolation=Isolation.AUTO).isolation is Isolation.NONE


def test_auto_gives_each_execution_a_process_when_a_module_is_imported_on_the_way() -> None:
    ran = run(importing, bounded(1, CALLS), isolation=Isolation.AUTO, executions=30)
    assert ran.isolation is Isolation.PROCESS
    first = ran.outcomes[0]
    assert first.steps > 50, "the import ran"
    assert "cold" not in __import__("sys").modules, "and left nothing here"


def test_a_leak_that_exists_only_on_the_cold_path_is_found_however_late_the_crash_comes_round_to_it() -> None:
    report = explore(leaks_when_cold, executions=200, seconds=40.0)
    assert report.verdict is Verdict.LEAK
    assert report.first_leak_execution is not None
    assert report.first_leak_execution > 1
    assert CACHE == {}


def test_without_isolation_the_same_leak_is_missed_and_that_the_path_changed_is_said() -> None:
    try:
        ran = run(leaks_when_cold, bounded(1, CALLS))
        assert ran.leaks == 0
        assert "went another way" in ran.problem(ProblemKind.NONDETERMINISM).what
    finally:
        CACHE.clear()


def test_with_isolation_by_process_it_is_found() -> None:
    ran = run(leaks_when_cold, bounded(1, CALLS), isolation=Isolation.PROCESS)
    assert 0 < ran.leaks < len(ran.outcomes)


def test_explorations_in_processes_give_the_same_traces_as_in_this_one() -> None:
    here = [outcome.trace_hash for outcome in run(plain, bounded(1)).outcomes]
    there = [outcome.trace_hash for outcome in run(plain, bounded(1), isolation=Isolation.PROCESS).outcomes]
    assert here == there


def exits() -> None:
    os._exit(3)


def faults() -> None:
    ctypes.string_at(0)


def test_what_kills_the_process_is_a_bug_with_the_way_there(tmp_path: Path) -> None:
    def body(race: Race) -> None:
        race.thread(int, name="first")
        race.thread(faults, name="dies")
        race.crash(lambda: "dump")

    running = tmp_path / "running.json"
    ran = run(body, DEFAULT_ORDER, isolation=Isolation.PROCESS, running_file=str(running))
    bug = ran.bug
    assert bug.kind is BugKind.DIED
    assert bug.thread == "dies"
    assert "was killed by SIGSEGV" in bug.summary
    assert [step.thread for step in ran.only.trace][-1] == "dies"
    assert json.loads(running.read_text())["execution"] == 1


def shows_and_dies(race: Race) -> None:
    """The key is dumped, printed and written to a file; then the process really dies."""
    key = race.canary("key")

    def work() -> None:
        race.dump(key.text)
        print(key.text, flush=True)
        path = race.tmp_path / "report"
        path.write_text(key.text)
        race.dump(path)
        faults()

    race.thread(work)
    race.crash(lambda: None)


def test_what_an_execution_had_shown_before_its_process_died_is_judged() -> None:
    outcome = run(shows_and_dies, DEFAULT_ORDER, isolation=Isolation.PROCESS).only
    assert outcome.bug is not None
    assert outcome.bug.kind is BugKind.DIED
    assert [leak.dump for leak in outcome.leaks] == ["dump by work", "dump by work", "stdout"]
    assert outcome.dumps == 3
    assert (outcome.canaries, outcome.crashes, outcome.anywhere) == (("key",), ("crash",), ())
    assert outcome.planted["key"]["kind"] == "token"


def test_where_nothing_could_be_noted_it_is_said_that_a_leak_may_be_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(*_: Any) -> None:
        raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))

    monkeypatch.setattr(single, "Remains", no_room)
    outcome = run(shows_and_dies, DEFAULT_ORDER, isolation=Isolation.PROCESS).only
    assert outcome.bug is not None
    assert outcome.bug.kind is BugKind.DIED
    assert [problem.kind for problem in outcome.problems] == [ProblemKind.UNREADABLE]


def test_nothing_is_left_of_an_execution_whose_process_died() -> None:
    def there() -> tuple[set[str], set[Path]]:
        return set(Path("/proc/self/fd").iterdir()), {path for made in workplace.made() for path in made.iterdir()}

    run(shows_and_dies, DEFAULT_ORDER, isolation=Isolation.PROCESS)  # what is made once in a process is there
    before = there()
    assert run(shows_and_dies, bounded(1, CALLS), isolation=Isolation.PROCESS, executions=3).leaks >= 2
    assert there() == before


def test_what_is_shown_when_the_process_counts_as_dead_is_not_judged_where_it_then_dies() -> None:
    def body(race: Race) -> None:
        key = race.canary("key")

        def works() -> None:
            len("work")
            race.dump(key.text)
            os.write(1, key.bytes)
            faults()

        race.thread(works)
        race.crash(lambda: "dump")

    ran = run(body, bounded(1, CALLS), isolation=Isolation.PROCESS, executions=6)
    died = {(outcome.dumps, len(outcome.leaks)) for outcome in ran.outcomes if outcome.bug is not None}
    assert died == {(2, 2), (3, 2), (1, 0)}, "before the crash struck, before its handler had ended, and after that"


def test_the_input_is_on_disk_before_the_execution_runs(tmp_path: Path) -> None:
    running = tmp_path / "running.json"

    def body(race: Race) -> None:
        assert json.loads(running.read_text())["seed"] == 7
        race.dump("there")

    ran = run(body, (*bounded(0, CALLS),), isolation=Isolation.PROCESS, running_file=str(running), executions=3)
    assert ran.counters.dumps == ran.counters.executions > 0
    assert not running.exists(), "every execution came to its end"


def test_auto_survives_code_that_kills_the_process_and_says_so() -> None:
    def body(race: Race) -> None:
        key = race.canary("key")
        scrub = race.redactor(lambda text: "gone")
        race.thread(exits)
        race.crash(lambda: scrub(key.text))

    report = explore(body, executions=30, seconds=30.0)
    assert report.verdict is Verdict.BUG
    assert report.finding is not None
    assert report.finding.bug is not None
    assert "os._exit(3)" in report.finding.bug.summary


def carries_over(race: Race) -> None:
    key = race.canary("key")
    scrub = race.redactor(lambda text: "gone")
    old = list(KEPT)
    KEPT.append(key.text)
    race.crash(lambda: [scrub(key.text), *old])


def test_a_canary_of_an_earlier_execution_is_reported_as_state_carried_over() -> None:
    KEPT.clear()
    ran = run(carries_over, randomly(5))
    KEPT.clear()
    assert not ran.leaks
    problem = ran.problem(ProblemKind.CARRIED_OVER)
    assert problem.fatal
    assert "'key'" in problem.what
    assert 'isolation="process"' in problem.remedy


def test_its_verdict_is_inconclusive_and_with_isolation_it_passes() -> None:
    KEPT.clear()
    here = explore(carries_over, executions=40, seconds=30.0, isolation="none")
    KEPT.clear()
    there = explore(carries_over, executions=40, seconds=30.0, isolation="process")
    KEPT.clear()
    assert here.verdict is Verdict.INCONCLUSIVE
    assert here.reason is not None
    assert "carr" in here.reason.what
    assert there.verdict in (Verdict.NO_LEAK_FOUND, Verdict.PROVED), there.reason


def test_code_that_never_comes_back_in_a_child_is_a_hang_and_not_ours() -> None:
    stuck = threading.Lock()

    def body(race: Race) -> None:
        race.thread(lambda: ctypes.CDLL(None).pause(), name="pauses")

    ran = run(body, DEFAULT_ORDER, isolation=Isolation.PROCESS, hang_seconds=0.5)
    assert ran.fatal or ran.bugs
    assert any("pauses" in problem.what for problem in ran.problems)
    assert stuck.acquire(blocking=False)


def test_a_scenario_that_closes_a_file_of_somebody_else_gets_processes() -> None:
    theirs = os.open(os.devnull, os.O_RDONLY)

    def body(race: Race) -> None:
        with contextlib.suppress(OSError):
            os.close(theirs)
        race.crash(lambda: "text")

    assert run(body, executions=4, isolation=Isolation.AUTO).isolation is Isolation.PROCESS
    os.close(theirs)  # it is open here


def test_a_file_that_the_collector_closes_in_an_execution_is_nothing_that_the_scenario_closes() -> None:
    """Nobody held it any more before."""

    class Node:
        def __init__(self) -> None:
            self.socket = socket.socket()
            self.itself = self

    def body(race: Race) -> None:
        gc.collect()
        race.crash(lambda: "text")

    gc.collect()
    gc.disable()
    try:
        number = Node().socket.fileno()
        assert os.fstat(number), "it is still open"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            assert run(body, executions=4, isolation=Isolation.AUTO).isolation is Isolation.NONE
    finally:
        gc.enable()


class AsksTheTime:
    """Lies in a cycle, and asks for the time when the collector lets go of it."""

    def __init__(self) -> None:
        self.itself = self

    def __del__(self) -> None:
        FREED.append(time.time())


FREED: list[float] = []
MADE: list[int] = []


def leaves_a_cycle_at_first(race: Race) -> None:
    if not MADE:
        MADE.append(1)
        AsksTheTime()
    race.thread(lambda: race.dump(repr(time.time())))
    race.crash(lambda: "text")


def imports_and_leaves_a_cycle_at_first(race: Race) -> None:
    leaves_a_cycle_at_first(race)
    importing(race)


def test_an_execution_that_differs_by_the_finalizer_of_what_the_first_one_left_needs_no_process() -> None:
    try:
        ran = run(leaves_a_cycle_at_first, bounded(1, CALLS), isolation=Isolation.AUTO, executions=10)
        assert ran.isolation is Isolation.NONE
        assert ran.problem(ProblemKind.FINALIZER)
        assert len(FREED) == 1
        assert ran.outcomes[0].steps > ran.outcomes[1].steps, "it was part of the first execution"
        assert imported_too().isolation is Isolation.PROCESS
    finally:
        MADE.clear()
        FREED.clear()


def imported_too() -> Ran:
    """The same where a module is imported on the way as well."""
    MADE.clear()
    return run(imports_and_leaves_a_cycle_at_first, bounded(1, CALLS), isolation=Isolation.AUTO, executions=4)


def test_the_times_in_a_dump_do_not_follow_from_what_the_collector_finds() -> None:
    """The first execution runs a finalizer that asks for the time, and the second none."""
    try:
        first, second = (run(leaves_a_cycle_at_first, DEFAULT_ORDER, executions=1).outcomes[0] for _ in range(2))
        assert len(FREED) == 1
        assert first.inspection.content == second.inspection.content != ()
    finally:
        MADE.clear()
        FREED.clear()


def test_one_descriptor_that_fills_a_gap_is_not_many() -> None:
    """The next free number rises by a hundred then, and nothing else is left open."""
    gap = os.open(os.devnull, os.O_RDONLY)
    above = [os.open(os.devnull, os.O_RDONLY) for _ in range(200)]
    os.close(gap)
    kept: list[int] = []

    def body(race: Race) -> None:
        if not kept:
            kept.append(os.open(os.devnull, os.O_RDONLY))
        for _ in range(2):
            race.thread(lambda: None)
        race.crash(lambda: "text")

    try:
        assert run(body, executions=100).isolation is not Isolation.PROCESS
    finally:
        for number in above + kept:
            os.close(number)
