"""The worked examples of CONTRIBUTING.md, carried out in a copy: what they add is there and is used."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"(?:/\*|#|<!--) ([\w/.]+\.\w+)\b")
EXAMPLES = {"A strategy": 2, "An encoding": 1, "A reader of dumps": 2, "A model": 1, "A target": 3}
"""Heading, and how many blocks follow it."""


def changed(text: str, hunk: list[str]) -> str:
    """A file after a change: consecutive lines that stay or go are there once, and become those that stay or come."""
    old = "".join(line[1:] for line in hunk if line[0] in " -")
    assert old, "a change has to say where it is made"
    assert text.count(old) == 1, f"CONTRIBUTING.md changes what is not there once: {old!r}"
    return text.replace(old, "".join(line[1:] for line in hunk if line[0] in " +"))


def hunks(lines: list[str]) -> Iterator[list[str]]:
    """The changes of one file: what stays or goes begins a new one after lines that came."""
    hunk: list[str] = []
    for line in lines:
        line = line if line.strip() else " \n"
        begins = line[0] in " -" and any(each[0] == "+" for each in hunk) and any(each[0] in " -" for each in hunk)
        if begins:
            yield hunk
            hunk = []
        hunk.append(line)
    yield hunk


def carried_out(page: str, root: Path) -> list[str]:
    """The files that the blocks of the page write or change, below ``root``. Its commands come later."""
    touched = []
    for kind, block in BLOCK.findall(page):
        if kind == "sh":
            continue
        if kind == "diff":
            for part in block.split("--- ")[1:]:
                name, *lines = part.splitlines(keepends=True)
                file = root / name.strip()
                text = file.read_text("utf-8")
                for hunk in hunks(lines):
                    text = changed(text, fitted(text, hunk))
                file.write_text(text, "utf-8")
                touched.append(name.strip())
        else:
            named = NAMED.match(block)
            assert named is not None, f"a block of CONTRIBUTING.md does not name its file: {block[:60]!r}"
            file = root / named[1]
            assert not file.exists(), f"{named[1]} is there already"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block, "utf-8")
            touched.append(named[1])
    return touched


def fitted(text: str, hunk: list[str]) -> list[str]:
    """A line that is given up to some place in it, as ``-A = (1,`` with ``+A = (0, 1,``, has its rest from the file."""
    if sum(line[0] == "-" for line in hunk) != 1:
        return hunk
    start = next(line[1:].rstrip("\n") for line in hunk if line[0] == "-")
    whole = [line for line in text.splitlines(keepends=True) if line.startswith(start)]
    if len(whole) != 1:
        return hunk
    rest = whole[0][len(start) :]
    last = max(number for number, line in enumerate(hunk) if line[0] in "-+")
    return [
        line[0] + line[1:].rstrip("\n") + rest if line[0] == "-" or (line[0] == "+" and number == last) else line
        for number, line in enumerate(hunk)
    ]


def run(copy: Path, code: str) -> str:
    """A program that uses the copy, and not what is installed."""
    paths = [str(copy), str(copy / "targets" / "python" / "late_key"), sysconfig.get_path("purelib")]
    program = f"import sys; sys.path[:0] = {paths!r}\n{code}"
    done = subprocess.run([sys.executable, "-S", "-c", program], cwd=copy, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source, changed as the page says, and built."""
    copy = tmp_path_factory.mktemp("copy")
    for folder in ("redactfuzz", "targets", "tests", "ci", "corpora"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__", "*.so"))
    for name in ("CMakeLists.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, copy)
    touched = carried_out(PAGE, copy)
    assert touched
    tools = Path(sys.executable).parent
    (copy / "touched").write_text("\n".join(touched), "utf-8")
    made = copy / "build"
    settings = [f"-DPython_EXECUTABLE={sys.executable}", f"-DCMAKE_MAKE_PROGRAM={tools / 'ninja'}", "-GNinja"]
    settings += ["-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_C_FLAGS=-O0", "-DREDACTFUZZ_WERROR=ON"]
    for command in ([tools / "cmake", "-S", copy, "-B", made, *settings], [tools / "ninja", "-C", made]):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    for name, folder in {"_engine": "_core", "_process": "dumps", "_plan": "native", "_hooks": "threads"}.items():
        (module,) = made.glob(f"{name}.*.so")
        shutil.copy(module, copy / "redactfuzz" / folder)
    return copy


def test_every_example_has_its_blocks() -> None:
    parts = re.split(r"^### ", PAGE, flags=re.MULTILINE)[1:]
    found = {part.partition("\n")[0]: len(BLOCK.findall(part)) for part in parts}
    assert [count for heading, count in found.items()] == list(EXAMPLES.values())
    assert all(heading.startswith(name) for heading, name in zip(found, EXAMPLES, strict=True))


def test_a_strategy_is_chosen_by_its_name_and_runs(copy: Path) -> None:
    found = run(copy, """
from redactfuzz import Race, explore, scenario
from redactfuzz.model.plan import Policy
from redactfuzz.schedule.portfolio import main
@scenario(executions=5, strategy="lowest")
def two(race: Race) -> None:
    said = []
    key = race.canary("key").text
    mask = race.redactor(lambda text: text.replace(key, "x"))
    race.thread(said.append, "a")
    race.thread(said.append, "b")
    race.crash(lambda: mask(key))
print(main("lowest")[0].policy.name, explore(two).executions > 0)
""")  # fmt: skip
    assert found == "LOWEST True"


def test_a_secret_in_a_new_encoding_is_found_and_named(copy: Path) -> None:
    found = run(copy, """
from redactfuzz.model.canary import Shape, mint, token
from redactfuzz.scan.matcher import Matcher, Planted, encodings
canary = mint(1, "key", token(), 1)
matcher = Matcher()
matcher.plant([Planted(next(source for source in canary.sources() if source.shape == Shape.TEXT), 0)])
hits = matcher.scan(b"-- " + "_".join(f"{byte:02x}" for byte in canary.text.encode()).encode() + b" --")
print(*{encodings()[hit.encoding] for hit in hits if hit.whole})
""")  # fmt: skip
    assert found == "hex with underscores"


def test_a_dump_of_a_new_format_is_read_by_its_reader(copy: Path) -> None:
    found = run(copy, """
from redactfuzz.model.canary import mint, token
from redactfuzz.scan.dump import ScanRequest, scan_dump
from redactfuzz.scan.keys import KnownKeys
from redactfuzz.scan.matcher_set import MatcherSet
canary = mint(1, "key", token(), 1)
plain = b"one two " * 20 + canary.text.encode() + b" three" * 20
open("dump.rot", "wb").write(b"ROT128\\0\\0" + bytes((byte + 128) % 256 for byte in plain))
matcher_set = MatcherSet()
matcher_set.plant([canary], [])
report = scan_dump("dump.rot", ScanRequest(matcher_set, KnownKeys(), canaries=(canary,)))
print(*{exposure.secret for exposure in report.exposures})
""")  # fmt: skip
    assert found == "key"


@pytest.mark.wide
def test_a_function_that_is_modelled_is_reached_by_programs(copy: Path) -> None:
    (copy / "swaps.c").write_text(
        "#define _GNU_SOURCE\n#include <string.h>\nint main(int n, char **all) { memfrob(all[0], n); return 0; }\n"
    )
    found = run(copy, """
from pathlib import Path
from redactfuzz.native.compile import build
from redactfuzz.native.compile.build import BuildRequest
from redactfuzz.native.compile.compiler import toolchain
made = build.program(toolchain(), BuildRequest((Path("swaps.c"),)), build.driver(toolchain()))
print("memfrob" in made.modelled, *[one.name for one in made.unknown])
""")  # fmt: skip
    assert found == "True"


def test_a_target_leaks_and_its_twin_does_not(copy: Path) -> None:
    found = run(copy, """
import scenario
from redactfuzz import explore
print(explore(scenario.vulnerable).verdict, explore(scenario.fixed).verdict)
""")  # fmt: skip
    assert found in ("LEAK PROVED", "LEAK NO_LEAK_FOUND")


def test_what_the_examples_write_keeps_the_form(copy: Path) -> None:
    ruff = Path(sys.executable).with_name("ruff")
    touched = [name for name in (copy / "touched").read_text("utf-8").splitlines() if name.endswith(".py")]
    formatted = [name for name in touched if name.startswith("redactfuzz/")]
    assert len(touched) > len(formatted) > 3
    for words in (("check", *touched), ("format", "--check", *formatted)):
        done = subprocess.run([ruff, *words, "--no-cache"], cwd=copy, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_tests_of_a_table_that_grew_pass_after_the_examples_alone(copy: Path) -> None:
    """The three that ask for a reference of each encoding, for a README, and for the regression of a target."""
    for kind, block in BLOCK.findall(PAGE):
        if kind == "sh":
            for command in block.splitlines():
                python, *words = command.split()
                assert python == ".venv/bin/python"
                done = subprocess.run([sys.executable, *words], cwd=copy, capture_output=True, text=True, check=False)
                assert done.returncode == 0, done.stdout + done.stderr
    names = ["every_encoding_of_the_table_has", "every_folder_of_targets_says", "every_vulnerable_target_has"]
    files = ["tests/unit/scan/test_encodings.py", "tests/unit/test_house.py"]
    words = ["-q", "-p", "no:cacheprovider", "-k", " or ".join(names), *files]
    assert "3 passed" in run(copy, f"import pytest\nraise SystemExit(pytest.main({words!r}))")


def test_the_part_of_the_tests_that_the_page_names_exists() -> None:
    (words,) = re.findall(r'PYTEST_ARGS="([^"]+)"', PAGE)
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", *words.split()]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "::" in done.stdout
