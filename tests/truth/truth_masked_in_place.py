"""Line 2.1: what is handed over is read as it was at that moment, whatever its type."""

from __future__ import annotations

from collections import UserDict

from truth import LEAK, PASS, case

from redactfuzz import Race


@case("2.1", LEAK)
def a_user_dict_masked_after_the_hand_over(race: Race) -> None:
    """A UserDict with the secret is handed over, then masked in place."""
    key = race.canary("key")
    event = UserDict(message=key.text)
    mask = race.redactor(lambda text: "[key]")

    def report() -> None:
        race.dump(event)
        event["message"] = mask(event["message"])

    race.thread(report)


@case("2.1", PASS)
def a_user_dict_filled_after_the_hand_over(race: Race) -> None:
    """A clean UserDict is handed over; the secret comes into it later."""
    key = race.canary("key")
    event = UserDict(message="")
    mask = race.redactor(lambda text: "[key]")

    def report() -> None:
        event["message"] = mask(key.text)
        race.dump(event)
        event["message"] = key.text

    race.thread(report)
