"""Large numbers in text: hexadecimal, with colons, in lines or plain, decimal, base64 and base64url."""

from __future__ import annotations

import binascii
import mmap
import re
import string
from collections.abc import Iterator

import attrs

from redactfuzz.scan.keys import candidates

_HEX = string.hexdigits.encode()
_BASE64 = (string.ascii_letters + string.digits + "+/-_").encode()
_COLONS = re.compile(rb"(?:[0-9A-Fa-f]{2}:\s*){15,}[0-9A-Fa-f]{2}")
_SPACED = _HEX + b": \t\r\n"
_BREAK = re.compile(rb"[ \t]*\r?\n[ \t]*")
_TAIL = re.compile(rb"[ \t]*\r?\n[ \t]*([0-9A-Fa-f]+)")
_LONGEST = 1 << 16
"""Characters in a row of an alphabet in which numbers are looked for."""
_SHORTEST_LINE, _LONGEST_BREAK = 16, 64
_LONGEST_DECIMAL = 4096
_BITS = {"hexadecimal": 4.0, "decimal": 3.32, "base64": 6.0}
_Data = bytes | mmap.mmap


@attrs.frozen
class Written:
    """A number, and where it stands. Programs print it with the zeros before it, and without."""

    notation: str
    offset: int
    length: int
    number: int = attrs.field(repr=False)


def numbers(data: _Data, least: int, most: int) -> Iterator[Written]:
    """Each that may have `least` to `most` bits. The work is linear in the bytes."""
    for offset, length in candidates.runs(data, _HEX, least // 4, _LONGEST):
        text = data[offset : offset + length]
        if _fits(text, b"0", "hexadecimal", most):
            yield Written("hexadecimal", offset, length, int(text, 16))
        if text.isdigit() and length <= _LONGEST_DECIMAL and _fits(text, b"0", "decimal", most):
            yield Written("decimal", offset, length, int(text))
    for offset, length in candidates.runs(data, _BASE64, least // 6, _LONGEST):
        text = data[offset : offset + length]
        number = _base64(text) if _fits(text, b"A", "base64", most) else None
        if number is not None:
            yield Written("base64", offset, length, number)
    for offset, length in candidates.runs(data, _SPACED, least // 8 * 3, _LONGEST):
        for match in _COLONS.finditer(data[offset : offset + length]):
            number = int(re.sub(rb"[:\s]", b"", match[0]), 16)
            yield Written("hexadecimal with colons", offset + match.start(), match.end() - match.start(), number)
    for start, end in _wrapped(data):
        text = b"".join(data[start:end].split()) if end - start <= _LONGEST else b""
        if 4 * len(text) >= least and _fits(text, b"0", "hexadecimal", most):
            yield Written("hexadecimal in lines", start, end - start, int(text, 16))


def _fits(text: bytes, zero: bytes, notation: str, most: int) -> bool:
    """Whether a number of so many digits may have so few bits."""
    return (len(text.lstrip(zero)) - 1) * _BITS[notation] < most + 8


def _wrapped(data: _Data) -> Iterator[tuple[int, int]]:
    """(start, end) of lines of digits that have one length; the last one may have less, and one before the first."""
    head, start, end, width = 0, 0, 0, 0
    for offset, length in candidates.runs(data, _HEX, _SHORTEST_LINE, _LONGEST):
        goes_on = width > 0 and offset - end <= _LONGEST_BREAK and bool(_BREAK.fullmatch(data[end:offset]))
        if goes_on and length == width:
            end = offset + length
            continue
        yield from _with_tail(data, {head, start}, end, width)
        # What stood before it on the first line is text: "d = ".
        head = start if goes_on and end - start == width < length else offset
        start, end, width = offset, offset + length, length
    yield from _with_tail(data, {head, start}, end, width)


def _with_tail(data: _Data, starts: set[int], end: int, width: int) -> Iterator[tuple[int, int]]:
    """What follows may be the last line, and may be a word of its letters."""
    tail = _TAIL.match(data[end : end + _LONGEST_BREAK + width]) if width else None
    ends = {end, end + tail.end()} if tail and len(tail[1]) < width else {end}
    for start in starts:
        yield from ((start, behind) for behind in ends if behind - start > width)


def _base64(text: bytes) -> int | None:
    """As JWK has it, and XML: the bytes from the highest."""
    plain = text.translate(bytes.maketrans(b"-_", b"+/"))
    try:
        return int.from_bytes(binascii.a2b_base64(plain + b"=" * (-len(plain) % 4)), "big")
    except binascii.Error:
        return None
