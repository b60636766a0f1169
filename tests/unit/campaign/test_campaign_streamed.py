"""What a process of ours sends, item by item."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator
from multiprocessing.connection import Connection

import pytest

from redactfuzz.campaign.session.streamed import Gone, ended, forked, received, send
from redactfuzz.threads.process.child import ChildError


def _numbers(until: int) -> Generator[object, None, None]:
    try:
        yield from range(until)
    except KeyboardInterrupt:
        yield "interrupted"


def _of(work: Callable[[Connection], object]) -> tuple[int, Connection]:
    made = forked(work)
    assert made is not None
    return made


def test_every_item_comes_in_its_order() -> None:
    pid, connection = _of(lambda connection: send(_numbers(1_000), connection))
    try:
        assert list(received(connection)) == list(range(1_000))
    finally:
        ended(pid, connection)


def test_who_stops_listening_ends_the_sender_and_can_ask_for_more() -> None:
    def twice(connection: Connection) -> None:
        send(_numbers(10**9), connection)
        send(_numbers(3), connection)

    pid, connection = _of(twice)
    try:
        first = received(connection)
        assert next(first) == 0
        first.close()
        assert list(received(connection)) == [0, 1, 2]
    finally:
        ended(pid, connection)


class _Interrupted:
    """A connection at which Ctrl-C is struck before anything was read."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._struck = False
        self.poll, self.send = connection.poll, connection.send

    def recv(self) -> object:
        if not self._struck:
            self._struck = True
            raise KeyboardInterrupt
        return self._connection.recv()


def test_ctrl_c_lets_the_sender_say_what_it_knows_and_is_raised_then() -> None:
    pid, connection = _of(lambda connection: send(_numbers(10**9), connection))
    last, raised = object(), False
    try:
        for item in received(_Interrupted(connection)):  # type: ignore[arg-type]
            last = item
    except KeyboardInterrupt:
        raised = True
    finally:
        ended(pid, connection)
    assert (last, raised) == ("interrupted", True)


def test_a_process_that_dies_is_gone_and_one_that_fails_says_why() -> None:
    pid, connection = _of(lambda _: os._exit(3))
    with pytest.raises(Gone):
        list(received(connection))
    ended(pid, connection)
    pid, connection = _of(lambda _: dict[str, object]()["missing"])
    with pytest.raises(ChildError, match="KeyError: 'missing'"):
        list(received(connection))
    ended(pid, connection)
