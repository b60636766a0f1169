"""Whole campaigns over real programs, with the real driver."""

from __future__ import annotations

import json
import platform
import re
from pathlib import Path
from typing import Any

import attrs
import pytest
import sources
from click import UsageError

from redactfuzz import LeakFound, explore, native, raw, token
from redactfuzz.campaign.checks import confirmation
from redactfuzz.campaign.files.store import load
from redactfuzz.campaign.targets.program import ProgramTarget
from redactfuzz.cli.found import found as find_of
from redactfuzz.dumps.producers.core_pattern import Destination
from redactfuzz.model.finding import Report
from redactfuzz.model.outcome import BugKind, LeakKind
from redactfuzz.model.plan import Policy, Stage
from redactfuzz.model.schedule import Action
from redactfuzz.model.verdict import Verdict
from redactfuzz.native.run import real
from redactfuzz.native.run.program import Program, ProgramError, from_json, to_json
from redactfuzz.report.rows import Mark, rows

pytestmark = pytest.mark.skipif(platform.machine() != "x86_64", reason="cores are confirmed on x86-64")
SECONDS = 20.0


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def scenario(text: str, **options: Any) -> Any:
    Path("rotate.c").write_text(text)
    given = {"seconds": SECONDS, "executions": 3_000, **options}
    return native.scenario(Path.cwd() / "rotate.c", **given)


def found(text: str, **options: Any) -> Report:
    return explore(scenario(text, **options))


def test_a_leak_is_found_confirmed_and_explained() -> None:
    report = found(sources.LEAKY)
    assert report.verdict is Verdict.LEAK, report.reason
    finding = report.finding
    assert finding is not None
    assert finding.kind is LeakKind.TRANSIENT
    assert {leak.canary for leak in finding.leaks} == {"signing key"}
    assert "stack of 'rotate'" in finding.leaks[0].where
    assert any("confirmed: a process that really died left it in the kernel's core" in note for note in report.notes)
    assert any("the plain build, its threads in order and struck at rotate.c:" in note for note in report.notes)
    assert finding.window is not None
    assert any("memcpy(copy, redactfuzz_canary" in step.source for step in finding.steps)


def test_the_example_of_the_how_to_page_leaks_as_it_says() -> None:
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "native-programs.md").read_text("utf-8")
    Path("signer.c").write_text(page.partition("```c\n")[2].partition("```")[0])
    report = explore(native.scenario(Path.cwd() / "signer.c", seconds=SECONDS))
    assert report.verdict is Verdict.LEAK, report.reason
    finding = report.finding
    assert finding is not None
    assert finding.preemptions == 1
    assert any(note.startswith("confirmed: ") for note in report.notes)
    assert finding.leaks[0].where.startswith("global variable key; last written at signer.c:23 by 'load'")


IN_HANDLER = (
    sources.HEAD
    + """#include <sys/prctl.h>
static unsigned char key[32];
static volatile int wiping;
REDACTFUZZ_REDACTOR static void wipe(void) { wiping = 1; explicit_bzero(key, sizeof key); }
static void on_crash(int number)
{
    prctl(PR_SET_DUMPABLE, 1);
    wipe();
    signal(number, SIG_DFL);
    raise(number);
}
int main(void)
{
    prctl(PR_SET_DUMPABLE, 0);
    signal(SIGSEGV, on_crash);
    memcpy(key, redactfuzz_canary("signing key", sizeof key), sizeof key);
    return 0;
}
"""
)


def test_a_crash_that_strikes_at_the_end_of_itself_is_told_before_the_one_inside_its_handler() -> None:
    finding = found(IN_HANDLER).finding
    assert finding is not None
    assert [step.struck for step in finding.steps if step.struck] == ["main"]
    assert [step.action for step in finding.steps if step.action] == [Action.CRASH]
    assert finding.cause.startswith(
        "The crash struck when 'main' had brought the process to its end; then the second crash struck "
    )
    rows_of_crashes = [row for row in rows(finding.steps, finding.window) if row.mark is Mark.CRASH]
    assert len(rows_of_crashes) == 2


def test_without_a_redactor_a_race_is_told_as_one_all_the_same() -> None:
    report = found(sources.LEAKY.replace("REDACTFUZZ_REDACTOR ", ""))
    assert report.verdict is Verdict.LEAK, report.reason
    assert report.finding is not None
    assert report.finding.kind is LeakKind.TRANSIENT
    assert "plain build" not in report.finding.cause


def test_calling_a_scenario_raises_when_it_leaks() -> None:
    with pytest.raises(LeakFound):
        scenario(sources.LEAKY)()


