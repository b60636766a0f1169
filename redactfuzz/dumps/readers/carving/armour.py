"""Bytes that stand in a text as base64 or hexadecimal, decoded as they are read."""

from __future__ import annotations

import base64
import mmap
import re
from collections.abc import Callable

from redactfuzz.dumps.readers.carving.rewound import Rewound

_FIRST, _BLOCK = 2 << 10, 48 << 10
"""Letters that are decoded at once: few at first, since most of what may be a stream is none."""
_ESCAPE = 10
"""Bytes of the longest one, in JSON inside JSON."""
_IN_A_ROW = 8
"""Escapes near one another at the end of what is decoded at once."""
_SIGNS = re.compile(rb"(?<!\\)\\++u00(2[bBdDfF]|3[dD]|5[fF])")
"""A letter of base64 that is no letter, or the padding."""
_ESCAPES = re.compile(rb"\\[nrt]?")
_SPACE = b" \t\n\r\v\f"
_URL = bytes.maketrans(b"-_", b"+/")


class Armoured(Rewound):
    """From ``start`` to the first byte that cannot be part of it. White space and its escapes are passed over.

    Base64 may be padded in the middle, as where each line was encoded by itself (Ubuntu's apport does so).
    """

    def __init__(self, data: bytes | mmap.mmap, start: int, how: Armour) -> None:
        self._data = data
        self._start = start
        self._how = how
        self._rewind()

    def _rewind(self) -> None:
        self._at, self._given = self._start, 0
        self._text = self._plain = b""
        self._ended = False
        self._block = _FIRST

    @property
    def end(self) -> int:
        """Where in the data reading has come to."""
        return self._at

    def _go_to(self, offset: int) -> None:
        self._rewind()
        while self._given < offset and self.read(min(_BLOCK, offset - self._given)):
            pass

    def read(self, size: int = -1) -> bytes:
        """Up to ``size`` bytes; fewer at the end alone."""
        while (size < 0 or len(self._plain) < size) and not self._ended:
            self._more()
        size = len(self._plain) if size < 0 else size
        read, self._plain = self._plain[:size], self._plain[size:]
        self._given += len(read)
        return read

    def _more(self) -> None:
        block = self._data[self._at : self._at + self._block]
        self._block = min(2 * self._block, _BLOCK)
        for _ in range(_IN_A_ROW):
            if b"\\" not in block[-_ESCAPE:]:
                break
            block += self._data[self._at + len(block) : self._at + len(block) + _ESCAPE]  # it is not torn apart
        run = self._how.run.match(block)
        end = run.end() if run else 0
        self._ended = end < len(block) or self._at + end >= len(self._data)
        self._at += end
        text = block[:end].translate(None, _SPACE)
        self._text += self._how.unescaped(text) if b"\\" in text else text
        plain, self._text = self._how.decode(self._text, self._ended)
        self._plain += plain


class ArmouredZip(Armoured):
    """It knows where the archive ends, behind which other words may follow."""

    _END, _SIZE = b"PK\5\6", 22
    """The record at the end (APPNOTE.TXT section 4.3.16)."""

    def _rewind(self) -> None:
        super()._rewind()
        self._blocks: list[tuple[int, int]] = []
        self._seen, self._tail, self._last = 0, b"", 0

    @property
    def last(self) -> int:
        """Where in the data the last record ends that was read; where it begins when there was none."""
        if not self._last:
            return self._start
        decoded, at = max(block for block in self._blocks if block[0] <= self._last)
        letters = self._how.letters(self._last - decoded)
        while letters > 0 and at < len(self._data):
            letters -= self._data[at] not in _SPACE
            at += 1
        return at

    def _more(self) -> None:
        self._blocks.append((self._given + len(self._plain), self._at))
        before = len(self._plain)
        super()._more()
        new = self._tail + self._plain[before:]
        if (found := new.rfind(self._END)) >= 0:
            self._last = self._seen - len(self._tail) + found + self._SIZE
        self._seen += len(self._plain) - before
        self._tail = new[1 - len(self._END) :]


class Armour:
    """A way to write bytes as text, of ``width`` bits a letter.

    ``decode`` gives what is decoded, and the text that more must come to first.
    """

    def __init__(self, name: str, width: int, run: bytes, decode: Callable[[bytes, bool], tuple[bytes, bytes]]) -> None:
        self.name = name
        self._width = width
        self.run = re.compile(run)
        self.decode = decode

    def letters(self, size: int) -> int:
        """How many letters so many bytes have at least."""
        return size * 8 // self._width

    def unescaped(self, text: bytes) -> bytes:
        """The text without escapes of JSON."""
        return _ESCAPES.sub(b"", _SIGNS.sub(lambda sign: bytes((int(sign[1], 16),)), text))

    def head(self, data: bytes | mmap.mmap, at: int, size: int) -> bytes:
        """The first bytes, up to ``size``."""
        return Armoured(data[at : at + 3 * size], 0, self).read(size)


def _base64(text: bytes, last: bool) -> tuple[bytes, bytes]:
    *whole, rest = re.split(b"=+", text.translate(_URL))
    kept = 0 if last else len(rest) % 4
    rest, left = rest[: len(rest) - kept], rest[len(rest) - kept :]
    return b"".join(_decoded(part) for part in (*whole, rest)), left


def _decoded(text: bytes) -> bytes:
    text = text[: len(text) - (len(text) % 4 == 1)]  # a letter alone holds no byte
    return base64.b64decode(text + b"=" * (-len(text) % 4))


def _hexadecimal(text: bytes, last: bool) -> tuple[bytes, bytes]:
    whole = len(text) // 2 * 2
    return bytes.fromhex(text[:whole].decode("ascii")), text[whole:]


ARMOURS = (
    Armour("base64", 6, rb"(?:[A-Za-z0-9+/_\-=\s]++|\\)*+", _base64),
    Armour("hexadecimal", 4, rb"(?:[A-Fa-f0-9\s]++|\\[nrt]?+)*+", _hexadecimal),
)
