"""What the machine lacks is told apart from what is a bug of ours."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from redactfuzz import workplace
from redactfuzz.model.machine import lacking
from redactfuzz.report.internal import report
from redactfuzz.threads.process.child import ChildError

TRACE = "Traceback (most recent call last):\n  File 'x.py', line 1\n"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (MemoryError(), "not enough memory"),
        (OSError(errno.ENOSPC, "No space left on device", "/tmp/x"), "No space left on device: /tmp/x"),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), "Cannot allocate memory"),
        (BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable"), "temporarily unavailable"),
        (FileNotFoundError(errno.ENOENT, "No usable temporary directory found in ['/tmp']"), "no more files may be"),
        (RuntimeError("can't start new thread"), "can't start new thread"),
        (ImportError("x.so: failed to map segment from shared object"), "not enough memory"),
        (ChildError(f"{TRACE}OSError: [Errno 12] Cannot allocate memory\n"), "a child process"),
        (ChildError(f"{TRACE}MemoryError\n"), "a child process"),
    ],
)
def test_it_is_said_and_nothing_is_to_be_reported(error: BaseException, said: str) -> None:
    assert said in lacking(error)
    assert "bug of redactfuzz" not in report(error, "a.py::it")
    assert said in report(error, "a.py::it")


@pytest.mark.parametrize(
    "error",
    [
        KeyError("x"),
        RuntimeError("MemoryError"),
        OSError(errno.ENOENT, "No such file or directory"),
        ImportError("No module named 'x'"),
        ChildError(f"{TRACE}KeyError: 'MemoryError'\n"),
        ChildError(f"{TRACE}OSError: [Errno 2] No such file or directory\n"),
    ],
)
def test_anything_else_is_ours(error: BaseException, tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(str(tmp_path))
    assert not lacking(error)
    assert "bug of redactfuzz" in report(error, "a.py::it")


def test_a_full_disk_is_left_no_empty_file_of_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, text: str, flags: int = 0) -> None:
        path.touch()
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(workplace, "write", full)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "temporary").mkdir()
    assert "could not be written" in report(KeyError("x"), "a test")
    assert not list(tmp_path.rglob("internal-error*"))
