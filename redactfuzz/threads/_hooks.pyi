"""The C part of the runtime: scheduling points, hand-over, locks by type, virtual time, the pool of threads."""

from collections.abc import Callable, Set
from types import CodeType, FrameType
from typing import Any

# Numbers of the C part (hooks/constants.c): each is that of RFH_ and its name.
MAX_THREADS: int
WATCH_STATUS: int
"""What a process ends with whose interpreter lock was never given back."""
EXPLORE: int
"""Of ``current()``: up to this phase the execution counts; later the process is dead."""
WATCHDOG: int
EXCEPTION: int
SIGNAL: int
KILL: int
HOLDS_FILES: int
HOLDS_SIGNALS: int
DRAWN_GENERATOR: int
DRAWN_SYSTEM: int
DRAWN_IDENTITY: int
SETS_OF_MORE: int
SETS_ALIKE: int
SETS_HASHED: int
CALL: int
AFTER_CALL: int
BACKWARD: int
EFFECT: int
LOCAL: int
WITH: int
CLEANUP: int

Unwind = SystemExit

class InjectedCrash(BaseException): ...

class Redactor:
    calls: int
    def __init__(
        self, callable: Callable[..., Any], bypass: Callable[..., Any] | None = ..., skip: int = ...
    ) -> None: ...
    def __call__(self, *args: Any, **kwargs: Any) -> Any: ...

class Result(tuple[int, ...]):
    """What an execution came to (hooks/result.c)."""

    state: int
    """A State of the engine."""
    deadlock: int
    """Threads waited for one another when the crash struck."""
    spinning: int
    """At the step limit: the thread that goes round."""
    too_long: int
    """At the step limit: its loop gets on, but not to its end."""
    struck: int
    """The thread that a crash struck; -1: none."""
    strike_step: int
    drained: int
    """Steps that were run to end threads, after the execution."""
    outlived: int
    """Threads that had not ended when the process died, and were explored on for what they would have touched."""
    abandoned: int
    """Threads that could not be ended."""
    outside_holds: int
    """A lock was not released by somebody whom nobody controls."""
    outside_help: int
    """Such a one released what a thread waited for."""
    looked_in_vain: int
    """Number + 1 of a thread that waited for what somebody outside was to bring."""
    asked: int
    """Number + 1 of what a thread stands at that was made before the scenario, and was handed something."""
    waited: int
    """Number + 1 of a thread whose wait ended by its limit, or not before the process died."""
    unreported: int
    """The interpreter lock was given up where the listener could not be told."""
    drawn: int
    """Bits DRAWN_*: where chance was drawn from."""
    sets: int
    """Bits SETS_*: what sets were gone through."""
    orders: int
    """A bit for what is in each set that was gone through and has several orders."""
    finalized: int
    """Finalizers of reference cycles have run."""
    clock_reads: int
    unconfined: int
    """A thread could not be kept from writing anywhere."""
    denied: int
    """Something that would change the world outside was refused."""
    left_out: int
    """Places outside of the focus at which no thread was stopped."""
    entered: int
    """Places of the focus whose code has run, a bit each."""

def install() -> None: ...
def begin_chance(seed: int, number: int, spared: object, /) -> None:
    """Before an execution: what is drawn follows from ``seed`` and ``number``, but for the generator ``spared``."""

def remove() -> None: ...
def run(
    core: int,
    granularity: int,
    listener: object,
    name: str,
    body: Callable[..., Any],
    args: tuple[Any, ...],
    bypass: bool = ...,
    crash_last: bool = ...,
    drain_limit: int = ...,
    hang_seconds: float = ...,
    describe: bool = ...,
    title: str = ...,
    number: int = ...,
    stalls: int = ...,
    turned: int = ...,
    double: bool = ...,
    focus: tuple[str, ...] = ...,
    aside: bool = ...,
    survey: bool = ...,
) -> Result: ...
def add_thread(
    name: str, callable: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], crashes: bool, /
) -> int: ...
def add_trigger(name: str, callable: Callable[..., Any], mode: int, /) -> int: ...
def thread_names() -> list[str]: ...
def expect(numbers: dict[str, int], /) -> None: ...
def current() -> tuple[int, str, int] | None: ...
def early() -> bool:
    """Whether a choice let time pass in this execution while others could go on."""

def early_waits() -> list[tuple[int, float, bool]]:
    """The first waits that such a choice ended: its step, the limit in seconds, and whether it was a sleep."""

def came_of_expiry(error: BaseException, /) -> bool:
    """Whether it was raised of nothing but a wait that came to its limit by such a choice: see schedule/raises.h."""

def notice(what: str, /) -> bool:
    """Whether a controlled thread calls this; what it did (a ProblemKind) is then told."""

def abandoned() -> list[str]: ...
def quietly(callable: Callable[..., Any], args: tuple[Any, ...], /) -> Any: ...
def site_name(code: CodeType, index: int, /) -> tuple[str, str, str]: ...
def start_site(name: str, /) -> int: ...
def described() -> list[tuple[int, int, int, CodeType, int, int, int]]: ...
def deadlock() -> list[tuple[str, int, str | None, int]]: ...
def leave_garbage() -> None:
    """In a child: executions do not collect what nobody can reach any more."""

def collect_rest() -> object:
    """After an execution: finalizers of what it has left run now, as no part of any."""

def collect_between() -> object:
    """Now and then: what executions, and what explores them, have left since the last time."""

