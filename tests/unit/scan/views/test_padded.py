"""A secret in the cells of a table, beside cells that are all the same: buffers are longer than what is in them."""

from __future__ import annotations

import json
import random
from collections.abc import Callable

import pytest

from redactfuzz.model.canary import mint, raw, token
from redactfuzz.scan.views import Allowance, Derived, Spelling, derived, texts_of
from redactfuzz.scan.views.spellings import spelled

TOKEN, RAW = mint(45, "token", token(32), 1), mint(45, "raw", raw(32), 1)


def each(form: str) -> Callable[[bytes], str]:
    return lambda data: "".join(form.format(i=i, b=b, c=chr(b)) for i, b in enumerate(data))


def words(data: bytes, width: int) -> dict[int, int]:
    return {at: int.from_bytes(data[at : at + width], "little") for at in range(0, len(data), width)}


WAYS: dict[str, Callable[[bytes], str]] = {
    "JSON of a typed array": lambda d: json.dumps({"key": dict(enumerate(d))}),
    "assignments": each("buf[{i}] = {b};\n"),
    "XML": each("<byte>{b}</byte>"),
    "hexadecimal": each("  [{i}] = 0x{b:02x}\n"),
    "words of 64 bits": lambda d: json.dumps(words(d, 8)),
    "words of 32 bits": lambda d: json.dumps(words(d, 4)),
}
PADDING = [(0, 12), (0, 64), (32, 0), (64, 96), (3000, 3000)]


def views(written: str) -> list[bytes]:
    data = f"INFO start\n{written}\nINFO the end of it\n".encode()
    texts = texts_of(Derived("", data, lambda start, end: (start, end)))
    return [one.data for text in texts for one in derived(text, Allowance.of(len(data)))]


@pytest.mark.parametrize("padding", PADDING, ids=str)
@pytest.mark.parametrize("filled", [0, 255])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("secret", [TOKEN.bytes, RAW.bytes], ids=["token", "raw"])
def test_it_is_seen_beside_padding(secret: bytes, way: str, filled: int, padding: tuple[int, int]) -> None:
    before, behind = padding
    seen = views(WAYS[way](bytes([filled]) * before + secret + bytes([filled]) * behind))
    assert any(secret in view for view in seen)


@pytest.mark.parametrize("calls", [0, 200])
def test_letters_between_the_same_ones_are_seen(calls: int) -> None:
    """A trace of reads of one byte: as many points are read before and behind."""
    way = each('read(0, "{c}", 1) = 1\n')
    assert any(TOKEN.bytes in view for view in views(way(b"." * calls + TOKEN.bytes + b"." * calls)))


def test_numbers_that_are_another_one_now_and_then_are_no_column() -> None:
    """As the states of a log are: none of them is a byte of a secret."""
    rng = random.Random(8)
    states = (rng.choice((200, 200, 200, 200, 200, 200, 200, 204)) for _ in range(2000))
    log = "".join(f'{{"id": "request", "state": {state}, "of": "web"}}\n' for state in states)
    assert not spelled(Spelling.COLUMNS, log.encode())
