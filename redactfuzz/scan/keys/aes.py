"""AES key schedules that lie in memory whole."""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator

import attrs

from redactfuzz._core._engine import ffi, lib
from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import KeyFinding, Severity
from redactfuzz.scan.keys.detector import Findings, identity
from redactfuzz.scan.keys.known import KnownKeys

_CAPACITY = 4096
_REASON = "the schedule was expanded anew from the key that it yields and is the same in every byte"
_GENERATOR = (
    "the key of a CTR_DRBG: the random numbers that it would have given next follow from it, earlier ones do not "
    "(SP 800-90A section 10.2.1)"
)
_BEFORE = struct.pack("<QI", 32, 1)
"""The length of the key, and that a derivation function is used: what lies before the key in OpenSSL's state."""
DIRECTIONS = ("encryption", "decryption", "decryption, first round first")
ORDERS = ("bytes", "little-endian words")


@attrs.frozen
class AesSchedules:
    """Schedules for 128, 192 and 256 bits, both directions, at multiples of 4 bytes. There are no false reports.

    Every process that asks OpenSSL for random numbers holds AES-256 schedules of its generators. These are recognised,
    because the process that could have used their next output is dead.
    """

    name: str = "aes-schedule"

    def find(self, image: Image, known: KnownKeys) -> Iterator[KeyFinding]:
        """One finding for each key and layout."""
        findings = Findings(self.name, image)
        generators: dict[bytes, bool] = {}
        hits = ffi.new("rf_aes_hit[]", _CAPACITY)
        with ffi.from_buffer("uint8_t[]", image.data) as data:
            count = min(_CAPACITY, lib.rf_find_aes(data, image.size, hits, _CAPACITY))
        for index in range(count):
            hit = hits[index]
            key = bytes(ffi.buffer(hit.key, hit.key_bytes))
            what = f"AES-{8 * hit.key_bytes} key schedule for {DIRECTIONS[hit.direction]}, {ORDERS[hit.swapped]}"
            if key not in generators:
                generators[key] = is_generator(image.data, key)
            if generators[key]:
                what, severity, reason = f"{what}, of OpenSSL's random generator", Severity.LOW, _GENERATOR
            else:
                severity, reason = Severity.TOTAL, _REASON
            findings.add(what, identity(key), severity, reason, hit.offset, 16 * (hit.key_bytes // 4 + 7))
        ffi.memmove(hits, bytes(ffi.sizeof(hits)), ffi.sizeof(hits))
        yield from findings


def is_generator(data: bytes | mmap.mmap, key: bytes) -> bool:
    """Whether a key belongs to OpenSSL's CTR_DRBG, whose state holds it plain as well (``drbg_ctr.c``)."""
    return data.find(_BEFORE + key) >= 0
