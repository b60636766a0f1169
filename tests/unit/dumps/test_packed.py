"""What is compressed in a value that a handler hands over."""

from __future__ import annotations

import base64
import bz2
import gzip
import json
import lzma
import mmap
import zlib
from collections.abc import Callable

import lz4.frame
import pytest
import zstandard

from redactfuzz.dumps.readers import packed
from redactfuzz.dumps.readers.packed import unpacked
from redactfuzz.dumps.readers.region import Nature, Region

PLAIN = b"".join(b"line %d of %d\n" % (n, n * n) for n in range(9_000))
WAYS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zstd": lambda data: zstandard.ZstdCompressor().compress(data),
    "lz4": lz4.frame.compress,
    **{f"zlib {level}": lambda data, level=level: zlib.compress(data, level) for level in (1, 5, 6, 9)},  # type: ignore[misc]
}


def opened(data: bytes | mmap.mmap) -> list[bytes]:
    return [bytes(one.data) for one in unpacked([Region(data, Nature.BYTES, ("a", 1))])]


@pytest.mark.parametrize("name", WAYS)
def test_it_is_unpacked_from_bytes_and_from_base64(name: str) -> None:
    data = WAYS[name](PLAIN)
    assert opened(data) == [PLAIN]
    for text in (base64.b64encode(data), base64.urlsafe_b64encode(data).rstrip(b"="), base64.encodebytes(data)):
        assert opened(text) == [PLAIN]
    assert opened(data.hex().encode()) == [PLAIN]
    assert opened(json.dumps({"user": "alice", "beside": data.hex()}).encode()) == [PLAIN]
    assert opened(json.dumps(base64.b64encode(data).decode()).encode()) == [PLAIN]


def test_one_in_the_other_is_unpacked_a_few_times() -> None:
    data = PLAIN
    for _ in range(4):
        data = gzip.compress(data)
    found = opened(data)
    assert len(found) == 3
    assert gzip.decompress(found[-1]) == PLAIN


@pytest.mark.parametrize("name", WAYS)
def test_what_comes_before_damage_is_read(name: str) -> None:
    data = WAYS[name](PLAIN * 20)
    (found,) = opened(data[:-8])
    assert found
    assert (PLAIN * 20).startswith(found)


def test_other_data_is_left_alone() -> None:
    for data in (b"", b"x", b"BZh is how bzip2 begins", b"\x1f\x8b", b"H4sIAAAA, no base64", b"H4sI", PLAIN):
        assert opened(data) == []


def test_a_text_that_begins_as_zlib_does_gives_little_and_no_error() -> None:
    assert all(len(one) < 4 for one in opened(b"x^2 + y^2"))


def test_it_keeps_its_path() -> None:
    (found,) = unpacked([Region(gzip.compress(b"text"), Nature.JSON, ("a", 1))])
    assert found.path == ("a", 1)
    assert found.nature is Nature.BYTES


def test_a_mapped_value_is_unpacked() -> None:
    data = gzip.compress(PLAIN)
    with mmap.mmap(-1, len(data)) as mapped:
        mapped[:] = data
        assert opened(mapped) == [PLAIN]


def test_much_is_unpacked_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "_LARGEST", 1 << 17)
    (found,) = opened(gzip.compress(bytes(1 << 24)))
    assert 1 << 17 <= len(found) < 1 << 21
    assert opened(b"\x1f\x8b" + bytes(1 << 17)) == []
