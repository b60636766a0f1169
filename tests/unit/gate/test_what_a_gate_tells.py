"""Names, waiting, and metrics: plain values."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redactfuzz.gate.looking import Looking, Wait
from redactfuzz.gate.metrics import Tally, write
from redactfuzz.gate.names import arrived_name, numbered, safe_name
from redactfuzz.gate.passage import Source


@given(st.text())
def test_any_name_becomes_one_that_is_no_option_no_hidden_file_and_no_path(name: str) -> None:
    safe = safe_name(name)
    assert re.fullmatch(r"[A-Za-z0-9_+@=,][A-Za-z0-9._+@=,-]{0,149}", safe)
    assert safe_name(safe) == safe


@given(st.lists(st.text()))
def test_any_words_of_the_kernel_make_a_name_that_ends_with_what_makes_it_the_only_one(words: list[str]) -> None:
    name = arrived_name(words, "0123abcd")
    assert safe_name(name) == name
    assert name.startswith("core")
    assert name.endswith("-0123abcd")


def test_names_of_dumps_that_are_fine_stay() -> None:
    fine = ["core.4711", "a-b_c@d=e,f+g", "CORE"]
    assert [safe_name(name) for name in fine] == fine
    assert [numbered("core", count) for count in range(3)] == ["core", "core.1", "core.2"]


SOURCE = Source("core", 1, 2, 3, 4, 5)
GROWN = Source("core", 1, 2, 9, 6, 7)


def test_where_the_kernel_says_that_nobody_writes_a_dump_is_taken_at_once() -> None:
    assert Looking(10.0, 60.0).decide(SOURCE, False, 0.0) is None


def test_where_the_kernel_does_not_say_a_dump_has_to_stay_the_same_for_a_while() -> None:
    looking = Looking(10.0, 60.0)
    assert isinstance(looking.decide(SOURCE, None, 0.0), Wait)
    assert isinstance(looking.decide(SOURCE, None, 9.0), Wait)
    assert isinstance(looking.decide(GROWN, None, 11.0), Wait)
    assert isinstance(looking.decide(GROWN, None, 20.0), Wait)
    assert looking.decide(GROWN, None, 21.0) is None


@pytest.mark.parametrize("writers", [True, None])
def test_one_that_is_written_for_too_long_is_late_and_is_never_taken(writers: bool | None) -> None:
    looking = Looking(10.0, 60.0)
    for second in range(200):
        wait = looking.decide(Source("core", 1, 2, second), writers, float(second))
        assert wait is not None
        assert wait.late == (second >= 60)
    assert wait is not None
    assert "60 s have passed (--patience)" in wait.reason


def test_what_is_gone_begins_anew() -> None:
    looking = Looking(10.0, 60.0)
    looking.decide(SOURCE, True, 0.0)
    looking.keep(["another"])
    wait = looking.decide(SOURCE, True, 100.0)
    assert wait == Wait("somebody has it open for writing")
    assert looking.postponed("unseen", "it grew", 0.0) == Wait("it grew")


LINE = re.compile(r"(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{([a-z]+=\"[^\"\\]*\",?)+\})? [0-9.e+]+)")


def test_metrics_are_lines_that_prometheus_reads_and_the_file_is_replaced(tmp_path: Path) -> None:
    path, tally = tmp_path / "gate.prom", Tally()
    write(path, tally)
    before = path.stat().st_ino
    tally.outcomes["released", "CLEAN"] += 2
    tally.octets, tally.looked_at = 1 << 40, 1.5e9
    write(path, tally)
    text = path.read_text()
    assert all(LINE.fullmatch(line) for line in text.splitlines())
    assert 'redactfuzz_gate_dumps_total{outlet="released",verdict="CLEAN"} 2\n' in text
    assert text.endswith("\n")
    assert path.stat().st_ino != before
    assert [each.name for each in tmp_path.iterdir()] == ["gate.prom"]
    assert path.stat().st_mode & 0o777 == 0o644


def test_metrics_that_cannot_be_written_leave_the_old_file(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        write(tmp_path / "nowhere" / "gate.prom", Tally())
