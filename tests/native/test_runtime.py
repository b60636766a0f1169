"""The native runtime against a driver that only speaks the protocol: what the campaign gets, whatever that does."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from redactfuzz import silence
from redactfuzz.model.canary import mint, raw
from redactfuzz.model.events import BatchEnded, Executed, Noticed, Probed, RuntimeEvent
from redactfuzz.model.outcome import BugKind, Inspection, Outcome, ProblemKind
from redactfuzz.model.plan import Budget, Isolation, Plan, Policy, Stage
from redactfuzz.model.schedule import Action, Granularity
from redactfuzz.native.drive.driver import DriverError
from redactfuzz.native.run.program import Program
from redactfuzz.native.run.runtime import NativeRuntime

pytestmark = pytest.mark.once

PROGRAM = """char key[32];
char copy[32];
void rotate(void)
{
    copy[0] = key[0];
    copy[1] = 0;
}
int main(void)
{
    key[3] = 1;
    rotate();
    return copy[0];
}
"""
FAKE = Path(__file__).with_name("fake_driver.py")


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[NativeRuntime]:
    stub = tmp_path / "driver.c"
    stub.write_text(
        "#include <unistd.h>\nint main(int n, char **v)\n{\n    (void)n;\n"
        f'    char *words[16] = {{"{sys.executable}", "{FAKE}"}};\n'
        "    for (int i = 1; i < n && i < 14; i++) words[i + 1] = v[i];\n"
        "    execv(words[0], words);\n    return 9;\n}\n"
    )
    subprocess.run(["cc", "-rdynamic", stub, "-o", tmp_path / "driver"], check=True)
    made = NativeRuntime(driver=tmp_path / "driver")
    yield made
    made.close()


def program(folder: Path, fake: str = "", **fields: object) -> Program:
    source = folder / "rotate.c"
    source.write_text(PROGRAM)
    environment = {"FAKE": fake, "PYTHONPATH": os.pathsep.join(sys.path)}
    return Program((source,), environment=environment, **fields)  # type: ignore[arg-type]


def plan(body: Program, *stages: Stage, **fields: object) -> Plan:
    return Plan(
        name="rotate",
        body=body,
        seed=1,
        stages=stages or (Stage(Policy.BOUNDED, bound=1),),
        mint=lambda name, kind, number: mint(1, name, kind, number),
        inspect=lambda *_: Inspection(),
        mask=lambda said, named, canaries: {},
        **{"hang_seconds": 30.0, **fields},  # type: ignore[arg-type]
    )


def explored(runtime: NativeRuntime, wanted: Plan, **budget: object) -> list[RuntimeEvent]:
    given = Budget(**{"executions": 1000, "seconds": 60.0, "stop_at_first": False, **budget})  # type: ignore[arg-type]
    return list(runtime.explore(wanted, given))


def outcomes(events: list[RuntimeEvent]) -> list[Outcome]:
    return [event.outcome for event in events if isinstance(event, Executed)]


def ended(events: list[RuntimeEvent]) -> BatchEnded:
    last = events[-1]
    assert isinstance(last, BatchEnded)
    return last


def test_a_batch_explores_to_its_end_and_tells_of_the_leaks(runtime: NativeRuntime, tmp_path: Path) -> None:
    events = explored(runtime, plan(program(tmp_path)))
    leaks = [outcome for outcome in outcomes(events) if outcome.leaks]
    assert leaks, events
    assert ended(events).exhausted
    counters = ended(events).counters
    assert counters.executions > len(leaks)
    assert counters.leaks == len(leaks)
    assert counters.stages[0].exhausted
    assert counters.counted == {"signing key"}
    (leak,) = leaks[0].leaks
    assert (leak.canary, leak.encoding, leak.dump, leak.length, leak.part) == (
        "signing key",
        "raw bytes",
        "core",
        32,
        "whole",
    )
    assert leak.where == "heap block of 32 bytes allocated at rotate.c:9 by 'main'"
    assert leaks[0].threads == ("main", "rotate")
    assert leaks[0].anywhere == ("crash", "second crash")
    assert leaks[0].planted == {"signing key": {"kind": "raw", "n": 32}}


def test_isolation_is_decided_and_said(runtime: NativeRuntime, tmp_path: Path) -> None:
    first = explored(runtime, plan(program(tmp_path)))[0]
    assert isinstance(first, Probed)
    assert first.isolation is Isolation.NONE


def test_a_program_that_calls_the_unknown_runs_forked_and_says_what(runtime: NativeRuntime, tmp_path: Path) -> None:
    body = program(tmp_path)
    (tmp_path / "rotate.c").write_text(PROGRAM.replace("key[3] = 1;", "key[3] = 1; extern int nobody_knows(void);"
                                                       " if (copy[7]) nobody_knows();"))  # fmt: skip
    first = explored(runtime, plan(body))[0]
    assert isinstance(first, Probed)
    assert first.isolation is Isolation.PROCESS
    assert "nobody_knows is a library function that redactfuzz does not know" in first.reason


def test_a_leak_replays_by_names_with_every_step_told(runtime: NativeRuntime, tmp_path: Path) -> None:
    body = program(tmp_path)
    found = next(outcome for outcome in outcomes(explored(runtime, plan(body))) if outcome.leaks)
    assert found.schedule is not None
    crash = next(each for each in found.schedule.deviations if each.action is Action.CRASH)
    assert (crash.target, crash.trigger) == ("rotate", "crash")
    assert crash.site.module == "rotate.c"
    again = NativeRuntime(driver=runtime._driver)  # another process knows nothing but the names
    try:
        (outcome,) = outcomes(explored(again, plan(body, schedule=found.schedule, describe=True)))
    finally:
        again.close()
    assert outcome.trace_hash == found.trace_hash
    assert outcome.leaks[0].where.endswith("; last written at rotate.c:5 by 'rotate' (step 5)")
    told = [step for step in outcome.trace if step.thread == "rotate" and step.file]
    assert [(Path(step.file).name, step.line, step.source) for step in told][:1] == [
        ("rotate.c", 5, "copy[0] = key[0];")
    ]
    last = outcome.trace[-1]
    assert (last.action, last.thread, last.note) == (Action.CRASH, "rotate", "crash strikes")
    assert outcome.strike_step == last.index


def test_many_schedules_run_in_one_driver(runtime: NativeRuntime, tmp_path: Path) -> None:
    body = program(tmp_path)
    found = next(outcome for outcome in outcomes(explored(runtime, plan(body))) if outcome.leaks)
    assert found.schedule is not None
    empty = attrs.evolve(found.schedule, deviations=())
    began = time.monotonic()
    for index in range(40):
        schedule = found.schedule if index % 2 else empty
        (outcome,) = outcomes(explored(runtime, plan(body, schedule=schedule)))
        assert bool(outcome.leaks) is bool(index % 2)
    assert len(runtime._replays._running) == 1
    assert time.monotonic() - began < 60


def test_bypass_reaches_the_driver(runtime: NativeRuntime, tmp_path: Path) -> None:
    body = program(tmp_path)
    stages = (Stage(Policy.SEQUENTIAL),)
    on = outcomes(explored(runtime, plan(body, *stages, every=True)))
    off = outcomes(explored(runtime, plan(body, *stages, every=True, bypass=True)))
    assert on
    assert not any(outcome.leaks for outcome in on)
    assert all(outcome.leaks for outcome in off)


def test_canaries_that_the_program_asks_for_are_planted(runtime: NativeRuntime, tmp_path: Path) -> None:
    (outcome,) = outcomes(explored(runtime, plan(program(tmp_path), Stage(Policy.SEQUENTIAL, limit=1), every=True)))
    assert outcome.canaries == ("signing key",)


def test_declared_canaries_are_not_asked_for_again(runtime: NativeRuntime, tmp_path: Path) -> None:
    body = program(tmp_path, canaries={"signing key": raw(40)})
    events = explored(runtime, plan(body, Stage(Policy.SEQUENTIAL, limit=1), every=True))
    assert outcomes(events)[0].canaries == ("signing key",)
    assert not [event for event in events if isinstance(event, Noticed)]


def test_a_hang_is_a_bug_with_the_schedule_that_leads_there(runtime: NativeRuntime, tmp_path: Path) -> None:
    began = time.monotonic()
    events = explored(runtime, plan(program(tmp_path, "hang 2", canaries={"signing key": raw(32)}), hang_seconds=2.0))
    (outcome,) = [outcome for outcome in outcomes(events) if outcome.bug]
    assert outcome.bug is not None
    assert outcome.bug.kind is BugKind.HANG
    assert outcome.schedule is not None
    assert not ended(events).exhausted
    assert time.monotonic() - began < 50


def test_whoever_watches_us_sees_that_we_wait_for_a_program_that_hangs(
    runtime: NativeRuntime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the first event too: what is asked of a program by its first execution is shown to nobody."""
    signs: list[float] = []
    monkeypatch.setattr(silence, "_watchers", [lambda: signs.append(time.monotonic())])
    events = explored(runtime, plan(program(tmp_path, "hang 1"), hang_seconds=2.0))
    assert any(outcome.bug and outcome.bug.kind is BugKind.HANG for outcome in outcomes(events))
    assert len(signs) > 2 * 2, "each look at it counts one second at most, and it is waited for twice"


