"""The repro file: what goes in comes out, and what is damaged is refused in words."""

from __future__ import annotations

import json
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from redactfuzz.model.outcome import Bug, BugKind, Leak, LeakKind
from redactfuzz.model.repro import FORMAT, SUFFIX, Identity, Repro, ReproError, Shown, dumps, loads
from redactfuzz.model.schedule import Action, Deviation, Granularity, Schedule, Site
from redactfuzz.model.texts.escaped import escaped
from redactfuzz.model.verdict import Label, Verdict

texts = st.text(max_size=12)
names = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
seeds = st.integers(0, 2**64 - 1)
told = texts.map(escaped)
sites = st.builds(Site, told, told, told)
deviations = st.builds(Deviation, told, sites, st.integers(1, 10**6), st.sampled_from(Action), told, told)
schedules = st.builds(
    Schedule,
    st.sampled_from(Granularity),
    st.lists(deviations, max_size=4).map(tuple),
    st.sampled_from(["", "3.11"]),
    stalls=st.booleans(),
    stalls_at=st.integers(0, 63),
    turned=st.booleans(),
    turned_at=st.integers(0, 2**31 - 1),
)
canaries = st.lists(st.builds(Shown, texts, texts), min_size=1, max_size=3).map(tuple)
identities = st.builds(Identity, st.just(Verdict.LEAK), canaries, st.none(), texts) | st.builds(
    Identity, st.just(Verdict.BUG), st.just(()), st.sampled_from(BugKind), texts
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
repros = st.builds(
    Repro,
    scenario=names,
    path=names,
    identity=identities,
    schedule=schedules,
    seed=seeds,
    canary_number=st.integers(0, 2**31 - 1),
    python=texts,
    hash_seed=st.just("random") | st.integers(0, 2**32 - 1).map(str),
    isolation=st.sampled_from(["auto", "process", "none"]),
    kind=st.none() | st.sampled_from(LeakKind),
    label=st.none() | st.sampled_from(Label),
    cause=texts,
    preemptions=st.integers(0, 9),
    switches=st.integers(0, 9),
    trace_hash=texts,
    workload=st.dictionaries(texts, json_values, max_size=3),
    workload_note=texts,
    tool=texts,
)

EXAMPLE = Repro(
    scenario="test_rotation",
    path="tests/test_keys.py",
    identity=Identity(Verdict.LEAK, (Shown("signing key", "base64"),)),
    schedule=Schedule(
        Granularity.CALLS,
        (Deviation("rotate", Site("keys", "Ring.rotate", "+3:8"), 1, Action.CRASH, "crash", "crash"),),
    ),
    seed=1,
    canary_number=17,
    python="3.11.7",
    tool="0.1.0",
)


@given(repros)
def test_what_is_written_is_read_back(repro: Repro) -> None:
    again = loads(dumps(repro), "x")
    assert again == repro
    assert isinstance(again.schedule.granularity, Granularity)
    assert isinstance(again.identity.verdict, Verdict)


@given(repros)
def test_the_text_is_plain_ascii_json_with_a_format(repro: Repro) -> None:
    text = dumps(repro)
    assert text.isascii()
    assert json.loads(text)["format"] == FORMAT


@given(st.data())
def test_no_truncation_is_taken_for_a_whole_file(data: st.DataObject) -> None:
    text = dumps(EXAMPLE).rstrip()
    with pytest.raises(ReproError, match="truncated or edited"):
        loads(text[: data.draw(st.integers(0, len(text) - 1))], "cut.rfz.json")


@given(json_values)
def test_no_json_of_another_kind_is_taken_for_a_repro_file(value: Any) -> None:
    with pytest.raises(ReproError, match=r"^odd\.rfz\.json: "):
        loads(json.dumps(value), "odd.rfz.json")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"format": FORMAT + 1}, f"format {FORMAT + 1} by redactfuzz 0.1.0; this version reads formats up to {FORMAT}"),
        ({"format": 0}, "format 0 does not exist"),
        ({"format": "1"}, "not a repro file"),
        ({"seed": "1"}, '"seed"'),
        ({"seed": True}, '"seed"'),
        ({"schedule": {"granularity": "lines"}}, '"schedule.granularity"'),
        ({"schedule": {"granularity": "calls", "deviations": [3]}}, '"schedule.deviations"'),
        ({"identity": None}, '"identity"'),
        ({"workload": [1]}, '"workload"'),
        ({"more": 1}, '"more"'),
    ],
)
def test_a_damaged_file_says_which_field_is_wrong(change: dict[str, Any], says: str) -> None:
    body = {**json.loads(dumps(EXAMPLE)), **change}
    with pytest.raises(ReproError) as caught:
        loads(json.dumps(body), "bad.rfz.json")
    assert says in str(caught.value)
    assert str(caught.value).startswith("bad.rfz.json: ")


