"""What all changes of a secret show is confirmed, where fewer of them would show just too little of it (F23)."""

from __future__ import annotations

from truth import LEAK, PASS, program

for _bits, _expected in ((50, LEAK), (32, PASS)):
    program(
        "1",
        f"few_positions_{_bits}",
        _expected,
        f"{_bits} bits of a key of 256 stay, shifted: as many as a comparison must read off to tell of a leak are 48.",
        file="few_positions.c",
        flags=(f"-DBITS={_bits}",),
        explored={"executions": 300},
    )
