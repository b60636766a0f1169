"""Verdicts on dumps as SARIF."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from redactfuzz.model.exposure import DumpReport, Gap, Severity, Where
from redactfuzz.report.dump_lines import LEVELS, UNMARKED
from redactfuzz.report.sarif_log import Root, Rule, fingerprint, log, message

_PLACES = 20
_SEVERITIES = {Severity.TOTAL: 9.1, Severity.HIGH: 7.5, Severity.MEDIUM: 5.3, Severity.LOW: 3.1}
_LINE = re.compile(r"line (\d+)\b")
_REMEDY = (
    "Treat whatever stands there in a real dump as lost, and rotate it. Redact it before the dump is written, or keep"
    " it out of the memory and the logs that are dumped."
)
_DUMPED = ("external/cwe/cwe-528", "external/cwe/cwe-532")


def sarif(reports: Iterable[DumpReport], root: Root | None = None) -> str:
    """One run with a result for each secret in each dump, and a notification for what makes one INCOMPLETE."""
    reports = list(reports)
    made = [each for report in reports for each in _results(report, root or Root.of(Path.cwd()))]
    notifications = [each for report in reports for each in _notifications(report)]
    complete = all(report.complete and report.marked is not False for report in reports)
    return log(
        "scan",
        root or Root.of(Path.cwd()),
        [rule for rule, _ in made],
        [result for _, result in made],
        notifications,
        complete=complete,
    )


def _results(report: DumpReport, root: Root) -> Iterator[tuple[Rule, dict[str, Any]]]:
    at = partial(_location, report.dump, root)
    for exposure in report.exposures:
        rule = Rule(
            f"canary/{exposure.kind}",
            "A planted secret is in a dump",
            "A canary, which stood where a secret of this kind would, is in a dump: whole, in part, or encoded.",
            _REMEDY,
            _SEVERITIES[exposure.severity],
            tags=_DUMPED,
        )
        text = f"canary {exposure.secret!r} ({exposure.hash_prefix}): {exposure.reason}"
        places = [fragment.where for fragment in exposure.fragments]
        result = _result(rule, LEVELS[exposure.severity], text, places, exposure.hash_prefix, at)
        yield rule, _suppressed(result, exposure.passes)
    for key in report.keys:
        rule = _key_rule(key.detector, key.severity)
        result = _result(rule, LEVELS[key.severity], f"{key.what}: {key.reason}", key.where, key.identity, at)
        yield rule, _suppressed(result, key.passes)
    for kind in report.unlisted_keys:
        rule = _key_rule(kind.detector, kind.severity)
        text = f"{kind.what}: {kind.count:,} more in {report.dump}, which are not listed"
        whole = (Where(report.dump, 0, 0),)
        result = _result(rule, LEVELS[kind.severity], text, whole, f"more {kind.what}", at)
        yield rule, _suppressed(result, kind.passes)
    for one in report.differences:
        rule = Rule(
            "differs",
            "A dump depends on a secret in no known form",
            "Two dumps of one program that was planted with different secrets differ here, in no form that is known.",
            "Find out what writes these bytes. A digest of the secret differs as well: you know if it may be there.",
            _SEVERITIES[Severity.HIGH if one.sure else Severity.LOW],
            tags=_DUMPED,
        )
        text = f"{one.size} of {one.where.length} bytes: {one.reason}"
        identity = f"{one.canary or 'unknown'} {one.where.symbol or one.where.mapping or one.where.span}"
        level = "error" if one.canary else "warning" if one.sure else "note"
        yield rule, _suppressed(_result(rule, level, text, (one.where,), identity, at), one.passes)


def _suppressed(result: dict[str, Any], passes: str) -> dict[str, Any]:
    """What does not fail is there, and is not counted by who reads it."""
    return {**result, "suppressions": [{"kind": "external", "justification": passes}]} if passes else result


def _key_rule(detector: str, severity: Severity) -> Rule:
    return Rule(
        f"key/{detector}",
        "Key material is in a dump",
        "A dump holds key material that nobody planted. What looks like a key was computed with first.",
        _REMEDY,
        _SEVERITIES[severity],
        tags=("external/cwe/cwe-528", "external/cwe/cwe-316"),
    )


def _result(
    rule: Rule, level: str, text: str, places: Iterable[Where], identity: str, at: Callable[[Where], dict[str, Any]]
) -> dict[str, Any]:
    return {
        "ruleId": rule.id,
        "level": level,
        "message": message(text),
        "locations": [at(place) for place in list(places)[:_PLACES]],
        "partialFingerprints": {**fingerprint(rule.id, identity), "secret/v1": identity},
    }


def _location(dump: str, root: Root, where: Where) -> dict[str, Any]:
    # A member of an archive is named after a "!": the artifact is the file that exists, whose own name may hold one.
    inside = where.image.removeprefix(dump)
    file, _, member = (dump, "", inside) if inside[:1] in ("", "!") else where.image.partition("!")
    region: dict[str, Any] = {"byteOffset": where.offset, "byteLength": where.length}
    if not member and (line := _LINE.match(where.span)):
        region = {"startLine": int(line[1]), **region}
    physical: dict[str, Any] = {"artifactLocation": root.location(file), "region": region}
    if where.address is not None:
        physical["address"] = {"absoluteAddress": where.address}
    return {"physicalLocation": physical, "message": message(f"{where.image}: {where.text}".rstrip(": "))}


def _notifications(report: DumpReport) -> Iterator[dict[str, Any]]:
    if report.marked is False:
        yield {"level": "warning", "message": message(f"{report.dump}: {UNMARKED}")}
    yield from map(_not_read, report.skipped)


def _not_read(gap: Gap) -> dict[str, Any]:
    at = "" if gap.offset is None else f" at byte {gap.offset}"
    return {"level": "note" if gap.harmless else "warning", "message": message(f"{gap.image}{at}: {gap.reason}")}
