"""tar archives: every file in them, and whatever else has a size: kinds that POSIX does not know are files to it."""

from __future__ import annotations

import io
from collections.abc import Generator, Iterator
from typing import IO, TYPE_CHECKING, Any

import attrs

from redactfuzz.dumps.readers.archives.beside import beside
from redactfuzz.dumps.readers.image import Damaged, Member
from redactfuzz.dumps.readers.stream import Stretch

if TYPE_CHECKING:
    import tarfile

_MAGIC_AT = 257  # POSIX.1-1988, ustar header: "ustar" after name, mode, owner, size, time, checksum, type and link
_BLOCK, _NAME = 512, 100
_ATTRIBUTES = 32
"""Of an archive that are kept as they are; each member is given a copy of them."""


@attrs.frozen
class Tape:
    """tar, as it is; a compressed one is unpacked first."""

    name: str = "tar"

    def recognises(self, head: bytes) -> bool:
        """By the magic number of POSIX and GNU; the archives of 1979 have none."""
        return head[_MAGIC_AT : _MAGIC_AT + 5] == b"ustar"

    def unpack(self, stream: IO[bytes]) -> Iterator[Member]:
        """Links, folders and devices hold nothing of their own. ``cat a.tar b.tar`` is one archive."""
        start = 0
        while True:
            before, start = start, _next(stream, (yield from _archive(stream, start)))
            stream.seek(start)
            head = stream.read(_BLOCK)
            if not head:
                return
            if start == before or not self.recognises(head):
                raise Damaged(f"the tar archive cannot be read on: no header is at byte {start}")


def _archive(stream: IO[bytes], start: int) -> Generator[Member, None, int]:
    """The members of one archive; gives where it ends."""
    import tarfile  # half a megabyte, which is in every core of a campaign

    stream.seek(start)
    try:
        with tarfile.open(fileobj=stream, mode="r:") as tape:
            while (member := tape.next()) is not None:
                yield from _headers(stream, member)
                yield from _contents(stream, tape, member)
                tape.members = []  # type: ignore[attr-defined]  # or they pile up
                _forget(tape)
            end = tape.offset
    except Damaged:
        raise
    except Exception as error:  # whatever the library makes of bytes that lie
        raise Damaged(f"the tar archive cannot be read on: {error}") from None
    # The library takes the end of the file, or a damaged header, for the end of the archive.
    stream.seek(end)
    mark = stream.read(_BLOCK)
    stream.seek(max(0, end - _BLOCK))
    if len(mark) < _BLOCK and any(stream.read(_BLOCK)):
        raise Damaged(f"the tar archive ends at byte {end} without its end mark: members may be missing")
    return end


def _forget(tape: tarfile.TarFile) -> None:
    """Attributes of the whole archive which say nothing of where its members lie: each would be given all of them."""
    import tarfile

    if len(tape.pax_headers) > _ATTRIBUTES:
        kept = {name: value for name, value in tape.pax_headers.items() if name in tarfile.PAX_FIELDS}
        tape.pax_headers = kept


def _headers(stream: IO[bytes], member: tarfile.TarInfo) -> Iterator[Member]:
    """What a name or an attribute of a member holds may be packed. Both apart: together they begin like an archive."""
    begin = member.offset + _NAME
    yield from beside(stream, member.offset, _NAME, f"name of {member.name}")
    yield from beside(stream, begin, member.offset_data - begin, f"headers of {member.name}")


def _contents(stream: IO[bytes], tape: tarfile.TarFile, member: tarfile.TarInfo) -> Iterator[Member]:
    """Its bytes. Of a sparse file those in their places, and as they lie there where its map leaves any out."""
    start, size = member.offset_data, tape.offset - member.offset_data
    if member.sparse is None and (size or member.isreg()):
        yield Member(member.name, io.BufferedReader(Stretch(stream, start, member.size)), start)
        yield from beside(stream, start + member.size, size - member.size, f"what fills the block of {member.name}")
    if member.sparse is not None:
        file = tape.extractfile(member)
        if file is not None:
            yield Member(member.name, file)
        pieces: Any = member.sparse  # (offset, size) of each
        if size - sum(count for _, count in pieces) >= _BLOCK:
            yield Member(f"what is no part of {member.name}", io.BufferedReader(Stretch(stream, start, size)), start)


def _next(stream: IO[bytes], at: int) -> int:
    """Where the next block lies that is not all zeros, or the end."""
    stream.seek(at)
    while block := stream.read(_BLOCK):
        if any(block):
            return at
        at += len(block)
    return at
