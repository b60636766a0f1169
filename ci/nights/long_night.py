"""A long night over all shipped targets: memory, executions a second beside single runs, and verdicts.

``long_night.py --for 1h [--compare N] [--beside N]``; N: of that many fixed targets the slice is run again by itself,
afterwards, and of so many twice at the same time, as a night keeps all processors busy. Prints and writes a page.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import linear_regression, mean, median

import attrs

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "ci" / "bench"))

from shared import nights, record, scenarios  # noqa: E402
from shared.nights import CORPUS, Project  # noqa: E402

from redactfuzz.model.night import Alarm, FindingMet, NightEnded, SliceBegan, SliceEnded, TargetListed  # noqa: E402
from redactfuzz.model.verdict import Verdict  # noqa: E402
from redactfuzz.night.journal import Night, of_kind  # noqa: E402

JOBS = 2
"""Workers of the night: as many as processors."""
_BY = ("alone, by the clock", "alone, by the processor", "beside itself, by the clock")
EVERY = 1.0
"""Seconds between two looks."""
OLD = 10.0
"""Seconds after which a process has what it needs: imports, the first executions."""
MOST = 5.0
"""MB/h that the memory of a worker may grow by."""
NEAR = 0.10
_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICKS = os.sysconf("SC_CLK_TCK")


@attrs.frozen
class Seen:
    """A process at one moment."""

    at: float
    """Seconds since the beginning of the night, and since its own."""
    age: float
    megabytes: float


def seen(pid: int, began: float) -> Seen:
    """Raises OSError."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    up = float(Path("/proc/uptime").read_text().split()[0])
    resident = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE / 1e6
    return Seen(time.monotonic() - began, up - int(fields[19]) / _TICKS, resident)


def watch(process: subprocess.Popen[bytes]) -> tuple[list[Seen], dict[int, list[Seen]]]:
    """The campaign, and each process of its workers, for as long as it runs."""
    began, parent = time.monotonic(), []
    workers: dict[int, list[Seen]] = defaultdict(list)
    while process.poll() is None:
        with contextlib.suppress(OSError):
            parent.append(seen(process.pid, began))
        for pid in set(nights.children(process.pid)):
            with contextlib.suppress(OSError):
                now = seen(pid, began)
                workers[pid].append(now)
        time.sleep(EVERY)
    return parent, workers


def slope(samples: Sequence[Seen], *, by_age: bool) -> float | None:
    """MB an hour; None where there is too little to say."""
    old = [each for each in samples if each.age >= OLD]
    if len(old) < 5 or old[-1].age - old[0].age < OLD:
        return None
    return 3600 * linear_regression([each.age if by_age else each.at for each in old], [x.megabytes for x in old]).slope


# -- what is compared


def leaks(title: str) -> bool:
    """Whether a target is meant to."""
    return Path(title).stem != "fixed" if "::" not in title else scenarios.vulnerable(title)


def slices_of(night: Night) -> Iterator[tuple[SliceBegan, SliceEnded]]:
    """Slices of fixed targets that came to their end."""
    began = {each.number: each for each in of_kind(night.events, SliceBegan)}
    for each in of_kind(night.events, SliceEnded):
        if each.report is not None and not each.report.interrupted and not leaks(each.title) and not each.replayed:
            yield began[each.number], each


@attrs.frozen
class Rate:
    """Of one target: executions for each second of the clock and of a processor, in the night and by itself."""

    title: str
    strategy: str
    night: float
    alone: float
    night_cpu: float
    alone_cpu: float
    beside: float | None = None
    """Beside the same run on the other processor: two share what lies behind them, and are slower than one."""

    @property
    def ratio(self) -> float:
        """By the clock."""
        return self.night / self.alone

    @property
    def ratio_beside(self) -> float | None:
        """By the clock, where both processors were busy in both."""
        return self.night / self.beside if self.beside else None

    @property
    def ratio_cpu(self) -> float:
        """By the processor: whatever else the machine does."""
        return self.night_cpu / self.alone_cpu


