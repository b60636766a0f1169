"""The gate between a hostile writer and a reader, killed at random moments; and how fast it is beside a scan.

``gate_page.py [DUMPS] [KILLS] [MIB]``: 1,000 dumps, 100 kills, dumps of 64 MiB for the throughput. Writes a page.
"""

from __future__ import annotations

import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import attrs

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "ci" / "bench"))

import from_kernel  # noqa: E402
from shared import record  # noqa: E402
from shared.gate_trial import REDACTFUZZ, Trial  # noqa: E402
from shared.hostile_dumps import Account  # noqa: E402

SEED = 17
CRASHES = 20
ROUNDS = 3
FILES = 4
AIM = 0.7
LARGE, BLOCK = 10 << 30, 64 << 20
SECONDS_A_KILL = 1.5


@attrs.frozen
class Rates:
    """Seconds of each round, for the same dumps."""

    size: int
    scan: list[float]
    gate: list[float]

    @property
    def ratio(self) -> float:
        """Throughput of the gate, that of a scan being 1: of each round, the median."""
        return statistics.median(scan / gate for scan, gate in zip(self.scan, self.gate, strict=True))


def trial(dumps: int, kills: int) -> tuple[Account, Counter[str]]:
    """Counts, and what the gates that were killed had told last."""
    with tempfile.TemporaryDirectory() as folder:
        one = Trial.in_folder(Path(folder) / "trial", SEED)
        return one.run(dumps, kills, kills * SECONDS_A_KILL), one.stages


def filled(path: Path, size: int, chance: random.Random) -> None:
    """Memory as a log and a heap have it: texts, numbers, zeros."""
    words = [chance.randbytes(24).hex().encode() for _ in range(200)]
    with path.open("wb") as file:
        while file.tell() < size:
            text = b" ".join(chance.choices(words, k=4000))
            file.write(text + bytes(100_000) + chance.randbytes(50_000))
        file.truncate(size)


def seconds(*words: object) -> float:
    """Of a command that ends well."""
    started = time.perf_counter()
    subprocess.run([REDACTFUZZ, *map(str, words)], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started


def rates(size: int) -> Rates:
    """The same files, by turns. What a start costs is in both."""
    result = Rates(size * FILES, [], [])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for each in ("from", "to", "quarantine"):
            (folder / each).mkdir()
        for number in range(FILES):
            filled(folder / "from" / f"core.{number}", size, random.Random(number))
        os.sync()
        for _ in range(ROUNDS):
            result.scan.append(seconds("scan", folder / "from"))
            result.gate.append(gate_seconds(folder))
            for number in range(FILES):
                (folder / "to" / f"core.{number}").rename(folder / "from" / f"core.{number}")
                (folder / "to" / f"core.{number}.receipt.json").unlink()
    return result


def gate_seconds(folder: Path) -> float:
    """Of all that is there."""
    places = [folder / name for name in ("from", "to", "quarantine", "log")]
    words = [word for pair in zip(("--from", "--to", "--quarantine", "--log"), places, strict=True) for word in pair]
    return seconds("gate", *words)


def heap(size: int, chance: random.Random) -> bytes:
    """Memory of a large process: most of it zeros and pointers, some of it random, little of it text."""
    words = [chance.randbytes(24).hex().encode() for _ in range(200)]
    made = bytearray()
    while len(made) < size:
        pointers = b"".join((0x7F0000000000 + chance.getrandbits(34) * 16).to_bytes(8, "little") for _ in range(8000))
        made += b" ".join(chance.choices(words, k=40)) + pointers + bytes(120_000) + chance.randbytes(6_000)
    return bytes(made[:size])


def large() -> tuple[float, int]:
    """Seconds and MiB of memory at most, of a gate that lets out a dump that is large, and has no holes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for each in ("from", "to", "quarantine"):
            (folder / each).mkdir()
        block = heap(BLOCK, random.Random(SEED))
        with (folder / "from" / "core").open("wb") as file:
            for _ in range(LARGE // BLOCK):
                file.write(block)
        os.sync()
        taken = gate_seconds(folder)
    return taken, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10


def main() -> int:
    """0 where all is as it should be."""
    dumps, kills, mib = (int(word) for word in (*sys.argv[1:], *("1000", "100", "64")[len(sys.argv) - 1 :]))
    told, stages = trial(dumps, kills)
    print(told, stages, file=sys.stderr, flush=True)
    speed = rates(mib << 20)
    print(speed.ratio, file=sys.stderr, flush=True)
    took, memory = large()
    rows = [
        ("released unscanned, or as nobody wrote it, or without a good receipt", told.unscanned, 0),
        ("lost", told.lost, 0),
        ("released or quarantined twice", told.twice, 0),
        ("throughput of the gate, that of `scan` being 1", speed.ratio, f"at least {AIM}"),
    ]
    moments = ", ".join(f"{name} {count}" for name, count in stages.most_common())
    gib = speed.size / (1 << 30)
    text = (
        f"{dumps:,} dumps of a writer that appends, renames, replaces, links and keeps open what it writes (a canary is"
        f" in what comes later); {kills} gates one after the other, each killed (`kill -9`) at a random moment; and"
        f" somebody takes away what is released. {told.written:,} states of dumps, {told.released:,} released,"
        f" {told.quarantined:,} quarantined (seed {SEED}). What a gate had told last when it was killed: {moments}."
        " `tests/unit/gate/test_every_moment.py` kills it before each of its calls of the kernel, one after the"
        " other.\n\n" + record.table(("", "is", "asked"), rows) + f"\n\nThroughput: {FILES} dumps, {gib:.2f} GiB,"
        f" {ROUNDS} rounds by turns: `scan` {statistics.median(speed.scan):.2f} s, the gate"
        f" {statistics.median(speed.gate):.2f} s (median), their starts included; the gate reads each dump, copies and"
        f" hashes it, scans the copy, and waits for the disk. A dump of {LARGE >> 30} GiB without holes left in"
        f" {took:.0f} s; no process took more than {memory:,} MiB of memory, pages of the dump included."
    )
    text += "\n\n" + from_kernel.text(CRASHES)
    data = {"account": attrs.asdict(told), "stages": dict(stages), "rates": attrs.asdict(speed), "ratio": speed.ratio}
    record.save("gate", "A gate for dumps", text, data)
    return 0 if told.good and speed.ratio >= AIM else 1


if __name__ == "__main__":
    sys.exit(main())
