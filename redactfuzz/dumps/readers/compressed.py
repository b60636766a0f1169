"""Compressed dumps: gzip, zstd, lz4, xz and bzip2, read to where they are whole."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable, Iterator
from typing import IO, Any, Protocol

import attrs

from redactfuzz.dumps.readers.image import Damaged, Member
from redactfuzz.dumps.readers.stream import Stretch

FED = 1024
"""Bytes of input at a time: what they become (32 MB at worst, zstd's runs) must fit in memory."""
_MAGIC = 16
"""Bytes that no magic number exceeds."""
_XZ_MEMORY = 80 << 20
"""Bytes: what the highest preset of xz needs is 65 MB."""
_ZSTD_WINDOW = 1 << 27
"""Bytes: what zstd itself accepts without an option."""

SKIPPABLE = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18")
"""How a frame begins that zstd and lz4 pass over; four bytes say how long it is (RFC 8878 section 3.1.2)."""
_SKIPPED, _OF_SKIPPED = 16, 1 << 16
"""Bytes of one that may hold something, and how many are kept: pzstd writes a length in one before each frame."""


_GZIP, _EXTRA, _NAME, _COMMENT = 10, 4, 8, 16
"""Bytes of the header of gzip, and what its flags say of what follows it."""
_OF_A_FILE = re.compile(rb"[ -~]{1,32}\0")
"""A name in which nothing is packed, not even as text."""


class _Decompressor(Protocol):
    """What the libraries have in common. One decompressor reads one frame (member, stream)."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes | None: ...
    def decompress(self, data: bytes, /) -> bytes: ...


@attrs.frozen
class Compressed:
    """One way to compress. ``magic`` is how a frame (member, stream) begins."""

    name: str
    magic: re.Pattern[bytes]
    start: Callable[[], _Decompressor]
    skips: bool = False
    """Whether frames that hold something else may lie between."""
    beside: Callable[[bytes], tuple[int, int]] = lambda head: (0, 0)
    """Of the header of a frame, what is passed over and may hold something else: where it begins, and its size."""
    passed: str = "skippable frame"

    def recognises(self, head: bytes) -> bool:
        """By the magic number."""
        return self.magic.match(head) is not None

    def unpack(self, stream: IO[bytes]) -> Iterator[Member]:
        """The one member, and what frames hold that it passes over."""
        frames = Frames(self, stream)
        yield Member("", io.BufferedReader(frames, 1 << 16))
        for start, size in frames.skipped:
            passed = Stretch(stream, start, size)
            yield Member(f"{self.passed} at {start:#x}", io.BufferedReader(passed), start)

    def lacks(self) -> str:
        """What is not installed and would be needed; nothing where all is there."""
        try:
            self.start()
        except ImportError as error:
            return f"what reads {self.name} is not installed ({error.name}): pip install 'redactfuzz[scan]'"
        return ""

    def passes(self, head: bytes) -> bool:
        """Whether bytes that begin like this (1,024, or all that there are) can be unpacked so far."""
        try:
            self.start().decompress(head)
        except ImportError:
            return True  # nobody can tell
        except Exception:  # each library has its own kinds, and what they mean is the same
            return False
        return True


class Frames(io.RawIOBase):
    """The plain bytes of all frames, one after the other, as zcat and the like give them.

    Where something else may ``follow``, they end before what begins no frame, or after so many ``frames``; without it
    that is damage.
    """

    def __init__(self, how: Compressed, stream: Any, *, follow: bool = False, frames: float = math.inf) -> None:
        self.how = how
        self._left = frames
        self._stream = stream
        self._follow = follow
        self._skip = 0
        self.skipped: list[tuple[int, int]] = []
        """Where in the stream what was passed over begins, and how many bytes it says that it has."""
        self.came_out = 0
        """Bytes that were read of what is packed."""
        self._decompressor: _Decompressor | None = None
        self._fed = b""
        self._read = 0
        self._plain = memoryview(b"")
        self._frame = 0
        self._given = 0
        self._damage = ""
        self._cut = False

    def readable(self) -> bool:
        """It is all that it is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """As many bytes as fit. Raises Damaged where the rest cannot be read."""
        while not self._plain:
            if self._damage:
                raise Damaged(self._damage)
            if not self._feed():
                return 0
        size = min(len(buffer), len(self._plain))
        buffer[:size] = self._plain[:size]
        self._plain = self._plain[size:]
        self.came_out += size
        return size

    @property
    def end(self) -> int:
        """Where in the stream the frames end, or what was read of them does."""
        return self._read - len(self._fed)

    @property
    def cut(self) -> bool:
        """Whether it was right as far as it went, beyond what a trial reads, and more should come: no chance does that.

        Bzip2 and zstd give nothing before the whole of a block is there.
        """
        return self._cut and self.end > FED

    @property
    def whole(self) -> bool:
        """Whether nothing was wrong so far."""
        return not self._cut and not self._damage

    def _feed(self) -> bool:
        if not self._fed:
            self._fed = self._stream.read(FED)
            self._read += len(self._fed)
        if not self._fed:
            if self._decompressor is not None:
                self._cut = True
                raise Damaged(f"the {self.how.name} data ends at byte {self._read}, in the middle of a frame")
            return False
        start = self.end
        if self._decompressor is None and self._skipped():
            return True
        if self._decompressor is None and start and self._follow and not self._continues():
            return False
        if self._decompressor is None and start and not self._fed.strip(b"\0"):
            self._fed = b""  # tape drives and the like pad with zeros
            return True
        if self._decompressor is None:
            self._decompressor, self._frame, self._given = self._started(), start, 0
            self._pass(start, *self.how.beside(self._ahead(FED)))
        try:
            plain = self._decompressor.decompress(self._fed)
        except Exception as error:  # each library has its own kinds, and what they mean is the same
            where = "what follows byte" if start and start == self._frame else "the data near byte"
            self._damage = f"{where} {start} is no {self.how.name}: {error}"
            self._plain = memoryview(self._before_damage(start))
            return True
        self._plain = memoryview(plain)
        self._given += len(plain)
        if self._decompressor.eof:
            self._fed = self._decompressor.unused_data or b""
            self._decompressor = None
            self._left -= 1
        else:
            self._fed = b""
        return True

    def _skipped(self) -> bool:
        """Passes over a frame of zstd and lz4 that holds something else."""
        if not self._skip and self.how.skips and SKIPPABLE.match(self._ahead(8)):
            size = int.from_bytes(self._fed[4:8], "little")
            self._pass(self.end, 8, size)
            self._skip = 8 + size
        passed = min(self._skip, len(self._fed))
        self._fed, self._skip = self._fed[passed:], self._skip - passed
        return passed > 0

    def _pass(self, frame: int, begin: int, size: int) -> None:
        """Something in a frame is passed over that may hold something else."""
        if size >= _SKIPPED and len(self.skipped) < _OF_SKIPPED:
            self.skipped.append((frame + begin, size))

    def _continues(self) -> bool:
        return self._left > 0 and self.how.recognises(self._ahead(_MAGIC)) and self.how.passes(self._ahead(FED))

    def _ahead(self, size: int) -> bytes:
        if len(self._fed) < size:
            more = self._stream.read(FED - len(self._fed))
            self._fed, self._read = self._fed + more, self._read + len(more)
        return self._fed

    def _started(self) -> _Decompressor:
        if lacks := self.how.lacks():
            raise Damaged(lacks)
        return self.how.start()

    def _before_damage(self, start: int) -> bytes:
        """What the piece of input at ``start`` gives before the byte that is wrong: the frame once more, slowly."""
        decompressor, given, plain = self.how.start(), 0, bytearray()
        try:
            self._stream.seek(self._frame)
            for at in range(self._frame, start, FED):
                given += len(decompressor.decompress(self._stream.read(min(FED, start - at))))
            for byte in self._fed:
                plain += decompressor.decompress(bytes((byte,)))
        except Exception:  # the damage again
            return bytes(plain[max(0, self._given - given) :])
        return bytes(plain[max(0, self._given - given) :])


def _beside_gzip(head: bytes) -> tuple[int, int]:
    """The extra field, the name and the comment (RFC 1952 section 2.3); most have the name of a file alone."""
    if len(head) < _GZIP or not head[3] & (_EXTRA | _NAME | _COMMENT):
        return 0, 0
    if not head[3] & (_EXTRA | _COMMENT) and _OF_A_FILE.match(head, _GZIP):
        return 0, 0
    end = _GZIP + (2 + int.from_bytes(head[_GZIP : _GZIP + 2], "little")) * bool(head[3] & _EXTRA)
    for flag in (_NAME, _COMMENT):
        if head[3] & flag:
            found = head.find(b"\0", end)
            end = max(end, len(head)) if found < 0 else found + 1
    return _GZIP, end - _GZIP


# The libraries are imported when they are needed: few dumps are compressed.


def _gzip() -> _Decompressor:
    import zlib

    return zlib.decompressobj(wbits=31)  # with the header and checksum of RFC 1952


def _zstd() -> _Decompressor:
    import zstandard

    return zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj()


def _lz4() -> _Decompressor:
    import lz4.frame  # type: ignore[import-untyped]

    decompressor: _Decompressor = lz4.frame.LZ4FrameDecompressor()
    return decompressor


def _xz() -> _Decompressor:
    import lzma

    return lzma.LZMADecompressor(memlimit=_XZ_MEMORY)


def _bzip2() -> _Decompressor:
    import bz2

    return bz2.BZ2Decompressor()


def _lzma() -> _Decompressor:
    import lzma

    return lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=_XZ_MEMORY)


def _magic(pattern: bytes) -> re.Pattern[bytes]:
    return re.compile(pattern, re.DOTALL)


COMPRESSED = (
    Compressed("gzip", _magic(rb"\x1f\x8b"), _gzip, beside=_beside_gzip, passed="header"),
    Compressed("zstd", _magic(rb"\x28\xb5\x2f\xfd"), _zstd, skips=True),
    Compressed("lz4", _magic(rb"\x04\x22\x4d\x18"), _lz4, skips=True),
    Compressed("xz", _magic(rb"\xfd7zXZ\0"), _xz),
    Compressed("bzip2", _magic(rb"BZh"), _bzip2),
    Compressed("lzma", _magic(rb"\x5d\0\0..(?:\xff{8}|.{5}\0{3})"), _lzma),
)
"""Those that are known by how they begin. Lzma has no magic number: it begins as everybody writes it, with the usual
properties, and a size that is unknown or below a terabyte.
"""
