"""Private keys in PEM of which each line is a string of its own, in memory in any order, or a row of a table.

Asked where a first line of a PEM stands in an image and no key behind it. What else there is of the key begins with a
line that begins as a key does; its numbers say which lines go on.
"""

from __future__ import annotations

import bisect
import itertools
import sys
from collections.abc import Sequence

from redactfuzz.dumps.readers.image import Image
from redactfuzz.scan.keys import der, elliptic, openssh
from redactfuzz.scan.keys.apart import curve_lines, openssh_lines, rsa_lines
from redactfuzz.scan.keys.apart.lines import WIDTHS, Line, Lines
from redactfuzz.scan.keys.detector import Findings
from redactfuzz.scan.keys.private_key import Described

_APART = "a private key in PEM seems to have its lines apart, and was not put together: whether it is one is not known"
_TOO_MANY = "not all private keys in PEM that seem to have their lines apart were looked at: they are too many"
_FIRSTS, _COPIES, _MANY = 64, 4, 1 << 12
"""Lines that begin as keys do: unlike ones that are looked at, copies of each, and all that are read."""
_SSH_LINES = 4
"""Full lines that a key of OpenSSH's has at least."""


def add_scattered(image: Image, findings: Findings) -> list[int]:
    """Adds keys whose lines lie apart, those that are not among the findings yet. Gives where each begins."""
    lines, known = Lines(image), {one.identity for one in findings}
    told = sorted((where.offset, where.offset + where.length) for one in findings for where in one.where)
    places: dict[bytes, list[Line]] = {}
    for first in itertools.islice(lines.first(), _MANY):
        index = bisect.bisect(told, (first.offset, sys.maxsize))
        if not index or told[index - 1][1] <= first.offset:
            places.setdefault(first.text, []).append(first)
    keys: dict[int, Described] = {}
    cut: dict[int, Described] = {}
    unopened: dict[int, int] = {}
    for same in itertools.islice(places.values(), _FIRSTS):
        key, much = _among(same[:_COPIES], lines)
        left = _left(same[0])
        if key:
            keys |= dict.fromkeys((first.offset for first in same), key)
        elif left:
            cut |= dict.fromkeys((first.offset for first in same), left)
        elif much:
            unopened[same[0].offset] = len(same[0].text)
    if len(places) > _FIRSTS:
        findings.gap(_TOO_MANY, next(iter(places.values()))[0].offset)
    begun = cut | keys
    for offset, key in sorted(begun.items(), key=lambda one: one[0]):
        if key.identity not in known:
            what = f"{key.what}, PEM in lines apart"
            findings.add(what, key.identity, key.severity, key.reason, offset, min(WIDTHS))
    for offset in sorted(unopened.keys() - begun.keys()):
        findings.unopened(_APART, offset, unopened[offset])
    return sorted(begun)


def _among(same: Sequence[Line], lines: Lines) -> tuple[Described | None, bool]:
    """The key of which there is this first line, once or several times, and else whether much of it is there."""
    much = False
    for first in same:
        near = lines.near(first)
        if key := _key_of(first, near, lines):
            return key, True
        much = much or _is_much(first, near, lines)
    return None, much


def _key_of(first: Line, near: Sequence[Line], lines: Lines) -> Described | None:
    some = [*near, *lines.last(first)] if rsa_lines.ends_late(first) else near
    kinds = (rsa_lines.key_of, curve_lines.key_of, openssh_lines.key_of)
    return next((key for of in kinds if (key := of(first, some))), None)


def _left(first: Line) -> Described | None:
    """What the first line tells by itself: a scalar that is whole in it."""
    return None if first.content.startswith(openssh.MAGIC) else elliptic.scalar_within(first.content)


def _is_much(first: Line, near: Sequence[Line], lines: Lines) -> bool:
    """Whether there are at least half as many lines by themselves as a key that begins so has.

    Where only one that is shorter goes on behind the first, that has most of the key.
    """
    head = first.content
    wanted = _SSH_LINES - 1
    if not head.startswith(openssh.MAGIC):
        _, end = der.extent(head)
        wanted = end * 4 // 3 // len(first.text) - 1
        if wanted <= 0:
            return end > len(head)
    return 2 * sum(lines.stands_alone(line) for line in near) >= wanted
