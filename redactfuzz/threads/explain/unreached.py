"""What an execution did out of reach of the tool, or by chance: only listed, and no proof is left."""

from __future__ import annotations

from collections.abc import Iterator

from redactfuzz.model.outcome import Problem, ProblemKind
from redactfuzz.threads import _hooks
from redactfuzz.threads.explain.loops import endless_loop
from redactfuzz.threads.process.writable import REMEDY

_CHANCE = {
    _hooks.DRAWN_GENERATOR: "it was drawn from random; in another execution something else may come out",
    _hooks.DRAWN_SYSTEM: "it was drawn from the system (os.urandom, uuid4, secrets); in another execution something"
    " else may come out",
}
_IDENTITY = (
    "the number of the process or of a thread, an address (id), or how busy the machine is was asked for: other runs"
    " have others"
)
_OUTSIDE = (
    "waited on a descriptor that is not modelled, or for a signal: only somebody outside of the process, or "
    "real time, could end that wait, and did not"
)
_OUTSIDE_REMEDY = "Give it a pipe, a socket or a queue whose other end is a thread of the scenario."
_HASH_SEED = {
    _hooks.SETS_OF_MORE: "a set of more than two texts or objects was gone through: of its orders under other hash"
    " seeds, with other secrets, or at other addresses, one and its reverse are searched, and some are drawn",
    _hooks.SETS_ALIKE: "two sets of other texts or objects have the same one of 31 numbers: neither was turned round"
    " without the other, as under some hash seeds",
    _hooks.SETS_HASHED: "hash() of a text or an object was asked for: under another hash seed it is another",
}
_FINALIZED = "finalizers of reference cycles ran where a thread or a crash handler ended: they may run at any point"
_UNCONFINED = "a thread could not be kept from writing anywhere: the kernel has no room for a Landlock domain"
_DENIED = "C code would change a file outside of what a scenario may write, or signal a process of others"
_FOCUS = "calls of code outside of the focus are one step each: what others do in their midst was not explored"
_UNREPORTED = "a call where Python code could no longer run"
_HIDDEN = (
    (ProblemKind.OPAQUE, "what this interpreter, which is linked without a shared library, does without its lock"),
    (ProblemKind.REAL_TIME, "clocks that this interpreter reads itself"),
)
REMEDIES = {
    ProblemKind.FORK: "Give the scenario the code without the fork.",
    ProblemKind.CHILD_PROCESS: "Start it with subprocess.run, as one step, or replace it in the scenario.",
    ProblemKind.SUBINTERPRETER: "Run the code in the main interpreter.",
    ProblemKind.TRACER: "Trace, profile or debug outside of the scenario: such a tool takes the place of ours, "
    "or runs code of its own in the middle of the threads.",
    ProblemKind.DEBUGGER: "Remove it. 'redactfuzz replay --pdb FILE' stops where a finding's crash strikes.",
    ProblemKind.EVENT_LOOP: "Drive the coroutine's steps from threads; asyncio is not controlled yet.",
}
"""For what the code under test does by which it leaves our control."""


def denied() -> Problem:
    """What C code tried, or a process that died: which line it was nobody knows."""
    return Problem(ProblemKind.OUTSIDE, _DENIED, "", REMEDY)


def problems(result: _hooks.Result, *, refused: bool, focused: bool) -> Iterator[Problem]:
    """What the C part reports of an execution that has ended. ``refused``: what was refused is a problem already.

    ``focused``: a focus was asked for. One that a search has chosen itself is none of its whole spaces.
    """
    for bit, what in _CHANCE.items():
        if result.drawn & bit:
            yield Problem(ProblemKind.CHANCE, what, fatal=False)
    if result.drawn & _hooks.DRAWN_IDENTITY:
        yield Problem(ProblemKind.HELD_FIXED, _IDENTITY, fatal=False)
    if result.looked_in_vain:
        name = _hooks.thread_names()[result.looked_in_vain - 1]
        yield Problem(ProblemKind.OUTSIDE, f"thread {name!r} {_OUTSIDE}", name, _OUTSIDE_REMEDY)
    if result.too_long:
        yield endless_loop(_hooks.thread_names()[result.spinning])
    for bit, what in _HASH_SEED.items():
        if result.sets & bit:
            yield Problem(ProblemKind.HELD_FIXED, what, fatal=False)
    if result.finalized:
        yield Problem(ProblemKind.FINALIZER, _FINALIZED, fatal=False)
    if result.denied and not refused:
        yield denied()
    if result.unconfined:
        yield Problem(ProblemKind.OUTSIDE, _UNCONFINED, fatal=False)
    if result.left_out and focused:
        yield Problem(ProblemKind.FOCUS, _FOCUS, fatal=False)
    if result.unreported:
        yield Problem(ProblemKind.OPAQUE, _UNREPORTED, fatal=False)
    for hidden, (kind, what) in zip(_hooks.hidden(), _HIDDEN, strict=True):
        if hidden:
            yield Problem(kind, what, fatal=False)
