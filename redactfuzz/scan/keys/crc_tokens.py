"""Tokens that end in a CRC-32 of themselves, in base 62: GitHub's (since April 2021), npm's (since September 2021)."""

from __future__ import annotations

import re
import string
import zlib

import attrs

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys import candidates
from redactfuzz.scan.keys.detector import Findings, identity, text_at
from redactfuzz.scan.keys.known import KnownKeys

_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_KINDS = {
    b"ghp_": "GitHub personal access token",
    b"gho_": "GitHub OAuth token",
    b"ghu_": "GitHub user-to-server token",
    b"ghs_": "GitHub server-to-server token",
    b"ghr_": "GitHub refresh token",
    b"npm_": "npm access token",
}
_CLASSIC = re.compile(rb"([A-Za-z0-9]{30,72})(?![A-Za-z0-9_])")
_CHECK = 6
_REASON = "its checksum is right"


@attrs.frozen
class CrcTokens:
    """Tokens whose last six characters are the CRC-32 of those between the prefix and them.

    One text in 4 * 10^9 has it by chance. Fine-grained tokens (``github_pat_``) have a checksum that is not published.
    """

    name: str = "token-crc"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each token."""
        findings = Findings(self.name, image)
        prefixes = tuple(_KINDS)
        for offset, index, width in candidates.literals(image.data, prefixes):
            prefix = prefixes[index]
            match = _CLASSIC.match(text_at(image.data, offset + width * len(prefix), width, 80))
            body = match[1] if match else b""
            if len(body) > _CHECK and checksum(body[:-_CHECK]) == body[-_CHECK:]:
                length = width * (len(prefix) + len(body))
                findings.add(_KINDS[prefix], identity(prefix + body), Severity.TOTAL, _REASON, offset, length)
        return findings


def checksum(body: bytes) -> bytes:
    """The CRC-32 in six digits of base 62, the highest first."""
    value, digits = zlib.crc32(body), ""
    for _ in range(_CHECK):
        value, digit = divmod(value, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return digits.encode()
