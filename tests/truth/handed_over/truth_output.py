"""Line 2.5: what a scenario writes to stdout and stderr, by whatever way, is a dump unless it says otherwise."""

from __future__ import annotations

import ctypes
import faulthandler
import logging
import os
import sys
import threading
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from truth import LEAK, NO_PROOF, PASS, case

from redactfuzz import Race

_STDERR = logging.StreamHandler(sys.stderr)
"""Made before any scenario runs, as libraries do."""
_DUPLICATE = os.fdopen(os.dup(2), "w", buffering=1)
"""What a logger keeps so that nobody takes it away."""


def _last_resort(text: str) -> None:
    logging.getLogger("truth.unconfigured").warning("failed with %s", text)


def _early_handler(text: str) -> None:
    _STDERR.emit(logging.makeLogRecord({"msg": text}))


def _logging_error(text: str) -> None:
    handler = logging.StreamHandler()
    handler.emit(logging.makeLogRecord({"msg": "%d", "args": (text,)}))


def _printed_exception(text: str) -> None:
    try:
        raise ValueError(text)
    except ValueError:
        traceback.print_exc()


class _Raises:
    """Its destructor raises."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __del__(self) -> None:
        raise ValueError(self.text)


def _unraisable(text: str) -> None:
    before, sys.unraisablehook = sys.unraisablehook, sys.__unraisablehook__
    try:
        _Raises(text)
    finally:
        sys.unraisablehook = before


def _by_libc(text: str) -> None:
    # A foreign function that keeps the interpreter lock: puts() is buffered by the C library, write() is not.
    ctypes.PyDLL(None).write(2, text.encode(), len(text))


WAYS: dict[str, Callable[[str], Any]] = {
    "print": print,
    "print_to_stderr": lambda text: print(text, file=sys.stderr),
    "descriptor_1": lambda text: os.write(1, text.encode()),
    "descriptor_2": lambda text: os.write(2, text.encode()),
    "sys_stderr_write": lambda text: sys.stderr.write(text),
    "the_first_stderr": lambda text: print(text, file=sys.__stderr__, flush=True),
    "the_first_stdout_not_flushed": lambda text: print(text, file=sys.__stdout__),
    "the_buffer_of_stdout": lambda text: sys.stdout.buffer.write(text.encode()),
    "warnings": lambda text: warnings.warn(f"cannot parse {text}", stacklevel=1),
    "the_last_resort_of_logging": _last_resort,
    "a_handler_made_before": _early_handler,
    "a_logging_error": _logging_error,
    "print_exc": _printed_exception,
    "an_exception_in_a_destructor": _unraisable,
    "libc": _by_libc,
}


def _written(way: Callable[[str], Any], *, redacted: bool) -> Callable[[Race], None]:
    def body(race: Race) -> None:
        key = race.canary("key")
        mask = race.redactor(lambda text: "[key]")
        race.thread(lambda: way(mask(key.text) if redacted else mask(key.text) and key.text))

    return body


for name, way in WAYS.items():
    bad, good = _written(way, redacted=False), _written(way, redacted=True)
    bad.__name__, good.__name__ = f"a_secret_through_{name}", f"a_redacted_text_through_{name}"
    bad.__doc__ = f"The secret is written by way of {name.replace('_', ' ')}; nothing else is dumped."
    good.__doc__ = f"A redacted text is written by way of {name.replace('_', ' ')}."
    case("2.5", LEAK, executions=100)(bad)
    case("2.5", PASS, executions=100)(good)


class Journal:
    """Whether the text is masked is decided in one step, and it is printed in another."""

    def __init__(self, text: str) -> None:
        self.text = text


@case("2.5", LEAK)
def a_race_that_only_stderr_shows(race: Race) -> None:
    """A log line is masked in place while another thread prints it; the report itself is clean."""
    key = race.canary("key")
    mask = race.redactor(lambda text: "[key]")
    journal = Journal("")

    def serve() -> None:
        journal.text = key.text
        journal.text = mask(journal.text)

    race.thread(serve)
    race.crash(lambda: sys.stderr.write(f"died with {journal.text}\n") and None)


@case("2.5", PASS)
def what_is_said_to_be_no_dump(race: Race) -> None:
    """The secret is printed for a developer; the scenario says that stderr is no dump, and the report is clean."""
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
    race.ignore("stderr")
    race.thread(lambda: sys.stderr.write(key.text))
    race.crash(lambda: mask(f"died with {key.text}"))


@case("2.5", LEAK)
def the_other_stream_is_a_dump_still(race: Race) -> None:
    """The scenario says that stderr is no dump, and prints the secret to stdout."""
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
    race.ignore("stderr")
    race.thread(lambda: print(key.text))
    race.crash(lambda: mask(f"died with {key.text}"))


@case("2.5", PASS)
def what_is_printed_after_the_crash_does_not_count(race: Race) -> None:
    """A thread prints the secret only when the process is dead: another crashed it, and this one is unwound."""
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
    dead = threading.Event()

    def late() -> None:
        dead.wait()
        print(key.text)

    def handler() -> str:
        return mask(f"died with {key.text}")

    race.thread(late)
    race.crash(handler)


@case("2.5", PASS)
def a_progress_line_beside_a_witness(race: Race) -> None:
    """stderr holds no witness, and need not: the report does."""
    key = race.canary("key")
    build = race.witness("build", "7f3a-build")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
    race.thread(lambda: print("working", file=sys.stderr))
    race.crash(lambda: mask(f"{build} died with {key.text}"))


@case("2.5", PASS)
def a_trace_of_faulthandler(race: Race) -> None:
    """faulthandler writes to a descriptor of its own; there are no values in it."""
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
    race.thread(lambda: faulthandler.dump_traceback(file=2, all_threads=False))
    race.crash(lambda: mask(f"died with {key.text}"))


@case("2.5", LEAK)
def a_secret_through_a_duplicate_of_stderr(race: Race) -> None:
    """A stream of its own, on a duplicate of descriptor 2 that was made long before."""
    key = race.canary("key").text
    redact = race.redactor(len, bypass=lambda text: text)
    race.thread(lambda: print(key, file=_DUPLICATE))
    race.crash(lambda: redact(key))


@case("2.5", LEAK)
def a_secret_through_a_duplicate_of_descriptor_1(race: Race) -> None:
    """The descriptor is duplicated in each execution, and written to."""
    key = race.canary("key").text
    redact = race.redactor(len, bypass=lambda text: text)

    def work() -> None:
        number = os.dup(1)
        os.write(number, key.encode())
        os.close(number)

    race.thread(work)
    race.crash(lambda: redact(key))


@case("2.5", PASS)
def words_through_a_duplicate_of_stderr(race: Race) -> None:
    """The same stream, without the secret; and a file that is no duplicate has it."""
    key = race.canary("key").text
    redact = race.redactor(len, bypass=lambda text: text)

    def work() -> None:
        print("working", file=_DUPLICATE)
        with Path(os.devnull).open("w") as nowhere:
            print(key, file=nowhere)

    race.thread(work)
    race.crash(lambda: redact(key))


def _led_away(race: Race, number: int, open_log: Callable[[Race], int], says: Callable[[str], str]) -> None:
    """A descriptor is led to a log of the program's own, as a daemon does, and something is written there."""
    key = race.canary("key").text
    redact = race.redactor(len, bypass=lambda text: text)

    def work() -> None:
        log = open_log(race)
        os.dup2(log, number)
        os.close(log)
        os.write(number, says(key).encode())

    race.thread(work)
    race.crash(lambda: redact(key))


