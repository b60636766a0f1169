"""Private keys in DER: PKCS#8 (RFC 5958), PKCS#1 (RFC 8017) and SEC 1 (RFC 5915)."""

from __future__ import annotations

import attrs

from redactfuzz.dumps.readers.image import Image
from redactfuzz.scan.keys import candidates
from redactfuzz.scan.keys.detector import Findings, Memo
from redactfuzz.scan.keys.known import KnownKeys
from redactfuzz.scan.keys.private_key import describe


@attrs.frozen
class DerKeys:
    """What begins like a private key, has its whole length in the image, parses, and whose numbers agree."""

    name: str = "der"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each key."""
        findings, described = Findings(self.name, image), Memo(describe)
        behind = 0
        for offset, length in candidates.headers(image.data):
            # The PKCS#1 key inside a PKCS#8 key is not a second one.
            if offset < behind:
                continue
            key = described(image.data[offset : offset + length])
            if key:
                findings.add(key.what, key.identity, key.severity, key.reason, offset, length)
                behind = offset + length
        return findings
