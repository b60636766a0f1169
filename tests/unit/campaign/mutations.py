"""Repro files as somebody hostile, or a broken disk, would write them."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

HOSTILE: tuple[Any, ...] = (
    "/etc/passwd",
    "../evil.py",
    "/tmp/evil.py",
    "evil.so",
    "-wrapper",
    "-fplugin=x",
    "-Wl,-rpath,/",
    "LD_PRELOAD",
    "\x1b[2J",
    "\u202e",
    "\0",
    "\ud800",
    "",
    "a" * 4096,
    10**30,
    -1,
    1 << 63,
    True,
    None,
    1.5,
    [],
    {},
    ["-O2", "-include"],
    {"LD_PRELOAD": "evil.so"},
)


def mutated(text: str, rng: random.Random) -> bytes:
    """One to three changes of values, of fields, or of bytes."""
    body = json.loads(text)
    for _ in range(rng.randint(1, 3)):
        _change(body, rng)
    data = bytearray(json.dumps(body).encode())
    if rng.random() < 0.3:
        for _ in range(rng.randint(1, 4)):
            at = rng.randrange(len(data))
            data[at : at + rng.choice((0, 1, 1, 8))] = rng.randbytes(rng.choice((0, 1, 1, 3)))
    return bytes(data)


def _change(body: Any, rng: random.Random) -> None:
    """Somewhere in it, however deep."""
    if isinstance(body, dict) and body:
        key = rng.choice(list(body))
        if isinstance(body[key], (dict, list)) and body[key] and rng.random() < 0.7:
            _change(body[key], rng)
        elif rng.random() < 0.15:
            body.pop(key)
        elif rng.random() < 0.15:
            body[str(rng.choice(HOSTILE))] = copy.deepcopy(rng.choice(HOSTILE))
        else:
            body[key] = copy.deepcopy(rng.choice(HOSTILE))
    elif isinstance(body, list):
        body.insert(rng.randint(0, len(body)), copy.deepcopy(rng.choice(HOSTILE)))
