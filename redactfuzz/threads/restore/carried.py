"""What modules keep from one execution to the next: a digest of each global object, to be compared.

Looked at are the modules of the code under test and of what it imports, not this package and the tools around it. Of
the standard library what the program's own modules name: there redactors are put in place (a factory of log records,
a method of an encoder), and not what the library keeps for itself.
"""

from __future__ import annotations

import builtins
import importlib
import itertools
import os
import sys
import sysconfig
from collections.abc import Iterator, Mapping, Sequence, Set
from functools import partial
from types import FunctionType, MethodType, ModuleType
from typing import Any

from redactfuzz.model.outcome import Problem, ProblemKind
from redactfuzz.threads.restore.digest import OF_MODULES, Digest, Known, of_class
from redactfuzz.threads.restore.kinds import globals_of, home, is_plain, loaded, module_of

_NAMES = (
    "redactfuzz _pytest pytest pluggy hypothesis _hypothesis_pytestplugin xdist execnet coverage attr attrs cattrs "
    "cffi _cffi_backend click rich pygments iniconfig packaging exceptiongroup elftools __mp_main__"
)
_TOOLS = frozenset(_NAMES.split())
_FILLED_BY_US = frozenset({"linecache"})
"""Modules of the library that keep what is on the disk anyway, and that this package fills when it quotes a line."""
_LIBRARY = sysconfig.get_path("stdlib")
_SETTINGS = frozenset(
    f"logging.{name}" for name in ("_logRecordFactory", "_loggerClass", "_levelToName", "_nameToLevel")
)
"""Names of the library with an underscore that say what it does, and not what it keeps."""
_FUNCTIONS = 1_000
"""That a scenario leads to, of which the modules are looked at."""
_NEVER_ALIKE = itertools.count()
"""In one process: another one, which was forked from it, counts as it does."""


def states(body: Any, *, near: bool = False) -> dict[str, int]:
    """By name, as ``app.cache.SEEN``: what the object is now; and what ``body``, the scenario, was made with.

    ``near``: of the scenario's module, and of those of the program that it names. All of them take a second.
    """
    its = _near(body)
    looked_at = [module for module in (its if near else loaded().values()) if _is_looked_at(module)]
    sources = [("builtins", _of_the_interpreter()), *((_name(module), _globals(module)) for module in looked_at)]
    sources += [(_name(module), _settings(module)) for module in _library(its)]
    sources.insert(0, ("the scenario", iter([("what the scenario is given or closes over", body)])))
    known, met = Known(), {_name(module) for module in looked_at}
    found = {}
    for title, objects in sources:
        digest = Digest(known)
        for name, value in objects:
            found[name] = digest.of(value)
        if digest.left < 0:  # nobody knows whether the rest is as it was
            found[f"{title}.(more than can be looked at)"] = hash((os.getpid(), next(_NEVER_ALIKE)))
        if title == sources[-1][0]:  # then what these lead to, as functions in a list do
            further = [module for module in _led_to(known) if _name(module) not in met]
            met.update(map(_name, further))
            sources += [(_name(module), _globals(module)) for module in further]
    return found


def _led_to(known: Known) -> Iterator[ModuleType]:
    """Modules of the program, in their order, to which what was looked at leads; those too that it has made itself."""
    modules = loaded()
    for name in sorted(known.led_to):
        module = modules.get(name)
        if module is not None and (_is_made(module) or (_is_looked_at(module) and not _is_installed(module))):
            yield module


def _is_made(module: ModuleType) -> bool:
    """By the program itself: it was read from no file."""
    names, (first, *_) = globals_of(module), _name(module).split(".")
    return not _file(module) and names.get("__spec__") is None and first not in _TOOLS | sys.stdlib_module_names


def _of_the_interpreter() -> Iterator[tuple[str, Any]]:
    """What every module of the program sees: builtins, and what was put into ``sys``."""
    for name, value in list(vars(builtins).items()):
        if name not in OF_MODULES:
            yield f"builtins.{name}", value
    settings = sorted(each for each in vars(sys).items() if not each[0].startswith(("_", "last_")))
    yield "names in sys", [(name, value if is_plain(value) else "") for name, value in settings]


