"""Names without the keys that they hold: a file, a member of an archive or of JSON may be called by one.

They are asked for whatever a dump is: keys as they lie there, and keys and canaries in all that a name stands for. What
lies there as it is is taken out. A name that holds a secret in another form is not shown.
"""

from __future__ import annotations

import bisect
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from redactfuzz.dumps.readers.carving.carver import holds_packed
from redactfuzz.dumps.readers.image import Image
from redactfuzz.dumps.readers.opening import UnpackLimits, members_of
from redactfuzz.model.exposure import Gap
from redactfuzz.scan.keys import DETECTORS, KnownKeys, effort
from redactfuzz.scan.views import Allowance, Derived, derived

_KEY = b"<key>"
_BETWEEN = b"\n" + bytes(16) + b"\n"
"""Between names that are searched together."""
_TOGETHER = 1 << 16
"""Bytes of those."""
_SEARCHES = 64
"""Searches for the names of one batch, which is halved where not all of it was looked at: what is left is not shown."""

_UNPACKED = UnpackLimits(unpacked=1 << 20, depth=3, members=64, together=False)
"""Of what is packed in a name, as in a cookie that a page was called by: more than that is not shown."""
_LONG = re.compile(rb"\S{16}")
"""What words have not, and keys and most names have."""

Stretch = tuple[int, int]
"""Start and end of bytes."""
Search = Callable[[bytes], Iterable[Stretch]]
"""Where some bytes give a canary away."""


class Names:
    """Masks names. ``canaries``: what looks for these; those that lie in a name as they are were taken out before.

    ``known``: rules of the user's own, by which there are keys.
    """

    def __init__(self, canaries: Search, known: KnownKeys | None = None) -> None:
        self._canaries, self._known = canaries, known or KnownKeys()
        self._left = 0

    def shown(self, names: Sequence[bytes]) -> Iterator[bytes | None]:
        """Each name as it may be shown; None for one that holds a secret still."""
        for some in _batches(names):
            self._left = _SEARCHES
            found = self._keys(some)
            plain = [_cut(name, its or ()) for name, its in zip(some, found, strict=True)]
            yield from self._without(plain, {at for at, its in enumerate(found) if its is None})

    def _without(self, names: Sequence[bytes], unsure: set[int]) -> Iterator[bytes | None]:
        """``unsure`` are those of which something was left out."""
        if not self._may_hide(names):
            yield from (_unless(at in unsure, name) for at, name in enumerate(names))
            return
        forms, hidden = list[tuple[int, bytes]](), set[int]()
        for at, name in enumerate(names):
            spelled = _spelled(name)
            forms += [(at, form) for form in (name, *(spelled or ()))]
            unsure |= {at} if spelled is None else set()
        for (at, _), its in zip(forms, self._keys([form for _, form in forms], self._canaries), strict=True):
            if its:
                hidden.add(at)
            elif its is None:
                unsure.add(at)
        yield from (None if at in hidden else _unless(at in unsure, name) for at, name in enumerate(names))

    def _may_hide(self, names: Sequence[bytes]) -> bool:
        """Whether any name stands for something secret: asked of all of them together, of which mostly none does."""
        together = _BETWEEN.join(names)
        spelled = _spelled(together)
        return spelled is None or self._keys([together, *spelled], self._canaries) != [[] for _ in (together, *spelled)]

    def _keys(self, texts: Sequence[bytes], canaries: Search = lambda _: ()) -> list[list[Stretch] | None]:
        """Of each text the stretches that are secret; None where not all of it was looked at."""
        if not texts:
            return []
        self._left -= 1
        found = _searched(texts, canaries, self._known) if self._left >= 0 else None
        if found is not None:
            return [*found]
        if self._left < 0 or len(texts) == 1:
            return [None] * len(texts)
        half = len(texts) // 2
        return [*self._keys(texts[:half], canaries), *self._keys(texts[half:], canaries)]


def _unless(unsure: bool, name: bytes) -> bytes | None:
    """A name of which something was left out is shown if it is words.

    That a detector fails is said in words, and must not be lost where it fails here as well.
    """
    return None if unsure and _LONG.search(name) else name


def _batches(names: Sequence[bytes]) -> Iterator[list[bytes]]:
    some, size = list[bytes](), 0
    for name in names:
        some.append(name)
        size += len(name) + len(_BETWEEN)
        if size >= _TOGETHER:
            yield some
            some, size = [], 0
    if some:
        yield some


def _searched(texts: Sequence[bytes], canaries: Search, known: KnownKeys) -> list[list[Stretch]] | None:
    """What one search of all of them finds in each; None where a detector left something out."""
    data = _BETWEEN.join(texts)
    starts = [0, *itertools.accumulate(len(text) + len(_BETWEEN) for text in texts[:-1])]
    image, places = Image("names", data, every=True), [*canaries(data)]
    for detector in DETECTORS:
        findings = effort.found(detector, image, known)
        if findings.gaps:
            return None
        places += [(one.offset, one.offset + one.length) for key in findings for one in key.where]
        places += [(gap.offset or 0, (gap.offset or 0) + (gap.length or 1)) for gap in findings.unread]
    found: list[list[Stretch]] = [[] for _ in texts]
    for start, end in places:
        for at in range(bisect.bisect_right(starts, start) - 1, bisect.bisect_left(starts, end)):
            found[at].append((start - starts[at], end - starts[at]))
    return found


def _spelled(name: bytes) -> list[bytes] | None:
    """All that a name stands for, and what is packed in that; None where that is more than is followed."""
    views = _views(name)
    forms, unpacked = [name, *(views or ())], list[bytes]()
    for form in filter(holds_packed, forms if views is not None else ()):
        for one in members_of(Image("a name", form), _UNPACKED):
            inner = None if isinstance(one, Gap) else _views(bytes(one.data))
            if isinstance(one, Gap) or inner is None:
                return None
            unpacked += [bytes(one.data), *inner]
    return None if views is None else [*views, *unpacked]


def _views(text: bytes) -> list[bytes] | None:
    allowance = Allowance.of(len(text))
    views = [view.data for view in derived(Derived("", text, lambda start, end: (start, end)), allowance)]
    return None if allowance.left_out else views


def _cut(name: bytes, stretches: Iterable[Stretch]) -> bytes:
    """A name with something else in their place."""
    out, at = list[bytes](), 0
    for start, end in sorted(stretches):
        if not out or start >= at:
            out += [name[at : max(at, start)], _KEY]
        at = max(at, end)
    return b"".join([*out, name[at:]])
