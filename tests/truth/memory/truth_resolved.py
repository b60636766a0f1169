"""Functions of which the loader asks the program which ones they are (ifunc, target_clones) are like any other."""

from __future__ import annotations

from truth import LEAK, PASS, program

for _keeps, _expected, _what in ((0, PASS, "copies nothing"), (1, LEAK, "keeps the secret")):
    program(
        "5.6",
        f"resolved_{_keeps}",
        _expected,
        f"A function that the program's own resolver chooses, and that {_what}, beside one with target_clones.",
        file="resolved.c",
        flags=(f"-DKEEPS={_keeps}",),
        levels=("-O1", "-O0", "-O2"),
        explored={"executions": 500},
    )
