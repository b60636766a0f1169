"""The 60-field case: one leaking window among F, which random search practically never meets.

F fields are scrubbed one after the other; the "done" flag is set one field early; a crash reporter trusts the flag.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from redactfuzz import Race, explore
from redactfuzz.model.finding import Report
from redactfuzz.model.verdict import Label, Verdict

SIZES = (10, 60, 200)


class Form:
    """``f0 ... f<n-1>``, of which the last is secret."""

    def __init__(self, size: int, secret: str) -> None:
        self.done = False
        for number in range(size - 1):
            setattr(self, f"f{number}", f"value {number}")
        setattr(self, f"f{size - 1}", secret)

    def wipe(self, number: int) -> None:
        setattr(self, f"f{number}", "")

    def finish(self) -> None:
        self.done = True


def scrub_by_calls(size: int, *, early: bool) -> Callable[[Form], None]:
    def scrub(form: Form) -> None:
        for number in range(size - 1):
            form.wipe(number)
        if early:
            form.finish()
        form.wipe(size - 1)
        if not early:
            form.finish()

    return scrub


def scrub_inline(size: int, *, early: bool) -> Callable[[Form], None]:
    """The same without a call: one assignment a field, as a person would type them."""
    stores = [f"form.f{number} = ''" for number in range(size)]
    stores.insert(size - 1 if early else size, "form.done = True")
    namespace: dict[str, Any] = {"__name__": __name__}
    exec(compile("def scrub(form):\n    " + "\n    ".join(stores), f"<{size} fields inline>", "exec"), namespace)
    scrub: Callable[[Form], None] = namespace["scrub"]
    return scrub


Scrubber = Callable[..., Callable[[Form], None]]


def case(make: Scrubber, size: int, *, early: bool) -> Callable[[Race], None]:
    scrub = make(size, early=early)

    def sixty_fields(race: Race) -> None:
        form = Form(size, race.canary("last field").text)
        race.thread(race.redactor(scrub, bypass=Form.finish), form, name="scrubber")
        race.crash(lambda: dict(vars(form)) if form.done else None)

    return sixty_fields


def search(make: Scrubber, size: int, *, early: bool, **options: Any) -> Report:
    return explore(case(make, size, early=early), executions=3 * size + 20, seconds=120, seed=1, **options)


@pytest.mark.parametrize("size", SIZES)
def test_the_default_portfolio_finds_the_window_between_calls_within_3f_plus_20(size: int) -> None:
    report = search(scrub_by_calls, size, early=True)
    assert report.verdict is Verdict.LEAK, report.reason
    assert report.first_leak_execution is not None
    assert report.first_leak_execution <= 3 * size + 20
    assert report.finding is not None
    assert report.finding.preemptions == 1


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("options", [{}, {"granularity": "instructions", "preemptions": 1}], ids=["default", "told"])
def test_the_window_between_two_stores_is_found_and_labelled_finer_than_this_build(
    options: dict[str, Any], size: int
) -> None:
    report = search(scrub_inline, size, early=True, **options)
    assert report.verdict is Verdict.LEAK, report.reason
    assert report.first_leak_execution is not None
    assert report.first_leak_execution <= 3 * size + 20
    assert report.finding is not None
    assert report.finding.preemptions == 1
    assert report.finding.label is Label.FINER


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("make", "granularity"), [(scrub_by_calls, "calls"), (scrub_inline, "instructions")])
def test_the_fixed_twin_is_exhausted_at_one_preemption(make: Scrubber, granularity: str, size: int) -> None:
    report = search(make, size, early=False, granularity=granularity, preemptions=1)
    assert report.verdict in (Verdict.PROVED, Verdict.NO_LEAK_FOUND), report.reason
    assert report.certificate is not None
    assert report.certificate.preemptions == 1
    assert report.executions < 3 * size + 20, "the bound, not the budget, ended the search"
