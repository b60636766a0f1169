"""What files from somebody else may hold at all: numbers and texts that no finding and no registry has are refused."""

from __future__ import annotations

import json
from typing import Any

import attrs
import pytest

from redactfuzz.model.limits import complaint
from redactfuzz.model.outcome import BugKind
from redactfuzz.model.registry import UnusableRegistry, registry_from_json
from redactfuzz.model.repro import Identity, Repro, ReproError, dumps, loads
from redactfuzz.model.schedule import Action, Deviation, Granularity, Schedule, Site
from redactfuzz.model.verdict import Verdict

DEVIATION = Deviation("main", Site("m", "f", "+1:1"), 1, Action.SWITCH, "other")
FINDING = Repro(
    "scenario",
    "scenario.py",
    Identity(Verdict.BUG, bug_kind=BugKind.DEADLOCK),
    Schedule(Granularity.CALLS, (DEVIATION,)),
    seed=0,
    canary_number=1,
    python="3.11.7",
)
LARGEST = (1 << 31) - 1


def text(**fields: Any) -> str:
    return json.dumps({**json.loads(dumps(FINDING)), **fields})


@pytest.mark.parametrize(
    ("seed", "nth", "hash_seed"), [(0, 1, "random"), ((1 << 64) - 1, LARGEST, "0"), (7, 2, "4294967295")]
)
def test_what_a_finding_has_is_read(seed: int, nth: int, hash_seed: str) -> None:
    schedule = Schedule(Granularity.CALLS, (attrs.evolve(DEVIATION, nth=nth),))
    finding = attrs.evolve(FINDING, seed=seed, schedule=schedule, hash_seed=hash_seed)
    assert loads(dumps(finding), "x") == finding


@pytest.mark.parametrize(
    "fields",
    [
        {"seed": 1 << 64},
        {"seed": 1 << 70},
        {"seed": -1},
        {"canary_number": LARGEST + 1},
        {"canary_number": -1},
        {"preemptions": 10**25},
        {"hash_seed": "\u00b2"},
        {"hash_seed": "4294967296"},
        {"hash_seed": "99999999999"},
        {"hash_seed": ""},
        {"isolation": "none at all"},
        {"scenario": "a\0b"},
        {"scenario": "\ud800"},
        {"path": "\udfff.py"},
        {"program": {"arguments": ["\0"]}},
        {"planted": {"\ud800": {"kind": "token"}}},
        {"planted": {"k": {"kind": "raw", "n": 10**30}}},
        {"item": "x" * ((1 << 20) + 1)},
        {"workload": {"x": float("nan")}},
        {"schedule": {"granularity": "calls", "child": -1}},
        {"schedule": {"granularity": "calls", "moment": 1 << 40}},
        {"schedule": {"granularity": "calls", "stalls_at": -1}},
        {"schedule": {"granularity": "calls", "stalls_at": 1 << 70}},
        {"schedule": {"granularity": "calls", "turned_at": 1 << 31}},
    ],
    ids=lambda fields: str(fields)[:40].encode("unicode_escape").decode(),
)
def test_a_value_that_no_finding_has_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ReproError, match=r"^file: "):
        loads(text(**fields), "file")


def test_what_a_scenario_draws_may_be_anything() -> None:
    drawn = {"x": [10**30, "\0", "\ud800"], "\0": -(1 << 70)}
    assert loads(text(workload=drawn), "file").workload == drawn


@pytest.mark.parametrize("nth", [10**25, 0, -1, 1 << 31])
def test_a_count_that_no_execution_reaches_is_refused(nth: int) -> None:
    body = json.loads(text())
    body["schedule"]["deviations"][0]["nth"] = nth
    with pytest.raises(ReproError):
        loads(json.dumps(body), "file")


def test_a_finding_nested_as_deeply_as_json_goes_is_looked_through() -> None:
    deep: Any = "\0"
    for _ in range(100_000):
        deep = [deep]
    assert "zero byte" in complaint(deep)


def registry(**fields: Any) -> str:
    canaries = [{"name": "key", "number": 1, "kind": "token", "n": 32}]
    return json.dumps({"format": "redactfuzz canaries", "version": 1, "seed": 1, "canaries": canaries, **fields})


def canary(**fields: Any) -> list[dict[str, Any]]:
    return [{"name": "key", "number": 1, "kind": "raw", "n": 32, **fields}]


def test_a_registry_as_plant_writes_it_is_read() -> None:
    assert registry_from_json(registry()).mint()
    assert registry_from_json(registry(canaries=canary())).mint()


@pytest.mark.parametrize(
    "text",
    [
        registry(seed=1 << 70),
        registry(seed=-1),
        registry(seed=True),
        registry(seed=float("nan")),
        registry(marker="\ud800"),
        registry(canaries=canary(n=10**9)),
        registry(canaries=canary(n=True)),
        registry(canaries=canary(n=-32)),
        registry(canaries=canary(n=None)),
        registry(canaries=canary(number=10**30)),
        registry(canaries=canary(number=-1)),
        registry(canaries=canary(kind="token", alphabet="ab")),
        registry(canaries=canary() * 200_000),
    ],
    ids=lambda text: text[-60:],
)
def test_a_registry_that_nobody_wrote_is_refused(text: str) -> None:
    with pytest.raises(UnusableRegistry):
        registry_from_json(text)
