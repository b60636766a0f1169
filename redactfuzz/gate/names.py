"""Names under which dumps leave: anybody may have chosen that of a dump, so no shell takes it for more."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator

OWN = ".gate-"
"""How names of the gate's own begin in folders of others: nobody takes them for dumps."""
RECEIPT = ".receipt.json"
_MOST = 150
"""Bytes: with what is added it is a name on every file system (255)."""
_OTHER = re.compile(r"[^A-Za-z0-9._+@=,-]")


def safe_name(name: str) -> str:
    """ASCII on one line, no hidden file and no option, at most 150 characters: ``..`` and newlines become ``_``."""
    plain = _OTHER.sub("_", name)[:_MOST]
    return re.sub(r"^[.-]+", "_", plain) or "dump"


def numbered(name: str, number: int) -> str:
    """The same name for a further dump of that name; ``number`` 0 is the first."""
    return f"{name}.{number}" if number else name


def numbers(name: str) -> Iterator[str]:
    """Without end: the name, then with numbers."""
    return (numbered(name, count) for count in itertools.count())


def arrived_name(words: Iterable[str], random: str) -> str:
    """Of a core from the kernel: what the pattern says of it, and what makes it the only one of that name."""
    return safe_name("-".join(("core", *words)))[: _MOST - len(random) - 1] + f"-{random}"