def test_the_death_of_the_driver_is_a_bug_and_the_search_goes_on(runtime: NativeRuntime, tmp_path: Path) -> None:
    events = explored(runtime, plan(program(tmp_path, "die 3", canaries={"signing key": raw(32)})))
    died = [outcome for outcome in outcomes(events) if outcome.bug]
    assert [outcome.bug.summary for outcome in died if outcome.bug] == ["the process was killed by SIGBUS"]
    assert any(outcome.leaks for outcome in outcomes(events))
    assert ended(events).exhausted


def test_a_program_that_cannot_be_loaded_is_the_scenarios_fault(runtime: NativeRuntime, tmp_path: Path) -> None:
    (outcome,) = outcomes(explored(runtime, plan(program(tmp_path, "unloadable"))))
    assert outcome.bug is not None
    assert outcome.bug.kind is BugKind.SCENARIO
    assert "undefined symbol: nowhere" in outcome.bug.summary


def test_a_program_that_does_not_compile_is_the_scenarios_fault(runtime: NativeRuntime, tmp_path: Path) -> None:
    body = program(tmp_path)
    body.sources[0].write_text("int main(void) { return x; }")
    (outcome,) = outcomes(explored(runtime, plan(body)))
    assert outcome.bug is not None
    assert outcome.bug.kind is BugKind.SCENARIO
    assert "rotate.c:1:25: error" in outcome.bug.detail


