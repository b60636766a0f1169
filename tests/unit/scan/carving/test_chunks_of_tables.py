"""Tables that pg_dump packed in its own format: each stream is cut into chunks with their lengths between them."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from test_containers import KEY, TEXT, scanned

from redactfuzz.dumps.readers.carving.chunked import chunks_at
from redactfuzz.report.dump_lines import verdict

NOISE = random.Random(41)
PACKED: dict[str, Callable[[bytes], bytes]] = {
    "zlib": zlib.compress,
    "zstd": zstandard.ZstdCompressor(level=3).compress,
}


def word(number: int) -> bytes:
    return b"\0" + struct.pack("<I", number)


def table(rows: bytes, pack: Callable[[bytes], bytes], chunk: int = 4096) -> bytes:
    packed = pack(rows)
    pieces = (packed[at : at + chunk] for at in range(0, len(packed), chunk))
    head = b"PGDMP\1\x0e\0\4\x08\1\1" + bytes(200) + b"COPY public.users (id, note) FROM stdin;\n" + bytes(60)
    return head + b"\1" + word(3012) + b"".join(word(len(one)) + one for one in pieces) + word(0) + b"\1" + word(3013)


def rows(count: int, last: bytes) -> bytes:
    lines = [b"%d\tuser%d@example.org\t%s" % (n, n, NOISE.randbytes(12).hex().encode()) for n in range(count)]
    return b"\n".join([*lines, last, *lines])


@pytest.mark.parametrize("kind", PACKED)
@pytest.mark.parametrize("count", [3, 1_000])
def test_a_secret_in_a_table_is_found_however_many_chunks_it_has(tmp_path: Path, kind: str, count: int) -> None:
    report = scanned(tmp_path, table(rows(count, TEXT), PACKED[kind]))
    assert verdict(report) == "LEAK"
    assert report.skipped == ()
    clean = scanned(tmp_path, table(rows(count, b"nothing"), PACKED[kind]))
    assert (verdict(clean), clean.skipped) == ("CLEAN", ())


@pytest.mark.parametrize("kind", PACKED)
def test_a_table_that_is_cut_off_is_incomplete(tmp_path: Path, kind: str) -> None:
    cut = table(rows(1_000, b"nothing"), PACKED[kind])[:-9_000]
    assert verdict(scanned(tmp_path, cut)) == "INCOMPLETE"


def test_a_length_of_the_whole_before_a_stream_makes_no_chunks_of_it() -> None:
    packed = zlib.compress(NOISE.randbytes(500))
    for behind in (b"", bytes(8), b"\x78\x9c" + bytes(20), word(0)):
        data = b"head" + word(len(packed)) + packed + behind
        assert chunks_at(data, 9) is None
    assert chunks_at(b"head" + word(300) + packed[:300] + word(210) + packed[300:], 9) is not None


def test_the_secret_is_the_one_that_was_planted(tmp_path: Path) -> None:
    report = scanned(tmp_path, table(rows(1_000, KEY.bytes), zlib.compress))
    assert [one.secret for one in report.exposures] == [KEY.name]
