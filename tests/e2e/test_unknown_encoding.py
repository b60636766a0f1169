"""A secret in a form that nobody listed is a finding like any other: small, on disk, replayed in a fresh process."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commands import COMMAND, Ran, run_in

from redactfuzz.model.outcome import UNKNOWN_ENCODING
from redactfuzz.model.repro import dumps, loads

SCENARIO = """
from redactfuzz import scenario


@scenario(isolation="none")
def moment(race):
    key = race.canary("key")
    state = {"user": "alice", "token": key.text}
    redact = race.redactor(lambda fields: {**fields, "token": "[redacted]"})

    def work():
        state["seen"] = 1
        state["trace"] = [byte ^ 0x2A for byte in key.bytes]
        del state["trace"]

    race.thread(work)
    race.crash(lambda: redact(dict(state)))
"""


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ran]:
    place = tmp_path_factory.mktemp("unknown")
    (place / "moments.py").write_text(SCENARIO)
    return place, run_in(place, COMMAND, "run", "moments.py::moment", "--json", "--profile", "ci")


def test_it_is_a_leak_of_one_moment(ran: tuple[Path, Ran]) -> None:
    _, found = ran
    assert found.code == 1
    (leak,) = found.record["leaks"]
    assert (leak["encoding"], leak["dump"]) == (UNKNOWN_ENCODING, "crash")
    assert "32 of 32 characters can be read off" in leak["where"]
    assert found.record["kind"] == "transient"
    assert found.record["preemptions"] == 1


def test_it_is_replayed_in_a_fresh_process(ran: tuple[Path, Ran]) -> None:
    place, found = ran
    again = run_in(place, COMMAND, "replay", found.record["repro"])
    assert again.code == 1
    assert UNKNOWN_ENCODING in again.out
    assert "can be read off" in again.out


def test_a_fix_lets_the_schedule_run_to_its_end(ran: tuple[Path, Ran], tmp_path: Path) -> None:
    place, found = ran
    (tmp_path / "moments.py").write_text(SCENARIO.replace("byte ^ 0x2A", "byte & 0x00"))
    again = run_in(tmp_path, COMMAND, "replay", place / found.record["repro"])
    assert again.code == 0


def test_the_file_says_by_what_it_is_known_and_holds_no_secret(ran: tuple[Path, Ran]) -> None:
    place, found = ran
    text = (place / found.record["repro"]).read_text()
    repro = loads(text, "here")
    assert repro.identity.by_comparison
    assert loads(dumps(repro), "here") == repro
    assert json.loads(text)["identity"]["canaries"] == [{"canary": "key", "encoding": UNKNOWN_ENCODING}]
