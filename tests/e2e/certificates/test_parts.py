"""``redactfuzz run --part`` and ``redactfuzz parts``, as a user starts them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs
import pytest
from commands import Run

from redactfuzz.model import written
from redactfuzz.model.counted import Explored
from redactfuzz.model.dependencies import Dependencies
from redactfuzz.model.events import CampaignEnded, Depended, Source, Used
from redactfuzz.model.finding import Finding, Report
from redactfuzz.model.night import FindingMet, Life, NightStarted, SliceEnded, TargetListed
from redactfuzz.model.part import Part
from redactfuzz.model.schedule import Granularity, Schedule
from redactfuzz.model.verdict import Certificate, Verdict

TARGETS = Path(__file__).parents[3] / "targets"
PYTHON = TARGETS / "python/write_skew/scenario.py"
NATIVE = TARGETS / "native/nested_crash"
SEARCH = ("--strategy", "dpor", "--seconds", "60", "--after", "0")


def events(cli: Run, folder: Path, *words: object) -> tuple[int, list[Any]]:
    ran = cli("run", *words, *SEARCH, "--events", "events.jsonl")
    assert ran.code in (0, 1, 5), ran.both
    return ran.code, [written.loads(line) for line in (folder / "events.jsonl").read_bytes().splitlines()]


def ended(told: Sequence[Any], number: int = 1) -> SliceEnded:
    """The slice that a night would have made of it."""
    (report,) = (each.report for each in told if isinstance(each, CampaignEnded))
    sources = [each.sources for each in told if isinstance(each, Depended)]
    used = [each.dependencies for each in told if isinstance(each, Used)]
    return SliceEnded(number, report.scenario, 1.0, report, sources=sources[0], dependencies=used[0] if used else None)


def reported(slice: SliceEnded) -> Report:
    assert slice.report is not None
    return slice.report


def night(
    folder: Path, *slices: SliceEnded, tool: str = "1", shard: str = "", number: int = 1, spared: str = ""
) -> Path:
    """The journal of one that has run these."""
    started = NightStarted(tool, "3.11", 0.0, 1, 60.0, 1, 2, ("targets",), shard=shard)
    listed = (TargetListed(title, (title,), spared) for title in dict.fromkeys(each.title for each in slices))
    folder.mkdir(exist_ok=True)
    events = (started, *listed, *(slices if not spared else ()))
    lines = [written.dumps(each).encode() + b"\n" for each in events]
    (folder / f"{number:04d}.jsonl").write_bytes(b"".join(lines))
    return folder


def half(number: int) -> SliceEnded:
    """A slice that went through one of two parts."""
    space = Explored("dpor", Granularity.SWITCHES, 10, True, 10.0, parts=2)
    fixed: dict[str, Any] = {"seconds": 1.0, "seed": 0, "controls": (), "python": "3", "gil": True, "hash_seed": "0"}
    certificate = Certificate(("a",), 10, isolation="none", granularity="", preemptions=None, **fixed)
    made = {"stages": (space,), "part": Part(number, 2, "k"), "certificate": certificate}
    report = Report("a.py::a", Verdict.NO_LEAK_FOUND, **made)  # type: ignore[arg-type]
    depends = Dependencies({"a.py": "1"})
    return SliceEnded(number, "a.py::a", 1.0, report, sources=(Source("a.py", "1"),), dependencies=depends)


@pytest.mark.parametrize(
    ("fixed", "vulnerable"),
    [(f"{PYTHON}::fixed", f"{PYTHON}::vulnerable"), (NATIVE / "fixed.c", NATIVE / "vulnerable.c")],
    ids=["a scenario", "a program"],
)
def test_all_parts_together_are_a_proof_and_of_a_leak_some_part_tells(
    fixed: object, vulnerable: object, cli: Run, folder: Path
) -> None:
    slices = [ended(events(cli, folder, fixed, "--part", f"{number}/2")[1]) for number in (1, 2)]
    for number, each in enumerate(slices, 1):
        report = reported(each)
        assert str(report.verdict) == "NO_LEAK_FOUND"
        assert str(report.part) == f"{number}/2"
        assert report.certificate is not None
        assert not report.certificate.granularity
        assert each.dependencies is not None
    assert len({reported(each).executions for each in slices}) == 2  # each its own
    shards = [night(folder / str(number), each, shard=f"{number}/2") for number, each in enumerate(slices, 1)]
    joined = cli("parts", *shards)
    assert joined.code == 0, joined.both
    assert joined.out.startswith("PROVED  ")
    assert "2 parts" in joined.out
    alone = cli("parts", shards[1])
    assert alone.code == 5
    assert "NOT PROVED" in alone.out
    assert "missing: 1/2" in alone.out
    leaks = [reported(ended(events(cli, folder, vulnerable, "--part", f"{number}/2")[1])) for number in (1, 2)]
    assert "LEAK" in {str(each.verdict) for each in leaks}
    found = [ended([CampaignEnded(each), Depended("", ())]) for each in leaks]
    assert cli("parts", night(folder / "found", *found)).code == 1


SHAPED = """
import os
from redactfuzz import scenario
WORKERS = int(os.environ.get("WORKERS", "2"))

