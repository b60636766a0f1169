"""Long numbers in a text, in the notations in which keys are printed: decimal, hexadecimal, base64, lists of digits."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sequence

import attrs

_RUN = re.compile(rb"[0-9A-Za-z+/_-]{43,}")
"""As many letters as base64 has for 32 bytes."""
_LINES = re.compile(rb"(?<![0-9A-Za-z+/])[0-9A-Za-z+/]{43,}(?:\r?\n[ \t]*[0-9A-Za-z+/]{1,128})++")
"""Base64 that goes on in further lines."""
_PAIRS = re.compile(
    rb"(?<![0-9A-Za-z:_])(?:(?:[0-9A-Fa-f]{2}:){31,}[0-9A-Fa-f]{2}(?![0-9A-Fa-f:])"
    rb"|(?P<row>(?:[0-9A-Fa-f]{2}:)*+(?:[0-9A-Fa-f]{2})?+)(?<=[0-9A-Fa-f:])[^0-9A-Za-z:\n]{0,8}$)",
    re.MULTILINE,
)
"""Bytes with colons between: 32 and more, or a row of them at the end of a line, whatever stands before it."""
_LIST = re.compile(rb"(?<![\w.])-?[0-9]{1,20}(?:,\s{0,40}-?[0-9]{1,20}){7,}(?![\w.])")
_HAS_PAIRS = re.compile(rb":[0-9A-Fa-f]{2}:[0-9A-Fa-f]{2}:")
_HAS_LIST = re.compile(rb",\s{0,40}-?[0-9]{1,20},\s{0,40}-?[0-9]{1,20},")
"""In every one of them, and quickly seen to be in no other text."""
_LEAST = 32
"""Bytes of a number in hexadecimal or base64 at least."""
_DECIMAL = re.compile(rb"[0-9]{60,4300}")
"""Python reads no longer ones."""
_HEX = re.compile(rb"(?:0[xX])?([0-9A-Fa-f]{60,})")
_DIGITS = (8, 15, 26, 28, 30, 32, 64)
"""Bits of a digit: bytes, CPython's, those of bn.js, jsbn and node-forge, CPython's, words."""
_EITHER = (8, 32, 64)
"""Of these the highest one may come first."""
_URL = bytes.maketrans(b"-_", b"+/")


@attrs.frozen(repr=False)
class Number:
    """A number, how many bytes it is written with, where, and in which notation: those of one key are written alike."""

    value: int
    size: int
    start: int
    end: int
    notation: str

    def __repr__(self) -> str:
        return f"<Number: {self.size} bytes, {self.notation}>"


def long_numbers(text: bytes) -> dict[str, list[Number]]:
    """Those of each notation, in their order. What may be read in several is read in each."""
    found: dict[str, list[Number]] = {}
    for read in (_runs, _rows, _lists):
        for one in read(text):
            found.setdefault(one.notation, []).append(one)
    return found


def _runs(text: bytes) -> Iterator[Number]:
    joined = 0
    for match in _RUN.finditer(text):
        start, end = match.span()
        word = match[0].lstrip(b"+-")
        if _DECIMAL.fullmatch(word):
            value = int(word)
            yield Number(value, (value.bit_length() + 7) // 8, start, end, "decimal")
        if digits := _HEX.fullmatch(word):
            yield Number(int(digits[1], 16), (len(digits[1]) + 1) // 2, start, end, "hexadecimal")
        yield from _base64(match[0], start, end)
        lines = _LINES.match(text, start) if start >= joined else None
        if lines is not None:
            joined = lines.end()
            yield from _base64(b"".join(lines[0].split()), start, joined)


def _base64(letters: bytes, start: int, end: int) -> Iterator[Number]:
    """Of either alphabet."""
    data = base64.b64decode(letters.translate(_URL) + b"=" * (-len(letters) % 4)) if len(letters) % 4 != 1 else b""
    if len(data) >= _LEAST:
        yield Number(int.from_bytes(data, "big"), len(data), start, end, "base64")


def _rows(text: bytes) -> Iterator[Number]:
    """A row goes on in the next line where it ends with a colon."""
    rows, start, end = bytearray(), 0, 0
    for match in _PAIRS.finditer(text) if _HAS_PAIRS.search(text) else ():
        follows = rows.endswith(b":") and text.count(b"\n", end, match.start()) == 1
        if not follows:
            yield from _of_rows(rows, start, end)
            rows, start = bytearray(), match.start()
        rows += match["row"] if match["row"] is not None else match[0]
        end = match.start() + len(match["row"] if match["row"] is not None else match[0])
    yield from _of_rows(rows, start, end)


def _of_rows(rows: bytearray, start: int, end: int) -> Iterator[Number]:
    digits = rows.replace(b":", b"")
    if len(digits) >= 2 * _LEAST:
        yield Number(int(digits, 16), len(digits) // 2, start, end, "rows")


def _lists(text: bytes) -> Iterator[Number]:
    for match in _LIST.finditer(text) if _HAS_LIST.search(text) else ():
        digits = [int(one) for one in match[0].split(b",")]
        bits = _bits(digits)
        if not bits or len(digits) * bits < 8 * _LEAST:
            continue
        digits = [one % (1 << bits) for one in digits]
        for order in (1, -1) if bits in _EITHER else (-1,):
            value = _joined(digits[::order], bits)
            notation = f"{'lowest' if order < 0 else 'highest'} of {bits} bits first"
            yield Number(value, (value.bit_length() + 7) // 8, match.start(), match.end(), notation)


def _bits(digits: Sequence[int]) -> int:
    """Of a digit, as the largest ones say; 0: there is no such notation."""
    least, most = min(digits), max(digits)
    wanted = _EITHER if least < 0 else _DIGITS
    below = max(most, -least - 1) * 2 if least < 0 else most
    return next((bits for bits in wanted if below < 1 << bits), 0)


def _joined(digits: Sequence[int], bits: int) -> int:
    """The number of digits of which the highest comes first."""
    if len(digits) < 8:
        value = 0
        for digit in digits:
            value = value << bits | digit
        return value
    half = len(digits) // 2
    return _joined(digits[:half], bits) << bits * (len(digits) - half) | _joined(digits[half:], bits)
