"""Which tests are scenarios, what they are called, and which of them a repro file is about."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from redactfuzz.pytest_plugin import again as pytest_again

if TYPE_CHECKING:
    from redactfuzz.model.repro import Repro

ATTRIBUTE = "redactfuzz_scenario"
"""What ``@scenario`` leaves on a function; ``@given`` keeps it."""
PROGRAM = "redactfuzz_program"
"""What a scenario of a C or C++ program has besides."""


def function_of(item: pytest.Item) -> Any:
    """What the test runs."""
    return getattr(item, "obj", None)


def _below_given(function: Any) -> Any:
    return getattr(getattr(function, "hypothesis", None), "inner_test", function)


def is_scenario(item: pytest.Item) -> bool:
    """Whether ``@scenario`` is on it."""
    if not isinstance(item, pytest.Function):
        return False
    function = getattr(item.obj, "func", item.obj)
    # Not with getattr: an object of the user may answer yes to every attribute.
    return ATTRIBUTE in getattr(getattr(function, "__func__", function), "__dict__", {})


def name_of(item: pytest.Item) -> str:
    """The node id, its file as seen from the working directory, whatever pytest's root is."""
    from redactfuzz.campaign.session.spec import relative

    return f"{relative(str(item.path))}::{item.nodeid.partition('::')[2]}"


def only_pytest(item: pytest.Item) -> bool:
    """Whether it has fixtures or parameters, which the command line does not know, or is imported in another way."""
    if not isinstance(item, pytest.Function) or not is_scenario(item):
        return False
    given = hasattr(item, "callspec") or bool(set(item.fixturenames) - {"request"})
    return given or not pytest_again.imports_alike(item)


def matches(item: pytest.Item, repro: Repro) -> bool:
    """Whether the file is about it."""
    file, _, name = repro.item.partition("::")
    program = getattr(function_of(item), PROGRAM, None)
    if repro.program or program is not None:
        # By the program's first file, wherever the test that names it lies.
        return bool(repro.program) and program is not None and _ends_with(program.sources[0], repro.path)
    if repro.item:
        same = item.nodeid.partition("::")[2] == name
    else:
        file = repro.path
        same = is_scenario(item) and _called(item) == repro.scenario
    return same and _ends_with(item.path, file)


def _called(item: pytest.Item) -> str:
    from redactfuzz.campaign.face import scenario

    return scenario.name_of(_below_given(function_of(item)))


def same_runs(items: list[pytest.Item], repro: Repro) -> list[pytest.Item]:
    """Of several tests of one program those that run it as the file says, where there are such."""
    if len(items) < 2 or not repro.program:
        return items
    from redactfuzz.native.run.program import same_run

    return [item for item in items if same_run(getattr(function_of(item), PROGRAM), repro.program)] or items


def _ends_with(path: Path, end: str) -> bool:
    return f"/{path.as_posix()}".endswith(f"/{end.lstrip('/')}")


def bind(item: Any, repro: Repro) -> None:
    """Under ``@given`` the drawn values come from the file, where it holds them, and not from Hypothesis."""
    inner = _below_given(item.obj)
    if inner is not item.obj and not repro.workload_note:
        own = (item.instance,) if item.cls is not None else ()
        item.obj = functools.partial(inner, *own, **repro.workload)


def patient(function: Any) -> None:
    """An example is a whole campaign: no deadline, and no complaint about shared fixtures, whose sharing is meant.

    Nor Hypothesis' own explanation: it would list which lines of ours a failing campaign runs.
    """
    from hypothesis import HealthCheck, Phase, settings

    # The attribute in which Hypothesis itself keeps what @settings said; applying @settings once more is refused.
    name = "_hypothesis_internal_use_settings"
    function = getattr(function, "__func__", function)
    calm = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.differing_executors]
    base = getattr(function, name, None) or settings()
    checks = list(dict.fromkeys([*base.suppress_health_check, *calm]))
    phases = [phase for phase in base.phases if phase is not Phase.explain]
    setattr(function, name, settings(base, deadline=None, suppress_health_check=checks, phases=phases))
