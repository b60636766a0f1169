"""Line 3.4: who waits in C, on a descriptor or by sleeping, lets others go on; time passes in its order."""

from __future__ import annotations

import ctypes
import fcntl
import multiprocessing
import os
import select
import selectors
import signal
import socket
import sqlite3
import threading
import time
from collections.abc import Callable
from typing import Any

from truth import BUG, LEAK, PASS, case

from redactfuzz import Race

_LIBC = ctypes.CDLL(None)
Ends = tuple[Callable[[], Any], Callable[[], Any]]
"""What waits for a word, with a limit of seconds, and raises when none comes; what says it."""


def _masking(race: Race) -> tuple[str, Callable[[str], str]]:
    key = race.canary("key")
    return key.text, race.redactor(lambda text: text.replace(key.text, "[key]"))


def _pair(race: Race) -> tuple[socket.socket, socket.socket]:
    one, other = socket.socketpair()
    race.enter(one)
    race.enter(other)
    return one, other


def by_poll_of_an_eventfd(race: Race) -> Ends:
    fd = os.eventfd(0)
    race.enter(os.fdopen(fd, "rb", 0))
    poll = select.poll()
    poll.register(fd, select.POLLIN)

    def waits() -> None:
        assert poll.poll(10_000)

    return waits, lambda: os.eventfd_write(fd, 1)


def by_select(race: Race) -> Ends:
    one, other = _pair(race)

    def waits() -> None:
        assert select.select([one], [], [], 30)[0]

    return waits, lambda: other.send(b"x")


def by_a_selector(race: Race) -> Ends:
    one, other = _pair(race)
    selector = race.enter(selectors.DefaultSelector())
    selector.register(one, selectors.EVENT_READ)

    def waits() -> None:
        assert selector.select(5)

    return waits, lambda: other.send(b"x")


def by_a_socket_with_a_timeout(race: Race) -> Ends:
    one, other = _pair(race)
    one.settimeout(5)
    return lambda: one.recv(1), lambda: other.send(b"x")


def by_datagrams(race: Race) -> Ends:
    inbox, outbox = (race.enter(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) for _ in range(2))
    inbox.bind(("127.0.0.1", 0))
    name = inbox.getsockname()
    return lambda: inbox.recvfrom(10), lambda: outbox.sendto(b"x", name)


def by_small_writes(race: Race) -> Ends:
    """Two small writes before the word: the kernel holds the second until the first is acknowledged."""
    listens = race.enter(socket.create_server(("127.0.0.1", 0)))
    outbox = race.enter(socket.create_connection(listens.getsockname()))
    inbox = race.enter(listens.accept()[0])
    inbox.settimeout(2)

    def waits() -> None:
        got = b""
        while len(got) < 3:
            got += inbox.recv(1)

    return waits, lambda: [outbox.send(letter) for letter in (b"a", b"b", b"c")]


def by_a_file_of_text(race: Race) -> Ends:
    reader, writer = os.pipe()
    source, target = race.enter(os.fdopen(reader)), race.enter(os.fdopen(writer, "w"))
    return source.readline, lambda: print("x", file=target, flush=True)


def by_a_vector(race: Race) -> Ends:
    reader, writer = os.pipe()
    race.enter(os.fdopen(reader, "rb", 0))
    race.enter(os.fdopen(writer, "wb", 0))
    return lambda: os.readv(reader, [bytearray(1)]), lambda: os.write(writer, b"x")


def by_a_semaphore_of_processes(_: Race) -> Ends:
    lock = multiprocessing.get_context("spawn").Semaphore(0)
    return lock.acquire, lock.release


WAYS = (
    *(by_poll_of_an_eventfd, by_select, by_a_selector, by_a_socket_with_a_timeout, by_datagrams, by_small_writes),
    *(by_a_file_of_text, by_a_vector, by_a_semaphore_of_processes),
)


def _told(ends: Callable[[Race], Ends], *, early: bool) -> Callable[[Race], None]:
    """A worker dumps when it is told that the event is masked; told ``early``, it may dump it raw."""

    def body(race: Race) -> None:
        text, mask = _masking(race)
        waits, says = ends(race)
        event = {"message": text}

        def masks() -> None:
            if early:
                says()
            event["message"] = mask(event["message"])
            if not early:
                says()

        def dumps() -> None:
            waits()
            race.dump(event)

        race.thread(dumps)
        race.thread(masks)

    return body


for way in WAYS:
    bad, good = _told(way, early=True), _told(way, early=False)
    words = way.__name__.replace("_", " ")
    bad.__name__, good.__name__ = f"told_too_early_{way.__name__}", f"told_in_time_{way.__name__}"
    bad.__doc__ = f"One thread tells another, {words}, to dump before it has masked."
    good.__doc__ = f"The right twin: it tells it when it has masked, well before the limit of the wait {words}."
    case("3.4", LEAK, executions=80)(bad)
    case("3.4", PASS, executions=60)(good)


def _server(race: Race, *, answers: bool) -> None:
    text, mask = _masking(race)
    listens = race.enter(socket.create_server(("127.0.0.1", 0)))

    def serves() -> None:
        connection, _ = listens.accept()
        with connection:
            data = connection.recv(10)
            if answers:
                connection.sendall(data)
            else:
                time.sleep(20)

    def asks() -> None:
        with socket.socket() as client:
            client.settimeout(5)
            client.connect(listens.getsockname())
            client.sendall(b"x")
            assert client.recv(1) == b"x"

    race.thread(serves)
    race.thread(asks)
    race.crash(lambda: mask(text))


