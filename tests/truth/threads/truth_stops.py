"""A redactor that stops at a byte that keys hold now and then: the key of the first executions has none."""

from __future__ import annotations

from typing import Any

from truth import LEAK, PASS, case, program

from redactfuzz import Race, integer, raw

for _name, _flags, _expected, _says in (
    ("a_zero_byte", (), LEAK, "It takes a secret that holds the bytes 00 0a 20 ff 80"),
    ("a_line_end", ("-DBY_BYTE=0x0a",), LEAK, "It takes a secret that holds the bytes 00 0a 20 ff 80"),
    ("its_length", ("-DBY_LENGTH",), frozenset({"PROVED"}), "hold the bytes 00 0a 20 ff 80, or begin with 00"),
):
    program(
        "3.7",
        f"stops_at_{_name}",
        _expected,
        "A handler wipes a random key up to a zero byte, up to the end of a line, or as long as it is.",
        file="stops_at.c",
        flags=_flags,
        says=_says,
        levels=("-O1", "-O0"),
        second_crash=False,
        explored={"executions": 2_000},
    )
program(
    "3.7",
    "stops_at_a_zero_of_a_number",
    LEAK,
    "The same of a number that is kept as bytes.",
    file="stops_at.c",
    says="It takes a secret that",
    canaries={"the key": integer(256)},
    explored={"executions": 2_000},
)


def _masked(race: Race, end: Any) -> None:
    key, buffer = race.canary("key", raw(16)), bytearray(16)
    key.write_into(buffer)

    def mask(data: bytearray) -> bytes:
        for at in range(len(data)):
            if end(data, at):
                break
            data[at] = 0x2A
        return bytes(data)

    redact = race.redactor(mask)
    race.crash(lambda: redact(buffer))


@case("3.7", LEAK, "It takes a secret that begins with the byte 00")
def stops_where_the_first_byte_is_zero(race: Race) -> None:
    """A masker that takes a key whose first byte is zero for one that is not set: one key of 256."""
    _masked(race, lambda data, at: at == 0 and data[0] == 0)


@case("3.7", PASS)
def stops_at_the_end_alone(race: Race) -> None:
    """The right twin masks whatever the bytes are."""
    _masked(race, lambda data, at: False)
