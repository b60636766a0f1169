"""The variables of the driver, and the section that holds all those which an execution changes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import attrs

from redactfuzz.native.compile.build import RUNTIME
from redactfuzz.native.compile.compiler import ran, toolchain

SECTION = "rfn_state"
OF_A_THREAD = {".tdata", ".tbss"}
CONSTANT = {".rodata", ".data.rel.ro", "rfn_parts"}
"""Sections that nobody writes to; the last one holds constant pointers."""
_LINE = re.compile(r"([0-9a-f]+) (.{7}) (\S+)\t([0-9a-f]+)\s+(?:\.hidden )?(\S+)$")


@attrs.frozen
class Variable:
    """``name`` is ``FILE name`` where it is of one file alone."""

    name: str
    section: str
    start: int
    size: int


def variables(driver: Path) -> Iterator[Variable]:
    """Those of the runtime."""
    ours = {path.name for path in RUNTIME.rglob("*.c")}
    file = ""
    for line in ran([toolchain().objdump, "-t", driver], "the driver has no symbols").splitlines():
        symbol = _LINE.match(line)
        if symbol is None:
            continue
        start, flags, section, size, name = symbol.groups()
        if flags.endswith("df"):
            file = name
        elif not flags.endswith("O") and section not in OF_A_THREAD:
            continue
        elif flags[0] == "l" and file in ours:
            yield Variable(f"{file} {name}", section, int(start, 16), int(size, 16))
        elif flags[0] == "g" and "@" not in name:  # a name with a version is a library's
            yield Variable(name, section, int(start, 16), int(size, 16))


def named(driver: Path, said: str) -> str:
    """What was not put back, by name: the driver says how far from the start of the section it lies."""
    inside = [each for each in variables(driver) if each.section == SECTION]
    start = min(each.start for each in inside)
    places = [start + int(distance) for distance in re.findall(r" \+(\d+)", said)]
    found = {each.name for each in inside for at in places if each.start < at + 8 and at < each.start + each.size}
    return f"{said.strip()} ({', '.join(sorted(found))})"
