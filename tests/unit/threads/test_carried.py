"""What an execution leaves in a module of the program is noticed, wherever it lies; what is as before is not."""

from __future__ import annotations

import builtins
import decimal
import functools
import hashlib
import http.client
import io
import itertools
import json
import logging
import queue
import re
import sys
import threading
import types
import weakref
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from redactfuzz.threads.process.child import Answer, in_child
from redactfuzz.threads.restore import carried

_SOURCE = """
import abc, collections, contextvars, ctypes, decimal, functools, http.client, io, itertools, json, logging, queue
import sqlite3, string, threading, types, zlib
import _cffi_backend
import {other}
from datetime import date, datetime

COUNT = itertools.count()
PASSES = (number for number in range(9))
__state__ = []
ITEMS = iter([1, 2, 3])

class Outer:
    class Inner:
        used = 0

def made():
    class Local:
        used = 0
    return Local()

LOCAL = made()

class Closed:
    def __getattribute__(self, name):
        raise PermissionError(name)

CLOSED = Closed()

def without_a_name(source):
    module = types.ModuleType("is_not_in_sys_modules")
    exec(source, vars(module))
    return module

PLUGIN = without_a_name("SEEN = []")
PUT = without_a_name("SEEN = []\\ndef put(): SEEN.append(1)").put

@functools.cache
def settings():
    return {{"mask": False}}

@functools.lru_cache(maxsize=4)
def bounded(key):
    return [key]

settings()
bounded("a")
bounded("b")

class Audit(io.StringIO):
    pass

class Line(queue.SimpleQueue):
    pass

class Stamp(datetime):
    pass

class Amount(decimal.Decimal):
    pass

class Hidden:
    __dict__ = property(lambda self: {{}})

AUDIT, LINE, STAMP, AMOUNT, HIDDEN = Audit(), Line(), Stamp(2020, 1, 1), Amount(1), Hidden()
TABLE = {{"kind": type("Made", (), {{"on": False}})}}
MADE_KINDS = [type("Made", (), {{"on": False}})]
LEVEL, ZERO = -1, 0.0
CONFIG = types.SimpleNamespace(level=-1)
SHOWN = types.MappingProxyType(BEHIND := {{}})
PER_THREAD = threading.local()
COMPRESSOR, FOREIGN = zlib.compressobj(), _cffi_backend.FFI()

def nested(depth):
    innermost = inside = []
    for _ in range(depth):
        inside = [types.SimpleNamespace(inside=inside)]
    return inside, innermost

DEEP, INNERMOST = nested(10)
DEEPER = nested(300)
del INNERMOST

def innermost(inside):
    while inside:
        inside = inside[0].inside
    return inside

ruled = eval("lambda name: name in (1, 0)")

def plain(text):
    return text

def masked(text):
    return "***"

class Empty:
    pass

class Slotted:
    __slots__ = ("__on",)

    def turn_on(self):
        self.__on = True

class Base:
    pass

class Other:
    pass

class Key(Base):
    def __repr__(self):
        return "key"

    shown = property(plain)

HOOK = plain
HOOKS = [lambda text: text]
PARTIAL = functools.partial(plain)
KINDS = {{"kind": Empty}}
SLOTTED = Slotted()
ORDERED = collections.OrderedDict(a=1, b=2)
CACHED = functools.lru_cache(maxsize=1)(len)
CACHED("a")
QUEUE = queue.SimpleQueue()
STREAM = io.StringIO()
DAY = date(2026, 1, 1)
LOCK = threading.Lock()
BOUND = [].append
DATABASE = sqlite3.connect(":memory:")
DATABASE.execute("CREATE TABLE masked (name)")
VARIABLE = contextvars.ContextVar("VARIABLE")
CONTEXT = contextvars.Context()
ERROR = ValueError("on")
POINTER = ctypes.pointer(ctypes.c_int(0))

class Structure(ctypes.Structure):
    _fields_ = [("on", ctypes.c_int)]

STRUCTURE = Structure()

class Sensitive(abc.ABC):
    pass

def body(race):
    pass
"""
LEAVES: dict[str, Callable[[Any, Any], object]] = {
    "nothing": lambda here, other: None,
    "nothing but a look into a cache": lambda here, other: here.bounded("a"),
    "a counter": lambda here, other: next(here.COUNT),
    "a generator": lambda here, other: next(here.PASSES),
    "an iterator": lambda here, other: next(here.ITEMS),
    "a name with underscores": lambda here, other: here.__state__.append(1),
    "a class in a class": lambda here, other: setattr(here.Outer.Inner, "used", 1),
    "the class of an object, which has no name": lambda here, other: setattr(type(here.LOCAL), "used", 1),
    "another module": lambda here, other: other.SEEN.append(1),
    "a function": lambda here, other: setattr(here, "HOOK", here.masked),
    "a function in a list": lambda here, other: here.HOOKS.__setitem__(0, lambda text: "***"),
    "what is called with arguments": lambda here, other: setattr(here, "PARTIAL", here.functools.partial(here.masked)),
    "what lets nobody look into it": lambda here, other: object.__setattr__(here.CLOSED, "on", True),
    "what cannot be looked into": lambda here, other: setattr(here, "COMPRESSOR", here.zlib.compressobj()),
    "an object of an extension": lambda here, other: setattr(here, "FOREIGN", type(here.FOREIGN)()),
    "what a property hides": lambda here, other: setattr(here.HIDDEN, "on", True),
    "a class": lambda here, other: here.KINDS.update(kind=here.Key),
    "the first attribute of a class": lambda here, other: setattr(here.Empty, "masks", True),
    "a method with underscores": lambda here, other: setattr(here.Key, "__repr__", here.masked),
    "a base of a class": lambda here, other: setattr(here.Key, "__bases__", (here.Other,)),
    "a property": lambda here, other: setattr(here.Key, "shown", property(here.masked)),
    "a private slot": lambda here, other: here.SLOTTED.turn_on(),
    "the order of a dict": lambda here, other: here.ORDERED.move_to_end("a"),
    "another entry of a cache": lambda here, other: here.CACHED("bc"),
    "what a cache holds": lambda here, other: here.settings().update(mask=True),
    "what a cache with a limit holds": lambda here, other: here.bounded("a").append(1),
    "a module that is not in sys.modules": lambda here, other: here.PLUGIN.SEEN.append(1),
    "what a function of such a module names": lambda here, other: here.PUT(),
    "a stream whose class is the program's": lambda here, other: here.AUDIT.write("x"),
    "a queue whose class is the program's": lambda here, other: here.LINE.put(1),
    "a date whose class is the program's": lambda here, other: setattr(here, "STAMP", here.Stamp(2021, 1, 1)),
    "a number whose class is the program's": lambda here, other: setattr(here, "AMOUNT", here.Amount(2)),
    "a class in a dict": lambda here, other: setattr(here.TABLE["kind"], "on", True),
    "a class in a list": lambda here, other: setattr(here.MADE_KINDS[0], "on", True),
    "-1 that is -2": lambda here, other: setattr(here, "LEVEL", -2),
    "-1 that is -2 in an attribute": lambda here, other: setattr(here.CONFIG, "level", -2),
    "zero below zero": lambda here, other: setattr(here, "ZERO", -0.0),
    "what lies deep": lambda here, other: here.innermost(here.DEEP).append(1),
    "what lies deeper than the stack": lambda here, other: here.innermost(here.DEEPER[0]).append(1),
    "what is shown as it cannot be written": lambda here, other: here.BEHIND.update(on=True),
    "what a thread keeps": lambda here, other: setattr(here.PER_THREAD, "on", True),
    "a queue in C": lambda here, other: here.QUEUE.put(1),
    "a stream in memory": lambda here, other: here.STREAM.write("x"),
    "a date": lambda here, other: setattr(here, "DAY", here.date(2026, 1, 2)),
    "a lock that is held": lambda here, other: here.LOCK.acquire(),
    "what a method of a list is bound to": lambda here, other: here.BOUND(1),
    "a row of a database in memory": lambda here, other: here.DATABASE.execute("INSERT INTO masked VALUES (1)"),
    "a variable of a context": lambda here, other: here.CONTEXT.run(here.VARIABLE.set, True),
    "what an exception says": lambda here, other: setattr(here.ERROR, "args", ("off",)),
    "where a pointer leads": lambda here, other: setattr(here, "POINTER", here.ctypes.pointer(here.ctypes.c_int(1))),
    "a structure of C": lambda here, other: setattr(here.STRUCTURE, "on", 1),
    "a class that another is registered with": lambda here, other: here.Sensitive.register(here.Key),
    "a builtin function": lambda here, other: setattr(builtins, "ascii", here.masked),
    "a name that every module sees": lambda here, other: setattr(builtins, "left_by_a_test", 1),
    "a name in sys": lambda here, other: setattr(sys, "left_by_a_test", 1),
    "a setting of sys": lambda here, other: setattr(sys, "tracebacklimit", 0),
    "a function with another tuple": lambda here, other: setattr(here, "ruled", eval("lambda name: name in (0, 1)")),
    "a level of the log": lambda here, other: logging.addLevelName(77, "SECRET"),
    "a factory of log records": lambda here, other: logging.setLogRecordFactory(here.masked),
    "the class of loggers": lambda here, other: logging.setLoggerClass(type("Masking", (logging.Logger,), {})),
    "what is logged at all": lambda here, other: logging.disable(logging.INFO),
    "a method of a class of the library": lambda here, other: setattr(json.JSONEncoder, "default", here.masked),
    "an attribute of a class of the library": lambda here, other: setattr(http.client.HTTPConnection, "debuglevel", 7),
    "an object of the library": lambda here, other: setattr(decimal.DefaultContext, "prec", 5),
    "a module of the standard library": lambda here, other: setattr(here.string, "left_by_a_test", 1),
}


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Any, Any]]:
    """That of a scenario, and the one that it imports from."""
    put_back: list[tuple[Any, str]] = [(logging, "_logRecordFactory"), (logging, "_loggerClass")]
    put_back += [(logging.root.manager, "disable"), (json.JSONEncoder, "default"), (decimal.DefaultContext, "prec")]
    put_back += [(http.client.HTTPConnection, "debuglevel"), (builtins, "ascii")]
    monkeypatch.setattr(logging, "_levelToName", dict(vars(logging)["_levelToName"]))
    monkeypatch.setattr(logging, "_nameToLevel", dict(vars(logging)["_nameToLevel"]))
    for owner, attribute in put_back:
        monkeypatch.setattr(owner, attribute, getattr(owner, attribute))
    names = (f"carried_{number}" for number in itertools.count() if f"carried_{number}" not in sys.modules)
    found = []
    for name, source in ((next(names) + "_other", "SEEN = []"), (next(names), "")):
        module = types.ModuleType(name)
        module.__file__ = str(tmp_path / f"{name}.py")
        monkeypatch.setitem(sys.modules, name, module)
        exec(source or _SOURCE.format(other=found[0].__name__), vars(module))
        found.append(module)
    yield found[1], found[0]
    found[1].DATABASE.close()
    for owner in (found[1].string, builtins, sys):
        vars(owner).pop("left_by_a_test", None)
    vars(sys).pop("tracebacklimit", None)


