"""Pairs of Ed25519 in Base58, as wallets of Solana write them: a seed with its public key behind it, as one number.

It has no checksum: the public key shows that it is one.
"""

from __future__ import annotations

from collections.abc import Sequence

from redactfuzz._core._engine import ffi
from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys.detector import Findings, identity
from redactfuzz.scan.keys.public.dense import Stretches
from redactfuzz.scan.keys.public.seed_pairs import PAIR, WHAT, WHY, pairs

LETTERS = range(86, 89)
"""Of 64 bytes: of one in 200 they are fewer than 87."""
_SUMS = 1 << 23
"""Of points, in one image: for a quarter of a million such words."""
_TOO_MANY = "not all words of Base58 were tried as a seed of Ed25519 with its public key: they are too many"


def add_pairs(words: Sequence[tuple[int, int, int]], findings: Findings) -> None:
    """Those of some words (offset, letters, number) that are one."""
    tried = Image("", b"".join((number % (1 << 8 * PAIR)).to_bytes(PAIR, "big") for _, _, number in words))
    places = Stretches(ffi.new("rf_place[]", [(PAIR * index, PAIR) for index in range(len(words))]), len(words))
    budget = ffi.new("uint64_t *", _SUMS)
    for at in pairs(tried, places, 1, budget):
        public = tried.data[at + PAIR // 2 : at + PAIR]
        findings.add(WHAT, identity(public), Severity.TOTAL, WHY, *words[at // PAIR][:2])
    if not budget[0]:
        findings.gap(_TOO_MANY, words[0][0])
