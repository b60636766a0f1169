"""Issue 41, item 12: calls that many programs make."""

from truth import LEAK, PASS, program

CALLS = {
    "usage": "how much of the machine it has used (",
    "host": "each name has the address 127.0.0.1 (",
    "address": "each name has the address 127.0.0.1 (",
    "started": "nothing, and they end with status 0 (",
    "timed": "",
}
"""What is said of each where it passes."""

for name, held in CALLS.items():
    program(
        "41.12",
        f"{name}_and_wiped",
        PASS,
        f"it calls {name} while a key is in memory, and its handler wipes the key",
        file="common_calls.c",
        flags=(f"-DCALL={name}",),
        says=held,
        explored={"executions": 300},
        second_crash=False,
    )
for name, expected, flag in (("host_kept", LEAK, "-DKEPT"), ("host_forgotten", PASS, "-fzero-call-used-regs=all")):
    program(
        "41.12",
        name,
        expected,
        f"the name of a host is a secret, which the C library keeps{' until it is wiped' if expected is PASS else ''}",
        file="common_calls.c",
        flags=("-DCALL=named", flag),
        explored={"executions": 300},
        second_crash=False,
    )
program(
    "41.12",
    "usage_and_kept",
    LEAK,
    "it asks how much it has used while a key is in memory, which nobody wipes at a crash",
    file="common_calls.c",
    flags=("-DCALL=usage", "-DLEAKY"),
    explored={"executions": 300},
    second_crash=False,
)
