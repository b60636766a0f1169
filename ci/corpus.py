"""What a corpus costs: 10,000 entries are merged and minimised, and every known finding of the targets is replayed.

``ci/corpus.py [ENTRIES]`` writes docs/results/corpus.md in some two minutes; exits 1 where a pair was lost, a merge
changed something the second time, a known finding did not happen again, or anything took a processor over a minute.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "ci" / "bench"))
from shared import record  # noqa: E402  (beside the benchmarks, which save pages in the same way)

from redactfuzz.campaign.corpus.entries import Entry, seeds_of  # noqa: E402
from redactfuzz.campaign.corpus.files import opened, place  # noqa: E402
from redactfuzz.campaign.corpus.merge import merge  # noqa: E402
from redactfuzz.campaign.corpus.minimise import minimise  # noqa: E402
from redactfuzz.campaign.corpus.place import SEEDS  # noqa: E402
from redactfuzz.campaign.face.regressions import Known  # noqa: E402
from redactfuzz.campaign.face.scenario import spec_of  # noqa: E402
from redactfuzz.campaign.files.store import load  # noqa: E402
from redactfuzz.campaign.session.spec import Options  # noqa: E402
from redactfuzz.cli.load import loaded  # noqa: E402
from redactfuzz.model.coverage import Coverage, union  # noqa: E402
from redactfuzz.model.schedule import Action, Deviation, Granularity, Schedule, Site  # noqa: E402
from redactfuzz.model.seed import Seed, dumps  # noqa: E402

ENTRIES = 10_000
TARGETS = 20
MOST_SECONDS = 60.0
VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"


class Clock:
    """Seconds, and those of a processor, children included."""

    def __init__(self) -> None:
        self.seconds, self.busy = time.monotonic(), self._busy()

    @staticmethod
    def _busy() -> float:
        used = os.times()
        return used.user + used.system + used.children_user + used.children_system

    def since(self) -> Clock:
        """What has gone by."""
        gone = Clock()
        gone.seconds, gone.busy = gone.seconds - self.seconds, gone.busy - self.busy
        return gone

    def __str__(self) -> str:
        return f"{self.seconds:.1f} s ({self.busy:.1f} of a processor)"


def drawn(number: int, draw: random.Random) -> Seed:
    """As a campaign over code of some hundred lines keeps them: few preemptions, tens of pairs, most of them usual."""
    sites = [f"package.module:function_{index % 5}+{index}" for index in range(25)]
    usual = {(f"package.module:usual+{index}", f"package.module:usual+{index + 1}") for index in range(40)}
    pairs = usual | {(draw.choice(sites), draw.choice(sites)) for _ in range(draw.randrange(20))}
    site = Site("package.module", "function", "+1:4-9")
    steps = tuple(Deviation("worker", site, nth, Action.SWITCH, "other") for nth in range(1, draw.randrange(2, 5)))
    target = f"tests-scenario-{number % TARGETS}-{number % TARGETS:08x}"
    return Seed.of(
        Coverage(frozenset(pairs), frozenset({f"token: crash $.field{number % 7}"})),
        target=target,
        scenario="leaks",
        schedule=Schedule(Granularity.CALLS, steps),
        seed=1,
        canary_number=number,
    )


def covered(corpus: Path) -> dict[str, Coverage]:
    """What the seeds of each target cover."""
    found = {}
    for target in sorted(corpus.iterdir()):
        entries = (each for each in seeds_of(corpus, target.name) if isinstance(each, Entry))
        found[target.name] = union(each.seed.coverage for each in entries if each.seed is not None)
    return found


def merged_and_minimised(entries: int) -> tuple[list[tuple[str, object]], bool]:
    """Rows of the page, and whether all is as it should be."""
    draw = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        shards = [Path(folder) / "one", Path(folder) / "two"]
        for number in range(entries):
            seed = drawn(number, draw)
            for shard in shards if number % 10 == 0 else shards[number % 2 : number % 2 + 1]:
                with opened(shard, seed.target, SEEDS, make=True) as descriptor:
                    place(descriptor, seed.file_name, dumps(seed))
        into = Path(folder) / "all"
        began = Clock()
        first = merge(shards, into)
        merging = began.since()
        before = covered(into)
        again = merge(shards, into)
        began = Clock()
        done = [minimise(into, target.name) for target in sorted(into.iterdir())]
        minimising = began.since()
        kept, counted = sum(each.kept for each in done), sum(each.counted for each in done)
        right = covered(into) == before and not again.added and first.added == entries
    rows: list[tuple[str, object]] = [
        ("entries, of two shards that share a tenth", f"{first.added:,} of {TARGETS} targets"),
        ("merged", str(merging)),
        ("added when merged once more", again.added),
        ("minimised", f"{minimising}, {counted:,} gains counted"),
        ("seeds that stay", f"{kept:,}"),
        ("pairs and places lost", 0 if right else "SOME"),
    ]
    return rows, right and merging.busy + minimising.busy < MOST_SECONDS


def replayed() -> tuple[list[tuple[str, object]], bool]:
    """The same of the known findings of every target, one after the other, each in a process of its own."""
    places = ("corpora/**/regressions/*.rfz.json", f"corpora/**/regressions/{VERSION}/*.rfz.json")
    files = sorted(path for each in places for path in ROOT.glob(each))
    by_code = sorted(files, key=lambda path: json.loads(path.read_text())["path"])
    began, again, other = Clock(), 0, []
    for code, of_code in itertools.groupby(by_code, key=lambda path: str(json.loads(path.read_text())["path"])):
        with loaded(ROOT / code) as scenarios:
            for path in of_code:
                repro = load(path)
                function = next(each.function for each in scenarios if each.is_called(repro.scenario))
                spec = spec_of(function)
                known = Known(spec, Options(), spec.target.runtime(), None, [(str(path), repro)])
                happened = known.replayed(str(path), repro) is not None
                again += happened
                other += [] if happened else [path.relative_to(ROOT).as_posix()]
    took = began.since()
    rows: list[tuple[str, object]] = [
        ("known findings of all targets", len(files)),
        ("replayed", str(took)),
        ("happened again", again),
        *(("did not", each) for each in other),
    ]
    return rows, again == len(files) and took.busy < MOST_SECONDS


def main() -> int:
    """0 where all is as it should be."""
    entries = int(sys.argv[1]) if len(sys.argv) > 1 else ENTRIES
    rows, right = merged_and_minimised(entries)
    more, too = replayed()
    text = record.table(("", ""), [*rows, *more]) + (
        "\n\nEntries are drawn: some tens of pairs each, most of them in all. Each file is brought to the disk before"
        " it has its name. A known finding is replayed as the plugin of pytest and `redactfuzz run` do it, the import"
        " of its scenario included. A processor's seconds are what it takes whatever else the machine does."
    )
    print(text)
    record.save("corpus", "What a corpus costs", text, {"rows": [list(map(str, row)) for row in [*rows, *more]]})
    return 0 if right and too else 1


if __name__ == "__main__":
    sys.exit(main())
