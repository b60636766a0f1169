"""What pytest's terminal shows of scenarios: its width and colours, how far one is, and what was forgotten."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from commands import Ran, filled, session_in, surroundings

CI_FEW = ("--redactfuzz-executions", "20")
SLOW = """
from ring import stage
from redactfuzz import scenario


@scenario(seconds={seconds}, executions=10**9, strategy="random", isolation="none")
def test_slow(race):
    stage(race, "rotate_safely")


def test_forgotten(race):
    pass
"""
UNBOUNDED = """
from redactfuzz.pytest_plugin import options as pytest_options
pytest_options.within_timeout = lambda item, options, settings: options
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = filled(tmp_path_factory.mktemp("terminal"))
    (folder / "test_slow.py").write_text(SLOW.format(seconds=2))
    return folder


@pytest.fixture(scope="module", params=[(), ("-n", "1")], ids=["here", "in a worker"])
def coloured(request: pytest.FixtureRequest, place: Path) -> Ran:
    """A leak at 80 columns, in colour."""
    more = ("--color=yes", "--junit-xml", "out.xml", *request.param)
    return session_in(place, "test_ring.py::test_leaks", *CI_FEW, *more, COLUMNS="80")


def test_a_report_takes_the_width_and_the_colours_of_pytests_terminal(coloured: Ran, place: Path) -> None:
    assert "\x1b[1m\x1b[31mLEAK\x1b[0m  \x1b[1mtest_ring.py::test_leaks\x1b[0m" in coloured.out
    plain = re.sub(r"\x1b\[\d+m", "", coloured.out)
    report = plain[plain.index("LEAK  test_ring.py") : plain.index("Replay:")]
    assert max(map(len, report.splitlines())) in range(76, 81)
    assert "\x1b" not in (place / "out.xml").read_text()
    assert "#x1B" not in (place / "out.xml").read_text()


def test_a_wide_terminal_is_used_and_without_colours_there_are_none(place: Path) -> None:
    ran = session_in(place, "test_ring.py::test_leaks", *CI_FEW, COLUMNS="118", NO_COLOR="1", FORCE_COLOR="")
    report = ran.out[ran.out.index("LEAK  test_ring.py") : ran.out.index("Replay:")]
    assert max(map(len, report.splitlines())) in range(101, 119)
    assert "\x1b" not in ran.out


def test_the_short_summary_names_the_canary_within_80_columns(coloured: Ran) -> None:
    plain = re.sub(r"\x1b\[\d+m", "", coloured.out)
    (line,) = re.findall(r"^FAILED .*$", plain, re.MULTILINE)
    assert line[:80].startswith("FAILED test_ring.py::test_leaks - LEAK: new key; transient leak")


def test_a_stream_of_ascii_gets_an_ascii_grid(place: Path) -> None:
    ran = session_in(place, "test_ring.py::test_leaks", *CI_FEW, PYTHONIOENCODING="ascii")
    assert ran.out.isascii()
    assert re.search(r"^ +\d+ \| ring.py:\d+  self.use\(key\) +\|$", ran.out, re.MULTILINE)
    assert re.search(r"^-+\+-+\+-+$", ran.out, re.MULTILINE)
    assert "x CRASH strikes here" in ran.out
    assert "\\u" not in ran.out


def test_elsewhere_than_on_a_terminal_there_is_a_line_now_and_then(place: Path) -> None:
    ran = session_in(place, "test_slow.py::test_slow", "--redactfuzz-progress", "0.01")
    line = r"^test_slow.py::test_slow: exploring, [\d,]+ of [\d,]+ executions in \d+ s \([\d,]+/s\)$"
    assert re.search(line, ran.out, re.MULTILINE)
    assert ran.code == 0
    quiet = session_in(place, "test_ring.py::test_passes", *CI_FEW)
    assert "exploring" not in quiet.out


def test_on_a_terminal_nothing_of_the_progress_stays(place: Path) -> None:
    outer, inner = os.openpty()
    command = [sys.executable, "-m", "pytest", "--rootdir", ".", "test_slow.py::test_slow"]
    process = subprocess.Popen(
        command, cwd=place, env=surroundings(PYTEST_ADDOPTS="-p no:cacheprovider"), stdout=inner, stderr=inner
    )
    os.close(inner)
    out: list[bytes] = []
    with contextlib.suppress(OSError):  # the other side is closed
        while data := os.read(outer, 1 << 16):
            out.append(data)
    os.close(outer)
    status = process.wait()
    text = b"".join(out).decode()
    assert status == 0
    drawn = re.findall(r"(?:\x1b\[2m)? (test_slow: exploring, [^\x1b]*)(?:\x1b\[0m)?\x1b\[K\x1b\[(\d+)D", text)
    assert drawn
    assert all(int(back) == len(shown) + 1 for shown, back in drawn)
    assert re.search(r"D\x1b\[K\x1b\[32m\.\x1b\[0m", text)


def test_a_race_without_scenario_is_said(place: Path) -> None:
    ran = session_in(place, "test_slow.py::test_forgotten", COLUMNS="100")
    assert ran.code == 1
    assert "test_forgotten takes a race, and is no scenario. Put @scenario on it" in ran.out
    assert "available fixtures" not in ran.out


@pytest.mark.parametrize("method", ["signal", "thread"])
def test_pytest_timeout_shows_how_far_the_search_had_come(tmp_path: Path, method: str) -> None:
    folder = filled(tmp_path)
    (folder / "conftest.py").write_text(UNBOUNDED)
    (folder / "test_slow.py").write_text(SLOW.format(seconds=900))
    ran = session_in(folder, "test_slow.py::test_slow", "--timeout", "3", "--timeout-method", method)
    assert ran.code == 1
    line = r"^INCONCLUSIVE test_slow.py::test_slow: interrupted after [\d,]+ executions$"
    assert re.search(line, ran.out, re.MULTILINE)
    assert "Timeout" in ran.out
    if method == "signal":
        assert re.search(r"^FAILED test_slow.py::test_slow - Timeout .*: interrupted after", ran.out, re.MULTILINE)
        assert "redactfuzz/campaign" not in ran.out[ran.out.index("= FAILURES") :]
