"""Who read which dump: records in SQLite, and in a second file, which somebody else keeps, the hash of the last one."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs
from record_chain import FORGOT, READ, RELEASED, REMOVED, Dump, Head, Record, Tampered, chained, digest_of, stays
from retention import DAY, AfterTheDump, ByAge

_SECONDS = 10.0
"""That a writer waits for another one."""
_MOMENT = 60.0
"""Seconds. A clock that is set right goes back by so much, and a writer that waited comes later by so much."""
_TABLES = """
create table records (
    number integer primary key, at real not null, dump text not null, content text not null, what text not null,
    who text, salt text, digest text not null, hash text not null);
create index of_a_dump on records (dump, what, number);
create table kept.heads (number integer primary key, hash text not null);
"""
_ALL = "select number, at, dump, content, what, who, salt, digest, hash from records order by number"
_LAST = "select number, at, hash from records order by number desc limit 1"
_KEPT = "select number, hash from kept.heads order by number desc limit 1"
_THERE = f"""
select content, what from records where dump = ? and what in ('{RELEASED}', '{REMOVED}') order by number desc limit 1
"""
_NO_DUMP = Dump("", "")


class OutOfOrder(Exception):
    """What was to be written cannot have happened now, and was not written. The message says why."""


class Unanswerable(Exception):
    """The log cannot say (any more) who read a dump. The message says what was forgotten."""


@attrs.frozen
class AccessLog:
    """A log in a file. Any number of threads and processes may write; each opens the file for itself.

    ``heads`` is a file that whoever can change the log cannot change: with each record its hash goes there, in one
    transaction of both files. The log has to end where that one ends.
    """

    path: Path
    heads: Path
    policy: ByAge | AfterTheDump

    def begin(self) -> None:
        """Makes both files, once and on purpose. Raises FileExistsError: a log that is gone is not begun anew."""
        for each in (self.path, self.heads):
            each.touch(exist_ok=False)
        with self._opened() as file:
            file.executescript(_TABLES)

    def write(self, at: float, who: str, dump: Dump, what: str) -> int:
        """Adds a record, durably, and gives its number.

        Where it raises there is no record: OutOfOrder, Tampered (it does not end as it was left), sqlite3.Error.
        """
        salt = secrets.token_hex(16)
        with self._changing() as file:
            last_at, last = self._last(file)
            if at < last_at - _MOMENT:
                raise OutOfOrder(f"the clock went back: the last record is {last_at - at:.0f} s after what it shows")
            self._has_its_place(file, dump, what)
            when = max(float(at), last_at)
            new = Record(
                last.number + 1, when, dump.name, dump.content, what, who, salt, digest_of(who, salt), hash=""
            )
            new = attrs.evolve(new, hash=new.linked(last.hash))
            file.execute("insert into records values (?, ?, ?, ?, ?, ?, ?, ?, ?)", attrs.astuple(new))
            file.execute("insert into kept.heads values (?, ?)", (new.number, new.hash))
        return new.number

    def forget(self, now: float) -> int:
        """What the policy keeps no longer: first that is written, with the time, then names are taken out.

        Gives how many records that were. Raises OutOfOrder: a clock that was never so far from the last record may be
        wrong, and names do not come back.
        """
        with self._opened() as file:
            last_at, last = self._last(file)
        if last.number and now - last_at > self.policy.days * DAY:
            days = (now - last_at) / DAY
            raise OutOfOrder(f"the last record is {days:.0f} days old: first somebody looks at the clock")
        self.write(now, "log", _NO_DUMP, FORGOT)
        with self._changing() as file:
            gone = [(each.number,) for each in self._due(list(self._records(file)), now) if each.who is not None]
            file.executemany("update records set who = null, salt = null where number = ?", gone)
        return len(gone)

    def check(self) -> int:
        """Whether the log is what was written, up to its last record. Gives how many there are.

        Raises Tampered, or sqlite3.Error where a file is no such log at all.
        """
        return len(self._checked())

    def readers(self, name: str, released: int | None = None) -> list[str]:
        """Who read a dump, for as long as it existed, in order: of those that had the name, the last one.

        ``released``: the number of the record of its release, for an earlier one. Raises Unanswerable, or Tampered.
        """
        all_of_them = [each.records for each in stays(self._checked())]
        mine = [each for each in all_of_them if each[0].dump == name and released in (None, each[0].number)]
        if not mine:
            raise Unanswerable(f"{name}: it was never released by this service")
        forgotten = sum(each.who is None for each in mine[-1])
        if forgotten:
            raise Unanswerable(f"{name}: of {len(mine[-1])} records {forgotten} were forgotten: logs were not retained")
        return [each.who or "" for each in mine[-1] if each.what == READ]

    def there(self, name: str) -> Dump | None:
        """Which dump has the name now."""
        with self._opened() as file:
            return self._there(file, name)

    def records(self) -> list[Record]:
        """All of them, in order."""
        with self._opened() as file:
            return list(self._records(file))

    def _checked(self) -> list[Record]:
        with self._opened() as file:
            file.execute("begin")  # of both files what they were at one moment
            records, kept = list(self._records(file)), file.execute(_KEPT).fetchone()
        _ends(chained(records), kept)
        forgot = [each.at for each in records if each.what == FORGOT]
        due = {each.number for each in self._due(records, forgot[-1])} if forgot else set()
        early = next((each for each in records if each.who is None and each.number not in due), None)
        if early is not None:
            raise Tampered(f"record {early.number} was forgotten before its time")
        return records

    def _due(self, records: list[Record], now: float) -> list[Record]:
        removed = {each.number: stay.removed_at for stay in stays(records) for each in stay.records}
        return [each for each in records if self.policy.forgets(each.at, removed.get(each.number), now)]

    def _has_its_place(self, file: sqlite3.Connection, dump: Dump, what: str) -> None:
        there = self._there(file, dump.name)
        if what == RELEASED and there is not None:
            raise OutOfOrder(f"{dump.name}: a dump of that name is there; it has to be removed first")
        if what in (READ, REMOVED) and there != dump:
            raise OutOfOrder(f"{dump.name}: this dump is not there: not released, or removed, or with other bytes")

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        gone = next((each for each in (self.path, self.heads) if not each.exists()), None)
        if gone is not None:
            raise Tampered(f"{gone}: it is gone, or was never begun")
        there = "{}?mode=rw"
        uri = there.format(self.path.absolute().as_uri())
        file = sqlite3.connect(uri, uri=True, timeout=_SECONDS, isolation_level=None)
        try:
            file.execute("attach ? as kept", (there.format(self.heads.absolute().as_uri()),))
            file.execute("pragma main.synchronous = full")  # what was written is on the disk
            file.execute("pragma kept.synchronous = full")
            file.execute("pragma secure_delete = on")  # and what was forgotten is not
            yield file
        finally:
            file.close()

    @contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        """Nobody else writes between what is read here and what is written, in both files or in neither."""
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
        yield from (Record(*row) for row in file.execute(_ALL))

    @staticmethod
    def _last(file: sqlite3.Connection) -> tuple[float, Head]:
        """When the last record was written, and which. Raises Tampered where it is not the one that was kept."""
        row, kept = file.execute(_LAST).fetchone(), file.execute(_KEPT).fetchone()
        head = Head(row[0], row[2]) if row else Head()
        _ends(head, kept)
        return (row[1] if row else float("-inf")), head

    @staticmethod
    def _there(file: sqlite3.Connection, name: str) -> Dump | None:
        row = file.execute(_THERE, (name,)).fetchone()
        return Dump(name, row[0]) if row and row[1] == RELEASED else None


def _ends(head: Head, kept: tuple[int, str] | None) -> None:
    if head != (Head(*kept) if kept else Head()):
        raise Tampered(f"the log ends with record {head.number}, and not with the one that was kept elsewhere")
