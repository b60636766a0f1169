"""Throughput of the matcher on core-like memory, beside ripgrep, hyperscan and a plain read of the memory.

scan_speed.py [MIB] [ROUNDS]
"""

from __future__ import annotations

import ctypes
import json
import mmap
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from shared import cores, environments, record

from redactfuzz.dumps.readers.opening import UnpackLimits
from redactfuzz.model.canary import Canary, mint, token
from redactfuzz.model.registry import Entry, Registry, registry_to_json
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.matcher import Matcher, Planted
from redactfuzz.scan.matcher_set import MatcherSet

HYPERSCAN = "hyperscan==0.9.1"
AIM_RATE, AIM_SHARE, AIM_TIMES = 5.0, 0.2, 2.0
WINDOWS = {1: 4_300, 5: 21_000, 47: 200_000}
COUNTS = (1, 40, 2_000)
STRIDE = 8
READ = r"""
#include <stddef.h>
#include <stdint.h>
#ifdef __x86_64__
__attribute__((target("avx2")))
#endif
uint64_t read_all(const uint64_t *words, size_t count)
{
    uint64_t sums[8] = {0};
    for (size_t at = 0; at + 8 <= count; at += 8)
        for (size_t lane = 0; lane < 8; lane++)
            sums[lane] ^= words[at + lane];
    return sums[0] ^ sums[1] ^ sums[2] ^ sums[3] ^ sums[4] ^ sums[5] ^ sums[6] ^ sums[7];
}
"""
Run = Callable[[], float]
"""Seconds."""


