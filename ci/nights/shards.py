"""Two shards of a night merged, beside one run of both seed sets: causes, entries and what is covered.

Executions are counted, so that nothing depends on how fast the machine is. Prints and writes a page.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

import attrs

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "ci" / "bench"))

from shared import nights, record  # noqa: E402
from shared.nights import Project  # noqa: E402

from redactfuzz.campaign.corpus.entries import Entry, entries  # noqa: E402
from redactfuzz.campaign.explain import causes  # noqa: E402
from redactfuzz.model.coverage import Coverage, union  # noqa: E402
from redactfuzz.model.night import SliceEnded  # noqa: E402
from redactfuzz.night.journal import of_kind  # noqa: E402

TARGETS = tuple(f"python/{name}" for name in ("drain_once", "fail_open", "split_write", "stale_flag", "stolen_job"))
EXECUTIONS = 400
SEED = 5
SHARDS = ("1/2", "2/2")
WORDS = ("targets", "--rounds", 2, "--slice", "10m", "--jobs", 1, "--round-robin", "--seed", SEED, "--new-corpus")
_SAID = re.compile(r"([\d,]+) added, ([\d,]+) known")


@attrs.frozen
class Runs:
    """All of them in one project."""

    project: Project

    def start(self, shard: str, out: str, corpus: str) -> subprocess.Popen[bytes]:
        """The night of one shard."""
        return self.project.start(*WORDS, "--shard", shard, "--corpus", corpus, out=out)

    def causes(self, *outs: str) -> set[str]:
        """That the last nights of these met."""
        last = [night for out in outs if (night := self.project.night(out)) is not None]
        return {causes.key(each.title, each.finding) for night in last for each in nights.found(night).values()}

    def executions(self, *outs: str) -> int:
        """Of them."""
        last = [night for out in outs if (night := self.project.night(out)) is not None]
        ended = [each for night in last for each in of_kind(night.events, SliceEnded)]
        return sum(each.report.executions for each in ended if each.report is not None)

    def merged(self, *corpora: str, into: str) -> tuple[int, int]:
        """How many entries were added and known."""
        said = _SAID.search(self.project.run("corpus", "merge", *corpora, "--into", into).stdout)
        assert said is not None
        return int(said[1].replace(",", "")), int(said[2].replace(",", ""))

    def files(self, corpus: str) -> dict[str, bytes]:
        """Each file of a corpus."""
        folder = self.project.work / corpus
        return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    def covered(self, corpus: str) -> dict[str, Coverage]:
        """What its seeds cover, target by target."""
        names = sorted(path.name for path in (self.project.work / corpus).iterdir())
        read = {name: entries(self.project.work / corpus, name) for name in names}
        return {
            name: union(each.seed.coverage for each in found if isinstance(each, Entry) and each.seed is not None)
            for name, found in read.items()
        }


def nights_of(runs: Runs) -> None:
    """The shards, one after the other; both at once; and into one corpus, one after the other."""
    for shard, name in zip(SHARDS, "ab", strict=True):
        runs.start(shard, name, f"corpus-{name}").wait()
    both = [runs.start(shard, f"{name}2", f"corpus-{name}2") for shard, name in zip(SHARDS, "ab", strict=True)]
    for each in both:
        each.wait()
    for shard in SHARDS:
        runs.start(shard, "one", "corpus-one").wait()


def main() -> int:
    """0 where all is as it should be."""
    with tempfile.TemporaryDirectory() as name:
        runs = Runs(Project.at(Path(name), TARGETS, EXECUTIONS))
        nights_of(runs)
        added, _ = runs.merged("corpus-a", "corpus-b", into="merged")
        once = runs.files("merged")
        again = runs.merged("corpus-a", "corpus-b", into="merged")
        twice = runs.files("merged")
        runs.merged("corpus-b2", into="other")
        runs.merged("corpus-a2", "merged", into="other")
        rows: list[tuple[str, object, bool]] = [
            ("causes in both shards", len(runs.causes("a", "b")), bool(runs.causes("a", "b"))),
            (
                "causes in one run of both seed sets",
                len(runs.causes("one")),
                runs.causes("one") == runs.causes("a", "b"),
            ),
            ("entries of both corpora, merged", added, added == len(once) > 0),
            ("added when they are merged once more", again[0], again == (0, added) and once == twice),
            (
                "entries of both seed sets run at the same time on one machine, merged in the other order",
                len(runs.files("other")),
                runs.files("other") == once,
            ),
            ("each shard's corpus is that of its second run, byte by byte", "", _same(runs)),
        ]
        pairs = _pairs(runs)
        rows.append(("pairs and places that one run into one corpus has, and the merged one not", _more(pairs), True))
        text = _text(runs, rows, pairs)
    data = {"commit": nights.commit(), "rows": rows, "pairs": pairs}
    record.save("shards", "Two shards, merged", text, data)
    return 0 if all(right for *_, right in rows) else 1


def _same(runs: Runs) -> bool:
    return all(runs.files(f"corpus-{each}") == runs.files(f"corpus-{each}2") for each in "ab")


def _pairs(runs: Runs) -> list[tuple[str, int, int, int, int]]:
    """Target by target: pairs and places of the merged corpus and of the one run, and those of one alone."""
    merged, one = runs.covered("merged"), runs.covered("corpus-one")
    rows = []
    for name in sorted(merged | one):
        first, second = (_all(each.get(name, Coverage())) for each in (merged, one))
        rows.append((name, len(first), len(second), len(first - second), len(second - first)))
    return rows


def _all(covered: Coverage) -> set[object]:
    return {*covered.pairs, *covered.shown}


def _more(pairs: list[tuple[str, int, int, int, int]]) -> int:
    return sum(more for *_, more in pairs)


def _text(runs: Runs, rows: list[tuple[str, object, bool]], pairs: list[tuple[str, int, int, int, int]]) -> str:
    shown = [(what, number, "yes" if right else "**no**") for what, number, right in rows]
    return "\n\n".join(
        (
            f"{len(TARGETS) * 2} scenarios ({', '.join(TARGETS)}; a vulnerable and a fixed twin each), two slices of"
            f" {EXECUTIONS} executions of each, seed {SEED}; `--shard 1/2` and `--shard 2/2`. Programs are left out,"
            " since a night gives them seconds and no number of executions.",
            record.table(("", "", "as it should be"), shown),
            "What a shard keeps follows from its seeds alone: run again beside the other one, it writes the same files."
            " So both seed sets on one machine, merged, are the two shards, merged, in any order.",
            "## Into one corpus\n\nIn one run with one corpus the second seed set starts with what the first one kept."
            " It runs that first, and keeps only what adds to it; where that leaks, the search is over, for a campaign"
            f" ends at its first leak. It took {runs.executions('a', 'b'):,} executions in the shards, and fewer here"
            " in those that leak. So its entries are others, and fewer; the causes are the same; of pairs and places:",
            record.table(
                ("target", "merged", "one corpus", "in the merged one alone", "in the one corpus alone"), pairs
            ),
            f"Commit {nights.commit()}.",
        )
    )


if __name__ == "__main__":
    sys.exit(main())
