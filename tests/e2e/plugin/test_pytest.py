"""The pytest plugin in a process of its own."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from commands import COMMAND, Ran, Run, filled, run_in, session_in

CI = ("--redactfuzz-profile", "ci")


def counts(out: str) -> dict[str, int]:
    """``{"passed": 2, "failed": 1}`` of pytest's last line."""
    return {name: int(number) for number, name in re.findall(r"(\d+) (passed|failed|error|skipped)", out[-300:])}


def repro_of(out: str) -> str:
    found = re.search(r"redactfuzz[ -]replay (\S+\.rfz\.json)", out)
    assert found
    return found[1]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of ``session`` and ``drawn``. No test changes anything there."""
    return filled(tmp_path_factory.mktemp("session"))


@pytest.fixture(scope="module")
def session(place: Path) -> Ran:
    """``test_ring.py``, once for all that is asked about what it says and leaves."""
    return session_in(place, "test_ring.py", *CI, "--junit-xml", "out.xml")


@pytest.fixture(scope="module")
def drawn(place: Path) -> Ran:
    """The same of a leak whose workload Hypothesis drew."""
    return session_in(place, "test_drawn.py::test_leaks", *CI)


def test_scenarios_are_tests_and_fixtures_work(session: Ran) -> None:
    assert session.code == 1
    assert counts(session.out) == {"passed": 2, "failed": 1}


def test_the_header_tells_version_profile_and_seed(run_pytest: Run) -> None:
    ran = run_pytest("test_ring.py::test_untouched", *CI, "--redactfuzz-seed", "7")
    assert re.search(r"^redactfuzz 0\.\d+\.\d+: profile ci, seed 7$", ran.out, re.MULTILINE)


def test_a_failure_shows_the_explanation_and_no_traceback_of_ours(session: Ran) -> None:
    for expected in ("CRASH strikes here", "race window", "new key", "--redactfuzz-replay .redactfuzz/test_leaks-"):
        assert expected in session.out
    for unexpected in ("Traceback", "redactfuzz/campaign", "printed by a scenario", "Captured"):
        assert unexpected not in session.out
    assert re.search(r"^FAILED test_ring.py::test_leaks - LEAK: ", session.out, re.MULTILINE)


@pytest.mark.parametrize("workers", [False, True])
def test_the_summary_has_a_line_for_each_scenario(session: Ran, run_pytest: Run, workers: bool) -> None:
    ran = run_pytest("test_ring.py", *CI, "-n", "2") if workers else session
    summary = ran.out[ran.out.index("= redactfuzz =") :]
    assert re.search(
        r"^(PROVED|NO_LEAK_FOUND) test_ring.py::test_passes: [\d,]+ executions?, .*seed 0", summary, re.MULTILINE
    )
    assert re.search(
        r"^LEAK test_ring.py::test_leaks: .*pytest test_ring.py::test_leaks --redactfuzz-replay \S+\.rfz\.json$",
        summary,
        re.MULTILINE,
    )
    assert "test_untouched" not in summary
    assert "CRASH strikes here" in ran.out


def test_a_file_replays_its_test_alone_and_the_command_line_says_who_runs_it(session: Ran, place: Path) -> None:
    repro = repro_of(session.out)
    ran = session_in(place, "--redactfuzz-replay", repro)
    assert ran.code == 1
    assert counts(ran.out)["failed"] == 1
    assert "passed" not in counts(ran.out)
    assert "CRASH strikes here" in ran.out
    refused = run_in(place, COMMAND, "replay", repro)
    assert refused.code == 2
    assert "test_ring.py::test_leaks" in refused.err


def test_a_finding_of_pytest_replays_on_the_command_line(run_pytest: Run, cli: Run, folder: Path) -> None:
    (folder / "test_plain.py").write_text(
        "from redactfuzz import scenario\nfrom ring import stage\n"
        "@scenario\ndef test_it(race):\n    stage(race, 'rotate')\n"
    )
    repro = repro_of(run_pytest("test_plain.py", *CI).out)
    assert cli("replay", repro).code == 1


@pytest.mark.parametrize(
    ("option", "says"),
    [
        (("--redactfuzz-replay", "nowhere.rfz.json"), "nowhere.rfz.json"),
        (("--redactfuzz-strategy", "guessing"), "choose one of"),
        (("--redactfuzz-executions", "0"), "executions"),
        (("--redactfuzz-after", "-5"), "--redactfuzz-after"),
        (("--redactfuzz-progress", "nan"), "--redactfuzz-progress"),
    ],
)
def test_a_wrong_option_is_a_usage_error(run_pytest: Run, option: tuple[str, ...], says: str) -> None:
    ran = run_pytest("test_ring.py", *option)
    assert ran.code == 4
    assert says in ran.both
    assert "Traceback" not in ran.both


def test_a_replay_of_what_was_not_collected_is_a_usage_error(session: Ran, place: Path) -> None:
    ran = session_in(place, "test_drawn.py", "--redactfuzz-replay", repro_of(session.out))
    assert ran.code == 4
    assert "not collected" in ran.both


@pytest.mark.usefixtures("session")
def test_junit_has_the_properties(place: Path) -> None:
    cases = {case.get("name"): case for case in ElementTree.parse(place / "out.xml").iter("testcase")}
    told = {p.get("name"): p.get("value") for p in cases["test_leaks"].iter("property")}
    assert told["redactfuzz.verdict"] == "LEAK"
    assert told["redactfuzz.seed"] == "0"
    assert int(told["redactfuzz.executions"] or 0) >= 1
    assert (place / (told["redactfuzz.repro"] or "")).is_file()
    assert not list(cases["test_untouched"].iter("property"))


def test_executions_are_limited(run_pytest: Run, folder: Path) -> None:
    run_pytest("test_ring.py::test_passes", "--redactfuzz-executions", "9", "--junit-xml", "out.xml")
    told = {p.get("name"): p.get("value") for p in ElementTree.parse(folder / "out.xml").iter("property")}
    assert 1 <= int(told["redactfuzz.executions"] or 0) <= 9


def test_given_draws_the_workload_without_health_check_or_deadline(run_pytest: Run) -> None:
    ran = run_pytest("test_drawn.py::test_passes", *CI)
    assert (ran.code, counts(ran.out)) == (0, {"passed": 1})


def test_given_shrinks_the_workload_of_a_leak(drawn: Ran) -> None:
    assert drawn.code == 1
    assert "number=11" in drawn.out
    assert "CRASH strikes here" in drawn.out
    assert "FailedHealthCheck" not in drawn.out
    assert "DeadlineExceeded" not in drawn.out


def test_two_leaks_are_never_shrunk_into_one(run_pytest: Run) -> None:
    ran = run_pytest("test_drawn.py::test_two_leaks", *CI)
    assert ran.code == 1
    assert "number=61" in ran.out
    assert "number=21" in ran.out


def test_a_drawn_leak_replays_with_its_workload(drawn: Ran, place: Path) -> None:
    repro = repro_of(drawn.out)
    assert json.loads((place / repro).read_text())["workload"] == {"number": 11}
    assert run_in(place, COMMAND, "replay", repro).code == 1
    ran = session_in(place, "test_drawn.py", "--redactfuzz-replay", repro)
    assert (ran.code, counts(ran.out).get("failed")) == (1, 1)


def test_a_campaign_ends_before_pytest_timeout_would_end_it(run_pytest: Run, folder: Path) -> None:
    (folder / "test_long.py").write_text(
        "import pytest\nfrom redactfuzz import scenario\nfrom ring import stage\n"
        "@pytest.mark.timeout(12)\n@scenario(executions=10**9, seconds=900, strategy='random')\n"
        "def test_it(race):\n    stage(race, 'rotate_safely')\n"
    )
    ran = run_pytest("test_long.py", "-o", "timeout=10")
    assert counts(ran.out) == {"passed": 1}
    assert "NO_LEAK_FOUND test_long.py::test_it" in ran.out


def test_scenarios_may_be_methods(run_pytest: Run, folder: Path) -> None:
    (folder / "test_class.py").write_text(
        "import pytest\nfrom redactfuzz import scenario\nfrom ring import stage\n"
        "class TestRing:\n    @pytest.mark.parametrize('rotate', ['rotate', 'rotate_safely'])\n"
        "    @scenario\n    def test_it(self, race, rotate):\n        stage(race, rotate)\n"
    )
    ran = run_pytest("test_class.py", *CI)
    assert counts(ran.out) == {"passed": 1, "failed": 1}
    assert "LEAK test_class.py::TestRing::test_it[rotate]" in ran.out


PATCHED = """
import os
from unittest import mock

