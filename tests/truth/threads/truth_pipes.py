"""Line 3.4: a pipe or a pair of sockets between two threads is explored: who waits for the other is known."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from multiprocessing.connection import Pipe
from typing import Any

from truth import BUG, LEAK, UNACCUSED, case

from redactfuzz import Race

Ends = tuple[Callable[[], bytes], Callable[[bytes], Any]]
"""What receives, and what sends."""


def _closing(race: Race, *ends: Any) -> None:
    for end in ends:
        race.enter(end)


def by_descriptors(race: Race) -> Ends:
    reader, writer = os.pipe()
    _closing(race, os.fdopen(reader, "rb", 0), os.fdopen(writer, "wb", 0))
    return lambda: os.read(reader, 100), lambda data: os.write(writer, data)


def by_files(race: Race) -> Ends:
    reader, writer = os.pipe()
    source, target = os.fdopen(reader, "rb"), os.fdopen(writer, "wb")
    _closing(race, source, target)

    def send(data: bytes) -> None:
        target.write(data + b"\n")
        target.flush()

    return lambda: source.readline().strip(), send


def by_sockets(race: Race) -> Ends:
    one, other = socket.socketpair()
    _closing(race, one, other)
    return lambda: one.recv(100), other.sendall


def by_connections(race: Race) -> Ends:
    one, other = Pipe()
    _closing(race, one, other)
    return one.recv_bytes, other.send_bytes


WAYS: tuple[Callable[[Race], Ends], ...] = (by_descriptors, by_files, by_sockets, by_connections)


def _handed_over(ends: Callable[[Race], Ends], *, early: bool) -> Callable[[Race], None]:
    """A worker waits until it is told that the event is masked; told ``early``, it may dump it raw."""

    def body(race: Race) -> None:
        key = race.canary("key")
        mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
        receive, send = ends(race)
        event = {"message": key.text}

        def masks() -> None:
            if early:
                send(b"go")
            event["message"] = mask(event["message"])
            if not early:
                send(b"go")

        def dumps() -> None:
            receive()
            race.dump(event)

        race.thread(dumps)
        race.thread(masks)

    return body


for way in WAYS:
    bad, good = _handed_over(way, early=True), _handed_over(way, early=False)
    bad.__name__, good.__name__ = f"told_too_early_{way.__name__}", f"told_in_time_{way.__name__}"
    bad.__doc__ = f"One thread tells the other, {way.__name__.replace('_', ' ')}, to dump before it has masked."
    good.__doc__ = f"One thread tells the other, {way.__name__.replace('_', ' ')}, to dump when it has masked."
    case("3.4", LEAK, executions=100)(bad)
    case("3.4", UNACCUSED, executions=60)(good)


@case("3.4", BUG, "deadlock", executions=100)
def each_waits_for_the_other_to_write(race: Race) -> None:
    """Two threads read from two pipes before they write: nobody ever will."""
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
    one, other = by_descriptors(race), by_descriptors(race)

    def first() -> None:
        race.dump(mask(key.text))
        one[0]()
        other[1](b"x")

    def second() -> None:
        other[0]()
        one[1](b"x")

    race.thread(first)
    race.thread(second)


@case("3.4", UNACCUSED, executions=60)
def more_than_fits_into_a_pipe(race: Race) -> None:
    """One thread writes more than a pipe holds, the other reads it all."""
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
    reader, writer = os.pipe()
    _closing(race, os.fdopen(reader, "rb", 0), os.fdopen(writer, "wb", 0))
    size = 200_000

    def reads() -> None:
        left = size
        while left:
            left -= len(os.read(reader, 65_536))

    race.thread(reads)
    race.thread(lambda: os.write(writer, bytes(size)))
    race.crash(lambda: mask(key.text))
