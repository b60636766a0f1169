"""Values of options: numbers of bytes as people write them, and what may be given once."""

from __future__ import annotations

from collections.abc import Sequence
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


def once(ctx: click.Context, parameter: click.Parameter, values: Sequence[Any]) -> Any:
    """Of an option with ``multiple=True``: its one value, or None. Of two click takes the last, and says nothing."""
    if len(values) > 1:
        raise click.UsageError(f"{parameter.opts[0]} may be given once: nothing would be looked at but the last.", ctx)
    return values[0] if values else None
