"""Lines that a container runtime split because they were too long, put together.

CRI's format marks a part with ``P`` and the last one with ``F`` (Kubernetes, "CRI: Log management for container
stdout/stderr streams"); of Docker's json-file a part is a ``log`` that does not end with a break. Both split at 16 KB,
in the midst of a word.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator

import attrs

_CRI = re.compile(rb"^\S{10,64} (?P<stream>std(?:out|err)) (?P<tag>[PF])(?::\S*+)? (?P<text>[^\n]*+)", re.MULTILINE)
_DOCKER = re.compile(
    rb'^\{"log":"(?P<text>[^"\\\n]*+(?:\\.[^"\\\n]*+)*+)","stream":"(?P<stream>std(?:out|err))"', re.MULTILINE
)
_SIGNS = (b" stdout P", b" stderr P")
_LOG, _BREAK = b'{"log":"', b"\\n"


@attrs.frozen
class Joined:
    """Lines that were split, and where each part of them lies in the text."""

    data: bytes
    _starts: list[int]
    """Of each part in the data."""
    _parts: list[tuple[int, int]]
    """Where it begins and ends in the text."""

    def place(self, start: int, end: int) -> tuple[int, int]:
        """From the first to the last byte of some of the data, with what stands between the parts."""
        return self._at(start), self._at(max(start, end - 1)) + 1

    def _at(self, offset: int) -> int:
        index = bisect.bisect_right(self._starts, offset) - 1
        begin, end = self._parts[index]
        return min(begin + offset - self._starts[index], max(begin, end - 1))


def joined(text: bytes) -> Joined | None:
    """All lines of a text that were split. None where none was."""
    lines: list[list[tuple[int, int]]] = []
    if any(sign in text for sign in _SIGNS):
        lines += _chains((match, match["tag"] == b"P") for match in _CRI.finditer(text))
    if _LOG in text:
        lines += _chains((match, not match["text"].endswith(_BREAK)) for match in _DOCKER.finditer(text))
    if not lines:
        return None
    data, starts, places = bytearray(), list[int](), list[tuple[int, int]]()
    for line in lines:
        for begin, end in line:
            starts.append(len(data))
            places.append((begin, end))
            data += text[begin:end]
        data += b"\n"
    return Joined(bytes(data), starts, places)


def _chains(parts: Iterator[tuple[re.Match[bytes], bool]]) -> Iterator[list[tuple[int, int]]]:
    """The parts of each line that has more than one; each with whether another one follows. Streams are mixed."""
    open_lines: dict[bytes, list[tuple[int, int]]] = {}
    for match, goes_on in parts:
        line = open_lines.setdefault(match["stream"], [])
        line.append(match.span("text"))
        if not goes_on:
            if len(line) > 1:
                yield line
            del open_lines[match["stream"]]
    yield from (line for line in open_lines.values() if len(line) > 1)
