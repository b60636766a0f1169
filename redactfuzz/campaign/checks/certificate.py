"""The only place that says PROVED or NO_LEAK_FOUND, and the record that goes with it."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs

from redactfuzz.campaign.checks.large import about
from redactfuzz.campaign.checks.obstacles import in_the_way, list_data_races
from redactfuzz.campaign.search import needed, subsets
from redactfuzz.campaign.search.exploration import Exploration
from redactfuzz.campaign.search.found import hash_seed
from redactfuzz.campaign.search.whole import reduces
from redactfuzz.campaign.session.covered import Covered
from redactfuzz.campaign.session.state import Session
from redactfuzz.model.counted import Explored
from redactfuzz.model.finding import Report
from redactfuzz.model.outcome import ProblemKind
from redactfuzz.model.part import Part
from redactfuzz.model.plan import Isolation, Policy, Stage
from redactfuzz.model.repro import JsonValue, Repro
from redactfuzz.model.schedule import DRAWN, Granularity
from redactfuzz.model.verdict import Certificate, Control, Verdict

_FINENESS = (Granularity.CALLS, Granularity.SWITCHES, Granularity.INSTRUCTIONS)
_SHORT = 60
"""Characters of a drawn value that are shown."""
_NAMES = {
    Policy.SEQUENTIAL: "sequential orders",
    Policy.RANDOM: "random walk",
    Policy.PCT: "PCT",
    Policy.POS: "POS",
    Policy.SURW: "SURW",
    Policy.EXHAUSTIVE: "every schedule",
    Policy.REPLAY: "replay",
    Policy.NEAR: "where the secret moves",
    Policy.NOVEL: "novelty",
    Policy.DPOR: "one schedule of each class",
    Policy.WALK: "random walks from the midst of a schedule",
}


@attrs.frozen
class Passed:
    """What is said of a campaign that found nothing."""

    verdict: Verdict
    certificate: Certificate
    part: Part | None = None
    """Of the whole space, where it went through that."""


def passed(
    session: Session,
    exploration: Exploration,
    controls: tuple[Control, ...],
    checked: tuple[str, ...] = (),
    compared: tuple[str, ...] = (),
    focus: tuple[str, ...] = (),
) -> Passed:
    """The verdict of a campaign that found nothing and whose controls all passed. ValueError when that is not so."""
    if not exploration.executions or not controls or not all(control.passed for control in controls):
        raise ValueError("a campaign without executions or with a failed control cannot pass")
    opaque = tuple(_opaque(session))
    # Whatever was not seen or not controlled, opaque or not, leaves room for an execution that nobody ran.
    races = list_data_races(exploration)
    proof = None if session.problems or races else _proof(session, exploration)
    carried = session.note_carried(proved=proof is not None)
    part = _part(session, exploration) if proof is not None else None
    whole = proof if part is None else None
    granularity, bound = whole or _find_completed_bound(session, exploration.covered) or ("", None)
    record = session.target.record
    certificate = _certificate(
        session,
        covered=tuple(
            _line(c, record.terms.levels) for c in _merge_subsets(exploration.covered) if c.report.executions
        ),
        executions=exploration.executions,
        seconds=exploration.seconds,
        controls=controls,
        granularity=granularity,
        preemptions=bound,
        opaque=opaque,
        notes=(
            *_note_repeated_canaries(exploration.repeats),
            *_note_untried_looks(max(exploration.looks.values())),
            *record.held(session),
            *_note_warm_up(session, proof),
            *carried,
            *races,
        ),
        counts=(*_counts(exploration), *checked),
        compared=compared,
        focus=() if whole is not None and session.aside else focus,
        obstacles=_in_other_parts(part) if part else () if proof else tuple(in_the_way(session, exploration)),
    )
    return Passed(Verdict.NO_LEAK_FOUND if proof is None or part else Verdict.PROVED, certificate, part)


def _part(session: Session, exploration: Exploration) -> Part | None:
    """Return the part that was explored and a digest of how it was split; None if the whole space was explored."""
    part = session.limits.part
    if part is None or part.of == 1 or _proof(session, exploration, shared=False) is not None:
        return None
    known = {c.space: (c.report.known, c.report.same) for c in exploration.covered}
    space = next(c.space for c in exploration.covered if c.stage.parts and c.stage.usual and not c.stage.cold)
    usual: dict[str, Any] = {"part": 0, "parts": 0}
    went_by = [str(session.isolation)]
    went_by += sorted(repr((attrs.evolve(way, **usual), known[way])) for way in needed.ways(space, exploration))
    return attrs.evolve(part, known=hashlib.sha256("\n".join(went_by).encode()).hexdigest()[:16])


def _in_other_parts(part: Part) -> tuple[str, ...]:
    return (f"the other parts: this is {part.number} of {part.of}; `redactfuzz parts` joins those of nights",)


def replayed(session: Session, repro: Repro, times: int) -> tuple[Verdict, Certificate]:
    """The verdict of a replay that ran to its end, ``times`` times, without the finding."""
    certificate = _certificate(
        session,
        covered=(f"the recorded schedule alone, {times} {'time' if times == 1 else 'times'}",),
        executions=times,
        seconds=session.seconds,
        controls=(),
        granularity="",
        preemptions=None,
        opaque=tuple(_opaque(session)),
    )
    return Verdict.NO_LEAK_FOUND, certificate


def of_parts(last: Report, space: Explored, slices: int) -> Report:
    """The report of the last part of a space of which all others were gone through as well. What it says is what their
    stages have reported. ``space``: all of them together; ValueError where ``last`` is of no part."""
    if last.part is None or last.certificate is None:
        raise ValueError("parts are joined at the report of one of them")
    said = f"all parts of the whole space, by {slices} slices: {space.executions:,} executions"
    certificate = attrs.evolve(
        last.certificate,
        granularity=str(space.granularity),
        preemptions=None,
        obstacles=(),
        covered=(*last.certificate.covered, said),
    )
    stages = (*last.stages, space)
    return attrs.evolve(
        last, verdict=Verdict.PROVED, preemptions=None, certificate=certificate, stages=stages, part=None
    )


def _certificate(
    session: Session,
    *,
    covered: tuple[str, ...],
    executions: int,
    seconds: float,
    controls: tuple[Control, ...],
    granularity: str,
    preemptions: int | None,
    opaque: tuple[str, ...],
    notes: tuple[str, ...] = (),
    counts: tuple[str, ...] = (),
    compared: tuple[str, ...] = (),
    focus: tuple[str, ...] = (),
    obstacles: tuple[str, ...] = (),
) -> Certificate:
    record = session.target.record
    notes = (
        *notes,
        *(f"{p.kind}: {p.what}" for p in session.problems if p.kind is not ProblemKind.OPAQUE),
        *((session.isolation_reason,) if session.isolation_reason else ()),
        *record.uncontained(session),
    )
    return Certificate(
        covered=covered,
        executions=executions,
        seconds=seconds,
        seed=session.limits.seed,
        controls=controls,
        python=record.python(),
        gil=getattr(sys, "_is_gil_enabled", lambda: True)(),
        hash_seed=hash_seed(),
        isolation=str(session.isolation),
        granularity=str(granularity),
        preemptions=preemptions,
        opaque=opaque,
        notes=notes,
        assumptions=record.terms.assumptions,
        build=record.build(session.spec.body),
        inputs=_inputs(session, covered),
        counts=counts,
        compared=compared,
        focus=focus,
        obstacles=obstacles,
    )


def _inputs(session: Session, covered: tuple[str, ...]) -> tuple[str, ...]:
    drawn = [f"{name}={_short(value)}" for name, value in session.spec.workload.items()]
    left_out = [session.spec.workload_note] if session.spec.workload_note else []
    pinned = "other canaries in each execution" if session.pinned is None else "the same canaries in every execution"
    if session.pinned is None and any(line.startswith(_NAMES[Policy.DPOR]) for line in covered):
        pinned += ", but in those of one schedule of each class"
    return (*drawn, *left_out, *session.target.record.inputs(session.spec.body), pinned)


def _short(value: JsonValue) -> str:
    text = json.dumps(value)
    return text if len(text) <= _SHORT else f"{text[:_SHORT]}…"


def _counts(exploration: Exploration) -> Iterator[str]:
    """Yield how many dumps, calls of the redactor and children of fork the executions had."""
    yield f"{exploration.made:,} dumps"
    yield f"{exploration.called:,} calls of the redactor"
    if exploration.afresh:
        share = 100 * exploration.afresh / max(exploration.executions, 1)
        yield f"executions that were each the first of a process: {exploration.afresh:,} ({share:.0f} %)"
    if exploration.struck:
        yield f"children of fork struck {exploration.struck:,} times, of which one has {exploration.calls:,} calls"


def _note_repeated_canaries(names: set[str]) -> tuple[str, ...]:
    """Note the canaries that have the same bytes in every execution: a carried-over one looks freshly planted."""
    if not names:
        return ()
    several = len(names) > 1
    listed = ", ".join(f"'{name}'" for name in sorted(names))
    which = "are the same in other executions" if several else "is the same in other executions"
    return (f"{listed} {which}: state that carries {'them' if several else 'it'} over from one could not be noticed",)


def _note_warm_up(session: Session, proof: object) -> tuple[str, ...]:
    """Note why executions after a warm-up alone give no proof."""
    if session.isolation is not Isolation.WARM or proof is not None:
        return ()
    return ("no proof: that takes every schedule both after a warm-up and as the first execution of a process",)


def _note_untried_looks(most: int) -> tuple[str, ...]:
    """Note that there were too many looks at a clock to try every subset of them with days passing before it."""
    if most <= subsets.MOST:
        return ()
    tried = "not every combination was tried: only 1.1 s before each look, or 100 days before one look"
    return (f"an execution looks at a clock up to {most:,} times; {tried}",)


def _opaque(session: Session) -> list[str]:
    """Return the calls that could not be seen or stopped, each with its place."""
    return [f"{p.what} at {p.where}" if p.where else p.what for p in session.problems if p.kind is ProblemKind.OPAQUE]


def _proof(session: Session, exploration: Exploration, *, shared: bool = True) -> tuple[Granularity, int | None] | None:
    """Return the granularity and the bound (None: no bound) that the search exhausted, or None if it proves nothing.

    It proves everything, or everything within the bound on preemptions that the user gave. With ``shared`` a stage that
    exhausted this campaign's part of the whole space counts as well.
    """
    asked, covered = session.limits.preemptions, exploration.covered
    # What fairness left out (a yield or an expiry repeated while nobody else runs) was not explored either.
    done = [c for c in covered if c.report.exhausted and not c.report.truncated and not c.report.cut]
    coarsest = _FINENESS.index(exploration.proof)
    done = [c for c in done if shared or not c.stage.parts]
    done = [c for c in done if _FINENESS.index(c.stage.granularity) >= coarsest]
    spaces = {c.space for c in done}
    done = [c for c in done if c.stage.usual and (ways := {*needed.ways(c.space, exploration)}) and ways <= spaces]
    full = [c for c in done if c.stage.policy is Policy.EXHAUSTIVE or (c.stage.policy.whole and reduces(session))]
    if full:
        return max((c.stage.granularity for c in full), key=_FINENESS.index), None
    within = [c for c in done if asked is not None and c.stage.policy is Policy.BOUNDED and c.stage.bound >= asked]
    if within:
        return max((c.stage.granularity for c in within), key=_FINENESS.index), asked
    return None


def _find_completed_bound(session: Session, covered: Sequence[Covered]) -> tuple[Granularity, int] | None:
    """Return the largest bound that a stage exhausted, with its finest granularity, or None if no stage exhausted one.

    If executions follow a warm-up, a bound that was exhausted without the warm-up as well is preferred.
    """
    whole = [c for c in covered if c.report.exhausted and not c.report.truncated]
    cold = {attrs.evolve(c.space, cold=False) for c in whole if c.stage.cold}
    usual = [c for c in whole if c.stage.policy is Policy.BOUNDED and c.stage.usual and not c.stage.strike]
    done = [c for c in usual if session.both and c.space in cold] or usual
    if not done:
        return None
    best = max(done, key=lambda c: (c.stage.bound, _FINENESS.index(c.stage.granularity)))
    return best.stage.granularity, best.stage.bound


def _merge_subsets(covered: Sequence[Covered]) -> Iterator[Covered]:
    """Yield the stages, with those that differ only in which looks stall, or which sets are reversed, merged."""
    some = dict[Stage, list[Covered]]()
    for each in covered:
        at = {name: min(getattr(each.stage, name), 1) for name in ("stalls_at", "turned_at")}
        if any(at.values()) and each.stage.turned_at != DRAWN:
            some.setdefault(attrs.evolve(each.space, **at), []).append(each)
        else:
            yield each
    for stage, parts in some.items():
        reports = [part.report for part in parts]
        total = attrs.evolve(
            reports[0],
            executions=sum(report.executions for report in reports),
            estimate=sum(report.estimate for report in reports),
            exhausted=all(report.exhausted for report in reports),
            truncated=any(report.truncated for report in reports),
            cut=any(report.cut for report in reports),
        )
        yield Covered(stage, total)


def _line(covered: Covered, levels: Mapping[Granularity, str]) -> str:
    stage, report = covered.stage, covered.report
    if stage.policy is Policy.BOUNDED:
        what = f"at most {stage.bound} {'preemption' if stage.bound == 1 else 'preemptions'}"
        what += " and a crash anywhere" if stage.strike else ""
    else:
        what = _NAMES[stage.policy] + (f" (depth {stage.depth})" if stage.policy is Policy.PCT else "")
    if stage.policy is not Policy.SEQUENTIAL:
        what += f" {levels[stage.granularity]}"
    what += f", part {stage.part + 1} of {stage.parts}" if stage.parts else ""
    what += " on a machine that stalls" if stage.stalls and not stage.stalls_at else ""
    what += " where days pass before some looks at a clock" if stage.stalls_at else ""
    if stage.turned_at == DRAWN:
        what += ", each with a random order of the elements of sets"
    elif stage.turned:
        what += f" with {'some ' if stage.turned_at else ''}sets of text in reverse order"
    what += " with a second crash in the handler of the first" if stage.double else ""
    what += ", each the first of a process" if stage.cold else ""
    runs = f"{report.executions:,} {'execution' if report.executions == 1 else 'executions'}"
    begun = (
        report.exhausted or stage.bound
    )  # `bound`: most threads of which all orders are run; the first stage has none
    if stage.policy is Policy.SEQUENTIAL and begun and report.estimate > report.executions:
        some = "among them" if stage.bound else "namely"
        ends = f"{some} for each thread one in which it runs first and one in which it runs last"
        return f"{what}: a sample, {runs} of {about(report.estimate)} orders, {ends}"
    if report.exhausted and not report.truncated:
        return f"{what}: all{', but for repeated yields and expiries' if report.cut else ''}, {runs}"
    if report.truncated:
        return f"{what}: {runs}, not all (the list of open schedules was full)"
    if report.estimate > report.executions:
        return f"{what}: {runs} of about {about(report.estimate)}"
    return f"{what}: {runs}"
