"""What comments, docstrings and pages refer to is there: files, sections of a page, and symbols in C and Python."""

from __future__ import annotations

import ast
import functools
import io
import re
import tokenize
from collections.abc import Iterator, Mapping, Set
from pathlib import Path

import pytest

from redactfuzz.native.compile.table import groups

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
SYMBOL = re.compile(r"(?<![\w.$])(?:rf|rfn|rfh|RF|RFN|RFH|model)_\w+")
PLACEHOLDERS = {"model_F", "model_NAME"}
DOTTED = re.compile(r"``([A-Za-z_]\w*(?:\.\w+)+)(?:\(\))?``")
PATH = re.compile(r".*\.(?:py|pyi|c|h|S|md|toml|json|so)")
NAMES_SOMETHING = re.compile("|".join(one.pattern for one in (FILE, SECTION, SYMBOL, DOTTED)))
COMMENT = re.compile(r"/\*.*?\*/|(?<!:)//[^\n]*", re.DOTALL)

Names = Mapping[str, "Names | None"]
"""What a module or class holds, by name; None for what holds nothing that is known."""

@functools.cache
def comments_of(path: Path) -> list[tuple[int, str]]:
    """(line, text) of what is said beside the code, where it names anything."""
    return list(_comments(path))


def _comments(path: Path) -> Iterator[tuple[int, str]]:
    text = path.read_text("utf-8")
    if path.suffix in (".c", ".h", ".S"):
        for found in COMMENT.finditer(text):
            yield text.count("\n", 0, found.start()) + 1, found[0]
        return
    if any(NAMES_SOMETHING.search(line.partition("#")[2]) for line in text.splitlines()):  # it takes long
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string
    yield from python_of(path)[0]


