"""Every target under the default profile: its verdict, and how many executions it took."""

from __future__ import annotations

import time

import record
import scenarios

from redactfuzz import explore


def main() -> None:
    """One row a scenario."""
    rows, data = [], []
    for title, body in scenarios.everything():
        started = time.perf_counter()
        report = explore(body, seed=1)
        seconds = time.perf_counter() - started
        finding = report.finding
        meant = "LEAK" if scenarios.vulnerable(title) else "PROVED or NO_LEAK_FOUND"
        right = (report.verdict == "LEAK") if scenarios.vulnerable(title) else report.verdict.passed
        rows.append(
            (
                title.removeprefix("targets/"),
                report.verdict if right else f"**{report.verdict}**, not {meant}",
                finding.kind if finding else None,
                finding.label if finding else None,
                report.first_leak_execution,
                finding.preemptions if finding else report.preemptions,
                report.executions,
                seconds,
            )
        )
        data.append(
            {
                "scenario": title,
                "verdict": report.verdict,
                "as_meant": right,
                "kind": finding.kind if finding else None,
                "label": finding.label if finding else None,
                "first_leak_execution": report.first_leak_execution,
                "executions": report.executions,
                "seconds": round(seconds, 2),
                "reason": str(report.reason) if report.reason else None,
            }
        )
        print(*rows[-1], sep="  ", flush=True)
    head = ("target", "verdict", "kind", "label", "first leak at", "preemptions", "executions", "seconds")
    wrong = sum(not line["as_meant"] for line in data)
    text = record.table(head, rows) + (
        f"\n\n{len(rows)} scenarios under the default profile (5,000 executions or 60 s), {wrong} not as meant. Seconds"
        " are those of the whole campaign: controls, shrinking and explanation included."
    )
    record.save("targets", "Every target under the default profile", text, {"targets": data})


if __name__ == "__main__":
    main()
