"""Small scenarios for the command line and the plugin, as text: they run in processes of their own."""

from __future__ import annotations

RING = """
class Ring:
    def __init__(self, key):
        self.current, self.known = key, (key,)

    def rotate(self, key):
        self.use(key)
        self.know(key)

    def rotate_safely(self, key):
        self.know(key)
        self.use(key)

    def use(self, key):
        self.current = key

    def know(self, key):
        self.known = (*self.known, key)

    def scrub(self, text):
        for key in self.known:
            text = text.replace(key, "[key]")
        return text


def stage(race, rotate):
    race.witness("build", "7f3a-2291")
    ring = Ring(race.canary("old key").text)
    scrub = race.redactor(ring.scrub)
    race.thread(getattr(ring, rotate), race.canary("new key").text, name="rotate")
    race.crash(lambda: scrub("build 7f3a-2291 signs with " + ring.current))
"""

ROTATION = """
from ring import stage
from redactfuzz import Race, scenario


@scenario
def vulnerable(race: Race):
    print("what a scenario prints:", race)
    stage(race, "rotate")


@scenario
def fixed(race: Race):
    stage(race, "rotate_safely")
"""

VERDICTS = """
from redactfuzz import scenario


@scenario
def no_redactor(race):
    key = race.canary("key").text
    race.thread(len, key)
    race.crash(lambda: "nothing")


@scenario
def raises(race):
    raise LookupError("before there was anything to test")


@scenario
def handler_raises(race):
    key = race.canary("key").text
    scrub = race.redactor(lambda text: text.replace(key, "x"))
    race.thread(len, key)
    race.crash(lambda: scrub(key) + 1)
"""

TESTS = """
import pytest
from hypothesis import given, settings, strategies as st
from ring import stage
from redactfuzz import Race, scenario


@pytest.fixture
def rotate():
    return "rotate"


@scenario
def test_leaks(race: Race, rotate):
    print("printed by a scenario")
    stage(race, rotate)


@scenario
def test_passes(race: Race):
    stage(race, "rotate_safely")


def test_untouched(capsys):
    print("hello")
    assert capsys.readouterr().out == "hello\\n"
"""

DRAWN = """
from hypothesis import given, settings, strategies as st
from ring import stage
from redactfuzz import scenario


@given(rotate=st.sampled_from(["rotate_safely"]))
@settings(max_examples=5)
@scenario
def test_passes(race, rotate):
    stage(race, rotate)


@given(number=st.integers(0, 100))
@settings(max_examples=20)
@scenario
def test_leaks(race, number):
    stage(race, "rotate" if number > 10 else "rotate_safely")


@given(number=st.integers(0, 100))
@settings(max_examples=60)
@scenario
def test_two_leaks(race, number):
    first = race.canary("first").text
    second = race.canary("second").text
    scrub = race.redactor(lambda text: text.replace(first, "x").replace(second, "x"))
    race.thread(len, "")
    raw = first if number > 60 else second if number > 20 else ""
    race.crash(lambda: scrub(first + second) + raw)
"""

FILES = {
    "ring.py": RING,
    "rotation.py": ROTATION,
    "verdicts.py": VERDICTS,
    "test_ring.py": TESTS,
    "test_drawn.py": DRAWN,
}
