"""Line 4.2: a wait of an hour ends after what the others do, one of two seconds may end before."""

from __future__ import annotations

from truth import LEAK, PASS, program

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
            PASS if _length > 60 else LEAK,
            f"A watchdog waits {_length} seconds ({_name}) and writes down what it sees.",
            file="long_wait.c",
            flags=(f"-DWHAT={_number}", f"-DLENGTH={_length}"),
            levels=("-O1", "-O0", "-O2"),
            crash="none",
            explored={"executions": 100, "profile": "ci"},
        )
