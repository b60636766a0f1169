"""One sentence in plain words: what happened, as far as the recorded steps say it."""

from __future__ import annotations

import linecache
import re
from collections.abc import Sequence
from pathlib import PurePath

from redactfuzz.model.canary import stops
from redactfuzz.model.finding import Finding
from redactfuzz.model.origin import Origin, origin_of
from redactfuzz.model.outcome import BugKind, Leak, LeakKind
from redactfuzz.model.schedule import DRAWN, Action, Passed, Step

_MOST_PARTS = 4
_ORDINALS = ("", "second ", "third ", "next ")
_QUOTED = re.compile(r"(?<![^\s'])([^\s'`:]+):(\d+) \(`(.*?)`\)")
"""What ``_place`` writes."""
_WAIT = re.compile("its (.+ s (?:sleep|wait)) ends")
"""The note of a step that ends a wait while others could go on."""
REMEDY = (
    "A residue in a register: compile with -fzero-call-used-regs=used (or =all), which clears registers where a"
    " function returns, or clear them in the handler before the dump is made."
)


def cause(finding: Finding, ahead: Step | None = None, beyond: Step | None = None) -> str:
    """The sentence.

    ``ahead``: what would have come next, had the last deviation not struck. ``beyond``: where the race window ends,
    when that lies after the finding's own crash.
    """
    sentence = _sentence(finding, ahead, beyond)
    if finding.schedule.child:
        moment = finding.schedule.moment
        when = f"at its call {moment}" if moment > 0 else f"before its store {-moment}"
        sentence += f" The child of fork, number {finding.schedule.child}, is struck {when}."
    if waits := [f"{wait[1]} of '{step.thread}'" for step in finding.steps if (wait := _WAIT.fullmatch(step.note))]:
        named = " and the ".join(waits[:2]) + (f" and {len(waits) - 2} more" if len(waits) > 2 else "")
        sentence += f" It needs the {named} to end while the other threads stand still."
    if finding.schedule.stalls_at:
        sentence += " It takes a deadline that passes between two looks at a clock."
    elif finding.schedule.stalls:
        sentence += " It takes a machine that stalls: more than a second passes between two looks at a clock."
    if (secret := stops.meaning(finding.canary_number)) and finding.leaks:
        sentence += f" It takes a secret that {secret}: with those before it was not met."
    if finding.schedule.double and _crashes(finding.steps) > 1:
        sentence += " It takes a second crash while the handler of the first runs: a double fault."
    if finding.schedule.turned_at == DRAWN:
        sentence += (
            " It needs the elements of a set in another order, which another hash seed or other secrets may give."
        )
    elif finding.schedule.turned:
        which = "some sets of text have" if finding.schedule.turned_at else "sets of text have"
        sentence += f" It takes another hash seed: {which} the reverse order of this one's."
    return f"{sentence} {REMEDY}" if finding.kind is LeakKind.RESIDUE else sentence


def still_quotes(sentence: str, steps: Sequence[Step]) -> bool:
    """Whether the lines that a recorded sentence quotes still stand where it says, in the files of ``steps``.

    Of a file that cannot be read nobody can say.
    """
    files = {PurePath(step.file).name: step.file for step in steps if step.file}
    quoted = [(files.get(name, ""), int(line), source) for name, line, source in _QUOTED.findall(sentence)]
    return all(
        linecache.getline(file, line).strip() == source for file, line, source in quoted if linecache.getlines(file)
    )


def _sentence(finding: Finding, ahead: Step | None, beyond: Step | None) -> str:
    end = _bug(finding) if finding.bug is not None else _leak(finding)
    if finding.kind is LeakKind.SEQUENTIAL:
        order = " then ".join(f"'{name}'" for name in _order(finding.steps))
        ran = (
            f"With the threads run one after the other ({order})"
            if order
            else "With the threads run one after the other"
        )
        return f"{ran}, {end}: a plain bug, not a race."
    parts = _parts(finding, ahead)
    if not parts:
        return f"{_capital(end)}."
    joined = "; then ".join(parts) if len(parts) > 1 else parts[0]
    sentence = f"{_capital(joined)}, and {end}"
    if beyond is not None:
        sentence += f". It {finding.verb}s as well when that happens later, up to {_place(beyond)}"
    return f"{sentence}."


def _parts(finding: Finding, ahead: Step | None) -> list[str]:
    """One phrase for each deviation, in order."""
    steps = finding.steps
    places = [index for index, step in enumerate(steps) if step.deviation]
    parts: list[str] = []
    for index, step in enumerate(steps):
        if step.struck and places and index <= places[-1]:
            parts.append(f"the crash struck when '{step.struck}' had brought the process to its end")
        if step.deviation:
            parts.append(_phrase(steps, index, ahead if index == places[-1] else None))
    if len(parts) > _MOST_PARTS:
        parts = [*parts[: _MOST_PARTS - 1], _more(len(parts) - _MOST_PARTS), parts[-1]]
    return parts


def _more(count: int) -> str:
    return f"{count} more {'deviation' if count == 1 else 'deviations'}"


