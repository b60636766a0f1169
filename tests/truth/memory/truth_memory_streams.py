"""fmemopen and open_memstream are carried out, with what they leave in the heap (F7)."""

from __future__ import annotations

from truth import LEAK, PASS, program

for _how, _expected, _what in (
    (0, PASS, "fmemopen without a buffer, wiped"),
    (1, LEAK, "fmemopen whose buffer is freed as it is"),
    (2, PASS, "open_memstream, wiped"),
    (3, LEAK, "open_memstream that has moved what was written"),
):
    program(
        "5.2",
        f"memory_stream_{_how}",
        _expected,
        f"The secret passes through {_what}; both are asked for all that the C library's do.",
        file="memory_streams.c",
        flags=(f"-DHOW={_how}",),
        levels=("-O1", "-O0", "-O2"),
        explored={"executions": 100},
    )
