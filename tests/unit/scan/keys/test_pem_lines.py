"""A PEM whose lines have anything around them is put together; what is not is a gap, and an example is nothing."""

from __future__ import annotations

import base64
import random
import urllib.parse
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from pem_writers import AROUND

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import DumpReport, Severity
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.keys.detector import Findings
from redactfuzz.scan.keys.pem import PemKeys
from redactfuzz.scan.keys.rsa_members import only_public
from redactfuzz.scan.matcher_set import MatcherSet

PKCS8, OLD, SSH = PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL, PrivateFormat.OpenSSH
RSA, P256, ED = (
    rsa.generate_private_key(65537, 2048),
    ec.generate_private_key(ec.SECP256R1()),
    ed25519.Ed25519PrivateKey.generate(),
)
KEYS: dict[str, tuple[Any, PrivateFormat]] = {
    "RSA-2048 private key (PKCS#1), PEM": (RSA, OLD),
    "RSA-2048 private key (PKCS#8), PEM": (RSA, PKCS8),
    "EC private key (SEC 1) on secp256r1, PEM": (P256, OLD),
    "EC private key (PKCS#8) on secp256r1, PEM": (P256, PKCS8),
    "Ed25519 private key (PKCS#8), PEM": (ED, PKCS8),
    "OpenSSH ssh-rsa private key, PEM": (RSA, SSH),
    "OpenSSH ssh-ed25519 private key, PEM": (ED, SSH),
}


def pem(name: str) -> str:
    key, form = KEYS[name]
    return str(key.private_bytes(Encoding.PEM, form, NoEncryption()).decode())


def found(text: str) -> Findings:
    return PemKeys().find(Image("a log", text.encode()), KnownKeys())


def whats(text: str) -> list[str]:
    return [one.what for one in found(text)]


def scanned(folder: Path, text: str) -> DumpReport:
    (folder / "a.log").write_text(text)
    return scan_dump(folder / "a.log", ScanRequest(MatcherSet(), KnownKeys()))


@pytest.mark.parametrize("around", AROUND)
def test_what_lines_have_in_common_is_no_part_of_the_key(around: str) -> None:
    for name in KEYS:
        text = f"before\n{AROUND[around](pem(name).splitlines())}after\n"
        assert whats(text) == [name]
        assert not found(text).unread


RSA_PEMS = ["RSA-2048 private key (PKCS#1), PEM", "RSA-2048 private key (PKCS#8), PEM"]


@pytest.mark.parametrize("name", RSA_PEMS)
@pytest.mark.parametrize("cut", [800, 1024, 1200, 1600])
def test_of_a_key_that_is_cut_what_is_there_is_verified(name: str, cut: int) -> None:
    for text in (pem(name)[:cut], AROUND["blame"](pem(name)[:cut].splitlines())):
        (one,) = found(text)
        assert one.what == "RSA-2048 private key (damaged), PEM"
        assert one.severity is Severity.TOTAL
        assert [one.identity] == [whole.identity for whole in found(pem(name))]


@pytest.mark.parametrize(("name", "cut"), [(name, 110 if "SEC" in name else 150) for name in KEYS if "EC " in name])
def test_of_a_curve_the_scalar_alone_is_the_key(name: str, cut: int) -> None:
    (one,) = found(pem(name)[:cut])
    assert one.what == "private key of a curve (cut), PEM"
    assert "only its structure was checked" in one.reason


def of_random_lines(label: str = "RSA ") -> str:
    body = base64.encodebytes(random.Random(1).randbytes(900)).decode()
    return f"-----BEGIN {label}PRIVATE KEY-----\n{body}-----END {label}PRIVATE KEY-----\n"


def without_lines(text: str) -> str:
    lines = text.splitlines()
    return "\n".join(lines[:6] + lines[9:])


def encrypted(cut: int) -> str:
    return RSA.private_bytes(Encoding.PEM, PKCS8, BestAvailableEncryption(b"x")).decode()[:cut]


GAPS = {
    "a key cut within d": pem(RSA_PEMS[0])[:600],
    "a key without a line in the middle": "\n".join(
        pem(RSA_PEMS[1]).splitlines()[:6] + pem(RSA_PEMS[1]).splitlines()[9:]
    ),
    "a curve's key cut within its scalar": pem("EC private key (SEC 1) on secp256r1, PEM")[:80],
    "an OpenSSH key that is cut": pem("OpenSSH ssh-rsa private key, PEM")[:900],
    "an encrypted key that is cut": encrypted(900),
    "lines that are no key": of_random_lines(),
    **{
        f"a key of a program's own, {label}": f"-----BEGIN {label} PRIVATE KEY-----\n{of_random_lines()[32:120]}=\n"
        f"-----END {label} PRIVATE KEY-----"
        for label in ("ED25519", "NEBULA ED25519", "TSS2", "ENCRYPTED COSIGN", "NEBULA X25519 ENCRYPTED")
    },
}


def test_bytes_in_the_place_of_a_public_exponent_are_none_whatever_they_look_like() -> None:
    """Lines are missing within the modulus: one key of a hundred was clean, as cut before its private numbers."""
    modulus = b"\x02\x82\x01\x01\x00" + bytes(range(1, 129)) * 2
    ahead, private = b"\x30\x82\x04\xa4\x02\x01\x00" + modulus, bytes(range(256)) * 4
    assert only_public(ahead)
    assert only_public(ahead + b"\x02\x03\x01\x00\x01")
    assert not only_public(ahead + b"\x02\x03\x01\x00\x01" + private)
    for tag in (0x02, 0x30, 0x77):
        assert not only_public(ahead + bytes([tag]) + b"\x83\xf0\x01\x02" + private)
        assert not only_public(ahead + bytes([tag]) + b"\x82\x04\x00" + private)


