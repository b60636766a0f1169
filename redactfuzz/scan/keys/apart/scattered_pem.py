"""Private keys in PEM of which each line is a string of its own, in memory in any order, or a row of a table.

Asked where a first line of a PEM stands in an image and no key behind it. What else there is of the key begins with a
line that begins as a key does; its numbers say which lines go on.
"""

from __future__ import annotations

import binascii
from collections.abc import Sequence

from redactfuzz.dumps.readers.image import Image
from redactfuzz.scan.keys import der, openssh
from redactfuzz.scan.keys.apart import curve_lines, rsa_lines
from redactfuzz.scan.keys.apart.lines import WIDTHS, Line, Lines
from redactfuzz.scan.keys.detector import Findings
from redactfuzz.scan.keys.private_key import Described

_APART = "what begins as a private key in PEM has its lines apart, and was not put together: whether it is one is not known"
_TOO_MANY = "not all lines of base64 were looked at that may be those of a private key in PEM: they are too many"
_FIRSTS = 16
"""Lines of one width that begin as keys do and are looked at."""
_SSH_LINES = 4
"""Full lines that a key of OpenSSH's has at least."""


def add_scattered(image: Image, findings: Findings) -> list[int]:
    """Adds keys whose lines lie apart, those that are not among the findings yet. Gives where each begins."""
    lines, known = Lines(image), {one.identity for one in findings}
    begun: set[int] = set()
    unopened: dict[int, int] = {}
    for width in WIDTHS:
        firsts = {line.text: line for line in lines.first(width)}
        for first in list(firsts.values())[:_FIRSTS]:
            near = lines.near(first)
            key = _key_of(first, near, lines)
            if key:
                begun.add(first.offset)
                if key.identity not in known:
                    what = f"{key.what}, PEM in lines apart"
                    findings.add(what, key.identity, key.severity, key.reason, first.offset, width)
            elif _is_much(first, near, lines):
                unopened[first.offset] = width
        if len(firsts) > _FIRSTS or (firsts and lines.cut):
            findings.gap(_TOO_MANY, next(iter(firsts.values())).offset)
    for offset in sorted(unopened.keys() - begun):
        findings.unopened(_APART, offset, unopened[offset])
    return sorted(begun)


def _key_of(first: Line, near: Sequence[Line], lines: Lines) -> Described | None:
    some = [*near, *lines.last(first)] if rsa_lines.ends_late(first) else near
    return rsa_lines.key_of(first, some) or curve_lines.key_of(first, some)


def _is_much(first: Line, near: Sequence[Line], lines: Lines) -> bool:
    """Whether there are at least half as many lines by themselves as a key that begins so has."""
    head = binascii.a2b_base64(first.text[: len(first.text) // 4 * 4])
    if head.startswith(openssh.MAGIC):
        wanted = _SSH_LINES - 1
    else:
        _, end = der.extent(head)
        wanted = end * 4 // 3 // len(first.text) - 1
    alone = sum(lines.stands_alone(line) for line in near)
    return wanted > 0 and alone * 2 >= wanted
