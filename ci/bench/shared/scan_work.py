"""Counts what a scan does, in place of timing it: the same number each time, on any machine.

Counted are calls of functions, in Python and of C (by the profiler of the interpreter), and the bytes that C is given:
by the matcher and the detectors, by searches and slices of the dump, by regular expressions as far as they match, by
the JSON parser. What a regular expression reads before it fails is not seen; seconds stand beside the counts for that.
"""

from __future__ import annotations

import contextlib
import cProfile
import gc
import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import attrs

from redactfuzz._core._engine import lib
from redactfuzz.dumps.readers import opening
from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.canary import Canary
from redactfuzz.model.exposure import DumpReport
from redactfuzz.report.dump_lines import as_json, table
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.matcher_set import MatcherSet

CALL = 64
"""Bytes that a call counts as: about what C reads in the time that one takes."""


_READING = ("redactfuzz.scan", "redactfuzz.dumps.readers")


@attrs.define
class Work:
    """What was counted."""

    calls: int = 0
    bytes: int = 0

    @property
    def total(self) -> int:
        """In bytes."""
        return self.bytes + CALL * self.calls


class _Library:
    """The functions of C that are given text, with the bytes that each call reads."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def __getattr__(self, name: str) -> Any:
        function, size = getattr(lib, name), _SIZES.get(name)
        if size is None:
            return function

        def counted(*given: Any) -> Any:
            before = given[size.place][0] if size.moves else 0
            result = function(*given)
            self._work.bytes += size.read(given, before, result)
            return result

        return counted


@attrs.frozen
class _Size:
    read: Callable[[tuple[Any, ...], int, Any], int]
    place: int = 0
    moves: bool = False
    """Whether the argument at ``place`` says how far the search has come."""


def _moved(place: int) -> _Size:
    return _Size(lambda given, before, _: int(given[place][0]) - before, place, moves=True)


def _until_full(given: tuple[Any, ...], _: int, found: int) -> int:
    hits, room = given[3], given[4]
    return int(hits[found - 1].offset) if found == room else int(given[1])


_SIZES = {
    "rf_match_scan": _Size(lambda given, *_: _range(given[1])),
    "rf_unescape": _Size(lambda given, *_: int(given[1])),
    "rf_unescape_marks": _Size(lambda given, *_: int(given[1])),
    "rf_unescape_origin": _Size(lambda *_: int(lib.RF_MARKED)),
    "rf_densify": _Size(lambda given, *_: int(given[1])),
    "rf_densify_marks": _Size(lambda given, *_: int(given[1])),
    "rf_densify_origin": _Size(lambda *_: int(lib.RF_MARKED)),
    "rf_find_shards": _Size(lambda given, *_: int(given[1])),
    "rf_find_literals": _moved(3),
    "rf_find_runs": _moved(5),
    "rf_find_der": _moved(2),
    "rf_find_texts": _moved(2),
    "rf_spelled": _Size(lambda given, *_: int(given[2])),
    "rf_spelled_columns": _Size(lambda given, *_: int(given[1])),
    "rf_spelled_folded": _Size(lambda given, *_: int(given[2])),
    "rf_spelled_lists": _Size(lambda given, *_: int(given[1]) * int(given[3])),
    "rf_find_aes": _Size(_until_full),
}


def _range(part: Any) -> int:
    return int(part.to) - int(getattr(part, "from"))


class _Pattern:
    """A regular expression that counts what it matches."""

    def __init__(self, pattern: re.Pattern[Any], work: Work) -> None:
        self._pattern = pattern
        self._work = work

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pattern, name)

    def _one(self, match: re.Match[Any] | None, start: int, text: Any, *, all_of_it: bool) -> re.Match[Any] | None:
        self._work.bytes += match.end() - start if match else len(text) - start if all_of_it else 1
        return match

    def match(self, text: Any, start: int = 0, end: int = sys.maxsize) -> re.Match[Any] | None:
        """As the pattern's."""
        return self._one(self._pattern.match(text, start, end), start, text, all_of_it=False)

    def fullmatch(self, text: Any) -> re.Match[Any] | None:
        """As the pattern's."""
        return self._one(self._pattern.fullmatch(text), 0, text, all_of_it=False)

    def search(self, text: Any, start: int = 0, end: int = sys.maxsize) -> re.Match[Any] | None:
        """As the pattern's."""
        return self._one(self._pattern.search(text, start, end), start, text, all_of_it=True)

    def sub(self, instead: Any, text: Any) -> Any:
        """As the pattern's."""
        self._work.bytes += len(text)
        return self._pattern.sub(instead, text)

    def finditer(self, text: Any, start: int = 0, end: int = sys.maxsize) -> Iterator[re.Match[Any]]:
        """As the pattern's."""
        at = start
        for match in self._pattern.finditer(text, start, end):
            self._work.bytes += match.end() - at
            at = match.end()
            yield match
        self._work.bytes += min(len(text), end) - at


