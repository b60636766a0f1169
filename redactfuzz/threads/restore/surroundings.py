"""What belongs to the process and not to a module: after an execution it is as it was before."""

from __future__ import annotations

import contextlib
import gc
import locale
import os
import resource
import socket
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from redactfuzz.threads import _hooks

_SETTINGS: tuple[tuple[Callable[[], Any], Callable[[Any], object]], ...] = (
    (sys.getrecursionlimit, sys.setrecursionlimit),
    (os.geteuid, os.seteuid),
    (os.getegid, os.setegid),
    (sys.getswitchinterval, sys.setswitchinterval),
    (sys.get_int_max_str_digits, sys.set_int_max_str_digits),
    (gc.get_threshold, lambda each: gc.set_threshold(*each)),
    (socket.getdefaulttimeout, socket.setdefaulttimeout),
    (lambda: locale.setlocale(locale.LC_ALL), lambda name: locale.setlocale(locale.LC_ALL, name)),
)
_LIMITS = tuple(value for name, value in sorted(vars(resource).items()) if name.startswith("RLIMIT_"))
_DATA: dict[bytes, bytes] = vars(os.environ)["_data"]
"""What ``os.environ`` holds: a copy of that costs a fiftieth of one of ``os.environ``."""
_HOOKS = ("excepthook", "unraisablehook", "displayhook")
_LISTS: tuple[tuple[Any, str], ...] = (
    (sys, "path"),
    (sys, "argv"),
    (sys, "path_hooks"),
    (sys, "meta_path"),
    (warnings, "filters"),
    (gc, "callbacks"),
)


_led_to: list[str] = []


@contextlib.contextmanager
def beginning_in(folder: str) -> Iterator[None]:
    """As long as it lasts executions begin in this folder: where the import of a scenario's file has led the process.

    We go back to where we were started: our own files are named from there.
    """
    _led_to.append(folder)
    try:
        yield
    finally:
        _led_to.pop()


def begin() -> None:
    """Goes to the folder that an execution begins in."""
    for folder in _led_to[-1:]:
        with contextlib.suppress(OSError):  # it is gone: then the scenario finds nothing there
            os.chdir(folder)


@contextlib.contextmanager
def put_back() -> Iterator[None]:
    """The working directory, the environment, limits, lists of ``sys`` and the like, afterwards as they are now.

    Handlers of signals need none of it: Python sets them in the interpreter's main thread, where no scenario runs.
    """
    folder = _folder()
    environment, umask = _DATA.copy(), _umask()
    limits = [(each, resource.getrlimit(each)) for each in _LIMITS]
    settings = [(read(), change, read) for read, change in _SETTINGS]
    hooks = [(name, getattr(sys, name)) for name in _HOOKS]
    lists = [(owner, name, held := getattr(owner, name), list(held)) for owner, name in _LISTS]
    begin()
    try:
        yield
    finally:
        for each, limit in limits:  # first of all: we need files ourselves
            if resource.getrlimit(each) != limit:
                with contextlib.suppress(OSError, ValueError):  # only the superuser raises what was lowered for good
                    resource.setrlimit(each, limit)
        for before, change, read in settings:
            if read() != before:
                with contextlib.suppress(OSError):  # it may be beyond its rights now
                    change(before)
        for name, hook in hooks:
            setattr(sys, name, hook)
        for owner, name, held, inside in lists:
            if held != inside:
                held[:] = inside
            if getattr(owner, name) is not held:
                setattr(owner, name, held)
        if environment != _DATA:
            _restore(environment)
        os.umask(umask)
        if folder >= 0:
            with contextlib.suppress(OSError):  # it may be gone, and was then before
                os.fchdir(folder)
            os.close(_hooks.disown(folder))


def _folder() -> int:
    try:
        return _hooks.own(os.open(".", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC))
    except OSError:
        return -1


def _umask() -> int:
    umask = os.umask(0o077)
    os.umask(umask)
    return umask


def _restore(environment: dict[bytes, bytes]) -> None:
    zone = _DATA.get(b"TZ")
    for name in _DATA.keys() - environment.keys():
        del os.environb[name]
    for name, value in environment.items():
        if _DATA.get(name) != value:
            os.environb[name] = value
    if _DATA.get(b"TZ") != zone:
        time.tzset()
