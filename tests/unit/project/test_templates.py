"""What is written into projects of others is right by the published schemas, and by what looks at shell scripts."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from redactfuzz.cli.main import VERBS
from redactfuzz.project.place import place
from redactfuzz.project.plan import Host, planned

TOOLS = Path(sys.executable).parent
GITHUB = ("--builtin-schema", "vendor.github-workflows")
GITLAB = ("--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci")
LATER = {"fuzz", "corpus"}
"""Verbs that other parts of the nightly job bring."""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    place(tmp_path, planned(list(Host)), ())
    return tmp_path


def looked_at(root: Path, tool: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([TOOLS / tool, *arguments], cwd=root, capture_output=True, text=True, check=False)


def by_schema(root: Path, schema: tuple[str, ...], *files: str) -> subprocess.CompletedProcess[str]:
    return looked_at(root, "check-jsonschema", *schema, *files)


def scripts(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*.sh"))


def test_the_jobs_of_github_and_gitlab_are_right_by_their_schemas(root: Path) -> None:
    workflows = sorted(str(path.relative_to(root)) for path in (root / ".github" / "workflows").iterdir())
    assert len(workflows) == 3
    done = by_schema(root, GITHUB, *workflows)
    assert done.returncode == 0, done.stdout + done.stderr
    done = by_schema(root, GITLAB, "ci/redactfuzz/gitlab.yml", ".gitlab-ci.yml")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("schema", "file", "right", "wrong"),
    [
        (GITHUB, ".github/workflows/redactfuzz-nightly.yml", "runs-on:", "run-on:"),
        (GITLAB, "ci/redactfuzz/gitlab.yml", "when: always", "when: sometimes"),
    ],
)
def test_a_job_that_is_wrong_is_seen(root: Path, schema: tuple[str, ...], file: str, right: str, wrong: str) -> None:
    text = (root / file).read_text("utf-8")
    assert right in text
    (root / file).write_text(text.replace(right, wrong), "utf-8")
    assert by_schema(root, schema, file).returncode == 1


def test_the_scripts_are_right_for_any_shell(root: Path) -> None:
    assert len(scripts(root)) == 6
    done = looked_at(root, "shellcheck", "-x", "-s", "sh", "-S", "style", *scripts(root))
    assert done.returncode == 0, done.stdout
    for script in scripts(root):
        for shell in ("bash", "sh"):
            subprocess.run([shell, "-n", script], cwd=root, check=True)


def test_a_script_that_is_wrong_is_seen(root: Path) -> None:
    file = root / "ci" / "redactfuzz" / "prune.sh"
    file.write_text(file.read_text("utf-8").replace('rm -- "$journal"', "rm -- $journal"), "utf-8")
    assert looked_at(root, "shellcheck", "-x", "-s", "sh", str(file.relative_to(root))).returncode == 1


def test_they_call_verbs_that_there_are_with_options_that_they_have(root: Path) -> None:
    called = set()
    for script in scripts(root):
        text = (root / script).read_text("utf-8").replace("\\\n", " ")
        code = "\n".join(line.partition(" # ")[0] for line in text.splitlines() if not line.lstrip().startswith("#"))
        for verb, rest in re.findall(r"\bredactfuzz ([a-z]+)\b([^\n;|<>]*)", code):
            if verb in VERBS or verb in LATER:
                called |= {(verb, option) for option in ("", *re.findall(r" (--[a-z-]+)", rest))}
    assert {verb for verb, _ in called} == {"replay", "changed", "fuzz", "corpus", "report"}
    lost = []
    for verb, option in sorted(called):
        if verb not in VERBS:
            continue
        command = getattr(importlib.import_module(VERBS[verb][0]), verb)
        known = {name for parameter in command.params for name in parameter.opts}
        if isinstance(command, click.Group):  # options are those of its verbs
            for each in command.commands.values():
                known |= {name for parameter in each.params for name in parameter.opts}
        lost += [f"{verb} {option}"] if option and option not in known else []
    assert lost == []


def test_actions_are_pinned_by_their_major_version_and_no_host_is_named(root: Path) -> None:
    text = "".join(path.read_text("utf-8") for path in (root / ".github" / "workflows").iterdir())
    used = re.findall(r"uses: (\S+)", text)
    assert used
    assert [each for each in used if not re.fullmatch(r"[\w-]+/[\w/-]+@v\d+", each)] == []
    whole = "".join(path.read_text("utf-8") for path in root.rglob("*") if path.is_file())
    assert "://" not in whole


def test_a_pull_request_of_a_stranger_gets_no_right_to_write(root: Path) -> None:
    text = (root / ".github" / "workflows" / "redactfuzz-pull-request.yml").read_text("utf-8")
    assert "pull_request_target" not in text
    assert re.findall(r"(\w[\w-]*): write", text) == []
    assert "persist-credentials: false" in text
    runs = re.findall(r"run: (.*)", text)
    assert runs
    assert not [run for run in runs if "${{" in run]  # what a stranger names is not put into a shell
