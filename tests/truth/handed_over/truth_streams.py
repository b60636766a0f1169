"""Line 2.5: stdout and stderr are as a process has them, and what a stream upon them holds comes out at the end."""

from __future__ import annotations

import io
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from truth import LEAK, PASS, case

from redactfuzz import Race

KEPT: list[Any] = []


def _wrapped(text: str) -> None:
    sys.stdout = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8")
    print(text)


def _detached(text: str) -> None:
    sys.stderr = io.TextIOWrapper(sys.stderr.detach(), encoding="latin-1")  # type: ignore[union-attr]
    print(text, file=sys.stderr)


def _opened(text: str) -> None:
    sys.stdout = Path("/dev/fd/1").open("w", encoding="utf-8")  # noqa: SIM115
    print(text)


def _of_a_number(text: str) -> None:
    sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
    print(text)


def _reconfigured(text: str) -> None:
    sys.stdout.reconfigure(write_through=False)  # type: ignore[union-attr]
    print(text)


def _kept_above(text: str) -> None:
    KEPT[:] = [io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8")]
    KEPT[0].write(text)


def _kept_below(text: str) -> None:
    KEPT[:] = [io.BufferedWriter(sys.stderr.buffer.raw)]  # type: ignore[union-attr]
    KEPT[0].write(text.encode())


def _kept_of_a_number(text: str) -> None:
    KEPT[:] = [os.fdopen(1, "w", closefd=False)]
    KEPT[0].write(text)


def _logged(text: str) -> None:
    logger = logging.Logger("streams")
    logger.addHandler(logging.StreamHandler(io.TextIOWrapper(sys.stderr.buffer, write_through=False)))
    logger.warning("with %s", text)


def _cut_afterwards(text: str) -> None:
    print(text, flush=True)
    with Path("/dev/stdout").open("w") as stream:
        stream.write("done\n")


def _overwritten(text: str) -> None:
    print(text, flush=True)
    number = os.open("/proc/self/fd/1", os.O_WRONLY)
    os.write(number, b"#" * 100)
    os.close(number)


def _truncated(text: str) -> None:
    os.write(2, text.encode())
    os.ftruncate(2, 0)


def _sought(text: str) -> None:
    print(text, flush=True)
    os.lseek(1, 0, os.SEEK_SET)
    print("#" * 100)


def _raw(text: str) -> None:
    sys.stdout.buffer.raw.write(text.encode())  # type: ignore[union-attr]
    sys.stdout.buffer.flush()


def _by_bytes(text: str) -> None:
    for each in text:
        print(each, end="")


WAYS: dict[str, Callable[[str], None]] = {
    "a_wrapper_in_place_of_stdout": _wrapped,
    "a_wrapper_of_detached_stderr": _detached,
    "an_opened_device": _opened,
    "a_stream_of_descriptor_1": _of_a_number,
    "stdout_that_holds_back": _reconfigured,
    "a_wrapper_that_is_kept": _kept_above,
    "a_buffer_that_is_kept": _kept_below,
    "a_kept_stream_of_descriptor_1": _kept_of_a_number,
    "a_handler_that_holds_back": _logged,
    "stdout_that_is_opened_anew": _cut_afterwards,
    "stdout_that_is_written_over": _overwritten,
    "stderr_that_is_cut": _truncated,
    "stdout_that_is_sought_back": _sought,
    "the_raw_stream_of_stdout": _raw,
    "single_characters": _by_bytes,
}


def _written(way: Callable[[str], None], *, redacted: bool) -> Callable[[Race], None]:
    def body(race: Race) -> None:
        key = race.canary("key")
        mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
        race.thread(lambda: way("fine" if redacted else key.text))
        race.crash(lambda: mask(f"died with {key.text}"))

    return body


for name, way in WAYS.items():
    bad, good = _written(way, redacted=False), _written(way, redacted=True)
    bad.__name__, good.__name__ = f"the_secret_in_{name}", f"no_secret_in_{name}"
    bad.__doc__ = f"The secret is written by way of {name.replace('_', ' ')}."
    good.__doc__ = f"Something else is written by way of {name.replace('_', ' ')}."
    case("2.5", LEAK, executions=20)(bad)
    case("2.5", PASS, executions=20)(good)
