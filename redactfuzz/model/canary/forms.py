"""The plain forms of a secret, and whether data holds one, without the secret ever being in our memory in clear.

Searching for ``canary.text`` would leave copies that a core shows, and that would be blamed on the program under test.
Here forms are made byte by byte out of masked ones, and it is the data that is masked before it is compared.
"""

from __future__ import annotations

from collections.abc import Sequence

from redactfuzz.model.canary.secret import Masked, Shape, Source

_HEX = b"0123456789abcdef"
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_CHUNK, _CHUNK_DIGITS = 10**6, 6
_LINE = 48
"""Bytes that a line of PEM holds (RFC 7468)."""
_NUMBER = 1024
"""Bytes at most of what somebody may take for a number and write in decimal."""


def hexadecimal(secret: Masked) -> Masked:
    """Lower case, two digits a byte."""
    mask = secret.mask
    return Masked(
        bytes(_HEX[nibble] ^ mask for byte in secret.data for nibble in divmod(byte ^ mask, 16)),
        mask,
    )


def decimal(secret: Masked) -> Masked:
    """Of the bytes as a big-endian number. By long division, because an int would hold the number in clear.

    Six digits at a time: what is divided on the way is quadratic in the size, and shows 20 bits of the secret at once.
    """
    mask = secret.mask
    digits: list[int] = []
    left = [byte ^ mask for byte in secret.data]
    while left:
        carry, quotient = 0, list[int]()
        for byte in left:
            value, carry = divmod(carry << 8 | byte, _CHUNK)
            if value or quotient:
                quotient.append(value)
        left = quotient
        for _ in range(_CHUNK_DIGITS):
            if carry == 0 and not left:
                break
            carry, digit = divmod(carry, 10)
            digits.append((48 + digit) ^ mask)
    return Masked(bytes(reversed(digits or [48 ^ mask])), mask)


def digits(secret: Masked) -> list[Masked]:
    """Its forms in digits: hexadecimal and, where it is no longer than a number may be, decimal."""
    return [hexadecimal(secret), *([decimal(secret)] if len(secret) <= _NUMBER else [])]


def text_forms(sources: Sequence[Source], whole: Masked) -> list[Masked]:
    """How a program writes a secret as text without ado.

    Text as it is; bytes and numbers as hexadecimal, decimal and Latin-1; of a key in several parts a line of its PEM.
    """
    first = sources[0]
    if first.label:
        middle = len(whole) // 2 // _LINE * _LINE
        return [base64_text(whole[middle : middle + _LINE])]
    if first.shape is Shape.TEXT:
        return [first.secret]
    return [*digits(first.secret), _latin(first.secret)]


def _latin(secret: Masked) -> Masked:
    """Bytes that were decoded as Latin-1, in utf-8."""
    mask = secret.mask
    clear = (byte ^ mask for byte in secret.data)
    letters = ((byte,) if byte < 128 else (0xC0 | byte >> 6, 0x80 | byte & 63) for byte in clear)
    return Masked(bytes(byte ^ mask for letter in letters for byte in letter), mask)


def base64_text(secret: Masked, line: int = 0) -> Masked:
    """Without padding; with a line feed after every ``line`` characters, unless that is 0."""
    mask, out = secret.mask, bytearray()
    for at in range(0, len(secret), 3):
        group = [byte ^ mask for byte in secret.data[at : at + 3]]
        bits = int.from_bytes(bytes(group).ljust(3, b"\0"), "big")
        for shift in (18, 12, 6, 0)[: len(group) + 1]:
            if line and len(out) % (line + 1) == line:
                out.append(10 ^ mask)
            out.append(_BASE64[bits >> shift & 63] ^ mask)
    return Masked(bytes(out), mask)


def within(secret: Masked, data: str | bytes | bytearray) -> bool:
    """Whether data (of a text: its utf-8 form) holds the secret."""
    if isinstance(data, str):
        return _masked_text(data, secret.mask).find(secret.data) >= 0
    return data.translate(xor_table(secret.mask)).find(secret.data) >= 0


def xor_table(mask: int) -> bytes:
    """For ``bytes.translate``."""
    return Masked(bytes(range(256)), mask).clear()


def _masked_text(text: str, mask: int) -> bytes:
    if text.isascii():
        return text.translate({letter: letter ^ mask for letter in range(128)}).encode("latin-1")
    out = bytearray()
    for letter in text:
        out += bytes(byte ^ mask for byte in letter.encode("utf-8", "surrogatepass"))
    return bytes(out)
