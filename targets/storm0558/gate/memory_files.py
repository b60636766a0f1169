"""A folder in memory, its writers, and what the gate of redactfuzz asks of files, done there.

As far as these races go it is what a file system is: names that lead to files, and files that outlive their names.
"""

import hashlib
import threading
from collections.abc import Callable

import attrs
from passage import Fate, Judgement, NotYet, Outlet, Passage, Refused, Rules, Source, Stage, Ticket


@attrs.define(eq=False)
class File:
    """Bytes; who has it open writes to it whatever its name has become."""

    data: bytes
    inode: int = 0


@attrs.define(eq=False)
class Yard:
    """Where dumps arrive, and what gates keep. `release`: takes a dump to the other network."""

    is_clean: Callable[[bytes], bool]
    release: Callable[[bytes], None]
    names: dict[str, File | None] = attrs.field(factory=dict)
    """None: there was one, and it is gone."""
    sealed: dict[int, bytes] = attrs.field(factory=dict)
    lock: threading.Lock = attrs.field(factory=threading.Lock)
    rules: Rules = attrs.field(factory=Rules)
    """What is asked of a dump."""

    def read(self, name: str) -> bytes:
        """All of a file; nothing where there is none."""
        file = self.names.get(name)
        return file.data if file else b""

    def append(self, name: str, data: bytes) -> None:
        """To the file of that name; a new one where there is none."""
        file = self.names.get(name)
        if file is None:
            file = self.names[name] = File(b"", inode=1)
        file.data += data


@attrs.define(eq=False)
class MemoryFiles:
    """`passage.Files`, in a yard."""

    yard: Yard
    journal: dict[int, Ticket] = attrs.field(factory=dict)
    staged: dict[int, bytes] = attrs.field(factory=dict)

    def seal(self, name: str, number: int) -> Ticket:
        file = self.yard.names.get(name)
        if file is None:
            raise Refused("it is gone")
        half = len(file.data) // 2
        data = file.data[:half]
        data += file.data[half:]
        if file.data != data:
            raise NotYet("it was written to while it was sealed")
        self.yard.sealed[number] = data
        sha256 = hashlib.sha256(data).hexdigest()
        return Ticket(number, Source(name, 0, file.inode, len(data)), sha256, len(data))

    def write(self, ticket: Ticket) -> None:
        self.journal[ticket.number] = ticket

    def rules(self) -> Rules:
        return self.yard.rules

    def judge(self, ticket: Ticket) -> Judgement:
        self.staged.pop(ticket.number, None)
        data = self.yard.sealed[ticket.number]
        if not data:
            return Judgement("INCOMPLETE")  # as a scan says of an empty file
        return Judgement("CLEAN" if self.yard.is_clean(data) else "LEAK")

    def free_name(self, ticket: Ticket) -> str:
        return ticket.source.name

    def stage(self, ticket: Ticket) -> None:
        self.staged[ticket.number] = self.yard.sealed[ticket.number]

    def announce(self, ticket: Ticket) -> bool:
        return ticket.number in self.staged

    def publish(self, ticket: Ticket) -> None:
        data = self.staged.pop(ticket.number, None)
        if data is not None and ticket.outlet is Outlet.RELEASED:
            self.yard.release(data)

    def withdraw(self, ticket: Ticket) -> bool:
        return ticket.stage is not Stage.ANNOUNCED or ticket.number in self.staged

    def clear(self, ticket: Ticket) -> Fate:
        file = self.yard.names.get(ticket.source.name)
        if file is None:
            return Fate.GONE
        if file.inode != ticket.source.inode or len(file.data) != ticket.size:
            return Fate.KEPT
        aside = self.yard.names.pop(ticket.source.name, None)
        if aside is None or aside is file:
            return Fate.REMOVED
        self.yard.names[ticket.source.name] = aside
        return Fate.KEPT

    def discard(self, ticket: Ticket) -> None:
        self.yard.sealed.pop(ticket.number, None)


def through_the_gate(yard: Yard, name: str) -> None:
    """One dump, by the gate of redactfuzz, as it is when no other is at work."""
    if not yard.lock.acquire(blocking=False):
        return
    passage = Passage(MemoryFiles(yard))
    try:
        for _ in passage.goes_on(passage.seals(name).number):
            pass
    except Refused:
        pass
    finally:
        yard.lock.release()
