"""From a path to images: the file itself, then what is inside it, however deep."""

from __future__ import annotations

import io
import math
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from typing import IO, Any, cast

import attrs

from redactfuzz.dumps.readers.formats import UNPACKERS
from redactfuzz.dumps.readers.image import Damaged, Image, Unpacker
from redactfuzz.dumps.readers.mapped import changes, guarded, mapped
from redactfuzz.dumps.readers.stream import ImageStream
from redactfuzz.dumps.readers.unopened import unopened
from redactfuzz.model.exposure import Gap

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
class UnpackLimits:
    """How far containers are unpacked: ``unpacked`` bytes of one dump in all, ``depth`` of them inside one another."""

    unpacked: int = 32 << 30
    depth: int = 5
    members: int = 10_000


class NothingToRead(Exception):
    """There is nothing to read: the message says what is in its place."""


def images(path: str | os.PathLike[str], limits: UnpackLimits | None = None) -> Iterator[Image | Gap]:
    """The file at ``path``, then its members, depth first; a gap for what cannot be read. ``-`` is standard input.

    An image must be done with before the next one is asked for. What is unpacked goes through an unlinked temporary
    file, so that memory stays the same whatever the size. A file that changes meanwhile is a gap. Raises NothingToRead.
    """
    name = os.fspath(path)
    try:
        if name == "-":
            yield from _copied(name, sys.stdin.buffer if sys.stdin else io.BytesIO(), limits)
            return
        # Before opening, because opening a FIFO waits for its writer.
        _refuse(os.stat(path).st_mode)  # noqa: PTH116 - any path-like object, not only pathlib's
        # Nor does it wait if it has become one since.
        with open(path, "rb", opener=lambda file, flags: os.open(file, flags | os.O_NONBLOCK)) as file:
            before = os.fstat(file.fileno())
            _refuse(before.st_mode)
            image = _mapped(name, file.fileno())
            if image is None or (image.size == 0 and file.read(1)):
                file.seek(0)
                yield from _copied(name, file, limits)
                return
            with guarded(image) as lost:
                yield from images_of(image, limits)
            yield from changes(image, before, lost)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
        raise NothingToRead(f"the file cannot be read ({reason})") from None


def _refuse(mode: int) -> None:
    if not stat.S_ISREG(mode):
        raise NothingToRead(f"the path is {_KINDS.get(stat.S_IFMT(mode), 'no file')}, not a file")


def _mapped(name: str, descriptor: int) -> Image | None:
    """The file in memory, or None where the file system has no such thing (that of the kernel's own files)."""
    try:
        return mapped(name, descriptor)
    except OSError:
        return None


def _copied(name: str, stream: IO[bytes], limits: UnpackLimits | None) -> Iterator[Image | Gap]:
    """A stream that is no file, or one without a size (as in /proc)."""
    with tempfile.TemporaryFile() as spool:
        why = Opening(UnpackLimits()).spool(stream, spool, math.inf)
        image = mapped(name, spool.fileno())
        yield from images_of(image, limits)
        if why:
            yield Gap(name, why, image.size)


def images_of(image: Image, limits: UnpackLimits | None = None) -> Iterator[Image | Gap]:
    """An image, then its members, as ``images``."""
    yield from Opening(limits or UnpackLimits()).walk(image, 0)


class Opening:
    """One dump, with what was unpacked of it so far."""

    def __init__(self, limits: UnpackLimits) -> None:
        self._limits = limits
        self._unpacked = 0
        self._members = 0

    def walk(self, image: Image, depth: int) -> Iterator[Image | Gap]:
        """The image, then its members."""
        yield image
        head = image.data[:_HEAD]
        unpacker = next((one for one in UNPACKERS if one.recognises(head)), None)
        if unpacker is None:
            what = unopened(head)
            if what:
                yield Gap(image.name, f"it is {what}, which is not opened: unpack it, and scan what comes out")
            return
        if depth >= self._limits.depth:
            yield Gap(image.name, f"{depth} containers lie inside one another: the next one is not opened")
            return
        try:
            yield from self._members_of(image, unpacker, depth)
        except Damaged as damage:
            yield Gap(image.name, str(damage))
        except OSError as error:
            yield Gap(image.name, f"it cannot be unpacked: {error.strerror or error}")

    def _members_of(self, image: Image, unpacker: Unpacker, depth: int) -> Iterator[Image | Gap]:
        for name, stream in unpacker.unpack(_stream(image)):
            self._members += 1
            if self._members > self._limits.members:
                raise Damaged(f"more than {self._limits.members:,} members: the rest is not opened")
            with tempfile.TemporaryFile() as spool:
                why = self.spool(stream, spool, self._limits.unpacked)
                member = mapped(f"{image.name}!{name or unpacker.name}", spool.fileno())
                yield from self.walk(member, depth + 1)
                if why:
                    yield Gap(member.name, why, member.size)
            if self._unpacked > self._limits.unpacked:
                return

    def spool(self, stream: IO[bytes], spool: IO[bytes], most: float) -> str:
        """Copies a member. Gives why it was not copied to its end, or nothing."""
        import tarfile  # half a megabyte, which is in every core of a campaign

        read = getattr(stream, "read1", stream.read)  # what stands before the damage must not be lost with it
        try:
            while block := read(_BLOCK):
                self._unpacked += len(block)
                if self._unpacked > most:
                    spool.write(block[: max(0, len(block) - int(self._unpacked - most))])
                    return (
                        f"the dump unpacks to more than {most:,} bytes: the rest is not read. "
                        "Raise --max-unpacked when that is what it is."
                    )
                if shutil.disk_usage(tempfile.gettempdir()).free < _SPARE:
                    return "the temporary folder is full: the rest is not read. Set TMPDIR to a larger one."
                spool.write(block)
            spool.flush()
        except Damaged as damage:
            return str(damage)
        except (OSError, EOFError, tarfile.TarError) as error:
            return f"the rest cannot be read: {error}"
        finally:
            spool.flush()
        return ""


def _stream(image: Image) -> IO[bytes]:
    stream: Any = ImageStream(image)
    return cast(IO[bytes], stream)
