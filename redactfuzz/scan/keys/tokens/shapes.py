"""The rules of ``services.toml``: what a token of a service begins with, and what must be true of the rest."""

from __future__ import annotations

import base64
import binascii
import functools
import importlib.resources
import math
import re
import string
import tomllib
import zlib
from collections import Counter
from collections.abc import Callable, Mapping

import attrs

from redactfuzz.model.exposure import Severity

_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
_REPEATED = re.compile(r"\{(\d+),\d+\}")
_CRC = 6
_TAIL = 20
_VARIOUS = 3.2
"""Bits of a character of twenty letters: random ones have more. What are words is seen by other means."""


_CHECKSUMS = ("crc32-base62", "macaroon")
"""Checks that tell where a token ends, or that it is one, whatever is around it."""


@attrs.frozen(repr=False)
class Token:
    """What may be all of a token, and what surely is: the shortest of its kind. ``secret``: what of that is random."""

    whole: bytes
    least: bytes
    secret: bytes


@attrs.frozen
class Rule:
    """A kind of token. ``body`` is what follows ``prefix``: its length and alphabet, as a regular expression.

    A group ``secret`` in it is what is random, where the rest is the number of an account or the name of a setting.

    ``entropy``: bits of a character that the body has at least (Shannon, of its own letters). ``check``: the name of
    a function of ``CHECKS`` that is given the whole token.
    """

    name: str
    prefix: bytes
    body: re.Pattern[bytes]
    least: re.Pattern[bytes]
    """The body where each repetition is the shortest."""
    entropy: float
    check: str
    severity: Severity
    source: str
    before: re.Pattern[bytes] | None = None
    """What stands before the prefix, where a token begins with what no literal has: the number of an account."""

    @property
    def sure(self) -> bool:
        """Whether it has a checksum."""
        return self.check in _CHECKSUMS

    def token(self, text: bytes) -> Token | None:
        """The token at the beginning of a text, whatever byte follows it; None when there is none.

        Of a kind whose length is not known what is asked is asked of the shortest: letters that follow are no part.
        """
        match = self.body.match(text, len(self.prefix))
        if match is None:
            return None
        if self.sure:
            token = CHECKS[self.check](self.prefix + match[0])
            enough = token and entropy_of(match[0]) >= self.entropy
            return Token(token, token, token[len(self.prefix) :]) if token and enough else None
        shortest = self.least.match(text, len(self.prefix)) or match
        least = shortest[0]
        if entropy_of(least) < self.entropy or (self.check and CHECKS[self.check](self.prefix + least) is None):
            return None
        return Token(self.prefix + match[0], self.prefix + least, shortest.groupdict().get("secret", least))


def entropy_of(text: bytes) -> float:
    """Bits of a character, by how often each is in the text."""
    size = len(text)
    return -sum(count / size * math.log2(count / size) for count in Counter(text).values()) if size else 0.0


def crc62(body: bytes) -> bytes:
    """The CRC-32 in six digits of base 62, the highest first."""
    value, digits = zlib.crc32(body), ""
    for _ in range(_CRC):
        value, digit = divmod(value, len(_BASE62))
        digits = _BASE62[digit] + digits
    return digits.encode()


def _ends_in_crc(token: bytes) -> bytes | None:
    """The shortest beginning whose last six characters are the CRC-32 of those between the prefix and them."""
    prefix = token.index(b"_") + 1
    for end in range(prefix + 30 + _CRC, len(token) + 1):
        if crc62(token[prefix : end - _CRC]) == token[end - _CRC : end]:
            return token[:end]
    return None


def _is_macaroon(token: bytes) -> bytes | None:
    """PyPI's: a macaroon, version 2, whose location is the index, with an identifier and a signature of 32 bytes."""
    text = token.removeprefix(b"pypi-")
    try:
        data = base64.urlsafe_b64decode(text[: len(text) // 4 * 4])
    except binascii.Error:
        return None
    return token if data[:3] == b"\2\1\x08" and b"\0\0\6\x20" in data else None


def _has_letters_and_digits(token: bytes) -> bytes | None:
    """A random body of twenty characters has both; a word or a number has not.

    Of base 62 one in 30 has no digit: its letters are then capitals and small ones.
    """
    return token if _holds(token, rb"[A-Za-z]", rb"[0-9]") else _is_mixed(token)


def _is_no_name(token: bytes) -> bytes | None:
    """It has letters and digits, and is no name of a branch: words and numbers in small letters, and dashes."""
    if _holds(token, rb"[_-]") and not _holds(token, rb"[A-Z]"):
        return None
    return _has_letters_and_digits(token)


def _is_mixed(token: bytes) -> bytes | None:
    """Of twenty random characters of base 62 some are capitals and some small.

    One in 30 times none is a digit: the letters are then more various than those of words.
    """
    if not _holds(token, rb"[A-Z]", rb"[a-z]"):
        return None
    return token if _holds(token, rb"[0-9]") or entropy_of(token[-_TAIL:]) >= _VARIOUS else None


def _holds(token: bytes, *wanted: bytes) -> bool:
    return all(re.search(kind, token[-_TAIL:]) for kind in wanted)


CHECKS: Mapping[str, Callable[[bytes], bytes | None]] = {
    "crc32-base62": _ends_in_crc,
    "macaroon": _is_macaroon,
    "letters and digits": _has_letters_and_digits,
    "no name": _is_no_name,
    "mixed": _is_mixed,
}
"""What is asked of a token beyond its alphabet, length and entropy: each gives the token, or None."""


@functools.cache
def rules() -> tuple[Rule, ...]:
    """All of the file, in its order."""
    text = importlib.resources.files(__package__).joinpath("services.toml").read_text(encoding="utf-8")
    return tuple(_rule(entry) for entry in tomllib.loads(text)["rules"])


def _rule(entry: Mapping[str, str | float]) -> Rule:
    return Rule(
        name=str(entry["name"]),
        prefix=str(entry["prefix"]).encode(),
        body=re.compile(str(entry["body"]).encode()),
        least=re.compile(_REPEATED.sub(r"{\1}", str(entry["body"])).encode()),
        entropy=float(entry.get("entropy", 0)),
        check=str(entry.get("check", "")),
        severity=Severity(str(entry.get("severity", "total"))),
        source=str(entry["source"]),
        before=re.compile(rb"(?:\A|[^A-Za-z0-9_-]|bot)" + str(entry["before"]).encode() + rb"\Z")
        if "before" in entry
        else None,
    )
