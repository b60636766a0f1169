"""Keys and tokens in base32, and in what uuencode writes."""

from __future__ import annotations

import base64
import binascii
import json
import random
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from test_printed_jwks import ec_key

from redactfuzz.model.exposure import KeyFinding
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.matcher_set import MatcherSet
from redactfuzz.scan.views.spellings import Spelling, origins, spelled

EC, RSA = ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 2048)
PUBLIC = EC.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
SECRETS = {
    "token": b"glpat-Zx81QmR4tY7uPw2kLs9V\n",
    "jwk": json.dumps(ec_key()).encode(),
    "pem": EC.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    "der": RSA.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
}


def b32(data: bytes) -> str:
    return base64.b32encode(data).decode()


def uuencoded(data: bytes, *, accent: bool = True) -> str:
    lines = [binascii.b2a_uu(data[at : at + 45], backtick=accent).decode() for at in range(0, len(data), 45)]
    return "begin 644 key\n" + "".join(lines) + ("`" if accent else " ") + "\nend\n"


WRITTEN: dict[str, Callable[[bytes], str]] = {
    "base32": b32,
    "base32 in small letters": lambda d: b32(d).lower(),
    "base32 without padding": lambda d: json.dumps({"seed": b32(d).rstrip("=")}),
    "base32 in lines": lambda d: "\n".join(textwrap.wrap(b32(d), 76)),
    "base32 in a name": lambda d: ".".join(textwrap.wrap(b32(d).rstrip("=").lower(), 63)) + ".t.example.org",
    "uuencode": uuencoded,
    "uuencode with blanks": lambda d: uuencoded(d, accent=False),
    "uuencode of which blanks at the end are lost": lambda d: "\n".join(
        line.rstrip() for line in uuencoded(d, accent=False).split("\n")
    ),
    "uuencode with the ends of lines of DOS": lambda d: uuencoded(d).replace("\n", "\r\n"),
}


def found(tmp_path: Path, text: str) -> list[KeyFinding]:
    (tmp_path / "dump").write_bytes(f"Subject: the files that you asked for\n\n{text}\nSincerely\n".encode())
    return list(scan_dump(tmp_path / "dump", ScanRequest(MatcherSet(), KnownKeys())).keys)


@pytest.mark.parametrize("kind", SECRETS)
@pytest.mark.parametrize("way", WRITTEN)
def test_it_is_found(tmp_path: Path, way: str, kind: str) -> None:
    (key,) = found(tmp_path, WRITTEN[way](SECRETS[kind]))
    assert key.detector == kind


@pytest.mark.parametrize("way", WRITTEN)
def test_a_public_key_and_a_part_of_a_token_are_none(tmp_path: Path, way: str) -> None:
    for other in (PUBLIC, SECRETS["token"][:-7] + b" and more of it\n"):
        assert found(tmp_path, WRITTEN[way](other)) == []


@pytest.mark.parametrize("spelling", [Spelling.BASE32, Spelling.UUENCODED])
def test_each_byte_is_said_to_be_where_it_is_written(spelling: Spelling) -> None:
    text = (b32 if spelling is Spelling.BASE32 else uuencoded)(SECRETS["der"]).encode()
    data, at = spelled(spelling, text), origins(spelling, text)
    assert data.rstrip(b"\0") == SECRETS["der"].rstrip(b"\0")
    places = [at[index] for index in range(len(data))]
    assert places == sorted(places)
    assert max(places) < len(text)


@pytest.mark.parametrize(
    "text",
    [
        b"THE LINES OF AN OLD PROGRAM IN CAPITALS, EACH OF THEM SIXTY\n" * 20,
        b"M" + b"!" * 56 + b"\n" + b"M" + b"!" * 62 + b"\n",
        b"internationalization_of_all_the_names_that_are_there",
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZABCDE",
        b"",
    ],
)
def test_prose_and_lines_of_another_length_are_neither(text: bytes) -> None:
    assert spelled(Spelling.BASE32, text) + spelled(Spelling.UUENCODED, text) == b""


@pytest.mark.parametrize("alphabet", [b"234567", b"ABab2345", b"Aa2.\n", b"M!`\n ", bytes(range(31, 98))], ids=str)
def test_any_text_fits_into_the_room_that_it_is_given(alphabet: bytes) -> None:
    """Digits are read in capitals and in small letters: that is more than the text has letters."""
    source = random.Random(9)
    for size in range(400):
        text = bytes(source.choices(alphabet, k=size))
        assert len(spelled(Spelling.BASE32, text)) <= 2 * len(text)
        assert len(spelled(Spelling.UUENCODED, text)) <= len(text)
