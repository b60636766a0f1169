"""What a comparison of images says, looked for in real dumps of processes that died with this value and others."""

from __future__ import annotations

import itertools
import mmap
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import attrs

from redactfuzz.campaign.compare.images import Comparer, Images
from redactfuzz.campaign.compare.unlisted import called, compared, leaks
from redactfuzz.dumps.readers.elf_headers import LOAD, NOTE, Segment, read_header, segments
from redactfuzz.dumps.readers.elf_notes import PRSTATUS, notes
from redactfuzz.model.canary.variant import Variant, varied
from redactfuzz.model.outcome import CORE, Leak
from redactfuzz.model.plan import Plan
from redactfuzz.native.drive.driver import DriverError
from redactfuzz.native.run.images import Span, renamed
from redactfuzz.native.run.real import Remains
from redactfuzz.native.run.runtime import NativeRuntime
from redactfuzz.scan.compare.dependence import MOVED

_VALUES = 3
"""Other values with which a process dies."""
_PAIRS = 6
"""Pairs of processes in which a byte has to follow the secret: chance does that rarely, even for a bit."""
_WORD = 8
_PAGE = 4096
_TIMES = 112
"""Bytes of a thread's status before its registers."""
_SEGMENTS = 1 << 16


@attrs.frozen(repr=False)
class Change:
    """Bytes of an image before and after, with the first one's address."""

    span: Span
    address: int
    before: bytes
    after: bytes


@attrs.frozen(repr=False)
class Evidence:
    """One other value of a secret, and what follows from it."""

    value: bytes
    changes: tuple[Change, ...]

    def seen(self, before: Mapping[str, Path], after: Mapping[str, Path]) -> bool:
        """Whether one of the changes is there, between dumps by name and those of the other value."""
        return any(
            _holds(before, one.span, one.address, one.before) and _holds(after, one.span, one.address, one.after)
            for one in self.changes
        )


def confirmed(runtime: NativeRuntime, plan: Plan, seed: int, folder: Path) -> tuple[Remains, tuple[Leak, ...]]:
    """Dies once with the secrets and a few times with other values; gives the leaks that both kinds of dump show.

    Raises DriverError.
    """
    for quick in (True, False):
        found, comparer = compared(runtime, plan, seed, quick=quick)
        leaked = leaks(runtime, plan, found)
        if leaked:
            break
    before = _died(runtime, plan, folder / "0", {})
    shown, number = [], itertools.count(1)
    for canary in dict.fromkeys(leak.canary for leak in leaked):
        wanted = list(evidence(comparer, seed, canary, found.places[canary], runtime, plan))
        others = (_died(runtime, plan, folder / str(next(number)), {canary: one.value}) for one in wanted)
        dumps = (_called_alike(other.dumps, before.dumps) for other in others)
        if wanted and all(one.seen(before.dumps, other) for one, other in zip(wanted, dumps, strict=True)):
            shown.append(canary)
    return _masked(before, found), tuple(leak for leak in leaked if leak.canary in shown)


def depends(runtime: NativeRuntime, plan: Plan, canary: str, folder: Path) -> bool | None:
    """Whether the core of a process is another with another secret, whatever else varies; None: that cannot be decided.

    Processes die in pairs, one of each value: a byte depends on the secret that is one thing in each of one value, and
    another in each of the other. A number that is drawn for each process looks so now and then, hence several pairs.

    Raises DriverError.
    """
    own, other = _core(runtime, plan, canary, folder / "0", None)
    if own is None:
        return None
    values = {canary: other}
    differ: dict[tuple[_Place, int], tuple[int, int]] | None = None
    for number in range(_PAIRS):
        if number:
            own, _ = _core(runtime, plan, canary, folder / f"{number}", None)
        others, _ = _core(runtime, plan, canary, folder / f"{number}-other", values)
        if own is None or others is None:
            return None
        if differ is None:
            differ = dict(_differing(own, others))
        else:
            differ = {at: pair for at, pair in differ.items() if (_byte(own, at), _byte(others, at)) == pair}
        if not differ:
            return False
    return True


_Place = tuple[int, int]
"""Of a page its segment's kind and its address; of a note of a thread its kind and its number."""
_Pages = Mapping[_Place, bytes]


def _core(
    runtime: NativeRuntime, plan: Plan, canary: str, folder: Path, values: Mapping[str, bytes] | None
) -> tuple[_Pages | None, bytes]:
    """What lies in the core of a process with ``values``, if it says anything of the secret; another value of that."""
    remains = _died(runtime, plan, folder, values or {})
    planted = remains.canaries[canary]
    other = varied(planted, plan.seed, Variant(0)).bytes
    if values is None and other == planted.bytes:
        raise DriverError("the secret has no other value")
    name = next((name for name in remains.dumps if name.startswith("core")), "")
    if not name or canary in remains.allowed[name]:
        return None, other
    pages = _lying(remains.dumps[name])
    shutil.rmtree(folder)
    return pages, other


