"""What stands in the way of a proof of a program is told by name and line; without it there is a proof."""

from __future__ import annotations

from pathlib import Path

import pytest

from redactfuzz import Report, Verdict, explore, native

pytestmark = pytest.mark.once

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


def explored(size: int, rounds: str = "", executions: int = 30_000) -> Report:
    source = Path("clears.c").resolve()
    source.write_text(CLEARS.replace("SIZE", str(size)).replace("ROUNDS", rounds), "utf-8")
    return explore(native.scenario(source), executions=executions, seconds=600.0, seed=0, strategy="dpor")


def line_of(text: str) -> int:
    return 1 + CLEARS.splitlines().index(next(line for line in CLEARS.splitlines() if text in line))


def test_a_call_that_is_taken_to_touch_everything_comes_first_with_its_line() -> None:
    report = explored(4_096, executions=2_000)
    assert report.verdict is Verdict.NO_LEAK_FOUND, report
    assert report.certificate is not None
    first = next(line for line in report.certificate.obstacles if "reversals" in line)
    assert first.startswith(f"explicit_bzero at clears.c:{line_of('/* here */')}, taken to touch everything: ")


def test_a_pair_of_places_is_told_by_its_lines_and_the_variable() -> None:
    report = explored(64, "for (int i = 0; i < 9; i++) rounds++;", executions=2_000)
    assert report.verdict is Verdict.NO_LEAK_FOUND, report
    assert report.certificate is not None
    first = next(line for line in report.certificate.obstacles if "reversals" in line)
    place = f"clears.c:{line_of('ROUNDS')}"
    assert first.startswith(f"{place} -- {place} (rounds), whose order matters: ")


def test_without_either_it_is_proved() -> None:
    report = explored(64)
    assert report.verdict is Verdict.PROVED, report
    assert report.certificate is not None
    assert report.certificate.obstacles == ()
