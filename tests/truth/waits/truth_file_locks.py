"""Locks of files keep out other descriptions (flock, F_OFD_SETLK), or other processes (F_SETLK, lockf)."""

from __future__ import annotations

from truth import BUG, LEAK, PASS, program

for _way, (_name, _expected, _what) in enumerate(
    (
        ("flock", PASS, "Another thread tells of it under flock, with a descriptor of its own."),
        ("one_description", LEAK, "Another thread locks the same open description, which it has already."),
        ("both_share", LEAK, "Both have a shared lock."),
        ("busy", PASS, "Another thread tells of it where it gets the lock at once, and else says nothing."),
        ("of_open", PASS, "Another thread tells of it under F_OFD_SETLKW."),
        ("other_range", LEAK, "Another thread locks other bytes of the file."),
        ("of_process", LEAK, "Another thread locks by F_SETLKW, which keeps out other processes alone."),
        ("lockf", LEAK, "Another thread locks by lockf, which keeps out other processes alone."),
        ("two_in_turn", BUG, "Two files are locked in turn, by the other thread the other way round."),
        ("closed_again", PASS, "The file is opened and closed meanwhile, which ends no lock of flock."),
        ("child_waits", PASS, "A child of fork waits for the lock that its parent has."),
        ("child_is_busy", PASS, "A child of fork does not get the lock that its parent has."),
        ("child_inherits", PASS, "A child of fork has the lock of the description that it inherits."),
    )
):
    program(
        "5.3",
        f"file_lock_{_name}",
        _expected,
        f"A line is masked under a lock of a file. {_what}",
        file="file_lock.c",
        flags=(f"-DWAY={_way}",),
        says="deadlock" if _expected is BUG else "",
        explored={"executions": 2_000},
    )
