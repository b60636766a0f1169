"""Private keys of PuTTY, format 2 and 3 (appendix C of PuTTY's manual)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import struct

import attrs

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys import openssh
from redactfuzz.scan.keys.detector import Findings, identity, text_at
from redactfuzz.scan.keys.known import KnownKeys
from redactfuzz.scan.keys.literals import Literals
from redactfuzz.scan.keys.private_key import ENCRYPTED, Described

_BEGIN = b"PuTTY-User-K"
_BEGINNINGS = Literals(_BEGIN)
_LONGEST = 1 << 15
_FILE = re.compile(
    rb"PuTTY-User-Key-File-([23]): ([a-z0-9-]{1,64})\r?\nEncryption: (none|aes256-cbc)\r?\n"
    rb"Comment: ([^\r\n]{0,1024})\r?\n"
    rb"Public-Lines: \d+\r?\n([A-Za-z0-9+/=\r\n]+?)\r?\n(?:(?:Key-Derivation|Argon2-[A-Za-z]+): [^\r\n]+\r?\n)*"
    rb"Private-Lines: \d+\r?\n([A-Za-z0-9+/=\r\n]+?)\r?\nPrivate-MAC: ([0-9a-f]{40,64})"
)
_V2_KEY = hashlib.sha1(b"putty-private-key-file-mac-key").digest()  # as the format asks
_REASON = "parsed, and its checksum is right"


@attrs.frozen
class PuttyKeys:
    """Files whose checksum is right, or that are encrypted."""

    name: str = "ppk"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each key."""
        findings = Findings(self.name, image)
        for offset, _, width in _BEGINNINGS.places(image):
            match = _FILE.match(text_at(image.data, offset, width, _LONGEST))
            key = _key(match) if match else None
            if match and key:
                findings.add(key.what, key.identity, key.severity, key.reason, offset, width * match.end())
        return findings


def _key(match: re.Match[bytes]) -> Described | None:
    version, kind, cipher, comment, *blobs, mac = match.groups()
    try:
        public, private = (base64.b64decode(blob) for blob in blobs)
    except binascii.Error:
        return None
    what = f"PuTTY {openssh.named(kind)}"
    if cipher != b"none":
        encrypted = len(private) % 16 == 0 and len(private) > 0
        return Described(f"encrypted {what}", identity(public), Severity.MEDIUM, ENCRYPTED) if encrypted else None
    signed = b"".join(struct.pack(">I", len(part)) + part for part in (kind, cipher, comment, public, private))
    right = hmac.new(*((_V2_KEY, signed, "sha1") if version == b"2" else (b"", signed, "sha256"))).hexdigest()
    return Described(what, identity(public), Severity.TOTAL, _REASON) if right.encode() == mac else None
