"""A PEM whose lines are strings of their own in memory, in any order, is put together as its numbers prove."""

from __future__ import annotations

import base64
import random
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa, x448
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from redactfuzz.dumps.readers.image import Image
from redactfuzz.report.dump_lines import verdict
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.keys.detector import Findings
from redactfuzz.scan.keys.pem import PemKeys
from redactfuzz.scan.matcher_set import MatcherSet

PKCS8, OLD, SSH = PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL, PrivateFormat.OpenSSH
FORMS = {"PKCS#8": PKCS8, "its own": OLD}
RSA = {bits: rsa.generate_private_key(65537, bits) for bits in (1024, 2048)}
CURVES: dict[str, Any] = {
    "secp256r1": ec.SECP256R1(),
    "secp256k1": ec.SECP256K1(),
    "secp384r1": ec.SECP384R1(),
    "secp521r1": ec.SECP521R1(),
}
ON = {name: ec.generate_private_key(curve) for name, curve in CURVES.items()}
KEYS: dict[str, tuple[str, Any, PrivateFormat]] = {
    **{f"RSA-{bits} {form}": (f"RSA-{bits} private key", RSA[bits], FORMS[form]) for bits in RSA for form in FORMS},
    **{f"EC {name} {form}": (f"EC private key on {name}", ON[name], FORMS[form]) for name in ON for form in FORMS},
    **{
        f"OpenSSH {kind}": (f"OpenSSH {kind} private key", key, SSH)
        for kind, key in {
            "ssh-rsa": RSA[2048],
            "ssh-ed25519": ed25519.Ed25519PrivateKey.generate(),
            "ecdsa-sha2-nistp256": ON["secp256r1"],
            "ecdsa-sha2-nistp384": ON["secp384r1"],
            "ecdsa-sha2-nistp521": ON["secp521r1"],
        }.items()
    },
}


def lines_of(key: Any, form: PrivateFormat, width: int = 64) -> list[bytes]:
    first, *body, last = key.private_bytes(Encoding.PEM, form, NoEncryption()).splitlines()
    text = b"".join(body)
    return [first, *(text[at : at + width] for at in range(0, len(text), width)), last]


def heap(lines: list[bytes], seed: int = 1, apart: int = 70) -> bytes:
    """Each an object of its own, in any order, among what is no text."""
    noise = random.Random(seed)
    some = noise.sample(lines, len(lines))
    return bytes(64) + b"".join(b"%b\x80%b%b\n\0" % (noise.randbytes(apart), bytes(7), line) for line in some)


def found(data: bytes) -> Findings:
    return PemKeys().find(Image("a core", data), KnownKeys())


def whats(data: bytes) -> list[str]:
    return [one.what for one in found(data)]


WIDTHS = [(name, width) for name in KEYS for width in ((64, 70, 76) if "SSH" in name else (64, 76))]


@pytest.mark.parametrize(("name", "width"), WIDTHS)
def test_lines_in_any_order_are_the_key_that_they_are_together(name: str, width: int) -> None:
    what, key, form = KEYS[name]
    lines = lines_of(key, form, width)
    (whole,) = found(b"\n".join(lines))
    for seed in range(3):
        shown = found(heap(lines, seed))
        assert [(one.what, one.identity) for one in shown] == [(f"{what}, PEM in lines apart", whole.identity)]
        assert not shown.unread
        assert not shown.gaps


SOME = ["RSA-2048 PKCS#8", "EC secp256r1 PKCS#8", "EC secp521r1 its own", "OpenSSH ssh-ed25519"]


@pytest.mark.parametrize("name", SOME)
@pytest.mark.parametrize(("before", "behind"), [(b"INFO", b""), (b"stdout", b"Q"), (b"", b"qQQ"), (b"Zq", b"7")])
def test_letters_beside_a_line_are_no_part_of_it(name: str, before: bytes, behind: bytes) -> None:
    what, key, form = KEYS[name]
    width = 70 if form is SSH else 64
    first, *lines, last = lines_of(key, form, width)
    glued = [before + line + behind if len(line) == width else line for line in lines]
    assert whats(heap([first, *glued, last])) == [f"{what}, PEM in lines apart"]


