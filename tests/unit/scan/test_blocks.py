"""A file that is read in blocks: nothing of it is passed over, and what is found is what a scan of the whole finds."""

from __future__ import annotations

import mmap
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from redactfuzz.dumps import blocks as module
from redactfuzz.dumps.blocks import blocks
from redactfuzz.dumps.image import Image
from redactfuzz.dumps.mapped import mapped
from redactfuzz.model.canary import mint, token
from redactfuzz.scan.quarry import Quarry
from redactfuzz.scan.survey import survey

BLOCK = 4096
CANARY = mint(6, "t", token(32), 1)


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BLOCK", BLOCK)


@contextmanager
def image_of(data: bytes) -> Iterator[Image]:
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        yield mapped("dump", file.fileno())


@pytest.mark.parametrize("start", [0, 1, 8, 4095, 5000])
@pytest.mark.parametrize("end", [5001, 8192, 8200, 20000])
def test_blocks_are_the_bytes_of_the_file_and_leave_none_out(start: int, end: int) -> None:
    data = random.Random(1).randbytes(20000)
    with image_of(data) as image:
        at = start - start % 8
        for first, last, block in blocks(image, start, end, 7):
            assert first == at
            assert block is not None
            assert bytes(block) == data[first : min(last + 7, len(data))]
            at = last
        assert at == end


def test_what_is_no_file_or_became_shorter_is_looked_at_in_the_image() -> None:
    assert list(blocks(Image("text", bytes(100)), 8, 50, 7)) == [(8, 50, None)]
    with tempfile.TemporaryFile() as file:
        file.write(bytes(3 * BLOCK))
        file.flush()
        image = mapped("dump", file.fileno())
        file.truncate(BLOCK + 100)
        assert [block is None for *_, block in blocks(image, 0, 3 * BLOCK, 7)] == [False, True, True]


def test_the_buffer_is_left_out_of_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    advised = []

    class Watched(mmap.mmap):
        def madvise(self, option: int, *more: int) -> None:
            advised.append(option)
            super().madvise(option, *more)

    with image_of(bytes(BLOCK)) as image:
        monkeypatch.setattr(module.mmap, "mmap", Watched)
        # An image's map is one of the class as it was: it counts as no file then, so one is made anew.
        image = Image("dump", Watched(image.descriptor or 0, BLOCK, access=mmap.ACCESS_READ), image.descriptor)
        assert [block is not None for *_, block in blocks(image, 0, BLOCK, 7)] == [True]
    assert advised == [mmap.MADV_DONTDUMP]


@pytest.mark.parametrize("form", ["utf-8", "utf-16-le", "utf-32-be"])
def test_a_fragment_is_found_wherever_a_block_ends_in_it(form: str) -> None:
    quarry = Quarry()
    quarry.plant([CANARY], [])
    quarry.prepare()
    piece = CANARY.text.encode(form)
    filler = random.Random(2).randbytes(5 << 20)  # long enough for a stride of 8
    for before in (*range(BLOCK - len(piece) - 8, BLOCK + 9, 3), 2 * BLOCK - 1, len(filler) - 1):
        data = filler[:before] + piece + filler[before:]
        with image_of(data) as image:
            found = survey(image, quarry).found
            whole = quarry.best(quarry.scan(data, 0, len(data)))
        assert [(one.sighting.offset, one.sighting.length, one.sighting.encoding) for one in found] == [
            (one.offset, one.length, one.encoding) for one in whole
        ]
        assert any(one.sighting.whole and one.sighting.offset == before for one in found)


def test_more_windows_than_are_fetched_at_once_are_looked_at_as_well() -> None:
    quarry = Quarry()
    quarry.plant([CANARY], [])
    data = (CANARY.bytes + bytes(32)) * 70 + bytes(2 << 20)
    with image_of(data) as image:
        assert len(survey(image, quarry).found) == 70
