"""A proof depends on what lies outside of the project as well, and on nothing that is only written to."""

from __future__ import annotations

import json
import subprocess
import zipfile
from pathlib import Path

import pytest
from nights_of import COMMAND, SECONDS, environment, fuzz, write

from redactfuzz.changed.watch import Seen, outside
from redactfuzz.cli.night.spared import spared
from redactfuzz.model.night import SliceEnded
from redactfuzz.model.verdict import Verdict
from redactfuzz.night.journal import nights, of_kind


def is_spared(folder: Path) -> bool:
    return "sc.py::holds" in spared(nights(folder / "out"), {}, (1, 1))


LIBRARY = "def scrub(text): return '[gone]'\n"
WORSE = "def scrub(text): return text\n"
ELSEWHERE = """
import importlib.util, os, sys
from pathlib import Path
from redactfuzz import scenario

AT = Path({at!r})
{load}


@scenario(strategy="dpor")  # the night ends with the proof
def holds(race):
    key = race.canary("key").text
    clean = race.redactor(scrub)
    race.thread(len, key)
    race.crash(lambda: clean(key))
"""
LOADED = {
    "a module": ("rules.py", "sys.path.insert(0, str(AT)); from rules import scrub"),
    "a module in an archive": ("rules.zip", "sys.path.insert(0, str(AT / 'rules.zip')); from rules import scrub"),
    "a file that is run": (
        "plugin.py",
        "spec = importlib.util.spec_from_file_location('a', AT / 'plugin.py')\n"
        "module = importlib.util.module_from_spec(spec); spec.loader.exec_module(module); scrub = module.scrub",
    ),
    "what it reads": ("rules.txt", "exec((AT / 'rules.txt').read_text())"),
    "a folder that it lists": ("listed/more", "scrub = (lambda text: text) if os.listdir(AT / 'listed') else len"),
    "a folder that may be there": ("folder/", "scrub = (lambda text: text) if (AT / 'folder').is_dir() else len"),
    "a file that may be there": (
        "more.txt",
        "exec((AT / 'more.txt').read_text() if (AT / 'more.txt').exists() else 'def scrub(text): return 1')",
    ),
}


def put(path: Path, text: str) -> None:
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("rules.py", text)
    else:
        path.write_text(text)


OFTEN = ("a module in an archive", "what it reads", "a folder that it lists")


@pytest.mark.parametrize(
    "kind", [each if each in OFTEN else pytest.param(each, marks=pytest.mark.wide) for each in LOADED]
)
def test_what_lies_outside_of_the_project_is_compared_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    at, project, (name, load) = tmp_path / "elsewhere", tmp_path / "project", LOADED[kind]
    at.mkdir(), project.mkdir()
    (at / "listed").mkdir()
    comes = kind in ("a file that may be there", "a folder that it lists", "a folder that may be there")
    if not comes:
        put(at / name, LIBRARY)
    write(project, ELSEWHERE.format(at=str(at), load=load), "sc.py")
    monkeypatch.chdir(project)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))  # what is gone from there says nothing
    ran = fuzz(project, "sc.py", slice="60s")
    assert [each.report.verdict for each in of_kind(ran.nights[-1].events, SliceEnded) if each.report] == [
        Verdict.PROVED
    ], ran.said
    assert is_spared(project)
    if name.endswith("/"):
        (at / name).mkdir()
    else:
        put(at / name, WORSE)
    assert not is_spared(project)
    if name.endswith("/"):
        (at / name).rmdir()
    else:
        (at / name).unlink()
    assert is_spared(project) == comes


@pytest.mark.parametrize("where", ["project/rules.py", "elsewhere/rules.py"])
def test_a_module_that_is_written_to_while_it_is_proved_is_not_what_was_proved(tmp_path: Path, where: str) -> None:
    at = tmp_path / where
    (tmp_path / "project").mkdir(), (tmp_path / "elsewhere").mkdir()
    at.write_text(LIBRARY)
    load = f"sys.path.insert(0, str(AT)); from rules import scrub; (AT / 'rules.py').write_text({WORSE!r})"
    write(tmp_path / "project", ELSEWHERE.format(at=str(at.parent), load=load), "sc.py")
    command = [COMMAND, "run", "sc.py", "--profile", "nightly", "--seconds", "60", "--events", "events"]
    subprocess.run(
        command, cwd=tmp_path / "project", env=environment() | {"PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    events = [json.loads(line) for line in (tmp_path / "project" / "events").read_text("utf-8").splitlines()]
    assert [each["report"]["verdict"] for each in events if each["event"] == "CampaignEnded"] == ["PROVED"]
    (used,) = (each for each in events if each["event"] == "Used")
    assert used["dependencies"] is None
    assert "rules.py was written" in used["why"]


LOGS = """
import logging, logging.handlers
logging.getLogger().addHandler({way})
logging.warning("begun")
"""


@pytest.mark.parametrize("way", [
    "logging.handlers.RotatingFileHandler('app.log', maxBytes=1 << 20)",
    *(pytest.param(f"logging.{each}", marks=pytest.mark.wide) for each in (
        "FileHandler('app.log', 'w')", "FileHandler('app.log', 'a')", "handlers.WatchedFileHandler('app.log')")),
])  # fmt: skip
def test_a_log_that_is_only_written_to_is_nothing_that_a_proof_depends_on(tmp_path: Path, way: str) -> None:
    write(tmp_path, LOGS.format(way=way) + ELSEWHERE.format(at=".", load="scrub = lambda text: 1"), "sc.py")
    assert fuzz(tmp_path, "sc.py", slice="60s").code == 0
    again = fuzz(tmp_path, "sc.py", slice="60s")
    assert "spared" in again.said, again.said


def test_why_a_proof_is_not_spared_later_is_said(tmp_path: Path) -> None:
    write(tmp_path, ELSEWHERE.format(at=".", load="scrub = lambda text: 1\nopen('state', 'w+').write('x')"), "sc.py")
    for _ in range(2):
        ran = fuzz(tmp_path, "sc.py", slice="60s")
        assert "later nights do not spare it" in ran.said, ran.said
        assert "state was written, came or went while it was searched" in ran.said


def test_data_of_a_package_in_an_environment_of_the_project_count(tmp_path: Path) -> None:
    inside = tmp_path / ".venv" / "lib" / "python3.11" / "site-packages" / "pkg"
    inside.mkdir(parents=True)
    (tmp_path / ".venv" / "pyvenv.cfg").touch()
    for name in ("data.txt", "../other.txt"):
        (inside / name).touch()
    (tmp_path / "own.txt").touch()
    paths = frozenset(str(each) for each in (inside / "data.txt", tmp_path / "own.txt", tmp_path / ".git" / "HEAD"))
    assert outside(Seen(paths), tmp_path) == {str(inside / "data.txt")}
    listed = Seen(folders=frozenset({str(inside.parent), str(tmp_path / "rules")}))
    assert outside(listed, tmp_path) == {f"{inside.parent}/"}
