"""Verdicts and labels of whole campaigns over real threads, both ways."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import pytest

from redactfuzz import Race, Report, Verdict, explore, literal, token
from redactfuzz.campaign import Options, default_runtime, last_report, load
from redactfuzz.campaign.explain import reachable
from redactfuzz.campaign.face.replay import replay
from redactfuzz.campaign.face.scenario import Ambient, spec_of, surrounded
from redactfuzz.model.verdict import Label


@pytest.fixture(autouse=True)
def options(tmp_path: Path) -> Any:
    given = Options(profile="ci", seconds=60.0, repro_dir=tmp_path, seed=0)
    with surrounded(Ambient(given)):
        yield given


def counting(race: Race, by: str) -> None:
    """Four switches at real switch sites lead to a secret that is there between two instructions."""
    key = race.canary("key").text
    scrub = race.redactor(lambda text: text.replace(key, "x"))
    state: dict[str, Any] = {"n": 0, "shown": ""}

    def first() -> None:
        if state["n"] == 0:
            state["n"] = 1
        for _ in "a":  # this interpreter can switch where a loop goes back
            pass
        if state["n"] == 2:
            state["n"] = 3
        for _ in "a":
            pass
        if state["n"] == 4:
            state["shown"] = key
            state["shown"] = ""

    def second() -> None:
        if state["n"] == 1:
            state["n"] = 2
        for _ in "a":
            pass
        if state["n"] == 3:
            state["n"] = 4

    race.thread(first)
    race.thread(second)
    race.crash(lambda *_: state["shown"] or scrub(key), by=by)


@pytest.mark.parametrize(
    ("by", "verdict"),
    [("kill", Verdict.NO_LEAK_FOUND), ("exception", Verdict.NO_LEAK_FOUND), ("watchdog", Verdict.PROVED)],
)
def test_switch_sites_alone_prove_nothing_of_a_crash_that_strikes_between_them(by: str, verdict: Verdict) -> None:
    assert explore(counting, by=by, strategy="exhaustive", granularity="switches").verdict is verdict


def handing_over(race: Race) -> None:
    key = race.canary("key").text
    scrub = race.redactor(lambda text: text.replace(key, "x"))
    state: dict[str, Any] = {"n": 0, "shown": ""}

    def first() -> None:
        if state["n"] == 0:
            state["n"] = 1
        for _ in "a":
            pass
        if state["n"] == 2:
            state["shown"] = key
            state["shown"] = ""

    def second() -> None:
        if state["n"] == 1:
            state["n"] = 2

    race.thread(first)
    race.thread(second)
    race.crash(lambda *_: state["shown"] or scrub(key), by="kill")


def test_switches_are_moved_to_where_this_interpreter_makes_them_and_the_crash_from_outside_stays() -> None:
    report = explore(handing_over, executions=5_000)
    assert report.finding is not None
    assert (report.verdict, report.finding.label) == (Verdict.LEAK, Label.REACHABLE)


def window(race: Race, by: str) -> None:
    key = race.canary("key").text
    scrub = race.redactor(lambda text: text.replace(key, "x"))
    state = {"shown": ""}

    def shows() -> None:
        state["shown"] = key
        state["shown"] = ""

    race.thread(shows)
    race.crash(lambda *_: state["shown"] or scrub(key), by=by)


@pytest.mark.parametrize(("by", "label"), [("kill", Label.REACHABLE), ("watchdog", Label.FINER)])
def test_where_only_the_crash_strikes_finely_its_producer_decides(by: str, label: Label) -> None:
    report = explore(window, by=by)
    assert report.finding is not None
    assert (report.verdict, report.finding.label) == (Verdict.LEAK, label)


@pytest.mark.parametrize(("few", "seconds"), [(1, 120.0), (2_000, 0.0)], ids=["too few executions", "too little time"])
def test_finer_is_not_said_where_the_search_of_real_sites_was_not_finished(
    monkeypatch: pytest.MonkeyPatch, few: int, seconds: float
) -> None:
    monkeypatch.setattr(reachable, "_ENUMERATED", few)
    monkeypatch.setattr(reachable, "_DRAWN", 0)
    monkeypatch.setattr(reachable, "_SECONDS", seconds)
    report = explore(window, by="watchdog")
    assert report.finding is not None
    assert (report.verdict, report.finding.label) == (Verdict.LEAK, Label.UNCONFIRMED)


def test_the_search_of_real_sites_does_not_end_with_the_campaigns_clock(options: Options) -> None:
    with surrounded(Ambient(attrs.evolve(options, shrink_seconds=0.0))):
        report = explore(window, by="watchdog")
    assert report.finding is not None
    assert (report.verdict, report.finding.label) == (Verdict.LEAK, Label.FINER)


def small(race: Race, by: str) -> None:
    key = race.canary("key").text
    scrub = race.redactor(lambda text: text.replace(key, "x"))
    race.thread(lambda: None)
    race.crash(lambda *_: scrub(key), by=by)


def test_a_small_scenario_with_a_crash_from_outside_is_proved_at_instructions() -> None:
    report = explore(small, by="kill")
    assert report.verdict is Verdict.PROVED
    assert report.certificate is not None
    assert report.certificate.granularity == "instructions"


def leaves(race: Race, error: type[BaseException]) -> None:
    race.canary("key")
    raise error


@pytest.mark.parametrize("error", [SystemExit, ValueError])
def test_a_body_that_leaves_by_an_exception_is_at_fault_whatever_the_exception(error: type[BaseException]) -> None:
    report = explore(leaves, error=error)
    assert report.verdict is Verdict.ERROR
    assert report.reason is not None
    assert error.__name__ in report.reason.what


def exits_in_a_thread(race: Race) -> None:
    small(race, "watchdog")
    race.thread(lambda: (_ for _ in ()).throw(SystemExit), name="leaver")


def test_a_thread_may_exit() -> None:
    assert explore(exits_in_a_thread).verdict.passed


def returns(race: Race, make: Any) -> None:
    key = race.canary("key").text
    scrub = race.redactor(lambda text: text.replace(key, "x"))
    race.thread(lambda: None)

    def handler() -> Any:
        scrub(key)
        return make(race, key)

    race.crash(handler)


def cyclic(race: Race, key: str) -> Any:
    dump: list[Any] = [key]
    dump.append(dump)
    return dump


def deep(race: Race, key: str) -> Any:
    dump: Any = {"key": [key]}
    for _ in range(3_000):
        dump = [dump]
    return dump


@pytest.mark.parametrize("make", [cyclic, deep])
def test_a_key_in_an_object_that_holds_itself_or_is_very_deep_is_found(make: Any) -> None:
    report = explore(returns, make=make)
    assert report.verdict is Verdict.LEAK


@pytest.mark.parametrize(("make", "verdict"), [(cyclic, Verdict.INCONCLUSIVE), (deep, Verdict.VACUOUS)])
def test_without_a_key_such_an_object_is_no_leak_and_what_was_not_read_is_named(make: Any, verdict: Verdict) -> None:
    report = explore(returns, make=lambda race, key: make(race, "nothing"))
    assert report.verdict is verdict
    assert report.reason is not None
    if make is cyclic:
        assert "the object holds itself at $[1]" in report.reason.what


def test_a_dump_that_is_a_folder_is_called_one() -> None:
    report = explore(returns, make=lambda race, key: race.tmp_path)
    assert report.reason is not None
    assert "the path is a folder, not a file" in report.reason.what


def test_a_dump_that_is_a_file_of_the_executions_own_folder_is_read() -> None:
    def make(race: Race, key: str) -> Path:
        path: Path = race.tmp_path / "crash.txt"
        path.write_text(key)
        return path

    assert explore(returns, make=make).verdict is Verdict.LEAK


def plants(race: Race, kind: Any) -> None:
    race.canary("key", kind() if kind is numbers else kind)


def numbers() -> Any:
    return literal(7)


@pytest.mark.parametrize(
    ("kind", "says"),
    [("abc", "str is no kind of canary"), (token, "token is not called"), (numbers, "bits"), (3, "no kind of canary")],
)
def test_what_is_no_kind_of_canary_is_an_error_that_says_which_there_are(kind: Any, says: str) -> None:
    report = explore(plants, kind=kind)
    assert report.verdict is Verdict.ERROR
    assert report.reason is not None
    assert says in report.reason.what
    assert "attribute" not in report.reason.what
    assert "token(" in report.reason.what


def times_out(race: Race) -> None:
    import threading

    key = race.canary("key").text
    scrub = race.redactor(lambda text: text.replace(key, "x"))
    lock = threading.Lock()

    def holds() -> None:
        with lock:
            len("a")

    def handler() -> str:
        if not lock.acquire(timeout=1):
            return key
        try:
            return str(scrub(key))
        finally:
            lock.release()

    race.thread(holds)
    race.crash(handler)


def test_a_replay_says_what_the_campaign_said_of_this_interpreter(options: Options) -> None:
    found: Report = explore(times_out)
    assert found.finding is not None
    repro = load(Path(found.finding.repro))
    again = last_report(replay(repro, spec_of(times_out).body, default_runtime(), options=options))
    assert again.finding is not None
    assert again.finding.label is found.finding.label is repro.label
