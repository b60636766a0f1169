"""What is said of a file that cannot be imported holds no value of a ``literal`` in it."""

from __future__ import annotations

import base64
import sys
from pathlib import Path

import pytest

from redactfuzz.cli.load import LoadError, loaded

HEAD = "from redactfuzz import literal, scenario\n"
PLANTS = """
@scenario
def leaks(race):
    race.canary("key", literal({}))
"""


def said(file: Path, text: str) -> str:
    file.write_text(text, "utf-8")
    with pytest.raises(LoadError) as caught, loaded(file):
        pass
    return "\n".join([str(caught.value), *caught.value.notes])


@pytest.mark.parametrize(
    ("before", "given", "raised"),
    [
        ("KEY = 'hunter2-PROD-swordfish'", "KEY", "ValueError(f'no algorithm for key {KEY}')"),
        ("KEY: str = 'hunter2-PROD-swordfish'", "KEY.strip()", "ValueError('no algorithm for key', KEY)"),
        ("print(KEY := 'hunter2-PROD-swordfish')", "KEY", "ValueError(KEY.upper(), KEY[:12], KEY)"),
        ("KEY = 'hunter2-PROD-swordfish'\nimport base64", "KEY", "OSError(base64.b64encode(KEY.encode()))"),
        ("KEY = b'hunter2-PROD-swordfish'", "KEY", "KeyError(KEY)"),
        ("MAKES = literal('hunter2-PROD-swordfish')", "'other'", "RuntimeError('in hunter2-PROD-swordfish')"),
        ("PARTS = ['hunter2-PROD-swordfish', 'x']", "PARTS[0]", "ImportError(str(PARTS))"),
    ],
)
def test_the_message_of_an_error_shows_no_value_that_is_planted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str, given: str, raised: str
) -> None:
    monkeypatch.chdir(tmp_path)
    told = said(tmp_path / "sc.py", f"{HEAD}{before}\n\n\n\n\n\nraise {raised}\n{PLANTS.format(given)}")
    assert "hunter2" not in told.lower()
    assert "swordfish" not in told.lower()
    assert base64.b64encode(b"hunter2-PROD-swordfish").decode()[:20] not in told
    assert raised.partition("(")[0] in told
    assert "canary literal 1>" in told


def test_another_message_is_shown_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    told = said(tmp_path / "sc.py", f"{HEAD}import sc_other_that_is_not_there\n{PLANTS.format(repr('abc'))}")
    assert "No module named 'sc_other_that_is_not_there'" in told
    assert "sc" not in sys.modules