def _phrase(steps: Sequence[Step], index: int, ahead: Step | None) -> str:
    step = steps[index]
    current = steps[index - 1].thread if index else ""
    if step.action is Action.EXPIRE:
        return f"the timed wait of '{step.thread}' at {_place(step)} expired"
    if step.action is Action.CRASH:
        if not current:
            return "the crash struck before anything else ran"
        before = min(_crashes(steps[:index]) + bool(step.struck), len(_ORDINALS) - 1)
        return f"the {_ORDINALS[before]}crash struck " + _when(steps, index, current, f"'{current}'", ahead)
    if not current:
        return f"'{step.thread}' ran first"
    if not step.preempts:
        return f"'{step.thread}' ran next"
    return f"thread '{current}' was stopped {_when(steps, index, current, 'it', ahead)} and '{step.thread}' went on"


def _crashes(steps: Sequence[Step]) -> int:
    return sum(bool(step.struck) + (step.action is Action.CRASH) for step in steps)


def _when(steps: Sequence[Step], index: int, thread: str, name: str, ahead: Step | None) -> str:
    """Between which two steps of a thread: what it had done, and what it had yet to do. ``name``: what it is called."""
    done = next((s for s in reversed(steps[:index]) if s.thread == thread and s.file), None)
    later = next((s for s in steps[index:] if s.thread == thread and s.file and s.action is not Action.CRASH), None)
    if later is None and ahead is not None and ahead.thread == thread and ahead.file:
        later = ahead
    yet = _place(later) if later is not None else ""
    last = _ran(done, later) if done is not None else None
    had = _quoted(last.file, last.line, last.source) if last is not None else ""
    if later is not None and _began(steps[:index], thread, later):
        return f"while {name} was inside {yet}"
    if not had:
        return f"before {name} had run {yet}" if yet else f"at the start of {name}"
    if not yet:
        return f"after {name} had run {had}"
    if had == yet:
        return f"while {name} was inside {had}"
    begun = last is not None and later is not None and _calls(steps[:index], thread, last, later)
    return f"when {name} had {'begun' if begun else 'run'} {had} but not yet {yet}"


def _calls(steps: Sequence[Step], thread: str, last: Step | Passed, later: Step) -> bool:
    """Whether ``last`` is a call that has not returned where the thread is.

    Frames are not recorded: a function that is not below is called, and one that is below is returned to.
    """
    stack: list[tuple[str, str]] = []
    for step in steps:
        if step.thread == thread and step.file:
            places: list[Step | Passed] = [step, *step.passed]
            for place in places:
                _enter(stack, place)
    _enter(stack, later)
    return (last.file, last.function) in stack[:-1]


def _enter(stack: list[tuple[str, str]], place: Step | Passed) -> None:
    function = place.file, place.function
    if function in stack:
        del stack[stack.index(function) + 1 :]
    else:
        stack.append(function)


def _began(steps: Sequence[Step], thread: str, later: Step) -> bool:
    """Whether the last line that the thread ran in that function is the one that it is on: it is half done."""
    for step in reversed(steps):
        if step.thread == thread and step.file:
            places: list[Step | Passed] = [*reversed(step.passed), step]
            for place in places:
                if (place.file, place.function) == (later.file, later.function):
                    return place.line == later.line
    return False


def _ran(done: Step, later: Step | None) -> Step | Passed:
    """The last line of a step, of the user's where one is, but for the one that the thread is on."""
    ahead = (later.file, later.line) if later is not None else None
    passed = [line for line in done.passed if (line.file, line.line) != ahead]
    own = [line for line in passed if origin_of(line.file) is Origin.OWN]
    if not passed or (not own and origin_of(done.file) is Origin.OWN):
        return done
    return (own or passed)[-1]


def _place(step: Step) -> str:
    return _quoted(step.file, step.line, step.source) if step.file else str(step.site)


def _quoted(file: str, line: int, source: str) -> str:
    name, source = file.replace("\\", "/").rpartition("/")[2], source.strip()
    return f"{name}:{line} (`{source}`)" if source else f"{name}:{line}"


def _leak(finding: Finding) -> str:
    held = _held(finding.leaks)
    if finding.kind is LeakKind.PERMANENT:
        return f"even after every thread had finished the dump held {held}"
    return f"the dump held {held}"


def _held(leaks: Sequence[Leak]) -> str:
    best: dict[str, Leak] = {}
    for leak in leaks:
        if leak.canary not in best or leak.recovered > best[leak.canary].recovered:
            best[leak.canary] = leak
    named = []
    for leak in best.values():
        part = "" if leak.part == "whole" else "part of "
        named.append(f"{part}'{leak.canary}' ({leak.encoding}, {leak.length} bytes)")
    return " and ".join(named[:3]) + (f" and {len(named) - 3} more" if len(named) > 3 else "")


def _bug(finding: Finding) -> str:
    bug = finding.bug
    assert bug is not None
    who = f" in thread '{bug.thread}'" if bug.thread else ""
    match bug.kind:
        case BugKind.DEADLOCK:
            return f"no thread could go on any more ({bug.summary})"
        case BugKind.SPIN:
            return f"the step limit was reached: {bug.summary.removeprefix(f'{bug.kind}: ')}"
        case BugKind.HANG:
            return f"nothing moved any more{who} ({bug.summary})"
        case BugKind.DIED:
            return f"the process died{who} ({bug.summary})"
        case BugKind.HANDLER:
            return f"the crash handler raised {bug.summary}"
        case _:
            return f"{bug.kind}{who}: {bug.summary}"


def _order(steps: Sequence[Step]) -> list[str]:
    """Threads by their last step, the crash handler's own left out with the rest of what follows a crash."""
    ended: dict[str, None] = {}
    for step in steps:
        if step.action is Action.CRASH:
            break
        ended.pop(step.thread, None)
        ended[step.thread] = None
    return list(ended)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
