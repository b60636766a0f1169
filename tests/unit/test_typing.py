"""A user's test file is typed: mypy --strict has nothing to say of the right one, and finds what is wrong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

RIGHT = '''
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from redactfuzz import Race, Report, Verdict, explore, native, scenario, token


@scenario
def test_rotation(race: Race) -> None:
    key = race.canary("old key", token(40))
    scrub = race.redactor(str.upper)
    shown: str = scrub("x")
    where: int = shown.encode().find(key.bytes) + key.size + key.int
    memoryview(bytearray(where))[:] = key.bytes
    race.dump(shown)
    race.thread(print, key.text)
    race.crash(lambda: scrub(key.text))


@scenario(executions=100, seconds=5.0, isolation="process")
def test_options(race: Race, tmp_path: Path) -> None:
    race.crash(lambda: "", by="kill")


@given(st.integers())
@scenario(seed=1)
def test_drawn(race: Race, number: int) -> None:
    race.crash(lambda: number)


class TestRing:
    @scenario(executions=3)
    def test_in_a_class(self, race: Race) -> None: ...

    @scenario
    def test_fixture_first(self, tmp_path: Path, race: Race) -> None: ...


def test_report() -> None:
    report: Report = explore(test_rotation)
    assert report.verdict is Verdict.PROVED
    test_rotation()
    test_options(tmp_path=Path())
    assert explore(native.scenario("x.c", flags=["-O2"])).verdict.passed
'''
WRONG = {
    'wrong: int = test_rotation()': "Incompatible types in assignment",
    "test_options(tmp_path=3)": 'expected "Path"',
    "scenario(executions='many')": "No overload variant",
}


def checked(folder: Path, text: str) -> tuple[int, str]:
    (folder / "test_user.py").write_text(text)
    options = ["--strict", f"--cache-dir={folder / 'cache'}"]
    # In a process of its own: what mypy keeps would be looked at by each garbage collection of the tests that follow.
    command = [sys.executable, "-m", "mypy", *options, str(folder / "test_user.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_a_users_file_is_typed(tmp_path: Path) -> None:
    assert checked(tmp_path, RIGHT) == (0, "Success: no issues found in 1 source file\n")
    status, told = checked(tmp_path, RIGHT + "\n\n" + "\n".join(WRONG) + "\n")
    assert status == 1
    assert [what for what in WRONG.values() if what not in told] == []
