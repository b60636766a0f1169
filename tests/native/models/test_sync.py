"""Threads, synchronisation, thread-local storage and virtual time in C and C++ programs.

What each model promises holds in many orders of the threads, and misuse and deadlocks are reported. The programs assert
for themselves.
"""

from __future__ import annotations

import operator
from functools import partial

import modelled
import pytest
from modelled import PROGRAMS, Event, bugs

from redactfuzz.model.outcome import BugKind
from redactfuzz.model.plan import Policy, Stage
from redactfuzz.model.schedule import Granularity
from redactfuzz.native.compile import build
from redactfuzz.native.compile.build import BuildRequest
from redactfuzz.native.compile.compiler import toolchain
from redactfuzz.native.drive.control_block import DriverConfig
from redactfuzz.native.drive.numbers import End

pytestmark = pytest.mark.once

RANDOM = Stage(Policy.RANDOM, Granularity.SWITCHES)
MANY = 300
SAME = operator.attrgetter("state", "status", "steps", "switches", "trace_hash")
EXPIRED = 10
"""Exit status of a program that tells of the rarer of two outcomes, both of which are right."""

# names, options of the compiler, exit statuses that must all be met
GOOD = [
    ("sync_mutex.c", "", {0}),
    ("sync_rwlock.c", "", {0, EXPIRED}),
    ("sync_condition.c", "", {0, EXPIRED}),
    ("sync_semaphore.c", "", {0, EXPIRED}),
    ("sync_barrier.c", "", {0}),
    ("sync_once.c", "", {0}),
    ("sync_spin.c", "", {0}),
    ("sync_specific.c", "", {0}),
    ("sync_tls.c", "", {0}),
    ("sync_tls.c", "-O0", {0}),
    ("sync_threads.c", "", {0}),
    ("sync_cancel.c", "-O0", {0}),
    ("sync_cancel.c", "-O2", {0}),
    ("sync_cancel.c", "-O0 -fexceptions", {0}),
    ("sync_cancel.c", "-O2 -fexceptions", {0}),
    ("sync_mixed.c sync_mixed_frames.cpp", "-O0", {0}),
    ("sync_mixed.c sync_mixed_frames.cpp", "-O2", {0}),
    ("sync_c11.c", "", {0, EXPIRED}),
    ("sync_clock.c", "", {0, EXPIRED}),
    ("sync_interrupted.c", "", {0, EXPIRED}),
    ("sync_signals.c", "", {0, EXPIRED}),
    ("sync_sized.c", "", {0}),
    ("sync_classes.cpp", "-O0", {0, EXPIRED}),
    ("sync_classes.cpp", "-O2", {0, EXPIRED}),
    ("sync_cancel_classes.cpp", "-O0", {0}),
    ("sync_cancel_classes.cpp", "-O2", {0}),
]
MISUSES = [
    ("sync_mutex.c", "foreign", "unlock of a mutex that main holds"),
    ("sync_mutex.c", "unlocked", "unlock of a mutex that is not locked"),
    ("sync_mutex.c", "destroyed", "lock of a mutex that was destroyed"),
    ("sync_mutex.c", "held", "destroy of a mutex that main holds"),
    ("sync_mutex.c", "garbage", "lock of a mutex that was never initialised"),
    ("sync_rwlock.c", "foreign", "unlock of a read-write lock that main holds"),
    ("sync_rwlock.c", "unlocked", "unlock of a read-write lock that is not locked"),
    ("sync_rwlock.c", "held", "destroy of a read-write lock that is held"),
    ("sync_condition.c", "unlocked", "wait at a condition variable without its mutex"),
    ("sync_condition.c", "two", "wait at a condition variable with two mutexes at a time"),
    ("sync_condition.c", "destroyed", "destroy of a condition variable at which a thread waits"),
    ("sync_condition.c", "garbage", "signal of a condition variable that was never initialised"),
    ("sync_semaphore.c", "destroyed", "wait of a semaphore that was destroyed"),
    ("sync_semaphore.c", "awaited", "destroy of a semaphore at which a thread waits"),
    ("sync_barrier.c", "destroyed", "wait of a barrier that was destroyed"),
    (
        "sync_barrier.c",
        "awaited",
        "destroy of a barrier at which a thread waits | wait of a barrier that was destroyed",
    ),
    ("sync_barrier.c", "garbage", "wait of a barrier that was never initialised"),
    ("sync_spin.c", "foreign", "unlock of a spin lock that main holds"),
    ("sync_spin.c", "unlocked", "unlock of a spin lock that is not locked"),
    ("sync_threads.c", "twice", "join of a thread that was joined before"),
    ("sync_threads.c", "nobody", "join of what is no thread"),
    ("sync_c11.c", "foreign", "unlock of a mutex that main holds"),
    ("sync_cancel_classes.cpp", "swallowed", "catch (...) without throw; ends the exit of a thread"),
]
# name, argument, what the threads wait for; the last: in every order of the threads
DEADLOCKS = [
    ("sync_mutex.c", "self", {"a mutex that it holds itself"}, True),
    ("sync_mutex.c", "abba", {"a mutex that main holds", "a mutex that thread 1 holds"}, False),
    ("sync_rwlock.c", "upgrade", {"a read-write lock, to write"}, True),
    ("sync_rwlock.c", "recursive", {"a read-write lock, to write", "a read-write lock, to read"}, False),
    ("sync_condition.c", "lost", {"a signal (condition variable, barrier or futex)", "the end of thread 1"}, False),
    ("sync_semaphore.c", "empty", {"a semaphore"}, True),
    ("sync_barrier.c", "few", {"a signal (condition variable, barrier or futex)"}, True),
    ("sync_once.c", "again", {"what is done once"}, True),
    ("sync_signals.c", "main", {"a mutex that it holds itself"}, False),
    ("sync_spin.c", "self", {"a spin lock that it holds itself"}, True),
    ("sync_threads.c", "endless", {"a semaphore"}, True),
    ("sync_c11.c", "self", {"a mutex that it holds itself"}, True),
    ("sync_classes.cpp", "static", {"a static that is being made"}, True),
    ("sync_classes.cpp", "held", {"a mutex that main holds", "the end of thread 1"}, True),
]

