"""No canary is shown by pytest, in whatever phase, on the terminal or in JUnit."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import Run

SECRET = "sk_live_9f8Ab3kQ7zLmW2xVt4"
TESTS = f'''
import logging

import pytest

from redactfuzz import literal, scenario, token

SEEN = []


@pytest.fixture
def kept():
    values = []
    yield values
    print("printed", values)
    logging.getLogger("app").warning("logged %s", values)
    raise RuntimeError(f"kept {{values}}")


@pytest.fixture(scope="module")
def of_all():
    yield SEEN
    print("of all", SEEN)
    raise ExceptionGroup("of all", [AssertionError(str(SEEN))])


@pytest.fixture
def after(of_all):
    print("after", SEEN)
    assert not SEEN, SEEN


@scenario
def test_keeps(race, kept, of_all):
    key = race.canary("key", token(32))
    for values in (kept, of_all):
        values.append("CANARY" + key.text)
    race.thread(lambda: None)
    race.crash(lambda: b"nothing")


def test_ordinary():
    print("mine")
    assert not "told"


def test_follows(after):
    pass


@pytest.mark.parametrize("value", ["{SECRET}"])
@scenario
def test_of_a_secret(race, value):
    key = race.canary("key", literal(value))
    race.thread(lambda: None)
    race.crash(lambda: key.text.encode())


@pytest.mark.parametrize("value", ["{SECRET}"], ids=["a key"])
@scenario
def test_of_a_name(race, value):
    key = race.canary("key", literal(value))
    race.thread(lambda: None)
    race.crash(lambda: key.text.encode())
'''
FEW = ("--redactfuzz-executions", "5", "-rA", "--showlocals", "--junit-xml", "out.xml")


@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["here", "in a worker"])
def test_a_fixture_that_raises_shows_its_type_and_place_and_no_canary(
    run_pytest: Run, folder: Path, workers: tuple[str, ...]
) -> None:
    (folder / "test_kept.py").write_text(TESTS)
    chosen = [f"test_kept.py::{name}" for name in ("test_keeps", "test_ordinary", "test_follows")]
    ran = run_pytest(*chosen, *FEW, *workers)
    for told in (ran.out + ran.err, (folder / "out.xml").read_text()):
        assert "CANARY" not in told
        for said in ("RuntimeError in the teardown of a fixture", "AssertionError in the setup of a fixture"):
            assert said in told
        assert "ExceptionGroup in the teardown of a fixture" in told
        assert "told" in told
        assert "mine" in told
    line = TESTS[: TESTS.index("raise RuntimeError")].count("\n") + 1
    assert f"test_kept.py:{line} in kept" in ran.out


def test_an_id_that_is_a_secret_is_refused_and_in_no_file_of_ours(run_pytest: Run, folder: Path) -> None:
    (folder / "test_kept.py").write_text(TESTS)
    ran = run_pytest("test_kept.py::test_of_a_secret", "test_kept.py::test_of_a_name", *FEW)
    assert "the name of a test holds a secret" in ran.out
    assert "ids=[...]" in ran.out
    files = [*folder.glob(".redactfuzz/*.json")]
    assert [SECRET in file.name or SECRET in file.read_text() for file in files] == [False]
    assert not any(SECRET in line for line in ran.out.splitlines() if "replay" in line)


def test_a_session_without_scenarios_shows_all_that_fixtures_say(run_pytest: Run, folder: Path) -> None:
    (folder / "test_plain.py").write_text(
        "import pytest\n@pytest.fixture\ndef broken():\n    print('printed')\n    raise RuntimeError('said')\n"
        "def test_it(broken):\n    pass\n"
    )
    ran = run_pytest("test_plain.py")
    assert "RuntimeError: said" in ran.out
    assert "printed" in ran.out
