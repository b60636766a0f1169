"""The replay commands that pytest prints, pasted as they are into a shell."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from commands import COMMAND, Ran, Run

pytestmark = pytest.mark.once

CI = ("--redactfuzz-profile", "ci")
SCENARIOS = {
    "fixture": (
        "@pytest.fixture\ndef how():\n    return 'rotate'\n"
        "@scenario\ndef test_it(race, how):\n    stage(race, how)\n"
    ),
    "method": "class TestRing:\n    @scenario\n    def test_it(self, race):\n        stage(race, 'rotate')\n",
    "parameter": (
        "@pytest.mark.parametrize('how', ['rotate_safely', 'rotate'])\n"
        "@scenario\ndef test_it(race, how):\n    stage(race, how)\n"
    ),
    "made by a function": (
        "def made(how):\n    @scenario\n    def inner(race):\n        stage(race, how)\n    return inner\n"
        "test_safe, test_it = made('rotate_safely'), made('rotate')\n"
    ),
    "called by a test": (
        "def test_it():\n    @scenario(profile='ci')\n    def inner(race):\n"
        "        stage(race, 'rotate')\n    inner()\n"
    ),
    "method under given": (
        "class TestRing:\n    how = 'rotate'\n"
        "    @pytest.fixture\n    def safe(self):\n        return 'rotate_safely'\n"
        "    @given(number=st.integers(0, 100))\n    @settings(max_examples=10)\n"
        "    @scenario\n    def test_it(self, race, safe, number):\n"
        "        stage(race, self.how if number > 10 else safe)\n"
    ),
    "plain": "@scenario\ndef test_it(race):\n    stage(race, 'rotate')\n",
}
IMPORTS = (
    "import pytest\nfrom hypothesis import given, settings, strategies as st\n"
    "from redactfuzz import scenario\nfrom ring import stage\n"
)


@pytest.fixture
def shell(run_pytest: Run, cli: Run) -> Any:
    """Runs a command line that was printed."""

    def run(line: str) -> Ran:
        tool, *words = shlex.split(line)
        if tool == "pytest":
            return run_pytest(*words)
        assert tool == COMMAND.name
        return cli(*words)

    return run


def commands(out: str) -> list[str]:
    """The commands of the summary, or of the whole output where a test was no scenario itself."""
    found = re.findall(
        r"(?:redactfuzz replay \S+\.rfz\.json|pytest (?:'[^']+'|\S+) --redactfuzz-replay \S+\.json)", out
    )
    assert found
    return list(dict.fromkeys(found))


@pytest.mark.parametrize("kind", SCENARIOS)
def test_the_printed_command_shows_the_finding_again(run_pytest: Run, folder: Path, shell: Any, kind: str) -> None:
    (folder / "test_kind.py").write_text(IMPORTS + SCENARIOS[kind])
    ran = run_pytest("test_kind.py", *CI)
    assert ran.code == 1
    (command,) = commands(ran.out)
    again = shell(command)
    assert again.code == 1
    assert "passed" not in again.out
    assert "INTERNALERROR" not in again.both
    assert "LEAK" in again.out
    assert "There is no repro file" not in again.out
    if command.startswith("pytest"):
        assert len(re.findall(r"1 failed", again.out)) == 1


def test_each_parameter_has_a_file_and_only_its_test_is_replayed(run_pytest: Run, folder: Path, shell: Any) -> None:
    (folder / "test_par.py").write_text(
        IMPORTS + "@pytest.mark.parametrize('number', [1, 2, 3])\n"
        "@scenario\ndef test_par(race, number):\n    stage(race, 'rotate_safely' if number == 3 else 'rotate')\n"
    )
    lines = commands(run_pytest("test_par.py", *CI).out)
    assert len(lines) == 2
    file = shlex.split(lines[1])[-1]
    ran = run_pytest("test_par.py", "--redactfuzz-replay", file)
    assert "1 failed, 2 deselected" in ran.out
    assert "test_par[2]" in ran.out
    assert "test_par[1]" not in ran.out


@pytest.mark.parametrize("kind", ["method", "parameter"])
def test_the_command_line_says_what_runs_what_it_cannot(run_pytest: Run, cli: Run, folder: Path, kind: str) -> None:
    (folder / "test_kind.py").write_text(IMPORTS + SCENARIOS[kind])
    (command,) = commands(run_pytest("test_kind.py", *CI).out)
    ran = cli("replay", shlex.split(command)[-1])
    assert ran.code == 2
    assert "any more" not in ran.both
    assert command in " ".join(ran.err.split())


def test_a_method_of_an_older_file_is_not_said_to_be_gone(run_pytest: Run, cli: Run, folder: Path) -> None:
    (folder / "test_kind.py").write_text(IMPORTS + SCENARIOS["method"])
    (command,) = commands(run_pytest("test_kind.py", *CI).out)
    file = folder / shlex.split(command)[-1]
    lines = [line for line in file.read_text().splitlines() if '"item"' not in line]
    file.write_text("\n".join(lines))
    ran = cli("replay", file)
    assert ran.code == 4
    assert "any more" not in ran.both
    assert "--redactfuzz-replay" in ran.out
    assert run_pytest("test_kind.py", "--redactfuzz-replay", file).code == 1


def test_both_leaks_of_given_can_be_replayed(run_pytest: Run, folder: Path, shell: Any) -> None:
    ran = run_pytest("test_drawn.py::test_two_leaks", *CI, "--junit-xml", "out.xml")
    lines = commands(ran.out[ran.out.index("= redactfuzz =") :])
    assert len(lines) == 2
    assert sorted(shlex.split(line)[-1] for line in lines) == sorted(
        path.relative_to(folder).as_posix() for path in folder.glob(".redactfuzz/*.rfz.json")
    )
    text = (folder / "out.xml").read_text()
    for line in lines:
        assert line in text
        assert shell(line).code == 1


def test_the_command_that_is_shown_at_once_works_after_the_shrinking(cli: Run, folder: Path, shell: Any) -> None:
    ran = cli("run", "rotation.py::vulnerable", "--profile", "ci")
    lines = commands(ran.both)
    assert len(lines) == 1
    assert shell(lines[0]).code == 1


def test_values_are_not_drawn_inside_a_scenario(run_pytest: Run, folder: Path) -> None:
    (folder / "test_data.py").write_text(
        IMPORTS + "@given(data=st.data())\n@scenario\ndef test_it(race, data):\n"
        "    stage(race, data.draw(st.just('rotate')))\n"
    )
    ran = run_pytest("test_data.py", *CI)
    assert ran.code == 1
    assert "ERROR" in ran.out
    assert "Draw all values by arguments" in ran.out
    assert "InvalidArgument" not in ran.out


def test_a_file_that_leads_elsewhere_is_a_usage_error(run_pytest: Run, cli: Run, folder: Path) -> None:
    (folder / "other.py").write_text("raise SystemExit('it was imported')\n")
    (command,) = commands(cli("run", "rotation.py::vulnerable", "--profile", "ci").out)
    found = folder / shlex.split(command)[-1]
    (folder / "deep").mkdir()
    file = folder / "deep" / "finding.rfz.json"
    for path in ("rotation", "../other.py", str(folder / "other.py"), "deep/../other.py"):
        file.write_text(found.read_text().replace('"path": "rotation.py"', f'"path": "{path}"'))
        ran = cli("replay", file)
        assert ran.code == 2
        assert "imported" not in ran.both
        assert "ssertion" not in ran.both
        assert run_pytest("test_ring.py", "--redactfuzz-replay", file).code == 4


def test_a_replay_is_no_strategy(run_pytest: Run, cli: Run) -> None:
    assert cli("run", "rotation.py", "--strategy", "replay").code == 2
    assert run_pytest("test_ring.py", "--redactfuzz-strategy", "replay").code == 4


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_a_file_that_replays_nothing_does_not_pass(
    run_pytest: Run, folder: Path, workers: tuple[str, ...]
) -> None:
    found = folder / shlex.split(commands(run_pytest("test_ring.py", *CI).out)[0])[-1]
    assert run_pytest("test_ring.py", "--redactfuzz-replay", found, *workers).code == 1, "what is replayed is found"
    (folder / "test_plain.py").write_text("def test_plain():\n    pass\n")
    record = json.loads(found.read_text())
    found.write_text(json.dumps({**record, "item": "test_plain.py::test_plain"}))
    ran = run_pytest("test_plain.py", "--redactfuzz-replay", found, *workers)
    assert ran.code == 4
    assert "1 passed" in ran.out
    assert "nothing was replayed" in ran.out
