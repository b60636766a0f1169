"""The vault: the canaries of a batch as the driver needs them, which no dump of a process ever holds.

Its layout is ``runtime/state/plan.h``. Sources come masked and stay so; a canary's own bytes are in clear, since the
program copies them to where it keeps its secret.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

import attrs

from redactfuzz.model.canary import Canary
from redactfuzz.model.canary.secret import Shape, Source
from redactfuzz.native._plan import ffi, lib
from redactfuzz.native.compile.shared import Shared

CANARIES = 64
"""At most: they are counted in one word."""
_NAME = 64

Sources = Callable[[Canary], Sequence[tuple[Source, bool]]]
"""What to look for, and whether only as it lies in memory."""


class Way(enum.IntEnum):
    """How a canary comes to the program."""

    ASKED = lib.RFN_ASKED_FOR
    """It calls ``redactfuzz_canary``."""
    VARIABLE = lib.RFN_VARIABLE
    ARGUMENT = lib.RFN_ARGUMENT
    STDIN = lib.RFN_STDIN


@attrs.frozen
class Delivery:
    """A canary and its way. ``target``: the name of the variable."""

    canary: Canary
    way: Way = Way.ASKED
    target: str = ""


@attrs.frozen
class VaultSource:
    """A source in the vault: what a hit's number stands for."""

    source: Source
    canary: Canary


def own_sources(canary: Canary) -> list[tuple[Source, bool]]:
    """The canary's own sources and nothing that follows from them."""
    return [(source, False) for source in canary.sources()]


def check(names: Collection[str]) -> None:
    """Raises ValueError where there is no room for canaries of these names."""
    if len(names) > CANARIES:
        raise ValueError(f"{len(names)} canaries in one program; at most {CANARIES} are possible")
    for name in names:
        if len(name.encode()) >= _NAME:
            raise ValueError(f"the name of a canary is longer than {_NAME - 1} bytes: {name[:16]}...")


class Vault:
    """One vault, filled once."""

    def __init__(self, deliveries: Sequence[Delivery], sources: Sources = own_sources) -> None:
        check([delivery.canary.name for delivery in deliveries])
        self.deliveries = tuple(deliveries)
        found = [
            (index, source, plain)
            for index, delivery in enumerate(deliveries)
            for source, plain in sources(delivery.canary)
        ]
        self.planted = tuple(VaultSource(source, deliveries[index].canary) for index, source, _ in found)
        head = ffi.sizeof("rfn_vault")
        self._canaries_at = head
        self._sources_at = head + len(deliveries) * ffi.sizeof("rfn_vault_canary")
        at = self._sources_at + len(found) * ffi.sizeof("rfn_vault_source")
        places = list(_places(at, [d.canary.size for d in deliveries] + [len(source.secret) for _, source, _ in found]))
        self.size = places[-1]
        self.shared = Shared("vault", self.size)
        self._memory: Any = ffi.from_buffer(self.shared.memory, require_writable=True)
        ffi.cast("rfn_vault *", self._memory).size = self.size
        for index, delivery in enumerate(deliveries):
            self._put_canary(index, delivery, places[index])
        for index, (owner, source, plain) in enumerate(found):
            self._put_source(index, owner, source, plain, places[len(deliveries) + index])

    @property
    def names(self) -> tuple[str, ...]:
        """Of the canaries, in order."""
        return tuple(delivery.canary.name for delivery in self.deliveries)

    def asked(self) -> frozenset[str]:
        """Canaries that the program has asked for."""
        return frozenset(name for index, name in enumerate(self.names) if self._canary(index).asked)

    def put(self, name: str, value: bytes) -> None:
        """Another value of a canary, as long, for the next execution. What is looked for stays as it is."""
        raw = self._canary(self.names.index(name))
        if len(value) != int(raw.size):
            raise ValueError(f"canary {name!r} has {int(raw.size):,} bytes, not {len(value):,}")
        self.shared.memory[int(raw.offset) : int(raw.offset) + len(value)] = value

    def close(self) -> None:
        """Wipes it, and gives its descriptor back."""
        if self.shared.descriptor >= 0:
            ffi.memmove(self._memory, bytes(len(self._memory)), len(self._memory))
            self.shared.close()

    def _canary(self, index: int) -> Any:
        return ffi.cast("rfn_vault_canary *", self._memory + self._canaries_at) + index

    def _put_canary(self, index: int, delivery: Delivery, place: int) -> None:
        raw, canary = self._canary(index), delivery.canary
        if len(delivery.target.encode()) >= _NAME:
            raise ValueError(f"the name of a variable is longer than {_NAME - 1} bytes: {delivery.target[:16]}...")
        raw.name, raw.target = canary.name.encode(), delivery.target.encode()
        raw.offset, raw.size, raw.delivery = place, canary.size, int(delivery.way)
        with memoryview(self.shared.memory) as view, view[place : place + canary.size] as room:
            canary.write_into(room)

    def _put_source(self, index: int, owner: int, source: Source, plain: bool, place: int) -> None:
        raw = ffi.cast("rfn_vault_source *", self._memory + self._sources_at) + index
        secret = source.secret
        raw.offset, raw.size, raw.canary, raw.group = place, len(secret), owner, owner
        raw.mask, raw.shape, raw.plain, raw.letters = secret.mask, int(source.shape), plain, source.letters_only
        raw.bits = source.bits
        self.shared.memory[place : place + len(secret)] = secret.data


def is_bytes(source: Source) -> bool:
    """Bytes lie in memory as they are; it is numbers that have several layouts."""
    return source.shape is Shape.BYTES


def _places(start: int, sizes: Sequence[int]) -> Iterator[int]:
    """Offsets, each aligned to 16 bytes, and the end."""
    at = start
    for size in sizes:
        at = -(-at // 16) * 16
        yield at
        at += size
    yield at
