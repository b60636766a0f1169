"""Line 4.3: what the C library keeps of the program's values lies in a core, wherever a model of it keeps that."""

from __future__ import annotations

from truth import LEAK, NO_PROOF, PASS, program

for _number, _name, _expected, _what in (
    (0, "specific", LEAK, "The key is the value of thread-specific data whose keys were deleted."),
    (1, "specific_of_many", LEAK, "The same, in a table of a thousand keys."),
    (2, "argument", LEAK, "Threads are given words of the key as their argument, and have ended."),
    (3, "result", LEAK, "Threads have returned words of the key."),
    (4, "pushed_back", LEAK, "The key's bytes are pushed back into a stream by ungetc."),
    (5, "seeds", NO_PROOF, "The key's halves seed random() and drand48()."),
    (6, "at_exit", LEAK, "Words of the key are what handlers of exit will be given."),
    (7, "error", LEAK, "Four threads have ended with four bytes of the key each in errno."),
    (8, "blocked", LEAK, "The key is a set of blocked signals, which the notes of a core tell."),
    (9, "zone", LEAK, "The time zone was the key in hexadecimal digits, and the variable is gone."),
    (10, "calendar", LEAK, "gmtime has made a date of seven bytes of the key's eight."),
):
    for _right in (0, 1):
        program(
            "4.3",
            f"library_keeps_{_name}{'_right' if _right else ''}",
            PASS if _right else _expected,
            f"Right: it has something else by now. {_what}" if _right else _what,
            file="library_keeps.c",
            levels=("-O1", "-O0", "-O2"),
            flags=(f"-DWHAT={_number}", f"-DRIGHT={_right}", "-fno-optimize-sibling-calls"),
            explored={"executions": 100},
        )
