"""From a path to images: the file itself, then what is inside it, however deep."""

from __future__ import annotations

import io
import itertools
import math
import os
import stat
import sys
from collections.abc import Generator, Iterable, Iterator, Sequence
from typing import IO, Any, cast

import attrs

from redactfuzz.dumps.readers.archives.attributes import attributes
from redactfuzz.dumps.readers.archives.codecs import packed_as
from redactfuzz.dumps.readers.archives.tails import cut_off
from redactfuzz.dumps.readers.archives.unopened import unopened
from redactfuzz.dumps.readers.carving.carver import Trials, begin_of, carved
from redactfuzz.dumps.readers.carving.few import Few
from redactfuzz.dumps.readers.carving.known import Known
from redactfuzz.dumps.readers.carving.lz4_blocks import lz4_blocks
from redactfuzz.dumps.readers.carving.trial import hides
from redactfuzz.dumps.readers.formats import runs_of, unpacker_of
from redactfuzz.dumps.readers.image import Damaged, Image, Member, Place, Spelled, failed
from redactfuzz.dumps.readers.mapped import changes, guarded, mapped
from redactfuzz.dumps.readers.scattered.wholes import put_together
from redactfuzz.dumps.readers.spool import Spool
from redactfuzz.dumps.readers.stream import ImageStream
from redactfuzz.dumps.readers.together import together
from redactfuzz.model.exposure import Gap

_HEAD = 4096
_MEMORY = (b"\x7fELF", b"MDMP")
TOGETHER = 8
"""Small streams of one image that are searched together; fewer are images like all others."""
_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


@attrs.frozen
class UnpackLimits:
    """How far containers are unpacked: ``unpacked`` bytes of one dump in all, ``depth`` of them inside one another.

    Without ``memory`` what is packed in the middle of a core or minidump is not looked for: that takes half as long as
    all the rest, and a campaign reads one in every execution. Without ``together`` each stream is an image by itself,
    however small, and many.
    """

    unpacked: int = 32 << 30
    depth: int = 5
    members: int = 100_000
    memory: bool = True
    together: bool = True


class _Enough(Exception):
    """The limit of what is unpacked is reached, and that was said."""


_End = tuple[bool, tuple[Gap, ...]]
"""Of a member: whether it was anything, and that its bytes break off."""


class NothingToRead(Exception):
    """There is nothing to read: the message says what is in its place."""


def images(path: str | os.PathLike[str], limits: UnpackLimits | None = None, called: str = "") -> Iterator[Image | Gap]:
    """The file at ``path``, then its members, depth first, then its extended attributes; a gap for what cannot be read.

    ``-`` is standard input.

    ``called``: what the file was called by who made it, where ``path`` says something else; a reader may go by it.
    An image must be done with before the next one is asked for. What is unpacked goes through an unlinked temporary
    file, so that memory stays the same whatever the size. A file that changes meanwhile is a gap. Raises NothingToRead.
    """
    name = called or os.fspath(path)
    try:
        if os.fspath(path) == "-":
            yield from _copied(name, sys.stdin.buffer if sys.stdin else io.BytesIO(), limits, waits=True)
            return
        # Before opening, because opening a FIFO waits for its writer.
        _refuse(os.stat(path).st_mode)  # noqa: PTH116 - any path-like object, not only pathlib's
        # Nor does it wait if it has become one since.
        with open(path, "rb", opener=lambda file, flags: os.open(file, flags | os.O_NONBLOCK)) as file:
            before = os.fstat(file.fileno())
            _refuse(before.st_mode)
            image = _mapped(name, file.fileno())
            if image is None or (image.size == 0 and file.read(1) != b""):
                file.seek(0)
                yield from _copied(name, file, limits, waits=False)
                return
            with guarded(image) as lost:
                yield from images_of(image, limits)
            for one in attributes(image, file.fileno()):
                yield from images_of(one, limits)
            yield from changes(image, before, lost)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
        raise NothingToRead(f"the file cannot be read ({reason})") from None


def _refuse(mode: int) -> None:
    if not stat.S_ISREG(mode):
        hint = '; give "-" to read standard input' if stat.S_ISFIFO(mode) else ""
        raise NothingToRead(f"the path is {_KINDS.get(stat.S_IFMT(mode), 'no file')}, not a file{hint}")


