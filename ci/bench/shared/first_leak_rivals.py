"""Runs under the rivals' Python: executions to the first leak in each model, for each seed. Prints JSON Lines.

``first_leak_rivals.py frontrun|interleave-test SEEDS EXECUTIONS SECONDS``; frontrun runs under its own command.
"""

from __future__ import annotations

import importlib
import json
import logging
import sys
import time
from typing import Any

import frontrun
import interleave_test
from rival_models import MODELS, check  # type: ignore[import-not-found]  # runs as a script, beside it


class Leaked(Exception):
    """The secret came out; any other failure that a rival reports is not what was asked."""


class Inconclusive(Exception):
    """The rival itself says that its search does not count: no miss."""


def files_of(packages: tuple[str, ...]) -> list[str]:
    """Folders and files that interleave-test is to trace besides this one."""
    found = [__file__, __file__.replace("first_leak_rivals", "rival_models")]
    for name in packages:
        module = importlib.import_module(name.split(".")[0])
        found += list(getattr(module, "__path__", [])) or [module.__file__ or ""]
    return found


def by_frontrun(strategy: str, model: type[Any], seed: int, executions: int, seconds: float) -> tuple[int, bool]:
    def call(index: int) -> Any:
        return lambda state: state.workers()[index]()

    options: dict[str, Any] = {
        "trace_packages": list(model.packages),
        "total_timeout": seconds,
        "reproduce_on_failure": 0,
    }
    if strategy == "random":
        options |= {"max_attempts": executions, "max_ops": 5_000, "seed": seed}
    else:
        options |= {"max_executions": executions}
    leaks = []

    def holds(state: Any) -> bool:
        leaks.append(state.leaked())
        return not leaks[-1]

    result = frontrun.explore(
        setup=model,
        workers=[call(index) for index in range(len(model().workers()))],
        invariant=holds,
        strategy=strategy,
        detect_io=False,
        **options,
    )
    if result.property_holds is False and not any(leaks):
        raise RuntimeError(f"{result.failure_kind}: {result.explanation}")
    if result.property_holds is None and not any(leaks):
        raise Inconclusive(str(result.inconclusive_reason))
    return result.num_explored, any(leaks)


def by_interleave(strategy: str, model: type[Any], seed: int, executions: int, seconds: float) -> tuple[int, bool]:
    def run() -> None:
        with interleave_test.no_interleave():  # no choice is wasted on the set-up
            state = model()
            workers = state.workers()
        tasks = [interleave_test.spawn(worker) for worker in workers]
        for task in tasks:
            task.join()
        with interleave_test.no_interleave():
            leaked = state.leaked()
        if leaked:
            raise Leaked

    logging.logThreads = (
        False  # else a record asks for the current thread, which interleave-test's own class cannot give
    )
    done, deadline = 0, time.monotonic() + seconds
    while done < executions and time.monotonic() < deadline:
        # In slices, because there is no limit of time.
        result = interleave_test.explore(
            run,
            iterations=min(50, executions - done),
            seed=seed * 1_000 + done,
            strategy=strategy,
            include=files_of(model.packages),
            raise_on_failure=False,
        )
        done += result.schedules_run
        if result.failure is not None:
            if not isinstance(result.failure.exception, Leaked):
                raise RuntimeError(f"{result.failure.kind}: {result.failure.exception or result.failure.details}")
            return done, True
    return done, False


STRATEGIES = {
    "frontrun": (("random", by_frontrun), ("dpor", by_frontrun)),
    "interleave-test": (("random", by_interleave), ("pct", by_interleave)),
}


def main() -> None:
    """One line for each model, strategy and seed."""
    rival, seeds, executions, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    check()
    for name, model in MODELS.items():
        for strategy, search in STRATEGIES[rival]:
            # DPOR has no seed: once is all.
            for seed in range(1 if strategy == "dpor" else seeds):
                try:
                    done, found = search(strategy, model, seed, executions, seconds)
                    line: dict[str, object] = {"executions": done, "found": found}
                except Exception as error:
                    line = {"error": f"{type(error).__name__}: {error}"[:200].replace("\n", " ")}
                print(
                    json.dumps({"model": name, "tool": rival, "strategy": strategy, "seed": seed, **line}), flush=True
                )


if __name__ == "__main__":
    main()
