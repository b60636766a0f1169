"""Line 5.3: the handler of the crash runs on an alternate stack, wherever the program has it."""

from __future__ import annotations

from truth import LEAK, PASS, program

for _name, _flags, _expected, _what in (
    ("of_malloc", (), PASS, "The alternate stack comes from malloc, and the handler wipes the key."),
    ("of_malloc_leaks", ("-DFORGETS",), LEAK, "The same, and the handler wipes nothing."),
    ("of_mmap", ("-DMAPPED",), PASS, "The alternate stack comes from mmap."),
    ("of_a_thread", ("-DTHREAD",), PASS, "A thread has one of its own, which it disables and frees at its end."),
    ("of_a_thread_leaks", ("-DTHREAD", "-DFORGETS"), LEAK, "The same, and the handler wipes nothing."),
    ("residue", ("-DKEEPS",), LEAK, "A local copy without a hook is left on the alternate stack."),
    ("residue_wiped", ("-DWIPES",), PASS, "The copy is wiped before its function returns."),
    ("gone", ("-DMAPPED", "-DGONE=0"), PASS, "The stack is unmapped while no core may be written."),
    ("gone_leaks", ("-DMAPPED", "-DGONE=2"), LEAK, "While one may: the kernel ends the process without the handler."),
):
    program(
        "5.3",
        f"alternate_stack_{_name}",
        _expected,
        _what,
        file="alternate_stack.c",
        flags=_flags,
        explored={"executions": 600},
    )
