"""Section 1: a dump that depends on the secret tells it, in whatever form; one that does not, may say what it likes."""

from __future__ import annotations

import base64
import codecs
import datetime
import hashlib
import itertools
import json
import os
import random
import re
import secrets
import struct
import threading
import time
import uuid
import zlib
from collections.abc import Callable, Iterator
from typing import Any

from truth import LEAK, PASS, UNACCUSED, case

from redactfuzz import Race, integer, literal, raw

codecs.lookup("rot13")  # loaded here, not in an execution

NOTED = frozenset({"NO_LEAK_FOUND"})
"""A pass that says what it saw, and no proof."""
UNSURE = frozenset({"INCONCLUSIVE"})


class Reporter:
    """A report of an event whose secret is redacted, with something beside it that may follow from the secret."""

    def __init__(self, race: Race, beside: Callable[[Any], Any], kind: Any = None) -> None:
        key = race.canary("key", kind)
        event: dict[str, Any] = {"user": "alice", "token": key.text}
        redact = race.redactor(lambda fields: {**fields, "token": "[redacted]"})

        def work() -> None:
            event["seen"] = True

        race.thread(work)
        race.crash(lambda: {**redact(dict(event)), "beside": beside(key)})


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


# -- what goes by the form of a secret


def known_by_its_form(race: Race, text: str, form: str, beside: Callable[[str], Any]) -> None:
    """A literal that the redactor knows by a pattern."""
    key = race.canary("key", literal(text)).text
    pattern = re.compile(form)
    redact = race.redactor(lambda said: pattern.sub("[key]", said))
    race.thread(lambda: None)
    race.crash(lambda: [redact(f"using {key}"), beside(key)])


@case("1.5", frozenset({"PROVED"}), "do not depend on them")
def a_key_with_words_in_front(race: Race) -> None:
    """Other values keep the words that the redactor goes by."""
    known_by_its_form(race, "sk_live_4eC39HqLyjWDarjtT1zdp7dc", r"sk_live_\w+", len)


@case("1.5", LEAK, "unknown encoding")
def a_key_with_words_in_front_and_its_codes(race: Race) -> None:
    """The same, and the key in another form beside it."""
    known_by_its_form(race, "sk_live_4eC39HqLyjWDarjtT1zdp7dc", r"sk_live_\w+", lambda key: [ord(c) * 3 for c in key])


@case("1.5", frozenset({"NO_LEAK_FOUND"}), "knows 'key' by its form")
def a_key_with_letters_in_front(race: Race) -> None:
    """Other values are left as they are: that is no dependence, and nothing could be compared."""
    known_by_its_form(race, "AKIAQ7XN2PLM9RT4WZKB", r"AKIA[A-Z0-9]{16}", len)


# -- what may differ


@case("1.3", PASS, "do not depend on them")
def its_length(race: Race) -> None:
    """Stars, as many as the secret has characters."""
    Reporter(race, lambda key: "*" * len(key.text))


@case("1.3", PASS, "do not depend on them")
def times_and_numbers_by_chance(race: Race) -> None:
    """Times, random numbers and identifiers."""
    Reporter(race, lambda key: [time.time(), str(datetime.datetime.now()), str(uuid.uuid4()), random.random()])


@case("1.3", PASS, "do not depend on them")
def addresses(race: Race) -> None:
    """Addresses of objects, and the numbers of threads."""
    Reporter(race, lambda key: [repr(object()), id(key.text), threading.get_ident(), threading.get_native_id()])


@case("1.3", PASS)
def names_of_threads(race: Race) -> None:
    """What is alive at the moment of the crash."""
    Reporter(race, lambda key: [thread.name for thread in threading.enumerate()])


@case("1.3", PASS)
def an_allowed_canary(race: Race) -> None:
    """A dump whose canary is in legitimate use may depend on it."""
    key, other = race.canary("key"), race.canary("other")
    redact = race.redactor(lambda text: "[redacted]")
    key.allow()

    def work() -> None:
        race.dump({"used": [ord(char) * 2 for char in key.text], "text": redact(other.text)})
        key.forbid()
        race.dump({"text": redact(f"{key.text} and {other.text}")})

    race.thread(work)


@case("1.3", UNACCUSED)
def another_way_under_another_value(race: Race) -> None:
    """The code goes another way for each character: the schedule may not be followed."""
    key = race.canary("key")
    state = {"token": key.text}
    redact = race.redactor(lambda fields: {**fields, "token": "[redacted]"})

    def strides(text: str) -> Iterator[int]:
        for char in text:
            if char.isdigit():
                yield int(char)

    def work() -> None:
        for stride in strides(key.text):
            for _ in range(stride):
                state["count"] = "one more"

    race.thread(work)
    race.crash(lambda: redact(dict(state)))


def _declared(race: Race, compute: Callable[[Any], str], kind: Any = None) -> None:
    def beside(key: Any) -> str:
        key.allow_derived(compute)
        return compute(key.value)

    Reporter(race, beside, kind)


@case("1.2", UNSURE, "another form of it", executions=60)
def the_secret_itself_declared(race: Race) -> None:
    """What a callable computes, declared as harmless, is the secret with its letters rotated."""
    _declared(race, lambda value: f"x {codecs.encode(value, 'rot13')}!")


@case("1.2", UNSURE, "another form of it", executions=60)
def half_of_the_secret_declared(race: Race) -> None:
    """Every second character, each as a number."""
    _declared(race, lambda value: "-".join(str(ord(char)) for char in value[::2]))


@case("1.2", UNSURE, "another form of it", executions=60)
def a_masked_key_declared(race: Race) -> None:
    """The bytes of a key under a mask that never changes."""
    _declared(race, lambda value: bytes(byte ^ 0x3C for byte in value).hex(), raw(16))


@case("1.2", frozenset({"PROVED"}), "what four_and_length computes of 'key'", executions=1_500)
def a_few_characters_declared(race: Race) -> None:
    """The last four characters and the length, declared and told to be."""

    def four_and_length(value: str) -> str:
        return f"{len(value)}:{value[-4:]}"

    _declared(race, four_and_length)


@case("1.2", frozenset({"PROVED"}), "but for what is declared (sha256 hex of 'key')")
def a_declared_digest_is_named(race: Race) -> None:
    """A declared digest: the certificate says what was let through."""
    a_declared_digest(race)
