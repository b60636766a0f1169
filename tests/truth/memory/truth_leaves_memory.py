"""Issue 41, item 10: what leaves the program's memory is a bug of the program, and no death of ours."""

from truth import BUG, PASS, program

LIMITS = {"executions": 300}
CALLS = {
    "memset": "memset(block, 0, size)",
    "memset_of_a_global": "memset(key, 0, size)",
    "memset_of_a_stack": "memset(local, 0, size)",
    "memset_below": "memset(block - 8192, 0, size)",
    "memcpy": "memcpy(block, local, size)",
    "memmove": "memmove(block, block + 1, size)",
    "memmove_down": "memmove(block + 1, block, size)",
    "bzero": "explicit_bzero(block, size)",
}
"""A length too large, in each way in which memory is filled and copied."""
FAULT = {"memset_of_a_global", "memset_of_a_stack", "memset_below", "memcpy"}
"""Those that begin in no block of the heap, or read from there first."""

for name, call in CALLS.items():
    if name != "memset_below":
        program(
            "41.10",
            f"{name}_right",
            PASS,
            f"{call} of 32 bytes",
            file="leaves_memory.c",
            flags=("-DFIXED", f"-DCALL={call}"),
            explored=LIMITS,
            crash="SIGABRT",
            second_crash=False,
        )
    program(
        "41.10",
        f"{name}_too_far",
        BUG,
        f"{call} of 2^45 bytes",
        file="leaves_memory.c",
        flags=(f"-DCALL={call}",),
        explored=LIMITS,
        crash="SIGABRT",
        second_crash=False,
        says="Segmentation fault" if name in FAULT else "memory beyond a heap block",
    )
program(
    "41.10",
    "grows",
    frozenset({"LEAK", "BUG"}),
    "a vector that grows while the handler wipes data(), size()",
    file="grows.cpp",
    explored={"executions": 3_000},
)
program(
    "41.10",
    "grows_public",
    PASS,
    "a vector of bytes that are no secret grows, and the handler wipes a table",
    file="grows.cpp",
    flags=("-DFIXED",),
    explored={"executions": 1_000},
    second_crash=False,
)
