"""An OpenSSH key of a curve whose lines lie in any order: Ed25519, and ECDSA with a curve of NIST.

How long the public key is, which the first line says, tells where the private number is. That of one or two lines is
multiplied by the base point: then it is known what the second line of the key is, and that is there or not.
"""

from __future__ import annotations

import base64
import itertools
from collections.abc import Iterator, Sequence

import attrs

from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys import elliptic, openssh, private_key
from redactfuzz.scan.keys.apart.lines import Line
from redactfuzz.scan.keys.detector import identity
from redactfuzz.scan.keys.effort import affords
from redactfuzz.scan.keys.private_key import CHECKED, Described

_CHECKS = 12
"""Bytes of the length of the private section, and of two check words."""
_MULTIPLIED = 1 << 12
"""Numbers that are multiplied by a base point at most."""


@attrs.frozen
class _Kind:
    """``curve`` is how the library calls it, and ``domain`` OpenSSH; neither is there of Ed25519."""

    name: bytes
    size: int
    domain: bytes = b""
    curve: str = ""

    @property
    def numbers(self) -> tuple[tuple[int, int], ...]:
        """The length that may stand before the private number, and how many bytes of what is there are that.

        Behind a seed the public key stands. Other numbers have no zeros before them but one, where their highest bit is
        set (RFC 4251 section 5).
        """
        if not self.curve:
            return ((2 * self.size, self.size),)
        return tuple((self.size + more, self.size + more) for more in (0, 1, -1, -2))

    def public(self, secret: bytes) -> bytes:
        """The public key as it is written; nothing where there is none."""
        if not self.curve:
            return _strings(self.name, elliptic.public_of("Ed25519", secret))
        made = elliptic.public_on(int.from_bytes(secret, "big"), self.curve)
        if made is None:
            return b""
        numbers = made.public_numbers()
        point = b"\4" + numbers.x.to_bytes(self.size, "big") + numbers.y.to_bytes(self.size, "big")
        return _strings(self.name, self.domain, point)


def _strings(*parts: bytes) -> bytes:
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


_KINDS = {
    51: _Kind(b"ssh-ed25519", 32),
    104: _Kind(b"ecdsa-sha2-nistp256", 32, b"nistp256", "SECP256R1"),
    136: _Kind(b"ecdsa-sha2-nistp384", 48, b"nistp384", "SECP384R1"),
    172: _Kind(b"ecdsa-sha2-nistp521", 66, b"nistp521", "SECP521R1"),
}
"""By the bytes of the public key."""


def key_of(first: Line, lines: Sequence[Line]) -> Described | None:
    """The key of which some of these are lines, and one is the first."""
    head = openssh.NOT_ENCRYPTED
    size = int.from_bytes(first.content[len(head) : len(head) + 4], "big")
    kind = _KINDS.get(size)
    if kind is None or not first.content.startswith(head) or private_key.library() is None:
        return None
    at = len(head) + 4 + size + _CHECKS + size  # the private section begins with the public key, once more
    width = len(first.text)
    for length, own in kind.numbers:
        for secret in itertools.islice(_secrets(first, lines, at, length, own), _MULTIPLIED):
            if not affords(elliptic.MULTIPLIED):
                return None
            public = kind.public(secret)
            text = base64.b64encode(head + _strings(public))
            second = text[width : min(2 * width, (len(head) + 4 + size) * 4 // 3)]
            if text.startswith(first.text) and any(line.text.startswith(second) for line in lines):
                return Described(f"OpenSSH {openssh.named(kind.name)}", identity(public), Severity.TOTAL, CHECKED)
    return None


def _secrets(first: Line, lines: Sequence[Line], at: int, length: int, size: int) -> Iterator[bytes]:
    """What so many bytes behind a length may be, which stands at an offset in bytes of the key."""
    bits, skip = first.bits, 8 * at % first.bits
    count = -(-(skip + 32 + 8 * size) // bits)
    seen = min(32, bits - skip)
    begun = [one for one in lines if one.value >> bits - skip - seen & (1 << seen) - 1 == length >> 32 - seen]
    behind = count * bits - skip - 32 - 8 * size
    for some in itertools.product(begun, *[lines] * (count - 1)):
        value = 0
        for one in some:
            value = value << bits | one.value
        if value >> behind + 8 * size & 0xFFFFFFFF == length:
            yield (value >> behind & (1 << 8 * size) - 1).to_bytes(size, "big")
