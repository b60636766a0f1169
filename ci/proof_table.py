"""Proofs of redactors of many fields, the speed of proofs, and that every vulnerable twin leaks under the reduction.

Writes docs/results/proof_table.md, a part after the other, in some 15 minutes. Counts of executions are the same each
time; those of a second are of the machine that the page is made on, and of what else it does meanwhile.
"""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from statistics import geometric_mean, median
from typing import Any

from redactfuzz import Report, explore, native
from redactfuzz.campaign.face.scenario import spec_of
from redactfuzz.model.canary import token
from redactfuzz.model.plan import Policy, Stage
from redactfuzz.model.schedule import Granularity
from redactfuzz.native.drive.control_block import DriverConfig

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("ci/bench", "tests/runtime", "tests/unit/core", "tests/native", "tests/native/campaigns", "tests/quality")
sys.path[:0] = [str(ROOT / folder) for folder in FOLDERS]

import test_many_fields as in_c  # noqa: E402
import test_many_fields_proved as in_python  # noqa: E402
from driving import run  # noqa: E402
from modelled import PROGRAMS, Event, batch, built, planted  # noqa: E402
from reduced import CORE, compiled, linked, sources  # noqa: E402
from shared import scenarios  # noqa: E402
from test_exposure import fields  # noqa: E402

PAGE = ROOT / "docs" / "results" / "proof_table.md"
FIELDS = (10, 20, 40, 60)
SECONDS = 20.0
ROUNDS = 3
IN_C = 50_000
"""Executions of a stage."""
SOME = 2_000
OF_PYTHON = ("dirty_publish", "drain_once", "queued_raw", "teardown", "write_skew")
OF_C = (
    "aba",
    "crash_in_redactor",
    "lock_skipped",
    "nested_crash",
    "registry_eviction",
    "rotation_during_dump",
    "signal_frame",
)
"""With 1,000 classes or more: what is over in milliseconds is mostly its beginning."""
HANDLER = ("-DHANDLER",)


HANDLED = (
    "",
    "Where a handler writes it is 36 F + 20, and with a second crash in the handler, which a campaign adds unless",
    "it is told not to, 139 F + 108: a class for each place in which a thread is struck, but none for where the",
    "others stand then, or when the process ends. Before, both had to do with everything: F^2 + 49 F + 42. In Python a",
    "key that the program makes (`record[f'f{n}']`) is not known to be another one than the next, as it may",
    "follow from a secret: it touches the whole dictionary, and two redactors of half of the fields each then",
    "have every order of their writes as a class (245 for F = 8, 45,045 for F = 16). So has `setattr` of such a",
    "name on one object.",
)
REGISTRY = (
    "",
    "`registry_eviction` takes three threads, two of them stopped in the midst, and has about a million classes.",
    "The reduction goes through them depth first: after its seconds it is still among those that begin alike, and",
    "`torn_copy` has a process and a core for each execution, so that the seconds are over after some seventy. These",
    "leaks are met by the schedules that `--strategy dpor` runs beside the reduction (every second one, up to 2,000):",
    "that no class is lost there is not shown by them.",
)


def verdict(report: Report) -> str:
    """The verdict, and what stands in the way of a better one."""
    obstacles = report.certificate.obstacles if report.certificate else ()
    return " ".join((report.verdict, *obstacles[:1]))


def counts() -> Iterator[str]:
    late, calls, inline = in_python.late_flag, in_python.by_calls, in_python.inline
    instructions = {"granularity": "instructions"}
    rows: dict[str, tuple[Callable[[int], int | str], Sequence[int]]] = {
        "late flag, Python, a call for each field": (lambda n: in_python.classes(late(calls, n)), FIELDS),
        "late flag, Python, inline": (lambda n: in_python.classes(late(inline, n), **instructions), FIELDS),
        "late flag, C, the kernel dumps": (lambda n: in_c.classes(f"-DFIELDS={n}"), FIELDS),
        "late flag, C, a handler writes": (
            lambda n: in_c.classes(f"-DFIELDS={n}", *HANDLER, second_crash=False),
            FIELDS,
        ),
        "the same, and a second crash in the handler": (
            lambda n: in_c.classes(f"-DFIELDS={n}", *HANDLER, nested=True),
            FIELDS,
        ),
        "two redactors, Python": (lambda n: in_python.classes(in_python.two_redactors(n)), FIELDS),
        "two redactors, C, the kernel dumps": (lambda n: len(fields("two", n)), FIELDS),
    }
    yield f"| executions of the reduction, all PROVED | {' | '.join(f'F = {size}' for size in FIELDS)} |"
    yield "|---" * 5 + "|"
    for name, (count, sizes) in rows.items():
        cells = [f"{count(size):,}" for size in sizes]
        yield f"| {name} | " + " | ".join([*cells, *["-"] * (len(FIELDS) - len(sizes))]) + " |"
    yield from HANDLED
    yield ""
    yield "| private steps beside a redactor | 10 | 1,000 |"
    yield "|---|---|---|"
    private = [in_python.classes(in_python.beside_private_steps(n), **instructions) for n in (10, 1_000)]
    yield f"| Python, between instructions | {private[0]} | {private[1]} |"
    stores = [len(fields("private", n)) for n in (10, 1_000)]
    yield f"| C, the kernel dumps | {stores[0]} | {stores[1]} |"
    yield ""
    yield "With the flag one field early, F = 60:"
    for name, report in (
        ("Python, a call for each field", in_python.searched(late(calls, 60, early=True))),
        ("Python, inline", in_python.searched(late(inline, 60, early=True), **instructions)),
        ("C, the kernel dumps", in_c.searched("-DFIELDS=60", "-DEARLY=1")),
        ("C, a handler writes", in_c.searched("-DFIELDS=60", "-DEARLY=1", *HANDLER)),
    ):
        yield f"- {name}: {verdict(report)} in {report.executions:,} executions of the campaign"


