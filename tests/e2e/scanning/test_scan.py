"""``redactfuzz scan``: exit statuses, one line of JSON whatever happens, valid SARIF, and no secret."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pytest
from commands import Run

from redactfuzz.model.registry import registry_from_json

pytestmark = pytest.mark.once

@pytest.fixture
def secret(cli: Run, folder: Path) -> str:
    """A registry, a log with the canary, one without."""
    script = "env > leak.log; echo $REDACTFUZZ_MARKER > clean.log; gzip -k leak.log clean.log"
    assert cli("plant", "--env", "A", "--registry", "reg.json", "--", "sh", "-c", script).code == 0
    for name in ("leak", "clean"):
        whole = (folder / f"{name}.log.gz").read_bytes()
        (folder / f"{name}.cut.gz").write_bytes(whole[:-8])
    (folder / "none.log").write_text("no marker")
    os.mkfifo(folder / "fifo")
    return registry_from_json((folder / "reg.json").read_text()).mint()[0].text


@pytest.mark.parametrize(
    ("dump", "verdict", "code"),
    [
        ("leak.log", "LEAK", 1),
        ("clean.log", "CLEAN", 0),
        ("leak.log.gz", "LEAK", 1),
        ("clean.log.gz", "CLEAN", 0),
        ("leak.cut.gz", "LEAK", 1),
        ("clean.cut.gz", "INCOMPLETE", 5),
        ("none.log", "INCOMPLETE", 5),
        ("missing", "INCOMPLETE", 5),
        ("fifo", "INCOMPLETE", 5),
    ],
)
def test_each_dump_has_its_verdict(cli: Run, secret: str, dump: str, verdict: str, code: int) -> None:
    for options in ((), ("--json",), ("--sarif",), ("--context", "32")):
        ran = cli("scan", dump, "--canaries", "reg.json", *options)
        assert ran.code == code, ran.err
        assert secret[:5] not in ran.both
        assert secret[-5:] not in ran.both
        if options == ("--json",):
            assert ran.record["verdict"] == verdict
        elif options != ("--sarif",):
            assert ran.out.startswith(f"{verdict}  {dump}: ")


def test_of_several_dumps_the_worst_decides_and_each_has_a_line(cli: Run, secret: str) -> None:
    ran = cli("scan", "clean.log", "fifo", "leak.log", "--canaries", "reg.json", "--json")
    assert ran.code == 1
    assert [record["verdict"] for record in ran.records] == ["CLEAN", "INCOMPLETE", "LEAK"]
    assert cli("scan", "clean.log", "fifo", "--canaries", "reg.json").code == 5


def test_sarif_has_what_the_specification_requires(cli: Run, secret: str, folder: Path) -> None:
    log = json.loads(cli("scan", "leak.log", "clean.cut.gz", "--canaries", "reg.json", "--sarif").out)
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "redactfuzz"
    (result,) = run["results"]
    assert result["ruleId"] in {rule["id"] for rule in driver["rules"]}
    assert result["level"] == "error"
    assert result["message"]["text"]
    physical = result["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"] == {"uri": "leak.log", "uriBaseId": "SRCROOT"}
    assert physical["region"]["byteLength"] == 32
    before = (folder / "leak.log").read_bytes()[: physical["region"]["byteOffset"]]
    assert physical["region"]["startLine"] == before.count(b"\n") + 1
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    assert all(note["message"]["text"] for note in invocation["toolExecutionNotifications"])


@pytest.mark.parametrize(
    ("text", "told"),
    [("{", "no JSON"), ("{}", "no canary registry"), ('{"format": "redactfuzz canaries", "version": 9}', "9")],
)
def test_a_registry_that_is_none_is_usage(cli: Run, folder: Path, text: str, told: str) -> None:
    (folder / "bad").write_text(text)
    (folder / "x").write_text("x")
    ran = cli("scan", "x", "--canaries", "bad")
    assert ran.code == 2
    assert told in ran.err
    assert cli("scan", "x", "--canaries", "not there").code == 2


def test_without_a_registry_a_clean_dump_is_clean(cli: Run, folder: Path) -> None:
    (folder / "x.gz").write_bytes(gzip.compress(b"nothing"))
    assert cli("scan", "x.gz").code == 0
    assert cli("scan", "x.gz", "--no-keys").code == 2
    assert cli("scan", "x.gz", "--json", "--sarif").code == 2
    assert cli("scan", "x.gz", "--max-unpacked", "3").code == 5


KEEPS_ITS_DUMP = """
from pathlib import Path