def _counted_bytes(work: Work) -> type[bytes]:
    class Counted(bytes):
        """The bytes of a dump."""

        def __getitem__(self, index: Any) -> Any:
            piece = super().__getitem__(index)
            work.bytes += len(piece) if isinstance(piece, bytes) else 1
            return piece

        def find(self, wanted: Any, start: Any = 0, end: Any = None) -> int:
            last = len(self) if end is None else min(len(self), end)
            at = super().find(wanted, start, last)
            work.bytes += (last if at < 0 else at) - start
            return at

        def rfind(self, wanted: Any, start: Any = 0, end: Any = None) -> int:
            last = len(self) if end is None else min(len(self), end)
            at = super().rfind(wanted, start, last)
            work.bytes += last - (start if at < 0 else at)
            return at

    return Counted


@contextlib.contextmanager
def counting(work: Work) -> Iterator[None]:
    """While inside, what redactfuzz asks of C is counted."""
    counted = _counted_bytes(work)

    def mapped(name: str, descriptor: int) -> Image:
        size = os.fstat(descriptor).st_size
        return Image(name, counted(os.pread(descriptor, size, 0)), descriptor)

    def loads(text: Any, **options: Any) -> Any:
        work.bytes += len(text)
        return real_loads(text, **options)

    real_loads = json.loads
    with contextlib.ExitStack() as stack:
        stack.enter_context(mock.patch.object(opening, "mapped", mapped))
        stack.enter_context(mock.patch.object(json, "loads", loads))
        for module in [one for name, one in sys.modules.items() if name.startswith(_READING)]:
            for name, value in list(vars(module).items()):
                if value is lib:
                    stack.enter_context(mock.patch.object(module, name, _Library(work)))
                elif isinstance(value, re.Pattern):
                    stack.enter_context(mock.patch.object(module, name, _Pattern(value, work)))
        profile, collects = cProfile.Profile(), gc.isenabled()
        gc.disable()  # what others do when it runs is no work of ours
        profile.enable()
        try:
            yield
        finally:
            profile.disable()
            if collects:
                gc.enable()
            work.calls += _calls(profile)


def _calls(profile: cProfile.Profile) -> int:
    """All but those of C that our stand-ins make: each of them is one call, as what it stands for."""
    stats: list[Any] = profile.getstats()
    ours = [one for one in stats if getattr(one.code, "co_filename", "") == __file__]
    of_ours = sum(each.callcount for one in ours for each in one.calls or () if isinstance(each.code, str))
    return int(sum(one.callcount for one in stats) - of_ours)


def request(canary: Canary) -> ScanRequest:
    """A scan for one canary, in every form, and for keys."""
    matcher_set = MatcherSet(thorough=True)
    matcher_set.plant([canary], [])
    return ScanRequest(matcher_set, KnownKeys(), marker="a marker", canaries=(canary,))


def scanned(path: Path, wanted: ScanRequest) -> DumpReport:
    """All that the command does with a file."""
    report = scan_dump(path, wanted)
    as_json(report)
    for _ in table(report):
        pass
    return report


def counted(path: Path, canary: Canary) -> Work:
    """The work of a scan of a file."""
    work, wanted = Work(), request(canary)
    with counting(work):
        scanned(path, wanted)
    return work
