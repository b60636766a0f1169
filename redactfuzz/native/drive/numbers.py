"""Numbers that the driver and Python share. Each stands in a C header alone: ``numbers.h``, ``plan.h``."""

from __future__ import annotations

import enum

from redactfuzz.model.outcome import BugKind
from redactfuzz.native._plan import ffi, lib


class End(enum.IntEnum):
    """How an execution ends; see ``rfn_end``."""

    RUNNING = lib.RFN_RUNNING
    EXITED = lib.RFN_EXITED
    KILLED = lib.RFN_KILLED
    BUG = lib.RFN_BUG
    CUT = lib.RFN_CUT


class Reality(enum.IntEnum):
    """Whether the process really dies; see ``rfn_reality``."""

    IN_LOOP = lib.RFN_IN_LOOP
    REAL = lib.RFN_REAL
    STOPPED = lib.RFN_REAL_STOPPED
    """Traced by us, before it does."""
    DEBUGGED = lib.RFN_REAL_DEBUGGED


class Where(enum.IntEnum):
    """Where a part of a dump lies; see ``rfn_where``."""

    GLOBALS = lib.RFN_IN_GLOBALS
    HEAP = lib.RFN_IN_HEAP
    MAPPING = lib.RFN_IN_MAPPING
    STACK = lib.RFN_IN_STACK
    START = lib.RFN_IN_START
    REGISTERS = lib.RFN_IN_REGISTERS
    FILE = lib.RFN_IN_FILE
    ELSEWHERE = lib.RFN_ELSEWHERE
    NOTES = lib.RFN_IN_NOTES
    LIBRARY = lib.RFN_IN_LIBRARY


class Note(enum.IntEnum):
    """What is noted of an execution that goes on; see ``rfn_problem_kind``."""

    OPAQUE = lib.RFN_PROBLEM_OPAQUE
    FORK = lib.RFN_PROBLEM_FORK
    CHILD_PROCESS = lib.RFN_PROBLEM_CHILD_PROCESS
    UNREADABLE = lib.RFN_PROBLEM_UNREADABLE
    INCOMPLETE = lib.RFN_PROBLEM_INCOMPLETE
    OUTSIDE = lib.RFN_PROBLEM_OUTSIDE
    THREAD = lib.RFN_PROBLEM_THREAD
    CHANCE = lib.RFN_PROBLEM_CHANCE
    REFUSED = lib.RFN_PROBLEM_REFUSED


BUGS = {
    int(number): BugKind[name.removeprefix("RFN_BUG_")]
    for number, name in sorted(ffi.typeof("rfn_bug_kind").elements.items())
    if number != lib.RFN_BUG_NONE
}
"""By ``rfn_bug_kind``, which has the names of BugKind."""
ORACLES = {kind.name.lower(): number for number, kind in BUGS.items() if kind is not BugKind.ABORT}
"""The names of ``--oracle``. An abort is asked for with "assert"."""
