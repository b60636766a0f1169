"""Spoiled dumps by the hundred thousand: no crash, no hang, no memory without bound.

scan_fuzz.py [CASES] [PROCESSES]
"""

from __future__ import annotations

import json
import mmap
import os
import resource
import signal
import struct
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import attrs
from hypothesis import HealthCheck, Phase, given, seed, settings
from shared import cores, record

sys.path.insert(0, str(record.ROOT / "tests" / "unit" / "dumps"))
sys.path.insert(0, str(record.ROOT / "tests" / "unit" / "scan" / "keys"))
import fuzzing

CASES = 100_000
SECONDS = 10.0
"""A case that takes longer hangs: most take some milliseconds."""
MEMORY = 2 << 30
"""Address space of a process. What it takes of real memory is measured."""
GROWTH = 64 << 20
"""Bytes that a process may have grown between a tenth of its cases and the last."""
HYPOTHESIS = 0.2
"""Share of the cases that Hypothesis puts together; the others are mutated samples."""
BATCH = 500
_STATE = struct.Struct("<QQ")
"""Cases begun, and the one at work."""


def batches(cases: int) -> list[tuple[str, int, int]]:
    """(how, first, end). Numbers are seeds: the same number is the same case."""
    drawn = int(cases * HYPOTHESIS)
    return [("pieces", first, min(first + BATCH, drawn)) for first in range(0, drawn, BATCH)] + [
        ("mutated", first, min(first + BATCH, cases)) for first in range(drawn, cases, BATCH)
    ]


# -- in a process of its own


class Worker:
    """Runs batches of cases, and keeps in a shared file which one it is at."""

    def __init__(self, folder: Path, number: int) -> None:
        self._samples = fuzzing.samples(folder / "real")
        home = folder / f"work{number}"
        home.mkdir(exist_ok=True)
        self._scanner = fuzzing.Scanner(home)
        with (folder / f"state{number}").open("rb+") as file:
            self._state = mmap.mmap(file.fileno(), _STATE.size)
        self._begun = 0

    def serve(self) -> None:
        """Batches come as lines of JSON. A line follows each failure at once, and one the end of the batch."""
        for line in sys.stdin:
            how, first, end = json.loads(line)
            self._pieces(first, end) if how == "pieces" else self._mutated(first, end)
            usage = resource.getrusage(resource.RUSAGE_SELF)
            print(json.dumps({"peak": usage.ru_maxrss << 10}), flush=True)

    def _mutated(self, first: int, end: int) -> None:
        for number, data in fuzzing.cases(self._samples, range(first, end)):
            self._one(number, data)

    def _pieces(self, first: int, end: int) -> None:
        @seed(first)
        @settings(
            max_examples=end - first,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(fuzzing.pieced(self._samples))
        def run(data: bytes) -> None:
            self._one(first, data)

        run()

    def _one(self, number: int, data: bytes) -> None:
        self._begun += 1
        self._state[:] = _STATE.pack(self._begun, number)
        try:
            self._scanner.check(data)
        except BaseException as error:
            at = traceback.extract_tb(error.__traceback__)[-1]
            what = f"{type(error).__name__} at {Path(at.filename).name}:{at.lineno}"
            print(json.dumps({"failure": (number, what)}), flush=True)


# -- the one that gives out work


@attrs.define
class Process:
    """A worker, what it was given, and since when it has been at the same case."""

    number: int
    folder: Path
    work: tuple[str, int, int] | None = None
    begun: int = 0
    """Cases that this process began, as seen last."""
    since: float = 0.0
    process: subprocess.Popen[str] | None = None
    peaks: list[int] = attrs.field(factory=list)

    def state(self) -> tuple[int, int]:
        begun, number = _STATE.unpack((self.folder / f"state{self.number}").read_bytes())
        return begun, number

    def start(self) -> None:
        (self.folder / f"state{self.number}").write_bytes(bytes(_STATE.size))
        self.begun = 0
        line = [sys.executable, __file__, "--worker", str(self.folder), str(self.number)]
        self.process = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        os.set_blocking(self.pipe.fileno(), False)

    @property
    def pipe(self) -> IO[str]:
        assert self.process is not None
        assert self.process.stdout is not None
        return self.process.stdout

    def give(self, work: tuple[str, int, int]) -> None:
        assert self.process is not None
        assert self.process.stdin is not None
        self.work, self.since = work, time.monotonic()
        print(json.dumps(work), file=self.process.stdin, flush=True)

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.communicate()


@attrs.define
class Tally:
    """What went wrong: (how the case was made, its number, what happened)."""

    run: int = 0
    crashes: list[tuple[str, int, str]] = attrs.field(factory=list)
    hangs: list[tuple[str, int]] = attrs.field(factory=list)
    failures: list[tuple[str, int, str]] = attrs.field(factory=list)


def limits() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 << 20, 64 << 20))


