"""Findings of a search as SARIF: where the last thread was, and the way there as a flow of each thread."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import attrs

from redactfuzz.model.finding import Finding, Report
from redactfuzz.model.origin import Origin, origin_of
from redactfuzz.model.outcome import BugKind, LeakKind
from redactfuzz.model.repro import Identity
from redactfuzz.model.schedule import Passed, Step
from redactfuzz.model.texts.escaped import escaped
from redactfuzz.model.verdict import Verdict
from redactfuzz.report.explanation import found, headline, replay_command
from redactfuzz.report.sarif_log import Root, Rule, fingerprint, log, message

_STEPS = 100
_REPLAY = "Replay the finding by the command in its properties, close the window, and run the scenario again."
_LEAKS = {
    LeakKind.SEQUENTIAL: ("A secret reaches a dump without any race", 8.2),
    LeakKind.PERMANENT: ("A secret reaches a dump after a race, whenever the crash strikes", 8.2),
    LeakKind.TRANSIENT: ("A secret reaches a dump when the crash strikes inside a window", 7.5),
    LeakKind.DOUBLE_FAULT: ("A secret reaches a dump when a second crash strikes in the handler", 4.0),
    LeakKind.RESIDUE: ("A register still holds a secret when the crash strikes", 5.3),
}
_UNREAD = {Verdict.ERROR: "error", Verdict.VACUOUS: "error", Verdict.INCONCLUSIVE: "warning"}


def sarif(
    reports: Iterable[Report],
    root: Root | None = None,
    *,
    whole: bool = True,
    kind: str = "run",
    suppressed: Callable[[Finding], str] = lambda _: "",
) -> str:
    """One run with a result for each finding, and a notification for each scenario that is no pass without one.

    It was successful only where the ``whole`` of it was run: a code host closes the alerts that are not in it again.
    ``kind``: which command, see `sarif_log.log`. ``suppressed``: why a finding does not count (SARIF 3.27.23).
    """
    root = root or Root.of(Path.cwd())
    reports = list(reports)
    made = [_result(finding, root, suppressed(finding)) for report in reports for finding in report.findings]
    notifications = [each for report in reports for each in _notifications(report)]
    passed = all(report.verdict.passed or report.finding is not None for report in reports)
    complete = whole and passed and not any(report.interrupted for report in reports)
    return log(kind, root, [rule for rule, _ in made], [result for _, result in made], notifications, complete=complete)


def _rule(finding: Finding) -> Rule:
    if finding.bug is not None and not finding.leaks:
        return Rule(
            f"bug/{_word(finding.bug.kind)}",
            f"Under a schedule of threads: {finding.bug.kind}",
            "In an interleaving the code under test goes wrong, so that its redaction is not done.",
            _REPLAY,
            3.1 if finding.bug.kind is BugKind.NO_DUMP else 5.3,
            tags=("external/cwe/cwe-362",),
        )
    title, severity = _LEAKS.get(finding.kind or LeakKind.TRANSIENT, _LEAKS[LeakKind.TRANSIENT])
    return Rule(
        f"leak/{_word(finding.kind or 'leak')}",
        title,
        f"{title}. The canary stood where a secret would; its schedule was run again to confirm it.",
        _REPLAY,
        severity,
        tags=("external/cwe/cwe-362", "external/cwe/cwe-528"),
    )


def _word(text: str) -> str:
    return re.sub(r"[^a-z]+", "-", text.lower()).strip("-")


def _result(finding: Finding, root: Root, suppressed: str) -> tuple[Rule, dict[str, Any]]:
    rule = _rule(finding)
    shown = finding.leaks or finding.bug is not None  # a damaged journal may tell of one that shows nothing
    identity = Identity.of(finding.leaks, finding.bug).key if shown else str(finding.verdict)
    names = ", ".join(dict.fromkeys(leak.canary for leak in finding.leaks))
    what = finding.cause or (f"{finding.bug.kind}: {finding.bug.summary}" if finding.bug is not None else names)
    steps = _shown(_lines(finding.steps))
    result: dict[str, Any] = {
        "ruleId": rule.id,
        "level": rule.level,
        "message": message(f"{finding.scenario}: {what}"),
        "locations": [_place(finding, root)],
        "partialFingerprints": fingerprint(rule.id.partition("/")[0], _name(finding, root), identity),
        "properties": {
            "scenario": escaped(finding.scenario),
            "found": f"{headline(finding)}; {found(finding)}",
            **({"repro": finding.repro, "replay": replay_command(finding)} if finding.repro else {}),
        },
    }
    if suppressed:
        result["suppressions"] = [{"kind": "external", "justification": suppressed}]
    if steps:
        result["codeFlows"] = [{"message": message("how the threads interleave"), "threadFlows": _flows(steps, root)}]
    return rule, result


def _name(finding: Finding, root: Root) -> str:
    """The scenario, from whichever folder it was run."""
    file, _, name = finding.scenario.partition("::")
    return f"{root.location(file)['uri']}::{name}"


def _place(finding: Finding, root: Root) -> dict[str, Any]:
    """Where the thread was that was displaced last; without a race where the last thread was."""
    moved = next((number for number, step in reversed(list(enumerate(finding.steps))) if step.deviation), 0)
    current = finding.steps[moved - 1].thread if moved else ""
    ways = (
        [one for one in _lines(finding.steps[:moved]) if one.own and one.thread == current],
        [one for one in _lines(finding.steps) if one.own],
        _lines(finding.steps[:moved]),
        _lines(finding.steps),
    )
    passed = next((way for way in ways if way), [])
    if passed:
        return _location(passed[-1], root)
    file, _, name = finding.scenario.partition("::")
    physical: dict[str, Any] = {"artifactLocation": root.location(file), "region": {"startLine": _line_of(file, name)}}
    return {"physicalLocation": physical}


def _line_of(file: str, name: str) -> int:
    """Where a scenario begins; 1 where that is not known, since a result without a line is shown nowhere."""
    wanted = re.compile(rf"\s*(?:async )?def {re.escape(name.rpartition('.')[2])}\b") if name else None
    try:
        lines = Path(file).read_text("utf-8", "replace").splitlines() if wanted else []
    except (OSError, ValueError):  # ValueError: a journal may hold a name that no file can have
        lines = []
    return next((number for number, text in enumerate(lines, 1) if wanted and wanted.match(text)), 1)


@attrs.frozen
class _Line:
    """One line that a thread ran."""

    thread: str
    file: str
    line: int
    function: str

    @property
    def own(self) -> bool:
        """Whether it is code of the user's: that of others lies outside of the repository."""
        return origin_of(self.file) is Origin.OWN


