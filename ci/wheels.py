"""Builds a wheel for every supported Python that is here or can be got, and tries each one in an empty environment.

    python3 ci/wheels.py [FOLDER] [MINOR...]     FOLDER: dist, where none is named; MINOR: 3.14, say

Exit status 0: every wheel that could be built works. What cannot be had is said.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
SCENARIO = """
from redactfuzz import Race, scenario

@scenario
def rotation(race: Race):
    key = race.canary("key").text
    known = []
    scrub = race.redactor(lambda text: text.replace(known[-1], "[key]") if known else text)
    race.thread(known.append, key)
    race.crash(lambda: scrub(f"in use: {key}"))
"""
"""It leaks while the key is not known yet."""


def minors() -> list[str]:
    """The versions that ``pyproject.toml`` names."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    found = (re.fullmatch(r"Programming Language :: Python :: (3\.\d+)", each) for each in project["classifiers"])
    return [each[1] for each in found if each]


def find(minor: str) -> str | None:
    """The path of such a Python; None where it cannot be had, which is said."""
    done = subprocess.run([ROOT / "ci" / "find-python", "--get", minor], capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return done.stdout.strip()
    print(f"Python {minor}: no wheel, {done.stderr.strip() or 'it is not on this machine'}")
    return None


def built(python: str, folder: Path) -> Path:
    """Its wheel, made in an environment of its own by ``pip``."""
    with tempfile.TemporaryDirectory() as home:
        subprocess.run([python, "-m", "venv", home], check=True)
        pip: list[str | Path] = [Path(home) / "bin" / "python", "-m", "pip", "--disable-pip-version-check"]
        made = Path(home) / "wheels"
        subprocess.run([*pip, "wheel", "--quiet", "--no-deps", "--wheel-dir", made, ROOT], check=True)
        (wheel,) = made.glob("*.whl")
        folder.mkdir(parents=True, exist_ok=True)
        return wheel.replace(folder / wheel.name)


def wrong_with(python: str, minor: str, wheel: Path) -> str:
    """What is wrong with a wheel. Empty: it is for that version alone, and finds a leak where it alone is installed."""
    tag = "cp" + minor.replace(".", "")
    if f"-{tag}-{tag}-linux_" not in wheel.name:
        return f"its name does not say {tag}: {wheel.name}"
    with tempfile.TemporaryDirectory() as home:
        subprocess.run([python, "-m", "venv", home], check=True)
        bin_ = Path(home) / "bin"
        pip: list[str | Path] = [bin_ / "python", "-m", "pip", "--disable-pip-version-check"]
        subprocess.run([*pip, "install", "--quiet", wheel], check=True)
        (Path(home) / "trial.py").write_text(SCENARIO, "utf-8")
        command: list[str | Path] = [bin_ / "redactfuzz", "run", "trial.py::rotation", "--profile", "ci"]
        done = subprocess.run(command, cwd=home, capture_output=True, text=True, check=False, timeout=300)
        (Path(home) / "nights").mkdir()
        (Path(home) / "nights" / "0001.jsonl").touch()
        page: list[str | Path] = [bin_ / "redactfuzz", "report", "nights"]  # its templates are no modules
        told = subprocess.run(page, cwd=home, capture_output=True, text=True, check=False, timeout=60)
    if told.returncode:
        return f"a page of a night ended with exit status {told.returncode}:\n{told.stdout}{told.stderr}"
    if done.returncode != 1 or "LEAK" not in done.stdout:
        return f"the scenario that leaks ended with exit status {done.returncode}:\n{done.stdout}{done.stderr}"
    return ""


def main(arguments: list[str]) -> int:
    """Each version by itself: what is wrong with one says nothing of the others."""
    named = [each for each in arguments if re.fullmatch(r"3\.\d+", each)]
    folder = Path(next((each for each in arguments if each not in named), str(ROOT / "dist")))
    failed = 0
    for minor in named or minors():
        python = find(minor)
        if python is None:
            continue
        try:
            wheel = built(python, folder)
            wrong = wrong_with(python, minor, wheel)
            told = f"{wheel.name}{f': {wrong}' if wrong else ', tried in an empty environment'}"
        except subprocess.CalledProcessError as error:
            wrong = told = f"{' '.join(map(str, error.cmd))} ended with status {error.returncode}"
        failed += bool(wrong)
        print(f"Python {minor}: {told}", flush=True)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
