"""``redactfuzz check --rerun``, as a user starts it."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest
from commands import COMMAND, Run, run_in, surroundings
from trees import certificate

pytestmark = [pytest.mark.wide, pytest.mark.once]

RACE = """#include <pthread.h>
#include <stdlib.h>
#include <string.h>
static volatile int x, y[2];
static void *count(void *mine) { *(volatile int *)mine = 1; int t = x; x = t + 1; return mine; }
int main(void)
{
    pthread_t thread;
    char *key = getenv("KEY");
    memset(key, 0, strlen(key));
    pthread_create(&thread, NULL, count, (void *)&y[0]);
    count((void *)&y[1]);
    pthread_join(thread, NULL);
    return 0;
}
"""
OTHER = RACE.replace("int t = x; x = t + 1;", "x = 1;")
SCENARIO = """from redactfuzz import scenario
import helper

@scenario
def fixed(race):
    box = {"key": race.canary("key").text, "seen": 0}
    scrub = race.redactor(helper.scrub)
    race.thread(helper.count, box, name="one")
    race.thread(helper.count, box, name="two")
    race.crash(lambda: {name: scrub(name, value) for name, value in box.items()})
"""
HELPER = """import os

def scrub(name, value):
    return "[masked]" if name == "key" else value

def count(box):
    seen = box["seen"]
    box["seen"] = seen + 1
"""
OPTIONS = ("--strategy", "dpor", "--seconds", "60", "--after", "0", "--seed", "3")
IN_C = ("--canary", "env:KEY", "--one-crash", "--crash", "none")
Line = dict[str, Any]


@attrs.frozen
class Made:
    """Folders in which certificates were made, with their code."""

    program: Path
    scenario: Path

    def copy(self, folder: Path) -> None:
        for each in (self.program, self.scenario):
            for file in each.iterdir():
                if file.is_file():
                    (folder / file.name).write_bytes(file.read_bytes())


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    found = Made(tmp_path_factory.mktemp("program"), tmp_path_factory.mktemp("scenario"))
    (found.program / "race.c").write_text(RACE)
    (found.program / "other.c").write_text(OTHER)
    (found.scenario / "s.py").write_text(SCENARIO)
    (found.scenario / "helper.py").write_text(HELPER)
    for name in ("race", "other"):
        ran = run_in(found.program, COMMAND, "run", f"{name}.c", *OPTIONS, *IN_C, "--proof", f"{name}.gz")
        assert (found.program / f"{name}.gz").exists(), ran.both
    ran = run_in(found.scenario, COMMAND, "run", "s.py::fixed", *OPTIONS, "--proof", "s.gz")
    assert (found.scenario / "s.gz").exists(), ran.both
    return found


@pytest.fixture
def here(made: Made, folder: Path) -> Path:
    """A folder of the test's own, with all that was made."""
    made.copy(folder)
    return folder


@pytest.mark.parametrize("file", ["race.gz", "s.gz"])
def test_what_is_executed_again_is_alike(file: str, cli: Run, here: Path) -> None:
    assert (here / file).exists()
    ran = cli("check", file, "--rerun", "3")
    assert ran.code == 0, ran.both
    assert "no class of schedules is missing" in ran.out
    assert "3 of " in ran.out
    assert "and 3 linearisations executed again, seed 0: alike." in ran.out
    assert "Sampled by these, not proved" in ran.out
    assert "Not checked" not in ran.out
    assert {"race.gz": "compiling race.c below", "s.gz": f"importing {here / 's.py'}"}[file] in ran.err


def test_the_same_seed_says_the_same_and_more_than_there_are_is_all_of_them(cli: Run, here: Path) -> None:
    first, second = (cli("check", "race.gz", "--rerun", "40", "--seed", "9") for _ in range(2))
    assert first.out == second.out
    many = sum(b'"leaf"' in line for line in gzip.decompress((here / "race.gz").read_bytes()).splitlines())
    assert f"all {many} leaves and 40 linearisations executed again, seed 9: alike." in first.out


@pytest.mark.parametrize(
    ("changed", "file"), [("race.c", "race.gz"), ("s.py", "s.gz"), ("helper.py", "s.gz")], ids=["C", "Python", "helper"]
)
def test_code_that_has_changed_since_is_not_executed(changed: str, file: str, cli: Run, here: Path) -> None:
    with (here / changed).open("a") as opened:
        opened.write("\n")
    ran = cli("check", file, "--rerun", "1")
    assert ran.code == 1
    assert "rejected: line 1: the code has changed since: " in ran.out
    assert changed in ran.out
    assert cli("check", file).code == 0


# -- what the checker alone accepts


def altered(file: Path, change: Callable[[list[Line]], list[Line]]) -> None:
    header, *lines, _ = gzip.decompress(file.read_bytes()).splitlines()
    file.write_bytes(certificate(change([json.loads(line) for line in lines]), json.loads(header)))


def lines_of(file: Path) -> list[Line]:
    return [json.loads(line) for line in gzip.decompress(file.read_bytes()).splitlines()[1:-1]]


