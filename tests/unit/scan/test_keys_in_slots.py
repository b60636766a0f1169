"""A key or a token that nobody planted, whose bytes lie apart in slots of memory: integers, tags, floating point."""

from __future__ import annotations

import json
import random
import struct
from collections import Counter
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from test_printed_jwks import ec_key
from test_slots import LAID_OUT, NOISE

from redactfuzz.model.exposure import DumpReport
from redactfuzz.report.dump_lines import verdict
from redactfuzz.scan import survey
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.matcher_set import MatcherSet

KEY = ec.generate_private_key(ec.SECP256R1())
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
SECRETS = {
    "der": KEY.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
    "jwk": json.dumps(ec_key()).encode(),
    "token": b"auth: glpat-Zx81QmR4tY7uPw2kLs9V",
}
SEED = random.Random(3).randbytes(32)
PAIR = SEED + ed25519.Ed25519PrivateKey.from_private_bytes(SEED).public_key().public_bytes_raw()
PUBLIC = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def scanned(tmp_path: Path, data: bytes) -> DumpReport:
    (tmp_path / "dump").write_bytes(data)
    return scan_dump(tmp_path / "dump", ScanRequest(MatcherSet(), KnownKeys()))


def amid(data: bytes) -> bytes:
    return NOISE + b"\xff" * 8 + data + b"\xff" * 8 + NOISE


@pytest.mark.parametrize("kind", SECRETS)
@pytest.mark.parametrize("name", LAID_OUT)
def test_it_is_found_and_told_where_it_lies(tmp_path: Path, name: str, kind: str) -> None:
    laid = LAID_OUT[name](SECRETS[kind] + bytes([255]) * (-len(SECRETS[kind]) % 4))
    (key,) = scanned(tmp_path, amid(laid)).keys
    (where,) = key.where
    assert key.detector == kind
    assert "bytes" in where.span
    start, end = len(NOISE) + 8, len(NOISE) + 8 + len(laid)
    assert start - 16 <= where.offset < where.offset + where.length <= end + 16


@pytest.mark.parametrize("name", LAID_OUT)
def test_a_file_in_pem_is_found_by_what_its_lines_spell(tmp_path: Path, name: str) -> None:
    """The dashes of its label are five slots that are alike, at which a run ends: these are mostly filled memory."""
    (key,) = scanned(tmp_path, amid(LAID_OUT[name](PEM))).keys
    assert key.what.startswith("EC private key (PKCS#8) on secp256r1")


def test_the_last_letter_is_found_though_its_slot_ends_in_what_is_behind(tmp_path: Path) -> None:
    """Small integers of V8 lie in the upper half of 8 bytes: a slot that is read from there reaches into the next."""
    (key,) = scanned(tmp_path, NOISE + LAID_OUT["small integers of V8"](SECRETS["token"]) + NOISE).keys
    assert key.what == "GitLab personal access token"


@pytest.mark.parametrize("name", LAID_OUT)
def test_a_seed_with_its_public_key_is_found_as_an_array(tmp_path: Path, name: str) -> None:
    (key,) = scanned(tmp_path, amid(LAID_OUT[name](PAIR))).keys
    assert key.what == "Ed25519 private key, seed and public key"


def test_the_length_of_an_array_may_stand_before_a_seed(tmp_path: Path) -> None:
    array = struct.pack("<65Q", *(number << 32 for number in (64, *PAIR)))
    (key,) = scanned(tmp_path, amid(array)).keys
    assert key.detector == "ed25519-pair"


@pytest.mark.parametrize("name", LAID_OUT)
@pytest.mark.parametrize(
    "other", [PUBLIC, SECRETS["token"][:-6], SEED + bytes([PAIR[32] ^ 1]) + PAIR[33:]], ids=["public", "cut", "changed"]
)
def test_a_public_key_a_part_of_a_token_and_a_changed_byte_are_none(tmp_path: Path, name: str, other: bytes) -> None:
    assert verdict(scanned(tmp_path, amid(LAID_OUT[name](other)))) == "CLEAN"


def test_many_short_ones_are_looked_at_together_and_each_is_told_where_it_lies(tmp_path: Path) -> None:
    source = random.Random(8)
    letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    tokens = [b"k: glpat-" + bytes(source.choices(letters, k=20)) + b";  " for _ in range(40)]
    laid = [LAID_OUT["an array of long"](token) + b"\xff" * 64 for token in tokens]
    report = scanned(tmp_path, NOISE + b"\xff" * 8 + b"".join(laid) + NOISE)
    found = sorted((where.offset - len(NOISE) - 8) // len(laid[0]) for key in report.keys for where in key.where)
    assert found == list(range(40))


def test_a_large_image_is_searched_by_several_threads_and_each_sees_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(survey, "LARGE", 1 << 12)
    laid = [LAID_OUT[name](PEM) + b"\xff" * 64 for name in LAID_OUT]
    report = scanned(tmp_path, amid(b"".join(laid) + SECRETS["jwk"].hex().encode() + b"\xff" * 64))
    found = Counter({key.detector: len(key.where) for key in report.keys})
    assert found["der"] + found["pem"] == len(LAID_OUT)
    assert found["jwk"] == 1
