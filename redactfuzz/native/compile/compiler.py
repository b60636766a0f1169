"""The user's compiler and what belongs to it, and how each is run."""

from __future__ import annotations

import functools
import hashlib
import os
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import attrs

SECONDS = 300.0
"""A compiler that is not done by then is ended."""
C_SUFFIXES = frozenset({".c"})
CXX_SUFFIXES = frozenset({".cc", ".cpp", ".cxx", ".C"})
SUFFIXES = C_SUFFIXES | CXX_SUFFIXES


class BuildError(Exception):
    """A program that could not be built. The message says why; ``detail`` is what the compiler said, unchanged."""

    def __init__(self, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.detail = detail


@attrs.frozen
class Toolchain:
    """Commands, each with the arguments that always come first."""

    cc: tuple[str, ...]
    cxx: tuple[str, ...]
    objcopy: str
    nm: str
    objdump: str

    def compiler_of(self, source: Path) -> tuple[str, ...]:
        """Which of the two compiles a file, by its suffix. Raises BuildError where there is none."""
        if source.suffix in CXX_SUFFIXES:
            return _there(self.cxx, "C++", "CXX")
        return _there(self.cc, "C", "CC")

    def is_gcc(self, source: Path) -> bool:
        """Whether gcc compiles a file, which writes what it made of each function."""
        return "clang" not in _version(self.compiler_of(source))

    def hooks(self, source: Path) -> tuple[str, ...]:
        """Options by which the compiler of a file leaves no hook out that it would by itself."""
        return () if self.is_gcc(source) else _understood(self.compiler_of(source))

    @functools.cached_property
    def version(self) -> str:
        """What the compilers say they are: another version is another program."""
        return " | ".join(_version(command) for command in (self.cc, self.cxx) if command)

    @property
    def words(self) -> str:
        """What is built by: the versions, and the commands with their arguments, which are options like all others."""
        commands = [command for command in (self.cc, self.cxx) if command]
        scripts = (_script(command[0]) for command in commands)
        return " | ".join([self.version, *map(shlex.join, commands), *filter(None, scripts)])

    @functools.cached_property
    def machine(self) -> str:
        """The processor that programs are built for, as the compiler names it: ``x86_64``, ``aarch64``, ..."""
        command = self.cc or self.cxx
        return ran([*command, "-dumpmachine"], f"{command[0]} does not tell its machine").partition("-")[0].strip()

    @property
    def name(self) -> str:
        """The C compiler in one line, for certificates."""
        return _version(self.cc).splitlines()[0] if self.cc else ""


def _script(command: str) -> str:
    """The hash of a compiler that is a script: what it adds is an option like all others. Empty for any other one."""
    try:
        with Path(shutil.which(command) or "").open("rb") as file:
            return hashlib.sha256(file.read()).hexdigest() if file.read(2) == b"#!" else ""
    except OSError:
        return ""


def toolchain() -> Toolchain:
    """CC and CXX, else cc and c++ of the path, and the binutils. Raises BuildError."""
    cc, cxx = _asked("CC", "cc", "gcc", "clang"), _asked("CXX", "c++", "g++", "clang++")
    if not cc and not cxx:
        raise BuildError("There is no C compiler: neither CC is set nor is cc, gcc or clang on the path. Install gcc.")
    missing = [tool for tool in ("objcopy", "nm", "objdump") if shutil.which(tool) is None]
    if missing:
        names = " and ".join(missing)
        raise BuildError(f"{names} not found on the path: symbols cannot be redirected. Install binutils.")
    return _toolchain(cc, cxx)


@functools.cache
def _toolchain(cc: tuple[str, ...], cxx: tuple[str, ...]) -> Toolchain:
    """One for the same compilers: what they say of themselves is asked once."""
    return Toolchain(cc, cxx, "objcopy", "nm", "objdump")


def ran(command: Sequence[str | Path], failure: str, folder: Path | None = None) -> str:
    """Runs a command to its end and gives its output. Raises BuildError with what it said."""
    # What a compiler keeps for the time being lies beside what it makes, and goes with that should both be killed.
    beside = {"TMPDIR": os.fspath(Path(command[command.index("-o") + 1]).parent)} if "-o" in command else {}
    try:
        done = subprocess.run(
            [os.fspath(part) for part in command],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=False,
            # Messages of tools are read by us, and shown: in one language, and without colours in a file.
            env={**os.environ, "LC_ALL": "C.UTF-8", "GCC_COLORS": "", **beside},
        )
    except subprocess.TimeoutExpired:
        raise BuildError(f"{failure}: {command[0]} did not end within {SECONDS:g} s.") from None
    except OSError as error:
        raise BuildError(f"{failure}: {command[0]} cannot be run ({error.strerror}).") from None
    if done.returncode:
        how = f"exit status {done.returncode}" if done.returncode > 0 else f"signal {-done.returncode}"
        said = done.stderr.decode("utf-8", "replace").strip()
        raise BuildError(f"{failure}: {Path(command[0]).name} ended with {how}.", said)
    return done.stdout.decode("utf-8", "replace")


def _asked(variable: str, *names: str) -> tuple[str, ...]:
    given = shlex.split(os.environ.get(variable, ""))
    if given:
        if shutil.which(given[0]) is None:
            raise BuildError(f"{variable} names {given[0]}, which is not there. Correct {variable}, or unset it.")
        return tuple(given)
    return next(((name,) for name in names if shutil.which(name) is not None), ())


def _there(command: tuple[str, ...], language: str, variable: str) -> tuple[str, ...]:
    if not command:
        raise BuildError(f"There is no {language} compiler. Install one, or name it in {variable}.")
    return command


@functools.cache
def _version(command: tuple[str, ...]) -> str:
    return ran([*command, "--version"], f"{command[0]} does not tell its version").strip()


_EACH_READ = ("-mllvm", "-tsan-instrument-read-before-write=1")
"""clang leaves a read out that a write of the same follows: another thread's step may come before it nevertheless."""


@functools.cache
def _understood(command: tuple[str, ...]) -> tuple[str, ...]:
    tried = [*command, *_EACH_READ, "-fsanitize=thread", "-fsyntax-only", "-x", "c", os.devnull]
    try:
        ran(tried, "It is not understood")
    except BuildError:
        return ()
    return _EACH_READ


_NAMES = 1_000
"""Of one call of c++filt: a command line has an end."""


def demangled(names: Sequence[str]) -> dict[str, str]:
    """Those of ``names`` that are mangled -> as C++ writes them."""
    mangled = [name for name in names if name.startswith("_Z")]
    if not mangled or shutil.which("c++filt") is None:
        return {}
    parts = (mangled[at : at + _NAMES] for at in range(0, len(mangled), _NAMES))
    plain = [line for part in parts for line in ran(["c++filt", *part], "Names cannot be read").splitlines()]
    return dict(zip(mangled, plain, strict=True)) if len(plain) == len(mangled) else {}
