"""The interleaving as a table: one column a thread, the race window in the margin."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import attrs

from redactfuzz.model.schedule import Action, Step, Window
from redactfuzz.report.lines import Line, Piece, Tone, cells, count, fit, fold, line, pad
from redactfuzz.report.rows import Mark, Row, rows

_SMALLEST = 13
"""Cells below which a column cannot say anything useful."""
_SHOWN = 160
"""Cells of a source line at most, at any width: what does not fit into its column is folded."""


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
    strike = f"{verb}s if the {strike_of(steps)}"
    if room // len(threads) < _SMALLEST:
        return _as_list(shown, width, number, strike)
    layout = _Layout(threads, _widths(shown, threads, room), number, width)
    names = (fold(thread, size) for thread, size in zip(threads, layout.widths, strict=True))
    head = [
        layout.row(Piece("  "), "", {t: Piece(part, Tone.STRONG) for t, part in zip(threads, parts, strict=True)})
        for parts in itertools.zip_longest(*names, fillvalue="")
    ]
    below = "─" * (number + 3) + "".join("┼" + "─" * (size + 2) for size in layout.widths)
    lines = [*head, line(Piece(below, Tone.DIM))]
    files: dict[str, str] = {}
    for row in shown:
        lines += _table_row(row, layout, strike, files, width)
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


def _table_row(row: Row, layout: _Layout, strike: str, files: dict[str, str], width: int) -> list[Line]:
    """``files`` holds the file that each column named last."""
    margin = Piece("│ " if row.inside else "  ", Tone.WINDOW)
    if row.mark in (Mark.WINDOW_OPENS, Mark.WINDOW_CLOSES):
        return _edge(row, strike, width)
    if row.mark is Mark.GAP:
        return [line(margin, Piece("⋮".rjust(layout.number) + f" {fit(_gap_text(row), width - 8)}", Tone.DIM))]
    tone = _TONES.get(row.mark, Tone.PLAIN)
    number = str(row.first + 1) if row.mark is Mark.STEP and not row.passed else ""
    size = layout.widths[layout.threads.index(row.thread)]
    text = "✗ CRASH" if row.mark is Mark.CRASH and size < 20 else _cell_text(row)
    file, _, number_in_file = row.location.rpartition(":")
    if cells(text) > size and files.get(row.thread) == file:
        text = f":{number_in_file}  {_source(row)}"
    if row.mark is Mark.STEP:
        files[row.thread] = file
    if row.mark is Mark.STEP and cells(text) > size and row.location and row.source:
        pieces = [Piece(part, Tone.DIM) for part in fold(row.location, size)]
        pieces += [Piece(f"  {part}", tone) for part in fold(_source(row), size - 2)]
    else:
        pieces = [Piece(part, tone) for part in fold(text, size)]
    labels = itertools.chain([number], itertools.repeat(""))
    return [layout.row(margin, label, {row.thread: piece}) for label, piece in zip(labels, pieces, strict=False)]


def _source(row: Row) -> str:
    return fit(row.source, _SHOWN)


def _as_list(shown: list[Row], width: int, number: int, strike: str) -> list[Line]:
    """Too many threads for columns: a line a step, with the name of its thread."""
    names = min(20, max(cells(row.thread) for row in shown))
    lines: list[Line] = []
    for row in shown:
        margin = Piece("│ " if row.inside else "  ", Tone.WINDOW)
        if row.mark in (Mark.WINDOW_OPENS, Mark.WINDOW_CLOSES):
            lines += _edge(row, strike, width)
        elif row.mark is Mark.GAP:
            lines.append(line(margin, Piece("⋮".rjust(number) + f" {fit(_gap_text(row), width - 8)}", Tone.DIM)))
        else:
            label = str(row.first + 1) if row.mark is Mark.STEP and not row.passed else ""
            name, tone = row.thread, _TONES.get(row.mark, Tone.PLAIN)
            for part in fold(_cell_text(row), max(width - number - names - 5, _SMALLEST)):
                label_and_name = Piece(label.rjust(number) + " ", Tone.DIM), Piece(pad(name, names), Tone.STRONG)
                lines.append(line(margin, *label_and_name, "  ", Piece(part, tone)))
                label = name = ""
    return lines


_TONES = {
    Mark.SWITCH: Tone.DIM,
    Mark.PREEMPTION: Tone.SWITCH,
    Mark.EXPIRY: Tone.SWITCH,
    Mark.CRASH: Tone.CRASH,
}


def strike_of(steps: Sequence[Step]) -> str:
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
            return f"{row.location}  {_source(row)}".strip()


def _edge(row: Row, strike: str, width: int) -> list[Line]:
    if row.mark is Mark.WINDOW_CLOSES:
        return [line(Piece("└ to here", Tone.WINDOW))]
    first, *rest = fold(f"race window: it {strike} from here", width - 2)
    return [line(Piece(mark + text, Tone.WINDOW)) for mark, text in [("┌ ", first), *(("│ ", text) for text in rest)]]


def _gap_text(row: Row) -> str:
    return count(row.last - row.first + 1, "step") + (f" in {row.location}" if row.location else " not shown")