def watch(one: Process, tally: Tally) -> bool:
    """Look after a process; whether it is free."""
    assert one.process is not None
    assert one.work is not None
    how, _, end = one.work
    begun, number = one.state()
    now = time.monotonic()
    if begun != one.begun:
        one.begun, one.since = begun, now
    while answer := one.pipe.readline():
        said = json.loads(answer)
        if "failure" not in said:
            tally.run += end - one.work[1]
            one.peaks.append(said["peak"])
            return True
        case, what = said["failure"]
        tally.failures.append((how, case, what))
    status = one.process.poll()
    if status is None and now - one.since < SECONDS * (1 if begun else 6):  # before the first, it starts
        return False
    if status is None:
        tally.hangs.append((how, number))
    else:
        tally.crashes.append((how, number, signal.Signals(-status).name if status < 0 else f"exit {status}"))
    one.stop()
    one.start()
    # The rest of the batch. What Hypothesis made is known by the seed of its batch only, and the batch is given up.
    rest = (how, number + 1, end) if how == "mutated" and begun else (how, end, end)
    tally.run += rest[1] - one.work[1]
    if rest[1] < end:
        one.give(rest)
        return False
    return True


def samples(folder: Path) -> None:
    """The beginnings and ends of real cores, and what the corpus of dumps has."""
    (folder / "real").mkdir()
    for program in (
        cores.Program("python", (sys.executable, "-c", "import ssl, os; os.abort()"), 10),
        cores.Program("sh", ("sh", "-c", "kill -ABRT $$"), 10),
    ):
        core = cores.core_of(program, folder)
        if core is not None:
            data = core.read_bytes()
            (folder / "real" / program.name).write_bytes(data[: fuzzing.MOST])
    corpus = record.ROOT / "corpora" / "dumps"
    for path in sorted(corpus.rglob("*")) if corpus.exists() else ():
        if path.is_file():
            (folder / "real" / f"corpus-{path.name}").write_bytes(path.read_bytes()[: fuzzing.MOST])


def main() -> None:
    if sys.argv[1:2] == ["--worker"]:
        limits()
        Worker(Path(sys.argv[2]), int(sys.argv[3])).serve()
        return
    cases = int(sys.argv[1]) if len(sys.argv) > 1 else CASES
    parallel = int(sys.argv[2]) if len(sys.argv) > 2 else len(os.sched_getaffinity(0))
    cores.check()
    started, tally = time.monotonic(), Tally()
    with tempfile.TemporaryDirectory(dir=cores.place(1 << 30)) as name:
        folder = Path(name)
        samples(folder)
        real = len(list((folder / "real").iterdir()))
        todo = batches(cases)[::-1]
        processes = [Process(number, folder) for number in range(parallel)]
        busy = []
        try:
            for one in processes:
                one.start()
                if todo:
                    one.give(todo.pop())
                    busy.append(one)
            while busy:
                time.sleep(0.02)
                for one in list(busy):
                    if watch(one, tally):
                        if todo:
                            one.give(todo.pop())
                        else:
                            busy.remove(one)
        finally:
            for one in processes:
                one.stop()
    report(tally, processes, real, time.monotonic() - started)


def report(tally: Tally, processes: Sequence[Process], real: int, seconds: float) -> None:
    peak = max(max(one.peaks, default=0) for one in processes)
    grown = max((one.peaks[-1] - one.peaks[len(one.peaks) // 10] for one in processes if one.peaks), default=0)
    bad = len(tally.crashes) + len(tally.hangs) + len(tally.failures)
    met = bad == 0 and tally.run >= CASES and grown <= GROWTH
    rows = [
        ("cases", tally.run),
        ("crashes", len(tally.crashes)),
        (f"longer than {SECONDS:g} s", len(tally.hangs)),
        ("exceptions and wrong answers", len(tally.failures)),
        ("largest process, MB", peak >> 20),
        ("growth between a tenth of the cases and the end, MB", grown >> 20),
        ("minutes", seconds / 60),
        ("processes", len(processes)),
    ]
    text = record.table(("", ""), rows)
    wrong = [*tally.crashes[:10], *((*one, "hang") for one in tally.hangs[:10]), *tally.failures[:20]]
    for how, number, what in wrong:
        text += f"\n\n- {how} {number}: {what}"
    text += (
        f"\n\nThe aim of {CASES:,} cases without any of it is **{'met' if met else 'not met'}**."
        f"\n\nEach case is a file that `scan` reads wholly, with canaries, a modulus and all"
        " detectors; then each reader,"
        " each unpacker and each detector is given the bytes, whether it recognises them or not, and what they say must"
        " lie within the file. Samples are every format and every notation of a key, built in"
        f" `tests/unit/dumps/fuzzing.py`, and {real} real ones. A fifth of the cases is put together by Hypothesis, the"
        f" others are mutated samples. A process has {MEMORY >> 30} GiB of address space and {SECONDS:g} s for a case."
    )
    record.save("scan_fuzz", "Spoiled dumps", text, attrs.asdict(tally) | {"peak": peak, "grown": grown})


if __name__ == "__main__":
    main()
