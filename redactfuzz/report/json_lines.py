"""One line of JSON for each scenario, whatever happened to it."""

from __future__ import annotations

import json
from typing import Any

import attrs

from redactfuzz.model import written
from redactfuzz.model.events import Measured
from redactfuzz.model.finding import Finding, Report
from redactfuzz.model.measured import Measurement
from redactfuzz.model.outcome import Leak, LeakKind
from redactfuzz.model.verdict import Certificate

SCHEMA = "run/1"
"""What a line is written as: ``run.schema.json`` in the reference. A field more is the same version."""
CERTIFICATE_FIELDS = (
    *("granularity", "preemptions", "executions", "seed", "python", "gil", "build", "hash_seed", "isolation"),
    *(
        "memory_model",
        "covered",
        "focus",
        "compared",
        "counts",
        "inputs",
        "assumptions",
        "opaque",
        "notes",
        "obstacles",
    ),
)
"""In the order of the line, but for the controls."""


def record(report: Report) -> dict[str, Any]:
    """The fields of a scenario's line. ``null`` where there is nothing to report; no value of any canary."""
    finding = report.finding
    certificate = report.certificate
    kind = finding.kind if finding else None
    return {
        "schema": SCHEMA,
        "scenario": report.scenario,
        "verdict": str(report.verdict),
        "kind": _text(kind),
        "label": _text(finding.label if finding else None),
        "reason": _text(report.reason),
        "executions": report.executions,
        "first_leak_execution": report.first_leak_execution,
        "executions_per_s": round(report.executions_per_s, 1),
        "seconds": round(report.seconds, 3),
        "seconds_after": {what: round(seconds, 3) for what, seconds in report.after},
        "seed": report.seed,
        "strategy": report.strategy or None,
        "preemptions": finding.preemptions if finding else report.preemptions,
        "switches": finding.switches if finding else None,
        "leaks": [_leak(leak, kind) for leak in finding.leaks] if finding else [],
        "bug": _bug(finding),
        "cause": (finding.cause or None) if finding else None,
        "repro": (finding.repro or None) if finding else None,
        "granularity": certificate.granularity if certificate else None,
        "covered": list(certificate.covered) if certificate else [],
        "opaque": list(certificate.opaque) if certificate else [],
        "controls": [
            {"name": control.name, "passed": control.passed, "detail": control.detail} for control in report.controls
        ],
        "certificate": _certificate(certificate),
        "others": [_other(each) for each in report.others],
        "interrupted": report.interrupted,
        "notes": list(report.notes),
        **({"part": attrs.asdict(report.part)} if report.part is not None else {}),
    }


def json_line(report: Report, measured: Measurement | None = None) -> str:
    """The record as one line, without a newline at its end. ``measured``: along the schedule of its finding."""
    if measured is None:
        return json.dumps(record(report), ensure_ascii=True)
    likelihood = json.loads(written.dumps(Measured(report.scenario, measured)))["measurement"]
    return json.dumps({**record(report), "likelihood": likelihood}, ensure_ascii=True)


def _certificate(certificate: Certificate | None) -> dict[str, Any] | None:
    """The whole record; what is beside it in the line as well is there for those who read only the line."""
    if certificate is None:
        return None
    told = {name: getattr(certificate, name) for name in CERTIFICATE_FIELDS}
    return {
        **{name: list(value) if isinstance(value, tuple) else value for name, value in told.items()},
        "controls": [attrs.asdict(control) for control in certificate.controls],
    }


def _leak(leak: Leak, kind: LeakKind | None) -> dict[str, Any]:
    return {
        "canary": leak.canary,
        "encoding": leak.encoding,
        "offset": leak.offset,
        "length": leak.length,
        "kind": _text(kind),
        "dump": leak.dump,
        "hash_prefix": leak.hash_prefix,
        "where": leak.where,
        "part": leak.part,
        "place": leak.place or None,
    }


def _other(finding: Finding) -> dict[str, Any]:
    """A further finding, by the names of the first one's fields."""
    return {
        "verdict": str(finding.verdict),
        "kind": _text(finding.kind),
        "label": _text(finding.label),
        "execution": finding.execution,
        "preemptions": finding.preemptions,
        "switches": finding.switches,
        "leaks": [_leak(leak, finding.kind) for leak in finding.leaks],
        "bug": _bug(finding),
        "cause": finding.cause or None,
        "repro": finding.repro or None,
    }


def _bug(finding: Finding | None) -> dict[str, str] | None:
    bug = finding.bug if finding else None
    return {"kind": str(bug.kind), "summary": bug.summary, "thread": bug.thread} if bug else None


def _text(value: object) -> str | None:
    return None if value is None else str(value)
