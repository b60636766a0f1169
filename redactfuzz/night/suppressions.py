"""Findings that somebody has looked at and lives with for a while: each with a reason, and none for ever.

A TOML file that belongs beside the code, so that a review sees it:

    [[suppressed]]
    key = "534bed6e64a5"
    reason = "fixed upstream in 2.3, which we take in March"
    until = 2027-03-31

One that gives away more than it did counts again, in spite of its entry, until that says so: `worse = 1`, as often as
`triage` says that it became worse.
"""

from __future__ import annotations

import datetime
import os
import stat
import tomllib
from collections import Counter
from pathlib import Path

import attrs

FILE = Path("redactfuzz-suppressions.toml")
_LONGEST = 1 << 20
_DAYS = 366
"""That one may last: after a year it is looked at again."""


class SuppressionError(ValueError):
    """A file of suppressions that cannot be used. The message says what is wrong, where, and what to do."""


@attrs.frozen
class Suppression:
    """One finding that does not count until a day."""

    key: str
    reason: str
    until: datetime.date
    worse: int = 0
    """Somebody lives with it though it became worse so often."""

    def holds(self, today: datetime.date) -> bool:
        """The day itself belongs to it."""
        return today <= self.until

    def covers(self, worse: int) -> bool:
        """Whether it is of the finding as that is, and not only of what it was."""
        return worse <= self.worse


def read(path: Path, today: datetime.date) -> dict[str, Suppression]:
    """By key. Empty where there is no file. Raises SuppressionError."""
    try:
        # A FIFO has no end, and waits for its writer.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise SuppressionError(f"{path}: it is no file")
            text = file.read(_LONGEST + 1)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise SuppressionError(f"{path}: cannot be read ({error.strerror})") from None
    if len(text) > _LONGEST:
        raise SuppressionError(f"{path}: longer than a file of suppressions can be")
    try:
        body = tomllib.loads(text.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        where = str(error).rpartition("(at ")[2].rstrip(")")
        raise SuppressionError(f"{path}: no TOML, at {where}") from None
    except (ValueError, RecursionError):
        raise SuppressionError(f"{path}: a number in it is too long, or it is nested too deeply") from None
    entries = body.pop("suppressed", [])
    if body or not isinstance(entries, list):
        raise SuppressionError(f"{path}: it may hold tables [[suppressed]] and nothing else")
    found = [_one(path, number, entry, today) for number, entry in enumerate(entries, 1)]
    twice = [key for key, times in Counter(each.key for each in found).items() if times > 1]
    if twice:
        raise SuppressionError(f"{path}: two entries are of {twice[0]}: leave one of them out")
    return {each.key: each for each in found}


def _one(path: Path, number: int, entry: object, today: datetime.date) -> Suppression:
    where = f"{path}: suppression {number}"
    if not isinstance(entry, dict) or set(entry) - {"worse"} != {"key", "reason", "until"}:
        raise SuppressionError(
            f"{where}: give key, reason and until, and nothing else (but worse, as `triage` says it)"
        )
    worse = entry.get("worse", 0)
    if type(worse) is not int or worse < 0:
        raise SuppressionError(f"{where}: worse is a number, as `triage` says it")
    key, reason, until = entry["key"], entry["reason"], entry["until"]
    if not isinstance(key, str) or len(key) != 12 or not set(key) <= set("0123456789abcdef"):
        raise SuppressionError(f"{where}: key is 12 digits, as `triage` and `scan --write-allow` give them")
    if not isinstance(reason, str) or not reason.strip():
        raise SuppressionError(f"{where}: say the reason")
    if type(until) is not datetime.date:
        raise SuppressionError(f"{where}: until is a day, as in until = 2027-03-31")
    if until > today + datetime.timedelta(days=_DAYS):
        raise SuppressionError(f"{where}: until {until} is more than a year away; it is to be looked at again by then")
    return Suppression(key, reason.strip(), until, worse)
