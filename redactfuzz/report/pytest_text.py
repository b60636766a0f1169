"""What pytest shows of scenarios: failure sections, properties, and the lines of its summary."""

from __future__ import annotations

from collections.abc import Sequence

from redactfuzz.model.finding import Finding, Report
from redactfuzz.model.repro import Identity
from redactfuzz.model.texts.escaped import escaped
from redactfuzz.report import internal, junit
from redactfuzz.report.certificate import tail
from redactfuzz.report.explanation import explain, headline, replay_command
from redactfuzz.report.lines import Line, Piece, Tone, count, line


def properties(reports: Sequence[Report]) -> list[tuple[str, str]]:
    """The user properties of a test. Under ``@given`` it has many reports: the worst of them speaks for it."""
    chosen = worst(reports)
    findings = distinct([finding for report in reports for finding in report.findings])
    shown = chosen.finding
    if shown is not None:
        findings.sort(key=lambda finding: finding.repro != shown.repro)
    summary = again(findings) if findings else tail(chosen)
    total = sum(report.executions for report in reports)
    if len(reports) > 1:
        summary = f"{count(len(reports), 'example')}, {count(total, 'execution')} in all; {summary}"
    values = dict(junit.properties(chosen))
    values[f"{junit.PREFIX}executions"] = str(total)
    values[f"{junit.PREFIX}summary"] = summary
    for number, finding in enumerate(findings, 1):
        suffix = f".{number}" if number > 1 else ""
        values[f"{junit.PREFIX}repro{suffix}"] = finding.repro
        values[f"{junit.PREFIX}replay{suffix}"] = replay_command(finding)
    return list(values.items())


def distinct(findings: Sequence[Finding]) -> list[Finding]:
    """The last one of each: Hypothesis shrinks, and what it shrank to comes last."""
    last = {(Identity.of(each.leaks, each.bug).key, _place(each)): each for each in findings}
    return list(last.values())


def _place(finding: Finding) -> str:
    return finding.leaks[0].place if finding.leaks else ""


def again(findings: Sequence[Finding]) -> str:
    """When each was found, and what shows it again."""
    texts = []
    for finding in distinct(findings):
        text = f"execution {finding.execution:,}"
        texts.append(f"{text}; {replay_command(finding)}" if finding.repro else text)
    return "; also at ".join(texts)


def worst(reports: Sequence[Report]) -> Report:
    """The last report that is no pass (what Hypothesis shrank to comes last), else the last one."""
    return next((report for report in reversed(reports) if not report.verdict.passed), reports[-1])


def failure(error: BaseException, nodeid: str, width: int, unfinished: str) -> tuple[list[Line], str] | str | None:
    """What replaces a traceback of ours, and for the short summary; None where pytest's own is right.

    ``unfinished``: how far the search had come, where it was ended from outside.
    """
    reports = list(_reports(error))
    if not reports:
        if unfinished and type(error).__name__ == "Failed" and "pytest-timeout" in str(error):
            short = f"{str(error).removesuffix('.')}: {unfinished.partition(': ')[2]}"
            return [line(Piece(unfinished, Tone.WARN)), line(str(error))], short
        return internal.report(error, nodeid) if internal.is_ours(error) else None
    lines: list[Line] = []
    for report in reports:
        lines += [*([line()] if lines else []), *explain(report, width)]
    notes = [note for each in _chain(error) for note in getattr(each, "__notes__", ())]
    lines += [line("  " + text) for note in notes for text in note.splitlines()]
    return lines, message(reports[0])


def message(report: Report) -> str:
    """One line for pytest's short summary, which cuts it: what is in danger comes first."""
    if report.finding is not None:
        what = ", ".join(dict.fromkeys(leak.canary for leak in report.finding.leaks))
        return f"{report.verdict}: " + (f"{escaped(what)}; " if what else "") + headline(report.finding)
    return f"{report.verdict}: {report.reason.what if report.reason else ''}"


def _reports(error: BaseException) -> list[Report]:
    """Those that the exception, or an exception in its group, carries."""
    found = [getattr(each, "report", None) for each in _chain(error)]
    return [report for report in found if isinstance(report, Report)]


def _chain(error: BaseException) -> list[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        return [error, *(inner for each in error.exceptions for inner in _chain(each))]
    return [error]