def _lines(steps: Iterable[Step]) -> list[_Line]:
    """The lines of the steps, and those that they went on to."""
    lines = []
    for step in steps:
        places: list[Step | Passed] = [step, *step.passed]
        lines += [_Line(step.thread, place.file, place.line, place.function) for place in places if place.file]
    return lines


def _shown(lines: list[_Line]) -> list[_Line]:
    """The user's own, and of a thread that ran none the last ones; not more than anybody reads."""
    own = {one.thread for one in lines if one.own}
    return [one for one in lines if one.own or one.thread not in own][-_STEPS:]


def _location(step: _Line, root: Root) -> dict[str, Any]:
    physical = {"artifactLocation": root.location(step.file), "region": {"startLine": max(step.line, 1)}}
    return {"physicalLocation": physical, "message": message(f"{step.thread}: {step.function}")}


def _flows(kept: list[_Line], root: Root) -> list[dict[str, Any]]:
    return [
        {
            "id": escaped(thread),
            "locations": [
                {"location": _location(step, root), "executionOrder": order}
                for order, step in enumerate(kept, 1)
                if step.thread == thread
            ],
        }
        for thread in dict.fromkeys(step.thread for step in kept)
    ]


def _notifications(report: Report) -> Iterator[dict[str, Any]]:
    if report.verdict in _UNREAD and report.finding is None:
        what = f"{report.scenario}: {report.verdict}: {report.reason.what if report.reason else ''}"
        yield {"level": _UNREAD[report.verdict], "message": message(what)}
    elif report.interrupted:
        yield {"level": "warning", "message": message(f"{report.scenario}: interrupted")}
