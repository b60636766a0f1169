"""How likely a leak of a program is along its schedule: a target whose point of no return is known."""

from __future__ import annotations

import platform
from pathlib import Path

import attrs
import pytest
from campaigning import folder  # noqa: F401  (a fixture)

from redactfuzz import explore, native
from redactfuzz.campaign import load
from redactfuzz.campaign.face.replay import replay
from redactfuzz.campaign.face.scenario import program_spec
from redactfuzz.campaign.session.spec import ScenarioSpec, Settings
from redactfuzz.model.events import CampaignEnded, Measured
from redactfuzz.model.repro import Repro
from redactfuzz.model.schedule import Action
from redactfuzz.model.verdict import Verdict
from redactfuzz.native.run.program import from_json

pytestmark = pytest.mark.skipif(platform.machine() != "x86_64", reason="cores are confirmed on x86-64")
TARGET = Path(__file__).parents[3] / "targets" / "native" / "flag_before_kind" / "vulnerable.c"


def spec(repro: Repro) -> ScenarioSpec:
    return program_spec(from_json(repro.program, Path.cwd()), Settings())


def test_a_flag_before_its_kind_is_lost_when_the_crash_strikes_between_them() -> None:
    Path("vulnerable.c").write_bytes(TARGET.read_bytes())
    report = explore(native.scenario(Path.cwd() / "vulnerable.c", executions=200, seed=1))
    assert report.verdict is Verdict.LEAK, report.reason
    files = [each.repro for each in report.findings if each.preemptions == 1]
    repro = load(Path(files[0]))
    program = spec(repro)
    going = replay(repro, program.body, program.target.runtime(), spec=program, measures=True)
    (made,) = [each.measurement for each in going if isinstance(each, Measured)]
    certain = made.no_return
    assert certain is not None
    assert certain.exact
    assert certain.at is not None
    between = (Action.CRASH, "atomic_store(&note->kind, kind);")  # published is 1 by now
    assert (certain.at.action, certain.at.source) == between
    assert [each.step for each in made.along] == list(range(made.steps + 1))
    assert all((each.shown == each.runs) == (each.step >= certain.step) for each in made.along)
    near = made.nearest
    assert near is not None
    assert near.clean is not None
    assert (near.common, near.clean.action, near.clean.source) == (certain.step - 1, None, between[1])
    # The other thread does the same with the other secret.
    assert made.remaining is not None
    assert made.remaining.window == ("vulnerable.c:annotate",)
    assert made.remaining.dropped > 1
    (canary,) = {"session key", "password"} - {repro.identity.primary}
    assert any(f"the dump held '{canary}'" in each for each in made.remaining.others)
    # What is the nearest clean one is clean, in a driver of its own.
    clean = attrs.evolve(repro, schedule=near.schedule)
    program = spec(clean)
    ended = list(replay(clean, program.body, program.target.runtime(), spec=program))[-1]
    assert isinstance(ended, CampaignEnded)
    assert ended.report.verdict is Verdict.NO_LEAK_FOUND
