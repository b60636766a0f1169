"""``redactfuzz report``: files made anew of the journals of a night directory, whatever state those are in."""

from __future__ import annotations

import datetime
import fcntl
import json
import os
import signal
import subprocess
import urllib.request
from collections.abc import Callable, Iterable
from pathlib import Path

import click
import pytest
import sample_nights as nights
from commands import COMMAND, Ran, run_in, surroundings

from redactfuzz.cli.main import cli
from redactfuzz.model import written
from redactfuzz.model.night import Life, NightEvent

Report = Callable[..., Ran]


def journal(folder: Path, number: int, events: Iterable[NightEvent]) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"{number:04}.jsonl"
    path.write_text("".join(written.dumps(each) + "\n" for each in events), "utf-8")
    return path


@pytest.fixture
def report(tmp_path: Path) -> Report:
    """The command, on a directory with two nights."""
    journal(tmp_path / "nights", 1, nights.FIRST)
    journal(tmp_path / "nights", 2, nights.SECOND)
    return lambda *arguments: run_in(tmp_path, COMMAND, "report", "nights", *arguments)


@pytest.fixture
def here(report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Report:
    """The same without a process of its own, where nothing goes to stdout."""
    monkeypatch.chdir(tmp_path)

    def ran(*arguments: str) -> Ran:
        try:
            return Ran(cli.main(["report", "nights", *arguments], standalone_mode=False), "", "")
        except click.ClickException as error:
            return Ran(error.exit_code, "", error.format_message())

    return ran


def test_without_an_option_a_page_and_markdown_are_written_of_the_last_night(report: Report, tmp_path: Path) -> None:
    ran = report()
    assert (ran.code, ran.both) == (0, "")
    made = (tmp_path / "nights" / "report.html").read_text("utf-8")
    assert "<h1>LEAK: 3 findings in 2 scenarios, 1 of them new or changed</h1>" in made
    assert "New since night 1" in made
    assert "**LEAK" in (tmp_path / "nights" / "report.md").read_text("utf-8").splitlines()[0]
    assert report().code == 0  # over its own files
    assert (tmp_path / "nights" / "report.html").read_text("utf-8") == made


def test_what_is_named_is_written_and_nothing_else(report: Report, tmp_path: Path) -> None:
    before = set((tmp_path / "nights").iterdir())
    ran = report("--junit", "night.xml", "--sarif", "night.sarif", "--markdown", "-", "--night", "1")
    assert ran.code == 0
    assert "Night 1" in ran.out
    assert "<testsuites" in (tmp_path / "night.xml").read_text("utf-8")
    assert json.loads((tmp_path / "night.sarif").read_text("utf-8"))["version"] == "2.1.0"
    assert set((tmp_path / "nights").iterdir()) == before


def test_a_night_that_was_killed_in_the_midst_of_a_line_is_shown_as_far_as_it_came(
    report: Report, tmp_path: Path
) -> None:
    path = journal(tmp_path / "nights", 3, nights.KILLED)
    path.write_bytes(path.read_bytes()[:-20])
    assert report("--markdown", "-").out.splitlines()[0].startswith("❌ **LEAK: 3 findings in 2 scenarios")
    assert "has no end" in report("--markdown", "-").out


def test_an_earlier_night_that_was_killed_does_not_run_because_a_later_one_does(report: Report, tmp_path: Path) -> None:
    journal(tmp_path / "nights", 1, nights.KILLED)
    journal(tmp_path / "nights", 2, nights.KILLED)
    with (tmp_path / "nights" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "it is still running" in report("--markdown", "-").out
        assert "it was killed, or its machine was" in report("--markdown", "-", "--night", "1").out


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            '{"v":2,"event":"NightStarted"}\n',
            "0003.jsonl:1: it is of version 2, and this redactfuzz reads up to 1: upgrade it",
        ),
        ("\x00\x01garbage\n", "0003.jsonl:1: it is no whole line of JSON"),
    ],
)
def test_a_journal_that_cannot_be_read_is_said(here: Report, tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "nights" / "0003.jsonl").write_text(text, "utf-8")
    ran = here()
    assert ran.code == 2
    assert says in ran.err
    assert not (tmp_path / "nights" / "report.html").exists()


