"""Whoever ends a proof in the middle, by Ctrl-C or SIGTERM, is told what is known, and gets no proof: both runtimes."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from functools import partial
from pathlib import Path

import pytest
from commands import COMMAND, Run

pytestmark = pytest.mark.once

SCENARIO = """from redactfuzz import Race, scenario

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
PROGRAM = """#include <pthread.h>
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
    "large.py": (SCENARIO, ("large.py::large",)),
    "large.c": (PROGRAM, ("large.c", "--canary", "env:KEY", "--crash", "none")),
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
