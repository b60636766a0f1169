"""What a call is handed, and whether anybody can change it meanwhile."""

from __future__ import annotations

import array
import ctypes
import io
import mmap
from typing import Any

import pytest

from redactfuzz.threads.restore.memory import cannot_change


class Text(str):
    """Adds nothing."""

    __slots__ = ()


class Other(bytes):
    """Shows other memory than its own, where the interpreter asks it."""

    def __buffer__(self, flags: int) -> memoryview:
        return memoryview(bytearray(b"other"))


def test_a_stream_hands_on_what_nobody_can_change() -> None:
    views: list[Any] = []

    class Sink(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, data: Any) -> int:
            views.append((data.readonly, data.obj, cannot_change(data)))
            return len(data)

    with io.BufferedWriter(Sink()) as stream:
        stream.write(b"text")
    assert views == [(True, None, True)]


def released() -> memoryview:
    view = memoryview(b"text")
    view.release()
    return view


@pytest.mark.parametrize("value", [b"text", "text", Text("text"), memoryview(b"text"), memoryview(b"text")[1:]])
def test_nobody_can_change_it(value: Any) -> None:
    assert cannot_change(value)


CHANGING = {
    "bytearray": bytearray(b"text"),
    "view": memoryview(bytearray(b"text")),
    "read-only view": memoryview(bytearray(b"text")).toreadonly(),
    "part of one": memoryview(bytearray(b"text")).toreadonly()[1:],
    "array": array.array("B", b"text"),
    "ctypes": ctypes.create_string_buffer(8),
    "view of ctypes": memoryview(ctypes.create_string_buffer(8)).toreadonly(),
    "mapped": memoryview(mmap.mmap(-1, 8)).toreadonly(),
    "BytesIO": io.BytesIO(b"text").getbuffer().toreadonly(),
    "shows other memory": Other(b"text"),
    "address": 1 << 40,
    "list": [b"text"],
    "released": released(),
}


@pytest.mark.parametrize("name", CHANGING)
def test_others_can_change_it_or_it_is_not_known(name: str) -> None:
    assert not cannot_change(CHANGING[name])
