"""Which of those who wait is woken is a choice: a leak that follows from one of them is found."""

from __future__ import annotations

from truth import LEAK, PASS, program

_WAYS = ("pthread_cond_signal", "cnd_signal", "a wake of a futex", "sem_post")

for _way, _what in enumerate(_WAYS):
    for _keeps in (0, 1):
        program(
            "5.3",
            f"woken_{_way}_keeps_{_keeps}",
            LEAK,
            f"Of two threads that {_what} may wake, number {_keeps} keeps the key, the other wipes it.",
            file="woken.c",
            flags=(f"-DWAY={_way}", f"-DKEEPS={_keeps}"),
            explored={"executions": 1_000},
        )
    program(
        "5.3",
        f"woken_{_way}",
        PASS,
        f"Both of the threads that {_what} may wake wipe the key; nobody is woken for nothing, and all end.",
        file="woken.c",
        flags=(f"-DWAY={_way}",),
        explored={"executions": 1_000},
    )
