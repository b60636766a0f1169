"""A seed of Ed25519 with its public key behind it, as programs write it: base64, hexadecimal, lists, Base58."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import DumpReport, Severity
from redactfuzz.report.dump_lines import verdict
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.keys.public import written_pairs
from redactfuzz.scan.keys.public.written_pairs import WrittenPairs
from redactfuzz.scan.matcher_set import MatcherSet

DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
APART = bytes(4)


def pair(number: int) -> bytes:
    seed = random.Random(number).randbytes(32)
    return seed + ed25519.Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def base58(data: bytes) -> str:
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = DIGITS[digit] + text
    return text


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


WRITTEN: dict[str, Callable[[bytes], str]] = {
    "id.json of Solana": lambda k: json.dumps(list(k)),
    "a wallet of Solana": lambda k: f"secret: {base58(k)}\n",
    "a key of Nix": lambda k: f"cache.example.org-1:{b64(k)}",
    "libp2p": lambda k: json.dumps({"Identity": {"PrivKey": b64(b"\x08\x01\x12\x40" + k)}}),
    "libp2p with others beside it": lambda k: b64(b"\x08\x01\x12\x40" + k + k[::-1]),
    "hexadecimal": lambda k: f"seed {k.hex()}",
    "base64 in JSON": lambda k: json.dumps({"signing_key": b64(k)}),
    "base64 of a file that ends with a line": lambda k: b64(k + b"\n"),
    "bytes of Rust": lambda k: f"SigningKey({list(k)})",
}


def scanned(tmp_path: Path, text: str) -> DumpReport:
    (tmp_path / "dump").write_text(f"a line before it\n{text}\nand a line behind it, longer than that")
    return scan_dump(tmp_path / "dump", ScanRequest(MatcherSet(), KnownKeys()))


@pytest.mark.parametrize("way", WRITTEN)
@pytest.mark.parametrize("number", range(3))
def test_it_is_found_by_the_public_key_that_follows_from_it(tmp_path: Path, way: str, number: int) -> None:
    (key,) = scanned(tmp_path, WRITTEN[way](pair(number))).keys
    assert (key.what, key.severity) == ("Ed25519 private key, seed and public key", Severity.TOTAL)


@pytest.mark.parametrize("way", WRITTEN)
def test_another_public_key_and_a_changed_byte_are_none(tmp_path: Path, way: str) -> None:
    key = pair(1)
    changed = [key[:at] + bytes([key[at] ^ 1]) + key[at + 1 :] for at in (0, 31, 32, 62)]
    for other in (key[32:] + key[:32], key[:32] + pair(2)[32:], key[32:] + pair(2)[32:], *changed):
        assert verdict(scanned(tmp_path, WRITTEN[way](other))) == "CLEAN"


def find(data: bytes) -> list[int]:
    return [where.offset for key in WrittenPairs().find(Image("view", data), KnownKeys()) for where in key.where]


ZEROS = [
    next(key for key in map(pair, range(5000)) if key[:1] == b"\0"),
    next(key for key in map(pair, range(5000)) if key[-1:] == b"\0"),
]


@pytest.mark.parametrize("key", [pair(5), *ZEROS], ids=["no zero", "a zero first", "a zero last"])
@pytest.mark.parametrize("head", [b"", b"\x08\x01\x12\x40"])
def test_zeros_between_stretches_are_told_from_its_own(key: bytes, head: bytes) -> None:
    other = random.Random(1).randbytes(40)
    assert find(head + key) == [len(head)]
    assert find(head + key + APART) == [len(head)]
    assert find(other + APART + head + key + APART + other + APART) == [len(other) + len(APART + head)]


def test_openssh_has_a_pair_in_its_format_and_is_told_once(tmp_path: Path) -> None:
    key = ed25519.Ed25519PrivateKey.from_private_bytes(pair(1)[:32])
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    text = b64(pem)
    assert [one.detector for one in scanned(tmp_path, text).keys] == ["pem"]


def test_what_costs_too_much_is_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(written_pairs, "_MOST", 32 * 64)
    source = random.Random(6)
    hashes = b"".join(source.randbytes(64) + APART for _ in range(500))
    findings = WrittenPairs().find(Image("view", hashes), KnownKeys())
    assert (len([*findings]), len(findings.gaps)) == (0, 1)


def test_a_list_of_hashes_of_that_length_is_none(tmp_path: Path) -> None:
    source = random.Random(6)
    report = scanned(tmp_path, "\n".join(f"{source.randbytes(64).hex()}  file-{n}" for n in range(3000)))
    assert verdict(report) == "CLEAN"
