"""A strict reader of DER (ITU-T X.690 section 10): as much as keys need, and nothing that a damaged one could abuse."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

INTEGER, BITS, OCTETS, NULL, OBJECT, SEQUENCE = 0x02, 0x03, 0x04, 0x05, 0x06, 0x30


class NotDer(ValueError):
    """Bytes that are no DER, or not of the wanted shape. The message holds none of them."""


@attrs.frozen(repr=False)
class Value:
    """One value: its tag, and what it contains."""

    tag: int
    content: bytes

    def __repr__(self) -> str:
        return f"<Value: tag {self.tag:#04x}, {len(self.content)} bytes>"


def extent(data: bytes, at: int = 0) -> tuple[int, int]:
    """(offset of the content, offset behind it) of the value at `at`. Raises ``NotDer``."""
    if at + 2 > len(data):
        raise NotDer(f"cut at offset {at}")
    length, start = data[at + 1], at + 2
    if length >= 0x80:
        size = length & 0x7F
        length = int.from_bytes(data[start : start + size], "big")
        if not 1 <= size <= 3 or start + size > len(data) or length < 0x80 or length >> 8 * (size - 1) == 0:
            raise NotDer(f"no definite, shortest length at offset {at + 1}")
        start += size
    return start, start + length


def values(data: bytes) -> tuple[Value, ...]:
    """The values that lie in `data`, which they fill. Raises ``NotDer``."""
    found, at = [], 0
    while at < len(data):
        start, end = extent(data, at)
        if end > len(data):
            raise NotDer(f"the value at offset {at} is longer than what is there")
        found.append(Value(data[at], data[start:end]))
        at = end
    return tuple(found)


def sequence(data: bytes) -> tuple[Value, ...]:
    """The values of one SEQUENCE, which fills `data`. Raises ``NotDer``."""
    found = values(data)
    if len(found) != 1 or found[0].tag != SEQUENCE:
        raise NotDer("not one SEQUENCE")
    return values(found[0].content)


def integers(found: tuple[Value, ...]) -> list[int]:
    """Non-negative INTEGERs in their shortest form. Raises ``NotDer`` for anything else."""
    numbers = []
    for value in found:
        content = value.content
        if (
            value.tag != INTEGER
            or not content
            or content[0] >= 0x80
            or (content[:1] == b"\0" and content[1:2] < b"\x80" and len(content) > 1)
        ):
            raise NotDer("not a non-negative INTEGER in its shortest form")
        numbers.append(int.from_bytes(content, "big"))
    return numbers


def numbers(found: Sequence[Value]) -> list[int]:
    """What the contents of INTEGERs are as numbers without a sign, in their shortest form or not. Raises ``NotDer``.

    Encoders that were made by hand leave out a zero before a number that begins with a one, or write one too many.
    """
    if any(value.tag != INTEGER or not value.content for value in found):
        raise NotDer("not an INTEGER")
    return [int.from_bytes(value.content, "big") for value in found]


def readable(data: bytes, most: int) -> list[Value]:
    """Up to so many values at the beginning of `data`, up to the first that is cut or damaged."""
    found: list[Value] = []
    at = 0
    while at < len(data) and len(found) < most:
        try:
            start, end = extent(data, at)
        except NotDer:
            break
        if end > len(data):
            break
        found.append(Value(data[at], data[start:end]))
        at = end
    return found
