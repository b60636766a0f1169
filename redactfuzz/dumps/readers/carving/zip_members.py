"""Members of zip archives, by the header that stands before each: also where the directory at the end is lost.

PKWARE's APPNOTE.TXT, section 4.3.7.
"""

from __future__ import annotations

import io
import re
import struct
from typing import Any

import attrs

from redactfuzz.dumps.readers.carving.deflated import DEFLATE
from redactfuzz.dumps.readers.carving.found import Found, Ground
from redactfuzz.dumps.readers.carving.marks import next_mark
from redactfuzz.dumps.readers.carving.pieces import Pieces
from redactfuzz.dumps.readers.compressed import COMPRESSED, FED, Compressed, Frames
from redactfuzz.dumps.readers.image import Member
from redactfuzz.model.exposure import Gap

_HEADER = struct.Struct("<4sHHHHHIIIHH")
_ENCRYPTED, _FOLLOWS = 1, 8
"""General purpose flags: the second says that sizes stand behind the data."""
_STORED, _DEFLATED, _LZMA = 0, 8, 14
_LONGEST_NAME = 4096
_LATEST = 63
"""Version needed to extract."""
_RESERVED = 0xD780
"""General purpose flags without a meaning."""
_RECORD = re.compile(rb"PK(?:\x03\x04|\x01\x02|\x07\x08|\x06\x08)")
_CONTROL = re.compile(rb"[\0-\x1f]")
_BUFFER = 1 << 16

_BY_NAME = {one.name: one for one in COMPRESSED}
_OTHERS = {12: _BY_NAME["bzip2"], 93: _BY_NAME["zstd"], 95: _BY_NAME["xz"]}
_OPENED = {_STORED, _DEFLATED, _LZMA, *_OTHERS}
_NAMES = {
    1: "shrink", 2: "reduce", 3: "reduce", 4: "reduce", 5: "reduce", 6: "implode", 9: "deflate64", 10: "implode",
    16: "CMPSC", 18: "terse", 19: "LZ77", 20: "zstd, as it once was", 94: "MP3", 96: "JPEG", 97: "WavPack", 98: "PPMd",
    99: "AES",
}  # fmt: skip
"""Methods that nothing here opens."""


@attrs.frozen
class _Entry:
    method: int
    flags: int
    packed: int
    size: int
    name: str
    start: int
    """Where its data begin."""
    sum: int
    """CRC-32 of what comes out, where the header has it."""
    sure: bool
    """Whether it is one by its header; else it is one where something comes out of it."""

    @property
    def known(self) -> bool:
        """Whether the header says how long the data are."""
        return not self.flags & _FOLLOWS and 0xFFFFFFFF not in (self.packed, self.size)


@attrs.frozen
class ZipMembers:
    """One header after the other."""

    def begins(self, head: bytes) -> bool:
        """By the signature."""
        return head.startswith(b"PK\x03\x04")

    def open(self, ground: Ground, at: int) -> Found:
        """The member whose header this is. Where something may begin in that, it is looked through."""
        entry = _entry(ground, at)
        if at == 0 and not ground.spelled and (entry is None or not entry.sure):
            yield Gap(ground.name, "it begins like a zip archive, cannot be read as one and is not opened", 0)
        if entry is None:
            return at + 1
        if not entry.sure:
            return (yield from _tried(ground, entry, at))
        end = yield from _member(ground, entry, at)
        begin = at + _HEADER.size
        header = ground.data[begin : entry.start]
        first = next_mark(header, 0, len(header))
        if first < len(header):
            yield from ground.walk(end - at, at)
            if not ground.is_too_far:
                ground.beside = begin + first, entry.start
        return end


def _member(ground: Ground, entry: _Entry, at: int) -> Found:
    what = f"the member {entry.name!r} of a zip archive"
    if entry.flags & _ENCRYPTED:
        yield Gap(ground.name, f"{what} is encrypted", at)
    elif entry.method == _STORED:
        return (yield from _stored(ground, entry, at))
    elif entry.method not in _OPENED:
        how = _NAMES.get(entry.method, f"method {entry.method}")
        yield Gap(ground.name, f"{what} is packed with {how}, which is not opened", at)
    elif entry.known and not entry.size and entry.packed <= FED:
        return (yield from _tried(ground, entry, at))  # what the header says may not be so
    else:
        return (yield from _packed(ground, entry, what, at))
    return entry.start + (entry.packed if entry.known and entry.start + entry.packed <= ground.size else 0)


def _entry(ground: Ground, at: int) -> _Entry | None:
    """What the header says, or None where it is none: it is cut off."""
    header = ground.data[at : at + _HEADER.size]
    if len(header) < _HEADER.size:
        return None
    _, version, flags, method, time, date, crc, packed, size, named, extra = _HEADER.unpack(header)
    name = ground.data[at + len(header) : at + len(header) + named]
    if len(name) < named:
        return None
    start = at + len(header) + named + extra
    odd = (version & 255 > _LATEST) + (method not in _OPENED and method not in _NAMES)
    entry = _Entry(method, flags, packed, size, name.decode("utf-8", "replace"), start, crc, sure=False)
    odd += _oddity(name, entry.name)
    dated = odd == 1 and not flags & _RESERVED and _is_date(date, time) and (method != _STORED or flags & _ENCRYPTED)
    return attrs.evolve(entry, sure=not odd or bool(dated) or _is_followed(ground, entry))


