"""Files that are no text in patches, as git writes them.

git packs such a file with zlib and writes it in base85, each line with its count of bytes before it: ``A`` to ``Z``
are 1 to 26, ``a`` to ``z`` 27 to 52 (``emit_binary_diff_body`` of git).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

from redactfuzz.scan.views.parts import Parts

_Part = tuple[bytes, tuple[int, int]]

_GROUP = 4
"""Bytes for which five letters stand."""
_APART = bytes(4)
"""Between what does not go on."""
_BREAK = 2
"""Bytes of the end of a line."""
_BINARY = b"GIT binary patch"
_BASE85 = rb"[0-9A-Za-z!#$%&()*+;<=>?@^_`{|}~-]"
"""As Python has it, too."""
_ROW = re.compile(rb"([A-Za-z])(%b{5,65})" % _BASE85)
_PACKED = re.compile(rb"^(?:literal|delta) [0-9]{1,12}\r?\n((?:[A-Za-z]%b{5,65}(?:\r?\n|\Z))+)" % _BASE85, re.MULTILINE)


def unpatched(text: bytes) -> Parts | None:
    """The packed bytes of files in patches of git. None where there is none."""
    if _BINARY not in text:
        return None
    parts = [row for match in _PACKED.finditer(text) for row in _rows(text, match)]
    return Parts.of(parts) if parts else None


def _rows(text: bytes, match: re.Match[bytes]) -> Iterator[_Part]:
    for row in _ROW.finditer(text, match.start(1), match.end(1)):
        count = row[1][0] - (ord("A") - 1 if row[1] <= b"Z" else ord("a") - 27)
        try:
            data = base64.b85decode(row[2])
        except ValueError:
            return
        if not 0 <= len(data) - count < _GROUP:
            return
        yield data[:count] + (_APART if match.end(1) - row.end() <= _BREAK else b""), row.span(2)
