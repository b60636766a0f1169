"""``redactfuzz run`` in a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from commands import COMMAND, Run

FIELDS = {
    "scenario",
    "verdict",
    "kind",
    "label",
    "reason",
    "executions",
    "first_leak_execution",
    "executions_per_s",
    "seed",
    "strategy",
    "preemptions",
    "switches",
    "leaks",
    "repro",
}
CI = ("--profile", "ci")


def test_a_leak_is_explained_on_stdout_and_exits_1(cli: Run) -> None:
    ran = cli("run", "rotation.py::vulnerable", *CI)
    assert ran.code == 1
    for expected in (
        "LEAK  rotation.py::vulnerable",
        "CRASH strikes here",
        "race window",
        "self.use(key)",
        "new key",
        "Replay: redactfuzz replay .redactfuzz/vulnerable-",
    ):
        assert expected in ran.out


def test_a_pass_comes_with_its_certificate_and_exits_0(cli: Run) -> None:
    ran = cli("run", "rotation.py::fixed", *CI)
    assert ran.code == 0
    for expected in ("rotation.py::fixed", "covered", "controls", "✓", "CPython"):
        assert expected in ran.out


def test_what_scenarios_print_reaches_neither_stream(cli: Run) -> None:
    ran = cli("run", "rotation.py", *CI)
    assert "what a scenario prints" not in ran.both


def test_json_is_one_line_a_scenario_with_the_agreed_fields(cli: Run, folder: Path) -> None:
    ran = cli("run", "rotation.py", "verdicts.py", "--json", *CI)
    verdicts = {record["scenario"]: record["verdict"] for record in ran.records}
    assert verdicts == {
        "rotation.py::vulnerable": "LEAK",
        "rotation.py::fixed": verdicts["rotation.py::fixed"],
        "verdicts.py::no_redactor": "VACUOUS",
        "verdicts.py::raises": "ERROR",
        "verdicts.py::handler_raises": "BUG",
    }
    assert verdicts["rotation.py::fixed"] in ("PROVED", "NO_LEAK_FOUND")
    assert all(record.keys() >= FIELDS for record in ran.records)
    leak = ran.records[0]
    assert leak["leaks"][0]["canary"] == "new key"
    assert leak["leaks"][0].keys() >= {"canary", "encoding", "offset", "length", "kind", "dump", "hash_prefix"}
    assert leak["preemptions"] <= 1
    assert leak["first_leak_execution"] >= 1
    assert (folder / leak["repro"]).is_file()


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("verdicts.py::no_redactor", 5),
        ("verdicts.py::raises", 4),
        ("verdicts.py::handler_raises", 1),
        ("verdicts.py", 1),
        ("rotation.py::fixed", 0),
    ],
)
def test_the_exit_status_tells_the_verdict(cli: Run, path: str, code: int) -> None:
    assert cli("run", path, *CI).code == code


def test_require_proved_makes_a_mere_search_exit_5(cli: Run) -> None:
    ran = cli("run", "rotation.py::fixed", "--json", "--require", "proved", "--strategy", "pct", *CI)
    assert (ran.record["verdict"], ran.code) == ("NO_LEAK_FOUND", 5)


def test_the_same_seed_gives_the_same_finding(cli: Run) -> None:
    first, second = (cli("run", "rotation.py::vulnerable", "--seed", 7, "--json", *CI).record for _ in range(2))
    for unsteady in ("seconds", "seconds_after", "executions_per_s"):
        first.pop(unsteady)
        second.pop(unsteady)
    assert first == second


def test_a_folder_is_searched_and_siblings_of_one_name_are_told_apart(cli: Run, folder: Path) -> None:
    for name, rotate in (("one", "rotate"), ("two", "rotate_safely")):
        (folder / "nested" / name).mkdir(parents=True)
        (folder / "nested" / name / "ring.py").write_text((folder / "ring.py").read_text())
        (folder / "nested" / name / "scenario.py").write_text(
            "from redactfuzz import scenario\nfrom ring import stage, __file__ as where\n"
            f"assert {name!r} in where\n@scenario\ndef it(race):\n    stage(race, {rotate!r})\n"
        )
    records = cli("run", "nested", "--json", *CI).records
    assert [record["scenario"] for record in records] == ["nested/one/scenario.py::it", "nested/two/scenario.py::it"]
    assert [record["verdict"] == "LEAK" for record in records] == [True, False]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "PATH"),
        (("nowhere.py",), "no such file"),
        (("ring.py",), "no scenario in this file"),
        (("empty",), "no scenario in this folder"),
        (("rotation.py", "--strategy", "guessing"), "choose one of"),
        (("rotation.py", "--executions", "0"), "--executions"),
        (("rotation.py", "--isolation", "perfect"), "--isolation"),
    ],
)
def test_a_usage_error_exits_2_and_says_what_to_do(
    cli: Run, folder: Path, arguments: tuple[str, ...], says: str
) -> None:
    (folder / "empty").mkdir()
    ran = cli("run", *arguments)
    assert ran.code == 2
    assert says in ran.err
    assert "Traceback" not in ran.both


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("from redactfuzz import scenario\nimport nowhere_at_all", "ModuleNotFoundError"),
        ("from redactfuzz import scenario\nscenario(", "SyntaxError"),
        ("from redactfuzz import scenario\nraise SystemExit(0)", "SystemExit"),
        ("from redactfuzz import scenario\n@scenario(executions=-1)\ndef f(race): ...", "OptionError"),
    ],
)
def test_a_file_that_cannot_be_imported_is_an_error_of_the_user(cli: Run, folder: Path, source: str, says: str) -> None:
    (folder / "broken.py").write_text(source)
    ran = cli("run", "broken.py", "rotation.py::fixed", "--json", *CI)
    assert ran.code == 4
    broken, fixed = ran.records
    assert broken["verdict"] == "ERROR"
    assert says in broken["reason"]
    assert "broken.py" in "".join(broken["notes"])
    assert "redactfuzz/cli" not in "".join(broken["notes"])
    assert fixed["scenario"] == "rotation.py::fixed"


NAMED = """from ring import stage
from redactfuzz import scenario
def made(name, rotate):
    def body(race): stage(race, rotate)
    body.__name__ = body.__qualname__ = name
    return scenario(body)
