"""Registers of an execution are no other's: what a struck thread held there, the one in its place has not."""

from __future__ import annotations

from truth import LEAK, PASS, program

program(
    "5.6",
    "stale_register",
    PASS,
    "threads that are struck with a secret in a register, in legitimate use; in the next execution nobody has it",
    levels=("-O2",),
    flags=("-DCLEARS=1",),
    explored={"executions": 2000},
)
program(
    "5.6",
    "stale_register_kept",
    LEAK,
    "the same, and a global variable keeps the secret",
    file="stale_register.c",
    levels=("-O2",),
    flags=("-DCLEARS=0",),
    explored={"executions": 2000},
)
