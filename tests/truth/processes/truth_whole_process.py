"""Line 4.3: destructors, shared memory of children, handlers of pthread_atfork, and names that a core tells."""

from __future__ import annotations

from truth import LEAK, PASS, WITHHELD, program

from redactfuzz import token

_WHAT = {
    0: ("destructor", "A function with __attribute__((destructor)) copies the key", "it wipes the copy"),
    9: ("late_handler", "A destructor registers a handler of atexit, which copies the key", "it wipes the copy"),
    1: ("shared_memory", "A child of fork fills memory that is shared with its parent", "the parent wipes it"),
    2: ("shared_memfd", "A child of fork fills a shared mapping of a memfd", "the parent wipes it"),
    3: ("atfork", "A child of fork has the key, and dumps core", "handlers of pthread_atfork wipe it"),
    4: ("process_name", "PR_SET_NAME calls the process by the secret", "it has another name"),
    5: ("thread_name", "The first thread is called by the secret: a core calls the process so", "it has another name"),
    6: ("mapped_file_name", "A mapped memfd is called by the secret", "it has another name"),
    8: ("forking_thread_name", "A thread is called by the secret, and its child of fork so", "it has another name"),
}

for _number, (_name, _what, _right) in _WHAT.items():
    for _clean in (0, 1):
        program(
            "4.3",
            f"{_name}{'_right' if _clean else ''}",
            PASS if _clean else LEAK,
            f"{_what}{f'; {_right}' if _clean else ''}.",
            file="whole_process.c",
            flags=(f"-DWHAT={_number}", f"-DCLEAN={_clean}"),
            levels=("-O0", "-O2") if _number in (0, 1, 2, 3, 9) else ("-O1",),
            canaries={"name": token(12)} if 3 < _number < 9 and not _clean else None,
            explored={"executions": 2_000},
        )

program(
    "4.3",
    "other_thread_name",
    PASS,
    "A thread is called by the secret that is not the first one: whether it dies or not, no core tells its name.",
    file="whole_process.c",
    flags=("-DWHAT=7", "-DCLEAN=0"),
    levels=("-O0", "-O2"),
    canaries={"name": token(12)},
    explored={"executions": 2_000},
)
program(
    "4.3",
    "child_keeps",
    LEAK,
    "A child of fork keeps the key after its parent has wiped it.",
    says="core of child 1, struck",
    explored={"executions": 2_000},
)
program(
    "4.3",
    "child_keeps_not",
    PASS,
    "The same without the child.",
    file="child_keeps.c",
    flags=("-DALONE",),
    explored={"executions": 2_000},
)
program(
    "4.3",
    "file_by_number",
    WITHHELD,
    "The key is written to a file by system calls that are named by their numbers.",
    explored={"executions": 2_000},
)
