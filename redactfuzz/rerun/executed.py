"""One way through a scenario or program, gone by its runtime: what its steps touch now, and what comes out."""

from __future__ import annotations

import gzip
import io
from collections.abc import Mapping, Set

import attrs

from redactfuzz.campaign.files.store import Store
from redactfuzz.campaign.session.deadline import Deadline
from redactfuzz.campaign.session.oracle import default_oracle
from redactfuzz.campaign.session.spec import FOREVER, Options, ScenarioSpec
from redactfuzz.campaign.session.state import Session
from redactfuzz.check.reading import Node, Step
from redactfuzz.model.outcome import Outcome
from redactfuzz.model.plan import Budget, Policy, Stage, Turn
from redactfuzz.rerun.leaves import one_of

_TWICE = 2
"""See ``follows`` of Stage."""


@attrs.define(eq=False)
class _Record:
    """A Proof that is kept in memory: of the last execution."""

    text: bytearray = attrs.field(factory=bytearray)

    def begin(self, canaries: Mapping[str, bytes], before: tuple[int, int] = (0, 0)) -> None:
        """Forgets the one before."""
        self.text.clear()

    def ran(self, files: Set[str]) -> None:
        """Nobody asks."""

    def write(self, lines: bytes) -> None:
        """Adds to it."""
        self.text += lines


@attrs.frozen
class Executed:
    """What was seen. ``outcome``: None where no execution came out of it."""

    root: Node
    steps: tuple[Step, ...]
    left: bool
    """In its midst: how things stand behind its last step is not known."""
    outcome: Outcome | None


@attrs.define(eq=False)
class Runner:
    """Runs ways of one scenario, as the search did that is certified."""

    session: Session
    stage: Stage

    @classmethod
    def of(cls, spec: ScenarioSpec, options: Options) -> Runner:
        """Raises OptionError."""
        limits = spec.limits(attrs.evolve(options, strategy="dpor"))
        session = Session(spec, limits, spec.target.runtime(), Store(), default_oracle())
        session.deadline = Deadline(FOREVER)  # whoever asked for so many ends them
        granularity = limits.granularity
        assert granularity is not None
        return cls(session, Stage(Policy.DPOR, granularity, proof=True, follows=True))

    def run(self, way: tuple[Turn, ...], seconds: float) -> Executed | None:
        """Goes a way, twice: what is told is of the second time. None where nothing was told. Raises Rejected."""
        record, outcome = _Record(), None
        budget = Budget(_TWICE, seconds, stop_at_first=False, least=_TWICE)
        for item in self.session.batch((self.stage,), budget, "", proof=record, way=way, every=True):
            if isinstance(item, Outcome):
                outcome = item
        found = one_of(io.BytesIO(gzip.compress(bytes(record.text), 1)))
        return None if found is None else Executed(*found, outcome)