@scenario
def pool(race):
    race.witness("build id", "7f3a-2291")
    key = race.canary("key")
    scrub = race.redactor(lambda text: text.replace(key.text, "[masked]"))
    turn, line = [0], [scrub("build 7f3a-2291 " + key.text)]

    def work(number):
        if turn[0] == 2 * number:
            turn[0] = 2 * number + 1

    def rotate():
        for number in range(WORKERS):
            if turn[0] == 2 * number + 1:
                turn[0] = 2 * number + 2

    for number in range(WORKERS):
        race.thread(work, number, name=f"worker-{number}")
    race.thread(rotate, name="rotate")
    race.crash(lambda: line[0])
"""


def test_parts_of_programs_of_another_shape_are_not_joined(
    cli: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files are the same: what is read of the environment, or drawn, at import is not."""
    (folder / "shaped.py").write_text(SHAPED)
    slices = []
    for number, workers in ((1, "3"), (2, "3"), (2, "2")):
        monkeypatch.setenv("WORKERS", workers)
        slices.append(ended(events(cli, folder, "shaped.py", "--part", f"{number}/2")[1]))
    first, second, other = (night(folder / str(number), each) for number, each in enumerate(slices))
    assert cli("parts", first, second).code == 0
    ran = cli("parts", first, other)
    assert ran.code == 5, ran.both
    assert "different things" in ran.out


def test_parts_of_other_code_another_version_or_another_search_are_not_joined(cli: Run, folder: Path) -> None:
    one, two = half(1), half(2)
    first = night(folder / "first", one)
    others = {
        "files changed": (attrs.evolve(two, sources=(Source("a.py", "2"),)), "1"),
        "nobody knows of which files": (attrs.evolve(two, dependencies=None), "1"),
        "different things": (attrs.evolve(two, report=attrs.evolve(reported(two), part=Part(2, 2, "other"))), "1"),
        "redactfuzz 1, Python 3.11 and of redactfuzz 2, Python 3.11": (two, "2"),
    }
    for why, (other, tool) in others.items():
        ran = cli("parts", first, night(folder / why.partition(" ")[0], other, tool=tool))
        assert ran.code == 5, ran.both
        assert "NOT JOINED" in ran.out
        assert why in ran.out
    assert cli("parts", first, night(folder / "second", two)).code == 0


def test_a_journal_that_cannot_be_read_whole_is_told(cli: Run, folder: Path) -> None:
    first, second = night(folder / "first", half(1)), night(folder / "second", half(2))
    journal = first / "0001.jsonl"
    whole = journal.read_bytes()
    journal.write_bytes(whole + b'{"v": 1, "event": "SliceEnded", "number": "LE\xffK"}\n')
    ran = cli("parts", first, second)
    assert ran.code == 5, ran.both
    assert "cannot be read" in ran.err
    journal.write_bytes(whole.partition(b"\n")[2])
    assert "lost its first line" in cli("parts", first, second).out


def test_a_night_that_met_a_finding_proves_nothing(cli: Run, folder: Path) -> None:
    first, second = night(folder / "first", half(1)), night(folder / "second", half(2))
    schedule = Schedule(Granularity.CALLS)
    met = FindingMet("k", "a.py::a", 0, Life.REGRESSED, Finding("a", Verdict.LEAK, schedule, 0, 1, 1), again=3, times=3)
    with (first / "0001.jsonl").open("ab") as journal:
        journal.write(written.dumps(met).encode() + b"\n")
    ran = cli("parts", first, second)
    assert ran.code == 1, ran.both
    assert ran.out.startswith("LEAK  a.py::a")


