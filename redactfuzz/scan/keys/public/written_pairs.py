"""Seeds of Ed25519 with the public key right behind that are written as text: in base64, hexadecimal, as a list.

Solana's ``id.json``, secret keys of Nix, libp2p's (IPFS), those of signify without a passphrase, and whatever else
writes what NaCl and Go keep (RFC 8032 section 5.1.5). In memory a view has whatever lies there; what a text spells
begins and ends with it.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator

import attrs

from redactfuzz._core._engine import ffi
from redactfuzz.dumps.readers.image import Image
from redactfuzz.scan.keys import candidates
from redactfuzz.scan.keys.detector import Findings
from redactfuzz.scan.keys.known import KnownKeys
from redactfuzz.scan.keys.public.dense import Stretches
from redactfuzz.scan.keys.public.seed_pairs import PAIR, add_pair, pairs

_LIBP2P = b"\x08\x01\x12\x40"
"""How one begins in protobuf: the type Ed25519, and so many bytes (the specification of libp2p's peer identities)."""
_BESIDE = 4
"""Bytes beside one that may be of something else, as a break of a line, or in memory the length of an array."""
_OPENSSH, _NEAR = b"openssh-key-v1", 512
"""How a private key of OpenSSH begins, in bytes before its pair: that is known as such."""
_MOST = 1 << 23
"""Sums of points in one view, some two seconds: of SHA-512, which is as long, 4 MB of text have an eighth of it."""
_TOO_MANY = "not all that texts spell was tried as a seed of Ed25519 before its public key: it is too much"


@attrs.frozen
class WrittenPairs:
    """Of each stretch of a view the last 64 bytes, and those behind a header: no false reports."""

    name: str = "ed25519-pair"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each key."""
        findings = Findings(self.name, image)
        places = list(_places(image.data))
        if not places:
            return findings
        budget = ffi.new("uint64_t *", _MOST)
        for offset in pairs(image, Stretches(ffi.new("rf_place[]", places), len(places)), 1, budget):
            add_pair(image, offset, findings)
        if not budget[0]:
            findings.gap(_TOO_MANY, places[0][0])
        return findings


def _places(data: bytes | mmap.mmap) -> Iterator[tuple[int, int]]:
    """(offset, length) of that in which a pair may lie."""
    for start, length in candidates.between_zeros(data, PAIR):
        if length <= PAIR + _BESIDE:
            yield start, length
            continue
        if data.rfind(_OPENSSH, max(0, start - _NEAR), start) >= 0:
            continue
        own = length - len(data[start : start + length].rstrip(b"\0"))
        yield start + length - PAIR - own, PAIR + own
        if data[start : start + len(_LIBP2P)] == _LIBP2P:
            yield start + len(_LIBP2P), PAIR
