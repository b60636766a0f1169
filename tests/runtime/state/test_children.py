"""A child process that is handed no canary runs as one step; one that is, or that goes on for itself, is refused."""

from __future__ import annotations

import base64
import contextlib
import multiprocessing
import os
import signal
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from contained import users_folder
from driving import run

from redactfuzz import Canary, Race, Report, Verdict, explore
from redactfuzz.model.outcome import ProblemKind
from redactfuzz.model.plan import Policy, Stage
from redactfuzz.model.schedule import Granularity

SCHEDULES = (Stage(Policy.BOUNDED, Granularity.CALLS, bound=2),)


def runs() -> object:
    return subprocess.run(["echo", "said"], capture_output=True, text=True, check=True).stdout.strip()


def asks() -> object:
    return subprocess.check_output(["sh", "-c", "printf said"], stderr=subprocess.DEVNULL).decode()


def reads() -> object:
    with os.popen("echo said") as pipe:
        return pipe.read().strip()


def asks_for_what_is_not_there() -> object:
    with contextlib.suppress(FileNotFoundError):
        subprocess.run(["no program has this name"])
    return "said"


def fails() -> object:
    return "said" if subprocess.run(["sh", "-c", "exit 3"], stderr=subprocess.PIPE).returncode == 3 else ""


def stops() -> object:
    child = subprocess.Popen(["sh", "-c", "kill -TERM $$"], stderr=subprocess.PIPE)
    return "said" if child.wait() == -signal.SIGTERM else ""


def says_much() -> object:
    child = subprocess.run(["head", "-c", "200000", "/dev/zero"], capture_output=True)
    return "said" if len(child.stdout) == 200_000 else ""


@pytest.mark.parametrize("work", [runs, asks, reads, asks_for_what_is_not_there, fails, stops, says_much])
def test_it_answers_as_elsewhere_and_is_named_by_its_line(work: Callable[[], object]) -> None:
    ran = run(lambda race: race.thread(lambda: race.dump(str(work()))))
    assert ran.dumped
    assert {repr(dumped) for dumped in ran.dumped} == {"['said']"}
    assert not ran.fatal, ran.problems
    first = work.__code__.co_firstlineno
    found = ran.problem(ProblemKind.CHILD_PROCESS).what
    assert any(f" {Path(__file__).name}:{line} " in found for line in (first + 1, first + 2)), found


def test_the_process_that_removes_what_multiprocessing_leaves_is_no_child_of_the_scenario() -> None:
    """A lock that is not of fork, the default from 3.14 on, starts it."""

    def body(race: Race) -> None:
        lock = multiprocessing.get_context("forkserver").Lock()
        race.thread(lambda: race.dump(str(lock.acquire())))

    ran = run(body)
    assert ran.dumped
    assert {repr(dumped) for dumped in ran.dumped} == {"['True']"}
    assert not [each for each in ran.problems if each.kind is ProblemKind.CHILD_PROCESS]


def test_no_other_thread_runs_in_the_midst_of_it(tmp_path: Path) -> None:
    def body(race: Race) -> None:
        file = race.tmp_path / "log"

        def writes() -> None:
            subprocess.run(["sh", "-c", f"echo in >> {file}; sleep 0.01; echo in >> {file}"], check=True)

        def beside() -> None:
            with file.open("a") as log:
                log.write("beside\n")

        race.thread(writes)
        race.thread(beside)
        race.crash(lambda: file.read_text() if file.exists() else "")

    ran = run(body, SCHEDULES, executions=60)
    seen = {each for dumped in ran.dumped for each in dumped}
    assert {"in\nin\nbeside\n", "beside\nin\nin\n"} <= seen
    assert not [each for each in seen if "in\nbeside\nin\n" in each]


def in_arguments(key: Canary) -> None:
    subprocess.run(["true", key.text])


def in_environment(key: Canary) -> None:
    subprocess.run(["true"], env={"KEY": base64.b64encode(key.bytes).decode()})


def in_a_file(key: Canary) -> None:
    with tempfile.NamedTemporaryFile() as file:
        file.write(key.bytes)
        file.flush()
        subprocess.run(["cat", file.name], stdout=subprocess.PIPE)


def of_nothing(key: Canary) -> None:
    subprocess.run(["true", base64.b64encode(b"no secret of anybody").decode()])


@pytest.mark.parametrize(
    ("hands", "told"), [(in_arguments, True), (in_environment, True), (in_a_file, True), (of_nothing, False)]
)
def test_one_that_is_handed_a_canary_in_any_form_is_refused(hands: Callable[[Canary], None], told: bool) -> None:
    def body(race: Race) -> None:
        race.thread(hands, race.canary("key"))

    ran = run(body)
    assert ran.fatal == [ProblemKind.CHILD_PROCESS] * told, ran.problems
    assert told is (" a canary" in ran.problem(ProblemKind.CHILD_PROCESS).what)


@pytest.mark.parametrize(
    ("work", "why"),
    [
        (lambda: subprocess.Popen(["sleep", "60"]), "that did not end within 2 s"),
        (lambda: subprocess.run(["sh", "-c", "sleep 60 & exit 0"]), "that left processes behind"),
    ],
)
def test_none_is_left_behind(work: Callable[[], object], why: str) -> None:
    before = children()
    ran = run(lambda race: race.thread(lambda: [work(), None][1]), executions=2)
    assert why in ran.problem(ProblemKind.CHILD_PROCESS).what
    assert children() <= before


def children() -> set[str]:
    """Return the process numbers of all children of this process."""
    return {pid for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()}


@pytest.mark.parametrize(("errors", "name"), [(None, "kept"), (subprocess.DEVNULL, "kept"), (None, "/dev/null")])
def test_what_it_may_not_write_is_told(
    errors: int | None, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = users_folder(tmp_path, monkeypatch)
    report = explored(lambda key: [subprocess.run(["touch", outside / name], stderr=errors), ""][1])
    assert ("may have been refused a file" in str(report.reason)) is (name == "kept"), report.reason


def explored(work: Callable[[str], object], mask: bool = True) -> Report:
    def body(race: Race) -> None:
        key, shown = race.canary("key"), list[object]()
        scrub = race.redactor(lambda text: text.replace(key.text, "[key]"))

        def leaves() -> None:
            shown.append(key.text)
            shown.append(work("x"))
            shown.remove(key.text)

        race.thread(leaves)
        race.crash(lambda: scrub(repr(shown)) if mask or len(shown) < 2 else repr(shown))

    return explore(body, executions=60, seed=0)


@pytest.mark.parametrize(("mask", "verdict"), [(True, Verdict.NO_LEAK_FOUND), (False, Verdict.LEAK)])
def test_a_scenario_with_one_is_judged(mask: bool, verdict: Verdict) -> None:
    report = explored(lambda key: runs(), mask)
    assert report.verdict is verdict, report.reason
