"""Line 3.6, programs: a window met once, deep in a loop or a recursion, is looked for where the secret moves."""

from __future__ import annotations

from truth import LEAK, PASS, program

LEVELS = ("-O0", "-O1", "-O2")
LOOP = "window_in_a_loop.c"

program(
    "3.6",
    "pass_of_a_thousand",
    LEAK,
    "A loop of a thousand passes, one of which publishes the key and takes it back; killed at any moment.",
    file=LOOP,
    levels=LEVELS,
    crash="kill",
    explored={"executions": 150},
)
program(
    "3.6",
    "right_pass_of_a_thousand",
    PASS,
    "A loop of a thousand passes, none of which publishes the key.",
    file=LOOP,
    flags=("-DRIGHT",),
    crash="kill",
    explored={"executions": 400},
)
program(
    "3.6",
    "pass_of_ten_thousand",
    LEAK,
    "A loop of ten thousand passes, one of which publishes the key and takes it back.",
    file=LOOP,
    flags=("-DPASSES=10000",),
    crash="kill",
    explored={"executions": 150},
)
program(
    "3.6",
    "nine_hundred_calls_deep",
    LEAK,
    "The innermost of 900 nested calls publishes the key and takes it back.",
    file=LOOP,
    levels=LEVELS,
    flags=("-DDEEP", "-DPASSES=900"),
    crash="kill",
    explored={"executions": 150},
)
program(
    "3.6",
    "right_and_nine_hundred_calls_deep",
    PASS,
    "The innermost of 900 nested calls publishes no key.",
    file=LOOP,
    flags=("-DDEEP", "-DPASSES=900", "-DRIGHT"),
    crash="kill",
    explored={"executions": 400},
)