import pytest

from redactfuzz import Race, scenario


@scenario(executions=20)
@mock.patch("os.getcwd")
@mock.patch("os.getlogin", new=lambda: "me")
@mock.patch("os.cpu_count", return_value=3)
def test_patched(race: Race, count, cwd, tmp_path):
    assert (os.cpu_count(), os.getlogin(), os.getcwd()) == (count(), "me", cwd())
    shows(race, "none" if tmp_path.exists() else "")


class TestMethods:
    @pytest.mark.parametrize("masks", [True, False])
    @scenario(executions=20)
    @mock.patch("os.getcwd", return_value="/elsewhere")
    def test_patched(self, race: Race, cwd, masks):
        assert os.getcwd() == cwd()
        shows(race, "none" if masks else "key")


def shows(race, which):
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
    race.thread(lambda: race.dump(mask(key.text)))
    race.crash(lambda: key.text if which == "key" else mask(key.text))
"""


def test_what_mock_patch_gives_a_scenario_comes_behind_the_race(run_pytest: Run, folder: Path) -> None:
    (folder / "test_patched.py").write_text(PATCHED)
    ran = run_pytest("test_patched.py", *CI)
    assert counts(ran.out) == {"passed": 2, "failed": 1}
    assert run_pytest("test_patched.py", "--redactfuzz-replay", repro_of(ran.out), *CI).code == 1


def test_log_records_of_scenarios_are_not_shown(run_pytest: Run, folder: Path) -> None:
    (folder / "test_log.py").write_text(
        "import logging\nfrom redactfuzz import scenario\nfrom ring import stage\n"
        "@scenario\ndef test_it(race):\n    logging.getLogger().warning('logged by a scenario')\n"
        "    stage(race, 'rotate')\n"
        "def test_other():\n    logging.getLogger().warning('logged by another test')\n    assert False\n"
    )
    ran = run_pytest("test_log.py", *CI)
    assert "logged by a scenario" not in ran.out
    assert "logged by another test" in ran.out


def test_it_lives_beside_coverage_and_says_what_that_cannot_see(run_pytest: Run, folder: Path) -> None:
    """Since 3.14 coverage.py listens to sys.monitoring, and sees all."""
    (folder / "sitecustomize.py").write_text("import coverage\ncoverage.process_startup()\n")
    (folder / ".coveragerc").write_text("[run]\nsource = .\n")
    ran = run_pytest("test_ring.py", *CI, PYTHONPATH=str(folder), COVERAGE_PROCESS_START=str(folder / ".coveragerc"))
    assert counts(ran.out) == {"passed": 2, "failed": 1}
    assert ("coverage.py does not measure" in ran.out) == (sys.version_info < (3, 14))
    command = [sys.executable, "-m", "coverage", "json", "-q", "-o", "measured.json"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    measured = json.loads((folder / "measured.json").read_text())["files"]["ring.py"]["executed_lines"]
    ring = (folder / "ring.py").read_text().splitlines()
    threads = next(number for number, line in enumerate(ring, 1) if "self.know(key)" in line)
    assert (threads in measured) == (sys.version_info >= (3, 14))


SKIPS = """
import unittest
import pytest
from redactfuzz import Race, scenario

