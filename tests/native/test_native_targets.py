"""Every vulnerable native target leaks as its README says; nothing is found in its fixed twin, searched further."""

from __future__ import annotations

import difflib
import platform
import re
from pathlib import Path
from typing import Any

import pytest

from redactfuzz import Report, Verdict, explore, native, rsa
from redactfuzz.model.outcome import LeakKind

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(platform.machine() != "x86_64", reason="signal_frame and vector registers are x86-64's"),
]
OPENSSL = Path("/usr/include/openssl/ssl.h")

ROOT = Path(__file__).parents[2]
TARGETS = ROOT / "targets" / "native"
SIGNER = ROOT / "targets" / "storm0558" / "native"

TRANSIENT, PERMANENT, SEQUENTIAL = LeakKind.TRANSIENT, LeakKind.PERMANENT, LeakKind.SEQUENTIAL
DOUBLE_FAULT = LeakKind.DOUBLE_FAULT

# What is to be found: the kind, the preemptions that it needs (the crash counted), and executions until then at most:
# twice the most that seeds 1 to 3 need, and never less than 200.
LEAKS = {
    "aba": (TRANSIENT, 4, 340_000),
    "compacting_arena": (PERMANENT, 1, 200),
    "crash_in_redactor": (DOUBLE_FAULT, 1, 40_000),
    "dead_frame": (TRANSIENT, 1, 200),
    "double_buffer": (TRANSIENT, 3, 1_800),
    "elided_wipe": (SEQUENTIAL, 0, 2_001),
    "flag_before_kind": (TRANSIENT, 1, 200),
    "fork_child": (PERMANENT, 1, 200),
    "free_without_wipe": (PERMANENT, 1, 260),
    "lock_skipped": (TRANSIENT, 3, 70_000),
    "mid_memset": (TRANSIENT, 1, 1_100),
    "nested_crash": (DOUBLE_FAULT, 2, 40_000),
    "protect_after_fill": (TRANSIENT, 1, 200),
    "realloc_copy": (PERMANENT, 1, 200),
    "registry_eviction": (TRANSIENT, 2, 10_000),
    "rotation_during_dump": (TRANSIENT, 2, 400),
    "signal_frame": (TRANSIENT, 1, 200),
    "split_write": (PERMANENT, 1, 200),
    "stale_region_list": (TRANSIENT, 2, 200),
    "unprotect_before_wipe": (TRANSIENT, 1, 210),
    "vector_registers": (LeakKind.RESIDUE, 1, 200),
}
ELIDED = "elided_wipe"
"""Leaks in the plain build alone."""
FORKS = "fork_child"
"""No crash strikes in a child of fork, so that nothing is proved: every schedule of the parent is run all the same."""
NAMES = sorted(LEAKS)
RACES = [name for name in NAMES if name != ELIDED]

COUNTS = ("no preemption", "one preemption", "two preemptions", "three preemptions", "four preemptions")
FIX_LINES = 14
"""The fix of a target takes at most so many lines, those that go and those that come."""
EXHAUSTED = 2
"""Preemptions up to which a fixed twin is searched without a gap."""


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def source(target: str, twin: str) -> Path:
    (path,) = (TARGETS / target).glob(f"{twin}.c*")
    return path


def run(target: str, twin: str, **options: Any) -> Report:
    given = {"seed": 1, "seconds": 120.0, "flags": ["-O2"], **options}
    return explore(native.scenario(source(target, twin), **given))


def budget(target: str) -> int:
    return 2_000 if target == ELIDED else LEAKS[target][2]


def test_the_table_names_every_target() -> None:
    assert set(LEAKS) == {path.name for path in TARGETS.iterdir() if path.is_dir()}


@pytest.mark.parametrize("target", NAMES)
def test_the_leak_is_found_within_its_budget_and_confirmed_by_a_process_that_died(target: str) -> None:
    kind, preemptions, executions = LEAKS[target]
    report = run(target, "vulnerable", executions=budget(target))
    assert report.verdict is Verdict.LEAK, report.reason
    finding = report.finding
    assert finding is not None
    assert finding.kind is kind
    assert finding.preemptions == preemptions, "shrunk as far as the other test says that it can be"
    assert report.first_leak_execution is not None
    assert report.first_leak_execution <= executions
    assert Path(finding.repro).is_file()
    assert target == ELIDED or any(note.startswith("confirmed: ") for note in report.notes)
    assert ("removed by the optimiser" in finding.cause) == (target == ELIDED)


def exhausted(target: str) -> Verdict:
    """What is said of a bound within which every schedule was run without a leak."""
    return Verdict.NO_LEAK_FOUND if target == FORKS else Verdict.PROVED


