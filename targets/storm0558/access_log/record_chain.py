"""Records of a log, each with the hash of the one before, and what they say together."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

import attrs

RELEASED, READ, REMOVED, FORGOT = "released", "read", "removed", "forgot"
"""The last one is of no dump: names whose time was over by then were taken out."""
BEGIN = hashlib.sha256(b"an access log without records").hexdigest()


class Tampered(Exception):
    """The log is not what was written. The message names the record."""


@attrs.frozen
class Dump:
    """Which dump: a name may be used again, for other bytes."""

    name: str
    content: str
    """SHA-256."""

    @classmethod
    def of(cls, name: str, data: bytes) -> Dump:
        """The dump with these bytes."""
        return cls(name, hashlib.sha256(data).hexdigest())


@attrs.frozen
class Record:
    """One line. ``who`` is None once it was forgotten: what stays says that somebody did something, and when."""

    number: int
    at: float
    """Seconds since the epoch."""
    dump: str
    content: str
    what: str
    who: str | None
    salt: str | None
    digest: str
    """Of ``who`` with ``salt``: without the salt nobody can try names."""
    hash: str
    """Of all but ``who`` and ``salt``, and of the hash of the record before: a record may be forgotten, and no other
    change goes unnoticed."""

    def linked(self, before: str) -> str:
        """What ``hash`` has to be after a record with the hash ``before``."""
        return _hash_of(before, self.number, self.at, self.dump, self.content, self.what, self.digest)


@attrs.frozen
class Head:
    """The last record. Somebody else keeps it: a log that was cut is right in itself."""

    number: int = 0
    hash: str = BEGIN


@attrs.frozen
class Stay:
    """A dump from its release to its removal: the records of that time, in order. One that is removed never comes
    back; what is released under its name afterwards is another one."""

    records: list[Record]

    @property
    def removed_at(self) -> float | None:
        """None while the dump is there."""
        last = self.records[-1]
        return last.at if last.what == REMOVED else None


def digest_of(who: str, salt: str) -> str:
    """What of ``who`` enters the chain."""
    return _hash_of(salt, who)


def chained(records: Sequence[Record]) -> Head:
    """The head of records that follow each other, in number, in hash and in time. Raises Tampered."""
    head, at = Head(), float("-inf")
    for each in records:
        if each.number != head.number + 1:
            raise Tampered(f"after record {head.number} comes {each.number}")
        if each.hash != each.linked(head.hash):
            raise Tampered(f"record {each.number} was changed, or one before it")
        if each.who is not None and each.digest != digest_of(each.who, each.salt or ""):
            raise Tampered(f"record {each.number} names somebody else")
        if each.at < at:
            raise Tampered(f"record {each.number} is of a time before that of record {head.number}")
        head, at = Head(each.number, each.hash), each.at
    return head


def stays(records: Sequence[Record]) -> list[Stay]:
    """Each dump that was ever released, in order. Raises Tampered where one is read or removed that is not there."""
    found: list[Stay] = []
    there: dict[str, Stay] = {}
    for each in records:
        if each.what == FORGOT:
            continue
        if each.what == RELEASED and each.dump not in there:
            found.append(there.setdefault(each.dump, Stay([])))
        elif each.what == RELEASED or each.dump not in there or there[each.dump].records[0].content != each.content:
            raise Tampered(f"record {each.number} is of a dump that was not there then")
        there[each.dump].records.append(each)
        if each.what == REMOVED:
            del there[each.dump]
    return found


def _hash_of(*values: object) -> str:
    return hashlib.sha256(json.dumps(values, default=repr).encode()).hexdigest()
