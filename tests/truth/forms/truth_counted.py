"""Line 1, of programs: what other values write where this one has written nothing is told by its place."""

from __future__ import annotations

from truth import LEAK, PASS, program

for _name, _clears, _expected, _what in (
    ("counted", 0, LEAK, "counts of the values at each place of a key stay"),
    ("counted_cleared", 1, PASS, "counts of the values at each place of a key are cleared"),
):
    program(
        "1",
        _name,
        _expected,
        _what,
        file="counted.c",
        levels=("-O0", "-O2"),
        flags=(f"-DCLEARS={_clears}",),
        explored={"executions": 300},
    )
