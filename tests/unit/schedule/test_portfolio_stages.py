"""What the portfolio promises, as far as it can be read off its stages."""

from __future__ import annotations

import pytest

from redactfuzz.model.plan import Policy, Stage
from redactfuzz.model.schedule import Granularity
from redactfuzz.schedule.portfolio import STRATEGIES, main, opening, rest, whole


def test_the_sequential_orders_come_first_and_alone() -> None:
    assert [stage.policy for stage in opening()] == [Policy.SEQUENTIAL]
    assert opening()[0].first


def bound_one(stages: tuple[Stage, ...]) -> list[tuple[int, Stage]]:
    return [(i, s) for i, s in enumerate(stages) if s.policy is Policy.BOUNDED and s.bound == 1 and not s.strike]


def test_one_preemption_goes_from_coarse_to_fine_each_level_after_the_one_before() -> None:
    chain = bound_one(main())
    assert [s.granularity for _, s in chain] == list(Granularity)
    assert [s.after for _, s in chain] == [-1, chain[0][0], chain[1][0]]
    assert all(s.limit == 0 for _, s in chain)


@pytest.mark.parametrize("level", [0, 1, 2])
def test_everything_else_together_gets_less_than_a_third_while_one_preemption_is_enumerated(level: int) -> None:
    stages = main()
    chain = bound_one(stages)
    current = chain[level][0]
    finished = {i for i, _ in chain[:level]}
    active = [s for i, s in enumerate(stages) if i == current or (i not in finished and s.after in {-1, *finished})]
    others = sum(s.share for s in active if s is not stages[current] and not s.start)
    assert others / (others + stages[current].share) < 1 / 3


def test_chance_two_preemptions_and_everything_run_beside_it() -> None:
    stages = main()
    assert {Policy.SURW, Policy.POS, Policy.PCT, Policy.EXHAUSTIVE} <= {s.policy for s in stages}
    assert any(s.bound == 2 for s in stages)
    assert any(s.strike for s in stages)


def test_every_stage_waits_for_one_that_is_there() -> None:
    for name in STRATEGIES:
        for preemptions in (None, 0, 3):
            stages = main(name, preemptions=preemptions)
            assert all(-1 <= s.after < len(stages) and s.after != i for i, s in enumerate(stages))


@pytest.mark.parametrize("granularity", list(Granularity))
def test_nothing_is_finer_than_asked_for(granularity: Granularity) -> None:
    order = list(Granularity)
    for stages in (
        main("default", granularity),
        main("bounded", granularity),
        main("pct", granularity),
        rest(granularity),
    ):
        assert max(order.index(s.granularity) for s in stages) <= order.index(granularity)


def test_a_bound_of_the_users_holds_for_every_schedule() -> None:
    assert {(s.policy, s.bound) for s in main(preemptions=2)} == {(Policy.BOUNDED, 2)}
    assert {s.bound for s in main("bounded", preemptions=0)} == {0}


@pytest.mark.parametrize(
    ("name", "policy"),
    [
        ("random", Policy.RANDOM),
        ("pct", Policy.PCT),
        ("pos", Policy.POS),
        ("surw", Policy.SURW),
        ("bounded", Policy.BOUNDED),
        ("exhaustive", Policy.EXHAUSTIVE),
    ],
)
def test_a_named_strategy_is_used_alone(name: str, policy: Policy) -> None:
    assert {s.policy for s in main(name)} == {policy}


def test_no_preemption_follows_where_only_the_orders_are_asked_for() -> None:
    assert [(s.policy, s.bound, s.strike) for s in main("sequential")] == [(Policy.BOUNDED, 0, False)]


def test_the_whole_space_is_searched_at_a_granularity_that_counts_as_proof() -> None:
    assert [s.granularity for s in whole()] == [Granularity.SWITCHES]


def test_where_steps_tell_what_they_touch_one_schedule_of_each_class_is_the_whole_space() -> None:
    assert [(s.policy, s.granularity) for s in whole(reduces=True)] == [(Policy.DPOR, Granularity.SWITCHES)]
    policies = {stage.policy for stage in main(executions=50_000, swift=True, reduces=True)}
    assert Policy.DPOR in policies
    assert Policy.EXHAUSTIVE not in policies


def test_an_unknown_strategy_is_named_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"'dfs'; choose one of default, sequential"):
        main("dfs")


@pytest.mark.parametrize("executions", [None, 500, 200_000])
def test_where_executions_are_cheap_half_of_them_are_surw_from_the_start(executions: int | None) -> None:
    stages = main(executions=executions, swift=True)
    surw = [stage for stage in stages if stage.policy is Policy.SURW]
    assert len(surw) == 1
    assert surw[0].after == -1
    late = [stage for stage in stages if stage.policy is Policy.NOVEL]
    assert len(late) == 1
    assert late[0].start > 10_000, "so that no leak is found later"
    finite = [stage for stage in stages if stage.policy is Policy.NEAR]
    assert surw[0].share == sum(stage.share for stage in stages if stage not in (*surw, *late, *finite))
    assert executions is None or surw[0].limit >= executions // 2
