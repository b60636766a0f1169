"""Keys in real cores of real processes, found with no more than the public modulus; and none where there is none."""

from __future__ import annotations

import mmap
import random
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.canary.rsa_key import encode, make_key
from redactfuzz.model.exposure import KeyFinding, Severity
from redactfuzz.scan.keys import DETECTORS, KnownKeys, Modulus
from redactfuzz.scan.keys.derived import derived

pytestmark = pytest.mark.once

KEY = make_key(11, "core", 2048, 0)
OTHER = make_key(12, "core", 2048, 0)
KNOWN = KnownKeys((Modulus(KEY.n, KEY.e, "signer"),))

# What is secret comes through a pipe, so that the program's text does not hold it.
PROGRAM = """
import ctypes, gc, hmac, os, shutil, sys
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from redactfuzz.dumps.producers.core_producer import core

def secret(size):
    buffer = bytearray(size)
    assert os.readv(0, [buffer]) == size
    return buffer

def wipe(buffer):
    ctypes.memset((ctypes.c_char * len(buffer)).from_buffer(buffer), 0, len(buffer))

def load():
    written = secret(int(sys.argv[2]))
    key = serialization.load_der_private_key(written, None)
    wipe(written)
    return key

def sign(key):
    for number in range(5):
        key.sign(b"message %d" % number, padding.PKCS1v15(), hashes.SHA256())

{body}
shutil.copyfile(core(), sys.argv[1])
"""
LOAD = "key = load()"
SIGN = "key = load(); sign(key)"
DELETED = "key = load(); sign(key); del key; gc.collect()"
HMAC = """
key = secret(32)
state = hmac.new(key, digestmod="sha256")
wipe(key)
del key
gc.collect()
"""
AES = """
key, size = secret(int(sys.argv[2])), int(sys.argv[2])
cipher = Cipher(algorithms.AES(bytes(key)), modes.CBC(b"initial vector 1"))
contexts = cipher.encryptor(), cipher.decryptor()
wipe(key)
"""


def dump(folder: Path, body: str, secret: bytes = b"") -> Iterator[Image]:
    path = folder / "core"
    program = textwrap.dedent(PROGRAM).replace("{body}", textwrap.dedent(body))
    command = [sys.executable, "-c", program, str(path), str(len(secret))]
    subprocess.run(command, input=secret, check=True, cwd=folder, timeout=120)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as data:
        yield Image("core", data)


