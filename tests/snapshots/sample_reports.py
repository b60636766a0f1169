"""Reports made by hand, so that the texts depend on nothing but the reports."""

from __future__ import annotations

import attrs

from redactfuzz.campaign.checks.large import unfinished
from redactfuzz.campaign.session.covered import Covered
from redactfuzz.campaign.targets.python import ASSUMPTIONS
from redactfuzz.model.conflict import Conflict, Spot, UnknownCall
from redactfuzz.model.finding import Finding, Report
from redactfuzz.model.measured import Likelihood, Measurement, Neighbour, Remaining, no_return
from redactfuzz.model.outcome import Bug, BugKind, Leak, LeakKind
from redactfuzz.model.plan import Policy, Stage, StageReport
from redactfuzz.model.schedule import Action, Granularity, Schedule, Site, Step, Window
from redactfuzz.model.verdict import Certificate, Control, Label, Reason, Verdict

PATH = "targets/python/lost_update/scenario.py::vulnerable"
RINGS = {
    ("ring.py", 12): "self.current = key",
    ("ring.py", 13): "self.known = (*self.known, key)",
    ("ring.py", 17): "for key in self.known:",
    ("ring.py", 18): 'text = text.replace(key, "[key]")',
    ("ring.py", 19): "return text",
    ("ring.py", 40): "return scrub(report(ring))",
    ("ring.py", 44): 'return f"signing with {ring.current}"',
}


def steps(*parts: tuple[str, int | str] | tuple[str, int | str, Action]) -> tuple[Step, ...]:
    """Steps of (thread, line of ring.py) and, as the runtime records it, an action."""
    made: list[Step] = []
    for index, (thread, at, *action) in enumerate(parts):
        line = at if isinstance(at, int) else 0
        made.append(
            Step(
                index=index,
                thread=thread,
                file="/srv/app/ring.py" if line else "",
                line=line,
                function="f",
                source=RINGS.get(("ring.py", line), f"step_{line}()") if line else "",
                site=Site("ring", "f", f"+{line}:4"),
                action=action[0] if action else None,
                preempts=bool(action),
                deviation=bool(action),
            )
        )
    return tuple(made)


LEAK = Leak(
    canary="next key",
    encoding="utf-8",
    offset=13,
    length=32,
    dump="crash",
    hash_prefix="5f1c09ab",
    recovered=190.0,
    entropy=190.0,
)

FINDING = Finding(
    scenario=PATH,
    verdict=Verdict.LEAK,
    schedule=Schedule(Granularity.CALLS),
    execution=17,
    canary_number=17,
    seed=42,
    kind=LeakKind.TRANSIENT,
    label=Label.REACHABLE,
    leaks=(LEAK,),
    preemptions=1,
    switches=2,
    steps=steps(
        ("rotate", 12),
        ("rotate", 12),
        ("crash", "strikes", Action.CRASH),
        ("crash", 40),
        ("crash", 44),
        ("crash", 17),
        ("crash", 18),
        ("crash", 17),
        ("crash", 19),
    ),
    window=Window(1, 2, 2, 9),
    cause=(
        "The crash struck while thread 'rotate' was stopped before ring.py:13 (`self.known = (*self.known, key)`), and "
        "the dump held 'next key' (utf-8, 32 bytes)."
    ),
    shrunk=True,
    repro=".redactfuzz/vulnerable-7f3a.rfz.json",
)

LEAKED = Report(
    scenario=PATH,
    verdict=Verdict.LEAK,
    finding=FINDING,
    executions=17,
    first_leak_execution=17,
    seconds=0.05,
    after=(("confirming", 0.04), ("shrinking", 1.26), ("explaining", 0.31)),
    seed=42,
    strategy="default",
    preemptions=1,
)

_ALONG = (
    *(Likelihood(0, 0, 20), Likelihood(4, 1, 18, 2), Likelihood(6, 7, 20)),
    *(Likelihood(7, 20, 20), Likelihood(9, 20, 20)),
)
MEASURED = Measurement(
    steps=9,
    along=_ALONG,
    no_return=no_return(_ALONG, FINDING.steps),
    nearest=Neighbour(Schedule(Granularity.CALLS), 2, 0, 31, FINDING.steps[2], FINDING.steps[1]),
    remaining=Remaining(200, 34, ("ring:Ring.rotate",), ("The crash struck before 'flush' had run ring.py:44.",), 2),
    executions=414,
)

_LONG = steps(
    *(("scrubber", 100 + number) for number in range(60)),
    ("signer", 300, Action.SWITCH),
    *(("signer", 301 + number) for number in range(30)),
    ("archiver", 500, Action.EXPIRE),
    *(("archiver", 501 + number) for number in range(30)),
    ("crash", "strikes", Action.CRASH),
    *(("crash", 700 + number) for number in range(20)),
)
LONG = attrs.evolve(
    LEAKED,
    finding=attrs.evolve(
        FINDING,
        label=Label.FINER,
        kind=LeakKind.PERMANENT,
        preemptions=2,
        switches=4,
        steps=_LONG,
        window=Window(80, 121, 42, 120),
        leaks=tuple(
            attrs.evolve(LEAK, offset=100 * n, encoding="base64 (shift 1)", where=f"$.threads[{n}].locals.key")
            for n in range(13)
        ),
        cause="Thread 'scrubber' was stopped before ring.py:160, and the dump held 'next key' (base64, 44 bytes).",
    ),
)

