"""Small scenarios in Python that chance draws: what comes of them under every schedule, and under one of each class."""

from __future__ import annotations

import collections
import queue
import random
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs
from driving import SEED, run

from redactfuzz import Race
from redactfuzz.model.outcome import Dump, Inspection, Outcome
from redactfuzz.model.plan import Policy, Stage
from redactfuzz.model.schedule import Granularity
from redactfuzz.scan import Inspector

MOST = 4_000
"""Schedules of a scenario that is drawn: beyond, another one is."""

STEPS = (
    "total = total + 1",
    "t = total; abs(0); total = t + 1",
    "box.a = box.a + 1",
    "t = box.a; abs(0); box.a = t + 1",
    "t = n; abs(0); n = t + 1",
    "box.b = key",
    "box.b = 'no'",
    "box.key, box.b = 'x', key",
    "box.twice = 3",
    "box.show()",
    "slots.a = slots.a + 1",
    "t = slots.a; abs(0); slots.a = t * 3",
    "Box.c = Box.c + 1",
    "del box.b",
    "items['k'] = key",
    "items['m'] = len(items)",
    "items.pop('k', None)",
    "t = items.get('m', 0); abs(0); items['m'] = t + 1",
    "items.update(a=1); items.setdefault('z', 4)",
    "t = 'k' in items; abs(0); box.a = t",
    "row.append(1)",
    "row.append(len(row))",
    "t = row[0]; abs(0); row[0] = t + 1",
    "row.pop()",
    "row += [3]; abs(0); row.reverse()",
    "for x in row: box.a = box.a * 2 + x",
    "for k in items: box.a = k",
    "box.a = [x for x in row]",
    "box.a = f'{row} {box.b}'",
    "a, *rest = row; abs(0); box.a = rest",
    "box.a = sorted(row); abs(0); box.b = min(row)",
    "box.a = ''.join(words); words.append('w')",
    "seen.add(box.b); abs(0); box.a = len(seen)",
    "line.append(1); abs(0); line.popleft()",
    "line.appendleft(box.a)",
    "box.a = tuple(line)",
    "if box.a == 1: box.b = key",
    "if row: row.clear()",
    "if total == 1: raise ValueError",
    "with lock: box.a = box.a + 1",
    "with lock: t = total; abs(0); total = t + 1",
    "with rlock: row.append(2); box.b = key",
    "with lock:\n        with rlock: box.a = 5",
    "with rlock:\n        with lock: box.a = box.a - 1",
    "lock.acquire(); abs(0); box.a = box.a + 1; lock.release()",
    "lock.acquire()",
    "lock.release()",
    "if lock.acquire(False): box.a = 7",
    "lines.put(box.a)",
    "box.a = lines.get()",
    "said.set()",
    "said.wait(); box.a = box.a + 2",
    "with told: told.notify()",
    "with told: told.wait()",
    "race.dump(f'{box.b}')",
    "for it in hidden: it.a = it.a + 1",
    "for it in hidden: t = it.a; abs(0); it.a = t * 2 + 1",
    "for it in hidden: box.a = it.a",
    "for it in further: it.a = box.a",
    "for it in further: abs(0); box.b = it.a; it.b = key",
    "mine = Box(); mine.a = box.a; abs(0); box.b = mine.a",
    "mine = [box.a]; abs(0); mine.append(2); box.a = mine",
    "box.a = scrub(box.b)",
    "box.a = (lambda: total)()",
    "box.a = max(x for x in row)",
    "setattr(box, 'a', getattr(box, 'b', 1))",
    "box.late = hasattr(box, 'late')",
    "try: box.a = box.gone\n    except AttributeError: box.gone = 1",
)
HANDLERS = (
    "return f'{total} {n} {box.a} {box.b} {items} {row} {slots.a} {Box.c} {sorted(map(str, seen))} {list(line)}'",
    "t = box.a; return f'{t} {box.b}'",
    "return box.b if box.a != 1 else 'clean'",
    "return repr(vars(box))",
    "return str([it.a for it in hidden] + [it.b for it in further])",
    "return ''.join(f'{k}={v}' for k, v in items.items())",
    "with lock: return f'{box.b} {row}'",
    "return str([sorted(f.f_locals) for f in frames() if f.f_code.co_filename == __file__])",
)
CRASHES = ("none", "watchdog", "kill", "exception", "signal")
TEMPLATE = """
def body(race):
    global total
    key = race.canary("key").text
    total, n, items, row, words, seen, line = 0, 0, {{"m": 0}}, [1, 2], ["a"], set(), deque()
    box, slots = Box(), Slots()
    hidden, further = {{Box()}}, {{Box()}}  # what is in a set is met as somebody comes to it
    Box.c = 0
    lock, rlock, told, said, lines = Lock(), RLock(), Condition(), Event(), SimpleQueue()
    scrub = race.redactor(lambda text: text if box.a else "")
{threads}
    def handler(*how):
        {handler}
{crash}
"""


