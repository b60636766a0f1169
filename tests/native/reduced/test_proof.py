"""PROVED of programs: one schedule of each class was run, or it is said what stands in the way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from modelled import MODELS

from redactfuzz import Report, Verdict, explore, native
from redactfuzz.campaign import Options, last_report, run
from redactfuzz.campaign.face.scenario import spec_of
from redactfuzz.native.compile import table
from redactfuzz.native.compile.table import treatment

TARGETS = Path(__file__).parents[3] / "targets" / "native"
BOUNDS = {"executions": 20_000, "seconds": 600.0, "seed": 0}
"""Seconds that no machine needs: executions decide."""

LOOKS = """
#include <pthread.h>
#include <redactfuzz.h>
#include <stdlib.h>
#include <string.h>
static unsigned char key[32];
static char number[8] = "1";
REDACTFUZZ_REDACTOR static void wipe(void) { explicit_bzero(key, sizeof key); }
static void *worker(void *unused)
{
    const volatile unsigned char *from = redactfuzz_canary("key", sizeof key);
    redactfuzz_allow("key");
    for (size_t i = 0; i < sizeof key; i++) key[i] = from[i];
    wipe();
    redactfuzz_forbid("key");
    return unused;
}
static void *other(void *unused) { number[0] = '2'; return unused; }
int main(void)
{
    pthread_t one, two;
    pthread_create(&one, NULL, worker, NULL);
    pthread_create(&two, NULL, other, NULL);
    if (LOOK > 2) abort();
    pthread_join(one, NULL);
    pthread_join(two, NULL);
    return 0;
}
"""


CLEARS = """
#include <pthread.h>
#include <redactfuzz.h>
#include <string.h>
static unsigned char key[32];
static volatile int rounds;
REDACTFUZZ_REDACTOR static void wipe(void) { explicit_bzero(key, sizeof key); }
static void *worker(void *unused)
{
    const volatile unsigned char *from = redactfuzz_canary("key", sizeof key);
    redactfuzz_allow("key");
    key[0] = from[0];
    for (size_t i = 0; i < sizeof key; i++) key[i] = from[i];
    wipe();
    redactfuzz_forbid("key");
    return unused;
}
static void *clears(void *unused)
{
    unsigned char page[SIZE];
    for (int i = 0; i < 4; i++) explicit_bzero(page, sizeof page);  /* here */
    ROUNDS
    return unused;
}
int main(void)
{
    pthread_t one, two;
    pthread_create(&one, NULL, worker, NULL);
    pthread_create(&two, NULL, clears, NULL);
    clears(NULL);
    pthread_join(one, NULL);
    pthread_join(two, NULL);
    return 0;
}
"""


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def explored(source: Path, **options: Any) -> Report:
    return explore(native.scenario(source), **{**BOUNDS, **options})


def looking(folder: Path, look: str) -> Path:
    source = folder / "looks.c"
    source.write_text(LOOKS.replace("LOOK", look), "utf-8")
    return source


@pytest.mark.parametrize("target", ["aba/fixed.c", "compacting_arena/fixed.cpp"])
def test_the_default_portfolio_proves_a_small_fixed_twin(target: str) -> None:
    report = explored(TARGETS / target, executions=100_000)
    assert report.verdict is Verdict.PROVED, report
    assert report.certificate is not None
    assert report.certificate.preemptions is None
    assert report.certificate.obstacles == ()
    assert any(line.startswith("one schedule of each class") for line in report.certificate.covered)


def test_a_proof_is_worth_executions_beyond_the_budget_where_there_are_seconds_for_it() -> None:
    source = TARGETS / "crash_in_redactor" / "fixed.c"
    spec = spec_of(native.scenario(source))
    report = last_report(run(spec, Options(seconds=600.0, proves=True), spec.target.runtime()))
    assert report.verdict is Verdict.PROVED, report
    counted = explored(source, executions=4_000)
    assert counted.verdict is Verdict.NO_LEAK_FOUND, counted
    assert counted.executions <= 4_000


def test_a_function_of_which_nobody_reports_what_it_looks_at_stands_in_the_way(tmp_path: Path) -> None:
    report = explored(looking(tmp_path, "strtol(number, NULL, 10)"), strategy="dpor")
    assert report.verdict is Verdict.NO_LEAK_FOUND, report
    assert report.certificate is not None
    line = 1 + LOOKS.splitlines().index("    if (LOOK > 2) abort();")
    assert report.certificate.obstacles[0].endswith(f"strtol at looks.c:{line}")


def test_the_same_program_is_proved_where_it_is_reported(tmp_path: Path) -> None:
    report = explored(looking(tmp_path, "(int)strlen(number)"), strategy="dpor")
    assert report.verdict is Verdict.PROVED, report


def test_a_bound_that_was_asked_for_is_told_as_what_stands_in_the_way() -> None:
    report = explored(TARGETS / "aba" / "fixed.c", strategy="random")
    assert report.verdict is Verdict.NO_LEAK_FOUND, report
    assert report.certificate is not None
    assert any("strategy" in line for line in report.certificate.obstacles)


def test_what_is_listed_as_reported_is_a_function_of_the_table() -> None:
    names, _ = table.reported()
    assert len(names) > 80
    assert {name for name in names if treatment().get(name) not in MODELS} <= {
        "_Unwind_Resume",
        "__gxx_personality_v0",
        "__gcc_personality_v0",
    }


def test_what_gets_no_pointer_touches_nothing_and_need_not_be_listed() -> None:
    assert list(table.unreported(["abs", "sin", "my_own_function"])) == []
    assert sorted(table.unreported(["sscanf", "atoi", "__isoc23_strtol"])) == ["__isoc23_strtol", "atoi", "sscanf"]
    assert list(table.unreported(["__memcmp_eq"])) == ["__memcmp_eq"]  # the table has no declaration of it


# -- what makes the space large, by name and line


def cleared(size: int, rounds: str = "", executions: int = 30_000) -> Report:
    source = Path("clears.c").resolve()
    source.write_text(CLEARS.replace("SIZE", str(size)).replace("ROUNDS", rounds), "utf-8")
    return explore(native.scenario(source), executions=executions, seconds=600.0, seed=0, strategy="dpor")


def line_of(text: str) -> int:
    return 1 + CLEARS.splitlines().index(next(line for line in CLEARS.splitlines() if text in line))


def test_a_call_that_is_taken_to_touch_everything_comes_first_with_its_line() -> None:
    report = cleared(20_480, executions=500)
    assert report.verdict is Verdict.NO_LEAK_FOUND, report
    assert report.certificate is not None
    first = next(line for line in report.certificate.obstacles if "reversals" in line)
    assert first.startswith(f"explicit_bzero at clears.c:{line_of('/* here */')}, taken to touch everything: ")


def test_a_pair_of_places_is_told_by_its_lines_and_the_variable() -> None:
    report = cleared(64, "for (int i = 0; i < 9; i++) rounds++;", executions=2_000)
    assert report.verdict is Verdict.NO_LEAK_FOUND, report
    assert report.certificate is not None
    first = next(line for line in report.certificate.obstacles if "reversals" in line)
    place = f"clears.c:{line_of('ROUNDS')}"
    assert first.startswith(f"{place} -- {place} (rounds), whose order matters: ")


def test_without_either_it_is_proved() -> None:
    report = cleared(64)
    assert report.verdict is Verdict.PROVED, report
    assert report.certificate is not None
    assert report.certificate.obstacles == ()
