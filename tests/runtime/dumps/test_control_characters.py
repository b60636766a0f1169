"""Nothing that the code under test names or says moves the cursor of a terminal, or makes a line of a report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from redactfuzz import Race, Report, explore
from redactfuzz.campaign.face.failure import summary
from redactfuzz.model.texts.escaped import without_codes
from redactfuzz.report.certificate import whole
from redactfuzz.report.json_lines import json_line
from redactfuzz.report.lines import plain
from redactfuzz.report.pytest_text import properties

EVIL = "a\nLEAK forged\x1b[2J\x07\r\x9b1m\u202e"
_FORBIDDEN = set("\x1b\x07\r\x9b\u202e\b")


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def made(source: str, **names: Any) -> Callable[..., Any]:
    """A function whose file, name and text are anybody's."""
    space = dict(names)
    exec(compile(source, f"/{EVIL}.py", "exec"), space)
    return space["work"]  # type: ignore[no-any-return]


def texts(report: Report) -> list[str]:
    shown = [plain(whole(report)), json_line(report)]
    return [*shown, summary(report), *(text for _, text in properties([report]))]


def check(report: Report) -> None:
    for text in texts(report):
        assert not _FORBIDDEN & set(text), repr(text)
        assert not any(line.lstrip().startswith("LEAK forged") for line in text.splitlines())


def planted(race: Race, work: Callable[[], object], leaks: bool = False) -> None:
    key = race.canary(f"key{EVIL}").text
    race.witness(f"witness{EVIL}", "alice")
    redact = race.redactor(lambda text: text if leaks else text.replace(key, "[key]"), bypass=lambda text: text)
    race.thread(work, name=f"thread{EVIL}")
    race.crash(lambda: redact(f"{key} alice"), name=f"crash{EVIL}")


def test_names_in_a_certificate() -> None:
    report = explore(lambda race: planted(race, lambda: None), seed=0, executions=60)
    assert report.verdict.passed
    check(report)


def test_names_in_a_leak_and_its_replay_command() -> None:
    report = explore(lambda race: planted(race, lambda: None, leaks=True), seed=0, executions=60)
    assert str(report.verdict) == "LEAK"
    check(report)


def test_the_text_of_an_exception_the_file_and_the_function_that_raised_it() -> None:
    work = made("def work():\n    x = 1\n    raise ValueError(text)\n", text=EVIL)
    work.__code__ = work.__code__.replace(co_name=f"work{EVIL}", co_qualname=f"work{EVIL}")
    work.__name__ = f"work{EVIL}"
    report = explore(lambda race: planted(race, work), seed=0, executions=60)
    assert str(report.verdict) == "BUG"
    check(report)
    assert report.finding is not None
    assert report.finding.bug is not None
    assert r"a LEAK forged\x1b[2J" in report.finding.bug.summary
    assert report.finding.repro


def test_a_scenario_that_raises() -> None:
    def body(race: Race) -> None:
        raise RuntimeError(EVIL)

    check(explore(body, seed=0, executions=60))


def test_what_is_printed_is_shown_as_it_is(capfd: pytest.CaptureFixture[str]) -> None:

    explore(lambda race: planted(race, lambda: print("\x1b[1mbold")), seed=0, executions=60)
    assert "\x1b[1mbold" in capfd.readouterr().out


def test_a_secret_with_codes_between_its_letters_is_not(capfd: pytest.CaptureFixture[str]) -> None:
    said: list[str] = []

    def body(race: Race) -> None:
        key = race.canary("key").text
        said.append(key)
        race.thread(lambda: print("\x1b[1mbold", "\x1b[1m".join(key)))
        race.crash(lambda: "dump")

    explore(body, seed=0, executions=60)
    out = without_codes(capfd.readouterr().out)
    assert "bold" in out
    assert said
    assert not [key for key in said if key[:6] in out or key[-6:] in out]