def test_a_driver_that_talks_nonsense_is_our_fault(runtime: NativeRuntime, tmp_path: Path) -> None:
    body = program(tmp_path, "garbage")
    runtime._kinds[id(body)] = {}
    with pytest.raises(DriverError, match="no JSON"):
        explored(runtime, plan(body))


def test_a_schedule_of_another_program_diverges_by_name(runtime: NativeRuntime, tmp_path: Path) -> None:
    body = program(tmp_path)
    found = next(outcome for outcome in outcomes(explored(runtime, plan(body))) if outcome.leaks)
    assert found.schedule is not None
    moved = tuple(
        attrs.evolve(each, site=attrs.evolve(each.site, place="+77:1")) if each.site.module else each
        for each in found.schedule.deviations
    )
    schedule = attrs.evolve(found.schedule, deviations=moved)
    (outcome,) = outcomes(explored(runtime, plan(body, schedule=schedule)))
    assert ProblemKind.DIVERGED in [problem.kind for problem in outcome.problems]
    assert "+77:1" in outcome.problems[0].what


def test_closing_a_batch_in_the_middle_leaves_no_driver(runtime: NativeRuntime, tmp_path: Path) -> None:
    events = runtime.explore(plan(program(tmp_path), every=True), Budget(1000, 60.0, stop_at_first=False))
    first = next(event for event in events if isinstance(event, Executed))
    assert first.outcome.execution == 1
    events.close()  # type: ignore[attr-defined]
    assert not children()


def children() -> list[str]:
    return subprocess.run(["pgrep", "-P", str(os.getpid()), "-f", "fake_driver"], capture_output=True, text=True,
                          check=False).stdout.split()  # fmt: skip


def test_granularity_is_the_stages(runtime: NativeRuntime, tmp_path: Path) -> None:
    stage = Stage(Policy.BOUNDED, Granularity.INSTRUCTIONS, bound=1)
    found = next(o for o in outcomes(explored(runtime, plan(program(tmp_path), stage))) if o.leaks)
    assert found.schedule is not None
    assert (found.schedule.granularity, found.schedule.python) == (Granularity.INSTRUCTIONS, "")
