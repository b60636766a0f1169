"""Private keys of curves as machines of another word, and another order of bytes, have them in memory."""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, x25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from test_scalars import CURVES, elliptic, find, known, noise
from test_word_places import core

from redactfuzz.model.exposure import DumpReport
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.matcher_set import MatcherSet

CLASS_32, CLASS_64, LITTLE, BIG = 1, 2, 1, 2
ORDER = 2**252 + 27742317777372353535851937790883648493
"""Of the base point of Ed25519 (RFC 8032 section 5.1)."""


def memory(number: int, order: int, what: bytes, before: int = 64) -> bytes:
    """What lies in an ELF file of a machine, so many bytes behind its header."""
    return (b"\x7fELF" + bytes([number, order, 1])).ljust(64, b"\0") + bytes(before) + what + bytes(64)


def words(number: int, size: int, width: int, *, highest_first: bool = False, swapped: bool = False) -> bytes:
    """A number in words."""
    count = -(-size // width)
    each = [(number >> 8 * width * at) & (1 << 8 * width) - 1 for at in range(count)]
    written = [one.to_bytes(width, "big" if swapped else "little") for one in each]
    return b"".join(written[::-1] if highest_first else written)


@pytest.mark.parametrize("noisy", [False, True], ids=["alone", "in noise"])
@pytest.mark.parametrize("kind", CURVES)
def test_limbs_of_a_big_endian_machine_are_found_in_its_core_and_in_no_other(kind: str, noisy: bool) -> None:
    secret, keys = elliptic(kind)
    size = CURVES[kind][1]
    around = noise(4096) if noisy else b""
    for class_, width in ((CLASS_64, 8), (CLASS_32, 4)):
        if size % width and width == 8:
            continue
        written = around + words(secret, size, width, swapped=True) + around
        (found,) = find(memory(class_, BIG, written), keys)
        assert "lowest first" in found.what
        assert found.where[0].offset == 128 + len(around)
        assert not find(memory(class_, LITTLE, written), keys)
        assert not find(memory(class_, BIG, around + words(secret + 1, size, width, swapped=True) + around), keys)


def test_bytes_are_found_in_the_core_of_a_machine_of_either_order() -> None:
    secret, keys = elliptic("P-256")
    for order in (LITTLE, BIG):
        (found,) = find(memory(CLASS_64, order, secret.to_bytes(32, "big"), 61), keys)
        assert found.what.endswith("big-endian bytes")


def test_limbs_of_a_machine_of_32_bits_lie_at_any_multiple_of_4() -> None:
    secret, keys = elliptic("P-256")
    limbs = secret.to_bytes(32, "little")
    (found,) = find(memory(CLASS_32, LITTLE, limbs, 68), keys)
    assert found.what.endswith("little-endian limbs")
    # Machines of 64 bits align them; what lies by itself is looked at everywhere.
    assert not find(memory(CLASS_64, LITTLE, noise(400) + limbs + noise(400), 68), keys)


@pytest.mark.parametrize("kind", ["P-256", "P-384", "secp256k1"])
@pytest.mark.parametrize("around", [b"", noise(4096)], ids=["alone", "in noise"])
def test_words_of_64_bits_from_the_highest_are_found_in_a_core(kind: str, around: bytes) -> None:
    secret, keys = elliptic(kind)
    written = words(secret, CURVES[kind][1], 8, highest_first=True)
    (found,) = find(memory(CLASS_64, LITTLE, around + written + around), keys)
    assert found.what.endswith("64-bit words, highest first")


@pytest.mark.parametrize("around", [b"", noise(4096)], ids=["alone", "in noise"])
def test_an_x25519_key_from_its_highest_byte_is_found_clamped_or_not(around: bytes) -> None:
    secret = noise(32, 6)
    keys = known(x25519.X25519PrivateKey.from_private_bytes(secret).public_key())
    clamped = bytes([secret[0] & 248]) + secret[1:31] + bytes([secret[31] & 127 | 64])
    for data in (secret, clamped):
        (found,) = find(around + data[::-1] + around, keys)
        assert found.what == "private key of signer (X25519), big-endian bytes"
        assert found.where[0].offset == len(around)


@pytest.mark.parametrize("around", [b"", noise(4096)], ids=["alone", "in noise"])
def test_an_ed25519_scalar_is_found_reduced_by_the_order_of_the_base_point_and_a_clamped_one_is_told_once(
    around: bytes,
) -> None:
    seed = noise(32, 3)
    keys = known(ed25519.Ed25519PrivateKey.from_private_bytes(seed).public_key())
    half = hashlib.sha512(seed).digest()[:32]
    clamped = bytes([half[0] & 248]) + half[1:31] + bytes([half[31] & 127 | 64])
    reduced = (int.from_bytes(clamped, "little") % ORDER).to_bytes(32, "little")
    for data, what in ((clamped, "little-endian bytes"), (reduced, "little-endian bytes, reduced")):
        (found,) = find(around + data + around, keys)
        assert found.what == f"private key of signer (Ed25519), {what}"
    other = (int.from_bytes(clamped, "little") % ORDER + 1).to_bytes(32, "little")
    assert not find(around + other + around, keys)


def report_of(path: Path, data: bytes, keys: KnownKeys) -> DumpReport:
    path.write_bytes(data)
    return scan_dump(path, ScanRequest(MatcherSet(), keys))


@pytest.mark.parametrize("shift", [0, 4, 1])
def test_in_a_core_whose_segments_lie_at_odd_offsets_a_scalar_is_found_asked_and_unasked(
    shift: int, tmp_path: Path
) -> None:
    secret, keys = elliptic("P-256")
    limbs = secret.to_bytes(32, "little")
    start = 128 + shift
    public = ec.derive_private_key(secret, ec.SECP256R1()).public_key()
    spki = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo).ljust(96, b"\0")
    for content, known_keys in ((bytes(64) + limbs + bytes(64), keys), (spki + limbs + bytes(64), KnownKeys())):
        file = core([(start, 0x10000, len(content))]).ljust(start, b"\0") + content
        (key,) = report_of(tmp_path / "core", file, known_keys).keys
        assert "little-endian limbs" in key.what


@pytest.mark.parametrize("first", [6, 1, 14])
def test_a_scalar_that_lies_in_general_registers_alone_is_found(first: int, tmp_path: Path) -> None:
    """In rax, rbx, rcx and rdx, which do not lie side by side in the note."""
    secret, keys = elliptic("P-256")
    names = ["r15", "r14", "r13", "r12", "rbp", "rbx", "r11", "r10", "r9", "r8", "rax", "rcx", "rdx", "rsi", "rdi"]
    values = dict(zip(("rax", "rbx", "rcx", "rdx"), struct.unpack("<4Q", secret.to_bytes(32, "little")), strict=True))
    notes = b""
    for thread in range(20):
        here = values if thread == first else {}
        registers = b"".join(struct.pack("<Q", here.get(name, 0)) for name in names).ljust(27 * 8, b"\0")
        status = struct.pack("<32xI76x", thread + 1) + registers + bytes(8)
        notes += struct.pack("<III", 5, len(status), 1) + b"CORE\0\0\0\0" + status
    ident = b"\x7fELF" + bytes([2, 1, 1]) + bytes(9)
    header = struct.pack("<HHIQQQIHHHHHH", 4, 62, 1, 0, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    table = struct.pack("<IIQQQQQQ", 4, 0, 120, 0, 0, len(notes), 0, 4)
    (key,) = report_of(tmp_path / "core", ident + header + table + notes, keys).keys
    (where,) = key.where
    assert "registers" in where.span
    assert where.thread == first + 1
