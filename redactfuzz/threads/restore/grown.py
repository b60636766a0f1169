"""How much modules keep, by name: caches and registries that executions make larger, also those of the library."""

from __future__ import annotations

import importlib
from abc import ABCMeta
from functools import _lru_cache_wrapper
from typing import Any

from redactfuzz.threads.restore.carried import is_of_a_tool
from redactfuzz.threads.restore.kinds import globals_of, loaded

_abc: Any = importlib.import_module("_abc")  # of which nobody has types
_OF_CLASSES = "_abc_impl"
"""Where an abstract class keeps which classes it was asked about."""


def sizes() -> dict[str, int]:
    """By name, as ``re._cache``: of each container, cache and abstract class among the globals of modules."""
    found: dict[str, int] = {}
    for title, module in list(loaded().items()):
        for name, value in [] if is_of_a_tool(title) else list(globals_of(module).items()):
            if type(value) in (dict, list, set):
                found[f"{title}.{name}"] = len(value)
            elif type(value) is _lru_cache_wrapper:
                found[f"{title}.{name}"] = value.cache_info().currsize
            elif type(value) is ABCMeta:
                registry, *asked, _ = _abc._get_dump(value)
                found[f"{value.__module__}.{value.__qualname__}.{_OF_CLASSES}"] = len(registry) + sum(map(len, asked))
    return found


def is_kept_by(file: str, name: str) -> bool:
    """Whether code in a file keeps what has this name, in its module or, as ``abc`` does, in classes."""
    module = next((each for each, its in loaded().items() if globals_of(its).get("__file__") == file), "")
    if (module or file) in ("abc", "_py_abc", "<frozen abc>"):
        return name.endswith(_OF_CLASSES)
    return name.rpartition(".")[0] == module
