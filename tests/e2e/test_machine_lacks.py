"""A full disk, a closed stream, too little memory, a terminal of ASCII: told as what they are, and no bug of ours."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from commands import Ran, filled, run_in

pytestmark = pytest.mark.once

FEW = "--executions 20"
VERBS = {
    "run": f"run rotation.py {FEW}",
    "run --json": f"run rotation.py {FEW} --json",
    "replay": "replay .redactfuzz/vulnerable-*.rfz.json",
    "confirm": "confirm .redactfuzz/vulnerable-*.rfz.json --seconds 0.3",
    "scan": "scan clean.log",
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With one finding and one dump."""
    folder = filled(tmp_path_factory.mktemp("lacks"))
    (folder / "clean.log").write_text("nothing\n")
    (folder / "\u00e4.log").write_text("nothing\n")
    assert in_shell(folder, f"redactfuzz run rotation.py::vulnerable {FEW}").code == 1
    return folder


def in_shell(folder: Path, command: str, **environment: str) -> Ran:
    return run_in(folder, "/bin/sh", "-c", command, **environment)


def is_no_bug_of_ours(ran: Ran) -> bool:
    return "bug of redactfuzz" not in " ".join(ran.both.split()) and "Traceback" not in ran.both


@pytest.mark.parametrize("verb", VERBS)
def test_a_full_disk_behind_stdout_is_said(place: Path, verb: str) -> None:
    ran = in_shell(place, f"redactfuzz {VERBS[verb]} > /dev/full")
    assert (ran.code, ran.err.splitlines()[-1]) == (3, "redactfuzz: No space left on device")
    assert is_no_bug_of_ours(ran)


def test_the_exit_status_is_no_verdict_where_nothing_can_be_said(place: Path) -> None:
    assert in_shell(place, "redactfuzz scan clean.log > /dev/full 2> /dev/full").code == 3
    assert in_shell(place, "redactfuzz scan --wrong 2> /dev/full").code == 2


def test_a_full_disk_behind_stderr_loses_no_report(place: Path) -> None:
    ran = in_shell(place, f"redactfuzz {VERBS['run']} 2> /dev/full")
    assert ran.code == 1
    assert ran.out.startswith("LEAK  rotation.py::vulnerable")


@pytest.mark.parametrize(("verb", "code"), [("run", 1), ("replay", 1), ("scan", 0)])
def test_where_stdout_is_closed_the_exit_status_tells(place: Path, verb: str, code: int) -> None:
    ran = in_shell(place, f"redactfuzz {VERBS[verb]} >&-")
    assert ran.code == code
    assert is_no_bug_of_ours(ran)


def test_a_file_that_cannot_be_written_is_said_before_the_search(place: Path) -> None:
    for option in ("--sarif", "--junit"):
        ran = in_shell(place, f"redactfuzz run rotation.py {FEW} {option} nowhere/out")
        assert ran.code == 2
        assert f"{option} nowhere/out: it cannot be written (No such file or directory)" in ran.err
        assert not ran.out


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (f"redactfuzz run rotation.py::fixed {FEW}", 3),
        ("python -m pytest -p no:cacheprovider test_ring.py::test_passes --redactfuzz-executions 20", 1),
    ],
    ids=["run", "pytest"],
)
def test_a_limit_of_memory_is_said(place: Path, command: str, code: int) -> None:
    ran = in_shell(place, f"ulimit -v 300000; {command}")
    assert ran.code == code
    told = " ".join(ran.both.split())
    assert re.search(r"redactfuzz could not go on in \S+: (Cannot allocate memory|a child process had not)", told)
    assert "ulimit -a" in told
    assert is_no_bug_of_ours(ran)
    assert not list(place.glob(".redactfuzz/internal-error-*"))


@pytest.mark.parametrize(
    "environment",
    [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}],
    ids=["PYTHONIOENCODING", "LC_ALL"],
)
def test_a_stream_of_ascii_gets_an_ascii_grid(place: Path, environment: dict[str, str]) -> None:
    ran = in_shell(place, "redactfuzz replay .redactfuzz/vulnerable-*.rfz.json", **environment)
    assert ran.out.isascii()
    assert re.search(r"^ +\d+ \| ring.py:\d+ ", ran.out, re.MULTILINE)
    assert re.search(r"^-+\+-+\+-+$", ran.out, re.MULTILINE)
    assert "x CRASH strikes here" in ran.out


def test_a_name_that_ascii_does_not_know_is_shown_nevertheless(place: Path) -> None:
    ran = in_shell(place, "redactfuzz scan *.log", PYTHONIOENCODING="ascii")
    assert (ran.code, ran.out.count("CLEAN")) == (0, 2), ran.both
    assert "?.log" in ran.out


@pytest.mark.parametrize("verb", ["run", "replay", "confirm"])
def test_a_working_directory_that_is_gone_is_said(place: Path, verb: str) -> None:
    command = VERBS[verb].replace("rotation.py", f"{place}/rotation.py").replace(".redactfuzz", f"{place}/.redactfuzz")
    ran = in_shell(place, f"mkdir gone; cd gone; rmdir ../gone; redactfuzz {command}")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.splitlines()[-1] == "Error: the working directory is gone. Change to one that exists."


@pytest.mark.parametrize("number", [6, 8, 10, 14])
def test_too_few_files_that_may_be_open_are_said_in_one_sentence(place: Path, number: int) -> None:
    ran = in_shell(place, f"ulimit -n {number}; exec redactfuzz {VERBS['run']}")
    assert ran.code == 3
    told = " ".join(ran.both.split())
    assert "Too many open files" in told or "no more files may be open" in told or "files or threads" in told
    assert "ended the process" not in told
    assert is_no_bug_of_ours(ran)
