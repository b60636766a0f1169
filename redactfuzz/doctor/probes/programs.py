"""What C and C++ programs need, and the commands that some features call."""

from __future__ import annotations

import shlex

from redactfuzz.doctor.check import Check, State
from redactfuzz.doctor.install import package
from redactfuzz.doctor.machine import Machine

_BINUTILS = ("objcopy", "nm", "objdump")
_HOOKS = "-fsanitize=thread"


def c_compiler(machine: Machine) -> Check:
    """``CC``, else cc, gcc or clang, and whether it has the headers of the C library and puts hooks at accesses."""
    means = "No C program can be explored: `redactfuzz run signer.c`."
    return _compiler(machine, ("C compiler", "CC"), ("cc", "gcc", "clang"), ("c", "pthread.h"), "gcc", means)


def cxx_compiler(machine: Machine) -> Check:
    """The same of ``CXX``."""
    means = "No C++ program can be explored."
    return _compiler(machine, ("C++ compiler", "CXX"), ("c++", "g++", "clang++"), ("c++", "thread"), "g++", means)


def _compiler(
    machine: Machine,
    of: tuple[str, str],
    names: tuple[str, ...],
    source: tuple[str, str],
    install: str,
    means: str,
) -> Check:
    """``of``: name of the check, and the variable that chooses; ``source``: its language, and a header of it."""
    name, variable = of
    chosen, why = _chosen(machine, variable, names)
    if why:
        return Check(name, State.MISSING, why, means, f"unset {variable}")
    if not chosen:
        return Check(name, State.MISSING, "none", means, package(machine, install, "libc6-dev", "binutils"))
    version = machine.said(*chosen, "--version")
    if version is None:
        return Check(name, State.MISSING, f"{chosen[0]} does not run", means, package(machine, install))
    found = version.splitlines()[0] if version else chosen[0]
    language, header = source
    tried = (*chosen, "-fsyntax-only", "-x", language, "-include", header)
    if machine.said(*tried, "/dev/null") is None:
        return Check(name, State.MISSING, f"{found}, without <{header}>", means, package(machine, install, "libc6-dev"))
    if machine.said(*tried, _HOOKS, "/dev/null") is None:
        return Check(name, State.MISSING, f"{found}, which does not know {_HOOKS}", means, package(machine, install))
    return Check(name, State.OK, found)


def _chosen(machine: Machine, variable: str, names: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """(the command, what is wrong with the variable)."""
    try:
        given = shlex.split(machine.variable(variable))
    except ValueError:
        return (), f"{variable} cannot be read as a command"
    if given:
        return (tuple(given), "") if machine.which(given[0]) else ((), f"{variable} names {given[0]}: not there")
    return next(((name,) for name in names if machine.which(name)), ()), ""


def binutils(machine: Machine) -> Check:
    """By which calls of a program are led to our models, and read in its reports."""
    lacking = [tool for tool in _BINUTILS if not machine.which(tool)]
    if lacking:
        means = "No C or C++ program can be explored: its calls cannot be led to our models."
        return Check("binutils", State.MISSING, f"no {', '.join(lacking)}", means, package(machine, "binutils"))
    if not machine.which("c++filt"):
        means = "Names of C++ functions are shown as the linker has them."
        return Check("binutils", State.LIMITED, "no c++filt", means, package(machine, "binutils"))
    return Check("binutils", State.OK, ", ".join((*_BINUTILS, "c++filt")))


def gdb(machine: Machine) -> Check:
    """Of ``replay --gdb``."""
    if machine.which("gdb"):
        return Check("gdb", State.OK, (machine.said("gdb", "--version") or "there").splitlines()[0])
    means = "`redactfuzz replay --gdb` cannot stop a program where it dies; --pdb of scenarios needs none."
    return Check("gdb", State.MISSING, "none", means, package(machine, "gdb"))


def git(machine: Machine) -> Check:
    """Of what compares with an earlier state of the code."""
    if machine.which("git"):
        return Check("git", State.OK, (machine.said("git", "--version") or "there").strip())
    means = "`redactfuzz changed` cannot tell what changed, and the jobs of `redactfuzz init` do not keep a corpus."
    return Check("git", State.MISSING, "none", means, package(machine, "git"))


def cache_folder(machine: Machine) -> Check:
    """Where built programs lie, and are run."""
    path = machine.folder("cache")
    mend = 'export XDG_CACHE_HOME="$PWD/.redactfuzz/cache"'
    if not path or not machine.writable(path):
        means = "C programs are built in the temporary folder, and built again where that is emptied."
        return Check("cache folder", State.LIMITED, f"{path or 'none'} cannot be written", means, mend)
    space = machine.space(path)
    if space is not None and not space.executes:
        means = "No C program can be explored: it lies on a file system that runs no programs (noexec)."
        return Check("cache folder", State.MISSING, f"{path}, mounted noexec", means, mend)
    return Check("cache folder", State.OK, path)
