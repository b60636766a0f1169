"""Line 5.3: what fails because redactfuzz has no room for more is named, and is no bug."""

from __future__ import annotations

from truth import PASS, WITHHELD, program

for _name, _handlers, _depth, _expected, _says in (
    ("few", 60, 2, PASS, ""),
    ("handlers_of_fork", 100, 2, WITHHELD, "more than 64 handlers of pthread_atfork"),
    ("nested_handlers", 60, 40, WITHHELD, "more than 4 signal handlers"),
):
    program(
        "5.3",
        f"own_limits_{_name}",
        _expected,
        "Handlers of pthread_atfork, and handlers of signals inside each other.",
        file="own_limits.c",
        flags=(f"-DHANDLERS={_handlers}", f"-DDEPTH={_depth}"),
        says=_says,
        explored={"executions": 60},
    )