def _processors() -> float:
    """Seconds of those that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def alone(project: Project, began: SliceBegan, ended: SliceEnded) -> Rate | None:
    """The same command by itself; None where its verdict is another one."""
    words = [word if word != CORPUS else f"alone/{began.number}" for word in began.command[1:]]  # an empty one as well
    before = _processors()
    done = project.run(*words, "--json")
    cpu = _processors() - before
    report, within = json.loads(done.stdout.splitlines()[-1]), ended.report
    if within is None or report["verdict"] != within.verdict or not report["executions"] or not ended.cpu:
        return None
    return Rate(
        ended.title,
        within.strategy,
        within.executions_per_s,
        report["executions_per_s"],
        within.executions / ended.cpu,
        report["executions"] / cpu,
    )


def beside(project: Project, began: SliceBegan) -> float:
    """Executions a second of the same command twice at the same time: the mean of both."""

    def rate(copy: int) -> float:
        words = [word if word != CORPUS else f"beside/{began.number}.{copy}" for word in began.command[1:]]
        return float(json.loads(project.run(*words, "--json").stdout.splitlines()[-1])["executions_per_s"])

    with ThreadPoolExecutor(JOBS) as pool:
        return mean(pool.map(rate, range(JOBS)))


def compared(project: Project, night: Night, count: int, pairs: int) -> list[Rate]:
    """Of targets evenly chosen, the first slice; of some of them beside another one, too."""
    first: dict[str, tuple[SliceBegan, SliceEnded]] = {}
    for began, ended in slices_of(night):
        first.setdefault(ended.title, (began, ended))
    titles = sorted(first)
    rates = []
    chosen = titles[:: max(len(titles) // count, 1)][:count] if count else []
    twice = set(chosen[:: max(len(chosen) // pairs, 1)][:pairs]) if pairs else set()
    for title in chosen:
        rate = alone(project, *first[title])
        if rate is not None and title in twice:
            rate = attrs.evolve(rate, beside=beside(project, first[title][0]))
        rates.append(rate)
        print(title, rate, file=sys.stderr, flush=True)
    return [rate for rate in rates if rate is not None]


def verdicts(night: Night) -> list[tuple[str, object, str]]:
    """What the night says of the targets."""
    titles = [each.title for each in of_kind(night.events, TargetListed)]
    found = {each.title for each in of_kind(night.events, FindingMet)}
    meant = {title for title in titles if leaks(title)}
    said = defaultdict(set)
    ran: dict[str, list[int]] = defaultdict(list)
    for each in of_kind(night.events, SliceEnded):
        ran[each.title].append(each.report.executions if each.report is not None else 0)
        said[each.title].add(str(each.report.verdict) if each.report is not None else "no report")
    passed = {str(each) for each in Verdict if each.passed}
    odd = {title: sorted(said[title] - passed - {"LEAK"}) for title in titles if said[title] - passed - {"LEAK"}}
    rung = of_kind(night.events, Alarm)
    met = of_kind(night.events, FindingMet)
    causes = sorted(
        {(each.title, each.finding.cause or str(each.finding.bug)) for each in met if each.title not in meant}
    )
    accused = sorted(found - meant)
    missed = [
        f"{title} (executions of its slices: {', '.join(map(str, ran[title]))})" for title in sorted(meant - found)
    ]
    return [
        ("vulnerable targets, found", f"{len(found & meant)} of {len(meant)}", "; ".join(missed)),
        ("fixed targets, accused", f"{len(accused)} of {len(titles) - len(meant)}", "; ".join(map(": ".join, causes))),
        ("targets that were not explored", sum(not said[title] for title in titles), ""),
        ("targets with another verdict", len(odd), "; ".join(f"{name}: {', '.join(odd[name])}" for name in odd)),
        ("alarms", len(rung), "; ".join(f"{each.title}: {each.what}" for each in rung)),
    ]


def memory(parent: Sequence[Seen], workers: Mapping[int, Sequence[Seen]]) -> list[tuple[str, object, str]]:
    """Growth, and what is had at each age."""
    slopes = [each for samples in workers.values() if (each := slope(samples, by_age=True)) is not None]
    long = [samples for samples in workers.values() if samples[-1].age > OLD]
    rows: list[tuple[str, object, str]] = [
        ("campaign, MB at the end", parent[-1].megabytes, f"{parent[0].megabytes:.1f} at the beginning"),
        ("campaign, growth in MB/h", slope(parent, by_age=False), "a line through all samples; it holds the journal"),
        ("processes of workers", len(workers), f"{len(slopes)} of them long enough for a line"),
        (f"workers, growth in MB/h after {OLD:.0f} s", median(slopes) if slopes else None, "median"),
        (f"workers, more than {MOST:.0f} MB/h", sum(each > MOST for each in slopes), "a slice is short: see below"),
    ]
    for age in (1, 5, 10, 20, 30, 40):
        had = [x.megabytes for samples in long for x in samples if age <= x.age < age + 2 * EVERY]
        if had:
            rows.append((f"workers, MB at an age of {age} s", median(had), f"median of {len(had)} samples"))
    return rows


def over_the_night(night: Night) -> list[tuple[str, object, str]]:
    """The same targets under the same strategy, early and late: memory of what follows one another."""
    of: dict[tuple[str, str], list[SliceEnded]] = defaultdict(list)
    for each in of_kind(night.events, SliceEnded):
        if each.report is not None and each.memory:
            of[each.title, each.report.strategy].append(each)
    grown = [(last.memory - first.memory) / 1e6 for first, *_, last in (x for x in of.values() if len(x) > 1)]
    what = "MB more in the last slice than in the first of the same target and strategy"
    return [(what, median(grown) if grown else None, f"median of {len(grown)}")]


def main() -> int:
    """0 where all is as it should be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--for", dest="length", default="3m")
    parser.add_argument("--compare", type=int, default=12)
    parser.add_argument("--beside", type=int, default=8)
    parser.add_argument("--targets", nargs="*", default=["native", "python", "real", "storm0558"])
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        project = Project.at(Path(name), asked.targets)
        said = project.work / "said"
        words = ("targets", "--for", asked.length, "--seed", 15, "--corpus", CORPUS, "--new-corpus")
        process = project.start(*words, said=said)
        parent, workers = watch(process)
        night, left = project.night(), project.left()
        if night is None or not night.ended:
            raise SystemExit(said.read_text("utf-8"))
        rates = compared(project, night, asked.compare, asked.beside)
        page, right = _text(night, parent, workers, rates, left, asked.length, int(process.returncode))
    record.save(
        "long_night",
        "A long night over all targets",
        page,
        {"commit": nights.commit(), "rates": [attrs.asdict(each) for each in rates]},
    )
    return 0 if right else 1