def seconds() -> Iterator[str]:
    """Of the late flag, fixed, with 60 fields."""
    late, calls, inline = in_python.late_flag, in_python.by_calls, in_python.inline
    campaigns: dict[str, Callable[[], Report]] = {
        "Python, a call for each field": lambda: in_python.searched(late(calls, 60)),
        "Python, inline": lambda: in_python.searched(late(inline, 60), granularity="instructions"),
        "C, the kernel dumps": lambda: in_c.searched("-DFIELDS=60"),
        "C, a handler writes": lambda: in_c.searched("-DFIELDS=60", *HANDLER, second_crash=False),
        "the same, and a second crash in the handler": lambda: in_c.searched("-DFIELDS=60", *HANDLER),
    }
    yield f"Whole campaigns with the controls, `--strategy dpor`, F = 60; medians of {ROUNDS}, once it was built."
    yield ""
    yield "| late flag | verdict | executions | seconds |"
    yield "|---|---|---|---|"
    for name, campaign in campaigns.items():
        took, report = [], campaign()
        for _ in range(ROUNDS):
            started = time.monotonic()
            report = campaign()
            took.append(time.monotonic() - started)
        yield f"| {name} | {verdict(report)} | {report.executions:,} | {median(took):.1f} |"


def rate_in_python(name: str, policy: Policy) -> float:
    body = spec_of(scenarios.load(ROOT / "targets" / "python" / name / "scenario.py", "fixed")).body
    before = processors()
    ran = run(body, (Stage(policy, Granularity.SWITCHES),), executions=600)
    return len(ran.outcomes) / (processors() - before)


def stage_in_c(source: Path, policy: Policy, executions: int, *, every: bool = False) -> tuple[list[Event], int, float]:
    """What a stage tells whose crash may strike twice; its executions, and seconds of a processor."""
    names = re.findall(r'redactfuzz_canary\("([^"]+)"', source.read_text()) or ["key"]
    canaries = [planted(name, token(16)) for name in names]
    config = DriverConfig(crash="SIGSEGV", crashes=2, executions=executions, seconds=SECONDS, every=every)
    built(str(source))
    before = processors()
    stage = Stage(policy, Granularity.INSTRUCTIONS)
    events, report = batch(str(source), (), config, stage=stage, canaries=canaries)
    return events, report.executions, processors() - before


def rate_in_c(source: Path, policy: Policy) -> float:
    """Without the first execution, which takes the start of a process. In a campaign the controls come on top of both,
    and hide the difference."""
    _, first, start = stage_in_c(source, policy, 1)
    _, last, end = stage_in_c(source, policy, IN_C)
    return (last - first) / (end - start)


def steps_in_c(source: Path, policy: Policy) -> float:
    """Of an execution: a random walk is struck early, and so has fewer."""
    events, _, _ = stage_in_c(source, policy, SOME, every=True)
    return sum(event.steps for event in events) / len(events)


