"""Seeds and repro files as campaigns would have kept them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from redactfuzz.campaign.corpus.files import opened, place
from redactfuzz.campaign.corpus.place import REGRESSIONS, SEEDS
from redactfuzz.model.coverage import Coverage
from redactfuzz.model.repro import Identity, Repro, Shown
from redactfuzz.model.schedule import Action, Deviation, Granularity, Schedule, Site
from redactfuzz.model.seed import Seed, dumps
from redactfuzz.model.verdict import Verdict

TARGET = "tests-scenario-leaks-1a2b3c4d"


def schedule(preemptions: int = 1, python: str = "") -> Schedule:
    site = Site("module", "function", "+1:4-9")
    steps = (Deviation("worker", site, nth, Action.SWITCH, "other") for nth in range(1, preemptions + 1))
    return Schedule(Granularity.CALLS, tuple(steps), python=python)


def seed_of(
    pairs: Iterable[tuple[str, str]],
    shown: Iterable[str] = (),
    *,
    preemptions: int = 1,
    number: int = 1,
    target: str = TARGET,
    python: str = "",
) -> Seed:
    covered = Coverage(frozenset(pairs), frozenset(shown))
    planned = schedule(preemptions, python)
    return Seed.of(covered, target=target, scenario="leaks", schedule=planned, seed=1, canary_number=number)


def keep(corpus: Path, seed: Seed) -> Path:
    """Writes it as a campaign does."""
    with opened(corpus, seed.target, SEEDS, make=True) as descriptor:
        place(descriptor, seed.file_name, dumps(seed))
    return corpus / seed.target / SEEDS / seed.file_name


def repro_of(scenario: str = "leaks", path: str = "scenario.py", **fields: object) -> Repro:
    identity = Identity(Verdict.LEAK, (Shown("token", "utf-8"),))
    values = {"schedule": schedule(), "seed": 1, "canary_number": 1, "python": "3.11.7", **fields}
    return Repro(scenario, path, identity, **values)  # type: ignore[arg-type]


def regression_folder(corpus: Path, target: str = TARGET) -> Path:
    folder = corpus / target / REGRESSIONS
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def everything(corpus: Path) -> dict[str, bytes]:
    """All files below it, by path."""
    files = (each for each in corpus.rglob("*") if each.is_file())
    return {each.relative_to(corpus).as_posix(): each.read_bytes() for each in files}
