"""States of ChaCha20 (RFC 8439 section 2.3): the constant, with the key and the counter where they belong."""

from __future__ import annotations

import struct

import attrs

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys.detector import Findings, identity
from redactfuzz.scan.keys.known import KnownKeys
from redactfuzz.scan.keys.literals import Literals

_CONSTANT = b"expand 32-byte k"
_CONSTANTS = Literals(_CONSTANT, wide=False)
_KEY = slice(16, 48)
_STATE = 64
_LEAST_DISTINCT, _LEAST_HIGH = 24, 4
"""Of 32 random bytes: as many are distinct, and as many are above 127, in all but one of 4,000 cases."""
_MOST_BLOCKS = 1 << 26
"""A counter that has come further has enciphered 4 GB."""
_REASON = (
    "the constant of the cipher, 32 bytes that look random and a block counter lie as in a state: "
    "nothing in it can be checked"
)


@attrs.frozen
class ChachaStates:
    """The constant, a key that looks random, and a small counter behind it."""

    name: str = "chacha-state"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each key."""
        findings = Findings(self.name, image)
        for offset, _, _ in _CONSTANTS.places(image):
            state = image.data[offset : offset + _STATE]
            if _is_state(state):
                findings.add("ChaCha20 state", identity(state[_KEY]), Severity.TOTAL, _REASON, offset, _STATE)
        return findings


def _is_state(state: bytes) -> bool:
    """The counter is of 32 bits beside a nonce of 96 (RFC 8439), or of 64 beside one of 64 (Bernstein's)."""
    if len(state) < _STATE:
        return False
    key, counter, nonce = state[_KEY], *struct.unpack_from("<I12s", state, 48)
    high = sum(byte > 127 for byte in key)
    random = len(set(key)) >= _LEAST_DISTINCT and _LEAST_HIGH <= high <= len(key) - _LEAST_HIGH
    # Text or code that happens to follow the constant has no counter.
    return random and counter < _MOST_BLOCKS and not (counter == 0 and nonce == bytes(12))
