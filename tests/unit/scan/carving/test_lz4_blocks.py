"""Blocks of LZ4 without a mark of their own, as ClickHouse and Cassandra write them."""

from __future__ import annotations

import builtins
import random
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lz4.block
import pytest
from containers import tar
from test_containers import KEY, PEM, TEXT, scanned

from redactfuzz.dumps.readers.carving.lz4_blocks import lz4_blocks
from redactfuzz.dumps.readers.image import Image, Member
from redactfuzz.report.dump_lines import verdict

NOISE = random.Random(3).randbytes(6000)
LOG = b"".join(b"12:0%d GET /a/b?c=%d\n" % (n % 10, n * n) for n in range(900))


def _packed(data: bytes) -> bytes:
    packed: bytes = lz4.block.compress(data, store_size=False)
    return packed


def clickhouse(data: bytes, size: int = 5000) -> bytes:
    blocks = [data[at : at + size] for at in range(0, len(data), size)]
    return b"".join(
        NOISE[:16] + struct.pack("<BII", 0x82, len(_packed(one)) + 9, len(one)) + _packed(one) for one in blocks
    )


def cassandra(data: bytes, size: int = 4096) -> bytes:
    chunks = [data[at : at + size] for at in range(0, len(data), size)]
    packed = [struct.pack("<I", len(one)) + _packed(one) for one in chunks]
    return b"".join(one + struct.pack(">I", zlib.crc32(one)) for one in packed)


WRITE: dict[str, Callable[..., bytes]] = {"ClickHouse": clickhouse, "Cassandra": cassandra}


@pytest.mark.parametrize("name", WRITE)
@pytest.mark.parametrize("size", [100_000, 4096])
def test_the_canary_and_the_key_are_found(tmp_path: Path, name: str, size: int) -> None:
    for data in (WRITE[name](LOG + TEXT, size), tar({"a/data": WRITE[name](LOG + TEXT, size)})):
        report = scanned(tmp_path, data)
        assert any(fragment.whole for fragment in report.exposures[0].fragments)
        assert "pem" in [key.detector for key in report.keys]
        assert not any("LZ4" in gap.reason for gap in report.skipped)
    assert verdict(scanned(tmp_path, WRITE[name](LOG, size))) == "CLEAN"


@pytest.mark.parametrize("name", WRITE)
def test_what_comes_out_is_what_was_packed(name: str) -> None:
    for data in (b"short text of it", LOG, NOISE, bytes(20_000), LOG + PEM):
        (one,) = lz4_blocks(Image("a", WRITE[name](data)))
        assert isinstance(one, Member)
        assert one.stream.read() == data


@pytest.mark.parametrize("name", WRITE)
def test_what_is_cut_off_or_damaged_is_read_so_far_and_told(tmp_path: Path, name: str) -> None:
    whole = WRITE[name](KEY.text.encode() + LOG)
    for data in (whole[:-100], whole[:9000] + b"\xff\xff\xff" + whole[9003:]):
        report = scanned(tmp_path, data)
        assert any(fragment.whole for fragment in report.exposures[0].fragments)
        assert any("LZ4" in gap.reason for gap in report.skipped)


def test_other_files_are_none(tmp_path: Path) -> None:
    icon = b"\0\0\1\0\1\0\x20\x20\0\0\1\0\x20\0" + NOISE
    sizes = NOISE[:16] + struct.pack("<BII", 0x82, 3009, 9000)
    noise = (sizes + NOISE[:3000], sizes + NOISE, struct.pack("<I", 4096) + NOISE)
    others = (icon, *noise, bytes(9000), LOG, b"\x82" * 40)
    for data in others:
        assert [*lz4_blocks(Image("a", data))] == []
    wrong = bytearray(cassandra(LOG[:3000]))
    wrong[-1] ^= 1
    assert [*lz4_blocks(Image("a", bytes(wrong)))] == []
    assert verdict(scanned(tmp_path, sizes + NOISE)) == "CLEAN"


def test_without_the_library_it_is_a_gap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import_any = builtins.__import__

    def without(name: str, *more: Any) -> Any:
        if name.startswith("lz4"):
            raise ImportError(name)
        return import_any(name, *more)

    data = clickhouse(LOG)
    monkeypatch.setattr(builtins, "__import__", without)
    (gap,) = scanned(tmp_path, data).skipped
    assert "redactfuzz[scan]" in gap.reason
