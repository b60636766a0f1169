"""Options of commands: numbers of bytes as people write them, and files that may be given once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}


def size_of(ctx: click.Context, parameter: click.Parameter, value: str) -> int:
    """Of an option: ``500M``, ``32G``. Raises BadParameter."""
    number, unit = value.strip().lower().removesuffix("b"), ""
    if number[-1:] in _UNITS:
        number, unit = number[:-1], number[-1:]
    if not (number.isascii() and number.isdigit()) or len(number) > 20 or int(number) == 0:
        raise click.BadParameter(f"{value!r} is no number of bytes: write 500M or 32G")
    return int(number) * _UNITS[unit]


def file_once(name: str, says: str, metavar: str = "FILE") -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """An option that names one file, or none. Of two click would take the last, and say nothing."""
    path = click.Path(path_type=Path)
    return click.option(name, type=path, multiple=True, callback=_once, metavar=metavar, help=says)


def _once(ctx: click.Context, parameter: click.Parameter, values: Sequence[Path]) -> Path | None:
    if len(values) > 1:
        raise click.UsageError(f"{parameter.opts[0]} may be given once: nothing would be looked at but the last.", ctx)
    return values[0] if values else None
