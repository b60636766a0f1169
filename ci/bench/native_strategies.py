"""Executions to the first bug in small programs as the literature has them: the portfolio and each strategy.

The portfolio is a whole campaign, the sequential orders that it begins with counted; a strategy is run by itself.
Nothing here is timed, so two processes share the work.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import closing, contextmanager
from typing import Any

import attrs
from shared import record

from redactfuzz.campaign.face.run import run
from redactfuzz.campaign.face.scenario import program_spec
from redactfuzz.campaign.session.oracle import default_oracle
from redactfuzz.campaign.session.spec import Options, Settings
from redactfuzz.model.canary.secret import seed_of_secrets
from redactfuzz.model.events import BatchEnded, CampaignEnded, Executed, FindingSeen
from redactfuzz.model.outcome import Inspection
from redactfuzz.model.plan import Budget, Plan
from redactfuzz.native.run.program import Program
from redactfuzz.native.run.runtime import NativeRuntime
from redactfuzz.schedule import portfolio

PROGRAMS = {path.name: path for path in (record.ROOT / "tests" / "native" / "programs").glob("*/*")}
SEEDS, EXECUTIONS = 100, 10_000
SECONDS = 3_600.0
"""Of a search. None comes near: executions end it, so that figures do not depend on the machine."""
TRIAL = 10
"""Seeds after which a strategy that missed half of them is given up."""
SINGLE = ("surw", "pct", "pos", "random", "bounded")
DRAWN = frozenset(SINGLE) - {"bounded"}
"""Strategies whose seed matters; the others are run once."""
RATIO, FIRST = 2.0, 100
WORKERS = 2

Found = list[int | None]
"""Executions to the bug, by seed; None: a miss."""


@attrs.frozen
class Case:
    """A program and what is defined for it."""

    title: str
    file: str
    defines: tuple[str, ...] = ()
    seeds: int = SEEDS
    """Fewer where most searches run to their end."""

    @property
    def program(self) -> Program:
        """As redactfuzz explores it: no crash, since the bug is a failed assert or a deadlock."""
        return Program((PROGRAMS[self.file],), flags=self.defines, crash="none")


CASES = (
    Case("twostage_100", "twostage.c", ("-DN=100",)),
    Case("reorder_100", "reorder.c", ("-DN=100",)),
    Case("reorder_50", "reorder.c", ("-DN=50",)),
    Case("reorder_10", "reorder.c", ("-DN=10",)),
    Case("reorder_3", "reorder.c", ("-DN=3",)),
    Case("twostage", "twostage.c", ("-DN=1",)),
    Case("account", "account.c"),
    Case("airline", "airline.c"),
    Case("bluetooth_driver", "bluetooth_driver.c"),
    Case("circular_buffer", "circular_buffer.c"),
    Case("deadlock01", "deadlock01.c"),
    Case("fib_bench", "fib_bench.c", seeds=20),
    Case("fsbench", "fsbench.c"),
    Case("indexer", "indexer.c"),
    Case("philosophers_3", "philosophers.c"),
    Case("philosophers_5", "philosophers.c", ("-DN=5",)),
    Case("qsort_mt", "qsort_mt.c"),
    Case("queue", "queue.c"),
    Case("read_write_lock", "read_write_lock.c"),
    Case("seqlock", "seqlock.c"),
    Case("stack", "stack.c"),
    Case("szymanski", "szymanski.c", seeds=20),
    Case("work_stealing", "work_stealing.c"),
    Case("wronglock", "wronglock.c"),
)


def campaign(program: Program, seed: int, runtime: NativeRuntime) -> int | None:
    """Executions until a campaign of the default portfolio finds the bug."""
    options = Options(seed=seed, executions=EXECUTIONS, seconds=SECONDS)
    with closing(run(program_spec(program, Settings()), options, runtime)) as events:  # type: ignore[type-var]
        for event in events:
            match event:
                case FindingSeen(finding):
                    return finding.execution
                case CampaignEnded(report) if report.executions < EXECUTIONS and not report.verdict.passed:
                    raise SystemExit(f"{program.name}: {report.verdict}: {report.reason}")
    return None


def alone(program: Program, strategy: str, seed: int, runtime: NativeRuntime) -> int | None:
    """Executions until one strategy finds the bug, with nothing before or beside it."""
    oracle, secrets = default_oracle(), seed_of_secrets(seed, program.name)
    plan = Plan(
        name=program.name,
        body=program,
        seed=seed,
        stages=portfolio.main(strategy),
        mint=lambda name, kind, number: oracle.mint(secrets, name, kind, number),
        inspect=lambda *_: Inspection(),
        mask=oracle.masker(secrets),
        step_limit=500_000,
    )
    found = None
    for event in runtime.explore(plan, Budget(EXECUTIONS, SECONDS)):
        match event:
            case Executed(outcome) if outcome.bug is not None and found is None:
                found = outcome.execution
            case BatchEnded(counters, exhausted):
                if found is None and counters.executions < EXECUTIONS and not exhausted:
                    raise SystemExit(f"{program.name}: {strategy} ended after {counters.executions} executions")
    return found


@contextmanager
def opened() -> Iterator[NativeRuntime]:
    """A runtime; it is closed behind."""
    runtime = NativeRuntime()
    try:
        yield runtime
    finally:
        runtime.close()


def searched(case: Case, strategy: str, most: int) -> Found:
    """One search for each seed, as long as that makes sense."""
    program, seeds = case.program, min(case.seeds, most)
    with opened() as runtime:
        if strategy == "default":
            return [campaign(program, seed, runtime) for seed in range(seeds)]
        if strategy not in DRAWN:
            return [alone(program, strategy, 0, runtime)]
        found: Found = []
        for seed in range(seeds):
            if seed == TRIAL and found.count(None) * 2 >= TRIAL:
                break
            found.append(alone(program, strategy, seed, runtime))
        return found


def mean(found: Found) -> float:
    """A miss counts as all that was tried: where there is one, the true mean is larger."""
    return statistics.mean(EXECUTIONS if each is None else each for each in found)


def shown(found: Found) -> str:
    """The mean; what makes it less than that of all seeds is said."""
    misses = found.count(None)
    if misses == len(found):
        return f"none in {len(found)}" if len(found) > 1 else "not found"
    text = f"{mean(found):,.0f}" if mean(found) >= 100 else f"{mean(found):.1f}"
    if len(found) == 1:
        return f"{found[0]:,}"
    return f"at least {text} ({misses} of {len(found)} missed)" if misses else text


def aims(found: dict[str, dict[str, Found]]) -> str:
    """What the two aims came to, of the programs that were run."""
    text = ""
    if "reorder_10" in found:
        ours = found["reorder_10"]["default"]
        most = max(EXECUTIONS if each is None else each for each in ours)
        met = "met" if mean(ours) <= FIRST else "not met"
        text += f"\n\nreorder_10: the portfolio needs {mean(ours):.1f} executions, {spread(ours)}, and {most} at most."
        text += f" The aim of {FIRST} is **{met}**."
    if "twostage_100" in found:
        means = {strategy: mean(each) for strategy, each in found["twostage_100"].items()}
        first, runs = means.pop("default"), found["twostage_100"]
        best = min(means, key=lambda strategy: means[strategy])
        ratio = first / means[best]
        met = "met" if ratio <= RATIO and None not in runs[best] else "not met"
        text += f"\n\ntwostage_100: the portfolio needs {first:.1f} executions ({spread(runs['default'])}),"
        text += (
            f" {ratio:.2f} times those of the best single strategy ({best}, {means[best]:.1f}, {spread(runs[best])})."
        )
        text += f" The aim of {RATIO:g} is **{met}**."
    return text


def spread(found: Found) -> str:
    """How far the mean itself may be off."""
    values = [EXECUTIONS if each is None else each for each in found]
    return f"standard error {statistics.stdev(values) / len(values) ** 0.5:.1f}" if len(values) > 1 else "one seed"


def main() -> None:
    """Names of programs on the command line choose some of them, a number the seeds."""
    seeds = next((int(word) for word in sys.argv[1:] if word.isdigit()), SEEDS)
    names = [word for word in sys.argv[1:] if not word.isdigit()]
    cases = [case for case in CASES if not names or case.title in names]
    found: dict[str, dict[str, Found]] = {case.title: {} for case in cases}
    with ProcessPoolExecutor(WORKERS) as workers:
        jobs = {
            workers.submit(searched, case, strategy, seeds): (case.title, strategy)
            for case in cases
            for strategy in ("default", *SINGLE)
        }
        for job in as_completed(jobs):
            title, strategy = jobs[job]
            found[title][strategy] = job.result()
            print(title, strategy, shown(job.result()), flush=True)
    strategies = ("default", *SINGLE)
    rows: list[tuple[Any, ...]] = [
        (
            case.title,
            len(found[case.title]["default"]),
            *(shown(found[case.title][strategy]) for strategy in strategies),
        )
        for case in cases
    ]
    text = record.table(("program", "seeds", *strategies), rows)
    text += (
        f"\n\nMean executions to the first bug over the seeds. A search ends after {EXECUTIONS:,} executions; one"
        " that found nothing by then counts as so many, and the mean is marked *at least*. A strategy that misses half"
        f" of its first {TRIAL} seeds is given up there. `bounded` (one preemption) does not depend on the seed and is"
        " run once. *default* is a whole campaign, the sequential orders that it begins with counted (two for each"
        " thread, less one); a strategy is run alone, with nothing before it, which favours it. Executions are counted,"
        " not timed: that the machine was busy changes none of them."
    )
    text += aims(found)
    record.save("native_strategies", "Native programs: executions to the first bug", text, {"found": found})


if __name__ == "__main__":
    main()
