"""Private keys in PEM (RFC 7468), with the older encrypted form of OpenSSL, and OpenSSH's own."""

from __future__ import annotations

import binascii
import functools
import re
from collections.abc import Callable, Iterator

import attrs

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys import der, elliptic, openssh, pem_lines, rsa_members
from redactfuzz.scan.keys.apart.scattered_pem import add_scattered
from redactfuzz.scan.keys.der_key import describe
from redactfuzz.scan.keys.detector import Findings, Memo, identity, text_at
from redactfuzz.scan.keys.known import KnownKeys
from redactfuzz.scan.keys.literals import Literals
from redactfuzz.scan.keys.pem_lines import bodies
from redactfuzz.scan.keys.private_key import ENCRYPTED, Described

_BEGIN, _END = b"-----BEGIN", b"-----END"
_BEGINNINGS = Literals(_BEGIN)
_EBCDIC = Literals(_BEGIN.decode().encode("cp037"), wide=False)
_ASCII = bytes(range(256)).decode("cp037").replace("\x85", "\n").encode("ascii", "replace").replace(b"?", b"\0")
"""What EBCDIC's bytes are: all that PEM is written with is the same in each of its code pages. A line ends with NEL."""
_MOSTLY, _LONGEST = 1 << 12, 1 << 16
"""Characters up to the last line: a key of 16,384 bits has under 13,000, and each line may have a prefix."""
_SHORTEST = 64
_UNOPENED = "what begins as a private key in PEM was not put together: whether it is one is not known"
_EXAMPLE = 40
_BEFORE_SECRETS = {b"OPENSSH": 200, b"ENCRYPTED": 160}
"""Letters of base64 that come before anything secret does, by the label: what a document shows as an example."""
_BREAK = rb"(?:\s|\\[nrt])*"
_FIRST = rb"-----BEGIN[ +]((?:[A-Z0-9]{1,16}[ +]){0,3}PRIVATE[ +]KEY)-----"
"""Of whatever algorithm or program: what is in it tells. A form on the web writes spaces as ``+``."""
_LABEL = re.compile(_FIRST)
_KNOWN = re.compile(rb"(?:(?:RSA|EC|DSA|ENCRYPTED|OPENSSH|ANY)[ +])?PRIVATE[ +]KEY")
"""Labels behind which is what is known to be a key by how it begins."""
_BODY = re.compile(rb"[A-Za-z0-9+/]{40,}={0,2}")
_BLOCK = re.compile(
    _FIRST
    + _BREAK
    + rb"(Proc-Type: 4,ENCRYPTED"
    + _BREAK
    + rb"DEK-Info: [A-Z0-9-]+,[0-9A-Fa-f]{16,32}"
    + _BREAK
    + rb")?((?:[A-Za-z0-9+/]+"
    + _BREAK
    + rb")*)"
)
_APART = 128
"""Bytes between two pieces of a file: the number of a page of SQLite, the headers of a packet."""
_LONGEST_LINE, _GLUED = 80, 4
_PIECE, _LETTERS = re.compile(rb"[A-Za-z0-9+/]{40,}"), re.compile(rb"[A-Za-z0-9+/]*")
_ENCIPHERED = re.compile(rb"Proc-Type: 4,ENCRYPTED.{0,200}?DEK-Info: [A-Z0-9-]+,[0-9A-Fa-f]{16,32}", re.DOTALL)
_GAPS = re.compile(rb"\s|\\[nrt]")


