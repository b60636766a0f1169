"""flockfile is a lock of the thread, as often as it likes: functions of stdio wait for it, *_unlocked ones do not."""

from __future__ import annotations

from truth import BUG, LEAK, PASS, program

for _way, (_name, _expected, _what) in enumerate(
    (
        ("waits", PASS, "The other thread writes the line by fwrite, which waits for the lock."),
        ("unlocked", LEAK, "It writes by fwrite_unlocked, which does not."),
        ("twice", PASS, "It locks the stream itself, twice."),
        ("is_busy", LEAK, "It tries to lock the stream, and keeps the key where that fails."),
        ("by_caller", LEAK, "It writes by fwrite where __fsetlocking leaves locks to those who call."),
        ("for_ever", BUG, "The first one never lets go, and the second waits."),
    )
):
    program(
        "5.3",
        f"locked_stream_{_name}",
        _expected,
        f"A thread locks a stream while a line is not masked yet. {_what}",
        file="locked_stream.c",
        flags=(f"-DWAY={_way}",),
        says="deadlock" if _expected is BUG else "",
        explored={"executions": 2_000},
    )
