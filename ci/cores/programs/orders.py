"""What each program in Python does beside its key; the protocol is that of program.h.

No number of a key is ever a Python object by our doing before the process is dumped, but for its public half.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

MESSAGE = b"what is signed: one short text."
Numbers = Mapping[str, "int | bytes"]
Made = tuple[Numbers, Callable[[], Numbers]]
"""The public half, and what gives the private half once it is asked for."""


def write(path: str, numbers: Numbers) -> None:
    """A number a line, in hexadecimal."""
    lines = [f"{name} {value.hex() if isinstance(value, bytes) else f'{value:x}'}\n" for name, value in numbers.items()]
    Path(path).write_text("".join(lines), "ascii")


def run(makers: Mapping[str, Callable[[], Made]]) -> None:
    """Make a key of the kind that is asked for, and wait to be dumped. ``none`` makes none."""
    kind, path = sys.argv[1:]
    public, tell = makers[kind]() if kind != "none" else ({}, dict)
    write(path, public)
    kept = []
    print("ready", flush=True)
    for line in sys.stdin:
        order, _, path = line.strip().partition(" ")
        if order == "keep":
            kept.append(Path(path).read_bytes())
        elif order == "tell":
            write(path, tell())
        print("done", flush=True)