def processors() -> float:
    """Seconds of this process, and of those that have ended."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def rate_of_a_campaign(policy: Policy) -> float:
    """With five threads."""
    body = native.scenario(PROGRAMS["counter.c"], flags=("-DN=5",), crash="none")
    before = processors()
    report = explore(body, strategy=policy.name.lower(), seconds=SECONDS, executions=14_400 + 1_400, seed=0)
    return report.executions / (processors() - before)


def core_alone() -> Iterator[str]:
    yield "`t=x; x=t+1` in the core alone (`ci/bench/shared/core_counter.c`), by threads:"
    yield ""
    with tempfile.TemporaryDirectory() as place:
        counter = Path(__file__).parent / "bench" / "shared" / "core_counter.c"
        objects = [compiled(CORE, source, Path(place), "-Wno-error") for source in (counter, *sources()[1:])]
        program = linked(objects, Path(place))
        for threads in (2, 3, 4, 5):
            done = subprocess.run([program, str(threads)], capture_output=True, text=True, check=True)
            executions, seconds = done.stdout.split()
            yield f"- {threads}: {int(executions):,} executions, {int(executions) / float(seconds):,.0f} a second"
    yield ""
    yield "A campaign of programs is below that, reduced or not: each execution starts threads and puts memory back."
    yield ""


def speed() -> Iterator[str]:
    yield from core_alone()
    yield f"Medians of {ROUNDS} rounds, in turn, of executions a processor's second: in Python of 600, in C of a"
    yield f"stage of up to {IN_C:,} whose crash may strike twice; and the steps of an execution, of the first {SOME:,}."
    yield ""
    yield "| target | reduction | random walk | ratio | steps: reduction, random walk | ratio of steps a second |"
    yield "|---|---|---|---|---|---|"
    in_python = [compared(partial(rate_in_python, name)) for name in OF_PYTHON]
    for name, rates in zip(OF_PYTHON, in_python, strict=True):
        yield row(f"python/{name}", rates)
    in_c = []
    for name in OF_C:
        source = next((ROOT / "targets" / "native" / name).glob("fixed.c*"))
        in_c.append(compared(partial(rate_in_c, source)))
        yield row(f"native/{name}", in_c[-1], (steps_in_c(source, Policy.DPOR), steps_in_c(source, Policy.RANDOM)))
    yield row("`t=x; x=t+1`, C, 5 threads, a campaign of 14,400 executions", compared(rate_of_a_campaign))
    means = [geometric_mean(ratio for _, _, ratio in rates) for rates in (in_python, in_c)]
    yield ""
    yield f"Geometric mean of the ratios: Python {means[0]:.2f}, C {means[1]:.2f} (without the last row). In C"
    yield "most of a step is the registers of a thread that are put back: who takes more steps takes longer."


Rates = tuple[float, float, float]
"""Of the reduction, of the random walk, and their ratio."""


def compared(rate: Callable[[Policy], float]) -> Rates:
    pairs = [(rate(Policy.DPOR), rate(Policy.RANDOM)) for _ in range(ROUNDS)]
    reduced, walked = (median(pair[at] for pair in pairs) for at in (0, 1))
    return reduced, walked, median(one / other for one, other in pairs)


def row(name: str, rates: Rates, steps: tuple[float, float] | None = None) -> str:
    reduced, walked, ratio = rates
    more = "- | -" if steps is None else f"{steps[0]:.0f}, {steps[1]:.0f} | {ratio * steps[0] / steps[1]:.2f}"
    return f"| {name} | {reduced:,.0f} | {walked:,.0f} | {ratio:.2f} | {more} |"


def leaking(kind: str, body: Any, **options: Any) -> tuple[bool, str]:
    report = explore(body, strategy="dpor", seconds=SECONDS, executions=10_000_000, seed=1, **options)
    leaks = report.verdict == "LEAK"
    return leaks, f"| `{kind}` | {verdict(report)} | {report.first_leak_execution if leaks else report.executions:,} |"


def vulnerable() -> Iterator[str]:
    yield f"`--strategy dpor`, {SECONDS:g} s each. In Python where this interpreter switches, and where nothing leaks"
    yield "there between instructions: a leak that needs a switch elsewhere is finer than this build."
    yield ""
    yield "| vulnerable twin | verdict | executions to the leak, or all |"
    yield "|---|---|---|"
    found = 0
    many = 0
    for path, name in scenarios.everything():
        title = f"{path.relative_to(ROOT / 'targets').as_posix()}::{name}"
        if not title.startswith("python/") or not scenarios.vulnerable(title):
            continue
        leaks, row = leaking(title, scenarios.load(path, name))
        if not leaks:
            leaks, row = leaking(
                f"{title}, between instructions", scenarios.load(path, name), granularity="instructions"
            )
        found, many = found + leaks, many + 1
        yield row
    for source in sorted((ROOT / "targets" / "native").glob("*/vulnerable.c*")):
        leaks, row = leaking(f"native/{source.parent.name}", native.scenario(source))
        found, many = found + leaks, many + 1
        yield row
    yield ""
    yield f"{found} of {many} leak."
    yield from REGISTRY


def main(chosen: Sequence[str]) -> None:
    text = ["# The table of proofs", "", f"By `ci/proof_table.py`, Python {platform.python_version()}."]
    parts = {"Many fields": counts, "Seconds": seconds, "Speed": speed, "Every vulnerable twin": vulnerable}
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for title, lines in parts.items():
            if chosen and title not in chosen:
                continue
            text += ["", f"## {title}", ""]
            for line in lines():
                print(line, flush=True)
                text.append(line)
                PAGE.write_text("\n".join(text) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
