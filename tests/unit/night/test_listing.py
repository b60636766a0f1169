"""Which scenarios a night has: none is missing because something was killed while they were listed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs
import pytest

from redactfuzz.cli.night import fuzz
from redactfuzz.model import written
from redactfuzz.model.events import Listed
from redactfuzz.model.night import SliceBegan
from redactfuzz.night.journal import NightError
from redactfuzz.night.told import Told

BOTH = (("a.py", ("a.py::one", "a.py::two")), ("b.py", ("b.py::three",)))


@attrs.frozen
class Listing:
    """What a process for it has told."""

    titles: tuple[str, ...]
    unlisted: tuple[str, ...] = ()
    whole: bool = True
    seconds: float = 1.0
    how: str = "was killed by SIGKILL"


def told(*events: Listed) -> Told:
    listing = Told(SliceBegan(0, "", (), 1.0))
    for each in events:
        listing.take(written.dumps(each).encode())
    return listing


def scenarios(monkeypatch: pytest.MonkeyPatch, *listings: Listing) -> tuple[list[str], int]:
    """Those of a night whose listings go so, and how many there were."""
    asked: list[Sequence[str]] = []

    def one(paths: Sequence[str], seconds: float) -> Any:
        asked.append(paths)
        return listings[len(asked) - 1]

    monkeypatch.setattr(fuzz, "_listing", one)
    monkeypatch.setattr(fuzz, "_one_by_one", lambda paths: [("a.py", ["a.py"]), ("b.py", ["b.py"])])
    return list(dict.fromkeys(fuzz._scenarios(("tests",), 3_600.0))), len(asked)


def test_a_file_is_unlisted_until_its_scenarios_are_told() -> None:
    first = [Listed(file, (file,)) for file, _ in BOTH]
    assert told(*first).unlisted == ["a.py", "b.py"]
    some = told(*first, Listed(*BOTH[0]))
    assert (some.titles, some.unlisted) == (BOTH[0][1], ["b.py"])
    everything = told(*first, *(Listed(*each) for each in BOTH))
    assert (everything.titles, everything.unlisted) == (BOTH[0][1] + BOTH[1][1], [])


def test_a_listing_that_was_killed_is_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    killed, whole = Listing(("a.py::a",), ("b.py",), whole=False), Listing(("a.py::a", "b.py::b"))
    assert scenarios(monkeypatch, killed, whole) == (["a.py::a", "b.py::b"], 2)
    assert scenarios(monkeypatch, Listing((), whole=False), whole) == (["a.py::a", "b.py::b"], 2)
    assert scenarios(monkeypatch, whole) == (["a.py::a", "b.py::b"], 1)


def test_a_file_that_ends_whoever_imports_it_has_a_slice_of_its_own_which_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dies = Listing(("a.py::a",), ("dies.py",))
    assert scenarios(monkeypatch, dies, dies) == (["a.py::a", "dies.py"], 2)


KILLED, ENDLESS = Listing((), whole=False), Listing((), whole=False, seconds=301.0, how="was not done after 300 s")


@pytest.mark.parametrize("before", [[KILLED, KILLED], [ENDLESS]])
def test_a_file_that_never_ends_or_ends_all_of_them_costs_itself(
    monkeypatch: pytest.MonkeyPatch, before: list[Listing]
) -> None:
    after = [Listing(("a.py::a",)), Listing((), whole=False)]
    assert scenarios(monkeypatch, *before, *after) == (["a.py::a", "b.py"], len(before) + 2)


def test_where_no_file_can_be_listed_there_is_no_night(monkeypatch: pytest.MonkeyPatch) -> None:
    killed = Listing(("a.py::a",), ("b.py",), whole=False)
    with pytest.raises(NightError, match="tests: the scenarios could not be listed, as the process for it was killed"):
        scenarios(monkeypatch, killed, killed, killed, killed)


def test_each_file_is_asked_for_alone_with_the_names_that_are_wanted_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.py", "b.py"):
        (tmp_path / name).write_text("from redactfuzz import scenario\n\n@scenario\ndef x(race): ...\n", "utf-8")
    found = dict(fuzz._one_by_one(("a.py::x", "a.py::y", "b.py")))
    assert found == {"a.py": ["a.py::x", "a.py::y"], "b.py": ["b.py"]}
