"""What is carved out of an image: at every offset, in bounded work, and nothing where nothing is."""

from __future__ import annotations

import base64
import gzip
import io
import random
import sys
import zlib
from pathlib import Path

import pytest
import zstandard

from redactfuzz.dumps.readers.carving.armour import ARMOURS, Armoured
from redactfuzz.dumps.readers.carving.pieces import Pieces
from redactfuzz.dumps.readers.image import Damaged, Image
from redactfuzz.dumps.readers.opening import UnpackLimits, images_of
from redactfuzz.dumps.readers.together import Together
from redactfuzz.model.exposure import Gap

TEXT = b"".join(b"line %d of %d\n" % (n, n * n) for n in range(50))
LONG = b"".join(b"%d of %d\n" % (n, hash(str(n)) % 997) for n in range(20_000))
QUOTE = ord('"')
RNG = random.Random(11)


def carved(data: bytes, limits: UnpackLimits | None = None) -> tuple[list[Image], list[Gap]]:
    seen = list(images_of(Image("d", data), limits))[1:]
    return [one for one in seen if isinstance(one, Image)], [one for one in seen if isinstance(one, Gap)]


@pytest.mark.parametrize(
    "packed",
    [gzip.compress(TEXT), zlib.compress(TEXT), b'"' + base64.b64encode(gzip.compress(TEXT))],
    ids=["gzip", "zlib", "base64"],
)
def test_a_stream_is_found_at_every_offset(packed: bytes) -> None:
    """The search reads blocks of 32 offsets, and a rest."""
    for before in range(1, 100):
        (one,), gaps = carved(b"\1" * before + packed + b"\2" * (before % 40))
        assert one.data == TEXT
        assert one.name.endswith(f" at {before + (packed[0] == QUOTE):#x}")
        assert not gaps


