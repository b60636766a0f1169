"""The lines of a PEM, whatever is around them: prefixes of a log, colours, quotes of a list, marks of a comment.

A line of the key is known by what all have in common: one length, one beginning that the first has before the key, and
no two are alike. Where DER says how long it is, that tells which word is the last line.
"""

from __future__ import annotations

import binascii
import re
from collections import Counter
from collections.abc import Iterator

from redactfuzz.scan.keys import der

_WORD = re.compile(rb"[A-Za-z0-9+/]+")
_BREAK = re.compile(rb"\\[nrt]")
_COLOUR = re.compile(rb"(?:\x1b|\^\[|#033|\\(?:x1b|u001b|033|e))\[[0-9;?]*[A-Za-z]", re.IGNORECASE)
_TAG = re.compile(rb"<[^<>\n]{1,200}>")
_ENTITY = re.compile(rb"&(?:#43|#x2b|plus|#47|#x2f|sol);", re.IGNORECASE)
_PLUS = (b"&#43;", b"&#x2b;", b"&plus;")
_NUMBER = re.compile(rb"[0-9a-f]{16,}|[0-9A-F]{16,}")
"""Hashes, identifiers of traces and of events: no line of a key has only such digits."""
_LINE, _SHORT = 40, 16
"""Letters of a line that is not the last one, at least (RFC 7468 has 64, OpenSSH 70), and of one that begins a key."""
_OFTEN = 3
"""A word that comes so often is part of what stands before each line."""
_TRIES = 16
"""Words that are tried as the last line."""
_STUCK = 48
"""Letters that may stand before a key in its first line without anything between."""
_HEADER = 16
"""Letters that tell whether a key begins."""
_OPENSSH = b"b3BlbnNzaC1r"
_VERSIONS = (b"\2\1\0", b"\2\1\1")

_NEAR = 1 << 10
"""Characters before the first line of a key, behind that of its PEM, at most."""
_MANY = 256
"""Letters in words as long as lines: so many are a key even where they do not begin as one."""
_CLASSES = (re.compile(rb"[a-z]"), re.compile(rb"[A-Z]"), re.compile(rb"[0-9]"))

Body = tuple[bytes, int]
"""Base64 without its padding, and where it ends in the text."""
_Word = tuple[bytes, int]


def bodies(text: bytes) -> Iterator[Body]:
    """What the lines may be put together, the likeliest first, of a text between the first line of a PEM and its last.

    The last is what there is of a key of which the end is missing.
    """
    plain = _BREAK.sub(b"\n\n", _COLOUR.sub(_blank, text))
    for form in dict.fromkeys((plain, _unmarked(plain), _unfolded(plain))):
        yield from _together(*_words(form))


def begins(line: bytes) -> bool:
    """Whether base64 begins as a private key does: in DER, encrypted or not, or OpenSSH's own."""
    if line.startswith(_OPENSSH):
        return True
    if not line.startswith(b"M") or len(line) < _HEADER:
        return False
    head = binascii.a2b_base64(line[:_HEADER])
    try:
        start, _ = der.extent(head)
    except der.NotDer:
        return False
    return head.startswith(_VERSIONS, start) or (
        head[start] == der.SEQUENCE and der.OBJECT in head[start + 2 : start + 5]
    )


def letters(text: bytes) -> int:
    """How many letters there are of what is a key by its beginning, or by how much of base64 there is; 0 of no key."""
    words, often = _words(_unmarked(_BREAK.sub(b"\n\n", _COLOUR.sub(_blank, text))))
    first, stuck = _first(words, often)
    if first is None or words[first][1] - len(words[first][0]) > _NEAR:
        return 0
    sure = begins(words[first][0][stuck : stuck + _HEADER])
    least = _SHORT if sure else _LINE
    count = sum(len(word) for word, _ in words[first:] if _is_base64(word, least)) - stuck
    return count if sure or count >= _MANY else 0


