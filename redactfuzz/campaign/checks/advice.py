"""What to do about a control that failed: of Python scenarios, and of C and C++ programs."""

from __future__ import annotations

import attrs

from redactfuzz.campaign.session.state import Session


@attrs.frozen
class Advice:
    """A remedy, or what happened, for each way in which a pass would mean nothing."""

    plant: str
    no_redactor: str
    never_called: str
    unseen: str
    no_crash: str
    make_dump: str
    handler_returned: str
    return_dump: str
    allowed: str
    nondeterministic: str
    where_to_look: str


PYTHON = Advice(
    plant='Plant one: race.canary("name").',
    no_redactor="Wrap the routine under test: race.redactor(function).",
    never_called="Call what race.redactor(...) returns, or name the function that the library really calls.",
    unseen=(
        "Dump what holds the secret, or remove the canary; a redactor that does more than transform its only"
        " argument needs race.redactor(..., bypass=callable)."
    ),
    no_crash=("No dump was made at all: the scenario declares no crash, and hands nothing to race.dump or race.sink."),
    make_dump="Make a dump: race.crash(handler), where the handler returns it, or race.dump(data).",
    handler_returned="the crash handler returned None",
    return_dump="Return the dump from the function given to race.crash, or hand it to race.dump.",
    allowed="Call forbid() once the secret is out of legitimate use, or allow() only while it is in use.",
    where_to_look="Look for time, random numbers, id() or set order.",
    nondeterministic=(
        "The scenario is nondeterministic: look for time, random numbers, id(), set order or state kept"
        " between executions (isolation='process' rules that out)."
    ),
)
PROGRAM = Advice(
    plant="Ask for one: redactfuzz_canary(name, size), or give --canary env:NAME.",
    no_redactor="Mark the routine under test: REDACTFUZZ_REDACTOR before its definition, or --redactor NAME.",
    never_called="Mark the function that the program really calls; one that was inlined, or does nothing, may be gone.",
    unseen=(
        "Let the program keep the secret where a dump shows it, or remove the canary; bypassed, a redactor returns at"
        " once, with 0."
    ),
    no_crash="No dump was made at all: there is no crash (--crash none), and the program writes no file.",
    make_dump="Give --crash SIGSEGV (or another signal, or kill), or write what is to be searched.",
    handler_returned=(
        "no signal killed the program so that it leaves a core (PR_SET_DUMPABLE 0 and RLIMIT_CORE 0 leave none), and it"
        " wrote no file"
    ),
    return_dump="Write the dump to a file, or let the signal's default action kill the process.",
    allowed="Call redactfuzz_forbid() once the secret is out of legitimate use.",
    where_to_look="Look for uninitialised memory, compared addresses, or libraries that redactfuzz does not know.",
    nondeterministic=(
        "The program is nondeterministic: look for uninitialised memory, addresses that are compared, or calls of"
        " libraries that redactfuzz does not know."
    ),
)


def of(session: Session) -> Advice:
    """For the scenario, or the program, of this campaign."""
    return PROGRAM if session.spec.is_program else PYTHON
