"""Line 5.3: a fault that a lock of a prebuilt library would have kept away is told of nobody; every other one is."""

from __future__ import annotations

from truth import BUG, program

LIMITS = {"executions": 300}
_WITH = ("-DWITH_LIBRARY=1", "-l:libgpg-error.so.0")

program(
    "5.3",
    "library_lock",
    frozenset({"INCONCLUSIVE"}),
    "two threads write through a shared pointer, one at a time, by a lock of libgpg-error",
    levels=("-O0", "-O1", "-O2"),
    flags=_WITH,
    explored=LIMITS,
    says="gpgrt_lock_lock",
)
program(
    "5.3",
    "library_lock_in_order",
    BUG,
    "the same, and the second thread to end writes through a null pointer: the plain build faults as well",
    file="library_lock.c",
    levels=("-O1", "-O0", "-O2"),
    flags=(*_WITH, "-DIN_ORDER=1"),
    explored=LIMITS,
)
program(
    "5.3",
    "library_lock_alone",
    BUG,
    "the same, and a null pointer that is written to whatever the threads do",
    file="library_lock.c",
    levels=("-O0", "-O2"),
    flags=(*_WITH, "-DALONE=1"),
    explored=LIMITS,
)
program(
    "5.3",
    "no_lock",
    BUG,
    "two threads write through a shared pointer that each of them resets, with no lock",
    file="library_lock.c",
    levels=("-O0", "-O1", "-O2"),
    flags=("-DWITH_LIBRARY=0",),
    explored=LIMITS,
)
