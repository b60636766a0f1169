"""Places where something packed may begin, found in advance by several threads: the same as one after the other."""

from __future__ import annotations

import gzip
import itertools
import random
import threading
from pathlib import Path

import pytest
from test_deflated_words import word

from redactfuzz.dumps.readers.carving import carver, marks
from redactfuzz.dumps.readers.carving.marks import Places, next_deflated_word, next_mark
from redactfuzz.dumps.readers.image import Image
from redactfuzz.dumps.readers.mapped import mapped
from redactfuzz.dumps.readers.opening import UnpackLimits, images_of
from redactfuzz.model.exposure import Gap

SMALL_STEP = 4096
"""Bytes of a stretch, so that a stream goes over several."""


def ground(seed: int, size: int = 60_000) -> bytes:
    """Noise with the beginnings of streams in it, true and false, and words of base64."""
    noise = random.Random(seed)
    false = [b"\x1f\x8b\x08", b"PK\x03\x04", b"BZh9"]
    parts = [*false, b"\n" + word() + b"\n", b"x\\n" + word(), gzip.compress(b"some text " * 99)]
    found = bytearray()
    while len(found) < size:
        found += noise.randbytes(noise.randrange(400)) + noise.choice(parts)
    return bytes(found)


def one_by_one(data: bytes, start: int, stop: int) -> tuple[list[int], list[int]]:
    found: tuple[list[int], list[int]] = ([], [])
    for to, search in zip(found, (next_mark, next_deflated_word), strict=True):
        at = start
        while (at := search(data, at, stop)) < stop:
            to.append(at)
            at += 1
    return found


@pytest.mark.parametrize("room", [1, 7, 1 << 12])
def test_places_are_the_same_however_many_were_found_in_advance(monkeypatch: pytest.MonkeyPatch, room: int) -> None:
    monkeypatch.setattr(marks, "_ROOM", room)
    for seed in range(3):
        data = ground(seed)
        for start, stop in ((0, len(data)), (777, 30_000), (len(data) - 20, len(data))):
            places = Places.of(data, start, stop)
            its_marks, its_words = one_by_one(data, start, stop)
            assert [at for at in range(start, stop) if places.next_mark(at) == at] == its_marks
            assert [*_walked(places, start)] == its_words
        assert len(its_marks) < len(one_by_one(data, 0, len(data))[0]) > 2 * 7


def _walked(places: Places, start: int) -> list[int]:
    found, at = [], start
    while (at := places.next_deflated_word(at)) < places.stop:
        found.append(at)
        at += 1
    return found


def each(one: Image | Gap) -> tuple[str, int | str]:
    return (one.name, one.size) if isinstance(one, Image) else (one.image, one.reason)


def test_a_large_image_is_carved_as_a_small_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carver, "_STEP", SMALL_STEP)
    long = gzip.compress(random.Random(0).randbytes(3 * SMALL_STEP))
    data = ground(7) + bytes(64) + long + ground(8)
    (tmp_path / "raw").write_bytes(data)
    told = []
    for large in (1 << 30, 1):
        monkeypatch.setattr(carver, "LARGE", large)
        with (tmp_path / "raw").open("rb") as file:
            image = mapped("raw", file.fileno())
            told.append([each(one) for one in images_of(image, UnpackLimits(together=False))])
    assert told[0] == told[1]
    assert len(told[0]) > 50
    assert any(size == 3 * SMALL_STEP for _, size in told[0]), sorted(told[0], key=str)


def test_what_is_left_in_the_midst_leaves_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carver, "LARGE", 1)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1})
    before = threading.active_count()
    found = carver.carved(Image("raw", ground(9, 200_000)))
    monkeypatch.setattr(carver, "_STEP", SMALL_STEP)
    assert len([*itertools.islice(found, 3)]) == 3
    found.close()  # type: ignore[attr-defined]
    assert threading.active_count() == before