EXCEPTIONS = {
    "__cxa_allocate_exception",
    "__cxa_throw",
    "std::runtime_error::runtime_error",
    "std::runtime_error::~runtime_error",
}
"""A campaign has a process for each execution then, because of the secrets that may be in them; orders need none."""


def run(
    monkeypatch: pytest.MonkeyPatch, name: str, *arguments: str, options: str = "", at_most: int = MANY
) -> list[Event]:
    options = options or ("-O0" if name.endswith(".cpp") else "")  # C++ takes long to compile
    made = build.program(
        toolchain(),
        BuildRequest(tuple(PROGRAMS[one] for one in name.split()), tuple(options.split())),
        build.driver(toolchain()),
    )
    left = {one.name for one in made.unknown if not one.turns_only} - EXCEPTIONS
    assert not left  # each can run in place: all that it calls is modelled
    monkeypatch.setattr(modelled, "built", lambda _: made)
    return modelled.executions(name, *arguments, stage=RANDOM, at_most=at_most)


@pytest.mark.parametrize(("name", "options", "statuses"), GOOD)
def test_what_the_model_promises_holds_in_every_order(
    monkeypatch: pytest.MonkeyPatch, name: str, options: str, statuses: set[int]
) -> None:
    events = run(monkeypatch, name, options=options)
    assert len(events) == MANY
    assert not [event.bug for event in events if event.bug]
    assert {event.state for event in events} == {End.EXITED}
    assert {event.status for event in events} == statuses
    assert not [problem for event in events for problem in event.problems]


