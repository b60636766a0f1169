"""A finding that somebody lives with, and that then gives away the whole secret, counts again."""

from __future__ import annotations

import datetime
import json
import subprocess
from pathlib import Path

from nights_of import COMMAND, environment, fuzz, write

from redactfuzz.model.night import FindingMet, Life
from redactfuzz.night.journal import of_kind

TELLS = """
from redactfuzz import scenario


def shown(key):
    return key[-12:]


@scenario(strategy="dpor")
def tells(race):
    key = race.canary("key").text
    clean = race.redactor(lambda text: text.replace(key, "[key]"))
    race.thread(len, key)
    race.crash(lambda: clean("uses " + key) + " ends in " + shown(key))
"""
GROWN = TELLS.replace("key[-12:]", "key")


def triage(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, "triage", "out", *words],
        cwd=folder, env=environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip


def test_a_suppressed_part_that_becomes_the_whole_is_told_and_one_that_stays_is_not(tmp_path: Path) -> None:
    assert fuzz(tmp_path, write(tmp_path, TELLS, "sc.py"), "--seed", 1).code == 1
    key = json.loads(triage(tmp_path, "--json").stdout)["key"]
    day = datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=30)
    entry = f'[[suppressed]]\nkey = "{key}"\nreason = "twelve letters tell keys apart"\nuntil = {day}\n'
    write(tmp_path, entry, "redactfuzz-suppressions.toml")
    same = fuzz(tmp_path, "sc.py", "--seed", 2)
    assert (same.code, same.lives) == (0, {"tells": Life.KNOWN}), same.said

    write(tmp_path, GROWN, "sc.py")
    grown = fuzz(tmp_path, "sc.py", "--seed", 3)
    assert grown.code == 1, grown.said
    last = of_kind(grown.nights[-1].events, FindingMet)[-1]
    assert (last.key, last.life, last.worse) == (key, Life.MOVED, 1)
    assert "held part of" not in last.finding.cause
    assert "LEAK" in (tmp_path / "out" / "report.md").read_text("utf-8")
    listed = triage(tmp_path)
    assert listed.returncode == 1
    assert "worse = 1" in listed.stdout

    write(tmp_path, f"{entry}worse = 1\n", "redactfuzz-suppressions.toml")
    lived = fuzz(tmp_path, "sc.py", "--seed", 4)
    assert lived.code == 0, lived.said
    assert triage(tmp_path).returncode == 0
