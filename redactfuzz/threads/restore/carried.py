"""What modules keep from one execution to the next: a digest of each global object, to be compared.

Looked at are the modules of the code under test and of what it imports, not this package and the tools around it. Of
the standard library what the program's own modules name: there redactors are put in place (a factory of log records,
a method of an encoder), and not what the library keeps for itself.
"""

from __future__ import annotations

import builtins
import importlib
import sys
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from types import MethodType, ModuleType
from typing import Any

from redactfuzz.model.outcome import Problem, ProblemKind
from redactfuzz.threads.restore.digest import Digest, Seen, of_class

_TOOLS = (
    "redactfuzz _pytest pytest pluggy hypothesis _hypothesis_pytestplugin xdist execnet coverage attr attrs cattrs "
    "cffi _cffi_backend click rich pygments iniconfig packaging exceptiongroup elftools __mp_main__"
)
_OF_MODULES = "__name__ __doc__ __package__ __loader__ __spec__ __file__ __cached__ __builtins__ __path__"
_SETTINGS = frozenset(
    f"logging.{name}" for name in ("_logRecordFactory", "_loggerClass", "_levelToName", "_nameToLevel")
)
"""Names of the library with an underscore that say what it does, and not what it keeps."""


def states(body: Any, *, near: bool = False) -> dict[str, int]:
    """By name, as ``app.cache.SEEN``: what the object is now; and what ``body``, the scenario, was given beforehand.

    ``near``: of the scenario's module, and of those of the program that it names. All of them take a second.
    """
    seen: dict[int, Seen] = {}
    found = {"what the scenario is given": Digest(seen).of(body)} if isinstance(body, partial | MethodType) else {}
    its = _near(body)
    for module in its if near else list(sys.modules.values()):
        if isinstance(module, ModuleType) and _is_looked_at(module):
            digest = Digest(seen)
            for name, value in _globals(module):
                found[name] = digest.of(value)
    for settings in (_of_the_interpreter(), *map(_settings, _library(its))):
        digest = Digest(seen)
        for name, value in settings:
            found[name] = digest.of(value)
    return found


def _of_the_interpreter() -> Iterator[tuple[str, Any]]:
    """What every module of the program sees: builtins, and what was put into ``sys``."""
    for name, value in list(vars(builtins).items()):
        if name not in _OF_MODULES.split():
            yield f"builtins.{name}", value
    yield "names in sys", sorted(name for name in vars(sys) if not name.startswith(("_", "last_")))


def _near(body: Any) -> list[Any]:
    while isinstance(body, partial | MethodType):
        body = body.func if isinstance(body, partial) else body.__func__
    home = sys.modules.get(getattr(body, "__module__", ""))
    found = [home] if home is not None else []
    for module in found:  # and what these name
        for name in _named(module):
            other = sys.modules.get(name)
            if other is not None and other not in found and _is_looked_at(other) and not _is_installed(other):
                found.append(other)
    return found


def _named(module: ModuleType) -> Iterator[str]:
    for value in list(vars(module).values()):
        name = value.__name__ if issubclass(type(value), ModuleType) else _home(value)
        if isinstance(name, str):
            yield name


def _home(value: Any) -> Any:
    """The module that it says it is of; a proxy may stand for nothing yet, and raise whatever it likes."""
    try:
        return value.__module__
    except Exception:  # whatever the program's own classes raise
        return None


def _library(its: Sequence[Any]) -> Iterator[ModuleType]:
    """Modules of the standard library that these name, and what is loaded of the packages among them."""
    named = {name for module in its for name in _named(module) if name.partition(".")[0] in sys.stdlib_module_names}
    for name, module in sorted(sys.modules.items()):
        is_named = name in named or any(name.startswith(f"{package}.") for package in named)
        if is_named and isinstance(module, ModuleType) and isinstance(getattr(module, "__file__", None), str):
            yield module


def _settings(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """What code may put in place of something in the library: its public names, and what its classes have."""
    for name, value in list(vars(module).items()):
        title = f"{module.__name__}.{name}"
        if issubclass(type(value), ModuleType) or (name.startswith("_") and title not in _SETTINGS):
            continue
        if issubclass(type(value), type) and value.__module__ == module.__name__:
            yield from of_class(title, value)
        yield title, value


def _is_installed(module: ModuleType) -> bool:
    return "-packages" in str(vars(module).get("__file__"))


def looked_at() -> frozenset[str]:
    """Names of the modules that are loaded now, of those that are looked at."""
    there = list(sys.modules.items())
    return frozenset(name for name, each in there if isinstance(each, ModuleType) and _is_looked_at(each))


def is_loaded(name: str) -> bool:
    """Whether a module is, from now on."""
    try:
        importlib.import_module(name)
    except Exception:  # whatever the program's own module raises
        return False
    return True


def only_at_first(canaries: Sequence[str]) -> Problem:
    """They leaked when the scenario was run for the first time, and never again."""
    names = ", ".join(f"'{name}'" for name in canaries)
    what = f"a first run, in a process of its own, leaked {names}, and the same schedule does not any more"
    remedy = "Something outside of the process was changed, such as a file: make it in race.tmp_path."
    return Problem(ProblemKind.CARRIED_OVER, what, remedy=remedy)


def changed(before: Mapping[str, int], after: Mapping[str, int]) -> list[str]:
    """Names of what differs, without modules that are only loaded by now."""
    modules = {name.rpartition(".")[0] for name in before}
    return sorted(
        name
        for name in before.keys() | after.keys()
        if before.get(name) != after.get(name) and (name in before or name.rpartition(".")[0] in modules)
    )


def _is_looked_at(module: ModuleType) -> bool:
    name = module.__name__
    file = getattr(module, "__file__", None)
    if not isinstance(file, str) or name.partition(".")[0] in _TOOLS.split():
        return False
    library = sysconfig.get_path("stdlib")
    return not file.startswith(library) or "-packages" in file


def _globals(module: ModuleType) -> Iterator[tuple[str, Any]]:
    yield f"{module.__name__}.__name__", module.__name__  # it is there, also with nothing in it
    for name, value in list(vars(module).items()):
        if name in _OF_MODULES.split():
            continue
        if issubclass(type(value), ModuleType):
            if value.__name__ != f"{module.__name__}.{name}":  # a part of this package is looked at by itself
                yield f"{module.__name__}.{name}", len(vars(value))  # what the program puts there
            continue
        yield f"{module.__name__}.{name}", value
        if issubclass(type(value), type) and value.__module__ == module.__name__:
            yield from of_class(f"{module.__name__}.{name}", value)
