"""``redactfuzz run --proof`` and ``redactfuzz check``, as a user starts them."""

from __future__ import annotations

import gzip
import hashlib
import importlib
import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click
import pytest
from commands import COMMAND, Run, run_in

pytestmark = pytest.mark.once

RACE = """#include <pthread.h>
#include <stdlib.h>
#include <string.h>
static volatile int x;
static void *count(void *unused) { int t = x; x = t + 1; return unused; }
int main(void)
{
    pthread_t thread;
    char *key = getenv("KEY");
    memset(key, 0, strlen(key));
    pthread_create(&thread, NULL, count, NULL);
    count(NULL);
    pthread_join(thread, NULL);
    return 0;
}
"""
OPTIONS = ("--strategy", "dpor", "--seconds", "60", "--after", "0", "--canary", "env:KEY", "--one-crash")


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("certified")
    (folder / "race.c").write_text(RACE)
    coarse = ("--granularity", "switches")
    ran = run_in(folder, COMMAND, "run", "race.c", *OPTIONS, *coarse, "--crash", "none", "--proof", "race.gz")
    assert "granularity instructions, not switches" in " ".join(ran.out.split()), ran.both
    assert "certificate of" in ran.out, ran.both
    assert "redactfuzz check" in ran.out
    assert not list(folder.glob(".race.gz*"))
    return (folder / "race.gz").read_bytes()


def test_the_certificate_of_a_search_is_accepted(certified: bytes, cli: Run, folder: Path) -> None:
    (folder / "race.gz").write_bytes(certified)
    ran = cli("check", "race.gz")
    assert ran.code == 0, ran.both
    assert "no class of schedules is missing" in ran.out
    assert "Not checked" in ran.out


def test_it_is_of_this_code_and_no_other(certified: bytes, cli: Run, folder: Path) -> None:
    (folder / "race.gz").write_bytes(certified)
    (folder / "race.c").write_text(RACE)
    assert cli("check", "race.gz", "--against", "race.c").code == 0
    assert cli("check", "race.gz", "--against", ".").code == 0
    (folder / "race.c").write_text(RACE + "\n")
    for path in ("race.c", "."):
        ran = cli("check", "race.gz", "--against", path)
        assert ran.code == 1
        assert "other code" in ran.out
    (folder / "race.c").unlink()
    assert cli("check", "race.gz", "--against", ".").code == 1


def test_it_holds_numbers_alone_and_of_the_secret_a_hash_of_64_digits(certified: bytes) -> None:
    header, *lines, _ = gzip.decompress(certified).splitlines()
    assert len(lines) > 4
    words = {word for line in lines for word in re.findall(r"[^\d,:{}\[\]\"]+", line.decode())}
    nodes = {"told", "there", "able", "unfair", "asleep"}
    assert words <= nodes | {"step", "by", "how", "on", "ends", "touched", "leaf", "outcome", "end", "over"}
    assert re.fullmatch(r"[0-9a-f]{64}", json.loads(header)["canaries"]["KEY"])


def test_it_takes_the_place_of_no_file_that_is_none(cli: Run, folder: Path) -> None:
    (folder / "race.c").write_text(RACE)
    (folder / "saved.gz").write_bytes(gzip.compress(b"all that I have"))
    (folder / "link.gz").symlink_to("saved.gz")
    for target, why in (
        ("race.c", "twice"),
        ("saved.gz", "no certificate"),
        ("link.gz", "no certificate"),
        (".", "folder"),
    ):
        ran = cli("prove", "race.c", "--proof", target)
        assert ran.code == 2, ran.both
        assert f"--proof {target}" in ran.err
        assert why in ran.err
    assert (folder / "race.c").read_text() == RACE
    assert gzip.decompress((folder / "saved.gz").read_bytes()) == b"all that I have"


