"""The job of a pull request: a minute for what the change concerns, and every finding that is known."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from jobs import FIRST, Project, begun, known_finding, mend, project

pytestmark = pytest.mark.wide
"""Long: the whole of it is for `make wide`; CI has no room for it in its 30 minutes."""


@pytest.fixture(name="begun")
def begun_project(tmp_path: Path) -> Project:
    return begun(project(tmp_path))


def test_a_pull_request_gets_a_minute_for_what_it_concerns_alone(begun: Project) -> None:
    begun.job("nightly")
    (begun.folder / "README.md").write_text("words\n", "utf-8")
    begun.commit()
    ran = begun.job("pull-request", "origin/main")
    assert ran.code == 0, ran.both
    assert "this change concerns no scenario" in ran.out
    file = begun.folder / FIRST
    file.write_text(file.read_text("utf-8") + "\n# changed\n", "utf-8")
    begun.commit()
    ran = begun.job("pull-request", "origin/main", REDACTFUZZ_PULL_REQUEST_SECONDS="1")
    assert ran.code == 1, ran.both
    asked = "fuzz --rounds 1 --slice 5s --corpus corpora --new-corpus --out .redactfuzz/pull-request"
    assert begun.calls("fuzz")[-1] == f"{asked} {FIRST}::test_rotation"


def test_a_pull_request_whose_scenario_tests_nothing_ends_with_the_status_of_an_alarm(begun: Project) -> None:
    """No finding: 1 would say that there is one."""
    file = begun.folder / FIRST
    text = file.read_text("utf-8")
    file.write_text(re.sub(r"race\.crash\(.*\)", 'race.crash(lambda: "nothing")', text), "utf-8")
    assert file.read_text("utf-8") != text
    begun.commit()
    ran = begun.job("pull-request", "origin/main", REDACTFUZZ_PULL_REQUEST_SECONDS="1")
    assert ran.code == 5, ran.both


PARAMETRIZED = """
import pytest
from ring import Keyring
from redactfuzz import Race, scenario


@pytest.mark.parametrize("times", [1])
@scenario
def test_rotates(race: Race, times):
    ring = Keyring(race.canary("old key").text)
    scrub = race.redactor(ring.scrub)
    race.thread(ring.rotate, race.canary("new key").text)
    race.crash(lambda: scrub("signing with " + ring.current))
"""
RING = """
class Keyring:
    def __init__(self, key):
        self.current, self.known = key, (key,)

    def rotate(self, key):
        {first}
        {then}

    def scrub(self, text):
        for key in self.known:
            text = text.replace(key, "[key]")
        return text
"""


def test_a_finding_that_only_pytest_can_run_again_fails_a_pull_request_as_well(begun: Project) -> None:
    known, current = "self.known = (*self.known, key)", "self.current = key"
    folder = begun.folder / "tests" / "unit"
    folder.mkdir()
    (folder / "test_par.py").write_text(PARAMETRIZED, "utf-8")
    (folder / "ring.py").write_text(RING.format(first=current, then=known), "utf-8")
    begun.sh(sys.executable, "-m", "pytest", "-q", "tests/unit")
    (found,) = (begun.folder / ".redactfuzz").glob("*.rfz.json")
    assert begun.sh("redactfuzz", "corpus", "promote", str(found), "--into", "corpora").code == 0
    mend(begun.folder / FIRST)
    begun.commit()
    words = ("pull-request", "origin/main")
    ran = begun.job(*words, REDACTFUZZ_PULL_REQUEST_SECONDS="1")
    assert ran.code == 1, ran.both
    (folder / "ring.py").write_text(RING.format(first=known, then=current), "utf-8")
    begun.commit("mended")
    ran = begun.job(*words, REDACTFUZZ_PULL_REQUEST_SECONDS="1")
    assert ran.code == 0, ran.both


def test_a_finding_whose_scenario_is_gone_fails_no_pull_request(begun: Project) -> None:
    kept = known_finding(begun)
    file = begun.folder / FIRST
    other = file.rename(file.with_name("test_elsewhere.py"))
    assert begun.sh("redactfuzz", "replay", str(kept)).code == 2
    mend(other)
    begun.commit("fixed")
    ran = begun.job("pull-request", "origin/main", REDACTFUZZ_PULL_REQUEST_SECONDS="1")
    assert ran.code == 0, ran.both


def test_a_finding_that_comes_back_fails_a_pull_request_and_one_whose_code_has_changed_does_not(begun: Project) -> None:
    kept = known_finding(begun)
    ran = begun.job("pull-request", "origin/main", REDACTFUZZ_PULL_REQUEST_SECONDS="1")
    assert ran.code == 1
    assert "LEAK" in ran.out
    mend(begun.folder / FIRST)
    begun.commit("fixed")
    assert begun.sh("redactfuzz", "replay", str(kept)).code in (0, 5)
    ran = begun.job("pull-request", "origin/main", REDACTFUZZ_PULL_REQUEST_SECONDS="1")
    assert ran.code == 0, ran.both
