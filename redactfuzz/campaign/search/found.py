"""A finding as it is first met, and the file that replays it."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Container
from pathlib import Path
from typing import Any

import attrs

from redactfuzz.campaign.compare.equal_part import equal_part
from redactfuzz.campaign.session.spec import relative
from redactfuzz.campaign.session.started import command
from redactfuzz.campaign.session.state import Session
from redactfuzz.model.finding import Finding
from redactfuzz.model.outcome import RESIDUE, LeakKind, Outcome
from redactfuzz.model.plan import Stage
from redactfuzz.model.repro import Identity, Repro
from redactfuzz.model.schedule import Granularity, Schedule
from redactfuzz.model.verdict import Label, Verdict


@attrs.frozen
class Found:
    """An execution that leaked or went wrong, and what runs it again."""

    outcome: Outcome
    stage: Stage
    execution: int
    """1-based, over all explorations of the campaign."""
    number: int
    """Of its canaries."""
    seed: int
    one: Identity | None = None
    """Which of its leaks, where there are several."""

    @property
    def identity(self) -> Identity:
        """What makes it the same finding when it is met again."""
        return self.one or Identity.of(self.outcome.leaks, self.outcome.bug)

    @property
    def schedule(self) -> Schedule:
        """The schedule, or the default one where the runtime gave none."""
        stage = self.stage
        python = python_for(stage.granularity)
        around: dict[str, Any] = {name: value for name, value in stage.otherwise.items() if name != "cold"}
        return self.outcome.schedule or Schedule(stage.granularity, (), python, **around)


def python_for(granularity: Granularity) -> str:
    """What a schedule says about the interpreter that it needs."""
    return "" if granularity is Granularity.CALLS else f"{sys.version_info.major}.{sys.version_info.minor}"


def hash_seed() -> str:
    """The number that this process was started with as PYTHONHASHSEED, or ``random``.

    What the environment says by now may be otherwise: code under test sets the variable for processes that it starts,
    and with ``-E`` or ``-I`` the interpreter has not read it.
    """
    if not sys.flags.hash_randomization:
        return "0"
    if sys.flags.ignore_environment:
        return "random"
    try:
        started = Path("/proc/self/environ").read_bytes().split(b"\0")
    except OSError:
        started = [b"PYTHONHASHSEED=" + os.environ.get("PYTHONHASHSEED", "").encode("ascii", "replace")]
    given = next((each.partition(b"=")[2] for each in started if each.startswith(b"PYTHONHASHSEED=")), b"")
    return str(int(given)) if given not in (b"", b"random") else "random"


def tool_version() -> str:
    """Of the installed package; empty when it is not installed."""
    from importlib import metadata  # two megabytes, which are in every core of a campaign

    try:
        return metadata.version("redactfuzz")
    except metadata.PackageNotFoundError:
        return ""


def finding_of(session: Session, found: Found, outcome: Outcome, **fields: object) -> Finding:
    """A Finding out of an execution that shows it. ``fields`` are those of Finding."""
    leaks = found.identity.own(outcome.leaks)
    values = {
        "scenario": session.spec.title,
        "verdict": Verdict.LEAK if leaks else Verdict.BUG,
        "schedule": outcome.schedule or found.schedule,
        "execution": found.execution,
        "canary_number": found.number,
        "seed": found.seed,
        "label": label_so_far(outcome),
        "leaks": leaks,
        "bug": None if leaks else outcome.bug,
        "preemptions": outcome.preemptions,
        "switches": outcome.switches,
        "steps": tuple(outcome.trace),
        "item": session.spec.item,
        "program": session.spec.pytest if session.spec.item else command("redactfuzz"),
        **fields,
    }
    finding = Finding(**values)  # type: ignore[arg-type]  # attrs checks the names, the table above the types
    return equal_part(session, finding, outcome.canaries)


def label_of(outcome: Outcome) -> Label | None:
    """The runtime says it as text, since native programs have none."""
    return next((label for label in Label if outcome.label in (label.value, label.name)), None)


def label_so_far(outcome: Outcome) -> Label | None:
    """What can be said of this one schedule: that no other leads there by real switches only a search can show."""
    label = label_of(outcome)
    return Label.UNCONFIRMED if label is Label.FINER else label


def repro_of(session: Session, finding: Finding, identity: Identity, trace_hash: int = 0) -> Repro:
    """What goes into the finding's file."""
    if finding.bug is not None and identity.bug_kind is not None:
        identity = attrs.evolve(identity, bug_summary=finding.bug.summary)
    identity = attrs.evolve(identity, raised_at="")
    return Repro(
        scenario=session.spec.name,
        path=relative(session.spec.path),
        identity=identity,
        schedule=finding.schedule,
        seed=finding.seed,
        canary_number=finding.canary_number,
        python=platform.python_version(),
        hash_seed=hash_seed(),
        isolation=str(session.isolation_of_findings or session.isolation),
        kind=finding.kind,
        label=finding.label,
        cause=finding.cause,
        preemptions=finding.preemptions,
        switches=finding.switches,
        trace_hash=f"{trace_hash & (2**64 - 1):016x}" if trace_hash else "",
        workload=session.spec.workload,
        workload_note=session.spec.workload_note,
        planted=session.planted,
        program=session.target.to_json(session.spec.body),
        tool=tool_version(),
        item=session.spec.item,
    )


def saved(session: Session, finding: Finding, identity: Identity, trace_hash: int = 0) -> Finding:
    """The finding with its repro file on disk. Without one, and with a note, where nothing can be written."""
    try:
        path = session.store.save(repro_of(session, finding, identity, trace_hash))
    except OSError as error:
        session.store.note = f"the repro file could not be written ({error.strerror or type(error).__name__})"
        path = ""
    return attrs.evolve(finding, repro=path)


def first_found(session: Session, found: Found) -> Finding:
    """The finding before anything is made of it: on disk first, then described, so that nothing is lost."""
    kind = LeakKind.SEQUENTIAL if found.outcome.leaks and found.stage.first else None
    kind = LeakKind.RESIDUE if found.identity.place == RESIDUE else kind
    finding = saved(
        session, finding_of(session, found, found.outcome, kind=kind), found.identity, found.outcome.trace_hash
    )
    if found.outcome.trace:
        return finding
    described = session.once(found.schedule, seed=found.seed, number=found.number, describe=True)
    if found.identity.by_comparison and described is not None:
        return attrs.evolve(finding, steps=tuple(described.trace), label=label_so_far(described))
    if described is None or not found.identity.matches(described.leaks, described.bug):
        return finding
    return attrs.evolve(finding, steps=tuple(described.trace), label=label_so_far(described))


def distinct(session: Session, found: Found, known: Container[str]) -> list[Found]:
    """An execution, once for each of its leaks that is not known. ``known`` holds keys of identities."""
    described: Outcome | None = found.outcome
    if not found.outcome.trace:
        described = session.once(found.schedule, seed=found.seed, number=found.number, describe=True)
    if described is None or not described.leaks:
        # It will not be confirmed either; the campaign says so.
        return [] if found.identity.key in known else [found]
    return [
        attrs.evolve(found, outcome=described, one=identity)
        for identity in Identity.distinct(described.leaks)
        if identity.key not in known
    ]
