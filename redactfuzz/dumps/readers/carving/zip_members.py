"""Members of zip archives, by the header that stands before each: also where the directory at the end is lost.

PKWARE's APPNOTE.TXT, section 4.3.7.
"""

from __future__ import annotations

import io
import re
import struct
import zlib

import attrs

from redactfuzz.dumps.readers.carving.found import Found, Ground
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
_CONTROL = re.compile(rb"[\0-\x1f]")
_BUFFER = 1 << 16

_DEFLATE = Compressed("deflate", re.compile(b""), lambda: zlib.decompressobj(-zlib.MAX_WBITS))
_BY_NAME = {one.name: one for one in COMPRESSED}
_OTHERS = {12: _BY_NAME["bzip2"], 93: _BY_NAME["zstd"], 95: _BY_NAME["xz"]}
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
        """The member whose header this is."""
        entry = _entry(ground, at)
        if entry is None:
            if at == 0 and not ground.spelled:
                yield Gap(ground.name, "it begins like a zip archive, cannot be read as one and is not opened", 0)
            return at + 1
        what = f"the member {entry.name!r} of a zip archive"
        if entry.flags & _ENCRYPTED:
            yield Gap(ground.name, f"{what} is encrypted", at)
        elif entry.method == _STORED:
            return (yield from _stored(ground, entry, at))
        elif entry.method in _NAMES:
            yield Gap(ground.name, f"{what} is packed with {_NAMES[entry.method]}, which is not opened", at)
        elif entry.known and not entry.size and entry.packed <= FED:
            return entry.start  # nothing was read: what the header says may not be so
        else:
            return (yield from _packed(ground, entry, what, at))
        return entry.start + (entry.packed if entry.known and entry.start + entry.packed <= ground.size else 0)


def _entry(ground: Ground, at: int) -> _Entry | None:
    """What the header says, or None where it is none."""
    header = ground.data[at : at + _HEADER.size]
    if len(header) < _HEADER.size:
        return None
    _, version, flags, method, _, _, _, packed, size, named, extra = _HEADER.unpack(header)
    name = ground.data[at + len(header) : at + len(header) + named]
    known = method in (_STORED, _DEFLATED, _LZMA) or method in _OTHERS or method in _NAMES
    if version & 255 > _LATEST or not known or not 1 <= named <= _LONGEST_NAME or len(name) < named:
        return None
    if _CONTROL.search(name):
        return None
    start = at + len(header) + named + extra
    return _Entry(method, flags, packed, size, name.decode("utf-8", "replace"), start)


def _stored(ground: Ground, entry: _Entry, at: int) -> Found:
    """Its bytes are searched where they lie as well: what is more here is that they are read as what they are."""
    if not entry.known or not entry.packed:
        return entry.start
    stream = Pieces(ground.data, ((entry.start, entry.start + entry.packed),))
    yield Member(entry.name, io.BufferedReader(stream, _BUFFER), at=entry.start, begins=at)
    return min(ground.size, entry.start + entry.packed)


def _packed(ground: Ground, entry: _Entry, what: str, at: int) -> Found:
    how, start = _OTHERS.get(entry.method, _DEFLATE), entry.start
    if entry.method == _LZMA:  # two bytes of version, two of size, and the properties
        how, start = _lzma(ground.data[start + 4 : start + 9], entry), start + 9
    if not how.passes(ground.data[start : start + FED]):
        yield Gap(ground.name, f"{what} is damaged: it is no {how.name}", start)
        return entry.start
    end = start + entry.packed if entry.known and entry.packed else ground.size
    frames = Frames(how, Pieces(ground.data, ((start, min(end, ground.size)),)), follow=True, frames=1)
    yield Member(entry.name, io.BufferedReader(frames, _BUFFER), begins=at)
    return start + max(0, frames.end)


def _lzma(properties: bytes, entry: _Entry) -> Compressed:
    """As a file of lzma, whose header has the size, which is not known where an end mark stands in its place."""
    header = properties + (entry.size.to_bytes(8, "little") if entry.known and not entry.flags & 2 else b"\xff" * 8)

    def start() -> lzma.LZMADecompressor:
        decompressor = lzma.LZMADecompressor(lzma.FORMAT_ALONE)
        decompressor.decompress(header)
        return decompressor

    import lzma

    return Compressed("lzma", re.compile(b""), start)
