"""Progress of a large dump: on a terminal only, and only when there is something to watch."""

from __future__ import annotations

import io
import os
import threading

import pytest

from redactfuzz.report.progress import LARGE, reading


def shown(size: int | None) -> str:
    """What comes out of a terminal."""
    parent, child = os.openpty()
    out: list[bytes] = []

    def drain() -> None:
        try:
            while data := os.read(parent, 4096):
                out.append(data)
        except OSError:
            return  # the other end is closed

    reader = threading.Thread(target=drain)
    reader.start()
    with os.fdopen(child, "w") as err, reading("a [red]core\x1b[31m", size, err) as told:
        told(1 << 20)
    reader.join()
    os.close(parent)
    return b"".join(out).decode()


@pytest.fixture(autouse=True)
def _terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")


@pytest.mark.parametrize("size", [LARGE, None])
def test_a_large_dump_is_watched_on_a_terminal(size: int | None) -> None:
    text = shown(size)
    assert "a [red]core" in text
    assert "core\x1b[31m" not in text


def test_a_small_dump_is_not() -> None:
    assert shown(LARGE - 1) == ""


def test_elsewhere_nothing_is_shown() -> None:
    err = io.StringIO()
    with reading("core", LARGE, err) as told:
        told(1)
    assert err.getvalue() == ""
