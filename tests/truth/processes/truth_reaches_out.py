"""Line 4.3: what of the C library is not modelled and may reach out of the process rules out a pass, by name."""

from __future__ import annotations

from truth import LEAK, PASS, WITHHELD, program

for _number, _name, _expected, _says, _what in (
    (0, "account", WITHHELD, "updwtmp", "The key goes into a file of accounts."),
    (1, "password", WITHHELD, "putpwent", "The key goes through a stream, by a call that knows real streams only."),
    (2, "pending", PASS, "", "Right: it asks how much of a stream is not written yet."),
    (3, "in_memory", PASS, "", "Right: it writes to a stream that is memory."),
    (4, "folder", LEAK, "", "The key is the name of a temporary folder."),
    (5, "folder_of_none", PASS, "", "Right: a temporary folder, without the key."),
    (6, "confined", PASS, "", "Right: patterns, trees, addresses, wide characters; all stay in memory."),
):
    program(
        "4.3",
        f"reaches_out_{_name}",
        _expected,
        _what,
        file="reaches_out.c",
        levels=("-O1", "-O0", "-O2"),
        flags=(f"-DWHAT={_number}",),
        says=_says,
        explored={"executions": 40},
    )
