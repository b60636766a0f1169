"""Where most scheduling points lie in libraries, calls that touch nothing shared and no secret are one step."""

from __future__ import annotations

import base64
import random
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from redactfuzz import Race, explore
from redactfuzz.campaign.search import focus
from redactfuzz.campaign.search.exploration import Exploration
from redactfuzz.campaign.session.state import Session
from redactfuzz.model.events import CampaignProgress
from redactfuzz.model.finding import Report
from redactfuzz.model.verdict import Verdict

STARTUP = "\n".join(
    (
        "def part(index):\n    return index",
        "def step(index):\n" + 9 * "    part(index)\n",
        "def configure():\n" + 9 * "    step(1)\n",
    )
)
"""Some 90 scheduling points between calls."""
STORE = """
import pickle
import threading

FIRST, SECOND = threading.Lock(), threading.Lock()
STATE = {"open": False}
DONE = []


def put(record, secret):
    record["raw"] = secret
    str(1)
    record["raw"] = ""


def opener(box):
    def opens():
        box["open"] = True
        str(1)
        box["open"] = False
    return opens


def open_own():
    opener(STATE)()


def open_at_first(box):
    if not DONE:
        DONE.append(1)
        opener(box)()


def open_seldom(box, seldom):
    if seldom:
        opener(box)()


def open_by_callback(box):
    values = iter([True, False])
    def opens(_):
        box["open"] = next(values)
        return str(1)
    list(map(opens, "ab"))


def open_on_disk(path):
    with open(path, "w") as file:
        file.write("open")
        file.flush()
        str(1)
    with open(path, "w"):
        pass


def digest(secret):
    kept = secret
    str(1)
    kept = ""
    return len(kept)


def look_twice(holder):
    before = pickle.dumps(holder)
    str(1)
    return before == pickle.dumps(holder)


def count_own():
    own = {"count": 1}
    str(1)
    own["count"] = 2


def forwards():
    with FIRST:
        str(1)
        with SECOND:
            pass


def backwards():
    with SECOND:
        str(1)
        with FIRST:
            pass
"""


