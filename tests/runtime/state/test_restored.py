"""After an exploration the process is as it was before it."""

from __future__ import annotations

import _thread
import fcntl
import gc
import locale
import os
import random
import socket
import sys
import threading
import time
import warnings
from collections.abc import Callable, Generator
from concurrent.futures import Future
from pathlib import Path
from types import GeneratorType
from typing import Any

import pytest
from driving import MOST, bounded, mint, randomly, run

from redactfuzz import Race
from redactfuzz.model.plan import Budget, Isolation, Plan
from redactfuzz.model.schedule import Granularity
from redactfuzz.scan.inspector import Inspector
from redactfuzz.scan.masker import Masker
from redactfuzz.threads import _hooks
from redactfuzz.threads.restore import descriptions
from redactfuzz.threads.run.runtime import ThreadRuntime

SOME = randomly(5, Granularity.CALLS)
BEFORE = threading.Lock()


def os_threads() -> int:
    return len(list(Path("/proc/self/task").iterdir()))


def descriptors() -> set[str]:
    return {f"{path.name} {path.readlink()}" for path in Path("/proc/self/fd").iterdir() if path.is_symlink()}


def scenario(race: Race) -> None:
    def work() -> None:
        with BEFORE:
            time.sleep(1)
        random.random()

    race.sink.write(b"first")
    race.tmp_path.joinpath("file").write_text("text")
    race.thread(work)
    race.thread(work)
    race.crash(lambda: "dump")


def tools() -> list[str | None]:
    if sys.version_info < (3, 12):
        return []
    return [sys.monitoring.get_tool(number) for number in range(6)]


WATCHED: dict[str, Callable[[], Any]] = {
    "main thread": threading.main_thread,
    "current thread": threading.current_thread,
    "threads": threading.enumerate,
    "hash of threads and futures": lambda: [dict(vars(each)).get("__hash__") for each in (threading.Thread, Future)],
    "exception hooks": lambda: (threading.excepthook, sys.excepthook),
    "tools of sys.monitoring": tools,
    "trace function": lambda: (sys.gettrace(), threading.gettrace()),
    "profile function": sys.getprofile,
    "CPU mask": lambda: Path("/proc/thread-self/status").read_text().split("Cpus_allowed:")[1].split()[0],
    "random state": random.getstate,
    "gc": gc.isenabled,
    "switch interval": sys.getswitchinterval,
    "OS threads": os_threads,
    "file descriptors": descriptors,
    "signal mask": lambda: Path("/proc/self/status").read_text().split("SigBlk:")[1].split()[0],
}


def explored(isolation: Isolation) -> None:
    run(scenario, SOME, isolation=isolation)
    gc.collect()  # a sink closes its file when it is let go


@pytest.mark.parametrize("isolation", list(Isolation))
def test_what_an_exploration_changes_is_put_back(isolation: Isolation) -> None:
    explored(isolation)  # modules that are loaded on first use may keep a descriptor
    before = {what: look() for what, look in WATCHED.items()}
    explored(isolation)
    assert {what: look() for what, look in WATCHED.items()} == before


def test_no_hash_is_left_in_a_class_that_has_inherited_it() -> None:
    """It would count as something that an execution has left in a module that the program names."""
    explored(Isolation.NONE)
    assert not [each for each in (threading.Thread, Future) if "__hash__" in vars(each)]


@pytest.mark.parametrize("what", ["main thread", "CPU mask", "OS threads", "random state", "threads"])
def test_the_same_looks_differ_inside_an_execution(what: str) -> None:
    seen: list[Any] = []

    def body(race: Race) -> None:
        seen.append(WATCHED[what]())

    run(body)
    if what == "CPU mask":
        assert int(seen[0].replace(",", ""), 16).bit_count() == 1
    else:
        assert seen[0] != WATCHED[what]()


def test_an_execution_is_shown_all_processors() -> None:
    seen: list[Any] = []
    run(lambda race: seen.append(os.sched_getaffinity(0)))
    assert set(map(frozenset, seen)) == {frozenset(os.sched_getaffinity(0))}


@pytest.mark.parametrize("collecting", [True, False])
def test_gc_is_off_in_an_execution_which_it_is_not_shown_and_as_it_was_afterwards(collecting: bool) -> None:
    seen: list[bool] = []
    counted: list[bool] = []

    def body(race: Race) -> None:
        seen.append(gc.isenabled())
        before = gc.get_stats()[0]["collections"]
        kept = [[] for _ in range(10_000)]
        counted.append(gc.get_stats()[0]["collections"] > before)
        assert kept

    was = gc.isenabled()
    try:
        gc.enable() if collecting else gc.disable()
        run(body)
        assert gc.isenabled() is collecting
    finally:
        gc.enable() if was else gc.disable()
    assert seen == [collecting]
    assert counted == [False]


