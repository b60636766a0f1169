"""A private key in DER whose bytes stand in several dumps or words of a log; and what is none."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from redactfuzz.dumps.readers.image import Image
from redactfuzz.report.dump_lines import verdict
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.keys.bare_der import DerKeys
from redactfuzz.scan.keys.written.split_der import SplitDerKeys
from redactfuzz.scan.matcher_set import MatcherSet

KEYS: dict[str, Any] = {
    "EC": ec.derive_private_key(int.from_bytes(random.Random(11).randbytes(31), "big"), ec.SECP256R1()),
    "P-384": ec.derive_private_key(int.from_bytes(random.Random(12).randbytes(47), "big"), ec.SECP384R1()),
    "Ed25519": ed25519.Ed25519PrivateKey.from_private_bytes(random.Random(13).randbytes(32)),
    "RSA": rsa.generate_private_key(65537, 2048),
}
DER = {
    name: key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()) for name, key in KEYS.items()
} | {"SEC 1": KEYS["EC"].private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())}
PUBLIC = {
    name: KEYS.get(name, KEYS["EC"]).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    for name in DER
}


def shown(data: bytes) -> str:
    return "".join(chr(byte) if 32 <= byte < 127 else "." for byte in data)


def hexdump(data: bytes) -> str:
    rows = ((at, data[at : at + 16]) for at in range(0, len(data), 16))
    return "".join(f"{at:08x}  {row[:8].hex(' '):<23}  {row[8:].hex(' '):<23}  |{shown(row)}|\n" for at, row in rows)


def traced_dump(data: bytes) -> str:
    rows = range(0, len(data), 16)
    lines = (f" | {at:05x}  {data[at : at + 16].hex(' '):<48} {shown(data[at : at + 16]):<16} |\n" for at in rows)
    return f'read(3, ""..., 4096) = {len(data)}\n' + "".join(lines)


FORMS: dict[str, Callable[[bytes], str]] = {
    "hexdump -C": hexdump,
    "strace -e read": traced_dump,
    "words of hexadecimal": lambda data: f"got {data.hex()}\n",
    "hexadecimal with spaces": lambda data: f"got: {data.hex(' ')}\n",
}


def said(folder: Path, text: str) -> str:
    lines = (f"Nov 28 10:00:{at % 60:02} host app[17]: {line}" for at, line in enumerate(text.splitlines()))
    (folder / "log").write_text("\n".join(lines) + "\n")
    return verdict(scan_dump(folder / "log", ScanRequest(MatcherSet(thorough=True), KnownKeys())))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", DER)
def test_a_key_in_two_dumps_of_a_log_is_found_and_its_public_half_is_none(name: str, form: str, tmp_path: Path) -> None:
    for data, right in ((DER[name], "LEAK"), (PUBLIC[name], "CLEAN")):
        for first in {min(32, len(data) // 2), 48 if len(data) > 64 else 20, len(data) // 2}:  # no dump of one row
            pieces = data[:first], data[first:]
            text = "\n".join(f"read {at}\n{FORMS[form](piece)}" for at, piece in enumerate(pieces))
            assert said(tmp_path, text) == right, (first, right)


def test_the_zeros_between_stretches_are_left_out_and_others_are_not() -> None:
    def whats(data: bytes) -> list[tuple[str, int, int]]:
        found = SplitDerKeys().find(Image("a view", data), KnownKeys())
        return [(one.what, one.where[0].offset, one.where[0].length) for one in found]

    key, apart = DER["SEC 1"], bytes(4)
    three = key[:20] + apart + key[20:70] + apart + key[70:]
    what = "EC private key (SEC 1) on secp256r1, in pieces"
    assert whats(b"\1" + three + apart) == [(what, 1, len(three))]
    assert whats(key + apart) == []  # whole: the other detector's
    assert whats(three[:-5]) == []
    assert whats(key[:20] + apart + b"\7" + key[20:]) == []
    assert whats(key[:20] + bytes(3) + key[20:]) == []


def test_zeros_of_a_whole_key_are_its_own_and_a_structure_alone_is_no_proof() -> None:
    parameters = bytes([0x30, 2 + 7 + len(bytes(4)) + 2]) + b"\6\7\x2a\x85\3\2\2\x13\0" + b"\4\4" + bytes(4)
    secret = b"\4\x20" + random.Random(5).randbytes(32)
    content = b"\2\1\0" + parameters + secret
    whole = b"\x30" + bytes([len(content)]) + content
    assert [one.what for one in DerKeys().find(Image("a view", whole), KnownKeys())] == ["GOST private key (PKCS#8)"]
    for data in (whole + random.Random(6).randbytes(40), whole[:40] + bytes(4) + whole[40:]):
        assert list(SplitDerKeys().find(Image("a view", data), KnownKeys())) == []


def test_a_header_that_a_program_has_as_a_constant_is_no_key_with_what_stands_behind() -> None:
    without_public = bytes.fromhex("3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420")
    noise = random.Random(5).randbytes(32)
    for header in (DER["Ed25519"][:16], without_public):
        for data in (header + bytes(4) + noise, header[:9] + bytes(4) + header[9:] + bytes(4) + noise):
            assert list(SplitDerKeys().find(Image("a view", data), KnownKeys())) == []
        # Where any 32 bytes are a key, the zeros make one as well, which is told in its place.
        split = Image("a view", header + noise[:5] + bytes(4) + noise[5:])
        assert [*DerKeys().find(split, KnownKeys()), *SplitDerKeys().find(split, KnownKeys())]


def test_what_only_begins_as_keys_costs_a_bounded_time_and_the_rest_is_a_gap() -> None:
    found = SplitDerKeys().find(Image("a view", (DER["RSA"][:24] + bytes(4)) * 9_000), KnownKeys())
    assert list(found) == []
    assert [gap.offset for gap in found.gaps] == [256 * 28]
