"""JSON documents and JSON Lines: events of crash reporters, structured logs.

The raw text is searched like any other. Beside it stand the values that the text only encodes: a string with escapes,
what a base64 string holds, and the JSON inside a string, so that a secret is seen as what it is, however deep.
"""

from __future__ import annotations

import base64
import binascii
import mmap
import re
from collections.abc import Iterable, Iterator

import attrs

from redactfuzz.dumps.readers.image import Image, Layout, View
from redactfuzz.dumps.readers.texts.json_strings import Path, are_json, closed, hides, parsed, strings_of, tokens
from redactfuzz.model.exposure import Gap

_LARGEST = 2 << 20
"""Bytes of a document that is parsed at once, into up to 20 times as much memory; others are read token by token."""
_BLOCK = 64 << 10
"""Bytes of lines that are parsed together, to see that they are JSON."""
_LONGEST = 8 << 20
"""Bytes of a line that is taken as one document; what is longer is cut, and its paths begin anew."""
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_MEANT = re.compile(rb'(?:\{\s*"|\[\s*(?:[{"]|\[\s*[\[{"]))')
"""How JSON begins that is meant as such; a log line may begin with a bracket as well."""
_HEAD = 4096
_LISTED = 10
"""Lines named that are no JSON."""
_LEAST = 8
"""Bytes of a value that is worth a search: no fewer give a secret away."""
_NESTED = 3
"""How deep JSON inside strings of JSON is followed."""
_LONG = "a string of JSON is too long to be decoded: what it holds in base64, or as JSON, was searched as text alone"
_BROKEN = "this JSON is cut off or damaged: it was searched as text, and value by value"
_URL = str.maketrans("-_", "+/")


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
        """Says whether it is one document or one a line, which lines are none, and where JSON is cut off or damaged."""
        gaps: list[Gap] = []
        other: list[int] = []
        lines = documents = broken = 0
        for block in _blocks(_documents(image)):
            if len(block) > 1 and are_json([image.data[start:end] for start, end in block]):
                lines, documents = lines + len(block), documents + len(block)
                continue
            for start, end in block:
                lines += 1
                text = image.data[start : min(end, start + _LARGEST)]
                meant = _MEANT.match(text.removeprefix(b"\xef\xbb\xbf").lstrip())
                large = end - start > _LARGEST
                whole, long = not large and are_json([text]), None
                if not whole and (meant or large):
                    # Several one behind the other, or with commas and numbers that JSON has not, lack nothing.
                    whole, long = closed(image, start, end)
                gaps += [] if long is None else [Gap(image.name, _LONG, long)]
                if whole:
                    documents += 1
                elif meant:
                    broken += 1
                    gaps += [Gap(image.name, _BROKEN, start, end - start)] if len(gaps) < _LISTED else []
                elif len(other) < _LISTED:
                    other.append(lines)
        notes: tuple[str, ...] = (f"{lines:,} lines",) if lines > 1 else ()
        if not documents and not broken:
            return Layout("text that begins like JSON")
        if other:
            notes += (f"no JSON in lines {', '.join(map(str, other))}{' and more' if len(other) == _LISTED else ''}",)
        if broken > _LISTED:
            notes += (f"{broken:,} lines are damaged",)
        return Layout("JSON" if lines == 1 else "JSON Lines", gaps=tuple(gaps), notes=notes)

    def views(self, image: Image) -> Iterator[View]:
        """One for each value that must be decoded to be seen."""
        if not hides(image, 0, image.size):
            return
        for start, end in _documents(image):
            for path, text, as_written in _strings(image, start, end) if hides(image, start, end) else ():
                for inner_path, what, decoded in _inner(path, text, 0, as_written):
                    yield View(what, ((start, end),), decoded, inner_path)


def _documents(image: Image) -> Iterator[tuple[int, int]]:
    """Where each document is: the whole, when it is one; else each line."""
    data, size = image.data, image.size
    if not _is_lines(_first_lines(data)):
        yield 0, size
        return
    start = released = 0
    while start < size:
        end = data.find(b"\n", start, start + _LONGEST)
        end = min(size, start + _LONGEST) if end < 0 else end
        if data[start:end].strip():
            yield start, end
        start = end + (data[end : end + 1] == b"\n")
        if start - released >= _LONGEST:
            image.release(released, start)
            released = start


def _blocks(documents: Iterable[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """Short ones together, which are parsed together."""
    block: list[tuple[int, int]] = []
    for start, end in documents:
        if block and end - block[0][0] > _BLOCK:
            yield block
            block = []
        block.append((start, end))
    if block:
        yield block


def _first_lines(data: bytes | mmap.mmap) -> bytes:
    """What the first bytes hold, and the first line to its end: lines may be longer than what is looked at otherwise.

    Where that is longer than a document which is parsed at once, it is none.
    """
    head = data[:_HEAD]
    if b"\n" in head.lstrip(b"\xef\xbb\xbf \t\r\n"):
        return head
    end = data.find(b"\n", len(head), _LARGEST)
    return data[: end + _HEAD] if end >= 0 else head


def _is_lines(head: bytes) -> bool:
    """Whether one of the first lines is a document by itself, and is not all; or no line begins a longer one."""
    lines = head.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    whole = [line for line in lines[:-1] if line.strip()]
    if not whole:
        return False
    return (
        are_json([whole[0]])
        or not _MEANT.match(head.removeprefix(b"\xef\xbb\xbf").lstrip())
        or (
            # The first line is damaged, and the next one is whole.
            len(whole[0]) > 1 and whole[0].rstrip()[-1:] not in b"{[,:" and any(_is_event(line) for line in whole[1:3])
        )
    )


def _is_event(line: bytes) -> bool:
    return line[:1] == b"{" and parsed(line) is not None


def _strings(image: Image, start: int, end: int) -> Iterator[tuple[Path, str, bool]]:
    """Every string with its path, and whether it is known to be in the text as it is."""
    if end - start <= _LARGEST:
        document = parsed(image.data[start:end])
        if document is not None:
            as_written = image.data.find(b"\\", start, end) < 0
            for path, text in strings_of(document[0]):
                yield path, text, as_written
            return
    yield from tokens(image, start, end)


def _inner(path: Path, text: str, depth: int, as_written: bool = False) -> Iterator[tuple[Path, str, bytes]]:
    """What a string encodes: itself, when the raw text shows it otherwise; what its base64 holds; JSON inside it."""
    plain = text.encode("utf-8", "surrogatepass")
    if not as_written and len(plain) >= _LEAST:
        yield path, "value", plain
    if _BASE64.fullmatch(text):
        padded = text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4)
        try:
            decoded = base64.b64decode(padded.translate(_URL), validate=True)
        except binascii.Error:
            return
        yield path, "base64 value", decoded
        yield from _deeper(path, decoded, depth)
    else:
        yield from _deeper(path, plain, depth)


def _deeper(path: Path, text: bytes, depth: int) -> Iterator[tuple[Path, str, bytes]]:
    if depth < _NESTED and len(text) <= _LARGEST and text.lstrip()[:1] in (b"{", b"["):
        document = parsed(text)
        if document is not None:
            for inner, value in strings_of(document[0]):
                yield from _inner((*path, *inner), value, depth + 1)
