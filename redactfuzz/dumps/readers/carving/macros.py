"""Source of macros of Office: LZ77 with a byte of flags for each eight letters, in chunks ([MS-OVBA] section 2.4.1).

It lies in an OLE file, as ``vbaProject.bin`` or a document is, or in memory. Each module begins with its attributes, in
letters that nothing before them repeats, so that they are found by these.
"""

from __future__ import annotations

import io
import re

import attrs

from redactfuzz.dumps.readers.carving.found import Found, Ground
from redactfuzz.dumps.readers.carving.pieces import Pieces
from redactfuzz.dumps.readers.compressed import Compressed, Frames
from redactfuzz.dumps.readers.image import Member

_MARK = b"Attribut\0e VB_N"
_BEFORE = 4
"""Bytes before that: the signature of the container, the header of the first chunk, and its first flags."""
_BEGINS = re.compile(rb"\x01.[\xb0-\xbf]\0", re.DOTALL)
_SIGNATURE, _PACKED, _MORE = 0x3000, 0x8000, 3
"""Of the header of a chunk (section 2.4.1.1.5): what is always there, whether it is packed, bytes beyond its size."""
_SIZE, _PLAIN = 0x0FFF, 4096
"""Of that header the size; and bytes that come out of each chunk but the last one."""
_LEAST_BITS = 4
"""Of an offset (section 2.4.1.3.19.1)."""
_BUFFER, _COST = 1 << 16, 16
"""Bytes that the libraries unpack in the time of one here."""


class _Chunks:
    """Unpacks a container, as the libraries do others. Its end is said nowhere: a chunk that is not full is the last.

    So is one that no other follows: behind a container of full chunks anything may come.
    """

    def __init__(self) -> None:
        self.eof = False
        self.unused_data = b""
        self._held = b""
        self._begun = False

    def decompress(self, data: bytes, /) -> bytes:
        """What comes out of the chunks that are whole now. Raises ValueError where one is none."""
        held, plain = self._held + data, bytearray()
        if not self._begun and held:
            held, self._begun = held[1:], True
        while len(held) > 1 and not self.eof:
            header = int.from_bytes(held[:2], "little")
            size = (header & _SIZE) + _MORE
            if header & 0x7000 != _SIGNATURE:
                self.eof = True
            elif len(held) < size:
                break
            else:
                chunk = _unpacked(held[2:size]) if header & _PACKED else held[2:size]
                plain += chunk
                held, self.eof = held[size:], len(chunk) < _PLAIN
        if self.eof:
            self.unused_data, held = held, b""
        self._held = held
        return bytes(plain)


def _unpacked(chunk: bytes) -> bytes:
    """Of each flag, lowest first, a letter, or two bytes that say what to repeat (section 2.4.1.3.5)."""
    plain, at, end = bytearray(), 0, len(chunk)
    while at < end:
        flags, at = chunk[at], at + 1
        for bit in range(8):
            if at >= end:
                break
            if not flags >> bit & 1:
                plain.append(chunk[at])
                at += 1
                continue
            if at + 2 > end:
                raise ValueError("a token is cut off")
            token, at = int.from_bytes(chunk[at : at + 2], "little"), at + 2
            bits = max(_LEAST_BITS, (len(plain) - 1).bit_length())
            back, size = (token >> 16 - bits) + 1, (token & 0xFFFF >> bits) + _MORE
            if back > len(plain) or len(plain) + size > _PLAIN:
                raise ValueError("it refers to what is not there")
            piece = plain[-back:]
            plain += (piece * (size // back + 1))[:size]
    if len(plain) > _PLAIN:
        raise ValueError("a chunk is too long")
    return bytes(plain)


_MACROS = Compressed("source of macros", re.compile(rb"\x01"), _Chunks)


@attrs.frozen
class Macros:
    """The source of one module."""

    def begins(self, head: bytes) -> bool:
        """By its first attribute."""
        return head.startswith(_MARK)

    def open(self, ground: Ground, at: int) -> Found:
        """What comes out, to where it ends or is damaged."""
        begin = at - _BEFORE
        if begin < 0 or not _BEGINS.match(ground.data[begin:at]):
            return at + 1
        frames = Frames(_MACROS, Pieces(ground.data, ((begin, ground.size),)), follow=True, frames=1)
        name = f"macros at {begin:#x}"
        yield Member(name, io.BufferedReader(frames, _BUFFER), tried=begin, begins=begin, sure=lambda: True)
        if not frames.whole:  # another one may begin in what was read
            yield from ground.walk(_COST * frames.end, at)
            if not ground.is_too_far:
                return at + 1
        return max(at + 1, begin + frames.end)