@attrs.frozen
class PemKeys:
    """PEM blocks in ASCII, UTF-16 and EBCDIC, line ends as they are or escaped (``\\n``), with a private key in them.

    The end line need not be there: the DER says how long it is. Lines may have anything around them, and lie apart.
    """

    name: str = "pem"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each key."""
        findings, known_key = Findings(self.name, image), Memo(_key)
        alone = False
        unopened: list[tuple[int, int]] = []
        for offset, width, read in _beginnings(image):
            if not _LABEL.match(read(_SHORTEST)):
                continue
            text = _block(read)
            key, length = _found(text, known_key)
            if key:
                findings.add(f"{key.what}, PEM", key.identity, key.severity, key.reason, offset, width * length)
                continue
            alone = True
            if _is_unopened(text) or _goes_on_elsewhere(image, text, offset + width * len(text), width):
                unopened.append((offset, width * len(text)))
        firsts = add_scattered(image, findings) if alone else []
        for offset, length in unopened:
            if not any(offset < first < offset + length + _APART + _LONGEST_LINE for first in firsts):
                findings.unopened(_UNOPENED, offset, length)
        return findings


def _beginnings(image: Image) -> Iterator[tuple[int, int, Callable[[int], bytes]]]:
    """Where a PEM may begin, bytes of a character, and what gives so many characters from there on."""
    for offset, _, width in _BEGINNINGS.places(image):
        yield offset, width, functools.partial(text_at, image.data, offset, width)
    for offset, _, width in _EBCDIC.places(image):
        yield offset, width, functools.partial(_of_ebcdic, image, offset)


def _of_ebcdic(image: Image, offset: int, limit: int) -> bytes:
    return image.data[offset : offset + limit].translate(_ASCII)


def _block(read: Callable[[int], bytes]) -> bytes:
    """The text from the first line on, up to the last one, or to where another begins or no text is any more."""
    text = b""
    for limit in (_SHORTEST, _MOSTLY, _LONGEST):
        text = read(limit)
        ends = [text.find(mark, len(_BEGIN)) for mark in (_END, _BEGIN, b"\0")]
        ends = [end for end in ends if end >= 0]
        if ends or len(text) < limit:
            return text[: min(ends, default=len(text))]
    return text


def _found(text: bytes, known_key: Memo[Described | None]) -> tuple[Described | None, int]:
    """The key in a block, and how many characters it has."""
    block = _BLOCK.match(text)
    if block is None:
        return None, 0
    key = known_key(block[1], bool(block[2]), _GAPS.sub(b"", block[3]))
    if key:
        return key, block.end()
    begin = block.end(1) + len(b"-----")
    enciphered = _ENCIPHERED.search(text, begin)
    begin = enciphered.end() if enciphered else begin
    tried = list(bodies(text[begin:]))
    for body, end in tried:
        key = known_key(block[1], bool(enciphered), body)
        if key:
            return key, begin + end
    left = (_left(block[1], bool(enciphered), body) for body, _ in tried)
    return next((key for key in left if key), None), len(text.rstrip())  # which lines are of it nobody knows


def _left(label: bytes, enciphered: bool, text: bytes) -> Described | None:
    """What is told by a key that is cut or damaged."""
    content = _decoded(text)
    if enciphered or label.startswith((b"OPENSSH", b"ENCRYPTED")) or not pem_lines.begins(text):
        return None
    return rsa_members.within(content) or elliptic.scalar_within(content)


def _is_unopened(text: bytes) -> bool:
    """Whether there is more of a key behind its first line than an example shows, and than is public."""
    block = _LABEL.match(text)
    if block is None:
        return False
    if not _KNOWN.fullmatch(block[1]):  # a program's own, of which nothing says how it begins
        return bool(_BODY.fullmatch(_GAPS.sub(b"", text[block.end() :])))
    count = pem_lines.letters(text[block.end() :])
    least = next((most for label, most in _BEFORE_SECRETS.items() if block[1].startswith(label)), _EXAMPLE)
    if count < least:
        return False
    return not any(
        count < len(body) + _SHORTEST and rsa_members.only_public(_decoded(body))
        for body, _ in bodies(text[block.end() :])
    )


def _goes_on_elsewhere(image: Image, text: bytes, end: int, width: int) -> bool:
    """Whether a block breaks off in bytes that are no text, and more base64 stands behind these: both are a key."""
    block = _LABEL.match(text)
    if block is None or not _KNOWN.fullmatch(block[1]):
        return False
    behind = image.data[end : end + width * (_APART + _LONGEST_LINE)][::width]
    piece = _PIECE.search(behind)
    if piece is None or piece.start() > _APART or not behind.startswith(b"\0"):
        return False
    match = _LETTERS.match(_GAPS.sub(b"", text[block.end() :]))
    first = match[0] if match else b""
    # A byte before the piece may look like a letter of it.
    return any(pem_lines.begins(first + piece[0][glued:]) for glued in range(_GLUED))


def _key(label: bytes, enciphered: bool, text: bytes) -> Described | None:
    content = _decoded(text)
    if enciphered:
        if len(content) < 32 or len(content) % 8:
            return None
        return Described(f"encrypted {label.decode().replace('+', ' ')}", identity(content), Severity.MEDIUM, ENCRYPTED)
    if label.startswith(b"OPENSSH"):
        return openssh.describe(content)
    try:
        _, end = der.extent(content)
    except der.NotDer:
        return None
    return describe(content[:end])


def _decoded(text: bytes) -> bytes:
    """Base64 without its padding, up to the last group that is whole. Nothing of what is none."""
    try:
        content = binascii.a2b_base64(text[: len(text) // 4 * 4])
    except binascii.Error:
        return b""
    # A padded last group ends without its padding here: decode it as well.
    tail = text[len(text) // 4 * 4 :]
    return content + binascii.a2b_base64(tail + b"=" * (4 - len(tail))) if len(tail) > 1 else content
