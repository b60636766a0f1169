"""The option ``--part``: what one of several goes through of a whole space."""

from __future__ import annotations

import re

import click

from redactfuzz.model.part import MOST, Part, is_allowed

_PART = re.compile(r"([0-9]{1,4})/([0-9]{1,4})", re.ASCII)


def part_of(context: click.Context, parameter: click.Parameter, value: str | None) -> Part | None:
    """``2/8``: the second of eight. Raises BadParameter."""
    if value is None:
        return None
    found = _PART.fullmatch(value)
    if found is None or not is_allowed(int(found[1]), int(found[2])):
        raise click.BadParameter(
            f"{value!r} is no part; give I/N, such as 2/8: N is a power of two, at most {MOST}, and I is 1 to N"
        )
    return Part(int(found[1]), int(found[2]))
