"""Public keys that lie in a dump itself: in certificates, in SubjectPublicKeyInfo alone, and in OpenSSH's form.

Their private parts are then looked for as those of a key that the user gave, in the commonest ways.
"""

from __future__ import annotations

import contextlib

import attrs

from redactfuzz.dumps.readers.image import Image
from redactfuzz.dumps.readers.mapped import ranges, window
from redactfuzz.model.exposure import Gap
from redactfuzz.scan.keys import der
from redactfuzz.scan.keys.known import KnownKeys, Modulus, UnusableKey
from redactfuzz.scan.keys.literals import Literals
from redactfuzz.scan.keys.public import spki
from redactfuzz.scan.keys.public.curves import Point

_OPENSSH = (b"\x07ssh-rsa", b"\x0bssh-ed25519", b"\x13ecdsa-sha2-nistp")
_LENGTH = 3
"""Bytes of the length of OpenSSH's name that stand before these."""
_ALGORITHMS = Literals(*_OPENSSH, *spki.RSA, spki.ELLIPTIC, *(b"\x06\x03" + kind for kind in spki.EDWARDS), wide=False)
"""Literals by which one is found. An identifier of three bytes has its tag and length before it."""
_BEFORE = 8
"""Bytes between the beginning of a SubjectPublicKeyInfo and the identifier of its algorithm, at most."""
_LONGEST = 4096
_MOST = 256
"""Keys of each kind that are looked for. A bundle of certificates that everybody trusts has under 200."""
_TOO_MANY = f"the private keys of more than {_MOST} public keys in the dump were not looked for: give those that matter"


@attrs.define
class _Harvest:
    moduli: dict[int, Modulus] = attrs.field(factory=dict)
    points: dict[tuple[str, int], Point] = attrs.field(factory=dict)
    beyond: int | None = None

    def add(self, numbers: spki.PublicNumbers, offset: int) -> None:
        full = len(self.moduli if isinstance(numbers, spki.RsaNumbers) else self.points) >= _MOST
        if isinstance(numbers, Point):
            if (numbers.kind, numbers.x) in self.points:
                return
            if not full:
                self.points[numbers.kind, numbers.x] = attrs.evolve(numbers, asked=False)
        elif numbers.n not in self.moduli and not full:
            self.moduli[numbers.n] = Modulus(numbers.n, numbers.e, _NAME, asked=False)
        elif numbers.n in self.moduli:
            return
        if full and self.beyond is None:
            self.beyond = offset


_NAME = "a public key in the dump"


def harvested(image: Image) -> tuple[KnownKeys, tuple[Gap, ...]]:
    """The public keys in the raw bytes of an image, and what of them is too much."""
    harvest = _Harvest()
    for its in ranges(image):
        with window(image, its) as shown:
            for offset, index, _ in _ALGORITHMS.places(shown):
                numbers = (_openssh_at if index < len(_OPENSSH) else _numbers_at)(shown, offset)
                if numbers is not None:
                    # Too small or too large, or no modulus at all.
                    with contextlib.suppress(UnusableKey):
                        harvest.add(numbers, its[0] + offset)
    known = KnownKeys(tuple(harvest.moduli.values()), tuple(harvest.points.values()))
    gaps = () if harvest.beyond is None else (Gap(image.name, _TOO_MANY, harvest.beyond),)
    return known, gaps


def _openssh_at(image: Image, offset: int) -> spki.PublicNumbers | None:
    try:
        return spki.openssh(image.data[max(0, offset - _LENGTH) : offset + _LONGEST], _NAME, whole=False)
    except ValueError:  # the key is cut off by the end of the image, or no point of its curve
        return None


def _numbers_at(image: Image, offset: int) -> spki.PublicNumbers | None:
    """The key whose algorithm's identifier is at an offset: its SEQUENCE begins a few bytes before."""
    data = image.data[max(0, offset - _BEFORE) : offset + _LONGEST]
    here = min(offset, _BEFORE)
    for start in range(here, -1, -1):
        if data[start : start + 1] != b"\x30":
            continue
        try:
            first, end = der.extent(data, start)
            if first >= here or end <= here + _BEFORE or end > len(data):
                continue
            found = next(spki.infos(der.sequence(data[start:end]), 1), None)
            if found is not None:
                return spki.numbers(*found, _NAME)
        except ValueError:
            continue
    return None
