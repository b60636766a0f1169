"""Nothing loads a module by a name that is computed: who reads imports would not see it, and it could be any."""

from __future__ import annotations

import ast
import re

import pytest
from own_imports import PACKAGE, modules

LOADS = {"import_module", "__import__", "exec", "eval", "run_module", "run_path", "spec_from_file_location"}
MAY_LOAD = {
    "__init__.py",  # the public names, from its own table
    "cli/main.py",  # the commands, from its own table
    "cli/gate/command.py",  # its own modules, which need what is not everywhere
    "cli/load.py",  # scenarios of users
    "doctor/machine.py",  # what its table asks for: whether it can be loaded here
    "threads/explain/opaque.py",  # modules in C of the standard library, from its own table
    "threads/face/redactors.py",  # what the user names as redactor
    "threads/restore/carried.py",  # modules of the program
}
"""What loads by a name that is computed. What stands below could reach anything so."""


def computed_names(source: str) -> list[int]:
    """Lines that load by what is no constant, or put that where nobody sees what it loads (`late = import_module`)."""
    tree = ast.parse(source)
    plain: set[ast.AST] = set()
    also: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=called, args=[ast.Constant(value=str()), *_]) | ast.Call(
                func=called, keywords=[ast.keyword(arg="name", value=ast.Constant(value=str())), *_]
            ) if not ast.unparse(called).endswith(("exec", "eval")):
                plain.add(called)
            case ast.Call(func=called, args=[ast.JoinedStr(values=[ast.Constant(value=str(begins)), *_]), *_]):
                if "." in begins and not begins.startswith((".", "redactfuzz")):
                    plain.add(called)  # a part of a package that is none of ours
            case ast.ImportFrom(names=names):
                also |= {alias.asname for alias in names if alias.name in LOADS and alias.asname}
    lines = []
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name):
                loads = name in LOADS | also
            case ast.Attribute(attr=name):
                loads = name in LOADS
            case ast.Call(args=[_, ast.Constant(value=name), *_]) | ast.Subscript(slice=ast.Constant(value=name)):
                loads = name in LOADS  # getattr(importlib, "import_module"), vars(builtins)["exec"]
            case ast.JoinedStr(values=[ast.Constant(value=str(begins)), *_]):
                loads = bool(re.match(r"redactfuzz\.(\w+\.)*\Z", begins))  # sys.modules[f"redactfuzz.{layer}"]
            case _:
                continue
        if loads and node not in plain:
            lines.append(node.lineno)
    return lines


def test_nothing_loads_by_a_name_that_is_computed_but_what_has_to() -> None:
    loading = {
        f"{path.relative_to(PACKAGE)}": lines
        for path in modules()
        if (lines := computed_names(path.read_text("utf-8")))
    }
    assert loading.keys() == MAY_LOAD, loading


@pytest.mark.parametrize(
    "source",
    [
        "import importlib\nimportlib.import_module(name)",
        "import importlib\nimportlib.import_module(f'redactfuzz.{name}')",
        "import importlib\nimportlib.import_module(f'{name}.report')",
        "import importlib\nimportlib.import_module('redactfuzz.' + name)",
        "import importlib\nimportlib.import_module(name=name)",
        "from importlib import import_module as late\nlate(name)",
        "import importlib\nlate = importlib.import_module",
        "import importlib\ngetattr(importlib, 'import_module')(name)",
        "__import__(name)",
        "exec('import redactfuzz.report')",
        "import builtins\nbuiltins.eval(text)",
        "import sys\nsys.modules[f'redactfuzz.{name}']",
        "import runpy\nrunpy.run_module(name)",
    ],
)
def test_a_name_that_is_computed_is_seen(source: str) -> None:
    assert computed_names(source)


@pytest.mark.parametrize(
    "source",
    [
        "import importlib\nimportlib.import_module('json')",
        "import importlib\nimportlib.import_module(f'cryptography.hazmat.{name}')",
        "import re\nre.compile(text)",
        "print(f'redactfuzz {version}', f'redactfuzz.toml of {folder}')",
    ],
)
def test_a_name_that_is_written_is_not_accused_as_computed(source: str) -> None:
    assert not computed_names(source)
