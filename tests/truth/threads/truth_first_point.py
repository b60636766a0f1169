"""Line 14.1: between an access and a call that follows another thread may come, and between the pieces of a call."""

from truth import LEAK, NO_PROOF, PASS, program

SEARCH = {"strategy": "dpor", "seconds": 600.0}
"""The whole space: whoever leaves a point out would prove something."""

for how, what in (
    ("COPIES", "strcpy takes a length"),
    ("APPENDS", "strcat takes a length"),
    ("TORN", "memset of 64 bytes is seen half done"),
):
    for right in (0, 1):
        program(
            "14.1",
            f"first_point_{how.lower()}{'_right' if right else ''}",
            PASS if right else LEAK,
            f"{what}{', which another thread waits for' if right else ' straight after a store'}",
            file="first_point.c",
            flags=(f"-DHOW={how}", f"-DRIGHT={right}"),
            crash="none",
            explored=SEARCH,
        )

for how, what in (("RETURNED", "stored from a call"), ("BY_VALUE", "given to a call by value")):
    program(
        "14.1",
        f"first_point_{how.lower()}",
        NO_PROOF,
        f"a struct is {what}, of which gcc makes no hook",
        file="first_point.c",
        flags=(f"-DHOW={how}", "-DRIGHT=0"),
        crash="none",
        explored={"executions": 2_000},
        says="without",
    )

program(
    "14.1",
    "first_point_torn_once_preempted",
    LEAK,
    "memset of 64 bytes is seen half done, and no schedule of one preemption is left out",
    file="first_point.c",
    flags=("-DHOW=TORN", "-DRIGHT=0"),
    crash="none",
    explored={"preemptions": 1, "executions": 5_000},
)
