"""Lines 4.5 and 5.1: what is long, or waits in a loop of its own, comes to its end; what has none is found."""

from __future__ import annotations

from truth import BUG, PASS, UNACCUSED, program

WAITS = ("waits_and_counts", "spins_with_back_off", "polite", "polls_with_deadline")
FEW = {"executions": 80}
FEWER = {"executions": 20}
"""Each takes as long as it is waited for an end; that of two polite threads is met at the seventeenth."""

program(
    "5.1",
    "long_but_finite",
    UNACCUSED,
    "A thread makes 300,000 stores, another waits for its end.",
    crash="none",
    explored={"executions": 25},
)
program(
    "5.1",
    "long_without_end",
    BUG,
    "The same thread begins anew each time.",
    file="long_but_finite.c",
    flags=("-DENDLESS",),
    crash="none",
    explored=FEWER,
)

SAID = {
    "waits_and_counts": "A thread counts the rounds that it waits for another.",
    "spins_with_back_off": "A spin lock of the program's own, which waits twice as long each time.",
    "polite": "Dekker's algorithm: who does not get in takes its flag down, and waits for its turn.",
    "polls_with_deadline": "A thread looks for a result every half microsecond, and sleeps in between.",
}
NEVER = {
    "waits_and_counts": "What it waits for never comes.",
    "spins_with_back_off": "The lock is never let go.",
    "polite": "Both put their flags up, and wait for the other's to go down.",
    "polls_with_deadline": "There is no result, and no deadline.",
}
for name in WAITS:
    program(
        "5.1",
        name,
        PASS,
        SAID[name],
        levels=("-O0", "-O1", "-O2"),
        crash="none",
        explored=FEW,
    )
    program(
        "5.1",
        f"{name}_for_ever",
        # Who sleeps between looks is at rest like a daemon: what does not come may come from outside.
        UNACCUSED if name == "polls_with_deadline" else BUG,
        NEVER[name],
        file=f"{name}.c",
        flags=("-DENDLESS",),
        crash="none",
        explored=FEWER,
    )

# -- a bound that is known when it runs

program(
    "4.5",
    "reorder_100",
    BUG,
    "A hundred threads are started, up to a bound that is a variable; one must come in the middle of the first.",
    file="../native/programs/literature/reorder.c",
    flags=("-DN=100",),
    crash="none",
    explored={"executions": 1_000},
)
program(
    "4.5",
    "reorder_100_slowly",
    BUG,
    "The same, and others may run after each start.",
    file="../native/programs/literature/reorder.c",
    flags=("-DN=100", "-DSLOWLY"),
    crash="none",
    explored={"executions": 1_000},
)
program(
    "4.5",
    "reorder_100_safe",
    PASS,
    "The same under a lock.",
    file="../native/programs/literature/reorder.c",
    flags=("-DN=100", "-DSAFE", "-DSLOWLY"),
    crash="none",
    explored={"executions": 1_000},
)
