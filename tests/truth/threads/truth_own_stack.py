"""Line 14.1: a stack is shared once its thread has told anybody an address of it, by whatever way."""

from truth import LEAK, PASS, program

for how in ("STORED", "EXCHANGED", "COPIED", "PIPED", "LINKED"):
    for right in (0, 1):
        program(
            "14.1",
            f"own_stack_{how.lower()}{'_right' if right else ''}",
            PASS if right else LEAK,
            f"a worker looks {'once' if right else 'twice'} at what it told another of, on its own stack ({how.lower()})",
            file="own_stack.c",
            flags=(f"-DHOW={how}", f"-DRIGHT={right}"),
            explored={"executions": 2_000},
        )
