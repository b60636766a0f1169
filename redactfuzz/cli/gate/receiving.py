"""``redactfuzz gate --core-pipe``: what the kernel starts for each core (``core(5)``, "Piping core dumps")."""

from __future__ import annotations

import os
import sys

import click

from redactfuzz.cli.gate.command import Asked
from redactfuzz.cli.gate.told import Told
from redactfuzz.gate.arriving import ArrivalLimits, receive


def run(asked: Asked) -> int:
    """Puts standard input into ``--from``. The status is 5 where not all of it came, or it could not be kept."""
    if asked.source is None:
        raise click.UsageError("--core-pipe needs --from DIR: where a gate takes dumps from.")
    try:
        folder = os.open(asked.source, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise click.UsageError(f"--from {asked.source}: it cannot be used ({error.strerror})") from None
    limits = ArrivalLimits(asked.max_size, silence=min(60.0, asked.patience))
    told = Told(asked.log, asked.json_lines, silent=not asked.json_lines)
    try:
        arrived = receive(0, folder, asked.words, limits)
    except OSError as error:
        told({"event": "failed", "dump": "(a core)", "reason": f"it could not be kept: {error.strerror}"})
        print(f"--from {asked.source}: the core could not be kept ({error.strerror})", file=sys.stderr)
        return 5
    finally:
        os.close(folder)
    if asked.log is not None or asked.json_lines:
        told({"event": "arrived", "dump": _shown(asked, arrived.name), "size": arrived.size, "reason": arrived.cut})
    return 5 if arrived.cut else 0


def _shown(asked: Asked, name: str) -> str:
    """What a process calls itself may be a secret: the scanner is asked, and loaded when the core is kept."""
    from redactfuzz.cli.gate.judging import Judge

    return Judge.of(asked).shown(name)
