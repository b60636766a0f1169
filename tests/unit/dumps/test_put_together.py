"""What is packed and then cut by a capture, a database or a delta of git: opened where its parts are put together."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import lzma
import random
import sqlite3
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import scattered_builder as built
import zstandard
from scattered_scans import CANARY, DER, OTHER, PUBLIC, said

from redactfuzz.dumps.readers.carving import carver
from redactfuzz.dumps.readers.formats import reader_of
from redactfuzz.dumps.readers.image import Image
from redactfuzz.dumps.readers.scattered import wholes
from redactfuzz.dumps.readers.scattered.wholes import put_together
from redactfuzz.model.exposure import Gap

DRAWN = random.Random(5)
LETTERS = DRAWN.randbytes(4000).hex().encode()


def _zip(data: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", data)
    return made.getvalue()


PACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "zlib": zlib.compress,
    "zstd": lambda data: zstandard.ZstdCompressor().compress(data),
    "xz": lzma.compress,
    "bzip2": bz2.compress,
    "zip": _zip,
    "base64 of gzip": lambda data: base64.b64encode(gzip.compress(data)),
}


def content(secret: bytes) -> bytes:
    return LETTERS + b" token=" + secret + b" " + LETTERS[::-1]


def captured(body: bytes, others: bool = False) -> bytes:
    segments = built.segments(b"HTTP/1.1 200 OK\r\n\r\n" + body, 1000)
    packets = [built.packet(at, part) for at, part in segments]
    if others:
        between = (built.packet(at, part, port=80) for at, part in built.segments(body[::-1] * 2, 700))
        packets = [each for pair in zip(packets, between, strict=False) for each in pair]
    return built.pcap(packets)


def stored(folder: Path, body: bytes) -> bytes:
    connection = sqlite3.connect(folder / "made")
    connection.execute("create table t (name text, value blob)")
    connection.executemany("insert into t values (?, ?)", [("a", DRAWN.randbytes(300)) for _ in range(9)])
    connection.execute("insert into t values ('body', ?)", (body,))
    connection.commit()
    connection.close()
    data = (folder / "made").read_bytes()
    (folder / "made").unlink()
    return data


@pytest.mark.parametrize("name", PACK)
def test_a_canary_is_found_in_packets_and_pages_and_without_it_they_are_clean(name: str, tmp_path: Path) -> None:
    for canary, right in ((CANARY, "LEAK"), (OTHER, "CLEAN")):
        body = PACK[name](content(canary.text.encode()))
        assert said(tmp_path, captured(body)) == right
        assert said(tmp_path, stored(tmp_path, body)) == right


def test_one_that_begins_between_the_packets_of_another_is_opened_as_well(tmp_path: Path) -> None:
    body = gzip.compress(content(OTHER.text.encode()))
    mine = [built.packet(at, part) for at, part in built.segments(body, 1000)]
    other = gzip.compress(content(CANARY.text.encode()))
    theirs = [built.packet(at, part, port=80) for at, part in built.segments(other, 400)]
    mixed = [mine[0], *theirs, *mine[1:]]
    assert said(tmp_path, built.pcap(mixed)) == "LEAK"
    assert said(tmp_path, built.pcap(mixed[:-1])) == "LEAK"


def test_one_that_breaks_off_is_never_clean(tmp_path: Path) -> None:
    body = gzip.compress(content(OTHER.text.encode()))
    assert said(tmp_path, captured(body[:-3000])) == "INCOMPLETE"
    assert said(tmp_path, captured(body[:3000] + bytes(50) + body[3050:])) == "INCOMPLETE"


def test_long_and_short_ones_are_put_together_at_their_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wholes, "_SHORT", 600)
    data = DRAWN.randbytes(9000)
    data = data[:330] + b"\x1f\x8b\x08" + data[333:4090] + b"PK\3\4" + data[4094:]
    long = [(400, 800), (2000, 2500), (1000, 1500)]
    runs = [[(0, 100), (300, 350)], long, [(5000, 5100), (4000, 4200)], [(6, 9), (1, 2)]]
    image, seen = Image("a", data), list[bytes]()
    for one in put_together(runs, image):
        seen.append(bytes(one.data))
        for at in range(0, len(one.data), 7):
            start, end = one.place(at, at + 1)
            assert end == start + 1
            assert one.data[at] == data[start]
    joined = [b"".join(data[start:end] for start, end in run) for run in runs]
    assert seen == joined[:3]  # in the last one nothing begins


def test_places_that_are_tried_in_all_parts_are_bounded_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carver, "_TRIALS", 0)
    noise = b"".join(b"PK\3\4" + DRAWN.randbytes(26) for _ in range(40))
    packets = [
        built.packet(at, part, port=port)
        for port in range(50, 80)
        for at, part in built.segments(noise + gzip.compress(content(OTHER.text.encode()))[:30], 700)
    ]
    assert said(tmp_path, built.pcap(packets)) == "INCOMPLETE"
    image = Image("a", noise)
    shared = carver.Trials(5)
    assert any("more places look" in one.reason for one in carver.carved(image, trials=shared) if isinstance(one, Gap))
    assert shared.left < 0


def number(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes((*out, value))


def delta(base: int, *parts: bytes | tuple[int, int]) -> bytes:
    """What is added is bytes, what is copied (offset, size)."""
    made, size = bytearray(), 0
    for part in parts:
        if isinstance(part, bytes):
            for at in range(0, len(part), 127):
                made += bytes((len(part[at : at + 127]),)) + part[at : at + 127]
            size += len(part)
        else:
            made += b"\xb3" + part[0].to_bytes(2, "little") + part[1].to_bytes(2, "little")
            size += part[1]
    return number(base) + number(size) + bytes(made)


def pack(*objects: bytes) -> bytes:
    return b"PACK\0\0\0\2" + bytes((0, 0, 0, len(objects))) + b"".join(
        b"\xe5\x0b\x91\x2e" + zlib.compress(one) for one in objects
    )  # fmt: skip


@pytest.mark.parametrize("size", [300, 9000])
def test_what_a_delta_of_git_adds_is_put_together(size: int, tmp_path: Path) -> None:
    for secret, right in ((DER, "LEAK"), (PUBLIC, "CLEAN")):
        added = b"k" * 100 + secret + b"k" * size
        one = delta(20_000, (0, 3000), added, (3000, 5000))
        assert secret not in one
        assert said(tmp_path, pack(one)) == right
        assert said(tmp_path, pack(one, *(delta(100, (0, 50), b"abc") for _ in range(20)))) == right


def test_what_is_packed_in_what_a_delta_adds_is_opened(tmp_path: Path) -> None:
    for canary, right in ((CANARY, "LEAK"), (OTHER, "CLEAN")):
        added = gzip.compress(content(canary.text.encode()))
        assert said(tmp_path, pack(delta(9000, (0, 99), added, (99, 3)))) == right


def test_other_bytes_are_no_delta() -> None:
    right = delta(9000, (0, 99), b"some text", (400, 99))
    changed = right[:-5] + b"\xff\xff" + right[-3:]
    others = (right[:-1], right + b"\0", changed, b"hello, world\n", b"", bytes(40), LETTERS)
    assert reader_of(Image("a", right)).name == "delta of git"
    assert {reader_of(Image("a", one)).name for one in others}.isdisjoint({"delta of git"})
    assert [*reader_of(Image("a", right)).views(Image("a", right))] == []
