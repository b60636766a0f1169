"""Which strategies a campaign runs, in which order, with which shares.

The shares follow what real races need: nearly every one needs one preemption at a call boundary, so the
enumeration with at most one preemption gets nearly everything, coarse to fine, until it is exhausted; the randomised
strategies and the exhaustive search run beside it from the start, two preemptions as soon as one between calls is
exhausted: together these get 3 of 11 executions, which the case of 60 fields bears
(``tests/quality/test_sixty_fields.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs

from redactfuzz.model.part import PIECES, SWIFT_PIECES, Part
from redactfuzz.model.plan import Policy, Stage
from redactfuzz.model.schedule import DRAWN, Granularity

STRATEGIES = (
    "default",
    "sequential",
    "random",
    "pct",
    "pos",
    "surw",
    "novel",
    "bounded",
    "exhaustive",
    "dpor",
)
"""Names for ``--strategy``."""

ORDERED = 7
"""Most threads of which every sequential order (5,040 of seven) is run."""
_COARSE_TO_FINE = (Granularity.CALLS, Granularity.SWITCHES, Granularity.INSTRUCTIONS)
_MAIN, _SECOND = 80, 24
"""Shares of the enumeration with one preemption, and with two."""
_NEAR, _NEAR_START = 40, 28
"""Share of the places where the secret moves, and when they have their first turn: they are few, so that tens of
executions are enough for them, and the first handful is the enumeration's, which most races need no more of."""
_SWIFT_NEAR = 20
"""Share of these places in programs, where leaks that the others find are not to be later."""
_NOVEL_START = 16_384
"""When novelty has its first turn: it is for bugs of many preemptions, which take thousands of executions anyhow."""
_ORDERS_START = 64
"""When chance between calls alone has its first turn: where threads are a step long, it draws their orders."""
_BESIDE_START, _BESIDE_SHARE = 32, 4
"""When others have their first turn beside a reduction, and how many executions it has for four of theirs. What is
proved by fewer pays nothing for it."""
_RANDOMISED = {
    "random": Policy.RANDOM,
    "pct": Policy.PCT,
    "pos": Policy.POS,
    "surw": Policy.SURW,
    "novel": Policy.NOVEL,
}


def opening() -> tuple[Stage, ...]:
    """The sequential orders: they come first, and a leak among them is a plain bug."""
    return (Stage(Policy.SEQUENTIAL, first=True),)


def orders() -> tuple[Stage, ...]:
    """Return the stage that follows the opening: every sequential order of up to `ORDERED` threads."""
    return (Stage(Policy.SEQUENTIAL, first=True, bound=ORDERED),)


def main(
    strategy: str = "default",
    granularity: Granularity | None = None,
    preemptions: int | None = None,
    executions: int | None = None,
    proof: Granularity = Granularity.SWITCHES,
    *,
    swift: bool = False,
    reduces: bool = False,
) -> tuple[Stage, ...]:
    """What follows the sequential orders, for a budget of ``executions`` (None: unbounded).

    ``granularity`` is the finest one to use (default: every instruction), ``preemptions`` a bound for every schedule,
    ``proof`` the coarsest granularity at which the whole space is a proof. ``swift``: executions cost microseconds.
    ``reduces``: one schedule of each class stands for the whole space.
    Empty when there is nothing beside the sequential orders. ValueError for a strategy that does not exist.
    """
    levels = _levels(granularity)
    finest = levels[-1]
    if strategy not in STRATEGIES:
        raise ValueError(f"no strategy is called {strategy!r}; choose one of {', '.join(STRATEGIES)}")
    if strategy == "sequential":
        # Of more than a few threads the opening runs some orders: here the others follow.
        return (Stage(Policy.BOUNDED, Granularity.CALLS),)
    if strategy in _RANDOMISED:
        return (Stage(_RANDOMISED[strategy], finest),)
    if strategy == "exhaustive":
        return (Stage(Policy.EXHAUSTIVE, granularity or proof),)
    if strategy == "dpor":
        return _with_others(whole(granularity, proof, reduces=True))
    if strategy == "bounded" or preemptions is not None:
        return _chain(levels, bound=1 if preemptions is None else preemptions, share=1)
    stages = _default(levels, executions, proof, swift=swift, reduces=reduces)
    return _chance_first(stages, executions) if swift else stages


