"""What holds secrets, or hashes by its address, comes from a set in an order that each execution has."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from driving import randomly, run

from redactfuzz import Canary, Race, explore, raw, token
from redactfuzz.model.canary.canary import Kind
from redactfuzz.model.schedule import Granularity
from redactfuzz.model.verdict import Verdict


def orders(kind: Kind, held: Callable[[Canary], object]) -> set[str]:
    """In which orders six executions, each with other secrets, find what holds these in a set."""
    seen: set[str] = set()

    def body(race: Race) -> None:
        made = {held(canary): canary.name for canary in (race.canary(name, kind) for name in "abcde")}
        race.thread(lambda: seen.add("".join(made[each] for each in set(made))))

    run(body, randomly(6, Granularity.CALLS))
    return seen


HELD: dict[str, tuple[Kind, Callable[[Canary], object]]] = {
    "the text": (token(), lambda key: key.text),
    "a text around it": (token(), lambda key: f"Bearer {key.text};"),
    "its bytes": (token(), lambda key: key.text.encode()),
    "bytes of any value": (raw(16), lambda key: key.bytes),
    "hexadecimal": (raw(16), lambda key: key.bytes.hex()),
    "a tuple": (token(), lambda key: ("key", key.text, 1)),
}


@pytest.mark.parametrize("how", HELD)
def test_the_order_of_what_holds_secrets_follows_from_none_of_their_values(how: str) -> None:
    assert len(orders(*HELD[how])) == 1


def test_what_is_made_of_a_secret_otherwise_has_the_order_of_its_hash() -> None:
    assert len(orders(token(), lambda key: key.text[::-1])) > 1


class Step:
    """One of several that a line goes through. It hashes by its address."""

    def __init__(self, name: str) -> None:
        self.name = name

    def take(self, text: str) -> str:
        if self.name == "upper":
            int("1")
        return text


def steps(race: Race) -> None:
    key = race.canary("key")
    lines: list[str] = []
    taken = {Step("lower")}

    def mask(text: str) -> None:
        text = text.replace(key.text, "[redacted]")
        for step in tuple(taken):
            text = step.take(text)
        lines.append(text)

    log = race.redactor(mask, bypass=lines.append)
    race.thread(lambda: [log(f"with {key.text}"), log("again")], name="request")
    race.thread(lambda: [taken.add(Step(name)) for name in ("upper", "same", "other")], name="grow")
    race.crash(lambda: "\n".join(lines))


def test_the_order_of_objects_in_a_set_follows_from_no_address() -> None:
    report = explore(steps, executions=60, seconds=30.0, seed=0)
    assert report.verdict in (Verdict.NO_LEAK_FOUND, Verdict.PROVED), report.reason


def leaks_in_one_order(race: Race) -> None:
    a, b, c = (race.canary(name).text for name in "abc")
    held, lines = {a, b, c}, list[str]()

    def mask(text: str) -> None:
        if list(held)[:2] != [c, b]:
            for secret in held:
                text = text.replace(secret, "[gone]")
        lines.append(text)

    log = race.redactor(mask, bypass=lines.append)
    race.thread(lambda: log(f"with {a} {b} {c}"), name="request")
    race.thread(lambda: log("nothing"), name="other")
    race.crash(lambda: "\n".join(lines))


def test_a_leak_that_one_order_of_three_shows_is_found_in_an_order_that_is_drawn() -> None:
    report = explore(leaks_in_one_order, executions=400, seconds=30.0, seed=2)
    assert report.verdict is Verdict.LEAK
    assert report.finding is not None
    assert "It needs the elements of a set in another order" in report.finding.cause