def forget_pool() -> None:
    """In a forked child: the threads of the pool, and the one that watches, are not there."""

made: list[Any]
"""Paths of what threads that are not controlled have made with tempfile."""

def confine(places: tuple[bytes, ...] | None, /) -> None:
    """Threads that begin from now on may write below these places alone; None: anywhere."""

def holds() -> int:
    """What the kernel can keep a thread from, by the bits HOLDS_*."""

def confine_here() -> None:
    """The calling thread as well, for good."""

def adopt_orphans(wanted: bool, /) -> None:
    """Whether processes whose parent has ended become children of this one."""

def refuse() -> None:
    """Something was refused in this execution."""

def was_refused(forgets: bool, /) -> bool:
    """Whether something was since the last execution began, in this process or a child of it; ``forgets``: no more."""

def confine_rest(asked: Callable[[str, tuple[Any, ...]], None] | None, all_threads: bool = False, /) -> None:
    """Of what this thread, or any, changes uncontrolled this is asked, which raises where it may not."""

def own(fd: int, /) -> int:
    """A descriptor of ours from now on, which a scenario cannot close. Returns it."""

def disown(fd: int, /) -> int:
    """It is none of ours any more. Returns it."""

def is_own(fd: int, /) -> bool:
    """Whether it is one of ours."""

def opened(asked: bytes, /) -> bytes:
    """Flags (-1: it is closed), position and waiting bytes, as three 64-bit integers each, of these descriptors.

    ``asked``: each by two 32-bit integers, its number, and 1 where it has a position, 2 where bytes may wait.
    """

def die_with_parent(parent: int, /) -> None:
    """The kernel kills this process when its parent, which has this process id, ends."""

def report_hang_to(fd: int, signal_number: int, /) -> None:
    """Where it is told that C code keeps the lock, and the signal at which faulthandler shows where (0: none)."""

def share_beats(words: object, /) -> None:
    """A buffer of two 64-bit words that is never let go: beats of the explorer, number of the running execution."""

def beat() -> None:
    """The explorer is alive."""

def set_home(directory: str, /) -> None: ...
def set_releasing(objects: Set[Any], types: tuple[type, ...], /) -> None: ...
def set_releasing_sites(sites: tuple[int, ...], /) -> None:
    """The sites at which C code has given up the interpreter lock."""

def hidden() -> tuple[int, int]:
    """Whether the interpreter's own code, in this process, gives its lock up unseen; whether it reads real clocks."""

def stands_in(address: int, /) -> bool:
    """Whether a function of libc at ``address`` reads a clock or waits, and something stands in for it."""

def excepthook(original: Callable[[Any], Any] | None, /) -> Callable[[Any], Any]:
    """The ``threading.excepthook`` of an execution, which calls ``original``: see Execution.uncaught."""

def operands(frame: FrameType, depth: int, above: int, count: int, callable: object, /) -> tuple[Any, ...] | None:
    """The ``count`` values under ``above`` others on a stack of ``depth``; None unless ``callable`` lies below them,
    or is None itself.
    """

def unknown_touched() -> dict[tuple[int, str], int]:
    """What it is not known of what it touches, by site and name, and how often it was met since the batch began."""

def kept_in_vain() -> bool:
    """Whether objects of the execution that has ended died later than in the program, as the program could notice."""

def found(sites: set[int], names: set[int], /) -> tuple[dict[int, tuple[CodeType, int]], dict[int, str]]:
    """Which instruction stands at a site (-1: a function's entry), and which text has the number of a name.

    Of code that controlled threads have run in this process.
    """

def files_met() -> set[str]:
    """Names of the files of all code that controlled threads have run in this process, as code objects have them."""

def alone() -> bool:
    """Whether it is the body that runs, which has started no thread: nobody could run in its place."""

def knows_ours(race: type, canary: type, /) -> None:
    """Tells the classes of which the program has objects of ours: what it touches by them is known."""

def builtins_known() -> list[tuple[str, str | None, str, bool]]:
    """Builtins of which that is known: module, type, name, and whether it changes something."""

def handler() -> int | None:
    """Return the number of the trigger whose handler this thread runs, or None: a trigger's number is never 0."""

def announce_switches(wanted: bool, /) -> None:
    """Call ``switched`` of the listener, from now on in this execution, whenever another thread goes on; or no more."""

def planted() -> None:
    """The execution has another secret: its forms are asked for anew when the order of a set needs them."""

def watch(object: object, /) -> None:
    """Until the execution ends it is noted where this object moves: it holds a secret."""

def survey_secret(part: bytes, mask: int, number: bool, /) -> None:
    """In an execution that is surveyed: who has this part of a secret at hand holds it. Masked; 8 bytes at most.

    ``number``: who has a large number at hand may do so as well.
    """

def survey_result() -> tuple[list[tuple[str, int, int]], list[tuple[int, int, int, int, int]]] | None:
    """What the last such execution was: files (name, scheduling points, whether a secret or the redactor is there), and
    what was touched (object, place in it, number of a file, number of a thread, whether it was changed); None: too much
    for that."""

def awaited(objects: list[Any], /) -> None:
    """What threads stand at, or stood before a fork, that were made before the scenario."""

def classify(code: CodeType, /) -> list[tuple[int, int]]: ...
def sites(code: CodeType, /) -> list[int]:
    """The numbers of the sites of all its instructions."""
