"""Line 4.2: who waits for ever for what only its own process could give is deadlocked, and it is said for what."""

from __future__ import annotations

from truth import BUG, PASS, program

for _number, _name, _says in (
    (0, "eventfd", "waits for the eventfd 3"),
    (1, "futex", "waits for a change of a futex"),
    (2, "pipe", "waits for the pipe 4"),
):
    program(
        "4.2",
        f"waits_alone_{_name}",
        BUG,
        f"Its only thread waits for its own {_name}.",
        file="waits_alone.c",
        flags=(f"-DWHAT={_number}",),
        says=_says,
        explored={"executions": 50},
    )
    program(
        "4.2",
        f"waits_for_another_{_name}",
        PASS,
        f"The same {_name}, with a thread that gives what is waited for.",
        file="waits_alone.c",
        flags=(f"-DWHAT={_number}", "-DPOSTS"),
        explored={"executions": 50},
    )
