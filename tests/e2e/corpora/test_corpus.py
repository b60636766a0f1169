"""A corpus over several campaigns: seeds are kept and run first, findings become regressions."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from commands import COMMAND, Ran, Run, run_in, surroundings

sys.path.append(str(Path(__file__).parents[2] / "unit" / "campaign" / "corpus"))
from corpus_entries import TARGET, keep, seed_of

pytestmark = pytest.mark.once

SCENARIO = "rotation.py::vulnerable"
_PIECE = 6
"""Characters: 35 bits of a token."""


@pytest.fixture
def project(folder: Path) -> Path:
    """The folder, as the root of a project."""
    (folder / "pyproject.toml").write_text("")
    return folder


def found(cli: Run) -> str:
    """Path of the repro file of a finding."""
    ran = cli("run", SCENARIO, "--json")
    assert ran.code == 1, ran.both
    return str(ran.record["repro"])


def promoted(cli: Run, into: str = "corpora") -> Ran:
    ran = cli("corpus", "promote", found(cli), "--into", into)
    assert ran.code == 0, ran.both
    return ran


def change(folder: Path, wrong: str, right: str) -> None:
    ring = folder / "ring.py"
    text = ring.read_text("utf-8")
    assert wrong in text
    ring.write_text(text.replace(wrong, right), "utf-8")


def mend(folder: Path) -> None:
    """The code is corrected, and the schedule of the finding can still be followed."""
    change(folder, "        self.current = key", "        self.know(key)\n        self.current = key")


def turn_round(folder: Path) -> None:
    """The code is corrected in such a way that it cannot."""
    change(folder, "self.use(key)\n        self.know(key)", "self.know(key)\n        self.use(key)")


def notes(ran: Ran) -> str:
    return "\n".join(ran.record["notes"])


def test_a_known_finding_happens_again_before_any_search(cli: Run, project: Path) -> None:
    path = promoted(cli).out.strip()
    assert path.startswith("corpora/rotation-vulnerable-")
    again = cli("run", SCENARIO, "--json")
    assert again.code == 1
    assert again.record["executions"] == 1
    assert again.record["repro"] == path
    assert f"a known finding happens again: {path}" in notes(again)
    other = cli("run", SCENARIO, "--json", "--no-regressions")
    assert other.record["executions"] > 1
    assert "known finding" not in notes(other)


def test_in_the_corrected_code_it_is_clean_and_the_search_goes_on(cli: Run, project: Path) -> None:
    promoted(cli)
    mend(project)
    ran = cli("run", SCENARIO, "--json", "--executions", "300")
    assert ran.code == 0, ran.both
    assert "1 regression replayed: clean" in notes(ran)
    assert ran.record["executions"] > 50


def test_the_twin_has_no_part_in_it(cli: Run, project: Path) -> None:
    promoted(cli)
    ran = cli("run", "rotation.py::fixed", "--json", "--executions", "200")
    assert ran.code == 0, ran.both
    assert "regression" not in notes(ran)


def test_one_that_cannot_be_followed_is_a_note_and_no_pass_where_that_is_asked_for(cli: Run, project: Path) -> None:
    promoted(cli)
    turn_round(project)
    ran = cli("run", SCENARIO, "--json", "--executions", "200")
    assert ran.code == 0, ran.both
    assert "1 regression replayed: 0 clean, 1 cannot be followed any more" in notes(ran)
    strict = cli("run", SCENARIO, "--json", "--executions", "200", "--strict-regressions")
    assert strict.code == 5
    assert "1 regression cannot be run any more" in strict.record["reason"]


def test_pytest_replays_it_first(cli: Run, run_pytest: Run, project: Path) -> None:
    (project / "test_ring.py").write_text(
        "from redactfuzz import scenario\nfrom ring import stage\n"
        "@scenario\ndef test_it(race):\n    stage(race, 'rotate')\n"
    )
    first = run_pytest("test_ring.py", "--redactfuzz-profile", "ci")
    assert first.code == 1, first.both
    (repro,) = (project / ".redactfuzz").glob("*.rfz.json")
    assert cli("corpus", "promote", repro, "--into", "corpora").code == 0
    again = run_pytest("test_ring.py", "--redactfuzz-profile", "ci")
    assert again.code == 1
    assert "a known finding happens again" in again.out
    mend(project)
    assert run_pytest("test_ring.py", "--redactfuzz-profile", "ci").code == 0


def test_a_scenario_names_its_regressions_itself(cli: Run, project: Path) -> None:
    repro = found(cli)
    (project / "known").mkdir()
    (project / "known" / "leak.rfz.json").write_bytes((project / repro).read_bytes())
    text = (project / "rotation.py").read_text("utf-8").replace("@scenario\n", "@scenario(regressions='known')\n", 1)
    (project / "rotation.py").write_text(text, "utf-8")
    ran = cli("run", SCENARIO, "--json")
    assert ran.code == 1
    assert ran.record["executions"] == 1
    (project / "known" / "leak.rfz.json").unlink()
    (project / "known").rmdir()
    gone = cli("run", SCENARIO, "--json")
    assert gone.code == 4
    assert "regressions names 'known', which is not there" in gone.record["reason"]


def test_a_program_has_regressions_and_seeds_as_well(cli: Run, project: Path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "how-to" / "native-programs.md").read_text("utf-8")
    (project / "signer.c").write_text(page.partition("```c\n")[2].partition("```")[0])
    first = cli("run", "signer.c", "--json", "--executions", "3000", "--corpus", "kept")
    assert first.code == 1, first.both
    assert json.loads(cli("corpus", "list", "kept", "--json").out)["seeds"] > 0
    assert cli("corpus", "promote", first.record["repro"], "--into", "corpora").code == 0
    again = cli("run", "signer.c", "--json")
    assert again.code == 1, again.both
    assert again.record["executions"] == 1
    assert "a known finding happens again: corpora/signer-signer-" in notes(again)
    other = cli("run", "signer.c", "--json", "--executions", "3000", "--cflag", "-DOTHER")
    assert "1 regression skipped: of a program with another flags" in notes(other)


def test_seeds_are_kept_and_run_first(cli: Run, project: Path) -> None:
    options = ("run", "rotation.py::fixed", "--json", "--executions", "400", "--corpus", "kept")
    first = cli(*options)
    assert first.code == 0, first.both
    assert "corpus: 0 seeds run first" in notes(first)
    listed = json.loads(cli("corpus", "list", "kept", "--json").out)
    assert listed["seeds"] > 0
    assert listed["pairs"] > 0
    assert listed["skipped"] == {}
    again = cli(*options)
    assert f"corpus: {listed['seeds']} seeds run first;" in notes(again).replace("1 seed run", "1 seeds run")
    assert "0 were kept (+0)" in notes(again)


def test_the_executions_that_ask_what_is_covered_are_few(cli: Run, project: Path) -> None:
    ran = cli("run", "rotation.py::fixed", "--json", "--executions", "400", "--corpus", "kept")
    (line,) = [each for each in ran.record["notes"] if "executions more asked" in each]
    asked = int(line.partition("; ")[2].split()[0])
    assert 0 < asked < 0.05 * ran.record["executions"]


def test_a_leaking_schedule_is_a_seed_which_finds_what_the_search_does_not(cli: Run, project: Path) -> None:
    in_order = ("run", SCENARIO, "--json", "--strategy", "sequential")
    assert cli(*in_order).code != 1
    assert cli("run", SCENARIO, "--json", "--corpus", "kept").code == 1
    assert json.loads(cli("corpus", "list", "kept", "--json").out)["seeds"] == 1
    again = cli(*in_order, "--corpus", "kept")
    assert again.code == 1
    assert "corpus: 1 seed run first; " in notes(again)
    mend(project)
    assert cli(*in_order, "--corpus", "kept").code != 1


def test_a_seed_that_cannot_be_followed_is_stale_until_it_can_be(cli: Run, project: Path) -> None:
    options = ("run", SCENARIO, "--json", "--corpus", "kept", "--executions", "100")
    cli(*options)
    before = (project / "ring.py").read_text("utf-8")
    turn_round(project)
    changed = cli(*options)
    assert changed.code == 0, changed.both
    assert "corpus: 1 seed run first, 1 of them stale; " in notes(changed)
    assert json.loads(cli("corpus", "list", "kept", "--json").out)["stale"] == 1
    (project / "ring.py").write_text(before, "utf-8")
    assert cli(*options).code == 1
    assert json.loads(cli("corpus", "list", "kept", "--json").out)["stale"] == 0


def test_a_full_or_forbidden_corpus_ends_no_campaign(cli: Run, project: Path) -> None:
    (project / "kept").write_text("a file")
    ran = cli("run", "rotation.py::fixed", "--json", "--executions", "200", "--corpus", "kept/inside")
    assert ran.code == 0, ran.both
    assert "corpus cannot be" in notes(ran) or "cannot be read" in notes(ran)


def test_merging_twice_changes_nothing_and_minimising_keeps_all_pairs(cli: Run, project: Path) -> None:
    for seed in ("1", "2"):
        folder = f"shard{seed}"
        cli("run", "rotation.py::fixed", "--executions", "300", "--seed", seed, "--corpus", folder)
    merged = cli("corpus", "merge", "shard1", "shard2", "--into", "all")
    assert merged.code == 0, merged.both
    assert " 0 added" in cli("corpus", "merge", "shard1", "shard2", "--into", "all").out
    before = json.loads(cli("corpus", "list", "all", "--json").out)
    assert cli("corpus", "minimise", "all").code == 0
    after = json.loads(cli("corpus", "list", "all", "--json").out)
    assert (after["pairs"], after["shown"]) == (before["pairs"], before["shown"])
    assert after["seeds"] <= before["seeds"]


def test_a_merge_that_is_killed_leaves_whole_entries_and_is_finished_by_the_next(cli: Run, project: Path) -> None:
    for number in range(400):
        keep(project / "shard", seed_of([("a", f"b{number}")], number=number))
    command = [COMMAND, "corpus", "merge", "shard", "--into", "all"]
    for seconds in (0.3, 0.6, 0.9, 1.2):  # at whatever place that is
        with subprocess.Popen(command, cwd=project, stdout=subprocess.DEVNULL, env=surroundings()) as merging:
            time.sleep(seconds)
            merging.kill()
        own = project / "shard" / TARGET / "seeds"
        there = (project / "all").rglob("*.seed.json")
        assert all(each.read_bytes() == (own / each.name).read_bytes() for each in there)
    assert cli("corpus", "merge", "shard", "--into", "all").code == 0
    listed = json.loads(cli("corpus", "list", "all", "--json").out)
    assert (listed["seeds"], listed["skipped"]) == (400, {})


def test_two_campaigns_keep_seeds_in_one_folder(cli: Run, project: Path) -> None:
    def run(seed: str) -> Ran:
        options = ("--json", "--seed", seed, "--corpus", "kept", "--executions", "200")
        return run_in(project, COMMAND, "run", SCENARIO, "rotation.py::fixed", *options)  # two at once: not by `cli`

    with ThreadPoolExecutor(2) as pool:
        assert [ran.code for ran in pool.map(run, ("1", "2"))] == [1, 1]
    for listed in map(json.loads, cli("corpus", "list", "kept", "--json").out.splitlines()):
        assert listed["seeds"] > 0
        assert listed["skipped"] == {}


@pytest.mark.parametrize("command", ["merge nowhere --into all", "minimise nowhere", "list nowhere"])
def test_a_corpus_that_is_not_there_is_said(cli: Run, command: str) -> None:
    ran = cli("corpus", *command.split())
    assert ran.code == 2
    assert "No such file" in ran.err
    assert "Traceback" not in ran.err


def test_promoting_what_is_no_finding_is_refused(cli: Run, project: Path) -> None:
    (project / "x.rfz.json").write_text("{}")
    ran = cli("corpus", "promote", "x.rfz.json", "--into", "corpora")
    assert ran.code == 2
    assert "not a repro file" in ran.err
    assert not (project / "corpora").exists()


def test_no_piece_of_a_secret_is_in_a_corpus(cli: Run, project: Path) -> None:
    change(project, "    ring = Ring(", "    planted = open('planted', 'a')\n    ring = Ring(")
    change(project, '(race.canary("old key").text)', '(told(planted, race.canary("old key").text))')
    change(project, 'race.canary("new key").text', 'told(planted, race.canary("new key").text)')
    with (project / "ring.py").open("a") as ring:
        ring.write("\n\ndef told(planted, key):\n    planted.write(key + ' ')\n    planted.flush()\n    return key\n")
    ran = cli("run", SCENARIO, "--json", "--corpus", "kept", "--unconfined")
    assert ran.code == 1, ran.both
    assert cli("corpus", "promote", ran.record["repro"], "--into", "kept").code == 0
    keys = (project / "planted").read_text("utf-8").split()
    texts = [path.read_text("utf-8") for path in (project / "kept").rglob("*.json")]
    assert len(texts) >= 2
    assert len(keys) > 10
    pieces = {key[at : at + _PIECE] for key in keys for at in range(len(key) - _PIECE + 1)}
    assert not [piece for piece in pieces if any(piece in text for text in texts)]


TWO = """
from redactfuzz import scenario