def said(title: str, verdict: Verdict, preemptions: int | None = None) -> SliceEnded:
    """A slice that came to a verdict."""
    fixed: dict[str, Any] = {"seconds": 1.0, "seed": 0, "controls": (), "python": "3", "gil": True, "hash_seed": "0"}
    made = Certificate(("a",), 10, isolation="none", granularity="calls", preemptions=preemptions, **fixed)
    report = Report(title, verdict, certificate=made if verdict.passed else None)
    return SliceEnded(9, title, 1.0, report, sources=(Source("a.py", "1"),), dependencies=Dependencies({"a.py": "1"}))


@pytest.mark.parametrize("verdict", [Verdict.INCONCLUSIVE, Verdict.VACUOUS, Verdict.ERROR])
def test_a_night_that_ended_without_a_verdict_of_it_is_part_of_no_proof(
    cli: Run, folder: Path, verdict: Verdict
) -> None:
    unsure = said("a.py::a", verdict)
    first, second = night(folder / "first", half(1)), night(folder / "second", half(2), unsure)
    ran = cli("parts", first, second)
    assert ran.code == 5, ran.both
    assert ran.out.startswith(f"NOT PROVED  a.py::a: a night ended with {verdict} of it: nobody can tell")
    night(second, unsure, half(2))  # it passed since
    assert cli("parts", first, second).code == 0
    alone = night(folder / "alone", said("a.py::a", Verdict.PROVED))
    assert cli("parts", alone).code == 0
    assert cli("parts", alone, night(folder / "third", unsure)).code == 5


def test_a_proof_within_a_bound_says_which(cli: Run, folder: Path) -> None:
    ran = cli("parts", night(folder / "first", said("a.py::a", Verdict.PROVED, 1)))
    assert "PROVED  a.py::a: by a night alone, complete to 1 preemption between calls" in ran.out
    assert "preemption" not in cli("parts", night(folder / "second", said("a.py::a", Verdict.PROVED))).out


def test_of_what_a_night_spared_the_parts_are_those_of_the_night_that_went_through_them(cli: Run, folder: Path) -> None:
    first, second = night(folder / "first", half(1)), night(folder / "second", half(2))
    night(first, half(1), number=2, spared="its parts were gone through in night 1", tool="2")
    ran = cli("parts", first, second)
    assert ran.code == 0, ran.both
    night(second, half(2), number=2)
    night(second, number=3)
    assert cli("parts", first, second).code == 5  # the last night is about nothing


@pytest.mark.parametrize("part", ["0/2", "3/2", "1/3", "1/128", "1", "a/b", "-1/2", "1/2/3", "", "٣/4"])
def test_what_is_no_part_is_refused_and_says_what_is(part: str, cli: Run) -> None:
    ran = cli("run", PYTHON, "--part", part)
    assert ran.code == 2
    assert "N is a power of two" in " ".join(ran.err.split())


def test_a_part_with_a_bound_or_a_certificate_is_refused(cli: Run) -> None:
    for words in (["--preemptions", "1"], ["--strategy", "dpor", "--proof", "x.gz"], ["--strategy", "pct"]):
        ran = cli("run", f"{PYTHON}::fixed", "--part", "1/2", *words)
        assert ran.code == 2, ran.both
        assert "whole space" in " ".join(ran.err.split())


def test_parts_of_a_folder_without_a_night_are_refused(cli: Run, folder: Path) -> None:
    ran = cli("parts", folder)
    assert ran.code == 2
    assert "no journal of a night is there" in ran.err


def test_whoever_requires_a_proof_has_it_with_its_part(cli: Run, folder: Path) -> None:
    ran = cli("run", f"{TARGETS}/python/stale_flag/scenario.py::fixed", *SEARCH, "--require", "proved", "--part", "1/2")
    assert ran.code == 0, ran.both
    told = cli("run", f"{TARGETS}/python/stale_flag/scenario.py::fixed", "--json", *SEARCH, "--part", "2/2")
    line = json.loads(told.out)
    assert line["verdict"] == "NO_LEAK_FOUND"
    assert line["part"]["number"] == 2
    assert line["part"]["of"] == 2
