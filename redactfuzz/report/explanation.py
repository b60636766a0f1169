"""The text of a report: why it leaks, or why it is no pass, and how to see it again."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import attrs

from redactfuzz.model.events import PassRuledOut
from redactfuzz.model.finding import Finding, Report
from redactfuzz.model.outcome import Leak, LeakKind
from redactfuzz.model.verdict import Label, Verdict
from redactfuzz.report.columns import columns
from redactfuzz.report.lines import Line, Piece, Tone, cells, count, fold, line, pad, printable, wrap

_PLACE = 40
"""Characters of the place of a leak that fit into the table."""
_LEAKS_SHOWN = 10
_DETAIL_SHOWN = 40
_INDENT = "  "
TONES = {
    Verdict.PROVED: Tone.GOOD,
    Verdict.NO_LEAK_FOUND: Tone.GOOD,
    Verdict.LEAK: Tone.BAD,
    Verdict.BUG: Tone.BAD,
    Verdict.ERROR: Tone.BAD,
    Verdict.VACUOUS: Tone.WARN,
    Verdict.INCONCLUSIVE: Tone.WARN,
}

_LEAKS: dict[LeakKind | None, str] = {
    **{kind: f"{kind} leak" for kind in LeakKind},
    LeakKind.RESIDUE: f"leak: {LeakKind.RESIDUE}",
    LeakKind.DOUBLE_FAULT: f"leak: {LeakKind.DOUBLE_FAULT}",
}
_LABELS = {
    Label.REACHABLE: "reachable on this build",
    Label.FINER: "finer than this build: this interpreter does not switch threads there, another may",
    Label.UNCONFIRMED: "not confirmed on this build: not all places where this interpreter switches threads were tried;"
    " redactfuzz confirm asks plain threads",
}


def explain(report: Report, width: int = 100) -> list[Line]:
    """Everything there is to say about a report whose verdict is no pass, in lines of at most ``width`` cells.

    Longer words, such as a path in the command to copy, are not broken.
    """
    lines = [line(Piece(report.verdict, TONES[report.verdict]), "  ", Piece(report.scenario, Tone.STRONG))]
    if report.reason is not None:
        lines += _text(report.reason.what, width)
        lines += _text(report.reason.remedy, width, lead="What to do: ")
    if report.finding is not None:
        lines += _finding(report.finding, width, replayed=report.strategy == "replay")
    if report.verdict is not Verdict.ERROR:  # which broke off before they could show anything
        lines += _controls(report, width)
    for note in report.notes:
        shown = note.splitlines() if "\n" in note else wrap(note, width - len(_INDENT))
        lines += [line(Piece(_INDENT + text, Tone.DIM)) for text in shown]
    lines += _paragraph(searched(report), width, tone=Tone.DIM)
    if report.finding is not None:
        lines += [line(), *_replay(report.finding)]
    for number, other in enumerate(report.others, 2):
        lines += [line(), *_other(other, number, len(report.findings), width)]
    return lines


def seen(finding: Finding, width: int = 100) -> list[Line]:
    """What is said of a finding the moment it is met, before it is shrunk."""
    what = ", ".join(dict.fromkeys(f'canary "{leak.canary}" in {leak.dump}' for leak in finding.leaks))
    if finding.bug is not None:
        what = f"{finding.bug.kind}: {printable(finding.bug.summary)}"
    name = Piece(finding.verdict, TONES[finding.verdict])
    lines = [line(name, "  ", Piece(finding.scenario, Tone.STRONG))]
    lines += _paragraph(f"at execution {finding.execution:,}, not shrunk yet: {what}", width)
    if finding.repro:
        lines.append(line(Piece(_INDENT + replay_command(finding), Tone.DIM)))
    return lines


def ruled_out(event: PassRuledOut, width: int = 100) -> list[Line]:
    """What is said before the first execution of a campaign that cannot pass."""
    verdict = Verdict.INCONCLUSIVE
    return [
        line(Piece(verdict, TONES[verdict]), "  ", Piece(event.scenario, Tone.STRONG)),
        *_paragraph("before the first execution, and so unless something is found", width),
        *_text(event.reason.what, width),
        *_text(event.reason.remedy, width, lead="What to do: "),
    ]


def headline(finding: Finding) -> str:
    """One phrase: which kind of leak, where it can happen, how small its schedule is."""
    if finding.bug is not None and not finding.leaks:
        parts = [str(finding.bug.kind)]
    else:
        parts = [_LEAKS.get(finding.kind, "leak")]
    if finding.label is not None:
        parts.append(_LABELS[finding.label])
    return "; ".join(parts)


def found(finding: Finding) -> str:
    """When it was found and what is left of its schedule."""
    size = f"{count(finding.preemptions, 'preemption')}, {count(finding.switches, 'switch', 'switches')}"
    how = "shrunk to" if finding.shrunk else "not shrunk:"
    return f"found at execution {finding.execution:,}, {how} {size}; seed {finding.seed}"


def replay_command(finding: Finding) -> str:
    """What to paste into a shell to see the finding again."""
    path = Path(finding.repro)
    if path.is_absolute() and path.is_relative_to(Path.cwd()):
        path = path.relative_to(Path.cwd())
    return attrs.evolve(finding, repro=os.fspath(path)).replay_command


def searched(report: Report) -> str:
    """How much was explored, in one phrase."""
    text = count(report.executions, "execution")
    if report.seconds:
        text += f" in {report.seconds:.1f} s ({report.executions_per_s:,.0f}/s)"
    if report.after:
        text += f", then {sum(seconds for _, seconds in report.after):.1f} s for what was found ("
        text += ", ".join(f"{what} {seconds:.1f} s" for what, seconds in report.after) + ")"
    if report.strategy:
        text += f", strategy {report.strategy}"
    text += f", seed {report.seed}"
    return text + (", interrupted" if report.interrupted else "")


def _finding(finding: Finding, width: int, *, replayed: bool) -> list[Line]:
    lines = _paragraph(headline(finding), width)
    lines += _paragraph("replayed" if replayed else found(finding), width, tone=Tone.DIM)
    if finding.cause:
        lines += [line(), *_paragraph(finding.cause, width, tone=Tone.STRONG)]
    table = columns(finding.steps, finding.window, width, verb=finding.verb)
    if table:
        lines += [line(), *table]
    if finding.window is not None:
        lines += [line(), *_paragraph(window_text(finding), width)]
    if finding.leaks:
        lines += [line(), *_leak_table(finding.leaks, width)]
    if finding.bug is not None:
        who = f" in thread {finding.bug.thread}" if finding.bug.thread else ""
        lines += [line(), *_paragraph(f"{finding.bug.kind}{who}: {finding.bug.summary}", width)]
        lines += _detail(finding.bug.detail)
    return [*lines, line()]


def _other(finding: Finding, number: int, of: int, width: int) -> list[Line]:
    """A further finding, without its table: the first one shows how to read it, and a replay shows the rest."""
    name = Piece(finding.verdict, TONES[finding.verdict])
    return [
        line(name, f"  {number} of {of}: {headline(finding)}"),
        *_paragraph(found(finding), width, tone=Tone.DIM),
        *_paragraph(finding.cause, width, tone=Tone.STRONG),
        *_leak_table(finding.leaks, width),
        *_replay(finding),
    ]


def window_text(finding: Finding) -> str:
    """Where its race window is, and how many of the moments that were tried are inside; empty where it has none."""
    window = finding.window
    if window is None:
        return ""
    place = (
        f"step {window.first + 1}" if window.first == window.last else f"steps {window.first + 1} to {window.last + 1}"
    )
    text = f"Race window: {place}"
    if window.tried:
        verb = f"{finding.verb}s" if window.leaking == 1 else finding.verb
        text += f"; of {count(window.tried, 'moment')} tried, {window.leaking:,} {verb}"
    return text + "."


def _leak_table(leaks: tuple[Leak, ...], width: int) -> list[Line]:
    head = ("canary", "encoding", "offset", "length", "dump", "sha256")
    shown = leaks[:_LEAKS_SHOWN]
    # What does not fit into the column has a paragraph of its own below: blocks of native programs have a history.
    long = [leak for leak in shown if len(_place(leak)) > _PLACE]
    body = [
        (
            leak.canary,
            leak.encoding,
            f"{leak.offset:,}" if leak.address is None else f"{leak.address:#x}",
            str(leak.length),
            leak.dump + _part(leak) if leak in long else _place(leak),
            leak.hash_prefix,
        )
        for leak in shown
    ]
    sizes = [max(cells(row[column]) for row in [head, *body]) for column in range(len(head))]
    spare = width - len(_INDENT) - 2 * (len(head) - 1) - sum(sizes)
    for column in (4, 0, 1):  # where the long words are
        if spare < 0:
            less = min(-spare, max(0, sizes[column] - 12))
            sizes[column] -= less
            spare += less
    if spare < 0:  # no room for a table
        lines = [each for row in body for each in _paragraph(_leak_text(row), width)]
    else:
        lines = [line(Piece(text, Tone.DIM)) for text in _table_lines(head, sizes)]
        lines += [line(text) for row in body for text in _table_lines(row, sizes)]
    if len(leaks) > _LEAKS_SHOWN:
        lines.append(
            line(Piece(f"{_INDENT}and {count(len(leaks) - _LEAKS_SHOWN, 'more place', 'more places')}", Tone.DIM))
        )
    for leak in long:
        lines += _paragraph(f"{leak.canary}, in {leak.dump}: {leak.where}", width)
    return lines


def _place(leak: Leak) -> str:
    return f"{leak.dump} {leak.where}".strip() + _part(leak)


def _part(leak: Leak) -> str:
    return "" if leak.part == "whole" else f" ({leak.part})"


def _table_lines(row: tuple[str, ...], sizes: list[int]) -> list[str]:
    """A row of the table, in as many lines as its longest cell takes."""
    offset, length = (text.rjust(size) for text, size in zip(row[2:4], sizes[2:4], strict=True))
    shown = (fold(text, size) for text, size in zip((*row[:2], offset, length, *row[4:]), sizes, strict=True))
    parts = (map(pad, each, sizes) for each in itertools.zip_longest(*shown, fillvalue=""))
    return [(_INDENT + "  ".join(each)).rstrip() for each in parts]


def _leak_text(row: tuple[str, ...]) -> str:
    canary, encoding, offset, length, dump, prefix = row
    return f"{canary} ({encoding}), {length} bytes at {offset} of {dump}, sha256 {prefix}"


def _detail(detail: str) -> list[Line]:
    rows = detail.rstrip().splitlines()
    if len(rows) > _DETAIL_SHOWN:
        half = _DETAIL_SHOWN // 2
        rows = [*rows[:half], f"… {len(rows) - 2 * half} lines not shown …", *rows[-half:]]
    return [line(_INDENT * 2 + row) for row in rows]


def _controls(report: Report, width: int) -> list[Line]:
    lines: list[Line] = []
    for control in report.controls:
        if not control.passed:
            detail = f": {control.detail}" if control.detail else ""
            lines += _paragraph(f"control failed: {control.name}{detail}", width, tone=Tone.WARN)
    return lines


def _replay(finding: Finding) -> list[Line]:
    if not finding.repro:
        return [line(Piece(f"{_INDENT}There is no repro file for this finding.", Tone.DIM))]
    return [line(_INDENT, "Replay: ", Piece(replay_command(finding), Tone.STRONG))]


def _text(text: str, width: int, *, lead: str = "") -> list[Line]:
    """A paragraph, or, where it has lines of its own (a traceback), those lines unbroken."""
    if "\n" in text.strip():
        return _detail(text)
    return _paragraph(text, width, lead=lead)


def _paragraph(text: str, width: int, *, lead: str = "", tone: Tone = Tone.PLAIN) -> list[Line]:
    if not text:
        return []
    return [line(Piece(row, tone)) for row in wrap(lead + text, width, _INDENT)]
