"""A private key as it is told, and what computes with it: ``cryptography``, where it is installed (extra ``scan``)."""

from __future__ import annotations

import functools
import importlib
import re
import warnings
from typing import Any

import attrs

from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys.detector import identity

CHECKED = "parsed, and its numbers agree"
STRUCTURE = "only its structure was checked; install the extra `scan` to check its numbers"
UNREAD = "only its structure was checked: it is of a kind or a form of which nothing here checks the numbers"
ENCRYPTED = "encrypted: it is as safe as its passphrase, which can be tried offline"

_TEXT = re.compile(rb"[\t\n\r -~]*")


@attrs.frozen
class Described:
    """A private key, described without any of it."""

    what: str
    identity: str
    severity: Severity
    reason: str


def rsa(n: int, e: int, d: int, p: int, q: int, what: str) -> Described | None:
    """An RSA key whose numbers agree."""
    if n.bit_length() < 256 or n != p * q or min(p, q) <= 1 or e * d % (p - 1) != 1 or e * d % (q - 1) != 1:
        return None
    return Described(what, identity(n), Severity.TOTAL, CHECKED)


def random_looking(secret: bytes) -> bool:
    """Whether bytes may be a secret, and are no text, and nothing that was put there for an example."""
    several = len(set(secret)) * 3 > min(len(secret), 64) * 2
    return len(secret) >= 14 and several and not _TEXT.fullmatch(secret)


def by_library(data: bytes, what: str) -> Described | None:
    """A key that ``cryptography`` reads and finds right; None where it refuses it, or is not there."""
    loaders = library()
    if loaders is None:
        return None
    serialization, unsupported = loaders
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            key: Any = serialization.load_der_private_key(data, None)
        return described_public(key.public_key(), what, getattr(getattr(key, "curve", None), "name", ""))
    except (ValueError, TypeError, unsupported):
        return None


def described_public(public: Any, what: str, curve: str = "") -> Described:
    """A key of which the public one was computed."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    written = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return Described(f"{what} on {curve}" if curve else what, identity(written), Severity.TOTAL, CHECKED)


def unsupported() -> tuple[type[Exception], ...]:
    """What the library raises for an algorithm that it lacks, where it is there."""
    loaders = library()
    return () if loaders is None else (loaders[1],)


@functools.cache
def library() -> tuple[Any, type[Exception]] | None:
    """(``cryptography``'s serialization, what it raises for an algorithm that it lacks); None where it is missing."""
    try:
        serialization = importlib.import_module("cryptography.hazmat.primitives.serialization")
        exceptions = importlib.import_module("cryptography.exceptions")
    except ImportError:
        return None
    return serialization, exceptions.UnsupportedAlgorithm
