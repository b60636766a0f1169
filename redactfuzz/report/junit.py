"""What JUnit files say about a scenario: properties of its test case."""

from __future__ import annotations

from redactfuzz.model.finding import Report

PREFIX = "redactfuzz."


def properties(report: Report) -> list[tuple[str, str]]:
    """Names and values for pytest's ``user_properties``, which xdist carries to the main process."""
    finding = report.finding
    values: dict[str, object] = {
        "verdict": report.verdict,
        "executions": report.executions,
        "executions_per_s": round(report.executions_per_s, 1),
        "seed": report.seed,
        "strategy": report.strategy,
        "preemptions": finding.preemptions if finding else report.preemptions,
        "reason": report.reason,
    }
    if finding is not None:
        values |= {
            "kind": finding.kind,
            "label": finding.label,
            "switches": finding.switches,
            "first_leak_execution": report.first_leak_execution,
            "canaries": ", ".join(dict.fromkeys(leak.canary for leak in finding.leaks)),
            "repro": finding.repro,
        }
    if report.others:
        values["findings"] = len(report.findings)
    if report.certificate is not None:
        values |= {"granularity": report.certificate.granularity, "isolation": report.certificate.isolation}
        for number, obstacle in enumerate(report.certificate.obstacles, 1):
            values[f"no_proof.{number}" if number > 1 else "no_proof"] = obstacle
    return [(PREFIX + name, str(value)) for name, value in values.items() if value not in (None, "")]
