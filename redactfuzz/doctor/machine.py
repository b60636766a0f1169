"""What probes ask of a machine; and the one we run on, which answers by looking and changes nothing."""

from __future__ import annotations

import importlib
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path
from typing import Protocol

import attrs

SECONDS = 5.0
"""After which a command that is asked something is ended."""
_MOST = 1 << 16
"""Bytes of a file, or of what a command says, that are read."""


@attrs.frozen
class Python:
    """The interpreter that runs us."""

    implementation: str
    version: tuple[int, int, int]
    flags: str
    """``t``: built without the interpreter lock."""


@attrs.frozen
class Space:
    """The file system that a folder lies on."""

    bytes: int
    files: int
    """That can be made; -1 where the file system does not count them."""
    executes: bool
    """Programs in it may be run (it is not mounted with noexec)."""


class Machine(Protocol):
    """What is asked. Nothing raises: what is not there is None, empty or False."""

    python: Python

    def text(self, path: str) -> str | None:
        """The beginning of a file."""

    def which(self, name: str) -> str | None:
        """Where a command is."""

    def said(self, *command: str) -> str | None:
        """What a command writes to both streams; None where it is not there, fails, or says nothing in ``SECONDS``."""

    def variable(self, name: str) -> str:
        """Of the environment."""

    def version(self, package: str) -> str | None:
        """Of an installed distribution."""

    def loads(self, module: str) -> str:
        """Why a module cannot be imported; empty where it can."""

    def limit(self, name: str) -> tuple[int, int]:
        """Soft and hard limit (``NOFILE``, ``NPROC``, ...); -1: none."""

    def folder(self, name: str) -> str:
        """The path of ``working``, ``temporary`` or ``cache``; empty where there is none."""

    def writable(self, path: str) -> bool:
        """Whether we may make files in a folder, or in what would hold it."""

    def space(self, path: str) -> Space | None:
        """Of the file system that a folder lies on, or would."""

    def processors(self) -> tuple[int, int]:
        """(that the machine has, that we may use)."""

    def holds(self) -> tuple[bool, bool]:
        """What Landlock keeps scenarios from: (files of others, signals to others)."""


class ThisMachine:
    """The one we run on."""

    def __init__(self) -> None:
        self.python = Python(sys.implementation.name, sys.version_info[:3], sys.abiflags)

    def text(self, path: str) -> str | None:
        """The beginning of a file; a pipe that nobody writes to is none."""
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            return os.read(descriptor, _MOST).decode("utf-8", "replace")
        except OSError:
            return None
        finally:
            os.close(descriptor)

    def which(self, name: str) -> str | None:
        """Where a command is on the path."""
        return shutil.which(name)

    def said(self, *command: str) -> str | None:
        """What a command says; with all that it started it is ended in time."""
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env={**os.environ, "LC_ALL": "C.UTF-8"},
                start_new_session=True,
            )
        except (OSError, ValueError):
            return None
        with process:
            try:
                output, _ = process.communicate(timeout=SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                return None
        return output[:_MOST].decode("utf-8", "replace") if process.returncode == 0 else None

    def variable(self, name: str) -> str:
        """Of the environment."""
        return os.environ.get(name, "")

    def version(self, package: str) -> str | None:
        """Of an installed distribution."""
        try:
            return metadata.version(package)
        except metadata.PackageNotFoundError:
            return None

    def loads(self, module: str) -> str:
        """Imports it."""
        try:
            importlib.import_module(module)
        except Exception as error:  # whatever it is: it does not load
            return f"{type(error).__name__}: {error}".splitlines()[0]
        return ""

    def limit(self, name: str) -> tuple[int, int]:
        """Of this process."""
        return resource.getrlimit(getattr(resource, f"RLIMIT_{name}"))

    def folder(self, name: str) -> str:
        """As the rest of redactfuzz chooses it."""
        try:
            if name == "working":
                return str(Path.cwd())
            if name == "temporary":
                return tempfile.gettempdir()
        except OSError:
            return ""
        home = self.variable("XDG_CACHE_HOME")
        below = f"{self.variable('HOME')}/.cache" if self.variable("HOME").startswith("/") else ""
        cache = home if home.startswith("/") else below
        return f"{cache}/redactfuzz" if cache else ""

    def writable(self, path: str) -> bool:
        """By the kernel's own word, without making anything."""
        return os.access(_there(path), os.W_OK | os.X_OK)

    def space(self, path: str) -> Space | None:
        """By statvfs(3)."""
        try:
            told = os.statvfs(_there(path))
        except OSError:
            return None
        return Space(
            told.f_bavail * told.f_frsize, told.f_favail if told.f_files else -1, not told.f_flag & os.ST_NOEXEC
        )

    def processors(self) -> tuple[int, int]:
        """By the mask of this process."""
        return os.cpu_count() or 1, len(os.sched_getaffinity(0))

    def holds(self) -> tuple[bool, bool]:
        """As the runtime asks the kernel."""
        try:
            from redactfuzz.threads import _hooks
        except ImportError:
            return False, False
        bits = _hooks.holds()
        return bool(bits & _hooks.HOLDS_FILES), bool(bits & _hooks.HOLDS_SIGNALS)


def _there(path: str) -> Path:
    """The folder, or the nearest above it that is there."""
    whole = Path(path)
    return next((each for each in (whole, *whole.parents) if each.is_dir()), whole)
