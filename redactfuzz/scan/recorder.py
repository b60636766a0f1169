"""Keeps the dumps of an execution for a comparison, in place of searching them; see ``model.plan.Inspect``."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from redactfuzz.dumps.readers.reader import read
from redactfuzz.dumps.readers.region import Region
from redactfuzz.model.canary import Canary
from redactfuzz.model.canary.variant import positions, unit
from redactfuzz.model.outcome import Dump, Inspection
from redactfuzz.model.recording import RecordedDump, RecordedSecret, Recording
from redactfuzz.scan.compare.declared import admitted
from redactfuzz.scan.compare.looks import content, shape, shape_of_all

_LARGE = 8 << 20
"""Bytes of a dump that are compared at most: what is larger is an image of the process, full of addresses."""


class Recorder:
    """That of one campaign."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], str] = {}
        """What declared callables give away."""

    def __call__(
        self, dumps: Sequence[Dump], canaries: Mapping[str, Canary], witnesses: Mapping[str, str], number: int
    ) -> Inspection:
        """The dumps as bytes, with a constant in place of whatever was declared to be derived from a secret."""
        instead: dict[bytes, bytes] = {}
        names: dict[bytes, str] = {}
        failed, gives_away = [], []
        for name, canary in canaries.items():
            try:
                for derived in canary.derived():
                    instead.update(dict.fromkeys(derived.forms, f"<derived from {name}>".encode()))
                    names.update(dict.fromkeys(derived.forms, f"{derived.what} of {name!r}"))
                gives_away += [given] if (given := self._admitted(canary)) else []
            except Exception as error:  # of the user's own callable; its text may hold the secret
                failed.append(
                    f"what was declared to be derived from {name!r} could not be computed: {type(error).__name__}"
                )
        regions = [() if isinstance(dump.data, os.PathLike) else tuple(read(dump.data).regions) for dump in dumps]
        taken: set[bytes] = set()
        recorded = tuple(_recorded(dump, parts, instead, taken) for dump, parts in zip(dumps, regions, strict=True))
        shapes = [shape(dump.name, parts) if parts else 0 for dump, parts in zip(dumps, regions, strict=True)]
        secrets = tuple(
            RecordedSecret(name, positions(canary), unit(canary), canary.bits, canary.hash_prefix)
            for name, canary in canaries.items()
        )
        plain = frozenset(
            name
            for name, canary in canaries.items()
            if any(name not in dump.allowed and canary.bytes in dump.data for dump in recorded)
        )
        shown = frozenset(canaries)  # what is asked here is not what the search found
        blocks = tuple(block for parts in regions for block in content(parts))
        recording = Recording(
            recorded,
            secrets,
            failed=tuple(failed),
            declared=tuple(sorted({names[form] for form in taken})),
            admitted=tuple(gives_away),
            plain=plain,
            shape=shape_of_all(shapes) if shapes else 0,
            content=blocks,
        )
        return Inspection(recording=recording, counted=shown)

    def _admitted(self, canary: Canary) -> str:
        computes = (getattr(one, "__code__", None) or (type(one), id(one)) for one in canary.computes())
        key = (canary.name, canary.kind, *computes)
        if key not in self._known:
            self._known[key] = admitted(canary)
        return self._known[key]


def _recorded(dump: Dump, regions: Sequence[Region], instead: Mapping[bytes, bytes], taken: set[bytes]) -> RecordedDump:
    """``taken`` gets the forms that were taken out."""
    if isinstance(dump.data, os.PathLike):
        try:
            path = Path(dump.data)
            if path.stat().st_size > _LARGE:
                return RecordedDump(dump.name, b"", dump.allowed, "it is an image of a process, or as large as one")
            parts = [path.read_bytes()]
        except OSError as error:
            return RecordedDump(dump.name, b"", dump.allowed, error.strerror or type(error).__name__)
    else:
        parts = [bytes(region.data) for region in regions]
    data = b"\n".join(parts)
    if len(data) > _LARGE:
        return RecordedDump(dump.name, b"", dump.allowed, f"it has {len(data):,} bytes")
    for form in sorted(instead, key=len, reverse=True):
        if form in data:
            taken.add(form)
            data = data.replace(form, instead[form])
    return RecordedDump(dump.name, data, dump.allowed)
