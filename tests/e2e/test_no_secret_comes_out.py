"""Nothing that the tool writes holds a piece of a canary: reports, JSON, repro files, JUnit, tracebacks.

The scenarios write down every key that they were given, in a file of their own: that is what is searched for.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from commands import run_ready
from ready import Ready

pytestmark = pytest.mark.once

BIN = Path(sys.executable).parent
SEED = 5
PIECE = 6
"""Characters: 35 bits of a token."""
SCENARIO = """
from redactfuzz import scenario

def key_of(race, name):
    key = race.canary(name).text
    with open("planted", "a") as planted:
        planted.write(key + "\\n")
    return key

class Keyring:
    def __init__(self, key):
        self.current, self.known = key, (key,)
    def rotate(self, key, fails):
        self.current = key
        if fails:
            raise ValueError("cannot rotate to " + key)
        self.known = (*self.known, key)
    def scrub(self, text):
        for key in self.known:
            text = text.replace(key, "[key]")
        return text

def declare(race, fails):
    ring = Keyring(key_of(race, "old key"))
    scrub = race.redactor(ring.scrub)
    race.thread(ring.rotate, key_of(race, "new key"), fails)
    return ring, scrub

@scenario
def test_leaks(race):
    ring, scrub = declare(race, False)
    race.crash(lambda: scrub("signing with " + ring.current))

@scenario
def test_thread_raises_with_the_key(race):
    ring, scrub = declare(race, True)
    race.crash(lambda: scrub("signing"))

@scenario
def test_handler_raises_with_the_key(race):
    ring, scrub = declare(race, False)
    def handler():
        raise RuntimeError(ring.current)
    race.crash(handler)

@scenario
def test_body_raises_with_the_key(race):
    raise KeyError(key_of(race, "old key"))

def saying(race, say):
    ring, scrub = declare(race, False)
    def work():
        raise ValueError(say(ring.current))
    race.thread(work)
    race.crash(lambda: scrub("signing"))

@scenario
def test_thread_says_the_key_backwards(race):
    saying(race, lambda key: key[::-1])

@scenario
def test_thread_says_pieces_of_the_key(race):
    saying(race, lambda key: key[:7] + " " + key[8:15] + " " + key[16:23])

@scenario
def test_thread_bears_the_key_as_its_name(race):
    race.thread(print, name=key_of(race, "old key"))

@scenario
def test_witness_bears_the_key_as_its_name(race):
    race.witness(key_of(race, "old key"), "w")

@scenario
def test_code_bears_the_key_as_its_name(race):
    ring, scrub = declare(race, False)
    names = {}
    name = "f_" + ring.current
    exec(compile("def " + name + "():\\n    raise ValueError('q')\\n", "/tmp/" + ring.current + ".py", "exec"), names)
    race.thread(names[name])
    race.crash(lambda: scrub("signing"))
"""


def pieces_of(keys: list[str]) -> set[str]:
    """Of every key, read either way."""
    both = [*keys, *(key[::-1] for key in keys)]
    return {key[at : at + PIECE] for key in both for at in range(len(key) - PIECE + 1)}


def held(text: str, pieces: set[str]) -> list[int]:
    """Where a piece of a canary stands."""
    return [at for at in range(len(text) - PIECE + 1) if text[at : at + PIECE] in pieces]


def test_the_search_of_this_file_sees_a_piece_of_a_key() -> None:
    key = "Zx81qL0pVw93mTt7Hc2dR5yBn4Ks6FgA"
    assert held(f"said by mistake: {key[5:20]}.", pieces_of([key])) == list(range(17, 27))


@pytest.mark.parametrize(
    "command",
    [
        ("redactfuzz", "run", "test_keys.py", "--seed", str(SEED), "--profile", "ci", "--unconfined"),
        ("redactfuzz", "run", "test_keys.py", "--seed", str(SEED), "--profile", "ci", "--json",
         "--unconfined", "--sarif", "out.sarif", "--junit", "out.xml"),
        ("pytest", "-vv", "-l", "test_keys.py", "--redactfuzz-seed", str(SEED), "--redactfuzz-profile", "ci",
         "--junitxml", "junit.xml", "-p", "no:cacheprovider", "--redactfuzz-unconfined"),
    ],
    ids=["run", "run --json", "pytest"],
)  # fmt: skip
def test_no_piece_of_a_key_is_in_anything_that_is_written(
    command: tuple[str, ...], ready: Ready, tmp_path: Path
) -> None:
    (tmp_path / "test_keys.py").write_text(SCENARIO, "utf-8")
    done = subprocess.run(
        [BIN / command[0], *command[1:]], cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 1, done.stdout + done.stderr
    kept = (".json", ".xml", ".sarif")
    written = {path.name: path.read_text("utf-8") for path in tmp_path.rglob("*") if path.suffix in kept}
    assert ("--sarif" in command) == ("out.sarif" in written)
    assert any(name.endswith(".rfz.json") for name in written)
    told = {"stdout": done.stdout, "stderr": done.stderr, **written}
    for what in ("new key", "cannot rotate", "KeyError"):
        assert what in done.stdout, "what went wrong is told"
    keys = (tmp_path / "planted").read_text("utf-8").split()
    assert len(keys) > 20
    pieces = pieces_of(keys)
    assert not {name: at for name, text in told.items() if (at := held(text, pieces))}
    for path in tmp_path.glob(".redactfuzz/*.rfz.json"):
        assert not held(run_ready(ready, tmp_path, "replay", path, "--trace", "--unconfined").both, pieces)
