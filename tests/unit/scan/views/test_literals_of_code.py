"""Numbers with a type behind them, as source code and debuggers have them, and hexadecimal as PostgreSQL writes it."""

from __future__ import annotations

import json
import struct
import urllib.parse
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from redactfuzz.model.canary import mint, raw, token
from redactfuzz.report.dump_lines import verdict
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.matcher_set import MatcherSet
from redactfuzz.scan.views import Allowance, Derived, Spelling, derived, texts_of
from redactfuzz.scan.views.spellings import spelled

TOKEN, RAW = mint(46, "token", token(32), 1).bytes, mint(46, "raw", raw(32), 1).bytes
DER = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def views(written: str) -> list[bytes]:
    data = f"INFO start\n{written}\nINFO the end of it\n".encode()
    texts = texts_of(Derived("", data, lambda start, end: (start, end)))
    return [one.data for text in texts for one in derived(text, Allowance.of(len(data)))]


def listed(form: str, kind: str = "B") -> Callable[[bytes], str]:
    """Of bytes, or of words of a little-endian machine."""
    return lambda d: "[" + ", ".join(form.format(word) for (word,) in struct.iter_unpack(f"<{kind}", d)) + "]"


BYTES = ["{}u8", "{}_u8", "0x{:02x}u8", "0x{:02x}_u8", "0x{:02x}U", "0x{:x}u", "{}UL", "{}uy", "{}n", "{}i32", "{}ui8"]
WORDS = [
    *((f"0x{{:08x}}{kind}", "I") for kind in ("u", "U", "L", "UL", "u32", "_u32", "n")),
    *((f"0x{{:016x}}{kind}", "Q") for kind in ("ull", "ULL", "LLU", "u64", "n", "ui64")),
    *((f"{{}}{kind}", "Q") for kind in ("ULL", "u64", "_u64", "n")),
    *((f"{{}}{kind}", "I") for kind in ("u", "L", "n")),
]


@pytest.mark.parametrize("secret", [TOKEN, RAW], ids=["token", "raw"])
@pytest.mark.parametrize("form", BYTES)
def test_bytes_with_a_type_are_seen(form: str, secret: bytes) -> None:
    assert any(secret in view for view in views(listed(form)(secret)))


@pytest.mark.parametrize("secret", [TOKEN, RAW], ids=["token", "raw"])
@pytest.mark.parametrize(("form", "kind"), WORDS)
def test_words_with_a_type_are_seen(form: str, kind: str, secret: bytes) -> None:
    assert any(secret in view for view in views(listed(form, kind)(secret)))


def test_signed_bytes_and_what_a_debugger_of_javascript_shows_are_seen() -> None:
    signed = ", ".join(f"{b - 256 if b > 127 else b}i8" for b in RAW)
    assert any(RAW in view for view in views(f"let key: [i8; 32] = [{signed}];"))
    numbers = ", ".join(f"{word}n" for (word,) in struct.iter_unpack("<Q", RAW))
    assert any(RAW in view for view in views(f"BigUint64Array(4) [ {numbers} ]"))


def test_other_letters_behind_a_number_are_no_type() -> None:
    for letters in ("px", "ms", "u7", "u8x", "uu", "lll", "x"):
        assert not spelled(Spelling.DECIMALS, listed("{}" + letters)(TOKEN).encode())


BYTEA: dict[str, Callable[[bytes], str]] = {
    "a statement": lambda d: f"INSERT INTO k VALUES (1, '\\x{d.hex()}');",
    "psql": lambda d: f"       k        \n----------------\n \\x{d.hex()}\n(1 row)\n",
    "COPY": lambda d: f"COPY public.keys (id, k) FROM stdin;\n1\t\\\\x{d.hex()}\n\\.\n",
    "upper case": lambda d: f"SELECT '\\X{d.hex().upper()}'::bytea",
    "JSON": lambda d: json.dumps({"k": f"\\x{d.hex()}"}),
    "JSON in JSON": lambda d: json.dumps(json.dumps({"k": f"\\x{d.hex()}"})),
    "an address": lambda d: "GET /?k=" + urllib.parse.quote(f"\\x{d.hex()}"),
}


@pytest.mark.parametrize("way", BYTEA)
def test_hexadecimal_behind_a_backslash_and_an_x_is_seen(way: str) -> None:
    for secret in (TOKEN, RAW, DER):
        assert any(secret in view for view in views(BYTEA[way](secret)))


def test_a_secret_in_rows_of_eight_bytes_is_seen() -> None:
    written = "\n".join(f" \\x{RAW[at : at + 8].hex()}" for at in range(0, 32, 8))
    assert any(RAW in view for view in views(written))


def test_a_byte_that_is_escaped_before_hexadecimal_is_a_byte() -> None:
    assert any(b"\0" + RAW.hex().encode() in view for view in views(repr(b"key\0" + RAW.hex().encode())))
    assert any(RAW in view for view in views(repr(b"key\0" + RAW.hex().encode())))


def test_a_bytea_does_not_say_how_its_line_writes_bytes() -> None:
    """It was taken for an escape of one byte, so that percent signs of the line stood for themselves."""
    letters = "".join(f"%{byte:02x}" for byte in TOKEN)
    assert any(TOKEN in view for view in views(f"INSERT INTO log VALUES ('\\xff{RAW.hex()}', '/?k={letters}')"))


@pytest.mark.parametrize("way", BYTEA)
def test_a_private_key_in_a_bytea_is_a_leak(tmp_path: Path, way: str) -> None:
    (tmp_path / "dump").write_text(BYTEA[way](DER))
    report = scan_dump(tmp_path / "dump", ScanRequest(MatcherSet(), KnownKeys()))
    assert verdict(report) == "LEAK"
    assert [key.what for key in report.keys] == ["EC private key (PKCS#8) on secp256r1"]
