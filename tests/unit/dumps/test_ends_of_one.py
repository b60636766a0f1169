"""What ends the reading of one member ends that of no other, and where no more is unpacked that is said."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest
from fuzzing import tape

from redactfuzz.dumps.readers.carving import broken, streams
from redactfuzz.dumps.readers.compressed import Frames
from redactfuzz.dumps.readers.image import Image
from redactfuzz.dumps.readers.opening import UnpackLimits, images_of
from redactfuzz.model.exposure import Gap

FIRST, SECOND = b"a line of the first log\n" * 40, b"what lies in the second\n" * 3
TRUNCATED = b"some text here\n" * 10 + b"BZh91AY&SY"


def tar(**files: bytes) -> bytes:
    return tape(files)


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def opened(data: bytes, limits: UnpackLimits | None = None) -> tuple[list[bytes], list[Gap]]:
    seen = list(images_of(Image("d", data), limits))[1:]
    return [bytes(one.data) for one in seen if isinstance(one, Image)], [one for one in seen if isinstance(one, Gap)]


@pytest.mark.parametrize("left", [-1, 0, 1])
@pytest.mark.parametrize("archive", [zipped, tar])
def test_a_member_behind_the_limit_is_told_wherever_that_lies(archive: object, left: int) -> None:
    assert callable(archive)
    data = archive(a=FIRST, b=SECOND)
    read, gaps = opened(data, UnpackLimits(unpacked=len(FIRST) + left))
    assert SECOND not in read
    (gap,) = gaps
    assert "--max-unpacked" in gap.reason
    assert opened(data, UnpackLimits(unpacked=len(FIRST) + len(SECOND))) == ([FIRST, SECOND], [])


def test_at_the_limit_of_an_archive_in_another_one_each_that_is_left_is_told_once() -> None:
    inner = zipped(a=FIRST, b=SECOND)
    data = tar(inner=inner, after=SECOND)
    for limit in (len(inner) + len(FIRST), len(inner) + len(FIRST) + len(SECOND)):
        read, gaps = opened(data, UnpackLimits(unpacked=limit))
        assert FIRST in read
        assert len(gaps) == 1
    assert opened(data, UnpackLimits(unpacked=limit + len(SECOND)))[1] == []


@pytest.mark.parametrize("size", range(24))
def test_a_stream_may_end_within_the_header_of_a_block(size: int) -> None:
    data = tar(a=TRUNCATED + bytes(range(size)), b=gzip.compress(SECOND))
    read, gaps = opened(data)
    assert SECOND in read
    assert not [gap for gap in gaps if "itself failed" in gap.reason]


@pytest.mark.parametrize("where", ["a beginning", "a trial", "a stream"])
def test_a_fault_of_ours_is_a_gap_and_ends_nothing_else(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In what is looked through: where something may begin, whether it is one, and what is unpacked."""

    def fails(*given: object) -> bool:
        raise ValueError(SECOND.decode())

    bad = b"\1" * 20 + gzip.compress(FIRST)[:-20]
    if where == "a beginning":
        real = streams.may_be_one
        monkeypatch.setattr(streams, "may_be_one", lambda how, head: fails() if how.name == "gzip" else real(how, head))
    elif where == "a trial":
        monkeypatch.setattr(streams._Sure, "__call__", fails)
    else:
        monkeypatch.setattr(Frames, "readinto", fails)
    read, gaps = opened(tar(a=bad, b=SECOND))
    assert SECOND in read
    assert gaps
    assert not [gap for gap in gaps if SECOND.decode()[:9] in gap.reason]
    assert any("itself failed" in gap.reason for gap in gaps) is (where != "a trial")


def test_of_an_empty_header_it_is_told_that_it_is_none() -> None:
    assert not broken._bzip2(TRUNCATED[-10:])
