"""The canary registry: what it stores, and every way in which a file is none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from redactfuzz.model.canary.kinds import KINDS
from redactfuzz.model.registry import Entry, Registry, UnusableRegistry, registry_from_json, registry_to_json

SAMPLE = Registry(
    7,
    (
        Entry("TOKEN", KINDS["token"]()),
        Entry("key", KINDS["raw"](n=32), 4),
        Entry("number", KINDS["integer"](bits=128)),
        Entry("p", KINDS["probe"]()),
        Entry("rsa", KINDS["rsa"](bits=512)),
    ),
    "marker-1",
)


def test_it_comes_back_as_it_was_and_makes_the_same_canaries() -> None:
    read = registry_from_json(registry_to_json(SAMPLE))
    assert read == SAMPLE
    assert [one.hash_prefix for one in read.mint()] == [one.hash_prefix for one in SAMPLE.mint()]


def test_another_seed_or_number_makes_others() -> None:
    first = registry_from_json(registry_to_json(SAMPLE)).mint()[0].hash_prefix
    assert Registry(8, SAMPLE.entries).mint()[0].hash_prefix != first
    assert Registry(7, (Entry("TOKEN", KINDS["token"](), 2),)).mint()[0].hash_prefix != first


def test_it_holds_no_secret() -> None:
    text = registry_to_json(SAMPLE)
    minted = list(SAMPLE.mint())
    assert minted
    for canary in minted:
        assert not canary.within(text)


def data(**changes: Any) -> str:
    return json.dumps({**json.loads(registry_to_json(SAMPLE)), **changes})


def many(count: int, **kind: Any) -> str:
    return data(canaries=[{"name": f"k{index}", "number": 1, **kind} for index in range(count)])


def entry(**changes: Any) -> str:
    return data(canaries=[{"name": "k", "number": 1, "kind": "raw", "n": 32, **changes}])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "it is no JSON"),
        ("[" * 100_000, "it is no JSON"),
        (registry_to_json(SAMPLE)[:-20], "it is no JSON"),
        ("[]", "it is no canary registry: `redactfuzz plant` writes them"),
        ('{"a": 1}', "it is no canary registry"),
        (data(version=2), "it is of version 2, and this redactfuzz reads 1"),
        (data(version=None), "it is of version None"),
        (data(seed="7"), "seed or canaries are missing"),
        (data(canaries=[]), "seed or canaries are missing"),
        (data(canaries={}), "seed or canaries are missing"),
        (data(marker=3), "seed or canaries are missing"),
        (data(canaries=[3]), "a canary has no name or no number"),
        (entry(name=None), "a canary has no name or no number"),
        (entry(number="1"), "a canary has no name or no number"),
        (entry(kind="literal"), "canary 'k' is a literal, which no registry stores"),
        (entry(kind="colour"), "canary kind 'colour' is unknown"),
        (entry(kind=[]), "canary 'k'"),
        (entry(n=3), "At least 8 are needed"),
        (entry(n="32"), "canary .k.: "),
        (entry(n=-1), "At least 8 are needed"),
        (entry(n=1 << 40), "more than 4,096 characters"),
        (entry(n=1e3), "a value that no canary has"),
        (data(canaries=[{"name": "k", "number": 1, "kind": "rsa", "bits": 100_000}]), "more than 4,096 bits"),
        (many(5, kind="rsa", bits=4096), "keys of RSA take too long to make again"),
        (many(17, kind="token", n=4000), "more than 65,536 characters together"),
        (many(65, kind="integer", bits=8192), "more than 65,536 characters together"),
    ],
)
def test_what_is_no_registry_is_named(text: str, told: str) -> None:
    with pytest.raises(UnusableRegistry, match=told.replace("`", ".")) as caught:
        registry_from_json(text)
    assert "Traceback" not in str(caught.value)


def test_as_many_and_as_long_as_may_be_are_read() -> None:
    for kind in (KINDS["raw"](n=4096), KINDS["rsa"](bits=2048)):
        registry = Registry(7, tuple(Entry(f"k{index}", kind) for index in range(16)))
        assert registry_from_json(registry_to_json(registry)) == registry


@pytest.mark.parametrize(
    "changes", [{"seed": 8}, {"marker": "marker-2"}, {"canaries": json.loads(data())["canaries"][1:]}], ids=str
)
def test_one_that_was_changed_would_look_for_other_canaries_and_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(UnusableRegistry, match="not as it was written"):
        registry_from_json(data(**changes))
    on_purpose = {name: value for name, value in json.loads(data(**changes)).items() if name != "check"}
    assert registry_from_json(json.dumps(on_purpose)).mint()
