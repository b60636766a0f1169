"""Line 4.2: a bit field is written by reading those beside it: gcc does not announce that, and nothing is proved."""

from __future__ import annotations

from truth import LEAK, NO_PROOF, program

program(
    "4.2",
    "bit_fields_beside_each_other",
    NO_PROOF,
    "The bit that says that a key is to be wiped is lost where another thread writes the bit beside it.",
    file="bit_fields.c",
    flags=("-DAPART=0",),
    says="bit field",
    explored={"executions": 2_000},
    clang=LEAK,
    because="clang puts a hook before the read as well",
)
program(
    "4.2",
    "words_beside_each_other",
    frozenset({"PROVED"}),
    "The same with a word for each: no update is lost.",
    file="bit_fields.c",
    flags=("-DAPART=1",),
    explored={"executions": 2_000},
)
