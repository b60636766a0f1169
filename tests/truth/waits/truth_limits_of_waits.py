"""Line 5.1: a wait with a limit may end by it, whatever it waits for and however long it is."""

from __future__ import annotations

import multiprocessing
import select
import selectors
import socket
from collections.abc import Callable
from typing import Any

from truth import LEAK, PASS, case

from redactfuzz import Race

Made = tuple[Callable[[], Any], Callable[[], Any]]
"""What waits, true where it came, and what brings it."""


def _sockets(race: Race) -> tuple[socket.socket, socket.socket]:
    here, there = socket.socketpair()
    return race.enter(here), race.enter(there)


def _select(race: Race, limit: float) -> Made:
    here, there = _sockets(race)
    return lambda: select.select([here], [], [], limit)[0], lambda: there.send(b"x")


def _poll(race: Race, limit: float) -> Made:
    here, there = _sockets(race)
    poll = select.poll()
    poll.register(here, select.POLLIN)
    return lambda: poll.poll(limit * 1000), lambda: there.send(b"x")


def _epoll(race: Race, limit: float) -> Made:
    here, there = _sockets(race)
    poll = race.enter(select.epoll())
    poll.register(here, select.EPOLLIN)
    return lambda: poll.poll(limit), lambda: there.send(b"x")


def _selector(race: Race, limit: float) -> Made:
    here, there = _sockets(race)
    selector = race.enter(selectors.DefaultSelector())
    selector.register(here, selectors.EVENT_READ)
    return lambda: selector.select(limit), lambda: there.send(b"x")


def _socket(race: Race, limit: float) -> Made:
    here, there = _sockets(race)
    here.settimeout(limit)

    def wait() -> bytes | None:
        try:
            return here.recv(1)
        except TimeoutError:
            return None

    return wait, lambda: there.send(b"x")


def _connection(race: Race, limit: float) -> Made:
    here, there = multiprocessing.Pipe()
    race.enter(here)
    race.enter(there)
    return lambda: here.poll(limit), lambda: there.send("x")


def _semaphore(race: Race, limit: float) -> Made:
    semaphore = multiprocessing.Semaphore(0)
    return lambda: semaphore.acquire(timeout=limit), semaphore.release


WAITS: dict[str, Callable[[Race, float], Made]] = {
    "select": _select,
    "poll": _poll,
    "epoll": _epoll,
    "a_selector": _selector,
    "a_socket": _socket,
    "a_connection": _connection,
    "a_semaphore_of_processes": _semaphore,
}


def _nothing() -> None:
    """A step."""


def _waited(make: Callable[[Race, float], Made], limit: float, *, masked: bool) -> Callable[[Race], None]:
    def body(race: Race) -> None:
        key = race.canary("key")
        mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
        wait, bring = make(race, limit)

        def write() -> None:
            for _ in range(3):
                _nothing()
            bring()

        def read() -> None:
            if not wait():
                text = f"{key.text} did not come"
                race.dump(mask(text) if masked else text)

        race.thread(write)
        race.thread(read)
        race.crash(lambda: mask(f"died with {key.text}"))

    return body


for name, make in WAITS.items():
    leaky, right = (_waited(make, 0.5, masked=masked) for masked in (False, True))
    hour = _waited(make, 3600, masked=False)
    leaky.__name__ = f"half_a_second_in_{name}"
    leaky.__doc__ = f"What waits half a second in {name.replace('_', ' ')} dumps the secret where that was not enough."
    right.__name__ = f"half_a_second_and_a_mask_in_{name}"
    right.__doc__ = "The same wait, and what is dumped is masked."
    hour.__name__ = f"an_hour_in_{name}"
    hour.__doc__ = "The same with a limit of an hour, of which the most may have passed before."
    case("5.1", LEAK, executions=100)(leaky)
    case("5.1", PASS, executions=250)(right)
    case("5.1", LEAK, executions=100)(hour)


@case("5.1", PASS, executions=250)
def asks_again_every_five_seconds(race: Race) -> None:
    """A condition of multiprocessing is waited for with a limit, again and again."""
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
    condition = multiprocessing.Condition()
    ready: list[int] = []

    def wait() -> None:
        with condition:
            while not ready:
                condition.wait(5)

    def bring() -> None:
        with condition:
            ready.append(1)
            condition.notify_all()

    race.thread(wait)
    race.thread(bring)
    race.crash(lambda: mask(f"died with {key.text}"))
