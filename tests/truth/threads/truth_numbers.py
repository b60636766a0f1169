"""Lines 3.2 and 3.4: the text of an exception holds what another process numbers or names in another way."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Callable
from typing import Any

from truth import BUG, PASS, case

from redactfuzz import Race

INCONCLUSIVE = frozenset({"INCONCLUSIVE"})
COUNTED: list[int] = []
NUMBERED: list[int] = []


def _works(race: Race, work: Callable[[], Any]) -> None:
    key = race.canary("key").text
    redact = race.redactor(lambda text: text.replace(key, "[key]"))
    race.thread(work)
    race.crash(lambda: redact(key))


@case("3.4", BUG, "Bad file descriptor: '", executions=60)
def an_exception_that_names_a_descriptor(race: Race) -> None:
    """A closed descriptor is used, and the exception says its number."""

    def work() -> None:
        number = os.open("/", os.O_RDONLY)
        os.close(number)
        raise OSError(9, "Bad file descriptor", str(number))

    _works(race, work)


@case("3.4", BUG, "family=2, type=1", executions=60)
def an_exception_that_shows_a_socket(race: Race) -> None:
    """The text of an exception is the repr of a socket, with its descriptor."""

    def work() -> None:
        with socket.socket() as made:
            raise RuntimeError(repr(made))

    _works(race, work)


@case("3.4", BUG, "FileNotFoundError: [Errno 2] No such file or directory", executions=60)
def an_exception_that_names_a_lock_file(race: Race) -> None:
    """The name of a file that is missing holds the folder of the execution, the process and a descriptor."""

    def work() -> None:
        number = os.open("/", os.O_RDONLY)
        os.close(number)
        (race.tmp_path / f"app.{os.getpid()}.{number}.lock").read_text()

    _works(race, work)


@case("3.4", BUG, "RuntimeError: cannot use", executions=60)
def an_exception_that_names_a_temporary_file(race: Race) -> None:
    """A temporary file of a prefix of its own: what tempfile draws for its name is another in each process."""

    def work() -> None:
        with tempfile.NamedTemporaryFile(prefix="app_") as made:
            raise RuntimeError(f"cannot use {made.name}")

    _works(race, work)


@case("3.4", PASS, executions=60)
def an_exception_of_a_descriptor_that_is_caught(race: Race) -> None:
    """The same where the exception is caught."""

    def work() -> None:
        number = os.open("/", os.O_RDONLY)
        os.close(number)
        try:
            raise OSError(9, "Bad file descriptor", str(number))
        except OSError:
            pass

    _works(race, work)


@case("3.2", INCONCLUSIVE, "leaves something for the next in truth_numbers.COUNTED", executions=60)
def an_exception_of_what_was_left(race: Race) -> None:
    """Only what earlier executions left raises it, and the text counts them: in a fresh process there is no bug."""

    def work() -> None:
        COUNTED.append(1)
        if len(COUNTED) > 3:
            raise RuntimeError(f"{len(COUNTED)} entries are left")

    _works(race, work)


@case("3.2", INCONCLUSIVE, "leaves something for the next in truth_numbers.", executions=200)
def an_exception_of_another_place(race: Race) -> None:
    """The same; in a fresh process the schedule ends in an exception of another line, with another number."""
    seen: list[int] = []

    def work() -> None:
        left, before = len(NUMBERED), len(seen)
        NUMBERED.append(1)
        os.getpid()
        changed = len(seen) > before
        if changed * (left > 3):
            raise RuntimeError(f"entry {left} is lost")
        if changed * (left == 0):
            raise RuntimeError(f"entry {left} is lost")

    _works(race, work)
    race.thread(lambda: seen.append(1))
