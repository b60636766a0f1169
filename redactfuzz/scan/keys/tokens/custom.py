"""Rules of the user's own, in the TOML of gitleaks (its README, "Configuration"), matched by RE2 in linear time.

Of a rule are read: ``id``, ``regex``, ``secretGroup``, ``entropy``, ``keywords``, ``skipReport``, and of
its allowlists and the global ones ``condition``, ``regexes``, ``regexTarget``, ``stopwords`` and ``targetRules``. A
dump has no paths and no commits: a rule for paths alone is passed over, one with a regex as well holds everywhere, what
is allowed only there never is.
"""

from __future__ import annotations

import importlib
import math
import tomllib
from collections.abc import Iterator, Mapping, Sequence, Set
from pathlib import Path
from typing import Any

import attrs

from redactfuzz.dumps.readers.image import Image
from redactfuzz.dumps.small import Unreadable, text_of
from redactfuzz.model.exposure import Severity
from redactfuzz.scan.keys.detector import Findings
from redactfuzz.scan.keys.known import FileRule, KnownKeys
from redactfuzz.scan.keys.tokens.chosen import NAMES
from redactfuzz.scan.keys.tokens.reaching import LONGEST, matches, width
from redactfuzz.scan.keys.tokens.shapes import entropy_of

_LARGEST_FILE = 16 << 20
_CHUNK, _OVERLAP, _FAR = 1 << 20, 1 << 13, 1 << 20
"""Bytes that are matched at once; bytes around them, where a match goes on, and of a rule whose matches may be longer.

A match that only the bytes behind those make one is not found: of a rule without bounds one of more than a megabyte.
"""
_MEMORY, _LEAST, _MOST = 512 << 20, 1 << 18, 8 << 20
"""Bytes that RE2 may take for all rules together, and the least and the most that it may take for one rule.

RE2 keeps the states that a search has met, by default up to 8 MB a pattern: 5,000 rules took gigabytes. With less
memory a search takes longer and finds the same. More than 2,048 rules have the least each, and exceed the sum.
"""
_TARGETS = {"": "secret", "secret": "secret", "match": "match", "line": "line"}
_TOP = {"title", "description", "minVersion", "extend", "allowlist", "allowlists", "rules"}
_MATCHED = {"regex", "path", "secretGroup", "entropy", "keywords", "allowlist", "allowlists"}
_RULE = {"id", "description", "tags", "skipReport"} | _MATCHED
_ALLOWLIST = {"description", "condition", "commits", "paths", "regexTarget", "regexes", "stopwords", "targetRules"}
_EVERY, _CONDITIONS = {"AND", "&&"}, {"AND", "&&", "OR", "||"}
_REASON = "it matches a rule of the file that was given with --rules"


class UnusableRules(ValueError):
    """A file of rules that cannot be used as it is. The message says which rule, and why."""


@attrs.frozen
class Allowed:
    """What is no secret though a rule matches it. ``every``: where all that is named holds, not where any does."""

    patterns: tuple[Any, ...]
    target: str
    stopwords: tuple[bytes, ...]
    every: bool = False
    rules: tuple[str, ...] = ()
    """Of which it says so; empty: of all."""

    def holds(self, secret: bytes, match: bytes, line: _Line) -> bool:
        """Whether a match is allowed."""
        if self.target == "line":
            told = [line.allowed_by(self)]
        else:
            told = [self.matches(secret if self.target == "secret" else match)]
        told = told if self.patterns else []
        told += [any(word in secret.lower() for word in self.stopwords)] if self.stopwords else []
        return bool(told) and (all(told) if self.every else any(told))

    def matches(self, text: bytes) -> bool:
        """Whether any pattern does."""
        return any(one.search(text) for one in self.patterns)


@attrs.define(eq=False)
class _Line:
    """Read once by each allowlist, however long it is and however often a rule matches in it."""

    text: bytes
    _told: dict[int, bool] = attrs.field(factory=dict)

    def allowed_by(self, one: Allowed) -> bool:
        if id(one) not in self._told:
            self._told[id(one)] = one.matches(self.text)
        return self._told[id(one)]


