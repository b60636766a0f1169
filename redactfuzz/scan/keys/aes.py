"""AES key schedules that lie in memory whole."""

from __future__ import annotations

import itertools
import mmap
import re
import struct
from collections.abc import Iterator

import attrs

from redactfuzz._core._engine import ffi, lib
from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys.detector import Findings, identity
from redactfuzz.scan.keys.known import KnownKeys
from redactfuzz.scan.keys.machine import aligned

_CAPACITY, _STEP = 4096, 4
_AT_ONCE = 4 << 20
"""Bytes of one call in C, in which no signal is heeded. The schedules that begin in them may end behind them."""
_REASON = "the schedule was expanded anew from the key that it yields and is the same in every byte"
_GENERATOR = (
    "the key of a CTR_DRBG: the random numbers that it would have given next follow from it, earlier ones do not "
    "(SP 800-90A section 10.2.1)"
)
_GENERATOR_KEY = 32
_BEFORE = re.compile(re.escape(struct.pack("<QI", _GENERATOR_KEY, 1)))
"""The length of the key, and that a derivation function is used: what lies before the key in OpenSSL's state."""
DIRECTIONS = ("encryption", "decryption", "decryption, first round first")
ORDERS = ("bytes", "little-endian words")


@attrs.frozen
class AesSchedules:
    """Schedules for 128, 192 and 256 bits, both directions, at any offset (``aligned``). There are no false reports.

    Every process that asks OpenSSL for random numbers holds AES-256 schedules of its generators. These are recognised,
    because the process that could have used their next output is dead.
    """

    name: str = "aes-schedule"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each key and layout."""
        findings = Findings(self.name, image)
        generators: frozenset[bytes] | None = None
        for offset, key, direction, swapped in _schedules(image):
            what = f"AES-{8 * len(key)} key schedule for {DIRECTIONS[direction]}, {ORDERS[swapped]}"
            severity, reason = Severity.TOTAL, _REASON
            if len(key) == _GENERATOR_KEY:
                generators = generators_in(image.data) if generators is None else generators
                if key in generators:
                    what, severity, reason = f"{what}, of OpenSSL's random generator", Severity.LOW, _GENERATOR
            findings.add(what, identity(key), severity, reason, offset, 16 * (len(key) // 4 + 7))
        return findings


def _schedules(image: Image) -> Iterator[tuple[int, bytes, int, int]]:
    """(offset, key, direction, order) of each, as many at a time as there is room for."""
    hits = ffi.new("rf_aes_hit[]", _CAPACITY)
    step = aligned(image, _STEP)
    for first in range(0, image.size, _AT_ONCE):
        start, last, count = first, min(first + _AT_ONCE, image.size), _CAPACITY
        end = min(last + lib.RF_AES_SCHEDULE - 1, image.size)
        while count == _CAPACITY:
            with ffi.from_buffer("uint8_t[]", image.data) as data:
                count = lib.rf_find_aes(data + start, end - start, step, hits, _CAPACITY)
            found = [
                (start + hit.offset, bytes(ffi.buffer(hit.key, hit.key_bytes)), hit.direction, hit.swapped)
                for hit in itertools.islice(hits, count)
            ]
            ffi.memmove(hits, bytes(ffi.sizeof(hits)), ffi.sizeof(hits))
            yield from (one for one in found if one[0] < last)
            start = found[-1][0] + step if found else end


def generators_in(data: bytes | mmap.mmap) -> frozenset[bytes]:
    """Keys of OpenSSL's CTR_DRBG, whose state holds each plain as well (``drbg_ctr.c``)."""
    places = (match.end() for match in _BEFORE.finditer(data))
    return frozenset(data[at : at + _GENERATOR_KEY] for at in places)