for each, rotate in (("ra", "rotate"), ("sa", "rotate_safely")):
    globals()[each + "ces"] = made(each + "ces", rotate)
last = made("under" + "neath", "rotate")
"""


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["races"], {"races": "LEAK"}),
        (["saces"], {"saces": "a pass"}),
        (["underneath"], {"underneath": "LEAK"}),
        (["last"], {"underneath": "LEAK"}),
        (["last", "underneath", "saces"], {"saces": "a pass", "underneath": "LEAK"}),
    ],
)
def test_a_scenario_is_named_by_a_name_that_its_file_does_not_spell(
    cli: Run, folder: Path, names: list[str], told: dict[str, str]
) -> None:
    (folder / "named.py").write_text(NAMED)
    records = cli("run", *(f"named.py::{name}" for name in names), "--json", *CI).records
    verdicts = {record["scenario"].partition("::")[2]: record["verdict"] for record in records}
    assert len(records) == len(told)
    assert {name: verdict if verdict == "LEAK" else "a pass" for name, verdict in verdicts.items()} == told
    assert "ERROR" not in verdicts.values()


def test_a_name_that_is_not_there_is_an_error_that_says_which_are(cli: Run, folder: Path) -> None:
    (folder / "named.py").write_text(NAMED)
    ran = cli("run", "named.py::other", "named.py::saces", "rotation.py::other", "--json", *CI)
    assert ran.code == 4
    first, second, third = ran.records
    assert (first["scenario"], first["verdict"]) == ("named.py::other", "ERROR")
    assert "no scenario of this name" in first["reason"]
    assert all(name in first["reason"] for name in ("races", "saces", "last"))
    assert second["verdict"] in ("PROVED", "NO_LEAK_FOUND")
    assert third["verdict"] == "ERROR"
    assert all(name in third["reason"] for name in ("vulnerable", "fixed"))


def test_a_scenario_with_fixtures_is_sent_to_pytest(cli: Run) -> None:
    ran = cli("run", "test_ring.py::test_leaks", "--json")
    assert (ran.code, ran.record["verdict"]) == (4, "ERROR")
    assert "rotate" in ran.record["reason"]
    assert "pytest" in ran.record["reason"]


def test_a_drawn_scenario_runs_without_pytest(cli: Run) -> None:
    ran = cli("run", "test_drawn.py::test_leaks", "--json", *CI)
    assert (ran.code, ran.record["verdict"]) == (1, "LEAK")
    assert "number=11" in "".join(ran.record["notes"])


def test_in_a_folder_that_cannot_be_written_the_repro_goes_elsewhere_and_this_is_said(cli: Run, folder: Path) -> None:
    (folder / ".redactfuzz").write_text("a file in the place of the folder")
    ran = cli("run", "rotation.py::vulnerable", "--json", *CI)
    assert ran.code == 1
    assert Path(ran.record["repro"]).is_file()
    assert "cannot be written" in "".join(ran.record["notes"])


LOST = """import signal
def lose(*unused):
    signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGINT, lose)
