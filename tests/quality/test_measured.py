"""How likely a finding is along its schedule, of scenarios whose answer is known; and what there is beside it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Generator
from pathlib import Path

import attrs
import pytest

from redactfuzz import Race
from redactfuzz.campaign import last_report, load
from redactfuzz.campaign.face.replay import replay
from redactfuzz.campaign.face.run import run
from redactfuzz.campaign.session.runtime import default_runtime
from redactfuzz.campaign.session.spec import Options, ScenarioSpec
from redactfuzz.model.events import CampaignEnded, CampaignEvent, CampaignProgress, Measured
from redactfuzz.model.measured import Measurement
from redactfuzz.model.repro import Repro
from redactfuzz.model.verdict import Verdict
from redactfuzz.threads.run import runtime

Scenario = Callable[[Race], None]
Asked = Callable[[Scenario], Measurement]


def publishes(race: Race, name: str) -> Callable[[str], str]:
    """A thread uses a key before it registers it. Gives what redacts what the key is used for."""
    key = race.canary(name).text
    used, known = "", ""

    def publish() -> None:
        nonlocal used, known
        used = key
        len("published")
        known = key
        len("registered")

    race.thread(publish, name=f"publish {name}")
    return race.redactor(lambda text: (text + used).replace(known or "nothing", "[key]"))


def one(race: Race) -> None:
    scrub = publishes(race, "key")
    race.crash(lambda: scrub(""))


def two(race: Race) -> None:
    first, second = publishes(race, "key"), publishes(race, "other key")
    race.crash(lambda: second(first("")))


def always(race: Race) -> None:
    key = race.canary("key").text
    scrub = race.redactor(lambda text: text)
    race.thread(lambda: len("nothing"))
    race.thread(lambda: len("nothing either"))
    race.crash(lambda: scrub(key))


def spec(scenario: Scenario) -> ScenarioSpec:
    return ScenarioSpec(scenario.__name__, __file__, scenario)


@functools.cache
def found(scenario: Scenario, folder: Path) -> Repro:
    options = Options(executions=60, repro_dir=folder)
    report = last_report(run(spec(scenario), options, default_runtime()))
    assert report.finding is not None, report.reason
    return load(Path(report.finding.repro))


def events(repro: Repro, scenario: Scenario) -> list[CampaignEvent]:
    return list(replay(repro, scenario, default_runtime(), spec=spec(scenario), measures=True))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("measured")


@pytest.fixture(scope="module")
def measured(folder: Path) -> Asked:
    @functools.cache
    def of(scenario: Scenario) -> Measurement:
        (made,) = [each.measurement for each in events(found(scenario, folder), scenario) if isinstance(each, Measured)]
        return made

    return of


def test_a_key_in_use_leaks_for_sure_once_the_handler_has_read_it(measured: Asked) -> None:
    """The thread publishes; a crash may strike, or it registers; only when the handler reads too early all is lost."""
    made = measured(one)
    assert [each.step for each in made.along] == list(range(made.steps + 1))
    assert all(each.runs == 20 for each in made.along)
    certain = made.no_return
    assert certain is not None
    assert certain.exact
    assert certain.at is not None
    assert (certain.at.thread, certain.at.source) == ("crash", "race.crash(lambda: scrub(\"\"))")
    published = next(each for each in made.along if each.step == certain.step - 1)
    assert 0 < published.part < 1
    assert made.along[0].part < 0.5


def test_what_leaks_in_every_order_is_certain_from_the_beginning(measured: Asked) -> None:
    made = measured(always)
    assert made.no_return is not None
    assert (made.no_return.step, made.along[0].shown, made.along[0].runs) == (0, 20, 20)
    assert made.nearest is None
    assert made.remaining is not None
    assert (made.remaining.window, made.remaining.others) == ((), ())
    assert made.remaining.dropped > 100


def test_the_nearest_clean_schedule_parts_where_the_finding_becomes_certain(
    measured: Asked,
) -> None:
    made = measured(one)
    near, certain = made.nearest, made.no_return
    assert near is not None
    assert certain is not None
    assert near.common == certain.step - 1
    assert near.shows == certain.at
    assert near.clean is not None
    assert (near.clean.thread, near.clean.source) == ("publish key", 'len("published")')


def test_the_nearest_clean_schedule_is_clean_each_time(measured: Asked, folder: Path) -> None:
    near = measured(one).nearest
    assert near is not None
    clean = attrs.evolve(found(one, folder), schedule=near.schedule, isolation="process")
    ended = list(replay(clean, one, default_runtime(), 3, spec=spec(one)))[-1]
    assert isinstance(ended, CampaignEnded)
    assert ended.report.verdict is Verdict.NO_LEAK_FOUND
    assert ended.report.notes == ("NOT_REPRODUCED: 3 of 3",)


def test_where_there_is_one_cause_nothing_is_left_without_its_window(measured: Asked) -> None:
    left = measured(one).remaining
    assert left is not None
    assert left.window == (f"{__name__}:publishes.<locals>.publish",)
    assert (left.others, left.undecided) == ((), 0)
    assert left.dropped > 0


def test_where_there_are_two_causes_the_other_one_is_named(
    measured: Asked, folder: Path
) -> None:
    own = found(two, folder).identity.primary
    left = measured(two).remaining
    assert left is not None
    assert left.dropped > 0
    other = "other key" if own == "key" else "key"
    assert left.others
    assert all(f"the dump held '{other}'" in each for each in left.others)


def test_ctrl_c_leaves_what_is_known_by_then(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "_PROGRESS_SECONDS", 0.0)
    going = replay(found(one, folder), one, default_runtime(), spec=spec(one), measures=True)
    assert isinstance(going, Generator)
    for event in going:
        if isinstance(event, CampaignProgress) and event.phase == "measuring":
            break
    rest = [going.throw(KeyboardInterrupt), *going]
    assert isinstance(rest[0], Measured)
    assert rest[0].measurement.notes == ("not all was measured: it was interrupted",)
    assert isinstance(rest[-1], CampaignEnded)
    assert rest[-1].report.interrupted


def test_the_same_finding_gives_the_same_numbers(measured: Asked, folder: Path) -> None:
    (again,) = [each.measurement for each in events(found(one, folder), one) if isinstance(each, Measured)]
    assert again == measured(one)
