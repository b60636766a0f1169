"""What a report says holds no secret, in whatever form the code under test has quoted it."""

from __future__ import annotations

import codecs
import contextlib
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from redactfuzz import Race, Report, explore, literal
from redactfuzz.campaign.face.failure import summary
from redactfuzz.report.certificate import whole
from redactfuzz.report.json_lines import json_line
from redactfuzz.report.lines import plain


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


SAID: list[str] = []
"""Each form in which the code under test has quoted a secret."""


def hidden(key: str) -> str:
    """In no table."""
    form = codecs.encode(key, "rot13").swapcase()
    SAID.append(form)
    return form


def raises(key: str) -> Callable[[], None]:
    def work() -> None:
        raise ValueError(f"cannot parse {hidden(key)} at 3")

    return work


def raises_lines(key: str) -> Callable[[], None]:
    def work() -> None:
        raise KeyError("\n".join(hidden(key)[at : at + 8] for at in range(0, 32, 8)))

    return work


def is_called_so(key: str) -> Callable[[], None]:
    name = hidden(key)
    space: dict[str, Callable[[], None]] = {}
    exec(f"def f{name}():\n    x = 1\n    raise ValueError('no')\n", space)
    return space[f"f{name}"]


def check(report: Report) -> None:
    pieces = {said[at : at + 8] for said in SAID for at in range(len(said) - 7)}
    files = [Path(finding.repro).read_text() for finding in report.findings if finding.repro] if report.finding else []
    for text in (plain(whole(report)), json_line(report), summary(report), *files):
        squeezed = re.sub(r"[^A-Za-z0-9]", "", json.dumps(text).replace("\\n", ""))
        assert not any(piece in squeezed for piece in pieces), text


@pytest.mark.parametrize("what", [raises, raises_lines, is_called_so])
def test_a_bug_that_quotes_a_secret(what: Callable[[str], Callable[[], None]]) -> None:
    def body(race: Race) -> None:
        key = race.canary("key").text
        redact = race.redactor(lambda text: text.replace(key, "[key]"), bypass=lambda text: text)
        race.thread(what(key), name="worker")
        race.crash(lambda: redact(key))

    SAID.clear()
    report = explore(body, seed=0, executions=60, isolation="none")  # so that SAID is of this process
    assert str(report.verdict) == "BUG"
    assert SAID
    check(report)


@pytest.mark.parametrize("name", ["/srv/{}.py", "<{}>"])
def test_a_leak_in_code_that_is_compiled_under_a_secret_as_its_name(name: str) -> None:
    def body(race: Race) -> None:
        key = race.canary("key").text
        redact = race.redactor(lambda text: text.replace(key, "[key]"), bypass=lambda text: text)
        code = compile("box['v'] = key\nbox['v'] = redact(key)\n", name.format(hidden(key)), "exec")
        box: dict[str, str] = {}
        race.thread(lambda: exec(code, {"box": box, "key": key, "redact": redact}))
        race.crash(lambda: dict(box))

    SAID.clear()
    report = explore(body, seed=0, executions=60, isolation="none")  # so that SAID is of this process
    assert str(report.verdict) == "LEAK"
    assert SAID
    check(report)


def test_a_thread_that_is_named_by_a_secret() -> None:
    def body(race: Race) -> None:
        key = race.canary("key").text
        redact = race.redactor(lambda text: text.replace(key, "[key]"), bypass=lambda text: text)
        race.thread(lambda: None, name=f"w{hidden(key)}")
        race.crash(lambda: redact(key))

    SAID.clear()
    report = explore(body, seed=0, executions=60, isolation="none")  # so that SAID is of this process
    assert str(report.verdict) == "INCONCLUSIVE"
    check(report)


@pytest.mark.parametrize("where", ["body", "a context", "a redactor's definition"])
def test_a_fault_of_the_scenario_that_quotes_a_secret(where: str) -> None:
    @contextlib.contextmanager
    def closes(key: str) -> Iterator[None]:
        yield
        raise LookupError(f"left open: {hidden(key)}")

    def define(key: str) -> None:
        raise TypeError(hidden(key))

    def body(race: Race) -> None:
        key = race.canary("key").text
        race.crash(lambda: "[key]")
        if where == "a context":
            race.enter(closes(key))
        elif where == "body":
            raise ValueError(f"cannot parse {hidden(key)} at 3")
        else:
            define(key)

    SAID.clear()
    report = explore(body, seed=0, executions=60, isolation="none")  # so that SAID is of this process
    assert str(report.verdict) == "ERROR"
    assert SAID
    assert report.reason is not None
    assert "Error: " in report.reason.what
    check(report)


def test_the_line_of_a_literal_that_is_refused_is_not_shown() -> None:
    def body(race: Race) -> None:
        race.canary("key", literal("hunter2Z"))

    report = explore(body, executions=2)
    assert str(report.verdict) == "ERROR"
    told = json_line(report) + plain(whole(report, 200))
    assert "cannot be told from chance" in told
    assert "literal(…" in told
    assert "hunter2Z" not in told