def _oddity(name: bytes, text: str) -> int:
    """How little a name looks like one. With a control character it is one still; the code of a program is none."""
    if not 1 <= len(name) <= _LONGEST_NAME or b"\0" in name:
        return 2
    return (1 + ("\ufffd" in text)) * (_CONTROL.search(name) is not None)


def _is_date(date: int, time: int) -> bool:
    """Whether two numbers are a date and a time of MS-DOS, which hardly anything else is; zeros are none."""
    return 1 <= date >> 5 & 15 <= 12 and date & 31 > 0 and time >> 11 < 24 and time >> 5 & 63 < 60 and time & 31 < 30


def _is_followed(ground: Ground, entry: _Entry) -> bool:
    """Whether another record of an archive begins behind its data."""
    end = entry.start + entry.packed
    return entry.known and bool(_RECORD.match(ground.data[end : end + 4]))


def _tried(ground: Ground, entry: _Entry, at: int) -> Found:
    """What comes out where the header alone is not enough to go by."""
    if entry.flags & _ENCRYPTED or entry.method not in _OPENED or entry.method == _STORED:
        return at + 1
    how, start = _how(ground, entry)
    if not how.passes(ground.data[start : start + FED]):
        return at + 1
    if ground.is_too_far:
        return at + 1
    frames = Frames(how, Pieces(ground.data, ((start, ground.size),)), follow=True, frames=1)
    yield Member(_called(entry, at), io.BufferedReader(frames, _BUFFER), tried=at, begins=at)
    if not frames.whole:  # another header may stand in what was read
        yield from ground.walk(frames.end, at)
        return at + 1
    return start + max(0, frames.end)


def _called(entry: _Entry, at: int) -> str:
    return entry.name or f"a member without a name at {at:#x}"


def _stored(ground: Ground, entry: _Entry, at: int) -> Found:
    """Its bytes are searched where they lie as well: what is more here is that they are read as what they are."""
    if not entry.known or not entry.packed:
        return entry.start
    stream = Pieces(ground.data, ((entry.start, entry.start + entry.packed),))
    yield Member(_called(entry, at), io.BufferedReader(stream, _BUFFER), at=entry.start, begins=at)
    return min(ground.size, entry.start + entry.packed)


def _packed(ground: Ground, entry: _Entry, what: str, at: int) -> Found:
    how, start = _how(ground, entry)
    if not how.passes(ground.data[start : start + FED]):
        yield Gap(ground.name, f"{what} is damaged: it is no {how.name}", at)
        return entry.start
    if ground.is_too_far:
        return entry.start
    end = start + entry.packed if entry.known and entry.packed else ground.size
    frames = Frames(how, Pieces(ground.data, ((start, min(end, ground.size)),)), follow=True, frames=1)
    summed = _Summed(frames)
    yield Member(_called(entry, at), io.BufferedReader(summed, _BUFFER), begins=at)
    if entry.known and frames.whole and summed.sum != entry.sum:
        yield from ground.walk(frames.end, at)
        return at + 1  # it went on in something else and ended by chance: another reading may say where it ends
    return start + max(0, frames.end)


class _Summed(io.RawIOBase):
    """A stream, with the CRC-32 of what was read of it."""

    def __init__(self, stream: Frames) -> None:
        from zlib import crc32  # as in compressed.py

        super().__init__()
        self.sum = 0
        self._stream, self._crc32 = stream, crc32

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """As the stream's."""
        count = self._stream.readinto(buffer)
        self.sum = self._crc32(memoryview(buffer)[:count], self.sum)
        return count


def _how(ground: Ground, entry: _Entry) -> tuple[Compressed, int]:
    """The method, and where what it packed begins."""
    if entry.method == _LZMA:  # two bytes of version, two of size, and the properties
        return _lzma(ground.data[entry.start + 4 : entry.start + 9], entry), entry.start + 9
    return _OTHERS.get(entry.method, DEFLATE), entry.start


def _lzma(properties: bytes, entry: _Entry) -> Compressed:
    """As a file of lzma, whose header has the size, which is not known where an end mark stands in its place."""
    header = properties + (entry.size.to_bytes(8, "little") if entry.known and not entry.flags & 2 else b"\xff" * 8)

    def start() -> lzma.LZMADecompressor:
        decompressor = lzma.LZMADecompressor(lzma.FORMAT_ALONE)
        decompressor.decompress(header)
        return decompressor

    import lzma

    return Compressed("lzma", re.compile(b""), start)
