"""Line 1: what a system of linear equations solves is an encoding, a check that leaves most of the key open is not."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable

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


def _tells(race: Race, data: bytes, tell: Callable[[bytes], str]) -> None:
    redact = race.redactor(tell, bypass=bytes)
    race.crash(lambda: redact(data))


@case("1.1", LEAK, executions=50)
def parities_of_a_key_in_hexadecimal(race: Race) -> None:
    """320 parities of bits of a key stand in the dump as hexadecimal digits."""
    _tells(race, race.canary("key", kind=raw(32)).bytes, lambda data: _parities(data, 320).hex())


@case("1.1", LEAK, executions=50)
def parities_of_a_token_as_numbers(race: Race) -> None:
    """320 parities of bits of a token stand in the dump as a list of numbers."""
    _tells(race, race.canary("key", kind=token()).text.encode(), lambda data: str(list(_parities(data, 320))))


@case("1.1", PASS, executions=50)
def a_digest_in_hexadecimal(race: Race) -> None:
    """A digest of a key stands there in their place."""
    _tells(race, race.canary("key", kind=raw(32)).bytes, lambda data: hashlib.sha512(data).hexdigest())


@case("1.1", UNACCUSED, executions=50)
def a_check_of_few_parities(race: Race) -> None:
    """96 parities of a key of 256 bits: more than half of it stays open."""
    _tells(race, race.canary("key", kind=raw(32)).bytes, lambda data: _parities(data, 96).hex())


@case("1.1", UNACCUSED, executions=50)
def a_check_of_a_token(race: Race) -> None:
    """A check of 64 bits of a token that has 190: most of it stays open."""
    _tells(race, race.canary("key", kind=token()).text.encode(), lambda data: _parities(data, 64).hex())