@scenario
def test_by_pytest(race: Race):
    pytest.skip("not on this machine")  # 8

@scenario
def test_by_unittest(race: Race):
    race.canary("key")
    raise unittest.SkipTest("not today")  # 13

@scenario
def test_imports(race: Race):
    pytest.importorskip("nobody_has_this")  # 17

@scenario
def test_thread_skips(race: Race):
    race.canary("key")
    def work():
        pytest.skip("not in a thread")  # 23
    race.thread(work)
    race.crash(lambda: "")

@scenario
def test_thread_skips_at_once(race: Race):  # 28
    race.thread(pytest.skip, "by itself")
    race.crash(lambda: "")

@scenario
def test_expected(race: Race):
    pytest.xfail("a known bug")  # 34

@scenario
def test_thread_expects(race: Race):
    race.thread(lambda: pytest.xfail("a known race"))  # 38
    race.crash(lambda: "")

@scenario
def test_fails(race: Race):
    pytest.fail("not good enough")  # 43

@scenario
def test_raises(race: Race):
    raise ValueError("not at all")
"""


def test_a_scenario_that_skips_or_expects_to_fail_does_so_as_a_test_does_and_is_told_at_its_line(
    folder: Path, run_pytest: Run
) -> None:
    (folder / "test_skips.py").write_text(SKIPS)
    ran = run_pytest("test_skips.py", "-rsx", "--xfail-tb", "--junit-xml=out.xml", *CI)
    assert "2 failed, 5 skipped, 2 xfailed" in ran.out
    for line, why in {
        8: "not on this machine",
        13: "not today",
        17: "could not import 'nobody_has_this'",
        23: "not in a thread",
        27: "by itself",
    }.items():
        assert f"SKIPPED [1] test_skips.py:{line}: {why}" in ran.out
    for line, why in {34: "a known bug", 38: "a known race"}.items():
        assert f"test_skips.py:{line}: {why}" in ran.out
    assert "XFAIL test_skips.py::test_expected - a known bug" in ran.out
    assert 'test_skips.py", line 43, in test_fails' in ran.out
    assert "ERROR test_skips.py::test_fails: Failed: not good enough" in ran.out
    assert "outcomes.py" not in ran.out
    kinds = [skipped.attrib["type"] for skipped in ElementTree.parse(folder / "out.xml").iter("skipped")]
    assert kinds == ["pytest.skip"] * 5 + ["pytest.xfail"] * 2


def test_the_command_line_says_where_a_scenario_skips_itself(folder: Path, cli: Run) -> None:
    (folder / "test_skips.py").write_text(SKIPS)
    ran = cli("run", "test_skips.py::test_thread_skips", "test_skips.py::test_expected", "--executions", "20")
    assert ran.code == 4
    assert "The scenario skips itself at test_skips.py:23 (not in a thread)." in ran.out
    assert "The scenario says that it fails at test_skips.py:34 (a known bug)." in ran.out
