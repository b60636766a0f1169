"""What a hostile file, program, scenario or end of a run can do: every line of the audit, tried again.

python ci/bench/security.py          all, about a quarter of an hour
python ci/bench/security.py outputs  one part: lines, matrix, outputs or speed
"""

from __future__ import annotations

import base64
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path
from typing import Any

from shared import hostile, record

sys.path.insert(0, str(record.ROOT / "tests" / "e2e"))

from redactfuzz import Race, explore, scenario
from redactfuzz.campaign import Options
from redactfuzz.campaign.face.scenario import Ambient, surrounded

COMMAND = Path(sys.executable).with_name("redactfuzz")
TESTS = record.ROOT / "tests"
LINES = (
    ("1.1", "a stranger's file with compiler flags that run or write something", "refused, nothing runs (exit 2)",
     "unit/campaign/test_campaign_agreed.py::test_any_other_option_is_not"),
    ("1.1", "variables of loaders, libc and interpreters (LD_*, GCONV_*, MALLOC_*, PYTHON*)", "refused",
     "unit/campaign/test_campaign_agreed.py::test_a_variable_that_loaders_libraries_and_tools_act_on_is_not"),
    ("1.1", "code outside of the folder, above it, or behind a link", "refused without --trust",
     "unit/campaign/test_campaign_agreed.py -k path or link or folder_above"),
    ("1.1", "what will run is on stderr before it does", "yes",
     "unit/campaign/test_campaign_agreed.py::test_what_is_about_to_run_is_said_before"),
    ("1.1", "a file that this installation wrote, then edited; one of another machine; a key that others can read",
     "not believed", "unit/campaign/test_campaign_agreed.py -k believed or another_installation or others_can_read"),
    ("1.2", "numbers and texts without end, FIFOs, /dev/zero, keys of 2 million digits", "refused at once",
     "e2e/test_strangers_files.py"),
    ("1.2", "damaged and mutated repro files and registries", "refused; see also strangers_files.md",
     "unit/model/test_repro_files.py unit/model/test_registry.py"),
    ("1.3", "ESC, OSC, U+202E in names, causes, paths, tracebacks", "escaped in every output",
     "e2e/test_strangers_files.py::test_nothing_of_a_name_or_a_path_reaches_the_terminal_raw"
     " unit/model/test_escaped.py"),
    ("1.4", "$TMPDIR/redactfuzz-UID made by somebody else, links in the place of our files", "not used, not followed",
     "unit/campaign/test_campaign_agreed.py -k temporary or link or nobody_elses"),
    ("2.1", "a program that calls chdir, link, chown, utimes, dlsym, raw system calls", "nothing of others changes",
     "native/test_confine.py"),
    ("2.1", "a scenario, its C code or its child writes, removes, renames, chmods elsewhere; signals others",
     "refused, INCONCLUSIVE, no leak is told that follows from it",
     "runtime/state/test_writable.py runtime/state/test_refused.py"),
    ("2.1", "`ulimit -c unlimited` and a scenario that dies", "no core beside it",
     "e2e/test_unconfined.py -k core"),
    ("2.2", "files of dead runs", "swept by the next", "e2e/test_leaves_nothing.py unit/test_workplace.py -k swept"),
    ("3.1", "output of scenarios in JUnit, logs, teardown errors, plain tests",
     "no piece of a canary", "e2e/test_no_secret_comes_out.py e2e/test_unconfined.py"),
    ("3.2", "a literal that is refused, or stands in a repro file", "neither its source line nor an unsalted hash",
     "runtime/dumps/test_no_secret_in_what_is_told.py unit/model/test_registry.py"),
    ("3.3", "who may read cores and dumps of a run", "0600 in 0700, unlinked when read", "unit/test_workplace.py"),
    ("4", "extensions", "stack protector, FORTIFY, BIND_NOW, RELRO, -fcf-protection", "unit/test_hardening.py"),
    ("4", "a dump that another user owns", "read by a process with limits that can write nothing",
     "unit/scan/test_limited.py"),
    ("4", "interpreters that nobody has tried; what the wheel needs", "refused; an SBOM in the wheel",
     "unit/test_packaging.py"),
)  # fmt: skip
"""Of the issue: line, attempt, what happens now, and the tests that try it."""


