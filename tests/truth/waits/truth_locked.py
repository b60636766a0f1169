"""Line 4.3: madvise does to pages what the kernel does: of locked ones it takes no content away."""

from __future__ import annotations

from truth import LEAK, PASS, program

for _number, _name, _what in (
    (0, "locked", "The key's page was locked: MADV_DONTNEED is refused."),
    (1, "all_locked", "All pages were locked before: MADV_DONTNEED is refused."),
    (2, "born_locked", "The key's page was mapped locked: MADV_DONTNEED is refused."),
):
    for _right in (0, 1):
        program(
            "4.3",
            f"{_name}{'_right' if _right else ''}",
            PASS if _right else LEAK,
            f"Right: as it is unlocked, or asked for as such. {_what}" if _right else _what,
            file="locked.c",
            levels=("-O1", "-O0", "-O2"),
            flags=(f"-DWHAT={_number}", f"-DRIGHT={_right}"),
            explored={"executions": 40},
        )

for _number, _name, _what in (
    (3, "private_file", "MADV_DONTNEED of a private mapping: what is there is the file's again."),
    (4, "removed", "MADV_REMOVE takes the key out of shared memory."),
    (5, "closed", "MADV_DONTNEED of memory that nobody may touch takes the key away as well."),
    (6, "closed_file", "The same of a private mapping that may only be read."),
    (7, "closed_shared", "msync of shared memory that nobody may touch; MADV_REMOVE takes the key away."),
):
    program(
        "4.3",
        f"pages_of_a_file_{_name}",
        PASS,
        _what,
        file="locked.c",
        levels=("-O1", "-O0", "-O2"),
        flags=(f"-DWHAT={_number}", "-DRIGHT=1"),
        explored={"executions": 40},
    )
