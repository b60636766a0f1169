"""Line 5.5: a secret that something beside the redactor keeps out of cores is not looked for in vain."""

from __future__ import annotations

from truth import LEAK, NO_CALLS, PASS, VACUOUS, program

_HOW = {
    0: ("dontdump", "MADV_DONTDUMP keeps the key out of cores", "MADV_DONTDUMP"),
    1: ("memfd_secret", "memfd_secret keeps the key out of cores", "memfd_secret"),
    3: ("guarded", "The key lies as sodium_malloc lays it", "MADV_DONTDUMP"),
    4: ("undumpable", "The process leaves no core, but a report", "a process that leaves no core"),
}

for _number, (_name, _what, _by) in _HOW.items():
    for _wiped in (0, 1):
        held = (
            f"'key': 2 layers hold (the redactor and {_by})"
            if _wiped
            else f"'key': 1 layer holds ({_by}; the redactor alone does not)"
        )
        program(
            "5.5",
            f"{_name}{'_and_wiped' if _wiped else ''}",
            PASS,
            f"{_what}{', and the handler wipes it' if _wiped else ', and nobody wipes it'}.",
            file="defence_in_depth.c",
            flags=(f"-DHOW={_number}", f"-DWIPED={_wiped}"),
            second_crash=False,
            says=held,
            explored={"executions": 2_000},
            clang=frozenset() if _wiped else VACUOUS,
            because="" if _wiped else NO_CALLS,
        )
program(
    "5.5",
    "dontdump_and_a_copy",
    LEAK,
    "MADV_DONTDUMP keeps the key out of cores, but not its copy in a table.",
    file="defence_in_depth.c",
    flags=("-DHOW=0", "-DWIPED=1", "-DCOPIED"),
    second_crash=False,
)