@pytest.mark.parametrize("begin", [b"\1" * 9, b'log: "'], ids=["bytes", "base64"])
def test_without_the_library_a_stream_is_said_not_to_be_read(begin: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = zstandard.compress(LONG)
    data = begin + (base64.b64encode(packed) if begin.endswith(b'"') else packed)
    (one,), gaps = carved(data)
    assert (one.data, gaps) == (LONG, [])
    monkeypatch.setitem(sys.modules, "zstandard", None)
    none, gaps = carved(data)
    assert not none
    assert [gap.offset for gap in gaps] == [len(begin)]
    assert "is not installed" in gaps[0].reason


def test_streams_one_after_the_other_are_all_found() -> None:
    data = b"".join(b"key%d=" % n + zlib.compress(TEXT + b"%d" % n) for n in range(200))
    inner, gaps = carved(data, UnpackLimits(together=False))
    assert [one.data for one in inner] == [TEXT + b"%d" % n for n in range(200)]
    assert not gaps


def test_many_small_streams_are_put_together_and_none_is_lost() -> None:
    inner, gaps = carved(b"".join(b"\1" + zlib.compress(b"object %d of many" % n) for n in range(5000)))
    assert len(inner) == 20
    assert not gaps
    assert all(isinstance(one, Together) for one in inner)
    each = [one for many in inner if isinstance(many, Together) for one in many.images]
    assert [one.data for one in each] == [b"object %d of many" % n for n in range(5000)]
    assert len({one.name for one in each}) == 5000


def test_fewer_than_eight_and_long_ones_are_images_by_themselves() -> None:
    for few in ([b"object %d" % n for n in range(7)], [TEXT * 8 + b"%d" % n for n in range(20)]):
        inner, _ = carved(b"\1".join(map(zlib.compress, few)))
        assert [one.data for one in inner] == few


def test_no_stream_that_waits_for_others_is_lost_where_there_is_too_much() -> None:
    streams = b"\1".join(zlib.compress(b"object %d of many" % n) for n in range(60))
    for limits in (UnpackLimits(members=30), UnpackLimits(unpacked=30 * 16)):
        inner, gaps = carved(streams, limits)
        each = [one for many in inner for one in (many.images if isinstance(many, Together) else [many])]
        assert 25 < len(each) < 40
        assert gaps


@pytest.mark.parametrize(
    "damaged",
    [
        gzip.compress(LONG)[:-500],
        zlib.compress(LONG)[:-500],
        zstandard.compress(LONG)[:-500],
        gzip.compress(LONG)[:3000] + bytes(200) + RNG.randbytes(500),
        base64.b64encode(gzip.compress(LONG))[:-500],
    ],
    ids=["gzip", "zlib", "zstd", "overwritten", "base64"],
)
def test_what_breaks_off_is_read_so_far_and_is_a_gap(damaged: bytes) -> None:
    inner, gaps = carved(b"before " + damaged)
    assert inner[0].size > 1000
    assert LONG.startswith(bytes(inner[0].data[:1000]))
    assert len(gaps) == 1


def test_a_stream_that_holds_its_bytes_as_they_are_and_breaks_off_hides_nothing() -> None:
    """The constant that begins a frame, in a program, and behind it a header by chance."""
    block = (len(LONG[:5000]) << 3).to_bytes(3, "little")  # a raw block, and not the last one
    inner, gaps = carved(b"code" + b"\x28\xb5\x2f\xfd\x04\x58" + block + LONG[:5000] + b"\xff" * 50)
    assert not inner
    assert not gaps


@pytest.mark.parametrize("text", [b" H4sIAAAA", b" 789c789c", b"\x1f\x8b\x08\0\0\0\0\0\0\3a"])
def test_more_places_that_are_nothing_than_are_tried_are_a_gap(text: bytes) -> None:
    inner, (gap,) = carved(b"\1" + text * 200_000)
    assert not inner
    assert "was not opened" in gap.reason
    assert gap.offset is not None
    assert gap.offset > len(text)


def test_a_bomb_in_the_middle_ends_at_the_limit() -> None:
    inner, gaps = carved(b"\1" + gzip.compress(bytes(3_000_000)), UnpackLimits(unpacked=1_000_000))
    assert [one.size for one in inner] == [1_000_000]
    assert "--max-unpacked" in gaps[0].reason


def test_cores_are_not_looked_through_where_nobody_asks() -> None:
    for head in (b"\x7fELF", b"MDMP"):
        data = head + bytes(60) + gzip.compress(TEXT)
        assert len(carved(data)[0]) == 1
        assert carved(data, UnpackLimits(memory=False)) == ([], [])
    assert len(carved(b"a log " + gzip.compress(TEXT), UnpackLimits(memory=False))[0]) == 1


def test_pieces_are_read_as_one_stream() -> None:
    data = bytes(range(100))
    stream = Pieces(data, ((10, 20), (30, 35), (50, 51)))
    wanted = data[10:20] + data[30:35] + data[50:51]
    assert stream.read(100) == wanted
    for offset in range(len(wanted)):
        stream.seek(offset)
        assert stream.read(7) == wanted[offset : offset + 7]
    short = io.BufferedReader(Pieces(data, ((90, 120),)))
    assert short.read1(50) == data[90:]
    with pytest.raises(Damaged, match="20 bytes are missing"):
        short.read1(50)


@pytest.mark.parametrize("size", [1, 2, 3, 1000, 200_000])
def test_armour_is_taken_off_however_it_is_wrapped(size: int, tmp_path: Path) -> None:
    data = RNG.randbytes(size)
    base, hexadecimal = ARMOURS
    apart = b"\n ".join(base64.b64encode(data[at : at + 1000]) for at in range(0, size, 1000))
    for text in (base64.b64encode(data), base64.encodebytes(data), apart, base64.urlsafe_b64encode(data).rstrip(b"=")):
        for written in (text, text.replace(b"\n", b"\\n"), text.replace(b"/", b"\\/"), text + b'"and more'):
            stream = Armoured(b"[" + written, 1, base)
            assert stream.read() == data
            stream.seek(size // 2)
            assert stream.read(10) == data[size // 2 :][:10]
    assert Armoured(data.hex(" ", 16).encode() + b"!ff", 0, hexadecimal).read() == data
