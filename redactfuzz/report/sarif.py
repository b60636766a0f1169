"""Verdicts on dumps as SARIF 2.1.0 (OASIS), which code hosts and dashboards read."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from importlib import metadata
from typing import Any
from urllib.parse import quote

from redactfuzz.model.exposure import DumpReport, Gap, Where
from redactfuzz.report.dump_lines import LEVELS, UNMARKED
from redactfuzz.report.lines import printable

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_PLACES = 20


def sarif(reports: Iterable[DumpReport]) -> str:
    """One run with a result for each secret in each dump, and a notification for what makes one INCOMPLETE."""
    reports = list(reports)
    results = [result for report in reports for result in _results(report)]
    rules = sorted({str(result["ruleId"]) for result in results})
    run = {
        "tool": {
            "driver": {
                "name": "redactfuzz",
                "version": metadata.version("redactfuzz"),
                "rules": [{"id": rule, "shortDescription": {"text": rule}} for rule in rules],
            }
        },
        "invocations": [
            {
                "executionSuccessful": all(report.complete and report.marked is not False for report in reports),
                "toolExecutionNotifications": [told for report in reports for told in _notifications(report)],
            }
        ],
        "results": results,
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _results(report: DumpReport) -> Iterator[dict[str, Any]]:
    for exposure in report.exposures:
        text = f"canary {exposure.secret!r} ({exposure.hash_prefix}): {exposure.reason}"
        places = [fragment.where for fragment in exposure.fragments]
        yield _result(f"canary/{exposure.kind}", LEVELS[exposure.severity], text, places, exposure.hash_prefix)
    for key in report.keys:
        yield _result(f"key/{key.detector}", LEVELS[key.severity], f"{key.what}: {key.reason}", key.where, key.identity)
    for one in report.differences:
        text = f"{one.size} of {one.where.length} bytes: {one.reason}"
        identity = f"{one.canary or 'unknown'} {one.where.symbol or one.where.mapping or one.where.span}"
        level = "error" if one.canary else "warning" if one.sure else "note"
        yield _result("differs", level, text, (one.where,), identity)


def _result(rule: str, level: str, text: str, places: Iterable[Where], identity: str) -> dict[str, Any]:
    return {
        "ruleId": rule,
        "level": level,
        "message": {"text": printable(text)},
        "locations": [_location(place) for place in list(places)[:_PLACES]],
        "partialFingerprints": {"secret/v1": identity},
    }


def _location(where: Where) -> dict[str, Any]:
    physical: dict[str, Any] = {
        # A member of an archive is named after a "!": the artifact is the file that exists.
        "artifactLocation": {"uri": _uri(where.image)},
        "region": {"byteOffset": where.offset, "byteLength": where.length},
    }
    if where.address is not None:
        physical["address"] = {"absoluteAddress": where.address}
    return {"physicalLocation": physical, "message": {"text": printable(f"{where.image}: {where.text}".rstrip(": "))}}


def _uri(image: str) -> str:
    """RFC 3986, relative where the path is: SARIF section 3.10.1."""
    return quote(os.fsencode(image.partition("!")[0]))


def _notifications(report: DumpReport) -> Iterator[dict[str, Any]]:
    if report.marked is False:
        yield {"level": "warning", "message": {"text": printable(f"{report.dump}: {UNMARKED}")}}
    yield from map(_not_read, report.skipped)


def _not_read(gap: Gap) -> dict[str, Any]:
    at = "" if gap.offset is None else f" at byte {gap.offset}"
    return {
        "level": "note" if gap.harmless else "warning",
        "message": {"text": printable(f"{gap.image}{at}: {gap.reason}")},
    }
