"""Files of blocks of LZ4 that have no mark of their own: columns of ClickHouse, and tables of Cassandra.

ClickHouse writes a checksum of 16 bytes, one byte for the method, the size of the block with these nine bytes, and that
of what comes out ("Compression in ClickHouse"). Cassandra writes the size of what comes out, the block, and its CRC-32
(``LZ4Compressor``, ``CompressedSequentialWriter``): where a block ends only reading it tells.
Such a file begins with one, and is read as one stream; what is packed with zstd or zlib there is found by itself.
"""

from __future__ import annotations

import io
import mmap
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import attrs

from redactfuzz.dumps.readers.image import Damaged, Image, Member
from redactfuzz.model.exposure import Gap

_CLICKHOUSE = struct.Struct("<16sBII")
_OF_SIZE = 9
"""Bytes of its header that count as the block's."""
_NONE, _LZ4, _ZSTD = 0x02, 0x82, 0x90
_METHODS = (_NONE, _LZ4, _ZSTD)
_LARGEST, _LARGEST_CHUNK = 64 << 20, 1 << 17
"""Bytes that one block gives: ClickHouse's have one megabyte mostly, Cassandra's 4 to 64 KB."""
_BUFFER = 1 << 16
_RATIO = 255
"""A byte of LZ4 stands for so many at most."""
_SMALLEST = 5
"""Bytes of a block at least: five letters end each but a very short one (LZ4 Block Format, "End of block")."""
_MATCH, _ALL = 4, 15
"""Letters of the shortest repetition, and a number of a token that goes on behind it."""

_Bytes = bytes | mmap.mmap


@attrs.frozen
class _Block:
    """What comes out of one, and where the next one begins."""

    size: int
    packed: tuple[int, int]
    """Where the bytes that LZ4 reads begin and end."""
    behind: int
    stored: bool = False


_Next = Callable[[_Bytes, int], _Block | None]


def lz4_blocks(image: Image) -> Iterator[Member | Gap]:
    """What such a file holds, or nothing."""
    for what, block_at in _KINDS:
        first = block_at(image.data, 0)
        if first is None or first.stored:
            continue
        try:
            _plain(image.data, first)
        except ImportError:
            yield Gap(image.name, f"{what}: what reads lz4 is not installed: pip install 'redactfuzz[scan]'", 0)
            continue
        except ValueError:  # it is none
            continue
        yield Member(
            f"blocks of {what}", io.BufferedReader(_Blocks(image.data, block_at), _BUFFER), tried=0, sure=lambda: True
        )


class _Blocks(io.RawIOBase):
    """The plain bytes of all blocks, to the end of the file. Ends in Damaged where one cannot be read."""

    def __init__(self, data: _Bytes, block_at: _Next) -> None:
        super().__init__()
        self._data, self._block_at = data, block_at
        self._at, self._held = 0, memoryview(b"")

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """As many bytes as fit."""
        while not self._held and self._at < len(self._data):
            block = self._block_at(self._data, self._at)
            if block is None:
                raise Damaged(f"what follows byte {self._at} is no block of LZ4 as those before it")
            try:
                self._held = memoryview(_plain(self._data, block))
            except ValueError as error:
                raise Damaged(f"the block of LZ4 at byte {self._at} is damaged") from error
            self._at = block.behind
        size = min(len(buffer), len(self._held))
        buffer[:size] = self._held[:size]
        self._held = self._held[size:]
        return size


def _plain(data: _Bytes, block: _Block) -> bytes:
    """What comes out of a block. Raises ValueError where it is none, ImportError where the library is not there."""
    packed = data[slice(*block.packed)]
    if block.stored:
        return bytes(packed)
    import lz4.block  # type: ignore[import-untyped]

    try:
        plain: bytes = lz4.block.decompress(packed, uncompressed_size=block.size)
    except lz4.block.LZ4BlockError as error:
        raise ValueError(str(error)) from None
    if len(plain) != block.size:
        raise ValueError("less comes out than its header says")
    return plain


def _clickhouse(data: _Bytes, at: int) -> _Block | None:
    """A block whose sizes agree, and that another one follows, or the end."""
    if at + _CLICKHOUSE.size > len(data):
        return None
    _, method, packed, size = _CLICKHOUSE.unpack_from(data, at)
    begin, behind = at + _CLICKHOUSE.size, at + _CLICKHOUSE.size - _OF_SIZE + packed
    if method not in _METHODS or not 0 < size <= _LARGEST or not begin < behind <= len(data):
        return None
    if behind < len(data) and data[behind + 16 : behind + 17] not in map(_byte, _METHODS):
        return None
    if method == _LZ4 and size > _RATIO * packed:
        return None
    return _Block(size, (begin, behind), behind, method != _LZ4)


def _byte(value: int) -> bytes:
    return bytes((value,))


def _cassandra(data: _Bytes, at: int) -> _Block | None:
    """A block with its checksum behind it."""
    size, begin = int.from_bytes(data[at : at + 4], "little"), at + 4
    if not _SMALLEST <= size <= _LARGEST_CHUNK or at + 4 + _SMALLEST > len(data):
        return None
    end = _end(data[begin : begin + size + size // _RATIO + 16], size)
    if end is None:
        return None
    end += begin
    if zlib.crc32(data[at:end]) != int.from_bytes(data[end : end + 4], "big"):
        return None
    return _Block(size, (begin, end), end + 4)


def _end(block: bytes, size: int) -> int | None:
    """Where a block ends that gives so many bytes, by its sequences alone; None where it is none."""
    at = given = 0
    try:
        while True:
            token, at = block[at], at + 1
            letters, at = _number(block, at, token >> 4)
            at, given = at + letters, given + letters
            if given >= size:
                return at if given == size and at <= len(block) else None
            back, at = block[at] | block[at + 1] << 8, at + 2
            if not 0 < back <= given:
                return None
            repeated, at = _number(block, at, token & 15)
            given += repeated + _MATCH
            if given >= size:
                return None
    except IndexError:
        return None


def _number(block: bytes, at: int, number: int) -> tuple[int, int]:
    """That of a token, and what goes on with it."""
    if number == _ALL:
        while (more := block[at]) == _RATIO:
            number, at = number + more, at + 1
        number, at = number + more, at + 1
    return number, at


_KINDS: tuple[tuple[str, _Next], ...] = (("ClickHouse", _clickhouse), ("Cassandra", _cassandra))
