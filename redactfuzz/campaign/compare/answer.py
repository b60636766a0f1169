"""What came of comparing the dumps of one schedule: in words, and as leaks in a form that no table has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs

from redactfuzz.campaign.compare.places import Dumps
from redactfuzz.campaign.session.recurring import Again
from redactfuzz.model.outcome import UNKNOWN_ENCODING, Leak
from redactfuzz.model.recording import RecordedSecret
from redactfuzz.scan.compare.dependence import Dependence, Relation, Stretch
from redactfuzz.scan.severity import by_remaining


@attrs.frozen
class Noted:
    """What depends on a secret and gives little of it away. Of several ``about`` one thing the largest is reported."""

    text: str
    about: tuple[str, ...]
    size: float = 0.0


@attrs.frozen
class Comparison:
    """What came of comparing the dumps of one schedule."""

    stray: str = ""
    """Why they could not be compared; empty when they were."""
    leaks: tuple[Leak, ...] = ()
    """Of each canary that can be read off."""
    noted: tuple[Noted, ...] = ()
    """What depends on a secret and gives little of it away."""
    unsure: tuple[str, ...] = ()
    """What depends on a secret in a way that nobody can judge from outside."""
    noise: tuple[tuple[str, int], ...] = ()
    """Dumps with how many of their bytes differ of themselves, and were left out."""
    runs: int = 0
    few: tuple[str, ...] = ()
    """What reveals a few bits, as an index or a checksum does: noted, and no leak."""
    hidden: tuple[str, ...] = ()
    """Where so much differs of itself that a secret has room in it."""
    declared: tuple[str, ...] = ()
    """What was let through, as it was declared."""
    admitted: tuple[str, ...] = ()
    """What was declared although it gives a secret away."""
    lost: Again | None = None
    """In place of the dumps that the schedule was chosen for these came."""


def joined(one: Comparison, two: Comparison) -> Comparison:
    """Both together."""
    return Comparison(
        one.stray or two.stray,
        (*one.leaks, *two.leaks),
        (*one.noted, *two.noted),
        (*one.unsure, *two.unsure),
        (*one.noise, *two.noise),
        hidden=(*one.hidden, *two.hidden),
        declared=one.declared,
        admitted=one.admitted,
    )


def worded(said: Dependence, secret: RecordedSecret, mine: Dumps, quick: bool) -> Comparison:
    """The answer for one canary in words, and as a leak where it can be read off."""
    name = secret.name
    if said.kind is Relation.ENCODING or (quick and said.readable):
        return Comparison(leaks=tuple(_leaks(said, secret, mine)))
    noted = []
    for dump, stretches in _by_dump(said.of(Relation.DIGEST), mine).items():
        size = sum(one.size for one in stretches)
        noted.append(Noted(f"{depend(size, dump, name)} through something like a digest", ("digest", dump, name), size))
    if said.of(Relation.FEW):
        text = f"at most {said.bits:.0f} of the {secret.bits:.0f} bits of '{name}' can be read off {mine.label}"
        noted.append(Noted(text, ("few", mine.label, name), said.bits))
    unsure = [
        f"{depend(sum(one.size for one in stretches), dump, name)}, neither as in an encoding nor"
        " as in a digest (compressed, encrypted, or another way under another value)"
        for dump, stretches in _by_dump(said.of(Relation.OTHER), mine).items()
    ]
    return Comparison(noted=tuple(noted), unsure=tuple(unsure))


def depend(size: int, where: str, name: str) -> str:
    """That so many bytes do on a canary."""
    return f"{size:,} bytes of {where} depend on '{name}'" if size != 1 else f"1 byte of {where} depends on '{name}'"


def _leaks(said: Dependence, secret: RecordedSecret, mine: Dumps) -> Iterator[Leak]:
    """One for each dump that has a part of it; what they give away together is listed with each."""
    count = (
        f"{len(said.readable)} of {said.positions} {secret.unit}" if said.readable else "by solving its equations, it"
    )
    if said.readable and said.positions < secret.positions:
        count += f" that were tried, of {secret.positions},"
    severity = by_remaining(secret.bits - said.bits)
    kinds = (Relation.ENCODING, Relation.FEW)
    for dump, stretches in _by_dump([one for one in said.stretches if one.kind in kinds], mine).items():
        yield Leak(
            canary=secret.name,
            encoding=UNKNOWN_ENCODING,
            offset=mine.place(stretches[0].start)[1],
            length=sum(one.size for one in stretches),
            dump=dump,
            hash_prefix=secret.hash_prefix,
            where=f"{count} can be read off, {said.bits:.0f} of {secret.bits:.0f} bits: severity {severity}",
            recovered=said.bits,
            entropy=round(secret.bits, 1),
            part="whole" if said.bits > 0.98 * secret.bits else "part",
        )


def _by_dump(stretches: Sequence[Stretch], mine: Dumps) -> dict[str, list[Stretch]]:
    by: dict[str, list[Stretch]] = {}
    for one in stretches:
        by.setdefault(mine.place(one.start)[0], []).append(one)
    return by
