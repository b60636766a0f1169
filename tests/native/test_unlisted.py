"""A form of a secret that no table has: found by comparison in a race as well, confirmed by cores, and replayed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from redactfuzz import Report, Verdict, explore, native
from redactfuzz.model.outcome import UNKNOWN_ENCODING, LeakKind

pytestmark = pytest.mark.once

PROGRAMS = Path(__file__).parent.parent / "truth" / "forms" / "programs"
_RACE = r"""
#include <pthread.h>
#include <redactfuzz.h>
static volatile unsigned char key[32], table[64];
REDACTFUZZ_REDACTOR static void wipe(void)
{
    for (int i = 0; i < 32; i++) key[i] = 0;
}
static void *serve(void *unused)
{
    const volatile unsigned char *secret = redactfuzz_canary("key", 32);
    (void)unused;
    redactfuzz_allow("key");
    for (int i = 0; i < 32; i++) key[i] = secret[i];
    for (int i = 0; i < 32; i++) table[2 * i] = (unsigned char)(key[i] * 53u + 9u);
    wipe();
    redactfuzz_forbid("key"); /* too early: the table is still there */
    for (int i = 0; i < 32; i++) table[2 * i] = 0;
    return NULL;
}
int main(void)
{
    pthread_t server;
    pthread_create(&server, NULL, serve, NULL);
    pthread_join(server, NULL);
    return 0;
}
"""


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _report(source: Path, *flags: str, **options: object) -> Report:
    given = {"seed": 0, "executions": 300, **options}
    return explore(native.scenario(source, flags=["-O1", *flags]), **given)  # type: ignore[arg-type]


def test_a_race_over_an_unknown_form_is_found_and_only_between_its_ends(tmp_path: Path) -> None:
    source = tmp_path / "race.c"
    source.write_text(_RACE, "utf-8")
    report = _report(source, executions=3_000)
    assert report.verdict is Verdict.LEAK, report.reason
    assert report.finding is not None
    assert {leak.encoding for leak in report.finding.leaks} == {UNKNOWN_ENCODING}
    assert report.finding.kind is LeakKind.TRANSIENT
    assert any("global variable table" in leak.where for leak in report.finding.leaks)
    assert any(note.startswith("confirmed: ") for note in report.notes)


def test_the_right_order_passes_and_the_certificate_says_how_many_schedules_were_compared(tmp_path: Path) -> None:
    source = tmp_path / "right.c"
    early = '    redactfuzz_forbid("key"); /* too early: the table is still there */\n'
    end = "    return NULL;\n"
    text = _RACE.replace(early, "").replace(end, '    redactfuzz_forbid("key");\n' + end, 1)
    source.write_text(text, "utf-8")
    report = _report(source, executions=3_000)
    assert report.verdict in (Verdict.PROVED, Verdict.NO_LEAK_FOUND), report.reason
    assert report.certificate is not None
    assert any("run again with other secrets" in told for told in report.certificate.compared)


def test_a_repro_file_shows_it_again_in_a_fresh_process(tmp_path: Path) -> None:
    form = "#define FORM BITSLICED\n"
    (tmp_path / "forms.c").write_text(form + (PROGRAMS / "unlisted_forms.c").read_text("utf-8"), "utf-8")
    command = [sys.executable, "-m", "redactfuzz"]
    options = ["--seed", "0", "--executions", "300"]
    ran = subprocess.run([*command, "run", "forms.c", *options], capture_output=True, text=True, check=False)
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert UNKNOWN_ENCODING in ran.stdout
    (repro,) = (tmp_path / ".redactfuzz").glob("*.rfz.json")
    again = subprocess.run([*command, "replay", str(repro)], capture_output=True, text=True, check=False)
    assert again.returncode == 1, again.stdout + again.stderr
    assert UNKNOWN_ENCODING in again.stdout