def canaries(count: int) -> list[Canary]:
    return [mint(4, f"canary{number}", token(32), 1) for number in range(count)]


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def reading(data: mmap.mmap, folder: Path) -> Run:
    """The memory itself, word by word in C: no search can be faster."""
    (folder / "read.c").write_text(READ, "ascii")
    library = folder / "read.so"
    subprocess.run(["gcc", "-O3", "-shared", "-fPIC", folder / "read.c", "-o", library], check=True)
    read_all = ctypes.CDLL(str(library)).read_all
    read_all.restype, read_all.argtypes = ctypes.c_uint64, [ctypes.c_void_p, ctypes.c_size_t]
    address = ctypes.addressof(ctypes.c_char.from_buffer(data))
    return lambda: timed(lambda: read_all(address, len(data) // 8))


def matching(data: mmap.mmap, planted: Sequence[Planted]) -> Run:
    matcher = Matcher(dense=True)
    matcher.plant(planted)

    def run() -> float:
        return timed(lambda: matcher.scan(data, stride=STRIDE))

    return run


def planted(chosen: Sequence[Canary], plain: bool) -> list[Planted]:
    """All forms of each canary, or its plain text alone, as the rivals look for it."""
    return [
        Planted(source, group, plain)
        for group, canary in enumerate(chosen)
        for source in (canary.sources()[:1] if plain else canary.sources())
    ]


def scanning(path: Path, chosen: Sequence[Canary], detect: bool) -> Run:
    """All of ``redactfuzz scan`` but the start of the interpreter: opening, readers, matcher, views, detectors."""
    matcher_set = MatcherSet()
    matcher_set.plant(chosen, [])
    wanted = ScanRequest(matcher_set, KnownKeys(), detect, UnpackLimits())
    return lambda: timed(lambda: scan_dump(path, wanted))


def command(path: Path, chosen: Sequence[Canary], folder: Path) -> Run:
    """The program itself, as a user starts it."""
    registry = folder / f"registry{len(chosen)}.json"
    entries = tuple(Entry(one.name, one.kind, one.number) for one in chosen)
    registry.write_text(registry_to_json(Registry(4, entries)), "utf-8")
    line = [sys.executable, "-m", "redactfuzz", "scan", "--no-keys", "--canaries", str(registry), str(path)]

    def run() -> float:
        started = time.perf_counter()
        done = subprocess.run(line, capture_output=True, check=False)
        if done.returncode not in (0, 5):  # cores one after the other are a damaged core: 5 is right
            sys.exit(f"{' '.join(line)} failed: {done.stderr.decode()[-2000:]}")
        return time.perf_counter() - started

    return run


def ripgrep(path: Path, chosen: Sequence[Canary], folder: Path) -> Run | None:
    program = shutil.which("rg")
    if program is None:
        return None
    patterns = folder / f"patterns{len(chosen)}"
    patterns.write_bytes(b"\n".join(one.bytes for one in chosen))
    line = [program, "-F", "-a", "-c", "-j1", "-f", str(patterns), str(path)]

    def run() -> float:
        seconds = timed(lambda: codes.append(subprocess.run(line, capture_output=True, check=False).returncode))
        if codes[-1] not in (0, 1):
            sys.exit(f"ripgrep failed: exit {codes[-1]}")
        return seconds

    codes: list[int] = []
    return run


class Hyperscan:
    """A process with hyperscan in an environment of its own, which keeps its data mapped and its databases compiled."""

    PROGRAM = """
import json, mmap, sys, time
import hyperscan
with open(sys.argv[1], "rb") as file:
    data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
sum(data[::4096])
patterns = [bytes.fromhex(text) for text in json.load(open(sys.argv[2]))]
databases = {}
for line in sys.stdin:
    count = int(line)
    if count not in databases:
        database = databases[count] = hyperscan.Database()
        chosen = patterns[:count]
        database.compile(
            expressions=[b"".join(b"\\\\x%02x" % byte for byte in one) for one in chosen],
            ids=list(range(count)), elements=count, flags=[hyperscan.HS_FLAG_SINGLEMATCH] * count,
        )
        seen = []
        database.scan(b"--" + b"--".join(chosen), match_event_handler=lambda *match: seen.append(match[0]) and None)
        if set(seen) != set(range(count)):
            sys.exit("hyperscan does not find its own patterns")
    found = []
    started = time.perf_counter()
    databases[count].scan(data, match_event_handler=lambda *match: found.append(match[0]) and None)
    print(json.dumps(time.perf_counter() - started), flush=True)
"""

    def __init__(self, path: Path, chosen: Sequence[Canary], folder: Path) -> None:
        python = environments.separate("hyperscan", HYPERSCAN)
        patterns = folder / "patterns.json"
        patterns.write_text(json.dumps([one.bytes.hex() for one in chosen]), "ascii")
        self._process = subprocess.Popen(
            [python, "-c", self.PROGRAM, path, patterns], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, count: int) -> float:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(count, file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        if not answer:
            sys.exit("hyperscan failed")
        return float(json.loads(answer))

    def close(self) -> None:
        self._process.communicate()


def tools(path: Path, data: mmap.mmap, folder: Path, hyperscan: Hyperscan) -> Iterator[tuple[str, str, Run | None]]:
    many = canaries(COUNTS[-1])
    yield "reading memory in C", "", reading(data, folder)
    for count, windows in WINDOWS.items():
        what = f"{count} canar{'y' if count == 1 else 'ies'} in all forms, {windows:,} windows"
        yield "redactfuzz matcher", what, matching(data, planted(many[:count], False))
    for count in COUNTS:
        yield "redactfuzz matcher", f"{count:,} patterns", matching(data, planted(many[:count], True))
    for count in COUNTS:
        yield "hyperscan", f"{count:,} patterns", lambda count=count: hyperscan.run(count)  # type: ignore[misc]
    for count in COUNTS:
        yield "ripgrep -F -a", f"{count:,} patterns", ripgrep(path, many[:count], folder)
    yield "scan of a file, canaries alone", "5 canaries in all forms", scanning(path, many[:5], False)
    yield "scan of a file, with all key detectors", "5 canaries in all forms", scanning(path, many[:5], True)
    yield "command redactfuzz scan --no-keys", "5 canaries in all forms", command(path, many[:5], folder)


def main() -> None:
    """Everything in turn, several rounds, on one core; the best round counts, which other work disturbs least."""
    size = int(sys.argv[1]) << 20 if len(sys.argv) > 1 else 1 << 30
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    with cores.memory(size) as (path, gave), tempfile.TemporaryDirectory() as name, path.open("rb+") as file:
        allowed = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {min(allowed)})
        data, folder = mmap.mmap(file.fileno(), 0, flags=mmap.MAP_PRIVATE | mmap.MAP_POPULATE), Path(name)
        hyperscan = Hyperscan(path, canaries(COUNTS[-1]), folder)
        chosen = list(tools(path, data, folder, hyperscan))
        seconds: dict[tuple[str, str], list[float]] = {}
        for _ in range(rounds):
            for tool, what, run in chosen:
                if run is not None:
                    seconds.setdefault((tool, what), []).append(run())
        hyperscan.close()
    os.sched_setaffinity(0, allowed)
    rates = {key: [size / one / 1e9 for one in each] for key, each in seconds.items()}
    report(rates, [(tool, what) for tool, what, _ in chosen], gave, rounds)


def report(
    rates: Mapping[tuple[str, str], Sequence[float]],
    order: Sequence[tuple[str, str]],
    gave: Mapping[str, int],
    rounds: int,
) -> None:
    best = {key: max(each) for key, each in rates.items()}
    limit = next(rate for (tool, _), rate in best.items() if tool == "reading memory in C")
    ours = {what: rate for (tool, what), rate in best.items() if tool == "redactfuzz matcher"}
    theirs = {what: rate for (tool, what), rate in best.items() if tool == "hyperscan"}
    forms = [rate for what, rate in ours.items() if "all forms" in what]
    few, some, many = forms
    enough = some >= min(AIM_RATE, AIM_SHARE * limit)
    most = f"{COUNTS[-1]:,} patterns"
    times = ours[most] / theirs[most]
    rows = [
        (*key, best.get(key), f"{best[key] / limit:.0%}" if key in best else "not installed",
         " ".join(f"{rate:.2f}" for rate in rates.get(key, ())))
        for key in order
    ]  # fmt: skip
    text = record.table(("what", "looking for", "GB/s", "of the limit", "each round"), rows)
    sources = ", ".join(f"{name} {size >> 20:,} MiB" for name, size in gave.items())
    text += (
        f"\n\nWith 21,000 windows, one core: {some:.1f} GB/s, {some / limit:.0%} of what reading takes. The aim of"
        f" {AIM_RATE:g} GB/s or {AIM_SHARE:.0%} of the limit is **{met(enough)}**."
        f"\n\nFrom 1 canary to 47 in all forms the rate goes from {few:.1f} to {many:.1f} GB/s ({many / few:.0%});"
        f" from 1 to 2,000 plain patterns from {ours['1 patterns']:.1f} to {ours[most]:.1f} GB/s, and hyperscan's from"
        f" {theirs['1 patterns']:.1f} to {theirs[most]:.1f}."
        f"\n\nAgainst hyperscan at 2,000 patterns: {times:.1f} times. The aim of {AIM_TIMES:g} times is"
        f" **{met(times >= AIM_TIMES)}**."
        f"\n\nBest of {rounds} rounds, everything in turn in each, on one core. The memory is real cores, made for this"
        f" run: {sources}. The matcher reads at a stride of {STRIDE} and finds every fragment of 15 bytes and 44 bits;"
        " a canary in all forms is about 4,300 windows of 8 bytes (utf-16, hex, base64, escapes...). A pattern is one"
        " token of 32 characters, in ASCII, and the rivals find it whole only. hyperscan compiles `\\xHH` regular"
        " expressions and scans one block; ripgrep counts lines, with one thread, and its start and reading of the file"
        " are in its time."
    )
    data = {
        "rates": [{"tool": tool, "what": what, "gb_per_second": list(each)} for (tool, what), each in rates.items()],
        "memory": dict(gave),
    }
    record.save("scan_speed", "Throughput: looking for canaries in core-like memory", text, data)


def met(aim: bool) -> str:
    return "met" if aim else "not met"


if __name__ == "__main__":
    main()
