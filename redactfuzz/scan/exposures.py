"""From sightings in all images of a dump to one exposure for each secret."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from redactfuzz.model.canary import Canary
from redactfuzz.model.canary.rsa_key import layout
from redactfuzz.model.exposure import Exposure, Fragment, Severity
from redactfuzz.scan.matcher_set import Sighting
from redactfuzz.scan.severity import Judgement, KnownPart, by_remaining, judge, judge_rsa
from redactfuzz.scan.survey import LISTED, Located

_FROM_THE_END = (
    "little-endian limbs",
    "30-bit digits",
    "26-bit digits",
    "28-bit digits",
    "reversed",
    "hex of the reversed",
)
"""Encodings that begin with the least significant, or the last."""


def exposures(found: Sequence[Located]) -> tuple[Exposure, ...]:
    """One for each canary that was found, the worst first."""
    by_canary: dict[int, list[Located]] = {}
    for one in found:
        by_canary.setdefault(id(one.sighting.canary), []).append(one)
    ranks = list(Severity)
    exposed = [_exposure(mine[0].sighting.canary, mine) for mine in by_canary.values()]
    return tuple(sorted(exposed, key=lambda one: (ranks.index(one.severity), one.secret)))


def _exposure(canary: Canary, found: Sequence[Located]) -> Exposure:
    judgement = _judge(canary, [one.sighting for one in found])
    fragments = [_fragment(one) for one in found]
    return Exposure(
        secret=canary.name,
        kind=canary.kind.label,
        hash_prefix=canary.hash_prefix,
        severity=judgement.severity,
        reason=judgement.reason,
        known=round(judgement.known, 1),
        entropy=round(canary.bits, 1),
        fragments=tuple(fragments[:LISTED]),
        more=max(0, len(fragments) - LISTED),
        torn=torn([one.sighting for one in found]),
    )


def _fragment(one: Located) -> Fragment:
    sighting = one.sighting
    return Fragment(
        where=one.where,
        encoding=sighting.encoding,
        first=sighting.first,
        last=sighting.reach,
        size=sighting.size,
        bits=round(sighting.bits, 1),
        part=sighting.part,
    )


def _judge(canary: Canary, sightings: Sequence[Sighting]) -> Judgement:
    if canary.kind.label == "rsa":
        return judge_rsa([known for one in sightings for known in _of_rsa(canary, one)], canary.bits)
    plain = [one for one in sightings if not one.part]
    judged = judge([_stretch(one, "") for one in plain], canary.bits, max((one.bits for one in plain), default=0.0))
    parts = [one for one in sightings if one.part]
    for other in (_by_schedule(parts, canary.bits), _by_states(parts, canary.bits)):
        if other is not None and (other.known > judged.known or not plain):
            judged, plain = other, plain or parts
    return judged


def _by_schedule(sightings: Sequence[Sighting], entropy: float) -> Judgement | None:
    """A key's length of its schedule gives the AES key: one round key of AES-128, two of the others."""
    best: Judgement | None = None
    for one in sightings:
        if not one.part.startswith("AES-"):
            continue
        key = int(one.part[4:7]) // 8
        schedule = 4 * (key + 28)  # FIPS 197: as many round keys of 16 bytes as there are rounds, and one
        size = one.matched * schedule / one.size
        if size >= key:
            return Judgement(Severity.TOTAL, f"a stretch of its {one.part} gives the key", entropy)
        left = entropy * (1 - size / key)
        if best is None or entropy - left > best.known:
            why = f"{size:.0f} bytes of its {one.part} are there, {key} give the key"
            best = Judgement(by_remaining(left), why, entropy - left)
    return best


def _by_states(sightings: Sequence[Sighting], entropy: float) -> Judgement | None:
    """Both states of an HMAC stand for its key (RFC 2104); what is missing of them must be guessed."""
    known: dict[str, dict[str, tuple[float, float]]] = {}
    for one in sightings:
        if one.part.startswith("HMAC-"):
            name, side = one.part.split()[:2]
            share = (one.matched / one.size, one.entropy)
            sides = known.setdefault(name, {})
            sides[side] = max(sides.get(side, (0.0, 0.0)), share)
    best: Judgement | None = None
    for name, sides in known.items():
        size = max(bits for _, bits in sides.values())
        left = sum(size * (1 - sides.get(side, (0.0, 0.0))[0]) for side in ("inner", "outer"))
        if left < 0.5:
            return Judgement(Severity.TOTAL, "its HMAC states are there, which is enough to forge", entropy)
        left = min(left, entropy)
        if best is None or entropy - left > best.known:
            why = f"a part of its {name} states is there, {left:.0f} bits are missing to forge"
            best = Judgement(by_remaining(left), why, entropy - left)
    return best


def _stretch(one: Sighting, part: str) -> KnownPart:
    first, last = one.first, one.reach
    if one.encoding.startswith(_FROM_THE_END):
        first, last = one.size - last, one.size - first
    return KnownPart(part, first, last, one.size)


def _of_rsa(canary: Canary, one: Sighting) -> Iterator[KnownPart]:
    """The stretches of p, q, d ... that a sighting shows: of the number itself, or inside DER and its PEM."""
    if one.part not in ("DER", "PEM"):
        if not one.part.startswith(("n0", "R^2")):
            yield _stretch(one, one.part.partition(" ")[0])
        return
    parts = layout(int(canary.bits)).parts
    begin, end = parts["d"].start, max(part.stop for part in parts.values())
    scale = (end - begin) / one.size
    stretch = _stretch(one, "")
    first, last = begin + stretch.start * scale, begin + stretch.end * scale
    for name, where in parts.items():
        if name not in ("n", "e") and first < where.stop and last > where.start:
            size = where.stop - where.start
            yield KnownPart(name, max(0.0, first - where.start), min(size, last - where.start), size)


def torn(sightings: Sequence[Sighting]) -> str:
    """What a redaction that did not come to its end has left, and where it began; empty when nothing is torn."""
    torn_copies = []
    for one in sorted(sightings, key=lambda each: each.offset):
        if one.whole or one.part:
            continue
        copy = f"of {one.size} bytes of a copy ({one.encoding})"
        if one.first and one.reach == one.size:
            torn_copies.append(f"the first {one.first} {copy} are overwritten: it was wiped from its beginning on")
        elif one.first == 0:
            torn_copies.append(
                f"the last {one.size - one.reach} {copy} are overwritten from the end on, or were never written"
            )
        else:
            torn_copies.append(f"all but bytes {one.first} to {one.reach} {copy} are overwritten")
    return "; ".join(dict.fromkeys(torn_copies[:_DESCRIBED]))


_DESCRIBED = 4
"""Torn copies that are described."""
