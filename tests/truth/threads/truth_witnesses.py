"""Line 3.4: a witness must survive in the dump that shows it, not in every heartbeat beside it."""

from __future__ import annotations

from truth import PASS, WITHHELD, case

from redactfuzz import Race


@case("3.4", PASS)
def a_heartbeat_beside_the_report(race: Race) -> None:
    """A heartbeat without the witness is dumped beside a report that holds it."""
    key = race.canary("key")
    build = race.witness("build", "7f3a-build")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
    race.thread(lambda: race.dump("alive"), name="heartbeat")
    race.crash(lambda: mask(f"{build} died with {key.text}"))


@case("3.4", PASS)
def a_heartbeat_where_the_report_was_dropped(race: Race) -> None:
    """In some executions the report is dropped, and there is only the heartbeat."""
    key = race.canary("key")
    build = race.witness("build", "7f3a-build")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
    state = {"up": False}

    def works() -> None:
        state["up"] = True
        race.dump("alive")

    race.thread(works, name="heartbeat")
    race.crash(lambda: mask(f"{build} died with {key.text}") if state["up"] else None)
    race.thread(lambda: race.dump({"beat": 1}), name="second")


@case("3.4", WITHHELD)
def a_report_that_lost_its_witness(race: Race) -> None:
    """The redactor destroys all of the report; the heartbeat never held the witness."""
    key = race.canary("key")
    build = race.witness("build", "7f3a-build")
    mask = race.redactor(lambda text: "[gone]")
    race.thread(lambda: race.dump("alive"), name="heartbeat")
    race.crash(lambda: mask(f"{build} died with {key.text}"))


@case("3.4", WITHHELD)
def a_report_that_lost_its_witness_in_a_race(race: Race) -> None:
    """Only where the crash strikes early is the witness cut away."""
    key = race.canary("key")
    build = race.witness("build", "7f3a-build")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))
    state = {"up": False}

    def works() -> None:
        state["up"] = True

    race.thread(works)
    race.thread(lambda: race.dump("alive"), name="heartbeat")
    race.crash(lambda: mask(f"{build if state['up'] else ''} died with {key.text}"))
