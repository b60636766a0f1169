"""Streams that are damaged within the bytes of a trial: whether they are ones all the same, by what is right of them.

A magic number of three bytes, in a program, is none: it takes what no chance gives, and no constant has.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable

from redactfuzz.dumps.readers.carving.zstd_frames import is_frame
from redactfuzz.dumps.readers.compressed import Compressed

_TRIED = 64
"""Bytes that come out of a stream which is tried to where it breaks."""
_OF_TEXT = 60
"""So many of these are letters of a text: without a table of codes chance gives some bytes, which are none."""
_SEVERAL = 16
"""Kinds of letters that there are, where nothing but these tells: of a million words of base64 none gives so many."""
_FLUSH, _LAST = b"\0\0\xff\xff", b"\1\0\0\xff\xff"
"""What ends a flush that is no end (zlib's Z_SYNC_FLUSH): an empty block. The same as the last block."""
_FLUSHES, _FLUSHED = 3, 32
"""Such marks that are looked at, and bytes before one: in the code of a program constants are like it."""
_HEADER = 10
_EXTRA, _NAME, _COMMENT, _CHECK, _RESERVED = 4, 8, 16, 2, 0xE0
"""Flags of gzip (RFC 1952 section 2.3.1)."""
_LEVELS, _SYSTEMS = (0, 2, 4), (*range(14), 255)
"""What the fields XFL and OS may hold."""
_PRINTED = re.compile(rb"[ -\xff]+\Z")
_WRITTEN = 64
"""Bytes of a text at the beginning of what is none: of random ones a third are printed, so none in 10^27 begins so."""
TO_ITS_END, _AT_MOST = 1 << 16, 1 << 20
"""Bytes of such a text in which it may end after all, as one that was made of letters does, and of what comes out."""
_NO_TEXT = bytes((*range(9), *range(14, 32), *range(127, 256)))
_LITERALS, _DISTANCES, _ALL = 29, 29, 128
"""Codes of a table at most, less the first ones, and what those that describe them add up to (RFC 1951)."""
_FIXED, _DYNAMIC = 1, 2
_BLOCK = re.compile(rb"BZh[1-9]1AY&SY")
_BEFORE, _ORIGIN, _SELECTORS = 14, 25, 64
"""Of bzip2: bytes up to the checksum of the first block; bits of one, and where its text begins; numbers looked at."""
_XZ = 12
"""Bytes of the header of a stream: magic number, flags, and the checksum of these."""


def may_be_one(how: Compressed, head: bytes) -> bool:
    """Whether it is worth to unpack what begins like this (1,024 bytes, or all that there are), damaged or not."""
    if how.passes(head) or is_one(how, head):
        return True
    return how.name == "zlib" and _kind(head[2:]) == _DYNAMIC and bool(_plain(head[2:], _TRIED))


def is_text(deflated: bytes) -> bool:
    """Whether the first bytes that come out are letters of a text, of many kinds: chance repeats a few."""
    plain = _plain(deflated, _TRIED)
    return len(plain) == _TRIED == len(plain.translate(None, _NO_TEXT)) and len(set(plain)) >= _SEVERAL


def is_written(head: bytes) -> bool:
    """Whether what begins like zlib begins with letters that somebody wrote, as base32 is: no code ends in their few
    bits, so that it goes on to where the text ends.

    What has few kinds of letters may be a run that is packed, which has such a period.
    """
    written = head[:_WRITTEN]
    if len(written) < _WRITTEN or written.translate(None, _NO_TEXT) != written or len(set(written)) < _SEVERAL:
        return False
    return not _zlib(head)


def ends(data: bytes) -> bool:
    """Whether zlib ends there, with its checksum: also letters may be a stream that was made of them.

    So may be what becomes much more than it was.
    """
    opened = zlib.decompressobj()
    try:
        plain = opened.decompress(data, _AT_MOST)
    except zlib.error:
        return False
    return opened.eof or len(plain) == _AT_MOST


def is_one(how: Compressed, head: bytes) -> bool:
    """Whether it is one for sure, also where nothing comes out."""
    return how.name in _SURE and _SURE[how.name](head)


def _gzip(head: bytes) -> bool:
    """By a header that no constant is, and by what follows it.

    With a flag that is reserved nothing opens it, and nothing says what its header holds: what follows must tell.
    """
    if len(head) < _HEADER or head[2] != 8:
        return False
    if head[8] not in _LEVELS or head[9] not in _SYSTEMS:
        return False
    start, name = _header(head)
    data = head[start:]
    kind = _kind(data)
    if kind == _DYNAMIC and (_is_table(data) or _plain(data, 1)):
        return True
    if kind == _FIXED and len(_plain(data, _TRIED).translate(None, _NO_TEXT)) >= _OF_TEXT:
        return True
    return not head[3] & _RESERVED and bool(name) and any(head[4:8]) and _PRINTED.match(name) is not None


def _zlib(head: bytes) -> bool:
    """Its mark is next to none: by a text in a first block without a table, or by where a compressor was flushed."""
    return (_kind(head[2:]) == _FIXED and is_text(head[2:])) or _is_flushed(head[2:])


def _is_flushed(data: bytes) -> bool:
    """Whether the mark that a flush leaves ends a block: behind it another one can begin and end (RFC 1951).

    In a block of which that is only a part, the block which is put there ends nothing.
    """
    end = 0
    for _ in range(_FLUSHES):
        end = data.find(_FLUSH, end) + len(_FLUSH)
        if end < len(_FLUSH):
            break
        opened = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            plain = opened.decompress(data[:end] + _LAST)
        except zlib.error:
            continue
        if len(plain) >= _FLUSHED and opened.eof and not opened.unused_data:
            return True
    return False


def _bzip2(head: bytes) -> bool:
    """Whether the header of the first block may be one, to the numbers that say which table comes when."""
    if not _BLOCK.match(head):
        return False
    text = "".join(f"{byte:08b}" for byte in head[_BEFORE:])
    origin, used = int(text[:_ORIGIN] or "0", 2), text[_ORIGIN : _ORIGIN + 16]
    at = _ORIGIN + 16 + 16 * used.count("1")
    tables, count = int(text[at : at + 3] or "0", 2), int(text[at + 3 : at + 18] or "0", 2)
    selectors = text[at + 18 :].split("0")[: min(count, _SELECTORS)]
    # The first bit says that the block was shuffled, as nobody has done since 1997.
    right = origin < (head[3] - ord("0")) * 100_000 and "1" in used and 2 <= tables <= 6 and count > 0
    return right and all(len(one) < tables for one in selectors)


def _header(head: bytes) -> tuple[int, bytes]:
    """Where the data begin, and the name of the file; behind all where it is cut off."""
    at, name = _HEADER, b""
    if head[3] & _EXTRA:
        at += 2 + int.from_bytes(head[at : at + 2], "little")
    for flag in (_NAME, _COMMENT):
        if head[3] & flag:
            end = head.find(b"\0", at)
            if end < 0:
                return len(head), b""
            name, at = (head[at:end] if flag == _NAME else name), end + 1
    return at + 2 * bool(head[3] & _CHECK), name


def _kind(data: bytes) -> int:
    """Of the first block."""
    return data[0] >> 1 & 3 if data else 0


def _is_table(data: bytes) -> bool:
    """Whether the lengths of the codes that describe the codes fit one another (RFC 1951 section 3.2.7)."""
    bits = int.from_bytes(data[:16], "little")
    literals, distances, count = bits >> 3 & 31, bits >> 8 & 31, (bits >> 13 & 15) + 4
    lengths = (bits >> 17 + 3 * index & 7 for index in range(count))
    return literals <= _LITERALS and distances <= _DISTANCES and sum(128 >> one for one in lengths if one) == _ALL


def _plain(data: bytes, size: int) -> bytes:
    """So many bytes of what is deflated, or nothing where there is damage before."""
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, size)
    except zlib.error:
        return b""


def _xz(head: bytes) -> bool:
    """The checksum of its first header."""
    return int.from_bytes(head[8:_XZ], "little") == zlib.crc32(head[6:8])


_SURE: dict[str, Callable[[bytes], bool]] = {"zlib": _zlib, "gzip": _gzip, "bzip2": _bzip2, "xz": _xz, "zstd": is_frame}
"""Those whose first bytes tell enough."""
