"""C programs on the command line and in pytest, as a user starts them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from commands import COMMAND, Run, run_in

from redactfuzz.cli.programs import Given
from redactfuzz.cli.programs import programs as made

pytestmark = pytest.mark.once

LEAKY = """#include <redactfuzz.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
static unsigned char key[32];
REDACTFUZZ_REDACTOR static void wipe(void) { memset(key, 0, sizeof key); }
static void on_crash(int number) { wipe(); signal(number, SIG_DFL); raise(number); }
static void *rotate(void *unused)
{
    unsigned char copy[32];
    memcpy(copy, redactfuzz_canary("signing key", sizeof copy), sizeof copy);
    explicit_bzero(copy, sizeof copy);
    return unused;
}
int main(void)
{
    pthread_t thread;
    signal(SIGSEGV, on_crash);
    pthread_create(&thread, NULL, rotate, NULL);
    pthread_join(thread, NULL);
    return 0;
}
"""
SPLIT = """#include <stdlib.h>
#include <string.h>
void keep(const char *, int);
int main(int count, char **words) { keep(getenv("KEY"), count > 1 && strcmp(words[1], "--loud") == 0); return 0; }
"""
KEEP = """#include <fcntl.h>
#include <string.h>
#include <unistd.h>
void keep(const char *key, int loud)
{
    int file = open("report", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (loud && MORE) write(file, key, strlen(key));
    close(file);
}
"""
COUNTS = """#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
static int count;
static void *adds(void *unused) { count++; return unused; }
int main(int words, char **word)
{
    pthread_t first, second;
    pthread_create(&first, NULL, adds, NULL);
    pthread_create(&second, NULL, adds, NULL);
    pthread_join(first, NULL);
    pthread_join(second, NULL);
    assert(words < 2 || count != atoi(word[1]));
    return 0;
}
"""
WAITS = """#include <pthread.h>
#include <semaphore.h>
static sem_t never;
static void *waits(void *unused) { sem_wait(&never); return unused; }
int main(void)
{
    pthread_t thread;
    sem_init(&never, 0, 0);
    pthread_create(&thread, NULL, waits, NULL);
    pthread_join(thread, NULL);
    return 0;
}
"""
ELIDED = """#include <redactfuzz.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
static int used;
REDACTFUZZ_REDACTOR static void redact(void) { used = 0; }
static void *serves(void *unused)
{
    redactfuzz_allow("signing key");
    unsigned char *copy = malloc(32);
    const volatile unsigned char *given = redactfuzz_canary("signing key", 32);
    for (int i = 0; i < 32; i++) copy[i] = given[i]; /* byte by byte: nothing stays in a vector register */
    for (int i = 0; i < 32; i++) used += copy[i];
    memset(copy, 0, 32);
    free(copy);
    redactfuzz_forbid("signing key");
    return unused;
}
int main(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, serves, NULL);
    pthread_join(thread, NULL);
    redact();
    return 0;
}
"""
WIPES = LEAKY.partition("static void *rotate")[0] + """
int main(void)
{
    const volatile unsigned char *given = redactfuzz_canary("signing key", sizeof key);
    signal(SIGSEGV, on_crash);
    for (int i = 0; i < 32; i++) key[i] = given[i]; /* byte by byte: nothing stays in a vector register */
    wipe();
    return 0;
}
"""
BUDGET = ("--seconds", "20", "--executions", "3000")


@pytest.fixture
def programs(folder: Path) -> Path:
    """A folder with two programs, one of them of two files."""
    for name, text in {"rotate.c": LEAKY, "split.c": SPLIT, "keep.c": KEEP}.items():
        (folder / name).write_text(text)
    return folder


def test_a_program_is_run_and_its_finding_replayed(programs: Path, cli: Run) -> None:
    ran = cli("run", "rotate.c", *BUDGET, "--json")
    assert ran.code == 1, ran.both
    record = ran.record
    assert (record["verdict"], record["scenario"]) == ("LEAK", "rotate.c")
    assert {leak["canary"] for leak in record["leaks"]} == {"signing key"}
    again = cli("replay", record["repro"], "--times", "3")
    assert again.code == 1, again.both
    assert "REPRODUCED: 3 of 3" in again.both
    (programs / "rotate.c").write_text(
        LEAKY.replace("unsigned char copy", "if (!unused) return unused; unsigned char copy")
    )
    changed = cli("replay", record["repro"])
    assert changed.code in (0, 5), changed.both


def test_what_the_program_says_of_a_leak_holds_no_secret(programs: Path, cli: Run) -> None:
    ran = cli("run", "rotate.c", *BUDGET)
    assert "stack of 'rotate'" in ran.both
    assert "confirmed: a process that really died left it in" in ran.both


def test_two_files_arguments_flags_and_a_secret_in_the_environment(programs: Path, cli: Run) -> None:
    options = ("--canary", "env:KEY", "--crash", "none", "--cflag", "-DMORE=1", *BUDGET, "--json")
    loud = cli("run", "split.c", "keep.c", *options, "--", "--loud")
    assert loud.record["verdict"] == "LEAK", loud.both
    assert {(leak["canary"], leak["dump"]) for leak in loud.record["leaks"]} == {("KEY", "report")}
    silent = cli("run", "split.c", "keep.c", *options)
    assert silent.record["verdict"] == "VACUOUS", silent.both
    assert silent.code == 5
    again = cli("replay", loud.record["repro"])
    assert again.code == 1, again.both


def test_a_file_says_itself_how_it_is_run(programs: Path, cli: Run) -> None:
    said = "/* redactfuzz run split.c --canary env:KEY --crash none --cflag -DMORE=1 -- --loud */\n"
    (programs / "split.c").write_text(said + SPLIT)
    ran = cli("run", "split.c", "keep.c", *BUDGET, "--json")
    assert ran.record["verdict"] == "LEAK", ran.both


def test_a_second_crash_strikes_in_the_handler_unless_it_is_left_out(programs: Path, cli: Run) -> None:
    (programs / "wipes.c").write_text(WIPES)
    twice = cli("run", "wipes.c", *BUDGET, "--json")
    assert twice.record["verdict"] == "LEAK", twice.both
    assert "the second crash struck" in twice.record["cause"]
    once = cli("run", "wipes.c", *BUDGET, "--one-crash", "--json")
    assert once.record["verdict"] in ("PROVED", "NO_LEAK_FOUND"), once.both
    (programs / "wipes.c").write_text("/* redactfuzz run wipes.c --one-crash */\n" + WIPES)
    assert cli("run", "wipes.c", *BUDGET, "--json").record["verdict"] == once.record["verdict"]


def test_a_folder_of_twins_is_a_program_each(programs: Path, cli: Run) -> None:
    twins = programs / "twins"
    twins.mkdir()
    (twins / "vulnerable.c").write_text(LEAKY)
    (twins / "fixed.c").write_text(LEAKY.replace("sizeof copy);\n    explicit", "0);\n    explicit"))
    ran = cli("run", "twins", *BUDGET, "--json")
    assert {record["scenario"]: record["verdict"] for record in ran.records} == {
        "twins/vulnerable.c": "LEAK",
        "twins/fixed.c": "VACUOUS",
    }, ran.both


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["rotate.c", "--crash", "SIGNOTHING"], "SIGNOTHING"),
        (["rotate.c", "--canary", "nowhere"], "give env:NAME, arg, stdin or NAME=KIND"),
        (["rotate.c", "--oracle", "luck"], "no oracle is called 'luck'"),
        (["nothing.c"], "nothing.c: no such file"),
        (["rotate.c::main", "--crash", "none"], "rotate.c::main: a C or C++ program is explored from its main()"),
        (["empty", "--crash", "none"], "no scenario in this folder, and no vulnerable.c"),
        (["scenario.py", "--crash", "kill"], "for C and C++ programs"),
    ],
)
def test_usage_that_makes_no_sense(programs: Path, cli: Run, arguments: list[str], says: str) -> None:
    (programs / "empty").mkdir()
    (programs / "scenario.py").write_text("from redactfuzz import scenario\n@scenario\ndef one(race):\n    pass\n")
    ran = cli("run", *arguments)
    assert ran.code == 2, ran.both
    assert says in ran.err


def test_a_file_that_is_named_twice_is_one(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(programs)
    (program,) = made(("rotate.c", str(programs / "rotate.c"), "./rotate.c"), (), Given())
    assert program.sources == (programs / "rotate.c",)


def test_a_compile_error_is_shown_and_is_the_scenarios(programs: Path, cli: Run) -> None:
    (programs / "rotate.c").write_text("int main(void) { return nothing; }\n")
    ran = cli("run", "rotate.c")
    assert ran.code == 4, ran.both
    assert "rotate.c:1:25: error" in ran.both


def test_without_a_compiler_it_says_so(programs: Path, cli: Run) -> None:
    ran = cli("run", "rotate.c", PATH="", CC="", CXX="")
    assert ran.code == 4, ran.both
    assert "There is no C compiler" in ran.both
    assert "Correct the scenario" not in ran.both


def test_a_program_is_a_pytest_test_and_its_finding_replays_there(programs: Path, run_pytest: Run, cli: Run) -> None:
    (programs / "test_rotate.py").write_text(
        "from redactfuzz import native\n"
        "test_rotate = native.scenario('rotate.c', seconds=20, executions=3000)\n"
        "test_loud = native.scenario('split.c', 'keep.c', crash='none', flags=['-DMORE=1'], stdin='key', seconds=5)\n"
    )
    ran = run_pytest("test_rotate.py::test_rotate")
    assert ran.code == 1, ran.both
    assert "LEAK" in ran.out
    assert "test_rotate.py:2" in ran.out or "rotate.c" in ran.out
    repro, *_ = sorted((programs / ".redactfuzz").glob("*.rfz.json"))  # with time a double fault is found as well
    again = run_pytest("test_rotate.py", "--redactfuzz-replay", repro)
    assert again.code == 1, again.both
    assert "1 failed, 1 deselected" in again.out
    assert cli("replay", repro).code == 1
    assert cli("run", "test_rotate.py::test_rotate", *BUDGET, "--json").record["verdict"] == "LEAK"


def test_a_replay_that_ends_in_another_finding_is_no_pass(programs: Path, cli: Run) -> None:
    record = cli("run", "rotate.c", *BUDGET, "--json").record
    (programs / "rotate.c").write_text(LEAKY.replace('"signing key"', '"other key"'))
    changed = cli("replay", record["repro"])
    assert changed.code == 5, changed.both
    assert "the schedule now ends in another finding, a leak of 'other key'" in " ".join(changed.out.split())


def test_tests_of_one_program_have_a_finding_each_and_are_replayed_one_by_one(
    programs: Path, run_pytest: Run, cli: Run
) -> None:
    (programs / "test_counts.py").write_text(
        "from redactfuzz import native\n"
        "options = {'crash': 'none', 'seconds': 20, 'executions': 500}\n"
        "test_lost = native.scenario('counts.c', args=['1'], **options)\n"
        "test_both = native.scenario('counts.c', args=['2'], **options)\n"
        "test_more = native.scenario('counts.c', args=['3'], **options)\n"
    )
    (programs / "counts.c").write_text(COUNTS)
    ran = run_pytest("test_counts.py", "-n", "2")
    assert "2 failed, 1 passed" in ran.out, ran.both
    repros = sorted((programs / ".redactfuzz").glob("counts-*.rfz.json"))
    assert len(repros) == 2
    for repro in repros:
        again = run_pytest("test_counts.py", "--redactfuzz-replay", repro)
        assert "1 failed, 2 deselected" in again.out, again.both
        assert cli("replay", repro).code == 1
    one = run_pytest("test_counts.py", "-k", "lost")
    assert "1 failed, 2 deselected" in one.out, one.both


def test_a_finding_of_the_plain_build_is_replayed_in_the_plain_build(programs: Path, run_pytest: Run, cli: Run) -> None:
    (programs / "elided.c").write_text(ELIDED)
    (programs / "test_elided.py").write_text(
        "from redactfuzz import native\n"
        "test_elided = native.scenario('elided.c', crash='kill', flags=['-O2'], seconds=20, executions=500)\n"
    )
    ran = run_pytest("test_elided.py")
    assert "removed by the optimiser" in " ".join(ran.out.split()), ran.both
    (repro,) = (programs / ".redactfuzz").glob("elided-*.rfz.json")
    assert cli("replay", repro).code == 1
    again = run_pytest("test_elided.py", "--redactfuzz-replay", repro)
    assert again.code == 1, again.both
    assert "LEAK" in again.out


@pytest.mark.skipif(shutil.which("gdb") is None, reason="there is no gdb")
def test_gdb_stops_at_a_failed_assert_and_says_where_nobody_dies(programs: Path, cli: Run) -> None:
    (programs / "counts.c").write_text(COUNTS)
    record = cli("run", "counts.c", "--crash", "none", *BUDGET, "--json", "--", "1").record
    assert record["bug"]["kind"] == "failed assert"
    ran = cli("replay", record["repro"], "--gdb")
    assert "SIGTRAP" in ran.both, ran.both
    assert "dies by itself" in ran.both
    (programs / "waits.c").write_text(WAITS)
    record = cli("run", "waits.c", "--crash", "none", *BUDGET, "--json").record
    assert record["bug"]["kind"] == "deadlock"
    refused = cli("replay", record["repro"], "--gdb")
    assert refused.code == 2, refused.both
    assert "nobody dies in it (deadlock)" in refused.both


@pytest.mark.skipif(shutil.which("gdb") is None, reason="there is no gdb")
def test_gdb_stops_where_the_process_dies(programs: Path, cli: Run) -> None:
    record = cli("run", "rotate.c", *BUDGET, "--json").record
    ran = cli("replay", record["repro"], "--gdb")
    assert "SIGSEGV" in ran.both, ran.both


def test_a_limit_of_file_size_is_told_as_one(programs: Path, cli: Run) -> None:
    (programs / "rotate.c").write_text(LEAKY)
    cli("run", "rotate.c", *BUDGET)  # what is built by now needs no more room
    limited = ("sh", "-c", 'ulimit -f 1000; exec "$@"', "sh", COMMAND)
    ran = run_in(programs, *limited, "run", "rotate.c", *BUDGET, "--json")
    assert ran.record["verdict"] == "ERROR", ran.both
    assert "cannot be shared with the process that runs the program" in ran.record["reason"]
    assert "ulimit -f" in ran.record["reason"]
