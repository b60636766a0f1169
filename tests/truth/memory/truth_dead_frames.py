"""Line 4.4: what a dead frame left below the stack pointer is there when the crash strikes inside a library call."""

from __future__ import annotations

from truth import LEAK, PASS, program

_WHERE = {
    0: ("at_the_end", "as main returns"),
    1: ("at_a_lock", "at a lock"),
    2: ("of_a_thread", "as a thread ends"),
    3: ("at_a_semaphore", "at a semaphore"),
    4: ("at_malloc", "at malloc"),
    5: ("at_write", "at write"),
    6: ("at_an_atomic", "at an atomic addition"),
    7: ("at_raise", "as it raises the signal itself"),
}

for _number, (_name, _what) in _WHERE.items():
    program(
        "4.4",
        f"dead_frame_{_name}",
        LEAK,
        f"A key of 32 bytes in the frame of a function that has returned, struck {_what}.",
        file="dead_frames.c",
        flags=(f"-DWHERE={_number}", "-DCLEAN=0"),
        levels=("-O0", "-O1", "-O2") if _number < 3 else ("-O1",),
    )
for _number, _levels in ((1, ("-O0", "-O1", "-O2")), (2, ("-O1",))):
    program(
        "4.4",
        f"dead_frame_{_WHERE[_number][0]}_wiped",
        PASS,
        f"The same, wiped before the function returns, struck {_WHERE[_number][1]}.",
        file="dead_frames.c",
        flags=(f"-DWHERE={_number}", "-DCLEAN=1"),
        levels=_levels,
    )
