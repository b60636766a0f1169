"""Every usual way to dump an object shows a half-scrubbed one, whatever part of it runs in C.

A holder has two secret fields, wiped one after the other. The "clean" flag that a crash reporter trusts is set between
the two, so one window leaks the second field. In the fixed twin, scrubber and reporter take one lock.
"""

from __future__ import annotations

import array
import base64
import binascii
import collections
import configparser
import copy
import csv
import ctypes
import dataclasses
import inspect
import io
import json
import logging
import marshal
import pickle
import pprint
import reprlib
import string
import struct
import sys
import textwrap
import threading
import traceback
import types
import urllib.parse
import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any

import attrs
import pytest

from redactfuzz import Race, explore, raw
from redactfuzz.model.verdict import Verdict

GONE = "[removed]"
SIZE = 32


class Plain:
    def __init__(self, first: str, second: str) -> None:
        self.first = first
        self.second = second

    def __str__(self) -> str:
        return self.first + "/" + self.second


class Slotted:
    __slots__ = ("first", "second")

    def __init__(self, first: str, second: str) -> None:
        self.first = first
        self.second = second


@dataclasses.dataclass
class Data:
    first: str
    second: str


@attrs.define
class Attrs:
    first: str
    second: str


Pair = collections.namedtuple("Pair", "first second")


@attrs.frozen
class Idiom:
    """How a holder is made, how a field of it is wiped, how it is dumped."""

    make: Callable[[str, str], Any]
    wipe: Callable[[Any, str], None]
    dump: Callable[[Any], Any]


def wipe_attribute(holder: Any, name: str) -> None:
    setattr(holder, name, GONE)


def wipe_item(holder: Any, name: str) -> None:
    holder[name] = GONE


def wipe_place(holder: Any, name: str) -> None:
    holder[0 if name == "first" else 1] = GONE


def wipe_pair(holder: Any, name: str) -> None:
    holder[0] = holder[0]._replace(**{name: GONE})


def wipe_element(holder: Any, name: str) -> None:
    holder.find(name).text = GONE


def wipe_option(holder: Any, name: str) -> None:
    holder["keys"][name] = GONE


def of(kind: Callable[[str, str], Any], dump: Callable[[Any], Any]) -> Idiom:
    return Idiom(kind, wipe_attribute, dump)


def of_dict(dump: Callable[[Any], Any], kind: Callable[..., Any] = dict) -> Idiom:
    return Idiom(lambda first, second: kind(first=first, second=second), wipe_item, dump)


def of_list(dump: Callable[[Any], Any], kind: Callable[[list[str]], Any] = list) -> Idiom:
    return Idiom(lambda first, second: kind([first, second]), wipe_place, dump)


def of_pair(dump: Callable[[Any], Any]) -> Idiom:
    return Idiom(lambda first, second: [Pair(first, second)], wipe_pair, lambda holder: dump(holder[0]))


def element(first: str, second: str) -> ET.Element:
    root = ET.Element("keys")
    ET.SubElement(root, "first").text = first
    ET.SubElement(root, "second").text = second
    return root


