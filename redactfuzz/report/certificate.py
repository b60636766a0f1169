"""The text of a passed scenario: what the search covered, and on what."""

from __future__ import annotations

import attrs

from redactfuzz.model.finding import Report
from redactfuzz.model.verdict import Certificate, Verdict
from redactfuzz.report.explanation import TONES, explain, replay_command, searched
from redactfuzz.report.lines import Line, Piece, Tone, count, line, wrap

_KEY = 12


def tail(report: Report) -> str:
    """What follows the verdict in pytest's summary."""
    if report.finding is not None:
        what = f"execution {report.finding.execution:,}"
        return f"{what}; {replay_command(report.finding)}" if report.finding.repro else what
    if report.certificate is None:
        return report.reason.what if report.reason else count(report.executions, "execution")
    certificate = report.certificate
    opaque = f", {count(len(certificate.opaque), 'opaque call')}" if certificate.opaque else ""
    return f"{count(certificate.executions, 'execution')}, {bound(certificate)}, seed {certificate.seed}{opaque}"


def bound(certificate: Certificate) -> str:
    """What was completed: granularity and preemptions."""
    if not certificate.granularity:
        return "no bound completed"
    if certificate.preemptions is None:
        return f"every schedule at granularity {certificate.granularity}"
    focus = " in focus" if certificate.focus else ""
    return f"complete to {count(certificate.preemptions, 'preemption')} between {certificate.granularity}{focus}"


def within(report: Report) -> str:
    """The bound and the focus of a proof that has some: beyond them it may leak. Empty: it is of all there is."""
    certificate = report.certificate
    if certificate is None or report.verdict is not Verdict.PROVED:
        return ""
    limits = [bound(certificate)] if certificate.preemptions is not None else []
    return "; ".join([*limits, *certificate.focus])


def _exhausted(report: Report, certificate: Certificate) -> str:
    if certificate.granularity:
        return bound(certificate)
    return f"part {report.part}" if report.part is not None else "nothing: no stage came to the end of its bound"


def whole(report: Report, width: int = 100) -> list[Line]:
    """The report, whatever its verdict: the certificate of a pass, the explanation of anything else."""
    if report.certificate is None or not report.verdict.passed:
        return explain(report, width)
    if report.strategy == "replay" and report.notes:
        result, *notes = report.notes
        name, _, runs = result.partition(": ")
        said = f"  {runs}; {report.verdict}, of the recorded schedule alone"
        return [
            line(Piece(name, TONES[report.verdict]), "  ", Piece(report.scenario, Tone.STRONG)),
            line(said),
            *_record(attrs.evolve(report, notes=tuple(notes)), width),
        ]
    return [
        line(Piece(report.verdict, TONES[report.verdict]), "  ", Piece(report.scenario, Tone.STRONG)),
        *_record(report, width),
    ]


def entries(report: Report) -> list[tuple[str, list[str]]]:
    """What the certificate of a pass says, by words that name it; nothing where there is none."""
    certificate = report.certificate
    if certificate is None:
        return []
    gil = "with the GIL" if certificate.gil else "without the GIL"
    build = f"isolation {certificate.isolation}"
    if certificate.python:
        build = f"CPython {certificate.python} {gil}, hash seed {certificate.hash_seed}, {build}"
    said = [
        ("explored", [", ".join([searched(report), *certificate.counts])]),
        ("proves" if report.verdict is Verdict.PROVED else "exhausted", [_exhausted(report, certificate)]),
        ("no proof", list(certificate.obstacles)),
        ("focus", list(certificate.focus)),
        ("covered", list(certificate.covered)),
        ("compared", list(certificate.compared)),
        ("controls", [_control(control.name, control.passed, control.detail) for control in certificate.controls]),
        ("inputs", [", ".join(certificate.inputs)] if certificate.inputs else []),
        ("on", [f"{build}, memory model {certificate.memory_model}"]),
        ("build", [certificate.build] if certificate.build else []),
        ("assumes", list(certificate.assumptions)),
    ]
    said += [("opaque", list(certificate.opaque)), ("note", [*certificate.notes, *report.notes])]
    return said


def _record(report: Report, width: int) -> list[Line]:
    lines: list[Line] = []
    for key, values in entries(report):
        for index, value in enumerate(values):
            label = key if index == 0 else ""
            for number, text in enumerate(wrap(value, width - _KEY - 2)):
                shown = label if number == 0 else ""
                lines.append(line(Piece(f"  {shown.ljust(_KEY)}", Tone.DIM), text))
    return lines


def _control(name: str, passed: bool, detail: str) -> str:
    return f"{'✓' if passed else '✗'} {name}" + (f": {detail}" if detail else "")
