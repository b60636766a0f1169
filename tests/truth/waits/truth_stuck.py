"""Open 13: threads that wait for one another are a BUG, whatever they wait for, though a crash ends the process."""

from __future__ import annotations

import fcntl
import multiprocessing
import os
import socket
from collections.abc import Callable
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from truth import BUG, PASS, case

from redactfuzz import Race

Ends = tuple[Callable[[], Any], Callable[[], Any]]
"""What waits, and what brings it."""


def _pipe(race: Race) -> Ends:
    reader, writer = os.pipe()
    race.enter(os.fdopen(reader, "rb", 0))
    race.enter(os.fdopen(writer, "wb", 0))
    return lambda: os.read(reader, 1), lambda: os.write(writer, b"x")


def _sockets(race: Race) -> Ends:
    here, there = socket.socketpair()
    race.enter(here)
    race.enter(there)
    return lambda: here.recv(1), lambda: there.send(b"x")


def _semaphore(race: Race) -> Ends:
    semaphore = multiprocessing.Semaphore(0)
    return semaphore.acquire, semaphore.release


def _two(race: Race, made: Callable[[Race], Ends], *, each_first_waits: bool, by: str = "watchdog") -> None:
    """Two threads tell one another something; where each first waits, nobody does."""
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
    (wait_one, bring_one), (wait_two, bring_two) = made(race), made(race)

    def first() -> None:
        wait_one()
        bring_two()

    def second() -> None:
        if not each_first_waits:
            bring_one()
        wait_two()
        if each_first_waits:
            bring_one()

    race.thread(first)
    race.thread(second)
    race.crash(lambda *_: mask(key.text), by=by)  # type: ignore[arg-type]


def _each(made: Callable[[Race], Ends], *, stuck: bool, by: str = "watchdog") -> Callable[[Race], None]:
    return lambda race: _two(race, made, each_first_waits=stuck, by=by)


for name, made, by in (
    ("two_pipes", _pipe, "watchdog"),
    ("two_pairs_of_sockets", _sockets, "kill"),
    ("two_semaphores", _semaphore, "signal"),
):
    bad, good = _each(made, stuck=True, by=by), _each(made, stuck=False, by=by)
    bad.__name__, good.__name__ = f"{name}_waited_for_first", f"{name}_in_order"
    bad.__doc__ = f"Each of two threads first waits at its own of {name.replace('_', ' ')}, then gives at the other."
    good.__doc__ = "The same, where one of them gives first."
    case("5.4", BUG, "deadlock", executions=60)(bad)
    case("5.4", PASS, executions=150)(good)


@contextmanager
def _locked_file(path: Path) -> Any:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _locks(race: Race, one: Any, two: Any, *, in_order: bool, bystander: bool = False) -> None:
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
    first, second = (one, two) if in_order else (two, one)

    def forth() -> None:
        with one(), two():
            pass

    def back() -> None:
        with first(), second():
            pass

    race.thread(forth)
    race.thread(back)
    if bystander:
        race.thread(lambda: None, name="bystander")
    race.crash(lambda: mask(key.text))


def _of_processes() -> Callable[[], AbstractContextManager[Any]]:
    lock = multiprocessing.Lock()
    return lambda: lock


@case("5.4", BUG, "deadlock", executions=300)
def locks_of_processes_in_two_orders(race: Race) -> None:
    """Two locks of multiprocessing are taken in two orders."""
    _locks(race, _of_processes(), _of_processes(), in_order=False)


@case("5.4", BUG, "deadlock", executions=400)
def locks_of_processes_beside_a_bystander(race: Race) -> None:
    """The same beside a thread that takes neither, and ends."""
    _locks(race, _of_processes(), _of_processes(), in_order=False, bystander=True)


@case("5.4", PASS, executions=150)
def locks_of_processes_in_one_order(race: Race) -> None:
    """They are taken in one order."""
    _locks(race, _of_processes(), _of_processes(), in_order=True)


@case("5.4", BUG, "deadlock", executions=300)
def files_locked_in_two_orders(race: Race) -> None:
    """Two files are locked in two orders."""
    one, two = (race.tmp_path / name for name in "ab")
    _locks(race, lambda: _locked_file(one), lambda: _locked_file(two), in_order=False)


@case("5.4", BUG, "deadlock", executions=400)
def files_locked_beside_a_bystander(race: Race) -> None:
    """The same beside a thread that locks neither, and ends."""
    one, two = (race.tmp_path / name for name in "ab")
    _locks(race, lambda: _locked_file(one), lambda: _locked_file(two), in_order=False, bystander=True)


@case("5.4", PASS, executions=150)
def files_locked_in_one_order(race: Race) -> None:
    """They are locked in one order."""
    one, two = (race.tmp_path / name for name in "ab")
    _locks(race, lambda: _locked_file(one), lambda: _locked_file(two), in_order=True)


def _told_to_leave(race: Race, *workers: Ends) -> None:
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
    for wait, _ in workers:
        race.thread(wait)

    def handler() -> str:
        for _, bring in workers:
            bring()
        return str(mask(key.text))

    race.crash(handler)


@case("5.4", PASS, executions=150)
def workers_that_the_handler_tells(race: Race) -> None:
    """Two threads wait at pipes of their own for the crash handler, which tells them."""
    _told_to_leave(race, _pipe(race), _pipe(race))


@case("5.4", PASS, executions=150)
def workers_with_nothing_to_do(race: Race) -> None:
    """Two threads wait at pipes of their own for something to do, and a third has nothing for them."""
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
    for wait in (_pipe(race)[0], _pipe(race)[0]):
        race.thread(wait)
    race.thread(lambda: race.dump(mask(key.text)), name="works")
    race.crash(lambda: mask(key.text))


@case("5.4", PASS, executions=150)
def workers_at_one_pipe(race: Race) -> None:
    """Two threads wait at one pipe for something to do; there is none."""
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
    wait, _ = _pipe(race)
    race.thread(wait, name="one")
    race.thread(wait, name="two")
    race.crash(lambda: mask(key.text))


@case("5.4", PASS, executions=1000)
def worker_at_a_lock_of_processes_that_is_a_signal(race: Race) -> None:
    """A thread waits at a lock of multiprocessing that others release for each thing to do; at last there is none."""
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
    lock = multiprocessing.Lock()
    lock.acquire()

    def works() -> None:
        while lock.acquire():
            race.dump(mask(key.text))

    race.thread(works)
    race.thread(lock.release, name="gives")
    race.crash(lambda: mask(key.text))
