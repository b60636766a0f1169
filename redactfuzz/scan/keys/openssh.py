"""Private keys in OpenSSH's own format (PROTOCOL.key of OpenSSH)."""

from __future__ import annotations

import struct

import attrs

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys.detector import Findings, identity
from redactfuzz.scan.keys.known import KnownKeys
from redactfuzz.scan.keys.literals import Literals
from redactfuzz.scan.keys.private_key import ENCRYPTED, Described

_KINDS = (
    "ssh-rsa",
    "ssh-dss",
    "ssh-ed25519",
    "ssh-ed448",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
    "ssh-xmss@openssh.com",
)
"""What may stand in a report: any other kind is a text of the dump's."""
MAGIC = b"openssh-key-v1\0"
NOT_ENCRYPTED = MAGIC + b"\0\0\0\4none\0\0\0\4none\0\0\0\0\0\0\0\1"
"""What stands before the public key where the private one is not encrypted: no cipher, no derivation, one key."""
_BEGINNINGS = Literals(MAGIC, wide=False)
_LONGEST = 1 << 16
_REASON = "parsed; its check words and padding are right, and its private part repeats the public key's kind"
_IN_A_DEVICE = b"sk-"
_HANDLE = "it holds the handle of a key that a security device keeps, and opens nothing without that device"


@attrs.frozen
class OpenSshKeys:
    """The binary format, wherever it lies. Inside PEM it is found by the detector of PEM."""

    name: str = "openssh"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each key."""
        findings = Findings(self.name, image)
        for offset, _, _ in _BEGINNINGS.places(image):
            data = image.data[offset : offset + _LONGEST]
            key = describe(data)
            if key:
                _, _, end = _parts(data)
                findings.add(key.what, key.identity, key.severity, key.reason, offset, end)
        return findings


def describe(data: bytes) -> Described | None:
    """The one key at the beginning of `data`; None when it is none."""
    if not data.startswith(MAGIC):
        return None
    try:
        public, private, _ = _parts(data)
        cipher, at = _string(data, len(MAGIC))
        derivation, _ = _string(data, at)
        kind, _ = _string(public, 0)
        if not private or not kind:
            return None
        name = f"OpenSSH {named(kind)}"
        if cipher != b"none":
            known = derivation == b"bcrypt" and len(private) % 8 == 0
            return Described(f"encrypted {name}", identity(public), Severity.MEDIUM, ENCRYPTED) if known else None
        first, second = struct.unpack_from(">II", private)
        private_kind, _ = _string(private, 8)
    except (struct.error, ValueError):
        return None
    if first != second or private_kind != kind or len(private) % 8 or not _padded(private):
        return None
    if kind.startswith(_IN_A_DEVICE):
        return Described(name, identity(public), Severity.LOW, _HANDLE)
    return Described(name, identity(public), Severity.TOTAL, _REASON)


def _parts(data: bytes) -> tuple[bytes, bytes, int]:
    """The public key and the private section of the only key, and where that ends. Raises struct.error, ValueError."""
    at = len(MAGIC)
    for _ in range(3):  # cipher, derivation, and what that takes
        _, at = _string(data, at)
    (count,) = struct.unpack_from(">I", data, at)
    if count != 1:
        raise ValueError("not one key")
    public, at = _string(data, at + 4)
    private, at = _string(data, at)
    return public, private, at


def named(kind: bytes) -> str:
    """``ssh-rsa private key``: the kind where it is a known one."""
    return next((f"{one} private key" for one in _KINDS if one.encode() == kind), "private key of an unknown kind")


def _string(data: bytes, at: int) -> tuple[bytes, int]:
    (length,) = struct.unpack_from(">I", data, at)
    if length > len(data) - at - 4:
        raise ValueError("cut")
    return data[at + 4 : at + 4 + length], at + 4 + length


def _padded(private: bytes) -> bool:
    """The padding is 1, 2, 3 ...; the last byte is its length. What is not padded ends in the comment."""
    length = private[-1] if private[-1] < 8 else 0
    return private.endswith(bytes(range(1, length + 1)))