def test_the_last_line_of_an_rsa_key_may_be_anywhere_or_gone() -> None:
    """CPython keeps a shorter string in another pool."""
    for name in ("RSA-2048 PKCS#8", "OpenSSH ssh-rsa"):
        what, key, form = KEYS[name]
        assert whats(heap(lines_of(key, form, 70 if form is SSH else 64)[:-2])) == [f"{what}, PEM in lines apart"]


def other_lines(seed: int, count: int = 40) -> list[bytes]:
    noise = random.Random(seed)
    return [base64.b64encode(noise.randbytes(48)) for _ in range(count)]


@pytest.mark.parametrize("name", KEYS)
def test_among_lines_of_anything_else_its_own_are_chosen(name: str) -> None:
    what, key, form = KEYS[name]
    data = heap([*lines_of(key, form), *other_lines(7)])
    assert whats(data) == [f"{what}, PEM in lines apart"]


def changed(lines: list[bytes], at: int) -> list[bytes]:
    """With one letter of a line that is another one."""
    letter = b"A" if lines[at][30:31] != b"A" else b"B"
    return [line[:30] + letter + line[31:] if index == at else line for index, line in enumerate(lines)]


NEEDED = {"RSA-2048 PKCS#8": 15, "EC secp384r1 PKCS#8": 2, "EC secp521r1 PKCS#8": 2, "OpenSSH ssh-ed25519": 4}
"""Of each a line in which something private is that cannot be told without it."""


@pytest.mark.parametrize("name", NEEDED)
def test_what_cannot_be_put_together_is_a_gap_and_no_key(name: str, tmp_path: Path) -> None:
    _, key, form = KEYS[name]
    lines, at = lines_of(key, form), NEEDED[name]
    for some in (changed(lines, at), lines[:at] + lines[at + 1 :]):
        shown = found(heap(some))
        assert not list(shown)
        assert [gap.reason.partition(",")[0] for gap in shown.unread] == [
            "a private key in PEM seems to have its lines apart"
        ]
        (tmp_path / "core").write_bytes(heap(some))
        assert verdict(scan_dump(tmp_path / "core", ScanRequest(MatcherSet(), KnownKeys()))) == "INCOMPLETE"


def test_an_encrypted_key_whose_lines_lie_apart_is_a_gap() -> None:
    lines = RSA[2048].private_bytes(Encoding.PEM, PKCS8, BestAvailableEncryption(b"x")).splitlines()
    shown = found(heap(lines))
    assert (list(shown), len(shown.unread)) == ([], 1)


@pytest.mark.parametrize("curve", [ed448.Ed448PrivateKey, x448.X448PrivateKey])
def test_a_key_of_one_line_and_a_shorter_one_is_a_gap_where_nothing_proves_it(curve: Any) -> None:
    lines = lines_of(curve.generate(), PKCS8)
    assert [len(line) for line in lines[1:-1]] == [64, len(lines[2])]
    shown = found(heap(lines))
    assert (list(shown), len(shown.unread)) == ([], 1)


def test_a_key_of_one_line_is_the_detectors_of_der_in_base64() -> None:
    shown = found(heap(lines_of(ed25519.Ed25519PrivateKey.generate(), PKCS8)))
    assert (list(shown), shown.unread) == ([], [])


def test_of_a_curve_whose_other_lines_are_gone_the_scalar_in_the_first_is_told_by_its_structure() -> None:
    first, line, *_ = lines_of(ON["secp256r1"], OLD)
    shown = found(heap([first, line]))
    assert [one.what for one in shown] == ["private key of a curve (cut), PEM in lines apart"]
    assert "only its structure was checked" in next(iter(shown)).reason


def public_lines() -> list[bytes]:
    key = RSA[2048].public_key().public_bytes(Encoding.PEM, PublicFormat.PKCS1)
    return [b"-----BEGIN RSA PRIVATE KEY-----", *key.splitlines()]


NOTHING = {
    "a label": [b"-----BEGIN PRIVATE KEY-----"],
    "a label and lines of anything": [b"-----BEGIN PRIVATE KEY-----", *other_lines(3)],
    "a label and a public key": public_lines(),
    "the first line alone, as in a document": lines_of(RSA[2048], PKCS8)[:2],
    "the first lines, which are public": lines_of(RSA[2048], PKCS8)[:6],
    "a label and lines that no label begins": lines_of(RSA[2048], PKCS8)[2:],
}