@pytest.mark.parametrize("target", RACES)
def test_it_needs_as_many_preemptions_as_are_stated(target: str) -> None:
    """Every schedule with one fewer is run, without a leak; among those with as many there is one."""
    preemptions = LEAKS[target][1]
    fewer = run(target, "vulnerable", preemptions=preemptions - 1, executions=1_000_000)
    assert fewer.verdict is exhausted(target), fewer.reason
    assert fewer.certificate is not None
    assert fewer.certificate.preemptions == preemptions - 1
    report = run(target, "vulnerable", preemptions=preemptions, executions=1_000_000)
    assert report.verdict is Verdict.LEAK, report.reason
    assert report.finding is not None
    assert report.finding.preemptions == preemptions


@pytest.mark.parametrize("target", NAMES)
def test_nothing_is_found_in_the_fixed_twin(target: str) -> None:
    report = run(target, "fixed", executions=2 * budget(target))
    assert report.verdict in (Verdict.PROVED, Verdict.NO_LEAK_FOUND), report.reason
    assert report.certificate is not None
    assert [control.passed for control in report.certificate.controls] == [True] * 4
    assert report.verdict is Verdict.PROVED or report.executions == 2 * budget(target)


@pytest.mark.parametrize("target", NAMES)
def test_the_fixed_twin_is_proved_up_to_two_preemptions(target: str) -> None:
    report = run(target, "fixed", preemptions=EXHAUSTED, executions=2_000_000)
    assert report.verdict is exhausted(target), report.reason
    assert report.certificate is not None
    assert report.certificate.preemptions == EXHAUSTED


@pytest.mark.parametrize("target", RACES)
def test_one_after_the_other_the_threads_leak_nothing(target: str) -> None:
    report = run(target, "vulnerable", strategy="sequential", executions=300)
    assert report.verdict is Verdict.NO_LEAK_FOUND, report.reason
    assert report.certificate is not None
    assert any(": all" in line for line in report.certificate.covered)  # of many threads the opening runs some


@pytest.mark.skipif(not OPENSSL.exists(), reason="the signer is NOT CHECKED here: no headers of OpenSSL (libssl-dev)")
def test_the_private_numbers_of_a_retired_key_are_found_where_openssl_left_them() -> None:
    canaries = {"signing key": rsa(2048), "next key": rsa(2048)}
    given = {"seed": 1, "seconds": 120.0, "flags": ["-O2", "-lcrypto"], "canaries": canaries}
    report = explore(native.scenario(SIGNER / "vulnerable.c", executions=60, **given))
    assert report.verdict is Verdict.LEAK, report.reason
    assert report.finding is not None
    assert {leak.canary for leak in report.finding.leaks} == {"signing key"}
    clean = explore(native.scenario(SIGNER / "fixed.c", executions=60, **given))
    assert clean.verdict is Verdict.NO_LEAK_FOUND, clean.reason
    assert clean.certificate is not None
    assert clean.certificate.isolation == "process"
    assert any("EVP_DigestSign" in note and "is a library function" in note for note in clean.certificate.notes)
    assert clean.executions >= 2 * (report.first_leak_execution or 60)


# -- what the files say


def changed(first: Path, second: Path) -> list[str]:
    """The lines in which two files differ, marked - and +, comments and blank lines aside."""
    before, after = (without_comments(path.read_text("utf-8")) for path in (first, second))
    return [line for line in difflib.ndiff(before, after) if line[0] in "+-"]


def without_comments(text: str) -> list[str]:
    plain = re.sub(r"/\*.*?\*/|//[^\n]*", "", text, flags=re.DOTALL)
    return [line.rstrip() for line in plain.splitlines() if line.strip()]


@pytest.mark.parametrize("folder", [*(TARGETS / name for name in NAMES), SIGNER], ids=lambda folder: folder.name)
def test_twins_differ_by_the_fix_alone(folder: Path) -> None:
    (vulnerable,), (fixed,) = folder.glob("vulnerable.c*"), folder.glob("fixed.c*")
    assert 1 <= len(changed(vulnerable, fixed)) <= FIX_LINES


def test_the_comparison_sees_code_and_no_comments(tmp_path: Path) -> None:
    first, second = tmp_path / "first.c", tmp_path / "second.c"
    first.write_text("int a; /* one */\n// two\nint b;\n")
    second.write_text("int a;\n\nint c; /* three\n four */\n")
    assert [line.strip() for line in changed(first, second)] == ["- int b;", "+ int c;"]


@pytest.mark.parametrize("target", NAMES)
def test_the_readme_agrees_with_the_table(target: str) -> None:
    kind, preemptions, _ = LEAKS[target]
    text = (TARGETS / target / "README.md").read_text("utf-8")
    (line,) = [line for line in text.splitlines() if line.startswith("Catalogue number ")]
    assert f"Minimal finding: {COUNTS[preemptions]}, the crash counted; {kind}" in line
    parts = ("What it is", "What leaks", "The interleaving", "The fix", "Expected")
    assert all(f"**{part}.** " in text for part in parts)
