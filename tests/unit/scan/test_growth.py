"""The work of a scan grows as its input does: counted, not timed. ``ci/bench/scan_growth.py`` asks for larger ones."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from redactfuzz.scan.matcher import Origins

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT / "ci" / "bench"))
from shared import scan_shapes, scan_work  # noqa: E402

pytestmark = pytest.mark.once

SMALL, LARGE = 64 << 10, 256 << 10
MOST = 2.3
"""Times the work for twice the input."""
NAMES = (
    "one run of base64",
    "a log that leaks plainly",
    "a log that leaks in groups of hexadecimal",
    "a JSON array that leaks in escapes",
    "a JSON array of small values",
    "equal RSA keys as JWK",
    "symmetric keys as JWK",
    "beginnings of PEM",
    "beginnings of tokens",
    "a core of overlapping segments",
    "gzip members",
    "session cookies",
    "JSON Lines with streams that break off",
    "JSON in JSON in JSON that leaks",
    "key stores of Java within one another",
    "zip headers within one another",
    "a tar of many attributes and members",
    "beginnings of bzip2",
    "events of many streams",
)


LATER = {"JSON Lines with streams that break off": 4}
"""Times as large, where what comes first costs less than what follows: from 512 KB on a doubling takes 2.1 times."""


def work(folder: Path, name: str, size: int) -> float:
    """That of one byte."""
    path = folder / "input"
    path.write_bytes(data := scan_shapes.SHAPES[name](size))
    return scan_work.counted(path, scan_shapes.CANARY).total / len(data)


def growth(folder: Path, name: str) -> float:
    """Where the input is doubled; of two doublings the mean."""
    times = LATER.get(name, 1)
    return float(2 * (work(folder, name, times * LARGE) / work(folder, name, times * SMALL)) ** 0.5)


@pytest.mark.parametrize("name", NAMES)
def test_twice_the_input_takes_twice_the_work(tmp_path: Path, name: str) -> None:
    assert growth(tmp_path, name) < MOST


def test_the_count_is_the_same_each_time_and_sees_what_is_quadratic(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "a log that leaks in groups of hexadecimal"
    work(tmp_path, name, SMALL)  # what is imported and cached at the first time
    assert work(tmp_path, name, SMALL) == work(tmp_path, name, SMALL)

    def from_the_beginning(self: Origins, position: int) -> int:
        return real(Origins(self._text, dense=self._of is other._of), position)

    real, other = Origins.at, Origins(b"", dense=True)
    monkeypatch.setattr(Origins, "at", from_the_beginning)
    assert growth(tmp_path, name) > MOST


def test_all_forty_shapes_have_the_size_that_is_asked_for() -> None:
    assert len(scan_shapes.SHAPES) >= 40
    for name, shape in scan_shapes.SHAPES.items():
        assert 0.3 * SMALL < len(shape(SMALL)) < 2 * SMALL, name


# What C does within one call is not counted. A limit of a hundred times what it takes tells it from what has no end.

_SECONDS = 60
_TEXTS = """
    import resource, sys
    resource.setrlimit(resource.RLIMIT_CPU, (int(sys.argv[1]), int(sys.argv[1])))
    from redactfuzz._core._engine import ffi, lib
    data, at, texts, found = sys.stdin.buffer.read(), ffi.new("size_t *", 0), ffi.new("rf_text[]", 64), 0
    while at[0] < len(data):
        found += lib.rf_find_texts(ffi.from_buffer("uint8_t[]", data), len(data), at, texts, 64)
    print(found)
"""


@pytest.mark.parametrize("name", ["a log in Russian in UTF-16", "letters of both orders of UTF-16"])
def test_letters_of_two_orders_are_not_walked_over_again_and_again(name: str) -> None:
    data = scan_shapes.SHAPES[name](4 << 20)
    command = [sys.executable, "-c", textwrap.dedent(_TEXTS), str(_SECONDS)]
    done = subprocess.run(command, input=data, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert int(done.stdout) > 0
