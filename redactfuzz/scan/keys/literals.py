"""Constant beginnings of what the detectors look for. All of them are found in one pass over an image.

A detector has its literals as a constant of its module, and asks for their places. Whoever asks first of an image has
the places found for all; they are kept until nobody has the image any more. Where there are too many to keep (a text
that consists of beginnings), each detector makes a pass of its own, in bounded memory.
"""

from __future__ import annotations

import threading
import weakref
from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import attrs

from redactfuzz._core._engine import ffi, lib
from redactfuzz.dumps.readers.image import Image

_AT_ONCE = 2048
_KEPT = 3 << 19
"""Places of one image that are kept, 12 bytes each: four megabytes of the shortest beginnings have no more."""

Place = tuple[int, int, int]
"""Offset, index of the literal, bytes of a character."""

_Found = Iterable[tuple[int, int]]
"""Offsets, and of each the index of a form."""


class Literals:
    """Literals of 3 to 12 letters that are looked for in ASCII and in UTF-16-LE, or of up to 24 bytes not ``wide``."""

    def __init__(self, *wanted: bytes, wide: bool = True) -> None:
        self.wanted = wanted
        self._meant = [(index, 1) for index in range(len(wanted))]
        self._forms = list(wanted)
        if wide:
            self._meant += [(index, 2) for index in range(len(wanted))]
            self._forms += [literal.decode("ascii").encode("utf-16-le") for literal in wanted]
        self._alone = _Pass(self._forms)
        self._number = _SHARED.add(self._forms)

    def places(self, image: Image) -> Iterator[Place]:
        """Each place of a literal in the bytes of an image, by its offset; at one offset in their order."""
        kept = _SHARED.kept(image, self._number)
        for offset, form in self._alone.over(image) if kept is None else kept[self._number].places():
            yield offset, *self._meant[form]


class _Pass:
    """A search for some forms, at an image's speed. Prepared when it is first made."""

    def __init__(self, forms: Sequence[bytes]) -> None:
        least, most = lib.RF_LITERAL_LEAST, lib.RF_LITERAL_BYTES
        if len(forms) > lib.RF_LITERALS or not all(least <= len(form) <= most and form[0] for form in forms):
            raise ValueError(
                f"at most {lib.RF_LITERALS} literals of {least} to {most} bytes, none of which begins with zero"
            )
        self._forms = forms
        self._core: Any = None

    def over(self, image: Image) -> Iterator[tuple[int, int]]:
        """Offset and index of each form, by offset and then by index."""
        core = self._prepared()
        found, start = ffi.new("rf_place[]", _AT_ONCE), ffi.new("size_t *", 0)
        while start[0] < image.size:
            with ffi.from_buffer("uint8_t[]", image.data) as data:
                count = lib.rf_find_literals(core, data, image.size, start, found, _AT_ONCE)
            yield from [(found[index].offset, found[index].length) for index in range(count)]

    def _prepared(self) -> Any:
        if self._core is None:
            core = ffi.new("rf_literals *")
            core.count = len(self._forms)
            for index, form in enumerate(self._forms):
                core.sizes[index] = len(form)
                core.bytes[index][0 : len(form)] = list(form)
            lib.rf_literals_prepare(core)
            self._core = core
        return self._core


@attrs.frozen
class _Kept:
    """The places of one detector's literals: twelve bytes each."""

    offsets: array[int] = attrs.field(factory=lambda: array("Q"))
    forms: array[int] = attrs.field(factory=lambda: array("I"))

    def places(self) -> _Found:
        """As a pass tells them."""
        return zip(self.offsets, self.forms, strict=True)


class _Shared:
    """The forms of all detectors, and what was found of them in images that are in use.

    Windows are searched by several threads, and a detector may come to know its literals only then.
    """

    def __init__(self) -> None:
        self._owners: list[tuple[int, int]] = []
        self._forms: list[bytes] = []
        self._sets = 0
        self._pass = _Pass(())
        self._kept: weakref.WeakKeyDictionary[Image, list[_Kept] | None] = weakref.WeakKeyDictionary()
        self._lock = threading.Lock()

    def add(self, forms: Sequence[bytes]) -> int:
        """The number of a set of forms, which is looked for with the others from now on."""
        with self._lock:
            self._owners += [(self._sets, index) for index in range(len(forms))]
            self._forms = [*self._forms, *forms]
            self._pass = _Pass(self._forms)
            self._sets += 1
            return self._sets - 1

    def kept(self, image: Image, number: int) -> list[_Kept] | None:
        """What was found in an image, by set, that of this number among them; None where that is too much."""
        with self._lock:
            known = image in self._kept
            found, sets, over = self._kept.get(image), self._sets, self._pass
        if not known or (found is not None and number >= len(found)):
            found = self._found(image, sets, over)
            with self._lock:
                self._kept[image] = found
        return found

    def _found(self, image: Image, sets: int, over: _Pass) -> list[_Kept] | None:
        kept = [_Kept() for _ in range(sets)]
        for count, (offset, form) in enumerate(over.over(image)):
            if count >= _KEPT:
                return None
            owner, index = self._owners[form]
            kept[owner].offsets.append(offset)
            kept[owner].forms.append(index)
        return kept


_SHARED = _Shared()