@pytest.mark.parametrize(("name", "options"), [(name, options) for name, options, _ in GOOD])
def test_everything_is_put_back_as_in_a_process_of_its_own(
    monkeypatch: pytest.MonkeyPatch, name: str, options: str
) -> None:
    """The same orders one after the other in one process, and each in a child of a process that has run nothing."""
    in_place = run(monkeypatch, name, options=options, at_most=30)
    monkeypatch.setattr(modelled, "DriverConfig", partial(DriverConfig, forked=True))
    forked = run(monkeypatch, name, options=options, at_most=30)
    assert len(in_place) == 30
    assert len({event.trace_hash for event in in_place}) > 1
    for one, other in zip(in_place, forked, strict=True):
        assert SAME(one) == SAME(other)


@pytest.mark.parametrize(("name", "argument", "summary"), MISUSES)
def test_misuse_is_reported(monkeypatch: pytest.MonkeyPatch, name: str, argument: str, summary: str) -> None:
    events = run(monkeypatch, name, argument)
    assert bugs(events) == {BugKind.MISUSE}
    assert {event.bug.summary for event in events if event.bug} == set(summary.split(" | "))


@pytest.mark.parametrize(("name", "argument", "waiting", "always"), DEADLOCKS)
def test_a_deadlock_is_reported_with_who_waits_for_what(
    monkeypatch: pytest.MonkeyPatch, name: str, argument: str, waiting: set[str], always: bool
) -> None:
    events = run(monkeypatch, name, argument)
    assert bugs(events) == {BugKind.DEADLOCK}
    assert all(event.bug is not None for event in events) is always
    found = next(event.bug.waiting for event in events if event.bug)
    assert {one.what for one in found} == waiting
    if not always:
        assert {event.status for event in events if event.bug is None} == {0}


def test_who_still_waits_when_the_process_ends_is_not_met_by_the_next_execution(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    events = run(monkeypatch, "sync_classes.cpp", "abandoned")
    assert len(events) == MANY
    assert {(event.state, event.status) for event in events} == {(End.EXITED, 0)}


def test_an_exception_that_no_thread_catches_is_an_abort(monkeypatch: pytest.MonkeyPatch) -> None:
    events = run(monkeypatch, "sync_classes.cpp", "thrown")
    assert {(event.state, event.status) for event in events} == {(End.BUG, 6)}
    assert bugs(events) == {BugKind.ABORT}


def test_joining_what_was_joined_throws(monkeypatch: pytest.MonkeyPatch) -> None:
    events = run(monkeypatch, "sync_classes.cpp", "joined twice")
    assert {(event.state, event.status) for event in events} == {(End.EXITED, 0)}


def test_the_process_ends_with_its_last_thread_when_main_has_exited(monkeypatch: pytest.MonkeyPatch) -> None:
    events = run(monkeypatch, "sync_threads.c", "main")
    assert {(event.state, event.status) for event in events} == {(End.EXITED, 0)}


def test_of_two_threads_that_join_each_other_one_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    events = run(monkeypatch, "sync_threads.c", "mutual")
    assert not bugs(events)
    assert {event.status for event in events} == {0, EXPIRED}


def test_once_is_tried_again_when_its_thread_has_exited(monkeypatch: pytest.MonkeyPatch) -> None:
    for options in ("", "-fexceptions"):
        events = run(monkeypatch, "sync_once.c", "exit", options=options)
        assert {(event.state, event.status) for event in events} == {(End.EXITED, 0)}


def test_a_cancelled_thread_leaves_its_wait_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    events = run(monkeypatch, "sync_interrupted.c", "cancelled")
    assert not bugs(events)
    assert {(event.state, event.status) for event in events} == {(End.EXITED, 0)}


def test_a_wide_atomic_that_is_read_and_stored_in_two_steps_loses(monkeypatch: pytest.MonkeyPatch) -> None:
    events = run(monkeypatch, "sync_sized.c", "lost")
    assert bugs(events) == {BugKind.ASSERT}
    assert 0 < sum(event.bug is not None for event in events) < MANY