def rest(granularity: Granularity | None = None) -> tuple[Stage, ...]:
    """What is left to do once ``main`` has met all its limits: chance, and more preemptions."""
    finest = _levels(granularity)[-1]
    return (
        *(Stage(policy, finest, share=2) for policy in (Policy.SURW, Policy.POS, Policy.PCT)),
        Stage(Policy.RANDOM, finest),
        Stage(Policy.BOUNDED, min(finest, Granularity.SWITCHES, key=_COARSE_TO_FINE.index), share=4, bound=2),
    )


def chances(executions: int) -> int:
    """How many of so many executions go to other outcomes of what is drawn by chance, in each of two ways."""
    return min(executions // 4, max(25, min(executions // 20, 1_000)))


def by_chance(preemptions: int | None = None) -> tuple[Stage, ...]:
    """Any schedules, of at most so many preemptions, whatever the scenario draws in each."""
    if preemptions is not None:
        return (Stage(Policy.BOUNDED, Granularity.CALLS, bound=preemptions),)
    return tuple(Stage(policy, Granularity.CALLS) for policy in (Policy.RANDOM, Policy.POS))


def drawn(preemptions: int | None = None) -> tuple[Stage, ...]:
    """Return stages with random orders of the elements of sets; sequential ones if preemptions are bounded."""
    stages = by_chance() if preemptions is None else opening()
    return tuple(attrs.evolve(stage, turned=True, turned_at=DRAWN) for stage in stages)


def few(preemptions: int | None = None) -> tuple[Stage, ...]:
    """Schedules of few preemptions, at most so many: a look at what is otherwise."""
    if preemptions is not None:
        return (Stage(Policy.BOUNDED, bound=preemptions),)
    return Stage(Policy.BOUNDED, bound=1, share=4), Stage(Policy.BOUNDED, bound=2), Stage(Policy.POS)


def otherwise(
    what: str, preemptions: int | None = None, proved: tuple[Stage, ...] = (), *, at: int = 0
) -> tuple[Stage, ...]:
    """With ``what`` (a field of Stage: stalls, turned, double), ``at`` some looks or sets: all of what was ``proved``,
    else few.

    Of two crashes the second must strike inside a handler, whose every store may matter.
    """
    stages = proved or (_within(preemptions) if what == "double" else few(preemptions))
    alone: dict[str, Any] = {"after": -1, "limit": 0, "start": 0, "beside": False, "proof": False}
    changes = alone | {what: True} | ({f"{what}_at": at} if at else {})
    return tuple(attrs.evolve(stage, **changes) for stage in stages)


def _within(preemptions: int | None) -> tuple[Stage, ...]:
    """Two preemptions at each level, and chance."""
    bound = 2 if preemptions is None else preemptions
    levels = tuple(Stage(Policy.BOUNDED, level, bound=bound, share=2) for level in _COARSE_TO_FINE)
    return levels if preemptions is not None else (*levels, Stage(Policy.SURW, _COARSE_TO_FINE[-1]), Stage(Policy.POS))


def whole(
    granularity: Granularity | None = None, proof: Granularity = Granularity.SWITCHES, *, reduces: bool = False
) -> tuple[Stage, ...]:
    """The whole space, at the coarsest granularity that counts as a proof; ``reduces``: one schedule of each class.

    Of a coarser one what steps touch is not known in full, so that is never reduced.
    """
    if reduces:
        return (Stage(Policy.DPOR, max(granularity or proof, proof, key=_COARSE_TO_FINE.index)),)
    return (Stage(Policy.EXHAUSTIVE, min(_levels(granularity)[-1], proof, key=_COARSE_TO_FINE.index)),)


def shared(stages: Sequence[Stage], part: Part | None, *, swift: bool = False) -> tuple[Stage, ...]:
    """The same; of those that go through a whole space, its part. ``swift``: see ``main``."""
    if part is None or part.of == 1:
        return tuple(stages)
    own: dict[str, Any] = {"part": part.number - 1, "parts": part.of, "pieces": SWIFT_PIECES if swift else PIECES}
    return tuple(attrs.evolve(stage, **own) if stage.policy.whole else stage for stage in stages)


def _with_others(space: tuple[Stage, ...]) -> tuple[Stage, ...]:
    """With some schedules of other strategies beside it.

    A reduction goes depth first, since its memory is that of one execution: of a space of millions of classes, or of
    hundreds that take a process and a core each, it sees for long those that begin alike. What leaks under every tenth
    schedule, but under none that begins so, chance meets soon; and one preemption between calls, which is what most
    real races need, is enumerated, so that luck plays no part there.
    """
    finest = space[0].granularity
    others = (
        Stage(Policy.POS, finest, share=2, limit=1_000),
        Stage(Policy.SURW, finest, limit=500),
        Stage(Policy.BOUNDED, Granularity.CALLS, bound=1, limit=500),
    )
    beside = (attrs.evolve(stage, start=_BESIDE_START, beside=True) for stage in others)
    return *(attrs.evolve(stage, share=_BESIDE_SHARE) for stage in space), *beside


def _levels(granularity: Granularity | None) -> tuple[Granularity, ...]:
    return _COARSE_TO_FINE[: _COARSE_TO_FINE.index(granularity or Granularity.INSTRUCTIONS) + 1]


def _chain(levels: tuple[Granularity, ...], *, bound: int, share: int) -> tuple[Stage, ...]:
    """One bound, coarse to fine, each level after the one before."""
    return tuple(
        Stage(Policy.BOUNDED, level, share=share, bound=bound, after=index - 1) for index, level in enumerate(levels)
    )


def near(finest: Granularity = Granularity.INSTRUCTIONS, first: int = 0, *, share: int = _NEAR) -> tuple[Stage, ...]:
    """Where the secret is: between calls, then at the finest level. ``first``: index of the first of these stages."""
    calls = Stage(Policy.NEAR, Granularity.CALLS, share=share, start=_NEAR_START)
    if finest is Granularity.CALLS:
        return (calls,)
    return calls, Stage(Policy.NEAR, finest, share=share, start=_NEAR_START, after=first)


def _default(
    levels: tuple[Granularity, ...], executions: int | None, proof: Granularity, *, swift: bool, reduces: bool
) -> tuple[Stage, ...]:
    finest = levels[-1]
    # Limits keep part of the budget for what the estimates of this batch suggest; without a budget they only
    # keep one stage from going on for ever.
    tenth = 20_000 if executions is None else max(executions // 10, 20)
    stages = list(_chain(levels, bound=1, share=_MAIN))
    last = len(stages) - 1
    stages.append(Stage(Policy.BOUNDED, Granularity.CALLS, after=0, bound=1, strike=True, limit=2 * tenth))
    # Many patterns need two preemptions: once one of them is exhausted, these get more than half.
    after = 0
    for level in levels:
        stages.append(Stage(Policy.BOUNDED, level, share=_SECOND, after=after, bound=2, limit=3 * tenth))
        after = len(stages) - 1
    stages.append(Stage(Policy.BOUNDED, finest, share=4, after=after, bound=3, limit=2 * tenth))
    if len(levels) > 1:
        stages.append(
            Stage(Policy.BOUNDED, Granularity.SWITCHES, share=2, after=last, bound=1, strike=True, limit=2 * tenth)
        )
    stages += [Stage(policy, finest, share=2, limit=tenth) for policy in (Policy.SURW, Policy.POS, Policy.PCT)]
    if finest is not Granularity.CALLS:
        reduces = reduces and _COARSE_TO_FINE.index(finest) >= _COARSE_TO_FINE.index(proof)
        space = whole(None if reduces else finest, proof, reduces=reduces)
        stages += [attrs.evolve(stage, limit=tenth) for stage in space]
    stages += near(finest, len(stages), share=_SWIFT_NEAR if swift else _NEAR)
    if not swift and finest is not Granularity.CALLS:
        chance = (Policy.SURW, Policy.POS)
        stages += [Stage(policy, share=2, limit=tenth, start=_ORDERS_START) for policy in chance]
    return tuple(stages)


def _chance_first(stages: tuple[Stage, ...], executions: int | None) -> tuple[Stage, ...]:
    """Half of the executions for SURW, which is within twice its own cost then, whatever the others do.

    Native programs have many threads and short accesses, where one strategy needs hundreds of executions and the
    enumeration never ends (``docs/results/native_strategies.md``, twostage_100); an enumeration that gets the other
    half is a second late. Late, novelty gets as much as both together, up to a quarter of all: what is found
    before costs nothing more.
    """
    others = sum(stage.share for stage in stages if stage.policy not in (Policy.SURW, Policy.NEAR))
    half = 200_000 if executions is None else max(executions // 2, 100)
    drawn = tuple(
        attrs.evolve(stage, share=others, limit=half) if stage.policy is Policy.SURW else stage for stage in stages
    )
    return *drawn, Stage(Policy.NOVEL, share=2 * others, start=_NOVEL_START, limit=half // 2)
