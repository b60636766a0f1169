"""One look through the folder after the other: what is ripe is taken through the gate, all else is told once."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable
from typing import Any

import attrs

from redactfuzz.gate import arriving
from redactfuzz.gate.folders import Folders
from redactfuzz.gate.looking import Looking, Wait
from redactfuzz.gate.metrics import Tally
from redactfuzz.gate.names import OWN
from redactfuzz.gate.passage import NotYet, Outlet, Passage, Refused, Stage, Ticket
from redactfuzz.gate.places import names_in

Tell = Callable[[dict[str, Any]], None]
"""An event, as plain values. What it raises ends the gate: what cannot be told is not released."""
_OUTDATED = "it was judged by other rules than those of now, or by another version: it is judged again"
_DAMAGED = "the disk has lost what was sealed of it: its original is sealed again"


@attrs.define(eq=False)
class Work:
    """A gate at work. `begin` once, then `look` again and again."""

    folders: Folders
    passage: Passage
    looking: Looking
    tell: Tell
    tally: Tally = attrs.field(factory=Tally)
    leaks: int = 0
    """Dumps that were quarantined since something was found."""
    unread: int = 0
    """Dumps that were quarantined for another reason."""
    waiting: dict[str, Wait] = attrs.field(factory=dict)
    refused: dict[str, str] = attrs.field(factory=dict)
    failed: dict[str, str] = attrs.field(factory=dict)
    """What could not be done at the last look, by what was tried."""
    _before: dict[str, str] = attrs.field(factory=dict)
    """The same of the look before: what fails in the same way is told once."""

    @classmethod
    def begin(cls, folders: Folders, looking: Looking, tell: Tell) -> Work:
        """Takes up what a gate before has left. Raises OSError."""
        journal = folders.journal
        intact = {each.number: each for each in journal.tickets if folders.intact(each)}
        passage = Passage(folders, intact.values(), journal.number)
        work = cls(folders, passage, looking, tell)
        for ticket in journal.tickets:
            if ticket.number not in intact:
                tell({"event": "failed", **work.said_of(ticket), "reason": _DAMAGED})
            elif ticket.stage is not Stage.CLEARED or (ticket.number == journal.last and folders.is_sealed(ticket)):
                tell({"event": "resumed", **work.said_of(ticket)})
                if ticket.number == journal.last and not ticket.again:
                    work._tells(ticket)  # a stage is written before it is told: this one may not have been
        folders.put_back(journal.tickets)
        journal.number = passage.number
        journal.rewrite(passage.remembered)
        folders.sweep(passage.open.values())
        return work

    def look(self, only: Collection[str] | None = None) -> Collection[str]:
        """All that can be done now, with files of these names alone, if any are given. What fails is told, and tried
        again at the next look. The names that are there.
        """
        self._before, self.failed = self.failed, {}
        for number in list(self.passage.open):
            self._goes_on(number)
        try:
            names = [name for name in self._names() if only is None or name in only]
        except OSError as error:
            self.fails("(--from)", error)
            return ()
        self._keep(names)
        for name in names:
            if self._is_ripe(name):
                self._takes(name)
        if self.folders.journal.long:
            try:
                self.folders.journal.rewrite(self.passage.remembered)
            except OSError as error:
                self.fails("(the journal)", error)
        self.tally.waiting, self.tally.refused = len(self.waiting), len(self.refused)
        self.tally.sealed, self.tally.looked_at = len(self.passage.open), time.time()
        return names

    def _names(self) -> list[str]:
        """Of all that may be a dump."""
        entries = names_in(self.folders.places.source)
        for name in arriving.adopt(self.folders.places.source, entries):
            reason = "its receiver ended before all of it had come"
            self.tell({"event": "adopted", "dump": self.folders.shown(name), "reason": reason})
            entries.append(name)
        return sorted(name for name in entries if not name.startswith(OWN))

    def _is_ripe(self, name: str) -> bool:
        try:
            source, writers = self.folders.glance(name)
        except NotYet:
            return False  # gone
        except (Refused, OSError) as error:
            self._refuses(name, _reason(error))
            return False
        self.refused.pop(name, None)
        if self.passage.has(source):
            return False  # it is on its way, or has left and cannot be removed: that was told
        wait = self.looking.decide(source, writers, time.monotonic())
        return wait is None or self._waits(name, wait)

    def _takes(self, name: str) -> None:
        try:
            ticket = self.passage.seals(name)
        except NotYet as error:
            self._waits(name, self.looking.postponed(name, str(error), time.monotonic()))
            return
        except Refused as error:
            self._refuses(name, str(error))
            return
        except OSError as error:
            self.fails(self.folders.shown(name), error)
            return
        self.waiting.pop(name, None)
        self.tell({"event": "sealed", **self.said_of(ticket)})
        self._goes_on(ticket.number)

    def _goes_on(self, number: int) -> None:
        started = time.monotonic()
        try:
            for ticket in self.passage.goes_on(number):
                if ticket.stage is Stage.JUDGED:
                    self.tally.seconds += time.monotonic() - started
                if ticket.stage is Stage.SEALED:
                    self.tell({"event": "withdrawn", **self.said_of(ticket), "reason": _OUTDATED})
                else:
                    self._tells(ticket)
        except (OSError, Refused) as error:
            ticket = self.passage.open[number]
            left = ticket.stage is Stage.PUBLISHED
            self.fails(f"dump {number}{', which has left and whose original is still there' if left else ''}", error)

    def _tells(self, ticket: Ticket) -> None:
        self.tell({"event": ticket.stage.value, **self.said_of(ticket)})
        if ticket.stage is not Stage.PUBLISHED or ticket.again or ticket.judgement is None or ticket.outlet is None:
            return
        self.tally.outcomes[ticket.outlet.value, ticket.judgement.verdict] += 1
        self.tally.octets += ticket.size
        if ticket.outlet is Outlet.QUARANTINED:
            leaks = ticket.judgement.verdict == "LEAK"
            self.leaks, self.unread = self.leaks + leaks, self.unread + (not leaks)

    def _waits(self, name: str, wait: Wait) -> bool:
        known = self.waiting.get(name)
        if wait.late and (known is None or not known.late):
            self.tell({"event": "waits", "dump": self.folders.shown(name), "reason": wait.reason})
        self.waiting[name] = wait
        return False

    def _refuses(self, name: str, reason: str) -> None:
        if self.refused.get(name) != reason:
            self.tell({"event": "refused", "dump": self.folders.shown(name), "reason": reason})
        self.refused[name] = reason

    def fails(self, what: str, error: Exception) -> None:
        """Tells it, if it did not fail in the same way at the last look, and counts it."""
        reason = _reason(error)
        self.tally.errors += 1
        if self._before.get(what) != reason:
            self.tell({"event": "failed", "dump": what, "reason": f"{reason}; it is tried again"})
        self.failed[what] = reason

    def _keep(self, names: Iterable[str]) -> None:
        there = set(names)
        self.looking.keep(there)
        self.waiting = {name: wait for name, wait in self.waiting.items() if name in there}
        self.refused = {name: reason for name, reason in self.refused.items() if name in there}

    def said_of(self, ticket: Ticket) -> dict[str, Any]:
        """What an event says of a dump: nothing that was in it."""
        judged = ticket.judgement
        return {
            "dump": self.folders.shown(ticket.source.name),
            "number": ticket.number,
            "sha256": ticket.sha256,
            "size": ticket.size,
            "verdict": None if judged is None else judged.verdict,
            "not_read": [] if judged is None else list(judged.not_read),
            "found": [] if judged is None else list(judged.found),
            "rules": None if judged is None else judged.rules.asked,
            "outlet": None if ticket.outlet is None else ticket.outlet.value,
            "name": ticket.name or None,
            "original": None if ticket.fate is None else ticket.fate.value,
        }


def _reason(error: Exception) -> str:
    """Without a path: it may be a name that nobody may read."""
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return str(error)
