"""A key of a curve whose lines lie in any order: the first has the beginning of the scalar, or others all of it.

What is put together of it up to the first bytes of the public point proves itself, since that is a multiple of the base
point: no more of the key is needed. An Ed25519 key of OpenSSH has its seed and its public key beside one another in one
line.
"""

from __future__ import annotations

import base64
import itertools
import re
from collections.abc import Iterator, Sequence
from typing import Any

from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys import elliptic, openssh, private_key
from redactfuzz.scan.keys.apart.lines import Line
from redactfuzz.scan.keys.detector import identity
from redactfuzz.scan.keys.private_key import CHECKED, Described

_POINT = re.compile(
    rb"(?:\xa0.\x06([\x05-\x09]).{5,9})?\xa1(?:[\x20-\x7f]|\x81.)\x03(?:[\x20-\x7f]|\x81.)\x00\x04", re.DOTALL
)
"""RFC 5915: behind the scalar may stand the curve, then the point, here as both coordinates."""
_BEFORE_POINT = 2 + 2 + 9 + 3 + 3 + 2
"""Bytes of that at most."""
_NEXT = (0xA0, 0xA1)
"""Tags of which one stands behind the scalar."""
_ENOUGH, _LEAST = 12, 5
"""Bytes of the point that are proof, and that are with one more line."""
_MULTIPLIED, _ORDERS = 1 << 12, 1 << 16
"""Orders of lines whose number is multiplied by a base point, and that are looked at, at most."""
_ED25519 = b"ssh-ed25519"
_SEED = len(openssh.MAGIC) + 146
"""Where the seed is in a key of OpenSSH's that is not encrypted (PROTOCOL.key): the lengths of all before are fixed."""
_SEED_BYTES = 32
_LENGTH = 64
"""What stands before it in four bytes: of the seed and the public key."""


def key_of(first: Line, lines: Sequence[Line]) -> Described | None:
    """The key of which some of these are lines, and one is the first."""
    if private_key.library() is None:
        return None
    head = first.content
    if head.startswith(openssh.MAGIC):
        return _edwards(first, lines)
    scalar = elliptic.scalar_at(head)
    return _elliptic(first, lines, *scalar) if scalar and first.bits % 8 == 0 else None


def _elliptic(first: Line, lines: Sequence[Line], start: int, size: int) -> Described | None:
    width, end, left = first.bits // 8, start + size, _MULTIPLIED
    texts = {line.text for line in lines}
    for data in _orders(first, lines, end, -(-(end + _BEFORE_POINT + _LEAST) // width)):
        point = _POINT.match(data, end)
        if point is None:
            continue
        x = data[point.end() : point.end() + size]
        for curve in elliptic.UNNAMED.get(size, ()):
            left -= 1
            public = elliptic.public_on(int.from_bytes(data[start:end], "big"), curve)
            if public is not None and _agrees(public, data[: point.end()], x, size, len(first.text), texts):
                return private_key.described_public(public, "EC private key", public.curve.name)
        if left < 0:
            break
    return None


def _orders(first: Line, lines: Sequence[Line], end: int, count: int) -> Iterator[bytes]:
    """The first bytes of what so many lines may be together. In that where the scalar ends a tag stands behind it."""
    width = first.bits // 8
    contents = [line.content for line in lines]
    choices = []
    for at in range(1, count):
        behind = end - at * width
        choices.append([one for one in contents if one[behind] in _NEXT] if 0 <= behind < width else contents)
    for some in itertools.islice(itertools.product(*choices), _ORDERS):
        yield first.content + b"".join(some)


def _agrees(public: Any, before: bytes, x: bytes, size: int, width: int, texts: set[bytes]) -> bool:
    """Whether the point begins as is written there, and where that is little goes on in another line."""
    numbers = public.public_numbers()
    whole = numbers.x.to_bytes(size, "big") + numbers.y.to_bytes(size, "big")
    if not whole.startswith(x):
        return False
    behind = -(-(len(before) + len(x)) * 4 // 3)
    text = base64.b64encode(before + whole)
    return len(x) >= _ENOUGH or (len(x) >= _LEAST and text[behind : behind + width] in texts)


def _edwards(first: Line, lines: Sequence[Line]) -> Described | None:
    """The length, the seed and the public key begin in one line, and end there or in another one."""
    before = 8 * _SEED % first.bits
    count = 1 if first.bits - before >= 8 * (_SEED_BYTES + _ENOUGH) else 2
    bits = count * first.bits
    behind = bits - before - 8 * _SEED_BYTES
    seen = min(8 * _SEED_BYTES, behind)
    begun = [line for line in lines if line.value >> first.bits - before & 0xFFFFFFFF == _LENGTH]
    for some in itertools.islice(itertools.product(begun, *[lines] * (count - 1)), _MULTIPLIED):
        value = sum(line.value << first.bits * (count - 1 - at) for at, line in enumerate(some))
        seed = (value >> behind & (1 << 8 * _SEED_BYTES) - 1).to_bytes(_SEED_BYTES, "big")
        public = elliptic.public_of("Ed25519", seed)
        if int.from_bytes(public, "big") >> 8 * _SEED_BYTES - seen == value >> behind - seen & (1 << seen) - 1:
            name = b"".join(len(part).to_bytes(4, "big") + part for part in (_ED25519, public))
            return Described(f"OpenSSH {openssh.named(_ED25519)}", identity(name), Severity.TOTAL, CHECKED)
    return None
