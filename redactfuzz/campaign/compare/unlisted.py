"""What a comparison of a program's images says, in words, and as leaks in a form that no table has."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence

import attrs

from redactfuzz.campaign.compare.answer import Comparison, Noted
from redactfuzz.campaign.compare.images import FEWER, POSITIONS, Area, Comparer, Images, Known
from redactfuzz.campaign.session.native import native
from redactfuzz.campaign.session.spec import FOREVER
from redactfuzz.campaign.session.state import Session
from redactfuzz.model.canary import Canary
from redactfuzz.model.canary.secret import seed_of_secrets
from redactfuzz.model.canary.variant import positions
from redactfuzz.model.outcome import CORE, UNKNOWN_ENCODING, Leak
from redactfuzz.model.plan import Plan
from redactfuzz.model.schedule import Schedule
from redactfuzz.native.compile.compiler import BuildError
from redactfuzz.native.drive.driver import DriverError
from redactfuzz.native.explain.provenance import NAME_OF
from redactfuzz.native.run.images import ASKED, Part, Span
from redactfuzz.native.run.runtime import NativeRuntime
from redactfuzz.scan.compare.dependence import Relation

_CLOSE = 16
"""Bytes between two areas that are reported as one place."""
_LEAST = 8
"""Bytes of the shortest digest that is reported: less is an index or a checksum, and reveals a few bits."""
_WHOLE = 0.98
"""The share of its bits from which on a secret counts as given away whole: what can be read off is estimated, by
a few values of each position."""
_FEW = "a few bits of '{}' can be read off the core or the files"
_LIBRARIES = "memory of libraries is not in that comparison"
_FELT, _MOST_OF = 0.5, 0.7
"""What is mixed: most positions change at least this share of it."""


class ComparingImages:
    """One schedule of a program; as ``comparison.Comparing``."""

    def __init__(
        self,
        session: Session,
        schedule: Schedule,
        *,
        seed: int,
        number: int,
        crash_last: bool = False,
        bypass: bool = False,
        known: Known | None = None,
        seconds: float = FOREVER,
    ) -> None:
        """``seconds``: after which OutOfTime is raised."""
        self._runtime, _ = native(session)
        self._plan = session.plan_of(schedule, seed=seed, number=number, crash_last=crash_last, bypass=bypass)
        self._seed = seed_of_secrets(seed, session.spec.name)
        self._known = known
        self._seconds = seconds
        self.runs = 0

    def __enter__(self) -> ComparingImages:
        return self

    def __exit__(self, *_: object) -> None:
        """The driver stays with the runtime."""

    def compare(self, base: object = None, *, seen: object = None, quick: bool = False) -> Comparison:
        """The answer. ``quick``: of fewer positions of each secret. Raises OutOfTime."""
        try:
            found, comparer = compared(
                self._runtime, self._plan, self._seed, quick=quick, known=self._known, seconds=self._seconds
            )
            if found.why:
                return Comparison(found.why, runs=comparer.runs)
            noise = (("the core and the files", found.noise),) if found.noise else ()
            said = Comparison(leaks=leaks(self._runtime, self._plan, found), noise=noise, runs=comparer.runs)
            said = attrs.evolve(said, hidden=self._hidden(found.noise))
            said = _with_notes(said, self._harmless(found, comparer), self._whole)
            return attrs.evolve(said, few=(*said.few, _LIBRARIES)) if self._runtime.camera(self._plan).forked else said
        except (DriverError, BuildError) as error:
            return Comparison(f"cannot be run again: {error}")

    def _hidden(self, noise: int) -> tuple[str, ...]:
        """Secrets that have room in what differs of itself."""
        canaries = self._runtime.camera(self._plan).canaries.values()
        names = " and ".join(f"'{one.name}'" for one in canaries if 8 * noise >= one.bits)
        text = f"{noise:,} bytes of the core and the files differ of themselves and were left out"
        return (f"{text}: room enough for {names}",) if names else ()

    @property
    def _whole(self) -> frozenset[str]:
        """Secrets that only change as a whole: of an RSA key an encoding cannot be distinguished from a signature."""
        canaries = self._runtime.camera(self._plan).canaries
        return frozenset(name for name, canary in canaries.items() if not positions(canary))

    def _harmless(self, found: Images, comparer: Comparer) -> list[tuple[Area, str, bool]]:
        """Areas that are no leak, each with its place, and whether all of the secret is mixed in it."""
        areas = [
            area for name in found.dependences for area in merged(found, name) if area.kind is not Relation.ENCODING
        ]
        places = _places(self._runtime, self._plan, areas)
        changes = {name: _changes(comparer, name) for name in {area.canary for area in areas}}
        return [(area, where, _is_mixed(area, changes[area.canary])) for area, where in zip(areas, places, strict=True)]


def compared(
    runtime: NativeRuntime,
    plan: Plan,
    seed: int,
    *,
    quick: bool = False,
    known: Known | None = None,
    seconds: float = FOREVER,
) -> tuple[Images, Comparer]:
    """What depends on a secret in what ``plan.schedule`` leaves. Raises DriverError, BuildError, OutOfTime."""
    camera = runtime.camera(plan)
    most = FEWER if quick or camera.forked else POSITIONS
    comparer = Comparer(camera, seed, most=most, known=known, seconds=seconds)
    return comparer.compare(), comparer


def leaks(runtime: NativeRuntime, plan: Plan, found: Images) -> tuple[Leak, ...]:
    """Of each canary that can be read off: the places, with all that is known of their past."""
    areas = [area for name in found.dependences for area in merged(found, name) if area.kind is Relation.ENCODING][
        :ASKED
    ]
    canaries = runtime.camera(plan).canaries if areas else {}
    places = _places(runtime, attrs.evolve(plan, describe=True), areas)
    return tuple(_leak(area, place, canaries[area.canary], found) for area, place in zip(areas, places, strict=True))


def called(file: str, found: Images) -> str:
    """A dump, for a report: not by its name where that follows from a secret."""
    bare = file.removeprefix(NAME_OF)
    named = {area.span.file.removeprefix(NAME_OF) for area in found.areas if area.span.file.startswith(NAME_OF)}
    if bare not in named:
        return file or CORE
    return f"{NAME_OF}a file" if file != bare else "a file whose name follows from a secret"


def merged(found: Images, canary: str) -> Iterator[Area]:
    """The areas of one canary; those of a kind that lie close are one."""
    last: Area | None = None
    own = (area for area in found.areas if area.canary == canary)
    for area in sorted(own, key=lambda a: (a.kind, a.sealed, a.span.where, a.span.thread, a.span.file, a.address)):
        alike = last is not None and (area.span, area.kind, area.sealed) == (last.span, last.kind, last.sealed)
        if alike and last is not None and area.address - (last.address + last.size) <= _CLOSE:
            last = attrs.evolve(last, size=area.address + area.size - last.address)
            continue
        if last is not None:
            yield last
        last = area
    if last is not None:
        yield last


def _places(runtime: NativeRuntime, plan: Plan, areas: Sequence[Area]) -> list[str]:
    """What is known of the places: the schedule runs once more."""
    parts = [Part(area.span, area.address, bytes(area.size)) for area in areas[:ASKED]]
    picture = runtime.camera(plan).take({}, asked=parts) if parts else None
    places = list(picture.executed.places) if picture is not None else []
    return (places + [""] * len(areas))[: len(areas)]


def _leak(area: Area, where: str, canary: Canary, found: Images) -> Leak:
    dependence = found.dependences[area.canary]
    return Leak(
        canary=canary.name,
        encoding=UNKNOWN_ENCODING,
        offset=area.address,
        length=area.size,
        dump=called(area.span.file, found),
        hash_prefix=canary.hash_prefix,
        where=f"{where}; {dependence.bits:.0f} of {canary.bits:.0f} bits can be read off",
        recovered=dependence.bits,
        entropy=round(canary.bits, 1),
        part="whole" if dependence.bits >= _WHOLE * canary.bits else "part",
    )


def _changes(comparer: Comparer, canary: str) -> list[dict[Span, list[int]]]:
    """For each position of a secret that was changed: the addresses that changed with it, in order."""
    found = []
    for variant, probe in comparer.rows.get(canary, ()):
        if variant.position is not None:
            addresses: dict[Span, list[int]] = {}
            for span, address in map(comparer.at, probe.changed):
                addresses.setdefault(span, []).append(address)
            found.append({span: sorted(each) for span, each in addresses.items()})
    return found


def _is_mixed(area: Area, changes: Sequence[Mapping[Span, Sequence[int]]]) -> bool:
    """Whether most of what is changed in the secret changes much of it."""
    shares = []
    for each in changes:
        addresses = each.get(area.span, ())
        inside = bisect_left(addresses, area.address + area.size) - bisect_left(addresses, area.address)
        if inside:
            shares.append(inside / area.size)
    return sum(share >= _FELT for share in shares) >= _MOST_OF * max(1, len(shares))


def _as_a_whole(canary: str, harmless: Sequence[tuple[Area, str, bool]]) -> str:
    own = [(area.size, where) for area, where, _ in harmless if area.canary == canary]
    size, where = max(own)
    most = f", most of them {where}" if where else ""
    total = sum(size for size, _ in own)
    return (
        f"{total:,} bytes of the core and the files depend on '{canary}' ({size:,} together{most}): it changes as a"
        " whole, so that a form that is not listed could not be told from a signature or its public half"
    )


def _with_notes(said: Comparison, harmless: Sequence[tuple[Area, str, bool]], whole: frozenset[str]) -> Comparison:
    leaking = {leak.canary for leak in said.leaks}
    sizes = {name: sum(area.size for area, *_ in harmless if area.canary == name) for name in sorted(whole - leaking)}
    noted = [_as_a_whole(name, harmless) for name, size in sizes.items() if size >= _LEAST]
    unsure: list[str] = []
    few = [_FEW.format(name) for name, size in sizes.items() if 0 < size < _LEAST]
    for area, where, mixed in harmless:
        size = f"{area.size:,} bytes of {area.span.file or 'the core'}{f' ({where})' if where else ''}"
        if area.canary in leaking | whole:
            continue
        if area.kind is Relation.FEW or area.size < _LEAST:
            few.append(_FEW.format(area.canary))
        elif area.open:
            unsure.append(f"{size} depend on '{area.canary}' and on random numbers, which may lie beside them: a mask")
        elif area.sealed:
            noted.append(f"{size} depend on '{area.canary}', sealed with another secret or random numbers: encrypted")
        elif area.kind is Relation.DIGEST or mixed:
            noted.append(f"{size} depend on '{area.canary}' through something like a digest")
        else:
            unsure.append(f"{size} depend on '{area.canary}', neither as in an encoding nor as in a digest")
    notes = tuple(Noted(text, (text,)) for text in dict.fromkeys(noted))
    return attrs.evolve(said, noted=notes, unsure=tuple(dict.fromkeys(unsure)), few=tuple(dict.fromkeys(few)))
