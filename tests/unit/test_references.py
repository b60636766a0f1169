"""What comments, docstrings and pages refer to is there: files, and sections of a page."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Pages of docs/results say what was, with the names of then.
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "tests" / "README.md"]
PAGES += [*sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "docs" / "how-to").glob("*.md"))]
OURS = ("redactfuzz", "tests", "ci")
FILE = re.compile(r"(?<![\w./*<-])(?:[\w.-]+/)*[\w-]+\.(?:py|pyi|c|h|S|md)\b(?![\w(-])")
FOLDER = re.compile(r"`((?:redactfuzz|tests|ci|docs|targets|corpora)/[\w./-]*)`")
SECTION = re.compile(r"(design|native)(?:\.md)?`?,? section (\d+)")
THEIRS = {
    # The standard library, the interpreter, glibc, Linux, Windows and other people's projects.
    "Python.h", "__init__.py", "_weakrefset.py", "ceval.c", "conftest.py", "contextlib.py", "coredump.c",
    "coverage.py", "drbg_ctr.c", "elf.h", "logging.py", "minidump_format.h", "minidumpapiset.h", "path.py",
    "pthread.h", "pystate.c", "queue.py", "setup.py", "signal.h", "site.py", "stdio.h", "string.h", "threading.py",
    "unistd.h", "winnt.h",
    # Files of users, in examples.
    "NAME.md", "OUT.c", "evil.py", "file.py", "program.c", "ring.py", "rotate.c", "rotation.py", "shop.py",
    "signer.c", "test_ring.py", "test_shop.py", "test_x.py",
}  # fmt: skip
"""What a text may name though it is no file of ours."""



def comments_of(path: Path) -> Iterator[tuple[int, str]]:
    """(line, text) of what is said beside the code."""
    text = path.read_text("utf-8")
    if path.suffix in (".c", ".h", ".S"):
        for found in re.finditer(r"/\*.*?\*/|(?<!:)//[^\n]*", text, re.DOTALL):
            yield text.count("\n", 0, found.start()) + 1, found[0]
        return
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.lineno, node.value.value


def known() -> set[str]:
    """Every ending of the path of each file of ours: ``race.py``, ``face/race.py``, ``threads/face/race.py``."""
    found: set[str] = set()
    for folder in (*OURS, "docs", "targets", "corpora"):
        for path in (ROOT / folder).rglob("*.*"):
            parts = path.relative_to(ROOT).parts
            found.update("/".join(parts[start:]) for start in range(len(parts)))
    found.update(path.name for path in ROOT.glob("*.*"))
    return found


def sources() -> list[Path]:
    return [
        path
        for folder in OURS
        for path in sorted((ROOT / folder).rglob("*.*"))
        if path.suffix in (".py", ".c", ".h", ".S") and "programs" not in path.parts and "__pycache__" not in path.parts
    ]


def lost(text: str, there: set[str]) -> list[str]:
    """Files that a text names and that are not there."""
    names = [re.sub(r"^(?:\.{1,2}/)+", "", name) for name in FILE.findall(text)]
    return [name for name in names if name not in there and name.rpartition("/")[2] not in THEIRS]


def sections(page: str) -> set[str]:
    return set(re.findall(r"^## (\d+)\.", (ROOT / "docs" / f"{page}.md").read_text("utf-8"), re.MULTILINE))


def wrong_sections(text: str) -> list[str]:
    return [f"{page} section {number}" for page, number in SECTION.findall(text) if number not in sections(page)]


def test_files_that_comments_and_docstrings_name_are_there() -> None:
    there = known()
    read = sources()
    assert len(read) > 500
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for path in read
        if path != Path(__file__)
        for line, text in comments_of(path)
        for name in (*lost(text, there), *wrong_sections(text))
        if not name.startswith(("/", "-"))
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_files_and_folders_that_a_page_names_are_there(page: Path) -> None:
    there = known()
    text = page.read_text("utf-8")
    if page.name == "CONTRIBUTING.md":
        there |= set(re.findall(r"^(?:/\*|#) ([\w/.]+\.\w+)\b", text, re.MULTILINE))  # what its examples write
    prose = re.sub(r"^```\w*\n.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    code = " ".join(quoted or link for quoted, link in re.findall(r"`([^`\n]+)`|\]\(([^)#\s]+)", prose))
    folders = [name for name in FOLDER.findall(prose) if not (ROOT / name).exists()]
    assert lost(code, there) + folders + wrong_sections(prose) == []


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ("see gone_for_ever.py", ["gone_for_ever.py"]),
        ("it follows ``lost_anchors.md``", ["lost_anchors.md"]),
        ("see threads/face/race.py", []),
        ("see threads/back/race.py", ["threads/back/race.py"]),
    ],
)
def test_a_name_of_what_is_not_there_is_seen(said: str, wrong: list[str]) -> None:
    assert lost(said, known()) == wrong


def test_a_section_that_is_not_there_is_seen() -> None:
    assert wrong_sections("design section 99") == ["design section 99"]
    assert wrong_sections("design.md section 7") == []