def test_the_fixed_twin_passes_with_its_controls_and_says_what_it_is_about() -> None:
    report = found(sources.FIXED)
    assert report.verdict.passed, report.reason
    certificate = report.certificate
    assert certificate is not None
    assert [control.passed for control in certificate.controls] == [True] * 4
    assert any("processes that really died" in text for text in certificate.counts)
    assert any("plain build" in text for text in certificate.counts)
    assert certificate.inputs == ("crash SIGSEGV", "the same canaries in every execution")
    assert any("sequentially consistent" in text for text in certificate.assumptions)
    assert certificate.python == ""


def test_a_wipe_that_the_optimiser_removes_is_a_leak_of_the_plain_build_alone() -> None:
    report = found(sources.ELIDED, flags=["-O2"], crash="kill")
    assert report.verdict is Verdict.LEAK, report.reason
    assert report.finding is not None
    assert "removed by the optimiser" in report.finding.cause
    kept = sources.ELIDED.replace("memset(copy, 0, 32)", "explicit_bzero(copy, 32)")
    assert "removed by the optimiser" not in str(found(kept, flags=["-O2"], crash="kill"))


def test_a_program_without_a_canary_is_checked_by_its_other_oracles() -> None:
    report = found(sources.ASSERTS, crash="none")
    assert report.verdict is Verdict.BUG, report.reason
    assert report.finding is not None
    assert report.finding.bug is not None
    assert report.finding.bug.kind is BugKind.ASSERT
    assert "counted == 2" in report.finding.bug.summary
    safe = found(sources.SAFE, crash="none")
    assert safe.verdict.passed, safe.reason
    assert [control.detail for control in safe.controls[:3]] == ["not applicable: the program has no canary"] * 3


def test_a_small_program_is_proved() -> None:
    report = found(sources.SAFE, crash="none", executions=100_000)
    assert report.verdict is Verdict.PROVED, report.reason


def test_a_machine_that_chooses_otherwise_what_cores_hold_is_told_of() -> None:
    chosen = Path("/proc/self/coredump_filter")
    usual, before = found(sources.SAFE, executions=100), chosen.read_text("ascii").strip()
    try:
        chosen.write_text("0x23", "ascii")  # no pages of headers
        report = found(sources.SAFE, executions=100)
    finally:
        chosen.write_text(f"0x{before}", "ascii")
    assert usual.verdict.passed
    assert report.verdict is usual.verdict
    told = "the filter of cores is 0x23 here"
    assert told in str(report.certificate)
    assert told not in str(usual.certificate)


def test_a_deadlock_says_who_holds_what() -> None:
    report = found(sources.DEADLOCK, crash="none")
    assert report.verdict is Verdict.BUG, report.reason
    assert report.finding is not None
    bug = report.finding.bug
    assert bug is not None
    assert bug.kind is BugKind.DEADLOCK
    assert "'forth' waits for" in bug.detail
    assert "'back' waits for" in bug.detail


def test_oracles_that_are_not_asked_for_are_no_bugs() -> None:
    report = found(sources.ASSERTS, crash="none", oracles=["deadlock"])
    assert report.verdict.passed, report.reason


def test_no_dump_at_all_is_a_bug_when_it_is_asked_for() -> None:
    report = found(sources.SAFE, crash="none", oracles=["dump"])
    assert report.finding is not None
    assert report.finding.bug is not None
    assert report.finding.bug.kind is BugKind.NO_DUMP


def test_a_canary_in_the_environment_and_arguments_of_its_own() -> None:
    options = {"canaries": {"api key": token()}, "env": {"KEY": "api key", "LANG": "C"}, "crash": "none"}
    report = found(sources.GIVEN, args=["--verbose"], **options)
    assert report.verdict is Verdict.LEAK, report.reason
    assert report.finding is not None
    assert {leak.dump for leak in report.finding.leaks} == {"report.txt"}
    assert report.finding.kind is LeakKind.SEQUENTIAL
    silent = found(sources.GIVEN, **options)
    assert silent.verdict is Verdict.VACUOUS  # nothing is declared to be a redactor


def test_a_redactor_may_be_named() -> None:
    text = sources.FIXED.replace("REDACTFUZZ_REDACTOR static void wipe", "static void wipe")
    assert found(text).verdict is Verdict.VACUOUS
    assert found(text, redactor="wipe").verdict.passed
    missing = found(text, redactor="no_such_function")
    assert missing.verdict is Verdict.ERROR
    assert missing.reason is not None
    assert "no_such_function is no function" in missing.reason.what


