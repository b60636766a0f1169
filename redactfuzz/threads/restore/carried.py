"""What modules keep from one execution to the next: a digest of each global object, to be compared.

Nothing of a value is kept but a hash. Looked at are the modules of the code under test and of what it imports, not the
standard library, nor this package and the tools around it.
"""

from __future__ import annotations

import importlib
import sys
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from operator import length_hint
from types import FunctionType, GeneratorType, MappingProxyType, MethodType, ModuleType
from typing import Any

import attrs

from redactfuzz.model.outcome import Problem, ProblemKind
from redactfuzz.threads.restore.contents import Contents, contents

_MOST = 100_000
"""Objects of one module that are looked at."""
_DEPTH = 8
_TOOLS = (
    "redactfuzz _pytest pytest pluggy hypothesis _hypothesis_pytestplugin xdist execnet coverage attr attrs cattrs "
    "cffi _cffi_backend click rich pygments iniconfig packaging exceptiongroup elftools __mp_main__"
)
_OF_MODULES = "__name__ __doc__ __package__ __loader__ __spec__ __file__ __cached__ __builtins__ __path__"
_ATOMS = frozenset((str, bytes, int, float, complex, bool, type(None)))


def states(body: Any, *, near: bool = False) -> dict[str, int]:
    """By name, as ``app.cache.SEEN``: what the object is now; and what ``body``, the scenario, was given beforehand.

    ``near``: of the scenario's module, and of those of the program that it names. All of them take a second.
    """
    seen: dict[int, _Seen] = {}
    found = {"what the scenario is given": _Digest(seen).of(body)} if isinstance(body, partial | MethodType) else {}
    for module in _near(body) if near else list(sys.modules.values()):
        if isinstance(module, ModuleType) and _is_looked_at(module):
            digest = _Digest(seen)
            for name, value in _globals(module):
                found[name] = digest.of(value)
    return found


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
        name = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
        if isinstance(name, str):
            yield name


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
    for name, value in list(vars(module).items()):
        if name in _OF_MODULES.split():
            continue
        if isinstance(value, ModuleType):
            if value.__name__ != f"{module.__name__}.{name}":  # a part of this package is looked at by itself
                yield f"{module.__name__}.{name}", len(vars(value))  # what the program puts there
        elif not isinstance(value, type):
            yield f"{module.__name__}.{name}", value
        elif value.__module__ == module.__name__:
            yield from _of_class(f"{module.__name__}.{name}", value)


def _of_class(title: str, kind: type) -> Iterator[tuple[str, Any]]:
    """Its attributes, and those of classes in it."""
    for attribute, inner in list(vars(kind).items()):
        if attribute.startswith("__"):
            continue
        if isinstance(inner, type) and inner.__qualname__.startswith(f"{kind.__qualname__}."):
            yield from _of_class(f"{title}.{attribute}", inner)
        else:
            yield f"{title}.{attribute}", inner


@attrs.frozen
class _Seen:
    """An object that was followed, at which depth, and what came of it. It is held, so that no other has its number."""

    value: Any
    depth: int
    digest: int


@attrs.define
class _Digest:
    """Of the objects of one module; each is followed once, but where it is met nearer than before."""

    seen: dict[int, _Seen]
    left: int = _MOST

    def of(self, value: Any) -> int:
        return self._of(value, 0, {})

    def _of(self, value: Any, depth: int, above: dict[int, int]) -> int:
        kind = type(value)
        if kind in _ATOMS:
            return hash((kind.__name__, value))
        self.left -= 1
        if id(value) in above:
            return hash(("above", depth - above[id(value)]))
        if self.left < 0 or depth == _DEPTH:
            return hash(kind.__qualname__)
        seen = self.seen.get(id(value))
        if seen is not None and seen.depth <= depth:
            return seen.digest
        above[id(value)] = depth
        try:
            digest = hash((kind.__qualname__, *self._parts(value, depth + 1, above)))
        except Exception:  # whatever the program's own classes raise
            digest = hash(kind.__qualname__)
        finally:
            del above[id(value)]
        self.seen[id(value)] = _Seen(value, depth, digest)
        return digest

    def _parts(self, value: Any, depth: int, above: dict[int, int]) -> Iterator[int]:
        kind = type(value)
        if kind is list or kind is tuple or kind is dict:  # most of all objects
            for part in value if kind is not dict else (*value, *value.values()):
                yield self._of(part, depth, above)
            return
        if isinstance(value, type | ModuleType):
            return
        if isinstance(value, FunctionType):
            cells = [cell.cell_contents for cell in value.__closure__ or () if cell != type(cell)()]
            for each in (value.__defaults__, value.__kwdefaults__, vars(value), cells):
                yield self._of(each, depth, above)
            return
        if isinstance(value, partial):
            for part in (value.func, value.args, value.keywords):
                yield self._of(part, depth, above)
            return
        if isinstance(value, MethodType):
            yield self._of(value.__self__, depth, above)
            return
        if isinstance(value, staticmethod | classmethod):
            yield self._of(value.__func__, depth, above)
            return
        if callable(info := getattr(type(value), "cache_info", None)):  # functools.lru_cache
            yield hash(info(value).currsize)
            return
        if isinstance(value, GeneratorType):
            frame = value.gi_frame
            yield hash(frame.f_lasti if frame is not None else None)
            yield self._of(dict(frame.f_locals) if frame is not None else None, depth, above)
            return
        if type(value).__module__ == "itertools":
            yield hash(repr(value))  # of those that count; of others it is where they lie
            return
        if hasattr(type(value), "__length_hint__") and type(value).__module__ == "builtins":
            yield hash(length_hint(value, -1))
        if "<locals>" in type(value).__qualname__:
            for _, inner in _of_class("", type(value)):
                yield self._of(inner, depth, above)
        inside = () if isinstance(value, MappingProxyType) else contents(value, self.left)
        if isinstance(inside, Contents):
            for part in (*inside.keys, *inside.values):
                yield self._of(part, depth, above)
        elif type(inside) in _ATOMS:
            yield self._of(inside, depth, above)
        for part in _attributes(value):
            yield self._of(part, depth, above)


def _attributes(value: Any) -> Iterator[Any]:
    """What an instance holds, by name."""
    own = getattr(value, "__dict__", None)
    if isinstance(own, dict):
        for name, inner in sorted(own.items(), key=lambda item: str(item[0])):
            yield name
            yield inner
    for kind in type(value).__mro__:
        slots = vars(kind).get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if name not in ("__dict__", "__weakref__") and hasattr(value, name):
                yield getattr(value, name)