def _differing(one: _Pages, other: _Pages) -> Iterator[tuple[tuple[_Place, int], tuple[int, int]]]:
    """Bytes that differ: place and offset there -> what is there in the one and in the other; -1: nothing."""
    for place in one.keys() | other.keys():
        data, others = one.get(place, b""), other.get(place, b"")
        if data == others:
            continue
        for at, pair in enumerate(itertools.zip_longest(data, others, fillvalue=-1)):
            if pair[0] != pair[1]:
                yield (place, at), pair


def _byte(pages: _Pages, at: tuple[_Place, int]) -> int:
    data = pages.get(at[0], b"")
    return data[at[1]] if at[1] < len(data) else -1


def _lying(core: Path) -> _Pages:
    """Its pages by kind and address, and the notes of its threads by number, without times."""
    found: dict[_Place, bytes] = {}
    with core.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for one in _segments(data):
            if one.kind == NOTE:
                each = enumerate(notes(data, one.offset, one.offset + one.file_size, "<", 4))
                parts = ((number, note) for number, note in each if note.of_thread)
                found.update(
                    ((NOTE, number), data[note.start + _TIMES * (note.kind == PRSTATUS) : note.end])
                    for number, note in parts
                )
                continue
            for at in range(0, one.file_size, _PAGE):
                end = min(at + _PAGE, one.file_size)
                found[one.kind, one.address + at] = data[one.offset + at : one.offset + end]
    return found


def _called_alike(dumps: Mapping[str, Path], base: Mapping[str, Path]) -> Mapping[str, Path]:
    """With the names that the files of another value have: names may follow from it."""
    instead = renamed(dumps, base)
    return {instead(name): path for name, path in dumps.items()} if instead else dumps


def _masked(remains: Remains, found: Images) -> Remains:
    """Without names that follow from a secret; those that are alike are numbered."""
    names: dict[str, str] = {}
    for name in remains.dumps:
        label = name if name.startswith(CORE) else called(name, found)
        names[name] = label if label not in names.values() else f"{label} ({len(names)})"
    dumps = {names[name]: path for name, path in remains.dumps.items()}
    allowed = {names.get(name, name): through for name, through in remains.allowed.items()}
    return attrs.evolve(remains, dumps=dumps, allowed=allowed)


def _died(runtime: NativeRuntime, plan: Plan, folder: Path, values: Mapping[str, bytes]) -> Remains:
    folder.mkdir()
    return runtime.die(plan, folder, values=values)


def evidence(
    comparer: Comparer, seed: int, canary: str, places: frozenset[int], runtime: NativeRuntime, plan: Plan
) -> Iterator[Evidence]:
    """What to look for: values that differ in one position, spread over those that ``places`` reveal."""
    rows = ((variant, probe.changed) for variant, probe in comparer.rows.get(canary, ()))
    revealing = [row for row in rows if row[0].position is not None and row[1].keys() & places]
    some = min(_VALUES, len(revealing))
    for index in range(some):
        variant, changed = revealing[len(revealing) * (2 * index + 1) // (2 * some)]
        changes = [_change(comparer, place, changed) for place in sorted(changed.keys() & places)]
        value = varied(runtime.camera(plan).canaries[canary], seed, variant).bytes
        yield Evidence(value, tuple(changes))


def _change(comparer: Comparer, place: int, changed: Mapping[int, int]) -> Change:
    """A byte, or the end of a file; of registers the word, for a core has them elsewhere, one after the other."""
    span, address = comparer.at(place)
    if span.is_file:
        after = b"" if changed[place] >= MOVED else bytes((changed[place],))
        return Change(span, address, _bytes(comparer, span, address, 1), after)
    size = _WORD if span.is_registers else 1
    first = address // size * size
    before = _bytes(comparer, span, first, size)
    after = bytes(changed.get(place - address + first + at, before[at]) & 0xFF for at in range(len(before)))
    return Change(span, first, before, after)


def _bytes(comparer: Comparer, span: Span, address: int, size: int) -> bytes:
    """Of the image before; what nobody has written is zero, and behind the end of a file is nothing."""
    assert comparer.base is not None
    parts = (part for part in comparer.base.parts if part.span == span and part.address <= address < part.end)
    part = next(parts, None)
    if part is None:
        return b"" if span.is_file else b"\0" * size
    return part.data[address - part.address :][:size]


def _holds(dumps: Mapping[str, Path], span: Span, address: int, wanted: bytes) -> bool:
    own = (path for name, path in dumps.items() if name.startswith("core") and not name.startswith("core of child"))
    path = dumps.get(span.file) if span.file else next(own, None)
    if path is None:
        return False
    with path.open("rb") as file:
        if span.is_file:
            file.seek(address)
            return file.read(max(1, len(wanted))) == wanted
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            parts = list(_segments(data))
            if span.is_registers:
                return any(data.find(wanted, one.offset, one.end) >= 0 for one in parts if one.kind == NOTE)
            for one in parts:
                if one.kind == LOAD and one.address <= address < one.address + one.file_size:
                    at = one.offset + address - one.address
                    return data[at : at + len(wanted)] == wanted
            return False


def _segments(data: mmap.mmap) -> Iterator[Segment]:
    header = read_header(data)
    return segments(data, header, _SEGMENTS) if header is not None else iter(())
