"""``redactfuzz fuzz``: the nightly job."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import attrs
import click

from redactfuzz.campaign.corpus.entries import entries, targets
from redactfuzz.campaign.corpus.files import Skipped
from redactfuzz.campaign.session.spec import relative
from redactfuzz.changed.build import build, described
from redactfuzz.changed.revision import project
from redactfuzz.cli.night.printed import Printed
from redactfuzz.cli.night.report import morning
from redactfuzz.cli.night.spared import spared
from redactfuzz.cli.night.suppressed import Said
from redactfuzz.cli.paths import wanted
from redactfuzz.cli.programs import Given, beside, programs, split
from redactfuzz.cli.streams import told
from redactfuzz.model.limits import SEED
from redactfuzz.model.night import (
    Alarm,
    FindingMet,
    Life,
    NightEnded,
    NightEvent,
    SliceBegan,
    TargetListed,
)
from redactfuzz.native.run.program import Program
from redactfuzz.night import slices
from redactfuzz.night.asked import SLICE, Asked, opening
from redactfuzz.night.cluster import LONGEST, Cluster
from redactfuzz.night.job import Job
from redactfuzz.night.journal import Journal, Night, NightError, files, held, nights, of_kind
from redactfuzz.night.slices import Slice
from redactfuzz.night.suppressions import FILE, Suppression, SuppressionError
from redactfuzz.report.lines import printable

_OUT = Path(".redactfuzz/night")
_UNITS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0}
_DURATION = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?[dhms])+", re.ASCII)
_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)([dhms])", re.ASCII)
_SHARD = re.compile(r"([1-9][0-9]{0,4})/([1-9][0-9]{0,4})", re.ASCII)
_LISTING = 300.0
"""Seconds that it may take to import all scenarios."""
_LISTINGS = 2
"""Times that this is tried."""
_ALONE = 60.0
"""Seconds that it may take of one file."""


def duration(ctx: click.Context, param: click.Parameter, value: str | None) -> float | None:
    """``8h``, ``90m``, ``1h30m``, ``45s``, in seconds. Raises BadParameter."""
    if value is None:
        return None
    fits = len(value) < 40 and _DURATION.fullmatch(value) is not None
    seconds = sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(value)) if fits else 0.0
    if not 0 < seconds <= 366 * _UNITS["d"]:
        raise click.BadParameter(f"{value!r} is no duration; give one such as 8h, 90m or 1h30m")
    return seconds


def shard(ctx: click.Context, param: click.Parameter, value: str) -> tuple[int, int]:
    """``2/8``: the second of eight. Raises BadParameter."""
    found = _SHARD.fullmatch(value)
    if found is None or int(found[1]) > int(found[2]):
        raise click.BadParameter(f"{value!r} is no shard; give i/N with 1 <= i <= N, such as 2/8")
    return int(found[1]), int(found[2])


class _Unusable(click.ClickException):
    """No night, for what was given: 1 would say that something was found."""

    exit_code = 2


@click.command()
@click.argument("paths", nargs=-1, metavar="PATH...")
@click.option("--for", "seconds", callback=duration, metavar="TIME", help="It ends after that: 8h, 90m, 1h30m.")
@click.option("--until-stable", is_flag=True, help="It ends when nothing new is to be expected of any scenario.")
@click.option("--rounds", type=click.IntRange(1), metavar="N", help="It ends when each scenario has had N turns.")
@click.option("--out", type=click.Path(path_type=Path), default=_OUT, help="Journals (default .redactfuzz/night).")
@click.option("--corpus", type=click.Path(path_type=Path), metavar="DIR", help="What is kept from night to night.")
@click.option("--trust", is_flag=True, help="Replay findings of other machines, whatever they ask for.")
@click.option("--new-corpus", is_flag=True, help="There is none yet: an empty one is no alarm.")
@click.option("--suppressions", type=click.Path(path_type=Path), default=FILE, metavar="FILE")
@click.option("--cluster", metavar="tcp://HOST:PORT", help="Run slices on the workers of this Dask scheduler.")
@click.option("--resume", is_flag=True, help="Go on with a night that was killed.")
@click.option("--jobs", type=click.IntRange(1, 1024), help="Scenarios at a time (default: the number of cores).")
@click.option("--seed", type=click.IntRange(0, SEED), help="Of the night (default: day and minute, 202611280130).")
@click.option(
    "--shard", callback=shard, default="1/1", metavar="I/N", help="This machine is the i-th of N, which share nothing."
)
@click.option("--memory", type=click.IntRange(64), metavar="MIB", help="For one scenario (default: half).")
@click.option("--likelihood/--no-likelihood", default=None, help="Measure each new finding along its schedule, once.")
@click.option("--round-robin", is_flag=True, help="Each scenario in its turn, in place of where most is expected.")
@click.option(
    "--slice",
    "slice_seconds",
    callback=duration,
    metavar="TIME",
    help="How long a scenario has its turn (default 45s).",
)
def fuzz(
    paths: tuple[str, ...],
    seconds: float | None,
    until_stable: bool,
    rounds: int | None,
    out: Path,
    corpus: Path | None,
    new_corpus: bool,
    trust: bool,
    suppressions: Path,
    cluster: str | None,
    resume: bool,
    jobs: int | None,
    seed: int | None,
    shard: tuple[int, int],
    memory: int | None,
    likelihood: bool | None,
    round_robin: bool,
    slice_seconds: float | None,
) -> int:
    """Explore scenarios and programs for a night: time goes where something new is to be expected.

    What is known is run again first; what is PROVED costs nothing where all that it depends on is as it was (as
    `redactfuzz changed` sees it, which sees no variables of the environment but PYTHONPATH). Without --for, --rounds
    and --until-stable it goes on until a signal. The night directory holds the journal and the findings.

    \b
    Exit status: 0 nothing was found, 1 findings, 2 no night could begin, 5 an alarm: the night means nothing,
    3 nothing can be written.
    """
    cores = len(os.sched_getaffinity(0))
    given = {
        "seconds": seconds,
        "until_stable": until_stable or None,
        "jobs": jobs,
        "corpus": corpus,
        "adaptive": round_robin or None,
        "slice_seconds": slice_seconds,
        "measures": likelihood,
        "rounds": rounds,
        "memory": memory,
    }
    asked = Asked(
        folder=out,
        seconds=seconds,
        until_stable=until_stable,
        jobs=jobs or cores,
        seed=seed if seed is not None else int(time.strftime("%Y%m%d%H%M")),
        memory=(memory << 20) if memory else _half(),
        shard=shard,
        corpus=corpus,
        new_corpus=new_corpus,
        trust=trust,
        adaptive=not round_robin,
        slice_seconds=slice_seconds or SLICE,
        measures=likelihood is not False,
        rounds=rounds,
        given=frozenset(name for name, value in given.items() if value is not None),
    )
    try:
        said = Said.of(suppressions)  # raises before the night what would be known after it
        with held(out):
            return _night(asked, tuple(map(_from_here, paths)), cluster, resume=resume, said=said)
    except (NightError, SuppressionError) as error:
        raise _Unusable(str(error)) from None


def _from_here(path: str) -> str:
    """As scenarios are called, so that later nights know what was asked for."""
    file, colons, names = path.partition("::")
    return f"{relative(file)}{colons}{names}" if file.startswith("/") else path


def _night(asked: Asked, paths: tuple[str, ...], address: str | None, *, resume: bool, said: Said) -> int:
    cluster = Cluster(address, asked.folder, described) if address is not None else None
    try:
        if cluster is not None:
            slice_seconds = min(asked.slice_seconds, LONGEST)
            asked = attrs.evolve(
                asked, jobs=cluster.jobs, slice_seconds=slice_seconds, given=asked.given | {"jobs", "slice_seconds"}
            )
        return _held_night(asked, paths, cluster, resume=resume, said=said)
    finally:
        if cluster is not None:
            cluster.close()


def _held_night(asked: Asked, paths: tuple[str, ...], cluster: Cluster | None, *, resume: bool, said: Said) -> int:
    known, within = nights(asked.folder), _within()
    if other := next(filter(None, (_elsewhere(night, within) for night in known)), ""):
        raise NightError(
            f"{asked.folder}: the nights in it were of the folder {other!r} of this project, and this is {within!r}: "
            "their names would mean other files. Give --out another folder."
        )
    unfinished = known[-1] if known and not known[-1].ended else None
    if resume and unfinished is None:
        raise NightError(f"{asked.folder}: no night in it was killed, so there is none to resume. Leave --resume out.")
    if resume and unfinished is not None:
        started = unfinished.started
        if started is None:
            raise NightError(f"{asked.folder}: the last night was killed before it had begun. Leave --resume out.")
        if paths and paths != started.paths:
            raise NightError(
                f"{', '.join(paths)}: the night in {asked.folder} was begun with {', '.join(started.paths)}, and is "
                "resumed with that. Leave the names out, or leave --resume out for a night of its own."
            )
        then = f"redactfuzz {started.tool} on Python {started.python}"
        if then != described():
            raise NightError(
                f"{asked.folder}: the night was begun by {then}, and this is {described()}: what they explored is not "
                "one night. Leave --resume out for a night of its own; findings are known to it."
            )
        asked = asked.as_begun(started)
        targets = _decided_anew(of_kind(unfinished.events, TargetListed), started.paths, known, asked.shard)
        journal = Journal.resume(files(asked.folder)[-1])
        job = Job(asked, targets, journal, known[:-1], Printed().tell, cluster, _extra(asked))
        ended = job.resume(unfinished.events, _entries(asked.corpus))
    else:
        if not paths:
            raise click.UsageError("name files or folders that hold scenarios or programs")
        targets = _listed(paths, known, asked)
        journal = Journal.begin(asked.folder)
        job = Job(asked, targets, journal, known, Printed().tell, cluster, _extra(asked))
        ended = job.run(opening(asked, paths, build(), _entries(asked.corpus), within))
    said, broken = said.again()
    for alarm in broken:
        journal.write(alarm)
        Printed().tell(alarm)
    if journal.failed:
        told(f"redactfuzz: {journal.path} cannot be written: {journal.failed}")
    journal.close()
    told(printable(morning(asked.folder, said.all)))
    return _status([*job.events, *broken], ended, said.today, failed=bool(journal.failed))


def _extra(asked: Asked) -> tuple[str, ...]:
    """Words for each slice."""
    return ("--corpus", str(asked.corpus)) if asked.corpus is not None else ()


def _elsewhere(night: Night, within: str) -> str:
    """The other folder of the project that a night was of, where its files are there still: it was not moved."""
    other = night.started.within if night.started is not None else None
    if other is None or other == within:
        return ""
    there = project(Path.cwd()) / other
    listed = (each.title.partition("::")[0] for each in of_kind(night.events, TargetListed))
    return other if any((there / each).exists() for each in listed) else ""


def _within() -> str:
    """Where we are in the project."""
    here = Path.cwd()
    return here.relative_to(top).as_posix() if here.is_relative_to(top := project(here)) else "."


def _entries(corpus: Path | None) -> int:
    """How many of a corpus can be read."""
    if corpus is None or not corpus.is_dir():
        return 0
    found = (each for target in targets(corpus) for each in entries(corpus, target))
    return sum(not isinstance(each, Skipped) for each in found)


def _status(
    events: Sequence[NightEvent], ended: NightEnded, suppressed: Mapping[str, Suppression], *, failed: bool
) -> int:
    if failed:
        return 3
    if ended.signal:
        return 128 + ended.signal
    last = {each.key: each for each in of_kind(events, FindingMet)}
    left = (each for each in last.values() if each.life is not Life.FIXED)
    if any(each.key not in suppressed or not suppressed[each.key].covers(each.worse) for each in left):
        return 1
    return 5 if of_kind(events, Alarm) else 0


def _half() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2


def _listed(paths: Sequence[str], known: Sequence[Night], asked: Asked) -> list[TargetListed]:
    """The scenarios and programs, with those that are proved and unchanged."""
    python, native, folders = split(paths)
    found = programs(native, folders, Given())
    if others := beside(paths, found):
        told(
            f"redactfuzz: not taken, as in folders the programs are called vulnerable and fixed: {others[0]}"
            + (f" and {len(others) - 1} more" if len(others) > 1 else "")
            + "; give a program by the names of its files"
        )
    if python:
        wanted(python)  # raises UsageError
    titles: list[tuple[str, tuple[str, ...]]] = []
    if python:
        titles += [(title, (_no_option(title),)) for title in _scenarios(python, asked.seconds)]
    for program in found:
        sources = tuple(relative(str(source)) for source in program.sources)
        titles.append((sources[0], tuple(map(_no_option, sources))))
    proved = spared(known, _by_title(found), asked.shard)
    return [TargetListed(title, words, proved.get(title, "")) for title, words in dict(titles).items()]


def _decided_anew(
    targets: Sequence[TargetListed], paths: Sequence[str], known: Sequence[Night], shard: tuple[int, int]
) -> list[TargetListed]:
    """Those of a night that is resumed: what is proved, in it too, is spared while its code is what was proved."""
    _, native, folders = split(paths)
    proved = spared(known, _by_title(programs(native, folders, Given())), shard)
    last = {each.title: each for each in targets}
    return [attrs.evolve(each, spared=proved.get(title, "")) for title, each in last.items()]


def _by_title(found: Sequence[Program]) -> dict[str, Program]:
    return {relative(str(program.sources[0])): program for program in found}


def _no_option(word: str) -> str:
    """A name that a command takes for a name."""
    return f"./{word}" if word.startswith("-") else word


def _scenarios(paths: Sequence[str], seconds: float | None) -> list[str]:
    """By processes of their own: what they import is not for this one. Raises NightError where none comes to its end.

    What kills such a process by chance is not to cost the night a scenario that nobody would miss, nor is a file that
    never comes to its end to cost it the others: then each is asked for alone. ``seconds``: of the night.
    """
    most = _LISTING if seconds is None else min(max(seconds, _ALONE), _LISTING)
    titles: list[str] = []
    for _ in range(_LISTINGS):
        listing = _listing(paths, most)
        titles += listing.titles
        if listing.whole and not listing.unlisted:
            break
        if not listing.whole and listing.seconds > most:
            break
    if listing.whole:
        return [*titles, *listing.unlisted]  # a slice of its own says what becomes of whoever imports it
    told(f"redactfuzz: the process that lists the scenarios {listing.how}; each file is asked for alone")
    alone = {file: _listing(names, _ALONE) for file, names in _one_by_one(paths)}
    if not any(each.whole for each in alone.values()):
        raise NightError(
            f"{', '.join(paths)}: the scenarios could not be listed, as the process for it {listing.how}. "
            "See what `redactfuzz run PATH --list` says."
        )
    for file, each in alone.items():
        titles += [*each.titles, *each.unlisted] if each.whole else [file]
    return titles


def _one_by_one(paths: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Each file, and what of it is wanted."""
    for each in wanted(tuple(paths)):
        file = relative(str(each.file))
        yield file, [f"{file}::{name}" for name in each.names] or [file]


def _listing(paths: Sequence[str], seconds: float) -> Slice:
    began = SliceBegan(0, ", ".join(paths), ("redactfuzz", "run", *paths, "--list"), seconds)
    listing = slices.start(began, _half(), Path.cwd())
    try:
        while not listing.look():
            listing.follow()
            time.sleep(0.05)
    finally:
        listing.close()
    return listing
