"""``redactfuzz plant``: canaries where secrets would be, and no secret in what it prints."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from commands import Run

from redactfuzz.model.registry import registry_from_json

pytestmark = pytest.mark.once

def test_environment_argument_and_standard_input_hold_canaries(cli: Run, folder: Path) -> None:
    script = """printf %s "$A" > a; printf %s "$1" > b; read line; printf %s "$line" > c
        printf %s "$REDACTFUZZ_MARKER" > m; exit 7"""
    command = ("--", "sh", "-c", script, "sh", "--key={B}")
    ran = cli("plant", "--env", "A", "--arg", "B", "--stdin", "C", "--registry", "reg.json", *command)
    assert (ran.code, ran.both) == (7, "")
    path = folder / "reg.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    registry = registry_from_json(path.read_text())
    texts = {canary.name: canary.text for canary in registry.mint()}
    assert (folder / "a").read_text() == texts["A"]
    assert (folder / "b").read_text() == f"--key={texts['B']}"
    assert (folder / "c").read_text() == texts["C"]
    assert (folder / "m").read_text() == registry.marker
    assert not any(text in path.read_text() for text in texts.values())


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--registry", "r", "--", "true"), "Nothing to plant"),
        (("--env", "A=B", "--registry", "r", "--", "true"), "no name for a variable"),
        (("--env", "A", "--env", "A", "--registry", "r", "--", "true"), "same name"),
        (("--arg", "A", "--registry", "r", "--", "true"), "no {A} is in the command"),
        (("--env", "A", "--registry", "no/r", "--", "true"), "cannot be written"),
    ],
)
def test_what_cannot_be_planted_is_usage(cli: Run, folder: Path, arguments: tuple[str, ...], told: str) -> None:
    ran = cli("plant", *arguments)
    assert ran.code == 2
    assert told in ran.err
    assert not (folder / "r").exists()


def test_a_registry_is_never_overwritten(cli: Run, folder: Path) -> None:
    (folder / "r").write_text("older")
    assert cli("plant", "--env", "A", "--registry", "r", "--", "true").code == 2
    assert (folder / "r").read_text() == "older"


def test_a_command_that_is_not_there_leaves_no_registry(cli: Run, folder: Path) -> None:
    ran = cli("plant", "--env", "A", "--registry", "r", "--", "no-such-command")
    assert ran.code == 127
    assert not (folder / "r").exists()
