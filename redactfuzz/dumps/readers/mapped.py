"""Files in memory maps: what of them went away or came while they were read, and their windows, in bounded memory."""

from __future__ import annotations

import contextlib
import mmap
import os
from collections.abc import Iterator

from redactfuzz.dumps._process import ffi, lib
from redactfuzz.dumps.readers.holes import filled
from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import Gap

CORE, WIDE_CORE = 32 << 20, 64 << 20
"""Bytes of a window without its margins: two are looked at at a time, and all of them stay in memory until then."""
_MARGIN = 4 << 20
"""Bytes that a window shows on either side of its core: what is judged together lies nearer than this."""
_PIECE = 1 << 20
"""Bytes of memory from which a piece is large."""


def mapped(name: str, descriptor: int, within: tuple[str, int] | None = None) -> Image:
    """The file of a descriptor, which stays open as long as the image is used. Raises OSError or ValueError."""
    size = os.fstat(descriptor).st_size
    if size == 0:
        return Image(name, b"", descriptor, within=within)
    data = mmap.mmap(descriptor, size, access=mmap.ACCESS_READ)
    data.madvise(mmap.MADV_SEQUENTIAL)  # the kernel need not note, page by page, what was read last
    return Image(name, data, descriptor, within=within, filled=filled(descriptor, size))


@contextlib.contextmanager
def guarded(image: Image) -> Iterator[list[int]]:
    """While inside, pages that somebody cuts off the file read as zeros. Gives where they began, once left."""
    lost: list[int] = []
    if not isinstance(image.data, mmap.mmap):
        yield lost
        return
    # No buffer is held on: the address is valid as long as the map is, and the map can still be closed.
    address = int(ffi.cast("uintptr_t", ffi.from_buffer(image.data)))
    guard = ffi.new("rf_guard *", {"start": address, "size": image.size})
    on = lib.rf_guard_on(guard) == 0
    try:
        yield lost
    finally:
        if on:
            lib.rf_guard_off(guard)
            if guard.lost < image.size:
                lost.append(int(guard.lost))


def changes(image: Image, before: os.stat_result, lost: list[int]) -> Iterator[Gap]:
    """What happened to the file of an image since it was mapped. Its descriptor must still be open."""
    if image.descriptor is None:
        return
    after = os.fstat(image.descriptor)
    end = min([after.st_size, *lost])
    if end < image.size:
        yield Gap(image.name, "the file became shorter while it was read", end, image.size - end)
    elif after.st_size > image.size:
        grown = after.st_size - image.size
        yield Gap(image.name, "the file has grown while it was read: scan it again when it is whole", image.size, grown)
    elif (after.st_mtime_ns, after.st_ctime_ns) != (before.st_mtime_ns, before.st_ctime_ns):
        # Who sets the one back cannot set the other.
        yield Gap(image.name, "the file was written to while it was read: scan it again when nobody writes")


def give_back() -> None:
    """From here on large pieces of memory are given back when they are free, which takes some time for each.

    Where keys are looked for by their public halves, that is 60 of 250 MB, and a hundredth of the time.
    """
    lib.rf_heap_apart_from(_PIECE)


def trim() -> None:
    """What is free now is given back, once: between two parts of a search."""
    lib.rf_heap_trim()


Range = tuple[int, int, int, int]
"""Of a window in its image: where it begins and ends, and where its core does. Windows overlap and cores do not."""


def ranges(image: Image, size: int = 0) -> list[Range]:
    """Those of the windows of an image, with cores of so many bytes (CORE where nothing is said).

    A small image, and one that is not mapped, is one. Zeros alone are none.
    """
    size = size or CORE
    if image.descriptor is None or not isinstance(image.data, mmap.mmap) or image.size <= size + _MARGIN:
        return [(0, image.size, 0, image.size)]
    found = []
    for start in range(0, image.size, size):
        end = min(start + size, image.size)
        first, last = max(0, start - _MARGIN), min(image.size, end + _MARGIN)
        if any(low < last and first < high for low, high in image.filled):
            found.append((first, last, start, end))
    return found


@contextlib.contextmanager
def window(image: Image, its: Range) -> Iterator[Image]:
    """A window as long as it is looked at; its pages are given back then. Several may be open, in several threads."""
    first, last = its[:2]
    if image.descriptor is None or (first, last) == (0, image.size):
        yield image
        return
    # What was cut off since is reported where the image was opened.
    last = min(last, max(first, os.fstat(image.descriptor).st_size))
    if last == first:
        yield Image(image.name, b"", of=image)
        return
    data = mmap.mmap(image.descriptor, last - first, access=mmap.ACCESS_READ, offset=first)
    shown = Image(image.name, data, image.descriptor, image)
    with guarded(shown):
        yield shown
    # Closed as soon as nobody looks at it any more; its pages are given back at once, and those that were read of the
    # whole image beside it.
    shown.release(0, shown.size)
    image.release(first, last)
