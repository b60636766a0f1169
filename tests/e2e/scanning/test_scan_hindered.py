"""``redactfuzz scan`` where the machine or what it is given stands in the way: that is said, and nothing else lost."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from commands import Run

pytestmark = pytest.mark.once

TOKEN = "glpat-" + "Zx81QmR4tY7uPw2kLs9V"
DEEP = 30
"""Folders of 200 letters within one another: more than a path may have."""


@pytest.fixture
def leak(folder: Path) -> str:
    """A file with a token, and what cannot be looked at beside it."""
    (folder / "leak.log").write_text(f"token {TOKEN}\n")
    return "leak.log"


def deep(folder: Path) -> str:
    (folder / "deep").mkdir()
    (folder / "deep" / "a.log").write_text("nothing\n")
    here = os.open(folder / "deep", os.O_RDONLY)
    for _ in range(DEEP):
        os.mkdir("d" * 200, dir_fd=here)
        inner = os.open("d" * 200, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)
    return "deep"


@pytest.mark.parametrize("what", ["a name that is too long", "folders that are too deep"])
def test_what_cannot_be_looked_at_is_told_and_the_others_are_scanned(
    cli: Run, folder: Path, leak: str, what: str
) -> None:
    path = "a" * 300 if what == "a name that is too long" else deep(folder)
    assert cli("scan", path).code == 5
    ran = cli("scan", path, leak)
    assert ran.code == 1, ran.err
    assert "INCOMPLETE" in ran.out
    assert "too long" in ran.out
    assert f"LEAK  {leak}" in ran.out


@pytest.mark.parametrize("option", ["--allow", "--rules"])
@pytest.mark.parametrize("text", ["x = " + "[" * 5_000, "x = " + "9" * 5_000], ids=["nested", "a long number"])
def test_an_option_file_that_no_parser_takes_is_a_fault_of_it(
    cli: Run, folder: Path, leak: str, option: str, text: str
) -> None:
    (folder / "options.toml").write_text(text)
    ran = cli("scan", leak, option, "options.toml")
    assert (ran.code, ran.out) == (2, "")
    assert "a number in it is too long, or it is nested too deeply" in ran.err


def test_a_name_that_is_too_long_for_a_file_of_what_is_allowed_is_a_fault_of_it(cli: Run, leak: str) -> None:
    ran = cli("scan", leak, "--allow", "a" * 300)
    assert (ran.code, ran.out) == (2, "")


@pytest.mark.parametrize("options", [(), ("--json",), ("--sarif",)])
def test_where_nobody_reads_what_is_printed_the_status_is_that_of_no_leak(
    folder: Path, options: tuple[str, ...]
) -> None:
    (folder / "clean.log").write_text("nothing\n")
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "redactfuzz", "scan", "clean.log", *options]
    done = subprocess.run(command, cwd=folder, stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (3, b"")


def test_a_list_of_what_is_allowed_that_could_not_be_written_whole_is_not_left(folder: Path, leak: str) -> None:
    limited = f"ulimit -f 0; exec {sys.executable} -m redactfuzz scan {leak} --write-allow allow.toml"
    done = subprocess.run(["bash", "-c", limited], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 3, done.stderr
    assert not (folder / "allow.toml").exists()
