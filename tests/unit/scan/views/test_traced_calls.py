"""A key that a program read or wrote in several calls, as strace shows them; and calls that hold none."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from redactfuzz.model.canary import mint, raw
from redactfuzz.model.exposure import DumpReport, Severity
from redactfuzz.report.dump_lines import verdict
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.matcher_set import MatcherSet
from redactfuzz.scan.views.traced_calls import traced

KEY = ec.generate_private_key(ec.SECP256R1())
DER = KEY.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
ED = ed25519.Ed25519PrivateKey.generate().private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
PUBLIC = KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
CANARY = mint(31, "canary", raw(32), 1)
_NAMED = {9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\"}


def octal(data: bytes) -> str:
    text = ""
    for byte, behind in zip(data, [*data[1:], 0], strict=True):
        digits = f"{byte:03o}" if chr(behind).isdigit() else f"{byte:o}"
        text += _NAMED.get(byte) or (chr(byte) if 32 <= byte < 127 else f"\\{digits}")
    return text


def hexadecimal(data: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in data)


def calls(data: bytes, size: int, write=octal, form: str = 'read(3, "{0}", {1}) = {2}', between: str = "") -> str:
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    return "".join(form.format(write(piece), size, len(piece)) + "\n" + between for piece in pieces)


def scanned(folder: Path, text: str) -> DumpReport:
    matcher_set = MatcherSet(thorough=True)
    matcher_set.plant([CANARY], [])
    (folder / "trace").write_text(text)
    return scan_dump(folder / "trace", ScanRequest(matcher_set, KnownKeys(), canaries=(CANARY,)))


FORMS = {
    "strace": ('read(3, "{0}", {1}) = {2}', ""),
    "with a process and a time": ('[pid 12345] 10:00:00.123456 write(5, "{0}", {1}) = {2}', ""),
    "with the names of descriptors": ('sendto(4<TCP:[1.2.3.4:5->6.7.8.9:443]>, "{0}", {1}, 0, NULL, 0) = {2}', ""),
    "with vectors": ('writev(1, [{{iov_base="{0}", iov_len={1}}}], 1) = {2}', ""),
    "other descriptors between": ('read(3, "{0}", {1}) = {2}', 'read(4, "\\1\\2\\3", 3)       = 3\nclose(7) = 0\n'),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("write", [octal, hexadecimal])
@pytest.mark.parametrize("size", [4, 16, 32, 60])
def test_a_key_and_a_canary_are_found_however_many_calls_have_them(form: str, write, size: int, tmp_path: Path) -> None:
    for data in (DER, ED, PEM):
        assert verdict(scanned(tmp_path, calls(data, size, write, *FORMS[form]))) == "LEAK"
    report = scanned(tmp_path, calls(CANARY.bytes, 4, write, *FORMS[form]))
    assert report.exposures[0].severity is Severity.TOTAL


@pytest.mark.parametrize("form", FORMS)
def test_calls_that_hold_no_secret_stay_clean(form: str, tmp_path: Path) -> None:
    other = mint(32, "canary", raw(32), 1)
    for data in (PUBLIC, other.bytes, b"a line of a log, of no interest\n" * 9):
        assert verdict(scanned(tmp_path, calls(data, 16, octal, *FORMS[form]))) == "CLEAN"


def test_what_other_descriptors_and_cut_strings_show_is_not_put_together() -> None:
    def parts(text: str) -> bytes | None:
        found = traced(text.encode())
        return None if found is None else found.data

    assert parts('read(3, "ab", 2) = 2\nread(4, "cd", 2) = 2\n') is None
    assert parts('read(3, "ab"..., 20) = 20\nread(3, "cd", 2) = 2\n') is None
    assert parts('read(3, "ab", 2) = 2\nwrite(3, "xy", 2) = 2\nread(3, "cd", 2) = 2\n') == b"abcd\n"
    assert parts('read(3, "ab", 2) = -1 EAGAIN\nx = f(1, "ab") = 2;\n') is None
    assert parts("int x = (a) = 1; read(3, 4) = 7") is None


def test_a_digit_behind_an_escape_is_none_of_it_where_another_string_begins() -> None:
    calls_shown = rb'read(3, "\\7\1", 3)  = 3', rb'read(3, "7\\0", 3)  = 3', rb'read(3, "7", 40000000000000) = 1'
    parts = traced(b"\n".join(calls_shown))
    assert parts is not None
    assert parts.data == rb"\\7\0017\\07" + b"\n"


def test_a_byte_that_was_put_together_lies_where_it_is_written() -> None:
    text = 'read(3, "ab", 2) = 2\nread(3, "cde", 3)   = 3\n'
    parts = traced(text.encode())
    assert parts is not None
    assert parts.data == b"abcde\n"
    for letter in "abcde":
        start, end = parts.place(at := parts.data.index(letter.encode()), at + 1)
        assert text[start:end] == letter
