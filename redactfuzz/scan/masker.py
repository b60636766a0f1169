"""Takes canaries out of texts that are shown: what the code under test says may quote them, in any encoding."""

from __future__ import annotations

import enum
import functools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from redactfuzz.model.canary import Canary, mint
from redactfuzz.model.canary.forms import digits, xor_table
from redactfuzz.model.canary.secret import Masked, Shape
from redactfuzz.model.exposure import DumpReport
from redactfuzz.model.texts.shortened import SHOWN, shortened
from redactfuzz.scan.matcher_set import MatcherSet

if TYPE_CHECKING:
    from redactfuzz.scan.keys import KnownKeys

MESSAGE_BITS = 23.0
"""Entropy of the shortest piece that is taken out of what the code under test says: 4 characters of a token. By chance
one message of 300 characters in 1,700 holds such a piece."""
NAME_BITS = 35.0
"""The same for names and source lines, of which one trace shows thousands: 6 characters, one trace in 100,000."""
_FEWEST = 4
HIDDEN = "(a name that holds a secret)"
_SHORTEST, _REMEMBERED = 16, 1 << 12
"""Characters of a text that may hold a key, and texts that are not looked at again."""

_Value = TypeVar("_Value")


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
        self._matcher_set = MatcherSet()

    def __call__(self, said: Iterable[str], named: Iterable[str], canaries: Mapping[str, Canary]) -> dict[str, str]:
        """What replaces each text that holds a secret; the others are left out.

        ``said`` are texts of the code under test, in which pieces of 4 characters count as well; ``named`` are names
        and source lines. What the canaries were in the execution before, and in the first, is looked for, too: state
        that is carried over is from there.
        """
        known = list(canaries.values())
        earlier = [*self._minted(known)]
        self._matcher_set.plant(known, earlier)
        try:
            old = _pieces(earlier, NAME_BITS, NAME_BITS)
            short = _searches(_both(_pieces(known, MESSAGE_BITS, NAME_BITS), old))
            long = _searches(_both(_pieces(known, NAME_BITS, NAME_BITS), old))
            shown = {text: _masked(text, self._matcher_set, long) for text in named}
            shown |= {text: _masked(text, self._matcher_set, short) for text in said}
        finally:
            self._matcher_set.clear()
        return {text: instead for text, instead in shown.items() if text != instead}

    def _minted(self, canaries: Iterable[Canary]) -> Iterator[Canary]:
        for canary in canaries:
            if canary.number > 1 and not canary.kind.repeats:
                for number in {canary.number - 1, 1}:
                    yield mint(self._seed, canary.name, canary.kind, number)


def _masked(text: str, matcher_set: MatcherSet, searches: Sequence[_Search]) -> str:
    data, errors = bytes_of(text)
    marks = [*matcher_set.marks(data), *_found(data, searches)]
    if not marks:
        return text
    out: list[bytes] = []
    at = 0
    for mark in _merged(_Mark(*mark) for mark in marks):
        out += [data[at : mark.start], f"<{'' if mark.whole else 'part of '}canary {mark.name}>".encode()]
        at = mark.end
    return b"".join([*out, data[at:]]).decode("utf-8", errors)


def bytes_of(text: str) -> tuple[bytes, str]:
    """Those that a name stands for, in which a byte that is no text is a surrogate; and how to go back."""
    try:
        return text.encode("utf-8", "surrogateescape"), "surrogateescape"
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass"), "replace"


def _merged(marks: Iterable[_Mark]) -> list[_Mark]:
    """Marks that overlap or touch become one."""
    kept: list[_Mark] = []
    for mark in sorted(marks, key=lambda mark: (mark.start, -mark.end)):
        if kept and mark.start <= kept[-1].end:
            last = kept.pop()
            mark = _Mark(last.start, max(last.end, mark.end), last.name, last.whole or mark.whole)
        kept.append(mark)
    return kept


_Pieces = Mapping[int, Mapping[bytes, str]]
"""By mask: masked pieces, and whose they are. In clear they would be in a core of this process."""


def _pieces(canaries: Iterable[Canary], forward: float, backward: float) -> _Pieces:
    """Every shortest piece of the canaries' plain forms that gives away so many bits, read either way."""
    found: dict[int, dict[bytes, str]] = {}
    for canary in canaries:
        for form, bits, letters_only in _plain_forms(canary):
            letters = _letters(form, letters_only)
            for text, least in ((letters, forward), (letters[::-1], backward)):
                for piece in _windows(text, bits, least):
                    found.setdefault(form.mask, {}).setdefault(piece, canary.name)
    return found


def _both(one: _Pieces, other: _Pieces) -> _Pieces:
    return {mask: {**one.get(mask, {}), **other.get(mask, {})} for mask in one.keys() | other.keys()}


def _plain_forms(canary: Canary) -> Iterator[tuple[Masked, float, bool]]:
    """How a program writes the secret without ado: (text, bits, whether all entropy is in letters and digits).

    None for a secret of several parts: its text is mostly frame, and its parts are long.
    """
    sources = canary.sources()
    if any(source.label for source in sources):
        return
    first = sources[0]
    for form in [first.secret] if first.shape is Shape.TEXT else digits(first.secret):
        yield form, first.bits, first.letters_only


