"""From a dump to the private key: what somebody can do who has read the dump and knows where `scan` found a prime."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa


class Unrecoverable(Exception):
    """No prime lies where one was said to."""


def prime_in(dump: Path, report: Mapping[str, Any], n: int) -> int:
    """A prime factor of ``n``, read from the bytes at a place that the report of `scan --json` names."""
    with dump.open("rb") as file:
        for found in report["keys"]:
            for where in found["where"] if found["detector"] == "rsa-prime" else ():
                file.seek(where["offset"])
                for prime in _readings(file.read(where["length"])):
                    if 1 < prime < n and n % prime == 0:
                        return prime
    raise Unrecoverable("no prime factor of the modulus lies where the report says")


def _readings(data: bytes) -> Iterator[int]:
    yield int.from_bytes(data, "little")
    yield int.from_bytes(data, "big")


def private_key(prime: int, n: int, e: int) -> rsa.RSAPrivateKey:
    """Every private number follows from one factor (RFC 8017, section 3.2)."""
    other = n // prime
    d = pow(e, -1, (prime - 1) * (other - 1))
    public = rsa.RSAPublicNumbers(e, n)
    numbers = rsa.RSAPrivateNumbers(
        prime, other, d, rsa.rsa_crt_dmp1(d, prime), rsa.rsa_crt_dmq1(d, other), rsa.rsa_crt_iqmp(prime, other), public
    )
    return numbers.private_key()