def options(first: str, second: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    parser["keys"] = {"first": first, "second": second}
    return parser


def written(write: Callable[[Any, io.StringIO], Any]) -> Callable[[Any], str]:
    def dump(holder: Any) -> str:
        out = io.StringIO()
        write(holder, out)
        return out.getvalue()

    return dump


def traceback_with_locals(holder: Any) -> str:
    try:
        raise RuntimeError("crash")
    except RuntimeError as error:
        return "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())


def log_message(holder: Any) -> str:
    record = logging.LogRecord("app", logging.ERROR, __file__, 1, "keys %s and %s", tuple(holder), None)
    return record.getMessage()


TEXT_IDIOMS = {
    "dict repr": of_dict(repr),
    "dict str": of_dict(str),
    "list repr": of_list(repr),
    "deque repr": of_list(repr, collections.deque),
    "OrderedDict repr": of_dict(repr, collections.OrderedDict),
    "SimpleNamespace repr": of(lambda a, b: types.SimpleNamespace(first=a, second=b), repr),
    "own __str__": of(Plain, str),
    "f-string": of(Plain, lambda o: f"{o.first} and {o.second}"),
    "f-string !r": of_dict(lambda d: f"state: {d!r}"),
    "{**d}": of_dict(lambda d: {**d}),
    "dict(d)": of_dict(dict),
    "d | {}": of_dict(lambda d: d | {}),
    "dict.values": of_dict(lambda d: list(d.values())),
    "[*l]": of_list(lambda values: [*values]),
    "tuple(l)": of_list(lambda values: repr(tuple(values))),
    "slice": of_list(lambda values: values[:]),
    "join": of_list(",".join),
    "json": of_dict(json.dumps),
    "json with indent": of_dict(lambda d: json.dumps(d, indent=2)),
    "pickle": of_dict(pickle.dumps),
    "pickle of an object": of(Plain, pickle.dumps),
    "marshal": of_dict(marshal.dumps),
    "copy": of_dict(copy.copy),
    "deepcopy": of_dict(copy.deepcopy),
    "deepcopy of an object": of(Plain, lambda o: vars(copy.deepcopy(o))),
    "pprint": of_dict(pprint.pformat),
    "vars": of(Plain, lambda o: dict(vars(o))),
    "live __dict__": of(Plain, lambda o: o.__dict__),
    "inspect.getmembers": of(Plain, lambda o: repr([m for m in inspect.getmembers(o) if not m[0].startswith("_")])),
    "__slots__": of(Slotted, lambda o: {name: getattr(o, name) for name in o.__slots__}),
    "dataclass repr": of(Data, repr),
    "dataclass asdict": of(Data, dataclasses.asdict),
    "attrs repr": of(Attrs, repr),
    "attrs asdict": of(Attrs, attrs.asdict),
    "namedtuple repr": of_pair(repr),
    "namedtuple _asdict": of_pair(lambda pair: pair._asdict()),
    "traceback with locals": of_dict(traceback_with_locals),
    "logging %-args": of_list(log_message),
    "reprlib, which shortens": of_dict(reprlib.repr),
    "string.Template": of_dict(lambda d: string.Template("$first $second").substitute(d)),
    "format_map": of_dict("{first} {second}".format_map),
    "str.format": of(Plain, lambda o: "{0.first} {0.second}".format(o)),  # noqa: UP032 - the idiom under test
    "% of a dict": of_dict(lambda d: "%(first)s %(second)s" % d),  # noqa: UP031 - the idiom under test
    "textwrap": of_list(lambda values: textwrap.fill(" ".join(values), 40)),
    "print": of_list(written(lambda values, out: print(*values, file=out))),
    "csv": of_list(written(lambda values, out: csv.writer(out).writerow(values))),
    "configparser": Idiom(options, wipe_option, written(lambda parser, out: parser.write(out))),
    "urlencode": of_dict(urllib.parse.urlencode),
    "xml": Idiom(element, wipe_element, lambda root: ET.tostring(root, "unicode")),
    "base64": of_list(lambda values: base64.b64encode("".join(values).encode()).decode()),
    "hexlify": of_list(lambda values: binascii.hexlify("".join(values).encode())),
}

BYTES_IDIOMS: dict[str, Callable[[bytearray], Any]] = {
    "bytes(bytearray)": bytes,
    "bytearray slice": lambda buffer: bytes(buffer[:]),
    "bytearray repr": repr,
    "memoryview": lambda buffer: memoryview(buffer).tobytes(),
    "memoryview hex": lambda buffer: memoryview(buffer).hex(),
    "ctypes string_at": lambda buffer: ctypes.string_at(
        ctypes.addressof((ctypes.c_char * len(buffer)).from_buffer(buffer)), len(buffer)
    ),
    "array": lambda buffer: array.array("B", buffer).tobytes(),
    "struct": lambda buffer: struct.pack(f"{len(buffer)}s", bytes(buffer)),
}


class Gate:
    """What the crash reporter asks before it trusts the holder."""

    def __init__(self) -> None:
        self.clean = False
        self.lock = threading.Lock()

    def open(self) -> None:
        self.clean = True


def run_threads(race: Race, gate: Gate, scrub: Callable[[], None], dump: Callable[[], Any], locked: bool) -> None:
    """The twins differ by the lock alone."""

    def locked_scrub() -> None:
        with gate.lock:
            scrub()

    def report() -> Any:
        return dump() if gate.clean else None

    def locked_report() -> Any:
        with gate.lock:
            return report()

    race.thread(race.redactor(locked_scrub if locked else scrub, bypass=gate.open), name="scrubber")
    race.crash(locked_report if locked else report)


def text_case(idiom: Idiom, locked: bool) -> Callable[[Race], None]:
    def half_scrubbed(race: Race) -> None:
        gate = Gate()
        holder = idiom.make(race.canary("first").text, race.canary("second").text)

        def scrub() -> None:
            idiom.wipe(holder, "first")
            gate.open()
            idiom.wipe(holder, "second")

        run_threads(race, gate, scrub, lambda: idiom.dump(holder), locked)

    return half_scrubbed


def bytes_case(dump: Callable[[bytearray], Any], locked: bool) -> Callable[[Race], None]:
    def half_scrubbed(race: Race) -> None:
        gate = Gate()
        buffer = bytearray(2 * SIZE)
        with memoryview(buffer) as view:
            race.canary("first", raw(SIZE)).write_into(view[:SIZE])
            race.canary("second", raw(SIZE)).write_into(view[SIZE:])

        def scrub() -> None:
            buffer[:SIZE] = bytes(SIZE)
            gate.open()
            buffer[SIZE:] = bytes(SIZE)

        run_threads(race, gate, scrub, lambda: dump(buffer), locked)

    return half_scrubbed


def frames_case(locked: bool) -> Callable[[Race], None]:
    """The secrets are locals of the scrubbing thread, and the reporter reads every thread's frames."""

    def half_scrubbed(race: Race) -> None:
        gate = Gate()
        box = [race.canary("first").text, race.canary("second").text]

        def wipe_locals() -> None:
            second, first = box.pop(), box.pop()
            first = GONE
            gate.open()
            second = GONE
            gate.open()  # keeps the frame, and what it holds, in sight for one more call
            del first, second

        def pretend() -> None:
            second, first = box.pop(), box.pop()
            gate.open()
            gate.open()
            del first, second

        def report() -> Any:
            if not gate.clean:
                return None
            found = []
            for newest in sys._current_frames().values():
                frame: types.FrameType | None = newest
                while frame is not None:
                    if frame.f_code.co_name in ("wipe_locals", "pretend"):
                        found.append(repr(dict(frame.f_locals)))
                    frame = frame.f_back
            return "\n".join(["frames:", *found])

        def locked_wipe() -> None:
            with gate.lock:
                wipe_locals()

        def locked_report() -> Any:
            with gate.lock:
                return report()

        race.thread(race.redactor(locked_wipe if locked else wipe_locals, bypass=pretend), name="scrubber")
        race.crash(locked_report if locked else report)

    return half_scrubbed


CASES: dict[str, Callable[[bool], Callable[[Race], None]]] = {
    **{name: lambda locked, idiom=idiom: text_case(idiom, locked) for name, idiom in TEXT_IDIOMS.items()},
    **{name: lambda locked, dump=dump: bytes_case(dump, locked) for name, dump in BYTES_IDIOMS.items()},
    "sys._current_frames": frames_case,
}


def test_the_matrix_has_at_least_31_idioms() -> None:
    assert len(CASES) >= 31
    assert set(CASES) > EVERYWHERE


@pytest.mark.parametrize("name", CASES)
def test_a_half_scrubbed_object_leaks_within_50_executions(name: str) -> None:
    report = explore(CASES[name](False), executions=50, seconds=60, seed=1)
    assert report.verdict is Verdict.LEAK, report.reason
    assert report.finding is not None
    assert {leak.canary for leak in report.finding.leaks} == {"second"}
    assert report.first_leak_execution is not None
    assert report.first_leak_execution <= 50


EVERYWHERE = {
    "dict repr",
    "own __str__",
    "f-string !r",
    "json with indent",
    "pickle of an object",
    "deepcopy of an object",
    "dataclass asdict",
    "namedtuple repr",
    "traceback with locals",
    "logging %-args",
    "memoryview",
    "ctypes string_at",
    "sys._current_frames",
}
"""Whose twins are not accused on any interpreter: Python, C that calls Python, C alone, buffers, frames."""


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in EVERYWHERE else pytest.mark.once) for name in CASES]
)
def test_a_locked_snapshot_is_not_accused(name: str) -> None:
    report = explore(CASES[name](True), executions=100, seconds=60, seed=1)
    assert report.verdict in (Verdict.PROVED, Verdict.NO_LEAK_FOUND), report.reason
