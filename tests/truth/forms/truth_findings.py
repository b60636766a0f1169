"""Line 5.6: one find hides no other."""

from truth import LEAK, PASS, program

EVERY = ("-O0", "-O1", "-O2")

program(
    "5.6",
    "hidden_race",
    LEAK,
    "a key that stays in vector registers in every execution, and a copy of it in memory that only a race shows",
    levels=EVERY,
    says="global variable copy",
)
program(
    "5.6",
    "hidden_race_registers",
    LEAK,
    "of the same program the registers: a finding of its own, which says what to do",
    file="hidden_race.c",
    levels=("-O2",),
    says="-fzero-call-used-regs",
    clang=LEAK,
    because="clang calls a function for __builtin_memcpy where there are hooks: no vector register holds the key",
)
program(
    "5.6", "hidden_race_right", PASS, "the same with neither", file="hidden_race.c", levels=EVERY, flags=("-DRIGHT",)
)
program(
    "5.6",
    "two_leaks",
    LEAK,
    "a secret that is logged in any order, and another one that a thread logs only when it is early",
    levels=EVERY,
    says="session log",
    crash="none",
)
program(
    "5.6",
    "two_leaks_first",
    LEAK,
    "of the same program the one that needs no race",
    file="two_leaks.c",
    levels=("-O1",),
    says="end log",
    crash="none",
)
program(
    "5.6",
    "two_leaks_none",
    PASS,
    "the same with both removed",
    file="two_leaks.c",
    levels=EVERY,
    flags=("-DRIGHT",),
    crash="none",
)

for _copies in (30, 100):
    for _name, _expected, _flags in (("kept", LEAK, ()), ("locked", PASS, ("-DLOCKED",))):
        program(
            "5.6",
            f"beside_{_copies}_copies_{_name}",
            _expected,
            f"A key that a race keeps, beside {_copies} copies of a token that may be there.",
            file="many_copies.c",
            flags=(f"-DCOPIES={_copies}", *_flags),
            explored={"executions": 2_000},
        )
