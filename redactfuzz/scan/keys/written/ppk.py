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
from redactfuzz.scan.keys import elliptic, openssh, rsa_numbers
from redactfuzz.scan.keys.detector import Findings, identity, text_at
from redactfuzz.scan.keys.known import KnownKeys
from redactfuzz.scan.keys.literals import Literals
from redactfuzz.scan.keys.private_key import CHECKED, ENCRYPTED, Described
from redactfuzz.scan.keys.written.line_forms import forms, line_before

_BEGIN = b"PuTTY-User-K"
_BEGINNINGS = Literals(_BEGIN)
_LIMITS = (1 << 12, 1 << 15)
"""Characters that are read: of a beginning without private lines no more than the first."""
_FILE = re.compile(
    rb"PuTTY-User-Key-File-([23]): ([a-z0-9-]{1,64})\nEncryption: (none|aes256-cbc)\nComment: ([^\n]{0,1024})\n"
    rb"Public-Lines: \d+\n((?:[A-Za-z0-9+/]+={0,2}\n)+)(?:(?:Key-Derivation|Argon2-[A-Za-z]+): [^\n]+\n)*"
    rb"Private-Lines: \d+\n((?:[A-Za-z0-9+/]+={0,2}(?:\n|\Z))+)(?:Private-MAC: ([0-9a-f]{40,64}))?"
)
_JOINED = re.compile(
    rb"(?<! )[ ]++(?=(?:Encryption|Comment|(?:Public|Private)-Lines|Key-Derivation|Argon2-[A-Za-z]+|Private-MAC): )"
    rb"|(?<=-Lines: \d)[ ]+|(?<=-Lines: \d\d)[ ]+|(?<=[A-Za-z0-9+/]{32})[ ]+(?=[A-Za-z0-9+/=]+\s)"
)
"""What stands for the breaks of lines in a file that was written in one. Of blanks in a row none is read twice."""
_PRIVATE = b"Private-Lines: "
_UNOPENED = "what begins as a private key of PuTTY was not put together, or its checksum is wrong"
_MAC = re.compile(rb"Private-MAC: [0-9a-f]{40,64}")
_BASE64 = re.compile(rb"[A-Za-z0-9+/]{40}")
_V2_KEY = hashlib.sha1(b"putty-private-key-file-mac-key").digest()  # as the format asks
_REASON = "parsed, and its checksum is right"


@attrs.frozen
class PuttyKeys:
    """Files whose checksum is right, or whose numbers agree, or that are encrypted."""

    name: str = "ppk"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each key."""
        findings = Findings(self.name, image)
        for offset, _, width in _BEGINNINGS.places(image):
            text = _block(image, offset, width)
            if _PRIVATE not in text:
                continue
            key = _found(text, line_before(image, offset, width))
            if key:
                findings.add(key.what, key.identity, key.severity, key.reason, offset, width * len(text))
            elif _BASE64.search(text, text.index(_PRIVATE)):
                findings.unopened(_UNOPENED, offset, width * len(text))
        return findings


def _block(image: Image, offset: int, width: int) -> bytes:
    """The text up to where another begins or no text is any more; at least up to the checksum."""
    text = b""
    for limit in _LIMITS:
        text = text_at(image.data, offset, width, limit)
        ends = [end for end in (text.find(mark, len(_BEGIN)) for mark in (_BEGIN, b"\0")) if end >= 0]
        if ends or _PRIVATE not in text:
            break
    mac = _MAC.search(text)
    return text[: min([*ends, mac.end()] if mac else ends, default=len(text))]


def _found(text: bytes, before: bytes) -> Described | None:
    for form in forms(text, before, _JOINED):
        match = _FILE.match(form)
        key = _key(match) if match else None
        if key:
            return key
    return None


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
    if mac == right.encode():
        return Described(what, identity(public), Severity.TOTAL, _REASON)
    return Described(what, identity(public), Severity.TOTAL, CHECKED) if _agrees(kind, public, private) else None


def _agrees(kind: bytes, public: bytes, private: bytes) -> bool:
    """Whether private and public numbers agree: of RSA and Ed25519, where the checksum is missing or another one."""
    _, *ours = _strings(public)
    theirs = _strings(private)
    if kind == b"ssh-rsa" and len(ours) == 2 and len(theirs) >= 3:
        e, n, d, p, q = (int.from_bytes(one, "big") for one in (*ours, *theirs[:3]))
        return bool(rsa_numbers.proved(n, e, d, p, q))
    if kind == b"ssh-ed25519" and len(ours) == 1 and theirs and len(theirs[0]) == 32:
        return elliptic.public_of("Ed25519", theirs[0]) == ours[0]
    return False


def _strings(data: bytes) -> list[bytes]:
    """Each with its length before it, up to what is cut; the first is there in any case."""
    found, at = [], 0
    while at + 4 <= len(data):
        (size,) = struct.unpack_from(">I", data, at)
        if size > len(data) - at - 4:
            break
        found.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    return found or [b""]
