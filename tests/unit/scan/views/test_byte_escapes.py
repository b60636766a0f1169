"""Bytes escaped in decimal, as in a filter of LDAP, as Python keeps them in a string, and behind signs of percent."""

from __future__ import annotations

import json
import os
import quopri
import random
from collections.abc import Callable

import pytest

from redactfuzz.scan.views.spellings import Spelling, spelled

NAMES = [
    *("NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "a", "b", "t", "n", "v", "f", "r", "SO", "SI"),
    *("DLE", "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM", "SUB", "ESC", "FS", "GS", "RS", "US"),
]


def escaped(data: bytes, others: Callable[[int], str], apart: str = '\\"') -> str:
    """Letters as they are, those apart behind a backslash."""
    letters = (chr(byte) if 32 <= byte < 127 and chr(byte) not in apart else "" for byte in data)
    return "".join(letter or others(byte) for byte, letter in zip(data, letters, strict=True))


def ocaml(byte: int) -> str:
    return f"\\{chr(byte)}" if 32 <= byte < 127 else f"\\{byte:03}"


def haskell(data: bytes) -> str:
    text = ""
    for byte in data:
        number = text[-1:].isdigit() and "\\" in text[-4:]
        if 32 <= byte < 127 and byte not in b'\\"':
            text += "\\&" * (number and chr(byte).isdigit()) + chr(byte)
        else:
            text += f"\\{NAMES[byte] if byte < 32 else byte if byte > 127 else 'DEL' if byte == 127 else chr(byte)}"
    return text


def ruby(byte: int) -> str:
    return "\\e" if byte == 27 else f"\\{chr(byte)}" if 32 <= byte < 127 else f"\\x{byte:02X}"


WAYS: dict[str, Callable[[bytes], str]] = {
    "OCaml": lambda data: escaped(data, ocaml),
    "Haskell": haskell,
    "LDAP": lambda data: escaped(data, lambda byte: f"\\{byte:02x}", "\\*()"),
    "Python, in JSON": lambda data: json.dumps(os.fsdecode(data)),
    "Python, shown": lambda data: repr(os.fsdecode(data)),
    "Ruby": lambda data: escaped(data, ruby),
    "octal": lambda data: escaped(data, lambda byte: f"\\{byte:03o}"),
}


@pytest.mark.parametrize("way", WAYS)
def test_bytes_are_read_however_they_are_escaped(way: str) -> None:
    noise = random.Random(7)
    for size in (32, 32, 32, 32, 64, 64):
        data = noise.randbytes(size)
        assert data in spelled(Spelling.ESCAPES, f"before {WAYS[way](data)} behind\n".encode()), size


def test_a_number_that_is_octal_is_not_read_as_decimal() -> None:
    assert b"\xc3\xa9t\xc3\xa9 \x019" in spelled(Spelling.ESCAPES, rb"b'\303\251t\303\251 \019'")


def test_a_path_of_windows_is_no_filter() -> None:
    assert b"C:\\Users\\x\n" in spelled(Spelling.ESCAPES, rb"C:\Users\x\n and \u00e9")


def test_a_letter_beyond_ascii_is_still_one() -> None:
    assert "é 😀 Ü".encode() in spelled(Spelling.ESCAPES, json.dumps("é 😀 Ü").encode())


@pytest.mark.parametrize("begin", ["fc", "FC", "a9", "C3B", "ABC"])
def test_a_value_behind_an_equals_sign_is_no_escape_beside_percent_signs(begin: str) -> None:
    address = f"GET /sso?request={begin}%2FJCsJ%2BEATQXw%3D%3D&x=y HTTP/1.1\n".encode()
    assert f"request={begin}/JCsJ+EATQXw==&x".encode() in spelled(Spelling.ESCAPES, address)


def test_quoted_printable_is_read_as_before() -> None:
    text = "Grüße von der Möwe, 100 %, an 20 %zu\n".encode()
    assert text.strip() in spelled(Spelling.ESCAPES, quopri.encodestring(text))
