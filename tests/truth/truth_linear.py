"""Line 1: what a system of linear equations solves is an encoding, a check that leaves most of the key open is not."""

from __future__ import annotations

import hashlib
import random

from truth import LEAK, PASS, UNACCUSED, case, program

from redactfuzz import Race, raw, token

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

_DRAWN = random.Random(5)
_MASKS = [_DRAWN.getrandbits(256) for _ in range(320)]


def _parities(data: bytes, rows: int) -> bytes:
    number = int.from_bytes(data, "big")
    bits = sum(((number & mask).bit_count() & 1) << at for at, mask in enumerate(_MASKS[:rows]))
    return bits.to_bytes(rows // 8, "big")


@case("1.1", LEAK, executions=50)
def parities_of_a_key_in_hexadecimal(race: Race) -> None:
    """320 parities of bits of a key stand in the dump as hexadecimal digits."""
    key = race.canary("key", kind=raw(32)).bytes
    redact = race.redactor(lambda data: _parities(data, 320).hex(), bypass=bytes)
    race.crash(lambda: redact(key))


@case("1.1", LEAK, executions=50)
def parities_of_a_token_as_numbers(race: Race) -> None:
    """320 parities of bits of a token stand in the dump as a list of numbers."""
    key = race.canary("key", kind=token()).text.encode()
    redact = race.redactor(lambda data: str(list(_parities(data, 320))), bypass=bytes)
    race.crash(lambda: redact(key))


@case("1.1", PASS, executions=50)
def a_digest_in_hexadecimal(race: Race) -> None:
    """A digest of a key stands there in their place."""
    key = race.canary("key", kind=raw(32)).bytes
    redact = race.redactor(lambda data: hashlib.sha512(data).hexdigest(), bypass=bytes)
    race.crash(lambda: redact(key))


@case("1.1", UNACCUSED, executions=50)
def a_check_of_few_parities(race: Race) -> None:
    """96 parities of a key of 256 bits: more than half of it stays open."""
    key = race.canary("key", kind=raw(32)).bytes
    redact = race.redactor(lambda data: _parities(data, 96).hex(), bypass=bytes)
    race.crash(lambda: redact(key))


@case("1.1", UNACCUSED, executions=50)
def a_check_of_a_token(race: Race) -> None:
    """A check of 64 bits, one more than a character of a token has for each of its 32: most of it stays open."""
    key = race.canary("key", kind=token()).text.encode()
    redact = race.redactor(lambda data: _parities(data, 64).hex(), bypass=bytes)
    race.crash(lambda: redact(key))
