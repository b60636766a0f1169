"""With which status a command ends that does not come to its end."""

from __future__ import annotations

from typing import NoReturn

import click
import pytest

from redactfuzz.cli import main
from redactfuzz.cli.ending import BROKEN, end_with


class Odd(Exception):
    """One of a scenario, which calls something else its exit code."""

    exit_code = 0


@pytest.mark.parametrize("kind", [Odd, click.UsageError, BrokenPipeError])
@pytest.mark.parametrize("status", [None, 125])
def test_an_error_ends_with_what_the_command_says_and_not_with_what_it_calls_so_itself(
    kind: type[Exception], status: int | None, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    error = kind("odd")

    def fails(**options: object) -> NoReturn:
        raise error

    monkeypatch.setattr(main.cli, "main", fails)
    monkeypatch.setattr(main, "_silence", lambda stream: None)
    monkeypatch.setattr("redactfuzz.report.internal.report", lambda error, what: "an internal error")
    if status is not None:
        end_with(error, status)
    usual = 2 if isinstance(error, click.UsageError) else BROKEN
    with pytest.raises(SystemExit) as ended:
        main.main()
    assert ended.value.code == (usual if status is None else status)
