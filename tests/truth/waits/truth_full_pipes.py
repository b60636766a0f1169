"""A pipe holds 65,536 bytes: who writes more waits for a reader, or is told that there is no room."""

from __future__ import annotations

from truth import BUG, LEAK, PASS, program


def _pipe(name: str, expected: frozenset[str], what: str, *flags: str, says: str = "") -> None:
    program(
        "5.3",
        f"full_pipe_{name}",
        expected,
        what,
        file="full_pipe.c",
        flags=flags,
        says=says,
        explored={"executions": 200},
    )


_pipe("nobody_reads", BUG, "70,000 bytes are written to a pipe that nobody reads.", says="deadlock")
_pipe("somebody_reads", PASS, "The same with a thread that reads them.", "-DREADS")
_pipe("has_no_room", LEAK, "66 times 1,000 bytes, without waiting: the last fails, and a key is kept.", "-DTIMES=66")
_pipe("has_room", PASS, "65 times 1,000 bytes: none fails.", "-DTIMES=65")
_pipe("until_it_fails", PASS, "A pipe is filled until write fails, made larger, and filled again.", "-DFILLS")
_pipe("pair_until_it_fails", PASS, "A pair of sockets is filled until write fails.", "-DFILLS", "-DPAIR")
