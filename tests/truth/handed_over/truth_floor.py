"""Lines 2.7, 2.8 and 3.5: a pass stands on a floor of schedules, and says no more than was run."""

from __future__ import annotations

from typing import Any

from truth import LEAK, PASS, UNACCUSED, case

from redactfuzz import Race

INCONCLUSIVE = frozenset({"INCONCLUSIVE"})
NOT_VACUOUS = UNACCUSED | LEAK


def slowly(milliseconds: int) -> int:
    """Computes for about so long, in one call that keeps the interpreter lock."""
    return sum(range(40_000 * milliseconds))


def report_of(race: Race, *, clean_first: bool, milliseconds: int) -> None:
    """A reporter that shows a record, beside a thread that cleans it: before it is published, or after."""
    key = race.canary("key")
    shown: dict[str, str] = {}
    mask = race.redactor(lambda text: "[key]")

    def publish() -> None:
        slowly(milliseconds)
        if clean_first:
            shown["message"] = str(mask(key.text))
        else:
            shown["message"] = key.text
            shown["message"] = str(mask(shown["message"]))

    race.thread(publish)
    race.crash(lambda: dict(shown))


@case("2.7", LEAK, seconds=0.01, executions=5_000)
def a_window_of_a_slow_scenario(race: Race) -> None:
    """A record is masked after it was published; an execution takes longer than the seconds that are given."""
    report_of(race, clean_first=False, milliseconds=6)


@case("2.7", PASS, seconds=0.01, executions=5_000)
def a_slow_scenario_that_is_right(race: Race) -> None:
    """A record is masked before it is published; an execution takes longer than the seconds that are given."""
    report_of(race, clean_first=True, milliseconds=6)


@case("2.7", LEAK, seconds=0.01, executions=5_000)
def a_slow_race_of_two_threads(race: Race) -> None:
    """Two threads mask and restore one field; only a preemption between two calls shows it; no time is given."""
    key = race.canary("key")
    record = {"message": "", "ready": ""}
    mask = race.redactor(lambda text: "[key]")

    def writer() -> None:
        slowly(5)
        record["message"] = key.text
        record.update(message=mask(key.text))

    def reporter() -> None:
        slowly(5)
        race.dump(dict(record))

    race.thread(reporter)
    race.thread(writer)


@case("2.7", INCONCLUSIVE, says="floor", executions=4)
def a_budget_of_four_executions(race: Race) -> None:
    """Four executions are all that the budget allows: the sequential orders, and hardly more."""
    report_of(race, clean_first=True, milliseconds=0)


@case("2.7", PASS, executions=100)
def a_budget_of_a_hundred_executions(race: Race) -> None:
    """A hundred executions are few, but every stage of one preemption has its turn in them."""
    report_of(race, clean_first=True, milliseconds=0)


@case("2.7", NOT_VACUOUS, seconds=0.02, executions=500)
def a_canary_that_time_did_not_let_show(race: Race) -> None:
    """The secret lies in a dump for a short part of a slow run: that the time was over is no reason to remove it."""
    key = race.canary("key")
    held: list[str] = []
    mask = race.redactor(lambda text: "[key]")

    def work() -> None:
        slowly(5)
        held.append(str(mask(key.text)))
        held.clear()
        slowly(5)

    race.thread(work)
    race.crash(lambda: list(held))


def six_threads(race: Race, *, needed: tuple[int, ...], threads: int = 6) -> None:
    """So many threads of one step each; a dump shows the secret after one order of them alone."""
    key = race.canary("key")
    order: list[int] = []
    mask = race.redactor(lambda text: "[key]")

    def last() -> Any:
        return key.text if tuple(order) == needed else mask(key.text)

    for number in range(threads):
        race.thread(order.append, number, name=f"t{number}")
    race.crash(last)


@case("2.8", PASS, says="each thread one in which it runs first", executions=300, strategy="pos")
def orders_that_were_not_all_run(race: Race) -> None:
    """Six threads have 720 orders; some of them are run one after the other, and the certificate says so."""
    six_threads(race, needed=(9,))


@case("41.4", LEAK, says="a plain bug", executions=400)
def one_order_of_many(race: Race) -> None:
    """A quarter of the budget has room for this one of the 720 orders."""
    six_threads(race, needed=(2, 4, 0, 5, 1, 3))


@case("41.4", PASS, says="sequential orders: all", executions=600, strategy="pos")
def every_order_of_five_threads(race: Race) -> None:
    """A quarter of the budget has room for all 120 orders."""
    six_threads(race, needed=(9,), threads=5)


@case("2.8", PASS, says="sequential orders: all", executions=300)
def orders_that_were_all_run(race: Race) -> None:
    """Two threads have two orders, and all of them are run."""
    key = race.canary("key")
    mask = race.redactor(lambda text: "[key]")
    race.thread(mask, "a", name="a")
    race.thread(mask, "b", name="b")
    race.crash(lambda: mask(key.text))


def shown_in_a_narrow_state(race: Race, *, redacts: bool) -> None:
    """What is dumped passes the redactor only while two threads stand at one place each."""
    key = race.canary("key")
    state = {"a": 0, "b": 0}
    mask = race.redactor(lambda text: "[key]" if redacts else text)

    def work(name: str) -> None:
        for step in range(12):
            state.update({name: step})

    def report() -> dict[str, str]:
        near = state["a"] == 7 and state["b"] == 4
        return {"message": str(mask(key.text if near else "nothing"))}

    race.thread(work, "a", name="a")
    race.thread(work, "b", name="b")
    race.crash(report)


@case("3.5", PASS, executions=3_000, seconds=300)
def a_canary_that_shows_after_hundreds_of_executions(race: Race) -> None:
    """With the redactor bypassed the secret is in a dump in few schedules; with it, in none."""
    shown_in_a_narrow_state(race, redacts=True)


@case("3.5", LEAK, executions=3_000)
def a_canary_that_leaks_after_hundreds_of_executions(race: Race) -> None:
    """The same with a redactor that does nothing."""
    shown_in_a_narrow_state(race, redacts=False)


@case("3.5", frozenset({"VACUOUS"}), executions=300)
def a_canary_that_no_schedule_shows(race: Race) -> None:
    """A secret that is never near a dump: there the advice to dump what holds it is right."""
    key = race.canary("key")
    mask = race.redactor(lambda text: "[key]")
    kept: list[str] = []
    race.thread(kept.append, key.text, name="keep")
    race.crash(lambda: mask("nothing"))
