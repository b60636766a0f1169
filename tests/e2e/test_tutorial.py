"""Every command of the tutorial is run, in the order of the page, with the files that it shows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import venv
from pathlib import Path

import attrs
import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "tutorial.md"
SECONDS = 300
_PART = re.compile(
    r"^`(?P<file>[\w.]+)(?:: (?P<function>\w+))?`\n\n```python\n(?P<code>.*?)```"
    r"|^```console\n(?P<commands>.*?)```(?P<fails>\n\n<!-- fails -->)?",
    re.DOTALL | re.MULTILINE,
)


@attrs.frozen
class Ran:
    """What came of a command of the page."""

    command: str
    code: int
    out: str
    fails: bool
    """The page says so."""


def followed(folder: Path, environment: dict[str, str], *, skipped: tuple[str, ...] = ()) -> list[Ran]:
    """Does what the page says in ``folder``. ``skipped``: beginnings of commands that are left out."""
    ran = []
    for part in _PART.finditer(PAGE.read_text("utf-8")):
        if part["file"]:
            write(folder / part["file"], part["code"], part["function"])
            continue
        for line in part["commands"].splitlines():
            command = line.removeprefix("$ ").replace("/path/to/redactfuzz", os.fspath(ROOT))
            if command.startswith(skipped):
                continue
            done = subprocess.run(
                ["sh", "-c", command],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=SECONDS,
                check=False,
            )
            ran.append(Ran(command, done.returncode, done.stdout + done.stderr, bool(part["fails"])))
    return ran


def write(file: Path, code: str, function: str | None) -> None:
    """The file, or the lines of one function of it, whose body they take the place of but for its return."""
    if function is None:
        file.write_text(code, "utf-8")
        return
    before, defined, rest = file.read_text("utf-8").partition(f"    def {function}():\n")
    assert defined, f"{file.name} has no {function}"
    _, returned, after = rest.partition("        return ")
    file.write_text(before + defined + code + returned + after, "utf-8")


def second_chapter(folder: Path) -> list[Ran]:
    """The page from its second chapter on, in the environment of this test."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV", "PYTHONHASH"))}
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', '')}"
    environment = {**kept, "PATH": path, "COLUMNS": "100"}
    return followed(folder, environment, skipped=("python3 -m venv", ". ", "pip "))


def test_every_command_does_what_the_page_says_and_shows_its_finding(tmp_path: Path) -> None:
    """One test: two workers that shared what came of the page would both follow it."""
    ran = second_chapter(tmp_path)
    each_does_what_the_page_says(ran)
    the_finding_is_the_one_that_the_page_shows(ran[0])
    assert ran[1].out.startswith("LEAK")
    assert "1 passed" in ran[2].out
    assert ran[3].out.startswith("NO_LEAK_FOUND")


def each_does_what_the_page_says(ran: list[Ran]) -> None:
    assert [each.command.split()[:2] for each in ran] == [
        ["pytest", "test_shop.py"],
        ["redactfuzz", "replay"],
        ["pytest", "test_shop.py"],
        ["redactfuzz", "run"],
    ]
    assert [(each.command, each.code != 0) for each in ran] == [(each.command, each.fails) for each in ran], [
        each.out for each in ran if (each.code != 0) != each.fails
    ]


def the_finding_is_the_one_that_the_page_shows(first: Ran) -> None:
    page = PAGE.read_text("utf-8").partition("<!-- finding -->\n```text\n")[2].partition("```")[0]
    shown = [_same(line) for line in page.splitlines() if line.strip() not in ("", "[ ... ]")]
    assert len(shown) > 10
    told = {_same(line) for line in first.out.splitlines()}
    assert not [line for line in shown if line not in told]


def _same(line: str) -> str:
    """Without what differs: the number of a step, the hash of the secret, the edge of the window."""
    columns = re.sub(r"^[│ ]*\d* │", "│", line)
    return " ".join(re.sub(r" [0-9a-f]{8}$", "", columns).split())


@pytest.mark.wide
def test_the_installation_of_the_page_works_in_an_empty_environment(tmp_path: Path) -> None:
    venv.create(tmp_path / ".venv", with_pip=True)
    path = f"{tmp_path / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    environment = {"PATH": path, "HOME": os.fspath(tmp_path), "COLUMNS": "100"}
    install, found, *_ = followed(tmp_path, environment, skipped=("python3 -m venv", ". "))
    assert install.code == 0, install.out
    assert "LEAK  test_shop.py::test_no_key_is_reported" in found.out
