"""The pytest plugin: scenarios are tests. Imports nothing heavy until a scenario is collected."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from redactfuzz.model.texts.escaped import escaped
from redactfuzz.pytest_plugin import again as pytest_again
from redactfuzz.pytest_plugin import options as pytest_options
from redactfuzz.pytest_plugin.items import (
    ATTRIBUTE,
    bind,
    function_of,
    is_scenario,
    matches,
    name_of,
    only_pytest,
    patient,
    same_runs,
)
from redactfuzz.pytest_plugin.progress import Screen, Watch, screen
from redactfuzz.pytest_plugin.signals import Ending
from redactfuzz.pytest_plugin.terminal import Carried, Shown, pieces, width
from redactfuzz.pytest_plugin.withheld import RAN, withhold

if TYPE_CHECKING:
    from redactfuzz.model.events import CampaignEvent
    from redactfuzz.model.finding import Report
    from redactfuzz.model.repro import Repro
    from redactfuzz.report.running import Running

_PREFIX = "redactfuzz."
_RUNNING: pytest.StashKey[Running] = pytest.StashKey()
_CURRENT: pytest.StashKey[list[Running]] = pytest.StashKey()
"""Of the session: tests that have begun and of which pytest has no report yet."""
_FOLDER = pytest.StashKey[Path]()
"""Of the session with workers: where they keep what they know."""
_WORKER = "redactfuzz_running"
_ENDING = pytest.StashKey[Ending]()
_REPLAY: pytest.StashKey[Repro] = pytest.StashKey()
_REPLAYS = pytest.StashKey[int]()
"""How many workers have run the schedule of a repro file."""
_STDOUT: pytest.StashKey[int] = pytest.StashKey()
_SCREEN: pytest.StashKey[Screen] = pytest.StashKey()
_WATCH: pytest.StashKey[Watch] = pytest.StashKey()
_STDERR: pytest.StashKey[int] = pytest.StashKey()
"""The real one: a process that ends because nothing in it can run any more does not show what pytest has captured."""


@pytest.fixture
def race(request: pytest.FixtureRequest) -> None:
    """The handle of a scenario, which ``@scenario`` gives to the function below it. No fixture: asking for it fails."""
    text = f"{request.node.name} takes a race, and is no scenario. Put @scenario on it: from redactfuzz import scenario"
    pytest.fail(escaped(text), pytrace=False)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of design section 8."""
    pytest_options.add(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Complains about wrong options before anything runs."""
    option = config.option
    config.stash[_CURRENT] = []
    config.stash[_STDOUT], config.stash[_STDERR] = os.dup(1), os.dup(2)
    config.pluginmanager.register(Carried(config.stash[_STDOUT], _so_far), "redactfuzz terminal")
    config.stash[_ENDING] = Ending()
    if getattr(option, "dist", "no") != "no":  # the workers know which tests are scenarios
        config.stash[_ENDING].begin(config)
    if option.redactfuzz_replay:
        from redactfuzz.campaign.files.store import load
        from redactfuzz.model.repro import ReproError

        try:
            config.stash[_REPLAY] = load(Path(option.redactfuzz_replay))
        except ReproError as error:
            raise pytest.UsageError(str(error)) from None
    if any(
        value is not None
        for value in (option.redactfuzz_seed, option.redactfuzz_executions, option.redactfuzz_strategy)
    ):
        from redactfuzz.campaign.session.spec import OptionError, Settings, resolve

        try:
            resolve(pytest_options.asked(config), Settings())
        except OptionError as error:
            raise pytest.UsageError(f"--redactfuzz-...: {error}") from None


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Gives a worker of pytest-xdist the folder for what it knows."""
    config = node.config
    if _FOLDER not in config.stash:
        from redactfuzz import workplace

        config.stash[_FOLDER] = workplace.fresh()
        config.stash[_WATCH] = Watch(_screen(config), config.stash[_FOLDER])
        config.stash[_WATCH].start()
    node.workerinput[_WORKER] = str(config.stash[_FOLDER])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Hears from a worker whether it has replayed anything."""
    config = node.config
    config.stash[_REPLAYS] = config.stash.get(_REPLAYS, 0) + getattr(node, "workeroutput", {}).get(_WORKER, 0)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """143 where SIGTERM ended it; a usage error where a repro file was to be replayed, and nothing was."""
    session.exitstatus = session.config.stash[_ENDING].status(exitstatus)
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput[_WORKER] = int(_replayed(session.config))
        return
    nothing = session.config.stash.get(_REPLAY, None) is not None and not _replayed(session.config)
    if nothing and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.USAGE_ERROR


def pytest_unconfigure(config: pytest.Config) -> None:
    """Takes the folder of the workers away."""
    if _STDERR in config.stash:
        config.stash[_ENDING].end()
        if _WATCH in config.stash:
            config.stash[_WATCH].stop()
        for key in (_STDOUT, _STDERR):
            os.close(config.stash[key])
            del config.stash[key]
    folder = config.stash.get(_FOLDER, None)
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)


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
    scenarios = [item for item in items if is_scenario(item)]
    if scenarios:
        config.stash[_ENDING].begin(config)
    for item in scenarios:
        if getattr(function_of(item), "is_hypothesis_test", False):
            patient(function_of(item))
    repro = config.stash.get(_REPLAY, None)
    if repro is None:
        return
    kept = same_runs([item for item in items if matches(item, repro)], repro)
    dropped = [item for item in items if item not in kept]
    if not kept:
        about = repro.item or f"{repro.path}::{repro.scenario}"
        raise pytest.UsageError(f"--redactfuzz-replay: the file is about {about}, which was not collected")
    for item in kept:
        if is_scenario(item):
            bind(item, repro)
    config.hook.pytest_deselected(items=dropped)
    items[:] = kept


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Gives the options to the campaign and keeps its reports."""
    ours = is_scenario(item)
    # Without a scenario in the session there is nothing to prepare, and nothing to import.
    if not ours and "redactfuzz.campaign.face.scenario" not in sys.modules:
        return (yield)
    import attrs

    from redactfuzz.campaign.face.scenario import ambient, surrounded
    from redactfuzz.threads.process import hang
    from redactfuzz.threads.process.duplicates import reserved

    hang.report_to(item.config.stash[_STDERR])
    pytest_options.grant_folders(item.config)
    asked = pytest_options.asked(item.config)
    around = attrs.evolve(
        ambient(),
        options=asked if ours else attrs.evolve(ambient().options, unconfined=asked.unconfined),
        replay=item.config.stash.get(_REPLAY, None),
        replay_file=item.config.option.redactfuzz_replay or "",
        item=name_of(item),
        only_pytest=only_pytest(item),
        pytest=pytest_again.words(item),
    )
    listener = around.observer

    def note_run(event: CampaignEvent) -> None:
        """A scenario runs in a test: from now on what pytest would show may hold its canaries."""
        item.config.stash[RAN] = True
        if listener is not None:
            listener(event)

    around = attrs.evolve(around, observer=note_run)
    if not ours:
        # A test may call a scenario that it defines itself.
        with surrounded(around):
            return (yield)
    from redactfuzz.report.running import Running

    folder = getattr(item.config, "workerinput", {}).get(_WORKER)
    screen = _screen(item.config)
    screen.begin()
    running = Running(item.nodeid, Path(folder) if folder else None, show=screen.show)
    item.stash[_RUNNING] = running
    item.config.stash[_CURRENT].append(running)
    item.config.stash[RAN] = True
    around = attrs.evolve(
        around,
        options=pytest_options.within_timeout(item, around.options, getattr(function_of(item), ATTRIBUTE)),
        observer=running.handle,
        fixtures=frozenset(getattr(item, "fixturenames", ())),
    )
    reserved.add(screen.fd)
    try:
        with _without_log_capture(), surrounded(around):
            return (yield)
    finally:
        screen.clear()
        reserved.discard(screen.fd)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, Any, Any]:
    """``--trace`` would stop in a frame of ours: the user's code runs in threads that no debugger can step through."""
    if pyfuncitem.config.getoption("trace", False) and _RUNNING in pyfuncitem.stash:
        # pytest has wrapped the function in its debugger before us.
        pyfuncitem.obj = pyfuncitem.obj.__wrapped__
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Puts our explanation in place of a traceback of ours, and what is reported at the end into properties."""
    test_report = yield
    running = item.stash.get(_RUNNING, None)
    if item.config.stash.get(RAN, False):
        withhold(test_report, call, ours=running is not None)
    if call.when != "call" or running is None:
        return test_report
    item.config.stash[_CURRENT].remove(running)
    unfinished = "" if running.reports else "".join(running.line)
    running.ended()
    reports = running.reports
    from redactfuzz.report.pytest_text import failure, properties

    if call.excinfo is not None:
        shown = failure(call.excinfo.value, item.nodeid, width(item.config), unfinished)
        if isinstance(shown, str):
            test_report.longrepr = shown
        elif shown is not None:
            test_report.longrepr = Shown(pieces(shown[0]), (str(item.path), (item.location[1] or 0) + 1, shown[1]))
    if test_report.skipped:
        _at_its_own_place(item, test_report, running.reports)
    if not reports:
        return test_report
    # JUnit reads those of the report on the teardown, which pytest takes from the item.
    item.user_properties.extend(properties(reports))
    test_report.user_properties[:] = item.user_properties
    if any(report.interrupted for report in reports):
        item.session.shouldstop = "interrupted"
    return test_report


def _at_its_own_place(item: pytest.Item, test_report: pytest.TestReport, reports: list[Report]) -> None:
    """Where a scenario declines to run; pytest would name the line of ours that raised it."""
    report = next((each for each in reversed(reports) if each.skipped), None)
    if report is None:
        return
    at = report.skipped_at or f"{item.path}:{(item.location[1] or 0) + 1}"
    if report.xfailed:
        test_report.longrepr = f"{at}: {report.skipped}"
    else:
        file, _, line = at.rpartition(":")
        test_report.longrepr = (file, int(line), f"Skipped: {report.skipped}")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """A line for each scenario: what a pass covers, or how to see the finding again."""
    config = terminalreporter.config
    if config.stash.get(_REPLAY, None) is not None and not _replayed(config):
        terminalreporter.line(escaped(f"{config.option.redactfuzz_replay}: nothing was replayed"))
    with_verdict = [
        (outcome, report)
        for outcome in ("passed", "failed")
        for report in terminalreporter.stats.get(outcome, [])
        if any(name == f"{_PREFIX}verdict" for name, _ in getattr(report, "user_properties", ()))
    ]
    lost = list(_interrupted(terminalreporter.config))
    if not with_verdict and not lost:
        return
    terminalreporter.section("redactfuzz")
    for outcome, report in with_verdict:
        values = dict(report.user_properties)
        colour = {"green": True} if outcome == "passed" else {"red": True}
        terminalreporter.write(str(values[f"{_PREFIX}verdict"]), bold=True, **colour)
        terminalreporter.line(f" {escaped(report.nodeid)}: {values.get(f'{_PREFIX}summary', '')}")
        if config.option.verbose > 0:
            for obstacle in (value for name, value in values.items() if name.startswith(f"{_PREFIX}no_proof")):
                terminalreporter.line(f"    no proof: {obstacle}")
    for verdict, text in lost:
        terminalreporter.write(verdict, bold=True, yellow=True)
        terminalreporter.line(text)
    from redactfuzz.campaign.checks.neighbours import unshared

    for line in unshared():
        terminalreporter.line(line)


def _interrupted(config: pytest.Config) -> Iterator[tuple[str, str]]:
    """Verdict and line of each test that Ctrl-C took away from pytest, here or in a worker."""
    yield from (running.line for running in config.stash[_CURRENT])
    folder = config.stash.get(_FOLDER, None)
    if folder is not None:
        from redactfuzz.report.running import kept

        yield from kept(folder)


def _replayed(config: pytest.Config) -> bool:
    """Whether the schedule of a repro file was run: here, or by a worker."""
    from redactfuzz.campaign.face.scenario import replays

    return replays() + config.stash.get(_REPLAYS, 0) > 0


def _screen(config: pytest.Config) -> Screen:
    if _SCREEN not in config.stash:
        config.stash[_SCREEN] = screen(config, config.stash[_STDOUT])
    return config.stash[_SCREEN]


def _so_far(item: pytest.Item) -> str | None:
    """How far a test has come that is about to be ended with its process."""
    running = item.stash.get(_RUNNING, None)
    return None if running is None else "".join(running.line)


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