def _log_file(race: Race) -> int:
    return os.open(race.tmp_path / "log", os.O_WRONLY | os.O_CREAT, 0o600)


def _pipe(race: Race) -> int:
    there, here = os.pipe()
    race.enter(os.fdopen(there, "rb"))
    return here


@case("2.5", LEAK, executions=60)
def stderr_led_to_a_log(race: Race) -> None:
    """Descriptor 2 is led to a file of the program's own, and the secret is written to it."""
    _led_away(race, 2, _log_file, lambda key: key)


@case("2.5", LEAK, executions=60)
def stdout_led_to_a_file_without_a_name(race: Race) -> None:
    """Descriptor 1 is led to a file that has no name."""
    _led_away(race, 1, lambda race: os.memfd_create("log"), lambda key: key[::-1])


@case("2.5", LEAK, "unknown encoding", executions=60)
def another_form_in_the_log(race: Race) -> None:
    """What is in the log is compared as well."""
    _led_away(race, 2, _log_file, lambda key: key.swapcase())


@case("2.5", PASS, executions=60)
def nothing_in_the_log(race: Race) -> None:
    """The same log without the secret."""
    _led_away(race, 2, _log_file, lambda key: "started")


@case("2.5", NO_PROOF, "stdout was led to a pipe", executions=60)
def stdout_led_to_a_pipe(race: Race) -> None:
    """What goes through a pipe of the program's own is not seen, and that is said."""
    _led_away(race, 1, _pipe, lambda key: key)


@case("2.5", LEAK, executions=60)
def stdout_led_to_stderr(race: Race) -> None:
    """2>&1: what was written there is read as it was before."""
    _led_away(race, 1, lambda race: os.dup(2), lambda key: key)
