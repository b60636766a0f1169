"""What a program read and wrote, as strace shows it: the strings of the calls on one descriptor, put together.

A call has what the program asked for at once, so that a key is in several of them. A string that strace cut goes on
nowhere: three dots stand behind it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from redactfuzz.scan.views.parts import Parts

_RESULT = re.compile(rb"\) {1,40}= \d")
_SIGN = b") = "
"""Behind each call that takes more than 40 columns; shorter ones are padded."""
_CALL = re.compile(rb"(?<![\w.])(?P<of>[a-z]\w{2,15}\(\d{1,6})\b")
_STRING = re.compile(rb'"(?P<text>[^"\\]*+(?:\\.[^"\\]*+)*+)"(?P<cut>\.\.\.)?')
_OCTAL, _OCTAL_BYTES = re.compile(rb"\\([0-7]{1,2})\Z"), 3
_LONGEST = 1 << 18
"""Bytes of a line: what a call may read at once, each byte as an escape."""


def traced(text: bytes) -> Parts | None:
    """The strings of all descriptors of which there are several. None where there are none."""
    chains = [chain for chain in _chains(text) if len(chain) > 1] if _SIGN in text else []
    return Parts.of_lines(text, chains, _ended) if chains else None


def _ended(string: bytes) -> bytes:
    """With all digits of an octal escape at its end: the next string may begin with a digit, which is none of it."""
    last = _OCTAL.search(string[-_OCTAL_BYTES:])
    return (
        string[: -len(last[1])] + last[1].zfill(3)
        if last and _is_escape(string, len(string) - len(last[0]))
        else string
    )


def _is_escape(string: bytes, at: int) -> bool:
    """Whether the backslash there is not itself escaped."""
    return (at - len(string[:at].rstrip(b"\\"))) % 2 == 0


def _chains(text: bytes) -> Iterator[list[tuple[int, int]]]:
    """Where the strings stand that belong together. Calls on other descriptors may lie between them."""
    going: dict[bytes, list[tuple[int, int]]] = {}
    for call, end in _calls(text):
        for string in _STRING.finditer(text, call.end(), end):
            chain = going.setdefault(call["of"], [])
            chain += [string.span("text")] if string["text"] else []
            if string["cut"]:
                yield going.pop(call["of"])
    yield from going.values()


def _calls(text: bytes) -> Iterator[tuple[re.Match[bytes], int]]:
    """Each call that has a result, and where its line ends."""
    behind = 0
    for result in _RESULT.finditer(text):
        start = max(behind, text.rfind(b"\n", behind, result.start()) + 1)
        if result.start() - start <= _LONGEST:
            call = _CALL.search(text, start, result.start())
            if call:
                yield call, result.start()
        behind = result.end()
