"""Section 1: what is like a digest, what is sealed, and what tells little of a secret."""

from __future__ import annotations

import hashlib
import itertools
import os
import random
import secrets
import uuid
import zlib
from typing import Any

from reporter import NOTED, UNSURE, Reporter
from truth import LEAK, PASS, UNACCUSED, case

from redactfuzz import Race

# -- what is like a digest, and what tells little


@case("1.2", NOTED, "64 bytes of crash depend on 'key' through something like a digest")
def a_digest(race: Race) -> None:
    """A digest that nobody has declared is no leak, and no proof either."""
    Reporter(race, lambda key: hashlib.sha256(key.bytes).hexdigest())


@case("1.2", frozenset({"PROVED"}), "they do not depend on them")
def a_declared_digest(race: Race) -> None:
    """The same, declared."""

    def beside(key: Any) -> str:
        key.allow_derived("sha256 hex")
        return hashlib.sha256(key.bytes).hexdigest()

    Reporter(race, beside)


@case("1.2", NOTED, "something like a digest")
def another_digest_than_the_declared_one(race: Race) -> None:
    """What is declared is checked: this is a digest of another kind."""

    def beside(key: Any) -> str:
        key.allow_derived("sha256 hex")
        return hashlib.sha1(key.bytes).hexdigest()

    Reporter(race, beside)


@case("1.2", frozenset({"PROVED"}), executions=1_500)
def a_declared_fingerprint(race: Race) -> None:
    """What a callable computes from the value."""

    def fingerprint(value: str) -> str:
        return hashlib.sha1(b"pepper" + value.encode()).hexdigest()[:16]

    def beside(key: Any) -> str:
        key.allow_derived(fingerprint)
        return fingerprint(key.text)

    Reporter(race, beside)


@case("1.2", LEAK, "unknown encoding")
def more_than_was_declared(race: Race) -> None:
    """A declared digest, and the secret itself in a form beside it."""

    def beside(key: Any) -> list[Any]:
        key.allow_derived("md5 hex")
        return [hashlib.md5(key.bytes).hexdigest(), [byte ^ 0x2A for byte in key.bytes]]

    Reporter(race, beside)


@case("1.2", NOTED, "of the 190 bits of 'key' can be read off crash")
def the_last_four_characters(race: Race) -> None:
    """What a mask shows on purpose: said, and no leak."""
    Reporter(race, lambda key: f"****{key.text[-4:]}")


@case("1.2", frozenset({"PROVED"}))
def the_declared_last_four_characters(race: Race) -> None:
    """The same, declared."""

    def beside(key: Any) -> str:
        key.allow_derived(lambda value: f"****{value[-4:]}")
        return f"****{key.text[-4:]}"

    Reporter(race, beside)


@case("1.2", NOTED, "something like a digest")
def a_checksum(race: Race) -> None:
    """A checksum that has no room for a secret."""
    Reporter(race, lambda key: f"{zlib.crc32(key.bytes):08x}")


@case("1.2", UNSURE, "depend on 'key'")
def blocks_of_a_cipher(race: Race) -> None:
    """Blocks that each follow from many characters: nobody can tell from outside what they give away."""
    Reporter(race, lambda key: [hashlib.sha512(key.bytes[at : at + 16]).hexdigest() * 2 for at in (0, 16)])


@case("1.2", UNSURE, "order")
def the_order_of_a_set(race: Race) -> None:
    """A set of names and the secret, masked: their order follows from its hash."""
    Reporter(race, lambda key: ["***" if name == key.text else name for name in {key.text, "alice", "bob", "carol"}])


# -- what is sealed, and what is rarely set


def sealed(key: Any, mask: bytes) -> bytes:
    """The key under a mask as long."""
    return bytes(a ^ b for a, b in zip(key.bytes, mask, strict=True))


@case("1.4", UNACCUSED, "drawn by chance")
def under_a_pad_that_is_forgotten(race: Race) -> None:
    """A pad is drawn and used once: the dump tells nothing."""
    Reporter(race, lambda key: sealed(key, os.urandom(32)).hex())


@case("1.4", UNACCUSED, "drawn by chance")
def under_a_pad_beside_another_number(race: Race) -> None:
    """The same, with a random number beside it that has nothing to do with it."""
    Reporter(race, lambda key: [str(uuid.uuid4()), sealed(key, os.urandom(32)).hex()])


@case("1.4", LEAK, "unknown encoding")
def under_a_pad_that_is_beside_it(race: Race) -> None:
    """The pad is written beside it: whoever has both has the secret."""

    def both(key: Any) -> str:
        mask = secrets.token_bytes(32)
        return f"{mask.hex()} {sealed(key, mask).hex()}"

    Reporter(race, both)


@case("1.4", UNSURE, "drawn by chance")
def under_a_stream_whose_seed_is_beside_it(race: Race) -> None:
    """Eight digits of a seed are enough for all of it."""

    def both(key: Any) -> str:
        seed = f"{random.getrandbits(32):08x}"
        return f"{seed} {sealed(key, hashlib.sha256(seed.encode()).digest()).hex()}"

    Reporter(race, both)


@case("1.4", UNACCUSED, "drawn by chance")
def letters_by_a_table_that_is_drawn(race: Race) -> None:
    """Each character as a random table has it; the table is forgotten."""
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    Reporter(race, lambda key: key.text.translate(str.maketrans(letters, "".join(random.sample(letters, 62)))))


@case("1.4", LEAK, "unknown encoding")
def letters_by_a_table_that_is_fixed(race: Race) -> None:
    """The same, under a table that never changes; a random number stands beside it."""
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    table = str.maketrans(letters, "".join(random.Random(3).sample(letters, 62)))
    Reporter(race, lambda key: [random.random(), key.text.translate(table)])


@case("1.4", UNACCUSED, "depend")
def bits_of_a_digest_of_which_few_are_set(race: Race) -> None:
    """A filter of 256 bits, a tenth of them set: what is rarely set seems to follow from few characters."""

    def rare(key: Any) -> str:
        digests = (hashlib.sha256(f"{key.text} {at}".encode()).digest() for at in range(256))
        return "".join("#" if digest[0] < 25 else "." for digest in digests)

    Reporter(race, rare)


@case("1.4", LEAK, "unknown encoding")
def bits_of_the_secret_of_which_few_are_set(race: Race) -> None:
    """A bit for each character of the alphabet, in a field for each character of the secret."""
    Reporter(
        race, lambda key: "|".join("".join("x" if at == char else "o" for at in range(48, 123)) for char in key.bytes)
    )


_count = itertools.count()


@case("1.4", frozenset({"NO_LEAK_FOUND", "INCONCLUSIVE", "LEAK"}), "room enough")
def under_a_mask_that_differs_of_itself(race: Race) -> None:
    """Mask and masked secret differ in each run: nothing is left to compare, and no proof."""

    def both(key: Any) -> str:
        mask = hashlib.sha256(str(next(_count)).encode()).digest()
        return f"{mask.hex()} {sealed(key, mask).hex()}"

    Reporter(race, both)


@case("1.4", PASS, "do not depend on them")
def a_number_that_differs_of_itself(race: Race) -> None:
    """A number that counts runs has no room for a secret."""
    Reporter(race, lambda key: f"{next(_count):08}")


@case("1.2", frozenset({"PROVED"}), "but for what is declared (sha256 hex of 'key')")
def a_declared_digest_is_named(race: Race) -> None:
    """A declared digest: the certificate says what was let through."""
    a_declared_digest(race)
