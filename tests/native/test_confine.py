"""What a program really asks of the kernel changes nothing outside of its folder, whatever it calls it by."""

from __future__ import annotations

import platform
import resource
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import sources

from redactfuzz import explore, native
from redactfuzz.model.verdict import Verdict

pytestmark = pytest.mark.skipif(platform.machine() != "x86_64", reason="its system calls are those of x86-64")
PROGRAM = Path(__file__).parent / "confined" / "reaches_out.c"


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    """Somebody else's folder."""
    folder = tmp_path / "theirs"
    (folder / "empty").mkdir(parents=True)
    (folder / "there").write_text("as it was")
    (folder / "removed").write_text("")
    (folder / "core").write_text("precious")
    return folder


@pytest.fixture
def victim() -> Iterator[subprocess.Popen[bytes]]:
    """Somebody else's process."""
    with subprocess.Popen(["sleep", "600"]) as process:
        yield process
        process.kill()


@pytest.fixture(autouse=True)
def cores_may_be_large() -> Iterator[None]:
    """As after ``ulimit -c unlimited``."""
    before = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (before[1], before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_CORE, before)


def state(folder: Path) -> dict[str, tuple[object, ...]]:
    """Everything that there is to know of what lies there."""
    found = {}
    for path in sorted([folder, *folder.rglob("*")]):
        status = path.lstat()
        content = path.read_bytes() if path.is_file() else b""
        times = () if path == folder else (status.st_mtime_ns,)
        found[path.name] = (content, status.st_mode, status.st_uid, status.st_nlink, *times)
    return found


def flags(folder: Path, victim: subprocess.Popen[bytes]) -> list[str]:
    return [f'-DFOLDER="{folder}"', f"-DVICTIM={victim.pid}"]


def test_calls_that_would_change_files_or_end_a_process_are_refused(
    theirs: Path, victim: subprocess.Popen[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    before = state(theirs)
    report = explore(native.scenario(PROGRAM, flags=flags(theirs, victim), executions=50))
    assert report.executions
    assert not report.verdict.passed
    assert state(theirs) == before
    assert victim.poll() is None
    assert {path.name for path in work.iterdir()} <= {".redactfuzz"}


def test_a_program_that_changes_its_folder_leaves_its_core_in_ours(
    theirs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was written into the user's folder, over a file called core, with the secret in it."""
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    begins = f'int main(void)\n{{\n    if (chdir("{theirs}")) abort();'
    (work / "rotate.c").write_text(sources.LEAKY.replace("int main(void)\n{", begins))
    before = state(theirs)
    report = explore(native.scenario(work / "rotate.c", executions=3_000))
    assert report.verdict is Verdict.LEAK, report.reason
    assert any("confirmed: a process that really died left it" in note for note in report.notes)
    assert state(theirs) == before


def test_the_same_calls_do_what_they_say_where_nobody_keeps_them(
    theirs: Path, victim: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    """The control: without it the test above could not fail."""
    alone = tmp_path / "alone"
    subprocess.run(["gcc", "-DALONE", *flags(theirs, victim), "-o", alone, PROGRAM], check=True)
    subprocess.run([alone], check=False, cwd=tmp_path)
    names = {path.name for path in theirs.iterdir()}
    assert {"made", "linked", "pointed", "folder", "pipe", "moved"} <= names
    assert not {"empty", "removed", "there"} & names
    assert (theirs / "moved").read_bytes() == b""
    assert (theirs / "moved").stat().st_mode & 0o777 == 0o777
    assert victim.wait(10) == -15
