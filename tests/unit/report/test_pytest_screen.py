"""How far a scenario is, as pytest shows it: it leaves nothing on a terminal, and is a line now and then elsewhere."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from redactfuzz.model.events import CampaignEnded, CampaignProgress, CampaignStarted
from redactfuzz.model.finding import Report
from redactfuzz.model.plan import Counters
from redactfuzz.model.verdict import Verdict
from redactfuzz.pytest_plugin.progress import Screen, Watch
from redactfuzz.report.running import Running

TEXT = "test_app.py::test_it: exploring, 1,200 of 5,000 executions in 3 s (400/s), 1 leak"


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    yield reader, writer
    os.close(reader)
    os.close(writer)


def read(fd: int) -> str:
    try:
        return os.read(fd, 1 << 16).decode()
    except BlockingIOError:
        return ""


def on_terminal(text: str, before: str) -> str:
    """What a line of a terminal shows that held ``before``, with the cursor at its end, and where the cursor is."""
    line, at = list(before), len(before)
    while text:
        if text.startswith("\x1b["):
            code, text = text[2:].lstrip("0123456789")[0], text[2:]
            number, text = text.partition(code)[::2]
            if code == "K":
                del line[at:]
            elif code == "D":
                at -= int(number)
            else:
                assert code == "m"
            continue
        line[at : at + 1] = text[0]
        at, text = at + 1, text[1:]
    return "".join(line)[:at] + "|" + "".join(line)[at:]


def test_on_a_terminal_it_is_beside_what_pytest_has_written_and_goes_again(pipe: tuple[int, int]) -> None:
    before = "test_app.py .."
    screen = Screen(pipe[1], live=True, used=lambda: len(before), width=lambda: 80)
    screen.show(TEXT)
    shown = on_terminal(read(pipe[0]), before)
    assert shown.startswith(f"{before}| test_it: exploring, 1,200 of")
    assert len(shown) <= 80
    screen.show(TEXT)
    screen.clear()
    assert on_terminal(read(pipe[0]), before) == f"{before}|"


def test_where_there_is_no_room_on_a_terminal_nothing_is_written(pipe: tuple[int, int]) -> None:
    Screen(pipe[1], live=True, used=lambda: 70, width=lambda: 80).show(TEXT)
    assert not read(pipe[0])


def test_elsewhere_it_is_a_line_of_its_own_every_thirty_seconds(pipe: tuple[int, int]) -> None:
    now, told = [100.0], []
    screen = Screen(pipe[1], live=False, used=lambda: 12, clock=lambda: now[0], again=lambda: told.append(now[0]))
    screen.begin()
    for now[0] in (101.0, 129.0, 130.0, 131.0, 160.5):
        screen.show(TEXT)
    assert read(pipe[0]) == f"\n{TEXT}\n" * 2
    assert told == [130.0, 160.5]


def test_none_are_wanted_with_zero_seconds(pipe: tuple[int, int]) -> None:
    screen = Screen(pipe[1], live=False, seconds=0, clock=lambda: 1e9)
    screen.show(TEXT)
    assert not read(pipe[0])


def test_a_stream_of_ascii_gets_ascii(pipe: tuple[int, int]) -> None:
    screen = Screen(pipe[1], live=False, clock=lambda: 1e9, encoding="ascii")
    screen.show("tést: │ …")
    assert read(pipe[0]) == "t?st: | ~\n"


def test_what_the_workers_keep_is_shown_by_the_process_that_leads_them(pipe: tuple[int, int], tmp_path: Path) -> None:
    running = Running("test_app.py::test_it", tmp_path)
    running.handle(CampaignStarted("test_app.py::test_it", 0, "dev", 5000, 60.0))
    counters = Counters(executions=1200, seconds=3.0, leaks=1)
    running.handle(CampaignProgress("test_app.py::test_it", "exploring", counters))
    waits = iter([False, False, True])
    watch = Watch(Screen(pipe[1], live=True), tmp_path, lambda _: next(waits))
    watch.run()
    assert read(pipe[0]) == f"{TEXT}\n" * 2
    running.handle(CampaignEnded(Report("test_app.py::test_it", Verdict.VACUOUS)))
    waits = iter([False, True])
    watch.run()
    assert not read(pipe[0])
