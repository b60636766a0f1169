"""Findings that somebody lives with for a while."""

from __future__ import annotations

import datetime
import os
from pathlib import Path

import pytest

from redactfuzz.cli.night.suppressed import Said
from redactfuzz.model.night import AlarmKind
from redactfuzz.night.suppressions import SuppressionError, read

TODAY = datetime.date(2026, 11, 28)
RIGHT = '[[suppressed]]\nkey = "534bed6e64a5"\nreason = "known upstream"\nuntil = 2026-12-31\n'


def file(folder: Path, text: str) -> Path:
    path = folder / "suppressions.toml"
    path.write_text(text)
    return path


def test_one_holds_until_its_day_and_that_day_belongs_to_it(tmp_path: Path) -> None:
    found = read(file(tmp_path, RIGHT), TODAY)["534bed6e64a5"]
    assert found.reason == "known upstream"
    assert found.holds(datetime.date(2026, 12, 31))
    assert not found.holds(datetime.date(2027, 1, 1))


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", "/dev/zero"):
        with pytest.raises(SuppressionError, match="it is no file"):
            read(tmp_path / name, TODAY)
    assert read(tmp_path / "none", TODAY) == {}


def test_a_file_that_breaks_during_the_night_counts_as_it_was_and_is_an_alarm(tmp_path: Path) -> None:
    day = datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=9)
    right = RIGHT.replace("2026-12-31", str(day))
    said = Said.of(file(tmp_path, right))
    assert set(said.today) == {"534bed6e64a5"}
    assert said.again() == (said, ())
    file(tmp_path, "[[suppressed]")
    now, (alarm,) = said.again()
    assert set(now.today) == {"534bed6e64a5"}
    assert alarm.kind is AlarmKind.SUPPRESSIONS
    assert "no TOML" in alarm.what
    file(tmp_path, right.replace("534bed6e64a5", "0123456789ab"))
    assert [sorted(each.today) for each in (said.again()[0],)] == [["0123456789ab"]]


def test_one_is_of_what_a_finding_was_and_not_of_what_it_became(tmp_path: Path) -> None:
    found = read(file(tmp_path, RIGHT), TODAY)["534bed6e64a5"]
    assert [found.covers(worse) for worse in (0, 1)] == [True, False]
    anew = read(file(tmp_path, RIGHT + "worse = 1\n"), TODAY)["534bed6e64a5"]
    assert [anew.covers(worse) for worse in (0, 1, 2)] == [True, True, False]


def test_without_a_file_there_are_none(tmp_path: Path) -> None:
    assert read(tmp_path / "none.toml", TODAY) == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (RIGHT.replace("known upstream", " "), "say the reason"),
        (RIGHT.replace("534bed6e64a5", "../../etc"), "12 digits"),
        (RIGHT.replace("2026-12-31", "2030-01-01"), "more than a year"),
        (RIGHT.replace("2026-12-31", '"2026-12-31"'), "until is a day"),
        (RIGHT.replace("2026-12-31", "2026-12-31T10:00:00"), "until is a day"),
        (RIGHT.replace('reason = "known upstream"\n', ""), "give key, reason and until"),
        (RIGHT + 'worse = "1"\n', "worse is a number"),
        (RIGHT + "worse = true\n", "worse is a number"),
        (RIGHT + 'owner = "x"\n', "give key, reason and until"),
        (RIGHT + RIGHT.replace("known", "not known"), "two entries are of 534bed6e64a5"),
        ("suppressed = 3", "and nothing else"),
        ("[[other]]\n", "and nothing else"),
        ("[[suppressed]\n", "no TOML, at line 1"),
        ("\0", "no TOML"),
    ],
)
def test_what_is_not_right_is_refused_with_the_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SuppressionError, match=said):
        read(file(tmp_path, text), TODAY)


def test_bytes_that_are_no_text_and_a_folder_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(b"\xff\xfe")
    for each in (path, tmp_path):
        with pytest.raises(SuppressionError, match=r"no TOML|cannot be read"):
            read(each, TODAY)
