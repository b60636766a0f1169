"""Many small dumps, of which most give nothing away: one search of them together shows which those are.

Whatever is found, packed, or not read concerns a dump that is then searched by itself, as if there were no others. So a
dump is told of here only where there is nothing to tell.
"""

from __future__ import annotations

import itertools
import os
import stat
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from redactfuzz.dumps.readers.archives.attributes import has_attributes
from redactfuzz.dumps.readers.carving.few import Few
from redactfuzz.dumps.readers.formats import reader_of, unpacker_of
from redactfuzz.dumps.readers.image import Image
from redactfuzz.dumps.readers.opening import TOGETHER, members_of
from redactfuzz.dumps.readers.together import together
from redactfuzz.model.exposure import DumpReport, ImageRead
from redactfuzz.scan.dump import Gathering, ScanRequest, report_of
from redactfuzz.scan.looked import apart, looked, shows_keys

_AHEAD = 250
"""Dumps that are looked at before the first of them is told of."""
_SMALL, _FULL = 16 << 10, 256 << 10
"""Bytes of a dump that is searched together with others, and of those together."""


def with_quiet_ones(dumps: Sequence[str], wanted: ScanRequest) -> Iterator[tuple[str, DumpReport | None]]:
    """Each dump in its order, with its report where it needs no search of its own."""
    left = iter(dumps)
    while some := list(itertools.islice(left, _AHEAD)):
        quiet = _quiet_ones(some, wanted) if len(some) >= TOGETHER and wanted.limits.together else {}
        yield from ((dump, quiet.get(dump)) for dump in some)


def _quiet_ones(dumps: Sequence[str], wanted: ScanRequest) -> dict[str, DumpReport]:
    few, quiet = Few(small=_SMALL, enough=_FULL), dict[str, DumpReport]()
    for dump in dict.fromkeys(dumps):
        if (image := _small(dump)) is not None and few.takes(image):
            quiet.update(_told(few.full(), wanted))
    quiet.update(_told(few.full(last=True), wanted))
    return quiet


def _small(dump: str) -> Image | None:
    """A file of ours that holds no others, read at once; None for all else: a search of its own says more."""
    try:  # "-" is standard input; and to open a FIFO lets go whoever waits to write into it
        if dump == "-" or not Path(dump).is_file():
            return None
        descriptor = os.open(dump, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError):
        return None
    try:
        before = os.fstat(descriptor)
        if not stat.S_ISREG(before.st_mode) or before.st_uid != os.geteuid() or not 0 < before.st_size <= _SMALL:
            return None
        if has_attributes(descriptor):
            return None
        data = os.read(descriptor, _SMALL + 1)
        after = os.fstat(descriptor)
    except OSError:
        return None
    finally:
        os.close(descriptor)
    image = Image(dump, data)
    changed = before.st_mtime_ns != after.st_mtime_ns or len(data) != after.st_size
    return None if changed or unpacker_of(image) is not None else image


def _told(gathered: Iterable[Sequence[Image]], wanted: ScanRequest) -> Iterator[tuple[str, DumpReport]]:
    for images in gathered:
        if len(images) < TOGETHER:
            continue
        started = time.monotonic()
        quiet = [one for one in _quiet(images, wanted) if not any(True for _ in members_of(one, wanted.limits))]
        secret = wanted.mask.instead_of(one.name for one in quiet)  # each report finds what is known of the others
        quiet = [one for one in quiet if one.name not in secret]
        each = (time.monotonic() - started) / len(images)
        for one in quiet:
            layout = reader_of(one).layout(one)
            read = ImageRead(one.name, layout.format, one.size, one.size, layout.notes)
            yield one.name, report_of(one.name, Gathering([read], marked=wanted.marks(one)), wanted, each)


def _quiet(images: Sequence[Image], wanted: ScanRequest) -> list[Image]:
    """Those in which nothing lies, of which nothing was left out, and that say nothing of themselves.

    A detector puts together what lies apart, counts, and tells a key once: it is asked of each image by itself.
    """
    known = wanted.known if wanted.detect else None
    try:
        of, alone = apart(looked(together(images), wanted.matcher_set, known, _no_one))
        if of.gaps or of.rest.unlisted:
            return []
        concerned = {id(one) for one in alone}
        places = [*(one.where.offset for one in of.seen.found), *(gap.offset or 0 for gap in of.rest.unread)]
        for offset in (*places, *(where.offset for key in of.keys for where in key.where)):
            concerned.add(id(of.image.part(offset)[0]))
        return [
            one for one in images if id(one) not in concerned and not (known is not None and shows_keys(one, known))
        ]
    except Exception:  # a fault of ours: the search of each says which of them it is
        return []


def _no_one(_: int) -> None:
    """Nobody waits for so little."""
