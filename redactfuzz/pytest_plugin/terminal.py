"""What a failed scenario shows: laid out for the session's terminal, in its colours, whatever process it ran in."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING, Any

import pytest
from _pytest._code.code import ExceptionRepr, ReprFileLocation

if TYPE_CHECKING:
    from redactfuzz.report.lines import Line

_KEY = "redactfuzz_shown"
_WIDTH = "redactfuzz_width"
_MARKUP = {
    "DIM": {"light": True},
    "STRONG": {"bold": True},
    "SWITCH": {"bold": True, "cyan": True},
    "CRASH": {"bold": True, "red": True},
    "WINDOW": {"yellow": True},
    "GOOD": {"bold": True, "green": True},
    "BAD": {"bold": True, "red": True},
    "WARN": {"bold": True, "yellow": True},
}
"""Of the tones of a report."""

Pieces = Sequence[Sequence[Sequence[str]]]
"""Lines of texts, each with the name of its tone: what goes from one process to another."""


class Shown(ExceptionRepr):
    """In the place of a traceback of ours."""

    def __init__(self, pieces: Pieces, crash: tuple[str, int, str]) -> None:
        """``crash``: file, line, and what the short summary says."""
        self.pieces = pieces
        self.crash = crash
        self.reprcrash = ReprFileLocation(*crash)
        self.sections = []

    def __str__(self) -> str:
        """Without colours."""
        return "\n".join("".join(text for text, _ in line) for line in self.pieces)

    def toterminal(self, tw: Any) -> None:
        """Prints it; lines that a terminal cannot show are drawn in ASCII."""
        from redactfuzz.model.texts.speakable import speakable

        encoding = getattr(tw._file, "encoding", None)
        for line in self.pieces:
            for text, tone in line:
                tw.write(speakable(text, encoding), **_MARKUP.get(tone, {}))
            tw.line()
        super().toterminal(tw)


def pieces(lines: Sequence[Line]) -> Pieces:
    """Lines of a report, without blanks at their ends."""
    made = []
    for line in lines:
        texts = [(str(piece.text), piece.tone.name) for piece in line]
        while texts and not texts[-1][0].rstrip():
            texts.pop()
        made.append([*texts[:-1], *((text.rstrip(), tone) for text, tone in texts[-1:])])
    return made


def width(config: pytest.Config) -> int:
    """Cells of a line of the terminal, which a worker of pytest-xdist gets from its session."""
    from redactfuzz.report.terminal import WIDEST

    given = getattr(config, "workerinput", {}).get(_WIDTH)
    return min(given or _width(config), WIDEST)


def _width(config: pytest.Config) -> int:
    if config.pluginmanager.hasplugin("terminalreporter"):
        return int(config.get_terminal_writer().fullwidth)
    return shutil.get_terminal_size().columns


class Carried:
    """Hooks that bring it from a worker to its session."""

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Gives a worker how wide the terminal is."""
        node.workerinput[_WIDTH] = _width(node.config)

    @pytest.hookimpl(wrapper=True)
    def pytest_report_to_serializable(self, report: Any) -> Generator[None, Any, Any]:
        """Adds it as it is: pytest would send its text alone."""
        data = yield
        shown = getattr(report, "longrepr", None)
        if isinstance(shown, Shown) and isinstance(data, dict):
            data[_KEY] = {"pieces": [list(map(list, line)) for line in shown.pieces], "crash": list(shown.crash)}
        return data

    @pytest.hookimpl(wrapper=True)
    def pytest_report_from_serializable(self, data: dict[str, Any]) -> Generator[None, Any, Any]:
        """Puts it back."""
        kept = data.pop(_KEY, None)
        report = yield
        if kept is not None and report is not None:
            report.longrepr = Shown(kept["pieces"], tuple(kept["crash"]))
        return report

    @pytest.hookimpl(wrapper=True, optionalhook=True)
    def pytest_timeout_set_timer(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Of pytest-timeout, whose timer may end the process: how far the search came is said before."""
        timeouts: Any = sys.modules["pytest_timeout"]
        timer = timeouts.timeout_timer

        def with_progress(item: pytest.Item, *rest: Any) -> None:
            writer: Any = item.config.get_terminal_writer()
            # The other one leads wherever an execution, which goes on meanwhile, has led what is printed.
            writer._file = os.fdopen(self.fd, "w", errors="backslashreplace", closefd=False)
            if (said := self.line(item)) is not None:
                writer.line(f"\n{said}")
            timer(item, *rest)

        timeouts.timeout_timer = with_progress
        try:
            return (yield)
        finally:
            timeouts.timeout_timer = timer

    def __init__(self, fd: int, line: Any) -> None:
        """``fd``: where pytest writes; ``line``: gives the line of a test that runs, or None."""
        self.fd, self.line = fd, line