CROWD = attrs.evolve(
    LEAKED,
    finding=attrs.evolve(
        FINDING,
        steps=steps(
            *((f"worker-{number}", 100 + number) for number in range(9)),
            ("crash", "strikes", Action.CRASH),
            ("crash", 40),
        ),
        window=None,
    ),
)

DEADLOCK = Report(
    scenario=PATH,
    verdict=Verdict.BUG,
    finding=attrs.evolve(
        FINDING,
        verdict=Verdict.BUG,
        kind=None,
        leaks=(),
        window=None,
        shrunk=False,
        bug=Bug(
            BugKind.DEADLOCK,
            "crash waits for a lock that 'rotate' holds, and 'rotate' waits for a lock that crash holds",
            "crash",
            "crash   waits for lock 1 at ring.py:17, held by rotate\n"
            "rotate  waits for lock 2 at ring.py:13, held by crash",
        ),
        cause="No thread could go on any more.",
    ),
    executions=3,
    seconds=0.01,
    seed=42,
    strategy="default",
    notes=("also seen, at execution 2: unhandled exception: KeyError",),
)

RAISED = attrs.evolve(
    DEADLOCK,
    finding=attrs.evolve(
        FINDING,
        verdict=Verdict.BUG,
        kind=None,
        leaks=(),
        bug=Bug(BugKind.EXCEPTION, "RuntimeError: dictionary changed size during iteration", "rotate"),
        cause=(
            "Thread 'rotate' was stopped before ring.py:13 (`self.known = (*self.known, key)`), and unhandled "
            "exception in thread 'rotate': RuntimeError: dictionary changed size during iteration."
        ),
    ),
    notes=(),
)

CONTROLS = (
    Control("each canary shows when the redactor is bypassed", True, "2 of 2, first at execution 1"),
    Control("a dump is made and holds every witness", True, "411 dumps, 1 witness"),
    Control("nothing leaks sequentially", True, "4 orders"),
    Control("the same schedule gives the same trace", True),
)

CERTIFICATE = Certificate(
    covered=(
        "sequential orders: exhausted (4 executions)",
        "at most 1 preemption at granularity calls: exhausted (411 executions)",
        "SURW, POS, PCT at granularity instructions: 4,585 executions, ended by the budget",
    ),
    executions=5000,
    seconds=12.5,
    seed=42,
    controls=CONTROLS,
    python="3.11.7",
    gil=True,
    hash_seed="0",
    isolation="none",
    granularity="calls",
    preemptions=1,
    opaque=("os.write at ring.py:60 (4 times)",),
    notes=("'root key' is the same in other executions: state that carries it over from one could not be noticed",),
    assumptions=ASSUMPTIONS,
    build="GCC 12.2.0, -O",
    inputs=("size=7", "other canaries in each execution"),
    compared=(
        "the dumps of 12 schedules, of 5,000 executions, run again with other secrets: they do not depend on them",
        "left out, since they differ of themselves: at most 8 bytes of crash",
    ),
    counts=("4,998 dumps", "10,002 calls of the redactor"),
)

CERTIFIED = Report(
    scenario="targets/python/lost_update/scenario.py::fixed",
    verdict=Verdict.NO_LEAK_FOUND,
    certificate=CERTIFICATE,
    controls=CONTROLS,
    executions=5000,
    seconds=12.5,
    seed=42,
    strategy="default",
    preemptions=1,
)

UNPROVED = attrs.evolve(
    CERTIFIED,
    certificate=attrs.evolve(
        CERTIFICATE,
        obstacles=tuple(
            unfinished(
                Covered(
                    Stage(Policy.DPOR),
                    StageReport(
                        4_585,
                        91_200.0,
                        exhausted=False,
                        truncated=False,
                        cut=True,
                        conflicts=(
                            Conflict(Spot("ring.py", 61), Spot("ring.py", 88), 1_520, "writable"),
                            Conflict(
                                Spot("ring.py", 60),
                                Spot("ring.py", 61),
                                1_980,
                                unknown=(UnknownCall("zlib.crc32", Spot("ring.py", 60)),),
                            ),
                            Conflict(Spot("ring.py", 88), Spot("", 0, "the start of 'sign'"), 4, "everything"),
                        ),
                        cuts=(Spot("ring.py", 70),),
                    ),
                )
            )
        ),
    ),
)

VACUOUS = Report(
    scenario=PATH,
    verdict=Verdict.VACUOUS,
    reason=Reason(
        "The canary 'next key' never reached a dump, not even with the redactor bypassed.",
        "Put the secret where the reporter looks, or give bypass= a function that really leaves the secret in.",
    ),
    controls=(attrs.evolve(CONTROLS[0], passed=False, detail="0 of 1"), *CONTROLS[1:]),
    executions=200,
    seconds=0.5,
    seed=42,
    strategy="default",
)

BROKEN = Report(
    scenario="tests/test_ring.py::test_ring",
    verdict=Verdict.ERROR,
    reason=Reason(
        "KeyError in the scenario's body",
        'Traceback (most recent call last):\n  File "tests/test_ring.py", line 7, in test_ring\n'
        '    ring = RINGS["main"]\nKeyError',
    ),
    controls=(Control("redactor bypassed", False, "0 of 1 canaries shown in 1 execution"),),
    seed=42,
)
