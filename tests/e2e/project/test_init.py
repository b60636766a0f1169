"""``redactfuzz init`` as a command, in projects of every kind: what it writes works at once."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from commands import COMMAND, run_in, session_in

FIRST = "tests/scenarios/test_first_scenario.py"
SWAPPED = ("        self.current = key  # in use from here on\n",
           "        self.known = (*self.known, key)  # known to the redactor from here on\n")  # fmt: skip


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "a project"
    made.mkdir()
    return made


def test_the_first_scenario_is_found_to_leak_at_once_and_to_be_right_as_it_says(folder: Path) -> None:
    ran = run_in(folder, COMMAND, "init")
    assert ran.code == 0
    assert names(folder) == {FIRST, ".gitignore"}
    assert f"redactfuzz run {Path(FIRST).parent}" in ran.out
    ran = run_in(folder, COMMAND, "run", "tests/scenarios", "--executions", "200", "--after", "0", "--json")
    assert (ran.code, ran.record["verdict"]) == (1, "LEAK")
    text = (folder / FIRST).read_text("utf-8")
    assert "".join(SWAPPED) in text
    (folder / FIRST).write_text(text.replace("".join(SWAPPED), "".join(reversed(SWAPPED))), "utf-8")
    ran = run_in(folder, COMMAND, "run", "tests/scenarios", "--json")
    assert (ran.code, ran.record["verdict"]) == (0, "PROVED")


def test_pytest_collects_it(folder: Path) -> None:
    run_in(folder, COMMAND, "init")
    ran = session_in(folder, "--collect-only", "-q")
    assert (ran.code, f"{FIRST}::test_rotation" in ran.out) == (0, True)


def test_what_is_there_is_said_and_stays(folder: Path) -> None:
    (folder / ".gitlab-ci.yml").write_text("test:\n  script: make\n", "utf-8")
    ran = run_in(folder.parent, COMMAND, "init", folder.name, "--gitlab", "--github")
    assert ran.code == 0
    assert "kept       .gitlab-ci.yml (it is yours)" in ran.out
    assert ".gitlab-ci.yml is yours: add to it" in ran.out
    assert "- local: ci/redactfuzz/gitlab.yml" in ran.out
    assert f"cd '{folder.name}' && redactfuzz run" in ran.out
    assert (folder / ".gitlab-ci.yml").read_text("utf-8") == "test:\n  script: make\n"
    before = {name: (folder / name).read_bytes() for name in names(folder)}
    ran = run_in(folder, COMMAND, "init", "--gitlab", "--github")
    assert (ran.code, "written" in ran.out.partition("Next:")[0]) == (0, False)
    assert {name: (folder / name).read_bytes() for name in names(folder)} == before


def test_a_file_system_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    ran = run_in(tmp_path, COMMAND, "init", "/proc/self")
    assert ran.code == 2
    assert "nothing was written" in ran.err
    assert "Traceback" not in ran.both


def test_a_full_disk_is_said_and_nothing_is_left(folder: Path) -> None:
    (folder / ".gitignore").write_text("build/\n", "utf-8")
    ran = run_in(folder, "sh", "-c", 'ulimit -f 1; exec "$0" init --github', COMMAND)
    assert ran.code == 3
    assert "File too large" in ran.err
    assert names(folder) == {".gitignore"}
    assert [path.name for path in folder.iterdir()] == [".gitignore"]
    assert (folder / ".gitignore").read_text("utf-8") == "build/\n"


@pytest.mark.parametrize("where", ["nowhere", "a file"])
def test_what_is_no_folder_is_refused(tmp_path: Path, where: str) -> None:
    (tmp_path / "a file").write_text("x", "utf-8")
    ran = run_in(tmp_path, COMMAND, "init", where)
    assert (ran.code, names(tmp_path)) == (2, {"a file"})
    assert "no such folder" in ran.err


@pytest.mark.parametrize("host", ["--github", "--gitlab"])
def test_jobs_that_no_code_host_would_find_are_refused(folder: Path, host: str) -> None:
    subprocess.run(["git", "init", "--quiet", folder], check=True)
    inner = folder / "service"
    inner.mkdir()
    ran = run_in(inner, COMMAND, "init", host)
    assert ran.code == 2, ran.both
    assert "code hosts read their jobs at the top of a repository alone" in " ".join(ran.err.split())
    assert not list(inner.iterdir())
    assert run_in(inner, COMMAND, "init", "--shell").code == 0
    assert run_in(folder, COMMAND, "init", host).code == 0
