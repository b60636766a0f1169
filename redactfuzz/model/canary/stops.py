"""Values of a secret with bytes that a random one hardly ever has, and at which code stops too early.

Of all keys of 32 bytes 12 % hold a zero, and one in 256 begins with it: a redactor that takes the key for text leaves
what is behind. An execution of one of these numbers has such a secret, whatever else it is the same as.
"""

from __future__ import annotations

from redactfuzz.model.canary.secret import Masked

_INSIDE = bytes((0x00, 0x0A, 0x20, 0xFF, 0x80))
"""What ends a string, a line and a word, what is read as EOF, and the least signed char: behind a quarter of the
secret, so that enough is left behind each of them."""
_FIRST = (0x00, 0x0A, 0xFF, 0x80)
"""What a secret begins with, each in a value of its own."""
_BEGIN = 1 << 30
"""More executions than any campaign has."""
NUMBERS = range(_BEGIN, _BEGIN + 1 + len(_FIRST))
"""Of executions, in place of their own, for such values."""


def stopping(secret: Masked, number: int, fixed: int = 0) -> Masked:
    """The secret with such bytes where the number is one of those. ``fixed``: its first and last so many stay."""
    if number not in NUMBERS:
        return secret
    data, size = bytearray(secret.data), len(secret)
    if number == _BEGIN:
        start = max(size // 4, fixed)
        room = max(min(len(_INSIDE), size - fixed - start), 0)
        data[start : start + room] = bytes(byte ^ secret.mask for byte in _INSIDE[:room])
    else:
        for at in {fixed, size - 1 - fixed if fixed else 0}:  # a number lies in memory from either end
            data[at] = _FIRST[number - _BEGIN - 1] ^ secret.mask
    return Masked(bytes(data), secret.mask)


def meaning(number: int) -> str:
    """What is special about the secrets of an execution, for a sentence; empty for nothing."""
    if number not in NUMBERS:
        return ""
    if number == _BEGIN:
        return f"holds the bytes {_INSIDE.hex(' ')}"
    return f"begins with the byte {_FIRST[number - _BEGIN - 1]:02x}"


def meaning_of_all() -> str:
    """The same of all of them."""
    return f"hold the bytes {_INSIDE.hex(' ')}, or begin with {', '.join(f'{byte:02x}' for byte in _FIRST)}"
