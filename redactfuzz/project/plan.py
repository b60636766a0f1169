"""Which files belong into a project. Their texts lie beside this module, under ``templates``."""

from __future__ import annotations

import enum
from collections.abc import Collection, Mapping
from pathlib import Path

import attrs

_TEMPLATES = Path(__file__).parent / "templates"
SCENARIOS = "tests/scenarios"
JOBS = "ci/redactfuzz"


class Host(enum.StrEnum):
    """Who starts the jobs."""

    GITHUB = "github"
    GITLAB = "gitlab"
    SHELL = "shell"


@attrs.frozen
class Planned:
    """A file of a project."""

    path: str
    """Relative to the project, with ``/``."""
    content: bytes
    runs: bool = False
    """It is a script."""


_SCRIPTS = ("settings", "install", "corpus", "nightly", "pull-request", "prune")
_NEVER_RUN = ("settings",)
_OF_HOST: Mapping[Host, Mapping[str, str]] = {
    Host.GITHUB: {
        f".github/workflows/redactfuzz-{job}.yml": f"github/{job}.yml" for job in ("nightly", "pull-request", "prune")
    },
    Host.GITLAB: {f"{JOBS}/gitlab.yml": "gitlab/redactfuzz.yml", ".gitlab-ci.yml": "gitlab/gitlab-ci.yml"},
    Host.SHELL: {},
}
INCLUDE = ".gitlab-ci.yml"
"""Which may be there with jobs of the project's own: what it must include is said then."""


def planned(hosts: Collection[Host]) -> tuple[Planned, ...]:
    """The first scenario, and for any host the jobs as scripts, which those of a host call."""
    found = [Planned(f"{SCENARIOS}/test_first_scenario.py", template("scenario.txt"))]
    if hosts:
        found += [
            Planned(f"{JOBS}/{name}.sh", template(f"shell/{name}.sh"), name not in _NEVER_RUN) for name in _SCRIPTS
        ]
    for host in Host:
        if host in hosts:
            found += [Planned(path, template(name)) for path, name in _OF_HOST[host].items()]
    return tuple(found)


def ignored(hosts: Collection[Host]) -> tuple[str, ...]:
    """Lines of ``.gitignore``."""
    return (".redactfuzz/", *(["/night/"] if hosts else []))


def template(name: str) -> bytes:
    """The text of one."""
    return (_TEMPLATES / name).read_bytes()
