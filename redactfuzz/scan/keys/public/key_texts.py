"""The parts of a text in which a user may keep public keys: blocks of PEM, lines of OpenSSH, and what is left of it."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

import attrs

_BEGIN = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----")
_ANY = b"-----BEGIN"
_ESCAPED = re.compile(rb"\\[nrt]")
"""White space as JSON and the literals of many languages write it."""
_OPENSSH = re.compile(
    rb"(?:^|[\s\"'])((?:sk-)?(?:ssh|ecdsa)-[a-z0-9-]+(?:@[a-z0-9.-]+)?)[ \t]+(AAAA[A-Za-z0-9+/]+={0,2})", re.MULTILINE
)
_LIKE_OPENSSH = re.compile(
    rb"^(?:[^#\n]*[ \t])?(?:ssh|ecdsa)-[a-z0-9-]+[ \t]+[A-Za-z0-9+/=]{20}|^---- BEGIN SSH2 PUBLIC", re.MULTILINE
)
_LONG = re.compile(rb"^(?![ \t]*#).*?([A-Za-z0-9+/=_-]{40})", re.MULTILINE)
"""A word as long as a key of a curve in base64. In a comment it is a fingerprint."""
_NO_NEWLINE = re.compile(rb"[^\n]")


class CutBlock(ValueError):
    """A block of PEM that does not end."""


@attrs.frozen(repr=False)
class Block:
    """A block of PEM: its label and what is between its lines, without headers. ``encrypted``: they say so."""

    label: str
    text: bytes
    encrypted: bool

    @property
    def data(self) -> bytes:
        """Decoded. Raises ``ValueError``."""
        try:
            return base64.b64decode(b"".join(self.text.split()), validate=True)
        except binascii.Error as error:
            raise ValueError("it is no base64") from error


def blocks(data: bytes) -> tuple[list[Block], bytes]:
    """The blocks of PEM, and the text without them, which has the same lines. Raises ``CutBlock``."""
    begins, found, rest = list(_BEGIN.finditer(data)), [], bytearray(data)
    if data.count(_ANY) != len(begins):
        raise CutBlock
    for begin, following in zip(begins, [*begins[1:], None], strict=False):
        marker = b"-----END " + begin[1] + b"-----"
        end = data.find(marker, begin.end(), following.start() if following else len(data))
        if end < 0:
            raise CutBlock
        header, text = _without_header(_ESCAPED.sub(b"\n", data[begin.end() : end]))
        found.append(Block(begin[1].decode(), text, b"ENCRYPTED" in header))
        _blank(rest, begin.start(), end + len(marker))
    return found, bytes(rest)


def _without_header(text: bytes) -> tuple[bytes, bytes]:
    """The lines before the first empty one, where the first has a colon (RFC 1421 section 4.4), and the rest.

    Where no line is empty those with a colon are the header.
    """
    each = [line.strip() for line in text.strip().splitlines()]
    if not each or b":" not in each[0]:
        return b"", text
    if b"" in each:
        end = each.index(b"")
        return b"\n".join(each[:end]), b"\n".join(each[end:])
    header = [line for line in each if b":" in line]
    return b"\n".join(header), b"\n".join(line for line in each if b":" not in line)


def lines(data: bytes) -> tuple[list[tuple[str, bytes]], bytes]:
    """(kind, base64 without what fills it up) of each key in OpenSSH's form, and the text without them."""
    found, rest = [], bytearray(data)
    for match in _OPENSSH.finditer(data):
        found.append((match[1].decode(), match[2].rstrip(b"=")))
        _blank(rest, *match.span())
    return found, bytes(rest)


def is_like_openssh(rest: bytes) -> bool:
    """Whether what is left of a text begins somewhere like a key of OpenSSH."""
    return _LIKE_OPENSSH.search(rest) is not None


def long_words(rest: bytes) -> Iterator[int]:
    """The numbers of lines in which something is left that is as long as a key."""
    at, line = 0, 1
    for match in _LONG.finditer(rest):
        line += rest.count(b"\n", at, match.start(1))
        at = match.start(1)
        yield line


def _blank(rest: bytearray, start: int, end: int) -> None:
    rest[start:end] = _NO_NEWLINE.sub(b" ", bytes(rest[start:end]))
