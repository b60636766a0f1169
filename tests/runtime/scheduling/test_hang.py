"""C code that keeps the interpreter lock for good: nothing of Python can run, and still we say so and end."""

from __future__ import annotations

import subprocess
import sys

SCENARIO = """
import collections, itertools
import attrs
from redactfuzz.campaign.face.run import last_report, run
from redactfuzz.campaign.session.spec import Options, ScenarioSpec
from redactfuzz.model.plan import Isolation
from redactfuzz.threads import ThreadRuntime

class Impatient:
    def explore(self, plan, budget):
        return ThreadRuntime().explore(attrs.evolve(plan, hang_seconds=0.5), budget)

def spins():
    collections.deque(itertools.repeat(0), maxlen=0)

def body(race):
    key = race.canary("key")
    scrub = race.redactor(lambda text: "gone")
    race.thread({work}, name="busy")
    race.crash(lambda: scrub(key.text))

options = Options(executions=30, isolation=Isolation.NONE)
print(last_report(run(ScenarioSpec("body", "x.py", body), options, Impatient())).verdict)
"""


def ran(work: str) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, "-c", SCENARIO.format(work=work))
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_a_silent_hang_in_this_process_ends_with_a_message_and_status_70() -> None:
    done = ran("spins")
    assert done.returncode == 70, done.stderr
    for expected in ("body, execution 1", "thread 'busy'", 'isolation="process"', "in spins"):
        assert expected in done.stderr


def test_the_twin_that_comes_back_ends_as_usual() -> None:
    done = ran("int")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert done.stdout.strip() in ("PROVED", "NO_LEAK_FOUND")
