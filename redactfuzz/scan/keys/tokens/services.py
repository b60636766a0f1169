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
_BASE64URL = re.compile(rb"[A-Za-z0-9_-]+")
_SHORT, _RUN = 5, 16
"""Letters of a prefix that base64url has by chance, and letters before it that are no name."""
_IN_HEX, _IN_BASE64URL = b"0123456789abcdef", b"Aa0Bb1Cc2-Dd3Ee4Ff5_Gg6Hh7Ii8Jj9KkLlMmNnOoPpQqRrSsTtUuVvWwXxYyZz"
_HASHES = (16, 20, 28, 32, 48, 64)
"""Bytes of hashes and of UUIDs, which programs put behind words of theirs."""
_BEGINS_A_WORD = re.compile(rb"(?:\A|[^A-Za-z0-9_-]|%[0-9A-Fa-f]{2}|\\[abfnrtv]|\x1b\[[0-9;]{0,12}m)\Z")
"""What stands before the first letter of a word: also an escape, and a colour of a terminal, which end in letters."""


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
    before = image.data[max(0, offset - _RUN * width) : offset][-width::-width]
    if prefix.isalnum() and before[:1].isalnum():
        return False  # letters in a row, as base64 has and names of C++: any four of them are met by chance
    if prefix in _behind_words() and not _BEGINS_A_WORD.search(before[::-1]):
        return False
    text = text_at(image.data, offset, width, _LONGEST)
    for rule in _by_prefix()[prefix]:
        token = rule.token(text)
        if token is None or (not rule.sure and instead(token.least[len(prefix) :])):
            continue
        if rule.sure or not _in_the_midst(prefix, before, text[len(token.whole) :]):
            length = width * len(token.whole)
            findings.add(rule.name, identity(token.least), rule.severity, _reason(rule), offset, length)
            return True
    return False


def _in_the_midst(prefix: bytes, before: bytes, behind: bytes) -> bool:
    """Whether a short prefix stands in base64url, which has its letters by chance once in some MB.

    ``before`` are the letters before it, the nearest one first. A dash may stand between words as well.
    """
    if len(prefix) > _SHORT or not _BASE64URL.fullmatch(prefix):
        return False
    run = len(before) == _RUN and bool(_BASE64URL.fullmatch(before))
    if before[:1].isalnum():
        return run or bool(_BASE64URL.match(behind))
    return run and all(re.search(kind, before) for kind in (rb"[A-Z]", rb"[a-z]", rb"[0-9]"))


@functools.cache
def _behind_words() -> frozenset[bytes]:
    """Short prefixes behind which a hash is a token: ``monkey-`` and ``node-modules-key-`` end in one of them, too."""
    hashes = [(_IN_HEX * 8)[: 2 * size] for size in _HASHES]
    hashes += [(_IN_BASE64URL * 2)[: -(-8 * size // 6)] for size in _HASHES]
    short = [rule for rule in rules() if len(rule.prefix) <= _SHORT and rule.prefix.endswith((b"-", b"_"))]
    return frozenset(
        rule.prefix
        for rule in short
        for text in (rule.prefix + one for one in hashes)
        if not rule.sure and (token := rule.token(text)) and token.whole == text
    )


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