@attrs.frozen
class FileTokens:
    """Matches of the rules that were given, none where there are none."""

    name: str = "rules"

    def find(self, image: Image, known: KnownKeys) -> Findings:
        """One finding for each rule and secret."""
        findings = Findings(self.name, image)
        ends = [0] * len(known.rules)
        for start, end in image.steps(_CHUNK) if known.rules else ():
            for far in (False, True):
                rules = [(number, rule) for number, rule in enumerate(known.rules) if rule.far is far]
                reach = _FAR if far else _OVERLAP
                lower = image.data[max(0, start - _OVERLAP) : end + reach].lower() if rules else b""
                for number, rule in rules:
                    begin = max(start, ends[number])
                    if begin < end and (not rule.keywords or any(word in lower for word in rule.keywords)):
                        ends[number] = _find(rule, findings, image, (begin, end), reach)
        return findings


def _find(rule: FileRule, findings: Findings, image: Image, within: tuple[int, int], reach: int) -> int:
    """The secrets of the matches that begin in a stretch. Gives where the last one ends."""

    def cut(at: int) -> None:
        findings.gap(f"{rule.what}: a match is longer than {LONGEST:,} bytes, and was read as far as that", at)

    last = 0
    # What stands before decides too: a word's boundary.
    found = matches(rule.pattern, image.data, within, (_OVERLAP, reach), cut)
    for at, secret, end in _secrets(rule, found):
        last = end
        if secret:
            # Where a name is only to be masked nobody is told of what is in it.
            name = NAMES.of_here(secret).hex() if image.whole.every else NAMES(secret)
            findings.add(rule.what, name, Severity.TOTAL, _REASON, at, len(secret))
    return last


def _secrets(rule: FileRule, found: Iterator[tuple[int, bytes, Any]]) -> Iterator[tuple[int, bytes, int]]:
    """(offset, secret, where its match ends) of each match, with an empty secret where that is allowed."""
    line, behind, before = _Line(b""), 0, b""
    for first, text, match in found:
        behind, before = (behind if text is before else 0), text
        group = rule.group or next((number for number in range(1, rule.groups + 1) if match.group(number)), 0)
        start, end = match.span(group)
        secret = text[start:end]
        if start >= behind:
            behind = text.find(b"\n", start) + 1 or len(text) + 1
            line = _Line(text[text.rfind(b"\n", 0, start) + 1 : behind - 1])
        is_one = (
            secret
            and entropy_of(secret) >= rule.entropy
            and not any(one.holds(secret, match.group(0), line) for one in rule.allowed)
        )
        yield first + start, secret if is_one else b"", first + match.end()


