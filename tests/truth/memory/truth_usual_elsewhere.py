"""Line 5.6: what is small in the model, and not on a machine, is no bug of the program."""

from __future__ import annotations

from truth import ERROR, LEAK, PASS, UNACCUSED, program

for _number, _name, _expected, _what in (
    (0, "nested", PASS, "A function inside a function is handed to qsort: its code lies on the stack."),
    (1, "moved", PASS, "A mapping is moved to where the program says."),
    (2, "reserved", UNACCUSED, "Much address space is reserved."),
    (3, "cancelled", PASS, "A thread that calls nothing is cancelled asynchronously."),
    (4, "written_code", PASS, "The program writes code, and calls it."),
    (5, "two_views", UNACCUSED, "A file is mapped twice, and both mappings are one memory."),
    (6, "one_by_one", PASS, "A file is mapped, given back, and mapped again."),
    (7, "hole", UNACCUSED, "A file is as large as 1 TiB, and has a hole."),
    (8, "zeros", PASS, "/dev/zero is mapped, and shared with a child of fork."),
    (9, "zeros_kept", LEAK, "The key stays in memory of /dev/zero, which is shared."),
    (10, "late", PASS, "A shared mapping may be written to later on: what is written lies in its file."),
    (11, "late_kept", LEAK, "The key stays in that file."),
):
    program(
        "5.6",
        f"usual_elsewhere_{_name}",
        _expected,
        _what,
        file="usual_elsewhere.c",
        levels=("-O1", "-O0", "-O2"),
        clang=ERROR if _name == "nested" else frozenset(),
        because="functions inside functions are gcc's alone, and clang says so" if _name == "nested" else "",
        flags=(f"-DWHAT={_number}",),
        explored={"executions": 40},
    )
