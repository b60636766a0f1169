"""Open 23: what was written to the sink is in it when it is closed, as in any file."""

from __future__ import annotations

import io

from truth import LEAK, PASS, case

from redactfuzz import Race


def _reports(race: Race, *, masked: bool, wrapped: bool = False) -> None:
    key = race.canary("key")
    mask = race.redactor(lambda text: text.replace(key.text, "[key]"))

    def handler() -> None:
        text = f"key={key.text}\n"
        with race.sink as file:
            if wrapped:
                with io.TextIOWrapper(file, encoding="utf-8") as lines:
                    lines.write(mask(text) if masked else text)
            else:
                file.write(mask(text) if masked else text)

    race.thread(lambda: None, name="works")
    race.crash(handler)


@case("2.1", LEAK, "sink", executions=60)
def a_sink_that_is_closed(race: Race) -> None:
    """The handler writes the key to the sink, and closes it."""
    _reports(race, masked=False)


@case("2.1", PASS, executions=100)
def a_masked_report_in_a_sink_that_is_closed(race: Race) -> None:
    """It writes it masked, and closes the sink."""
    _reports(race, masked=True)


@case("2.1", LEAK, "sink", executions=60)
def a_sink_that_a_stream_closes(race: Race) -> None:
    """A stream of text around the sink is closed, and closes it."""
    _reports(race, masked=False, wrapped=True)


@case("2.1", PASS, executions=100)
def a_masked_report_by_a_stream_that_closes_the_sink(race: Race) -> None:
    """The same, masked."""
    _reports(race, masked=True, wrapped=True)
