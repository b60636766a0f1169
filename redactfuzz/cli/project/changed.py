"""``redactfuzz changed``: which scenarios a change of the code concerns."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import attrs
import click

from redactfuzz.campaign.session.spec import relative
from redactfuzz.changed import dependencies, places, revision
from redactfuzz.changed.build import build
from redactfuzz.changed.decide import why
from redactfuzz.changed.dependencies import Record
from redactfuzz.changed.once import compiled, is_here, versions
from redactfuzz.cli.load import confining
from redactfuzz.cli.paths import WantedScenarios, wanted
from redactfuzz.cli.programs import Given, programs, split
from redactfuzz.cli.project.recording import Recorded, of_file
from redactfuzz.cli.streams import apart
from redactfuzz.model.dependencies import Dependencies
from redactfuzz.model.texts.escaped import escaped
from redactfuzz.native.compile.compiler import BuildError
from redactfuzz.native.run.program import Program
from redactfuzz.report.lines import say

RECORD = Path(".redactfuzz", "dependencies.json")
_NEW = "not known before"
_MOST = 3
"""Reasons that are named of one scenario."""


@attrs.frozen
class Concerned:
    """One scenario, or program. ``why`` is empty where nothing that it depends on has changed."""

    argument: str
    """What ``redactfuzz run`` takes for it."""
    why: tuple[str, ...]


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--since", required=True, metavar="REV", help="A revision of git: a branch, tag or commit.")
@click.option("--record", type=click.Path(path_type=Path), default=RECORD, show_default=True, metavar="FILE",
              help="Where it is kept what scenarios depend on.")  # fmt: skip
@click.option("--cflag", "flags", multiple=True, metavar="FLAG", help="Programs: for the compiler.")
@click.option("-0", "--null", is_flag=True, help="Names alone, each with a zero byte after it, for xargs -0.")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON a scenario, of the others as well.")
@confining
def changed(
    paths: tuple[str, ...],
    since: str,
    record: Path,
    flags: tuple[str, ...],
    null: bool,
    as_json: bool,
    unconfined: bool,
) -> int:
    """List the scenarios of which something has changed since the commit at which this branch left REV.

    What a scenario depends on is recorded by running it once with plain threads: files of the project that it imports,
    opens or lists, and versions of what is installed. Of a C or C++ program it is what the compiler names (-MM). Both
    are recorded anew where they have changed. A scenario of which nothing is known has changed.

    \b
    Exit status: 0 it is told, 2 usage, or git cannot tell.
    Not seen: variables of the environment but PYTHONPATH, what a scenario only asks the existence of, and what C code
    opens by itself and has closed in the end.
    """
    if dependencies.is_another(record):
        raise click.UsageError(f"--record {record}: it exists and is no record. Remove it, or name another file")
    try:
        root = revision.top(Path.cwd())
        differs = revision.since(root, since)
    except revision.RevisionError as error:
        raise click.UsageError(f"--since: {error}") from None
    python, native, folders = split(paths)
    files = wanted(python) if python else []
    found = programs(native, folders, Given(flags=flags))
    with apart(show=False) as (out, err):
        asked = _Asked(root, differs, dependencies.read(record, _made_by()), unconfined)
        told = [each for file in files for each in asked.of_file(file)] + [asked.of_program(each) for each in found]
        try:
            dependencies.write(record, asked.known)
        except OSError as error:
            say(f"redactfuzz: {record} cannot be written ({error.strerror}): all is recorded again next time", err)
        if null:
            out.write("".join(f"{each}\0" for each in dict.fromkeys(one.argument for one in told if one.why)))
            return 0
        for one in told:
            if as_json:
                print(json.dumps({"scenario": one.argument, "changed": bool(one.why), "why": one.why}), file=out)
            elif one.why:
                say(f"{one.argument}: {_reasons(one.why)}", out)
        count = sum(bool(one.why) for one in told)
        say(f"{count:,} of {len(told):,} scenarios and programs changed since {since}", err)
        return 0


def _made_by() -> str:
    return f"redactfuzz {build()}, {sys.implementation.name} {'.'.join(map(str, sys.version_info[:3]))}"


def _reasons(why: tuple[str, ...]) -> str:
    more = f" and {len(why) - _MOST:,} more" if len(why) > _MOST else ""
    return escaped(", ".join(why[:_MOST]) + more)


@attrs.define(eq=False)
class _Asked:
    """What is known, and becomes known."""

    root: Path
    differs: revision.Differences
    known: Record
    unconfined: bool

    def of_file(self, file: WantedScenarios) -> Iterator[Concerned]:
        """Each of its scenarios that is wanted."""
        path = self._inside(file.file)
        keys = [key for key in self.known.scenarios if key.partition("::")[0] == path]
        before = {key.partition("::")[2]: self.known.scenarios[key] for key in keys}
        here = [Recorded(name, one) for name, one in before.items() if one is not None and is_here(one, self.root)]
        if not before or len(here) < len(before):
            here = list(of_file(attrs.evolve(file, names=()), self.root, unconfined=self.unconfined))
            self._forget(keys)
        if file.names:
            there = {each.name: each for each in here}
            absent = "" if "" in there else "there is no scenario of this name"
            here = [there.get(name) or there.get("") or Recorded(name, unknown=absent) for name in file.names]
        for each in here:
            title = relative(str(file.file)) + (f"::{each.name}" if each.name else "")
            yield self._concerned(title, f"{path}::{each.name}", before.get(each.name), each)

    def of_program(self, program: Program) -> Concerned:
        """One that is named, or of a folder."""
        key = " ".join(self._inside(source) for source in program.sources)
        argument = relative(str(program.sources[0]))
        if len(program.sources) > 1:  # they are found together again in their folder, as they were
            argument = relative(str(program.sources[0].parent))
        try:
            here = Recorded("", compiled(program, self.root))
        except BuildError as error:
            here = Recorded("", unknown=str(error))
        return self._concerned(argument, key, self.known.scenarios.get(key), here)

    def _concerned(self, argument: str, key: str, before: Dependencies | None, here: Recorded) -> Concerned:
        depends = None if here.unknown else here.depends
        self.known = attrs.evolve(self.known, scenarios={**self.known.scenarios, key: depends})
        if here.unknown:
            return Concerned(argument, (here.unknown,))
        if before is None:
            return Concerned(argument, (_NEW,))
        now = places.held(before, before.places, self.root)
        reasons = why(before, here.depends, self.differs, versions(frozenset(before.installed)), now)
        return Concerned(argument, reasons)

    def _forget(self, keys: list[str]) -> None:
        gone = set(keys)
        kept = {key: one for key, one in self.known.scenarios.items() if key not in gone}
        self.known = attrs.evolve(self.known, scenarios=kept)

    def _inside(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else str(path)
