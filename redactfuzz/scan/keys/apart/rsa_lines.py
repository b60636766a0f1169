"""An RSA key whose lines lie in any order, among lines of anything else: its numbers put them in order.

From the first line follows in which line, and where in it, the modulus and both primes end. Their lowest bits are
multiplied: p q = n modulo a power of two. So the line before each is the one with which that still holds, which of all
lines only the right one does, up to the highest bits of both primes (lifting, as Hensel's). That p q begins as the
first line says, and that all lower bits agreed, is the proof; what else there is of the key is not needed.
"""

from __future__ import annotations

import base64
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence

import attrs

from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys import openssh
from redactfuzz.scan.keys.apart.lines import Line
from redactfuzz.scan.keys.detector import identity
from redactfuzz.scan.keys.effort import affords
from redactfuzz.scan.keys.private_key import CHECKED, Described
from redactfuzz.scan.keys.rsa_members import EXPONENTS

_MODULUS = re.compile(rb"\x02\x01\x00\x02(?:\x81(?P<short>.)|\x82(?P<long>..))(?=\x00)", re.DOTALL)
"""RFC 8017 appendix A.1.2, alone or within PKCS#8: the version, and the header of the modulus."""
_EXPONENTS = sorted({one[:-2] for one in EXPONENTS}, key=len, reverse=True)
"""As they are written in DER, without what stands behind them."""
_SSH = openssh.NOT_ENCRYPTED
_SSH_KIND, _SSH_E = b"\0\0\0\7ssh-rsa", b"\0\0\0\3\1\0\1"
_CHECKS = 12
"""Bytes of the length of the private section, and of two check words."""
_SIZES = (1, 0, -1, -2)
"""Bytes that d, or the coefficient, has more than a number of its size: a zero before it, or fewer of 65,536."""
_LEAST, _MOST = 128, 2048
"""Bytes of a modulus."""
_TRIES, _EACH = 1 << 18, 1 << 18
"""Multiplications for one line of a key at most, one for each line unless some happen to agree; what each costs."""


@attrs.frozen(repr=False)
class _Layout:
    """Where the numbers of a key end, in bytes from its beginning, and what stands behind each."""

    head: bytes
    """All that stands before the modulus."""
    size: int
    """Bytes of the modulus."""
    ends: tuple[tuple[int, bytes], ...]
    """Of the modulus, p and q."""


def key_of(first: Line, lines: Sequence[Line]) -> Described | None:
    """The key of which some of these are lines, and one is the first."""
    values = [line.value for line in lines]
    for layout in _layouts(first.content):
        for p, q in _lifted(layout, values, first.bits):
            n = p * q
            if n.bit_length() == 8 * layout.size and _begins_as(layout.head, n, first):
                return _described(n, in_openssh=ends_late(first))
    return None


