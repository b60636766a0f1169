"""The house rules that a reader cannot check at a glance."""

from __future__ import annotations

import ast
import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import what_runs_when as table
from commands import session_ready
from ready import Ready
from what_is_slow import SLOW

import redactfuzz

ROOT = Path(__file__).parents[2]
NOT_OURS = re.compile(r"\.git|\.venv.*|build|dist|__pycache__|\.[a-z]+_cache|\.redactfuzz|\.hypothesis|.*\.egg-info")
# In pieces, so that this file does not hold what it forbids.
HOSTS = ["pypi" + r"\.org", "python" + "hosted", "npmjs" + r"\."]
FOLDERS = ["root/", r"home/\w", "work/", r"Users/\w"]
MACHINE = re.compile("|".join(HOSTS + [rf"(?<![\w.])/{folder}" for folder in FOLDERS]))
FEW = 6
"""Tests that one line of a table of `tests/what_runs_when.py` leaves to `make wide`, at most."""
PUBLIC = {"Race", "scenario", "explore", "dumps", "token", "raw", "integer", "probe", "rsa", "literal"}


def files(folder: Path = ROOT) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if NOT_OURS.fullmatch(path.name) or path.is_symlink():
            continue
        if path.is_dir():
            yield from files(path)
        elif path.suffix != ".so":
            yield path


def text_of(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace")


def scenarios() -> Iterator[tuple[Path, str]]:
    """(file, function) of every scenario under targets, found without importing any."""
    for path in files(ROOT / "targets"):
        if path.suffix == ".py":
            for node in ast.walk(ast.parse(text_of(path))):
                if isinstance(node, ast.FunctionDef) and any("scenario" in ast.unparse(d) for d in node.decorator_list):
                    yield path, node.name


def test_no_source_file_is_longer_than_800_lines() -> None:
    sources = [path for path in files() if path.suffix in (".py", ".pyi")]
    sources += [path for path in files(ROOT / "redactfuzz") if path.suffix in (".c", ".h")]
    assert {path.suffix for path in sources} == {".py", ".pyi", ".c", ".h"}
    lengths = {str(path.relative_to(ROOT)): text_of(path).count("\n") for path in sources}
    assert not {path: lines for path, lines in lengths.items() if lines > 800}


def test_no_folder_holds_more_than_25_files() -> None:
    """Beside what says of it that it is a package. Corpora and pages of results are data."""
    held = [path.parent for root in ("redactfuzz", "tests", "ci") for path in files(ROOT / root)
            if path.name != "__init__.py"]  # fmt: skip
    assert len(set(held)) > 60
    assert {str(each.relative_to(ROOT)): held.count(each) for each in held if held.count(each) > 25} == {}


def test_no_two_test_files_have_one_name() -> None:
    """Test folders are no packages (files beside a test are imported by name), so pytest would collect only one.

    Files of its own (conftest.py) it tells apart.
    """
    names = [path.name for path in files(ROOT / "tests") if path.suffix == ".py" and path.name != "conftest.py"]
    assert names
    assert not {name for name in names if names.count(name) > 1}


@pytest.mark.once
def test_what_is_left_to_make_wide_is_there_and_is_few_of_each_kind(every_name: list[str]) -> None:
    """A name that begins too much would leave out a whole line of what is to be true."""
    paths = [name.removeprefix("tests/") for name in every_name]
    names = [path.partition("::")[0].rpartition("/")[2] + "::" + path.partition("::")[2] for path in paths]
    matched = {begins: sum(name.startswith(begins) for name in names) for begins in table.WIDE}
    assert matched
    assert {begins: count for begins, count in matched.items() if not 1 <= count <= FEW} == {}
    kinds = {begins: sum(name.startswith(begins) for name in names) for begins in table.ONE_OF}
    assert {begins: kinds[begins] for begins, each in table.ONE_OF.items() if kinds[begins] < each} == {}
    of_each = (*table.ONCE, *SLOW)
    assert [begins for begins in of_each if not any(path.startswith(begins) for path in (*paths, *names))] == []


@pytest.mark.once
def test_turns_together_run_every_test_once_and_each_its_part(ready_pytest: Ready) -> None:
    def chosen(*words: str) -> list[str]:
        folders = ("tests/unit/schedule", "tests/e2e/scanning")
        listed = session_ready(ready_pytest, ROOT, "--collect-only", "-q", *words, *folders)
        assert listed.code == 0, listed.both
        return [line for line in listed.out.splitlines() if "::" in line]

    everything = chosen()
    parts = [chosen("--turn", f"{turn}/3", "--turn-of", "unit/") for turn in range(3)]
    assert sorted(itertools.chain(*parts)) == sorted(everything)
    assert min(map(len, parts)) > len(everything) / 4 > 20
    unit = {each for each in everything if each.startswith("tests/unit/")}
    turn, alone = set(chosen("--turn", "0/3")), set(chosen("--turn", "0/3", "--turn-alone"))
    assert unit < turn, "what is short takes no turns"
    assert alone == turn - unit != set()


def test_the_public_api_has_at_most_15_names_and_each_is_there() -> None:
    assert set(redactfuzz.__all__) >= PUBLIC
    assert len(redactfuzz.__all__) <= 15
    assert all(getattr(redactfuzz, name) is not None for name in redactfuzz.__all__)


def test_no_file_names_a_registry_or_a_path_of_one_machine() -> None:
    named = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for path in files()
        for number, line in enumerate(text_of(path).splitlines(), 1)
        if MACHINE.search(line)
    ]
    assert not named, "\n".join(named)


@pytest.mark.parametrize("line", ["see /" + "root/.venv", "index = https://pypi" + ".org/simple", "/" + "home/ann/x"])
def test_a_path_of_one_machine_is_recognised(line: str) -> None:
    assert MACHINE.search(line)


def twin(name: str) -> str | None:
    """The vulnerable twin of a fixed scenario: of NAME_fixed it is NAME, of fixed it is vulnerable."""
    if "fixed" not in name:
        return None
    return name.removesuffix("_fixed") if name.endswith("_fixed") else name.replace("fixed", "vulnerable")


def test_every_folder_of_targets_says_what_it_is() -> None:
    folders = {path.parent for path, _ in scenarios()}
    assert folders
    assert not [str(folder.relative_to(ROOT)) for folder in sorted(folders) if not (folder / "README.md").is_file()]


def test_every_target_is_one_of_two_twins_or_in_a_folder_of_known_good_ones() -> None:
    known = set(scenarios())
    paired = {(path, other) for path, name in known if (other := twin(name))}
    assert len(paired) >= 14
    assert not sorted(f"{path.relative_to(ROOT)}::{name}" for path, name in paired - known)
    alone = {path.parent for path, name in known if not twin(name) and (path, name) not in paired}
    assert not [str(folder.relative_to(ROOT)) for folder in alone if "known-good" not in text_of(folder / "README.md")]


def test_every_vulnerable_target_has_a_regression() -> None:
    repros = [json.loads(text_of(path)) for path in (ROOT / "corpora").rglob("*.rfz.json")]
    known = {f"{repro['path']}::{repro['scenario']}" for repro in repros}
    wanted = {f"{path.relative_to(ROOT).as_posix()}::{other}" for path, name in scenarios() if (other := twin(name))}
    assert wanted
    assert not sorted(wanted - known)
