"""Which places of a C program met over memory, and where its canary lay: at calls and at single stores."""

from __future__ import annotations

from pathlib import Path

import pytest
import sources
from campaigning import (
    folder,  # noqa: F401  (a fixture)
    found,
)

from redactfuzz.campaign.corpus.coverage import coverage_of
from redactfuzz.campaign.face.scenario import program_spec
from redactfuzz.campaign.session.spec import ScenarioSpec, Settings
from redactfuzz.model.coverage import Coverage
from redactfuzz.model.outcome import OVERWRITES
from redactfuzz.model.schedule import Action, Deviation, Granularity, Schedule, Site
from redactfuzz.native.run.program import Program

pytestmark = pytest.mark.once

UPDATE = (
    sources.HEAD
    + """
static int total;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static void *adds(void *unused)
{
    int seen = total; /* reads */
    usleep(1);
    total = seen + 1; /* writes */
    return unused;
}
static void *locked(void *unused)
{
    pthread_mutex_lock(&lock); /* takes */
    pthread_mutex_unlock(&lock); /* gives */
    return unused;
}
int main(int count, char **arguments)
{
    pthread_t one, two;
    void *(*works)(void *) = count > 1 && arguments[1] ? locked : adds;
    pthread_create(&one, NULL, works, NULL);
    pthread_create(&two, NULL, works, NULL);
    pthread_join(one, NULL);
    pthread_join(two, NULL);
    return 0;
}
"""
)


def program(text: str, *arguments: str, crash: str = "none") -> ScenarioSpec:
    path = Path.cwd() / "update.c"
    path.write_text(text)
    return program_spec(Program((path,), arguments=arguments, crash=crash), Settings())


def line(function: str, mark: str) -> str:
    lines = UPDATE.splitlines()
    # The code of a function begins at the line of its brace.
    first = next(number for number, each in enumerate(lines) if f"*{function}(void" in each) + 1
    return f"update.c:{function}+{next(n for n, each in enumerate(lines) if f'/* {mark} */' in each) - first}"


def of(coverage: Coverage, function: str) -> set[tuple[str, str]]:
    return {pair for pair in coverage.pairs if all(f":{function}+" in place for place in pair)}


@pytest.mark.parametrize("granularity", [Granularity.CALLS, Granularity.INSTRUCTIONS])
def test_a_lost_update_and_one_that_is_not_are_other_pairs(granularity: Granularity) -> None:
    reads, writes = line("adds", "reads"), line("adds", "writes")
    spec = program(UPDATE)
    # The sleep hands over: each reads before the other writes.
    lost = of(coverage_of(spec, Schedule(granularity), 0, 1), "adds")
    assert lost == {(writes, writes + OVERWRITES)}
    whole = of(coverage_of(program(UPDATE.replace("    usleep(1);", "")), Schedule(granularity), 0, 1), "adds")
    assert whole == {(writes, reads)}


@pytest.mark.parametrize("granularity", [Granularity.CALLS, Granularity.INSTRUCTIONS])
def test_a_mutex_is_handed_on_from_where_it_is_let_go_of(granularity: Granularity) -> None:
    coverage = coverage_of(program(UPDATE, "locked"), Schedule(granularity), 0, 1)
    assert (line("locked", "gives"), line("locked", "takes")) in coverage.pairs


def test_the_places_are_the_same_in_another_process() -> None:
    first, second = (coverage_of(program(UPDATE), Schedule(Granularity.INSTRUCTIONS), 0, 1) for _ in range(2))
    assert first == second
    assert len(first) > 0


def test_where_the_canary_lay_is_who_wrote_it_last() -> None:
    finding = found(sources.LEAKY).finding
    assert finding is not None
    spec = program_spec(Program((Path.cwd() / "rotate.c",)), Settings())
    shown = coverage_of(spec, finding.schedule, finding.seed, finding.canary_number).shown
    assert any(each.startswith("signing key: ") and "rotate" in each for each in shown), shown
    assert not coverage_of(spec, Schedule(Granularity.CALLS), 0, 1).shown - {"signing key: allowed"}


def test_what_cannot_be_followed_covers_nothing() -> None:
    nowhere = Deviation("main", Site("update.c", "nowhere", "+1:1"), 1, Action.SWITCH, "adds")
    assert coverage_of(program(UPDATE), Schedule(Granularity.CALLS, (nowhere,)), 0, 1) == Coverage()
