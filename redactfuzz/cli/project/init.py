"""``redactfuzz init``: a first scenario and the jobs of CI, into somebody's project."""

from __future__ import annotations

import contextlib
from pathlib import Path

import click

from redactfuzz.changed.revision import RevisionError, top
from redactfuzz.model.texts.escaped import escaped
from redactfuzz.model.texts.shell import quoted
from redactfuzz.project.place import Placed, PlaceError, place
from redactfuzz.project.plan import INCLUDE, JOBS, SCENARIOS, Host, ignored, planned, template


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=".", metavar="[DIR]")
@click.option("--github", is_flag=True, help="Jobs for GitHub Actions.")
@click.option("--gitlab", is_flag=True, help="Jobs for GitLab.")
@click.option("--shell", is_flag=True, help="The same jobs for a shell (cron, Jenkins): the others call them.")
def init(folder: Path, github: bool, gitlab: bool, shell: bool) -> int:
    """Write a first scenario into the project in DIR, and the jobs that run it each night and for pull requests.

    No file is overwritten, and of .gitignore only lines are added. Where something goes wrong nothing is left.

    \b
    Exit status: 0 it is there now, 2 usage, or DIR cannot be written, 3 the disk is full.
    """
    hosts = [host for host, wanted in zip(Host, (github, gitlab, shell), strict=True) if wanted]
    if not folder.is_dir():
        raise click.UsageError(f"{folder}: no such folder")
    if (github or gitlab) and (above := _above(folder.resolve())) is not None:
        raise click.UsageError(
            f"{folder} lies below {above}, and code hosts read their jobs at the top of a repository alone. Run it "
            f"there; or give --shell, and start {JOBS}/nightly.sh from a job of yours"
        )
    try:
        placed = place(folder, planned(hosts), ignored(hosts))
    except PlaceError as error:
        raise click.UsageError(f"{error}: nothing was written") from None
    for path in placed.written:
        click.echo(f"written    {escaped(path)}")
    for path in placed.same:
        click.echo(f"unchanged  {escaped(path)}")
    for path in placed.other:
        click.echo(f"kept       {escaped(path)} (it is yours)")
    click.echo("".join(f"\n{escaped(step)}" for step in _next(folder, hosts, placed)))
    return 0


def _above(folder: Path) -> Path | None:
    """The top of the repository, where that is another folder."""
    with contextlib.suppress(RevisionError):
        found = top(folder)
        return found if found != folder else None
    return None


def _next(folder: Path, hosts: list[Host], placed: Placed) -> list[str]:
    """What to do now."""
    there = "" if folder == Path() else f"cd {quoted(str(folder))} && "
    steps = [
        "Next:",
        f"  {there}redactfuzz run {SCENARIOS}    finds the leak of the example: put your own redactor in its place",
        "  in pytest there is nothing to set up; where your project lists what its tests need, add redactfuzz",
        "  redactfuzz doctor    says what this machine can do",
    ]
    if not hosts:
        return [*steps, "  redactfuzz init --github (or --gitlab, --shell)    adds the jobs of CI"]
    steps += [
        f"  look at {JOBS}/settings.sh and {JOBS}/install.sh, and commit what was written",
        f"  sh {JOBS}/corpus.sh begin    makes the branch on which the corpus is kept, once",
    ]
    if Host.GITLAB in hosts:
        if INCLUDE in placed.other:
            lines = template("gitlab/gitlab-ci.yml").decode().strip().splitlines()
            steps += [f"  {INCLUDE} is yours: add to it", *(f"    {line}" for line in lines)]
        steps.append(f"  GitLab: make the two schedules, and let jobs push: {JOBS}/gitlab.yml says how")
    return steps
