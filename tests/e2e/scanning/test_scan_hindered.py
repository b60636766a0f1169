"""``redactfuzz scan`` where the machine or what it is given stands in the way: that is said, and nothing else lost."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from commands import Run
from ready import COMMAND

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


@pytest.mark.parametrize("megabytes", [20, 28, 36, 44])
def test_without_enough_memory_the_status_is_not_that_of_a_leak(folder: Path, megabytes: int) -> None:
    (folder / "clean.log").write_text("nothing\n")
    limited = f"ulimit -v {megabytes << 10}; exec {COMMAND} scan clean.log"
    done = subprocess.run(["bash", "-c", limited], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode in {0, 3}, done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("MemoryError()", "there is not enough memory"),
        ("OSError(24, 'Too many open files')", "Too many open files"),
        ("ImportError('no such module')", "no such module"),
        ("ValueError('what a dump holds')", "it could not come to its end (ValueError)"),
    ],
)
def test_what_fails_before_the_command_begins_is_an_internal_error(folder: Path, error: str, said: str) -> None:
    lines = [
        "import sys",
        "class Fails:",
        "    def find_spec(self, name, path=None, target=None):",
        f"        if name == 'redactfuzz.cli.main': raise {error}",
        "sys.meta_path.insert(0, Fails())",
        "from redactfuzz.cli.start import main",
        "main()",
    ]
    code = "\n".join(lines)
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (3, "", f"redactfuzz: {said}\n")


def test_a_file_that_is_called_as_standard_input_is_scanned_in_its_folder(cli: Run, folder: Path) -> None:
    """``cli`` gives no standard input."""
    (folder / "-").write_text(f"token {TOKEN}\n")
    ran = cli("scan", ".")
    assert ran.code == 1, ran.both
    assert "LEAK  ./-: " in ran.out


@pytest.mark.parametrize("options", [("-", "--differs-from", "leak.log"), ("leak.log", "--differs-from", "-")])
def test_standard_input_is_not_compared_since_it_can_be_read_once(
    cli: Run, leak: str, options: tuple[str, ...]
) -> None:
    ran = cli("scan", *options)
    assert (ran.code, ran.out) == (2, "")
    assert "standard input can be read once" in ran.err


@pytest.mark.parametrize("options", [(), ("--baseline", "same.log")], ids=["the dump", "a baseline"])
def test_a_dump_is_not_compared_with_itself(cli: Run, folder: Path, leak: str, options: tuple[str, ...]) -> None:
    (folder / "same.log").hardlink_to(folder / leak)
    (folder / "one.log").write_text("nothing\n")
    ran = cli("scan", "one.log" if options else leak, "--differs-from", "same.log", *options)
    assert (ran.code, ran.out) == (2, "")
    assert "itself, and nothing would differ" in ran.err


def test_where_nothing_is_compared_it_is_not_said_that_nothing_differs(cli: Run, folder: Path, leak: str) -> None:
    (folder / "other.json").write_text('{"a": 1}')
    ran = cli("scan", leak, "--differs-from", "other.json")
    assert "it is not compared" in ran.out
    assert "nothing else differs" not in ran.out


def test_of_a_pipe_that_is_given_by_a_path_it_is_said_how_to_read_it(folder: Path, leak: str) -> None:
    piped = f"cat {leak} | {COMMAND} scan /dev/stdin"
    done = subprocess.run(["bash", "-c", piped], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 5
    assert 'a FIFO, not a file; give "-" to read standard input' in done.stdout
