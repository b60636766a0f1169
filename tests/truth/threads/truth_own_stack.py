"""Line 14.1: a stack is shared once its thread has told anybody an address of it, by whatever way."""

from truth import LEAK, NO_PROOF, PASS, program

for how in ("STORED", "EXCHANGED", "COPIED", "PIPED", "LINKED"):
    for right in (0, 1):
        program(
            "14.1",
            f"own_stack_{how.lower()}{'_right' if right else ''}",
            PASS if right else LEAK,
            f"a worker looks {'once' if right else 'twice'} at what it told of on its own stack ({how.lower()})",
            file="own_stack.c",
            flags=(f"-DHOW={how}", f"-DRIGHT={right}"),
            explored={"executions": 2_000},
            # A store into the frame of the worker that has ended is met before the leak, and ends the search.
            oracles=None if right else ["deadlock"],
        )

program(
    "14.1",
    "own_stack_computed",
    NO_PROOF,
    "it tells the address in a form that is no address: turns may be missed, which is said",
    file="own_stack.c",
    flags=("-DHOW=COMPUTED", "-DRIGHT=0"),
    explored={"executions": 2_000},
    says="was not seen to pass on",
)
