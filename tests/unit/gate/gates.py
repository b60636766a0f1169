"""A gate in a folder of the test's, without the command: what it scans for is a word."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs

from redactfuzz.gate import leases, receipt
from redactfuzz.gate.folders import Folders
from redactfuzz.gate.journal import Journal
from redactfuzz.gate.looking import Looking
from redactfuzz.gate.names import OWN, RECEIPT
from redactfuzz.gate.passage import Judgement, Rules, Ticket
from redactfuzz.gate.places import opened
from redactfuzz.gate.sealing import SealLimits
from redactfuzz.gate.work import Work

SECRET = b"THE KEY"
RULES = Rules("a scanner 1", "rules")


def judged(path: str, ticket: Ticket) -> Judgement:
    """LEAK where the word is, INCOMPLETE where a dump says that it was cut."""
    data = Path(path).read_bytes()
    verdict = "LEAK" if SECRET in data else "INCOMPLETE" if b"is cut" in data else "CLEAN"
    return Judgement(verdict, ("dump: cut",) if verdict == "INCOMPLETE" else ())


@attrs.frozen
class Gate:
    """The folders of one, by their paths, and what it told."""

    folder: Path
    own: Path
    told: list[dict[str, Any]] = attrs.field(factory=list)

    @classmethod
    def at(cls, folder: Path, own: Path | None = None) -> Gate:
        gate = cls(folder, own or folder / "quarantine" / ".gate")
        for path in (gate.source, gate.released, gate.quarantined):
            path.mkdir(parents=True, exist_ok=True)
        return gate

    @property
    def source(self) -> Path:
        return self.folder / "from"

    @property
    def released(self) -> Path:
        return self.folder / "to"

    @property
    def quarantined(self) -> Path:
        return self.folder / "quarantine"

    @contextlib.contextmanager
    def at_work(
        self,
        judge: Callable[[str, Ticket], Judgement] = judged,
        limits: SealLimits | None = None,
        patience: float = 0.0,
        rules: Rules = RULES,
        log: Path | None = None,
    ) -> Iterator[Work]:
        def tell(event: dict[str, Any]) -> None:
            self.told.append(event)
            if log is not None:
                with log.open("a") as file:
                    file.write(json.dumps(event) + "\n")

        leases.ignore_their_ends()
        with opened(self.source, self.released, self.quarantined, self.own) as places:
            receipt.make_key(places.own)
            signer = receipt.Signer(self.own / receipt.KEY)
            journal = Journal.opened(places.own)
            try:
                shown, sealing = (lambda name: name), limits or SealLimits()
                folders = Folders(places, journal, signer, judge, lambda: rules, shown, sealing)
                yield Work.begin(folders, Looking(0.0, patience), tell)
            finally:
                for descriptor in journal.descriptors:
                    os.close(descriptor)

    def look(self, **options: Any) -> Work:
        """Once."""
        with self.at_work(**options) as work:
            work.look()
            return work

    def events(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.told if event["event"] == kind]


def dumps_of(folder: Path) -> dict[str, bytes]:
    """What lies there under names of dumps; each has a receipt."""
    names = [each.name for each in folder.iterdir() if each.is_file() and not each.name.startswith(OWN)]
    found = {name: (folder / name).read_bytes() for name in names if not name.endswith(RECEIPT)}
    assert all(f"{name}{RECEIPT}" in names for name in found)
    return found
