"""What a run hands over in which the redactor is bypassed accuses no call that gives up the interpreter lock."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from driving import run

from redactfuzz import Race
from redactfuzz.model.outcome import ProblemKind


@pytest.mark.parametrize("squeeze", [zlib.compress, bz2.compress, lzma.compress])
def test_what_a_bypassed_redactor_lets_through_accuses_nobody(squeeze: Callable[[Any], bytes]) -> None:
    def body(race: Race) -> None:
        key = race.canary("key")
        mask = race.redactor(lambda data: bytearray(b"[key]"))
        race.crash(lambda: squeeze(mask(bytearray(key.bytes))))

    bypassed = run(body, bypass=True)
    assert bypassed.fatal == []
    assert bypassed.problem(ProblemKind.OPAQUE)


def test_what_is_handed_over_beside_the_redactor_accuses_in_every_other_run() -> None:
    def body(race: Race) -> None:
        key = race.canary("key")
        race.crash(lambda: zlib.compress(bytearray(key.bytes)))

    assert "was handed a canary" in run(body).problem(ProblemKind.OPAQUE_CANARY).what
    assert run(body, bypass=True).fatal == []
