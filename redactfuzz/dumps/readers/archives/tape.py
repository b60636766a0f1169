"""tar archives: every regular file in them."""

from __future__ import annotations

import io
from collections.abc import Generator, Iterator
from typing import IO

import attrs

from redactfuzz.dumps.readers.archives.stretch import Stretch
from redactfuzz.dumps.readers.image import Damaged, Member

_MAGIC_AT = 257  # POSIX.1-1988, ustar header: "ustar" after name, mode, owner, size, time, checksum, type and link
_BLOCK = 512


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
                if member.issparse():
                    file = tape.extractfile(member)
                    if file is not None:
                        yield Member(member.name, file)
                elif member.isreg():
                    stretch = Stretch(stream, member.offset_data, member.size)
                    yield Member(member.name, io.BufferedReader(stretch), member.offset_data)
                tape.members = []  # type: ignore[attr-defined]  # or they pile up
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


def _next(stream: IO[bytes], at: int) -> int:
    """Where the next block lies that is not all zeros, or the end."""
    stream.seek(at)
    while block := stream.read(_BLOCK):
        if any(block):
            return at
        at += len(block)
    return at
