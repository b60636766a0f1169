"""The bytes around a canary show nothing of a key that lies beside it, in whatever form, whole or damaged."""

from __future__ import annotations

import base64
import itertools
import random
import re
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from key_writers import EDWARDS, KEY, PRIVATE, capi, cng, cng_elliptic

from redactfuzz.model.canary import mint, token
from redactfuzz.model.exposure import DumpReport
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.matcher_set import MatcherSet

CANARY = mint(31, "key", token(), 1)
SHOWN = 64
"""Bytes that are asked for on either side."""
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def openssh() -> bytes:
    pem = EDWARDS.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    return base64.b64decode(b"".join(pem.split(b"\n")[1:-2]))


def cng_with_all() -> bytes:
    numbers = (KEY.dmp1, KEY.dmq1, KEY.iqmp, KEY.d)
    behind = b"".join(number.to_bytes(size, "big") for number, size in zip(numbers, (128, 128, 128, 256), strict=True))
    return b"RSA3" + cng()[4:] + behind


def pkcs1() -> bytearray:
    return bytearray(PRIVATE.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption()))


def without_its_frame() -> bytes:
    data = pkcs1()
    data[1] = 0x83
    return bytes(data)


def with_a_damaged_number() -> bytes:
    """The header of dq says more than there is: nothing from there on can be read."""
    data = pkcs1()
    at = data.index(KEY.dmq1.to_bytes(128, "big"))
    data[1], data[at - 2 - (data[at - 1] == 0)] = 0x83, 0xFF
    return bytes(data)


def pem_without_a_line() -> bytes:
    """And the last ones are broken, so that nothing says which word is the last of it."""
    lines = PRIVATE.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).split(b"\n")
    short = [line[at : at + 20] for line in lines[-4:-2] for at in range(0, len(line), 20)]
    return b"\n".join([*lines[:16], *lines[17:-4], *short, b""])


def longer_than_its_kind() -> bytes:
    """Of a token of GitLab twenty letters are checked; newer ones have more."""
    return b"glpat-" + "".join(random.Random(3).choices(_ALPHABET, k=60)).encode()


KEYS = {
    "a blob of CNG": cng_elliptic,
    "a blob of CNG with all numbers": cng_with_all,
    "a blob of CryptoAPI": capi,
    "a key of OpenSSH": openssh,
    "DER whose frame is damaged": without_its_frame,
    "DER of which a number is damaged": with_a_damaged_number,
    "PEM of which a line is missing": pem_without_a_line,
    "a token that is longer than its kind": longer_than_its_kind,
}


def scanned(path: Path, data: bytes) -> DumpReport:
    path.write_bytes(data)
    matcher_set = MatcherSet(thorough=True)
    matcher_set.plant([CANARY], [])
    return scan_dump(path, ScanRequest(matcher_set, KnownKeys(), canaries=(CANARY,), context=SHOWN))


def contexts(report: DumpReport) -> list[str]:
    return [fragment.where.context for one in report.exposures for fragment in one.fragments]


def bytes_in(context: str) -> list[bytes]:
    """Those that are shown in a row."""
    return [bytes.fromhex(row) for row in re.findall(r"(?:\b[0-9a-f]{2}\b ?)+", context)]


@pytest.mark.parametrize("name", KEYS)
def test_no_byte_of_a_key_is_shown_beside_a_canary(tmp_path: Path, name: str) -> None:
    key = KEYS[name]()
    report = scanned(tmp_path / "dump", b"\xee" * 64 + key + CANARY.bytes + b"\xee" * 64)
    assert report.keys
    assert report.exposures
    tail = key[-SHOWN:]
    shown = [*itertools.chain.from_iterable(bytes_in(context) for context in contexts(report))]
    assert not [at for at in range(len(tail) - 3) if tail[at : at + 4] in b"\xff".join(shown)]


def test_what_is_no_key_is_shown_beside_a_canary(tmp_path: Path) -> None:
    """The same beginnings, with numbers that do not agree."""
    other = random.Random(4).randbytes(96)
    report = scanned(tmp_path / "dump", bytes(64) + b"ECS2" + struct.pack("<I", 32) + other + CANARY.bytes + bytes(64))
    assert not report.keys
    (context,) = contexts(report)
    assert other[-SHOWN:] in b"".join(bytes_in(context))


def test_there_is_no_context_beside_what_begins_as_a_key_and_is_not_opened(tmp_path: Path) -> None:
    body = base64.b64encode(random.Random(5).randbytes(63))
    block = b"-----BEGIN NEBULA ED25519 PRIVATE KEY-----\n" + body + b"\n-----END "
    report = scanned(tmp_path / "dump", bytes(64) + block + CANARY.bytes + bytes(64))
    assert any("not put together" in gap.reason for gap in report.skipped)
    assert contexts(report)
    assert body[-8:] not in b"".join(row for one in contexts(report) for row in bytes_in(one))


@pytest.mark.parametrize("write", [bytes, base64.b64encode, base64.urlsafe_b64encode, lambda data: data.hex().encode()])
def test_what_is_packed_beside_a_canary_is_not_shown(tmp_path: Path, write: Callable[[bytes], bytes]) -> None:
    packed = write(zlib.compress(b'{"of": "somebody", "is": "' + CANARY.bytes + b'"}'))
    before, behind = packed + b" " + CANARY.bytes, b"beside it " + CANARY.bytes + b" " + packed
    for data in (before, behind):
        plain = [*itertools.chain.from_iterable(map(bytes_in, contexts(scanned(tmp_path / "dump", data))))]
        assert data is before or any(b"beside" in shown for shown in plain)
        assert not [at for at in range(len(packed) - 7) if packed[at : at + 8] in b"\xff".join(plain)]