def renamed(lines: list[Line]) -> list[Line]:
    """What lies in memory of the program lies eight bytes further on."""
    for line in lines:
        for words, at in [*((each, 0) for each in line.get("touched", [])), *((each, 4) for each in line["told"])]:
            if len(words) > at and 0 < words[at] < 2**31:
                words[at] += 1
    return lines


def without_footprints(lines: list[Line]) -> list[Line]:
    """The first execution alone, in which nobody has touched anything that another could notice."""
    path = []
    for line in lines:
        line["told"] = [told[:4] if told[2] != 2 else told for told in line["told"]]
        kept = [each for each in line.get("touched", []) if each[0] == 0 or each[0] > 2**20]
        path.append(line | ({"touched": kept} if "touched" in line else {}))
        if "leaf" in line:
            break
    return path


@pytest.mark.parametrize("how", ["another tree", "renamed", "footprints"])
def test_an_altered_tree_that_the_checker_accepts_is_rejected(how: str, cli: Run, here: Path) -> None:
    other = lines_of(here / "other.gz")
    changes = {"another tree": lambda _: other, "renamed": renamed, "footprints": without_footprints}
    altered(here / "race.gz", changes[how])
    ran = cli("check", "race.gz")
    assert ran.code == 0, ran.both
    ran = cli("check", "race.gz", "--rerun", "2")
    assert ran.code == 1, ran.both
    assert "race.gz: rejected: line " in ran.out
    assert "executed again, is another one: " in ran.out
    assert "step " in ran.out
    assert "Traceback" not in ran.both


# -- where its code lies


def test_its_code_is_found_by_the_target_that_is_given(cli: Run, here: Path) -> None:
    below = here / "below"
    below.mkdir()
    for name in ("race.c", "s.py", "helper.py"):
        (here / name).rename(below / name)
    ran = cli("check", "race.gz", "--rerun", "1")
    assert ran.code == 2
    assert "race.c, is not there. Change to the folder in which it was made, or give --target" in ran.err
    for file, target in (("race.gz", "below/race.c"), ("s.gz", "below"), ("s.gz", "below/s.py")):
        ran = cli("check", file, "--rerun", "1", "--target", target)
        assert ran.code == 0, ran.both
    assert cli("check", "s.gz", "--rerun", "1", "--target", "below/absent.py").code == 2


def test_what_its_reader_has_not_agreed_to_takes_their_word(cli: Run, here: Path) -> None:
    header, *rest = gzip.decompress((here / "race.gz").read_bytes()).splitlines(keepends=True)
    strange = json.loads(header)
    strange["program"]["flags"] = ["-fplugin=./mine.so"]
    text = b"".join([json.dumps(strange).encode() + b"\n", *rest[:-1]])
    trailer = json.loads(rest[-1]) | {"sha256": hashlib.sha256(text).hexdigest()}
    (here / "race.gz").write_bytes(gzip.compress(text + json.dumps(trailer).encode() + b"\n"))
    assert cli("check", "race.gz").code == 0
    ran = cli("check", "race.gz", "--rerun", "1", "--target", "race.c")
    assert ran.code == 2
    assert "-fplugin=./mine.so" in ran.err


# -- bad input


def test_none_is_no_count(cli: Run, here: Path) -> None:
    assert (here / "race.gz").exists()
    ran = cli("check", "race.gz", "--rerun", "0")
    assert ran.code == 2
    assert "0 is not in the range" in ran.err


def test_options_of_a_rerun_are_for_nothing_without_it(cli: Run, here: Path) -> None:
    assert (here / "race.gz").exists()
    ran = cli("check", "race.gz", "--target", "race.c")
    assert ran.code == 2
    assert "are for --rerun" in ran.err


def test_a_file_that_is_cut_off_or_is_none_is_rejected_as_ever(cli: Run, here: Path) -> None:
    whole = (here / "race.gz").read_bytes()
    for content in (b"", whole[: len(whole) // 2]):
        (here / "cut.gz").write_bytes(content)
        ran = cli("check", "cut.gz", "--rerun", "2")
        assert ran.code == 1, ran.both
        assert "rejected: line " in ran.out
        assert "Traceback" not in ran.both
    assert cli("check", "absent.gz", "--rerun", "2").code == 2
    os.mkfifo(here / "pipe")
    assert "needs a file" in cli("check", "pipe", "--rerun", "2").err


def test_when_the_time_is_over_it_is_not_accepted(cli: Run, here: Path) -> None:
    assert (here / "race.gz").exists()
    ran = cli("check", "race.gz", "--rerun", "50", "--seconds", "0.001")
    assert ran.code == 1
    assert "not all that was asked for was executed again: the 0.001 s were over behind 0 leaves" in ran.out


def test_it_can_be_interrupted_and_leaves_nothing(here: Path) -> None:
    words = [str(COMMAND), "check", "race.gz", "--rerun", "100000"]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, cwd=here, env=surroundings(), stdout=pipe, stderr=pipe) as running:
        assert running.stderr is not None
        assert b"compiling" in running.stderr.readline()
        time.sleep(1)
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert b"Traceback" not in out + err
    assert not [each for each in Path("/proc").glob("[0-9]*/cwd") if where(each) == str(here)]


def where(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:
        return ""