class Box:
    c = 0

    def __init__(self) -> None:
        self.a: Any = 0
        self.b: Any = "no"

    @property
    def twice(self) -> Any:
        return self.a * 2

    @twice.setter
    def twice(self, value: Any) -> None:
        self.a = value

    def show(self) -> None:
        self.b = self.a


class Slots:
    __slots__ = ("a",)

    def __init__(self) -> None:
        self.a = 1


def frames() -> list[Any]:
    import sys

    return list(sys._current_frames().values())


@attrs.frozen
class Drawn:
    """A scenario: its source, where its threads are stopped, and whether the crash comes last."""

    text: str
    granularity: Granularity
    crash_last: bool

    def body(self) -> Callable[[Race], object]:
        names: dict[str, Any] = {
            "Box": Box, "Slots": Slots, "frames": frames, "deque": collections.deque, "__file__": "drawn.py",
            "Lock": threading.Lock, "RLock": threading.RLock, "Condition": threading.Condition,
            "Event": threading.Event, "SimpleQueue": queue.SimpleQueue, "__name__": "drawn",
        }  # fmt: skip
        exec(compile(self.text, "drawn.py", "exec"), names)
        found: Callable[[Race], object] = names["body"]
        return found


def drawn(seed: int, crash: str) -> Drawn:
    """Threads of a few steps: fewer where they are stopped at each instruction."""
    chance = random.Random(seed)
    finest = chance.random() < 0.3
    count = 3 if crash == "none" and chance.random() < 0.15 else 2
    threads, started = [], []
    for number in range(count):
        most = 1 if finest or count == 3 or crash in ("watchdog", "exception") else 2
        chosen = [chance.choice(STEPS) for _ in range(chance.randint(1, most))]
        lines = "\n".join(f"        {step.replace(chr(10), chr(10) + '    ')}" for step in chosen)
        threads.append(f"    def work{number}():\n        global total\n        nonlocal n, row\n{lines}")
        started.append(f"    race.thread(work{number}, name='t{number}')")
    handler = chance.choice(HANDLERS)
    by = "watchdog" if crash == "none" else crash
    text = TEMPLATE.format(
        threads="\n".join(threads), handler=handler, crash="\n".join([*started, f"    race.crash(handler, by='{by}')"])
    )
    return Drawn(text, Granularity.INSTRUCTIONS if finest else Granularity.SWITCHES, crash == "none")


def outcomes(program: Drawn, policy: Policy, most: int = MOST) -> tuple[int, set[tuple[object, ...]], bool]:
    """How many executions there were, what came of them, and whether these are all."""
    shown: list[tuple[str, ...]] = []
    search = Inspector(SEED)

    def inspect(
        dumps: Sequence[Dump], canaries: Mapping[str, Any], witnesses: Mapping[str, str], number: int
    ) -> Inspection:
        key = canaries["key"].text
        shown.append(tuple(sorted(str(dump.data).replace(key, "KEY") for dump in dumps)))
        return search(dumps, canaries, witnesses, number)

    def of(outcome: Outcome) -> tuple[object, ...]:
        bug = (outcome.bug.kind, outcome.bug.thread) if outcome.bug else None
        return bug, tuple(sorted({leak.canary for leak in outcome.leaks}))

    stage = Stage(policy, program.granularity)
    ran = run(program.body(), (stage,), executions=most, inspect=inspect, crash_last=program.crash_last)
    counted = {of(outcome) for outcome in ran.outcomes if not outcome.begins_again}
    return len(ran.outcomes), counted | set(shown), ran.exhausted


def compared(seed: int, crash: str, most: int = MOST) -> tuple[int, int]:
    """Executions of a scenario with the reduction and without; (0, 0) where there are too many."""
    program = drawn(seed, crash)
    many, expected, whole = outcomes(program, Policy.EXHAUSTIVE, most)
    if not whole:
        return 0, 0
    few, found, all_of_it = outcomes(program, Policy.DPOR, most)
    assert all_of_it, f"seed {seed}, {crash}: not gone through, {few} executions of {many}:\n{program.text}"
    assert found == expected, (
        f"seed {seed}, {crash}, {few} executions of {many}: {sorted(map(str, expected - found))} lost,"
        f" {sorted(map(str, found - expected))} more:\n{program.text}"
    )
    return few, many
