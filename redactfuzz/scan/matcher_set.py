"""What is hunted in one execution: its canaries, and those of executions before."""

from __future__ import annotations

import bisect
import functools
import mmap
from collections.abc import Iterable, Iterator, Sequence

import attrs

from redactfuzz.dumps.readers.region import Nature, Region
from redactfuzz.model.canary import Canary
from redactfuzz.scan.layers import Layer, layers
from redactfuzz.scan.matcher import Hit, Planted, encodings, stride
from redactfuzz.scan.overlaps import Stretches
from redactfuzz.scan.packs import Matchers, Pack, repeating

_LONGEST = 1 << 14
"""Bytes: no form is longer, but for those of a key of 8,192 bits."""
_SMALL = 4 << 20
"""Bytes of an image in which forms of any bytes are looked for as well: those read every word, without a sieve."""
_OF_ANY_BYTES = "Huffman code of HTTP"
WINDOW = 8
"""Fewer bytes than this are never a sighting of their own; see ``_core/match/match.h``."""


@attrs.frozen
class Sighting:
    """Bytes of a region that give a canary away. Offset and length count bytes of the region."""

    canary: Canary
    stale: bool
    offset: int
    length: int
    encoding: str
    bits: float
    entropy: float
    first: int
    """Where it begins in the encoded form, which has ``size`` bytes."""
    size: int
    matched: int
    """Bytes of the form."""
    part: str = ""
    """Of a composite secret: ``p`` of an RSA key."""
    view: str = ""
    """In what the region spells: ``base64 in utf-16 text``. Then it is not written there as its encoding is."""

    @property
    def whole(self) -> bool:
        """Whether it is all of the form."""
        return self.first == 0 and self.reach == self.size

    @property
    def reach(self) -> int:
        """Where it ends in the encoded form. An escaped one is longer in the region than in the form."""
        return self.first + self.matched

    @property
    def end(self) -> int:
        """Where it ends in the region."""
        return self.offset + self.length


_Key = tuple[int, int, bool, int, int, Sighting]
"""Offset, minus length, not whole, rank of the layer, encoding: the best of nested sightings sorts first."""
_Keys = dict[tuple[int, int], _Key]
"""The best at each place, by offset and minus length: each layer of a text may show it again."""


class MatcherSet:
    """Plants canaries into matchers.

    Those that repeat (rsa, literal) keep theirs for the next execution.

    What follows from a canary (a key schedule, say) is looked for in images as it lies in memory; a ``thorough`` one
    looks for every form of it, and for forms that few programs write (base85), which takes ten times as long to plant:
    for a file, not for each execution.
    """

    def __init__(self, *, thorough: bool = False) -> None:
        self._thorough = thorough
        self._changing = Pack(Matchers(thorough))
        self._constant: Pack | None = None

    def plant(self, canaries: Sequence[Canary], stale: Sequence[Canary]) -> None:
        """Look for these, and for the plain forms of `stale`."""
        constant: list[Canary] = []
        changing: list[Canary] = []
        for canary in canaries:
            (constant if canary.kind.repeats and not self._thorough else changing).append(canary)
        self._changing.plant([*((one, False) for one in changing), *((one, True) for one in stale)])
        self._constant = repeating(constant) if constant else None

    def clear(self) -> None:
        """Wipe what was derived from canaries that do not come again."""
        self._changing.matchers.clear()

    def search(self, region: Region, seen: Sequence[Layer]) -> list[Sighting]:
        """Every sighting in the region, by offset; what is part of a better one is left out."""
        found: dict[int, _Keys] = {}
        hidden: dict[int, _Keys] = {}
        shown: dict[int, Stretches] = {}
        for layer in seen:
            # In an object that we serialised ourselves the value is what the escapes stand for.
            rank = (layer.depth + 1) % 2 if region.nature is Nature.JSON and layer.depth < 2 else layer.depth
            note = ", escaped" if layer.depth > (1 if region.nature is Nature.JSON else 0) else ""
            if layer.dense:
                note = ", separated"
            for pack, hit in self._scan(layer):
                sighting = _sighting(pack, hit, layer, note)
                if layer.dense and not _shows_more(sighting, hit, _shown(shown, found, id(sighting.canary))):
                    continue
                key = (sighting.offset, -sighting.length, not hit.whole, rank, hit.encoding, sighting)
                _keep((hidden if layer.dense else found).setdefault(id(sighting.canary), {}), key)
        for owner, keys in hidden.items():
            for key in keys.values():
                _keep(found.setdefault(owner, {}), key)
        best = (one for keys in found.values() for one in _best(keys.values()))
        return sorted(best, key=lambda one: one.offset)

    def scan(self, data: bytes | mmap.mmap, start: int, stop: int) -> list[Sighting]:
        """Sightings in long data, of which the first window lies from ``start`` to before ``stop``: a part of a dump.

        Escapes are not taken back. ``prepare`` first; then several threads may scan at once.
        """
        matchers = [(pack, pack.matchers.dense()) for pack in self._packs()]
        layer, step = Layer(data, 0), stride(len(data), self._shortest())
        found = [
            _sighting(pack, hit, layer, "")
            for pack, matcher in matchers
            for hit in matcher.scan(data, start, stop, step)
        ]
        if self._thorough and len(data) <= _SMALL:
            for pack in self._packs():
                hits = pack.matchers.sparse().scan(data, start, stop)
                found += [_sighting(pack, hit, layer, "") for hit in hits if hit.encoding in _of_any_bytes()]
        return found

    def prepare(self) -> None:
        """Plant all that is searched: before several threads do that."""
        for pack in self._packs():
            pack.matchers.dense()
            pack.matchers.sparse()

    def best(self, sightings: Sequence[Sighting]) -> list[Sighting]:
        """By offset; what is part of a better one of the same canary is left out."""
        found: dict[int, list[_Key]] = {}
        names = {name: rank for rank, name in enumerate(encodings())}
        by_canary: dict[int, list[Sighting]] = {}
        for one in sightings:
            if one.whole:
                by_canary.setdefault(id(one.canary), []).append(one)
        wholes = {owner: _Wholes.of(its) for owner, its in by_canary.items()}
        for one in sightings:
            its = wholes.get(id(one.canary))
            rank = names.get(one.encoding, len(names))
            near = its.near(one) if its is not None else ()
            better = (each for each in near if not one.whole or names.get(each.encoding, len(names)) < rank)
            if any(_is_explained(one, each) for each in better):
                continue
            found.setdefault(id(one.canary), []).append((one.offset, -one.length, not one.whole, 0, rank, one))
        return sorted((one for keys in found.values() for one in _best(keys)), key=lambda one: one.offset)

    def holds(self, text: str | bytes) -> bool:
        """Whether a text gives away any canary."""
        data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
        return any(True for layer in layers(data) for _ in self._scan(layer))

    def marks(self, data: bytes) -> Iterator[tuple[int, int, str, bool]]:
        """Every stretch of data that gives a canary away, in any layer: (start, end, name, whether it is the whole)."""
        for layer in layers(data):
            for pack, hit in self._scan(layer):
                offset, length = layer.place(hit.offset, hit.length)
                yield offset, offset + length, pack.owner(hit.planted)[0].name, hit.whole

    def _scan(self, layer: Layer) -> Iterator[tuple[Pack, Hit]]:
        for pack in self._packs():
            for hit in pack.matchers.sparse().scan(layer.data):
                yield pack, hit

    def _shortest(self) -> int:
        """Bytes of the shortest secret."""
        sizes = (len(one.source.secret) for one in self._planted())
        return min(sizes, default=0)

    def _planted(self) -> Iterator[Planted]:
        for pack in self._packs():
            yield from pack.matchers.planted
            yield from pack.matchers.extra

    def _packs(self) -> list[Pack]:
        return [self._changing] if self._constant is None else [self._changing, self._constant]


