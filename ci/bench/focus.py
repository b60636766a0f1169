"""Points and executions of `rollbar.report_message`, in all code and with a focus.

Needs rollbar in the environment (`pip install rollbar`), which no other target does.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

from shared import record

from redactfuzz import Race
from redactfuzz.campaign.session.oracle import default_oracle
from redactfuzz.model.events import BatchEnded, Executed
from redactfuzz.model.outcome import Outcome
from redactfuzz.model.plan import Budget, Counters, Isolation, Plan, Policy, Stage
from redactfuzz.model.schedule import Granularity
from redactfuzz.threads import ThreadRuntime

ROUNDS = 3
EXECUTIONS = 100
WARM_UPS = 3
MODULES = ("rollbar", "rollbar.lib.transforms", "rollbar.lib.transforms.scrub")
FOCI: dict[str, tuple[str, ...]] = {"all code": (), **{f"`--focus {name}`": (name,) for name in MODULES}}


def reporting() -> Callable[[Race], None]:
    """A scenario that reports a message with a secret in its data, whose payload is not sent but dumped."""
    import rollbar

    rollbar.init("0" * 32, "test", handler="blocking")

    def scenario(race: Race) -> None:
        secret = race.canary("key").text
        rollbar.send_payload = lambda payload, _: race.dump(payload)

        def reports() -> None:
            rollbar.report_message("text", "error", extra_data={"password": secret, "count": 1})

        race.thread(reports)
        race.crash(lambda: "text")

    return scenario


def explored(
    body: Callable[[Race], None], focus: tuple[str, ...], stages: Sequence[Stage], executions: int
) -> tuple[Counters, list[Outcome], float]:
    """One batch: what it counted, its executions, and executions a second."""
    oracle, outcomes = default_oracle(), list[Outcome]()
    plan: Any = Plan(
        name="rollbar",
        body=body,
        seed=1,
        stages=tuple(stages),
        mint=lambda name, kind, number: oracle.mint(1, name, kind, number),
        inspect=oracle.inspect(1),
        mask=oracle.masker(1),
        isolation=Isolation.NONE,
        canary_number=1,
        every=executions == 1,
        focus=focus,
    )
    began, counters = time.process_time(), Counters()
    for event in ThreadRuntime().explore(plan, Budget(executions, 600.0, stop_at_first=False)):
        match event:
            case Executed(outcome):
                outcomes.append(outcome)
            case BatchEnded(counters, _, _):
                pass
    return counters, outcomes, counters.executions / (time.process_time() - began)


def main() -> None:
    """A row for each focus: all of them in turn in each round."""
    try:
        body = reporting()
    except ImportError:
        raise SystemExit("rollbar is not there: install it into this environment (pip install rollbar)") from None
    bounded = (Stage(Policy.BOUNDED, Granularity.CALLS, bound=1),)
    for _ in range(WARM_UPS):
        explored(body, (), (Stage(Policy.REPLAY, limit=1),), 1)
    rates: dict[str, list[float]] = {name: [] for name in FOCI}
    spaces: dict[str, float] = {}
    for _ in range(ROUNDS):
        for name, focus in FOCI.items():
            counters, _, rate = explored(body, focus, bounded, EXECUTIONS)
            rates[name].append(rate)
            spaces[name] = max(counters.stages[0].estimate, counters.executions)
    rows, data = [], {}
    for name, focus in FOCI.items():
        points = {}
        for level in Granularity:
            _, (outcome,), _ = explored(body, focus, (Stage(Policy.REPLAY, level, limit=1),), 1)
            points[str(level)] = outcome.steps
        data[name] = {"points": points, "left out": outcome.left_out, "schedules": spaces[name], "rates": rates[name]}
        rows.append((name, *points.values(), outcome.left_out, round(spaces[name]), median(rates[name])))
    head = (
        "explored",
        *(f"points: {level}" for level in Granularity),
        "places left out",
        "schedules of at most one preemption between calls",
        "executions a second of processor time",
    )
    text = record.table(head, rows) + (
        f"\n\nrollbar {record.package('rollbar')}: one thread reports a message, a crash strikes beside it. Points are"
        " those of one execution in the default order, after three that warm the process up. Rates are medians of"
        f" {ROUNDS} rounds of {EXECUTIONS} executions, all in turn in each round. Most points are of"
        " rollbar itself, which copies and goes through the payload several times over: a focus on the whole package"
        " leaves out little but the standard library, one on the modules that redact nearly everything."
    )
    record.save("focus", "Focus: `rollbar.report_message`", text, data)


if __name__ == "__main__":
    main()
