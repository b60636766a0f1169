"""How our own process holds a secret: masked, from the moment it is derived.

A secret in clear that lies in our memory, even in memory that was freed, would be found in a dump and blamed on the
program under test. The digest that a secret derives from is therefore mapped to *masked* bytes in one step
(``bytes.translate``), and unmasked only where the user asks for it.
"""

from __future__ import annotations

import enum
import functools
import hashlib

import attrs

Buffer = bytearray | memoryview

THRESHOLD_BITS = 44.0
"""Fewer recovered bits than this are no leak: a dump of some size may hold them by chance (``docs/design.md``)."""

LARGEST = 1 << 20
"""Bytes or characters of the largest secret."""


class Shape(enum.IntEnum):
    """What a source is, which decides the encodings that are searched. The numbers are those of ``rf_shape``."""

    TEXT = 0
    BYTES = 1
    NUMBER = 2


@attrs.frozen(repr=False)
class Masked:
    """Bytes, each XORed with ``mask`` (1..255)."""

    data: bytes
    mask: int

    def clear(self) -> bytes:
        """The secret. The caller's copy is the only one."""
        return self.data.translate(_xor_table(self.mask))

    def write_into(self, buffer: Buffer) -> None:
        """Unmask byte by byte into `buffer` (which must be as long), so that no other copy ever exists."""
        mask = self.mask
        for index, byte in enumerate(self.data):
            buffer[index] = byte ^ mask

    def __getitem__(self, part: slice) -> Masked:
        return Masked(self.data[part], self.mask)

    def __len__(self) -> int:
        return len(self.data)

    def __repr__(self) -> str:
        return f"<Masked: {len(self.data)} bytes>"


@attrs.frozen(repr=False)
class Source:
    """One thing that the search looks for: `bits` of entropy in utf-8 text, raw bytes or a big-endian number."""

    shape: Shape
    secret: Masked
    bits: float
    label: str = ""
    """Which part of a composite secret: ``p`` of an RSA key; empty for the whole."""
    letters_only: bool = False
    """All entropy is in the ASCII letters and digits; everything else is the same in every secret."""
    fixed: tuple[tuple[int, int], ...] = ()
    """Stretches (start, end) that are the same in every secret, in bytes; of text in characters."""

    def __repr__(self) -> str:
        return f"<Source {self.label or 'whole'}: {self.shape.name.lower()}, {len(self.secret)} bytes>"


@attrs.frozen
class Place:
    """What can be changed in a secret by itself: one of its bytes within an alphabet, or one bit of it.

    Everything between such places is the same in every secret of the kind.
    """

    byte: int
    alphabet: bytes = b""
    bit: int = 0
    """Its value in the byte; 0 for a character."""


def bits_of(first: int, last: int) -> tuple[Place, ...]:
    """All bits from number ``first`` to before ``last``, counted from the most significant one of the first byte."""
    return tuple(Place(at // 8, bit=0x80 >> at % 8) for at in range(first, last))


_PARTS = 3
"""Folders and the file that name a scenario whose path is absolute."""


def seed_of_secrets(seed: int, scenario: str) -> int:
    """What a scenario's canaries derive from: two scenarios of one process share names and seed, but no secret.

    Else a core would show what an earlier scenario left in memory that was freed, and the later one were blamed. Of an
    absolute path the end counts alone: where a project lies on a machine changes nothing.
    """
    path, colons, rest = scenario.partition("::")
    if path.startswith("/"):
        scenario = "/".join(path.split("/")[-_PARTS:]) + colons + rest
    return int.from_bytes(hashlib.sha256(f"{seed} {scenario}".encode()).digest()[:8], "big")


def derive(seed: int, name: str, kind: str, number: int, size: int) -> Masked:
    """`size` uniform bytes, masked. Another seed, name, kind or number shares nothing with them."""
    digest = hashlib.shake_256(f"redactfuzz {seed} {number} {len(kind)} {kind} {name}".encode()).digest(size + 1)
    return Masked(digest[:-1], 0x80 | digest[-1])


def masked_choice(uniform: Masked, alphabet: str) -> Masked:
    """Uniform bytes to characters of an ASCII alphabet, without ever holding the characters in clear."""
    return Masked(uniform.data.translate(_choice_table(alphabet, uniform.mask)), uniform.mask)


def mask_bytes(clear: bytes, mask: int = 0xA7) -> Masked:
    """Mask what exists in clear already."""
    return Masked(clear.translate(_xor_table(mask)), mask)


@functools.cache
def _xor_table(mask: int) -> bytes:
    return bytes(byte ^ mask for byte in range(256))


@functools.lru_cache(maxsize=1024)
def _choice_table(alphabet: str, mask: int) -> bytes:
    letters = alphabet.encode("ascii")
    return bytes(letters[byte % len(letters)] ^ mask for byte in range(256))