def read_rules(path: Path) -> tuple[FileRule, ...]:
    """The rules of a file. Raises UnusableRules."""
    try:
        document = tomllib.loads(text_of(path, _LARGEST_FILE).removeprefix("\ufeff"))
    except Unreadable as error:
        raise UnusableRules(f"{path}: {error}") from None
    except tomllib.TOMLDecodeError as error:
        raise UnusableRules(f"{path} is no TOML: {error}") from None
    except (ValueError, RecursionError):
        raise UnusableRules(f"{path}: a number in it is too long, or it is nested too deeply.") from None
    _no_others(document, _TOP, path.name)
    if "extend" in document:
        raise UnusableRules(f"{path}: [extend] is not followed, gitleaks' own rules are not here: take it out.")
    entries = _tables(document, "rules", path.name)
    memory = min(_MOST, max(_LEAST, _MEMORY // max(1, len(entries))))
    common = _allowed(document, path.name)
    rules = [_rule(entry, common, path.name, memory) for entry in entries]
    found = tuple(rule for rule in rules if rule is not None)
    if not found:
        raise UnusableRules(f"{path} has no rule with a regex: write [[rules]] tables as gitleaks has them.")
    return found


def _no_others(entry: Mapping[str, Any], known: Set[str], where: str) -> None:
    """What is misspelled would be without effect, and nobody would know."""
    others = sorted(set(entry) - known)
    if others:
        raise UnusableRules(f"{where}: {others[0]!r} is not known: is it misspelled?")


def _tables(entry: Mapping[str, Any], name: str, where: str) -> list[Mapping[str, Any]]:
    found = entry.get(name, [])
    found = [found] if isinstance(found, dict) else found
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise UnusableRules(f"{where}: {name} is no table.")
    return found


def _texts(entry: Mapping[str, Any], name: str, where: str) -> list[str]:
    found = entry.get(name, [])
    if not isinstance(found, list) or not all(isinstance(one, str) and one for one in found):
        raise UnusableRules(f"{where}: {name} is a list of texts, none of them empty.")
    return found


def _rule(entry: Mapping[str, Any], common: Sequence[Allowed], name: str, memory: int) -> FileRule | None:
    """Return the rule of a table, which takes at most `memory` bytes, or None.

    None stands for a rule for paths alone, and for one that only other rules ask for.
    """
    identifier = str(entry.get("id", "a rule without id"))
    where = f"{name}: {identifier}"
    if "required" in entry:
        raise UnusableRules(f"{where}: required is not followed, each rule holds by itself: take it out.")
    _no_others(entry, _RULE, where)
    if "regex" not in entry:
        if "path" in entry:
            return None
        raise UnusableRules(f"{where} has neither regex nor path.")
    pattern = _compile(entry["regex"], where, memory)
    group, entropy = entry.get("secretGroup", 0), entry.get("entropy", 0)
    if type(group) is not int or not 0 <= group <= pattern.groups:
        raise UnusableRules(f"{where}: secretGroup is none of the {pattern.groups} groups of the regex.")
    if type(entropy) not in (int, float) or not math.isfinite(entropy):
        raise UnusableRules(f"{where}: entropy is a number.")
    if not isinstance(entry.get("skipReport", False), bool):
        raise UnusableRules(f"{where}: skipReport is true or false.")
    if entry.get("skipReport"):
        return None
    every = (*common, *_allowed(entry, where))
    return FileRule(
        what=f"{identifier} (rule of {name})",
        pattern=pattern,
        groups=pattern.groups,
        group=group,
        entropy=float(entropy),
        keywords=tuple(word.lower().encode() for word in _texts(entry, "keywords", where)),
        allowed=tuple(one for one in every if not one.rules or identifier in one.rules),
        far=width(entry["regex"]) > _OVERLAP // 2,
    )


def _allowed(entry: Mapping[str, Any], where: str) -> tuple[Allowed, ...]:
    tables = [*_tables(entry, "allowlist", where), *_tables(entry, "allowlists", where)]
    return tuple(one for one in (_allowed_one(table, where) for table in tables) if one is not None)


def _allowed_one(table: Mapping[str, Any], where: str) -> Allowed | None:
    """None of one that never allows: all must hold, and a path or a commit, which a dump has not, is among it."""
    where = f"{where}: an allowlist"
    _no_others(table, _ALLOWLIST, where)
    target, condition = str(table.get("regexTarget", "")), str(table.get("condition", "OR")).upper()
    if target not in _TARGETS or condition not in _CONDITIONS:
        raise UnusableRules(f"{where}: regexTarget is match or line, condition is AND, OR, && or ||.")
    every = condition in _EVERY
    if every and (_texts(table, "paths", where) or _texts(table, "commits", where)):
        return None
    return Allowed(
        tuple(_compile(regex, where) for regex in _texts(table, "regexes", where)),
        _TARGETS[target],
        tuple(word.lower().encode() for word in _texts(table, "stopwords", where)),
        every,
        tuple(_texts(table, "targetRules", where)),
    )


def _compile(regex: object, where: str, memory: int = _MOST) -> Any:
    """Compile a regex with a limit of `memory` bytes, or of `_MOST` where that is too few. Raises UnusableRules."""
    if not isinstance(regex, str) or not regex:
        raise UnusableRules(f"{where}: a regex is a text, and not empty.")
    try:
        re2 = importlib.import_module("re2")
    except ImportError:
        raise UnusableRules("--rules needs google-re2: pip install 'redactfuzz[rules]'.") from None
    options = re2.Options()
    options.log_errors = False
    options.encoding = re2.Options.Encoding.LATIN1  # a dump is bytes
    options.max_mem = memory
    try:
        return re2.compile(regex.encode(), options)
    except re2.error as error:
        if memory < _MOST:
            return _compile(regex, where)
        raise UnusableRules(f"{where}: RE2 does not take the regex: {_said(error)}") from None


def _said(error: Exception) -> str:
    """RE2's own words, which are bytes."""
    (told,) = error.args or ("",)
    return told.decode("utf-8", "replace") if isinstance(told, bytes) else str(told)