@pytest.mark.parametrize("name", GAPS)
def test_what_begins_as_a_key_and_is_not_put_together_is_incomplete_and_never_clean(name: str, tmp_path: Path) -> None:
    text = GAPS[name]
    assert not list(found(text))
    report = scanned(tmp_path, f"some log\n{text}\nthe log goes on\n" + "a line of a log, of no interest\n" * 50)
    assert not report.complete
    assert not report.leaks
    assert any("was not put together" in gap.reason for gap in report.skipped)


@pytest.mark.parametrize("between", [b"\0\0\0\7", b"\0\0\1\xf3", bytes(range(66))], ids=["page", "other", "headers"])
@pytest.mark.parametrize("first", [28, 35, 60, 100, 300])
def test_a_key_whose_pieces_stand_a_few_bytes_apart_is_never_clean(first: int, between: bytes, tmp_path: Path) -> None:
    """In overflow pages of SQLite, in packets: the first piece alone may be no more than an example, or public."""
    for name in (RSA_PEMS[1], "EC private key (SEC 1) on secp256r1, PEM"):
        text = pem(name).encode()
        pieces = [text[:first], *(text[at : at + 300] for at in range(first, len(text), 300))]
        (tmp_path / "pages").write_bytes(bytes(64) + between.join(pieces) + bytes(64))
        report = scan_dump(tmp_path / "pages", ScanRequest(MatcherSet(), KnownKeys()))
        assert report.leaks or any("was not put together" in gap.reason for gap in report.skipped)
        # What stands behind is far off, or nothing of a key.
        for behind in (bytes(300) + text[first:], bytes(4) + b"words that follow, of no interest " * 9):
            if first < len("-----BEGIN PRIVATE KEY-----\n") + 40:
                assert not found((text[:first] + behind).decode("latin-1")).unread


@pytest.mark.parametrize("page", ["cp037", "cp500", "cp1140", "cp273"])
@pytest.mark.parametrize("form", ["lines", "NEL", "records"])
def test_a_key_in_ebcdic_is_found_whatever_its_code_page_and_how_its_lines_end(form: str, page: str) -> None:
    written = {
        "lines": lambda text: text,
        "NEL": lambda text: text.replace("\n", "\x85"),
        "records": lambda text: "".join(line.ljust(80) for line in text.splitlines()),
    }[form]
    for name in KEYS:
        data = bytes(64) + written(pem(name)).encode(page) + bytes(64)
        (finding,) = PemKeys().find(Image("records", data), KnownKeys())
        assert (finding.what, finding.where[0].offset) == (name, 64)
        other = bytes(64) + written(EXAMPLES["the public half of a real key"]).encode(page) + bytes(64)
        shown = PemKeys().find(Image("records", other), KnownKeys())
        assert not list(shown)
        assert not shown.unread


def test_a_key_in_ebcdic_that_is_not_put_together_is_a_gap() -> None:
    shown = PemKeys().find(Image("records", of_random_lines().encode("cp037")), KnownKeys())
    assert not list(shown)
    assert len(shown.unread) == 1


EXAMPLES = {
    "a label alone": "-----BEGIN PRIVATE KEY-----",
    "a label in source": 'if data.startswith("-----BEGIN RSA PRIVATE KEY-----"):\n    return load(data)\n' * 9,
    "dots": "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----\n",
    "a placeholder": "-----BEGIN EC PRIVATE KEY-----\n<base64-encoded private key>\n-----END EC PRIVATE KEY-----\n",
    "the first line of a real key": "\n".join([*pem(RSA_PEMS[1]).splitlines()[:2], "...", "-----END PRIVATE KEY-----"]),
    "the public half of a real key": pem(RSA_PEMS[1])[:380],
    "a line of OpenSSH": pem("OpenSSH ssh-ed25519 private key, PEM")[:105],
    "a line of an encrypted key": encrypted(100),
    "identifiers behind": "-----BEGIN PRIVATE KEY-----"
    + "SecKeyCreateEncryptedData2 kSecAttrKeyTypeECSECPrimeRandom " * 30,
    "hashes behind": "-----BEGIN PRIVATE KEY-----\n" + "".join(f"{number:064x}\n" for number in range(99)),
    "a certificate behind": f"-----BEGIN PRIVATE KEY-----\n-----BEGIN CERTIFICATE-----\n{of_random_lines()[32:]}",
    "dots behind a label of a program's own": "-----BEGIN TSS2 PRIVATE KEY-----\n...\n-----END TSS2 PRIVATE KEY-----",
    "binary behind": "-----BEGIN PRIVATE KEY-----\0" + of_random_lines()[32:],
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_label_in_a_document_or_in_source_is_nothing(name: str) -> None:
    assert not list(found(EXAMPLES[name]))
    assert not found(EXAMPLES[name]).unread


def test_what_a_view_puts_together_is_no_gap(tmp_path: Path) -> None:
    text = "body=" + urllib.parse.quote(pem(RSA_PEMS[1])) + "\n" + "a line of a log, of no interest\n" * 50
    report = scanned(tmp_path, text)
    assert report.leaks
    assert report.complete


def test_a_gap_is_told_once_however_many_there_are(tmp_path: Path) -> None:
    report = scanned(tmp_path, of_random_lines() * 3)
    assert len([gap for gap in report.skipped if "was not put together" in gap.reason]) == 1
    many = found(f"{of_random_lines()[:400]}\n" * 300)
    assert (len(many.unread), len(many.gaps)) == (256, 1)