def _described(n: int, *, in_openssh: bool) -> Described:
    """Of the same identity as one whose lines lie together."""
    if not in_openssh:
        return Described(f"RSA-{n.bit_length()} private key", identity(n), Severity.TOTAL, CHECKED)
    written = n.to_bytes(n.bit_length() // 8 + 1, "big")
    public = _SSH_KIND + _SSH_E + _length(len(written)) + written
    return Described(f"OpenSSH {openssh.named(b'ssh-rsa')}", identity(public), Severity.TOTAL, CHECKED)


def ends_late(first: Line) -> bool:
    """Whether the last line, which is shorter, holds some of what is private: in OpenSSH's format."""
    return first.content.startswith(_SSH)


def _begins_as(head: bytes, n: int, first: Line) -> bool:
    """Whether the key with this modulus begins with that line."""
    written = head + n.to_bytes((n.bit_length() + 7) // 8 + 1, "big")
    return base64.b64encode(written).startswith(first.text)


def _layouts(head: bytes) -> Iterator[_Layout]:
    """What the first line leaves open is how long the exponents are."""
    if head.startswith(_SSH):
        yield from _of_openssh(head)
    elif begin := _MODULUS.search(head):
        yield from _of_der(head[: begin.end()], int.from_bytes(begin["short"] or begin["long"], "big") - 1)


def _of_der(head: bytes, size: int) -> Iterator[_Layout]:
    half, end = size // 2, len(head) + 1 + size
    if not _LEAST <= size <= _MOST or size % 2:
        return
    prime = _header(half + 1)
    for exponent, more in itertools.product(_EXPONENTS, _SIZES):
        behind = exponent + _header(size + more)
        p = end + len(behind) + size + more + len(prime) + half + 1
        q = p + len(prime) + half + 1
        yield _Layout(head, size, ((end, behind), (p, prime + b"\0"), (q, prime[:1])))


def _header(length: int) -> bytes:
    """That of an INTEGER in DER."""
    if length < 0x80:
        return bytes([2, length])
    return b"\x02\x81" + bytes([length]) if length < 0x100 else b"\x02\x82" + length.to_bytes(2, "big")


def _of_openssh(head: bytes) -> Iterator[_Layout]:
    """e is 65537. The private section has n, e, d, the coefficient, p and q, each behind its length."""
    public = int.from_bytes(head[len(_SSH) : len(_SSH) + 4], "big")
    size = public - len(_SSH_KIND) - len(_SSH_E) - 4 - 1
    if not _LEAST <= size <= _MOST or size % 2:
        return
    half = size // 2
    whole = _SSH + public.to_bytes(4, "big") + _SSH_KIND + _SSH_E + _length(size + 1)
    end = len(whole) + size + 1 + _CHECKS + len(_SSH_KIND) + 4 + size + 1
    for d, coefficient in itertools.product(_SIZES, _SIZES):
        p = end + len(_SSH_E) + 4 + size + d + 4 + half + coefficient + 4 + half + 1
        q = p + 4 + half + 1
        behind = _SSH_E + _length(size + d)
        yield _Layout(whole, size, ((end, behind), (p, _length(half + 1) + b"\0"), (q, b"\0\0")))


def _length(size: int) -> bytes:
    return size.to_bytes(4, "big")


def _lifted(layout: _Layout, values: Sequence[int], bits: int) -> list[tuple[int, int]]:
    """Primes whose lines are among these values of so many bits, lowest bits first."""
    whole = 4 * layout.size
    known = [8 * end % bits for end, _ in layout.ends]
    n_tails, p_tails, q_tails = (_tails(values, bits, end, behind) for end, behind in layout.ends)
    if len(n_tails) * len(p_tails) * max(1, len(q_tails)) > _TRIES:
        return []
    states: list[tuple[int, ...]]
    if min(known) == known[2]:  # the line in which q ends may be far off: its bits follow from the others
        pairs = itertools.product(n_tails, p_tails)
        states = [(n, p, n * pow(p, -1, 1 << known[2]) % (1 << known[2])) for n, p in pairs]
    else:
        states = _agreeing(itertools.product(n_tails, p_tails, q_tails), min(known))
    while states and min(known) < whole:
        least = known.index(min(known))
        tries = len(states) * len(values)
        if tries > _TRIES or not affords(tries * _EACH):
            return []
        before = known[least]
        known[least] += bits
        more = ((*one[:least], one[least] | value << before, *one[least + 1 :]) for one in states for value in values)
        states = _agreeing(more, min(*known, whole))
    mask = (1 << whole) - 1
    return [(p & mask, q & mask) for _, p, q in states]


def _agreeing(states: Iterable[tuple[int, ...]], bits: int) -> list[tuple[int, ...]]:
    """Those of which n is the product of p and q in so many lowest bits."""
    mask = (1 << bits) - 1
    return [(n, p, q) for n, p, q in states if not (p * q - n) & mask]


def _tails(values: Sequence[int], bits: int, end: int, behind: bytes) -> list[int]:
    """The lowest bits of a number that ends in a line, by what stands behind it there; all of these are odd."""
    own = 8 * end % bits
    if own == 0:
        return [0]
    seen = min(8 * len(behind), bits - own)
    wanted = int.from_bytes(behind, "big") >> 8 * len(behind) - seen
    rest = bits - own
    fitting = {value >> rest for value in values if value >> rest - seen & (1 << seen) - 1 == wanted}
    return [one for one in fitting if one & 1]
