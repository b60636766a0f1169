"""Bytes that were written as the characters of a text, read around a place that is known to be one of them.

A string of JavaScript, Java or Python whose characters are bytes is written in utf-8 or utf-16; a statement of
MySQL has backslashes among raw bytes.
"""

from __future__ import annotations

import functools
import mmap
import re
from collections.abc import Callable, Iterator

import attrs

from redactfuzz.scan.views.parts import Parts

_BEFORE, _BEHIND = 1 << 9, 1 << 14
"""Bytes of a key before and behind the place that are read at most."""
Data = bytes | mmap.mmap
_AS_BYTES = "latin-1"
_NO_BYTE = re.compile(rb"[\xc4-\xff\xc0\xc1]|[\xc2\xc3](?![\x80-\xbf])|(?<![\xc2\xc3])[\x80-\xbf]")
"""In utf-8 no character up to U+00FF."""
_NO_SHOWN = re.compile(rb"[\xc4-\xff\xc0\xc1]|[\xc2\xc3](?![\x80-\xbf])")
"""The same where those that cannot be shown were escaped as one byte."""
_CHARACTERS = re.compile(rb"[\x00-\x7f]+|[\xc2\xc3][\x80-\xbf]|[\x80-\xbf]")
_SHOWN = frozenset(range(0xA1, 0x100)) - {0xAD}
_ESCAPES = re.compile(
    rb"\\(?:u00(?P<digits>[0-9A-Fa-f]{2})|(?P<letter>.))|(?P<pair>[\xc2\xc3][\x80-\xbf])|[^\\\xc2\xc3]+|.", re.DOTALL
)
_ESCAPED = {0: b"\\0", 10: b"\\n", 13: b"\\r", 26: b"\\Z", 34: b'\\"', 39: b"\\'", 92: b"\\\\"}
"""As mysqldump writes them (Reference Manual, "String Literals")."""
_JSON = {8: b"\\b", 9: b"\\t", 10: b"\\n", 12: b"\\f", 13: b"\\r", 34: b'\\"', 92: b"\\\\"}
"""RFC 8259 section 7; others up to 31 in hexadecimal."""
_STAND_FOR = {escaped[1:]: bytes([byte]) for byte, escaped in (*_JSON.items(), *_ESCAPED.items())}
_ENDS = {quote: re.compile(rb"(?:[^\\%b]|\\.)*+" % quote, re.DOTALL) for quote in (b"'", b'"')}
_BACKSLASH = b"\\"
_LONGEST = 6
"""Letters of an escape."""


@attrs.frozen
class Form:
    """``written`` is how bytes look in it, whatever stands beside them; ``read`` gives those around an offset."""

    name: str
    written: Callable[[bytes], bytes]
    read: Callable[[Data, int], Parts | None]


def _utf8(data: bytes) -> bytes:
    return data.decode(_AS_BYTES).encode()


def _shown(data: bytes) -> bytes:
    """As Python's ``repr`` has it, once its escapes were taken back."""
    return b"".join(bytes([byte]).decode(_AS_BYTES).encode() if byte in _SHOWN else bytes([byte]) for byte in data)


def _read_utf8(ends: re.Pattern[bytes], data: Data, at: int) -> Parts | None:
    high = min(len(data), at + 2 * _BEHIND)
    behind = ends.search(data, at, high)
    end = behind.start() if behind else high
    if data[at:end].isascii():
        return None
    starts = [match.end() for match in ends.finditer(data, max(0, at - 2 * _BEFORE), at)]
    return Parts.of(_characters(data, starts[-1] if starts else max(0, at - 2 * _BEFORE), end))


def _characters(data: Data, start: int, end: int) -> Iterator[tuple[bytes, tuple[int, int]]]:
    for match in _CHARACTERS.finditer(data, start, end):
        pair = len(match[0]) == 2 and match[0][0] > 0x7F
        yield match[0].decode().encode(_AS_BYTES) if pair else match[0], match.span()


def _utf16(data: bytes) -> bytes:
    return b"\0".join(bytes([byte]) for byte in data)


def _read_utf16(data: Data, at: int) -> Parts:
    """In either order: zeros stand between any two."""
    first, end = max(at % 2, at - 2 * _BEFORE), at + 2 * _BEHIND
    here, highs = (at - first) // 2, data[first + 1 : end : 2]
    start = len(highs[:here].rstrip(b"\0"))
    count = len(highs[here:]) - len(highs[here:].lstrip(b"\0"))
    lows = data[first:end:2][start : here + count + 1]
    return Parts.of([(lows, (first + 2 * start, first + 2 * (start + len(lows))))], 2)


def _mysql(data: bytes) -> bytes:
    return b"".join(_ESCAPED.get(byte, bytes([byte])) for byte in data)


def _json(escape: str, ascii_only: bool, data: bytes) -> bytes:
    def written(byte: int) -> bytes:
        escaped = byte < 0x20 or (ascii_only and byte >= 0x7F)
        return _JSON.get(byte) or ((escape % byte).encode() if escaped else _utf8(bytes([byte])))

    return b"".join(map(written, data))


def _read_quoted(quote: bytes, characters: bool, data: Data, at: int) -> Parts | None:
    """From one quote to the next, of those that are not escaped. ``characters``: in utf-8, none of which is raw."""
    low = max(0, at - _LONGEST * _BEFORE)
    start = data.rfind(quote, low, at)
    while start > low and data[start - 1 : start] == _BACKSLASH:
        start = data.rfind(quote, low, start - 1)
    end = _ENDS[quote].match(data, at, at + _LONGEST * _BEHIND)
    if start < 0 or end is None or data.find(_BACKSLASH, start, end.end()) < 0:
        return None
    found = _ESCAPES.finditer(data, start + 1, end.end())
    return Parts.of((_byte(one, characters), one.span()) for one in found)


def _byte(one: re.Match[bytes], characters: bool) -> bytes:
    """What a piece of a string stands for."""
    if one["digits"]:
        return bytes.fromhex(one["digits"].decode())
    if one["letter"]:
        return _STAND_FOR.get(one["letter"], one["letter"])
    return one["pair"].decode().encode(_AS_BYTES) if one["pair"] and characters else one[0]


def _json_form(escape: str, *, ascii_only: bool) -> Form:
    return Form("a string of JSON", functools.partial(_json, escape, ascii_only), _in_json)


_in_json = functools.partial(_read_quoted, b'"', True)
UTF8 = Form("utf-8", _utf8, functools.partial(_read_utf8, _NO_BYTE))
SHOWN = Form("utf-8, if they can be shown", _shown, functools.partial(_read_utf8, _NO_SHOWN))
UTF16 = Form("utf-16", _utf16, _read_utf16)
MYSQL = Form("a string of MySQL", _mysql, functools.partial(_read_quoted, b"'", False))
JSON = tuple(_json_form(f"\\u%04{case}", ascii_only=only) for case in "xX" for only in (True, False))