@pytest.mark.parametrize("name", NOTHING)
def test_what_is_no_private_key_is_nothing(name: str) -> None:
    shown = found(heap([b"-----BEGIN RSA PRIVATE KEY-----", *NOTHING[name]], apart=300))
    assert (list(shown), shown.unread, shown.gaps) == ([], [], [])


def test_lines_of_certificates_which_stand_together_are_none_that_lie_apart() -> None:
    certificates = b"\n".join(other_lines(5, 400))
    document = b"\n".join([*lines_of(RSA[2048], PKCS8)[:2], b"...", b"-----END PRIVATE KEY-----"])
    for between in (b"\n\n", b"\0"):
        shown = found(document + between + certificates)
        assert (list(shown), shown.unread, shown.gaps) == ([], [], [])


def test_a_key_whose_lines_stand_together_as_well_is_told_once() -> None:
    lines = lines_of(RSA[2048], PKCS8)
    shown = found(b"\n".join(lines) + bytes(9) + heap(lines))
    assert [one.what for one in shown] == ["RSA-2048 private key (PKCS#8), PEM"]
    assert not shown.unread


@pytest.mark.parametrize("name", ["RSA-2048 PKCS#8", "EC secp256r1 its own", "OpenSSH ssh-rsa"])
def test_rows_of_a_table_are_put_together(name: str, tmp_path: Path) -> None:
    """A page of SQLite has its last row first, and nothing between the columns."""
    _, key, form = KEYS[name]
    path = tmp_path / "log.db"
    with sqlite3.connect(path) as table:
        table.execute("create table log (id integer primary key, time real, level text, line text)")
        lines = ["a message of no interest", *(line.decode() for line in lines_of(key, form)), "another message"]
        rows = [(1_764_500_000.0 + at / 7, "INFO", line) for at, line in enumerate(lines)]
        table.executemany("insert into log (time, level, line) values (?, ?, ?)", rows)
    table.close()
    assert verdict(scan_dump(path, ScanRequest(MatcherSet(), KnownKeys()))) == "LEAK"


def test_first_lines_beyond_counting_cost_a_bounded_time_and_are_a_gap() -> None:
    noise = random.Random(2)
    head = base64.b64decode(lines_of(RSA[2048], PKCS8)[1])[:40]
    firsts = [base64.b64encode(head + noise.randbytes(8)) for _ in range(100)]
    shown = found(heap([b"-----BEGIN PRIVATE KEY-----", *firsts]))
    assert not list(shown)
    assert [gap.reason.rpartition(": ")[2] for gap in shown.gaps] == ["they are too many"]


def test_strings_of_two_bytes_a_letter_are_put_together(tmp_path: Path) -> None:
    noise = random.Random(6)
    for name in ("RSA-2048 PKCS#8", "EC secp256r1 its own"):
        what, key, form = KEYS[name]
        some = noise.sample(lines := lines_of(key, form), len(lines))
        strings = (noise.randbytes(300) + bytes(8) + line.decode().encode("utf-16-le") + bytes(8) for line in some)
        (tmp_path / "heap").write_bytes(bytes(64) + b"".join(strings))
        report = scan_dump(tmp_path / "heap", ScanRequest(MatcherSet(), KnownKeys()))
        assert [one.what for one in report.keys] == [f"{what}, PEM in lines apart"]


def test_of_a_key_that_a_log_shows_nothing_is_told_twice() -> None:
    encrypted = RSA[2048].private_bytes(Encoding.PEM, PKCS8, BestAvailableEncryption(b"x")).splitlines()
    for lines in (encrypted, lines_of(ON["secp256r1"], OLD), lines_of(RSA[2048], PKCS8)):
        log = b"".join(b"2026-11-30 17:53:27 INFO [main] %b\n" % line for line in lines)
        shown = found(b'looks for "-----BEGIN PRIVATE KEY-----"\n' + log)
        assert (len(list(shown)), shown.unread) == (1, [])
        listed = b",\n".join(b'    "%b"' % line for line in lines)
        shown = found(b'looks for "-----BEGIN PRIVATE KEY-----"\n' + listed)
        assert (len(list(shown)), shown.unread) == (1, [])


def test_a_first_line_that_is_there_several_times_is_of_one_key() -> None:
    lines = lines_of(RSA[2048], PKCS8)
    (finding,) = found(heap([*lines, *lines]))
    assert len(finding.where) == 2
