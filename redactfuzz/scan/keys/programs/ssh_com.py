"""Private keys in the format of ssh.com, ``SSH2 ENCRYPTED PRIVATE KEY``, which may be encrypted or not.

It is described in PuTTY's ``import.c``: a mark, the length of all, the kind, the cipher, and a string. Of what is not
encrypted the string has the numbers, each with its length in bits: of RSA e, d, n, the inverse of q, q and p.
"""

from __future__ import annotations

import binascii
import re
import struct
from collections.abc import Iterator

import attrs

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys import rsa_numbers
from redactfuzz.scan.keys.detector import Findings, identity
from redactfuzz.scan.keys.effort import affords
from redactfuzz.scan.keys.known import KnownKeys
from redactfuzz.scan.keys.literals import Literals
from redactfuzz.scan.keys.private_key import CHECKED, ENCRYPTED, Described
from redactfuzz.scan.keys.written.line_forms import blocks, forms

_LABELS = Literals(b"SSH2 ENCRYPT")
_BEGIN = b"---- BEGIN "
_MAGIC = 0x3F6FF9EB
_LONGEST = 1 << 14
"""Characters: a key of 8,192 bits has 6,300, and each line may have a prefix."""
_FIRST = b"SSH2 ENCRYPTED PRIVATE KEY ----"
_HEADER, _BODY = re.compile(rb"[A-Za-z-]{1,64}: "), re.compile(rb"[A-Za-z0-9+/]{1,76}={0,2}")
_JOINED = re.compile(rb"(?<=KEY ----)\s+|(?<=[A-Za-z0-9+/]{70})\s+|(?<=\")\s+(?=[A-Za-z0-9+/]{40})")
"""What stands for the breaks of lines in a file that was written in one."""
_HIDDEN = re.compile(rb"[A-Za-z0-9+/]{64}")
_UNOPENED = "what begins as a private key of ssh.com was not put together, or its numbers do not agree"
_LONGEST_NAME, _MOST_BITS = 200, 16384
_RSA, _DSA = b"if-modn{", b"dl-modp{"


@attrs.frozen
class SshComKeys:
    """Files whose parts are those of one, encrypted or with numbers that agree."""

    name: str = "ssh-com"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each key. What has lines of one, and is none, is a gap."""
        findings = Findings(self.name, image)
        for block in blocks(image, _LABELS, _BEGIN, b"---- END", _LONGEST):
            key = _found(block.text, block.before)
            if key:
                findings.add(key.what, key.identity, key.severity, key.reason, block.offset, block.length)
            elif _HIDDEN.search(block.text):
                findings.unopened(_UNOPENED, block.offset, block.length)
        return findings


def _found(text: bytes, before: bytes) -> Described | None:
    for form in forms(text, before, _JOINED):
        lines = form.split(b"\n")
        key = describe(b"".join(_body(lines[1:]))) if lines[0] == _FIRST else None
        if key:
            return key
    return None


def _body(lines: list[bytes]) -> Iterator[bytes]:
    """Lines of base64 behind those of headers, which go on where a line ends in a backslash (RFC 4716 section 3.3)."""
    goes_on, within = False, False
    for line in lines:
        if not within and (goes_on or _HEADER.match(line)):
            goes_on = line.endswith(b"\\")
            continue
        within = bool(_BODY.fullmatch(line))
        if not within:
            return
        yield line


def describe(text: bytes) -> Described | None:
    """The key in base64; None where it is none."""
    try:
        data = binascii.a2b_base64(text)
        magic, size = struct.unpack_from(">II", data)
        kind, at = _string(data, 8)
        cipher, at = _string(data, at)
        content, at = _string(data, at)
        if magic != _MAGIC or size != len(data) or at != len(data) or len(kind) > _LONGEST_NAME:
            return None
        if cipher != b"none":
            encrypted = content and len(content) % 8 == 0 and kind.isascii() and cipher.isascii()
            what = "encrypted private key (ssh.com)"
            return Described(what, identity(content), Severity.MEDIUM, ENCRYPTED) if encrypted else None
        numbers, _ = _string(content, 0)
        return _key(kind, _numbers(numbers))
    except (binascii.Error, struct.error, ValueError):
        return None


def _key(kind: bytes, numbers: list[int]) -> Described | None:
    if kind.startswith(_RSA) and len(numbers) == 6:
        e, d, n, _, q, p = numbers
        right = rsa_numbers.proved(n, e, d, p, q)
        what = f"RSA-{right.bit_length()} private key (ssh.com)"
        return Described(what, identity(right), Severity.TOTAL, CHECKED) if right else None
    if kind.startswith(_DSA) and len(numbers) == 6:  # the first one says that the group is given
        _, p, g, _, y, x = numbers
        cost = p.bit_length() ** 2 * max(1, x.bit_length())
        if 1 < g < p and 0 < x < p and affords(cost) and pow(g, x, p) == y:
            return Described(f"DSA-{p.bit_length()} private key (ssh.com)", identity(y), Severity.TOTAL, CHECKED)
    return None


def _string(data: bytes, at: int) -> tuple[bytes, int]:
    """A text behind its length in four bytes, and where it ends."""
    (size,) = struct.unpack_from(">I", data, at)
    if size > len(data) - at - 4:
        raise ValueError("cut")
    return data[at + 4 : at + 4 + size], at + 4 + int(size)


def _numbers(data: bytes) -> list[int]:
    """Each behind its length in bits. Of DSA the first is zero, and has nothing behind it."""
    found, at = [], 0
    while at < len(data):
        (bits,) = struct.unpack_from(">I", data, at)
        size = (bits + 7) // 8
        if bits > _MOST_BITS or size > len(data) - at - 4:
            raise ValueError("cut")
        found.append(int.from_bytes(data[at + 4 : at + 4 + size], "big"))
        at += 4 + size
    return found
