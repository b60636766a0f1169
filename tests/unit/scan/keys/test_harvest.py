"""Live keys by the certificates beside them: nobody names them. The certificates are made by `cryptography`."""

from __future__ import annotations

import base64
import datetime
import random
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import DumpReport, Severity
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.keys.public import harvest
from redactfuzz.scan.keys.public.harvest import harvested
from redactfuzz.scan.matcher_set import MatcherSet

RSA = rsa.generate_private_key(65537, 2048)
EC = ec.generate_private_key(ec.SECP256R1())
EDWARDS = ed25519.Ed25519PrivateKey.generate()


def certificate(key: Any) -> bytes:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "server")])
    day = datetime.datetime(2026, 1, 1)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 7, day, day + datetime.timedelta(1))
    return builder.sign(key, None if key is EDWARDS else hashes.SHA256()).public_bytes(Encoding.DER)


def info(key: Any) -> bytes:
    return bytes(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def blob(key: Any) -> bytes:
    """As OpenSSH has it in memory."""
    return base64.b64decode(key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).split()[1])


SECRETS = {
    "RSA": (RSA, RSA.private_numbers().p.to_bytes(128, "little")),
    "EC": (EC, EC.private_numbers().private_value.to_bytes(32, "little")),
    "Ed25519": (EDWARDS, EDWARDS.private_bytes_raw()),
}


def scan(path: Path, data: bytes) -> DumpReport:
    path.write_bytes(data)
    matcher_set = MatcherSet()
    matcher_set.plant((), [])
    return scan_dump(path, ScanRequest(matcher_set, KnownKeys()))


@pytest.mark.parametrize("kind", SECRETS)
@pytest.mark.parametrize("public", [certificate, info, blob])
def test_a_live_key_is_found_unasked_by_its_public_one(kind: str, public: Any, tmp_path: Path) -> None:
    key, secret = SECRETS[kind]
    noise = random.Random(1).randbytes(3000)
    before = noise + public(key) + bytes(500)
    before += bytes(-len(before) % 8)
    (found,) = scan(tmp_path / "memory", before + secret + noise).keys
    assert "a public key in the dump" in found.what
    assert found.severity is Severity.TOTAL
    report = scan(tmp_path / "public", noise + public(key) + bytes(500) + noise)
    assert (report.keys, report.complete) == ((), True)
    assert not scan(tmp_path / "private", noise + bytes(500) + secret + noise).keys


def test_a_public_key_of_openssh_that_the_end_of_the_dump_cuts_off_is_none() -> None:
    noise = random.Random(2).randbytes(3000)
    whole, cut = (harvested(Image("image", noise + blob(RSA)[:size])) for size in (None, -40))
    assert [modulus.n for modulus in whole[0].moduli] == [RSA.public_key().public_numbers().n]
    assert cut[0] == KnownKeys()


def test_each_public_key_is_harvested_once() -> None:
    data = b"".join(certificate(key) + b"\x30" + info(key) for key in (RSA, EC, EDWARDS)) * 3
    known, gaps = harvested(Image("memory", data))
    assert [modulus.n for modulus in known.moduli] == [RSA.public_key().public_numbers().n]
    assert [point.kind for point in known.points] == ["P-256", "Ed25519"]
    assert (known.asked, gaps) == ((), ())


def test_damaged_certificates_give_no_key() -> None:
    for key in (RSA, EC, EDWARDS):
        data = certificate(key)
        for cut in range(1, len(data), 17):
            known, _ = harvested(Image("memory", data[:cut]))
            assert len(known.moduli) + len(known.points) <= 1


def test_more_keys_than_are_looked_for_are_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(harvest, "_MOST", 3)
    keys = [ec.derive_private_key(number, ec.SECP256R1()) for number in range(2, 7)]
    known, (gap,) = harvested(Image("memory", b"".join(map(info, keys))))
    assert len(known.points) == 3
    assert not gap.harmless
