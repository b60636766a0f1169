"""What a thread reads of a canary is its own business: only what is allowed, and buffers that it fills, are shared."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from both_ways import both

from redactfuzz import Canary, Race, Verdict, explore

Uses = Callable[[Canary, bytearray], Any]
READS: tuple[Callable[[Canary], Any], ...] = (
    lambda key: key.text,
    lambda key: key.bytes,
    lambda key: key.int,
    lambda key: key.value,
    lambda key: (key.name, key.size, key.bits, key.hash_prefix),
    lambda key: key.within("text"),
    lambda key: key.write_into(bytearray(key.size)),
)


def body(first: Uses, second: Uses) -> Callable[[Race], None]:
    def declared(race: Race) -> None:
        key = race.canary("key")
        shared = bytearray(key.size)
        race.thread(first, key, shared)
        race.thread(second, key, shared)
        race.crash(lambda: f"{shared[0] != 0} {shared[1] == 1}")

    return declared


@pytest.mark.parametrize("read", READS)
def test_what_two_threads_read_of_a_canary_has_one_order(read: Callable[[Canary], Any]) -> None:
    classes, all_of_them = both(body(lambda key, shared: read(key), lambda key, shared: read(key)))
    assert classes == 1
    assert all_of_them > classes


def fills(key: Canary, shared: bytearray) -> None:
    key.write_into(shared)


def wipes(key: Canary, shared: bytearray) -> None:
    shared[0] = 0


def allows(key: Canary, shared: bytearray) -> None:
    key.allow()
    key.forbid()


def asks(key: Canary, shared: bytearray) -> None:
    shared[1] = key.allowed


@pytest.mark.parametrize(("first", "second"), [(fills, wipes), (allows, asks)])
def test_what_is_shared_of_it_comes_in_every_order(
    first: Uses, second: Uses
) -> None:
    unrelated, _ = both(body(lambda key, shared: key.text, second))
    classes, _ = both(body(first, second))
    assert classes > unrelated


@pytest.mark.parametrize(("uses", "depends"), [(allows, True), (lambda key, shared: key.text, False)])
def test_each_step_of_a_handler_comes_before_and_after_what_is_allowed(uses: Uses, depends: bool) -> None:
    """It may show what was allowed at one of its steps: where it takes none meanwhile it may show less."""

    def scenario(steps: int) -> Callable[[Race], None]:
        def declared(race: Race) -> None:
            race.thread(uses, race.canary("key"), bytearray(64))
            race.crash(lambda: [abs(each) for each in range(steps)])

        return declared

    (few, _), (many, _) = both(scenario(1)), both(scenario(3))
    assert (many > few) is depends


@pytest.mark.parametrize(("masks", "verdict"), [(True, Verdict.PROVED), (False, Verdict.LEAK)])
def test_a_scenario_that_reads_it_in_two_threads_is_proved_and_its_leaky_twin_found(
    masks: bool, verdict: Verdict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    def scenario(race: Race) -> None:
        key, seen = race.canary("key"), dict[str, str]()
        mask = race.redactor(lambda text: text.replace(key.text, "[key]"))

        def forgets(name: str) -> None:
            del seen[name]

        def uses(name: str) -> None:
            seen[name] = key.text
            forgets(name)

        race.thread(uses, "first")
        race.thread(uses, "second")
        race.crash(lambda: mask(repr(seen)) if masks or len(seen) < 2 else repr(seen))

    report = explore(scenario, strategy="dpor", executions=300, seed=0)
    assert report.verdict is verdict, report.reason
    assert masks is (report.certificate is not None and not report.certificate.obstacles)
