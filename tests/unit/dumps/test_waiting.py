"""A pipe that does not block is read to its end, and not to where nothing has come yet."""

from __future__ import annotations

import io
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from redactfuzz.dumps.readers import waiting
from redactfuzz.dumps.readers.opening import NothingToRead, images
from redactfuzz.dumps.readers.spool import Spool


@pytest.fixture(name="pipe")
def _pipe() -> Iterator[tuple[IO[bytes], int]]:
    """Its end for reading, which does not block, and the descriptor for writing, which a test closes."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    with os.fdopen(reading, "rb") as stream:
        yield stream, writing


def copied(stream: IO[bytes], *, waits: bool) -> tuple[bytes, str]:
    with Spool() as spool:
        why = spool.copy(stream, 1 << 20, waits=waits)
        return bytes(spool.image("x").data), why


def test_what_comes_after_a_pause_is_read(pipe: tuple[IO[bytes], int]) -> None:
    stream, writing = pipe
    os.write(writing, b"first ")
    looked = threading.Event()

    class Told(io.FileIO):
        def read(self, size: int = -1) -> bytes | None:  # type: ignore[override]
            block = super().read(size)
            if block is None:
                looked.set()
            return block

    def write() -> None:
        looked.wait()
        os.write(writing, b"second")
        os.close(writing)

    writer = threading.Thread(target=write)
    writer.start()
    with io.BufferedReader(Told(stream.fileno(), closefd=False)) as told:  # type: ignore[type-var]
        assert copied(told, waits=True) == (b"first second", "")
    writer.join()


def test_its_end_is_its_end(pipe: tuple[IO[bytes], int]) -> None:
    stream, writing = pipe
    os.write(writing, b"all")
    os.close(writing)
    assert copied(stream, waits=True) == (b"all", "")


def test_where_nobody_waits_it_is_said_that_the_rest_is_missing(pipe: tuple[IO[bytes], int]) -> None:
    stream, writing = pipe
    os.write(writing, b"first")
    data, why = copied(stream, waits=False)
    assert data == b"first"
    assert "nothing more comes" in why
    os.close(writing)


def test_what_is_promised_and_never_comes_is_waited_for_a_bounded_number_of_times(
    pipe: tuple[IO[bytes], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where another process reads the same pipe, and is always faster."""
    stream, writing = pipe
    pauses: list[float] = []
    monkeypatch.setattr(waiting, "_wait", lambda descriptor: None)
    monkeypatch.setattr(time, "sleep", pauses.append)
    data, why = copied(stream, waits=True)
    assert data == b""
    assert "nothing more comes" in why
    assert len(pauses) == waiting._PAUSES
    assert 5 < sum(pauses) < 20
    os.close(writing)


def test_a_file_of_the_kernel_that_gives_nothing_for_the_time_being_is_not_empty(
    monkeypatch: pytest.MonkeyPatch, pipe: tuple[IO[bytes], int], tmp_path: Path
) -> None:
    """As /proc/kmsg does: it has no size, is opened so that nothing blocks, and cannot be read anew."""
    stream, writing = pipe
    path = tmp_path / "kmsg"
    path.touch()
    empty = path.stat()
    monkeypatch.setattr(os, "open", lambda *_: os.dup(stream.fileno()))
    monkeypatch.setattr(os, "fstat", lambda _: empty)
    with pytest.raises(NothingToRead, match="cannot be read"):
        list(images(path))
    os.close(writing)
