"""Words of hexadecimal and base64 right beside other letters: strings of Go, Rust and V8 are not terminated."""

from __future__ import annotations

import base64
import textwrap
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from redactfuzz.report.dump_lines import verdict
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.matcher_set import MatcherSet
from redactfuzz.scan.views.spellings import stretches

KEY, ED = ec.generate_private_key(ec.SECP256R1()), ed25519.Ed25519PrivateKey.generate()
DER, PEM = (KEY.private_bytes(form, PrivateFormat.PKCS8, NoEncryption()) for form in (Encoding.DER, Encoding.PEM))
PUBLIC = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
PAIR = ED.private_bytes_raw() + ED.public_key().public_bytes_raw()
TOKEN = b"glpat-Zx81QmR4tY7uPw2kLs9V"
SECRETS = {"token": TOKEN, "pem": PEM, "der": DER, "ed25519-pair": PAIR}
BESIDE = [
    ("", "K"),
    ("x", ""),
    ("runtime error", "goroutine"),
    ("runtime error: bad", "goroutine"),
    ("wrong type", "abcdefg"),
    ("\N{LATIN SMALL LETTER E WITH ACUTE}", "z"),
]


def found(tmp_path: Path, text: str) -> list[str]:
    (tmp_path / "dump").write_text(f"a line of a program\n{text}\nand one more of it")
    report = scan_dump(tmp_path / "dump", ScanRequest(MatcherSet(), KnownKeys()))
    assert verdict(report) == ("LEAK" if report.keys else "CLEAN")
    return [key.detector for key in report.keys]


@pytest.mark.parametrize("kind", ["token", "pem", "der"])
@pytest.mark.parametrize("beside", BESIDE, ids="|".join)
def test_hexadecimal_is_read_though_letters_touch_it(tmp_path: Path, kind: str, beside: tuple[str, str]) -> None:
    before, behind = beside
    assert found(tmp_path, f"{before}{SECRETS[kind].hex()}{behind}") == [kind]


@pytest.mark.parametrize("kind", ["pem", "der"])
@pytest.mark.parametrize("before", ["x", "wrong type", "go"])
def test_hexadecimal_in_lines_is_read_though_letters_touch_the_first(tmp_path: Path, kind: str, before: str) -> None:
    lines = "\n".join(textwrap.wrap(SECRETS[kind].hex(), 60))
    assert found(tmp_path, f"{before}{lines}") == [kind]


@pytest.mark.parametrize("kind", SECRETS)
@pytest.mark.parametrize("before", ["", "x", "xy", "xyz", "wxyz", "runtime", "path/"])
def test_base64_is_read_though_letters_stand_before_it(tmp_path: Path, kind: str, before: str) -> None:
    assert found(tmp_path, before + base64.b64encode(SECRETS[kind] + b"\n").decode()) == [kind]


@pytest.mark.parametrize("before", ["", "x", "xy", "xyz"])
def test_neither_a_public_key_nor_a_part_of_a_token_is_one(tmp_path: Path, before: str) -> None:
    for other in (PUBLIC, TOKEN[:-6]):
        assert found(tmp_path, f"{before}{other.hex()}goroutine") == []
        assert found(tmp_path, before + base64.b64encode(other).decode()) == []


@pytest.mark.parametrize("number", ["0x%s", "\\x%s", "'%s'", "%s", "0x%s, 0x%s"])
def test_what_is_read_as_a_number_is_not_read_again(number: str) -> None:
    """A spelling that gives all runs twice would take twice as long."""
    text = f"a value: {number.replace('%s', DER.hex())};".encode()
    assert not [data for spelling, data in stretches(text) if spelling.value == "folded hexadecimal" and data]


def test_the_sign_of_an_assignment_says_nothing_of_the_groups(tmp_path: Path) -> None:
    """What fills up a group ends the word; behind the name of a setting its value stands."""
    letters = base64.b64encode(PAIR).decode().rstrip("=")
    assert found(tmp_path, f"{letters}=Zm9v") == ["ed25519-pair"]
