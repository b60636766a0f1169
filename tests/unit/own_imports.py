"""The modules of the package, and what each imports of it: at any depth, relative or absolute, by name or by call."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "redactfuzz"
MODULE = re.compile(r"redactfuzz(?:\.\w+)*|\.+\w+(?:\.\w+)*")


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py"))


def named_module(node: ast.AST, relative: Path) -> str:
    """The module of ours that a text names, absolutely or from where it stands; else nothing."""
    text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
    if not MODULE.fullmatch(text):
        return ""
    name = absolute(text, relative) if text.startswith(".") else text
    path = PACKAGE.parent.joinpath(*name.split("."))
    return name if path.is_dir() or path.with_suffix(".py").is_file() else ""


def absolute(name: str, relative: Path) -> str:
    """The module that a relative name means in a file."""
    module = name.lstrip(".")
    package = ["redactfuzz", *relative.parts[:-1]]
    return ".".join(package[: len(package) - (len(name) - len(module)) + 1] + ([module] if module else []))


def begins_with_ours(node: ast.expr) -> bool:
    """Whether an expression of attributes, calls and subscripts hangs on the name of the package."""
    while isinstance(node, ast.Attribute | ast.Call | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
    return isinstance(node, ast.Name) and node.id == "redactfuzz"


@functools.cache
def imported_modules(source: str, relative: Path) -> tuple[tuple[int, str], ...]:
    """(line, module) of every import of our own modules: at any depth, relative or absolute, by name or by call."""
    return tuple(_imported_modules(source, relative))


def _imported_modules(source: str, relative: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                targets = [alias.name for alias in names]
            case ast.ImportFrom(module=module, names=names, level=level):
                if level:
                    module = absolute("." * level + (module or ""), relative)
                # `from redactfuzz import model` imports a layer, `from redactfuzz import Race` the root.
                targets = [f"{module}.{alias.name}" for alias in names]
            case ast.Call(func=called, args=args, keywords=keywords):  # import_module, or whatever else takes a name
                given = [*args, *(each.value for each in keywords)]
                targets = [name for each in given if (name := named_module(each, relative))]
                if targets and not ast.unparse(called).endswith(("__import__", "import_module")):
                    targets = [name for name in targets if name != "redactfuzz"]  # a name of much else
            case ast.Attribute():  # of `import redactfuzz.model`, which binds what all else hangs on
                targets = [ast.unparse(node)] if begins_with_ours(node) else []
            case ast.Subscript(slice=index):  # sys.modules
                targets = [name for name in [named_module(index, relative)] if name not in ("", "redactfuzz")]
            case _:
                continue
        for target in targets:
            if target.partition(".")[0] == "redactfuzz":
                yield node.lineno, target
