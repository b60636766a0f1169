"""A program in a repro file: it is read again as it was, and nothing else is."""

from __future__ import annotations

import json
import platform
from pathlib import Path
from typing import Any

import attrs
import pytest
import sources
from campaigning import (
    folder,  # noqa: F401  (a fixture)
    found,
)
from click import UsageError

from redactfuzz import native, raw
from redactfuzz.campaign.files.store import load
from redactfuzz.cli.found import found as find_of
from redactfuzz.native.run.program import Program, ProgramError, from_json, to_json

pytestmark = pytest.mark.skipif(platform.machine() != "x86_64", reason="cores are confirmed on x86-64")


def test_no_secret_is_in_the_repro_file_and_it_holds_the_program() -> None:
    report = found(sources.LEAKY)
    assert report.finding is not None
    repro = load(Path(report.finding.repro))
    assert repro.path == "rotate.c"
    program = from_json(repro.program, Path.cwd())
    assert program.sources == (Path.cwd() / "rotate.c",)
    assert json.loads(Path(report.finding.repro).read_text())["program"]["crash"] == "SIGSEGV"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("flags", ["-fplugin=x.so"]),
        ("flags", ["@x"]),
        ("flags", ["-wrapper", "x"]),
        ("sources", ["../x.c"]),
        ("crash", 3),
    ],
)
def test_a_repro_file_of_somebody_else_must_not_run_what_it_likes(field: str, value: object) -> None:
    report = found(sources.LEAKY)
    assert report.finding is not None
    file = Path(report.finding.repro)
    body = json.loads(file.read_text())
    body["program"][field] = value
    file.write_text(json.dumps(body))
    with pytest.raises(UsageError):
        find_of(file, trust=False)


def test_a_program_is_stored_and_read_again(tmp_path: Path) -> None:
    program = Program((tmp_path / "a.c",), ("-O2",), ("x",), {"A": "b"}, "kill", {"key": raw(32)}, redactors=("wipe",))
    again = from_json(json.loads(json.dumps(to_json(program, tmp_path))), tmp_path)
    assert attrs.asdict(again, recurse=False) == attrs.asdict(program, recurse=False)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"crash": "SIGNOTHING"}, "SIGNOTHING"),
        ({"oracles": ["luck"]}, "luck"),
        ({"canaries": {"k": raw(32)}, "env": {"K": "k"}}, "zero bytes"),
    ],
)
def test_a_description_that_makes_no_sense_is_refused_at_once(options: dict[str, Any], says: str) -> None:
    with pytest.raises(ProgramError, match=says):
        native.scenario("rotate.c", **options)
