"""Which forms of a token are found, whole and in part; and what is reported of memory that holds none.

scan_encodings.py [MIB] [FRAGMENTS of each form]
"""

from __future__ import annotations

import itertools
import math
import random
import string
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import attrs
from shared import cores, record

from redactfuzz.model.canary import Canary, Shape, integer, mint, raw, token
from redactfuzz.model.exposure import DumpReport
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.matcher import Matcher, Planted
from redactfuzz.scan.matcher_set import MatcherSet

# The reference of the tests: every encoding once more, by the standard library.
sys.path.insert(0, str(record.ROOT / "tests" / "unit" / "scan"))
from scan_reference import TEXT

BYTES, BITS = 15, 44.0
STRIDE = 8
FORMS_WANTED = 19


def secrets() -> list[Canary]:
    """What is looked for in memory that does not hold it: every kind, so that every form is in the index."""
    kinds = (token(32), raw(32), integer(253), token(48))
    return [mint(17, f"absent{number}", kinds[number % len(kinds)], 1) for number in range(8)]


@attrs.define
class Row:
    """One encoding: found of so many whole forms and fragments."""

    name: str
    whole: int = 0
    wholes: int = 0
    parts: int = 0
    fragments: int = 0


def measured(name: str, encode: Callable[[str], bytes], fragments: int) -> Row:
    """Each token lies at a random offset in noise; each fragment is as short as is promised, or longer."""
    row, rng = Row(name), random.Random(name)
    for number in range(1, 1 + max(1, fragments // 20)):
        canary = mint(23, "token", token(32), number)
        form = encode(canary.text)
        least = max(BYTES, math.ceil(BITS / canary.sources()[0].bits * len(form)) + 1)
        matcher = Matcher(dense=True)
        matcher.plant([Planted(source, 0) for source in canary.sources() if source.shape == Shape.TEXT])
        before, after = rng.randbytes(rng.randrange(64)), rng.randbytes(64)
        hits = matcher.scan(before + form + after, stride=STRIDE)
        row.wholes += 1
        row.whole += any(hit.offset == len(before) and hit.length == len(form) for hit in hits)
        for _ in range(min(20, fragments)):
            size = rng.randint(least, len(form)) if least < len(form) else len(form)
            first = rng.randint(0, len(form) - size)
            before = rng.randbytes(rng.randrange(64))
            data = before + form[first : first + size] + after
            hits = matcher.scan(data, stride=STRIDE)
            row.fragments += 1
            end = len(before) + size
            row.parts += any(hit.offset <= len(before) and hit.offset + hit.length >= end for hit in hits)
    return row


def adversarial(path: Path, size: int) -> None:
    """UTF-16 and UCS4 text: every second byte, or three of four, are alike, so windows look much like one another.

    Words, hex, base64, digits and other letters, in both byte orders, and at odd offsets.
    """
    rng = random.Random(7)
    words = [bytes(rng.choices(b"abcdefghijklmnopqrstuvwxyz", k=rng.randint(2, 11))).decode() for _ in range(4000)]
    base64 = string.ascii_letters + string.digits + "+/"
    alphabets = (string.hexdigits[:16], string.hexdigits[:10] + "ABCDEF", string.digits, base64)
    codecs = itertools.cycle(("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"))
    written = 0
    with path.open("wb") as out:
        while written < size:
            lines = [" ".join(rng.choices(words, k=12)) for _ in range(200)]
            lines += ["".join(rng.choices(rng.choice(alphabets), k=64)) for _ in range(200)]
            lines += [str(rng.getrandbits(64)) + "\u00e9\u0416\u6f22" * 3 for _ in range(50)]
            rng.shuffle(lines)
            block = "\n".join(lines).encode(next(codecs)) + b"\n" * rng.randrange(3)
            # The same text again costs nothing to make and lies at other offsets.
            block = (block * 8)[: size - written]
            out.write(block)
            written += len(block)


def reported(path: Path) -> DumpReport:
    matcher_set = MatcherSet()
    matcher_set.plant(secrets(), [])
    return scan_dump(path, ScanRequest(matcher_set, KnownKeys()))


def falsely(size: int) -> Iterator[tuple[str, int, DumpReport]]:
    with cores.memory(size) as (path, gave):
        yield "real cores of " + ", ".join(gave), size, reported(path)
    with tempfile.TemporaryDirectory(dir=cores.place(size)) as name:
        path = Path(name) / "text"
        adversarial(path, size // 4)
        yield "UTF-16 and UCS4 text, both byte orders", size // 4, reported(path)


def tally(report: DumpReport) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for key in report.keys:
        found[f"{key.detector}: {key.what}"] = found.get(f"{key.detector}: {key.what}", 0) + 1
    return found


def main() -> None:
    size = int(sys.argv[1]) << 20 if len(sys.argv) > 1 else 1 << 30
    fragments = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    rows = [measured(name, encode, fragments) for name, encode in TEXT.items()]
    missed = [row for row in rows if row.whole < row.wholes or row.parts < row.fragments]
    met = not missed and len(rows) >= FORMS_WANTED
    text = record.table(
        ("form of a token", "whole", "fragments"),
        [(row.name, f"{row.whole} of {row.wholes}", f"{row.parts} of {row.fragments}") for row in rows],
    )
    text += (
        f"\n\n{sum(row.parts for row in rows):,} of {sum(row.fragments for row in rows):,} fragments and"
        f" {sum(row.whole for row in rows):,} of {sum(row.wholes for row in rows):,} whole forms, in {len(rows)} forms"
        f" (the aim is {FORMS_WANTED}), at random offsets, read at a stride of {STRIDE}. A fragment has at least"
        f" {BYTES} bytes and {BITS:g} bits. The aim that all are found is **{'met' if met else 'not met'}**."
        "\n\n## Where there is nothing to find\n\n"
    )
    data: dict[str, object] = {"forms": [attrs.asdict(row) for row in rows]}
    table, clean = [], True
    for what, looked, report in falsely(size):
        keys = tally(report)
        clean &= not report.exposures
        named = ", ".join(f"{number} {key}" for key, number in keys.items()) or "none"
        table.append((what, looked >> 20, len(report.exposures), named))
        data[what.partition(" ")[0]] = {"bytes": looked, "canaries": len(report.exposures), "keys": keys}
    text += record.table(("memory", "MiB", "canaries reported", "keys that nobody planted"), table)
    text += (
        f"\n\nLooked for: {len(secrets())} canaries that are not there (tokens, raw bytes, numbers), in all their"
        f" forms, and all detectors. The aim of no false report of a canary is"
        f" **{'met' if clean else 'not met'}**. A key that"
        " a detector names may be a true one: OpenSSL's random generator holds AES schedules."
    )
    record.save("scan_encodings", "Encodings: forms of a token that are found, and false reports", text, data)


if __name__ == "__main__":
    main()
