"""Lines 2.6 and 3.2: what was open before the first execution is for each as it was for the first."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import IO

from truth import LEAK, PASS, UNACCUSED, WITHHELD, case

from redactfuzz import Race

_HERE = Path(__file__)
_WHOLE = _HERE.read_text(encoding="utf-8")
RAW = os.open(__file__, os.O_RDONLY)
TEXT: IO[str] = _HERE.open(encoding="utf-8")
BYTES: IO[bytes] = _HERE.open("rb")
BEGUN: IO[str] = _HERE.open(encoding="utf-8")
FIRST_LINE = BEGUN.readline()
FLAGS = os.pipe()
FILLED = os.pipe()
os.write(FILLED[1], b"token")
os.set_blocking(FILLED[0], False)
EMPTY = os.pipe()
LEFT_IN = os.pipe()
os.set_blocking(LEFT_IN[0], False)


def _leaks_if(race: Race, first: bool) -> None:
    """Between two stores of a thread the crash shows the secret, in an execution that met something as it was."""
    key = race.canary("key")
    done = {"begun": 0, "ended": 0}
    text = key.text
    mask = race.redactor(lambda value: value.replace(text, "[key]"))

    def works() -> None:
        done["begun"] = 1
        len(text)
        done["ended"] = 1

    race.thread(works)
    race.crash(lambda: mask(text) + text[: 32 * first * done["begun"] * (1 - done["ended"])])


@case("2.6", LEAK)
def where_a_text_file_stands(race: Race) -> None:
    """It leaks where a text file that the module has opened stands at its beginning."""
    _leaks_if(race, TEXT.read(9) == _WHOLE[:9])


@case("2.6", LEAK)
def where_a_binary_file_stands(race: Race) -> None:
    """The same of a binary file, of which a line is read."""
    _leaks_if(race, BYTES.readline() == FIRST_LINE.encode())


@case("2.6", LEAK)
def where_a_file_that_was_begun_stands(race: Race) -> None:
    """The same where the module has read the first line, and the file object has read ahead."""
    _leaks_if(race, BEGUN.readline() == _WHOLE.splitlines(keepends=True)[1])


@case("2.6", LEAK)
def where_a_descriptor_stands(race: Race) -> None:
    """The same of a descriptor, which every execution moves."""
    first = os.lseek(RAW, 0, os.SEEK_CUR) == 0
    os.lseek(RAW, 5, os.SEEK_SET)
    _leaks_if(race, first)


@case("2.6", LEAK)
def where_standard_output_stands(race: Race) -> None:
    """The same of descriptor 1, which leads to a file of ours."""
    first = os.lseek(1, 0, os.SEEK_CUR) == 0
    os.lseek(1, 5, os.SEEK_SET)
    _leaks_if(race, first)


@case("2.6", LEAK)
def whether_a_descriptor_blocks(race: Race) -> None:
    """It leaks where a descriptor still blocks, and makes it one that does not."""
    first = os.get_blocking(FLAGS[0])
    os.set_blocking(FLAGS[0], False)
    _leaks_if(race, first)


@case("2.6", LEAK)
def whether_a_descriptor_blocks_when_its_process_dies(race: Race) -> None:
    """The same where each execution ends its process, so that nothing in it puts anything back."""
    first = os.get_blocking(FLAGS[0])
    os.set_blocking(FLAGS[0], False)
    _leaks_if(race, first)
    race.thread(lambda: os._exit(3))


@case("2.6", WITHHELD, "a pipe with bytes from before the first one")
def what_is_in_a_pipe(race: Race) -> None:
    """It leaks where it reads from a pipe what the module has written there: that cannot be put back."""
    first = False
    with contextlib.suppress(BlockingIOError):
        first = os.read(FILLED[0], 5) == b"token"
    _leaks_if(race, first)


@case("3.2", PASS)
def a_file_is_read_to_its_end(race: Race) -> None:
    """A right twin: it would leak where a file that the module has opened, in two ways, had another content."""
    text = TEXT.readline() + TEXT.read()
    raw = b"".join(BYTES)
    _leaks_if(race, text != _WHOLE or raw != _WHOLE.encode() or TEXT.read() != "")


@case("3.2", PASS)
def a_file_is_read_line_by_line(race: Race) -> None:
    """The same with the lines of one that was begun, none of which comes twice."""
    _leaks_if(race, FIRST_LINE + "".join(BEGUN) != _WHOLE)


@case("3.2", PASS)
def a_pipe_is_written_and_read(race: Race) -> None:
    """A right twin: what it reads from a pipe that was made before it has written there itself."""
    os.write(EMPTY[1], b"own")
    _leaks_if(race, os.read(EMPTY[0], 16) != b"own")


@case("3.2", PASS)
def a_pipe_is_left_filled(race: Race) -> None:
    """A right twin: it would leak where an execution before had left something in a pipe, as each does."""
    left = False
    with contextlib.suppress(BlockingIOError):
        left = bool(os.read(LEFT_IN[0], 16))
    os.write(LEFT_IN[1], b"own")
    _leaks_if(race, left)


@case("3.2", UNACCUSED, isolation="process")
def a_pipe_is_left_filled_by_its_process(race: Race) -> None:
    """The same where each execution has a process of its own."""
    a_pipe_is_left_filled(race)
