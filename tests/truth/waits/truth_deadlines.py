"""A deadline that is compared with a clock passes where a machine stalls for a second or a wait ends, else never."""

from __future__ import annotations

import time
from collections.abc import Callable

from truth import LEAK, PASS, case

from redactfuzz import Race


def _used_until(seconds: float, *, masked: bool, beside: float = 0) -> Callable[[Race], None]:
    def body(race: Race) -> None:
        key = race.canary("key")
        mask = race.redactor(lambda text: text.replace(key.text, "[key]"))

        def use() -> None:
            expires = time.time() + seconds
            if time.time() < expires and time.time() >= expires:
                text = f"{key.text} expired in use"
                race.dump(mask(text) if masked else text)

        race.thread(use)
        if beside:
            race.thread(lambda: time.sleep(beside), name="sleeper")
        race.crash(lambda: mask(f"died with {key.text}"))

    return body


second, right, hour = _used_until(1, masked=False), _used_until(1, masked=True), _used_until(3600, masked=False)
brought, kept = (_used_until(3600, masked=masked, beside=3600) for masked in (False, True))
second.__name__ = "a_deadline_of_a_second"
second.__doc__ = "What expires between its check and its use is dumped: a machine that stalls for a second."
right.__name__ = "a_deadline_of_a_second_and_a_mask"
right.__doc__ = "The same, and what is dumped is masked."
hour.__name__ = "a_deadline_of_an_hour"
hour.__doc__ = "The same with an hour, which no wait brings on: the certificate says that it was taken not to pass."
brought.__name__ = "a_deadline_of_an_hour_beside_a_sleep"
brought.__doc__ = "The same with an hour, and another thread whose sleep of an hour may end in between."
kept.__name__ = "a_deadline_of_an_hour_beside_a_sleep_and_a_mask"
kept.__doc__ = "The same, and what is dumped is masked."
case("41.1", LEAK, executions=100)(second)
case("41.1", PASS, executions=250)(right)
case("41.1", PASS, executions=250, says="never passes between a check and a use")(hour)
case("41.1", LEAK, executions=100)(brought)
case("41.1", PASS, executions=250)(kept)
