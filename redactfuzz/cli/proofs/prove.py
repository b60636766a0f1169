"""``redactfuzz prove``: explores scenarios until everything is, and accepts nothing less."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import click

from redactfuzz.cli.programs import WithArguments
from redactfuzz.cli.run import run

_LEFT_OUT = {"executions", "strategy", "profile", "require", "preemptions"}
"""Options of ``run`` that say to explore less than everything."""


@click.command(cls=WithArguments, params=[each for each in run.params if each.name not in _LEFT_OUT])
@click.pass_context
def prove(context: click.Context, /, *, seconds: float | None, proof: Path | None, **others: Any) -> Any:
    """Explore scenarios and programs until the whole space is, and exit with 0 only where all are PROVED.

    The search begins as that of `redactfuzz run` does, so a leak that is there is usually found at once. Then the
    whole space is gone through, one schedule of each class where it is known what every step touches, for as long as
    it takes, or for so many --seconds. A pass that is no proof says what stands in the way of one.
    """
    asked: dict[str, Any] = dict.fromkeys(_LEFT_OUT) | {"require": "proved", "strategy": "dpor" if proof else None}
    return context.invoke(run, seconds=math.inf if seconds is None else seconds, proof=proof, **asked, **others)
