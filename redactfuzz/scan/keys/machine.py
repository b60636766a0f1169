"""What an ELF file says of the machine whose memory it holds: in which order its bytes lie, and where words begin."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import attrs

from redactfuzz.dumps.readers.elf_headers import LOAD, MAGIC, read_header, segments
from redactfuzz.dumps.readers.image import Image

_SEGMENTS = 1 << 16
"""That are read, at most."""
_LARGEST = 8
"""Bytes of the largest word that is aligned."""


@attrs.frozen
class Machine:
    """``order``: ``little`` or ``big``; nothing where no file says it. ``alignment``: bytes, of words of 8 bytes."""

    order: str
    alignment: int


_KNOWN: WeakKeyDictionary[Image, Machine] = WeakKeyDictionary()


def machine_of(image: Image) -> Machine:
    """That of an image, or of the image that it is a window of."""
    whole = image.whole
    if (known := _KNOWN.get(whole)) is None:
        known = _KNOWN[whole] = _read(whole)
    return known


def aligned(image: Image, step: int) -> int:
    """At which multiples of bytes memory is looked at: it is aligned in ELF files alone, whose segments say how.

    A Windows minidump puts memory at any offset, and so does whatever writes some of its memory into a file.
    """
    return min(step, machine_of(image).alignment)


def coarsely(image: Image) -> int:
    """At which multiples what nobody asked for is looked at: as words lie in an ELF file, of 8 bytes in all else."""
    machine = machine_of(image)
    return machine.alignment if machine.order else _LARGEST


def _read(image: Image) -> Machine:
    if image.data[:4] != MAGIC:
        return Machine("", 1)
    header = read_header(image.data)
    if header is None:
        return Machine("little", _LARGEST)
    # Machines of 32 bits align words of 8 bytes to 4; and what lies at an aligned address may not at such an offset.
    alignment = min(_LARGEST, header.word)
    for one in segments(image.data, header, _SEGMENTS):
        while one.kind == LOAD and one.file_size and (one.offset - one.address) % alignment:
            alignment //= 2
    return Machine("little" if header.order == "<" else "big", alignment)
