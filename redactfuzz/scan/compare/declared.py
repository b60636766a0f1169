"""What is declared to be derived from a secret is judged as a dump would be: another form of it is no digest of it."""

from __future__ import annotations

from collections.abc import Iterable

from redactfuzz.model.canary import Canary
from redactfuzz.model.canary.derived import computed
from redactfuzz.model.canary.variant import Variant, positions, unit, varied
from redactfuzz.scan.compare.changes import every, few, wholes
from redactfuzz.scan.compare.dependence import Probe, Relation, judge
from redactfuzz.scan.compare.difference import differences


def admitted(canary: Canary) -> str:
    """How much of a canary declared callables give away, where that is the secret itself; else empty.

    Raises whatever a callable raises.
    """
    count = positions(canary)
    if not canary.computes() or not count:
        return ""
    probes = _probes(canary, (Variant(0), Variant(1), *few(count, unit(canary))))
    said = judge(probes, canary.bits / count, canary.bits)
    if said.kind is Relation.INDEPENDENT or said.decided:
        return ""
    probes += _probes(canary, (*every(count, unit(canary)), *wholes()))
    said = judge(probes, canary.bits / len({probe.position for probe in probes} - {None}), canary.bits)
    if said.kind is not Relation.ENCODING:
        return ""
    how_much = f"{len(said.readable)} of {said.positions} {unit(canary)}, {said.bits:.0f} of {canary.bits:.0f} bits"
    form = "is no digest but another form of it"
    return f"what allow_derived lets through of {canary.name!r} {form}: {how_much} can be read off"


def _probes(canary: Canary, variants: Iterable[Variant]) -> list[Probe]:
    base = _results(canary, canary)
    return [
        Probe(variant.position, differences(base, _results(canary, varied(canary, 0, variant)))) for variant in variants
    ]


def _results(declaring: Canary, canary: Canary) -> list[bytes]:
    return [form for one in declaring.computes() for form in computed(one, canary.value)]
