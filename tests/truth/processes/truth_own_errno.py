"""Line 5.3: what libc keeps once for a thread stays its own where the crash strikes another thread."""

from __future__ import annotations

from truth import LEAK, PASS, program

for _name, _flags, _expected, _what in (
    ("asserted", (), PASS, "Two threads assert errno after a call that fails, while one runs the handler."),
    ("spoilt_by_the_handler", ("-DSPOILS",), PASS, "The handler sets errno of the thread that it runs in."),
    ("decides", ("-DKEEPS",), PASS, "The key is copied where errno is another than the call's."),
    ("that_leaks", ("-DOTHER",), LEAK, "The key is copied where errno is the call's."),
):
    program("5.3", f"errno_{_name}", _expected, _what, file="own_errno.c", flags=_flags, explored={"executions": 1_500})
