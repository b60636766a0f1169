"""No text that leaves the runtime holds a secret, in whatever form the code under test says it."""

from __future__ import annotations

import base64
import mmap
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import attrs
import pytest
from driving import run

from redactfuzz.model.canary import Canary, integer, literal, mint, probe, raw, token
from redactfuzz.model.outcome import BugKind, ProblemKind
from redactfuzz.model.plan import Isolation, Plan, Policy, Stage
from redactfuzz.model.schedule import Granularity
from redactfuzz.scan import Inspector, Masker
from redactfuzz.threads.explain.masking import Masking

FIRST = (Stage(Policy.SEQUENTIAL, Granularity.CALLS),)
MANY = (Stage(Policy.RANDOM, Granularity.CALLS, limit=4),)
KINDS = {"token": token(), "raw": raw(32), "integer": integer(256), "probe": probe()}


def texts(value: Any) -> Iterator[str]:
    """Every text in an outcome."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from texts(tuple(value.values()))
    elif isinstance(value, tuple | list | frozenset | set):
        for each in value:
            yield from texts(each)
    elif attrs.has(type(value)):
        for field in attrs.fields(type(value)):
            yield from texts(getattr(value, field.name))


def raising(saying: Callable[[str], object]) -> Callable[[Any], None]:
    def body(race: Any) -> None:
        key = race.canary("key").text

        def work() -> None:
            raise ValueError(saying(key))

        race.thread(work)
        race.crash(lambda: b"dump")

    return body


SAID: dict[str, Callable[[str], object]] = {
    "plain": lambda k: k,
    "reversed": lambda k: "r " + k[::-1],
    "pieces of 7": lambda k: f"{k[:7]} {k[8:15]} {k[16:23]} {k[24:31]}",
    "pieces of 4": lambda k: f"{k[:4]} {k[5:9]} {k[10:14]}",
    "base32": lambda k: base64.b32encode(k.encode()),
    "base64": lambda k: base64.b64encode(b"id:" + k.encode()),
    "a list of numbers": lambda k: list(k.encode()),
    "joined by dashes": lambda k: "-".join(k),
    "hex in groups": lambda k: k.encode().hex(" ", 2),
}


@pytest.mark.parametrize("saying", SAID.values(), ids=SAID)
def test_a_message_shows_no_secret_whatever_form_it_has(saying: Callable[[str], object]) -> None:
    (outcome,) = run(raising(saying), FIRST, executions=1, describe=True).outcomes
    key = mint(1, "key", token(), 1).text
    assert outcome.bug is not None
    assert outcome.bug.summary.startswith("ValueError: ")
    assert "canary key>" in outcome.bug.summary
    said = str(saying(key))
    assert not any(said[at : at + 12] in text for text in texts(outcome) for at in range(len(said) - 11))
    assert not any(key[at : at + 4] in outcome.bug.detail for at in range(len(key) - 3))


def test_a_message_without_a_secret_is_shown_as_it_is() -> None:
    (outcome,) = run(raising(lambda k: "no key of 32 letters"), FIRST, executions=1, describe=True).outcomes
    assert outcome.bug is not None
    assert outcome.bug.summary == "ValueError: no key of 32 letters"


def test_names_of_code_that_hold_a_secret_are_masked_and_the_schedule_keeps_their_numbers() -> None:
    def body(race: Any) -> None:
        key = race.canary("key").text
        names: dict[str, Any] = {}
        source = f"def f_{key}():\n    g()\n    raise ValueError('q')\ndef g(): pass\n"
        exec(compile(source, f"/tmp/{key}.py", "exec"), names)
        race.thread(names[f"f_{key}"])
        race.crash(lambda: b"dump")

    (outcome,) = run(body, FIRST, executions=1, describe=True).outcomes
    key = mint(1, "key", token(), 1).text
    assert outcome.bug is not None
    assert "<canary key>.py" in outcome.bug.detail
    assert not any(key[at : at + 6] in text for text in texts(outcome) for at in range(len(key) - 5))
    assert any(step.site.module == "<number>" for step in outcome.trace)


def declaring(declare: Callable[[Any, str], object]) -> Callable[[Any], None]:
    def body(race: Any) -> None:
        declare(race, race.canary("key").text)

    return body


@pytest.mark.parametrize(
    "declare",
    [
        lambda race, key: race.canary(key),
        lambda race, key: race.witness(key, "w"),
        lambda race, key: race.thread(print, name=key),
        lambda race, key: race.crash(print, name="n" + key[::-1]),
    ],
    ids=["canary", "witness", "thread", "crash"],
)
def test_a_name_that_holds_a_secret_is_an_error_of_the_scenario(declare: Callable[[Any, str], object]) -> None:
    (outcome,) = run(declaring(declare), FIRST, executions=1, describe=True).outcomes
    assert outcome.bug is not None
    assert outcome.bug.kind is BugKind.SCENARIO
    assert "holds a secret," in outcome.bug.summary
    key = mint(1, "key", token(), 1).text
    assert not any(key[at : at + 4] in text for text in texts(outcome) for at in range(len(key) - 3))


def test_a_canary_that_is_called_as_its_secret_is_refused_without_a_word_of_it() -> None:
    """What stands in the place of a secret names the canary."""
    (outcome,) = run(
        declaring(lambda race, key: race.canary("zanzibar-obelisk", literal("zanzibar-obelisk"))), FIRST, executions=1
    ).outcomes
    assert outcome.bug is not None
    assert outcome.bug.kind is BugKind.SCENARIO
    assert "holds a secret," in outcome.bug.summary
    assert not any("zanz" in text or "obel" in text for text in texts(outcome))


def test_witnesses_with_new_names_in_every_execution_are_told_once() -> None:
    made = iter(range(10_000))

    def body(race: Any) -> None:
        race.canary("key")
        race.witness(f"witness {next(made)}", "w")
        race.thread(lambda: None)
        race.crash(lambda: b"w")

    ran = run(body, (Stage(Policy.RANDOM, Granularity.CALLS),), executions=100, stop_at_first=False)
    told = [problem for problem in ran.problems if "other names" in problem.what]
    assert [problem.kind for problem in told] == [ProblemKind.NONDETERMINISM]


def test_many_witnesses_with_the_same_names_are_not_accused() -> None:
    def body(race: Any) -> None:
        race.canary("key")
        for n in range(60):
            race.witness(f"witness {n}", "w")
        race.thread(lambda: None)
        race.crash(lambda: b"w")

    ran = run(body, (Stage(Policy.RANDOM, Granularity.CALLS),), executions=20, stop_at_first=False)
    assert not [problem for problem in ran.problems if "other names" in problem.what]


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_the_secret_of_the_execution_before_and_of_the_first_is_masked_too(kind: Any) -> None:
    canaries = {"key": mint(1, "key", kind, 7)}
    for number in (7, 6, 1):
        text = mint(1, "key", kind, number).text
        (shown,) = Masker(1)([f"carried {text} over"], [], canaries).values()
        assert shown in ("carried <canary key> over", "carried <part of canary key> over")


def test_ordinary_messages_are_masked_by_chance_less_than_once_in_a_thousand() -> None:
    words = "cannot open /var/lib/app/Data_0x7f3a21.db: KeyError 'session' at 2026-11-24T20:15:30 in Worker.run() #42 "
    struck = sum(bool(Masker(seed)([words * 3], [], {"key": mint(seed, "key", token(), 1)})) for seed in range(2000))
    assert struck <= 2


def test_a_name_is_searched_once_for_all_executions_with_a_process_of_their_own() -> None:
    """To search a name for a long key takes as long as all the rest of a short execution."""
    noted = mmap.mmap(-1, 1 << 12)  # shared with the children; a file would be the scenario's doing

    def note(what: bytes) -> None:
        noted[noted.find(b"\0")] = what[0]

    def body(race: Any) -> None:
        race.canary("key", raw(32))
        race.witness("a name of its own", "value")
        race.thread(len, "x")
        note(b"execution")

    class Counting(Masker):
        def __call__(self, *args: Any) -> dict[str, str]:
            note(b"search")
            return super().__call__(*args)

    ran = run(body, MANY, isolation=Isolation.PROCESS, executions=4, mask=Counting(7))
    assert len(ran.outcomes) == 4
    told = noted[: noted.find(b"\0")].decode()
    assert told.count("e") == 4
    first = told.index("e")
    assert "s" in told[:first]
    assert "s" not in told[first + 2 :]


def test_what_a_child_learned_is_forgotten_when_a_canary_becomes_another_kind() -> None:
    plan = Plan(name="x", body=lambda race: None, seed=7, stages=FIRST, mint=mint, inspect=Inspector(7), mask=Masker(7))
    here, child = Masking(plan), Masking(plan)
    key = mint(7, "key", token(), 1)
    child.refuse_secret("thread", "worker", {"key": key})
    here.learn(child.lesson())
    assert here.lesson().plain == frozenset()
    masked: list[set[str]] = []
    here._mask = lambda said, named, canaries: masked.append(set(said)) or {}  # type: ignore[func-returns-value]
    here.shown("worker", {"key": key})
    assert masked == []
    here.shown("worker", {"key": mint(7, "key", raw(32), 1)})
    assert masked == [{"worker"}]


def test_a_kind_that_is_its_secret_is_in_no_lesson() -> None:
    plan = Plan(name="x", body=lambda race: None, seed=7, stages=FIRST, mint=mint, inspect=Inspector(7), mask=Masker(7))
    masking = Masking(plan)
    kind = literal("a secret of more than 44 bits, with 17 digits")
    masking.refuse_secret("thread", "worker", {"key": mint(7, "key", kind, 1)})
    assert masking.lesson().kinds == {}


def test_names_that_hold_a_secret_are_found_among_many_by_one_search() -> None:
    masker = Masker(7)
    asked: list[set[str]] = []

    def mask(said: Iterable[str], named: Iterable[str], canaries: Mapping[str, Canary]) -> dict[str, str]:
        asked.append({*said, *named})
        return masker(said, named, canaries)

    plan = Plan(name="x", body=lambda race: None, seed=7, stages=FIRST, mint=mint, inspect=Inspector(7), mask=mask)
    key = mint(7, "key", token(), 1)
    names = {*(f"/p/{number}" for number in range(100)), f"/p/{key.text}", f"/p/{key.text}/x"}
    assert Masking(plan).secrets_among(names, {"key": key}) == {f"/p/{key.text}", f"/p/{key.text}/x"}
    assert asked == [names]
