"""What `Passage` asks for, done with files: by descriptors, and durable when it returns."""

from __future__ import annotations

import contextlib
import datetime
import os
import re
import secrets
import stat
from collections.abc import Callable, Iterable, Iterator

import attrs

from redactfuzz.gate import leases
from redactfuzz.gate.journal import Journal
from redactfuzz.gate.names import OWN, RECEIPT, numbers, safe_name
from redactfuzz.gate.passage import (
    Fate,
    Judgement,
    NameTaken,
    NotYet,
    Outlet,
    Refused,
    Rules,
    Source,
    Stage,
    Ticket,
)
from redactfuzz.gate.places import Places, names_in
from redactfuzz.gate.placing import holds, link, put, remove, rename_free, rename_new, there
from redactfuzz.gate.receipt import Signer
from redactfuzz.gate.sealing import SealLimits, copied, hashed, source_of, too_large

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_MAKE = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_TAKEN = ".taken"
_STAGED = (Stage.STAGED, Stage.ANNOUNCED)
_MODES = {Outlet.RELEASED: 0o440, Outlet.QUARANTINED: 0o400}
_KINDS = {
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


class Changed(OSError):
    """A copy that is not what was sealed: the disk, or somebody in the gate's own folder."""


@attrs.frozen
class Folders:
    """``judge_file``: scans a sealed dump, given its path and what it was called; ``rules_now``: by which rules it
    would. ``shown``: a name, as it may be told.
    """

    places: Places
    journal: Journal
    signer: Signer
    judge_file: Callable[[str, Ticket], Judgement]
    rules_now: Callable[[], Rules]
    shown: Callable[[str], str]
    limits: SealLimits = attrs.field(factory=SealLimits)

    # -- before it is sealed

    def glance(self, name: str) -> tuple[Source, bool | None]:
        """What lies there, and whether somebody writes to it (None: nobody knows). Raises Refused and OSError."""
        descriptor = self._open(name)
        try:
            return source_of(name, descriptor), leases.written_by_others(descriptor)
        finally:
            os.close(descriptor)

    def _open(self, name: str) -> int:
        try:
            status = os.stat(name, dir_fd=self.places.source, follow_symlinks=False)
            _take(status)  # before it is opened: to open a device may do something
            descriptor = os.open(name, _READ, dir_fd=self.places.source)
        except FileNotFoundError:
            raise NotYet("it is gone") from None
        try:
            _take(os.fstat(descriptor))
        except Refused:
            os.close(descriptor)
            raise
        return descriptor

    # -- what `Passage` asks for

    def seal(self, name: str, number: int) -> Ticket:
        """A copy in the gate's own folder. Raises Refused; NotYet where the file changed meanwhile."""
        source = self._open(name)
        try:
            before = source_of(name, source)
            if before.size > self.limits.size:
                raise Refused(too_large(before.size, self.limits))
            with self._made(self.places.sealed, str(number)) as target:
                sha256, size = copied(source, target, self.limits)
                if source_of(name, source) != before or size != before.size or leases.written_by_others(source):
                    raise NotYet("it was written to while it was sealed")
        finally:
            os.close(source)
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        return Ticket(number, before, sha256, size, now)

    def write(self, ticket: Ticket) -> None:
        """To the journal."""
        self.journal.write(ticket)

    def rules(self) -> Rules:
        """Those of this moment."""
        return self.rules_now()

    def judge(self, ticket: Ticket) -> Judgement:
        """Through the descriptor: the path of the gate's own folder may be another one by now."""
        for folder in (self.places.released, self.places.quarantined):
            remove(folder, self._part(ticket))
        return self.judge_file(f"/proc/self/fd/{self.places.sealed}/{ticket.number}", ticket)

    def free_name(self, ticket: Ticket) -> str:
        """That of the original, made safe; with a number where that is taken, and after a name that was."""
        folder = self._outlet(ticket)
        wanted = safe_name(ticket.source.name if self.shown(ticket.source.name) == ticket.source.name else "dump")
        return next(
            name
            for name in numbers(wanted)
            if name != ticket.name and not there(folder, name) and not there(folder, name + RECEIPT)
        )

    def stage(self, ticket: Ticket) -> None:
        """By a link; where it cannot be one, by a copy, which is hashed again. Raises Changed and OSError."""
        folder, part = self._outlet(ticket), self._part(ticket)
        remove(folder, part)
        descriptor = link(self.places.sealed, str(ticket.number), folder, part)
        descriptor = self._copied(ticket, folder, part) if descriptor is None else descriptor
        try:
            os.fchmod(descriptor, _MODES[_outlet(ticket)])
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.fsync(folder)

    def _copied(self, ticket: Ticket, folder: int, part: str) -> int:
        """Read again from what was written."""
        source = os.open(str(ticket.number), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=self.places.sealed)
        try:
            with self._made(folder, part) as target:
                copied(source, target, SealLimits(ticket.size, hurried=False))
                if hashed(target) != (ticket.sha256, ticket.size):
                    raise Changed(None, "what was copied to it is not what was sealed")
                return os.dup(target)
        finally:
            os.close(source)

    def announce(self, ticket: Ticket) -> bool:
        """The receipt takes the name, in front of other gates too, and whoever sees the dump can verify it."""
        folder = self._outlet(ticket)
        if not there(folder, self._part(ticket)):
            return False
        if there(folder, ticket.name):
            raise NameTaken(ticket.name)
        self._put_receipt(ticket)
        os.fsync(folder)
        return True

    def _put_receipt(self, ticket: Ticket) -> None:
        folder, name, data = self._outlet(ticket), ticket.name + RECEIPT, self._receipt(ticket)
        if not holds(folder, name, data) and not put(folder, self._own(ticket, "receipt"), name, data):
            raise NameTaken(ticket.name)

    def publish(self, ticket: Ticket) -> None:
        """By a rename. The receipt may have been taken back, or away, before."""
        folder, part = self._outlet(ticket), self._part(ticket)
        if not there(folder, part):
            return
        self._put_receipt(ticket)
        try:
            rename_new(folder, part, ticket.name)
        except FileExistsError:
            self._take_back(ticket)
            raise NameTaken(ticket.name) from None
        os.fsync(folder)

    def withdraw(self, ticket: Ticket) -> bool:
        """The part stays until the journal has it: one that is gone after it was announced was published."""
        if ticket.stage is Stage.ANNOUNCED and not there(self._outlet(ticket), self._part(ticket)):
            return False
        if ticket.name:
            self._take_back(ticket)
        return True

    def _take_back(self, ticket: Ticket) -> None:
        """Our own receipt: there may be none, or one of somebody else."""
        folder, name = self._outlet(ticket), ticket.name + RECEIPT
        if holds(folder, name, self._receipt(ticket)):
            remove(folder, name)

    def _receipt(self, ticket: Ticket) -> bytes:
        return self.signer.receipt(ticket, self.shown(ticket.source.name))

    def clear(self, ticket: Ticket) -> Fate:
        """Moved aside first, so that what is removed is what was looked at, whoever renames what meanwhile: to a name
        that nobody can have taken before.
        """
        try:
            descriptor = self._open(ticket.source.name)
        except Refused as error:
            return Fate.GONE if isinstance(error, NotYet) else Fate.KEPT
        try:
            with leases.unwritten(descriptor) as hold:
                if not (hold.alone and self._unchanged(descriptor, ticket)):
                    return Fate.KEPT
                aside = self._own(ticket, f"{secrets.token_hex(8)}{_TAKEN}")
                try:
                    rename_new(self.places.source, ticket.source.name, aside)
                except FileNotFoundError:  # renamed in this very moment
                    return Fate.GONE
                return self._removed(aside, ticket, keep=hold.awaited)
        finally:
            os.close(descriptor)

    def _unchanged(self, descriptor: int, ticket: Ticket) -> bool:
        """What the file system says of it, or where that is something else, its bytes."""
        now = source_of(ticket.source.name, descriptor)
        if now == ticket.source:
            return True
        alike = (now.device, now.inode, now.size) == (ticket.source.device, ticket.source.inode, ticket.size)
        try:
            return alike and hashed(descriptor) == (ticket.sha256, ticket.size)
        except NotYet:  # it grows
            return False

    def _removed(self, aside: str, ticket: Ticket, *, keep: bool) -> Fate:
        """What was moved aside, where it is what was sealed; else, or to ``keep`` it, it is put back."""
        folder, source = self.places.source, ticket.source
        status = os.stat(aside, dir_fd=folder, follow_symlinks=False)
        ours = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
        if not keep and ours == (source.device, source.inode, source.size, source.modified):
            os.unlink(aside, dir_fd=folder)
            os.fsync(folder)
            return Fate.REMOVED
        rename_free(folder, aside, numbers(source.name))
        return Fate.KEPT

    def discard(self, ticket: Ticket) -> None:
        """It may be gone already."""
        remove(self.places.sealed, str(ticket.number))

    # -- when it starts

    def intact(self, ticket: Ticket) -> bool:
        """Whether a ticket of before can go on: one that is to be judged or staged needs the sealed bytes, as they
        were.
        """
        if ticket.stage in (Stage.PUBLISHED, Stage.CLEARED):
            return True
        part = there(self._outlet(ticket), self._part(ticket))
        outdated = ticket.judgement is None or ticket.judgement.rules != self.rules()
        waits = ticket.stage in _STAGED and part and not outdated
        if waits or (ticket.stage is Stage.ANNOUNCED and not part):
            return True
        try:
            descriptor = os.open(
                str(ticket.number), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=self.places.sealed
            )
        except OSError:
            return False
        try:
            return hashed(descriptor) == (ticket.sha256, ticket.size)
        finally:
            os.close(descriptor)

    def is_sealed(self, ticket: Ticket) -> bool:
        """Whether the sealed bytes are there."""
        return there(self.places.sealed, str(ticket.number))

    def put_back(self, tickets: Iterable[Ticket]) -> None:
        """What a gate before had moved aside when it ended: it is looked at again."""
        known, folder = {ticket.number: ticket.source.name for ticket in tickets}, self.places.source
        for name in names_in(folder):
            of_ours = re.fullmatch(
                rf"{re.escape(OWN + self.journal.gate)}-(\d{{1,18}})\.[0-9a-f]+{re.escape(_TAKEN)}", name
            )
            if of_ours and stat.S_ISREG(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
                rename_free(folder, name, numbers(known.get(int(of_ours[1]), "dump")))

    def sweep(self, tickets: Iterable[Ticket]) -> None:
        """Removes what was sealed, and staged, without a ticket that needs it. The originals of these are there."""
        needed = {ticket.number: ticket for ticket in tickets}
        for name in names_in(self.places.sealed):
            if not (name.isdigit() and int(name) in needed):
                remove(self.places.sealed, name)
        kept = {self._part(ticket) for ticket in needed.values() if ticket.stage in _STAGED}
        for folder in (self.places.released, self.places.quarantined):
            for name in names_in(folder):
                if name.startswith(f"{OWN}{self.journal.gate}-") and name not in kept:
                    remove(folder, name)

    # --

    def _outlet(self, ticket: Ticket) -> int:
        return self.places.released if _outlet(ticket) is Outlet.RELEASED else self.places.quarantined

    def _part(self, ticket: Ticket) -> str:
        return self._own(ticket, "part")

    def _own(self, ticket: Ticket, kind: str) -> str:
        return f"{OWN}{self.journal.gate}-{ticket.number}.{kind}"

    @contextlib.contextmanager
    def _made(self, folder: int, name: str) -> Iterator[int]:
        """A new file, which is gone again where writing it fails."""
        remove(folder, name)
        descriptor = os.open(name, _MAKE, 0o600, dir_fd=folder)
        try:
            yield descriptor
        except BaseException:
            remove(folder, name)
            raise
        finally:
            os.close(descriptor)


def _outlet(ticket: Ticket) -> Outlet:
    """Where it was not judged it is not released."""
    return ticket.outlet or Outlet.QUARANTINED


def _take(status: os.stat_result) -> None:
    """Raises Refused for what is no dump."""
    if not stat.S_ISREG(status.st_mode):
        kind = _KINDS.get(stat.S_IFMT(status.st_mode), "no file")
        raise Refused(f"it is {kind}, and no file: dumps are files that lie in the folder itself")
    if status.st_nlink > 1:
        raise Refused(
            f"the file has {status.st_nlink} names (hard links): it may be a file of somebody else's. Leave it this one"
        )
