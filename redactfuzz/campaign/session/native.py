"""For the modules of the campaign that belong to C and C++ programs alone: the program, and the runtime that has it."""

from __future__ import annotations

from redactfuzz.campaign.session.state import Session
from redactfuzz.native.run.program import Program
from redactfuzz.native.run.runtime import NativeRuntime


def native(session: Session) -> tuple[NativeRuntime, Program]:
    """Both. Only what the target of programs leads to may ask."""
    runtime, program = session.runtime, session.spec.body
    assert isinstance(runtime, NativeRuntime)
    assert isinstance(program, Program)
    return runtime, program
