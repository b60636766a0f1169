"""From a path to images: the file itself, then what is inside it, however deep."""

from __future__ import annotations

import io
import mmap
import os
import shutil
import stat
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from typing import IO, Any

import attrs

from redactfuzz.dumps.formats import UNPACKERS
from redactfuzz.dumps.image import Damaged, Gap, Image, Unpacker

_HEAD = 4096
_BLOCK = 1 << 20
_SPARE = 64 << 20
"""Bytes that unpacking leaves free on the disk."""
_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


@attrs.frozen
class Limits:
    """How far containers are unpacked: ``unpacked`` bytes of one dump in all, ``depth`` of them inside one another."""

    unpacked: int = 32 << 30
    depth: int = 5
    members: int = 10_000


class NothingToRead(Exception):
    """There is nothing to read: the message says what is in its place."""


def images(path: str | os.PathLike[str], limits: Limits | None = None) -> Iterator[Image | Gap]:
    """The file at ``path``, then its members, depth first; a gap for what cannot be read. ``-`` is standard input.

    An image must be done with before the next one is asked for. What is unpacked goes through an unlinked temporary
    file, so that memory stays the same whatever the size. Raises NothingToRead.
    """
    if os.fspath(path) == "-":
        with tempfile.TemporaryFile() as spool:
            shutil.copyfileobj(sys.stdin.buffer, spool, _BLOCK)
            yield from images_of(_map("-", spool.fileno()), limits)
        return
    try:
        # Before opening, because opening a FIFO waits for its writer.
        mode = os.stat(path).st_mode  # noqa: PTH116 - any path-like object, not only pathlib's
        if not stat.S_ISREG(mode):
            raise NothingToRead(f"the path is {_KINDS.get(stat.S_IFMT(mode), 'no file')}, not a file")
        with open(path, "rb") as file:  # noqa: PTH123
            image = _map(os.fspath(path), file.fileno())
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
        raise NothingToRead(f"the file cannot be read ({reason})") from None
    yield from images_of(image, limits)


def images_of(image: Image, limits: Limits | None = None) -> Iterator[Image | Gap]:
    """An image, then its members, as ``images``."""
    yield from _Opening(limits or Limits()).walk(image, 0)


def _map(name: str, descriptor: int) -> Image:
    if os.fstat(descriptor).st_size == 0:
        return Image(name, b"")
    return Image(name, mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ))


class _Opening:
    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._unpacked = 0
        self._members = 0

    def walk(self, image: Image, depth: int) -> Iterator[Image | Gap]:
        yield image
        head = image.data[:_HEAD]
        unpacker = next((one for one in UNPACKERS if one.recognises(head)), None)
        if unpacker is None:
            return
        if depth >= self._limits.depth:
            yield Gap(image.name, f"{depth} containers lie inside one another: the next one is not opened")
            return
        try:
            yield from self._members_of(image, unpacker, depth)
        except Damaged as damage:
            yield Gap(image.name, str(damage))

    def _members_of(self, image: Image, unpacker: Unpacker, depth: int) -> Iterator[Image | Gap]:
        for name, stream in unpacker.unpack(_stream(image)):
            self._members += 1
            if self._members > self._limits.members:
                raise Damaged(f"more than {self._limits.members:,} members: the rest is not opened")
            with tempfile.TemporaryFile() as spool:
                why = self._spool(stream, spool)
                member = _map(f"{image.name}!{name or unpacker.name}", spool.fileno())
                yield from self.walk(member, depth + 1)
                if why:
                    yield Gap(member.name, why, member.size)

    def _spool(self, stream: IO[bytes], spool: IO[bytes]) -> str:
        """Copies a member. Gives why it was not copied to its end, or nothing."""
        read = getattr(stream, "read1", stream.read)  # what stands before the damage must not be lost with it
        try:
            while block := read(_BLOCK):
                self._unpacked += len(block)
                if self._unpacked > self._limits.unpacked:
                    return (
                        f"the dump unpacks to more than {self._limits.unpacked:,} bytes: the rest is not read. "
                        "Raise --max-unpacked when that is what it is."
                    )
                if shutil.disk_usage(tempfile.gettempdir()).free < _SPARE:
                    return "the temporary folder is full: the rest is not read. Set TMPDIR to a larger one."
                spool.write(block)
            spool.flush()
        except Damaged as damage:
            return str(damage)
        except (OSError, EOFError, tarfile.TarError) as error:
            return f"the member cannot be read on: {error}"
        finally:
            spool.flush()
        return ""


def _stream(image: Image) -> Any:
    if isinstance(image.data, bytes):
        return io.BytesIO(image.data)
    image.data.seek(0)
    return image.data
