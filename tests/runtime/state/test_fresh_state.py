"""Nothing of one execution is found in the next, and nothing of ours is found in any."""

from __future__ import annotations

import contextvars
import gc
import random
import subprocess
import sys
import threading
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from driving import SEQUENTIAL, bounded, randomly, run

import redactfuzz
from redactfuzz import Race
from redactfuzz.model.plan import Isolation, Policy, Stage
from redactfuzz.model.schedule import Granularity

LOCAL = threading.local()
CONTEXT: contextvars.ContextVar[str] = contextvars.ContextVar("context", default="fresh")
HOME = str(Path(redactfuzz.__file__).parent)
MANY = (Stage(Policy.RANDOM, Granularity.CALLS, limit=40),)


def is_ours(frame: types.FrameType) -> bool:
    """Whether it is code of the package, of this test's driver, or of pytest: nothing that a program would have."""
    name = frame.f_code.co_filename
    return name.startswith(HOME) or name.endswith("driving.py") or "_pytest" in name


def stack(frame: types.FrameType | None) -> list[types.FrameType]:
    frames = []
    while frame is not None:
        frames.append(frame)
        frame = frame.f_back
    return frames


def all_frames() -> list[types.FrameType]:
    return [frame for top in sys._current_frames().values() for frame in stack(top)]


DRAWS: dict[str, Callable[[], object]] = {
    "random": random.random,
    "getrandbits": lambda: random.getrandbits(3),
    "shuffle": lambda: random.shuffle([1, 2, 3]),
    "gauss, which keeps one for later": lambda: random.gauss(),
    "seed": lambda: random.seed(3),
    "setstate": lambda: random.setstate(random.Random(4).getstate()),
    "another generator": lambda: random.Random(5).random(),
    "nothing": lambda: None,
}


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
def test_random_is_in_the_state_of_its_number_at_the_start_of_each_execution(draw: Callable[[], object]) -> None:
    states = []

    def body(race: Race) -> None:
        states.append(random.getstate())
        race.thread(lambda: draw() if len(states) in (2, 5) else None)

    run(body, MANY, canary_number=3)
    assert len(states) == 40
    assert len(set(states)) == 1
    run(body, MANY, canary_number=4)
    assert len(set(states)) == 2


def test_thread_locals_context_variables_and_attributes_start_fresh_in_each_execution_and_thread() -> None:
    seen: list[Any] = []

    def work() -> None:
        me = threading.current_thread()
        seen.append((getattr(LOCAL, "mark", "fresh"), CONTEXT.get(), getattr(me, "mark", "fresh")))
        LOCAL.mark = me.mark = "used"  # type: ignore[attr-defined]
        CONTEXT.set("used")

    def body(race: Race) -> None:
        work()
        race.thread(work)
        race.thread(work)

    run(body, MANY)
    assert len(seen) == 3 * 40
    assert set(seen) == {("fresh", "fresh", "fresh")}


def test_a_thread_keeps_its_locals_and_context_within_one_execution() -> None:
    seen: list[Any] = []

    def work(mark: str) -> None:
        LOCAL.mark = mark
        CONTEXT.set(mark)
        for _ in range(3):
            seen.append((LOCAL.mark, CONTEXT.get()) == (mark, mark))

    def body(race: Race) -> None:
        race.thread(work, "one")
        race.thread(work, "two")

    run(body, MANY)
    assert seen == [True] * (2 * 3 * 40)


def test_every_execution_has_thread_objects_of_its_own_with_the_given_names() -> None:
    seen: list[tuple[str, ...]] = []
    objects: list[threading.Thread] = []

    def work() -> None:
        objects.append(threading.current_thread())

    def body(race: Race) -> None:
        race.thread(work, name="rotate")
        race.thread(work, name="sign")
        race.crash(lambda: seen.append(tuple(sorted(t.name for t in threading.enumerate()))))

    others = {thread.name for thread in threading.enumerate()}  # that end late, of the test before
    run(body, randomly(30))
    assert len(objects) == len(set(map(id, objects)))
    assert {t.name for t in objects} == {"rotate", "sign"}
    allowed = {"MainThread", "crash", "rotate", "sign"} | others
    assert all(set(names) <= allowed and "crash" in names for names in seen)
    assert any({"rotate", "sign"} & set(names) for names in seen)


@pytest.mark.parametrize("where", ["body", "main"])
def test_body_and_main_run_in_what_the_interpreter_calls_the_main_thread(where: str) -> None:
    seen: list[tuple[bool, str]] = []

    def look() -> None:
        seen.append((threading.main_thread() is threading.current_thread(), threading.current_thread().name))

    def body(race: Race) -> None:
        if where == "body":
            look()
        else:
            race.main(look)
        race.thread(lambda: seen.append((threading.main_thread() is not threading.current_thread(), "MainThread")))

    run(body, SEQUENTIAL)
    assert seen
    assert set(seen) == {(True, "MainThread")}


