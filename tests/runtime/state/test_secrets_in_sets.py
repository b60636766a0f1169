"""What holds secrets, or hashes by its address, comes from a set in an order that each execution has."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from driving import randomly, run

from redactfuzz import Canary, Race, explore, raw, token
from redactfuzz.model.canary.canary import Kind
from redactfuzz.model.schedule import Granularity
from redactfuzz.model.verdict import Verdict


class Filter:
    """What loggers have in front of their handlers: a set of secrets, and a line for each record."""

    def __init__(self) -> None:
        self.secrets: set[str] = set()
        self.lines: list[str] = []

    def log(self, text: str) -> None:
        for secret in tuple(self.secrets):
            if secret in text:
                text = text.replace(secret, "[redacted]")
        self.lines.append(text)


def service(race: Race) -> None:
    old, new, third = (race.canary(name) for name in ("old", "new", "third"))
    made = Filter()
    log = race.redactor(made.log, bypass=made.lines.append)
    made.secrets.add(old.text)
    key = [old.text]

    def rotate() -> None:
        for fresh in (new.text, third.text):
            made.secrets.add(fresh)
            key[0] = fresh
            log(f"rotated to {fresh}")

    def request() -> None:
        log(f"with {key[0]}")
        log(f"again with {key[0]}")

    race.thread(request, name="request")
    race.thread(rotate, name="rotate")
    race.crash(lambda: "\n".join(made.lines))


def test_a_filter_that_knows_each_secret_before_its_use_passes_with_other_secrets_in_each_execution() -> None:
    report = explore(service, executions=60, seed=0, seconds=60.0)
    assert report.verdict in (Verdict.NO_LEAK_FOUND, Verdict.PROVED), report.reason
    assert report.certificate is not None
    assert not any("nondeterminism" in line for line in report.certificate.obstacles)
    assert any("other canaries in each execution" in line for line in report.certificate.inputs)


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
    assert "It takes an order of what sets hold" in report.finding.cause
