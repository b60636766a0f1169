"""Pairs of a message and its MAC, made by Python's ``hmac``, and what HMAC keeps of their keys."""

from __future__ import annotations

import base64
import hmac
import json
import random

from redactfuzz.scan.keys import KnownKeys, parse_macs
from redactfuzz.scan.keys.derived import derived
from redactfuzz.scan.keys.macs.hashes import HASHES, Hash

MESSAGE = b"what is signed"
BY_NAME = {one.name: one for one in HASHES}
SHA256 = BY_NAME["SHA-256"]
CORE = b"\x7fELF\2\1\1".ljust(64, b"\0")


def noise(size: int, seed: int = 9) -> bytes:
    return random.Random(seed).randbytes(size)


def line(hash_: Hash, key: bytes, message: bytes = MESSAGE, size: int | None = None) -> str:
    mac = hmac.digest(key, message, hash_.algorithm)[:size]
    return f"{hash_.name} {message.hex() or '-'} {mac.hex()}"


def known(*lines: str) -> KnownKeys:
    return parse_macs("\n".join(lines), "macs.txt")


def pair(hash_: Hash, key: bytes) -> KnownKeys:
    return known(line(hash_, key))


def jwt(key: bytes, algorithm: str = "HS256", subject: str = "somebody") -> str:
    parts = ({"alg": algorithm, "typ": "JWT"}, {"sub": subject})
    signed = ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
    mac = hmac.digest(key, signed.encode(), f"sha{algorithm[2:]}")
    return f"{signed}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


def states(hash_: Hash, key: bytes, *, big: bool = False) -> tuple[bytes, bytes]:
    """Inner and outer. That they are right is shown where they give the MAC that ``hmac`` made."""
    parts = {label: data for label, data, _ in derived(key)}
    end = ", big-endian" if big else ""
    return parts[f"HMAC-{hash_.name} inner state{end}"], parts[f"HMAC-{hash_.name} outer state{end}"]
