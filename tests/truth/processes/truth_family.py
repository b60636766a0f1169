"""Line 4.3: what a child of fork does is its parent's as well, and a crash may strike it."""

from __future__ import annotations

from truth import BUG, LEAK, NO_PROOF, PASS, UNACCUSED, program

_WHAT = {
    1: ("file_of_a_child", "A child of fork writes the key to a file", "it is wiped"),
    2: ("pipe_from_a_child", "The key comes back from a child of fork through a pipe", "it is in use, and wiped"),
    3: ("sockets_to_a_child", "A child of fork reads the key, and could dump core", "it could not"),
    4: ("grandchild", "A child of a child keeps the key for a moment", "it wipes it at once"),
    5: ("struck_child", "A child of fork is struck, and its handler dumps core", "the handler wipes"),
}

for _number, (_name, _what, _right) in _WHAT.items():
    for _clean in (0, 1):
        program(
            "4.3",
            f"{_name}{'_right' if _clean else ''}",
            PASS if _clean else LEAK,
            f"{_what}{f'; {_right}' if _clean else ''}.",
            file="family.c",
            flags=(f"-DWHAT={_number}", f"-DCLEAN={_clean}"),
            levels=("-O1", "-O0"),
            explored={"executions": 200},
        )

for _number, _name, _expected, _says, _what in (
    (0, "family_talks", PASS, "", "A process and its children talk by pipes, sockets, signals, locks and a file."),
    (6, "family_waits", NO_PROOF & UNACCUSED, "waits for", "Parent and child wait for each other: no bug is invented."),
    (8, "child_rests", PASS, "sleep again", "A child of fork sleeps for ever, and its parent waits for its end."),
    (7, "child_locks_twice", BUG, "in the child of fork", "A child of fork locks its own mutex twice."),
):
    program(
        "4.3",
        _name,
        _expected,
        _what,
        file="family.c",
        flags=(f"-DWHAT={_number}", "-DCLEAN=1"),
        says=_says,
        explored={"executions": 100},
    )

for _number, _name, _what in (
    (1, "child_struck_at_one_place", "A child of fork holds a copy of the key at the twelfth of twenty calls"),
    (2, "child_struck_at_many_places", "A child of fork holds a copy of the key at the twentieth of its places"),
    (3, "child_struck_in_a_wipe", "A child of fork fills a buffer in a loop, once with the key, and wipes it"),
):
    for _clean in (0, 1):
        program(
            "4.3",
            f"{_name}{'_right' if _clean else ''}",
            PASS if _clean else LEAK,
            f"{_what}{'; none holds it' if _clean else ''}.",
            file="child_struck.c",
            flags=(f"-DWHAT={_number}", f"-DCLEAN={_clean}"),
            levels=("-O1", "-O0", "-O2"),
            says="children of fork struck" if _clean else "",
            explored={"executions": 40, "profile": "ci"},
        )
