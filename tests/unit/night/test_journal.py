"""The journal of a night: whole lines, whatever happens."""

from __future__ import annotations

import json
import os
from pathlib import Path

import attrs
import pytest
from night_samples import STARTED, ended, finding, listed, report

from redactfuzz.model import written
from redactfuzz.model.events import Source
from redactfuzz.model.measured import Likelihood, Measurement, Remaining
from redactfuzz.model.night import (
    Alarm,
    AlarmKind,
    FindingMeasured,
    FindingMet,
    Life,
    NightEnded,
    Resumed,
    SliceBegan,
    SliceEnded,
    TargetListed,
    Why,
)
from redactfuzz.night.journal import FINDINGS, Journal, NightError, files, held, nights, of_kind, read
from redactfuzz.night.known import judged
from redactfuzz.night.resumed import listed_anew

EVENTS = (
    STARTED,
    Resumed(1.0, 2),
    *listed("a.py::a"),
    SliceBegan(1, "a.py::a", ("redactfuzz", "run"), 3.0),
    ended(),
    FindingMet("k", "a.py::a", 1, Life.NEW, finding(), 2, 3),
    FindingMeasured("k", "a.py::a", Measurement(3, (Likelihood(0, 1, 20),), remaining=Remaining(200, 3)), ""),
    FindingMeasured("k", "a.py::a", None, "was killed by SIGKILL"),
    Alarm(AlarmKind.SLOW, "half"),
    NightEnded(2.0, Why.TIME, 3.0),
)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    journal = Journal.begin(tmp_path)
    journal.write(*EVENTS)
    journal.close()
    found = read(journal.path)
    assert found.events == EVENTS
    assert found.unread == ()
    assert found.ended


def test_nights_are_numbered_and_read_from_the_oldest_on(tmp_path: Path) -> None:
    for _ in range(3):
        Journal.begin(tmp_path).close()
    (tmp_path / "9999999.txt").touch()
    (tmp_path / "0009.jsonl").symlink_to(tmp_path / "0001.jsonl")
    assert [path.name for path in files(tmp_path)] == ["0001.jsonl", "0002.jsonl", "0003.jsonl"]
    assert [night.number for night in nights(tmp_path, 2)] == [2, 3]


def test_a_finding_that_is_open_is_known_however_many_nights_were_about_something_else(tmp_path: Path) -> None:
    def met(key: str, life: Life) -> FindingMet:
        return FindingMet(key, "a.py::a", 1, life, finding())

    measured = FindingMeasured("open", "a.py::a", None, "was killed by SIGKILL")
    of_nights = [
        (STARTED, *listed("a.py::a"), met("open", Life.NEW), met("fixed", Life.NEW), measured),
        (STARTED, *listed("a.py::a"), met("open", Life.KNOWN), met("fixed", Life.FIXED)),
        *((STARTED, *listed("b.py::b"), ended()) for _ in range(3)),
    ]
    for events in of_nights:
        journal = Journal.begin(tmp_path)
        journal.write(*events)
        journal.close()
    first, second, *recent = nights(tmp_path, 2)
    assert (first.number, first.events) == (1, (met("open", Life.NEW), measured))
    assert (second.number, second.events) == (2, (met("open", Life.KNOWN),))
    assert [(night.number, night.events) for night in recent] == [(4, of_nights[3]), (5, of_nights[4])]
    assert [night.number for night in nights(tmp_path)] == [1, 2, 3, 4, 5]
    assert [(each.key, each.life) for each in judged(nights(tmp_path, 1), ())] == [("open", Life.KNOWN)]


def test_what_is_no_regular_file_is_no_journal_and_keeps_its_name(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "0001.jsonl")
    (tmp_path / "0002.jsonl").mkdir()
    (tmp_path / "0003.jsonl").symlink_to("0001.jsonl")
    assert files(tmp_path) == []
    assert nights(tmp_path) == []
    journal = Journal.begin(tmp_path)
    journal.close()
    assert journal.path.name == "0004.jsonl"
    assert files(tmp_path) == [journal.path]


def test_a_line_that_was_not_finished_is_left_out_and_taken_away(tmp_path: Path) -> None:
    journal = Journal.begin(tmp_path)
    journal.write(STARTED)
    journal.close()
    whole = journal.path.read_bytes()
    journal.path.write_bytes(whole + written.dumps(ended()).encode()[:50])
    assert read(journal.path).events == (STARTED,)
    again = Journal.resume(journal.path)
    again.write(Resumed(1.0, 2))
    again.close()
    assert read(journal.path).events == (STARTED, Resumed(1.0, 2))


