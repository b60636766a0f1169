"""Certificates of searches that no campaign is made around, and what is executed again of them."""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import attrs
from trees import certificate

from redactfuzz.campaign.face.scenario import program_spec, spec_of
from redactfuzz.campaign.search.proving import proof_of
from redactfuzz.campaign.session.spec import Options, ScenarioSpec, Settings
from redactfuzz.check import Rejected
from redactfuzz.cli.load import loaded
from redactfuzz.cli.programs import Given, programs
from redactfuzz.model.plan import Budget, Isolation
from redactfuzz.model.schedule import Granularity
from redactfuzz.rerun.again import Done, again
from redactfuzz.rerun.executed import Runner
from redactfuzz.rerun.leaves import sampled

TARGETS = Path(__file__).parents[2] / "targets"
Line = dict[str, Any]


@contextmanager
def scenario(name: str, which: str = "fixed") -> Iterator[ScenarioSpec]:
    with loaded(TARGETS / "python" / name / "scenario.py") as scenarios:
        (spec,) = [spec_of(each.function) for each in scenarios if each.name == which]
        yield spec


def program(source: Path) -> ScenarioSpec:
    (found,) = programs([str(source)], [], Given())
    return program_spec(found, Settings())


@attrs.frozen
class Certified:
    """A certificate, and what executes it again."""

    file: Path
    runner: Runner

    @property
    def lines(self) -> list[Line]:
        """Its tree."""
        return [json.loads(line) for line in gzip.decompress(self.file.read_bytes()).splitlines()[1:-1]]

    @property
    def header(self) -> Line:
        header: Line = json.loads(gzip.decompress(self.file.read_bytes()).splitlines()[0])
        return header

    def altered(self, change: Callable[[list[Line]], list[Line]]) -> Path:
        """Another file: with another tree, whose trailer fits."""
        path = self.file.with_suffix(".altered.gz")
        path.write_bytes(certificate(change(self.lines), self.header))
        return path

    def again(self, count: int, file: Path | None = None, seed: int = 0) -> Done:
        """Raises Rejected."""
        chance, done = Random(seed), Done()
        with (file or self.file).open("rb") as opened:
            sample = sampled(opened, count, chance)
        for each in again(self.runner, sample, count, chance, math.inf):
            done = each
        return done

    def why(self, count: int, file: Path, seed: int = 0) -> str:
        """Why it is rejected."""
        try:
            self.again(count, file, seed)
        except Rejected as error:
            return str(error)
        return ""


def certified(spec: ScenarioSpec, file: Path, granularity: Granularity, isolation: Isolation) -> Certified:
    """Of the search with a seed of its own; ``isolation`` of executions, of which nobody asks whether it suits them."""
    options = Options(seed=7, granularity=granularity, isolation=isolation, proof=file)
    runner = Runner.of(spec, options)
    session, stage = runner.session, attrs.evolve(runner.stage, follows=False)
    proof = proof_of(session, [stage], None)
    assert proof is not None
    batch = session.batch([stage], Budget(10**6, 600.0, stop_at_first=False), "", proof=proof)
    for _ in batch:
        pass
    proof.end(batch.counters.stages[0])
    proof.place()
    assert not proof.failed
    assert proof.whole
    return Certified(file, runner)