def _near(body: Any) -> list[ModuleType]:
    """The module of the scenario, those of the functions that it was made with, and of the program what these name."""
    modules = loaded()
    scenario, *others = _functions(body)
    first = modules.get(home(scenario) or "")
    waiting = [first] if first is not None else []
    for other in (modules.get(home(each) or "") for each in others):
        if other is not None and _is_looked_at(other) and not _is_installed(other):
            waiting.append(other)
    found = {id(each): each for each in waiting}
    waiting = list(found.values())
    for module in waiting:
        for name in _named(module):
            other = modules.get(name)
            if other is not None and id(other) not in found and _is_looked_at(other) and not _is_installed(other):
                found[id(other)] = other
                waiting.append(other)
    return waiting


def _functions(body: Any) -> list[Any]:
    """The function of the scenario, and those that it closes over or is given, and these again."""
    while isinstance(body, partial | MethodType):
        body = body.func if isinstance(body, partial) else body.__func__
    found = [body]
    for each in found:
        if type(each) is FunctionType and len(found) < _FUNCTIONS:
            cells = [cell.cell_contents for cell in each.__closure__ or () if cell != type(cell)()]
            given = [*cells, *(each.__defaults__ or ()), *(each.__kwdefaults__ or {}).values()]
            found += [one for one in given if type(one) is FunctionType and all(one is not other for other in found)]
    return found


def _named(module: ModuleType) -> Iterator[str]:
    for value in list(globals_of(module).values()):
        name = _name(value) if issubclass(type(value), ModuleType) else home(value)
        if name:
            yield name


def _name(module: ModuleType) -> str:
    """What a module is called; it may have a property, or ``__getattr__``, of the program."""
    name = globals_of(module).get("__name__")
    return name if type(name) is str else ""


def _file(module: ModuleType) -> str:
    file = globals_of(module).get("__file__")
    return file if type(file) is str else ""


def _library(its: Sequence[Any]) -> Iterator[ModuleType]:
    """Modules of the standard library that these name, and what is loaded of the packages among them."""
    named = {name for module in its for name in _named(module) if name.partition(".")[0] in sys.stdlib_module_names}
    for name, module in sorted(loaded().items(), key=lambda pair: pair[0]):
        if _is_below(name, named) and name not in _FILLED_BY_US and _file(module):
            yield module


def _is_below(name: str, packages: Set[str]) -> bool:
    """Whether it is one of them, or lies in one."""
    while name and name not in packages:
        name = name.rpartition(".")[0]
    return bool(name)


def _settings(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """What code may put in place of something in the library: its public names, and what its classes have."""
    for name, value in list(globals_of(module).items()):
        title = f"{_name(module)}.{name}"
        if issubclass(type(value), ModuleType) or (name.startswith("_") and title not in _SETTINGS):
            continue
        if issubclass(type(value), type) and module_of(value) == _name(module):
            yield from of_class(title, value)
        yield title, value


def _is_installed(module: ModuleType) -> bool:
    return "-packages" in _file(module)


def looked_at() -> frozenset[str]:
    """Names of the modules that are loaded now, of those that are looked at."""
    return frozenset(name for name, each in loaded().items() if _is_looked_at(each))


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


def is_of_a_tool(name: str) -> bool:
    """Whether a module of that name is of this package, or of the tools around it."""
    return name.partition(".")[0] in _TOOLS


def _is_looked_at(module: ModuleType) -> bool:
    file = _file(module)
    if not file or is_of_a_tool(_name(module)):
        return False
    return not file.startswith(_LIBRARY) or "-packages" in file


def _globals(module: ModuleType) -> Iterator[tuple[str, Any]]:
    title = _name(module)
    yield f"{title}.__name__", title  # it is there, also with nothing in it
    for name, value in list(globals_of(module).items()):
        if name in OF_MODULES:
            continue
        if issubclass(type(value), ModuleType):
            if _name(value) != f"{title}.{name}":  # a part of this package is looked at by itself
                yield f"{title}.{name}", (len(globals_of(value)), value)  # what the program puts there
            continue
        yield f"{title}.{name}", value
        if issubclass(type(value), type) and module_of(value) == title:
            yield from of_class(f"{title}.{name}", value)
