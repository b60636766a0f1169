"""Virtual environments of benchmarks: ours on each interpreter, and one for the rivals."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from shared.record import ROOT

RIVALS = ("frontrun==0.7.0", "interleave-test==0.1.0")


def find(minor: str) -> str | None:
    """The path of a usable Python of that version, or None."""
    done = subprocess.run([ROOT / "ci" / "find-python", "--get", minor], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else None


def ours(minor: str) -> Path | None:
    """A Python of that version with redactfuzz and the real targets installed; None when there is no such version."""
    if minor == f"{sys.version_info.major}.{sys.version_info.minor}":
        return Path(sys.executable)
    python = find(minor)
    if python is None:
        return None
    venv = f".venv-{minor}"
    subprocess.run(["make", "--silent", "tools", f"PYTHON={python}", f"VENV={venv}"], cwd=ROOT, check=True)
    return ROOT / venv / "bin" / "python"


def rivals() -> Path:
    """A Python 3.13 with the rivals and the real targets, and without us."""
    home = ROOT / ".venv-rivals"
    python = home / "bin" / "python"
    stamp = home / ".made"
    if not stamp.exists():
        base = find("3.13")
        if base is None:
            sys.exit("The rivals are compared on Python 3.13, and this machine has none.")
        subprocess.run([base, "-m", "venv", "--clear", home], check=True)
        pip: list[str | Path] = [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        subprocess.run([*pip, "--upgrade", "pip>=25.1"], check=True)
        groups = ROOT / "pyproject.toml"
        subprocess.run([*pip, "--group", f"{groups}:real", *RIVALS], check=True)
        subprocess.run([*pip, "--no-deps", "--group", f"{groups}:real-alone"], check=True)
        stamp.touch()
    return python


def separate(name: str, *requirements: str) -> Path:
    """A Python of this version with those packages alone: rivals that neither we nor each other should meet."""
    home = ROOT / f".venv-rivals-{name}"
    python, stamp = home / "bin" / "python", home / ".made"
    wanted = "\n".join(requirements)
    if not stamp.exists() or stamp.read_text("utf-8") != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--clear", home], check=True)
        pip: list[str | Path] = [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        subprocess.run([*pip, *requirements], check=True)
        stamp.write_text(wanted, "utf-8")
    return python
