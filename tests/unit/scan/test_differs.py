"""Two dumps of one program with two values: what differs is told, wherever the kernel has put the segments."""

from __future__ import annotations

import ctypes
import functools
import os
import resource
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from redactfuzz.model.canary import Canary, mint, token
from redactfuzz.model.exposure import DumpReport
from redactfuzz.scan.differs import PlantedValues
from redactfuzz.scan.dump import ScanRequest, scan_dump, with_differences
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.matcher_set import MatcherSet

pytestmark = pytest.mark.once

_PROGRAM = r"""
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
static volatile unsigned char key[32], kept[256];
static void *volatile pointers[4];
static void use(void)
{
    for (int i = 0; i < 32; i++) {
        USE;
    }
    for (int i = 0; i < 32; i++) key[i] = 0;
}
int main(void)
{
    volatile unsigned char *on_heap = malloc(64);
    pointers[0] = (void *)on_heap;
    pointers[1] = (void *)main;
    pointers[2] = (void *)puts;
    pointers[3] = (void *)&pointers;
    for (int i = 0; i < 32; i++) {
        unsigned char byte = 0;
        if (read(0, &byte, 1) != 1) return 9;
        key[i] = byte;
        byte = 0;
        __asm__ volatile("" : : "r"(&byte) : "memory");
    }
    use();
    syscall(SYS_kill, syscall(SYS_getpid), SIGABRT);
    (void)on_heap;
    return 0;
}
"""
_MASKED = "kept[i] = key[i] ^ 0x5a"
_PRODUCTS = "kept[i] = (unsigned char)(key[i] * 77u + 3u)"
_DECIMAL = "for (int k = 2, v = key[i]; k >= 0; k--, v /= 10) kept[3 * i + k] = '0' + v % 10"
_SCATTERED = "if (i < 16) kept[16 * i] = (unsigned char)(key[i] * 77u + 3u)"
_FEW = "if (i < 4) kept[16 * i] = (unsigned char)(key[i] * 77u + 3u)"
_NOTHING = "kept[i] = (unsigned char)(i * 7)"
_ADDR_NO_RANDOMIZE = 0x0040000


@functools.cache
def _secret(number: int) -> Canary:
    return mint(5, "key", token(32), number)


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, int], Path]:
    """The core of a program that makes this of the secret of this number: the kernel moves each anew."""

    @functools.cache
    def built(use: str, name: str) -> Path:
        program = tmp_path_factory.mktemp("program") / name
        source = program.with_suffix(".c")
        source.write_text(_PROGRAM.replace("USE", use), "utf-8")
        subprocess.run(["gcc", "-O1", "-g", str(source), "-o", str(program)], check=True)
        return program

    def made(use: str, number: int, name: str = "program", *, moved: bool = True) -> Path:
        folder, program = tmp_path_factory.mktemp("core"), built(use, name)
        prepare = _allow_core if moved else _allow_core_in_place
        ended = subprocess.run(
            [str(program)], input=_secret(number).bytes, cwd=folder, env={}, preexec_fn=prepare, check=False
        )
        assert ended.returncode == -6
        found = [path for path in folder.iterdir() if path.name.startswith("core")]
        assert found, "no core was written: core_pattern must be relative to the working directory"
        return found[0]

    return made


def _allow_core() -> None:
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))


def _allow_core_in_place() -> None:
    _allow_core()
    ctypes.CDLL(None).personality(_ADDR_NO_RANDOMIZE)


def _planted(number: int | None) -> PlantedValues:
    matcher_set = MatcherSet(thorough=True)
    canaries = () if number is None else (_secret(number),)
    matcher_set.plant(canaries, [])
    return PlantedValues(matcher_set, canaries)


def _report(
    one: Path, other: Path, same: Sequence[Path] = (), numbers: tuple[int | None, int | None] = (1, 2)
) -> DumpReport:
    planted = _planted(numbers[0]), _planted(numbers[1])
    wanted = ScanRequest(planted[0].matcher_set, KnownKeys(), detect=False, canaries=planted[0].canaries)
    return with_differences(scan_dump(one, wanted), other, planted, same, wanted)


