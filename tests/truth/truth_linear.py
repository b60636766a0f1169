"""Line 1: what a system of linear equations solves is an encoding, a check that leaves most of the key open is not."""

from __future__ import annotations

from truth import LEAK, UNACCUSED, program

for _number, _name, _expected, _what in (
    (0, "parities", LEAK, "320 parities of bits of a key stay."),
    (1, "register", LEAK, "300 bits of a shift register that a key has filled stay."),
    (2, "check", UNACCUSED, "A CRC of 64 bits of a key of 256 stays: no leak is invented."),
):
    program(
        "1.1",
        f"linear_{_name}",
        _expected,
        _what,
        file="linear.c",
        flags=(f"-DWHAT={_number}",),
        levels=("-O0", "-O2"),
        explored={"executions": 200},
    )
