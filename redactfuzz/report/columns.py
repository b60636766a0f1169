"""The interleaving as a table: one column a thread, the race window in the margin."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from redactfuzz.model.schedule import Action, Step, Window
from redactfuzz.report.lines import ELLIPSIS, Line, Piece, Tone, cells, count, fit, fit_left, line, pad
from redactfuzz.report.rows import Mark, Row, rows

_SMALLEST = 13
"""Cells below which a column cannot say anything useful."""
_STACK_BELOW = 44
"""Columns narrower than this put the source under its location instead of cutting it."""


@attrs.frozen
class _Layout:
    threads: tuple[str, ...]
    widths: tuple[int, ...]
    number: int
    total: int

    def row(self, margin: Piece, number: str, cells_: dict[str, Piece], rule: str = "│") -> Line:
        pieces: list[str | Piece] = [margin, Piece(number.rjust(self.number) + " ", Tone.DIM)]
        for thread, width in zip(self.threads, self.widths, strict=True):
            cell = cells_.get(thread, Piece(""))
            pieces += [Piece(rule + " ", Tone.DIM), Piece(pad(cell.text, width), cell.tone), " "]
        return line(*pieces)


def columns(
    steps: Sequence[Step], window: Window | None, width: int = 100, limit: int = 48, verb: str = "leak"
) -> list[Line]:
    """The interleaving in at most ``width`` cells a line; nothing when there are no steps. ``verb``: what it does."""
    shown = rows(steps, window, limit)
    threads = tuple(dict.fromkeys(row.thread for row in shown if row.thread))
    if not threads:
        return []
    number = max(2, len(str(max(row.last for row in shown) + 1)))
    room = width - 2 - number - 1 - 3 * len(threads)
    strike = f"{verb}s if the {_strike(steps)}"
    if room // len(threads) < _SMALLEST:
        return _as_list(shown, width, number, strike)
    layout = _Layout(threads, _widths(shown, threads, room), number, width)
    head = layout.row(Piece("  "), "", {thread: Piece(thread, Tone.STRONG) for thread in threads}, rule="│")
    below = "─" * (number + 3) + "".join("┼" + "─" * (size + 2) for size in layout.widths)
    lines = [head, line(Piece(below, Tone.DIM))]
    files: dict[str, str] = {}
    for row in shown:
        lines += _table_row(row, layout, strike, files)
    return lines


def _widths(shown: list[Row], threads: tuple[str, ...], room: int) -> tuple[int, ...]:
    """Shares ``room`` cells: each column gets what its widest cell needs, or an equal part of what is left."""
    wanted = {thread: max(_SMALLEST, cells(thread)) for thread in threads}
    for row in shown:
        if row.thread:
            wanted[row.thread] = max(wanted[row.thread], cells(_cell_text(row)))
    given: dict[str, int] = {}
    for thread in sorted(threads, key=lambda name: wanted[name]):
        given[thread] = min(wanted[thread], room // (len(threads) - len(given)))
        room -= given[thread]
    return tuple(given[thread] for thread in threads)


def _table_row(row: Row, layout: _Layout, strike: str, files: dict[str, str]) -> list[Line]:
    """``files`` holds the file that each column named last."""
    margin = Piece("│ " if row.inside else "  ", Tone.WINDOW)
    if row.mark in (Mark.WINDOW_OPENS, Mark.WINDOW_CLOSES):
        return [line(Piece(_edge(row, strike), Tone.WINDOW))]
    if row.mark is Mark.GAP:
        return [line(margin, Piece("⋮".rjust(layout.number) + f" {_gap_text(row)}", Tone.DIM))]
    tone = _TONES.get(row.mark, Tone.PLAIN)
    number = str(row.first + 1) if row.mark is Mark.STEP and not row.passed else ""
    size = layout.widths[layout.threads.index(row.thread)]
    text = "✗ CRASH" if row.mark is Mark.CRASH and size < 20 else _cell_text(row)
    file, _, number_in_file = row.location.rpartition(":")
    if cells(text) > size and files.get(row.thread) == file:
        text = f":{number_in_file}  {row.source}"
    if row.mark is Mark.STEP:
        files[row.thread] = file
    stack = row.mark is Mark.STEP and cells(text) > size and size < _STACK_BELOW and row.location and row.source
    if not stack:
        lines = [layout.row(margin, number, {row.thread: Piece(fit(text, size), tone)})]
    else:
        lines = [layout.row(margin, number, {row.thread: Piece(fit_left(row.location, size), Tone.DIM)})]
        lines += [layout.row(margin, "", {row.thread: Piece(text, tone)}) for text in _broken(row.source, size)]
    return lines


def _broken(source: str, size: int) -> list[str]:
    """The source in at most three indented lines, broken at spaces where there are some."""
    lines: list[str] = []
    rest = source
    while rest and len(lines) < 2 and cells(rest) > size - 2:
        head = fit(rest, size - 1).removesuffix(ELLIPSIS)
        at = head.rfind(" ")
        head = head[: at + 1] if at > size // 3 and len(head) < len(rest) and rest[len(head)] != " " else head
        lines.append("  " + head.rstrip())
        rest = rest[len(head) :].lstrip()
    return [*lines, "  " + fit(rest, size - 2)] if rest else lines


def _as_list(shown: list[Row], width: int, number: int, strike: str) -> list[Line]:
    """Too many threads for columns: a line a step, with the name of its thread."""
    names = min(20, max(cells(row.thread) for row in shown))
    lines: list[Line] = []
    for row in shown:
        margin = Piece("│ " if row.inside else "  ", Tone.WINDOW)
        if row.mark in (Mark.WINDOW_OPENS, Mark.WINDOW_CLOSES):
            lines.append(line(Piece(_edge(row, strike), Tone.WINDOW)))
        elif row.mark is Mark.GAP:
            lines.append(line(margin, Piece("⋮".rjust(number) + f" {_gap_text(row)}", Tone.DIM)))
        else:
            label = str(row.first + 1) if row.mark is Mark.STEP and not row.passed else ""
            text = fit(_cell_text(row), width - number - names - 6)
            name = Piece(pad(row.thread, names), Tone.STRONG)
            lines.append(
                line(
                    margin,
                    Piece(label.rjust(number) + " ", Tone.DIM),
                    name,
                    "  ",
                    Piece(text, _TONES.get(row.mark, Tone.PLAIN)),
                )
            )
    return lines


_TONES = {
    Mark.SWITCH: Tone.DIM,
    Mark.PREEMPTION: Tone.SWITCH,
    Mark.EXPIRY: Tone.SWITCH,
    Mark.CRASH: Tone.CRASH,
}


def _strike(steps: Sequence[Step]) -> str:
    """What the window is about: the last deviation of the schedule."""
    last = next((step.action for step in reversed(steps) if step.deviation), None)
    return {Action.CRASH: "crash strikes", Action.EXPIRE: "wait expires"}.get(last or Action.SWITCH, "switch happens")


def _cell_text(row: Row) -> str:
    match row.mark:
        case Mark.CRASH:
            return "✗ CRASH strikes here"
        case Mark.EXPIRY:
            return "⧗ its wait expires"
        case Mark.PREEMPTION:
            return f"▶ preempts {row.other}"
        case Mark.SWITCH:
            return "▷ goes on"
        case _:
            return f"{row.location}  {row.source}".strip()


def _edge(row: Row, strike: str) -> str:
    if row.mark is Mark.WINDOW_OPENS:
        return f"┌ race window: it {strike} from here"
    return "└ to here"


def _gap_text(row: Row) -> str:
    return count(row.last - row.first + 1, "step") + (f" in {row.location}" if row.location else " not shown")
