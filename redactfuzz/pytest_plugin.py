"""The pytest plugin: scenarios are tests. Imports nothing heavy until a scenario is collected."""

from __future__ import annotations

import contextlib
import functools
import logging
import os
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from redactfuzz.campaign.spec import Options
    from redactfuzz.model.finding import Report
    from redactfuzz.model.repro import Repro

ATTRIBUTE = "redactfuzz_scenario"
"""What ``@scenario`` leaves on a function; ``@given`` keeps it."""
_PREFIX = "redactfuzz."
_REPORTS = pytest.StashKey["list[Report]"]()
_REPLAY = pytest.StashKey["Repro"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of design section 8."""
    group = parser.getgroup("redactfuzz")
    group.addoption("--redactfuzz-seed", type=int, metavar="N", help="seed of every campaign (default 0)")
    group.addoption("--redactfuzz-executions", type=int, metavar="N", help="explorations of each scenario at most")
    group.addoption("--redactfuzz-strategy", metavar="NAME", help="one strategy in place of the portfolio")
    group.addoption("--redactfuzz-replay", metavar="FILE", help="run only the schedule of this repro file")
    group.addoption(
        "--redactfuzz-profile",
        choices=["ci", "dev", "nightly"],
        help="ci: 500 executions or 10 s; dev (default): 5,000 or 60 s; nightly: unbounded",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Complains about wrong options before anything runs."""
    option = config.option
    if option.redactfuzz_replay:
        from pathlib import Path

        from redactfuzz.campaign.store import load
        from redactfuzz.model.repro import ReproError

        try:
            config.stash[_REPLAY] = load(Path(option.redactfuzz_replay))
        except ReproError as error:
            raise pytest.UsageError(str(error)) from None
    if any(
        value is not None
        for value in (option.redactfuzz_seed, option.redactfuzz_executions, option.redactfuzz_strategy)
    ):
        from redactfuzz.campaign.spec import OptionError, Settings, resolve

        try:
            resolve(_options(config), Settings())
        except OptionError as error:
            raise pytest.UsageError(f"--redactfuzz-...: {error}") from None


def pytest_report_header(config: pytest.Config) -> str:
    """Version, profile and seed."""
    from redactfuzz import __version__

    option = config.option
    parts = [f"profile {option.redactfuzz_profile or 'dev'}", f"seed {option.redactfuzz_seed or 0}"]
    if option.redactfuzz_executions is not None:
        parts.append(f"{option.redactfuzz_executions} executions")
    if option.redactfuzz_strategy is not None:
        parts.append(f"strategy {option.redactfuzz_strategy}")
    if option.redactfuzz_replay:
        parts.append(f"replay {option.redactfuzz_replay}")
    return f"redactfuzz {__version__}: {', '.join(parts)}"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Makes Hypothesis patient with scenarios; with ``--redactfuzz-replay`` keeps the one that the file is about."""
    scenarios = [item for item in items if _is_scenario(item)]
    for item in scenarios:
        if getattr(_function(item), "is_hypothesis_test", False):
            _patient(_function(item))
    repro = config.stash.get(_REPLAY, None)
    if repro is None:
        return
    kept = [item for item in scenarios if _matches(item, repro)]
    dropped = [item for item in items if item not in kept]
    if not kept:
        raise pytest.UsageError(
            f"--redactfuzz-replay: the file is about {repro.path}::{repro.scenario}, which was not collected"
        )
    for item in kept:
        _bind(item, repro)
    config.hook.pytest_deselected(items=dropped)
    items[:] = kept


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Gives the options to the campaign and keeps its reports."""
    if not _is_scenario(item):
        return (yield)
    from redactfuzz.campaign.scenario import Ambient, surrounded
    from redactfuzz.model.events import CampaignEnded

    reports: list[Report] = []
    item.stash[_REPORTS] = reports
    ambient = Ambient(
        options=_within_timeout(item, _options(item.config)),
        observer=lambda event: reports.append(event.report) if isinstance(event, CampaignEnded) else None,
        replay=item.config.stash.get(_REPLAY, None),
        fixtures=frozenset(getattr(item, "fixturenames", ())),
    )
    with _without_log_capture(), surrounded(ambient):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Puts our explanation in the place of a traceback of ours, and what is to be told at the end into properties."""
    test_report = yield
    reports = item.stash.get(_REPORTS, None)
    if call.when != "call" or reports is None:
        return test_report
    from redactfuzz.report.pytest_text import failure, properties

    if call.excinfo is not None:
        text = failure(call.excinfo.value, item)
        if text is not None:
            test_report.longrepr = text
    # What thousands of executions printed or logged may hold canaries.
    test_report.sections[:] = [each for each in test_report.sections if not each[0].startswith("Captured")]
    if not reports:
        return test_report
    # JUnit reads those of the report on the teardown, which pytest takes from the item.
    item.user_properties.extend(properties(reports))
    test_report.user_properties[:] = item.user_properties
    if any(report.interrupted for report in reports):
        item.session.shouldstop = "interrupted"
    return test_report


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """A line for each scenario: what a pass covers, or how to see the finding again."""
    told = [
        (outcome, report)
        for outcome in ("passed", "failed")
        for report in terminalreporter.stats.get(outcome, [])
        if any(name == f"{_PREFIX}verdict" for name, _ in getattr(report, "user_properties", ()))
    ]
    if not told:
        return
    terminalreporter.section("redactfuzz")
    for outcome, report in told:
        values = dict(report.user_properties)
        colour = {"green": True} if outcome == "passed" else {"red": True}
        terminalreporter.write(str(values[f"{_PREFIX}verdict"]), bold=True, **colour)
        terminalreporter.line(f" {report.nodeid}: {values.get(f'{_PREFIX}summary', '')}")
    from redactfuzz.campaign.neighbours import unshared

    for line in unshared():
        terminalreporter.line(line)


def _function(item: pytest.Item) -> Any:
    return getattr(item, "obj", None)


def _below_given(function: Any) -> Any:
    return getattr(getattr(function, "hypothesis", None), "inner_test", function)


def _is_scenario(item: pytest.Item) -> bool:
    if not isinstance(item, pytest.Function):
        return False
    function = getattr(item.obj, "func", item.obj)
    # Not with getattr: an object of the user may answer yes to every attribute.
    return ATTRIBUTE in getattr(getattr(function, "__func__", function), "__dict__", {})


def _matches(item: pytest.Item, repro: Repro) -> bool:
    name = getattr(_below_given(_function(item)), "__qualname__", "").replace(".<locals>", "")
    return name == repro.scenario and f"/{item.path.as_posix()}".endswith(f"/{repro.path.lstrip('/')}")


def _bind(item: Any, repro: Repro) -> None:
    """Under ``@given`` the drawn values come from the file, where it holds them, and not from Hypothesis."""
    inner = _below_given(item.obj)
    if inner is not item.obj and not repro.workload_note:
        item.obj = functools.partial(inner, **repro.workload)


def _options(config: pytest.Config) -> Options:
    from redactfuzz.campaign.spec import Options

    option = config.option
    return Options(
        seed=option.redactfuzz_seed,
        executions=option.redactfuzz_executions,
        strategy=option.redactfuzz_strategy,
        profile=option.redactfuzz_profile,
    )


def _within_timeout(item: pytest.Item, options: Options) -> Options:
    """Lets a campaign end, with what it knows, before pytest-timeout ends it without."""
    seconds = _timeout(item)
    if seconds is None:
        return options
    import attrs

    from redactfuzz.campaign.spec import resolve

    limits = resolve(options, getattr(_function(item), ATTRIBUTE))
    return attrs.evolve(
        options,
        seconds=min(limits.seconds, seconds * 0.5),
        shrink_seconds=min(limits.shrink_seconds, seconds * 0.2),
    )


def _timeout(item: pytest.Item) -> float | None:
    """Seconds that pytest-timeout gives to a test; None when it gives all the time of the world, or is not there."""
    config = item.config
    if not config.pluginmanager.hasplugin("timeout"):
        return None
    marker = item.get_closest_marker("timeout")
    given = (marker.args[0] if marker.args else marker.kwargs.get("timeout")) if marker is not None else None
    if given is None:
        given = config.getoption("timeout", None) or os.environ.get("PYTEST_TIMEOUT") or config.getini("timeout")
    try:
        return float(given) or None
    except (TypeError, ValueError):
        return None


def _patient(function: Any) -> None:
    """An example is a whole campaign: no deadline, and no complaint about shared fixtures, whose sharing is meant.

    Nor Hypothesis' own explanation: it would tell which lines of ours a failing campaign runs.
    """
    from hypothesis import HealthCheck, Phase, settings

    # The attribute in which Hypothesis itself keeps what @settings said; applying @settings once more is refused.
    name = "_hypothesis_internal_use_settings"
    patient = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.differing_executors]
    base = getattr(function, name, None) or settings()
    checks = list(dict.fromkeys([*base.suppress_health_check, *patient]))
    phases = [phase for phase in base.phases if phase is not Phase.explain]
    setattr(function, name, settings(base, deadline=None, suppress_health_check=checks, phases=phases))


@contextlib.contextmanager
def _without_log_capture() -> Iterator[None]:
    """pytest's log handlers would keep the records of every execution, canaries included, and add their own steps."""
    root = logging.getLogger()
    before = list(root.handlers)
    for handler in before:
        if type(handler).__module__ == "_pytest.logging":
            root.removeHandler(handler)
    try:
        yield
    finally:
        root.handlers[:] = before
