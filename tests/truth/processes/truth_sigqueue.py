"""sigqueue is carried out: a value comes with each signal, and lies in the frame of its handler."""

from __future__ import annotations

from truth import LEAK, PASS, program

for _keeps, _expected, _what in ((0, PASS, "a number"), (1, LEAK, "a word of the secret")):
    program(
        "4.3",
        f"sigqueue_{_keeps}",
        _expected,
        f"Signals that are sent with values, and one with {_what}, which stays where its handler ran.",
        file="sigqueue.c",
        flags=(f"-DKEEPS={_keeps}",),
        levels=("-O1", "-O0", "-O2"),
        explored={"executions": 100},
    )
