"""Line 4.3: a call that takes a file and that nobody models is named, whichever it is, and rules out a pass."""

from __future__ import annotations

from truth import PASS, WITHHELD, program

for _number, _name, _expected, _says, _what in (
    (0, "linked", WITHHELD, "link", "The key's file gets a second name, and loses the first."),
    (1, "attribute", WITHHELD, "fsetxattr", "The key becomes an attribute of a file."),
    (2, "message", WITHHELD, "sendmsg", "The key leaves by sendmsg."),
    (3, "moved", PASS, "", "The key's file gets another name, and is removed."),
    (4, "advised", PASS, "", "A file and stdin are taken by calls that change nothing."),
):
    program(
        "4.3",
        f"takes_a_file_{_name}",
        _expected,
        _what,
        file="takes_a_file.c",
        flags=(f"-DWHAT={_number}",),
        says=_says,
        explored={"executions": 100},
    )
