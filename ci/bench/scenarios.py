"""The scenarios under targets, imported from their files."""

from __future__ import annotations

import ast
import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from record import ROOT


def load(path: Path) -> dict[str, Callable[..., Any]]:
    """Scenario functions of a file, by name, in the order of the file."""
    name = "target_" + path.parent.name.replace("-", "_")
    sys.path.insert(0, str(path.parent))
    try:
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(path.parent))
    names = [
        node.name
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef) and any("scenario" in ast.unparse(d) for d in node.decorator_list)
    ]
    return {name: getattr(module, name) for name in names}


def everything() -> Iterator[tuple[str, Callable[..., Any]]]:
    """(``folder/scenario.py::name``, function) of every target."""
    for path in sorted((ROOT / "targets").rglob("scenario.py")):
        for name, function in load(path).items():
            yield f"{path.relative_to(ROOT).as_posix()}::{name}", function


def vulnerable(title: str) -> bool:
    """Whether a target is meant to leak, by its name: the twin of NAME is NAME_fixed, of vulnerable it is fixed."""
    folder, _, name = title.partition("::")
    if "elastic-apm" in folder:
        return False
    return "fixed" not in name
