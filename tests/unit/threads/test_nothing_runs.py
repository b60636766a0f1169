"""A look at what modules keep runs nothing of the program, which may wait there for a lock that is held for ever."""

from __future__ import annotations

import collections
import decimal
import gc
import io
import itertools
import queue
import sys
import threading
import types
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from redactfuzz.threads.restore import carried

RUN: list[str] = []
_METHODS = (
    "__getattribute__ __getattr__ __iter__ __len__ __getitem__ __contains__ __reversed__ __hash__ __eq__ __lt__ "
    "__bool__ __repr__ __str__ __format__ __index__ __int__ __float__ __complex__ __bytes__ __call__ __reduce__ "
    "__reduce_ex__ __getstate__ __getnewargs__ __getnewargs_ex__ __copy__ __deepcopy__ __length_hint__ __fspath__ "
    "__buffer__ __instancecheck__ __subclasscheck__ __sizeof__ __dir__ items keys values get qsize locked getvalue "
    "fileno closed as_tuple isoformat copy digest hexdigest cache_info"
)


def _runs(name: str) -> Callable[..., Any]:
    def method(*args: Any, **kwargs: Any) -> Any:
        RUN.append(name)
        raise PermissionError(name)

    return method


def _telling(*bases: type) -> Any:
    """A class that tells of each method of it that is run, and of each property."""
    names: dict[str, Any] = {name: _runs(name) for name in _METHODS.split()}
    names |= {name: property(_runs(name)) for name in ("__dict__", "__class__", "closed")}
    return type("Telling", bases, names)


class Telling(type):
    """Tells of what is asked of its classes."""

    for _name in ("__getattribute__", "__getattr__", "__hash__", "__eq__", "__instancecheck__", "__subclasscheck__"):
        locals()[_name] = _runs(_name)
    del _name


class Raw(io.RawIOBase):
    """A file of the program."""

    closed = property(_runs("closed"))

    def readable(self) -> bool:
        """That it may be put into a reader."""
        return True


class Indexed:
    """What `iter` goes through by numbers."""

    __getitem__ = _runs("__getitem__")
    __len__ = _runs("__len__")


class PerThread(threading.local):
    """Is made anew in each thread."""

    def __init__(self) -> None:
        RUN.append("__init__")


OBJECTS: dict[str, Callable[[], Any]] = {
    "object": lambda: _telling(),
    "mapping": lambda: _telling(collections.abc.Mapping),
    "sequence": lambda: _telling(collections.abc.Sequence),
    "set of the program": lambda: _telling(collections.abc.Set),
    "user dict": lambda: _telling(collections.UserDict),
    "exception": lambda: _telling(ValueError),
    **{
        f"{base.__module__}.{base.__qualname__}": lambda base=base: _telling(base)
        for base in (
            *(dict, list, tuple, set, frozenset, str, bytes, bytearray, int, float, complex, property),
            *(collections.OrderedDict, collections.deque, collections.defaultdict, queue.Queue, queue.SimpleQueue),
            *(io.StringIO, io.BytesIO, decimal.Decimal, itertools.count),
        )
    },
}
ROUND_ONE: dict[str, Callable[[Any], Any]] = {
    "a list": lambda one: [one],
    "an iterator": lambda one: map(str, iter([one])),
    "a repetition": lambda one: itertools.repeat(one),
    "a weak proxy": lambda one: weakref.proxy(one),
    "a view": lambda one: types.MappingProxyType({"one": one}),
    "a bound method": lambda one: types.MethodType(len, one),
    "a module": lambda one: vars(module := types.ModuleType("one")).update(one=one) or module,
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The module of a scenario."""
    module = types.ModuleType("nothing_runs")
    vars(module)["__file__"] = str(tmp_path / "nothing_runs.py")
    monkeypatch.setitem(sys.modules, "nothing_runs", module)
    exec("def body(race): pass", vars(module))
    yield module
    vars(module).clear()
    gc.collect()  # what ends with a file of the program runs its methods, and not in the next test


def _looked_at(here: Any) -> list[str]:
    RUN.clear()
    found = carried.states(here.body, near=True)
    assert "nothing_runs.ONE" in found
    return list(RUN)


@pytest.mark.parametrize("kind", OBJECTS)
def test_no_method_of_an_object_is_run(kind: str, here: Any) -> None:
    of = OBJECTS[kind]()
    here.ONE = [object.__new__(of)] if kind == "object" else [next(_made(of))]
    assert _looked_at(here) == []


def _made(of: Any) -> Iterator[Any]:
    """Without what it has as ``__init__``."""
    for base in of.__mro__[1:]:
        if base.__new__ is not object.__new__:
            yield base.__new__(of)
    yield object.__new__(of)


@pytest.mark.parametrize("around", ROUND_ONE)
def test_no_method_is_run_of_what_others_hold(around: str, here: Any) -> None:
    kept = object.__new__(_telling())
    here.ONE = ROUND_ONE[around](kept)
    assert _looked_at(here) == []


def test_no_metaclass_is_asked(here: Any) -> None:
    here.ONE = type.__call__(Telling, "Told", (), {})
    here.TWO = object.__new__(here.ONE)
    assert _looked_at(here) == []


def test_a_reader_does_not_ask_what_it_reads_from(here: Any) -> None:
    here.ONE = [io.BufferedReader(Raw()), io.TextIOWrapper(io.BufferedReader(Raw()))]
    assert _looked_at(here) == []


def test_an_iterator_does_not_ask_what_it_goes_through(here: Any) -> None:
    here.ONE = [iter(Indexed()), enumerate(iter(Indexed()))]
    assert _looked_at(here) == []


def test_what_threads_keep_is_not_made_anew_in_the_thread_that_looks(here: Any) -> None:
    here.ONE = PerThread()
    found: list[str] = []
    thread = threading.Thread(target=lambda: found.extend(_looked_at(here)))
    thread.start()
    thread.join()
    assert found == []


def test_a_module_with_a_getattr_is_not_asked(here: Any) -> None:
    here.ONE = 1
    here.__getattr__ = _runs("__getattr__")
    here.other = other = types.ModuleType("other")
    vars(other)["__getattr__"] = _runs("__getattr__")
    assert _looked_at(here) == []
