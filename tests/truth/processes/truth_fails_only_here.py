"""A leak that follows from a call which fails here alone is no leak of the program; one that is there anyhow is."""

from __future__ import annotations

from truth import LEAK, program

INCONCLUSIVE = frozenset({"INCONCLUSIVE"})

for _name, _flags, _expected, _says in (
    ("where_it_fails", (), INCONCLUSIVE, "need not fail elsewhere: the program calls futimens"),
    ("anyhow", ("-DALWAYS",), LEAK, ""),
):
    program(
        "5.3",
        f"fails_only_here_{_name}",
        _expected,
        "A copy of the key is kept where futimens fails, or whatever it does.",
        file="fails_only_here.c",
        flags=_flags,
        says=_says,
        explored={"executions": 500},
    )
