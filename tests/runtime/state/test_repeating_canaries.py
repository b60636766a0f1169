"""Where each execution has a process of its own, what follows from repeating canaries is made once, not in each."""

from __future__ import annotations

import importlib
import mmap
import os
import struct
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from driving import randomly, run

from redactfuzz import Race, literal, rsa
from redactfuzz.model.plan import Isolation
from redactfuzz.scan.matcher import Matcher, Planted

BITS = 512
EXECUTIONS = 10


def two_keys(race: Race) -> None:
    first, second = race.canary("first", rsa(BITS)), race.canary("second", rsa(BITS))
    box = [first.text]
    scrub = race.redactor(lambda texts: ["gone" for _ in texts])
    race.thread(lambda: box.append(second.text), name="adds")
    race.crash(lambda: scrub(box))


def leaks_second(race: Race) -> None:
    first, second = race.canary("first", rsa(BITS)), race.canary("second", rsa(BITS))
    box = [first.text]
    scrub = race.redactor(lambda texts: ["gone", *texts[1:]])
    race.thread(lambda: box.append(second.text), name="adds")
    race.crash(lambda: scrub(box))


@pytest.mark.parametrize("in_package", [True, False])
@pytest.mark.parametrize("keeps", [True, False])
def test_what_a_module_keeps_that_is_imported_at_first_use_needs_a_process_each_and_the_import_alone_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_package: bool, keeps: bool
) -> None:
    """A canary that repeats could not be told from the one that an execution before has left there."""
    base = f"imported_{'with' if keeps else 'without'}_{'package' if in_package else 'module'}"
    folder = tmp_path / base if in_package else tmp_path
    folder.mkdir(exist_ok=True)
    name = f"{base}.part" if in_package else base
    (folder / ("part.py" if in_package else f"{base}.py")).write_text(
        "SEEN = []\ndef use(key):\n    return len(key)\ndef keep(key):\n    SEEN or SEEN.append(key)\n"
    )
    if in_package:
        (folder / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    if in_package:
        importlib.import_module(base)

    def imports(race: Race) -> None:
        key = race.canary("key", literal("kT9vQ2mZx7LrB4nW8sYd")).text
        part = importlib.import_module(name)
        (part.keep if keeps else part.use)(key)
        race.thread(lambda: int("1"), name="works")
        race.crash(lambda: "dump")

    ran = run(imports, randomly(EXECUTIONS), isolation=Isolation.AUTO)
    assert ran.counters.executions == EXECUTIONS
    assert ran.isolation is (Isolation.PROCESS if keeps else Isolation.NONE)
    for loaded in (name, base):
        sys.modules.pop(loaded, None)


def test_searches_for_keys_are_made_by_the_first_two_processes_and_inherited_by_all_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    noted = mmap.mmap(-1, 1 << 12)  # shared with the children; a file would be the scenario's doing
    plant = Matcher._try_to_plant

    def notes(self: Matcher, planted: Sequence[Planted]) -> bool:
        done = plant(self, planted)
        if done and any(one.source.label for one in planted):  # parts of a key
            at = next(at for at in range(0, len(noted), 4) if not any(noted[at : at + 4]))
            noted[at : at + 4] = os.getpid().to_bytes(4, "little")
        return done

    monkeypatch.setattr(Matcher, "_try_to_plant", notes)
    ran = run(two_keys, randomly(EXECUTIONS), isolation=Isolation.PROCESS)
    assert ran.counters.executions == EXECUTIONS
    assert ran.counters.dumps == EXECUTIONS
    processes = {pid for (pid,) in struct.iter_unpack("<I", noted)} - {0}
    assert os.getpid() in processes
    assert len(processes) == 3  # each name has two keys, which take turns


def test_a_leak_of_either_key_is_found_in_processes_that_inherited_the_search() -> None:
    ran = run(leaks_second, randomly(4 * EXECUTIONS), isolation=Isolation.PROCESS)
    leaks = [(outcome.execution, leak.canary) for outcome in ran.outcomes for leak in outcome.leaks]
    assert {canary for _, canary in leaks} == {"second"}
    late = {execution % 2 for execution, _ in leaks if execution > 2}
    assert late == {0, 1}  # of both keys of that name