from redactfuzz import Race, raw, scenario

@scenario
def keeps(race: Race):
    box = {"k": race.canary("key").text, "o": race.canary("other", raw(32)).text}
    def scrub(b):
        b["k"] = ""
        len(b)
        b["o"] = ""
    race.thread(race.redactor(scrub, bypass=lambda b: None), box)
    def dump():
        Path("kept.txt").write_text(str(box))
        return dict(box)
    race.crash(dump)
"""


def test_a_repro_file_is_the_registry_of_its_finding(cli: Run, folder: Path) -> None:
    (folder / "keeps.py").write_text(KEEPS_ITS_DUMP)
    repro = cli("run", "keeps.py", "--json", "--unconfined").record["repro"]
    assert cli("replay", repro, "--unconfined").code == 1
    found = cli("scan", "kept.txt", "--canaries", repro, "--json")
    assert found.code == 1
    assert "other" in {exposure["secret"] for exposure in found.record["exposures"]}
    (folder / "kept.txt").write_text("wiped")
    assert cli("scan", "kept.txt", "--canaries", repro).code == 0


def test_two_values_are_compared_and_what_nobody_knows_is_told(cli: Run, folder: Path) -> None:
    values = {"one": "kF3sYq8ZpL2mXw7T", "again": "kF3sYq8ZpL2mXw7T", "two": "Qh5RzN9vBc4JtGd6"}
    for name, value in values.items():
        shown = "".join(chr(33 + (7 * ord(letter)) % 90) for letter in value)
        (folder / f"{name}.log").write_text(f"state {shown} end\n")
    told = ("--differs-from", "two.log", "--baseline", "again.log", "--no-keys")
    ran = cli("scan", "one.log", *told)
    assert ran.code == 1
    assert "--baseline" in cli("scan", "one.log", "--differs-from", "two.log").out
    assert values["one"] not in ran.both
    record = cli("scan", "one.log", *told, "--json").record
    assert record["differences"][0]["where"]["offset"] == 6
    assert cli("scan", "one.log", *told, "--sarif").code == 1
    assert cli("scan", "one.log", "--differs-from", "again.log", "--no-keys").code == 0
    assert cli("scan", "one.log", "--differs-from", "none.log", "--no-keys").code == 5
    assert cli("scan", "one.log", "--other-canaries", "none.json").code == 2


def test_two_dumps_of_the_same_canaries_are_not_compared(cli: Run, secret: str, folder: Path) -> None:
    compared = ("leak.log", "--canaries", "reg.json", "--differs-from", "clean.log", "--other-canaries")
    ran = cli("scan", *compared, "reg.json")
    assert (ran.code, ran.out) == (2, "")
    assert "are those of --canaries" in ran.err
    assert cli("plant", "--env", "A", "--registry", "two.json", "--", "true").code == 0
    ran = cli("scan", *compared, "two.json")
    assert ran.code == 1


def test_of_a_folder_each_file_below_it_is_read(folder: Path, cli: Run, secret: str) -> None:
    dumps = folder / "dumps"
    (dumps / "old").mkdir(parents=True)
    assert "there is no file in this folder" in cli("scan", "dumps").err
    (folder / "leak.log").rename(dumps / "old" / "leak.log")
    (folder / "clean.log").rename(dumps / "app.log")
    ran = cli("scan", "dumps", "--canaries", "reg.json")
    assert ran.code == 1
    assert ran.out.splitlines()[-1] == "2 dumps: 1 LEAK, 1 CLEAN"
    records = cli("scan", "--json", "dumps", "--canaries", "reg.json").records
    assert [(each["dump"], each["verdict"]) for each in records] == [
        ("dumps/app.log", "CLEAN"),
        ("dumps/old/leak.log", "LEAK"),
    ]


def test_what_a_folder_holds_and_is_not_read_is_said(folder: Path, cli: Run, secret: str) -> None:
    dumps = folder / "dumps"
    dumps.mkdir()
    (folder / "clean.log").rename(dumps / "app.log")
    (dumps / "elsewhere").symlink_to(folder)
    os.mkfifo(dumps / "fifo")
    ran = cli("scan", "dumps", "--canaries", "reg.json")
    assert ran.code == 5
    assert "INCOMPLETE  dumps/elsewhere" in ran.out
    assert "INCOMPLETE  dumps/fifo" in ran.out
