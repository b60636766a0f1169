"""The other family of race, from the correction: may this dump leave the secure environment?"""

from collections.abc import Callable


class Outbox:
    """Holds the dump that is being written, and the gate that lets it out."""

    def __init__(self) -> None:
        """Nothing has crashed yet."""
        self.dump = b""

    def write_dump(self, build: str, memory: str) -> None:
        """The dumper writes the header first, then the memory of the process."""
        self.append(build.encode() + b"\n")
        self.append(memory.encode())

    def append(self, data: bytes) -> None:
        """Write one part."""
        self.dump += data

    def is_clean(self, data: bytes) -> bool:
        """Credential scanning: is there no private key in `data`?"""
        return b"PRIVATE KEY" not in data


class ReadsTwice(Outbox):
    """Scans the dump, then moves the dump."""

    def export(self, move: Callable[[bytes], None]) -> None:
        """Hand the dump to `move`, which takes it to the other network, when it is clean."""
        if self.dump and self.is_clean(self.dump):
            move(self.dump)


class MovesWhatItScanned(Outbox):
    """The fix: one read; what was scanned is what moves."""

    def export(self, move: Callable[[bytes], None]) -> None:
        """Hand the dump to `move`, which takes it to the other network, when it is clean."""
        sealed = self.dump
        if sealed and self.is_clean(sealed):
            move(sealed)
