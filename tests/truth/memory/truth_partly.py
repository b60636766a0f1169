"""Line 5.3: what is modelled in part is named and accuses nobody."""

from truth import BUG, PASS, UNACCUSED, program

LIMITS = {"executions": 1000}

program(
    "5.3",
    "partly_scans",
    UNACCUSED,
    "fscanf on a file that it wrote, whose result it asserts",
    file="partly.c",
    levels=("-O0", "-O2"),
    flags=("-DWAY=SCANS",),
    explored=LIMITS,
    says="fscanf",
)
program(
    "5.3",
    "partly_kernel",
    UNACCUSED,
    "it reads /proc/self/cmdline and asserts that it is there",
    file="partly.c",
    flags=("-DWAY=KERNEL",),
    explored=LIMITS,
    says="/proc",
)
program(
    "5.3",
    "partly_sockets",
    PASS,
    "socket and listen, which it asserts to succeed",
    file="partly.c",
    flags=("-DWAY=SOCKETS",),
    explored=LIMITS,
)
program(
    "5.3",
    "partly_deep",
    PASS,
    "a thread that needs two megabytes of stack",
    file="partly.c",
    levels=("-O0", "-O2"),
    flags=("-DWAY=DEEP",),
    explored=LIMITS,
)
program(
    "5.3",
    "partly_large",
    PASS,
    "a thread that asks for a stack of 24 MiB and uses 16 of them",
    file="partly.c",
    levels=("-O0", "-O1", "-O2"),
    flags=("-DWAY=LARGE", "-fno-optimize-sibling-calls"),
    explored={"executions": 100},
)
program(
    "5.3",
    "partly_overflows",
    BUG,
    "a thread that asks for a stack of 24 MiB and needs 32",
    file="partly.c",
    levels=("-O0", "-O1"),
    flags=("-DWAY=OVERFLOWS", "-fno-optimize-sibling-calls"),
    explored={"executions": 100},
    says="stack overflow",
)
