from __future__ import annotations

import base64
import hashlib
import json
import random

import pytest

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import KeyFinding, Severity
from redactfuzz.scan.keys import DETECTORS, KnownKeys
from redactfuzz.scan.keys.checked import base58, bech32
from redactfuzz.scan.keys.tokens.shapes import crc62 as checksum

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def body(seed: int) -> bytes:
    return "".join(random.Random(seed).choices(LETTERS, k=30)).encode()


def crc(prefix: bytes) -> bytes:
    return prefix + body(1) + checksum(body(1))


def part(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def jwt(algorithm: str, size: int, payload: bytes = b'{"sub":"ann","exp":1}', kind: str = "JWT") -> bytes:
    header = json.dumps({"alg": algorithm, "typ": kind}).encode()
    return b".".join((part(header), part(payload), part(random.Random(2).randbytes(size))))


SECRET = random.Random(3).randbytes(32)
TOKENS = {
    "GitHub personal access token": crc(b"ghp_"),
    "GitHub OAuth token": crc(b"gho_"),
    "GitHub user-to-server token": crc(b"ghu_"),
    "GitHub server-to-server token": crc(b"ghs_"),
    "GitHub refresh token": crc(b"ghr_"),
    "npm access token": crc(b"npm_"),
    "JSON Web Token, HS256": jwt("HS256", 32),
    "JSON Web Token, ES512": jwt("ES512", 132),
    "JSON Web Token, RS384": jwt("RS384", 256, json.dumps({"groups": ["a group of ours"] * 1500}).encode()),
    "JSON Web Token, RS256": jwt("RS256", 256),
    "JSON Web Token, Ed25519": jwt("Ed25519", 64),
    "JSON Web Token, ML-DSA-44": jwt("ML-DSA-44", 2420),
    "age secret key": bech32.encode("age-secret-key-", SECRET).upper().encode(),
    "Nostr secret key": bech32.encode("nsec", SECRET).encode(),
    "Bitcoin private key (wallet import format)": base58.encode(b"\x80" + SECRET + b"\1"),
    "BIP 32 extended private key": base58.encode(bytes.fromhex("0488ade4") + bytes(9) + SECRET + b"\0" + SECRET),
}
WIDE = [name for name in TOKENS if "Bitcoin" not in name and "BIP" not in name]


def find(data: bytes) -> list[KeyFinding]:
    image = Image("core", data)
    return [finding for detector in DETECTORS for finding in detector.find(image, KnownKeys())]


def names(data: bytes) -> list[str]:
    return [finding.what for finding in find(data)]


@pytest.mark.parametrize("name", TOKENS)
@pytest.mark.parametrize("offset", [0, 1, 50, 1023, 4000])
def test_a_token_is_found_at_any_offset_and_nothing_in_the_twin(name: str, offset: int) -> None:
    memory = (b"\0some text = " * 500)[:offset]
    data = memory + b"\0" + TOKENS[name] + b"\0 tail"
    (found,) = find(data)
    assert (found.what, found.severity) == (name, Severity.TOTAL)
    assert [(where.offset, where.length) for where in found.where] == [(offset + 1, len(TOKENS[name]))]
    assert not find(memory + b"\0\0 tail")


@pytest.mark.parametrize("name", TOKENS)
def test_a_token_is_found_between_quotes_and_at_the_end_of_the_image(name: str) -> None:
    assert names(b'{"token": "' + TOKENS[name] + b'"}') == [name]
    assert names(b"token=" + TOKENS[name]) == [name]


HEADERS = [f'{{{before}"alg": "HS256"}}' for before in (" ", "  ", "\n", "\n  ", "\n\t", "\r\n")]


@pytest.mark.parametrize("header", HEADERS)
def test_a_header_may_have_blanks(header: str) -> None:
    token = b".".join((part(header.encode()), *jwt("HS256", 32).split(b".")[1:]))
    assert names(b"Bearer " + token) == ["JSON Web Token, HS256"]
    assert not names(b"Bearer " + token[:-4])


CARRIERS = {"protobuf": b"\x12%c", "MessagePack": b"\xd9%c", "BSON": b"\2key\0%c\0\0\0", "CBOR": b"\xa1ckeyx%c"}


@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize("name", [name for name in TOKENS if "Bitcoin" in name or "BIP" in name])
def test_a_key_in_base58_is_found_behind_its_length(carrier: str, name: str) -> None:
    """Most lengths are letters of that alphabet: 4 is 52, o is 111."""
    token = TOKENS[name]
    before = CARRIERS[carrier] % (len(token) + (carrier == "BSON"))
    assert names(before + token + b"\0") == [name]
    assert not names(before + token[:-1] + (b"2" if token[-1:] != b"2" else b"3") + b"\0")


@pytest.mark.parametrize("name", WIDE)
def test_a_token_is_found_in_utf16(name: str) -> None:
    data = b"x" + f"token={TOKENS[name].decode()};".encode("utf-16-le")
    assert names(data) == [name]


@pytest.mark.parametrize("name", [name for name in TOKENS if "JSON" not in name])
def test_a_token_with_one_other_character_is_none(name: str) -> None:
    token = bytearray(TOKENS[name])
    for at in (len(token) - 1, len(token) // 2, len(token) - 8):
        changed = token.copy()
        changed[at] = ord("9") if chr(token[at]) != "9" else ord("8")
        assert not find(bytes(changed))


@pytest.mark.parametrize(
    "token",
    [
        jwt("none", 32),
        jwt("HS256", 31),
        jwt("ES256", 32),
        jwt("RS256", 64),
        jwt("Ed25519", 32),
        jwt("ROT13", 32),
        jwt("HS256", 32, b'"a string"'),
        jwt("HS256", 32, b"{no json}"),
        jwt("HS256", 32).rsplit(b".", 1)[0] + b".",
        b"eyJ" + b"A" * 50 + b"." + b"B" * 50 + b"." + b"C" * 50,
        b"eyJ" * 1000,
    ],
)
def test_what_only_looks_like_a_signed_token_is_none(token: bytes) -> None:
    assert not find(token)


def test_the_checksum_is_that_of_zlib_in_base_62() -> None:
    """4294967295 is 4gfFC3 in base 62 with digits, capitals and small letters."""
    assert checksum(b"\xff\xff\xff\xff") == b"4gfFC3"
    assert checksum(b"") == b"000000"


def test_the_bech32_of_bip_173_is_accepted() -> None:
    assert bech32.is_valid("abcdef", "qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw")
    assert not bech32.is_valid("abcdef", "qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxq")
    assert not bech32.is_valid("abcdef", "qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqbw")


def test_a_well_known_wallet_key_is_decoded() -> None:
    """The key of the example on wallet import format in Bitcoin's wiki."""
    secret = bytes.fromhex("0c28fca386c7a227600b2fe50b7cae11ec86d3bf1fbe471be89827e19d72aa1d")
    assert base58.decode(b"5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ") == b"\x80" + secret


def test_public_words_of_the_same_length_are_no_private_key() -> None:
    words = [
        base58.encode(bytes([version]) + SECRET + b"\1") for version in range(1, 256) if version not in base58.COINS
    ]
    assert not find(b" ".join(words))
    public = base58.encode(bytes.fromhex("0488b21e") + bytes(9) + SECRET + b"\2" + SECRET)
    assert not find(public)


@pytest.mark.parametrize("name", TOKENS)
@pytest.mark.parametrize("after", [b"x", b"A1b2", b"-", b"\xff", b"9" * 30])
def test_a_token_that_is_not_terminated_is_found(name: str, after: bytes) -> None:
    """Strings of Go, Rust and V8 lie one behind the other."""
    (found,) = find(b" " + TOKENS[name] + after)
    assert found.what == name
    if "RS256" not in name:
        assert found.where[0].length == len(TOKENS[name])


def test_a_word_that_holds_a_wallet_key_further_on_is_none() -> None:
    assert not find(b"z" + TOKENS["Bitcoin private key (wallet import format)"])


def test_no_finding_shows_any_part_of_a_token() -> None:
    for token in TOKENS.values():
        said = repr(find(token)).encode()
        assert not any(token[at : at + 8] in said for at in range(15, len(token) - 8))
        assert hashlib.sha256(token).hexdigest() not in said.decode()


@pytest.mark.parametrize("kind", ["statuslist+jwt", "entity-statement+jwt", "application/TRUST-MARK+jwt"])
def test_a_signed_document_that_is_published_is_low_and_any_other_token_total(kind: str) -> None:
    for other, severity in ((kind, Severity.LOW), (f"{kind}s", Severity.TOTAL), ("at+jwt", Severity.TOTAL)):
        (found,) = find(b"a " + jwt("ES256", 64, kind=other) + b"\n")
        assert found.severity is severity
        assert ("published" in found.reason) is (severity is Severity.LOW)


ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


@pytest.mark.parametrize("number", [0, ORDER, 2**256 - 1])
def test_a_number_that_is_no_key_of_the_curve_is_none_of_a_wallet(number: int) -> None:
    for version in (b"\x80", b"\xef"):
        for end in (b"", b"\1"):
            assert not find(base58.encode(version + number.to_bytes(32, "big") + end))
            (found,) = find(base58.encode(version + (ORDER - 1).to_bytes(32, "big") + end))
            assert "wallet import format" in found.what
    extended = bytes.fromhex("0488ade4") + bytes(9) + SECRET + b"\0"
    assert not find(base58.encode(extended + number.to_bytes(32, "big")))
    assert find(base58.encode(extended + (ORDER - 1).to_bytes(32, "big")))
