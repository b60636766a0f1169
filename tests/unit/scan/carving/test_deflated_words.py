"""Words of base64 that may be deflated: each is looked at once, at its beginning, however long it is."""

from __future__ import annotations

import base64
import random
import zlib

import pytest

from redactfuzz.dumps.readers.carving.carver import carved
from redactfuzz.dumps.readers.carving.marks import next_deflated_word
from redactfuzz.dumps.readers.image import Image, Member

TEXT = b"".join(b"%d: a request of %d came by\n" % (at, at * at) for at in range(60))


def word(data: bytes = TEXT) -> bytes:
    made = zlib.compressobj(9, zlib.DEFLATED, -15)
    return base64.b64encode(made.compress(data) + made.flush())


def places(data: bytes, step: int = 1 << 24) -> list[int]:
    found = []
    for start in range(0, len(data), step):
        at, stop = start, min(start + step, len(data))
        while (at := next_deflated_word(data, at, stop)) < stop:
            found.append(at)
            at += 1
    return found


@pytest.mark.parametrize("step", [1 << 24, 100, 41, 7])
def test_a_word_is_told_where_it_begins_and_nowhere_else(step: int) -> None:
    one = word()
    for before in (b"", b"a=", b"some words before it, and a\n", b"x\\n", b"." * 99):
        assert places(before + one + b" and more of the text, to its end " * 3, step) == [len(before)]


def test_a_word_that_is_short_or_of_other_letters_is_none() -> None:
    one = word()
    assert places(one[:40] + b"." + bytes(99)) == []
    assert places(one[:20] + b"." + one[20:]) == []
    assert places(one[:41] + b"." + bytes(99)) == [0]


def test_of_words_of_noise_few_are_told_and_none_is_opened() -> None:
    words = [base64.b64encode(random.Random(at).randbytes(60)) for at in range(4000)]
    data = b"\n".join(words)
    assert 0 < len(places(data)) < len(words) // 10
    assert list(carved(Image("noise", data))) == []
    (found,) = carved(Image("a log", data + b"\n" + word() + b"\n"))
    assert isinstance(found, Member)
    assert found.stream.read() == TEXT