def _letters(text: Masked, letters_only: bool) -> list[tuple[bytes, bool]]:
    """Each letter of a text in utf-8, masked, and whether it counts."""
    found: list[tuple[bytes, bool]] = []
    for masked in text.data:
        byte = masked ^ text.mask
        if byte & 0xC0 == 0x80 and found:  # of the letter before
            letter, counts = found.pop()
            found.append((letter + bytes((masked,)), counts))
        else:
            found.append((bytes((masked,)), not letters_only or (byte < 128 and chr(byte).isalnum())))
    return found


def _windows(letters: Sequence[tuple[bytes, bool]], bits: float, least: float) -> Iterator[bytes]:
    where = [at for at, (_, counted) in enumerate(letters) if counted]
    if not where:
        return
    needed = max(_FEWEST, math.ceil(least / (bits / len(where)) - 0.1))
    for first, last in zip(where, where[needed - 1 :], strict=False):
        yield b"".join(letter for letter, _ in letters[first : last + 1])


@attrs.frozen
class _Search:
    """For pieces under one mask: what masks a text, how long they are, whose they are."""

    table: bytes
    sizes: frozenset[int]
    owners: Mapping[bytes, str]


def _searches(pieces: _Pieces) -> tuple[_Search, ...]:
    return tuple(
        _Search(xor_table(mask), frozenset(map(len, owners)), owners) for mask, owners in pieces.items() if owners
    )


def _found(data: bytes, searches: Sequence[_Search]) -> Iterator[tuple[int, int, str, bool]]:
    for one in searches:
        masked = data.translate(one.table)
        for size in one.sizes:
            for at in range(len(masked) - size + 1):
                name = one.owners.get(masked[at : at + size])
                if name is not None:
                    yield at, at + size, name, False


class ReportMasker:
    """Takes canaries, pieces of them, and keys out of every text of a report: names come from the dump as well.

    A name that holds one in another form is not shown: ``matcher_sets``, planted with the canaries, find those. Of what
    is ``known`` the rules of the user's own count. What
    finds them is made once, for the first report: there may be thousands.
    """

    def __init__(
        self, canaries: Sequence[Canary], matcher_sets: Sequence[MatcherSet] = (), known: KnownKeys | None = None
    ) -> None:
        self._canaries = canaries
        self._matcher_sets = matcher_sets
        self._rules = () if known is None else known.rules
        self._harmless: set[str] = set()
        """Texts that were looked at: what formats are called and why something was not read comes again."""

    def __call__(self, report: DumpReport) -> DumpReport:
        """The report without them, and with no name that is longer than can be shown but that of the dump."""
        texts = set(_texts(report))
        instead = self.instead_of(texts)
        dump = instead.get(report.dump, report.dump)
        for text in texts:
            shown = instead.get(text, text)
            if len(shown) > SHOWN:
                instead[text] = shortened(shown, len(dump) if shown.startswith(dump) else 0)
        return _with(report, instead) if instead else report

    def instead_of(self, texts: Iterable[str]) -> dict[str, str]:
        """What to show for those of some texts that hold a secret. Who has many of them gives all at once."""
        asked = sorted(set(texts) - self._harmless)
        shown = {text: _masked(text, *self._finder) if self._canaries else text for text in asked}
        # Without a key in the dump there may be one in its name: a download is called as its address was.
        long = [text for text in asked if len(shown[text]) >= _SHORTEST]
        shown.update(zip(long, self._without_keys([shown[text] for text in long]), strict=True))
        if len(self._harmless) + len(asked) > _REMEMBERED:
            self._harmless.clear()
        self._harmless.update(text for text in asked[:_REMEMBERED] if text == shown[text])
        return {text: other for text, other in shown.items() if text != other}

    def _without_keys(self, texts: Sequence[str]) -> Iterator[str]:
        from redactfuzz.scan.keys import KnownKeys  # a campaign scans no dumps
        from redactfuzz.scan.telling.names import Names

        written = [bytes_of(text) for text in texts]
        shown = Names(self._places, KnownKeys(rules=self._rules)).shown([data for data, _ in written])
        for text, (before, errors), data in zip(texts, written, shown, strict=True):
            yield HIDDEN if data is None else text if data == before else data.decode("utf-8", errors)

    def _places(self, data: bytes) -> Iterator[tuple[int, int]]:
        for matcher_set in self._matcher_sets or [self._finder[0]]:
            yield from ((one.offset, one.end) for one in matcher_set.scan(data, 0, len(data)))

    @functools.cached_property
    def _finder(self) -> tuple[MatcherSet, Sequence[_Search]]:
        matcher_set = MatcherSet()
        matcher_set.plant(self._canaries, [])
        return matcher_set, _searches(_pieces(self._canaries, NAME_BITS, NAME_BITS))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield str(value)
    elif isinstance(value, tuple):
        for item in value:
            yield from _texts(item)
    elif attrs.has(type(value)):
        for field in attrs.fields(type(value)):
            yield from _texts(getattr(value, field.name))


def _with(value: _Value, instead: Mapping[str, str]) -> _Value:
    changed: Any = value
    if isinstance(value, enum.Enum):
        return value
    if isinstance(value, str):
        changed = instead.get(value, value)
    elif isinstance(value, tuple):
        changed = tuple(_with(item, instead) for item in value)
    elif attrs.has(type(value)):
        fields = attrs.fields(type(value))  # type: ignore[arg-type]
        changed = attrs.evolve(  # type: ignore[misc]
            value, **{field.name: _with(getattr(value, field.name), instead) for field in fields}
        )
    return changed  # type: ignore[no-any-return]