def lines() -> tuple[str, Any]:
    """Each line's tests, run now."""
    rows = []
    for line, attempt, now, tests in LINES:
        *files, chosen = tests.split(" -k ") if " -k " in tests else (tests, "")
        paths = [str(TESTS / each) for each in " ".join(files).split()]
        with tempfile.TemporaryDirectory() as folder:
            junit = Path(folder, "junit.xml")
            pytest = [sys.executable, "-m", "pytest", "-q", "-m", "", "-p", "no:cacheprovider"]
            command = [*pytest, f"--junitxml={junit}", "-k", chosen, *paths]
            subprocess.run(command, cwd=record.ROOT, capture_output=True, check=False)
            suite = ET.parse(junit).getroot().find("testsuite")
            assert suite is not None
            ran, bad = int(suite.get("tests", 0)), sum(int(suite.get(each, 0)) for each in ("failures", "errors"))
        held = now if ran and not bad else "**not as it should be**"
        rows.append((line, attempt, held, f"{ran - bad} of {ran} tests"))
    return record.table(("line", "attempt", "what happens", "shown by"), rows), [list(row) for row in rows]


ENDS = ("comes to its end", "SIGINT", "SIGTERM", "SIGHUP", "SIGKILL", "SIGKILL of the worker")


def matrix() -> tuple[str, Any]:
    """What is left after each end of a run of each kind."""
    import test_leaves_nothing as leaves

    kinds = (*leaves.KINDS, "program")
    counts: dict[str, dict[str, int]] = {}
    for kind in kinds:
        counts[kind] = {}
        for end in ENDS:
            with tempfile.TemporaryDirectory() as folder:
                place = leaves.Place(Path(folder, "work"), Path(folder, "temporary"))
                place.work.mkdir()
                place.temporary.mkdir()
                process = leaves.started(place, kind, few=end == ENDS[0])
                if end != ENDS[0]:
                    number = signal.Signals[end.split()[0]]
                    alone = "worker" in end and kind != "pytest"
                    os.kill(leaves.worker(process) if alone else process.pid, number)
                    if alone:
                        time.sleep(0.2)
                        process.send_signal(signal.SIGINT)
                process.wait(5 * leaves.SECONDS)  # one that hangs is given up after a while, again and again
                leaves.soon(lambda place=place: not place.left())  # type: ignore[misc]
                counts[kind][end] = len(place.left())
        print(kind, counts[kind], file=sys.stderr)
    rows = [(kind, *(counts[kind][end] for end in ENDS)) for kind in kinds]
    told = record.table(("kind of run", *ENDS), rows)
    what = (
        "Files, folders, cores, processes and shared memory that are left. A session of pytest has no worker: it is"
        " killed itself."
    )
    return f"{told}\n\n{what}", counts


