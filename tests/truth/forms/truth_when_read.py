"""A handler may show what was allowed while it ran, another thread what is allowed when it writes."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable

from truth import LEAK, PASS, case

from redactfuzz import Canary, Race

Read = Callable[[bytearray], object]


def _in_use(race: Race, read: Read, *, early: bool = False) -> None:
    """A worker allows the key, fills the buffer, and forbids it while a handler is under way."""
    key = race.canary("key")
    buffer, lock = bytearray(key.size), threading.Lock()
    mask = race.redactor(lambda data: b"[masked]" if any(data) else data)

    def work() -> None:
        if not early:
            key.allow()
        key.write_into(buffer)
        if early:
            key.allow()
        if early:
            with lock:
                pass
        buffer[:] = bytes(key.size)
        key.forbid()

    def handler() -> object:
        shown = read(buffer)
        if early:
            with lock:
                pass
        return shown

    race.thread(work)
    race.crash(handler)
    race.dump(mask(key.bytes))


@case("41.6", PASS, executions=400)
def read_while_that_is_allowed(race: Race) -> None:
    """The handler copies the key while that is allowed, and hands it over when it is not any more."""
    _in_use(race, bytes)


@case("41.6", PASS, executions=400)
def encoded_while_that_is_allowed(race: Race) -> None:
    """The same, and only another form of the key is left in the handler."""
    _in_use(race, lambda buffer: {"memory": [base64.b64encode(buffer)]})


@case("41.6", LEAK, executions=150)
def read_before_that_is_allowed(race: Race) -> None:
    """The handler copies the key before that is allowed, and hands it over when it is."""
    _in_use(race, bytes, early=True)


def _waits(race: Race, *, wipes: bool) -> None:
    key = race.canary("key")
    buffer, lock, struck = bytearray(key.size), threading.Lock(), threading.Event()
    mask = race.redactor(lambda data: b"[masked]" if any(data) else data)

    def work() -> None:
        with lock:
            key.allow()
            key.write_into(buffer)
            waited = struck.is_set()
            if wipes or not waited:
                buffer[:] = bytes(key.size)
            key.forbid()
        buffer[:] = bytes(key.size)

    def handler() -> bytes:
        mine = buffer
        struck.set()
        with lock:
            return bytes(mine)

    race.thread(work)
    race.crash(handler)
    race.dump(mask(key.bytes))


@case("41.6", LEAK, executions=300)
def read_after_a_lock(race: Race) -> None:
    """The handler begins while the key is in use, waits for the lock, and reads what nobody has wiped by then."""
    _waits(race, wipes=False)


@case("41.6", PASS, executions=300)
def wiped_before_the_lock(race: Race) -> None:
    """The same, wiped before the lock is released."""
    _waits(race, wipes=True)


def _writes(race: Race, *, after: bool, by_handler: bool = False) -> None:
    key = race.canary("key")
    struck = threading.Event()
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
    box = [key.text]
    key.allow()

    def work(key: Canary) -> None:
        text = box[0]
        is_struck = struck.is_set()
        if is_struck and not by_handler and not after:
            print(text)
        box[0] = ""
        key.forbid()
        if is_struck and not by_handler and after:
            print(text)

    def handler() -> str:
        text = box[0]
        struck.set()
        if by_handler:
            print("one")
            print(text)
        for each in range(3):
            print(each)
        return str(mask(text))

    race.thread(work, key)
    race.crash(handler)


def _seeds(expected: frozenset[str], says: str, what: str, **options: bool) -> None:
    for seed in range(4):

        def body(race: Race) -> None:
            _writes(race, **options)

        body.__name__ = f"written_{'_'.join(options)}_{options['after']}_{seed}"
        body.__doc__ = f"{what} Seed {seed}."
        case("41.5", expected, says, executions=200, seed=seed)(body)


_seeds(LEAK, "stdout", "Another thread prints the key after forbid(), while an earlier handler runs.", after=True)
_seeds(PASS, "", "It prints the key before forbid(), while a handler runs.", after=False)


@case("41.5", PASS, executions=200)
def the_handler_prints_what_it_read(race: Race) -> None:
    """The handler prints after forbid() what it read before; the worker prints nothing."""
    _writes(race, after=False, by_handler=True)
