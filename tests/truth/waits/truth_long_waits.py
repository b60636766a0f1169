"""Lines 4.2 and 41.1: a wait may end while others could go on, however long it is."""

from __future__ import annotations

from truth import LEAK, program

for _number, _name in (
    (1, "condition"),
    (2, "semaphore"),
    (3, "poll"),
    (4, "sleep"),
):
    for _length in (3600, 2):
        program(
            "4.2",
            f"{'long' if _length > 60 else 'short'}_wait_{_name}",
            LEAK,
            f"A watchdog waits {_length} seconds ({_name}) and writes down what it sees.",
            file="long_wait.c",
            flags=(f"-DWHAT={_number}", f"-DLENGTH={_length}"),
            levels=("-O1", "-O0", "-O2"),
            crash="none",
            explored={"executions": 100, "profile": "ci"},
        )
