"""All probes in one table, and how they are asked: each for a time, whatever it does."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping

from redactfuzz.doctor.check import Check, State
from redactfuzz.doctor.machine import Machine
from redactfuzz.doctor.probes import gate, kernel, programs, python, system

SECONDS = 20.0
"""For one probe: three commands that do not answer, and a file system that does not. It is given up then."""

Probe = Callable[[Machine], Check]

PROBES: Mapping[str, Probe] = {
    "interpreter": python.interpreter,
    "compiled parts": python.compiled_parts,
    "working folder": system.working_folder,
    "temporary folder": system.temporary_folder,
    "processors": system.processors,
    "open files": system.open_files,
    "processes": system.processes,
    "address space": system.memory,
    "Landlock": kernel.files_kept,
    "seccomp": kernel.calls_kept,
    "core pattern": kernel.core_pattern,
    "core size": kernel.core_limit,
    "core filter": kernel.core_filter,
    "ptrace": kernel.ptrace,
    "C compiler": programs.c_compiler,
    "C++ compiler": programs.cxx_compiler,
    "binutils": programs.binutils,
    "cache folder": programs.cache_folder,
    "gdb": programs.gdb,
    "git": programs.git,
    "pytest": python.pytest,
    "hypothesis": python.hypothesis,
    "extra scan": python.extra_scan,
    "gate": gate.gate,
    "extra cluster": python.extra_cluster,
    "other interpreters": python.other_interpreters,
    "container": system.container,
    "user namespaces": system.user_namespaces,
}
"""Name -> probe, in the order of the report: first what scenarios in Python cannot do without."""


def examined(machine: Machine, probes: Mapping[str, Probe] = PROBES, seconds: float = SECONDS) -> Iterator[Check]:
    """The check of each probe, in order. Neither a probe that fails nor one that never ends keeps the others back."""
    for name, probe in probes.items():
        yield _asked(name, probe, machine, seconds)


def _asked(name: str, probe: Probe, machine: Machine, seconds: float) -> Check:
    answers: list[Check] = []

    def ask() -> None:
        try:
            answers.append(probe(machine))
        except Exception as error:  # a machine that nobody thought of
            answers.append(_unknown(name, f"it cannot be looked at ({type(error).__name__}: {error})"))

    thread = threading.Thread(target=ask, daemon=True)  # a dead file server holds whoever asks it
    thread.start()
    thread.join(seconds)
    return answers[0] if answers else _unknown(name, f"no answer within {seconds:g} s")


def _unknown(name: str, found: str) -> Check:
    return Check(name, State.LIMITED, found, "What depends on it may not work.", "look at it by hand, and report it")
