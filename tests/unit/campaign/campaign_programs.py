"""The toy programs of these tests."""

from __future__ import annotations

import mmap
from typing import Any

import attrs
from campaign_model import Op, Program


def report(s: Any) -> None:
    """A crash reporter that trusts the flag: it redacts what is not yet marked as clean."""
    shown = {"key"} if s.key else set()
    if not s.clean and s.redact():
        shown.clear()
    s.emit(*shown)


def started(s: Any) -> None:
    s.key, s.clean = True, False


def put(name: str, value: Any) -> Any:
    return lambda s: setattr(s, name, value)


WORK = (Op(put("work", 1), "work()"), Op(put("work", 2), "work()"))


def scrub(*order: str) -> tuple[Op, ...]:
    """The scrubbing thread: ``clean`` sets the flag, ``key`` removes the secret, ``pad`` does nothing of interest."""
    ops = {
        "clean": Op(put("clean", True), "self.clean = True"),
        "key": Op(put("key", False), "self.key = None"),
        "pad": Op(put("other", 0), "self.other = 0"),
        "fine": Op(put("other", 0), "x += 1", call=False),
    }
    return tuple(ops[name] for name in order)


def program(*order: str, **fields: Any) -> Program:
    values = {
        "threads": {"scrub": scrub(*order), "work": WORK},
        "crash": (Op(report, "report()"),),
        "init": started,
        **fields,
    }
    return Program(**values)


VULNERABLE = program("pad", "clean", "key", "pad")
"""The flag is set one step before the secret is gone: exactly one moment at which a crash leaks."""
FIXED = program("key", "clean")
TINY = program("key", "clean", threads={"scrub": scrub("key", "clean")})
"""Small enough to be explored whole."""


def _lost_update(name: str) -> tuple[Op, ...]:
    def read(s: Any) -> None:
        setattr(s, f"seen_{name}", s.masks)

    def write(s: Any) -> None:
        s.masks = getattr(s, f"seen_{name}") | {name}

    return (Op(read, "masks = self.masks"), Op(write, "self.masks = masks | {new}"))


def _masked(s: Any) -> None:
    """Runs last at the latest, shows what no mask covers (of what is in use by then)."""
    done = {"a", "b"} if s.done == 2 else set()
    redacting = s.redact()
    s.emit(*({name for name in done if name not in s.masks or not redacting}))


def _masks(s: Any) -> None:
    s.masks, s.done = frozenset(), 0


def _finish(s: Any) -> None:
    s.done += 1


LOST_UPDATE = Program(
    threads={
        "first": (*_lost_update("a"), Op(_finish, "done()")),
        "second": (*_lost_update("b"), Op(_finish, "done()")),
    },
    crash=(Op(_masked, "report()"),),
    init=_masks,
    canaries=("a", "b"),
)
"""Two masks are added at once and one is lost: permanent, whenever the crash comes."""


def _two_phases(s: Any) -> None:
    s.key, s.clean, s.turn = True, True, 0


def _at(turn: int, then: int) -> Op:
    def advance(s: Any) -> None:
        if s.turn == turn:
            s.turn = then

    return Op(advance, f"turn {turn} -> {then}")


TWO_PREEMPTIONS = Program(
    # The dump leaks once the turns went left, right, left, right: each must be stopped in its middle.
    threads={"left": (_at(0, 1), _at(2, 3), _at(9, 9)), "right": (_at(9, 9), _at(1, 2), _at(3, 4), _at(9, 9))},
    crash=(Op(lambda s: s.emit(*(("key",) if s.turn == 4 or not s.redact() else ()))),),
    init=_two_phases,
)


SEQUENTIAL = program("clean")
"""The flag says clean and the secret is never removed: leaks with every thread run to its end."""
NO_CANARY = attrs.evolve(FIXED, canaries=(), crash=(Op(lambda s: s.emit() or s.redact()),))
NO_REDACTOR = program("key", "clean", redactors=0, crash=(Op(lambda s: s.emit()),))
NEVER_CALLED = program("key", "clean", crash=(Op(lambda s: s.emit(), "report()"),))
NEVER_SHOWN = program("key", "clean", canaries=("key", "spare"))
NO_DUMP = program("key", "clean", crash=(Op(lambda s: s.emit("key") if not s.redact() else None, "report()"),))


def _destroys(s: Any) -> None:
    if s.redact():
        s.emit(witnesses=())
    else:
        s.emit("key")


DESTROYS = program("key", "clean", crash=(Op(_destroys, "report()"),))


def _raises(s: Any) -> None:
    if s.redact() and s.clean and s.key:
        raise RuntimeError("half clean")
    report(s)


HANDLER_RAISES = program("clean", "key", crash=(Op(_raises, "report()"),))


def _bug_then_leak(s: Any) -> None:
    if s.clean and s.key and s.work < 1 and s.redact():
        raise RuntimeError("half clean")
    report(s)


def _working(s: Any) -> None:
    started(s)
    s.work = 0


BUG_THEN_LEAK = program("clean", "key", crash=(Op(_bug_then_leak, "report()"),), init=_working)
"""Strikes in the window: a bug while nobody has worked yet, a leak afterwards (one preemption more)."""

DEADLOCK = program(
    "key",
    "clean",
    threads={
        "one": (
            Op(put("a", "one"), "a.acquire()", ready=lambda s: s.a is None),
            Op(put("b", "one"), "b.acquire()", ready=lambda s: s.b is None),
            Op(lambda s: (put("b", None)(s), put("a", None)(s)), "release()"),
        ),
        "two": (
            Op(put("b", "two"), "b.acquire()", ready=lambda s: s.b is None),
            Op(put("a", "two"), "a.acquire()", ready=lambda s: s.a is None),
            Op(lambda s: (put("b", None)(s), put("a", None)(s)), "release()"),
        ),
    },
    crash=(),
    init=lambda s: (put("a", None)(s), put("b", None)(s)),
)


def _broken(s: Any) -> None:
    raise ValueError("no such file")


BROKEN = program("key", "clean", init=_broken)


def _flaky(s: Any) -> None:
    started(s)
    s.flaky = s.run % 2 == 0


NONDETERMINISTIC = program(
    "key",
    "clean",
    threads={
        "scrub": (Op(put("x", 0), "time()", ready=lambda s: s.flaky), *scrub("key", "clean")),
        "work": WORK,
    },
    init=_flaky,
)


def _flaky_report(s: Any) -> None:
    """Leaks in the window, but only the first time that it is met: another run of the same schedule is clean."""
    if s.clean and s.key and not SEEN[0]:
        SEEN[0] = 1
        s.emit("key")
    elif not s.redact():
        s.emit("key")
    else:
        s.emit()


SEEN = mmap.mmap(-1, 1)
"""In a fresh process as well."""
UNCONFIRMED = program("clean", "key", crash=(Op(_flaky_report, "report()"),))


def _by_value(s: Any) -> None:
    started(s)
    s.odd = s.number % 2 == 1


DEPENDS_ON_SECRET = program(
    "key",
    "clean",
    threads={
        "scrub": (Op(put("x", 0), "if char in safe", ready=lambda s: s.odd), *scrub("key", "clean")),
        "work": WORK,
    },
    init=_by_value,
)


def _only_when_stopped(s: Any) -> None:
    """Has something to tell only while the scrubbing is under way."""
    if s.key or not s.clean:
        report(s)


LATE_DUMP = program("key", "pad", "clean", crash=(Op(_only_when_stopped, "report()"),))
"""No sequential order yields a dump, since the crash comes last in them."""
