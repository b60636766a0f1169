"""What the interpreter keeps of a class and of an object, read past all that the program may have put before it.

A look at the ``__dict__`` or ``__class__`` of a value, or at the ``__module__`` of a class, runs code of the program
where that is a property, or where a class has ``__getattr__`` or a metaclass; it may wait for a lock which nobody gives
back any more.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Iterable, Mapping
from types import (
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodDescriptorType,
    MethodType,
    ModuleType,
    WrapperDescriptorType,
)
from typing import Any

import attrs

IN_C = (GetSetDescriptorType, MemberDescriptorType, MethodDescriptorType, WrapperDescriptorType)
"""What a class of the interpreter, or of an extension, has in place of functions and properties."""
_PLAIN = frozenset((str, bytes, int, float, complex, bool, type(None)))
_HEAP, _IMMUTABLE = 1 << 9, 1 << 8
_OFFSETS = frozenset(("__dict__", "__dictoffset__", "__weaklistoffset__", "__vectorcalloffset__"))
"""Members by which a class in C says where the interpreter keeps its own, as the way to call a partial."""
_POINTER = ctypes.sizeof(ctypes.c_void_p)
_OF_TYPE = vars(type)
names_of: Callable[[type], Mapping[str, Any]] = _OF_TYPE["__dict__"].__get__
bases_of: Callable[[type], tuple[type, ...]] = _OF_TYPE["__bases__"].__get__
mro_of: Callable[[type], tuple[type, ...]] = _OF_TYPE["__mro__"].__get__
qualname_of: Callable[[type], str] = _OF_TYPE["__qualname__"].__get__
_BASE, _SIZE, _FLAGS, _DICT, _WEAK = (
    _OF_TYPE[f"__{name}__"].__get__ for name in ("base", "basicsize", "flags", "dictoffset", "weakrefoffset")
)
_globals_of: Callable[[ModuleType], dict[str, Any]] = vars(ModuleType)["__dict__"].__get__
_own_dict = ctypes.pythonapi.PyObject_GenericGetDict
_own_dict.restype, _own_dict.argtypes = ctypes.py_object, (ctypes.c_void_p, ctypes.c_void_p)


def module_of(kind: type) -> str:
    """The module that a class says it is of."""
    name = _OF_TYPE["__module__"].__get__(kind) if not _FLAGS(kind) & _HEAP else names_of(kind).get("__module__")
    return name if type(name) is str else ""


def is_of_the_library(kind: type) -> bool:
    """Whether the interpreter came with it."""
    return module_of(kind).partition(".")[0] in sys.stdlib_module_names


def globals_of(module: Any) -> dict[str, Any]:
    """Those of a module; none of what is no module."""
    return _globals_of(module) if issubclass(type(module), ModuleType) else {}


def loaded() -> dict[str, ModuleType]:
    """The modules that are loaded now, without what only stands for one."""
    return {name: each for name, each in list(sys.modules.items()) if issubclass(type(each), ModuleType)}


def found(kind: type, name: str) -> Any:
    """What a class has by that name, from whichever base: as it stands there, bound to nothing."""
    for base in mro_of(kind):
        names = names_of(base)
        if name in names:
            return names[name]
    return None


def home(value: Any) -> str | None:
    """The module that a value says it is of."""
    kind = type(value)
    if issubclass(kind, type):
        return module_of(value)
    if kind is MethodType:
        return home(value.__func__)
    own = dict.get(attributes_of(value, found(kind, "__dict__")), "__module__")
    if own is None and type(found(kind, "__module__")) in IN_C:  # of functions
        own = found(kind, "__module__").__get__(value)
    return own if type(own) is str else module_of(kind)


def attributes_of(value: Any, descriptor: Any) -> dict[Any, Any]:
    """Those that an instance has for itself, by what its class has as ``__dict__``."""
    if descriptor is None:
        return {}
    if type(descriptor) in IN_C:
        own = descriptor.__get__(value)
    else:  # a property of the program's stands there; ctypes would ask an object for its class, and no address
        own = _own_dict(id(value), None) if _DICT(type(value)) else {}
    return own if issubclass(type(own), dict) else {}


def is_plain(value: Any) -> bool:
    """Whether it is a value that says all of itself. No class is hashed whose metaclass may say how."""
    kind = type(value)
    return type(kind) is type and kind in _PLAIN


@attrs.frozen(eq=False)
class Kind:
    """How the objects of one class are read."""

    of: type
    name: str
    descriptor: Any
    """What the class has as ``__dict__``."""
    slots: tuple[tuple[str, Any], ...]
    read: Callable[[Any], Iterable[Any]] | None
    """Gives the parts of an object whose base type is known."""
    native: type | None
    """The nearest base which keeps something in C that is neither an attribute nor in a slot."""
    is_apart: bool
    """No global name leads to the class: whoever looks at modules does not come by it."""

    def attributes(self, value: Any) -> list[tuple[Any, Any]]:
        """By name, with those that are in slots."""
        pairs = [*dict.items(attributes_of(value, self.descriptor))]
        for name, slot in self.slots:
            try:
                pairs.append((name, slot.__get__(value)))
            except AttributeError:  # nothing was put there
                continue
        return pairs


def kind_of(kind: type, read: Callable[[Any], Iterable[Any]] | None) -> Kind:
    """Of a class."""
    slots = tuple(
        (name, slot)
        for base in mro_of(kind)
        if module_of(base) != "builtins"
        for name, slot in names_of(base).items()
        if type(slot) is MemberDescriptorType and name not in _OFFSETS
    )
    return Kind(kind, qualname_of(kind), found(kind, "__dict__"), slots, read, _native(kind), is_apart(kind))


def _native(kind: type) -> type | None:
    while kind is not object:
        base = _BASE(kind)
        own = sum(type(each) is MemberDescriptorType for each in names_of(kind).values())
        own += _DICT(kind) not in (0, -1) and not _DICT(base)
        own += _WEAK(kind) > 0 and _WEAK(base) <= 0
        if _SIZE(kind) - _SIZE(base) > own * _POINTER:
            return kind
        kind = base
    return None


def is_apart(kind: type) -> bool:
    """Whether its module leads to another one by that name, or to none."""
    if not _FLAGS(kind) & _HEAP or _FLAGS(kind) & _IMMUTABLE:
        return False
    names: Mapping[str, Any] = globals_of(sys.modules.get(module_of(kind)))
    there: Any = None
    for name in qualname_of(kind).split("."):
        there = names.get(name)
        if not issubclass(type(there), type):
            return True
        names = names_of(there)
    return there is not kind
