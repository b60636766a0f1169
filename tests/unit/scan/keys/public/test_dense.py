"""Where in an image bytes look random: every random number lies in such a stretch, and lists of pointers do not."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from redactfuzz._core import _engine
from redactfuzz.dumps.readers.image import Image
from redactfuzz.scan.keys.public import dense as module
from redactfuzz.scan.keys.public.dense import BLOCK, dense, joined


def covered(data: bytes, shortest: int, start: int, end: int, grain: int = BLOCK) -> bool:
    stretches = [place for some in dense(Image("it", data), shortest, grain) for place in some]
    return any(offset <= start and end <= offset + length for offset, length in stretches)


def plain(number: int, size: int) -> bytes:
    return number.to_bytes(size, "little")


def digits(bits: int, width: int) -> Callable[[int, int], bytes]:
    def written(number: int, size: int) -> bytes:
        count = -(-8 * size // bits)
        return b"".join((number >> bits * at & (1 << bits) - 1).to_bytes(width, "little") for at in range(count))

    return written


@pytest.mark.parametrize("form", [plain, digits(30, 4), digits(26, 4), digits(52, 8), digits(51, 8), digits(60, 8)])
@pytest.mark.parametrize("size", [32, 85, 128, 256])
def test_a_random_number_lies_in_one_in_whatever_form(size: int, form: Callable[[int, int], bytes]) -> None:
    draw, lost = random.Random(size), 0
    for trial in range(300):
        written = form(draw.getrandbits(8 * size) | 1 << 8 * size - 1, size)
        before = draw.randrange(64)
        data = bytes(before) + written + bytes(64)
        # A shorter one that is looked for as well must not cut it.
        shortest = size if trial % 2 or size == 32 else size * 2 // 3
        lost += not covered(data, shortest, before, before + len(written))
    # The blocks of 16 bytes by which stretches are found lose one of 1,000; what is varied is lost by none of them.
    assert lost <= (300 // 20 if form is not plain else 3)


@pytest.mark.parametrize(("size", "grain"), [(16, 2), (20, 4), (24, 8), (31, 16)])
def test_a_number_that_holds_no_whole_block_of_16_lies_in_one_that_is_looked_for_at_finer_places(
    size: int, grain: int
) -> None:
    draw, lost, coarse = random.Random(size), 0, 0
    for trial in range(500):
        before = trial % 16
        data = bytes(before) + draw.randbytes(size) + bytes(64)
        lost += not covered(data, 16, before, before + size, grain)
        coarse += not covered(data, 16, before, before + size)
    assert lost <= 3
    assert (coarse > 20) == (size < 24)


def test_stretches_are_sorted_by_their_length_and_joined_in_order() -> None:
    draw = random.Random(2)
    data = bytes(400).join(draw.randbytes(size) for size in (64, 3000, 32, 900, 5000))
    parts = list(dense(Image("it", data), 32))
    every = [place for part in parts for place in part]
    assert list(joined(parts)) == every
    short, long = joined(part.islands(1000) for part in parts), joined(part.longer(1000) for part in parts)
    assert [length > 1000 for _, length in short] == [False] * 3
    assert sorted([*short, *long]) == every
    assert (len(list(long)), short.size + long.size) == (2, joined(parts).size)
    assert list(joined([])) == []


def test_lists_of_pointers_are_none() -> None:
    draw = random.Random(1)
    data = b"".join((0x7F9FF6000000 + draw.randrange(1 << 22) * 8).to_bytes(8, "little") for _ in range(4096))
    assert [place for some in dense(Image("it", data), 128) for place in some] == []
    noise = draw.randbytes(128)
    assert covered(data + noise + data, 128, len(data), len(data) + 128)


def windows(data: bytes, size: int) -> set[int]:
    """Where windows of so many bytes lie wholly in a stretch of bytes that are as good as random."""
    stretches = [place for some in dense(Image("it", data), size, drawn=size) for place in some]
    return {at for start, length in stretches for at in range(start, start + length - size + 1)}


@pytest.mark.parametrize("at_once", [1, 2, 7])
def test_however_many_stretches_there_is_room_for_they_are_the_same(
    at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = random.Random(at_once)
    pieces = [draw.choice([bytes(40), draw.randbytes(draw.randrange(1, 200)), b"plain text "]) for _ in range(200)]
    few = bytes(draw.choice(pieces[0] + bytes(range(100, 106))) for _ in range(300))
    data = b"".join(pieces) + few + draw.randbytes(2000) + few
    expected = windows(data, 32)
    monkeypatch.setattr(module, "_AT_ONCE", at_once)
    assert windows(data, 32) == expected
    assert len(expected) > 4000


def test_no_window_is_left_that_repeats_more_than_random_bytes_do_and_none_is_lost_that_does_not() -> None:
    draw, size = random.Random(6), 32
    data = b"".join(
        bytes(draw.choices(range(256), k=32)) if number % 3 else bytes(draw.choices([7, 99, 140, 201, 230, 12], k=32))
        for number in range(600)
    )
    # Of 32 random bytes fewer than 24 are different less than once in 10,000 times.
    varied = {at for at in range(len(data) - size + 1) if len(set(data[at : at + size])) >= 24}
    nearby = size // 4 + 1
    found = windows(data, size)
    assert varied <= found
    assert all(varied & set(range(at - nearby, at + nearby + 1)) for at in found)


@pytest.mark.parametrize("between", [4, 5, 8, 40])
def test_no_window_goes_over_zeros_between_two_numbers_and_each_number_may_end_with_some(between: int) -> None:
    draw, size, lost = random.Random(between), 32, 0
    for _ in range(200):
        first, second = (draw.randbytes(draw.randrange(24, 60)) + b"\1" for _ in range(2))
        found = windows(bytes(64) + first + bytes(between) + second + bytes(64), size)
        behind = 64 + len(first) + between
        over = {at for at in found if 64 + len(first) - size + 8 < at < behind - 3}
        assert not over
        lost += len(first) >= size and 64 not in found
        lost += len(second) >= size and behind not in found
    assert lost <= 2  # 16 bytes of them do not look random once in 1,000 times


NAMES = (
    b"_ZNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEE15_M_replace_coldEPcjPKcjj",
    b"pthread_mutexattr_setprotocolandpriorityceiling_np",
    b"_ZNK4llvm12DenseMapBaseINS_8DenseMapIPKNS_5ValueENS_14WeakTrackingVHE",
    b"/usr/share/locale/en/LC_MESSAGES/coreutils/translations/standard",
)


def test_of_names_that_are_read_as_base64_hardly_a_window_is_left() -> None:
    every = kept = 0
    for name in NAMES:
        for phase in range(4):
            letters = name.translate(bytes.maketrans(b"-_", b"+/"))[phase:]
            read = base64.b64decode(letters[: len(letters) // 4 * 4])
            every += len(read) - 31
            kept += len(windows(bytes(64) + read + bytes(64), 32))
    assert every > 200
    assert kept < every / 8


def test_of_random_numbers_one_in_5000_at_most_reads_as_words_or_as_code_or_is_not_varied() -> None:
    """That is what finding stretches loses; of those that are found the search itself passes one in a thousand over."""
    draw, count, lost = random.Random(8), 20_000, 0
    for size in (32, 64):
        numbers = [draw.randbytes(size) for _ in range(count)]
        found = windows(bytes(64) + bytes(64).join(numbers) + bytes(64), size)
        lost += sum(64 + at * (size + 64) not in found for at in range(count))
    assert lost <= 2 * count // 5_000


def test_code_is_none() -> None:
    code = Path(str(_engine.__file__)).read_bytes()
    assert len(code) > 1 << 18
    assert len(windows(code, 32)) < len(code) / 20


def test_what_is_asked_for_again_is_not_looked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    image, draw = Image("it", random.Random(3).randbytes(5000)), []
    looked = module._runs
    monkeypatch.setattr(module, "_runs", lambda *which: draw.append(which) or looked(*which))
    assert [list(part) for part in dense(image, 32)] == [[(0, 5000)]]
    assert [list(part) for part in dense(image, 64, drawn=60)] == [[(0, 5000)]]
    assert len(draw) == 1
    assert [list(part) for part in dense(Image("it", bytes(5000)), 32)] == []
    assert len(draw) == 2