"""


@pytest.mark.parametrize(
    ("before", "number"),
    [
        pytest.param("", signal.SIGINT, id="at once"),
        pytest.param(LOST, signal.SIGINT, id="the first is lost"),
        pytest.param("", signal.SIGTERM, id="a job is ended"),
        pytest.param("", signal.SIGHUP, id="the terminal is closed"),
    ],
)
def test_who_ends_a_run_is_told_what_is_known_and_by_the_exit_status_what_ended_it(
    folder: Path, before: str, number: signal.Signals
) -> None:
    (folder / "slow.py").write_text(
        f"{before}from redactfuzz import scenario\nfrom pathlib import Path\nfrom ring import stage\n"
        "@scenario(executions=10**9, seconds=600, strategy='random')\n"
        "def slow(race):\n    Path('started').touch()\n    stage(race, 'rotate_safely')\n"
    )
    process = subprocess.Popen(
        [COMMAND, "run", "slow.py", "--json", "--unconfined"],
        cwd=folder,
        env={**os.environ, "PYTHONHASHSEED": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),  # ignored in what runs in the background
    )
    try:
        until = time.monotonic() + 60
        while not (folder / "started").exists() and process.poll() is None and time.monotonic() < until:
            time.sleep(0.05)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 128 + number
    assert '"interrupted": true' in out
    assert "Traceback" not in out + err


@pytest.mark.once
def test_scenarios_of_a_loop_have_names_and_files_of_their_own(folder: Path, cli: Run) -> None:
    (folder / "loop.py").write_text(
        "from redactfuzz import scenario\nfrom ring import stage\n"
        "for number in (1, 2):\n"
        "    @scenario\n    def it(race):\n        stage(race, 'rotate')\n"
        "    globals()[f'it_{number}'] = it\n"
    )
    ran = cli("run", "loop.py", "--json", *CI)
    files = {record["scenario"]: record["repro"] for record in ran.records}
    assert set(files) == {"loop.py::it_1", "loop.py::it"}
    assert len(set(files.values())) == 2
    again = cli("replay", files["loop.py::it_1"], "--json")
    assert (again.code, again.record["scenario"]) == (1, "loop.py::it_1")


MOVES = """
import os
{top}
from redactfuzz import scenario


@scenario
def reads(race):
    with open("rules.txt") as file:
        masked = file.read().strip() == "mask"
    key = race.canary("key").text
    clean = race.redactor((lambda text: "[gone]") if masked else (lambda text: text[:]))
    race.thread(len, key)
    race.crash(lambda: clean(key))
"""
ELSEWHERE = 'os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "data"))'


@pytest.mark.parametrize("where", ["the file", "a conftest"])
@pytest.mark.parametrize(("rules", "code"), [("mask", 0), ("pass", 1)])
def test_a_file_that_leads_elsewhere_when_it_is_imported_runs_there_and_what_we_write_does_not_go_there(
    cli: Run, folder: Path, where: str, rules: str, code: int
) -> None:
    (folder / "data").mkdir()
    (folder / "data" / "rules.txt").write_text(rules)
    (folder / "sc.py").write_text(MOVES.format(top=ELSEWHERE if where == "the file" else ""))
    if where == "a conftest":
        (folder / "conftest.py").write_text(f"import os\n{ELSEWHERE}\n")
    done = cli("run", "sc.py", "--executions", "100", "--corpus", "corpora", "--sarif", "r.sarif")
    assert done.code == code, done
    assert sorted(each.name for each in (folder / "data").iterdir()) == ["rules.txt"]
    assert (folder / "r.sarif").is_file()
    found = list((folder / ".redactfuzz").glob("*.rfz.json"))
    assert len(found) == code
    for file in found:
        assert cli("replay", str(file.relative_to(folder))).code == 1


def test_a_file_that_leads_to_a_folder_which_is_gone_runs_where_it_was_started(cli: Run, folder: Path) -> None:
    top = "import tempfile\nwith tempfile.TemporaryDirectory() as there:\n    os.chdir(there)"
    (folder / "rules.txt").write_text("pass")
    (folder / "sc.py").write_text(MOVES.format(top=top))
    done = cli("run", "sc.py", "--executions", "100")
    assert done.code == 1, done
    assert len(list((folder / ".redactfuzz").glob("*.rfz.json"))) == 1