@pytest.mark.parametrize("left", LEAVES)
def test_what_is_left_is_noticed(left: str, modules: tuple[Any, Any]) -> None:
    here, other = modules
    before = carried.states(here.body, near=True)
    LEAVES[left](here, other)
    assert bool(carried.changed(before, carried.states(here.body, near=True))) is not left.startswith("nothing")


class Audit(io.StringIO):
    """A stream of the program."""


class Line(queue.SimpleQueue[Any]):
    """A queue of the program."""


class Stamp(datetime):
    """A date of the program."""


class Closed:
    """Lets nobody look into it."""

    def __getattribute__(self, name: str) -> Any:
        raise PermissionError(name)


def _without_a_name() -> types.ModuleType:
    module = types.ModuleType("is_not_in_sys_modules")
    exec("SEEN = []\ndef put(): SEEN.append(1)", vars(module))
    return module


def _filled() -> Any:
    cache = functools.lru_cache(maxsize=4)(lambda key: [key])
    cache("a"), cache("b")
    return cache


def _nested() -> list[Any]:
    inside: list[Any] = []
    for _ in range(300):
        inside = [SimpleNamespace(inside=inside)]
    return inside


MADE: dict[str, Callable[[], object]] = {
    "lock": threading.Lock,
    "lock that its holder may take again": threading.RLock,
    "condition": threading.Condition,
    "event": threading.Event,
    "queue": queue.Queue,
    "queue in C": queue.SimpleQueue,
    "stream": io.StringIO,
    "pattern": lambda: re.compile("a+"),
    "date": lambda: date(2026, 1, 1),
    "hash": lambda: hashlib.sha256(b"a"),
    "list of functions": lambda: [lambda text: text],
    "stream of the program": Audit,
    "queue of the program": Line,
    "date of the program": lambda: Stamp(2026, 1, 1),
    "amount": lambda: decimal.Decimal("1.5"),
    "object that lets nobody look into it": Closed,
    "module that is not in sys.modules": _without_a_name,
    "function of such a module": lambda: _without_a_name().put,
    "cache with entries": _filled,
    "class": lambda: type("Made", (), {"on": False}),
    "object of a class that was made for it": lambda: type("Made", (), {"on": False})(),
    "what lies deep": _nested,
    "set of objects": lambda: {SimpleNamespace, *map(frozenset, "abc"), Stamp(2026, 1, 1)},
    "attributes of a thread": threading.local,
    "view": lambda: types.MappingProxyType({"a": [1]}),
    "weak table": weakref.WeakKeyDictionary,
    "not a number": lambda: float("nan"),
    "object with a lock": lambda: SimpleNamespace(lock=threading.RLock(), entries={}),
}


