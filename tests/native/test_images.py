"""The image of an execution holds what is searched of it, and says which values of the secrets it was made with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from redactfuzz.campaign.face.scenario import program_spec
from redactfuzz.campaign.files.store import Store
from redactfuzz.campaign.session.oracle import default_oracle
from redactfuzz.campaign.session.runtime import program_runtime
from redactfuzz.campaign.session.spec import Options, Settings
from redactfuzz.campaign.session.state import Session
from redactfuzz.model.canary import token
from redactfuzz.model.schedule import Granularity, Schedule
from redactfuzz.native.drive.vault import Way
from redactfuzz.native.run.images import Camera, Part, Picture
from redactfuzz.native.run.program import Program, Route
from redactfuzz.native.run.runtime import NativeRuntime

pytestmark = pytest.mark.once

_SOURCE = r"""
#include <redactfuzz.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
static volatile unsigned char masked[16], drawn[16], of_variable[16];
int main(void)
{
    const unsigned char *key = redactfuzz_canary("key", 16);
    volatile unsigned char *left_out = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const char *variable = getenv("TOKEN");
    unsigned char chance[16];
    FILE *file = fopen("/tmp/report.txt", "w");
    madvise((void *)left_out, 4096, MADV_DONTDUMP);
    getrandom(chance, sizeof chance, 0);
    for (int i = 0; i < 16; i++) {
        masked[i] = key[i] ^ 0x5a;
        left_out[i] = key[i] ^ 0x5a;
        drawn[i] = chance[i];
        of_variable[i] = (unsigned char)(variable[i] ^ 0x11);
        fprintf(file, "%c", 'A' + key[i] % 16);
    }
    fclose(file);
    redactfuzz_allow("TOKEN");
    return 0;
}
"""


@pytest.fixture(scope="module")
def camera(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Camera]:
    folder = tmp_path_factory.mktemp("images")
    source = folder / "images.c"
    source.write_text(_SOURCE, "utf-8")
    program = Program(
        (source,), ("-O1",), canaries={"TOKEN": token(16)}, routes={"TOKEN": Route(Way.VARIABLE, "TOKEN")}
    )
    spec = program_spec(program, Settings())
    runtime = program_runtime()
    assert isinstance(runtime, NativeRuntime)
    session = Session(spec, spec.limits(Options(seed=0)), runtime, Store(folder), default_oracle())
    yield runtime.camera(session.plan_of(Schedule(Granularity.CALLS), seed=0, number=1))
    runtime.close()


def _taken(camera: Camera, values: dict[str, bytes], chance: int = 0, asked: tuple[Part, ...] = ()) -> Picture:
    picture = camera.take(values, chance=chance, asked=asked)
    assert picture is not None
    return picture


def _memory(picture: Picture) -> bytes:
    return b"".join(part.data for part in picture.parts if part.span.is_memory)


def _mask(value: bytes, mask: int = 0x5A) -> bytes:
    return bytes(byte ^ mask for byte in value)


def test_the_same_values_give_the_same_image(camera: Camera) -> None:
    first, second, third = (_taken(camera, {}) for _ in range(3))
    assert second.parts == third.parts
    assert [part.span for part in first.parts] == [part.span for part in third.parts]


def test_other_values_are_in_memory_in_files_and_in_the_environment_and_then_gone(camera: Camera) -> None:
    own, other = camera.values["key"], bytes(range(100, 116))
    before, between, after = _taken(camera, {}), _taken(camera, {"key": other, "TOKEN": b"x" * 16}), _taken(camera, {})
    assert _mask(own) in _memory(before)
    assert _mask(other) in _memory(between)
    assert _mask(own) not in _memory(between)
    assert _mask(b"x" * 16, 0x11) in _memory(between)
    assert _memory(after) == _memory(_taken(camera, {}))
    files = [part.data for part in between.parts if part.span.is_file]
    assert files == [b"/tmp/report.txt", bytes(65 + byte % 16 for byte in other)]  # names are left on disk as well


def test_memory_that_a_kernel_leaves_out_is_left_out(camera: Camera) -> None:
    assert _memory(_taken(camera, {})).count(_mask(camera.values["key"])) == 1


def test_what_may_be_there_is_said(camera: Camera) -> None:
    assert {part.allowed for part in _taken(camera, {}).parts} == {frozenset({"TOKEN"})}


def test_random_numbers_are_others_where_that_is_asked(camera: Camera) -> None:
    _taken(camera, {})
    one, two, three = _taken(camera, {}), _taken(camera, {}, chance=1), _taken(camera, {})
    assert _memory(one) == _memory(three) != _memory(two)


def test_places_are_told_of(camera: Camera) -> None:
    picture = _taken(camera, {})
    part = next(part for part in picture.parts if _mask(camera.values["key"]) in part.data)
    at = part.address + part.data.index(_mask(camera.values["key"]))
    told = _taken(camera, {}, asked=(Part(part.span, at, bytes(16)),)).executed.places
    assert len(told) == 1
    assert "global variable masked" in told[0]


def test_a_value_of_another_length_is_refused(camera: Camera, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="has 16 bytes, not 3"):
        camera.take({"key": b"abc"})
