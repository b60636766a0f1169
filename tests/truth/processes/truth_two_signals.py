"""Of two signals for a process the second one may go to another thread than the first, as Linux has it."""

from __future__ import annotations

from truth import LEAK, PASS, program

for _name, _expected, _flags, _what in (
    ("go_apart", LEAK, ("-DSIGNALS=2",), "The second goes to an idle worker while main has not begun with the first."),
    ("one_blocks", PASS, ("-DSIGNALS=2", "-DBLOCKED"), "The worker blocks both: they go to main."),
    ("only_one", PASS, ("-DSIGNALS=1",), "One signal alone goes to main."),
):
    program(
        "5.3",
        f"two_signals_{_name}",
        _expected,
        _what,
        file="two_signals.c",
        flags=_flags,
        explored={"executions": 1_000},
    )
