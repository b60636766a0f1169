"""Takes canaries out of texts that are shown: what the code under test says may quote them, in any encoding."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping

import attrs

from redactfuzz.model.canary import Canary, mint
from redactfuzz.model.canary.secret import Shape
from redactfuzz.scan.quarry import Quarry

MESSAGE_BITS = 23.0
"""Entropy of the shortest piece that is taken out of what the code under test says: 4 characters of a token. By chance
one message of 300 characters in 1,700 holds such a piece."""
NAME_BITS = 35.0
"""The same for names and source lines, of which one trace shows thousands: 6 characters, one trace in 100,000."""
_FEWEST = 4


@attrs.frozen
class _Mark:
    start: int
    end: int
    name: str
    whole: bool


class Masker:
    """Finds what to show instead of texts that hold canaries; see ``model.plan.Mask``. Not thread safe."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._quarry = Quarry()

    def __call__(self, said: Iterable[str], named: Iterable[str], canaries: Mapping[str, Canary]) -> dict[str, str]:
        """What stands for each text that holds a secret; the others are left out.

        ``said`` are texts of the code under test, in which pieces of 4 characters count as well; ``named`` are names
        and source lines. What the canaries were in the execution before, and in the first, is looked for, too: state
        that is carried over is from there.
        """
        known = list(canaries.values())
        earlier = [*self._minted(known)]
        self._quarry.plant(known, earlier)
        try:
            short = _pieces(known, MESSAGE_BITS, NAME_BITS) | _pieces(earlier, NAME_BITS, NAME_BITS)
            long = _pieces(known, NAME_BITS, NAME_BITS) | _pieces(earlier, NAME_BITS, NAME_BITS)
            shown = {text: self._masked(text, long) for text in named}
            shown |= {text: self._masked(text, short) for text in said}
        finally:
            self._quarry.clear()
        return {text: instead for text, instead in shown.items() if text != instead}

    def _minted(self, canaries: Iterable[Canary]) -> Iterator[Canary]:
        for canary in canaries:
            if canary.number > 1 and not canary.kind.repeats:
                for number in {canary.number - 1, 1}:
                    yield mint(self._seed, canary.name, canary.kind, number)

    def _masked(self, text: str, pieces: Mapping[bytes, str]) -> str:
        data = text.encode("utf-8", "surrogatepass")
        marks = [*self._quarry.marks(data), *_found(data, pieces)]
        if not marks:
            return text
        out: list[bytes] = []
        at = 0
        for mark in _merged(_Mark(*mark) for mark in marks):
            out += [data[at : mark.start], f"<{'' if mark.whole else 'part of '}canary {mark.name}>".encode()]
            at = mark.end
        return b"".join([*out, data[at:]]).decode("utf-8", "replace")


def _merged(marks: Iterable[_Mark]) -> list[_Mark]:
    """Marks that overlap or touch become one."""
    kept: list[_Mark] = []
    for mark in sorted(marks, key=lambda mark: (mark.start, -mark.end)):
        if kept and mark.start <= kept[-1].end:
            last = kept.pop()
            mark = _Mark(last.start, max(last.end, mark.end), last.name, last.whole or mark.whole)
        kept.append(mark)
    return kept


def _pieces(canaries: Iterable[Canary], forward: float, backward: float) -> dict[bytes, str]:
    """Every shortest piece of the canaries' plain forms that gives away so many bits, read either way."""
    found: dict[bytes, str] = {}
    for canary in canaries:
        for form, bits, letters_only in _plain_forms(canary):
            for text, least in ((form, forward), (form[::-1], backward)):
                for piece in _windows(text, bits, letters_only, least):
                    found.setdefault(piece.encode("utf-8", "surrogatepass"), canary.name)
    return found


def _plain_forms(canary: Canary) -> Iterator[tuple[str, float, bool]]:
    """How a program writes the secret without ado: (text, bits, whether all entropy is in letters and digits).

    None for a secret of several parts: its text is mostly frame, and its parts are long.
    """
    sources = canary.sources()
    if any(source.label for source in sources):
        return
    first = sources[0]
    yield canary.text, first.bits, first.letters_only
    if first.shape is not Shape.TEXT:
        yield from ((form, first.bits, False) for form in {str(canary.int), canary.bytes.hex()} - {canary.text})


def _windows(text: str, bits: float, letters_only: bool, least: float) -> Iterator[str]:
    counts = [not letters_only or (letter.isascii() and letter.isalnum()) for letter in text]
    if not any(counts):
        return
    needed = max(_FEWEST, math.ceil(least / (bits / sum(counts)) - 0.1))
    where = [at for at, counted in enumerate(counts) if counted]
    for first, last in zip(where, where[needed - 1 :], strict=False):
        yield text[first : last + 1]


def _found(data: bytes, pieces: Mapping[bytes, str]) -> Iterator[tuple[int, int, str, bool]]:
    for size in {len(piece) for piece in pieces}:
        for at in range(len(data) - size + 1):
            name = pieces.get(data[at : at + size])
            if name is not None:
                yield at, at + size, name, False
