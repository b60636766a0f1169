"""`make format` does what CONTRIBUTING.md says of it, in a repository of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[2]
UGLY = "int   rf_%s( int a ){return   a;}\n"
NEAT = "int rf_%s(int a) { return a; }\n"


def test_lines_of_c_that_changed_are_set_and_no_others(tmp_path: Path) -> None:
    # In a hook of git its variables name the repository of the hook; in a recipe MAKEFLAGS are those of its make.
    own = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "MAKE", "MFLAGS"))}

    def run(*command: str) -> None:
        done = subprocess.run(command, cwd=tmp_path, env=own, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    for name in ("Makefile", ".clang-format", ".clang-format-ignore", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    for folder in ("redactfuzz", "ci"):
        (tmp_path / folder).mkdir()
    known, staged, new, module = (tmp_path / "redactfuzz" / name for name in ("known.c", "staged.c", "new.h", "a.py"))
    for file in (known, staged):
        file.write_text(UGLY % "old", "utf-8")
    run("git", "init", "--quiet")
    run("git", "add", ".")
    run("git", "-c", "user.name=a", "-c", "user.email=a", "commit", "--quiet", "--message=a")
    known.write_text(UGLY % "old" + "\n" + UGLY % "more", "utf-8")
    staged.write_text(UGLY % "old" + "\n" + UGLY % "more", "utf-8")
    run("git", "add", "redactfuzz/staged.c")
    new.write_text(UGLY % "new", "utf-8")
    module.write_text("x   =  1\n", "utf-8")
    for _ in range(2):  # what it has set stays
        run("make", f"VENV={sys.prefix}", f"--old-file={sys.prefix}/.tools", "format")
        assert known.read_text("utf-8") == staged.read_text("utf-8") == UGLY % "old" + "\n" + NEAT % "more"
        assert new.read_text("utf-8") == NEAT % "new"
        assert module.read_text("utf-8") == "x = 1\n"
