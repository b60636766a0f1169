"""On which files a verdict depends, so that a proof is not believed of other code."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from nights_of import COMMAND, FIXED, environment, write

from redactfuzz.campaign.session.depends import unchanged
from redactfuzz.model import written
from redactfuzz.model.events import Depended, Source

PROGRAM = """
#include <redactfuzz.h>
#include <sized.h>
#include <string.h>
static unsigned char key[SIZED];
int main(void)
{
    memcpy(key, redactfuzz_canary("key", SIZED), SIZED);
    explicit_bzero(key, SIZED);
    return 0;
}
"""


def depended(folder: Path, *given: object) -> dict[str, Source]:
    """What a run says that it depends on, by path."""
    command = [COMMAND, "run", *given, "--executions", "50", "--events", "events.jsonl"]
    words = [str(word) for word in command]
    subprocess.run(words, cwd=folder, env=environment(), capture_output=True, check=False, timeout=120)
    events = [written.loads(line) for line in (folder / "events.jsonl").read_bytes().splitlines()]
    (told,) = {each.sources for each in events if isinstance(each, Depended)}
    return {each.path: each for each in told}


def test_headers_that_are_found_by_an_option_and_the_compiler_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "inc").mkdir()
    (tmp_path / "inc" / "sized.h").write_text("#define SIZED 16\n")
    write(tmp_path, PROGRAM, "p.c")
    found = depended(tmp_path, "p.c", "--cflag", "-Iinc")
    assert {"p.c", "inc/sized.h"} <= set(found)
    assert any(Path(path).name.startswith(("cc", "gcc", "clang")) for path in found)
    assert unchanged(found.values())
    (tmp_path / "inc" / "sized.h").write_text("#define SIZED 32\n")
    assert not unchanged(found.values())


def test_modules_that_a_scenario_imports_count_and_ours_do_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "LEVEL = 1\n", "beside.py")
    found = depended(tmp_path, write(tmp_path, f"import beside\n{FIXED}"))
    assert {"ring.py", "beside.py"} <= set(found)
    assert not [path for path in found if "/redactfuzz/night/" in path]
    assert unchanged(found.values())
    (tmp_path / "beside.py").unlink()
    assert not unchanged(found.values())


def test_of_nothing_nobody_knows_that_it_is_unchanged() -> None:
    assert not unchanged(())
