"""Line 4.2: what another thread does between two accesses is met, also where clang puts no hook before them."""

from __future__ import annotations

from truth import LEAK, PASS, program

_PROGRAMS = (
    (1, "read_and_written", "between a number's being read and another's being written just before"),
    (2, "field_of_a_local", "between two writes of a field of a local variable, whose address it was given"),
)

for _how, _name, _where in _PROGRAMS:
    program(
        "4.2",
        f"between_{_name}",
        LEAK,
        f"A key is kept if another thread takes its turn {_where}.",
        file="between.c",
        flags=(f"-DHOW={_how}", "-DWIPES=0"),
        second_crash=False,
        explored={"executions": 500},
    )
    program(
        "4.2",
        f"between_{_name}_wiped",
        PASS,
        f"A key is wiped, whether or not another thread takes its turn {_where}.",
        file="between.c",
        flags=(f"-DHOW={_how}", "-DWIPES=1"),
        second_crash=False,
        explored={"executions": 500},
    )
