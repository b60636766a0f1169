"""What is the same in each execution, and another on other machines, is named, and takes no proof away."""

from __future__ import annotations

from truth import program

PROVED = frozenset({"PROVED"})
WAITS = frozenset({"PROVED", "NO_LEAK_FOUND"})
"""By whether two threads are explored to the end."""

for _name, _flags, _says in (
    (
        "who_and_how_many",
        ("-DASKS",),
        "who runs it (getuid); whether there is a terminal (isatty); how many processors there are, and limits of the"
        " system (sysconf)",
    ),
    ("for_its_clock", ("-DCOUNTS",), "whose clock is no virtual time (rdtsc)"),
    ("when_it_wakes", ("-DWAITS",), "never by itself as POSIX allows (pthread_cond_wait)"),
    ("nothing", (), "notes=('memory is put back"),
):
    program(
        "3.7",
        f"asks_its_machine_{_name}",
        WAITS if _name == "when_it_wakes" else PROVED,
        "A right program asks for what is held fixed, or for nothing.",
        file="asks_its_machine.c",
        flags=_flags,
        says=_says,
        second_crash=False,
        explored={"executions": 2_000},
    )
