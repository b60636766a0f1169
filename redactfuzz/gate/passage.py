"""The way of a dump through the gate: what is done next, and what may never be done.

Decisions alone, over an interface of few operations on files: `Folders` in ``redactfuzz/gate/folders.py`` carries them
out, and a memory of a few dozen lines in ``targets/storm0558/gate`` does for redactfuzz itself, which explores this
very file. So it imports nothing of ours.

A dump goes from stage to stage, each written to a journal **before** what follows from it is done, and each operation
may be done again after a crash in its midst:

    seal -> SEALED -> judge -> JUDGED -> stage -> STAGED -> announce -> ANNOUNCED -> publish -> PUBLISHED -> clear
         -> CLEARED -> discard

- A judgement says by which rules it was made, and leaves with them. One that waited until others held (a disk was full,
  and somebody added a key) is none any more: the dump is SEALED again, as long as it was not published.
- What is judged and what leaves is what was sealed, whatever becomes of the file that it was made of.
- That a dump was published is known by one thing: the part that was staged has become the dump by a rename. Once it
  was announced, one whose part is there was not published, one whose part is gone was, also if somebody has taken it
  since. Before, a part that is gone was removed by somebody, and is staged again.
- The original is removed only after that, and only while it is what was sealed. Else it is looked at as a new dump.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator
from typing import Protocol

import attrs

TRIES = 5
"""So often a dump is judged at most: one that ends the gate with its scanner each time is quarantined."""
REMEMBERED = 1000
"""Dumps that were published while their originals had to stay, of which one may be met again under another name."""


class Stage(enum.Enum):
    """How far a dump has come."""

    SEALED = "sealed"
    JUDGED = "judged"
    STAGED = "staged"
    ANNOUNCED = "announced"
    PUBLISHED = "published"
    CLEARED = "cleared"


class Outlet(enum.Enum):
    """Where a dump leaves the gate."""

    RELEASED = "released"
    QUARANTINED = "quarantined"


class Fate(enum.Enum):
    """What became of the original."""

    REMOVED = "removed"
    KEPT = "kept"
    """Something else is there by now, or somebody has it open for writing."""
    GONE = "gone"


@attrs.frozen
class Source:
    """The original as it was sealed: its name and what the file system says of it. Times are nanoseconds."""

    name: str
    device: int = 0
    inode: int = 0
    size: int = 0
    modified: int = 0
    changed: int = 0


@attrs.frozen
class Rules:
    """What a judgement hangs on, but for the dump."""

    scanner: str = ""
    """Its name and version."""
    asked: str = ""
    """A hash of all that it looks for, and of what fails."""


@attrs.frozen
class Judgement:
    """What a scan of the sealed bytes came to."""

    verdict: str
    """CLEAN, NOTED, INCOMPLETE or LEAK, as `redactfuzz scan` says."""
    not_read: tuple[str, ...] = ()
    """Where, and why."""
    found: tuple[str, ...] = ()
    """Kinds of what was found, and how bad."""
    more: int = 0
    """Of both, that are not listed."""
    rules: Rules = attrs.field(factory=Rules)


@attrs.frozen
class Ticket:
    """One sealed dump, and how far it has come."""

    number: int
    source: Source
    sha256: str
    size: int
    sealed_at: str = ""
    """UTC, as ISO 8601 has it: for people, nothing is decided by it."""
    stage: Stage = Stage.SEALED
    tries: int = 0
    judgement: Judgement | None = None
    outlet: Outlet | None = None
    name: str = ""
    """Under which it leaves."""
    fate: Fate | None = None
    again: bool = False
    """It had left under an earlier number, when its original had to stay."""


class Refused(Exception):
    """A file that is not taken as it is: the message says what it is, and what to do."""


class NotYet(Refused):
    """A file that somebody still writes to: it is looked at again."""


class NameTaken(Exception):
    """Something of that name is there already."""


class Files(Protocol):
    """What the gate does with files. Every operation may be done again; what it did is durable when it returns."""

    def seal(self, name: str, number: int) -> Ticket:
        """Copies a file to a place of the gate's own. Raises Refused."""

    def write(self, ticket: Ticket) -> None:
        """To the journal."""

    def rules(self) -> Rules:
        """Those by which a dump would be judged now."""

    def judge(self, ticket: Ticket) -> Judgement:
        """Scans the sealed bytes. What was staged of them for an earlier judgement is gone before."""

    def free_name(self, ticket: Ticket) -> str:
        """One for the dump that nothing has where it leaves."""

    def stage(self, ticket: Ticket) -> None:
        """Puts the sealed bytes where they leave, under a name that nobody takes for a dump."""

    def announce(self, ticket: Ticket) -> bool:
        """Puts the receipt where the dump will be. False where the part is gone. Raises NameTaken."""

    def publish(self, ticket: Ticket) -> None:
        """Makes that part the dump; does nothing where that was done. Raises NameTaken, without the receipt."""

    def withdraw(self, ticket: Ticket) -> bool:
        """Takes back a receipt that was begun. False where the dump was published: then nothing is taken back."""

    def clear(self, ticket: Ticket) -> Fate:
        """Removes the original if it is what was sealed."""

    def discard(self, ticket: Ticket) -> None:
        """Removes the sealed bytes."""


def outlet_of(judgement: Judgement) -> Outlet:
    """Only what was read wholly, and holds nothing that fails, is released."""
    return Outlet.RELEASED if judgement.verdict in ("CLEAN", "NOTED") else Outlet.QUARANTINED


