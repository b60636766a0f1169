"""Rules of the user's own, in the TOML of gitleaks (its README, "Configuration"), matched by RE2 in linear time.

Of a rule are read: ``id``, ``regex``, ``secretGroup``, ``entropy``, ``keywords``, and of its allowlists and the global
ones ``regexes``, ``regexTarget`` and ``stopwords``. A rule for paths alone is passed over: a dump has none.
"""

from __future__ import annotations

import importlib
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from redactfuzz.dumps.readers.image import Image
from redactfuzz.dumps.small import Unreadable, text_of
from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys.detector import Findings, identity
from redactfuzz.scan.keys.known import FileRule, KnownKeys
from redactfuzz.scan.keys.tokens.shapes import entropy_of

_LARGEST_FILE = 16 << 20
_CHUNK, _OVERLAP = 1 << 20, 1 << 13
"""Bytes that are matched at once, and that a match may reach beyond them."""
_TARGETS = {"": "secret", "secret": "secret", "match": "match", "line": "line"}
_REASON = "it matches a rule of the file that was given with --rules"


class UnusableRules(ValueError):
    """A file of rules that cannot be used as it is. The message says which rule, and why."""


@attrs.frozen
class Allowed:
    """What is no secret though a rule matches it."""

    patterns: tuple[Any, ...]
    target: str
    stopwords: tuple[bytes, ...]

    def holds(self, secret: bytes, match: bytes, line: bytes) -> bool:
        """Whether a match is allowed."""
        text = {"secret": secret, "match": match, "line": line}[self.target]
        return any(one.search(text) for one in self.patterns) or any(word in secret.lower() for word in self.stopwords)


@attrs.frozen
class FileTokens:
    """Matches of the rules that were given, none where there are none."""

    name: str = "rules"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each rule and secret."""
        findings = Findings(self.name, image)
        for start, end in image.steps(_CHUNK) if known.rules else ():
            first = max(0, start - _OVERLAP)  # what stands before decides too: a word's boundary
            text = image.data[first : end + _OVERLAP]
            lower = text.lower()
            for rule in known.rules:
                if rule.keywords and not any(word in lower for word in rule.keywords):
                    continue
                for at, secret in _secrets(rule, text):
                    if start <= first + at < end:
                        findings.add(rule.what, identity(secret), Severity.TOTAL, _REASON, first + at, len(secret))
        return findings


def _secrets(rule: FileRule, text: bytes) -> Iterator[tuple[int, bytes]]:
    for match in rule.pattern.finditer(text):
        group = rule.group or next((number for number in range(1, rule.groups + 1) if match.group(number)), 0)
        start, end = match.span(group)
        secret, line = text[start:end], text[text.rfind(b"\n", 0, start) + 1 :][: 1 << 12].split(b"\n")[0]
        if (
            secret
            and entropy_of(secret) >= rule.entropy
            and not any(one.holds(secret, match.group(0), line) for one in rule.allowed)
        ):
            yield start, secret


def read_rules(path: Path) -> tuple[FileRule, ...]:
    """The rules of a file. Raises UnusableRules."""
    try:
        document = tomllib.loads(text_of(path, _LARGEST_FILE))
    except Unreadable as error:
        raise UnusableRules(f"{path}: {error}") from None
    except tomllib.TOMLDecodeError as error:
        raise UnusableRules(f"{path} is no TOML: {error}") from None
    common = _allowed(document, path.name)
    rules = tuple(_rule(entry, common, path.name) for entry in _tables(document, "rules") if entry.get("regex"))
    if not rules:
        raise UnusableRules(f"{path} has no rule with a regex: write [[rules]] tables as gitleaks has them.")
    return rules


def _tables(document: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = document.get(name, [])
    found = [found] if isinstance(found, dict) else found
    return [one for one in found if isinstance(one, dict)]


def _rule(entry: Mapping[str, Any], common: Sequence[Allowed], name: str) -> FileRule:
    identifier = str(entry.get("id", "a rule without id"))
    where = f"{name}: {identifier}"
    pattern = _compiled(entry["regex"], where)
    group = entry.get("secretGroup", 0)
    entropy, keywords = entry.get("entropy", 0), entry.get("keywords", [])
    if not isinstance(group, int) or not 0 <= group <= pattern.groups:
        raise UnusableRules(f"{where}: secretGroup is none of the {pattern.groups} groups of the regex.")
    if not isinstance(entropy, int | float) or not isinstance(keywords, list):
        raise UnusableRules(f"{where}: entropy is a number, and keywords a list.")
    return FileRule(
        what=f"{identifier} (rule of {name})",
        pattern=pattern,
        groups=pattern.groups,
        group=group,
        entropy=float(entropy),
        keywords=tuple(str(word).lower().encode() for word in keywords),
        allowed=(*common, *_allowed(entry, where)),
    )


def _allowed(entry: Mapping[str, Any], where: str) -> tuple[Allowed, ...]:
    tables = [*_tables(entry, "allowlist"), *_tables(entry, "allowlists")]
    return tuple(
        Allowed(
            tuple(_compiled(regex, where) for regex in one.get("regexes", [])),
            _TARGETS.get(str(one.get("regexTarget", "")), "secret"),
            tuple(str(word).lower().encode() for word in one.get("stopwords", [])),
        )
        for one in tables
    )


def _compiled(regex: object, where: str) -> Any:
    try:
        re2 = importlib.import_module("re2")
    except ImportError:
        raise UnusableRules("--rules needs google-re2: pip install 'redactfuzz[rules]'.") from None
    options = re2.Options()
    options.log_errors = False
    options.encoding = re2.Options.Encoding.LATIN1  # a dump is bytes
    try:
        return re2.compile(str(regex).encode(), options)
    except re2.error as error:
        raise UnusableRules(f"{where}: RE2 does not take the regex: {error}") from None