@functools.cache
def python_of(path: Path) -> tuple[list[tuple[int, str]], Names]:
    """Of a file in Python its docstrings, with their lines, and what the module holds: it is parsed once."""
    tree = ast.parse(path.read_text("utf-8"))
    said = [
        (node.lineno, node.value.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    ]
    return said, _members(tree.body)


@functools.cache
def known() -> frozenset[str]:
    """Every ending of the path of each file of ours: ``race.py``, ``face/race.py``, ``threads/face/race.py``."""
    found: set[str] = set()
    for folder in (*OURS, "docs", "targets", "corpora"):
        for path in (ROOT / folder).rglob("*.*"):
            parts = path.relative_to(ROOT).parts
            found.update("/".join(parts[start:]) for start in range(len(parts)))
    found.update(path.name for path in ROOT.glob("*.*"))
    return frozenset(found)


def sources() -> list[Path]:
    return [
        path
        for folder in OURS
        for path in sorted((ROOT / folder).rglob("*.*"))
        if path.suffix in (".py", ".c", ".h", ".S") and "programs" not in path.parts and "__pycache__" not in path.parts
    ]


def lost(text: str, there: Set[str]) -> list[str]:
    """Files that a text names and that are not there."""
    names = [re.sub(r"^(?:\.{1,2}/)+", "", name) for name in FILE.findall(text)]
    return [name for name in names if name not in there and name.rpartition("/")[2] not in THEIRS]


def sections(page: str) -> set[str]:
    return set(re.findall(r"^## (\d+)\.", (ROOT / "docs" / f"{page}.md").read_text("utf-8"), re.MULTILINE))


def wrong_sections(text: str) -> list[str]:
    return [f"{page} section {number}" for page, number in SECTION.findall(text) if number not in sections(page)]


@functools.cache
def c_symbols() -> frozenset[str]:
    """Every word of our C outside of its comments, and the models that are made from the table of functions."""
    words = {f"model_{name}" for group in groups() for one in group for name in one.names}
    for path in sources():
        if path.suffix != ".py":
            words.update(re.findall(r"\w+", COMMENT.sub(" ", path.read_text("utf-8"))))
    return frozenset(words)


def lost_symbols(text: str, there: frozenset[str]) -> list[str]:
    """Symbols with a prefix of ours that are not ``there``; one that ends in an underscore is how several begin."""
    return [
        name
        for name in SYMBOL.findall(text)
        if name not in there | PLACEHOLDERS
        and not (name.endswith("_") and any(one.startswith(name) for one in there))
    ]


def _members(body: list[ast.stmt]) -> dict[str, Names | None]:
    found: dict[str, Names | None] = {}
    for node in (inner for one in body for inner in ast.walk(one)):
        match node:
            case ast.Attribute(value=ast.Name(id="self"), attr=name) | ast.Name(id=name, ctx=ast.Store()):
                found.setdefault(name, None)
            case ast.FunctionDef(name=name):
                found.setdefault(name, None)
            case ast.ImportFrom(names=names) | ast.Import(names=names):
                found.update({one.asname or one.name.partition(".")[0]: None for one in names})
    found.update({one.name: _members(one.body) for one in body if isinstance(one, ast.ClassDef)})
    return found


@functools.cache
def python_names() -> Mapping[str, list[Names]]:
    """Packages, modules and classes of ours by their last name, with what they hold."""
    found: dict[str, list[Names]] = {}
    for path in sources():
        if path.suffix != ".py":
            continue
        held = python_of(path)[1]
        beside = {} if path.stem != "__init__" else {one.stem: None for one in path.parent.iterdir()}
        found.setdefault(path.stem if path.stem != "__init__" else path.parent.name, []).append({**beside, **held})
        for name, members in held.items():
            if members is not None:
                found.setdefault(name, []).append(members)
                found.setdefault(name.lower(), []).append(members)
    return found


def lost_names(text: str, there: Mapping[str, list[Names]]) -> list[str]:
    """Names of attributes that a dotted path of ours gives, and that are in nothing of that name."""
    lost: list[str] = []
    for path in DOTTED.findall(text):
        *front, last = path.split(".")
        owners = there.get(front[-1]) if front[0] in there else None
        if owners and not PATH.fullmatch(path) and not any(last in held for held in owners):
            lost.append(path)
    return lost


def test_symbols_that_comments_docstrings_and_pages_name_are_there() -> None:
    read = [path for path in sources() if path != Path(__file__)]
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for path in read
        for line, text in comments_of(path)
        for name in (*lost_symbols(text, c_symbols()), *lost_names(text, python_names()))
    ]
    for page in PAGES:
        text = page.read_text("utf-8")
        examples = frozenset(re.findall(r"\w+", " ".join(re.findall(r"^```.*?^```$", text, re.MULTILINE | re.DOTALL))))
        if page.name != "CONTRIBUTING.md":
            examples = frozenset()
        wrong += [f"{page.relative_to(ROOT)}: {name}" for name in lost_symbols(text, c_symbols() | examples)]
    assert len(read) > 500
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ("`rfn_gone_for_ever`", ["rfn_gone_for_ever"]),
        ("put back by rf_choose", []),
        ("model_strlen and RF_REC_*", []),
        ("RFN_GONE_*", ["RFN_GONE_"]),
        ("see model_memory.c: not_rfn_ours", ["model_memory"]),
    ],
)
def test_a_symbol_in_c_that_is_not_there_is_seen(said: str, wrong: list[str]) -> None:
    assert lost_symbols(said, c_symbols()) == wrong


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ("``scan.matcher_set.MatcherSet``", []),
        ("``Session.once`` and ``session.target``", []),
        ("``Session.gone_for_ever()``", ["Session.gone_for_ever"]),
        ("``scan.gone_for_ever``", ["scan.gone_for_ever"]),
        ("``os.environ`` is not ours, and ``plan.h`` is a file", []),
    ],
)
def test_a_name_in_python_that_is_not_there_is_seen(said: str, wrong: list[str]) -> None:
    assert lost_names(said, python_names()) == wrong


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


def lost_places(page: Path, text: str) -> list[str]:
    """Headings of pages that links lead to, and targets of make, that are not there."""
    links = re.findall(r"\]\(([\w./-]*\.md)?#([\w-]+)\)", text)
    lost = [f"{to}#{place}" for to, place in links if place not in headings(page.parent / to if to else page)]
    made = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    return lost + [f"make {name}" for name in re.findall(r"`make ([a-z]+)\b", text) if name not in made]


@functools.cache
def headings(page: Path) -> frozenset[str]:
    """As links name them."""
    found = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE) if page.exists() else []
    return frozenset(re.sub(r"[^\w\s-]", "", each).strip().lower().replace(" ", "-") for each in found)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_headings_that_links_lead_to_and_targets_of_make_are_there(page: Path) -> None:
    assert lost_places(page, page.read_text("utf-8")) == []


def test_a_heading_or_a_target_of_make_that_is_not_there_is_seen() -> None:
    said = "[a](docs/design.md#1-the-question) [b](docs/design.md#gone-for-ever) `make lint` and `make gone`"
    assert lost_places(ROOT / "README.md", said) == ["docs/design.md#gone-for-ever", "make gone"]


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


def test_a_word_of_the_design_is_explained_once() -> None:
    section = (ROOT / "docs" / "design.md").read_text("utf-8").partition("\n## 2. Words\n")[2].partition("\n## ")[0]
    rows = [line.split(" | ")[0].strip("| ") for line in section.splitlines() if line.startswith("| ")]
    words = [word for row in rows if row != "word" for word in re.split(r", ", row)]
    assert len(words) > 80
    assert sorted({word for word in words if words.count(word) > 1}) == []