def _blank(match: re.Match[bytes]) -> bytes:
    return b" " * len(match[0])


def _unmarked(text: bytes) -> bytes:
    """Without the marks of HTML."""
    if b"<" not in text and b"&" not in text:
        return text
    return _ENTITY.sub(lambda match: b"+" if match[0].lower() in _PLUS else b"/", _TAG.sub(_blank, text))


def _unfolded(text: bytes) -> bytes:
    """With the lines joined that were broken because none may be longer: those that have the greatest length."""
    lines = text.replace(b"\r\n", b"\n").split(b"\n")
    longest = max(map(len, lines))
    if sum(len(line) == longest for line in lines) < 2:
        return text
    return b"".join(line if len(line) == longest else line + b"\n" for line in lines)


def _words(text: bytes) -> tuple[list[_Word], set[bytes]]:
    """Those that may be lines of a key, each once; and those of them that come often."""
    words = [(match[0], match.end()) for match in _WORD.finditer(text)]
    often = {word for word, times in Counter(word for word, _ in words).items() if times >= _OFTEN}
    seen: set[bytes] = set()
    kept = []
    for word, end in words:
        if len(word) < _SHORT and word not in often:
            kept.append((word, end))
        elif len(word) >= _SHORT and word not in seen and not _NUMBER.fullmatch(word):
            seen.add(word)
            kept.append((word, end))
    return kept, often


def _together(words: list[_Word], often: set[bytes]) -> Iterator[Body]:
    """Full lines have one length. Of those, and of the last one, what stands before the key in the first is no part."""
    first, stuck = _first(words, often)
    if first is None:
        return
    words = words[first:]
    width = len(words[0][0])
    if stuck and sum(len(word) == width for word, _ in words) <= sum(len(word) == width - stuck for word, _ in words):
        words[0] = words[0][0][stuck:], words[0][1]  # before the first line alone
        width, stuck = width - stuck, 0
    full = [at for at, (word, _) in enumerate(words) if len(word) == width]
    if not stuck and len(full) > 1:  # a line that a patch adds
        stuck = int(all(words[at][0].startswith(b"+") for at in full))
    yield from _with_last(b"".join(words[at][0][stuck:] for at in full), words[full[-1] :], width, stuck)


def _with_last(lines: bytes, rest: list[_Word], width: int, stuck: int) -> Iterator[Body]:
    """Full lines with what may be the last one, and without it. `rest` begins with the last full one."""
    missing = _missing(lines)
    if missing is None:
        yield lines, rest[0][1]
    for word, end in rest[1 : _TRIES + 1 if missing is None else None]:
        if len(word) < width and (missing is None or len(word) - stuck == missing):
            yield lines + word[stuck:], end
            if missing is not None:
                return
    for word, end in rest[1:_TRIES]:
        if missing and len(word) < width and _is_base64(word, _SHORT):
            yield lines + word[stuck:], end  # cut within this line
            break
    yield lines, rest[0][1]


def _is_base64(word: bytes, least: int) -> bool:
    """Whether a word of so many letters is likely none of a language."""
    return len(word) >= least and all(one.search(word) for one in _CLASSES)


def _first(words: list[_Word], often: set[bytes]) -> tuple[int | None, int]:
    """Which word is the first line, and how many of its letters stand before the key."""
    for index, (word, _) in enumerate(words):
        for stuck in range(min(_STUCK, len(word) - _SHORT) + 1):
            if begins(word[stuck : stuck + _HEADER]):
                return index, stuck
    return next((at for at, (word, _) in enumerate(words) if len(word) >= _LINE and word not in often), None), 0


def _missing(lines: bytes) -> int | None:
    """How many letters the DER that these begin with is short of; None where they begin with no DER."""
    head = binascii.a2b_base64(lines[:16])
    try:
        _, end = der.extent(head)
    except der.NotDer:
        return None
    return max(0, -(-end * 4 // 3) - len(lines)) if head[0] == der.SEQUENCE else None
