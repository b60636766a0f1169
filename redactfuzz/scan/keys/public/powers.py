"""All windows of a row of digits as exponents at once, by which CRT exponents are told: ``key_power.h`` says how."""

from __future__ import annotations

import functools
from typing import Any

import attrs

from redactfuzz._core._engine import ffi, lib
from redactfuzz._core.owning import owning
from redactfuzz.dumps.readers.image import Image
from redactfuzz.scan.keys.public.digits import Row
from redactfuzz.scan.keys.public.parts import shares_prime
from redactfuzz.scan.keys.public.sums import limbs_of

LARGEST = 64 * int(lib.RF_POWER_LIMBS)
"""Bits of a modulus."""
_BESIDE, _BESIDE_DIGITS, _ROOM = 4, 2, 1 << 25
"""For so many numbers a row of bytes has room, and one of larger digits; for fewer where a table would take more bytes.
The more, the less is gone through twice, but of larger digits hardly more lie in a row than one number has."""
_TABLES = 8
"""That are kept: one takes as long to make as a few thousand bytes to be gone through."""
_FEW = 12
"""Numbers as long as which rows are to be, all together, for a table that is larger, and spares more."""


@attrs.frozen
class Powers:
    """For a public key (n, e) and numbers of `count` digits, each of `bits` bits in `width` bytes."""

    n: int
    e: int
    count: int
    bits: int
    width: int
    part: int = 4
    """Bits that are multiplied with at a time."""

    def suited(self, digits: int) -> Powers:
        """To so many digits in all."""
        return self if digits > _FEW * self.count else attrs.evolve(self, part=1)

    @property
    def places(self) -> int:
        """Digits of the longest row."""
        beside = _BESIDE if self.bits == 8 and self.part > 1 else _BESIDE_DIGITS
        return min(beside * self.count, _ROOM // (8 * self._limbs * self._parts << self.part))

    @property
    def _limbs(self) -> int:
        return -(-self.n.bit_length() // 64)

    @property
    def _parts(self) -> int:
        return -(-self.bits // self.part)

    def cost(self, digits: int) -> int:
        """Products of two limbs for a row of so many digits."""
        return 2 * self._limbs**2 * (digits * self._parts + digits - self.count + 1)

    def ends(self, image: Image, row: Row, *, down: bool) -> list[int]:
        """A number for each end of a digit of a row, from that before the highest on.

        Those of the two ends of a CRT exponent differ by what has a factor in common with n. Of a row without such a
        pair there are none. `down`: the highest digit lies first.
        """
        size = 8 * self._limbs
        room = bytearray(size * (row.count + 2))
        with (
            ffi.from_buffer("uint8_t[]", image.data) as data,
            ffi.from_buffer("uint64_t[]", room, require_writable=True) as ends,
        ):
            differences = ends + self._limbs * (row.count + 1)
            lib.rf_power_windows(_prepared(self), down, data + row.offset, row.count, ends, differences)
        has_pair = shares_prime(int.from_bytes(room[-size:], "little"), self.n)
        places = range(0, len(room) - size, size) if has_pair else ()
        found = [int.from_bytes(room[at : at + size], "little") for at in places]
        room[:] = bytes(len(room))  # it gives away as much as the number itself
        return found

    def table(self) -> Any:
        """``rf_power`` in memory of C."""
        n, limbs, radix = self.n, self._limbs, 1 << self.bits

        def words(number: int) -> Any:
            return ffi.new("uint64_t[]", limbs_of(number, limbs))

        def power(exponent: int) -> Any:
            return words((pow(2, exponent, n) << 64 * limbs) % n)

        modulus, one, memory = words(n), power(0), ffi.new("uint64_t[]", self.places * limbs * self._parts << self.part)
        numbers = {"modulus": modulus, "one": one, "table": memory, "n0": pow(-n, -1, 1 << 64), "limbs": limbs}
        sizes = {"digits": self.count, "digit_bits": self.bits, "digit_bytes": self.width}
        core = ffi.new("rf_power *", {**numbers, **sizes, "places": self.places, "part_bits": self.part})
        lib.rf_power_prepare(core, power(self.e * (radix**self.count - 1)), power(1 - radix))
        return owning(core, modulus, one, memory)


@functools.lru_cache(_TABLES)
def _prepared(powers: Powers) -> Any:
    return powers.table()
