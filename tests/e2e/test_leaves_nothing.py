"""However a run ends: no file, no process and no memory of it stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
import pytest
from commands import COMMAND

from redactfuzz import workplace

SECONDS = 60.0
"""For all of a run to go, on a busy machine."""
SCENARIO = """
import os, tempfile, time
from redactfuzz import scenario
from redactfuzz.dumps import core
@scenario(executions={executions}, seconds=600{options})
def test_endless(race):
    key = race.canary("key")
    mask = race.redactor(lambda text: "[key]")
    (race.tmp_path / "file").write_text("here")
    with open(os.path.join(tempfile.gettempdir(), "begun"), "w"):
        pass
    race.crash(lambda: mask(key.text))
    race.thread(lambda: {body})
"""
KINDS = {
    "files": ("", '[int("1") for _ in range(50)]'),
    "dies": (", isolation='process'", "os.kill(os.getpid(), 11)"),
    "cores": ("", "race.dump(core())"),
    "hangs": (", isolation='process'", "[time.sleep(1) for _ in iter(int, 1)]"),
    "pytest": ("", '[int("1") for _ in range(50)]'),
}
"""Options, and what the thread of a scenario does."""
PROGRAM = """
#include <pthread.h>
#include <redactfuzz.h>
#include <string.h>
static volatile unsigned char key[32];
static volatile int n;
static void *work(void *p) { for (int i = 0; i < 50; i++) n++; return p; }
int main(void)
{
    pthread_t t[3];
    memcpy((void *)key, redactfuzz_canary("key", 32), 32);
    for (int i = 0; i < 3; i++) pthread_create(&t[i], 0, work, 0);
    for (int i = 0; i < 3; i++) pthread_join(t[i], 0);
    memset((void *)key, 0, 32);
    return 0;
}
"""


@attrs.frozen
class Place:
    """Where a run works, and what is its own there."""

    work: Path
    temporary: Path

    def begun(self) -> bool:
        """Whether an execution has."""
        return any(self.temporary.glob("redactfuzz-*/temporary/begun"))

    def left(self) -> list[str]:
        """Temporary files, in memory too; cores beside the scenario; processes that work there."""
        # os.walk, since what is looked at may be going away.
        files = [f"{folder}/{name}" for folder, *names in os.walk(self.temporary) for name in (*names[0], *names[1])]
        shared = [path for path in Path("/dev/shm").glob("redactfuzz-*") if path not in self._shared]
        files += [str(path) for path in shared if free(path)]
        files += [str(path) for path in self.work.iterdir() if path.name.startswith("core")]
        return files + [f"process {one}" for one in processes(str(self.work))]

    _shared: frozenset[Path] = attrs.field(factory=lambda: frozenset(Path("/dev/shm").glob("redactfuzz-*")))


def free(folder: Path) -> bool:
    """Whether the run is dead that made it; others may run beside this one, and theirs is held."""
    try:
        return workplace._is_free(folder / "lock")
    except FileNotFoundError:
        return folder.exists()
    except OSError:
        return False


def processes(folder: str) -> Iterator[str]:
    """Those that work in a folder."""
    for path in Path("/proc").iterdir():
        if path.name.isdigit():
            try:
                if str((path / "cwd").readlink()).startswith(folder):
                    yield (path / "cmdline").read_text().replace("\0", " ")
            except OSError:
                continue


@pytest.fixture
def place(tmp_path: Path) -> Place:
    folders = Place(tmp_path / "work", tmp_path / "temporary")
    folders.work.mkdir()
    folders.temporary.mkdir()
    return folders


def started(place: Place, kind: str, *, few: bool = False) -> subprocess.Popen[bytes]:
    """A run that has begun to execute; with ``few`` executions it soon comes to its end."""
    executions = 3 if few else 1_000_000_000
    command = [str(COMMAND), "run"]
    if kind == "program":
        (place.work / "program.c").write_text(PROGRAM)
        command += ["program.c", "--executions", str(executions), "--seconds", "600"]
    else:
        options, body = KINDS[kind]
        (place.work / "scenario.py").write_text(SCENARIO.format(options=options, executions=executions, body=body))
        command += ["scenario.py"]
    if kind == "pytest":
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "scenario.py"]
    process = subprocess.Popen(
        command,
        cwd=place.work,
        env={**os.environ, "TMPDIR": str(place.temporary)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    if few:
        return process
    if kind != "program":
        assert soon(place.begun)
    else:
        assert soon(lambda: any("/driver " in one for one in processes(str(place.work))))
    return process


def soon(holds: Callable[[], object]) -> bool:
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(0.05)
    return bool(holds())


def worker(process: subprocess.Popen[bytes]) -> int:
    """The process that executes."""
    return int(Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()[0])


@pytest.mark.parametrize("kind", ["files", "dies", "cores", "hangs", "program", "pytest"])
@pytest.mark.parametrize("end", ["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL", "SIGKILL of the worker"])
def test_nothing_stays(place: Place, kind: str, end: str) -> None:
    process = started(place, kind)
    number = getattr(signal, end.split()[0])
    of_worker = "worker" in end and kind != "pytest"  # whose session explores itself
    os.kill(worker(process) if of_worker else process.pid, number)
    if of_worker:
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
    process.wait(SECONDS)
    assert soon(lambda: not place.left()), place.left()


def test_what_a_run_left_where_nobody_could_clear_up_is_swept_by_the_next(place: Place) -> None:
    theirs = place.temporary / "redactfuzz-abcdefgh"
    theirs.mkdir()
    (theirs / "lock").write_bytes(workplace._OURS)
    (theirs / "dump").write_text("a key")
    unlike = place.temporary / "redactfuzz-notes"
    unlike.mkdir()
    (unlike / "lock").touch()
    process = started(place, "files")
    assert not theirs.exists()
    assert unlike.exists(), "whose lock is none of ours, so it is somebody else's"
    process.send_signal(signal.SIGINT)
    process.wait(SECONDS)