def test_a_missing_field_is_named() -> None:
    body = json.loads(dumps(EXAMPLE))
    del body["canary_number"]
    with pytest.raises(ReproError, match='"canary_number" is missing'):
        loads(json.dumps(body), "bad.rfz.json")


def test_deep_nesting_is_refused_and_not_a_crash() -> None:
    with pytest.raises(ReproError):
        loads("[" * 100_000, "deep.rfz.json")


def test_the_name_holds_the_scenario_and_four_digits_of_what_happened() -> None:
    name = EXAMPLE.file_name
    assert name.startswith("test_rotation-")
    assert name.endswith(SUFFIX)
    assert len(name) == len("test_rotation-7f3a" + SUFFIX)
    assert attrs.evolve(EXAMPLE, tool="9").file_name == name
    assert attrs.evolve(EXAMPLE, seed=2).file_name != name


@given(texts)
def test_no_scenario_name_leads_out_of_the_folder(name: str) -> None:
    assert "/" not in attrs.evolve(EXAMPLE, scenario=name).file_name
    assert not attrs.evolve(EXAMPLE, scenario=name).file_name.startswith(".")


def leak(canary: str) -> Leak:
    return Leak(canary, "utf-8", 0, 32, "crash", "00000000")


def test_a_finding_is_met_again_when_its_first_canary_leaks_again() -> None:
    identity = Identity.of((leak("b"), leak("a")), None)
    assert identity.matches((leak("a"),), None)
    assert not identity.matches((leak("b"),), None)
    assert not identity.matches((), Bug(BugKind.DEADLOCK, "x"))


def test_a_bug_is_met_again_when_kind_and_summary_are_the_same() -> None:
    identity = Identity.of((), Bug(BugKind.DEADLOCK, "a, b", detail="one"))
    assert identity.matches((), Bug(BugKind.DEADLOCK, "a, b", detail="two"))
    assert not identity.matches((), Bug(BugKind.DEADLOCK, "a, c"))
    assert not identity.matches((), None)
    assert identity.key != Identity.of((leak("a"),), None).key


@pytest.mark.parametrize(
    "identity",
    [
        Identity(Verdict.PROVED, (Shown("k", "base64"),)),
        Identity(Verdict.NO_LEAK_FOUND, (Shown("k", "base64"),)),
        Identity(Verdict.BUG, (Shown("k", "base64"),)),
        Identity(Verdict.LEAK, (), BugKind.DEADLOCK, "a"),
        Identity(Verdict.LEAK),
        Identity(Verdict.ERROR, (), BugKind.SCENARIO, "a"),
    ],
)
def test_what_is_no_finding_is_refused(identity: Identity) -> None:
    """A replay tells the verdict of the file: one that says PROVED of a leak would pass."""
    with pytest.raises(ReproError, match="identity"):
        loads(dumps(attrs.evolve(EXAMPLE, identity=identity)), "x")


def test_half_a_surrogate_pair_in_a_schedule_is_refused() -> None:
    text = dumps(EXAMPLE).replace('"thread": "rotate"', '"thread": "\\ud800"')
    with pytest.raises(ReproError, match="surrogate"):
        loads(text, "x")