@pytest.mark.parametrize(
    "line",
    [
        b"not json",
        b"[]",
        b'{"event":"NightStarted"}',
        b'{"v":2,"event":"Resumed","at":1.0,"seed":2}',
        b'{"v":1,"event":"Other"}',
        b'{"v":1,"event":"Resumed","at":"x","seed":2}',
        b'{"v":1,"event":"Resumed","at":1.0,"seed":2,"more":3}',
        b'{"v":1,"event":"Resumed","at":NaN,"seed":2}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_lines_that_are_no_events_are_counted_and_the_others_are_read(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "0001.jsonl"
    path.write_bytes(line + b"\n" + written.dumps(STARTED).encode() + b"\n")
    found = read(path)
    assert found.events == (STARTED,)
    assert len(found.unread) == 1
    assert found.unread[0].startswith("0001.jsonl:1: ")


def test_a_line_of_a_later_version_says_so(tmp_path: Path) -> None:
    with pytest.raises(written.EventError, match=r"version 2.*upgrade"):
        written.loads(b'{"v":2,"event":"Resumed"}')


def test_two_nights_in_one_folder_are_refused(tmp_path: Path) -> None:
    with held(tmp_path), pytest.raises(NightError, match="another night runs in it"), held(tmp_path):
        pass


def test_a_folder_that_cannot_be_made_is_refused_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NightError, match=r"cannot be used.*--out"), held(tmp_path / "file" / "night"):
        pass


def test_on_a_full_disk_what_cannot_be_written_is_kept_and_no_line_is_cut() -> None:
    """/dev/full is always full."""
    full = Journal(Path("/dev/full"), os.fdopen(os.open("/dev/full", os.O_WRONLY), "wb", buffering=0))
    full.write(STARTED)
    assert full.failed == os.strerror(28)
    assert [written.loads(line) for line in full.kept] == [STARTED]
    full.close()


def test_what_was_kept_is_written_before_what_follows(tmp_path: Path) -> None:
    journal = Journal.begin(tmp_path)
    journal.kept.append(written.dumps(STARTED).encode() + b"\n")
    journal.write(Resumed(1.0, 2))
    journal.close()
    assert read(journal.path).events == (STARTED, Resumed(1.0, 2))


def test_infinity_and_sets_survive(tmp_path: Path) -> None:
    line = written.dumps(ended(of=report(seconds=float("inf"))))
    assert "Infinity" not in line
    assert written.loads(line) == ended(of=report(seconds=float("inf")))
    assert json.loads(line)["v"] == written.VERSION


def test_a_night_directory_that_was_moved_has_its_repro_files_where_they_are_now(tmp_path: Path) -> None:
    folder = tmp_path / "there"
    (folder / FINDINGS).mkdir(parents=True)
    (folder / FINDINGS / "a-0001.rfz.json").write_text("{}")
    journal = Journal.begin(folder)
    for name in ("a-0001.rfz.json", "b-0002.rfz.json"):
        journal.write(FindingMet("k", "a.py::a", 1, Life.NEW, finding(repro=f"before/findings/{name}")))
    journal.close()
    met = [each for each in read(folder / "0001.jsonl").events if isinstance(each, FindingMet)]
    here = (folder / FINDINGS / "a-0001.rfz.json").as_posix()
    assert [each.finding.repro for each in met] == [here, "before/findings/b-0002.rfz.json"]


def test_the_sources_of_a_scenario_are_told_once_and_read_of_each_slice(tmp_path: Path) -> None:
    """They are most of a journal, which the jobs of CI carry to and fro."""
    sources = tuple(Source(f"lib/module{number}.py", "0" * 64) for number in range(99))
    other = (*sources[1:], Source("lib/module0.py", "1" * 64))
    slices = [
        SliceEnded(number, title, 1.0, None, sources=held)
        for number, (title, held) in enumerate(
            [("a", sources), ("b", other), ("a", sources), ("a", other), ("a", other)], 1
        )
    ]
    journal = Journal.begin(tmp_path)
    for each in slices:
        journal.write(each)
    journal.close()
    assert of_kind(read(journal.path).events, SliceEnded) == slices
    assert journal.path.read_text("utf-8").count("module5.py") == 3
    lines = journal.path.read_bytes().splitlines(keepends=True)
    journal.path.write_bytes(b"".join(lines[1:]))
    assert [len(each.sources) for each in of_kind(read(journal.path).events, SliceEnded)] == [99, 0, 99, 99]


def test_a_night_that_is_resumed_explores_anew_what_it_has_lost_the_sources_of() -> None:
    lost = SliceEnded(3, "a.py::a", 1.0, report(), as_in=1)
    target = TargetListed("a.py::a", ("a.py::a",))
    assert listed_anew([target, lost], [target]) == [target]
    assert listed_anew([target, attrs.evolve(lost, as_in=None)], [target]) == []
