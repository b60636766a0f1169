"""JSON documents and JSON Lines: events of crash reporters, structured logs.

The raw text is searched like any other. Beside it stand the values that the text only encodes: a string with escapes,
and what a base64 string holds, so that a secret inside either is seen as what it is, however it is encoded there.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from typing import Any

import attrs

from redactfuzz.dumps.image import Gap, Image, Layout, View

_LARGEST = 64 << 20
"""Bytes of one document that is decoded; a larger one is searched as text."""
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_HEAD = 4096


@attrs.frozen
class JsonEvents:
    """One document, or one a line."""

    name: str = "JSON"
    lines: bool = True

    def recognises(self, head: bytes, size: int) -> bool:
        """A bracket first, and no NUL."""
        start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
        return start in (b"{", b"[") and b"\0" not in head

    def layout(self, image: Image) -> Layout:
        """Says whether it is one document or one a line, and where a line is none."""
        broken: list[Gap] = []
        lines = documents = 0
        for start, end in _documents(image):
            lines += 1
            try:
                _decode(image.data[start:end])
                documents += 1
            except (ValueError, RecursionError):
                broken.append(Gap(image.name, "this is no JSON: searched as text", start, end - start, harmless=True))
        form = "JSON" if lines == 1 and documents else "JSON Lines" if documents else "text that begins like JSON"
        return Layout(form, gaps=tuple(broken[:_LISTED]))

    def views(self, image: Image) -> Iterator[View]:
        """One for each value that must be decoded to be seen."""
        for start, end in _documents(image):
            try:
                document = _decode(image.data[start:end])
            except (ValueError, RecursionError):
                continue
            for path, text in _strings(document):
                for what, decoded in _inner(text):
                    yield View(what, ((start, end),), decoded, path)


_LISTED = 20
"""Lines named that are no JSON."""


def _documents(image: Image) -> Iterator[tuple[int, int]]:
    """Where each document stands: the whole, when it is one; else each line."""
    data, size = image.data, image.size
    if size <= _LARGEST and not _is_lines(data[:_HEAD]):
        yield 0, size
        return
    start = 0
    while start < size:
        end = data.find(b"\n", start)
        end = size if end < 0 else end
        if end - start <= _LARGEST and data[start:end].strip():
            yield start, end
        start = end + 1


def _is_lines(head: bytes) -> bool:
    """Whether the first line is a document by itself, and is not all."""
    first, newline, _ = head.partition(b"\n")
    if not newline:
        return False
    try:
        _decode(first)
    except (ValueError, RecursionError):
        return False
    return True


def _decode(text: bytes) -> Any:
    return json.loads(text.decode("utf-8-sig", "surrogateescape"))


def _strings(document: Any) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every string, keys included, with its path. Without recursion: documents may be deep."""
    pending: list[tuple[tuple[str | int, ...], Any]] = [((), document)]
    while pending:
        path, value = pending.pop()
        if isinstance(value, str):
            yield path, value
        elif isinstance(value, dict):
            for key, item in value.items():
                yield (*path, key), key
                pending.append(((*path, key), item))
        elif isinstance(value, list):
            pending.extend(((*path, index), item) for index, item in enumerate(value))


def _inner(text: str) -> Iterator[tuple[str, bytes]]:
    """What a string encodes: itself, when the raw text shows it otherwise, and what its base64 holds."""
    plain = text.encode("utf-8", "surrogatepass")
    if json.dumps(text, ensure_ascii=False) != f'"{text}"' or not text.isascii():
        yield "value", plain
    if _BASE64.fullmatch(text):
        padded = text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4)
        try:
            yield "base64 value", base64.b64decode(padded.translate(_URL), validate=True)
        except binascii.Error:
            return


_URL = str.maketrans("-_", "+/")