@pytest.mark.parametrize("made", MADE)
def test_what_each_execution_makes_anew_and_alike_is_nothing(made: str, modules: tuple[Any, Any]) -> None:
    here, _ = modules
    here.MADE = MADE[made]()
    before = carried.states(here.body, near=True)
    kept, here.MADE = here.MADE, MADE[made]()
    assert here.MADE is not kept or made == "pattern"  # that one is cached
    assert carried.changed(before, carried.states(here.body, near=True)) == []


def test_what_is_too_much_to_be_looked_at_does_not_count_as_unchanged(modules: tuple[Any, Any]) -> None:
    here, _ = modules
    here.MANY = [[] for _ in range(100_001)]
    before = carried.states(here.body, near=True)
    here.MANY[-1].append(1)
    assert carried.changed(before, carried.states(here.body, near=True)) == [
        f"{here.__name__}.(more than can be looked at)"
    ]


def test_nor_does_it_where_another_process_has_looked_at_it_first(modules: tuple[Any, Any]) -> None:
    here, _ = modules
    here.MANY = [[] for _ in range(100_001)]
    before = in_child(lambda: carried.states(here.body, near=True), 60.0)
    assert isinstance(before, Answer)
    assert carried.changed(before.value, carried.states(here.body, near=True)) == [
        f"{here.__name__}.(more than can be looked at)"
    ]
