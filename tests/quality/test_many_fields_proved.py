"""Redactors of many fields are PROVED by a number of executions that does not grow with their number, or hardly.

The flag that a crash reporter trusts is set behind the last field, by a call for each field or inline; two redactors
have half of the fields each; a thread beside does hundreds of things that are nobody else's. The vulnerable twin
is a LEAK.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from redactfuzz import Race, Report, Verdict, explore

Body = Callable[[Race], None]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Findings are kept in a folder of the test."""
    monkeypatch.chdir(tmp_path)


class Form:
    """``f0 ... f<n-1>``, all of which hold the secret."""

    def __init__(self, size: int, secret: str) -> None:
        self.done = False
        self.halves = [False, False]
        self.fields = [secret] * size
        for number in range(size):
            setattr(self, f"f{number}", secret)

    def finish(self) -> None:
        self.done = True


def by_calls(size: int, *, early: bool) -> Callable[[Form], None]:
    def wipe(form: Form, number: int) -> None:
        form.fields[number] = ""

    def scrub(form: Form) -> None:
        for number in range(size - 1):
            wipe(form, number)
        if early:
            form.finish()
        wipe(form, size - 1)
        form.finish()

    return scrub


def inline(size: int, *, early: bool) -> Callable[[Form], None]:
    stores = [f"form.f{number} = ''" for number in range(size)]
    stores.insert(size - 1 if early else size, "form.done = True")
    namespace: dict[str, Any] = {"__name__": __name__}
    exec(compile("def scrub(form):\n    " + "\n    ".join(stores), f"<{size} fields>", "exec"), namespace)
    scrub: Callable[[Form], None] = namespace["scrub"]
    return scrub


def late_flag(make: Callable[..., Callable[[Form], None]], size: int, *, early: bool = False) -> Body:
    scrub = make(size, early=early)

    def body(race: Race) -> None:
        form = Form(size, race.canary("key").text)
        race.thread(race.redactor(scrub, bypass=Form.finish), form, name="redactor")
        shown = (lambda: form.fields) if make is by_calls else lambda: dict(vars(form), fields="", halves="")
        race.crash(lambda: repr(shown()) if form.done else None)

    return body


def two_redactors(size: int) -> Body:
    def body(race: Race) -> None:
        form = Form(size, race.canary("key").text)

        def wipe(numbers: range) -> None:
            for number in numbers:
                form.fields[number] = ""

        scrub = race.redactor(wipe, bypass=lambda numbers: None)

        def half(which: int) -> None:
            scrub(range(which * size // 2, (which + 1) * size // 2))
            form.halves[which] = True

        for which in (0, 1):
            race.thread(half, which, name=f"redactor {which}")
        race.crash(lambda: repr(form.fields) if form.halves[0] and form.halves[1] else None)

    return body


def beside_private_steps(steps: int) -> Body:
    def body(race: Race) -> None:
        form = Form(1, race.canary("key").text)

        def wipe(it: Form) -> None:
            it.fields[0] = ""

        scrub = race.redactor(wipe, bypass=lambda it: None)

        def redact() -> None:
            scrub(form)
            form.finish()

        def work() -> None:
            mine = []
            for number in range(steps):
                mine.append(abs(number))

        race.thread(redact, name="redactor")
        race.thread(work, name="worker")
        race.crash(lambda: repr(form.fields) if form.done else None)

    return body


def searched(body: Body, **options: Any) -> Report:
    return explore(body, strategy="dpor", seconds=120.0, executions=3_000, seed=1, **options)


def classes(body: Body, **options: Any) -> int:
    """Executions of the reduction, which has gone through all classes: it is a proof."""
    report = searched(body, **options)
    assert report.verdict is Verdict.PROVED, report
    assert report.certificate is not None
    said = [line for line in report.certificate.covered if line.startswith("one schedule of each class")]
    found = re.search(r": all, ([\d,]+) executions$", said[0])
    assert found, said
    return int(found[1].replace(",", ""))


@pytest.mark.parametrize(
    ("make", "granularity"), [(by_calls, "switches"), (inline, "switches"), (inline, "instructions")]
)
def test_a_late_flag_is_proved_by_as_many_executions_for_60_fields_as_for_10(make: Any, granularity: str) -> None:
    few, many = (classes(late_flag(make, size), granularity=granularity) for size in (10, 60))
    assert few == many
    assert many < 10


@pytest.mark.parametrize(("make", "granularity"), [(by_calls, "switches"), (inline, "instructions")])
def test_a_flag_that_is_set_one_field_early_is_a_leak(make: Any, granularity: str) -> None:
    assert searched(late_flag(make, 60, early=True), granularity=granularity).verdict is Verdict.LEAK


@pytest.mark.parametrize("size", [10, 60])
def test_two_redactors_of_half_of_the_fields_each_take_few_executions(size: int) -> None:
    assert classes(two_redactors(size)) < 10


def test_executions_do_not_depend_on_the_number_of_private_steps_beside_a_redactor() -> None:
    few, many = (classes(beside_private_steps(steps), granularity="instructions") for steps in (10, 300))
    assert few == many
    assert many < 10
