"""The entries of a corpus, read one by one: what cannot be used is skipped with its reason, and nothing is run."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import attrs

from redactfuzz.campaign.corpus.files import Refused, Skipped, folders, names, opened, text_in
from redactfuzz.campaign.corpus.place import REGRESSIONS, SEEDS, is_target
from redactfuzz.model import repro as repros
from redactfuzz.model import seed as seeds
from redactfuzz.model.repro import Repro, ReproError
from redactfuzz.model.seed import Seed, SeedError

STALE = ".stale"
"""An empty file beside a seed, of the same name with this at its end: it no longer replays here."""
_VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"


@attrs.frozen
class Entry:
    """One that can be used. ``place``: its folders below the corpus and its name."""

    place: tuple[str, ...]
    text: str
    seed: Seed | None = None
    repro: Repro | None = None

    @property
    def path(self) -> str:
        """As people read it."""
        return "/".join(self.place)


def targets(corpus: Path) -> list[str]:
    """Names of the targets of which a corpus has entries. Raises OSError where it cannot be listed."""
    return [name for name in folders(corpus) if is_target(name)]


def entries(corpus: Path, target: str) -> Iterator[Entry | Skipped]:
    """All of a target: seeds, then regressions."""
    yield from seeds_of(corpus, target)
    yield from regressions_of(corpus, target)


def seeds_of(corpus: Path, target: str) -> Iterator[Entry | Skipped]:
    """Those of a target."""
    for name, text in _texts(corpus, target, SEEDS):
        if name.endswith(STALE):
            continue
        place = (target, SEEDS, name)
        if isinstance(text, Skipped):
            yield attrs.evolve(text, path="/".join(place))
            continue
        read = seed_in(text, name, target)
        yield Skipped("/".join(place), read) if isinstance(read, str) else Entry(place, text, seed=read)


def stale_in(corpus: Path, target: str) -> set[str]:
    """Names of the seeds that are marked as stale."""
    marks = _texts(corpus, target, SEEDS, of=STALE)
    return {name.removesuffix(STALE) for name, text in marks if not isinstance(text, Skipped)}


def seed_in(text: str, name: str, target: str) -> Seed | str:
    """A seed, or why it is none of this target."""
    try:
        read = seeds.loads(text)
    except SeedError as error:
        return str(error)
    if read.target != target:
        return "it is of another target"
    if seeds.name_of(text) != name:
        return "its name is not that of what it holds: it was edited, or is not whole"
    return read


def regressions_of(corpus: Path, target: str) -> Iterator[Entry | Skipped]:
    """Those of a target, with those in a folder that is called as this interpreter's version, ``3.13``."""
    for inside in ((target, REGRESSIONS), (target, REGRESSIONS, _VERSION)):
        yield from regressions_in(corpus, inside)


def regressions_in(corpus: Path, inside: tuple[str, ...] = ()) -> Iterator[Entry | Skipped]:
    """Repro files in a folder."""
    for name, text in _texts(corpus, *inside, of=repros.SUFFIX):
        place = (*inside, name)
        if isinstance(text, Skipped):
            yield attrs.evolve(text, path="/".join(place))
            continue
        try:
            yield Entry(place, text, repro=repros.loads(text, name))
        except ReproError as error:
            yield Skipped("/".join(place), str(error).removeprefix(f"{name}: "))


def _texts(corpus: Path, *inside: str, of: str = "") -> Iterator[tuple[str, str | Skipped]]:
    """(name, text) of each file in a folder; none where it is not there. ``of``: those that end so."""
    try:
        with opened(corpus, *inside) as descriptor:
            for name in names(descriptor):
                if name.endswith(of or (seeds.SUFFIX, STALE)):
                    yield name, text_in(descriptor, name)
    except FileNotFoundError:
        return
    except Refused as error:
        yield of or seeds.SUFFIX, Skipped("", str(error))
