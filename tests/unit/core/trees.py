"""Trees of executions as ``soundness.c`` writes them, made into certificates, and what the checker says of these."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs

from redactfuzz.check import Rejected, check

HEADER = {"rfproof": 1, "sources": {}}
Line = dict[str, Any]


@attrs.frozen
class Tree:
    """Of one program. ``whole``: the search came to its end, as it says; ``right``: no outcome is missing."""

    number: int
    lines: tuple[Line, ...]
    executions: int
    repeated: int
    whole: bool
    right: bool


def trees(program: Path, first: int, count: int, folder: Path) -> Iterator[Tree]:
    """Those of so many random programs."""
    path = folder / "trees"
    subprocess.run([str(program), str(first), str(count), str(path)], stdout=subprocess.DEVNULL, check=False)
    number, lines = 0, list[Line]()
    for line in path.read_text().splitlines():
        word, *numbers = line.split(" ")
        if word == "program":
            number, lines = int(numbers[0]), []
        elif word == "ended":
            executions, repeated, whole, right = map(int, numbers)
            yield Tree(number, tuple(lines), executions, repeated, bool(whole), bool(right))
        else:
            lines.append(json.loads(line))


def certificate(tree: Sequence[Line], header: Line = HEADER, **trailer: Any) -> bytes:
    """The file, with a trailer that fits: whoever damages one mends what is counted."""
    text = b"".join(json.dumps(line).encode() + b"\n" for line in (header, *tree))
    leaves = [line["leaf"] for line in tree if "leaf" in line]
    ends = {
        "sha256": hashlib.sha256(text).hexdigest(),
        "lines": len(tree) + 2,
        "executions": len(leaves),
        "repeated": leaves.count("asleep"),
        "exhausted": True,
        "cut": False,
    }
    return gzip.compress(text + json.dumps(ends | trailer).encode() + b"\n", 1, mtime=0)


def why_rejected(file: bytes) -> str:
    """What the checker says; empty: it accepts."""
    try:
        check(io.BytesIO(file))
    except Rejected as error:
        return str(error)
    return ""


def rejected(tree: Tree) -> str:
    """The same of a tree, where it says that it is whole."""
    return why_rejected(certificate(tree.lines, executions=tree.executions, repeated=tree.repeated))