@functools.cache
def _of_any_bytes() -> frozenset[int]:
    return frozenset(index for index, name in enumerate(encodings()) if name.startswith(_OF_ANY_BYTES))


def _sighting(pack: Pack, hit: Hit, layer: Layer, note: str) -> Sighting:
    canary, stale = pack.owner(hit.planted)
    source = pack.source(hit.planted)
    offset, length = layer.place(hit.offset, hit.length)
    encoding = encodings()[hit.encoding] + (f" of {source.label}" if source.label else "") + note
    return Sighting(
        canary, stale, offset, length, encoding, hit.bits, source.bits, hit.first, hit.size, hit.length, source.label
    )


def _shown(shown: dict[int, Stretches], found: dict[int, _Keys], owner: int) -> Stretches:
    """Where the layers before the dense one, which is the last, show a canary: worked out when first asked for."""
    if owner not in shown:
        shown[owner] = Stretches((one.offset, one.end, 0.0) for *_, one in found.get(owner, {}).values())
    return shown[owner]


def _shows_more(sighting: Sighting, hit: Hit, known: Stretches) -> bool:
    """Whether what separators hid is more than the other layers show: a byte after a separator may go on by chance."""
    if sighting.length == hit.length:
        return False
    return not known.covers(sighting.offset, sighting.end, hit.length - WINDOW + 1)


@attrs.frozen
class _Wholes:
    """The whole forms of one canary that were found, by offset."""

    sightings: list[Sighting]
    starts: list[int]
    longest: int

    @classmethod
    def of(cls, sightings: list[Sighting]) -> _Wholes:
        """They may come in any order."""
        ordered = sorted(sightings, key=lambda one: one.offset)
        longest = min(_LONGEST, max(one.length for one in ordered))
        return cls(ordered, [one.offset for one in ordered], longest)

    def near(self, one: Sighting) -> list[Sighting]:
        """Those that may overlap."""
        first = bisect.bisect_left(self.starts, one.offset - self.longest)
        return self.sightings[first : bisect.bisect_left(self.starts, one.end)]


def _is_explained(one: Sighting, whole: Sighting) -> bool:
    """Whether it is next to nothing but the whole of another form: a prime, and the byte of DER beside it."""
    overlap = min(one.end, whole.end) - max(one.offset, whole.offset)
    return one.length - overlap < WINDOW


def _keep(keys: _Keys, key: _Key) -> None:
    """Where it is the best at its place."""
    before = keys.get(key[:2])
    if before is None or key[:5] < before[:5]:
        keys[key[:2]] = key


def _best(keys: Iterable[_Key]) -> list[Sighting]:
    """Of sightings that lie inside one another the longest, of equally long ones the plainest."""
    kept: list[Sighting] = []
    for *_, sighting in sorted(keys, key=lambda key: key[:5]):
        if not kept or sighting.end > kept[-1].end:
            kept.append(sighting)
    return [
        one
        for one, before, after in zip(kept, [None, *kept], [*kept[1:], None], strict=False)
        if _adds(one, before, after)
    ]


def _adds(one: Sighting, *neighbours: Sighting | None) -> bool:
    """Whether it shows more than its ends do: two encodings may agree beside what only the better one explains."""
    return all(
        other is None
        or other.length <= one.length
        or one.length - (min(one.end, other.end) - max(one.offset, other.offset)) >= WINDOW
        for other in neighbours
    )
