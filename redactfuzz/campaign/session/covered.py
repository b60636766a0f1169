"""What the stages of a search have covered, over all batches of a campaign."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from redactfuzz.campaign.session.state import Batch
from redactfuzz.model.counted import Explored
from redactfuzz.model.plan import Policy, Stage, StageReport


@attrs.frozen
class Covered:
    """A stage, and how far it came."""

    stage: Stage
    report: StageReport

    @property
    def space(self) -> Stage:
        """The stage without what only says when it has its turn."""
        return self.space_of(self.stage)

    def proves(self, asked: int | None, *, cold: bool = False) -> bool:
        """Whether it went through every schedule, or all of ``asked`` preemptions, on the usual machine.

        ``cold``: by executions that are each the first of a process, where others follow one another.
        """
        if self.stage.cold is not cold:
            return False
        stage = attrs.evolve(self.stage, cold=False)
        within = asked is not None and stage.policy is Policy.BOUNDED and stage.bound >= asked
        return self.report.exhausted and stage.usual and (stage.policy.whole or within)

    @staticmethod
    def space_of(stage: Stage) -> Stage:
        """What two stages have in common that search the same."""
        if stage.policy is Policy.SEQUENTIAL:
            stage = attrs.evolve(stage, bound=0)  # how many orders at most
        return attrs.evolve(stage, share=1, first=False, after=-1, limit=0, start=0, beside=False, proof=False)


def explored(covered: Sequence[Covered]) -> tuple[Explored, ...]:
    """The same for a report."""
    return tuple(
        Explored(
            each.stage.policy.name.lower(),
            each.stage.granularity,
            each.report.executions,
            each.report.exhausted,
            each.report.estimate,
            otherwise=not each.stage.usual,
            parts=each.stage.parts,
        )
        for each in covered
        if each.report.executions
    )


def cover(covered: list[Covered], stages: Sequence[Stage], batch: Batch) -> None:
    """Takes in what a batch has run of its stages."""
    for stage, report in zip(stages, batch.counters.stages, strict=False):
        fresh = Covered(stage, report)
        earlier = next((c for c in covered if c.space == fresh.space), None)
        if earlier is None:
            covered.append(fresh)
            continue
        if batch.plan.seed != batch.session.limits.seed and not stage.parts:
            # Another seed: other schedules of the same strategy, not the same ones once more.
            both = report.executions + earlier.report.executions
            fresh = Covered(stage, attrs.evolve(report, executions=both))
        elif report.executions <= earlier.report.executions:
            continue  # the beginning of the same once more
        covered[covered.index(earlier)] = fresh
