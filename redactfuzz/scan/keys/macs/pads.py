"""What HMAC hashes first: the key XORed with the inner or the outer pad, as Java, Mbed TLS and wolfSSL keep it."""

from __future__ import annotations

import attrs

from redactfuzz.dumps.readers.image import Image
from redactfuzz.scan.keys import candidates
from redactfuzz.scan.keys.detector import Findings
from redactfuzz.scan.keys.known import KnownKeys
from redactfuzz.scan.keys.macs.gathered import Gathered
from redactfuzz.scan.keys.macs.key_bytes import REASON
from redactfuzz.scan.keys.macs.pair import MacPair

_PADS = {"inner": 0x36, "outer": 0x5C}
"""RFC 2104 section 2."""
_LEAST = 8
"""Bytes of the pad alone that a block ends with: those of a key that is as long as the block are none."""
_MOST = 1 << 26
"""Bytes that are hashed in a window of an image, for one pad and size: of blocks that differ, and of the messages."""
_TOO_MANY = "not all stretches of the pads of HMAC were tried as the end of a key's block: they are too many"


@attrs.frozen
class HmacPads:
    """Blocks that end with bytes of a pad, and whose key gives a known MAC: no false reports."""

    name: str = "hmac-pad"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each key and pad."""
        findings = Findings(self.name, image)
        gathered = Gathered(known.macs, findings, REASON)
        for size in sorted({pair.hash.block for pair in known.macs}):
            pairs = [pair for pair in known.macs if pair.hash.block == size]
            for side, pad in _PADS.items():
                tried, budget = dict[bytes, list[MacPair]](), _MOST
                for offset, length in candidates.runs(image.data, bytes([pad]), _LEAST, size - 1):
                    start = offset + length - size
                    if start < 0:
                        continue
                    block = bytes(image.data[start : start + size])
                    if block not in tried:
                        budget -= sum(size + len(pair.message) for pair in pairs)
                        if budget < 0:
                            findings.gap(_TOO_MANY, offset)
                            break
                        key = bytes(byte ^ pad for byte in block)
                        tried[block] = [pair for pair in pairs if pair.of_key(key)]
                    gathered.add("HMAC key", f"XORed with the {side} pad", tried[block].__contains__, (start,), size)
        return findings
