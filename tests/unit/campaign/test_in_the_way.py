"""What makes a space large, in the words of a certificate."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest

from redactfuzz.campaign.checks.large import unfinished
from redactfuzz.campaign.session.covered import Covered
from redactfuzz.model.conflict import Conflict, Spot, UnknownCall
from redactfuzz.model.plan import Policy, Stage, StageReport

HASHES = UnknownCall("zlib.crc32", Spot("app.py", 7, "works"))
STORES, LOADS = Spot("app.py", 12, "stores"), Spot("app.py", 20, "loads")
REPORT = StageReport(400, 9_000.0, exhausted=False, truncated=False)


def lines(report: StageReport, policy: Policy = Policy.DPOR) -> list[str]:
    return list(unfinished(Covered(Stage(policy), report)))


def test_unknown_calls_come_first_then_pairs_then_loops_then_the_size() -> None:
    report = attrs.evolve(
        REPORT,
        conflicts=(
            Conflict(STORES, LOADS, 50, "flag"),
            Conflict(HASHES.spot, LOADS, 30, unknown=(HASHES,)),
            Conflict(HASHES.spot, HASHES.spot, 20, unknown=(HASHES,)),
        ),
        cut=True,
        cuts=(Spot("app.py", 30), Spot("app.py", 40)),
    )
    assert lines(report) == [
        "zlib.crc32 at app.py:7, taken to touch everything: 50 of 100 reversals (50 %)",
        "app.py:12 -- app.py:20 (flag), whose order matters: 50 of 100 reversals (50 %)",
        "loops that yield or wait with a limit at app.py:30 and app.py:40: what comes when they do so once more was"
        " left out",
        "the size of the space: 400 of about 9,000 classes of schedules were run; smaller threads have fewer",
    ]


def test_a_pair_is_the_same_in_either_order() -> None:
    conflicts = Conflict(STORES, LOADS, 3, "flag"), Conflict(LOADS, STORES, 1, "flag")
    assert lines(attrs.evolve(REPORT, conflicts=conflicts))[0] == (
        "app.py:12 -- app.py:20 (flag), whose order matters: 4 of 4 reversals (100 %)"
    )


@pytest.mark.parametrize("unknown", [False, True])
def test_the_list_has_an_end_and_the_most_frequent_are_on_it(unknown: bool) -> None:
    spots = [Spot("app.py", line) for line in range(1, 10)]
    conflicts = tuple(
        Conflict(spot, spot, spot.line, unknown=(UnknownCall("call", spot),) if unknown else ()) for spot in spots
    )
    told = lines(attrs.evolve(REPORT, conflicts=conflicts))
    assert len(told) == 7
    assert [line.split(" (")[0].rpartition(": ")[2] for line in told[:5]] == [
        f"{times} of 45 reversals" for times in (9, 8, 7, 6, 5)
    ]
    assert told[5].startswith("and 4 more ")


def test_what_is_rare_is_said_to_be_so() -> None:
    report = attrs.evolve(REPORT, conflicts=(Conflict(STORES, LOADS, 999), Conflict(LOADS, LOADS, 1)))
    assert lines(report)[1].endswith("1 of 1,000 reversals (below 1 %)")


def test_of_a_search_that_came_to_its_end_nothing_is_in_the_way() -> None:
    done = attrs.evolve(REPORT, exhausted=True, conflicts=(Conflict(STORES, LOADS, 50),))
    assert lines(done) == []
    (line,) = lines(attrs.evolve(done, cut=True))
    assert line.startswith("loops that yield or wait with a limit: ")


def test_a_search_of_every_schedule_has_no_classes() -> None:
    assert lines(REPORT, Policy.EXHAUSTIVE) == [
        "the size of the space: 400 of about 9,000 schedules were run; smaller threads have fewer"
    ]


def test_places_are_shown_as_seen_from_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    spot = Spot(str(tmp_path / "app" / "store.py"), 3)
    start = Spot("", 0, "the start of 'worker'")
    assert lines(attrs.evolve(REPORT, conflicts=(Conflict(start, spot, 1),)))[0].startswith(
        "app/store.py:3 -- the start of 'worker', "
    )
