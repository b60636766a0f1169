"""Keys in what an image holds in another form: found in each view, told where it lies, and not told twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import attrs

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import Gap, KeyFinding, Where
from redactfuzz.scan.keys import DETECTORS, IN_VIEWS, KnownKeys
from redactfuzz.scan.keys.detector import Findings
from redactfuzz.scan.keys.effort import found
from redactfuzz.scan.survey import LISTED
from redactfuzz.scan.views import Derived

_LEAST = 16
"""Bytes of a view that may hold a key."""

_Places = dict[str, list[tuple[int, int]]]


@attrs.define
class ViewKeys:
    """Shown the views of an image, it keeps what their bytes give away. ``rest`` is told what a detector left out."""

    image: str
    known: KnownKeys
    rest: Callable[[Findings, int], None]
    unread: list[Gap] = attrs.field(factory=list)
    """What was recognised in a view and not opened, where it lies."""
    _placed: list[KeyFinding] = attrs.field(factory=list)

    def another(self) -> ViewKeys:
        """One with the same question."""
        return ViewKeys(self.image, self.known, self.rest)

    def take(self, other: ViewKeys) -> None:
        """All that another one kept."""
        self.unread += other.unread
        self._placed += other._placed

    def look(self, view: Derived) -> None:
        """All detectors read it."""
        if len(view.data) < _LEAST:
            return
        shown = Image(self.image, view.data)
        for detector in (*DETECTORS, *IN_VIEWS):
            findings = found(detector, shown, self.known)
            self.rest(findings, view.place(0, 1)[0] if findings.gaps else 0)
            self.unread += [_unread(one, view) for one in findings.unread]
            self._placed += [_placed(one, view) for one in findings]

    def beside(self, others: Iterable[KeyFinding]) -> Iterator[KeyFinding]:
        """Those that are not among what the image itself shows, nor in a view before, at the same place.

        Of one key so many places are listed; the rest is counted.
        """
        seen: _Places = {}
        for one in others:
            seen.setdefault(one.identity, []).extend((each.offset, each.offset + each.length) for each in one.where)
        for one in self._placed:
            its = seen.setdefault(one.identity, [])
            where = tuple(each for each in one.where if not _overlaps(each, its))
            its.extend((each.offset, each.offset + each.length) for each in where)
            listed = where if len(its) <= LISTED else ()
            if where or one.more:
                yield attrs.evolve(one, where=listed, more=one.more + len(where) - len(listed))


def _placed(one: KeyFinding, view: Derived) -> KeyFinding:
    return attrs.evolve(one, where=tuple(_where(each, view) for each in one.where))


def _unread(one: Gap, view: Derived) -> Gap:
    offset = one.offset or 0
    start, end = view.place(offset, offset + (one.length or 1))
    return attrs.evolve(one, offset=start, length=end - start)


def _where(one: Where, view: Derived) -> Where:
    start, end = view.place(one.offset, one.offset + one.length)
    return attrs.evolve(one, offset=start, length=end - start, span=view.what)


def _overlaps(one: Where, known: Iterable[tuple[int, int]]) -> bool:
    return any(one.offset < end and start < one.offset + one.length for start, end in known)
