"""A writer of dumps that does what it should not, and an account of what became of them.

``hostile_dumps.py FOLDER COUNT SEED SECRET OUTSIDE LEDGER SECONDS`` writes ``COUNT`` dumps over so many seconds. The
ledger has a line for each state that a dump was left in: its hash, whether it holds the secret, and whether it is the
last, which must come out.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

import attrs

OUTSIDE = "outside of the folder, and nobody's dump"


@attrs.frozen
class Left:
    """A state of a dump."""

    sha256: str
    secret: bool
    last: bool


@attrs.define(eq=False)
class Writer:
    """Kinds of dumps, by what happens to them."""

    folder: Path
    secret: str
    outside: Path
    ledger: TextIO
    chance: random.Random

    def left(self, data: bytes, *, last: bool = True) -> None:
        sha256 = hashlib.sha256(data).hexdigest()
        self.ledger.write(json.dumps([sha256, self.secret.encode() in data, last]) + "\n")
        self.ledger.flush()

    def body(self, number: int) -> tuple[bytes, bytes]:
        """Of a dump: a part without the secret, and one with it. No two are alike."""
        head = "".join(f"dump {number} line {self.chance.getrandbits(64):016x}\n" for _ in range(40))
        return head.encode(), f"token {number} {self.secret}\n".encode()

    def pause(self) -> None:
        time.sleep(self.chance.random() * 0.05)

    def clean(self, path: Path, head: bytes, key: bytes) -> None:
        path.write_bytes(head)
        self.left(head)

    def with_key(self, path: Path, head: bytes, key: bytes) -> None:
        path.write_bytes(head + key)
        self.left(head + key)

    def slow(self, path: Path, head: bytes, key: bytes) -> None:
        """Its writer has it open."""
        with path.open("wb", buffering=0) as file:
            file.write(head)
            self.pause()
            file.write(key)
        self.left(head + key)

    def appended(self, path: Path, head: bytes, key: bytes) -> None:
        path.write_bytes(head)
        self.pause()
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
        except FileNotFoundError:  # taken
            self.left(head)
            return
        self.left(head, last=False)
        with os.fdopen(descriptor, "ab", buffering=0) as file:
            self.pause()
            file.write(key)
        self.left(head + key)

    def renamed(self, path: Path, head: bytes, key: bytes) -> None:
        """Another file comes in its place."""
        path.write_bytes(head)
        self.left(head, last=False)
        self.pause()
        other = path.with_name(f"new-{path.name}")
        other.write_bytes(head + key)
        with contextlib.suppress(FileNotFoundError):
            other.rename(path)
        self.left(head + key)

    def moved(self, path: Path, head: bytes, key: bytes) -> None:
        """The same file under another name."""
        path.write_bytes(head)
        self.left(head)
        self.pause()
        with contextlib.suppress(FileNotFoundError):
            path.rename(path.with_name(f"moved-{path.name}"))

    def replaced(self, path: Path, head: bytes, key: bytes) -> None:
        path.write_bytes(head)
        self.left(head, last=False)
        self.pause()
        path.unlink(missing_ok=True)
        self.pause()
        path.write_bytes(key + head)
        self.left(key + head)

    def linked(self, path: Path, head: bytes, key: bytes) -> None:
        """A symbolic or hard link in the place of a dump."""
        path.write_bytes(head)
        self.left(head, last=False)
        self.pause()
        path.unlink(missing_ok=True)
        if self.chance.random() < 0.5:
            path.symlink_to(self.outside)
        else:
            os.link(self.outside, path)

    def odd_name(self, path: Path, head: bytes, key: bytes) -> None:
        name = self.chance.choice(["..", "a\nb", "-rf", ".hidden", "*"])
        path.with_name(f"{name}{path.name}").write_bytes(head)
        self.left(head)

    @property
    def kinds(self) -> list[Callable[[Path, bytes, bytes], None]]:
        return [self.clean, self.with_key, self.slow, self.appended, self.renamed, self.moved, self.replaced,
                self.linked, self.odd_name]  # fmt: skip

    def write(self, count: int, seconds: float) -> None:
        started = time.monotonic()
        for number in range(count):
            self.chance.choice(self.kinds)(self.folder / f"core.{number}", *self.body(number))
            time.sleep(max(0.0, started + seconds * (number + 1) / count - time.monotonic()))


@attrs.frozen
class Account:
    """What became of all that was written."""

    written: int
    released: int
    quarantined: int
    unscanned: int
    """Released with the secret, or as something that was never written as a whole, or without a good receipt."""
    lost: int
    twice: int

    @property
    def good(self) -> bool:
        return (self.unscanned, self.lost, self.twice) == (0, 0, 0)


def account(ledger: Path, released: dict[str, bool], quarantined: Counter[str], taken: Counter[str]) -> Account:
    """``released``: whether the receipt of a dump is good, by its hash; ``taken``: how often each was."""
    states = [Left(*json.loads(line)) for line in ledger.read_text().splitlines()]
    clean = {one.sha256 for one in states if not one.secret}
    last = {one.sha256 for one in states if one.last}
    unscanned = [sha256 for sha256, good in released.items() if not good or sha256 not in clean]
    lost = last - taken.keys() - quarantined.keys()
    twice = [sha256 for sha256, count in (taken + quarantined).items() if count > 1]
    return Account(len(states), sum(taken.values()), sum(quarantined.values()), len(unscanned), len(lost), len(twice))


def main() -> None:
    folder, count, seed, secret, outside, ledger, seconds = sys.argv[1:]
    with Path(ledger).open("w") as file:
        writer = Writer(Path(folder), secret, Path(outside), file, random.Random(int(seed)))
        writer.write(int(count), float(seconds))


if __name__ == "__main__":
    main()
