"""`model` imports nothing of ours, and so says the numbers of the core once more: they are the same."""

from __future__ import annotations

from enum import IntEnum

import pytest

from redactfuzz._core._engine import ffi, lib
from redactfuzz.model.canary.secret import Shape
from redactfuzz.model.origin import Origin
from redactfuzz.model.plan import Policy
from redactfuzz.model.schedule import Granularity


@pytest.mark.parametrize(("ours", "theirs"), [(Policy, "rf_policy_kind"), (Shape, "rf_shape")])
def test_the_names_and_numbers_of_the_model_are_those_of_the_core(ours: type[IntEnum], theirs: str) -> None:
    declared = {number: name.removeprefix("RF_") for number, name in ffi.typeof(theirs).elements.items()}
    assert {int(each): each.name for each in ours} == declared


def test_the_nearest_code_is_the_first_in_the_core_as_well() -> None:
    assert [*map(int, Origin)] == [lib.RF_OWN, lib.RF_PACKAGE, lib.RF_LIBRARY]


def test_granularities_are_numbered_by_their_order() -> None:
    numbers = [getattr(lib, f"RF_{each.name}") for each in Granularity]
    assert numbers == [*range(len(Granularity))]
