"""Line 2.5: what a process does when it exits is part of what it does."""

from __future__ import annotations

import atexit
import ctypes
import logging
import logging.handlers
import sys
import weakref
from collections.abc import Callable
from typing import Any

from truth import LEAK, NO_PROOF, PASS, WITHHELD, case

from redactfuzz import Race


class Held:
    """What a finalizer waits for."""


KEPT: list[Any] = []


def _function(race: Race, text: str) -> None:
    atexit.register(lambda: print(text))


def _builtin_with_arguments(race: Race, text: str) -> None:
    atexit.register(print, text, file=sys.stderr)


def _decorated(race: Race, text: str) -> None:
    @atexit.register
    def flush() -> None:
        race.dump(text)


def _handler(race: Race, text: str) -> None:
    logger = logging.Logger("exit")
    KEPT[:] = [logging.handlers.MemoryHandler(1000, target=logging.StreamHandler(sys.stderr))]
    logger.addHandler(KEPT[0])
    logger.warning("with %s", text)


def _finalizer(race: Race, text: str) -> None:
    KEPT[:] = [Held()]
    weakref.finalize(KEPT[0], print, text)


def _traceback(race: Race, text: str) -> None:
    def fails() -> None:
        raise ValueError(text)

    atexit.register(fails)


WAYS: dict[str, Callable[[Race, str], None]] = {
    "a_function_of_atexit": _function,
    "arguments_of_atexit": _builtin_with_arguments,
    "a_decorated_function_that_dumps": _decorated,
    "a_handler_that_holds_records_back": _handler,
    "a_finalizer": _finalizer,
    "the_traceback_of_a_function_of_atexit": _traceback,
}


def _left(way: Callable[[Race, str], None], *, masked: bool) -> Callable[[Race], None]:
    def body(race: Race) -> None:
        key = race.canary("key")
        mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
        race.thread(lambda: way(race, "fine" if masked else key.text))
        race.crash(lambda: mask(f"died with {key.text}"))

    return body


for name, way in WAYS.items():
    bad, good = _left(way, masked=False), _left(way, masked=True)
    bad.__name__, good.__name__ = f"the_secret_left_to_{name}", f"nothing_left_to_{name}"
    bad.__doc__ = f"The secret is left to {name.replace('_', ' ')} when the process exits."
    good.__doc__ = f"Something else is left to {name.replace('_', ' ')}."
    case("2.5", LEAK, executions=20)(bad)
    case("2.5", PASS, executions=20)(good)


@case("2.5", PASS, executions=20)
def what_is_taken_back_does_not_run(race: Race) -> None:
    """A function that prints the secret is registered, and unregistered before the process exits."""
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))

    def work() -> None:
        def tell() -> None:
            print(key.text)

        atexit.register(tell)
        atexit.unregister(tell)

    race.thread(work)
    race.crash(lambda: mask(f"died with {key.text}"))


@case("2.5", NO_PROOF, strategy="exhaustive", granularity="switches", executions=200)
def a_crash_before_the_end_is_no_exit(race: Race) -> None:
    """What is registered is run where every thread has ended, which is not everywhere: nothing is proved."""
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))

    def work() -> None:
        atexit.register(print, "fine")
        mask(key.text)

    race.thread(work)
    race.crash(lambda: mask(f"died with {key.text}"))


def _dumps_and_dies(race: Race, text: str) -> None:
    def ends() -> None:
        race.dump(text)
        ctypes.string_at(0)

    atexit.register(ends)


@case("2.5", LEAK, executions=4)
def a_leak_before_a_fault_at_exit(race: Race) -> None:
    """A function of atexit dumps the key, and the process dies of a fault in it."""
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))

    def handler() -> str:
        _dumps_and_dies(race, key.text)
        return mask(key.text)

    race.crash(handler)


@case("2.5", WITHHELD, executions=4)
def a_fault_at_exit(race: Race) -> None:
    """A function of atexit dumps what is masked, and the process dies of a fault in it."""
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))

    def handler() -> str:
        _dumps_and_dies(race, mask(key.text))
        return mask(key.text)

    race.crash(handler)