def test_no_frame_of_ours_lies_in_or_under_any_thread_that_a_crash_reporter_sees() -> None:
    seen: list[tuple[int, list[str]]] = []
    outside = set(sys._current_frames())  # other threads of the process, such as those of a test runner

    def inner(n: int) -> int:
        return n and inner(n - 1)

    def work() -> None:
        inner(2)
        inner(2)

    def report() -> None:
        everybody = sys._current_frames()  # before anything else: the others run on
        tops = [everybody[ident] for ident in everybody if ident not in outside]
        frames = [frame for top in tops for frame in stack(top)]
        seen.append((len(tops), [f.f_code.co_filename for f in frames if is_ours(f)]))
        own = stack(sys._getframe())
        assert [frame.f_code.co_name for frame in own] == ["report"]

    def body(race: Race) -> None:
        race.main(work)
        race.thread(work)
        race.thread(work)
        race.crash(report)

    ran = run(body, randomly(60, Granularity.CALLS))
    assert not ran.bugs
    assert {tuple(ours) for _, ours in seen} == {()}
    assert max(count for count, _ in seen) == 4, "the threads that run are seen"
    assert min(count for count, _ in seen) == 1, "idle threads of the pool are not seen"


@pytest.fixture
def all_containers() -> Iterator[None]:
    """The collector names all that there are: none is frozen, as `conftest.py` has it."""
    gc.unfreeze()
    yield
    gc.freeze()


FREEZES = """
import gc
from redactfuzz import explore

def body(race):
    key = race.canary("key").text
    scrub = race.redactor(lambda text: text.replace(key, "x"))
    race.thread(list, [[] for _ in range(100)])
    race.crash(lambda: scrub(key))

for freeze in (gc.freeze, gc.unfreeze, gc.freeze):
    assert explore(body, executions=100, seed=0, strategy="random").executions >= 100
    freeze()
    gc.collect()
    kept = [[] for _ in range(10_000)]
    gc.collect()
    assert len(gc.get_objects()) > 10_000
print("all of it ran")
"""


def test_a_program_may_freeze_what_the_collector_looks_at_between_two_explorations(tmp_path: Path) -> None:
    """The runtime has a mark among old objects; frozen, it lies in another list. Every 64th execution goes by it."""
    ran = subprocess.run(
        [sys.executable, "-c", FREEZES], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120
    )
    assert (ran.returncode, ran.stdout) == (0, "all of it ran\n"), ran.stderr


@pytest.mark.parametrize("kept", [False, True])
def test_a_secret_that_the_program_let_go_is_in_no_container_and_no_local_of_the_process(
    kept: bool, all_containers: None
) -> None:
    found: list[bool] = []
    keep: list[str] = []

    def report(mark: int) -> None:
        values = [value for frame in all_frames() for value in frame.f_locals.values()]
        for container in gc.get_objects():
            if type(container) in (tuple, list):
                values += container
            elif type(container) is dict:
                values += container.values()
        found.append(any(type(value) is str and hash(value) == mark for value in values))

    def work(box: list[str]) -> None:
        if kept:
            keep.append(box[0])
        box.clear()

    def body(race: Race) -> None:
        # A secret of no other test: what those keep of theirs is none of this.
        key = race.canary(f"let_go_{kept}")
        mark = hash(key.text)
        race.thread(work, [key.text])
        race.crash(lambda: report(mark), by="kill")

    run(body, crash_last=True)
    assert found == [kept]


def test_a_local_that_does_hold_a_canary_is_found_in_the_frames() -> None:
    def work(text: str) -> None:
        int("1")

    def body(race: Race) -> None:
        race.thread(work, race.canary("key").text)
        race.crash(lambda: [repr(v) for f in all_frames() for v in f.f_locals.values()])

    ran = run(body, bounded(1, Granularity.CALLS))
    assert 0 < ran.leaks < len(ran.outcomes)


def test_a_thread_has_the_same_ident_in_every_execution() -> None:
    idents: dict[str, set[int]] = {}

    def body(race: Race) -> None:
        def work(name: str) -> None:
            idents.setdefault(name, set()).add(threading.get_ident())

        for name in ("first", "second", "third"):
            race.thread(work, name, name=name)
        race.crash(lambda: "dump")

    run(body, MANY)
    assert set(idents) == {"first", "second", "third"}
    assert all(len(each) == 1 for each in idents.values())


def test_a_thread_has_the_same_ident_in_every_batch_and_in_a_forked_process() -> None:
    """faulthandler prints it: a dump that shows it must come again, also after the workers were started anew."""

    def body(race: Race) -> None:
        idents: list[int] = []
        for name in ("first", "second", "third"):
            race.thread(lambda: idents.append(threading.get_ident()), name=name)
        race.crash(lambda: str(sorted(idents)))

    sequential = (Stage(Policy.SEQUENTIAL, limit=1),)
    ways = [Isolation.NONE, Isolation.PROCESS, Isolation.NONE, Isolation.PROCESS]
    outcomes = [outcome for way in ways for outcome in run(body, sequential, isolation=way).outcomes]
    assert len(outcomes) == len(ways)
    assert all(outcome.dumps for outcome in outcomes)
    assert len({outcome.inspection.content for outcome in outcomes}) == 1
