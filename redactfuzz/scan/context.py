"""The bytes around what was found, in hexadecimal, with every byte of a secret as ``**``.

For the person who asks what a place in a dump is: a header, a key of an environment, a neighbour of the same struct.
"""

from __future__ import annotations

import base64
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence

from redactfuzz.dumps.readers.carving.carver import packed_in
from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.canary import Canary
from redactfuzz.model.canary.forms import decimal
from redactfuzz.model.canary.secret import Shape, Source

PIECE = 3
"""Bytes in a row of any form of a secret that are masked wherever they are in the neighbourhood."""
_MARGIN = 32
"""Bytes beyond what is shown that are looked at as well: a piece may lie across the edge."""
_SHOWN = 16
"""Masked bytes in a row that are shown one by one."""
_WIDTHS = (1, 2, 4)
"""Bytes of a character: one, utf-16, UCS4."""
_LONGEST = 1 << 10
_BEGINNING = 1 << 10
"""Bytes of something packed that are not shown: without its beginning nobody unpacks it."""
_GOES_ON = re.compile(rb"(?:[\w+/=.~-]\0?)*")
"""Letters in which keys are written, in one byte or in two."""


def behind(image: Image, end: int) -> int:
    """Where the word ends in which a key ends: of some kinds of token nobody knows how long they are."""
    match = _GOES_ON.match(image.data[end : end + _LONGEST])
    return end + (match.end() if match else 0)


def packed(image: Image) -> Iterator[tuple[int, int]]:
    """Where what is packed begins that an image holds in another form, as a cookie in base64: it may hold a secret."""
    for one in itertools.chain.from_iterable(spelled() for spelled in image.spelled):
        for at in packed_in(one.data):
            yield one.place(at, min(at + _BEGINNING, len(one.data)))


class Contexts:
    """Knows the short pieces of canaries in clear: only for a process that is not itself dumped."""

    def __init__(self, canaries: Iterable[Canary]) -> None:
        forms = {form for canary in canaries for source in canary.sources() for form in _forms(source)}
        self._pieces = {form[at : at + PIECE] for form in forms for at in range(len(form) - PIECE + 1)}

    def around(self, image: Image, start: int, end: int, size: int, secret: Sequence[tuple[int, int]]) -> str:
        """``size`` bytes on either side of ``start`` to ``end``; ``secret`` are the stretches known not to be shown."""
        first, last = max(0, start - size), min(image.size, end + size)
        before = self._masked(image, first, start, secret)
        after = self._masked(image, end, last, secret)
        found = end - start
        middle = "** " * found if found <= _SHOWN else f"** ** ... {found:,} bytes ... ** "
        return f"{before} {middle}{'' if found <= _SHOWN else '** '}{after}".strip()

    def _masked(self, image: Image, first: int, last: int, secret: Sequence[tuple[int, int]]) -> str:
        low, high = max(0, first - _MARGIN), min(image.size, last + _MARGIN)
        data = image.data[low:high]
        before = max(0, low - _BEGINNING)
        packed_here = [before + at for at in packed_in(bytes(image.data[before:high]))]
        stretches = [*secret, *((at, at + _BEGINNING) for at in packed_here)]
        hidden = {at for start, end in stretches for at in range(max(start, low), min(end, high))}
        for width in _WIDTHS:
            for at in range(len(data) - (PIECE - 1) * width):
                places = range(at, at + PIECE * width, width)
                if bytes(data[place] for place in places) in self._pieces:
                    hidden.update(low + place for place in places)
        return " ".join("**" if at in hidden else f"{data[at - low]:02x}" for at in range(first, last))


def _forms(source: Source) -> Iterator[bytes]:
    """How programs write a secret without much ado, either way round."""
    clear = source.secret.clear()
    cases = [clear.upper(), clear.lower()] if source.shape is Shape.TEXT else []
    numbers = [decimal(source.secret).clear()] if source.shape is not Shape.TEXT else []
    bases = [base64.b64encode(bytes(shift) + clear)[4 * (shift > 0) :].rstrip(b"=") for shift in range(3)]
    urls = [base.translate(bytes.maketrans(b"+/", b"-_")) for base in bases]
    for form in (clear, clear.hex().encode(), clear.hex().upper().encode(), *cases, *numbers, *bases, *urls):
        yield form
        yield form[::-1]
