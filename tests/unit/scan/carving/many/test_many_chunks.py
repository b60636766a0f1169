"""Chunks of PNG images: a chain that many lead to is walked a bounded number of times, and a long one takes no room."""

from __future__ import annotations

import gzip
import random
import struct
import zlib

import pytest

from redactfuzz.dumps.readers.carving import png_pixels
from redactfuzz.dumps.readers.carving.carver import carved
from redactfuzz.dumps.readers.carving.found import Ground
from redactfuzz.dumps.readers.carving.png_pixels import PngPixels
from redactfuzz.dumps.readers.image import Image, Member
from redactfuzz.model.exposure import Gap

SIGNATURE = b"\x89PNG\r\n\x1a\n"
TEXT = b"".join(b"%d requests of %d\n" % (n, n * n) for n in range(900))


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def to_one_chain(images: int, chunks: int) -> bytes:
    """Each has one chunk that reaches to where a chain begins."""
    heads = (SIGNATURE + struct.pack(">I", max(0, 16 * (images - at) - 20)) + b"aaaa" for at in range(images))
    return b"\1\2\3\4" + b"".join(heads) + b"\0\0\0\0bbbbcrc." * chunks


@pytest.fixture
def walked(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The kinds of the chunks that were looked at."""
    kinds: list[bytes] = []
    real = png_pixels._KIND

    class Counting:
        def fullmatch(self, kind: bytes) -> object:
            kinds.append(kind)
            return real.fullmatch(kind)

    monkeypatch.setattr(png_pixels, "_KIND", Counting())
    monkeypatch.setattr(png_pixels, "_SPARE", 1 << 12)
    return kinds


def test_a_chain_that_many_images_lead_to_is_walked_a_bounded_number_of_times(walked: list[bytes]) -> None:
    data = to_one_chain(300, 900)
    gaps = [one for one in carved(Image("dump", data)) if isinstance(one, Gap)]
    assert [gap.reason for gap in gaps] == [png_pixels._TOO_FAR]
    assert 900 < len(walked) < 4 * len(data) // 12 + 1000


def test_as_many_images_behind_one_another_are_read(walked: list[bytes]) -> None:
    image = SIGNATURE + chunk(b"IHDR", bytes(13)) + chunk(b"IDAT", zlib.compress(TEXT)) + chunk(b"IEND", b"")
    found = list(carved(Image("dump", b"noise" + image * 300)))
    assert len(found) == 300
    assert not any(isinstance(one, Gap) for one in found)
    assert len(walked) == 900


def test_places_that_only_look_like_images_are_trials(walked: list[bytes]) -> None:
    data = SIGNATURE * (1 << 18)
    (gap,) = carved(Image("dump", data))
    assert isinstance(gap, Gap)
    assert len(walked) < len(data) // 16


@pytest.mark.parametrize("kind", [b"IDAT", b"fdAT"])
def test_what_was_read_of_a_stream_in_many_chunks_is_one_stretch_and_what_is_behind_it_is_not(kind: bytes) -> None:
    packed, hidden = zlib.compress(random.Random(1).randbytes(3000)), gzip.compress(TEXT)
    number = bytes(4) if kind == b"fdAT" else b""
    pieces = [chunk(kind, number + packed[at : at + 9]) for at in range(0, len(packed) - 9, 9)]
    pieces.append(chunk(kind, number + packed[9 * len(pieces) :] + hidden))
    data = b"noise" + SIGNATURE + chunk(b"IHDR", bytes(13)) + b"".join(pieces) + chunk(b"IEND", b"")
    ground = Ground("dump", data, 99)
    for member in PngPixels().open(ground, 5):
        assert isinstance(member, Member)
        member.stream.read()
    whole = [each for each in ground.passed if each[1] > each[0]]
    assert len(whole) == (1 if kind == b"IDAT" else len(pieces))
    assert whole[0][0] == data.index(packed[:9])
    assert whole[-1][1] == data.index(hidden)
