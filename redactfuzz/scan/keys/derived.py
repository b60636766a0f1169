"""What programs compute from a key and keep: if it is in a dump, the key is as good as lost.

The matcher looks for these beside the planted secret itself.
"""

from __future__ import annotations

import math
import struct

import attrs

from redactfuzz._core._engine import ffi, lib
from redactfuzz.model.canary.secret import Shape
from redactfuzz.scan.keys.aes import DIRECTIONS, ORDERS
from redactfuzz.scan.keys.macs.hashes import HASHES

_AES_SIZES = (16, 24, 32)

Part = tuple[str, bytes, Shape]
"""(label, bytes, shape) of something that follows from a secret."""


def derived(secret: bytes) -> tuple[Part, ...]:
    """HMAC states of a key (RFC 2104) and, for 16, 24 or 32 bytes, its AES key schedules (FIPS 197).

    States lie as words of the machine in every common library (``SHA256_CTX``), big-endian in hardware and some others.
    """
    return tuple(_states(secret) + _schedules(secret))


def _states(secret: bytes) -> list[Part]:
    parts = []
    inner, outer = ffi.new("uint8_t[]", lib.RF_HASH_STATE), ffi.new("uint8_t[]", lib.RF_HASH_STATE)
    for one in HASHES:
        size = lib.rf_hmac_states(one.number, secret, len(secret), inner, outer)
        for side, state in (("inner", inner), ("outer", outer)):
            big = bytes(ffi.buffer(state, size))
            parts.append((f"HMAC-{one.name} {side} state", _swapped(big, one.word), Shape.BYTES))
            parts.append((f"HMAC-{one.name} {side} state, big-endian", big, Shape.BYTES))
    return parts


def _swapped(state: bytes, word: int) -> bytes:
    """The words of a big-endian state as a little-endian machine holds them."""
    letter = {4: "I", 8: "Q"}[word]
    count = len(state) // word
    return struct.pack(f"<{count}{letter}", *struct.unpack(f">{count}{letter}", state))


def _schedules(secret: bytes) -> list[Part]:
    if len(secret) not in _AES_SIZES:
        return []
    parts = []
    out = ffi.new("uint8_t[]", lib.RF_AES_SCHEDULE)
    for direction, toward in enumerate(DIRECTIONS):
        for swapped, order in enumerate(ORDERS):
            size = lib.rf_aes_schedule(secret, len(secret), direction, swapped, out)
            label = f"AES-{8 * len(secret)} key schedule for {toward}, {order}"
            parts.append((label, bytes(ffi.buffer(out, size)), Shape.BYTES))
    return parts


@attrs.frozen(repr=False)
class RsaPart:
    """A number of an RSA private key. ``bits`` is its size; its repr does not show it."""

    label: str
    number: int

    def __repr__(self) -> str:
        return f"<RsaPart {self.label}: {self.number.bit_length()} bits>"


def rsa_parts(n: int, e: int, p: int) -> tuple[RsaPart, ...]:
    """Every number that libraries keep of the key whose modulus is `n`, given one prime factor.

    The private numbers of RFC 8017 section 3.2, and Montgomery's constants of p and q for whole 64-bit limbs:
    n0 = -p^-1 mod 2^64, and R^2 mod p. Those of n are public.
    Raises ``ValueError`` when `p` is no factor.
    """
    if not 1 < p < n or n % p:
        raise ValueError("p is no prime factor of n: give the modulus and a factor of the same key.")
    q = n // p
    d = pow(e, -1, (p - 1) * (q - 1))
    parts = [RsaPart(label, number) for label, number in (("p", p), ("q", q), ("d", d))]
    # Most libraries reduce d modulo lcm(p-1, q-1) (RFC 8017), others modulo (p-1)(q-1).
    parts.append(RsaPart("d modulo lcm", pow(e, -1, math.lcm(p - 1, q - 1))))
    parts += [RsaPart("dp", d % (p - 1)), RsaPart("dq", d % (q - 1)), RsaPart("qinv", pow(q, -1, p))]
    for name, prime in (("p", p), ("q", q)):
        limbs = -(-prime.bit_length() // 64)
        parts.append(RsaPart(f"n0({name})", -pow(prime, -1, 1 << 64) % (1 << 64)))
        parts.append(RsaPart(f"R^2 mod {name}", pow(2, 128 * limbs, prime)))
    return tuple(parts)
