"""One pass over an image: each place where something may begin is tried, and what is opened is passed over.

So each byte is read a bounded number of times, whatever lies there; where too many places are none, that is said.
"""

from __future__ import annotations

import functools
import heapq
import mmap
from collections.abc import Callable, Iterator

import attrs

from redactfuzz.dumps.readers.carving.deflated import DeflatedBodies, DeflatedWords
from redactfuzz.dumps.readers.carving.dictionaries import ZlibWithDictionary
from redactfuzz.dumps.readers.carving.found import Found, Ground, Opener
from redactfuzz.dumps.readers.carving.macros import Macros
from redactfuzz.dumps.readers.carving.marks import Places
from redactfuzz.dumps.readers.carving.packages import PACKAGES
from redactfuzz.dumps.readers.carving.png_pixels import PngPixels
from redactfuzz.dumps.readers.carving.sealed import SEALED
from redactfuzz.dumps.readers.carving.streams import ArmouredStreams, Streams
from redactfuzz.dumps.readers.carving.zip_members import ZipMembers
from redactfuzz.dumps.readers.image import Damaged, Image, Member, failed
from redactfuzz.dumps.readers.parallel import LARGE, in_order
from redactfuzz.model.exposure import Gap

_STEP = 16 << 20
_TRIALS, _EACH = 1 << 16, 64
"""Places where nothing was after all: one in so many bytes, and a few more. Of noise it is one in 20,000."""
_TOO_MANY = "more places look compressed, and are not, than are tried: what is compressed from here on was not opened"
_HEAD = 16

OPENERS: tuple[Opener, ...] = (
    *(Streams(), ZipMembers(), PngPixels(), DeflatedBodies()),
    *(*SEALED, *PACKAGES),
    *(Macros(), ZlibWithDictionary(), ArmouredStreams()),
)
"""The first that may know a place opens it. What begins anything is in ``_core/carve/carve.c``."""
_WORDS = DeflatedWords()


@attrs.define
class Trials:
    """How many places may still be tried, of several images that are made of the bytes of one."""

    left: int

    @classmethod
    def of(cls, image: Image) -> Trials:
        """As many as that one has by itself."""
        return cls(_trials(image.size))


def packed_in(data: bytes | mmap.mmap) -> Iterator[int]:
    """Where in bytes that are written in an image in another form anything may begin that is packed.

    Each place is tried: nothing is read here, so nothing is known of where it ends, and what a header says of that may
    hide what lies behind.
    """
    ground, at, places = Ground("", data, _trials(len(data)), spelled=True), 0, Places(data, len(data))
    while (at := _candidate(ground, at, places)) < len(data):
        found = next(_tried(ground, at), None)
        ground.left -= found is None
        if found is not None or ground.left < 0:
            yield at if found is None else begin_of(found) or at
        at += 1


def holds_packed(data: bytes) -> bool:
    """Whether there is anything."""
    return next(packed_in(data), None) is not None


def begin_of(one: Member | Gap) -> int | None:
    """Where what was carved begins; None where that is not known."""
    if isinstance(one, Gap):
        return one.offset
    return one.begins if one.tried is None else one.tried


def carved(
    image: Image,
    *,
    spelled: bool = False,
    ended: Callable[[int, int], None] = lambda start, end: None,
    trials: Trials | None = None,
) -> Iterator[Member | Gap]:
    """What lies in an image, by offset. A member is read before the next one is asked for.

    ``spelled``: no file has these bytes, they are written in one in another form. ``ended`` is told where what began at
    a place ends, once it is read. ``trials`` are those that it shares with others; else it has its own.
    """
    ground = Ground(image.name, image.data, _trials(image.size) if trials is None else trials.left, spelled)
    try:
        yield from _stretches(image, ground, ended)
    finally:
        if trials is not None:
            trials.left = ground.left


def _stretches(image: Image, ground: Ground, ended: Callable[[int, int], None]) -> Iterator[Member | Gap]:
    behind = 0
    large = image.size > LARGE
    search = functools.partial(_places, image, ahead=large)
    for start, places in in_order(search, list(image.steps(_STEP)), parallel=large):
        at, stop = max(start, behind), places.stop
        ground.mark = ground.word = -1
        while (at := _next(ground, at, places)) < stop:
            before, at = at, (yield from _tried(ground, at))
            if at > before + 1:
                ended(before, at)
            else:
                ground.left -= 1
            if ground.beside is not None and ground.beside[1] <= at:
                inside, end = ground.beside
                heapq.heappush(ground.passed, (end, at))
                at = inside
            ground.beside = None
            if ground.left < 0:
                yield Gap(image.name, _TOO_MANY, at)
                return
        behind = at
        image.release(start, stop)


def _tried(ground: Ground, at: int) -> Found:
    """What lies where something may begin. Where that fails it is a gap, and what follows is looked through."""
    try:
        return (yield from _opened(ground, at))
    except (Damaged, OSError):
        raise
    except Exception as error:
        yield Gap(ground.name, failed("looks for what is packed", error), at)
        return at + 1


def _opened(ground: Ground, at: int) -> Found:
    """What lies where something may begin."""
    if at == ground.word:
        end = yield from _WORDS.open(ground, at)
        if end > at + 1 or at != ground.mark:
            return end
    opener = _opener(ground.data, at)
    return at + 1 if opener is None else (yield from opener.open(ground, at))


def _opener(data: bytes | mmap.mmap, at: int) -> Opener | None:
    head = data[at : at + _HEAD]
    return next((one for one in OPENERS if one.begins(head)), None)


def _trials(size: int) -> int:
    return _TRIALS + size // _EACH


def _places(image: Image, stretch: tuple[int, int], *, ahead: bool) -> tuple[int, Places]:
    """Where a stretch begins, and its places. ``ahead``: all of them are found now."""
    start, stop = stretch
    if not ahead:
        return start, Places(image.data, stop)
    places = Places.of(image.data, start, stop)
    image.release(start, stop)
    return start, places


def _next(ground: Ground, at: int, places: Places) -> int:
    """The next place that is not in the middle of a stream which was read already."""
    while (at := _candidate(ground, at, places)) < places.stop:
        while ground.passed and ground.passed[0][1] <= at:
            heapq.heappop(ground.passed)
        if not ground.passed or at < ground.passed[0][0]:
            return at
        at = ground.passed[0][1]
    return at


def _candidate(ground: Ground, at: int, places: Places) -> int:
    """Where one of the magic numbers begins, or a word that may, from ``at`` to before the end, or there or behind.

    Of either kind the next one is known until it is passed, so that nothing is searched twice.
    """
    if at >= places.stop:
        return at
    if ground.mark < at:
        ground.mark = places.next_mark(at)
    if ground.word < at:
        ground.word = places.next_deflated_word(at)
    return min(ground.mark, ground.word)