def test_a_batch_that_is_abandoned_in_its_middle_puts_everything_back() -> None:
    from redactfuzz.model.canary import mint
    from redactfuzz.model.outcome import Inspection
    from redactfuzz.model.plan import Budget, Plan
    from redactfuzz.threads import ThreadRuntime

    before = {what: look() for what, look in WATCHED.items() if what != "file descriptors"}
    plan = Plan(
        "scenario",
        scenario,
        1,
        SOME,
        lambda name, kind, number: mint(1, name, kind, number),
        lambda *_: Inspection(),
        lambda *_: {},
        isolation=Isolation.NONE,
        every=True,
    )
    events = ThreadRuntime().explore(plan, Budget(5, 60.0))
    next(events)
    events.close()  # type: ignore[attr-defined]
    assert {what: WATCHED[what]() for what in before} == before


def test_a_body_that_raises_puts_everything_back() -> None:
    before = {what: look() for what, look in WATCHED.items() if what != "file descriptors"}

    def body(race: Race) -> None:
        raise RuntimeError("no")

    assert run(body).bug.summary == "RuntimeError: no"
    assert {what: WATCHED[what]() for what in before} == before


def test_locks_and_clocks_are_the_real_ones_again() -> None:
    run(scenario, SOME)
    assert BEFORE.acquire(blocking=False)
    assert not BEFORE.acquire(timeout=0.001)
    BEFORE.release()
    # In an execution it is 2026-01-01 and reading the clock takes a microsecond, whatever the machine does.
    assert abs(time.time() - time.clock_gettime(time.CLOCK_REALTIME)) < 60
    assert abs(time.monotonic() - time.clock_gettime(time.CLOCK_MONOTONIC)) < 60
    done = threading.Event()
    _thread.start_new_thread(done.set, ())
    assert done.wait(30)


def test_another_tool_of_sys_monitoring_and_a_trace_function_still_get_their_events() -> None:
    lines: list[str] = []

    def traced() -> int:
        one = 1
        return one + 1

    def tracer(frame: Any, event: str, arg: object) -> Any:
        if frame.f_code is traced.__code__:
            lines.append(event)
        return tracer

    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        run(lambda race: race.thread(traced), bounded(1))
        inside = len(lines)
        traced()
    finally:
        sys.settrace(before)
    assert inside == 0, "the scenario's threads are not the tracer's business"
    assert lines == ["call", "line", "line", "return"]


def test_explorations_one_after_the_other_leave_nothing_behind() -> None:
    explored(Isolation.NONE)
    before = os_threads(), len(descriptors())
    for _ in range(10):
        explored(Isolation.NONE)
    assert (os_threads(), len(descriptors())) == before


