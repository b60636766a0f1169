"""``race.redactor``: counted, bypassed in control runs, put back afterwards, and invisible to the code under test."""

from __future__ import annotations

import copy
import functools
import inspect
import pickle
import sys
from typing import Any

import pytest
import redacting
from driving import bounded, run

from redactfuzz import Race, explore
from redactfuzz.model.outcome import BugKind
from redactfuzz.model.schedule import Granularity
from redactfuzz.model.verdict import Verdict
from redactfuzz.threads import _hooks

PATHS = (
    "function",
    "Filter.method",
    "Filter.static",
    "Filter.on_class",
    "Filter.Inner.method",
    "Derived.method",
    "Derived.on_class",
    "Derived.static",
    "INSTANCE.method",
)


def owned() -> dict[str, Any]:
    """Everything that a replacement could change."""
    places = (redacting, redacting.Filter, redacting.Filter.Inner, redacting.Derived, redacting.INSTANCE)
    return {f"{id(place)} {name}": value for place in places for name, value in vars(place).items()}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("bypass", [False, True])
def test_what_a_library_calls_is_replaced_by_its_dotted_path_and_put_back(path: str, bypass: bool) -> None:
    before = owned()

    def body(race: Race) -> None:
        key = race.canary("key")
        race.redactor(f"redacting:{path}")
        race.crash(lambda: redacting.calls(path)(key.text))

    ran = run(body, bypass=bypass)
    assert not ran.bugs
    assert ran.only.redactions == 1
    assert bool(ran.leaks) is bypass
    assert owned() == before


@pytest.mark.parametrize("bypass", [False, True])
def test_a_function_a_bound_method_a_lambda_and_a_partial_are_wrapped(bypass: bool) -> None:
    for target in (
        redacting.function,
        redacting.Filter().method,
        redacting.Filter.on_class,
        lambda text: "[gone]",
        functools.partial(redacting.Filter.method, redacting.Filter()),
    ):

        def body(race: Race, target: Any = target) -> None:
            key = race.canary("key")
            scrub = race.redactor(target)
            race.crash(lambda: scrub(key.text))

        ran = run(body, bypass=bypass)
        assert ran.only.redactions == 1
        assert bool(ran.leaks) is bypass


def test_a_bypass_is_called_in_its_place_with_the_same_arguments() -> None:
    calls: list[tuple[Any, ...]] = []

    def scrub(record: dict[str, str], *, deep: bool) -> str:
        return "[gone]"

    def instead(record: dict[str, str], *, deep: bool) -> str:
        calls.append((sorted(record), deep))
        return record["key"]

    def body(race: Race) -> None:
        key = race.canary("key")
        scrubbed = race.redactor(scrub, bypass=instead)
        race.crash(lambda: scrubbed({"key": key.text}, deep=True))

    assert run(body, bypass=True).leaks == 1
    assert calls
    assert all(call == (["key"], True) for call in calls)
    calls.clear()
    assert run(body, bypass=False).leaks == 0
    assert not calls


def test_a_redactor_of_another_shape_without_a_bypass_says_what_to_declare() -> None:
    def scrub(record: dict[str, str], deep: bool) -> str:
        return "[gone]"

    def body(race: Race) -> None:
        scrubbed = race.redactor(scrub)
        race.crash(lambda: scrubbed({}, True))

    bug = run(body, bypass=True).bug
    assert bug.kind in (BugKind.HANDLER, BugKind.SCENARIO)
    assert "takes 2 positional and 0 keyword arguments" in bug.summary
    assert "bypass=callable" in bug.summary
    assert not run(body, bypass=False).bugs


