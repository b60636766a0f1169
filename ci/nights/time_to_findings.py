"""What it takes a night to find all vulnerable targets: adaptive beside round robin, over the same slices.

A slice follows from the seed of the night, the target and its number, whoever asks for it. So each is run once, with
a number of executions that is given, and both ways of rotation are gone through over the same ones: what they differ
in is the order alone. ``time_to_findings.py [SEEDS [K]]``, about fifty minutes of two cores; K: each Kth target alone.
"""

from __future__ import annotations

import math
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import attrs

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "ci" / "bench"))

from shared import nights, record, scenarios  # noqa: E402

from redactfuzz.campaign.explain import causes  # noqa: E402
from redactfuzz.model.finding import Report  # noqa: E402
from redactfuzz.model.night import SliceBegan  # noqa: E402
from redactfuzz.model.verdict import Verdict  # noqa: E402
from redactfuzz.night import slices  # noqa: E402
from redactfuzz.night.rotation import Rotation, Standing  # noqa: E402

EXECUTIONS = {".py": 200, "": 2_000}
"""Of a slice: Python, programs. So few that not every target is found by its first one."""
ROUNDS = 4
"""Slices of each target in the mean, after which a night is given up."""
MEMORY = 4 << 30
LONGEST = 600.0
"""Seconds of a slice: what ends it is its number of executions, on a busy machine as well."""


@attrs.frozen
class Shown:
    """What a slice of one target came to."""

    report: Report | None
    cpu: float
    keys: tuple[str, ...]

    @property
    def leaked(self) -> bool:
        """Whether it was found."""
        return self.report is not None and self.report.verdict is Verdict.LEAK

    @property
    def executions(self) -> int:
        """Of it."""
        return self.report.executions if self.report is not None else 0


@attrs.frozen
class Slices:
    """Those of one night, each run when it is first asked for."""

    seed: int
    folder: Path
    _known: dict[tuple[str, int], Shown] = attrs.field(factory=dict)

    def of(self, title: str, number: int) -> Shown:
        """The slice of this number."""
        if (title, number) not in self._known:
            self._known[title, number] = self._run(title, number)
        return self._known[title, number]

    def _run(self, title: str, number: int) -> Shown:
        seed = random.Random(f"{self.seed} {title} {number}").getrandbits(57)
        most = EXECUTIONS.get(Path(title.partition("::")[0]).suffix, EXECUTIONS[""])
        strategy = Standing(title, slices=number, executions=number * most).plan()
        findings = self.folder / "findings"
        command = slices.command([title], strategy=strategy, seed=seed, seconds=LONGEST, findings=findings)
        command = (*command, "--executions", str(most), "--after", "0", "--no-regressions")
        ran = slices.start(SliceBegan(number, title, command, LONGEST), MEMORY, record.ROOT)
        while not ran.look():
            ran.follow()
            time.sleep(0.02)
        keys = tuple(causes.key(title, each) for each in ran.report.findings) if ran.report is not None else ()
        return Shown(ran.report, ran.cpu, keys)


@attrs.frozen
class Spent:
    """So far."""

    slices: int = 0
    executions: int = 0
    cpu: float = 0.0

    def more(self, shown: Shown) -> Spent:
        """With another slice."""
        return Spent(self.slices + 1, self.executions + shown.executions, self.cpu + shown.cpu)


@attrs.frozen
class Night:
    """What one way of rotation took until each target was found, and for the first slices, in which both are alike."""

    found: dict[str, Spent]
    first: Spent

    def until(self, titles: Collection[str]) -> Spent:
        """All of these were found."""
        return max((self.found[title] for title in titles), key=lambda each: each.slices, default=Spent())


def gone_through(of: Slices, titles: Sequence[str], *, adaptive: bool) -> Night:
    """A night of one worker, until all are found."""
    rotation = Rotation([Standing(title) for title in titles], random.Random(of.seed), adaptive)
    spent = first = Spent()
    found: dict[str, Spent] = {}
    told: set[str] = set()
    while len(found) < len(titles) and spent.slices < ROUNDS * len(titles):
        standing = rotation.next()
        assert standing is not None
        shown = of.of(standing.title, standing.slices)
        new = set(shown.keys) - told
        standing.took(max(shown.cpu, 0.01), shown.report, added=0, found=len(new), causes=shown.keys)
        told |= new
        spent = spent.more(shown)
        first = spent if spent.slices == len(titles) else first
        if shown.leaked:
            found.setdefault(standing.title, spent)
    return Night(found, first)