def test_a_masked_secret_is_told_by_its_name_and_place(core: Callable[..., Path]) -> None:
    report = _report(core(_MASKED, 1), core(_MASKED, 2))
    named = [one for one in report.differences if one.canary == "key"]
    assert named
    assert any(one.where.symbol.startswith("kept") for one in named)
    assert all(one.sure for one in named)
    assert report.leaks


@pytest.mark.parametrize("use", [_PRODUCTS, _DECIMAL])
def test_what_nobody_can_name_is_told_beside_a_dump_of_the_same_values(core: Callable[..., Path], use: str) -> None:
    report = _report(core(use, 1), core(use, 2), [core(use, 1)])
    places = [one.where.symbol for one in report.differences]
    assert any(symbol.startswith("kept") for symbol in places)
    assert report.leaks


def test_single_bytes_that_lie_apart_are_counted_together(core: Callable[..., Path]) -> None:
    dumps = [core(_SCATTERED, number, moved=False) for number in (1, 2, 1)]
    (told,) = _report(dumps[0], dumps[1], dumps[2:]).differences
    assert told.sure
    assert told.size >= 12  # of 16, some may come out the same
    assert "places" in told.reason


def test_a_few_bytes_that_lie_apart_are_no_secret(core: Callable[..., Path]) -> None:
    dumps = [core(_FEW, number, moved=False) for number in (1, 2, 1)]
    assert _report(dumps[0], dumps[1], dumps[2:]).differences == ()


def test_what_does_not_depend_on_the_secret_is_clean(core: Callable[..., Path]) -> None:
    dumps = [core(_NOTHING, number, moved=False) for number in (1, 2, 1)]
    report = _report(dumps[0], dumps[1], dumps[2:])
    assert report.differences == ()
    assert report.complete


def test_a_copy_on_the_stack_is_told_where_stacks_are_in_their_place(core: Callable[..., Path]) -> None:
    on_stack = "((volatile unsigned char *)&i)[16 + i] = (unsigned char)(key[i] * 77u + 3u)"
    dumps = [core(on_stack, number, moved=False) for number in (1, 2, 1)]
    report = _report(dumps[0], dumps[1], dumps[2:])
    assert any("stack" in one.where.span and one.sure for one in report.differences)


def test_what_the_system_draws_anew_is_not_accused(core: Callable[..., Path]) -> None:
    for same in ([], [core(_NOTHING, 1)]):
        report = _report(core(_NOTHING, 1), core(_NOTHING, 2), same)
        assert not any(one.sure for one in report.differences)
        assert not report.leaks


def test_no_canary_need_be_known(core: Callable[..., Path]) -> None:
    report = _report(core(_PRODUCTS, 1), core(_PRODUCTS, 2), [core(_PRODUCTS, 1)], (None, None))
    assert report.leaks


def test_known_forms_are_left_to_the_scan(core: Callable[..., Path]) -> None:
    plain = "kept[i] = key[i]"
    report = _report(core(plain, 1), core(plain, 2), [core(plain, 1)])
    assert report.exposures
    assert not any(one.where.symbol.startswith("kept") for one in report.differences)


def test_another_program_is_not_compared(core: Callable[..., Path]) -> None:
    report = _report(core(_MASKED, 1), core(_MASKED, 2, "another"))
    assert any("program another, the other one of program" in gap.reason for gap in report.skipped)
    assert report.differences == ()
    assert not report.complete


def test_a_dump_that_is_cut_off_is_not_compared(core: Callable[..., Path]) -> None:
    other = core(_MASKED, 2)
    os.truncate(other, other.stat().st_size // 2)
    report = _report(core(_MASKED, 1), other)
    assert any("it is not compared" in gap.reason and "cut off" in gap.reason for gap in report.skipped)
    assert report.differences == ()


def test_what_is_missing_or_of_another_format_is_said(core: Callable[..., Path], tmp_path: Path) -> None:
    one, text = core(_MASKED, 1), tmp_path / "report.txt"
    text.write_text("nothing\n", "utf-8")
    assert any("format" in gap.reason for gap in _report(one, text).skipped)
    assert any("cannot be compared" in gap.reason for gap in _report(one, tmp_path / "absent").skipped)


def test_nothing_that_is_told_holds_a_secret(core: Callable[..., Path]) -> None:
    report = _report(core(_MASKED, 1), core(_MASKED, 2))
    for secret in (_secret(1), _secret(2)):
        assert not secret.within(repr(report))
