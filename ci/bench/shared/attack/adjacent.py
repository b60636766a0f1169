"""Keys that lie across memory which is adjacent by address and apart in the file: minidumps and cores."""

from __future__ import annotations

import itertools
import random
import struct
from collections.abc import Callable, Mapping

from .cases import Case, Section
from .key_notations import DER, PEM, PKCS8, is_found, private
from .notations import TEXTS

_BASE = 0x10000
_MEMORY = 5


def minidump(*ranges: tuple[int, bytes]) -> bytes:
    """A minidump that has these ranges (address, bytes) in a MemoryList, in this order, apart by a few bytes."""
    head, entry = 32, struct.Struct("<QII")
    list_at = head + 12
    data_at = list_at + 4 + entry.size * len(ranges)
    entries, body = b"", b""
    for address, data in ranges:
        entries += entry.pack(address, len(data), data_at + len(body))
        body += data + b"\xee" * 24
    size = 4 + len(entries)
    header = struct.pack("<4sIIIIIQ", b"MDMP", 0xA793, 1, head, 0, 0, 0)
    return header + struct.pack("<III", _MEMORY, size, list_at) + struct.pack("<I", len(ranges)) + entries + body


def apart(data: bytes, cuts: int) -> bytes:
    """The bytes in the middle of memory that is cut into so many ranges within them, the last one first in the file."""
    rng = random.Random(cuts)
    memory = rng.randbytes(3000) + data + rng.randbytes(3000)
    step = len(data) // cuts
    borders = [0, *(3000 + step // 2 + step * at for at in range(cuts)), len(memory)]
    ranges = [(_BASE + start, memory[start:end]) for start, end in itertools.pairwise(borders)]
    return minidump(*reversed(ranges))


def not_adjacent(data: bytes) -> bytes:
    """Two parts of a key of P-256, a page apart by address: what a reader must not put together.

    The cut goes through its scalar. (Of an RSA key either half says enough by itself.)
    """
    cut = 2 * len(data) // 5
    return minidump((_BASE + 0x2000 + cut, data[cut:]), (_BASE, data[:cut]))


def _case(name: str, data: Callable[[str], bytes], cuts: int) -> Case:
    return Case(name, lambda: apart(data("RSA"), cuts), is_found, lambda: not_adjacent(data("EC")))


def cases() -> Mapping[str, Mapping[str, Case]]:
    """A PEM, DER, and a PEM that is escaped."""
    wanted: dict[str, Callable[[str], bytes]] = {
        "RSA PEM": lambda kind: private(kind, PEM, PKCS8),
        "RSA DER": lambda kind: private(kind, DER, PKCS8),
        "RSA PEM, JSON in JSON": lambda kind: TEXTS["JSON in JSON"](private(kind, PEM, PKCS8)),
        "RSA PEM, base64 of utf-16": lambda kind: TEXTS["base64 of utf-16"](private(kind, PEM, PKCS8)),
    }
    return {
        name: {f"in {cuts + 1} ranges": _case(name, data, cuts) for cuts in (1, 2, 7)} for name, data in wanted.items()
    }


SECTION = Section(
    "adjacent",
    "A key across ranges of memory",
    "A minidump whose ranges are adjacent by address, the last one first in the file. In the near miss two parts of"
    " a key are not adjacent, and it is no LEAK.",
    cases,
    near=frozenset({"CLEAN", "INCOMPLETE"}),  # a beginning without an end was recognised
)