def test_one_that_cannot_be_written_is_no_success(folder: Path) -> None:
    """Here a pipe whose reader goes away, when the search has begun."""
    (folder / "race.c").write_text(RACE)
    os.mkfifo(folder / "pipe")
    reader = os.open(folder / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    words = ("run", "race.c", *OPTIONS, "--crash", "none", "--proof", "pipe")
    with subprocess.Popen([str(COMMAND), *words], cwd=folder, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert waited(lambda: not ended(reader))
        finally:
            os.close(reader)
        out, _ = running.communicate(timeout=60)
    assert "certificate: it cannot be written" in out
    assert running.returncode == 3
    assert (folder / "pipe").is_fifo()


def test_a_link_stays_one_and_what_it_leads_to_is_written(certified: bytes, cli: Run, folder: Path) -> None:
    (folder / "race.c").write_text(RACE)
    (folder / "old.gz").write_bytes(certified[:-100])
    (folder / "link.gz").symlink_to("old.gz")
    ran = cli("run", "race.c", *OPTIONS, "--crash", "none", "--proof", "link.gz")
    assert "certificate of" in ran.out, ran.both
    assert "granularity" not in ran.out
    assert (folder / "link.gz").is_symlink()
    assert cli("check", "old.gz").code == 0


def waited(holds: Callable[[], bool]) -> bool:
    """Whether it does within a minute."""
    end = time.monotonic() + 60
    while not holds() and time.monotonic() < end:
        time.sleep(0.02)
    return holds()


def ended(pipe: int) -> bool:
    """Whether nobody has it open for writing."""
    try:
        return os.read(pipe, 1) == b""
    except BlockingIOError:
        return False


@pytest.mark.parametrize(
    "content",
    [b"", b"\0" * 100, b"{}\n", gzip.compress(b'{"rfproof": 2}\n')],
    ids=["nothing", "NUL", "text", "newer"],
)
def test_what_is_none_is_rejected_without_a_traceback(content: bytes, cli: Run, folder: Path) -> None:
    (folder / "none.gz").write_bytes(content)
    ran = cli("check", "none.gz")
    assert ran.code == 1
    assert "rejected: line " in ran.out
    assert "Traceback" not in ran.both


def test_what_cannot_be_read_is_a_mistake_in_its_use(cli: Run) -> None:
    assert cli("check", "absent.gz").code == 2
    assert cli("check", ".").code == 2


def test_nobody_is_waited_for_without_a_limit(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checking = importlib.import_module("redactfuzz.cli.proofs.check")
    monkeypatch.setattr(checking, "_PATIENCE", 0.1)
    os.mkfifo(folder / "pipe")
    with pytest.raises(click.UsageError, match="nobody has written to it"):
        checking.check.callback(folder / "pipe", None, *[None] * 4, False, False)


def test_a_pipe_is_read_as_a_file_is(certified: bytes, cli: Run, folder: Path) -> None:
    (folder / "race.gz").write_bytes(certified)
    ran = run_in(folder, "bash", "-c", "redactfuzz check <(sleep 0.2; cat race.gz)")
    assert ran.code == 0, ran.both


def test_names_in_it_lead_to_no_other_place(cli: Run, folder: Path) -> None:
    header = b'{"rfproof": 1, "sources": {"/dev/zero": "0", "../../x": "0"}}\n'
    (folder / "far.gz").write_bytes(gzip.compress(header))
    assert cli("check", "far.gz", "--against", ".").code == 1


def test_names_in_it_make_no_lines_and_no_codes_for_terminals(certified: bytes, cli: Run, folder: Path) -> None:
    header, *lines = gzip.decompress(certified).splitlines(keepends=True)[:-1]
    said = json.dumps(json.loads(header) | {"sources": {"\x1b[2Ja.c\nb.gz: 9 executions": ""}}).encode() + b"\n"
    trailer = json.loads(gzip.decompress(certified).splitlines()[-1])
    trailer["sha256"] = hashlib.sha256(said + b"".join(lines)).hexdigest()
    (folder / "odd.gz").write_bytes(gzip.compress(said + b"".join(lines) + json.dumps(trailer).encode() + b"\n"))
    ran = cli("check", "odd.gz", "--against", ".")
    assert ran.code == 1
    assert ran.out.count("\n") == 1
    assert r"\x1b[2Ja.c\nb.gz: 9 executions" in ran.out


def test_it_is_asked_for_of_one_scenario_or_program_and_that_strategy(cli: Run, folder: Path) -> None:
    (folder / "race.c").write_text(RACE)
    (folder / "scenario.py").write_text("from redactfuzz import scenario\n@scenario\ndef one(race):\n    pass\n")
    for words in (
        ("race.c", "--proof", "p.gz"),
        ("scenario.py", "--proof", "p.gz"),
        ("scenario.py", "scenario.py", "--strategy", "random", "--proof", "p.gz"),
        ("race.c", "scenario.py", "--strategy", "dpor", "--proof", "p.gz"),
        ("race.c", "--strategy", "dpor", "--proof", "no/such/p.gz"),
    ):
        ran = cli("run", *words)
        assert ran.code == 2, (words, ran.both)
        assert "proof" in ran.err
    assert not (folder / "p.gz").exists()


# -- scenarios in Python

SCENARIO = """from redactfuzz import Race, scenario
import masking

def stage(race: Race, late: bool) -> None:
    key = race.canary("key").text
    masks = [] if late else [key]
    shown = {"line": ""}
    scrub = race.redactor(lambda text: masking.masked(text, masks), bypass=lambda text: text)

    def work() -> None:
        shown["line"] = f"key {key}"
        if late:
            masks.append(key)

    race.thread(work)
    race.thread(lambda: shown.update(other="1"))
    race.crash(lambda: scrub(shown["line"]))

@scenario
def vulnerable(race: Race) -> None:
    stage(race, True)

@scenario
def fixed(race: Race) -> None:
    stage(race, False)

RUNS = 0

@scenario
def carries(race: Race) -> None:
    global RUNS
    RUNS += 1
    stage(race, False)
"""
MASKING = """def masked(text, masks):
    for each in list(masks):
        text = text.replace(each, "[gone]")
    return text
"""
THREADS = ("--strategy", "dpor", "--seconds", "120", "--after", "0")


@pytest.fixture
def scenario(folder: Path) -> None:
    (folder / "scenario.py").write_text(SCENARIO)
    (folder / "masking.py").write_text(MASKING)


def header(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(gzip.decompress(path.read_bytes()).splitlines()[0])
    return found


@pytest.mark.usefixtures("scenario")
def test_a_proof_has_a_certificate_that_is_of_the_code_that_ran(cli: Run, folder: Path) -> None:
    ran = cli("run", "scenario.py::fixed", *THREADS, "--proof", "p.gz")
    assert ran.code == 0, ran.both
    assert "PROVED" in ran.out
    assert "certificate of" in ran.out
    ran = cli("check", "p.gz", "--against", ".")
    assert ran.code == 0, ran.both
    assert "no class of schedules is missing" in ran.out
    found = header(folder / "p.gz")
    assert found["sources"] == {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in ("masking.py", "scenario.py")
    }
    assert (found["executions"], found["packages"]) == ("one after the other", {})
    assert found["scenario"] == "scenario.py::fixed"
    (folder / "masking.py").write_text(MASKING + "\n")
    ran = cli("check", "p.gz", "--against", ".")
    assert ran.code == 1
    assert "masking.py is not what it was made of" in ran.out


@pytest.mark.usefixtures("scenario")
def test_where_an_execution_leaves_something_for_the_next_it_is_of_first_ones(cli: Run, folder: Path) -> None:
    ran = cli("run", "scenario.py::carries", *THREADS, "--proof", "p.gz")
    assert "PROVED" in ran.out, ran.both
    assert cli("check", "p.gz").code == 0
    assert header(folder / "p.gz")["executions"] == "each the first of a process"


@pytest.mark.usefixtures("scenario")
def test_what_leaks_has_none_and_ends_as_a_leak(cli: Run, folder: Path) -> None:
    ran = cli("run", "scenario.py::vulnerable", *THREADS, "--proof", "p.gz")
    assert ran.code == 1, ran.both
    assert "LEAK" in ran.out
    assert "certificate: none" in " ".join(ran.out.split())
    assert not list(folder.glob("*p.gz*"))


@pytest.mark.usefixtures("scenario")
def test_it_is_of_one_scenario(cli: Run, folder: Path) -> None:
    ran = cli("run", "scenario.py", *THREADS, "--proof", "p.gz")
    assert ran.code == 4, ran.both
    assert "Name one scenario, as scenario.py::vulnerable" in " ".join(ran.out.split())
    assert not (folder / "p.gz").exists()


# -- whoever ends one in the middle is told what is known, and gets none

LARGE_SCENARIO = """from redactfuzz import Race, scenario

@scenario
def large(race: Race) -> None:
    key = race.canary("key").text
    row = {"n": 0}
    mask = race.redactor(lambda text: text.replace(key, "[key]"))

    def counts() -> None:
        for number in range(30):
            row["n"] = row["n"] + abs(number)

    for _ in range(4):
        race.thread(counts)
    race.crash(lambda: mask(f"{key} {row}"))
"""
LARGE_PROGRAM = """#include <pthread.h>
#include <stdlib.h>
#include <string.h>
static volatile int x;
static void *count(void *unused) { for (int i = 0; i < 30; i++) x = x + 1; return unused; }
int main(void)
{
    pthread_t threads[4];
    char *key = getenv("KEY");
    memset(key, 0, strlen(key));
    for (int i = 0; i < 4; i++) pthread_create(&threads[i], NULL, count, NULL);
    for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
    return 0;
}
"""
BEGUN = {
    "large.py": (LARGE_SCENARIO, ("large.py::large",)),
    "large.c": (LARGE_PROGRAM, ("large.c", "--canary", "env:KEY", "--crash", "none")),
}
SEARCH = ("--strategy", "dpor", "--seconds", "500", "--executions", "1000000000", "--json", "--proof", "p.gz")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("name", BEGUN)
def test_who_ends_a_proof_is_told_what_is_known_and_gets_none(
    name: str, number: signal.Signals, folder: Path, cli: Run
) -> None:
    text, words = BEGUN[name]
    (folder / name).write_text(text)
    listens = partial(signal.signal, number, signal.SIG_DFL)  # ignored in what runs in the background
    process = subprocess.Popen(
        [COMMAND, "run", *words, *SEARCH],
        cwd=folder,
        preexec_fn=listens,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        until = time.monotonic() + 100
        while not recorded(folder) and process.poll() is None and time.monotonic() < until:
            time.sleep(0.05)
        process.send_signal(number)
        out, err = process.communicate(timeout=100)
    finally:
        process.kill()
    record = json.loads(out)
    assert process.returncode == 128 + number, err
    assert (record["verdict"], record["interrupted"]) == ("INCONCLUSIVE", True)
    assert record["executions"] > 0
    assert "Traceback" not in out + err
    assert not list(folder.glob(".p.gz*"))
    if (folder / "p.gz").exists():
        ran = cli("check", "p.gz")
        assert ran.code == 1
        assert "rejected" in ran.out


def recorded(folder: Path) -> bool:
    """Whether a good part of the tree is written beside its place."""
    return any(path.stat().st_size > 20_000 for path in folder.glob(".p.gz*"))
