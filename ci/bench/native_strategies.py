"""Executions to the first bug in small programs as the literature has them: the portfolio and each strategy."""

from __future__ import annotations

import statistics
import sys
from typing import Any

import attrs
import record

from redactfuzz.campaign import run
from redactfuzz.campaign.scenario import program_spec
from redactfuzz.campaign.spec import Options, Settings
from redactfuzz.model.events import CampaignEnded, FindingSeen
from redactfuzz.native.program import Program
from redactfuzz.native.runtime import NativeRuntime

PROGRAMS = record.ROOT / "tests" / "native" / "programs"
SEEDS, EXECUTIONS, SECONDS = 100, 10_000, 20.0
STRATEGIES = ("default", "surw", "pct", "pos", "random", "bounded")
RATIO, FIRST = 2.0, 100


@attrs.frozen
class Case:
    """A program and what is defined for it."""

    title: str
    file: str
    defines: tuple[str, ...] = ()

    @property
    def program(self) -> Program:
        """As redactfuzz explores it: no crash, since the bug is a failed assert."""
        return Program((PROGRAMS / self.file,), flags=self.defines, crash="none")


CASES = (
    Case("account", "account.c"),
    Case("reorder_3", "reorder.c", ("-DN=3",)),
    Case("reorder_10", "reorder.c", ("-DN=10",)),
    Case("reorder_100", "reorder.c", ("-DN=100",)),
    Case("twostage", "twostage.c", ("-DN=1",)),
    Case("twostage_100", "twostage.c", ("-DN=100",)),
    Case("bluetooth_driver", "bluetooth_driver.c"),
    Case("wronglock", "wronglock.c"),
    Case("stack", "stack.c"),
    Case("queue", "queue.c"),
    Case("deadlock01", "deadlock01.c"),
    Case("qsort_mt", "qsort_mt.c"),
)


def search(case: Case, strategy: str, seed: int, runtime: NativeRuntime) -> int | None:
    """Executions until something is found; None: nothing was."""
    options = Options(seed=seed, executions=EXECUTIONS, seconds=SECONDS, strategy=strategy)
    events = run(program_spec(case.program, Settings()), options, runtime)
    try:
        for event in events:
            match event:
                case FindingSeen(finding):
                    return finding.execution
                case CampaignEnded(report):
                    if report.finding is None:
                        return None
    finally:
        events.close()  # type: ignore[attr-defined]
    return None


def shown(found: list[int | None]) -> tuple[str, float]:
    """(mean and misses, mean with a miss as all that was tried)."""
    hits = [each for each in found if each is not None]
    misses = len(found) - len(hits)
    mean = statistics.mean(EXECUTIONS if each is None else each for each in found)
    text = f"{statistics.mean(hits):,.0f}" if hits else "-"
    return (f"{text}; missed {misses} of {len(found)}" if misses else text), mean


def main() -> None:
    """Names of programs on the command line choose some of them, a number the seeds."""
    seeds = next((int(word) for word in sys.argv[1:] if word.isdigit()), SEEDS)
    names = [word for word in sys.argv[1:] if not word.isdigit()]
    rows: list[tuple[Any, ...]] = []
    data: dict[str, dict[str, list[int | None]]] = {}
    means: dict[str, dict[str, float]] = {}
    for case in CASES:
        if names and case.title not in names:
            continue
        data[case.title], means[case.title] = {}, {}
        cells = []
        for strategy in STRATEGIES:
            runtime = NativeRuntime()
            found = [search(case, strategy, seed, runtime) for seed in range(seeds)]
            runtime.close()
            data[case.title][strategy] = found
            cell, means[case.title][strategy] = shown(found)
            cells.append(cell)
        rows.append((case.title, *cells))
        print(case.title, dict(zip(STRATEGIES, cells, strict=True)), flush=True)
    text = record.table(("program", *STRATEGIES), rows)
    text += (
        f"\n\nMean executions to the first bug over {seeds} seeds, of the searches that found it; a search ends after"
        f" {EXECUTIONS:,} executions. Sequential orders, which every campaign runs first, are counted."
    )
    for title, aim in (("reorder_10", None), ("twostage_100", RATIO)):
        if title not in means:
            continue
        ours = means[title].pop("default")
        best = min(means[title], key=lambda name: means[title][name])
        if aim is None:
            text += f"\n\n{title}: the portfolio needs {ours:,.0f} executions. The aim of {FIRST} is"
            text += f" **{'met' if ours <= FIRST else 'not met'}**."
        else:
            ratio = ours / means[title][best]
            text += f"\n\n{title}: the portfolio needs {ratio:.2f} times the executions of the best single strategy"
            verdict = "met" if ratio <= aim else "not met"
            text += f" ({best}, {means[title][best]:,.0f}). The aim of {aim:g} is **{verdict}**."
    record.save("native_strategies", "Native programs: executions to the first bug", text, {"found": data})


if __name__ == "__main__":
    main()