class Box:
    known, current, text, seen, hidden = (), "", "", 0, True

@scenario(executions=400)
def two(race):
    box, key, token = Box(), race.canary("key").text, race.canary("token").text
    def rotate():
        box.current = key
        box.known = (key,)
    def looks():
        box.seen = 1
        if box.seen == 2:
            box.hidden = False
        box.seen = 0
    def writes():
        box.text = token
        if box.seen == 1:
            box.seen = 2
    def scrub(text):
        for each in (*box.known, token) if box.hidden else box.known:
            text = text.replace(each, "[hidden]")
        return text
    redact = race.redactor(scrub)
    race.thread(rotate)
    race.thread(looks)
    race.thread(writes)
    race.crash(lambda: redact(f"{box.current} {box.text}"))
"""


def secrets_of(ran: Ran) -> set[str]:
    """The canaries of all findings."""
    record = ran.record
    return {each["canary"] for one in (record, *record.get("others", ())) for each in one.get("leaks", ())}


def test_a_known_leak_ends_each_search_unless_it_is_to_go_beyond(cli: Run, project: Path) -> None:
    """Else a corpus would keep the second leak of a scenario from being found as long as nobody mends the first."""
    (project / "two.py").write_text(TWO)
    words = ("run", "two.py", "--json", "--after", "0", "--corpus", "kept")
    assert secrets_of(cli(*words)) == {"key"}
    others = (*words, "--strategy", "pos", "--seed", "1")
    known, beyond = cli(*others), cli(*others, "--beyond-known")
    assert (known.code, beyond.code) == (1, 1)
    assert secrets_of(known) == {"key"}
    assert secrets_of(beyond) == {"token"}


def test_a_regression_is_reported_beside_what_the_search_beyond_it_finds(cli: Run, project: Path) -> None:
    (project / "two.py").write_text(TWO)
    first = cli("run", "two.py", "--json", "--after", "1")
    assert cli("corpus", "promote", str(first.record["repro"]), "--into", "corpora").code == 0
    again = cli("run", "two.py", "--json", "--after", "1")
    beyond = cli("run", "two.py", "--json", "--after", "1", "--beyond-known", "--strategy", "pos")
    assert again.record["executions"] == 1
    assert beyond.code == 1
    assert beyond.record["executions"] > 5
    assert secrets_of(first) <= secrets_of(beyond)
    assert any("a known finding happens again" in note for note in beyond.record["notes"])


def test_what_is_no_corpus_is_not_merged_as_if_it_were_an_empty_one(cli: Run, project: Path) -> None:
    (project / "empty").mkdir()
    assert cli("corpus", "merge", "empty", "--into", "all").code == 0
    (project / "other" / "deeper").mkdir(parents=True)
    ran = cli("corpus", "merge", "other", "--into", "all")
    assert ran.code == 2, ran.both
    assert "other: it is no corpus" in " ".join(ran.err.split())