def test_a_file_that_a_child_of_fork_wrote_is_confirmed() -> None:
    text = """#include <fcntl.h>
#include <redactfuzz.h>
#include <sys/wait.h>
#include <unistd.h>
int main(void)
{
    const unsigned char *key = redactfuzz_canary("signing key", 32);
    pid_t child = fork();
    if (child == 0) {
        int dump = open("state.dump", O_CREAT | O_WRONLY, 0600);
        _exit(write(dump, key, 32) != 32);
    }
    waitpid(child, NULL, 0);
    return 0;
}
"""
    report = found(text, crash="none")
    assert report.verdict is Verdict.LEAK, report.reason
    assert any("the file state.dump (32 bytes)" in note for note in report.notes), report.notes


def test_what_a_child_of_fork_has_forbidden_is_not_excused_by_its_parent() -> None:
    text = """#include <redactfuzz.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
unsigned char key[32];
int main(void)
{
    redactfuzz_allow("signing key");
    memcpy(key, redactfuzz_canary("signing key", sizeof key), sizeof key);
    if (fork() == 0) {
        redactfuzz_forbid("signing key");
        raise(SIGABRT);
    }
    wait(NULL);
    return 0;
}
"""
    report = found(text, crash="none")
    assert report.verdict is Verdict.LEAK, report.reason
    assert any("in the core of child 1" in note for note in report.notes), report.notes


def test_what_does_not_compile_is_the_scenarios_error() -> None:
    report = found("int main(void) { return nothing; }\n")
    assert report.verdict is Verdict.ERROR
    assert report.reason is not None
    assert "does not compile" in report.reason.what
    assert "rotate.c:1:25: error" in report.reason.remedy


def test_where_the_kernel_gives_no_core_it_is_written_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(real, "destination", lambda: Destination("core_pattern hands cores to a program"))
    report = found(sources.LEAKY)
    assert report.verdict is Verdict.LEAK, report.reason
    assert any("redactfuzz wrote itself, because core_pattern hands" in note for note in report.notes), report.notes


def test_a_leak_that_cannot_be_confirmed_is_inconclusive(monkeypatch: pytest.MonkeyPatch) -> None:
    searched = confirmation._seen

    def blind(*given: Any) -> confirmation.Seen:
        seen = searched(*given)
        return attrs.evolve(seen, inspection=attrs.evolve(seen.inspection, leaks=()))

    monkeypatch.setattr(confirmation, "_seen", blind)
    report = found(sources.LEAKY)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert report.reason is not None
    assert "seen in memory, but a process that really died" in report.reason.what


def test_a_clean_execution_that_leaks_on_disk_is_an_internal_error_that_is_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    leaky = explore(scenario(sources.LEAKY))
    assert leaky.finding is not None
    leaks = leaky.finding.leaks
    searched = confirmation._seen

    def wild(*given: Any) -> confirmation.Seen:
        seen = searched(*given)
        return attrs.evolve(seen, inspection=attrs.evolve(seen.inspection, leaks=leaks))

    monkeypatch.setattr(confirmation, "_seen", wild)
    report = found(sources.FIXED)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert report.reason is not None
    assert report.reason.what.startswith("Internal error: the search in memory saw nothing")


def test_confirmations_leave_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Path] = []

    def here() -> Path:
        made.append(tmp_path)
        return tmp_path

    monkeypatch.setattr("redactfuzz.campaign.checks.confirmation._parent", here)
    found(sources.LEAKY)
    assert made
    assert {path.name for path in tmp_path.rglob("redactfuzz-*/*")} == {"lock"}, "the folder of this run is empty"


def test_no_secret_is_in_the_repro_file_and_it_holds_the_program() -> None:
    report = found(sources.LEAKY)
    assert report.finding is not None
    repro = load(Path(report.finding.repro))
    assert repro.path == "rotate.c"
    program = from_json(repro.program, Path.cwd())
    assert program.sources == (Path.cwd() / "rotate.c",)
    assert json.loads(Path(report.finding.repro).read_text())["program"]["crash"] == "SIGSEGV"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("flags", ["-fplugin=x.so"]),
        ("flags", ["@x"]),
        ("flags", ["-wrapper", "x"]),
        ("sources", ["../x.c"]),
        ("crash", 3),
    ],
)
def test_a_repro_file_of_somebody_else_must_not_run_what_it_likes(field: str, value: object) -> None:
    report = found(sources.LEAKY)
    assert report.finding is not None
    file = Path(report.finding.repro)
    body = json.loads(file.read_text())
    body["program"][field] = value
    file.write_text(json.dumps(body))
    with pytest.raises(UsageError):
        find_of(file, trust=False)


