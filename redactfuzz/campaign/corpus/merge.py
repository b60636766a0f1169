"""Several corpora made one. Entries are named by what they hold, so that nothing conflicts and nothing is twice."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import attrs

from redactfuzz.campaign.corpus.entries import Entry, regressions_in, seeds_of, targets
from redactfuzz.campaign.corpus.files import Skipped, folders, opened, place, settle
from redactfuzz.campaign.corpus.place import REGRESSIONS, is_target
from redactfuzz.model.repro import SUFFIX, Repro, dumps
from redactfuzz.model.seed import digest


@attrs.define
class Merged:
    """What a merge came to."""

    added: int = 0
    known: int = 0
    skipped: Counter[str] = attrs.field(factory=Counter)
    """How many were not taken, by reason."""


def merge(sources: Iterable[Path], into: Path) -> Merged:
    """Copies what ``into`` has not. Raises OSError where a source cannot be listed, or ``into`` not be written.

    Interrupted at any moment, ``into`` holds whole entries alone, and the sources are as they were.
    """
    merged = Merged()
    for source in sources:
        for name in folders(source):
            if not is_target(name):
                merged.skipped["its folder is called as none of ours"] += 1
        for target in targets(source):
            _merge(source, target, into, merged)
    return merged


def _merge(source: Path, target: str, into: Path, merged: Merged) -> None:
    with contextlib.ExitStack() as stack:
        open_folders: dict[tuple[str, ...], int] = {}
        for read in _all(source, target):
            if isinstance(read, Skipped):
                merged.skipped[read.reason] += 1
                continue
            *inside, name = read.place
            folder = tuple(inside)
            if folder not in open_folders:
                open_folders[folder] = stack.enter_context(opened(into, *folder, make=True))
                stack.callback(settle, open_folders[folder])
            if read.repro is not None:
                name = name_of(read.repro)
            if place(open_folders[folder], name, read.text):
                merged.added += 1
            else:
                merged.known += 1


def _all(source: Path, target: str) -> Iterator[Entry | Skipped]:
    """With the regressions of every interpreter."""
    yield from seeds_of(source, target)
    yield from regressions_in(source, (target, REGRESSIONS))
    with contextlib.suppress(OSError):
        for version in folders(source / target / REGRESSIONS):
            yield from regressions_in(source, (target, REGRESSIONS, version))


def name_of(repro: Repro) -> str:
    """The name of a regression: of what it holds, but for the mark of the installation that wrote it."""
    return f"{digest(dumps(attrs.evolve(repro, mark='')))}{SUFFIX}"
