from __future__ import annotations

import contextlib
import functools
import gc
import mmap
import os
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from driving import Ran, bounded
from driving import run as run_with_seed

from redactfuzz import Race, dumps
from redactfuzz.dumps.producers import core_producer
from redactfuzz.dumps.producers.core_pattern import Destination, destination, judged
from redactfuzz.dumps.readers.elf_core import ElfCore
from redactfuzz.dumps.readers.image import Image, Layout
from redactfuzz.model.canary import Canary, integer, mint, probe, raw, rsa, token
from redactfuzz.model.outcome import ProblemKind
from redactfuzz.model.plan import Isolation
from redactfuzz.scan.matcher import Matcher, Planted

READER = ElfCore()
SEED = 20_903
"""Of this file alone: what the tests of other files held of their canaries may still be in this process's memory."""
run = functools.partial(run_with_seed, seed=SEED)


@pytest.fixture(params=["kernel", "own writer"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways in which a core is made."""
    if request.param == "own writer":
        monkeypatch.setattr(core_producer, "destination", lambda: Destination("this test says so"))
    return str(request.param)


def layout(data: bytes) -> Layout:
    return READER.layout(Image("core", data))


def hits(data: bytes, canary: Canary) -> int:
    matcher = Matcher()
    matcher.plant([Planted(source, 0) for source in canary.sources()])
    return len(matcher.scan(data))


def found(ran: Ran) -> set[str]:
    assert not ran.bugs
    assert not ran.fatal
    assert sum(outcome.dumps for outcome in ran.outcomes) == len(ran.outcomes) > 0
    return {leak.canary for outcome in ran.outcomes for leak in outcome.leaks}


def wiping(race: Race) -> None:
    key = race.canary("key")
    buffer = bytearray(key.size)
    key.write_into(buffer)

    def wipe() -> None:
        for index in range(len(buffer)):
            buffer[index] = 0

    race.thread(wipe)
    race.crash(dumps.core, by="kill")


def keeping(race: Race) -> None:
    key = race.canary("key")
    buffer = bytearray(key.size)
    key.write_into(buffer)
    race.enter(contextlib.nullcontext(buffer))
    race.thread(len, buffer)
    race.crash(dumps.core, by="kill")


def using_text(race: Race) -> None:
    held = {"key": race.canary("key").text}
    race.enter(contextlib.nullcontext(held))
    race.thread(len, held)
    race.crash(dumps.core, by="kill")


def of_every_kind(race: Race) -> None:
    """Names that are given after the canaries are searched for them, by the masker, before the crash."""
    kinds = [raw(32), integer(256), probe(), token(48), rsa(1024)]
    keys = [race.canary(f"key {number}", kind) for number, kind in enumerate(kinds)]
    race.witness("something", "that is no secret")
    buffers = [bytearray(key.size) for key in keys]
    for key, buffer in zip(keys, buffers, strict=True):
        key.write_into(buffer)

    def wipe_all_of_them() -> None:
        for buffer in buffers:
            for index in range(len(buffer)):
                buffer[index] = 0

    race.thread(wipe_all_of_them, name="a name that may hold a secret")
    race.crash(dumps.core, by="kill")


def of_bytes(race: Race) -> None:
    key = race.canary("key", raw(32))
    buffer = bytearray(key.size)
    key.write_into(buffer)

    def wipe() -> None:
        buffer[:] = bytes(len(buffer))

    race.thread(wipe)
    race.crash(dumps.core, by="kill")


def written(race: Race) -> None:
    """The buffer is handed to calls that give up the interpreter lock, where the harness looks into it; then wiped."""
    key = race.canary("key")
    key.allow()
    buffer = bytearray(key.size)
    key.write_into(buffer)
    key.forbid()
    out = os.open(os.devnull, os.O_WRONLY)

    def wipe() -> None:
        with memoryview(buffer) as view:
            key.allow()
            os.write(out, view)
            key.forbid()
            os.write(out, b"something else")
        for index in range(len(buffer)):
            buffer[index] = 0
        os.close(out)

    race.thread(wipe)
    race.crash(dumps.core, by="kill")


@pytest.mark.parametrize("body", [wiping, of_bytes, of_every_kind])
def test_a_buffer_that_was_wiped_perfectly_is_in_no_core(body: Callable[[Race], None], way: str) -> None:
    assert found(run(body, isolation=Isolation.AUTO, crash_last=True)) == set()


@pytest.mark.parametrize("body", [keeping, using_text])
def test_a_secret_that_is_kept_is_in_the_core(body: Callable[[Race], None], way: str) -> None:
    assert found(run(body, isolation=Isolation.AUTO, crash_last=True)) == {"key"}


def test_a_wipe_that_the_crash_interrupts_leaves_the_secret_in_the_core() -> None:
    assert found(run(wiping, bounded(1), executions=3, isolation=Isolation.PROCESS)) == {"key"}


def test_what_the_harness_looks_at_leaves_no_copy() -> None:
    assert found(run(written, isolation=Isolation.PROCESS, crash_last=True)) == set()


@pytest.mark.parametrize("handler", [dumps.core, lambda: dumps.core()], ids=["itself", "called by a handler"])
def test_every_execution_gets_a_process_of_its_own_and_what_a_core_lacks_is_told(handler: Any) -> None:
    def body(race: Race) -> None:
        race.canary("key")
        race.thread(len, "x")
        race.crash(handler, by="kill")

    ran = run(body, isolation=Isolation.AUTO)
    assert ran.isolation is Isolation.PROCESS
    told = ran.problem(ProblemKind.INCOMPLETE)
    assert not told.fatal
    assert "registers of other threads" in told.what
    assert dumps.core_note() == told.what


def test_the_core_is_of_this_process_at_this_instant(way: str) -> None:
    canary = mint(SEED, "held", token(40), 1)
    buffer = bytearray(canary.size)
    canary.write_into(buffer)
    whole = layout(data := dumps.core().read_bytes())
    assert not [gap for gap in whole.gaps if not gap.harmless]
    assert hits(data, canary)
    assert any("stack of thread" in span.what for span in whole.spans)
    assert any(span.what.startswith("register xmm3 ") for span in whole.spans)
    assert any(span.mapping.endswith(("[vdso]", "[stack]")) for span in whole.spans)
    assert any("python" in span.mapping for span in whole.spans)
    # Wiping the copy as well: it is ours.
    assert buffer[:1] != b"\0"


def test_threads_of_the_process_are_in_memory_as_they_were_not_as_fork_leaves_them() -> None:
    """os.fork would let go in the child what other threads' frames hold."""
    inside, done = threading.Event(), threading.Event()
    canary = mint(SEED, "in a frame", token(40), 1)

    def hold() -> None:
        local = bytearray(canary.size)
        canary.write_into(local)
        inside.set()
        done.wait()
        local[:] = bytes(len(local))

    thread = threading.Thread(target=hold)
    thread.start()
    inside.wait()
    held = dumps.core()
    done.set()
    thread.join()
    assert hits(held.read_bytes(), canary)


def test_memory_that_is_kept_out_of_dumps_stays_out_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """The own writer leaves out what the kernel leaves out."""
    canary = mint(SEED, "not dumped", token(40), 1)
    with mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as memory:
        with memoryview(memory) as view:
            canary.write_into(view[100 : 100 + canary.size])
        monkeypatch.setattr(core_producer, "destination", lambda: Destination("this test says so"))
        assert hits(dumps.core().read_bytes(), canary)
        memory.madvise(mmap.MADV_DONTDUMP)
        gc.collect()
        assert not hits(dumps.core().read_bytes(), canary)


def test_our_core_has_the_memory_of_the_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    def memory() -> dict[int, int]:
        spans = layout(dumps.core().read_bytes()).spans
        return {span.address: span.end - span.start for span in spans if span.what.startswith("segment")}  # type: ignore[misc]

    dumps.core()
    theirs = memory()
    monkeypatch.setattr(core_producer, "destination", lambda: Destination("this test says so"))
    ours = memory()
    # Memory that was mapped or given back in between, and pages of the kernel itself, may differ.
    shared = theirs.keys() & ours.keys()
    assert len(shared) > 0.9 * max(len(ours), len(theirs))
    assert sum(theirs[address] for address in shared) > 0.9 * sum(theirs.values())


def test_a_core_holds_of_mapped_files_what_the_kernel_says(way: str, tmp_path: Path) -> None:
    """Of a program its first page, all of what was written to or removed; of one that was only read from nothing."""
    pages = {"data": 0, "program": 1, "library": 1, "written": 2, "shared": 0, "removed": 2, "reader": 0}
    page, kept = mmap.PAGESIZE, []
    for name in pages:
        path = tmp_path / f"mapped-{name}"
        path.write_bytes((b"\x7fELF" if name == "library" else b"text").ljust(2 * page, b"."))
        path.chmod(0o700 if name == "program" else 0o600)
        shares, reads = name in ("shared", "removed", "reader"), name not in ("written", "removed")
        file = os.open(path, os.O_RDONLY if name == "reader" else os.O_RDWR)
        protection = mmap.PROT_READ if reads else mmap.PROT_READ | mmap.PROT_WRITE
        memory = mmap.mmap(file, 2 * page, flags=mmap.MAP_SHARED if shares else mmap.MAP_PRIVATE, prot=protection)
        os.close(file)
        if name == "written":
            memory[0] = memory[0]
        if name in ("removed", "reader"):
            path.unlink()
        kept.append(memory)
    lines = [line.partition("mapped-") for line in Path("/proc/self/maps").read_text("utf-8").splitlines()]
    places = {name.split()[0]: int(place.split("-")[0], 16) for place, _, name in lines if name}
    spans = layout(dumps.core().read_bytes()).spans
    sizes = {span.address: span.end - span.start for span in spans if span.what.startswith("segment")}
    assert {name: sizes.get(place, 0) // page for name, place in places.items()} == pages
    for memory in kept:
        memory.close()


def test_the_file_goes_away_with_the_path(way: str) -> None:
    held = dumps.core()
    path = os.fspath(held)
    assert Path(path).stat().st_size == held.size > 1 << 20
    assert Path(path).stat().st_nlink == 0
    del held
    gc.collect()
    assert not Path(path).exists()


def test_a_core_shows_nothing_of_itself() -> None:
    assert repr(dumps.core()).startswith("<Core: ")


def test_a_kernel_that_writes_no_core_is_replaced_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core_producer, "_from_kernel", lambda kernel: None)
    made = dumps.core()
    assert "the kernel wrote none" in made.lacks
    assert struct.unpack_from("<H", made.read_bytes(), 16) == (4,)


@pytest.mark.parametrize(
    ("pattern", "uses_pid", "refused"),
    [
        ("core", False, ""),
        ("core.%p", True, ""),
        ("%e-%t.core", False, ""),
        ("|/usr/lib/systemd/systemd-coredump %P", False, "hands cores to a program"),
        ("@/run/dumps", False, "hands cores to a program"),
        ("/no/such/folder/core.%p", False, "cannot write to (/no/such/folder)"),
        ("/tmp/core", False, "one name in a shared folder"),
        ("/tmp/core.%p", False, ""),
        ("/tmp/core", True, ""),
        ("/tmp/%u/core.%p", False, "cannot write to"),
        ("dumps/core", False, "below the working directory"),
        ("", False, "is empty"),
    ],
)
def test_what_core_pattern_allows(pattern: str, uses_pid: bool, refused: str) -> None:
    told = judged(pattern, uses_pid).refused
    assert (refused in told) if refused else not told


def test_the_core_is_found_under_the_name_that_the_pattern_gives(tmp_path: Path) -> None:
    (tmp_path / "private").mkdir()
    for name in ("python3.77.1700000000", "python3.78.1700000000", "core.77"):
        (tmp_path / name).write_bytes(b"")
    by_pattern = judged(f"{tmp_path}/%e.%p.%t", False)
    assert by_pattern.found(77, tmp_path) == tmp_path / "python3.77.1700000000"
    assert judged(f"{tmp_path}/core", True).found(77, tmp_path) == tmp_path / "core.77"
    assert judged("core", False).found(77, tmp_path / "private") is None


def test_this_machine_lets_the_kernel_write() -> None:
    """Else the tests above have shown one way only."""
    assert not destination().refused, destination().refused
