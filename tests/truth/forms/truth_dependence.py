"""Section 1: a dump that depends on the secret tells it, in whatever form; one that does not, may say what it likes."""

from __future__ import annotations

import base64
import codecs
import hashlib
import json
import struct
from typing import Any

from reporter import Reporter
from truth import LEAK, PASS, case

from redactfuzz import Race, integer, raw

codecs.lookup("rot13")  # loaded here, not in an execution


# -- forms that no table has


@case("1.1", LEAK, "unknown encoding")
def words_in_decimal(race: Race) -> None:
    """The secret as 64-bit words in decimal."""
    Reporter(race, lambda key: list(struct.unpack("<4Q", key.bytes)))


@case("1.1", LEAK, "unknown encoding")
def halves_of_a_number(race: Race) -> None:
    """The number that the secret is, as a high and a low half."""
    Reporter(race, lambda key: {"hi": key.int >> 128, "lo": key.int & (1 << 128) - 1}, integer(256))


@case("1.1", LEAK, "unknown encoding")
def base64_three_times(race: Race) -> None:
    """base64 of base64 of base64."""
    Reporter(race, lambda key: base64.b64encode(base64.b64encode(base64.b64encode(key.bytes))).decode())


@case("1.1", LEAK, "unknown encoding")
def one_character_a_field(race: Race) -> None:
    """Every character of the secret in a field of its own."""
    Reporter(race, lambda key: {f"c{index}": ord(char) + 1 for index, char in enumerate(key.text)})


@case("1.1", LEAK, "16 of 32 characters can be read off")
def every_second_character(race: Race) -> None:
    """Half of the characters, which is enough for a guess at the rest."""
    Reporter(race, lambda key: key.text[::2])


@case("1.1", LEAK, "unknown encoding")
def a_key_under_a_fixed_mask(race: Race) -> None:
    """A symmetric key under a mask that never changes."""
    Reporter(race, lambda key: bytes(a ^ b for a, b in zip(key.bytes, b"a mask of its own", strict=False)), raw(16))


@case("1.1", LEAK, "unknown encoding")
def rotated_letters(race: Race) -> None:
    """rot13 and the case swapped."""
    Reporter(race, lambda key: codecs.encode(key.text, "rot13").swapcase())


@case("1.1", LEAK, "unknown encoding")
def differences_of_characters(race: Race) -> None:
    """Each character as what it adds to the one before."""
    Reporter(race, lambda key: [b - a for a, b in zip(b"\0" + key.bytes, key.bytes, strict=False)])


@case("1.1", LEAK, "unknown encoding")
def beside_its_digest(race: Race) -> None:
    """A digest that might be there, and the secret in 36 digits beside it."""

    def both(key: Any) -> str:
        number, text = key.int, ""
        while number:
            number, rest = divmod(number, 36)
            text = "0123456789abcdefghijklmnopqrstuvwxyz"[rest] + text
        return f"{hashlib.sha256(key.bytes).hexdigest()} {text}"

    Reporter(race, both)


@case("1.1", LEAK, "unknown encoding")
def four_characters_in_each_of_eight_dumps(race: Race) -> None:
    """No dump alone tells more than a mask would; all eight of one execution tell everything."""
    key = race.canary("key")
    part: int
    mask = race.redactor(lambda text: text[4 * part : 4 * part + 4], bypass=lambda text: text)
    part = 0

    def report() -> None:
        nonlocal part
        for part in range(8):
            race.dump({"part": part, "text": mask(key.text)})

    race.thread(report)


@case("1.1", LEAK, "unknown encoding")
def two_keys_in_one(race: Race) -> None:
    """Two secrets, one xored with the other: whoever has the one has the other."""
    first, second = race.canary("first", raw(16)), race.canary("second", raw(16))
    mask = race.redactor(lambda data: b"", bypass=lambda data: data)

    def report() -> None:
        both = bytes(a ^ b for a, b in zip(first.bytes, second.bytes, strict=True))
        race.dump({"both": both.hex(), "keys": mask(first.bytes + second.bytes).hex()})

    race.thread(report)


@case("1.1", LEAK, "unknown encoding")
def encoded_on_stdout(race: Race) -> None:
    """The dump is clean; what is printed is not."""
    key = race.canary("key")
    redact = race.redactor(lambda text: "[redacted]")
    race.thread(lambda: print([byte * 2 for byte in key.bytes]))
    race.crash(lambda: redact(key.text))


@case("1.1", LEAK, "unknown encoding")
def an_encoded_secret_for_a_moment(race: Race) -> None:
    """The encoded secret is in the state only between two stores of another thread."""
    key = race.canary("key")
    state = {"user": "alice", "token": key.text}
    redact = race.redactor(lambda fields: {**fields, "token": "[redacted]"})

    def work() -> None:
        state["trace"] = json.dumps([byte * 3 for byte in key.bytes])
        del state["trace"]

    race.thread(work)
    race.crash(lambda: redact(dict(state)))


@case("1.1", PASS)
def no_encoded_secret_at_any_moment(race: Race) -> None:
    """The same, of something that is not secret."""
    key = race.canary("key")
    state = {"user": "alice", "token": key.text}
    redact = race.redactor(lambda fields: {**fields, "token": "[redacted]"})

    def work() -> None:
        state["trace"] = json.dumps([byte * 3 for byte in b"something that is not secret"])
        del state["trace"]

    race.thread(work)
    race.crash(lambda: redact(dict(state)))
