"""tar archives: every member, and what is cut off or damaged is said."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from typing import IO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redactfuzz.dumps.readers.archives import tape as tape_reader
from redactfuzz.dumps.readers.image import Image, Member
from redactfuzz.dumps.readers.opening import UnpackLimits, images_of
from redactfuzz.model.exposure import Gap

FILES = {"a.log": b"first\n" * 100, "dir/b.json": b'{"x": 1}', "empty": b"", "c.bin": bytes(range(256)) * 40}


def archive(files: dict[str, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as tape:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tape.addfile(info, io.BytesIO(data))
    return out.getvalue()


def opened(data: bytes, limits: UnpackLimits | None = None) -> tuple[dict[str, bytes], list[Gap]]:
    inner, gaps = {}, []
    for one in images_of(Image("d", data), limits):
        if isinstance(one, Gap):
            gaps.append(one)
        elif one.name != "d":
            inner[one.name.removeprefix("d!")] = bytes(one.data)
    return inner, gaps


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_every_member_is_read(form: int) -> None:
    assert opened(archive(FILES, form)) == (FILES, [])


def test_long_and_odd_names_are_kept() -> None:
    files = {"d/" * 100 + "x": b"1", "../../etc/passwd": b"2", "ü\n\x1b[31m": b"3", "a!b": b"4"}
    assert opened(archive(files)) == (files, [])


def test_links_folders_and_devices_hold_nothing() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tape:
        for kind in (
            tarfile.SYMTYPE,
            tarfile.LNKTYPE,
            tarfile.CHRTYPE,
            tarfile.BLKTYPE,
            tarfile.FIFOTYPE,
            tarfile.DIRTYPE,
        ):
            info = tarfile.TarInfo(f"of kind {kind.decode()}")
            info.type, info.linkname = kind, "/dev/zero"
            tape.addfile(info)
        info = tarfile.TarInfo("file")
        info.size = 3
        tape.addfile(info, io.BytesIO(b"abc"))
    assert opened(out.getvalue()) == ({"file": b"abc"}, [])


def test_attributes_of_a_whole_archive_are_not_given_to_each_member(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library copies them for each: with as many members as attributes that takes the square of their number."""
    out = io.BytesIO()
    many = {f"a{number}": "x" for number in range(2000)}
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT, pax_headers={**many, "uname": "me"}) as tape:
        for number in range(100):
            info = tarfile.TarInfo(str(number))
            info.size = 1
            tape.addfile(info, io.BytesIO(b"1"))
    copied: list[dict[str, str]] = []
    real = tape_reader._headers

    def headers(stream: IO[bytes], member: tarfile.TarInfo) -> Iterator[Member]:
        copied.append(member.pax_headers)
        return real(stream, member)

    monkeypatch.setattr(tape_reader, "_headers", headers)
    assert opened(out.getvalue()) == ({str(number): b"1" for number in range(100)}, [])
    assert sum(map(len, copied)) < 2 * len(many)
    assert all(one["uname"] == "me" for one in copied)


def test_two_archives_one_after_the_other_are_read_both() -> None:
    inner, gaps = opened(archive({"a": b"1"}) + archive({"b": b"2"}))
    assert (inner, gaps) == ({"a": b"1", "b": b"2"}, [])


def test_cut_off_at_any_place_it_is_said() -> None:
    data = archive(FILES)
    used = len(data.rstrip(b"\0")) // 512 * 512 + 512
    seen = 0
    for cut in range(520, used, 128):
        inner, gaps = opened(data[:cut])
        assert gaps, cut
        assert not any(gap.harmless for gap in gaps)
        assert all(FILES[name].startswith(content) for name, content in inner.items())
        seen += sum(map(len, inner.values()))
    assert seen


def test_of_a_member_that_is_cut_off_the_beginning_is_read() -> None:
    data = archive({"big": bytes(range(256)) * 40})
    inner, gaps = opened(data[: 512 + 5000])
    assert len(inner["big"]) == 5000
    assert "cut off at byte 5512 of the archive, 5240 are missing" in gaps[0].reason


def test_a_damaged_header_in_the_middle_does_not_end_the_archive_silently() -> None:
    data = bytearray(archive(FILES, tarfile.USTAR_FORMAT))
    at = data.index(b"dir/b.json")
    data[at] ^= 0xFF
    inner, gaps = opened(bytes(data))
    assert inner == {"a.log": FILES["a.log"]}
    assert any(f"at byte {at}" in gap.reason for gap in gaps)


def test_more_members_than_the_limit_end_it() -> None:
    inner, (gap,) = opened(archive({str(n): b"x" for n in range(20)}), UnpackLimits(members=7))
    assert len(inner) == 7
    assert gap.reason == "more than 7 members: the rest is not opened"


def test_members_together_end_at_the_limit_of_bytes() -> None:
    inner, gaps = opened(archive({str(n): bytes(1000) for n in range(20)}), UnpackLimits(unpacked=3500))
    assert sum(map(len, inner.values())) <= 3500
    assert len(gaps) == 1
    assert "--max-unpacked" in gaps[0].reason


def test_a_sparse_member_is_read_with_its_holes() -> None:
    header = tarfile.TarInfo("s")
    # GNU format: two stretches, of 4 bytes at 0 and at 2,000, in a file of 3,000.
    header.type, header.size = tarfile.GNUTYPE_SPARSE, 8
    block = bytearray(header.tobuf(tarfile.GNU_FORMAT))
    for index, (offset, size) in enumerate([(0, 4), (2000, 4)]):
        block[386 + 24 * index : 386 + 24 * index + 24] = f"{offset:011o}\0{size:011o}\0".encode()
    block[483:495] = f"{3000:011o}\0".encode()
    block[148:156] = b" " * 8
    block[148:156] = f"{sum(block):06o}\0 ".encode()
    inner, gaps = opened(bytes(block) + b"headtail".ljust(512, b"\0") + bytes(1024))
    assert not gaps
    assert inner["s"] == b"head" + bytes(1996) + b"tail" + bytes(996)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_whatever_happens_to_the_bytes_nothing_is_raised(draw: st.DataObject) -> None:
    data = bytearray(archive(FILES, draw.draw(st.sampled_from([tarfile.PAX_FORMAT, tarfile.GNU_FORMAT]))))
    for _ in range(draw.draw(st.integers(1, 8))):
        data[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))
    inner, _ = opened(bytes(data), UnpackLimits(unpacked=1 << 20))
    assert sum(map(len, inner.values())) <= 1 << 20
