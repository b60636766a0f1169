"""What was seen in memory is looked for in what a process leaves that really dies: files, cores, registers."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import Any

import attrs
import pytest
import sources
from campaigning import (
    folder,  # noqa: F401  (a fixture)
    found,
    scenario,
)

from redactfuzz import explore
from redactfuzz.campaign.checks import confirmation
from redactfuzz.dumps.producers.core_pattern import Destination
from redactfuzz.model.verdict import Verdict
from redactfuzz.native.run import real

pytestmark = pytest.mark.skipif(platform.machine() != "x86_64", reason="cores are confirmed on x86-64")


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


def test_a_file_without_the_secret_is_not_named() -> None:
    text = sources.LEAKY.replace("    wipe();\n", '    wipe();\n    (void)!write(2, "crashed\\n", 8);\n')
    assert text != sources.LEAKY
    report = found(text)
    assert report.verdict is Verdict.LEAK, report.reason
    assert any("left it in the kernel's core (" in note for note in report.notes), report.notes


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
    searched = confirmation._search_dumps

    def blind(*given: Any) -> confirmation.DiskSearch:
        seen = searched(*given)
        return attrs.evolve(seen, inspection=attrs.evolve(seen.inspection, leaks=()))

    monkeypatch.setattr(confirmation, "_search_dumps", blind)
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
    searched = confirmation._search_dumps

    def wild(*given: Any) -> confirmation.DiskSearch:
        seen = searched(*given)
        return attrs.evolve(seen, inspection=attrs.evolve(seen.inspection, leaks=leaks))

    monkeypatch.setattr(confirmation, "_search_dumps", wild)
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


OPENS = """static void *rotate(void *unused)
{
    char line[16] = "";
    FILE *settings = fopen("app.ini", "r");
    if (settings == NULL || fgets(line, sizeof line, settings) == NULL || strcmp(line, "daemon\\n") != 0) _exit(3);
    fclose(settings);
"""


@pytest.mark.parametrize(
    ("text", "verdict"), [(sources.LEAKY, Verdict.LEAK), (sources.FIXED, Verdict.NO_LEAK_FOUND)], ids=["leaks", "right"]
)
def test_what_a_program_opens_by_a_relative_path_is_there_where_it_really_dies(text: str, verdict: Verdict) -> None:
    Path("app.ini").write_text("daemon\n")
    opens = text.replace("static void *rotate(void *unused)\n{\n", OPENS)
    assert opens != text
    report = found("#include <stdio.h>\n" + opens, executions=500)
    assert report.verdict is verdict, report.reason
    confirmed = any("confirmed: a process that really died left it" in note for note in report.notes)
    assert confirmed is (verdict is Verdict.LEAK)
    assert {path.name for path in Path.cwd().iterdir()} <= {"app.ini", "rotate.c", ".redactfuzz"}
