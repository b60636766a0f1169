"""Numbers of bytes as people write them."""

from __future__ import annotations

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
