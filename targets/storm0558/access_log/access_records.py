"""Who read which dump: records in SQLite, each with the hash of the one before."""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs

RELEASED, READ, REMOVED = "released", "read", "removed"
BEGIN = hashlib.sha256(b"an access log without records").hexdigest()
_SECONDS = 10.0
"""That a writer waits for another one."""
_TABLE = """
create table if not exists records (
    number integer primary key, at real not null, dump text not null, what text not null,
    who text, salt text, digest text not null, hash text not null)
"""


class Tampered(Exception):
    """The log is not what was written. The message names the record."""


class Unanswerable(Exception):
    """The log cannot say any more who read a dump. The message says what was forgotten."""


@attrs.frozen
class Record:
    """One line. ``who`` is None once it was forgotten: what stays says that somebody did something, and when."""

    number: int
    at: float
    """Seconds since the epoch."""
    dump: str
    what: str
    who: str | None
    salt: str | None
    digest: str
    """Of ``who`` with ``salt``: without the salt nobody can try names."""
    hash: str
    """Of all but ``who`` and ``salt``, and of the hash of the record before: a record may be forgotten, and no other
    change goes unnoticed."""


@attrs.frozen
class Head:
    """The last record. Somebody else keeps it: a log that was cut is right in itself."""

    number: int = 0
    hash: str = BEGIN


@attrs.frozen
class ByAge:
    """The policy of the first account: after so many days a record is forgotten, whatever has become of the dump."""

    days: float

    def forgets(self, record: Record, removed_at: float | None, now: float) -> bool:
        """Whether ``record`` is no longer kept."""
        return now - record.at > self.days * 86_400


@attrs.frozen
class AfterTheDump:
    """The fix: who read a dump is kept for as long as the dump exists, and for so many days longer."""

    days: float

    def forgets(self, record: Record, removed_at: float | None, now: float) -> bool:
        """Whether ``record`` is no longer kept."""
        return removed_at is not None and now - removed_at > self.days * 86_400


def digest_of(who: str, salt: str) -> str:
    """What of ``who`` enters the chain."""
    return hashlib.sha256(json.dumps([salt, who]).encode()).hexdigest()


def chained(before: str, number: int, at: float, dump: str, what: str, digest: str) -> str:
    """The hash of a record."""
    return hashlib.sha256(json.dumps([before, number, at, dump, what, digest]).encode()).hexdigest()


@attrs.frozen
class AccessLog:
    """A log in a file. Any number of threads and processes may write; each opens the file for itself."""

    path: Path
    policy: ByAge | AfterTheDump

    def write(self, at: float, who: str, dump: str, what: str) -> Head:
        """Adds a record, durably, and gives the new head. Raises sqlite3.Error: then there is no record."""
        at = float(at)  # as the file has it, and so the hash
        salt = secrets.token_hex(16)
        digest = digest_of(who, salt)
        with self._changing() as file:
            last = self._head(file)
            head = Head(last.number + 1, chained(last.hash, last.number + 1, at, dump, what, digest))
            values = (head.number, at, dump, what, who, salt, digest, head.hash)
            file.execute("insert into records values (?, ?, ?, ?, ?, ?, ?, ?)", values)
        return head

    def forget(self, now: float) -> int:
        """What the policy keeps no longer. Gives how many records that were."""
        with self._changing() as file:
            gone = [each.number for each in self._kept_too_long(list(self._records(file)), now)]
            file.executemany("update records set who = null, salt = null where number = ?", [(each,) for each in gone])
        return len(gone)

    def check(self, head: Head, now: float) -> int:
        """Whether the log is what was written, up to the head that somebody else has kept, and what came after it.

        Gives the number of records. Raises Tampered.
        """
        records = self.records()
        removed = _removals(records)
        before = Head()
        for each in records:
            if each.number != before.number + 1:
                raise Tampered(f"after record {before.number} comes {each.number}")
            if each.hash != chained(before.hash, each.number, each.at, each.dump, each.what, each.digest):
                raise Tampered(f"record {each.number} was changed, or one before it")
            if each.who is not None and each.digest != digest_of(each.who, each.salt or ""):
                raise Tampered(f"record {each.number} names somebody else")
            if each.who is None and not self.policy.forgets(each, removed.get(each.dump), now):
                raise Tampered(f"record {each.number} was forgotten before its time")
            before = Head(each.number, each.hash)
            if each.number == head.number and each.hash != head.hash:
                raise Tampered(f"record {each.number} is not the one that was kept elsewhere")
        if before.number < head.number:
            raise Tampered(f"the log ends with record {before.number}; there was one {head.number}")
        return before.number

    def readers(self, dump: str) -> list[str]:
        """Who read a dump, for as long as it existed, in order. Raises Unanswerable."""
        mine = [each for each in self.records() if each.dump == dump]
        if not mine:
            raise Unanswerable(f"{dump}: it was never released by this service")
        forgotten = sum(each.who is None for each in mine)
        if forgotten:
            raise Unanswerable(f"{dump}: of {len(mine)} records {forgotten} were forgotten: logs were not retained")
        return [each.who or "" for each in mine if each.what == READ]

    def records(self) -> list[Record]:
        """All of them, in order."""
        with self._opened() as file:
            return list(self._records(file))

    def head(self) -> Head:
        """The last record."""
        with self._opened() as file:
            return self._head(file)

    def _kept_too_long(self, records: list[Record], now: float) -> list[Record]:
        removed = _removals(records)
        known = [each for each in records if each.who is not None]
        return [each for each in known if self.policy.forgets(each, removed.get(each.dump), now)]

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        file = sqlite3.connect(self.path, timeout=_SECONDS, isolation_level=None)
        try:
            file.execute("pragma synchronous = full")  # what was written is on the disk
            file.execute("pragma secure_delete = on")  # and what was forgotten is not
            file.execute(_TABLE)
            yield file
        finally:
            file.close()

    @contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        """Nobody else writes between what is read here and what is written."""
        with self._opened() as file:
            file.execute("begin immediate")
            try:
                yield file
            except BaseException:
                file.execute("rollback")
                raise
            file.execute("commit")

    @staticmethod
    def _records(file: sqlite3.Connection) -> Iterator[Record]:
        yield from (Record(*row) for row in file.execute("select * from records order by number"))

    @staticmethod
    def _head(file: sqlite3.Connection) -> Head:
        row = file.execute("select number, hash from records order by number desc limit 1").fetchone()
        return Head(*row) if row else Head()


def _removals(records: list[Record]) -> dict[str, float]:
    """When each dump was removed that does not exist any more."""
    return {each.dump: each.at for each in records if each.what == REMOVED}
