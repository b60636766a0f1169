"""What a gate is about to do, as lines in a file: what is there when it starts again is all that it knows.

The first line names the gate, every other one is a ticket; of the lines with one number the last counts. A last line
without its end was never finished. A line that cannot be read otherwise ends the gate: it guesses nothing.
"""

from __future__ import annotations

import errno
import json
import os
import secrets
from collections.abc import Iterable

import attrs
import cattrs

from redactfuzz.gate.names import OWN
from redactfuzz.gate.passage import Stage, Ticket

_NAME, _NEW = "journal", "journal.new"
FORMAT = 1
_LINES = 10_000
"""Of a journal that is written anew when nothing is on its way."""


class JournalError(Exception):
    """A journal that cannot be used. The message says why, and what to do."""


@attrs.define(eq=False)
class Journal:
    """That of the gate that has this folder (a descriptor). ``gate``: its name, in names of files that it makes."""

    _folder: int
    _file: int
    gate: str
    number: int
    tickets: tuple[Ticket, ...]
    """As they were last written before this start."""
    last: int = 0
    """The number in the last line, where it was written since the journal was begun: who wrote it may have ended before
    anybody was told.
    """
    _lines: int = 0

    @classmethod
    def opened(cls, folder: int) -> Journal:
        """Reads what is there, or begins. Raises JournalError and OSError."""
        try:
            data = _content(folder)
        except FileNotFoundError:
            data = b""
        whole = data[: data.rfind(b"\n") + 1]
        if not whole:
            journal = cls(folder, -1, secrets.token_hex(4), 0, ())
            journal.rewrite(())
            return journal
        gate, number, tickets, last = _read(whole)
        file = os.open(_NAME, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
        os.ftruncate(file, len(whole))
        os.lseek(file, 0, os.SEEK_END)
        return cls(folder, file, gate, number, tickets, last, whole.count(b"\n"))

    def write(self, ticket: Ticket) -> None:
        """One line: all of it or nothing. On the disk where what follows must not happen without it."""
        line = _line(attrs.asdict(ticket, value_serializer=lambda _, __, value: _plain(value)))
        _append(self._file, line)
        self.number = max(self.number, ticket.number)
        self._lines += 1
        if ticket.stage is Stage.ANNOUNCED:
            os.fdatasync(self._file)

    @property
    def long(self) -> bool:
        """Whether it should be written anew."""
        return self._lines > _LINES

    def rewrite(self, tickets: Iterable[Ticket]) -> None:
        """With these alone."""
        file = os.open(
            _NEW, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600, dir_fd=self._folder
        )
        records = [attrs.asdict(each, value_serializer=lambda _, __, value: _plain(value)) for each in tickets]
        head = {"gate": self.gate, "format": FORMAT, "number": self.number, "told": len(records)}
        lines = [_line(record) for record in (head, *records)]
        try:
            _append(file, b"".join(lines))
            os.fsync(file)
            os.rename(_NEW, _NAME, src_dir_fd=self._folder, dst_dir_fd=self._folder)
            os.fsync(self._folder)
        except OSError:
            os.close(file)
            raise
        if self._file >= 0:
            os.close(self._file)
        self._file, self._lines = file, len(lines)

    @property
    def descriptors(self) -> tuple[int, ...]:
        """What a process that is forked of ours should not have."""
        return (self._file,)


def _content(folder: int) -> bytes:
    with os.fdopen(os.open(_NAME, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder), "rb") as file:
        return file.read()


def _read(data: bytes) -> tuple[str, int, tuple[Ticket, ...], int]:
    tickets: dict[int, Ticket] = {}
    gate, number, told, last = "", 0, 0, 0
    for at, line in enumerate(data.splitlines(), 1):
        try:
            record = json.loads(line)
            if at == 1:
                gate, number, told = str(record["gate"]), int(record["number"]), int(record.get("told", 0))
                if record["format"] != FORMAT or not gate.isalnum():
                    raise ValueError(at)
                continue
            ticket = cattrs.structure(record, Ticket)
        except Exception:  # whatever it holds
            raise JournalError(
                f"line {at} of the gate's journal cannot be read: another version wrote it, or the disk lost it. "
                "What was sealed lies beside it, and every original that was not released is where it was; one that "
                "was released, or quarantined, may be there still, and leaves again. Copy the receipt key out of the "
                f"folder (for --sign-with), move it away, remove {OWN}*.part from --to and --quarantine, start again."
            ) from None
        tickets[ticket.number] = ticket
        number = max(number, ticket.number)
        last = ticket.number if at > told + 1 else 0
    return gate, number, tuple(tickets.values()), last


def _append(file: int, data: bytes) -> None:
    before = os.lseek(file, 0, os.SEEK_CUR)
    try:
        if os.write(file, data) == len(data):
            return
        error = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    except OSError as failed:
        error = failed
    os.ftruncate(file, before)
    os.lseek(file, before, os.SEEK_SET)
    raise error


def _line(record: dict[str, object]) -> bytes:
    return json.dumps(record).encode("ascii") + b"\n"


def _plain(value: object) -> object:
    return getattr(value, "value", value)
