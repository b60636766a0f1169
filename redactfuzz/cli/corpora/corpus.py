"""``redactfuzz corpus``: the seeds and regressions that campaigns keep, merged, minimised and listed."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click

from redactfuzz.campaign.corpus.entries import Entry, entries, stale_in, targets
from redactfuzz.campaign.corpus.files import Skipped, opened, place, settle
from redactfuzz.campaign.corpus.merge import merge as merged
from redactfuzz.campaign.corpus.merge import name_of
from redactfuzz.campaign.corpus.minimise import Changed
from redactfuzz.campaign.corpus.minimise import minimise as minimised
from redactfuzz.campaign.corpus.place import REGRESSIONS, SEEDS, target_of
from redactfuzz.campaign.files.agreed import roots
from redactfuzz.campaign.files.store import load
from redactfuzz.model.coverage import union
from redactfuzz.model.repro import Repro, ReproError, dumps
from redactfuzz.model.texts.escaped import escaped

FOLDER = click.Path(path_type=Path, file_okay=False)


@click.group()
def corpus() -> None:
    """Merge, minimise and list what campaigns keep in a folder: DIR/TARGET/seeds and DIR/TARGET/regressions.

    Nothing is run by these commands.
    """


@corpus.command()
@click.argument("sources", type=FOLDER, nargs=-1, required=True, metavar="FROM...")
@click.option("--into", type=FOLDER, required=True, metavar="DIR", help="The corpus that they are copied into.")
def merge(sources: tuple[Path, ...], into: Path) -> int:
    """Copy what DIR has not from other corpora.

    Merged twice nothing changes. What cannot be used is counted with its reason, and left out.
    """
    try:
        for source in sources:
            inside = [source / name / each for name in targets(source) for each in (SEEDS, REGRESSIONS)]
            if any(source.iterdir()) and not any(each.is_dir() for each in inside):
                raise click.UsageError(
                    f"{source}: it is no corpus: no TARGET/seeds and no TARGET/regressions are in it"
                )
        done = merged(sources, into)
    except OSError as error:
        raise _unusable(error) from None
    click.echo(f"{into}: {done.added:,} added, {done.known:,} known")
    _say_skipped(done.skipped)
    return 0


@corpus.command()
@click.argument("folder", type=FOLDER, metavar="DIR")
def minimise(folder: Path) -> int:
    """Remove the seeds whose pairs and places other seeds have.

    All pairs stay, which is checked before anything is removed; regressions stay, and so does what cannot be read.
    """
    try:
        for target in targets(folder):
            done = minimised(folder, target)
            click.echo(f"{target}: {done.kept:,} seeds kept, {done.removed:,} removed")
            _say_skipped(Counter(each.reason for each in done.skipped))
    except OSError as error:
        raise _unusable(error) from None
    except Changed as error:
        raise click.ClickException(str(error)) from None
    return 0


@corpus.command()
@click.argument("finding", type=click.Path(path_type=Path, dir_okay=False), metavar="FINDING.rfz.json")
@click.option("--into", type=FOLDER, required=True, metavar="DIR", help="The corpus: corpora in the project.")
def promote(finding: Path, into: Path) -> int:
    """Make a finding a regression, which pytest and `redactfuzz run` replay first from now on."""
    try:
        repro = load(finding)
        inside = target_of(_code_of(repro, finding), repro.scenario), REGRESSIONS
        name = name_of(repro)
        with opened(into, *inside, make=True) as descriptor:
            new = place(descriptor, name, dumps(repro))
            settle(descriptor)
    except ReproError as error:
        raise click.UsageError(str(error)) from None
    except OSError as error:
        raise _unusable(error) from None
    click.echo(f"{into.joinpath(*inside, name)}" + ("" if new else " is there already"))
    return 0


@corpus.command(name="list")
@click.argument("folder", type=FOLDER, metavar="DIR")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON a target on stdout.")
def list_(folder: Path, as_json: bool) -> int:
    """What a corpus holds, target by target."""
    try:
        for line in _listed(folder, as_json=as_json):
            click.echo(line)
    except OSError as error:
        raise _unusable(error) from None
    return 0


def _listed(folder: Path, *, as_json: bool) -> Iterator[str]:
    for target in targets(folder):
        read = list(entries(folder, target))
        seeds = [each.seed for each in read if isinstance(each, Entry) and each.seed is not None]
        covered = union(each.coverage for each in seeds)
        skipped = Counter(each.reason for each in read if isinstance(each, Skipped))
        counts = {
            "seeds": len(seeds),
            "stale": len(stale_in(folder, target)),
            "regressions": sum(isinstance(each, Entry) and each.repro is not None for each in read),
            "pairs": len(covered.pairs),
            "shown": len(covered.shown),
        }
        if as_json:
            yield json.dumps({"target": target, **counts, "skipped": dict(skipped)})
            continue
        yield f"{target}: " + ", ".join(f"{number:,} {name}" for name, number in counts.items())
        yield from (f"  {times:,} skipped: {escaped(reason)}" for reason, times in sorted(skipped.items()))


def _code_of(repro: Repro, file: Path) -> Path:
    """The scenario's file below the working directory, or the folder whose finding it is. Raises UsageError."""
    for root in roots(file):
        path = (root / repro.path).resolve()
        if path.is_file() and path.is_relative_to(root.resolve()):
            return path
    raise click.UsageError(
        f"{file}: its scenario is in {repro.path}, which is not here; go to the folder of the project"
    )


def _say_skipped(reasons: Counter[str]) -> None:
    for reason, times in sorted(reasons.items()):
        click.echo(f"  {times:,} skipped: {escaped(reason)}")


def _unusable(error: OSError) -> click.UsageError:
    where = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else ""
    return click.UsageError(f"{where}: {error.strerror}" if where else str(error.strerror or error))