def test_the_wrapper_keeps_name_signature_attributes_and_says_what_it_wraps() -> None:
    seen: list[Any] = []

    def body(race: Race) -> None:
        seen.append(race.redactor(redacting.function))

    run(body)
    (wrapped,) = seen
    assert wrapped.__name__ == "function"
    assert wrapped.__qualname__ == "function"
    assert wrapped.__module__ == "redacting"
    assert wrapped.mark == "kept"
    assert wrapped.__wrapped__ is redacting.function
    assert str(inspect.signature(wrapped)) == "(data: 'str') -> 'str'"
    wrapped.other = 1
    assert wrapped.other == 1
    assert not hasattr(redacting.function, "other")
    with pytest.raises(AttributeError):
        wrapped.nothing  # noqa: B018


def test_the_wrapper_leaves_no_frame() -> None:
    stacks: list[list[str]] = []

    def scrub(text: str) -> str:
        frame: Any = sys._getframe()
        names = []
        while frame is not None:
            names.append(frame.f_code.co_name)
            frame = frame.f_back
        stacks.append(names)
        return "[gone]"

    def body(race: Race) -> None:
        scrubbed = race.redactor(scrub)

        def handler() -> str:
            return str(scrubbed("text"))

        race.crash(handler)

    run(body)
    assert stacks == [["scrub", "handler"]]


def test_it_counts_the_calls_of_the_scenario_and_no_others() -> None:
    kept: list[Any] = []

    def body(race: Race) -> None:
        scrub = race.redactor(redacting.function)
        kept.append(scrub)
        race.thread(scrub, "a")
        race.thread(scrub, "b")
        race.crash(lambda: scrub("c"))

    ran = run(body, bounded(0, Granularity.CALLS), executions=1)
    assert ran.only.redactions == 3
    assert kept[-1]("outside") == "[gone]"
    assert kept[-1].calls == 3


def test_the_redactor_is_under_control_like_any_other_code() -> None:
    orders: set[str] = set()

    def body(race: Race) -> None:
        log: list[str] = []

        def scrub(text: str) -> str:
            log.append("<")
            log.append(">")
            return "[gone]"

        scrubbed = race.redactor(scrub)
        race.thread(log.append, "o", name="other")
        race.crash(lambda: scrubbed("text"))
        race.thread(lambda: orders.add("".join(log)), name="looks")

    run(body, bounded(2, Granularity.CALLS), executions=500)
    assert any("<o>" in order for order in orders)


BAD: dict[str, tuple[Any, str]] = {
    "no colon": ("redacting.function", "write 'package.module:Class.method'"),
    "no module": ("no_such_module:function", "is not there"),
    "no attribute": ("redacting:Filter.nothing", "is not there"),
    "not callable": (5, "needs a callable or a dotted path, not int"),
    "path of something else": ("redacting:NOT_CALLABLE", "is not callable but int"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_redactor_that_cannot_be_is_an_error_of_the_scenario_with_a_clear_message(case: str) -> None:
    target, message = BAD[case]
    report = explore(lambda race: race.redactor(target), executions=5, seconds=10.0)
    assert report.verdict is Verdict.ERROR
    assert report.reason is not None
    assert message in report.reason.what


def test_declaring_it_twice_is_an_error() -> None:
    report = explore(lambda race: race.redactor(race.redactor(redacting.function)), executions=5, seconds=10.0)
    assert report.verdict is Verdict.ERROR
    assert report.reason is not None
    assert "already" in report.reason.what


def test_it_is_copied_and_pickled_as_the_function_is() -> None:
    wrapped = _hooks.Redactor(redacting.function)
    assert copy.deepcopy([wrapped]) == [wrapped] == [copy.copy(wrapped)]
    assert pickle.loads(pickle.dumps(wrapped)) is redacting.function
    with pytest.raises((AttributeError, pickle.PicklingError)):
        pickle.dumps(_hooks.Redactor(lambda text: text))


def test_in_the_place_of_a_function_it_is_pickled_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    wrapped = _hooks.Redactor(redacting.function)
    monkeypatch.setattr(redacting, "function", wrapped)
    assert pickle.loads(pickle.dumps({"before_send": wrapped}))["before_send"] is wrapped
