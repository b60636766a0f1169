"""When two findings are one: what leaks, into which dump, and which two pieces of code race for it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from redactfuzz.model.finding import Finding
from redactfuzz.model.messages import lasting
from redactfuzz.model.outcome import Bug, Leak
from redactfuzz.model.schedule import Action, Deviation, Site, Step


def key(title: str, finding: Finding) -> str:
    """Short text, equal for findings of one cause.

    It holds no line and no stack: code that moves by a line has the same bug. Two windows of one function, through
    which the same secret comes into the same dump, are one cause.
    """
    return hashlib.sha256(
        json.dumps([title, *_what(finding), *_where(finding), *_raised(finding)]).encode()
    ).hexdigest()[:12]


def explained(finding: Finding) -> bool:
    """Whether it has what tells it from another one: a race its window. Where nobody was displaced there is no race."""
    return not finding.schedule.deviations or (window(finding) is not None and not finding.cut)


def same(title: str, finding: Finding, known: Finding) -> bool:
    """Whether a finding is taken for one that is known.

    It is when they have one key; and where one of them was not explained, as what a search had found that was killed,
    when they are of the same secret and dump.
    """
    if title != known.scenario:
        return False
    if explained(finding) and explained(known):
        return key(title, finding) == key(title, known)
    return _what(finding) == _what(known)


def sites(finding: Finding) -> tuple[str, ...]:
    """The pieces of code that race, in the order of the schedule: function by function, without lines."""
    return tuple(dict.fromkeys(_where(finding)))


def window(finding: Finding) -> tuple[Step, Step] | None:
    """The first and the last step of the race window; None where it is not known."""
    found = finding.window
    if found is None or not finding.steps:
        return None
    last = len(finding.steps) - 1
    return finding.steps[min(found.first, last)], finding.steps[min(found.last, last)]


def alike(finding: Finding, leaks: Sequence[Leak], bug: Bug | None) -> bool:
    """Whether an execution with these leaks and this bug shows the same secret in the same dump, or the same bug."""
    return _shown(leaks, bug) == _what(finding)


def _what(finding: Finding) -> list[str]:
    return _shown(finding.leaks, finding.bug)


def _shown(leaks: Sequence[Leak], bug: Bug | None) -> list[str]:
    if leaks:
        return [min(f"{leak.canary} in {leak.dump}" for leak in leaks)]
    if bug is not None:
        return [str(bug.kind), lasting(bug.summary, numbers=False)]
    return []


def _where(finding: Finding) -> list[str]:
    """The functions at both ends of the race window; where that is not known, those of each deviation."""
    ends, last = window(finding), finding.schedule.deviations[-1:]
    if finding.window is not None and ends is not None and finding.window.first == finding.window.last and last:
        return [_function(last[0].site)]  # of one moment: the step there is the first of whoever strikes, and no place
    if ends is not None:
        return sorted({f"{step.site.module}:{step.site.function}" for step in ends})
    return [_named(each) for each in finding.schedule.deviations]


def _raised(finding: Finding) -> list[str]:
    """The function that a bug came from: two that say the same but for a number are two."""
    bug = finding.bug
    if bug is None or finding.leaks or not bug.raised_at:
        return []
    own = [step.site for step in finding.steps if step.thread == bug.thread and step.site.function]
    return [f"raised in {_function(own[-1])}"] if own else []


def _function(site: Site) -> str:
    return f"{site.module}:{site.function}" if site.function else "the beginning"


def _named(deviation: Deviation) -> str:
    place = _function(deviation.site)
    what = deviation.trigger if deviation.action is Action.CRASH else ""
    return f"{deviation.action} in {place}{f' by {what}' if what else ''}"
