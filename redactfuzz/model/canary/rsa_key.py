"""RSA private keys from a seed: prime search, and the DER of PKCS#8.

Every number of a key is made to have its top bit set, so that all keys of a size have DER of the same length and the
same layout. These keys are for planting, not for use: they follow from a seed that reports print.
"""

from __future__ import annotations

import functools
import hashlib
import mmap
import struct
from collections.abc import Callable, Iterator

import attrs

E = 65537
_NAMES = ("n", "e", "d", "p", "q", "dp", "dq", "qinv")


@attrs.frozen(repr=False)
class RsaNumbers:
    """The numbers of an RSA private key. Its repr shows none of them."""

    n: int
    e: int
    d: int
    p: int
    q: int
    dp: int
    dq: int
    qinv: int

    def __repr__(self) -> str:
        return f"<RsaNumbers: {self.n.bit_length()} bits: use .p, .q, .d, .dp, .dq, .qinv, .n, .e>"


def make_key(seed: int, name: str, bits: int, index: int) -> RsaNumbers:
    """Always the same key for the same arguments. The first call takes about a second for 2,048 bits."""
    label = f"rsa {seed} {bits} {index} {name}"
    first, second = _start(label, "p", bits // 2), _start(label, "q", bits // 2)
    known = _hints.get(label)
    if known is None:
        p = next(c for c in _candidates(first, _fits_p) if _is_prime(c))
        q = next(c for c in _candidates(second, functools.partial(_fits_q, p)) if c != p and _is_prime(c))
        _hints.put(label, p - first, q - second)
    else:
        p, q = first + known[0], second + known[1]
    return RsaNumbers(
        n=p * q,
        e=E,
        d=pow(E, -1, (p - 1) * (q - 1)),
        p=p,
        q=q,
        dp=pow(E, -1, p - 1),
        dq=pow(E, -1, q - 1),
        qinv=pow(q, -1, p),
    )


def _start(label: str, which: str, bits: int) -> int:
    """An odd number of `bits` bits whose upper two are set, so that the product of two has twice as many."""
    digest = hashlib.shake_256(f"{label} {which}".encode()).digest(bits // 8)
    # The upper half of the search stays clear of an overflow: the next prime is a few thousand away.
    return int.from_bytes(digest, "big") >> 2 | 3 << (bits - 2) | 1


def _candidates(start: int, fits: Callable[[int], bool]) -> Iterator[int]:
    """Numbers from `start` on without a small factor, for which `fits` holds."""
    span = 1 << 14
    while True:
        composite = bytearray(span)
        for prime in _small_primes():
            # start + 2k is divisible by prime for k = -start / 2
            offset = -start * pow(2, -1, prime) % prime
            composite[offset::prime] = b"\1" * len(range(offset, span, prime))
        yield from (start + 2 * k for k in range(span) if not composite[k] and fits(start + 2 * k))
        start += 2 * span


@functools.cache
def _small_primes() -> tuple[int, ...]:
    return tuple(n for n in range(3, 3000, 2) if all(n % k for k in range(3, int(n**0.5) + 1, 2)))


def _fits_p(p: int) -> bool:
    return p % E != 1 and pow(E, -1, p - 1).bit_length() == p.bit_length()


def _fits_q(p: int, q: int) -> bool:
    bits = q.bit_length()
    if q % E == 1 or pow(E, -1, q - 1).bit_length() != bits:
        return False
    try:
        return pow(q, -1, p).bit_length() == bits and pow(E, -1, (p - 1) * (q - 1)).bit_length() == 2 * bits
    except ValueError:
        return False


def _is_prime(n: int) -> bool:
    """Fermat for base 2, then Miller-Rabin for a few more: enough for candidates that nobody chose against it."""
    if pow(2, n - 1, n) != 1:
        return False
    twos = (n - 1 & -(n - 1)).bit_length() - 1
    for base in (3, 5, 7, 11, 13):
        x = pow(base, n - 1 >> twos, n)
        if x in (1, n - 1):
            continue
        for _ in range(twos - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


class _Hints:
    """How far from their start the primes of a key lie, shared with forked children.

    When every execution has a process of its own, each would search for the same primes again. The distances reveal
    nothing to those who do not have the seed.
    """

    _SLOT = struct.Struct("<16sQQ")
    _SLOTS = 128

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, self._SLOT.size * self._SLOTS)

    def get(self, label: str) -> tuple[int, int] | None:
        key, offset = self._find(label)
        found, p, q = self._SLOT.unpack_from(self._memory, offset)
        return (p, q) if found == key else None

    def put(self, label: str, p: int, q: int) -> None:
        key, offset = self._find(label)
        self._SLOT.pack_into(self._memory, offset, key, p, q)

    def _find(self, label: str) -> tuple[bytes, int]:
        key = hashlib.sha256(label.encode()).digest()[:16]
        return key, key[0] % self._SLOTS * self._SLOT.size


_hints = _Hints()


@attrs.frozen
class Layout:
    """Where the numbers lie in the DER of a key of `bits` bits: the same for every key of that size."""

    size: int
    parts: dict[str, slice]


def encode(key: RsaNumbers) -> bytes:
    """PKCS#8 DER."""
    inner = der_sequence(b"\2\1\0" + b"".join(der_integer(getattr(key, name)) for name in _NAMES))
    return der_sequence(b"\2\1\0" + bytes.fromhex("300d06092a864886f70d0101010500") + der_tagged(4, inner))


@functools.cache
def layout(bits: int) -> Layout:
    """The layout of what `encode` makes; found with a key whose numbers are all recognisable."""
    half, marks = bits // 16, {}
    sizes = {"n": bits // 8, "e": 3, "d": bits // 8, "p": half, "q": half, "dp": half, "dq": half, "qinv": half}
    for index, (name, size) in enumerate(sizes.items()):
        marks[name] = bytes((0x80 | index,)) * size
    marks["e"] = E.to_bytes(3, "big")
    der = encode(RsaNumbers(**{name: int.from_bytes(mark, "big") for name, mark in marks.items()}))
    return Layout(len(der), {name: slice(der.index(mark), der.index(mark) + len(mark)) for name, mark in marks.items()})


def der_integer(value: int) -> bytes:
    """An INTEGER of DER."""
    return der_tagged(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def der_sequence(content: bytes) -> bytes:
    """A SEQUENCE of DER."""
    return der_tagged(0x30, content)


def der_tagged(tag: int, content: bytes) -> bytes:
    """Any value of DER."""
    size = len(content)
    if size < 128:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content