def test_lines_that_cannot_be_read_are_said_on_the_page_and_the_rest_is_shown(here: Report, tmp_path: Path) -> None:
    path = journal(tmp_path / "nights", 3, nights.SECOND)
    path.write_text(path.read_text("utf-8") + '{"v":1,"event":"Later"}\n', "utf-8")
    assert here().code == 0
    made = (tmp_path / "nights" / "report.html").read_text("utf-8")
    assert "it names no event that is known" in made
    assert "LEAK: 3 findings" in made


def test_an_empty_night_is_a_page(report: Report, tmp_path: Path) -> None:
    journal(tmp_path / "nights", 3, ())
    assert report("--markdown", "-").out.startswith("⚠️ **Nothing is known of this night")


def test_what_is_suppressed_does_not_count_and_a_file_of_them_that_is_none_is_said(
    here: Report, tmp_path: Path
) -> None:
    journal(tmp_path / "nights", 3, (nights.started(), nights.met(1, Life.NEW, nights.finding(), "aaaa11112222")))
    until = datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=9)
    said = f'[[suppressed]]\nkey = "aaaa11112222"\nreason = "in March"\nuntil = {until}\n'
    (tmp_path / "redactfuzz-suppressions.toml").write_text(said, "utf-8")
    assert here().code == 0
    made = (tmp_path / "nights" / "report.html").read_text("utf-8")
    assert "<h1>Nothing found but 1 suppressed finding" in made
    assert f"<b>Suppressed</b> until {until}: in March" in made
    (tmp_path / "redactfuzz-suppressions.toml").write_text("[[suppressed]]\n", "utf-8")
    assert "give key, reason and until" in here().err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--night", "7"), "--night 7: there are 1 to 2 in nights"),
        (("--html", "nights"), "it is a folder; name a file in it"),
        (("--html", "none/x.html"), "it cannot be written"),
        (("--html", "mine.html"), "it exists and is no report. Remove it, or name another file"),
        (("--markdown", "mine.html"), "it exists and is no report"),
        (("--junit", "nights/0002.jsonl"), "this file is named twice"),
        (("--html", "/dev/full"), "it cannot be written"),
        (("--html", "-", "--sarif", "-"), "both write to stdout"),
        (("--serve", "--night", "9"), "--night 9: there are 1 to 2 in nights"),
        (("--serve", "--html", "x"), "--serve writes no files"),
    ],
)
def test_what_cannot_be_done_is_said(here: Report, tmp_path: Path, arguments: tuple[str, ...], says: str) -> None:
    (tmp_path / "mine.html").write_text("# my own page", "utf-8")
    ran = here(*arguments)
    assert ran.code == 2
    assert says in ran.err
    assert (tmp_path / "mine.html").read_text("utf-8") == "# my own page"


@pytest.mark.parametrize("name", ["", "none"])
def test_a_folder_without_a_night_is_said(tmp_path: Path, name: str) -> None:
    with pytest.raises(click.UsageError, match="`redactfuzz fuzz` writes a journal for each"):
        cli.main(["report", str(tmp_path / name)], standalone_mode=False)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 143)])
def test_a_live_page_follows_the_night_and_a_signal_ends_it(
    report: Report, tmp_path: Path, number: int, code: int
) -> None:
    command = [COMMAND, "report", "nights", "--serve", "--port", "0"]
    server = subprocess.Popen(command, cwd=tmp_path, env=surroundings(), stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    try:
        address = server.stdout.readline().split()[0]
        with urllib.request.urlopen(address, timeout=20) as answer:
            assert b"Night 2" in answer.read()
        with urllib.request.urlopen(f"{address}events", timeout=20) as events:
            assert events.readline() == b"retry: 2000\n"
            journal(tmp_path / "nights", 3, nights.CLEAN)
            with urllib.request.urlopen(address, timeout=20) as answer:
                assert b"No leak found in 1 scenario" in answer.read()
            os.kill(server.pid, number)
            assert server.wait(timeout=20) == code
    finally:
        server.kill()
        server.wait()
        server.stdout.close()
    assert not (tmp_path / "nights" / "report.html").exists()
