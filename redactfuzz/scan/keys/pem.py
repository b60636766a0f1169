"""Private keys in PEM (RFC 7468), with the older encrypted form of OpenSSL, and OpenSSH's own."""

from __future__ import annotations

import binascii
import re

import attrs

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys import candidates, der, openssh
from redactfuzz.scan.keys.detector import Findings, Memo, identity, text_at
from redactfuzz.scan.keys.known import KnownKeys
from redactfuzz.scan.keys.private_key import ENCRYPTED, Described, describe

_BEGIN = b"-----BEGIN "
_LONGEST = 1 << 15
"""Characters: a key of 16,384 bits has under 13,000."""
_SHORTEST, _MOSTLY = 64, 1 << 12
_BREAK = rb"(?:\s|\\[nrt])*"
_FIRST = rb"-----BEGIN ((?:RSA |EC |DSA |ENCRYPTED |OPENSSH |ANY )?PRIVATE KEY)-----" + _BREAK
_LABEL = re.compile(_FIRST + rb"(?:[A-Za-z0-9+/]|\\?\Z)")
"""In the first characters: the label, and that something follows it, or as far as is seen only breaks."""
_BLOCK = re.compile(
    _FIRST
    + rb"(Proc-Type: 4,ENCRYPTED"
    + _BREAK
    + rb"DEK-Info: [A-Z0-9-]+,[0-9A-Fa-f]{16,32}"
    + _BREAK
    + rb")?((?:[A-Za-z0-9+/]+"
    + _BREAK
    + rb")+)"
)
_GAPS = re.compile(rb"\s|\\[nrt]")


@attrs.frozen
class PemKeys:
    """PEM blocks, in ASCII and UTF-16, line ends as they are or escaped (``\\n``), whose content is a private key.

    The end line need not be there: the DER says how long it is.
    """

    name: str = "pem"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each key."""
        findings, known_key = Findings(self.name, image), Memo(_key)
        for offset, _, width in candidates.literals(image.data, [_BEGIN]):
            block = _block(image, offset, width)
            key = known_key(block[1], bool(block[2]), _GAPS.sub(b"", block[3])) if block else None
            if block and key:
                findings.add(f"{key.what}, PEM", key.identity, key.severity, key.reason, offset, width * block.end())
        return findings


def _block(image: Image, offset: int, width: int) -> re.Match[bytes] | None:
    """Read no further than it reaches: most of what begins like this is none, or short."""
    if not _LABEL.match(text_at(image.data, offset, width, _SHORTEST)):
        return None
    for limit in (_MOSTLY, _LONGEST):
        block = _BLOCK.match(text := text_at(image.data, offset, width, limit))
        if len(text) < limit or (block is not None and block.end() < limit):
            break
    return block


def _key(label: bytes, enciphered: bool, text: bytes) -> Described | None:
    try:
        content = binascii.a2b_base64(text[: len(text) // 4 * 4])
    except binascii.Error:
        return None
    # A padded last group ends without its padding here: decode it as well.
    tail = text[len(text) // 4 * 4 :]
    if len(tail) > 1:
        content += binascii.a2b_base64(tail + b"=" * (4 - len(tail)))
    if enciphered:
        if len(content) < 32 or len(content) % 8:
            return None
        return Described(f"encrypted {label.decode()}", identity(content), Severity.MEDIUM, ENCRYPTED)
    if label == b"OPENSSH PRIVATE KEY":
        return openssh.describe(content)
    try:
        _, end = der.extent(content)
    except der.NotDer:
        return None
    return describe(content[:end])