def outputs() -> tuple[str, Any]:
    """Every output of 100 scenarios that say their secret, searched."""
    found: Counter[str] = Counter()
    size: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        file, planted = Path(folder, "test_hostile.py"), Path(folder, "planted")
        file.write_text(hostile.source(executions=20), "utf-8")
        texts: dict[str, str] = {}

        def run(name: str, *command: object) -> None:
            done = subprocess.run(
                [str(part) for part in command],
                cwd=folder,
                env={**os.environ, "PLANTED": str(planted)},
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
            )
            texts[name] = texts.get(name, "") + done.stdout + done.stderr
            assert done.returncode == 1, f"{name} ended with {done.returncode}: {done.stderr[-2000:]}"

        run("run", COMMAND, "run", file)
        run("run --json", COMMAND, "run", "--json", file)
        for path in sorted(Path(folder, ".redactfuzz").glob("*.rfz.json")):  # those of pytest are its own to replay
            run("replay --trace", COMMAND, "replay", "--trace", path)
        python = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider")
        run(
            "pytest", *python, "-vv", "-l", "-rA", "-o", "junit_logging=all", "--junitxml=junit.xml",
            "--log-file=log.txt", "--log-level=DEBUG", file,
        )  # fmt: skip
        files = sorted(Path(folder, ".redactfuzz").glob("*.rfz.json"))
        texts["JUnit"] = Path(folder, "junit.xml").read_text("utf-8")
        texts["log file of pytest"] = Path(folder, "log.txt").read_text("utf-8")
        texts["repro files"] = "".join(path.name + path.read_text("utf-8") for path in files)
        keys = set(planted.read_text("utf-8").split())
        assert hostile.LOGGED in texts["log file of pytest"], "what a test itself logs is there"
        for name, text in texts.items():
            found[name], size[name] = hostile.held(text, keys), len(text)
    control = sum(bool(hostile.held(_said(form), ["Zx81qL0pVw93mTt7Hc2dR5yBn4Ks6FgA"])) for form in hostile.FORMS)
    rows = [(name, size[name], found[name]) for name in texts]
    number = len(hostile.PLACES) * len(hostile.FORMS)
    told = (
        f"{len(hostile.PLACES)} places (names, paths, markup, exceptions, logs) x {len(hostile.FORMS)} forms = {number}"
        f" scenarios, in pytest each with a teardown that fails; {len(keys):,} canaries planted,"
        f" {len(files)} repro files. Control: the search reads a key in {control} of {len(hostile.FORMS)} forms.\n\n"
    )
    data = {"found": found, "control": control}
    return told + record.table(("output", "characters", "pieces of canaries found"), rows), data


def _said(form: str) -> str:
    return str(eval(hostile.FORMS[form], {"key": "Zx81qL0pVw93mTt7Hc2dR5yBn4Ks6FgA", "base64": base64}))


@scenario(executions=400)
def shared(race: Race) -> None:
    """Executions in one process."""
    key = race.canary("key").text
    mask = race.redactor(lambda text: text.replace(key, "[key]"))
    held: list[str] = []
    race.thread(lambda: held.extend(str(n) for n in range(5)))
    race.thread(lambda: held.append(mask(key)))
    race.crash(lambda: mask(f"{key} {held}"))


@scenario(executions=150, isolation="process")
def apart(race: Race) -> None:
    """Executions in processes of their own, which write to a file."""
    key = race.canary("key").text
    mask = race.redactor(lambda text: text.replace(key, "[key]"))
    log = race.tmp_path / "log"
    race.thread(lambda: log.write_text(mask(key)))
    race.crash(lambda: mask(key))


ROUNDS = 15


def speed() -> tuple[str, Any]:
    """Executions a second with what keeps scenarios in their folder, and without, in turns."""
    rows = []
    for one in (shared, apart):
        rates: dict[bool, list[float]] = {False: [], True: []}
        for number in range(ROUNDS):
            for unconfined in (False, True) if number % 2 else (True, False):
                with surrounded(Ambient(Options(unconfined=unconfined))):
                    report = explore(one)
                rates[unconfined].append(report.executions / report.seconds)
        ratio = [kept / free for kept, free in zip(rates[False], rates[True], strict=True)]
        rows.append((one.__name__, *map(statistics.median, (rates[False], rates[True], ratio))))
    head = ("scenario", "executions a second, contained", "--unconfined", f"ratio (median of {ROUNDS} pairs)")
    return record.table(head, rows), [list(row) for row in rows]


PARTS = {"lines": lines, "matrix": matrix, "outputs": outputs, "speed": speed}
TITLES = {
    "lines": "Each line of the audit",
    "matrix": "After any end, nothing is left",
    "outputs": "No secret comes out",
    "speed": "What it costs",
}


def main() -> None:
    """The page."""
    chosen = sys.argv[1:] or list(PARTS)
    parts, data = [], {}
    for name in chosen:
        text, data[name] = PARTS[name]()
        parts.append(f"## {TITLES[name]}\n\n{text}")
    if chosen != list(PARTS):
        print("\n\n".join(parts))
        return
    record.save("security", "Nothing runs, stays or shows that should not", "\n\n".join(parts), data)


if __name__ == "__main__":
    main()
