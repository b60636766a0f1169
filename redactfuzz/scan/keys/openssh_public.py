"""RSA public keys in OpenSSH's files ``id_rsa.pub``, ``authorized_keys`` and ``known_hosts`` (RFC 4253 section 6.6)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

_KEY = re.compile(rb"(?:^|[\s,])(ssh-rsa)[ \t]+([A-Za-z0-9+/]+={0,2})(?:[ \t]+([^\r\n]*))?", re.MULTILINE)
_NAME = b"ssh-rsa"


def has_openssh(data: bytes) -> bool:
    """Whether a line of it is such a key."""
    return _KEY.search(data) is not None


def rsa_keys(data: bytes) -> Iterator[tuple[int, int, str]]:
    """Modulus, exponent and comment of each. Raises ValueError for one that is cut off or damaged."""
    for match in _KEY.finditer(data):
        try:
            blob = base64.b64decode(match[2], validate=True)
        except binascii.Error:
            raise ValueError("it is no base64") from None
        name, exponent, modulus = _strings(blob)
        if name != _NAME:
            raise ValueError("it names another kind of key inside")
        comment = (match[3] or b"").decode("utf-8", "replace").strip()
        yield int.from_bytes(modulus, "big"), int.from_bytes(exponent, "big"), comment


def _strings(blob: bytes) -> list[bytes]:
    """The three strings of the key (RFC 4251 section 5)."""
    found, at = [], 0
    for _ in range(3):
        size = int.from_bytes(blob[at : at + 4], "big")
        found.append(blob[at + 4 : at + 4 + size])
        at += 4 + size
    if at != len(blob):
        raise ValueError("it is cut off or damaged")
    return found