@pytest.fixture(scope="module", autouse=True)
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Two installed modules: one takes long and touches nothing, the other one is where the races are."""
    folder = tmp_path_factory.mktemp("chosen") / "site-packages"
    folder.mkdir()
    (folder / "chosen_startup.py").write_text(STARTUP)
    (folder / "chosen_store.py").write_text(STORE)
    sys.path.insert(0, str(folder))
    store().part = startup().configure  # an import in a scenario's body would look at a clock
    yield
    sys.path.remove(str(folder))
    for name in ("chosen_startup", "chosen_store"):
        sys.modules.pop(name, None)


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """The start-up above is long enough."""
    monkeypatch.setattr(focus, "LONG", 70)


def startup() -> Any:
    return __import__("chosen_startup")


def store() -> Any:
    return __import__("chosen_store")


def _rotating(race: Race, *order: str) -> None:
    state = {"secret": "none", "known": "none"}
    scrub = race.redactor(lambda state: state["secret"].replace(state["known"], ""), bypass=lambda s: s["secret"])

    def rotate(new: str) -> None:
        startup().configure()
        random.random()  # whatever is drawn, nothing is proved
        for name in order:
            state[name] = new

    race.thread(rotate, race.canary("key").text, name="rotate")
    race.crash(lambda: scrub(state))


def leaks(race: Race) -> None:
    _rotating(race, "secret", "known")


def right(race: Race) -> None:
    _rotating(race, "known", "secret")


def right_beside_a_step(race: Race) -> None:
    right(race)
    race.thread(startup().configure, name="starts")


def proved(race: Race) -> None:
    secret = race.canary("key").text
    scrub = race.redactor(lambda text: text.replace(secret, ""), bypass=lambda text: text)
    race.thread(startup().configure)
    race.crash(lambda: scrub(secret))


def _shown_while(race: Race, is_open: Callable[[], object], *work: Callable[[], object]) -> None:
    """The dump shows the secret while something is open, which one of the threads does."""
    secret = race.canary("key").text
    scrub = race.redactor(lambda text: text if is_open() else "[gone]", bypass=lambda text: text)
    for index, each in enumerate(work):
        race.thread(lambda each=each: [startup().configure(), random.random(), each()], name=f"works {index}")
    race.crash(lambda: scrub(secret))


def shared_in_a_library(race: Race) -> None:
    secret, record = race.canary("key").text, {"raw": ""}
    scrub = race.redactor(lambda record: dict(record), bypass=lambda record: {"raw": secret})
    race.thread(lambda: [startup().configure(), store().put(record, secret)], name="works")
    race.crash(lambda: scrub(record))


def shared_at_the_first_use(race: Race) -> None:
    box = {"open": False}
    _shown_while(race, lambda: box["open"], lambda: store().open_at_first(box))


def shared_in_a_closure(race: Race) -> None:
    box = {"open": False}
    _shown_while(race, lambda: box["open"], store().opener(box))


def shared_as_a_global(race: Race) -> None:
    _shown_while(race, lambda: store().STATE["open"], store().open_own)


def shared_in_a_callback(race: Race) -> None:
    box = {"open": False}
    _shown_while(race, lambda: box["open"], lambda: store().open_by_callback(box))


def shared_on_disk(race: Race) -> None:
    path: Path = race.tmp_path / "state"
    path.touch()
    _shown_while(race, path.read_text, lambda: store().open_on_disk(str(path)))


def shared_in_some_interleavings(race: Race) -> None:
    """No sequential order takes the branch in which the library shares something."""
    box, busy = {"open": False}, {"now": False}

    def works() -> None:
        busy["now"] = True
        str(1)
        busy["now"] = False

    def looks() -> None:
        store().open_seldom(box, busy["now"])

    _shown_while(race, lambda: box["open"], works, looks)


def shared_within_an_object(race: Race) -> None:
    """What the library hands to a function in C refers to what another thread changes."""
    inner = {"value": 1}
    differs: list[bool] = []

    def looks() -> None:
        if not store().look_twice([inner]):
            differs.append(True)

    _shown_while(race, lambda: differs, looks, lambda: inner.update(value=2))


def held_in_a_library(race: Race) -> None:
    _held(race, str)


def held_in_base64(race: Race) -> None:
    _held(race, lambda secret: base64.b64encode(secret.encode()).decode())


def held_in_an_attribute(race: Race) -> None:
    class Session:
        def __init__(self, token: str) -> None:
            self.token = token

        def __repr__(self) -> str:
            return self.token

    _held(race, Session)


def _held(race: Race, form: Callable[[str], object]) -> None:
    secret = form(race.canary("key").text)
    show = race.redactor(lambda text: text, bypass=lambda text: repr(secret))

    def frames() -> str:
        tops = [frame.f_locals for frame in sys._current_frames().values()]
        return str(show([each.get("kept") for each in tops]))

    race.thread(lambda: [startup().configure(), store().digest(secret)], name="works")
    race.crash(frames)


def deadlock_in_a_library(race: Race) -> None:
    race.thread(lambda: [startup().configure(), store().forwards()], name="one")
    race.thread(store().backwards, name="other")
    race.crash(lambda: threading.current_thread().name)


def each_its_own(race: Race) -> None:
    box = {"open": False}
    _shown_while(race, lambda: box["open"], store().count_own, store().count_own)


RACES = [
    shared_in_a_closure,
    shared_as_a_global,
    shared_in_a_callback,
    shared_on_disk,
    shared_in_some_interleavings,
    shared_within_an_object,
    held_in_a_library,
    held_in_base64,
    held_in_an_attribute,
    deadlock_in_a_library,
]


def searched(body: Any, executions: int = 60, **options: Any) -> Report:
    return explore(body, executions=executions, seconds=60.0, **{"isolation": "none", **options})


def certified(report: Report) -> Any:
    assert report.verdict.passed, report
    assert report.certificate is not None
    return report.certificate


@pytest.fixture
def chosen(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], tuple[str, ...]]:
    """Which modules a search takes for one step; what follows is left out."""
    choose, seen = focus.choose_aside, []

    def only(session: Session, found: Exploration) -> Iterator[CampaignProgress]:
        yield from choose(session, found)
        seen.append(session.aside)
        session.interrupted = True

    monkeypatch.setattr(focus, "choose_aside", only)
    return lambda body: (searched(body), seen[-1])[1]


def test_a_long_start_up_is_one_step_and_the_certificate_says_so() -> None:
    certificate = certified(searched(right))
    assert certificate.focus[0] == "one step: chosen_startup"
    assert "places of an execution, of which nothing is said" in certificate.focus[1]
    assert any(each.startswith("at most 1 preemption between calls: all") for each in certificate.covered)


def test_a_thread_that_is_one_step_needs_no_preemption_and_the_certificate_says_so() -> None:
    certificate = certified(searched(right_beside_a_step, 100))
    assert "threads that have no scheduling point left: 1" in certificate.focus[1]
    assert "looked through" in certificate.focus[1]


def test_a_focus_that_was_given_is_kept() -> None:
    whole = certified(searched(right, focus="all"))
    assert not whole.focus
    assert any("between calls" in each and " of about " in each for each in whole.covered)


def test_a_leak_beside_it_is_found_and_replays_with_what_was_one_step() -> None:
    report = searched(leaks)
    assert report.verdict is Verdict.LEAK
    assert report.finding is not None
    assert report.finding.schedule.aside == ("chosen_startup",)


def test_a_race_in_a_library_is_found() -> None:
    assert searched(shared_in_a_library).verdict is Verdict.LEAK


@pytest.mark.parametrize("body", RACES)
def test_a_module_that_touches_what_is_shared_or_secret_stays(body: Any, chosen: Callable[[Any], Any]) -> None:
    aside = chosen(body)
    assert "chosen_startup" in aside
    assert "chosen_store" not in aside


def test_a_module_that_touches_what_each_thread_has_of_its_own_is_one_step(chosen: Callable[[Any], Any]) -> None:
    assert chosen(each_its_own) == ("chosen_startup", "chosen_store")


def test_a_race_of_the_first_use_is_found_where_later_ones_share_nothing() -> None:
    assert searched(shared_at_the_first_use, 60, isolation="auto").verdict is Verdict.LEAK


def test_a_proof_is_of_all_code() -> None:
    report = searched(proved)
    assert report.verdict is Verdict.PROVED, report
    assert not certified(report).focus