def test_a_program_is_stored_and_read_again(folder: Path) -> None:
    program = Program((folder / "a.c",), ("-O2",), ("x",), {"A": "b"}, "kill", {"key": raw(32)}, redactors=("wipe",))
    again = from_json(json.loads(json.dumps(to_json(program, folder))), folder)
    assert attrs.asdict(again, recurse=False) == attrs.asdict(program, recurse=False)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"crash": "SIGNOTHING"}, "SIGNOTHING"),
        ({"oracles": ["luck"]}, "luck"),
        ({"canaries": {"k": raw(32)}, "env": {"K": "k"}}, "zero bytes"),
    ],
)
def test_a_description_that_makes_no_sense_is_refused_at_once(options: dict[str, Any], says: str) -> None:
    with pytest.raises(ProgramError, match=says):
        native.scenario("rotate.c", **options)


LATE = (
    sources.HEAD
    + """#include <sys/prctl.h>
static unsigned char early[32], late[32];
static volatile int between;
REDACTFUZZ_REDACTOR static void wipe(void) { explicit_bzero(early, sizeof early); }
static void on_crash(int number)
{
    wipe();
    prctl(PR_SET_DUMPABLE, 1);
    signal(number, SIG_DFL);
    raise(number);
}
static void *sets(void *unused) { between = 1; between = 0; return unused; }
static void *asks(void *unused)
{
    if (between) memcpy(late, redactfuzz_canary("late key", sizeof late), sizeof late);
    return unused;
}
int main(void)
{
    pthread_t first, second;
    prctl(PR_SET_DUMPABLE, 0);
    signal(SIGSEGV, on_crash);
    memcpy(early, redactfuzz_canary("early key", sizeof early), sizeof early);
    pthread_create(&first, NULL, sets, NULL);
    pthread_create(&second, NULL, asks, NULL);
    pthread_join(first, NULL);
    pthread_join(second, NULL);
    return 0;
}
"""
)


def test_a_secret_that_only_some_schedules_ask_for_is_planted_as_well() -> None:
    report = found(LATE)
    assert report.verdict is Verdict.LEAK, report.reason
    assert report.finding is not None
    assert {leak.canary for leak in report.finding.leaks} == {"late key"}


def test_so_is_one_that_a_thread_comes_to_when_another_waits_for_long() -> None:
    asks = "    if (between) memcpy"
    busy = "    if (!between) return NULL;\n    for (int i = 0; i < 32; i++) ((volatile unsigned char *)late)[i] = 0;\n"
    assert asks in LATE
    report = found(LATE.replace(asks, busy + asks))
    assert report.verdict is Verdict.LEAK, report.reason


def test_without_a_redactor_the_control_ends_when_every_secret_was_shown() -> None:
    """It would go on to its limit, for a redactor to be called, and leave no time for the search."""
    report = found(sources.LEAKY.replace("REDACTFUZZ_REDACTOR", ""))
    assert report.verdict is Verdict.LEAK, report.reason
    shown = next(control.detail for control in report.controls if control.name == "redactor bypassed")
    told = re.fullmatch("1 of 1 canaries shown in ([0-9]+) executions; no redactor is declared", shown)
    assert told is not None, shown
    assert int(told[1]) < ProgramTarget.pace.bypassed.together


def test_more_bytes_than_a_secret_has_are_refused_with_their_number() -> None:
    report = found(sources.LEAKY, canaries={"signing key": raw(24)})
    assert report.verdict is Verdict.ERROR
    assert report.reason is not None
    assert report.reason.what == "The program asks for 32 bytes of canary 'signing key', which has 24."


@pytest.mark.parametrize(
    ("asks", "says"),
    [
        ('redactfuzz_canary("key", 1 << 20)', "canary 'key': 1,048,576 bytes are asked for, of at most 16,384."),
        (f'redactfuzz_canary("{"k" * 64}", 16)', "the name of a canary is longer than 63 bytes: kkkkkkkkkkkkkkkk..."),
        (
            'for (char n[] = "00"; n[0] < 57; n[1]++ == 57 ? n[0]++, n[1] = 48 : 0) redactfuzz_canary(n, 16)',
            "90 canaries in one program; at most 64 are possible.",
        ),
    ],
)
def test_secrets_for_which_there_is_no_room_are_refused(asks: str, says: str) -> None:
    report = found(f"#include <redactfuzz.h>\nint main(void) {{ {asks}; return 0; }}\n")
    assert report.verdict is Verdict.ERROR, report.reason
    assert report.reason is not None
    assert report.reason.what.startswith(says)


