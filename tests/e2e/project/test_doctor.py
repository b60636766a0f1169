"""``redactfuzz doctor`` as a command: it tells, changes nothing, and its exit status says whether scenarios run."""

from __future__ import annotations

from pathlib import Path

from commands import COMMAND, Run, run_in

from redactfuzz.doctor.table import PROBES

FIELDS = {"check", "state", "found", "means", "mend", "needed"}


def listed(folder: Path) -> dict[str, float]:
    return {str(path): path.lstat().st_mtime for path in (folder, *folder.rglob("*"))}


def test_every_probe_has_a_line_and_nothing_is_changed(cli: Run, folder: Path) -> None:
    before = listed(folder)
    ran = cli("doctor", "--json")
    assert ran.code == 0
    assert ran.err == ""
    assert [record["check"] for record in ran.records] == list(PROBES)
    assert {frozenset(record) for record in ran.records} == {frozenset(FIELDS)}
    assert listed(folder) == before


def test_what_is_missing_is_said_in_words_with_its_command(cli: Run, tmp_path: Path) -> None:
    ran = cli("doctor", PATH=str(tmp_path / "empty"), CC="", CXX="")
    assert ran.code == 0
    assert "C compiler          missing  none\n" in ran.out
    assert "mend: apt-get install gcc libc6-dev binutils\n" in ran.out
    assert ran.out.splitlines()[-1].endswith("Scenarios in Python run here.")


def test_where_scenarios_cannot_run_the_exit_status_is_1_and_says_for_lack_of_what(folder: Path) -> None:
    ran = run_in(folder, "sh", "-c", 'mkdir gone && cd gone && rmdir ../gone && exec "$0" doctor', COMMAND)
    assert ran.code == 1
    assert "working folder      missing  it is gone\n" in ran.out
    assert ran.out.splitlines()[-1].endswith("Scenarios in Python cannot run here for lack of: working folder.")
    assert ran.err == ""
