"""A dump by the kernel is no event: what a crash at any point of any schedule would show is found all the same.

``exposed.c`` does with a key what its arguments say. Each program is run under every schedule with every crash, and
reduced; what leaks and what goes wrong must be the same, each place of each secret for itself. With any rule taken away
something is lost.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import attrs
import modelled
import pytest
from links import driver_objects
from modelled import Event, executions, planted

from redactfuzz.model.canary import token
from redactfuzz.model.outcome import BugKind
from redactfuzz.model.plan import Policy, Stage
from redactfuzz.model.schedule import Granularity
from redactfuzz.native.compile import build, trivial
from redactfuzz.native.compile.compiler import ran, toolchain
from redactfuzz.native.drive.numbers import End, Where

pytestmark = pytest.mark.once

EVERY = Stage(Policy.EXHAUSTIVE, Granularity.INSTRUCTIONS)
ONE_OF_EACH = Stage(Policy.DPOR, Granularity.INSTRUCTIONS)
CANARIES = tuple(planted(name, token(8)) for name in ("key", "other"))
"""So short that nothing less than all of one counts."""
MOST = 6_000
"""Schedules of a program that is drawn: beyond, another one is."""
SEEDS = range(24, 40)
THEMES = (
    "HHHHHZ", "QQQQY", "HXXUUU", "HHMJJW", "KJJJO", "PPPPDN", "HHHFAZ", "KAFsW", "KBBEW", "CCCCCc", "KTRWZ",
    "HHVVVO", "KHsslm", "SSSOHH", "CCCHc", "PPNGD", "bbeHs",
)  # fmt: skip
"""Kinds of steps that belong together."""


@attrs.frozen
class Drawn:
    """A program: the steps of its threads, and what strikes."""

    threads: tuple[str, ...]
    crash: str = "kill"


@attrs.frozen
class Shown:
    """What all executions of a program came to."""

    executions: int
    what: frozenset[object]


def drawn(seed: int, crash: str) -> Drawn:
    chance = random.Random(seed)
    kinds = chance.choice(THEMES) + chance.choice(("", "", *"slm")) + ("I" if crash != "kill" else "")
    three = chance.random() < 0.1
    threads = []
    for number in range(3 if three else 2):
        own = str(number % 2) * 3 + str(1 - number % 2)  # mostly each has its part
        threads.append("")
        for _ in range(1 if three else chance.choice((1, 2, 2))):
            threads[-1] += f"{chance.choice(kinds)}{chance.choice(own)}{chance.randrange(1, 4)}"
    return Drawn(tuple(threads), crash)


def what(event: Event) -> set[object]:
    """Each place that shows what it must not, the bug, and how it ended if nobody killed it."""
    assert event.state is not End.CUT  # each schedule met the program that it was made for
    found: set[object] = set()
    for hit in event.hits:
        if not hit.allowed:
            page = 4096 if hit.where is Where.GLOBALS else sys.maxsize  # they lie elsewhere in each process
            found.add((hit.canary, hit.where, hit.thread, hit.dump, hit.length, hit.offset % page))
    if event.bug:
        return found | {event.bug.kind}
    return found | ({event.status} if event.state is End.EXITED else set())


def shown(program: Drawn, stage: Stage, at_most: int = MOST) -> Shown:
    events = executions(
        "exposed.c", *program.threads, crash=program.crash, stage=stage, canaries=CANARIES, at_most=at_most, crashes=1
    )
    return Shown(len(events), frozenset().union(*map(what, events)))


def compared(program: Drawn, at_most: int = MOST) -> tuple[int, int, int]:
    """Executions with the reduction and without, and how many things leaked or went wrong; three times 0: too many."""
    every = shown(program, EVERY, at_most)
    if every.executions == at_most:
        return 0, 0, 0
    few = shown(program, ONE_OF_EACH, at_most)
    assert few.executions < at_most
    lost, more = every.what - few.what, few.what - every.what
    if BugKind.DEADLOCK in few.what:  # a deadlock is a bug, and no dump of what lies in memory then
        lost -= {each for each in lost if isinstance(each, tuple)}
    assert not lost | more, f"{program}: lost {set(lost)}, more {set(more)}"
    return few.executions, every.executions, len(every.what)


@pytest.mark.parametrize("crash", ["kill", "SIGSEGV"])
def test_what_any_crash_would_show_is_found_by_one_execution_of_each_class(crash: str) -> None:
    whole = [done for done in (compared(drawn(seed, crash)) for seed in SEEDS) if done[0]]
    assert len(whole) > len(SEEDS) / 3
    assert sum(found > 0 for _, _, found in whole) > 3
    assert sum(few for few, _, _ in whole) < sum(many for _, many, _ in whole) / 3


# -- what it costs


def fields(shape: str, count: int) -> list[Event]:
    """Executions of fields.c, to the end."""
    stage, secrets = ONE_OF_EACH, [planted("key", token(16))]
    events = executions(
        "fields.c", shape, str(count), crash="SIGSEGV", stage=stage, canaries=secrets, at_most=1_000, crashes=1
    )
    assert len(events) < 1_000
    return events


def leaks(events: Sequence[Event]) -> bool:
    return any(not hit.allowed for event in events for hit in event.hits)


def test_executions_do_not_depend_on_the_number_of_fields_nor_of_stores_that_are_nobody_elses() -> None:
    late, early, halves = (
        {count: fields(shape, count) for count in (4, 8, 16, 60)} for shape in ("late", "early", "two")
    )
    private = {stores: fields("private", stores) for stores in (10, 1_000)}
    assert [len({len(events) for events in shape.values()}) for shape in (late, early, halves, private)] == [1, 1, 1, 1]
    assert max(len(events) for shape in (late, early, halves, private) for events in shape.values()) < 20
    assert all(map(leaks, early.values()))
    assert not any(map(leaks, [*late.values(), *halves.values(), *private.values()]))


# -- each rule is needed


@attrs.frozen
class Rule:
    """In this file of the runtime this text stands for a rule; with the other one the programs lose something."""

    file: str
    old: str
    new: str
    programs: tuple[Drawn, ...]


HALVES = Drawn(("H01Z01", "H11Z11"))
"""Each thread has its half there for a while: the other one need not be there then."""
LATE = Drawn(("s01s02", "I01"), "SIGSEGV")
"""What a handler does depends on what a thread has written: its exit status says it."""
RULES = {
    "steps that change a place of a secret depend on one another": Rule(
        "exposure/groups.c", "note(RF_WRITE, RFN_TOUCHED_GROUPS + i);", "", (HALVES,)
    ),
    "bytes that were never there together may be": Rule(
        "exposure/seen.c",
        "add(found, byte_of(w->first, n));\n    add(found, initial(address));\n    for (uint32_t i = 0;",
        "add(found, byte_of(w->last, n));\n    for (uint32_t i = 0; 0 &&",
        (HALVES,),
    ),
    "with another group it begins again": Rule("exposure/points.c", "rf_touches_more(rfn.core);", "", (HALVES,)),
    "a handler makes the crash a step": Rule(
        "exposure/points.c", "|| (action->sa_handler != SIG_DFL && action->sa_handler != SIG_IGN)", "", (LATE,)
    ),
    "which secrets may be in a dump is a part of it": Rule(
        "memory/touched.h",
        "rfn_touched_object(RF_WRITE, RFN_TOUCHED_PHASE);",
        "",
        (Drawn(("A01s01K01s02W01", "F01s03A01")),),
    ),
    "a dump that shows something is made": Rule("exposure/points.c", "rf_shows(rfn.core, exposed);", "", (HALVES,)),
}


def mutated(rule: Rule, folder: Path) -> Path:
    """The driver without that rule: a header's is taken away in all files that include it."""
    text = (build.RUNTIME / rule.file).read_text("utf-8")
    assert text.count(rule.old) == 1, f"{rule.file}: the text of this rule is not there once"
    changed = folder / rule.file
    changed.parent.mkdir(parents=True)
    changed.write_text(text.replace(rule.old, rule.new), "utf-8")
    if changed.suffix == ".c":
        users = [changed]
    else:
        ours = [path for path in build.runtime_sources() if path.suffix == ".c"]
        users = [path for path in ours if "touched_phase" in path.read_text("utf-8")]
    compiler = toolchain().compiler_of(Path("driver.c"))
    where = [f"-I{folder}", f"-I{build.RUNTIME}", f"-I{build.CORE}"]
    new = driver_objects()
    for number, user in enumerate(users):
        target = folder / f"{number}.o"
        flags = ["-std=gnu11", "-O2", "-mgeneral-regs-only", "-ftls-model=initial-exec", "-fexceptions"]
        ran([*compiler, *flags, *where, "-c", user, "-o", target], "a mutant does not compile")
        new[build.RUNTIME / rule.file if user == changed else user] = target
    driver = folder / "driver"
    flags = ["-fexceptions", "-rdynamic", "-Wl,-z,now", *trivial.link_flags()]
    ran([*compiler, *flags, *new.values(), "-o", driver, "-ldl", "-lm"], "a mutant cannot be linked")
    return driver


@pytest.mark.skipif(toolchain().machine != "x86_64", reason="mutants are compiled as on x86-64")
@pytest.mark.parametrize("rule", RULES)
def test_without_a_rule_something_is_lost(rule: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = RULES[rule]
    for program in one.programs:
        assert compared(program, 20_000)[0] > 0
    whole = {program: shown(program, EVERY, 20_000).what for program in one.programs}
    driver = mutated(one, tmp_path)
    choose: Callable[..., Path] = partial(lambda chosen, *_: chosen, driver)
    monkeypatch.setattr(modelled.build, "driver", choose)
    assert any(shown(program, ONE_OF_EACH, 20_000).what < wanted for program, wanted in whole.items())
