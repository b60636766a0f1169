"""A set that changes while it is gone through, in an order of ours, ends that as Python's own iterator does."""

from __future__ import annotations

import pytest
from driving import randomly, run

from redactfuzz import Race
from redactfuzz.model.schedule import Granularity


@pytest.mark.parametrize("grows", [True, False], ids=["another size", "the same size"])
def test_a_set_that_changes_while_it_is_gone_through_is_gone_through_no_further(grows: bool) -> None:
    seen: list[list[str]] = []

    def body(race: Race) -> None:
        held = {race.canary(name).text: name for name in "abcd"}
        names = set(held)

        def change() -> None:
            through = iter(names)
            first = next(through)
            names.update("xyz")
            if not grows:
                names.difference_update(each for each in held if each != first)
            try:
                seen.append([held.get(each, "new") for each in through if each != first])
            except RuntimeError as error:
                seen.append([str(error)])

        race.thread(change)

    run(body, randomly(12, Granularity.CALLS))
    told = {each for execution in seen for each in execution}
    assert told - {"new"} == ({"Set changed size during iteration"} if grows else set())
