"""The dumps of one execution, as those of others are laid beside them: which places differ, and where they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from redactfuzz.model.canary.variant import Variant
from redactfuzz.model.recording import RecordedSecret, Recording
from redactfuzz.scan.compare.difference import NOT_ALIGNED, differences, reordered, starts


class Dumps:
    """Some of the dumps of an execution, as those of others are compared with them."""

    def __init__(self, recording: Recording, dumps: tuple[int, ...]) -> None:
        self._dumps = [recording.dumps[index] for index in dumps]
        self._indices = dumps
        self.data = [dump.data for dump in self._dumps]
        self._starts = starts(self.data)
        self.names = names(recording)
        self.plain = recording.plain
        self.met: dict[tuple[str, Variant], Mapping[int, int]] = {}
        """What a single change did when it was made first."""
        self.not_aligned: set[int] = set()
        """Places of which it was unknown in some run what stood for them."""

    @property
    def label(self) -> str:
        """Their names."""
        return " and ".join(dict.fromkeys(dump.name for dump in self._dumps))

    def of(self, other: Recording) -> list[bytes]:
        """The same dumps of another execution, those that are missing left out."""
        return [other.dumps[index].data for index in self._indices if index < len(other.dumps)]

    def changed(self, other: Recording) -> dict[int, int]:
        """The places that differ; all of them where a dump is missing."""
        found = differences(self.data, self.of(other))
        self.not_aligned.update(at for at, byte in found.items() if byte >= NOT_ALIGNED)
        return found

    def reordered(self, others: Sequence[Recording]) -> bool:
        """Whether other values only change the order of the words."""
        return all(reordered(self.data, self.of(other)) for other in others)

    def place(self, at: int) -> tuple[str, int]:
        """Name of the dump, and offset in it."""
        index = max(index for index, start in enumerate(self._starts) if start <= at)
        return self._dumps[index].name, at - self._starts[index]

    def hidden(self, places: set[int], secrets: Iterable[RecordedSecret]) -> tuple[str, ...]:
        """What was not compared, and secrets that have room in what differs of itself."""
        found = []
        if strange := places & self.not_aligned:
            runs = "it is unknown which bytes of two runs stand for each other"
            found.append(f"{len(strange):,} bytes of {self.label} were not compared: {runs}")
        data = {at: self._byte(at) for at in places - self.not_aligned}
        room = len(data) * max(1, len(set(data.values())) - 1).bit_length()
        named = " and ".join(f"'{secret.name}'" for secret in secrets if room >= secret.bits)
        if named:
            left_out = "differ of themselves and were left out"
            found.append(f"{len(data):,} bytes of {self.label} {left_out}: room enough for {named}")
        return tuple(found)

    def _byte(self, at: int) -> int:
        index = max(index for index, start in enumerate(self._starts) if start <= at)
        return next(iter(self.data[index][at - self._starts[index] :][:1]), 0)

    def noise(self, places: set[int]) -> tuple[tuple[str, int], ...]:
        """Which dumps have places that differ of themselves."""
        count: dict[str, int] = {}
        for at in places - self.not_aligned:
            name = self.place(at)[0]
            count[name] = count.get(name, 0) + 1
        return tuple(count.items())


def names(recording: Recording) -> tuple[str, ...]:
    """Of the dumps, in their order."""
    return tuple(dump.name for dump in recording.dumps)
