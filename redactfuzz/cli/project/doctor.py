"""``redactfuzz doctor``: what this machine can do, and how to mend it."""

from __future__ import annotations

import json
import textwrap
from collections import Counter

import click

from redactfuzz.doctor.check import Check, State
from redactfuzz.doctor.machine import ThisMachine
from redactfuzz.doctor.table import PROBES, examined
from redactfuzz.model.texts.escaped import escaped

STOPS = 1
_WIDTH = 120
_NAME, _STATE = max(map(len, PROBES)), max(map(len, State))


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One line of JSON a check on stdout.")
def doctor(as_json: bool) -> int:
    """Say what this machine can do, what does not work for lack of something, and how that is mended.

    Nothing is changed, and no network is used. What scenarios in Python need comes first; the rest is for C programs,
    cores, pytest and the nightly job.

    \b
    Exit status: 0 scenarios in Python run here, 1 something that they need is missing.
    """
    checks: list[Check] = []
    for check in examined(ThisMachine()):
        checks.append(check)
        click.echo(_record(check) if as_json else _text(check))
    stopped = [check.name for check in checks if check.stops]
    if not as_json:
        click.echo(_summary(checks, stopped))
    return STOPS if stopped else 0


def _record(check: Check) -> str:
    """Every field, always."""
    return json.dumps(
        {
            "check": check.name,
            "state": check.state,
            "found": check.found,
            "means": check.means,
            "mend": check.mend,
            "needed": check.needed,
        }
    )


def _text(check: Check) -> str:
    indent = " " * (_NAME + _STATE + 4)
    lines = [f"{check.name:{_NAME}}  {check.state:{_STATE}}  {escaped(check.found)}"]
    if check.means:
        lines += textwrap.wrap(
            escaped(check.means), _WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False
        )
    if check.mend:
        lines.append(f"{indent}mend: {escaped(check.mend)}")
    return "\n".join(lines)


def _summary(checks: list[Check], stopped: list[str]) -> str:
    counts = Counter(check.state for check in checks)
    told = ", ".join(f"{counts[state]} {state}" for state in State if counts[state])
    if stopped:
        return f"{told}. Scenarios in Python cannot run here for lack of: {', '.join(stopped)}."
    return f"{told}. Scenarios in Python run here."
