"""Issue 41, item 13: what was never called is told from what was called in vain."""

from truth import LEAK, PASS, VACUOUS, program

LIMITS = {"executions": 500}

program(
    "41.13",
    "called_in_vain",
    VACUOUS,
    "the redactor makes a masked copy: bypassed, it makes none",
    file="masked_early.c",
    flags=("-DCOPIES",),
    explored=LIMITS,
    says="The redactor was called, but with it bypassed no dump ever showed 'key' either",
)
program(
    "41.13",
    "uncalled",
    VACUOUS,
    "nobody calls the redactor",
    file="masked_early.c",
    explored=LIMITS,
    says="The declared redactor was never called, so nothing was tested.",
)
program(
    "41.13",
    "masked_early",
    PASS,
    "the redactor masks in place what is copied to the report",
    file="masked_early.c",
    flags=("-DIN_PLACE",),
    explored=LIMITS,
)
program(
    "41.13",
    "masked_early_by_half",
    LEAK,
    "the redactor masks in place half of what is copied to the report",
    file="masked_early.c",
    flags=("-DIN_PLACE", "-DLEAKY"),
    explored=LIMITS,
)