def _mapped(name: str, descriptor: int) -> Image | None:
    """The file in memory, or None where the file system has no such thing (that of the kernel's own files)."""
    try:
        return mapped(name, descriptor)
    except OSError:
        return None


def _copied(name: str, stream: IO[bytes], limits: UnpackLimits | None, *, waits: bool) -> Iterator[Image | Gap]:
    """A stream that is no file, or one without a size (as in /proc)."""
    with Spool() as spool:
        why = spool.copy(stream, math.inf, waits=waits)
        image = spool.image(name)
        yield from images_of(image, limits)
        if why:
            yield Gap(name, why, image.size)


def images_of(image: Image, limits: UnpackLimits | None = None) -> Iterator[Image | Gap]:
    """An image, then its members, as ``images``."""
    yield from Opening(limits or UnpackLimits()).walk(image, 0)


def members_of(image: Image, limits: UnpackLimits) -> Iterator[Image | Gap]:
    """The same without the image itself."""
    return itertools.islice(images_of(image, limits), 1, None)


class Opening:
    """One dump, with what was unpacked of it so far."""

    def __init__(self, limits: UnpackLimits) -> None:
        self._limits = limits
        self._unpacked = 0
        self._full = False
        self._members = 0

    def walk(self, image: Image, depth: int) -> Iterator[Image | Gap]:
        """The image, then its members."""
        try:
            yield image
            yield from self._inside(image, depth)
        finally:
            image.spelled.clear()

    def _inside(self, image: Image, depth: int) -> Iterator[Image | Gap]:
        unpacker = unpacker_of(image)
        try:
            if unpacker is None:
                yield from self._carved(image, image.data[:_HEAD], depth)
            elif depth >= self._limits.depth:
                yield Gap(image.name, self._too_deep(depth))
            else:
                for member in unpacker.unpack(_stream(image)):
                    _, broke = yield from self._member(image, member, member.name or unpacker.name, depth)
                    yield from broke
        except Damaged as damage:
            yield Gap(image.name, str(damage))
        except _Enough:
            return
        except OSError as error:
            yield Gap(image.name, f"it cannot be unpacked: {error.strerror or error}")
        except Exception as error:  # whatever lies in an image, others are opened
            yield Gap(image.name, failed("opens it", error))

    def _carved(self, image: Image, head: bytes, depth: int) -> Iterator[Image | Gap]:
        """What lies in it, wherever that is."""
        known, runs = Known(), runs_of(image)
        try:
            opened = False
            if self._limits.memory or not head.startswith(_MEMORY):
                found = itertools.chain(lz4_blocks(image), carved(image, ended=known.ended))
                opened = yield from self._found(image, found, depth, known, cut=runs is not None)
            what = unopened(head, opened) or packed_as(image)
            if what:
                yield Gap(image.name, f"it is {what}, which is not opened: unpack it, and scan what comes out")
            if runs is None and (why := cut_off(image)):
                yield Gap(image.name, why)
            for one in itertools.chain.from_iterable(spelled() for spelled in image.spelled):
                yield from self._spelled(image, one, depth, known)
            trials = Trials.of(image)
            for one in put_together(runs or (), image):
                yield from self._spelled(image, one, depth, known, trials)
        except Exception:
            yield from known.gaps()
            raise
        yield from known.gaps()

    def _spelled(
        self, image: Image, one: Spelled, depth: int, known: Known, trials: Trials | None = None
    ) -> Iterator[Image | Gap]:
        """What lies in bytes that an image holds in another form."""

        def place(start: int, end: int) -> tuple[int, int]:
            """Of what may reach beyond them, as a header says that is cut off."""
            end = max(1, min(end, len(one.data)))
            return one.place(min(start, end - 1), end)

        def ended(start: int, end: int) -> None:
            if one.apart:
                known.whole(place(start, start + 1)[0])
                return
            known.ended(place(start, start + 1)[0], place(end - 1, end)[1])

        view = Image(f"{image.name}!{one.what} at {place(0, 1)[0]:#x}", one.data)
        yield from self._found(
            view, carved(view, spelled=True, ended=ended, trials=trials), depth, known, place, apart=one.apart
        )

    def _found(
        self,
        image: Image,
        found: Iterator[Member | Gap],
        depth: int,
        known: Known,
        place: Place | None = None,
        *,
        apart: bool = False,
        cut: bool = False,
    ) -> Generator[Image | Gap, None, bool]:
        """What was carved, but for what is known already. Gives whether there was anything to open."""
        few, opened = Few(), False
        try:
            for one in found:
                at = begin_of(one)
                if place is not None and at is not None:
                    at = place(at, at + 1)[0]
                    if known.holds(at):
                        if apart:
                            known.whole(at)
                        continue
                if isinstance(one, Gap):
                    if (cut or place is not None) and at is not None:
                        known.unopened(at, one)
                    else:
                        known.said(at)
                        yield one
                    continue
                if depth >= self._limits.depth:
                    yield Gap(image.name, self._too_deep(depth), one.at)
                    break
                opened, gaps = True, list[Gap]()
                counts, broke = yield from _without(gaps, self._member(image, one, one.name, depth, few))
                if at is None or one.at is not None:  # its bytes lie there as they are: in no other form is there more
                    yield from (*gaps, *broke)
                    gaps, broke = [], ()
                if at is not None:
                    known.opened(at, f"{image.name}!{one.name}", gaps, broke, counts=counts)
                yield from self._together(few.full(), depth + 1)
        except Exception:
            yield from self._together(few.full(last=True), depth + 1)
            raise
        yield from self._together(few.full(last=True), depth + 1)
        return opened

    def _too_deep(self, depth: int) -> str:
        return f"{depth} containers lie inside one another: the next one is not opened"

    def _together(self, gathered: Iterable[Sequence[Image]], depth: int) -> Iterator[Image | Gap]:
        """Streams that waited for one another: they are searched, and then each is opened by itself."""
        for images in gathered:
            try:
                if len(images) >= TOGETHER:
                    yield together(images)
                for one in images:
                    yield from self._inside(one, depth) if len(images) >= TOGETHER else self.walk(one, depth)
            finally:
                for one in images:
                    one.spelled.clear()

    def _member(
        self, image: Image, member: Member, name: str, depth: int, few: Few | None = None
    ) -> Generator[Image | Gap, None, _End]:
        """Gives whether it is one, and whether it broke off."""
        self._members += 1
        if self._members > self._limits.members:
            raise Damaged(f"more than {self._limits.members:,} members: the rest is not opened")
        with Spool() as spool:
            why = spool.copy(member.stream, self._limits.unpacked, self._unpacked)
            within = None if member.at is None else (image.name, member.at)
            one = spool.image(f"{image.name}!{name}", within)
            if member.tried is not None and not _counts(image, member, one, spool):
                return False, ()
            self._unpacked += one.size
            self._full = self._full or spool.full
            if few is None or member.tried is None or not self._limits.together or not few.takes(one):
                yield from self.walk(one, depth + 1)
            broke = (Gap(one.name, why, one.size),) if why else ()
        if self._full:
            yield from broke
            raise _Enough
        return True, broke


def _counts(image: Image, member: Member, one: Image, spool: Spool) -> bool:
    """Whether what only looked like a container is one."""
    if spool.full or spool.failed:
        return True  # something comes out of it, if only beyond what may be unpacked, or nobody can tell
    if not spool.broken:
        return one.size > 0
    try:
        return member.sure() or hides(image, member.tried or 0, one, member.least)
    except Exception:  # nobody can tell, and that it breaks off is told
        return True


def _without(gaps: list[Gap], found: Generator[Image | Gap, None, _End]) -> Generator[Image | Gap, None, _End]:
    """The same images. The gaps are kept: what broke off in this form may be read to its end in another one."""
    try:
        while True:
            one = next(found)
            if isinstance(one, Gap):
                gaps.append(one)
            else:
                yield one
    except StopIteration as end:
        ended: _End = end.value
        return ended
    except Exception:
        yield from gaps
        raise


def _stream(image: Image) -> IO[bytes]:
    stream: Any = ImageStream(image)
    return cast(IO[bytes], stream)
