"""What only the build with hooks leaves in a register, or on a stack, is no leak of the program."""

from __future__ import annotations

from truth import LEAK, UNACCUSED, program

_WHERE = {0: "a function reads", 1: "a library call is handed", 2: "a thread makes"}

for _where, _what in _WHERE.items():
    program(
        "5.6",
        f"only_hooked_{_where}",
        UNACCUSED,
        f"A record with a secret word that {_what}, wiped: the build with hooks alone has the word in a register.",
        file="only_hooked.c",
        flags=(f"-DWHERE={_where}", "-DKEEP=0"),
        # Without optimisation the dead frame of word() keeps half of it in the plain build as well.
        levels=("-O1", "-O2") if _where == 1 else ("-O0", "-O1", "-O2"),
        explored={"executions": 1_000},
    )
    program(
        "5.6",
        f"kept_in_every_build_{_where}",
        LEAK,
        f"The same record that {_what}, and a copy that the program uses later: it lies there in every build.",
        file="only_hooked.c",
        flags=(f"-DWHERE={_where}", "-DKEEP=1"),
        levels=("-O0", "-O1", "-O2"),
        explored={"executions": 1_000},
    )
