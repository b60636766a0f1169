"""A seed of a corpus, ``HASH.seed.json``: a schedule that covered something, as versioned JSON without a secret.

Its name is a hash of what it holds, so that two that are alike are one file, and one that was cut short has a wrong
name. This module turns text into values and back; files are the campaign's business.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

import attrs

from redactfuzz.model import strict
from redactfuzz.model.coverage import Coverage
from redactfuzz.model.limits import NUMBER, SEED, complaint, strict_constant
from redactfuzz.model.schedule import Action, Granularity, Schedule

FORMAT = 1
"""Of the files that this version writes. It reads this and every older one."""
SUFFIX = ".seed.json"
ABOUT = "One schedule of redactfuzz. It holds names of the program's source, and no secret."
NAME_DIGITS = 40
"""Hexadecimal ones of SHA-256 (160 bits): nobody meets, or makes, two contents of one name by chance."""


class SeedError(ValueError):
    """A seed that cannot be used. The message says why, for a sentence that names the file."""


@attrs.frozen
class Seed:
    """A schedule with what it covered when it was kept."""

    target: str
    """Name of the target's folder in the corpus,"""
    scenario: str
    """and of the scenario."""
    schedule: Schedule
    seed: int
    canary_number: int
    pairs: tuple[tuple[str, str], ...] = ()
    shown: tuple[str, ...] = ()
    python: str = ""
    """Version that ran it, ``3.11.7``."""
    tool: str = ""

    @classmethod
    def of(cls, coverage: Coverage, **fields: Any) -> Seed:
        """With its coverage in order, so that equal ones have equal texts."""
        return cls(pairs=tuple(sorted(coverage.pairs)), shown=tuple(sorted(coverage.shown)), **fields)

    @property
    def coverage(self) -> Coverage:
        """What it covered."""
        return Coverage(frozenset(self.pairs), frozenset(self.shown))

    @property
    def file_name(self) -> str:
        """See the module."""
        return name_of(dumps(self))


def name_of(text: str) -> str:
    """The name of a seed whose file holds this text."""
    return f"{digest(text)}{SUFFIX}"


def digest(text: str) -> str:
    """The first digits of SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:NAME_DIGITS]


def dumps(seed: Seed) -> str:
    """The text of the file."""
    body = {"about": ABOUT, "format": FORMAT, **_CONVERTER.unstructure(seed)}
    return json.dumps(body, indent=1, ensure_ascii=True, sort_keys=True, allow_nan=False) + "\n"


def loads(text: str) -> Seed:
    """Reads what ``dumps`` wrote. Raises SeedError and nothing else."""
    try:
        body = json.loads(text, parse_constant=strict_constant)
    except (ValueError, RecursionError):
        raise SeedError("it is no whole JSON: it was truncated or edited") from None
    version = body.pop("format", None) if isinstance(body, dict) else None
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise SeedError("it is no seed")
    if version > FORMAT:
        raise SeedError(f"it is of a newer version (format {version}; this one reads up to {FORMAT})")
    body.pop("about", None)
    if strange := complaint(body):
        raise SeedError(strange)
    try:
        return _in_range(_CONVERTER.structure(body, Seed))
    except Exception as error:  # cattrs raises whatever the wrong value leads to
        raise SeedError(strict.complaint(error)) from None


def _in_range(seed: Seed) -> Seed:
    """Raises ValueError, whose note says which field cannot be."""
    schedule = seed.schedule
    counted = (seed.canary_number, schedule.child, schedule.stalls_at, schedule.turned_at, abs(schedule.moment))
    fits = {
        "canary_number": all(0 <= number <= NUMBER for number in counted),
        "nth": all(0 < each.nth <= NUMBER for each in schedule.deviations),
        "seed": 0 <= seed.seed <= SEED,
        "pairs": all(len(pair) == 2 for pair in seed.pairs),
    }
    if wrong := next((name for name, right in fits.items() if not right), ""):
        error = ValueError("out of its range")
        error.add_note(f"attribute {wrong}")
        raise error
    return seed


_CONVERTER = strict.converter((Action, Granularity), omit_if_default=True)
