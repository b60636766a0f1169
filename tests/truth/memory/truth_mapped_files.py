"""Line 4.3: which mappings of files a core holds is the kernel's rule, as things are when the process dies.

More of them, and of cores that the kernel wrote, in ``tests/native/models/test_memory_models.py``.
"""

from __future__ import annotations

from truth import LEAK, PASS, program

for _arguments, _expected, _what in (
    ("program 0", LEAK, "The key lies in the first page of a file that may be executed, which is mapped for reading."),
    ("program 1", PASS, "The key lies in its second page."),
    ("memfd 0", LEAK, "A memfd is mapped privately, and for reading: it may be executed."),
    ("private 1", PASS, "A private mapping may be written to, and never is."),
    ("written the same 1", LEAK, "A private mapping is written to, a page before the key: it is the process's own."),
    ("dodump 1", PASS, "MADV_DODUMP says nothing about what a core leaves out by itself."),
    ("shared renamed 1", LEAK, "Another file takes the name of one that is mapped, which belongs to nobody else then."),
    ("shared reader 1", PASS, "One that was opened for reading alone is removed: a core leaves it out."),
    ("child writes 1", LEAK, "A child of fork writes to a private mapping of its parent's."),
):
    _how, _page = _arguments.rsplit(" ", 1)
    program(
        "4.3",
        f"mapped_{_arguments.replace(' ', '_')}",
        _expected,
        _what,
        file="mapped_files.c",
        levels=("-O0", "-O2"),
        args=(_how, _page),
        explored={"executions": 40},
    )
