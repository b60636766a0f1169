"""Private keys of curves by the public one. The keys are made, and multiplied, by `cryptography`."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, x25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import KeyFinding, Severity
from redactfuzz.scan.keys import KnownKeys, parse_known
from redactfuzz.scan.keys.public import scalars
from redactfuzz.scan.keys.public.scalars import Scalars

CURVES: dict[str, tuple[ec.EllipticCurve, int]] = {
    "P-256": (ec.SECP256R1(), 32),
    "P-384": (ec.SECP384R1(), 48),
    "P-521": (ec.SECP521R1(), 66),
    "secp256k1": (ec.SECP256K1(), 32),
}


def known(public: Any) -> KnownKeys:
    return parse_known(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo), "signer")


def elliptic(kind: str, seed: int = 1) -> tuple[int, KnownKeys]:
    curve, size = CURVES[kind]
    secret = random.Random(f"{kind} {seed}").getrandbits(8 * size - (7 if size == 66 else 1)) | 1 << (8 * size - 12)
    return secret, known(ec.derive_private_key(secret, curve).public_key())


def digits(number: int, bits: int = 30, width: int = 4) -> bytes:
    places = range(0, number.bit_length(), bits)
    return b"".join((number >> at & (1 << bits) - 1).to_bytes(width, "little") for at in places)


LAYOUTS: dict[str, Callable[[int, int], bytes]] = {
    "little-endian limbs": lambda number, size: number.to_bytes(-(-size // 8) * 8, "little"),
    "big-endian bytes": lambda number, size: number.to_bytes(size, "big"),
    "32-bit words, highest first": lambda number, size: b"".join(
        (number >> at & 0xFFFFFFFF).to_bytes(4, "little") for at in range(-(-size // 4) * 32 - 32, -1, -32)
    ),
    "CPython's 30-bit digits": lambda number, size: digits(number),
    "60-bit digits": lambda number, size: digits(number, 60, 8),
}


def find(data: bytes, keys: KnownKeys) -> list[KeyFinding]:
    return list(Scalars().find(Image("memory", data), keys))


def noise(size: int, seed: int = 9) -> bytes:
    return random.Random(seed).randbytes(size)


@pytest.mark.parametrize("kind", CURVES)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("around", [b"", bytes(64), noise(301)], ids=["nothing", "zeros", "noise"])
def test_a_scalar_is_found_by_its_public_key_and_its_neighbour_is_not(kind: str, layout: str, around: bytes) -> None:
    secret, keys = elliptic(kind)
    size = CURVES[kind][1]
    (found,) = find(around + LAYOUTS[layout](secret, size) + around, keys)
    assert found.what == f"private key of signer ({kind}), {layout}"
    assert found.severity is Severity.TOTAL
    assert [where.offset for where in found.where] == [len(around)]
    assert not find(around + LAYOUTS[layout](secret + 1, size) + around, keys)
    assert not find(around + LAYOUTS[layout](elliptic(kind, 2)[0], size) + around, keys)


def test_an_ed25519_key_is_found_as_seed_and_as_scalar() -> None:
    seed = noise(32, 3)
    private = ed25519.Ed25519PrivateKey.from_private_bytes(seed)
    keys = known(private.public_key())
    public = private.public_key().public_bytes_raw()
    (found,) = find(bytes(40) + seed + public + bytes(40), keys)
    assert (found.what, found.where[0].offset) == ("private key of signer (Ed25519), seed", 40)
    expanded = hashlib.sha512(seed).digest()[:32]
    clamped = bytes([expanded[0] & 248]) + expanded[1:31] + bytes([expanded[31] & 127 | 64])
    (found,) = find(noise(77) + clamped + noise(50, 4), keys)
    assert (found.what, found.where[0].offset) == ("private key of signer (Ed25519), little-endian bytes", 77)
    assert not find(bytes(40) + noise(32, 5) + public + bytes(40), keys)


def test_an_x25519_key_is_found_clamped_or_not() -> None:
    secret = noise(32, 6)
    keys = known(x25519.X25519PrivateKey.from_private_bytes(secret).public_key())
    clamped = bytes([secret[0] & 248]) + secret[1:31] + bytes([secret[31] & 127 | 64])
    for data in (secret, clamped):
        (found,) = find(bytes(33) + data + bytes(33), keys)
        assert (found.what, found.where[0].offset) == ("private key of signer (X25519), little-endian bytes", 33)
    assert not find(noise(32, 7), keys)


def test_a_key_that_is_given_as_well_hides_none_that_has_the_same_x() -> None:
    """Of a key of Ed25519 one of X25519 can be made (libsodium's crypto_sign_ed25519_pk_to_curve25519)."""
    seed = noise(32, 3)
    private = ed25519.Ed25519PrivateKey.from_private_bytes(seed)
    other = x25519.X25519PrivateKey.from_private_bytes(hashlib.sha512(seed).digest()[:32])
    keys, others = known(private.public_key()), known(other.public_key())
    assert keys.points[0].x == others.points[0].x
    for both in (keys + others, others + keys):
        assert {one.kind for one in both.points} == {"Ed25519", "X25519"}
        (found,) = find(bytes(40) + seed + bytes(40), both)
        assert found.what == "private key of signer (Ed25519), seed"


def test_of_many_public_keys_the_one_is_named() -> None:
    secrets = [elliptic("P-256", seed) for seed in range(40)]
    every = KnownKeys()
    for _, keys in secrets:
        every += keys
    found = find(secrets[17][0].to_bytes(32, "big"), every)
    assert [one.identity for one in found] == [secrets[17][1].points[0].identity]


def test_in_a_core_words_are_looked_at_where_memory_is_aligned() -> None:
    secret, keys = elliptic("P-256")
    for offset in range(8, 24):
        data = b"\x7fELF".ljust(offset, b"\0") + secret.to_bytes(32, "little") + bytes(16)
        assert len(find(data, keys)) == (offset % 8 == 0)


def test_in_a_core_bytes_are_looked_at_wherever_they_lie_by_themselves() -> None:
    """In Libgcrypt's expressions a number begins where its text ends."""
    secret, keys = elliptic("P-256")
    seed = noise(32, 3)
    of_seed = known(ed25519.Ed25519PrivateKey.from_private_bytes(seed).public_key())
    for offset in range(40, 60):
        text = b"\x7fELF".ljust(16, b"\0") + b"(private-key(ecc(d32:".rjust(offset - 16, b"\0")
        for data, one in ((secret.to_bytes(32, "big"), keys), (seed, of_seed)):
            (found,) = find(text + data + b")))" + bytes(16), one)
            assert [where.offset for where in found.where] == [offset]


@pytest.mark.parametrize("kind", ["P-256", "P-521"])
def test_text_code_and_constants_cost_no_multiplication(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scalars, "_MOST", 1)
    monkeypatch.setattr(scalars, "_TOGETHER", 1)
    text = b"".join(b"the quick brown fox %d jumps over the lazy dog; " % number for number in range(2000))
    for data in (text, bytes(100_000), b"\xff" * 100_000, bytes(range(16)) * 5000):
        findings = Scalars().find(Image("memory", data), elliptic(kind)[1])
        assert (list(findings), findings.gaps) == ([], [])


@pytest.mark.parametrize("kind", ["P-256", "P-521"])
def test_more_windows_than_are_tried_are_a_gap(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scalars, "_MOST", 512)
    monkeypatch.setattr(scalars, "_TOGETHER", 512)
    findings = Scalars().find(Image("memory", noise(1 << 17)), elliptic(kind)[1])
    assert [gap.harmless for gap in findings.gaps] == [False]


def test_of_windows_that_are_looked_at_together_none_is_left_out() -> None:
    """The budget is for more than there are in a window of an image: four sums for each byte, and one for each word."""
    window, every = 72 << 20, 5
    assert window * every < scalars._TOGETHER


def test_a_finding_shows_nothing_of_the_key() -> None:
    secret, keys = elliptic("P-256")
    said = repr(find(secret.to_bytes(32, "big"), keys)) + repr(keys)
    assert not any(f"{secret:064x}"[at : at + 8] in said for at in range(56))
