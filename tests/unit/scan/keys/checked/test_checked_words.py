"""Words with a checksum of their own: found wherever they lie, and neither damaged nor public ones nor examples are."""

from __future__ import annotations

import base64
import random

import pytest

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import KeyFinding, Severity
from redactfuzz.scan.keys import DETECTORS, KnownKeys
from redactfuzz.scan.keys.checked import base32, base58, bech32

DRAW = random.Random(17)
SECRET = DRAW.randbytes(32)
NKEYS = {"user": 20, "account": 0, "operator": 14, "cluster": 2, "server": 13, "curve": 23}
COINS = {"Litecoin": 0xB0, "Dogecoin": 0x9E, "Dash": 0xCC, "Namecoin": 0xB4, "Peercoin": 0xB7, "PIVX": 0xD4}
EXTENDED = {
    "yprv": "049d7878", "Yprv": "0295b005", "zprv": "04b2430c", "Zprv": "02aa7a99", "tprv": "04358394",
    "vprv": "045f18bc", "Ltpv": "019d9cfe", "dgpv": "02fac398",
}  # fmt: skip
CARDANO = {"ed25519_sk": 32, "ed25519e_sk": 64, "addr_xsk": 96, "root_shared_xsk": 96, "ed25519bip32_sk": 96}


def nkey(kind: int, secret: bytes = SECRET, first: int = 18) -> bytes:
    """Letters of five bits: what it is, and of what type (nkeys, ``EncodeSeed``)."""
    return base32.encode(bytes((first << 3 | kind >> 2, (kind << 3 & 31) << 3)) + secret)


def extended(version: str) -> bytes:
    return base58.encode(bytes.fromhex(version) + bytes(9) + SECRET + b"\0" + SECRET)


STELLAR = base32.encode(bytes((18 << 3,)) + SECRET)
WORDS: dict[str, tuple[bytes, str]] = {
    **{f"nkey, {name}": (nkey(kind), "NATS nkey seed") for name, kind in NKEYS.items()},
    "Stellar": (STELLAR, "Stellar secret seed"),
    **{
        f"{coin}{' short' if end else ''}": (
            base58.encode(bytes((version,)) + SECRET + end),
            f"{coin} private key (wallet import format)",
        )
        for coin, version in COINS.items()
        for end in (b"", b"\1")
    },
    **{name: (extended(version), "BIP 32 extended private key") for name, version in EXTENDED.items()},
    "edsk": (base58.encode(bytes.fromhex("0d0f3a07") + SECRET), "Tezos secret key"),
    "edsk, long": (base58.encode(bytes.fromhex("2bf64e07") + DRAW.randbytes(64)), "Tezos secret key"),
    "spsk": (base58.encode(bytes.fromhex("11a2e0c9") + SECRET), "Tezos secret key"),
    "p2sk": (base58.encode(bytes.fromhex("1051eebd") + SECRET), "Tezos secret key"),
    "edesk": (base58.encode(bytes.fromhex("075a3cb329") + DRAW.randbytes(56)), "encrypted Tezos secret key"),
    "age, post-quantum": (bech32.encode("age-secret-key-pq-", SECRET).upper().encode(), "age secret key"),
    "Sui": (bech32.encode("suiprivkey", b"\0" + SECRET).encode(), "Sui private key"),
    **{
        name: (bech32.encode(name, (SECRET * 3)[:size]).encode(), "Cardano signing key")
        for name, size in CARDANO.items()
    },
}
PUBLIC = {
    "nkey, user": base32.encode(bytes((20 << 3,)) + SECRET),
    "nkey, private": base32.encode(bytes((15 << 3,)) + SECRET * 2),
    "nkey, of an unknown type": nkey(5),
    "Stellar": base32.encode(bytes((6 << 3,)) + SECRET),
    "Stellar, a hash": base32.encode(bytes((23 << 3,)) + SECRET),
    **{f"{name[0]}pub": extended(version) for name, version in (("xpub", "0488b21e"), ("zpub", "04b24746"))},
    "Tezos": base58.encode(bytes.fromhex("0d0f25d9") + SECRET),
    "age": bech32.encode("age", SECRET).encode(),
    "age, post-quantum": bech32.encode("age1pq", SECRET * 38).encode(),
    "Cardano": bech32.encode("addr_vk", SECRET).encode(),
    "zeros, NATS": nkey(20, bytes(32)),
    "zeros, Stellar": base32.encode(bytes((18 << 3,)) + bytes(32)),
    "zeros, Tezos": base58.encode(bytes.fromhex("0d0f3a07") + bytes(32)),
    "the example of age's specification": bech32.encode("age-secret-key-", b"B" * 32).upper().encode(),
    "zeros, Sui": bech32.encode("suiprivkey", bytes(33)).encode(),
}
PRINTED = (
    b"xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi",
    b"zprvAWgYBBk7JR8Gjrh4UJQ2uJdG1r3WNRRfURiABBE3RvMXYSrRJL62XuezvGdPvG6GFBZduosCc1YP5wixPox7zhZLfiUm8aunE96BBa4Kei5",
    b"5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ",
    b"nsec1vl029mgpspedva04g90vltkh6fvh240zqtv9k0t9af8935ke9laqsnlfe5",
    b"SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY",
    b"AGE-SECRET-KEY-PQ-1XX76JRALNLXDMEW0CRK45QMCCH4X06SE84UN3VPM33W6HWDX0H3SK3ZQFR",
    b"edesk1GXwWmGjXiLHBKxGBxwmNvG21vKBh6FBxc4CyJ8adQQE2avP5vBB57ZUZ93Anm7i4k8RmsHaPzVAvpnHkFF",
)
"""Of documents, in what others wrote: they show as well that what is written here is what programs write."""


