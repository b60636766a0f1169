"""SARIF 2.1.0 (OASIS) in the form that code hosts read: one run, its rules, relative paths.

What is required beyond the standard is from GitHub's page on SARIF support for code scanning: rules with help and a
``security-severity``, ``primaryLocationLineHash`` by which a known alert is recognised, and a line where there is one.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import quote

import attrs

from redactfuzz.model.texts.shell import bytes_of
from redactfuzz.report.lines import printable

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_BASE = "SRCROOT"
_MOST = 5_000
"""Results of a run that code hosts show."""
_WIDEST = 1_000
"""Characters of a description."""


@attrs.frozen
class Rule:
    """What a result is an instance of. ``severity``: 0 to 10, as CVSS counts; ``level``: SARIF's."""

    id: str
    title: str
    what: str
    """One or two sentences: what it means."""
    remedy: str
    severity: float
    level: str = "error"
    tags: tuple[str, ...] = ()

    def json(self) -> dict[str, Any]:
        """Its metadata."""
        text = f"{self.what} {self.remedy}"
        return {
            "id": self.id,
            "name": "".join(word.capitalize() for word in self.id.replace("/", " ").replace("-", " ").split()),
            "shortDescription": {"text": self.title[:_WIDEST]},
            "fullDescription": {"text": self.what[:_WIDEST]},
            "help": {"text": text, "markdown": f"{self.what}\n\n**What to do:** {self.remedy}"},
            "defaultConfiguration": {"level": self.level},
            "properties": {
                "tags": ["security", *self.tags],
                "precision": "very-high",
                "security-severity": f"{self.severity:.1f}",
            },
        }


@attrs.frozen
class Root:
    """The folder that paths are relative to: of the repository where there is one, else where we were started."""

    folder: Path

    @classmethod
    def of(cls, start: Path) -> Root:
        """That of a process that was started there."""
        return cls(next((each for each in (start, *start.parents) if (each / ".git").exists()), start))

    def location(self, path: str) -> dict[str, Any]:
        """An ``artifactLocation`` (SARIF 3.4): RFC 3986, and relative where the path is below the root."""
        whole = Path(os.path.abspath(path))  # noqa: PTH100  a link is what the user calls it
        if whole.is_relative_to(self.folder):
            return {"uri": quote(bytes_of(str(whole.relative_to(self.folder)))), "uriBaseId": _BASE}
        return {"uri": f"file://{quote(bytes_of(str(whole)))}"}

    def json(self) -> dict[str, Any]:
        """``originalUriBaseIds``."""
        return {_BASE: {"uri": f"file://{quote(os.fsencode(self.folder)).rstrip('/')}/"}}


def fingerprint(*parts: str) -> dict[str, str]:
    """The same for the same finding in the next run, wherever its line has moved to."""
    digest = hashlib.sha256(bytes_of("\0".join(parts))).hexdigest()
    return {"primaryLocationLineHash": f"{digest[:16]}:1"}


def message(text: str) -> dict[str, str]:
    """On one line, without control characters."""
    return {"text": printable(text)}


def log(
    kind: str,
    root: Root,
    rules: Iterable[Rule],
    results: Sequence[dict[str, Any]],
    notifications: Sequence[dict[str, Any]],
    *,
    complete: bool,
) -> str:
    """The text of the file. ``kind``: which command, so that uploads of two do not replace each other."""
    by_id: dict[str, Rule] = {}
    for rule in rules:
        known = by_id.get(rule.id)
        by_id[rule.id] = rule if known is None or known.severity < rule.severity else known
    order = sorted(by_id)
    for result in results:
        result["ruleIndex"] = order.index(result["ruleId"])
    run = {
        "tool": {
            "driver": {
                "name": "redactfuzz",
                "semanticVersion": metadata.version("redactfuzz"),
                "rules": [by_id[each].json() for each in order],
            }
        },
        "automationDetails": {"id": f"redactfuzz-{kind}/"},
        "originalUriBaseIds": root.json(),
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": complete, "toolExecutionNotifications": list(notifications)}],
        "results": list(results[:_MOST]),
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"
