"""The core, compiled with sanitizers, driven by random programs under limits that are often too small."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

CORE = Path(__file__).resolve().parents[3] / "redactfuzz" / "_core"
EXPLORING = ("choices", "frontier", "reduce", "policies", "explore")
DRIVER = Path(__file__).with_name("driver.c")
# Warnings are errors here; a compiler is a requirement of the project, so its absence fails.
FLAGS = ["-std=c11", "-O1", "-g", "-Wall", "-Wextra", "-Wshadow", "-Wconversion", "-Werror"]
SANITIZERS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer"]


def test_random_programs_meet_no_memory_error_and_no_undefined_behaviour(tmp_path: Path) -> None:
    sources = sorted(str(path) for folder in EXPLORING for path in (CORE / folder).glob("*.c"))
    program = tmp_path / "driver"
    built = subprocess.run(
        ["gcc", *FLAGS, *SANITIZERS, f"-I{CORE}", str(DRIVER), *sources, "-o", str(program)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    ran = subprocess.run([str(program), "400"], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    executions = int(ran.stdout.split()[0])
    assert executions > 20_000


def test_the_core_has_no_globals_and_allocates_nothing(tmp_path: Path) -> None:
    sources = [path for folder in EXPLORING for path in sorted((CORE / folder).glob("*.c"))]
    assert len(sources) > 20
    for source in sources:
        compiled = tmp_path / f"{source.stem}.o"
        command = ["gcc", "-std=c11", "-O2", "-fno-pie", f"-I{CORE}", "-c", str(source), "-o", str(compiled)]
        subprocess.run(command, check=True)
        symbols = subprocess.run(["nm", str(compiled)], capture_output=True, text=True, check=True).stdout
        kinds = {line.split()[-2] for line in symbols.splitlines()}
        assert not kinds & {"B", "b", "D", "C"}, f"{source.name} has writable data:\n{symbols}"
        assert "alloc" not in symbols, symbols