def _ratios(rates: Sequence[Rate]) -> tuple[list[float], list[float], list[float]]:
    both_busy = [each.ratio_beside for each in rates if each.ratio_beside is not None]
    return [each.ratio for each in rates], [each.ratio_cpu for each in rates], both_busy


def _text(
    night: Night,
    parent: Sequence[Seen],
    workers: Mapping[int, Sequence[Seen]],
    rates: Sequence[Rate],
    left: Sequence[str],
    length: str,
    status: int,
) -> tuple[str, bool]:
    told = verdicts(night)
    near = [sum(abs(each - 1) <= NEAR for each in some) for some in _ratios(rates)]
    ended = of_kind(night.events, SliceEnded)
    executions = sum(each.report.executions for each in ended if each.report is not None)
    (end,) = of_kind(night.events, NightEnded)
    head = ("", "", "")
    middle = "; ".join(
        f"{what} median of the ratios {median(some):.2f}, {within} of {len(some)} within 10 %"
        for what, some, within in zip(_BY, _ratios(rates), near, strict=True)
        if some
    )
    columns = (
        *("target", "strategy", "in the night", "alone", "ratio", "for each CPU second", "alone", "ratio"),
        *("beside itself", "ratio"),
    )
    table = record.table(
        columns,
        [
            (
                each.title,
                each.strategy,
                each.night,
                each.alone,
                each.ratio,
                each.night_cpu,
                each.alone_cpu,
                each.ratio_cpu,
                each.beside,
                each.ratio_beside,
            )
            for each in rates
        ],
    )
    text = "\n\n".join((
        f"`redactfuzz fuzz targets --for {length} --seed 15`, {len(ended)} slices, {executions:,} executions in"
        f" {end.seconds:,.0f} s ({end.why}), exit status {status}; left: {', '.join(left) or 'nothing'}.",
        "## Verdicts\n\n" + record.table(head, told),
        "## Memory\n\n" + record.table(head, [*memory(parent, workers), *over_the_night(night)])
        + "\n\nMB: 10^6 bytes, resident. A worker lives for one slice.",
        "## Executions a second\n\nThe first slice of fixed targets, and the same command by itself, or twice at the"
        " same time (*beside itself*, the mean of both), since in the night, too, both processors are busy:"
        f" {middle}.\n\n"
        + table,
        f"Commit {nights.commit()}.",
    ))  # fmt: skip
    accused = told[1][1]
    return text, not left and str(accused).startswith("0 ")


if __name__ == "__main__":
    sys.exit(main())
