"""What pytest prints to see a finding again works from where pytest ran, whatever said how modules are found."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import attrs
import pytest
import samples
from commands import Ran, run_in

pytestmark = pytest.mark.once

TEST = """
from redactfuzz import scenario
from {ring} import stage

@scenario
def test_it(race):
    stage(race, "rotate")
"""
ADDS = "import sys\nfrom pathlib import Path\nsys.path.append(str(Path(__file__).parent / 'lib'))\n"
HOOK = (
    "import sys\nfrom pathlib import Path\n\n\ndef pytest_configure():\n"
    "    sys.path.append(str(Path(__file__).parent / 'lib'))\n"
)
CI = "--redactfuzz-executions 20 -p no:cacheprovider"
PATH = "[pytest]\npythonpath = .\n"
PROJECT = '[tool.pytest.ini_options]\npythonpath = ["src"]\n'


@attrs.frozen
class Layout:
    """A project, what is run in it, and where."""

    files: dict[str, str]
    pytest: str = "pytest"
    folder: str = "."
    by: str = "redactfuzz replay"
    """What is printed begins with it."""


LAYOUTS = {
    "pythonpath of an ini file": Layout({"pytest.ini": PATH, "tests/test_x.py": "app.ring", "app/ring.py": ""}),
    "a src layout": Layout({"pyproject.toml": PROJECT, "tests/test_x.py": "app.ring", "src/app/ring.py": ""}),
    "pythonpath of setup.cfg": Layout(
        {"setup.cfg": "[tool:pytest]\npythonpath =\n    lib\n", "tests/test_x.py": "ring", "lib/ring.py": ""}
    ),
    "the rootdir above": Layout(
        {"tox.ini": PATH, "part/tests/test_x.py": "app.ring", "app/ring.py": ""}, folder="part/tests"
    ),
    "a path that a conftest adds": Layout(
        {
            "conftest.py": ADDS,
            "tests/test_x.py": "ring",
            "lib/ring.py": "",
        }
    ),
    "a path that a hook of a conftest adds": Layout(
        {"conftest.py": HOOK, "tests/test_x.py": "ring", "lib/ring.py": ""}, by="pytest "
    ),
    "a conftest alone": Layout({"conftest.py": "", "tests/test_x.py": "ring", "ring.py": ""}),
    "tests that are packages": Layout(
        {"tests/__init__.py": "", "tests/sub/__init__.py": "", "tests/sub/test_x.py": "..ring", "tests/ring.py": ""}
    ),
    "two files of one name": Layout(
        {
            "pytest.ini": "[pytest]\naddopts = --import-mode=importlib\npythonpath = src\n",
            "one/test_x.py": "app.ring",
            "two/test_x.py": "app.ring",
            "src/app/ring.py": "",
        },
        "pytest one two",
    ),
    "packages that are on no path": Layout(
        {
            "pytest.ini": "[pytest]\naddopts = --import-mode importlib\n",
            "a/__init__.py": "",
            "a/test_x.py": ".ring",
            "a/ring.py": "",
        }
    ),
    "from a folder of tests": Layout(
        {"pytest.ini": PATH, "tests/test_x.py": "app.ring", "app/ring.py": ""}, folder="tests"
    ),
    "a test elsewhere": Layout(
        {"pytest.ini": PATH, "tests/test_x.py": "app.ring", "app/ring.py": "", "b/c": ""}, "pytest ../tests", folder="b"
    ),
    "python -m pytest": Layout({"tests/test_x.py": "ring", "ring.py": ""}, "python -m pytest"),
    "an option of the command line": Layout(
        {"tests/test_x.py": "ring", "lib/ring.py": ""}, "pytest -o pythonpath=lib", by="pytest -o pythonpath=lib"
    ),
    "another ini file": Layout(
        {"ci/ci.ini": "[pytest]\npythonpath = ../lib\n", "tests/test_x.py": "ring", "lib/ring.py": ""},
        "pytest -c ci/ci.ini --rootdir . tests",
        by="pytest -c ci/ci.ini --rootdir=.",
    ),
    "an import mode of the command line": Layout(
        {"pytest.ini": PATH, "tests/test_x.py": "app.ring", "app/ring.py": ""},
        "pytest --import-mode=importlib",
        by="pytest --import-mode=importlib",
    ),
}


def laid_out(layout: Layout, folder: Path) -> Path:
    for name, text in layout.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = TEST.format(ring=text) if path.name == "test_x.py" else samples.RING if path.name == "ring.py" else text
        path.write_text(text)
    return folder / layout.folder


def printed(out: str) -> list[str]:
    """The commands of the summary."""
    return re.findall(r"execution \d+; ((?:\S*redactfuzz|\S*pytest|python -m pytest) .*)$", out, re.MULTILINE)


def in_shell(folder: Path, command: str) -> Ran:
    return run_in(folder, "/bin/sh", "-c", command)


FIRST = {
    *("a src layout", "the rootdir above", "tests that are packages"),
    *("two files of one name", "python -m pytest", "another ini file"),
}
"""Those that run each time."""


@pytest.mark.parametrize(
    "layout",
    [pytest.param(each, id=name, marks=() if name in FIRST else pytest.mark.wide) for name, each in LAYOUTS.items()],
)
def test_the_command_that_is_printed_shows_the_finding_again(layout: Layout, tmp_path: Path) -> None:
    folder = laid_out(layout, tmp_path)
    ran = in_shell(folder, f"{layout.pytest} {CI}")
    commands = printed(ran.out)
    assert len(commands) == sum(name.endswith("test_x.py") for name in layout.files), ran.both
    for command in commands:
        assert command.startswith(layout.by)
        again = in_shell(folder, command)
        assert again.code == 1, again.both
        assert "REPRODUCED: 1 of 1" in again.both


@pytest.mark.parametrize("name", ["pythonpath of an ini file", "a src layout", "two files of one name"])
def test_run_finds_the_same_modules(name: str, tmp_path: Path) -> None:
    folder = laid_out(LAYOUTS[name], tmp_path)
    files = [each for each in LAYOUTS[name].files if each.endswith("test_x.py")]
    ran = in_shell(folder, f"redactfuzz run --executions 50 --json {' '.join(files)}")
    assert [each["verdict"] for each in ran.records] == ["LEAK"] * len(files)


def test_what_cannot_be_imported_says_where_it_was_looked_for(tmp_path: Path) -> None:
    layout = Layout({"pytest.ini": PATH, "tests/test_x.py": "nowhere.ring"})
    ran = in_shell(laid_out(layout, tmp_path), "redactfuzz run tests/test_x.py")
    assert ran.code == 4
    assert "No module named 'nowhere'" in ran.out
    told = " ".join(ran.out.split())
    assert "Modules were looked for in tests, . (1 from pythonpath in pytest.ini)" in told
    assert "pytest tests/test_x.py" in told


def test_a_conftest_that_fails_is_named(tmp_path: Path) -> None:
    layout = Layout({"conftest.py": "1 / 0\n", "tests/test_x.py": "ring"})
    ran = in_shell(laid_out(layout, tmp_path), "redactfuzz run tests/test_x.py")
    assert ran.code == 4
    assert "conftest.py cannot be imported: ZeroDivisionError" in ran.out


def test_a_command_that_the_shell_would_not_find_is_printed_with_its_path(tmp_path: Path) -> None:
    layout = Layout({"test_x.py": "ring", "ring.py": ""})
    folder = laid_out(layout, tmp_path)
    python = shlex.quote(str(Path(run_in(folder, "which", "python").out.strip())))
    ran = run_in(folder, "/bin/sh", "-c", f"{python} -m pytest {CI}", PATH="/usr/bin:/bin")
    (command,) = printed(ran.out)
    again = run_in(folder, "/bin/sh", "-c", command, PATH="/usr/bin:/bin")
    assert (again.code, "REPRODUCED: 1 of 1" in again.both) == (1, True), again.both
