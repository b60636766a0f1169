"""The scenarios under targets: their names read from the files, and the functions imported."""

from __future__ import annotations

import ast
import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from shared.record import ROOT


def load(path: Path, name: str) -> Callable[..., Any]:
    """The scenario function of that name, imported from its file."""
    module_name = "target_" + path.parent.name.replace("-", "_")
    sys.path.insert(0, str(path.parent))
    try:
        spec = importlib.util.spec_from_file_location(module_name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[module_name] = module
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(path.parent))
    function: Callable[..., Any] = getattr(module, name)
    return function


def everything() -> Iterator[tuple[Path, str]]:
    """(file, name) of every target, without importing any."""
    for path in sorted((ROOT / "targets").rglob("scenario.py")):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef) and any("scenario" in ast.unparse(d) for d in node.decorator_list):
                yield path, node.name


def vulnerable(title: str) -> bool:
    """Whether a target is meant to leak, by its name: the twin of NAME is NAME_fixed, of vulnerable it is fixed."""
    folder, _, name = title.partition("::")
    return "elastic-apm" not in folder and "fixed" not in name
