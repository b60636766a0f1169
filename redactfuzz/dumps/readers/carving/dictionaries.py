"""Streams that were packed with a dictionary, which is needed to unpack them and is not there: zstd's and zlib's.

Four bytes, and two, say so. They count where what follows is right, as far as it can be read without the dictionary.
"""

from __future__ import annotations

import re
import zlib

import attrs

from redactfuzz.dumps.readers.carving.found import Found, Ground
from redactfuzz.dumps.readers.carving.zstd_frames import is_frame, names_dictionary
from redactfuzz.model.exposure import Gap

_WHY = "that needs a dictionary begins here, which is not opened: unpack it with that, and scan what comes out"
_READ = 4096
"""Bytes of a stream of zlib that are looked at."""
_HEADER = 6
"""Bytes of zlib's, with the checksum of the dictionary."""
_CHECKSUM = 4
"""Bytes of it behind a stream."""
_DYNAMIC = 2
_LEAST = 64
"""Bytes that come out of a block with a table of codes, or all."""
_ANY = bytes(32 << 10)
"""In place of the dictionary: what is copied from it is wrong, and all else right."""
_LETTERS, _SEVERAL = 32, 18
"""What is not copied, where there is no table: so many letters of a text, of so many kinds, and nothing else."""
_ASCII, _IN_HIGH = 127, 4
"""Then one in four of the first bytes is higher than those of a text, out of which letters come as well: half are."""
_NO_TEXT = bytes((*range(9), *range(14, 32), *range(127, 256)))


def _pairs() -> re.Pattern[bytes]:
    """RFC 1950 section 2.2: with the flag FDICT."""
    pairs = (
        bytes((high, low))
        for high in range(8, 0x80, 16)
        for low in range(256)
        if (high << 8 | low) % 31 == 0 and low & 0x20
    )
    return re.compile(b"|".join(re.escape(pair) for pair in pairs), re.DOTALL)


_ZLIB = _pairs()


@attrs.frozen
class ZlibWithDictionary:
    """Said where it begins, also of a file: nothing else knows it."""

    def begins(self, head: bytes) -> bool:
        """By its first two bytes."""
        return _ZLIB.match(head) is not None

    def open(self, ground: Ground, at: int) -> Found:
        """Says that it is there."""
        if _is_zlib(ground.data[at : at + _READ], ground.size - at):
            yield Gap(ground.name, f"a zlib stream {_WHY}", at)
        return at + 1


def gap_of_zstd(ground: Ground, at: int, head: bytes) -> Gap | None:
    """What to say of a frame that cannot be unpacked. A file that begins with one is told as what it is."""
    if (at == 0 and not ground.spelled) or not (names_dictionary(head) and is_frame(head)):
        return None
    return Gap(ground.name, f"a zstd frame {_WHY}", at)


def _is_zlib(head: bytes, left: int) -> bool:
    """Whether the first block has a table of codes that is right, or gives text; or the stream is all that there is."""
    deflated = head[_HEADER:]
    kind = deflated[0] >> 1 & 3 if deflated else 0
    opened = zlib.decompressobj(-zlib.MAX_WBITS, zdict=_ANY)
    try:
        plain = opened.decompress(deflated)
    except zlib.error:
        return False
    if kind == _DYNAMIC and (opened.eof or len(plain) >= _LEAST):
        return True
    if _IN_HIGH * sum(byte > _ASCII for byte in deflated[:_LEAST]) < len(deflated[:_LEAST]):
        return False
    if opened.eof and len(opened.unused_data) == _CHECKSUM and left == len(head):
        return True
    letters = plain.replace(b"\0", b"")
    return len(letters) >= _LETTERS and len(set(letters)) >= _SEVERAL and letters == letters.translate(None, _NO_TEXT)