CHANGES: dict[str, tuple[Callable[[Path], object], Callable[[], object]]] = {
    "working directory": (os.chdir, Path.cwd),
    "environment": (lambda _: os.environ.__setitem__("REDACTFUZZ_TEST", "1"), lambda: dict(os.environ)),
    "environment, removed": (lambda _: os.environ.clear(), lambda: dict(os.environ)),
    "time zone": (lambda _: (os.environ.__setitem__("TZ", "Asia/Tokyo"), time.tzset()), lambda: time.localtime(0)[:5]),
    "umask": (lambda _: os.umask(0o027), lambda: (mask := os.umask(0o077), os.umask(mask))[0]),
    "sys.path": (lambda folder: sys.path.insert(0, str(folder)), lambda: list(sys.path)),
    "sys.path, another": (lambda folder: setattr(sys, "path", [str(folder)]), lambda: list(sys.path)),
    "recursion limit": (lambda _: sys.setrecursionlimit(2_345), sys.getrecursionlimit),
    "switch interval": (lambda _: sys.setswitchinterval(0.5), sys.getswitchinterval),
    "digits of an integer": (lambda _: sys.set_int_max_str_digits(0), sys.get_int_max_str_digits),
    "threshold of the collector": (lambda _: gc.set_threshold(777, 7, 7), gc.get_threshold),
    "callbacks of the collector": (lambda _: gc.callbacks.append(print), lambda: list(gc.callbacks)),
    "timeout of sockets": (lambda _: socket.setdefaulttimeout(7), socket.getdefaulttimeout),
    "locale": (lambda _: locale.setlocale(locale.LC_ALL, "C"), lambda: locale.setlocale(locale.LC_ALL)),
    "filters of warnings": (lambda _: warnings.simplefilter("ignore"), lambda: list(warnings.filters)),
    "sys.excepthook": (lambda _: setattr(sys, "excepthook", print), lambda: sys.excepthook),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_an_execution_changes_of_the_process_is_as_before_for_the_next(name: str) -> None:
    change, state = CHANGES[name]
    before = state()
    seen, changed = [], []

    def body(race: Race) -> None:
        seen.append(state())

        def work() -> None:
            change(race.tmp_path)
            changed.append(state())

        race.thread(work)

    ran = run(body, SOME, isolation=Isolation.NONE)
    assert not ran.bugs
    assert all(each == before for each in seen)
    assert name == "locale" or all(each != before for each in changed)
    assert state() == before


def test_a_file_that_is_only_written_keeps_its_position(tmp_path: Path) -> None:
    log = os.open(tmp_path / "log", os.O_WRONLY | os.O_CREAT)
    flags = fcntl.fcntl(log, fcntl.F_GETFL)
    seen: list[bool] = []

    def writes(race: Race) -> None:
        seen.append(os.get_blocking(log))
        os.set_blocking(log, False)
        os.write(log, b"line\n")
        scenario(race)

    try:
        ran = run(writes, SOME, isolation=Isolation.NONE)
        written = (tmp_path / "log").read_bytes()
        assert written == b"line\n" * len(seen), "nothing was written over"
        assert all(seen)
        assert fcntl.fcntl(log, fcntl.F_GETFL) == flags
        assert len(seen) >= 5
        assert not ran.bugs
    finally:
        os.close(log)


@pytest.mark.parametrize("begun", [False, True], ids=["from its beginning", "begun"])
def test_a_file_object_agrees_with_its_position_or_that_is_told(tmp_path: Path, begun: bool) -> None:
    path = tmp_path / "hunter2-swordfish"  # it may be a secret: nobody has planted one yet
    path.write_text("first\nsecond\nthird\n", encoding="utf-8")
    seen: set[str] = set()
    with path.open(encoding="utf-8") as file:
        if begun:
            file.readline()

        def reads(race: Race) -> None:
            seen.add(next(file, "") + file.read())
            scenario(race)

        ran = run(reads, SOME, isolation=Isolation.NONE)
        what = f"has read on in the file of descriptor {file.fileno()},"
    told = [problem.what for problem in ran.problems if what in problem.what]
    assert bool(told) is begun
    assert not any("hunter2" in f"{problem}" for problem in ran.problems)
    assert begun or seen == {"first\nsecond\nthird\n"}


def test_a_batch_that_is_closed_in_its_midst_takes_its_hooks_away_whoever_refers_to_it() -> None:
    plan = Plan(
        name="scenario",
        body=scenario,
        seed=0,
        stages=SOME,
        mint=lambda name, kind, number: mint(0, name, kind, number),
        inspect=Inspector(0),
        mask=Masker(0),
        isolation=Isolation.NONE,
        every=True,
    )
    events = ThreadRuntime().explore(plan, Budget(5, MOST, stop_at_first=False))
    assert isinstance(events, Generator)
    next(events)
    # By its type: an object of another test may refuse to tell its `__class__`.
    generators = [each for each in gc.get_objects() if type(each) is GeneratorType]
    inner = [each for each in generators if each.gi_code.co_name == "_events"]
    assert inner, "one is underway"
    with pytest.raises(RuntimeError, match="a campaign is running"):
        _hooks.install()
    events.close()
    _hooks.install()
    _hooks.remove()


@pytest.mark.parametrize("is_served", [True, False])
def test_bytes_that_another_thread_takes_are_taken_by_no_execution(is_served: bool) -> None:
    """A test runner's, which gets its orders there: it takes them when it comes to it."""
    reads, writes = os.pipe()
    taken: list[bytes] = []
    thread = threading.Thread(target=lambda: taken.append(os.read(reads, 1)))
    if is_served:
        thread.start()
        while reads not in descriptions._served():
            pass
    with descriptions.watched():
        assert descriptions._kept is not None
        (found,) = [each for each in descriptions._kept.there if each.number == reads]
        if is_served:
            os.write(writes, b"x")
            thread.join()
        else:
            os.write(writes, b"x")
            with descriptions.put_back(here=True):
                os.read(reads, 1)
        told = [each.what for each in descriptions.problems()]
    os.close(reads)
    os.close(writes)
    assert found.is_stream is not is_served
    assert any(f"descriptor {reads}," in each for each in told) is not is_served
    assert taken == ([b"x"] if is_served else [])


def test_a_thread_that_sleeps_reads_nothing() -> None:
    """The first argument of its call is the number of a clock, no descriptor. (Other threads may read meanwhile.)"""
    before = descriptions._served()
    wakes = threading.Event()
    threads = [threading.Thread(target=time.sleep, args=(0.5,)), threading.Thread(target=wakes.wait)]
    for each in threads:
        each.start()
    try:
        assert time.CLOCK_MONOTONIC not in descriptions._served() - before
    finally:
        wakes.set()
        for each in threads:
            each.join()
