"""The C driver of `make sanitize`: clean on our sources, and it fails on one that reads or writes one byte too many."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[3]
CORE = ROOT / "redactfuzz" / "_core"
FOLDERS = ("match", "keys", "curves")
"""That the driver calls."""
OVERRUN = {"match_dense.c": ("at + 1 < size ? text[at + 1]", "at + 1 <= size ? text[at + 1]")}
UNDEFINED = {"match_index.h": ("memcpy(&window, at, sizeof window);", "window = *(const uint64_t *)(const void *)at;")}
FLAGS = ["-std=c11", "-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]


def drive(folder: Path, changed: dict[str, tuple[str, str]]) -> subprocess.CompletedProcess[str]:
    sources = []
    for path in sorted(path for folder in FOLDERS for path in CORE.glob(f"{folder}/*.[ch]")):
        text = path.read_text("utf-8")
        if path.name in changed:
            before, after = changed[path.name]
            assert text.count(before) == 1, f"{path.name} holds {text.count(before)} times: {before}"
            text = text.replace(before, after)
        copy = folder / path.relative_to(CORE)
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(text, "utf-8")
        if path.suffix == ".c":
            sources.append(str(copy))
    program = folder / "driver"
    driver = str(ROOT / "tests" / "sanitize" / "driver.c")
    subprocess.run(["gcc", *FLAGS, f"-I{folder}", driver, *sources, "-lm", "-o", str(program)], check=True)
    return subprocess.run([str(program), "60"], capture_output=True, text=True, check=False)


def test_our_sources_are_clean(tmp_path: Path) -> None:
    ran = drive(tmp_path, {})
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize(
    ("change", "report"),
    [
        pytest.param(OVERRUN, "heap-buffer-overflow", id="a byte read past the end of the data"),
        pytest.param(UNDEFINED, "misaligned address", id="an unaligned load through a pointer"),
    ],
)
def test_a_mistake_put_into_a_copy_is_reported(change: dict[str, tuple[str, str]], report: str, tmp_path: Path) -> None:
    ran = drive(tmp_path, change)
    assert ran.returncode != 0
    assert report in ran.stderr
