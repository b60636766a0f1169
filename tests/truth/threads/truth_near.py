"""Line 3.6: a window that is met once, deep in a loop or a recursion, is looked for where the secret moves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from truth import LEAK, PASS, UNACCUSED, case

from redactfuzz import Race


def in_a_loop(race: Race, *, passes: int, at: int, right: bool) -> None:
    """One pass of a loop publishes the record, masked or not."""
    key = race.canary("key")
    secret = key.text
    shown: dict[str, Any] = {"message": ""}
    mask = race.redactor(lambda text: "[key]")

    def work() -> None:
        for number in range(passes):
            shown["number"] = number
            if number == at:
                if not right:
                    shown["message"] = secret
                shown["message"] = mask(secret)

    race.thread(work)
    race.crash(lambda: dict(shown))


def down_a_recursion(race: Race, *, deep: int, right: bool) -> None:
    """The last of many calls, which all hand the secret on, publishes the record."""
    key = race.canary("key")
    shown: dict[str, Any] = {}
    mask = race.redactor(lambda text: "[key]")

    def down(left: int, secret: str) -> None:
        if left:
            down(left - 1, secret)
            return
        if not right:
            shown["message"] = secret
        shown["message"] = mask(secret)

    race.thread(down, deep, key.text)
    race.crash(lambda: dict(shown))


def among_records(race: Race, *, right: bool) -> None:
    """A thread keeps a thousand records, and one of them is masked only when it is kept; another one shows the last."""
    key = race.canary("key")
    records = ["nothing"] * 1000
    records[421] = key.text
    kept: list[str] = []
    mask = race.redactor(lambda text: "[key]" if text != "nothing" else text)

    def keep() -> None:
        for record in records:
            kept.append(str(mask(record)) if right else record)
            kept[-1] = str(mask(kept[-1]))

    def show() -> None:
        race.dump(kept[-1] if kept else "")

    race.thread(show)
    race.thread(keep)


@case("3.6", LEAK, executions=60)
def one_pass_of_a_thousand(race: Race) -> None:
    """A loop of a thousand passes, one of which publishes the secret before it is masked."""
    in_a_loop(race, passes=1_000, at=613, right=False)


@case("3.6", PASS, executions=120)
def one_pass_of_a_thousand_that_is_right(race: Race) -> None:
    """A loop of a thousand passes, one of which publishes a record that is masked."""
    in_a_loop(race, passes=1_000, at=613, right=True)


@case("3.6", LEAK, executions=60)
def one_pass_of_ten_thousand(race: Race) -> None:
    """A loop of ten thousand passes, one of which publishes the secret before it is masked."""
    in_a_loop(race, passes=10_000, at=7_777, right=False)


@case("3.6", LEAK, executions=80)
def nine_hundred_deep(race: Race) -> None:
    """The last of 900 nested calls publishes the secret before it is masked."""
    down_a_recursion(race, deep=900, right=False)


@case("3.6", UNACCUSED, executions=60)
def nine_hundred_deep_and_right(race: Race) -> None:
    """The last of 900 nested calls publishes a record that is masked."""
    down_a_recursion(race, deep=900, right=True)


@case("3.6", LEAK, executions=120)
def one_record_of_a_thousand(race: Race) -> None:
    """One record of a thousand is masked after it was kept, while another thread shows the last one."""
    among_records(race, right=False)


@case("3.6", PASS, executions=120)
def one_record_of_a_thousand_that_is_right(race: Race) -> None:
    """Every record is masked before it is kept."""
    among_records(race, right=True)


def bytes_in_a_buffer(race: Race, wipe: Callable[[bytearray], None]) -> None:
    """A key lies in a buffer for a short part of a long loop."""
    key = race.canary("key")
    buffer = bytearray(key.size)
    scrub = race.redactor(wipe, bypass=lambda buffer: None)

    def work() -> None:
        for number in range(1_500):
            if number == 900:
                key.write_into(buffer)
                scrub(buffer)

    race.thread(work)
    race.crash(lambda: bytes(buffer))


@case("3.6", LEAK, executions=80)
def a_buffer_that_is_wiped_too_late(race: Race) -> None:
    """A buffer holds the key during one of many passes, and is wiped byte by byte."""

    def wipe(buffer: bytearray) -> None:
        for index in range(len(buffer)):
            buffer[index] = 0

    bytes_in_a_buffer(race, wipe)