def test_one_that_could_not_be_planted_in_time_rules_a_pass_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("redactfuzz.native.run.runtime._BY_CHANCE", (Stage(Policy.SEQUENTIAL, limit=1),))
    report = found(LATE.replace("(early, sizeof early)", "(early, sizeof early), explicit_bzero(late, sizeof late)"))
    assert report.verdict is Verdict.INCONCLUSIVE
    assert report.reason is not None
    assert "canary 'late key' is asked for in some schedules only" in report.reason.what


HOLDS = (
    sources.HEAD
    + """#include <semaphore.h>
static unsigned char key[16];
static sem_t loaded, never;
REDACTFUZZ_REDACTOR static void wipe(void) { for (int i = 0; i < 16; i++) ((volatile unsigned char *)key)[i] = 0; }
static void *hold(void *unused)
{
    __asm__ volatile("LOAD" : : "m"(key));
    wipe();
    CLEAR
    sem_post(&loaded);
    sem_wait(&never);
    return unused;
}
int main(void)
{
    pthread_t thread;
    redactfuzz_allow("key");
    const volatile unsigned char *given = redactfuzz_canary("key", sizeof key);
    for (int i = 0; i < 16; i++) key[i] = given[i];
    sem_init(&loaded, 0, 0);
    sem_init(&never, 0, 0);
    pthread_create(&thread, NULL, hold, NULL);
    sem_wait(&loaded);
    redactfuzz_forbid("key");
    return 0;
}
"""
)
"""The key is in a register of a thread that waits, and the main thread is struck."""


SSE = ("movdqu %0, %%xmm15", "pxor %%xmm15, %%xmm15")
HIGHEST = ("vmovdqu32 %0, %%xmm31", "vpxord %%zmm31, %%zmm31, %%zmm31")
"""Of AVX-512, which some processors have."""


@pytest.mark.parametrize(
    ("where", "load", "clear"),
    [
        ("the kernel's core", *SSE),
        ("the core that redactfuzz wrote itself", *SSE),
        ("the kernel's core", *(HIGHEST if "avx512vl" in Path("/proc/cpuinfo").read_text() else SSE)),
    ],
)
def test_registers_of_threads_that_are_not_struck_are_in_the_core(
    where: str, load: str, clear: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "itself" in where:
        monkeypatch.setattr(real, "destination", lambda: Destination("core_pattern hands cores to a program"))
    holds = HOLDS.replace("LOAD", load)
    report = found(holds.replace("CLEAR", ""))
    assert report.verdict is Verdict.LEAK, report.reason
    assert report.finding is not None
    assert [leak.where for leak in report.finding.leaks] == ["registers of 'hold'"]
    assert any("confirmed: " in note and where in note for note in report.notes), report.notes
    cleared = found(holds.replace("CLEAR", f'__asm__ volatile("{clear}" : :);'), executions=200)
    assert cleared.verdict in (Verdict.PROVED, Verdict.NO_LEAK_FOUND), cleared.reason


FRAME = (
    "#define _GNU_SOURCE\n"
    + sources.HEAD
    + """#include <ucontext.h>
static void look(int number, siginfo_t *info, void *context)
{
    const unsigned char *area = (const void *)((ucontext_t *)context)->uc_mcontext.fpregs;
    struct _fpx_sw_bytes told;
    unsigned end;
    memcpy(&told, area + 464, sizeof told);
    assert(told.magic1 == FP_XSTATE_MAGIC1 && told.extended_size == told.xstate_size + sizeof end);
    memcpy(&end, area + told.xstate_size, sizeof end);
    assert(end == FP_XSTATE_MAGIC2);
    assert(memcmp(area + 512, &told.xstate_bv, sizeof told.xstate_bv) == 0);
}
static void *thread(void *unused) { return unused; }
int main(void)
{
    struct sigaction action = {.sa_sigaction = look, .sa_flags = SA_SIGINFO};
    pthread_t other;
    sigaction(SIGUSR1, &action, NULL);
    pthread_create(&other, NULL, thread, NULL);
    raise(SIGUSR1);
    pthread_join(other, NULL);
    return 0;
}
"""
)


def test_a_handler_learns_where_the_vector_registers_in_its_frame_end() -> None:
    """One that wipes them asks the frame how far they go."""
    report = found(FRAME, crash="none")
    assert report.verdict is Verdict.PROVED, report.reason or report.finding
