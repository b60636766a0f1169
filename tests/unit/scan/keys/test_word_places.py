"""Where words begin in memory, by what an ELF file says of its machine and its segments."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import pytest

from redactfuzz.dumps.readers.image import Image
from redactfuzz.scan.keys.machine import Machine, aligned, coarsely, machine_of


def core(segments: Sequence[tuple[int, int, int]], bits: int = 64, order: str = "<") -> bytes:
    """An ELF core of segments, each with (offset, address, bytes in the file)."""
    word, number = ("Q", 2) if bits == 64 else ("I", 1)
    ident = b"\x7fELF" + bytes([number, 1 if order == "<" else 2, 1]) + bytes(9)
    size, entry = (64, 56) if bits == 64 else (52, 32)
    header = struct.pack(f"{order}HHI3{word}I6H", 4, 0, 1, 0, size, 0, 0, size, entry, len(segments), 0, 0, 0)
    table = b""
    for offset, address, length in segments:
        if bits == 64:
            table += struct.pack(f"{order}IIQQQQQQ", 1, 6, offset, address, 0, length, length, 1)
        else:
            table += struct.pack(f"{order}8I", 1, offset, address, 0, length, length, 6, 1)
    return ident + header + table


@pytest.mark.parametrize(
    ("data", "machine"),
    [
        (b"no ELF file", Machine("", 1)),
        (b"\x7fELF and nothing that makes sense", Machine("little", 8)),
        (core([(0x1000, 0x7000, 64), (0x2000, 0x9000, 64)]), Machine("little", 8)),
        (core([(0x1000, 0x7000, 64)], order=">"), Machine("big", 8)),
        (core([(0x1000, 0x7000, 64)], 32), Machine("little", 4)),
        (core([(0x1000, 0x7000, 64)], 32, ">"), Machine("big", 4)),
        # A debugger puts the first segment right behind the notes: what counts is where memory lies, and not the file.
        (core([(0x1234, 0x7004, 64)]), Machine("little", 8)),
        (core([(0x1000, 0x7000, 64), (0x2004, 0x9000, 64)]), Machine("little", 4)),
        (core([(0x1001, 0x7000, 64)]), Machine("little", 1)),
        (core([(0x1001, 0x7000, 0)]), Machine("little", 8)),
    ],
)
def test_words_lie_where_the_segments_of_a_file_have_them(data: bytes, machine: Machine) -> None:
    image = Image("it", data)
    assert machine_of(image) == machine
    assert (aligned(image, 8), aligned(image, 4)) == (machine.alignment, min(4, machine.alignment))
    assert coarsely(image) == (machine.alignment if machine.order else 8)
    window = Image("it", b"", of=image)
    assert machine_of(window) == machine
