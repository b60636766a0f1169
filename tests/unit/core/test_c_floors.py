"""The floors of our C: what a folder includes, calls or reads lies in the folder itself or on a floor below.

Read from the sources, so that no compiler runs. What a source refers to is every name of a function or variable that
another source defines for all: that is what the linker would join, a declaration written by hand included, and a name
that a macro may make of pieces.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from c_includes import included, pasted

PACKAGE = Path(__file__).parents[3] / "redactfuzz"

FLOORS = {
    "_core": (
        "choices",  # what can be chosen at a point, and what is remembered of each thread
        "frontier reduce",  # the schedules that an enumeration has still to run; which of them are alike
        "policies",  # what makes the choices
        "explore match keys carve texts spell confine",  # the verbs; searches; Landlock
        "curves",  # private scalars of public points
    ),
    "threads/hooks": (
        "state code",  # an execution and its threads, and what they wait for; what each instruction means
        "interpreter",  # how functions of the interpreter and of libc are replaced, and its insides
        "touch",  # what the steps of threads read and change
        "process",  # the threads of the process, and what they may write
        "schedule",  # who runs next, how a crash strikes, how an execution ends
        "world",  # what the program asks of its process: chance, exits, processors, the order of sets
        "waits",  # what threads wait for: locks, queues, descriptors, time
        "trace",  # from what the interpreter does to scheduling points
        "life",  # a thread from its first turn to its end, and the explorer that waits for it
        ".",  # the module itself, and the list of its parts
    ),
    "dumps": ("process",),
}
"""C root -> its floors, ground first. Folders of one floor know nothing of one another."""
BELOW = {"_core": (), "threads/hooks": ("_core",), "dumps": ()}
"""C root -> the roots whose headers it may include."""

NAME = re.compile(r"\brfh?(?:_\w+)?\b")
_DEFINES = r"^(?!static\b|typedef\b|extern\b)\w[\w \t*]*?\b(rfh?(?:_\w+)?)"
FUNCTION = re.compile(_DEFINES + r"\((?:[^;{}()]|\([^()]*\))*\)\s*\{", re.MULTILINE)
VARIABLE = re.compile(_DEFINES + r"(?:\[\w*\])?(?: =|;)", re.MULTILINE)

Sources = Mapping[str, str]
"""Path from a root -> text."""


def sources(root: str) -> dict[str, str]:
    folders = [PACKAGE / root / each for floor in FLOORS[root] for each in floor.split()]
    inside = [path for folder in folders for path in folder.glob("*.[ch]")]
    return {path.relative_to(PACKAGE / root).as_posix(): path.read_text("utf-8") for path in sorted(inside)}


def code(text: str) -> str:
    """Without comments and texts, which may name anything."""
    return re.sub(r'/\*.*?\*/|"(?:[^"\\\n]|\\.)*"', "", text, flags=re.DOTALL)


def folder_of(path: str) -> str:
    return path.rpartition("/")[0] or "."


def referred(files: Sources, below: Sources) -> Iterator[tuple[str, str, str]]:
    """(source, what it refers to, the path of that): by include, and by name. An empty path: it is not there."""
    plain = {path: code(text) for path, text in files.items()}
    homes = {
        name: path
        for path, text in plain.items()
        if path.endswith(".c")
        for name in (*FUNCTION.findall(text), *VARIABLE.findall(text))
    }
    for path, text in files.items():
        for header in included(text, files):
            if header not in below:
                yield path, header, header if header in files else ""
        made = {name for each in pasted(text) for name in homes if each.fullmatch(name)}
        for name in sorted(made.union(NAME.findall(plain[path]))):
            if name in homes:
                yield path, name, homes[name]


def broken(floors: tuple[str, ...], files: Sources, below: Sources) -> list[str]:
    heights = {folder: height for height, floor in enumerate(floors) for folder in floor.split()}
    found = []
    for path, what, home in referred(files, below):
        own, other = folder_of(path), folder_of(home)
        if not home:
            found.append(f"{path}: {what} is no path from a root of its floor or below")
        elif own != other and heights[other] >= heights[own]:
            found.append(f"{path} ({own}) refers to {what} of {other}")
    return found


def under(root: str) -> dict[str, str]:
    return {path: text for each in BELOW[root] for path, text in sources(each).items()}


@pytest.mark.parametrize("root", FLOORS)
def test_every_source_has_a_floor_and_every_floor_a_source(root: str) -> None:
    there = {folder_of(path.relative_to(PACKAGE / root).as_posix()) for path in (PACKAGE / root).rglob("*.[ch]")}
    assert there == {folder for floor in FLOORS[root] for folder in floor.split()}


@pytest.mark.parametrize("root", FLOORS)
def test_no_folder_holds_more_than_25_sources(root: str) -> None:
    folders = [folder_of(path) for path in sources(root)]
    assert folders
    assert {each: folders.count(each) for each in folders if folders.count(each) > 25} == {}


@pytest.mark.parametrize("root", FLOORS)
def test_no_source_refers_to_a_floor_above_or_a_folder_beside_it(root: str) -> None:
    assert broken(FLOORS[root], sources(root), under(root)) == []


def test_what_is_to_be_installed_in_the_interpreter_is_asked_for_by_the_list_of_parts_or_another_source() -> None:
    """What is not compiles, and never runs."""
    files = {path: code(text) for path, text in sources("threads/hooks").items() if path.endswith(".c")}
    parts = [(path, name) for path, text in files.items() for name in FUNCTION.findall(text)
             if name.endswith(("_install", "_remove"))]  # fmt: skip
    asked = {(path, name) for path, text in files.items() for name in NAME.findall(text)}
    assert len(parts) > 40
    assert [name for path, name in parts if not any(to == name and by != path for by, to in asked)] == []


def test_references_by_name_are_found_at_all() -> None:
    """The patterns above match our style: if they did not, nothing would ever be upward."""
    found = set(referred(sources("threads/hooks"), under("threads/hooks")))
    assert ("schedule/dispatch.c", "rfh_pool_run", "process/pool.c") in found
    assert ("parts.c", "rfh_clock_install", "waits/clock.c") in found
    assert ("trace/points.c", "rfh_focus", "trace/focus.c") in found
    assert len({home for _, _, home in found if home.endswith(".c")}) > 40


@pytest.mark.parametrize(
    ("root", "path", "planted"),
    [
        ("_core", "choices/set.c", '#include "policies/policy.h"'),
        ("_core", "choices/set.c", "#include <policies/policy.h>"),
        ("_core", "choices/set.c", '/* As here: */ # include  "policies/policy.h" // and on'),
        ("_core", "choices/set.c", "#include HIGHER"),
        ("_core", "choices/set.c", "#include <policies//policy.h>"),
        ("_core", "choices/set.c", '#include "choices/../policies/policy.h"'),
        ("_core", "choices/set.c", "#include <../policies/policy.h>"),
        ("_core", "choices/set.c", "#include <./policies/policy.h>"),
        ("_core", "choices/set.c", "#include <policies/policy.h> // on\t"),
        ("_core", "choices/set.c", "#\tinclude\t<policies/policy.h>\t/* on */"),
        ("_core", "choices/set.c", "#include /* on */ <policies//policy.h>"),
        ("_core", "choices/set.c", "#include_next <policies/policy.h>"),
        ("_core", "choices/set.c", '#import "policies/policy.h"'),
        ("_core", "choices/set.c", '%:include "policies/policy.h"'),
        ("_core", "choices/set.c", '#inc\\\nlude "policies/policy.h"'),
        ("_core", "choices/set.c", "#define CHOOSE(what) rf_choose_f##what(0)"),
        ("_core", "match/match.c", '#include "keys/key_aes.h"'),
        ("_core", "choices/waits.c", '#include "process/guard.h"'),
        ("_core", "choices/waits.c", '#include "core.h"'),
        ("_core", "choices/waits.c", "rf_choice again(rf_core *core) { return rf_choose(core); }"),
        ("threads/hooks", "state/gate.c", '#include "life/body.h"'),
        ("threads/hooks", "state/gate.c", '#include "code/codes.h"'),
        ("threads/hooks", "process/pool.c", "void rfh_ended(rfh_thread *t);\nvoid (*last)(rfh_thread *t) = rfh_ended;"),
        ("threads/hooks", "code/codes.c", "int execution(void) { return rfh.phase; }"),
        ("threads/hooks", "state/execution.h", '#include "schedule/turn.h"'),
    ],
)
def test_a_reference_upwards_or_sideways_is_found(root: str, path: str, planted: str) -> None:
    files = sources(root)
    assert broken(FLOORS[root], files, under(root)) == []
    found = broken(FLOORS[root], {**files, path: f"{files[path]}\n{planted}\n"}, under(root))
    assert len(found) == 1
    assert found[0].startswith(path)


def test_a_reference_downwards_or_in_a_comment_is_none_upwards() -> None:
    files = sources("threads/hooks")
    planted = '#include "state/gate.h"\n#include "explore/explore.h"\n/* As rfh_run_thread does. */\n'
    changed = {**files, "process/watch.c": files["process/watch.c"] + planted}
    assert broken(FLOORS["threads/hooks"], changed, under("threads/hooks")) == []


def test_a_macro_that_may_make_any_name_is_found() -> None:
    files = sources("_core")
    changed = {**files, "choices/set.c": files["choices/set.c"] + "\n#define GLUE(a, b) a ## b\n"}
    assert len(broken(FLOORS["_core"], changed, under("_core"))) > 10
