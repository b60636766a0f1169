"""Deflated data without a mark (RFC 1951): in base64, and as the body of an answer whose header says so.

SAML writes the first (its bindings, section 3.4.4.1), and so do scripts of PowerShell. It is taken for such where the
first that comes out is text.
"""

from __future__ import annotations

import heapq
import io
import re
import zlib

import attrs

from redactfuzz.dumps.readers.carving.armour import ARMOURS, Armoured
from redactfuzz.dumps.readers.carving.broken import is_text
from redactfuzz.dumps.readers.carving.chunked import Chunked, chunks_at
from redactfuzz.dumps.readers.carving.found import Found, Ground
from redactfuzz.dumps.readers.carving.pieces import Pieces
from redactfuzz.dumps.readers.compressed import Compressed, Frames
from redactfuzz.dumps.readers.image import Member

DEFLATE = Compressed("deflate", re.compile(b""), lambda: zlib.decompressobj(-zlib.MAX_WBITS))
_HEAD = 512
"""Bytes of which the first ones come out."""
_BUFFER = 1 << 16
_SAYS_SO = b"ncoding: deflate"
_HEADERS = 8192
"""Bytes of the headers behind that one, at most."""
_BODY = b"\r\n\r\n"
_CHUNK = re.compile(rb"[0-9A-Fa-f]{1,8}[ \t]*(?:;[^\r\n]{0,256})?\r\n")


@attrs.frozen
class DeflatedWords:
    """Words of base64. That one may begin so was seen by the search."""

    def begins(self, head: bytes) -> bool:
        """It is text."""
        return head.isascii()

    def open(self, ground: Ground, at: int) -> Found:
        """What comes out of the word."""
        (armour, *_) = ARMOURS
        if not is_text(armour.head(ground.data, at, _HEAD)):
            return at + 1
        text = Armoured(ground.data, at, armour)
        frames = Frames(DEFLATE, text, follow=True, frames=1)
        yield Member(f"deflate in {armour.name} at {at:#x}", io.BufferedReader(frames, _BUFFER), tried=at)
        return at + max(1, armour.letters(frames.end))


@attrs.frozen
class DeflatedBodies:
    """Bodies of HTTP."""

    def begins(self, head: bytes) -> bool:
        """By the header, without its first letters, which may be capital ones."""
        return head.startswith(_SAYS_SO)

    def open(self, ground: Ground, at: int) -> Found:
        """What comes out of the body. The headers behind this one are looked through."""
        end = ground.data.find(_BODY, at, at + _HEADERS)
        if end < 0:
            return at + 1
        begin = end + len(_BODY)
        chunk = _CHUNK.match(ground.data[begin : begin + _HEADERS])
        begin += chunk.end() if chunk else 0
        chunks = chunks_at(ground.data, begin) if chunk else None
        if not is_text(ground.data[begin : begin + _HEAD] if chunks is None else chunks.read(_HEAD)):
            return at + 1
        stream = Pieces(ground.data, ((begin, ground.size),)) if chunks is None else _rewound(chunks)
        frames = Frames(DEFLATE, stream, follow=True, frames=1)
        yield Member(f"deflate at {begin:#x}", io.BufferedReader(frames, _BUFFER), tried=begin)
        if chunks is None and frames.end > 0:
            heapq.heappush(ground.passed, (begin, begin + frames.end))
        return at + len(_SAYS_SO)


def _rewound(chunks: Chunked) -> Chunked:
    chunks.seek(0)
    return chunks
