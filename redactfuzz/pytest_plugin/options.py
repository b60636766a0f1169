"""What the command line of pytest asks of campaigns. Imports nothing heavy until a scenario is collected."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from redactfuzz.pytest_plugin.progress import SECONDS

if TYPE_CHECKING:
    from redactfuzz.campaign.session.spec import Options


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds < math.inf:
        raise ValueError(text)
    return seconds


def add(parser: pytest.Parser) -> None:
    """The options of design section 8."""
    group = parser.getgroup("redactfuzz")
    group.addoption("--redactfuzz-seed", type=int, metavar="N", help="seed of every campaign (default 0)")
    group.addoption("--redactfuzz-executions", type=int, metavar="N", help="explorations of each scenario at most")
    group.addoption(
        "--redactfuzz-after",
        type=_seconds,
        metavar="SECONDS",
        help="for shrinking and explaining a finding at most; with 0 it is confirmed, and nothing else follows",
    )
    group.addoption("--redactfuzz-strategy", metavar="NAME", help="one strategy in place of the portfolio")
    group.addoption(
        "--redactfuzz-focus",
        action="append",
        metavar="MODULE",
        help="stop threads only inside MODULE; all: everywhere; repeatable",
    )
    group.addoption("--redactfuzz-unconfined", action="store_true", help="scenarios in Python may write anywhere")
    group.addoption(
        "--redactfuzz-no-regressions", action="store_true", help="known findings, in corpora/, are not replayed first"
    )
    group.addoption(
        "--redactfuzz-strict-regressions",
        action="store_true",
        help="no pass with a known finding whose schedule cannot be followed any more",
    )
    group.addoption("--redactfuzz-replay", metavar="FILE", help="run only the schedule of this repro file")
    group.addoption(
        "--redactfuzz-progress",
        type=_seconds,
        default=SECONDS,
        metavar="SECONDS",
        help="where there is no terminal, say so often how far a scenario is (default 30; 0: never)",
    )
    group.addoption(
        "--redactfuzz-profile",
        choices=["ci", "dev", "nightly"],
        help="ci: 500 executions (programs: 50,000) or 10 s; dev (default): 5,000 (200,000) or 60 s; nightly: no bound",
    )


def asked(config: pytest.Config) -> Options:
    """What is asked of every campaign."""
    from redactfuzz.campaign.session.spec import Options

    option = config.option
    return Options(
        seed=option.redactfuzz_seed,
        executions=option.redactfuzz_executions,
        strategy=option.redactfuzz_strategy,
        profile=option.redactfuzz_profile,
        focus=option.redactfuzz_focus,
        after_seconds=option.redactfuzz_after,
        unconfined=option.redactfuzz_unconfined,
        regressions=not option.redactfuzz_no_regressions,
        strict_regressions=option.redactfuzz_strict_regressions,
    )


def within_timeout(item: pytest.Item, options: Options, settings: Any) -> Options:
    """Lets a campaign end, with what it knows, before pytest-timeout ends it without."""
    seconds = _timeout(item)
    if seconds is None:
        return options
    import attrs

    from redactfuzz.campaign.session.spec import resolve

    limits = resolve(options, settings)
    return attrs.evolve(
        options,
        seconds=min(limits.seconds, seconds * 0.5),
        shrink_seconds=min(limits.shrink_seconds, seconds * 0.2),
        after_seconds=_less(limits.after_seconds, seconds * 0.3),
        hang_seconds=min(limits.hang_seconds, seconds * 0.2),
    )


def _less(after: float | None, most: float) -> float | None:
    """None stays, where what it means is less."""
    from redactfuzz.campaign.session.deadline import ALLOWANCE

    if after is None:
        return None if most >= ALLOWANCE else most
    return min(after, most)


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


def grant_folders(config: pytest.Config) -> None:
    """Scenarios may write where pytest makes folders for tests, as its own ``tmp_path``."""
    factory: Any = getattr(config, "_tmp_path_factory", None)
    made: Path | None = getattr(factory, "_basetemp", None)
    if made is not None:
        from redactfuzz.threads.process.writable import grant

        grant(made)