class Passage:
    """Takes dumps through the gate, one after the other."""

    def __init__(self, files: Files, tickets: Iterable[Ticket] = (), number: int = 0) -> None:
        """``tickets``: what a journal says, each as it was last written; ``number``: the last that was given."""
        self._files = files
        self._number = number
        self.open: dict[int, Ticket] = {}
        """Sealed dumps that are still on their way."""
        self._stayed: dict[str, Ticket] = {}
        """By hash: published, and the original was not removed."""
        self._sources: set[tuple[int, ...]] = set()
        """The files that those were made of."""
        for ticket in tickets:
            self._number = max(self._number, ticket.number)
            if ticket.stage is not Stage.CLEARED:
                self.open[ticket.number] = ticket
                self._sources.add(_identity(ticket.source))
            elif ticket.fate is not Fate.REMOVED:
                self._stayed[ticket.sha256] = ticket

    @property
    def number(self) -> int:
        """The last that was given."""
        return self._number

    @property
    def remembered(self) -> list[Ticket]:
        """What a journal that is written anew has to hold."""
        return [*self._stayed.values(), *self.open.values()]

    def has(self, source: Source) -> bool:
        """Whether a dump on its way was made of this very file, whatever it is called by now."""
        return _identity(source) in self._sources

    def seals(self, name: str) -> Ticket:
        """Seals one file: from here on the dump is on its way. Raises Refused, and what ``seal`` does."""
        self._number += 1
        ticket = self._files.seal(name, self._number)
        before = self._stayed.get(ticket.sha256)
        if before is not None and _same(before.source, ticket.source):
            # Published already: it had been renamed, or was open, when it was to be removed.
            ticket = attrs.evolve(before, number=ticket.number, source=ticket.source, stage=Stage.PUBLISHED, again=True)
        self._files.write(ticket)
        self.open[ticket.number] = ticket
        self._sources.add(_identity(ticket.source))
        return ticket

    def goes_on(self, number: int) -> Iterator[Ticket]:
        """Takes a sealed dump to its end; gives it at each stage that it comes to. What an operation raises ends it:
        the dump stays where it is, and goes on from there when it is asked again.
        """
        ticket = self.open[number]
        while ticket.stage is not Stage.CLEARED:
            ticket = self._written(self._next(ticket))
            yield ticket
        self._files.discard(ticket)
        del self.open[number]
        self._sources.discard(_identity(ticket.source))
        self._remember(ticket)

    def _next(self, ticket: Ticket) -> Ticket:
        """The next stage, with what is to be done for it done; the first one again where other rules hold by now."""
        if self._is_outdated(ticket) and self._files.withdraw(ticket):
            return Ticket(ticket.number, ticket.source, ticket.sha256, ticket.size, ticket.sealed_at)
        if ticket.stage is Stage.SEALED:
            judgement = self._judged(ticket)
            return attrs.evolve(ticket, stage=Stage.JUDGED, judgement=judgement, outlet=outlet_of(judgement))
        if ticket.stage is Stage.JUDGED:
            self._files.stage(ticket)
            return attrs.evolve(ticket, stage=Stage.STAGED, name=ticket.name or self._files.free_name(ticket))
        try:
            if ticket.stage is Stage.STAGED:
                there = self._files.announce(ticket)
                return attrs.evolve(ticket, stage=Stage.ANNOUNCED if there else Stage.JUDGED)
            if ticket.stage is Stage.ANNOUNCED:
                self._files.publish(ticket)
                return attrs.evolve(ticket, stage=Stage.PUBLISHED)
        except NameTaken:
            return attrs.evolve(ticket, stage=Stage.STAGED, name=self._files.free_name(ticket))
        return attrs.evolve(ticket, stage=Stage.CLEARED, fate=self._files.clear(ticket))

    def _is_outdated(self, ticket: Ticket) -> bool:
        waits = ticket.stage in (Stage.JUDGED, Stage.STAGED, Stage.ANNOUNCED)
        return waits and ticket.judgement is not None and ticket.judgement.rules != self._files.rules()

    def _judged(self, ticket: Ticket) -> Judgement:
        rules = self._files.rules()  # before it is scanned: if others hold afterwards, it is judged again
        if ticket.tries >= TRIES:
            why = f"{TRIES} times a scan of this dump did not come to its end"
            return Judgement("INCOMPLETE", (why,), rules=rules)
        try:
            judgement = self._files.judge(self._written(attrs.evolve(ticket, tries=ticket.tries + 1)))
        except KeyboardInterrupt:  # somebody ends the gate, and not this dump
            self._written(ticket)
            raise
        return attrs.evolve(judgement, rules=rules)

    def _written(self, ticket: Ticket) -> Ticket:
        self._files.write(ticket)
        self.open[ticket.number] = ticket
        return ticket

    def _remember(self, ticket: Ticket) -> None:
        self._stayed.pop(ticket.sha256, None)
        if ticket.fate is not Fate.REMOVED:
            self._stayed[ticket.sha256] = ticket
            while len(self._stayed) > REMEMBERED:
                del self._stayed[next(iter(self._stayed))]


def _same(one: Source, other: Source) -> bool:
    return _identity(one) == _identity(other)


def _identity(source: Source) -> tuple[int, ...]:
    """Of one file with one content: a rename changes its name, and when it was changed."""
    return source.device, source.inode, source.size, source.modified
