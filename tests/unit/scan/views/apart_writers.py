"""Secrets for what writes them in pieces, twins that are none, and what a scan says of a dump."""

from __future__ import annotations

import base64
import random
import string
import zlib
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from redactfuzz.model.canary import mint, token
from redactfuzz.model.exposure import DumpReport
from redactfuzz.report.dump_lines import verdict
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.matcher_set import MatcherSet

CANARY, OTHER = mint(61, "canary", token(32), 1), mint(62, "canary", token(32), 1)
_RSA, _EC = rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP256R1())
_ED = ed25519.Ed25519PrivateKey.generate()
DERS = {
    "rsa": _RSA.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
    "ec": _EC.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
}
PEMS = {
    "rsa": _RSA.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
    "sec1": _EC.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode(),
    "openssh": _ED.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode(),
}
PUBLIC = _RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
"""Of which nothing follows."""


def github(seed: int) -> str:
    """A token with its checksum."""
    letters = string.digits + string.ascii_uppercase + string.ascii_lowercase
    body, check = "".join(random.Random(seed).choices(letters, k=30)), ""
    rest = zlib.crc32(body.encode())
    while rest:
        rest, last = divmod(rest, 62)
        check = letters[last] + check
    return f"ghp_{body}{check.rjust(6, '0')}"


def _part(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


GHP = github(8)
NO_GHP = GHP[:-6] + "aB3dE6"
"""Its checksum is wrong."""
_HEADER, _CLAIMS = b'{"alg":"ES256","typ":"JWT"}', b'{"sub":"alice","iss":"https://x.example","exp":1999999999}'
JWT = ".".join(map(_part, (_HEADER, _CLAIMS, random.Random(6).randbytes(64))))
NO_JWT = ".".join(map(_part, (_HEADER, _CLAIMS, random.Random(6).randbytes(41))))
"""Its signature is not as long as one of its algorithm."""


def report(folder: Path, data: str | bytes) -> DumpReport:
    """What a scan for the canary, and for keys, says of it."""
    matcher_set = MatcherSet()
    matcher_set.plant([CANARY], [])
    (folder / "dump").write_bytes(data.encode() if isinstance(data, str) else data)
    return scan_dump(folder / "dump", ScanRequest(matcher_set, KnownKeys(), canaries=(CANARY,)))


def told(folder: Path, data: str | bytes) -> str:
    """The verdict on it."""
    return verdict(report(folder, data))


def found(folder: Path, data: str | bytes) -> list[str]:
    """The detectors that found a key in it."""
    return [key.detector for key in report(folder, data).keys]


def folded(text: str, width: int = 76) -> list[str]:
    """In lines of so many letters."""
    return [text[at : at + width] for at in range(0, len(text), width)]
