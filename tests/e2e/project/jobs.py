"""A project with a remote, in which the jobs of ``redactfuzz init`` run, and it is noted how these call the command."""

from __future__ import annotations

import subprocess
from pathlib import Path

import attrs
from commands import COMMAND, Ran, run_in

FIRST = "tests/scenarios/test_first_scenario.py"
NOTED = """#!/bin/sh
# Notes how the command is called, and is it.
echo "$*" >> "{log}"
exec "{command}" "$@"
"""


@attrs.frozen
class Project:
    """A clone, its bare remote, and a log of what the command was called with."""

    folder: Path
    remote: Path
    log: Path
    path: str
    """Of commands: the one that is noted comes first."""

    def sh(self, *command: object, **environment: str) -> Ran:
        """A script, or any other command, in the project."""
        return run_in(self.folder, *command, PATH=self.path, REDACTFUZZ_FOR="5s", **environment)

    def job(self, name: str, *arguments: str, **environment: str) -> Ran:
        """One of the jobs."""
        return self.sh("sh", f"ci/redactfuzz/{name}.sh", *arguments, **environment)

    def git(self, *arguments: str) -> str:
        """What git says."""
        return git(self.folder, *arguments)

    def commit(self, message: str = "a change") -> None:
        """All that is there."""
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)

    def on_branch(self) -> list[str]:
        """Files of the corpus on the remote."""
        return git(self.remote, "ls-tree", "-r", "--name-only", "redactfuzz-corpus").split()

    def calls(self, verb: str = "") -> list[str]:
        """Of the command, or of one verb, by the jobs so far."""
        noted = self.log.read_text("utf-8").splitlines() if self.log.exists() else []
        return [call for call in noted if call.startswith(verb)]


def git(folder: Path, *arguments: str) -> str:
    settings = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org", "-c", "init.defaultBranch=main")
    command = ["git", *settings, *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def project(tmp_path: Path, name: str = "a project") -> Project:
    """With the example scenario, the jobs, and a first commit that was pushed."""
    remote, folder, commands = tmp_path / "remote.git", tmp_path / name, tmp_path / "commands"
    for each in (remote, folder, commands):
        each.mkdir()
    git(remote, "init", "-q", "--bare")
    git(folder, "init", "-q")
    git(folder, "remote", "add", "origin", str(remote))
    script = commands / "redactfuzz"
    script.write_text(NOTED.format(command=COMMAND, log=tmp_path / "log"), "utf-8")
    script.chmod(0o755)
    made = Project(folder, remote, tmp_path / "log", f"{commands}:{COMMAND.parent}:/usr/bin:/bin")
    assert run_in(folder, COMMAND, "init", "--shell").code == 0
    made.commit("first")
    made.git("push", "-q", "origin", "HEAD:refs/heads/main")
    made.git("fetch", "-q", "origin")
    return made


def begun(made: Project) -> Project:
    """Its branch for the corpus is there."""
    assert made.job("corpus", "begin").code == 0
    return made


def cloned(of: Project, tmp_path: Path) -> Project:
    """Another machine."""
    folder = tmp_path / "another"
    git(tmp_path, "clone", "-q", "-b", "main", str(of.remote), str(folder))
    return attrs.evolve(of, folder=folder)


def known_finding(of: Project) -> Path:
    """One of the first scenario, in the corpus."""
    assert of.sh("redactfuzz", "run", FIRST, "--executions", "100").code == 1
    (found,) = (of.folder / ".redactfuzz").glob("*.rfz.json")
    kept = of.folder / "corpora" / "test_rotation" / "regressions" / "a finding.rfz.json"
    kept.parent.mkdir(parents=True)
    return found.rename(kept)


def mend(scenario: Path) -> None:
    """The first scenario of a project, which leaks: a key is known before it is used."""
    lines = scenario.read_text("utf-8").splitlines(keepends=True)
    at = next(number for number, line in enumerate(lines) if "self.current = key" in line)
    scenario.write_text("".join([*lines[:at], lines[at + 1], lines[at], *lines[at + 2 :]]), "utf-8")