def vulnerable() -> Iterator[str]:
    """Titles of all targets that are meant to leak."""
    for path, name in scenarios.everything():
        title = f"{path.relative_to(record.ROOT).as_posix()}::{name}"
        if scenarios.vulnerable(title):
            yield title
    for path in sorted((record.ROOT / "targets").rglob("vulnerable.c*")):
        yield path.relative_to(record.ROOT).as_posix()


def one(seed: int, titles: Sequence[str], folder: Path) -> tuple[Night, Night]:
    """Adaptive, and round robin."""
    of, left = Slices(seed, folder), set(titles)
    with ThreadPoolExecutor(2) as pool:  # what round robin will ask for, two at a time
        for number in range(ROUNDS):
            if left:
                ran = list(pool.map(lambda title, number=number: of.of(title, number), titles))
                left -= {title for title, shown in zip(titles, ran, strict=True) if shown.leaked}
    order = random.Random(seed).sample(titles, len(titles))  # who comes first is luck, and not that of an alphabet
    adaptive, turns = (gone_through(of, order, adaptive=adaptive) for adaptive in (True, False))
    print(seed, adaptive, turns, file=sys.stderr, flush=True)
    return adaptive, turns


def ratio(pairs: Sequence[tuple[float, float]]) -> str:
    """Geometric mean of the ratios, and the smallest and the largest."""
    found = [first / second for first, second in pairs if first > 0 and second > 0]
    if not found:
        return "-"
    mean = math.exp(statistics.fmean(math.log(each) for each in found))
    return f"{mean:.2f} ({min(found):.2f} to {max(found):.2f})"


def main() -> None:
    """The page."""
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    everything = list(vulnerable())
    every = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    titles = everything[::every]
    with tempfile.TemporaryDirectory() as folder:
        ran = [one(seed, titles, Path(folder)) for seed in range(1, seeds + 1)]
    rows: list[tuple[object, ...]] = []
    pairs = []
    for seed, both in enumerate(ran, 1):
        shared = both[0].found.keys() & both[1].found.keys()
        pairs.append([(each.until(shared), each.first) for each in both])
        for name, night in zip(("adaptive", "round robin"), both, strict=True):
            last = night.until(shared)
            left = ", ".join(sorted(set(titles) - night.found.keys())) or "none"
            after = max(last.cpu - night.first.cpu, 0.0)
            rows.append((seed, name, len(shared), last.slices, last.executions, last.cpu, after, left))
    some = f", one in {every}" if every > 1 else ""
    what = (
        f"{len(titles)} of {len(everything)} vulnerable targets{some}. A slice is {EXECUTIONS['.py']} executions in"
        f" Python and {EXECUTIONS['']:,} of a program; what is found is confirmed and not explained (`--after 0`). Each"
        " slice was run once, and both ways of rotation were gone through over the same ones, by one worker, until"
        f" every target was found, or for {ROUNDS * len(titles)} slices. Both give each target a slice before any has"
        " its second: *after* is what followed that."
    )
    head = ("seed", "rotation", "targets", "slices", "executions", "s of processors", "after", "not found")
    said = (
        "Of the targets that both found, until the last of them was; adaptive by round robin (geometric mean of"
        f" {len(pairs)} seeds, and from the smallest to the largest): seconds of processors"
        f" {ratio([(a.cpu, b.cpu) for (a, _), (b, _) in pairs])},"
        f" of those after the first slices {ratio([(a.cpu - c.cpu, b.cpu - d.cpu) for (a, c), (b, d) in pairs])},"
        f" executions {ratio([(float(a.executions), float(b.executions)) for (a, _), (b, _) in pairs])}."
    )
    text = "\n\n".join((what, record.table(head, rows), said, f"Commit {nights.commit()}."))
    data = {"commit": nights.commit(), "nights": [[attrs.asdict(each) for each in both] for both in ran]}
    record.save("time_to_findings", "How soon a night finds all vulnerable targets", text, data)


if __name__ == "__main__":
    main()