@pytest.fixture(scope="module")
def without(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    """The same program, with everything imported and no key."""
    yield from dump(tmp_path_factory.mktemp("without"), "key = None")


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    """The same program, with a key of whose modulus the search knows nothing."""
    yield from dump(tmp_path_factory.mktemp("other"), DELETED, encode(OTHER))


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    yield from dump(tmp_path_factory.mktemp("loaded"), LOAD, encode(KEY))


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    yield from dump(tmp_path_factory.mktemp("signed"), SIGN, encode(KEY))


@pytest.fixture(scope="module")
def deleted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    yield from dump(tmp_path_factory.mktemp("deleted"), DELETED, encode(KEY))


def find(image: Image) -> list[KeyFinding]:
    return [finding for detector in DETECTORS for finding in detector.find(image, KNOWN)]


def severities(found: list[KeyFinding]) -> dict[str, Severity]:
    return {finding.what: finding.severity for finding in found}


WHOLE = "prime factor of signer (RSA-2048), little-endian limbs"
EXPONENTS = "CRT exponent (dp or dq) of signer (RSA-2048), little-endian limbs"
LOW = "lowest 64 bits of both primes of signer (RSA-2048)"
MONTGOMERY = "Montgomery constants n0 of both primes of signer (RSA-2048)"


def numbers_at(image: Image, finding: KeyFinding) -> set[int]:
    places = [image.data[where.offset : where.offset + where.length] for where in finding.where]
    return {int.from_bytes(place, "little") for place in places}


def test_both_primes_and_crt_exponents_of_a_loaded_key_are_found_by_its_public_key(loaded: Image) -> None:
    found = find(loaded)
    (exponents,) = [finding for finding in found if finding.what == EXPONENTS]
    assert exponents.severity is Severity.TOTAL
    assert numbers_at(loaded, exponents) == {KEY.d % (KEY.p - 1), KEY.d % (KEY.q - 1)}
    assert severities(found).items() >= {WHOLE: Severity.TOTAL, LOW: Severity.LOW}.items()
    (whole,) = [finding for finding in found if finding.what == WHOLE]
    assert numbers_at(loaded, whole) == {KEY.p, KEY.q}


def test_after_five_signatures_there_are_two_copies_of_both_and_montgomerys_constants(signed: Image) -> None:
    found = find(signed)
    assert severities(found).items() >= {WHOLE: Severity.TOTAL, LOW: Severity.LOW, MONTGOMERY: Severity.LOW}.items()
    (whole,) = [finding for finding in found if finding.what == WHOLE]
    assert numbers_at(signed, whole) == {KEY.p, KEY.q}
    assert len(whole.where) >= 4


def test_montgomerys_constants_of_a_deleted_key_are_found_where_openssl_has_left_them(deleted: Image) -> None:
    """Some releases of OpenSSL leave them in freed memory, 4.0.3 does not; of a key in use they are found above."""
    words = {-pow(prime, -1, 1 << 64) % (1 << 64) for prime in (KEY.p, KEY.q)}
    stayed = all(deleted.data.find(word.to_bytes(8, "little")) >= 0 for word in words)
    found = [finding for finding in find(deleted) if finding.what == MONTGOMERY]
    assert [finding.severity for finding in found] == ([Severity.LOW] if stayed else [])
    places = {where.offset for finding in found for where in finding.where}
    read = {int.from_bytes(deleted.data[place : place + 8], "little") for place in places}
    assert read == (words if stayed else set())


def test_nothing_is_reported_of_the_same_program_without_the_key(without: Image) -> None:
    assert not find(without)


def test_another_key_is_none_of_the_known_one_and_its_random_generator_no_key_of_the_program(other: Image) -> None:
    """Signing asks for random numbers, so OpenSSL's generators hold AES keys: true, and told apart."""
    found = find(other)
    assert {finding.detector for finding in found} <= {"aes-schedule"}
    assert all("random generator" in finding.what and finding.severity is Severity.LOW for finding in found)


@pytest.mark.parametrize("size", [16, 24, 32])
def test_the_schedules_of_both_directions_of_a_cipher_are_found(size: int, tmp_path: Path) -> None:
    secret = random.Random(size).randbytes(size)
    for image in dump(tmp_path, AES, secret):
        found = {finding.what: finding for finding in find(image)}
        for direction in ("encryption", "decryption"):
            one = found[f"AES-{8 * size} key schedule for {direction}, bytes"]
            assert one.severity is Severity.TOTAL
        place = found[f"AES-{8 * size} key schedule for encryption, bytes"].where[0].offset
        assert image.data[place : place + size] == secret


def test_the_midstates_of_a_deleted_hmac_key_are_in_the_core_and_those_of_another_are_not(
    tmp_path: Path, without: Image
) -> None:
    secret = random.Random(5).randbytes(32)
    wanted = {label: data for label, data, _ in derived(secret)}
    for image in dump(tmp_path, HMAC, secret):
        there = {label for label, data in wanted.items() if image.data.find(data) >= 0}
        assert there >= {"HMAC-SHA-256 inner state", "HMAC-SHA-256 outer state"}
        assert all("SHA-256" in label for label in there)
        others = derived(random.Random(6).randbytes(32))
        assert not [label for label, data, _ in others if image.data.find(data) >= 0]
    assert not [label for label, data in wanted.items() if without.data.find(data) >= 0]