@case("3.4", PASS, executions=100)
def a_server_that_answers(race: Race) -> None:
    """A client and a server of TCP; the client waits for 5 s at most."""
    _server(race, answers=True)


@case("3.4", BUG, "timed out", executions=40)
def a_server_that_sleeps(race: Race) -> None:
    """The wrong twin: it sleeps for 20 s in place of an answer."""
    _server(race, answers=False)


def _writers(race: Race, *, waits: bool) -> None:
    text, mask = _masking(race)
    path = str(race.tmp_path / "base")
    with sqlite3.connect(path) as base:
        base.execute("pragma synchronous = off")
        base.execute("create table seen (value)")
    base.close()
    done = threading.Event()

    def writes(*, holds: bool) -> None:
        mine = sqlite3.connect(path, timeout=5, isolation_level=None)
        mine.execute("pragma synchronous = off")
        mine.execute("begin immediate")
        mine.execute("insert into seen values (1)")
        if holds:
            done.wait(20)
        mine.execute("commit")
        mine.close()

    race.thread(writes, holds=waits)
    race.thread(writes, holds=False)
    race.crash(lambda: mask(text))


@case("3.4", PASS, executions=80)
def two_writers_of_one_base(race: Race) -> None:
    """Two connections of SQLite write; each waits for the other for 5 s, in C."""
    _writers(race, waits=False)


@case("3.4", BUG, "database is locked", executions=80)
def a_writer_that_never_ends(race: Race) -> None:
    """The wrong twin: one keeps its transaction for 20 s."""
    _writers(race, waits=True)


def _sleepers(race: Race, seconds: float) -> None:
    text, mask = _masking(race)
    event = {"message": text}
    usleep = _LIBC["usleep"]  # looked up in each execution: an attribute would be there from the second on

    def masks() -> None:
        usleep(int(seconds * 1e6))
        event["message"] = mask(text)

    def dumps() -> None:
        for _ in range(40):
            if event["message"] != text:
                break
            usleep(100_000)
        race.dump(event)

    race.thread(masks)
    race.thread(dumps)


@case("3.4", LEAK, executions=60)
def gives_up_before_it_is_masked(race: Race) -> None:
    """One sleeps for 8 s in C before it masks; the other looks every tenth of a second and gives up after 4 s."""
    _sleepers(race, 8)


@case("3.4", PASS, executions=60)
def waits_until_it_is_masked(race: Race) -> None:
    """The right twin: it is masked after a second."""
    _sleepers(race, 1)


@case("3.4", PASS, executions=60)
def a_file_that_is_locked(race: Race) -> None:
    """Two threads lock one file by flock, each with a descriptor of its own."""
    text, mask = _masking(race)
    path = race.tmp_path / "lock"
    path.touch()
    inside: list[int] = []

    def locks(number: int) -> None:
        with path.open() as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            inside.append(number)
            assert len(inside) == 1
            inside.remove(number)

    race.thread(locks, 1)
    race.thread(locks, 2)
    race.crash(lambda: mask(text))


@case("3.4", BUG, "deadlock", executions=40)
def each_waits_for_the_other_to_send(race: Race) -> None:
    """Two threads wait in epoll and in readv, without a limit, before they send: nobody ever will."""
    text, mask = _masking(race)
    (one, other), (reader, writer) = _pair(race), os.pipe()
    race.enter(os.fdopen(reader, "rb", 0))
    race.enter(os.fdopen(writer, "wb", 0))
    selector = race.enter(selectors.DefaultSelector())
    selector.register(one, selectors.EVENT_READ)

    def first() -> None:
        race.dump(mask(text))
        selector.select()
        os.write(writer, b"x")

    def second() -> None:
        os.readv(reader, [bytearray(1)])
        other.send(b"x")

    race.thread(first)
    race.thread(second)


@case("3.4", frozenset({"INCONCLUSIVE"}), "not modelled", executions=20)
def waits_for_a_terminal(race: Race) -> None:
    """A wait on a terminal, where somebody outside may type, ends by its limit: nothing follows from that."""
    text, mask = _masking(race)
    ours, theirs = os.openpty()
    race.enter(os.fdopen(ours, "rb", 0))
    race.enter(os.fdopen(theirs, "rb", 0))

    def waits() -> None:
        race.dump(mask(text))
        assert select.select([ours], [], [], 5)[0]

    race.thread(waits)


@case("3.4", frozenset({"INCONCLUSIVE"}), "not modelled", executions=10)
def waits_for_a_signal(race: Race) -> None:
    """A thread waits for a signal that somebody outside may send."""
    text, mask = _masking(race)

    def waits() -> None:
        race.dump(mask(text))
        signal.sigwait([signal.SIGUSR1])

    race.thread(waits)


def _patience(race: Race, seconds: float, *, comes: bool) -> None:
    text, mask = _masking(race)
    done = threading.Event()

    def waits() -> None:
        assert done.wait(seconds), "must come"

    def works() -> None:
        time.sleep(1)
        if comes:
            done.set()

    race.thread(waits)
    race.thread(works)
    race.crash(lambda: mask(text))


@case("3.4", PASS, executions=100)
def an_hour_is_longer_than_a_second(race: Race) -> None:
    """One waits for an hour, for what the other does after a second."""
    _patience(race, 3600, comes=True)


@case("3.4", BUG, "must come", executions=100)
def an_hour_in_vain(race: Race) -> None:
    """The wrong twin: the other does nothing."""
    _patience(race, 3600, comes=False)


@case("3.4", PASS, "uncaught time-out", executions=100)
def two_seconds_may_be_too_short(race: Race) -> None:
    """One waits for two seconds, and the other may be held up for as long: that is a note, as it is for an hour."""
    _patience(race, 2, comes=True)
