"""A whole trial with a real core, beside the core alone, in one process: what the search adds.

scan_trial.py [TRIALS of a round] [--profile]

What only the report or the profile wants is imported by them: it would lie in every core, and that is to be the core of
a small process, with nothing in it but the interpreter and redactfuzz.
"""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from redactfuzz.dumps import core, core_note
from redactfuzz.dumps.producers.core_pattern import destination
from redactfuzz.model.canary import mint, token
from redactfuzz.model.outcome import Dump
from redactfuzz.scan import Inspector

LOAD = os.getloadavg()[0]
"""As in ``record``, which comes too late to know."""
SEED = 9
AIM = 0.7
ROUNDS = 7
RESIDENT = 10 << 20
"""Bytes of memory that the process has at least: what a small service in Python has."""


def resident() -> int:
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGESIZE")


def core_alone(number: int) -> int:
    """Fork, death, core: what any fuzzer of this kind must pay."""
    return core().size


class Trial:
    """The same, and the search of the core for a canary that is new in each trial, as a campaign does it."""

    def __init__(self) -> None:
        self._inspector = Inspector(SEED)
        self.kept: list[object] = []

    def __call__(self, number: int) -> int:
        canary = mint(SEED, "secret", token(), number)
        inspection = self._inspector([Dump("core", core())], {"secret": canary}, {}, number)
        if inspection.leaks or inspection.unreadable:
            sys.exit(f"trial {number}: {inspection}")
        return inspection.bytes_read

    def shows(self, number: int) -> bool:
        """Whether a canary that does lie in memory is seen in this very way."""
        canary = mint(SEED, "secret", token(), number)
        self.kept.append(canary.text)
        return bool(self._inspector([Dump("core", core())], {"secret": canary}, {}, number).leaks)


def rate(work: Callable[[int], int], trials: int, first: int) -> tuple[float, int]:
    """Trials a second, and bytes of a core."""
    started = time.perf_counter()
    size = 0
    for number in range(first, first + trials):
        size = work(number)
    return trials / (time.perf_counter() - started), size


def main() -> None:
    profile = "--profile" in sys.argv
    counts = [int(one) for one in sys.argv[1:] if one.isdigit()]
    trials = counts[0] if counts else 100
    why = destination().refused
    if why:
        sys.exit(f"Real cores are needed, and the kernel writes none here: {why}.")
    trial = Trial()
    ballast = bytearray(max(0, RESIDENT - resident()))
    ballast[:: os.sysconf("SC_PAGESIZE")] = b"\1" * len(ballast[:: os.sysconf("SC_PAGESIZE")])
    gc.collect()
    trial(1), core_alone(1)
    if profile:
        profiled(trial, trials)
        return
    rates: dict[str, list[float]] = {"fork + core": [], "fork + core + search": []}
    size, number = 0, 2
    for _ in range(ROUNDS):
        for name, work in (("fork + core", core_alone), ("fork + core + search", trial)):
            each, size = rate(work, trials, number)
            rates[name].append(each)
            number += trials
    here = resident()
    if not trial.shows(number):
        sys.exit("a canary that lies in memory is not found")
    report(rates, size, here, trials)


def profiled(trial: Trial, trials: int) -> None:
    import cProfile
    import pstats

    profiler = cProfile.Profile()
    profiler.runcall(rate, trial, trials, 2)
    pstats.Stats(profiler).sort_stats("tottime").print_stats(18)


def report(rates: dict[str, list[float]], size: int, here: int, trials: int) -> None:
    from statistics import median

    from shared import record

    shares = [whole / alone for alone, whole in zip(*rates.values(), strict=True)]
    share = median(shares)
    met = "met" if share >= AIM else "not met"
    rows = [
        (name, median(each), 1000 / median(each), " ".join(f"{one:.0f}" for one in each))
        for name, each in rates.items()
    ]
    text = record.table(("trial", "median a second", "ms each", "each round"), rows)
    text += (
        f"\n\nOf the rate of fork + core, the whole trial reaches {share:.2f} (each round:"
        f" {' '.join(f'{one:.2f}' for one in shares)}). The aim of {AIM:g} is **{met}**."
        f"\n\nMedian of {ROUNDS} rounds of {trials} trials, both in turn. The process is the interpreter with"
        f" redactfuzz and nothing else: {here >> 20} MB resident with shared libraries, a core of {size:,} bytes, on"
        f" a file system in memory. {core_note()} Each trial searches for a new token in all its forms and for that of"
        " the trial before, over all bytes and all views. That a token which does lie in memory is reported in the same"
        " way is checked at the end."
    )
    record.LOAD = LOAD
    record.save("scan_trial", "A whole trial: fork, real core, search", text, {"rates": rates, "bytes": size})


if __name__ == "__main__":
    main()