def find(data: bytes) -> list[KeyFinding]:
    image = Image("core", data)
    return [finding for detector in DETECTORS for finding in detector.find(image, KnownKeys())]


@pytest.mark.parametrize("name", WORDS)
@pytest.mark.parametrize("offset", [0, 1, 50, 1023])
def test_a_word_is_found_at_any_offset(name: str, offset: int) -> None:
    word, what = WORDS[name]
    memory = (b"\0some text = " * 100)[:offset]
    (found,) = find(memory + b"\0" + word + b"\0 tail")
    severity = Severity.MEDIUM if "encrypted" in what else Severity.TOTAL
    assert (found.what, found.severity) == (what, severity)
    assert [(where.offset, where.length) for where in found.where] == [(offset + 1, len(word))]


@pytest.mark.parametrize("name", WORDS)
@pytest.mark.parametrize("after", [b"x", b"Q7", b"\xff", b"2" * 30])
def test_a_word_that_is_not_terminated_is_found(name: str, after: bytes) -> None:
    word, what = WORDS[name]
    (found,) = find(b"=" + word + after)
    assert (found.what, found.where[0].length) == (what, len(word))


@pytest.mark.parametrize("name", WORDS)
def test_a_word_with_one_other_letter_is_none(name: str) -> None:
    word, _ = WORDS[name]
    for at in (len(word) - 1, len(word) // 2, len(word) - 9):
        changed = bytearray(word)
        changed[at] = next(letter for letter in (word[at - 1], word[at - 2], word[at - 3]) if letter != word[at])
        assert not find(bytes(changed)), at


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_word_or_an_example_is_none(name: str) -> None:
    assert not find(b"key " + PUBLIC[name] + b"\n")


@pytest.mark.parametrize("word", PRINTED)
def test_a_key_that_documents_print_is_low(word: bytes) -> None:
    (found,) = find(b"key " + word + b"\n")
    assert (found.severity, "documentation" in found.reason) == (Severity.LOW, True)


@pytest.mark.parametrize("name", WORDS)
def test_no_finding_shows_any_part_of_a_word(name: str) -> None:
    word, _ = WORDS[name]
    said = repr(find(word))
    assert not any(word[at : at + 8].decode() in said for at in range(16, len(word) - 8))


def test_a_seed_of_nats_is_found_in_a_file_of_credentials() -> None:
    jwt = base64.urlsafe_b64encode(DRAW.randbytes(90)).decode()
    file = (
        f"-----BEGIN NATS USER JWT-----\n{jwt}\n------END NATS USER JWT------\n\n"
        f"-----BEGIN USER NKEY SEED-----\n{nkey(20).decode()}\n------END USER NKEY SEED------\n"
    )
    assert [one.what for one in find(file.encode())] == ["NATS nkey seed"]


def test_a_seed_of_stellar_further_on_in_a_word_is_none() -> None:
    """Its mark is two letters and its checksum 16 bits: by chance one of 2^24 places has both."""
    assert not find(b"A" + STELLAR)
    assert [one.what for one in find(b"HTTP" + nkey(20))] == ["NATS nkey seed"]


def test_a_key_in_bech32_is_found_in_utf16() -> None:
    for name in ("age, post-quantum", "Sui", *CARDANO):
        word, what = WORDS[name]
        assert [one.what for one in find(word.decode().encode("utf-16-le"))] == [what]
