"""Tokens of services, by the rules of ``services.toml``."""

from __future__ import annotations

import functools
import re

import attrs

from redactfuzz.dumps.readers.image import Image
from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys.detector import Findings, Memo, identity, text_at
from redactfuzz.scan.keys.known import KnownKeys
from redactfuzz.scan.keys.literals import Literals
from redactfuzz.scan.keys.placeholders import stands_for_a_key
from redactfuzz.scan.keys.tokens.shapes import Rule, rules

_LONGEST = 512
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]+")
"""Of either alphabet: one prefix has slashes."""
_SHORT, _RUN = 5, 16
"""Letters of a prefix that base64url has by chance, and letters before it that are no name."""
_TOLD = 10
"""Letters of a prefix that nothing has by chance: it may be the end of a longer name, as of a setting."""
_PLAIN, _RARE = re.compile(rb"(?:\(\?![^)]*\))?\[[^]]*\]\{(\d+)\}(?:\(\?!.*\))?"), 48
"""A body of so many letters of one kind; from so many on it is longer than hashes, UUIDs and identifiers are."""
_HASHES = {22, 27, 32, 40, 43}
"""Letters of a UUID and of SHA-1 in base64url, of MD5 and SHA-1 in hexadecimal, of SHA-256 in base64url."""
_LINE = 40
"""Letters before the end of a line that make it one of base64."""
_ESCAPES = rb"%[0-9A-Fa-f]{2}|\\[abfnrtv]|\x1b\[[0-9;]{0,12}m"
_BEGINS_A_WORD = re.compile(rb"(?:\A|[^A-Za-z0-9_-]|" + _ESCAPES + rb")\Z")
_BEGINS_A_PART = re.compile(rb"(?:\A|[^A-Za-z0-9]|" + _ESCAPES + rb")\Z")
"""What stands before the first letter of a word, or of a part of a name: an escape, and a colour of a terminal, which
end in letters, too."""


@attrs.frozen
class ServiceTokens:
    """Tokens whose prefix, length, alphabet, entropy and, where there is one, checksum are those of a rule.

    Where there is none, words and running digits that stand in the place of one are none.
    """

    name: str = "token"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each token."""
        findings = Findings(self.name, image)
        prefixes, last, instead = _prefixes(), -1, Memo(stands_for_a_key)
        for offset, index, width in prefixes.places(image):
            if offset != last and _add(findings, image, offset, width, prefixes.wanted[index], instead):
                last = offset  # of two that begin alike the longer one is the kind
        return findings


def _add(findings: Findings, image: Image, offset: int, width: int, prefix: bytes, instead: Memo[bool]) -> bool:
    """Whether it is a token. ``instead``: whether a text stands for one."""
    before = _before(image, offset, width)
    if prefix.isalnum() and len(prefix) < _TOLD and before[:1].isalnum():
        return False  # letters in a row, as base64 has and names of C++: any four of them are met by chance
    begins = _words().get(prefix)
    if begins is not None and not begins.search(before[::-1]):
        return False
    text = text_at(image.data, offset, width, _LONGEST)
    for rule in _by_prefix()[prefix]:
        if rule.before is not None and not rule.before.search(before[::-1]):
            continue
        token = rule.token(text)
        if token is None or (not rule.sure and instead(token.secret)):
            continue
        if rule.sure or not _in_the_midst(prefix, before, text[len(token.whole) :]):
            length = width * len(token.whole)
            findings.add(rule.name, identity(token.least), rule.severity, _reason(rule), offset, length)
            return True
    return False


def _before(image: Image, offset: int, width: int) -> bytes:
    """Letters before it, the nearest one first. A line of base64 goes on with the next, but for its first letter."""
    near = image.data[max(0, offset - _RUN * width) : offset][-width::-width]
    tail, newline, _ = near.partition(b"\n")
    if not newline or not _BASE64.fullmatch(tail):
        return near
    far = image.data[max(0, offset - (_RUN + _LINE + 2) * width) : offset][-width::-width]
    line = far[len(tail) + 1 :].removeprefix(b"\r")[:_LINE]
    return (tail + line)[:_RUN] if len(line) == _LINE and _BASE64.fullmatch(line) else near


def _in_the_midst(prefix: bytes, before: bytes, behind: bytes) -> bool:
    """Whether a short prefix stands in base64, which has its letters by chance once in some MB.

    ``before`` are the letters before it, the nearest one first. A dash may stand between words as well.
    """
    if len(prefix) > _SHORT or not _BASE64.fullmatch(prefix):
        return False
    run = len(before) == _RUN and bool(_BASE64.fullmatch(before))
    if before[:1].isalnum():
        return run or bool(_BASE64.match(behind))
    return run and all(re.search(kind, before) for kind in (rb"[A-Z]", rb"[a-z]", rb"[0-9]"))


@functools.cache
def _words() -> dict[bytes, re.Pattern[bytes]]:
    """Short prefixes before what an identifier may be as well, with what is to stand before them.

    ``server8_`` ends in one. Where it is before a hash, ``node-modules-key-`` is a name as well as ``monkey-``.
    """
    short = [rule for rule in rules() if len(rule.prefix) <= _SHORT and not (rule.prefix.isalnum() or rule.sure)]
    plain = [
        (rule.prefix, int(body[1]))
        for rule in short
        if not rule.before and (body := _PLAIN.fullmatch(rule.body.pattern))
    ]
    return {prefix: _BEGINS_A_WORD if size in _HASHES else _BEGINS_A_PART for prefix, size in plain if size < _RARE}


@functools.cache
def _prefixes() -> Literals:
    """The longest first: of those that begin alike it says most."""
    return Literals(*sorted(_by_prefix(), key=lambda prefix: (-len(prefix), prefix)))


@functools.cache
def _by_prefix() -> dict[bytes, list[Rule]]:
    found: dict[bytes, list[Rule]] = {}
    for rule in rules():
        found.setdefault(rule.prefix, []).append(rule)
    return found


def _reason(rule: Rule) -> str:
    if rule.severity is Severity.LOW:
        return "it names an account or a project, and opens nothing by itself"
    if rule.check in ("crc32-base62", "macaroon"):
        return "its checksum is right" if rule.check == "crc32-base62" else "it decodes to what the service signs"
    if rule.severity is Severity.MEDIUM:
        return "its shape is that of the service, and of any hash behind that word; only the service can tell"
    return (
        "prefix, length, alphabet and entropy are those of the service; only the service can tell whether it is valid"
    )
