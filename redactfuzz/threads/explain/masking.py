"""Keeps canaries out of what leaves the runtime: exceptions, names and source lines may all quote them.

Texts are made as they are; `Masking.shown` is the one place that every outcome passes on its way out.
"""

from __future__ import annotations

import enum
import itertools
import traceback
from collections.abc import Iterable, Iterator, Mapping, Set
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

import attrs

from redactfuzz.model.canary import Canary, any_planted
from redactfuzz.model.outcome import Bug, BugKind, Leak, Outcome
from redactfuzz.model.plan import Plan
from redactfuzz.model.schedule import Schedule, Site, Step, Steps
from redactfuzz.model.texts.escaped import escaped, without_codes, without_literal
from redactfuzz.threads.explain.literals import line_of
from redactfuzz.threads.explain.sites import nameless
from redactfuzz.threads.explain.unrun import ScenarioError
from redactfuzz.threads.restore.memory import memory_of

_HOME = str(Path(__file__).resolve().parents[2])
_OURS = {
    Leak: {"encoding", "hash_prefix", "part"},
    Outcome: {"state", "label"},
    Schedule: {"python"},
    Steps: {"order", "first"},
}
"""Fields whose few values are ours: no text of the code under test gets there."""
_NAMES: dict[Any, tuple[str, ...]] = {}
_KEPT = 4096
_HIDES = "__tracebackhide__"
_GOES_ON = "\n  | "
"""Before each further line of a message, so that none of them looks like one of a report."""

T = TypeVar("T")


@attrs.frozen
class Lesson:
    """What an execution in a child of its own found out, for the next ones: texts that are plain, kinds of canaries."""

    plain: frozenset[str]
    kinds: Mapping[str, Any]
    """Without those whose secret repeats: it is part of the kind."""


class Masking:
    """Masks the outcomes of one batch."""

    def __init__(self, plan: Plan) -> None:
        self._mask, self._mint = plan.mask, plan.mint
        self._plain: set[str] = set()
        self._new: set[str] = set()
        self._kinds: dict[str, Any] = {}
        self._foreseen: set[tuple[tuple[str, bytes], ...]] = set()
        """Names and masked secrets."""

    def lesson(self) -> Lesson:
        """What was found out since this process was forked."""
        return Lesson(frozenset(self._new), {n: kind for n, kind in self._kinds.items() if not kind.repeats})

    def learn(self, lesson: Lesson) -> None:
        """Takes what a child found out for known: each would search the same texts again."""
        if any(self._kinds.get(name, kind) != kind for name, kind in lesson.kinds.items()):
            self._plain.clear()
        self._kinds.update(lesson.kinds)
        if len(self._plain) < _KEPT:
            self._plain |= lesson.plain

    def foresee(self, kinds: Mapping[str, Any], number: int) -> None:
        """Makes here what children would each make anew: canaries of an execution that repeat, and the search for them.

        Names are searched as canaries are declared: for the first one, for the first two, and so on.
        """
        canaries = {name: self._mint(name, kind, number) for name, kind in kinds.items()}
        secrets = tuple((name, canary.sources()[0].secret.data) for name, canary in canaries.items())
        if secrets in self._foreseen:
            return
        self._foreseen.add(secrets)
        for count in range(1, len(canaries) + 1):
            self._mask((" ",), (), dict(itertools.islice(canaries.items(), count)))

    def shown(self, value: T, canaries: Mapping[str, Canary]) -> T:
        """``value`` (of attrs classes, tuples, mappings, texts) with what to show in place of texts that hold secrets.

        A site of which a name holds one keeps its number, so that the schedule still replays.
        """
        said: set[str] = set()
        named: set[str] = set()
        _collect(value, said, named, set())
        instead = self._instead(said, named, canaries)
        lines = {value.bug.detail} if isinstance(value, Outcome) and value.bug is not None else set()
        for text in said | named:
            shown = instead.get(text, text)
            if not shown.isprintable() and (plain := escaped(shown, keep="\n" if text in lines else "")) != text:
                instead[text] = plain
        masked: T = _replaced(value, instead) if instead else value
        return masked

    def printed(self, value: Mapping[str, str], canaries: Mapping[str, Canary]) -> Mapping[str, str]:
        """What the code under test wrote to a terminal, as it wrote it but for secrets.

        Where codes for the terminal stand between the letters of one, without them.
        """
        bare = {text: without_codes(text) for text in value.values()}
        instead = self._instead({*bare, *bare.values()}, set(), canaries)
        return {name: instead.get(bare[text], instead.get(text, text)) for name, text in value.items()}

    def refuse_secret(self, what: str, name: str, canaries: Mapping[str, Canary], how: str = "") -> None:
        """Raises ScenarioError when a name, which every report shows, holds a secret."""
        if name in self._plain:  # as good as always, so that names cost nothing
            return
        if self._instead({name}, set(), canaries):  # what is shown in its place may name the canary that is called so
            raise ScenarioError(
                f"the name of a {what} holds a secret, and every report shows names: give it another{how}"
            )

    def is_secret(self, name: str, canaries: Mapping[str, Canary]) -> bool:
        """Whether a name holds a secret."""
        return name not in self._plain and bool(self._instead({name}, set(), canaries))

    def secrets_among(self, names: Set[str], canaries: Mapping[str, Canary]) -> Set[str]:
        """Those of many names that hold one: what is searched for is made once for all of them."""
        return self._instead(set(names), set(), canaries).keys()

    def _instead(self, said: set[str], named: set[str], canaries: Mapping[str, Canary]) -> dict[str, str]:
        """What held no secret of one execution holds none of a later one, which is drawn anew: it is not searched."""
        if any(self._is_news(name, canary) for name, canary in canaries.items()):
            self._plain.clear()
            self._new.clear()
        said, named = said - self._plain, named - self._plain - said
        if not canaries or not (said or named):
            return {}
        instead = self._mask(said, named, canaries)
        if len(self._plain) < _KEPT:
            plain = {text for text in (*said, *named) if text not in instead}
            self._plain |= plain
            self._new |= plain
        return instead

    def _is_news(self, name: str, canary: Canary) -> bool:
        """Whether texts that are known to be plain may hold this one: it is not drawn anew, or of another kind."""
        known = self._kinds.get(name)
        self._kinds[name] = canary.kind
        return known != canary.kind and (known is not None or canary.kind.repeats)


def _collect(value: Any, said: set[str], named: set[str], seen: set[tuple[int, bool]]) -> None:
    """Every text in ``value``; those of steps and schedules are names.

    ``seen``: what was gone through; steps share their places, of which they have few.
    """
    if isinstance(value, str):
        if not isinstance(value, enum.Enum):
            said.add(value)
    elif isinstance(value, tuple | frozenset):
        for each in value:
            _collect(each, said, named, seen)
    elif isinstance(value, int | bytes | None):
        return
    elif isinstance(value, Mapping):
        _collect(tuple(value.values()), said, named, seen)
    elif names := _names(type(value)):
        said = named if isinstance(value, Step | Schedule) else said
        if (key := (id(value), said is named)) not in seen:
            seen.add(key)
            for name in names:
                _collect(getattr(value, name), said, named, seen)


def _parts(value: Any) -> Iterator[Any]:
    return (getattr(value, name) for name in _names(type(value)))


def _names(cls: Any) -> tuple[str, ...]:
    """Attributes of a class of ours that may hold texts of the program; asked for each execution, and kept."""
    if cls not in _NAMES:
        fields = attrs.fields(cls) if attrs.has(cls) else ()
        _NAMES[cls] = tuple(field.name for field in fields if field.name not in _OURS.get(cls, ()))
    return _NAMES[cls]


def _replaced(value: Any, instead: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return value if isinstance(value, enum.Enum) else instead.get(value, value)
    if isinstance(value, tuple | frozenset):
        return type(value)(_replaced(each, instead) for each in value)
    if isinstance(value, Mapping):
        return {key: _replaced(each, instead) for key, each in value.items()}
    if isinstance(value, Site):
        return nameless(value) if any(text in instead for text in _parts(value)) else value
    if not attrs.has(type(value)):
        return value
    changed = {
        name: new for name in _names(type(value)) if (new := _replaced(old := getattr(value, name), instead)) is not old
    }
    return attrs.evolve(value, **changed) if changed else value


def holds_canary(value: Any, canaries: Mapping[str, Canary]) -> bool:
    """Whether a text, a buffer or what a pointer points to holds a forbidden canary in its plain form."""
    if isinstance(value, str):
        return any(not c.allowed and c.within(value) for c in canaries.values())
    data = memory_of(value)
    held = any(not c.allowed and c.within(data) for c in canaries.values())
    data[:] = bytes(len(data))  # a copy of ours must be in no core
    return held


def raised(kind: BugKind, thread: str, error: BaseException) -> Bug:
    """A Bug for an exception, with the frames of the code under test only. Not masked."""
    frames = _theirs(_shown(error))
    lines = _lines(frames)
    place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    try:
        message = str(error)
    except Exception:
        message = "(its message cannot be shown: __str__ raised)"
    summary = f"{type(error).__name__}: {message}" if message else type(error).__name__
    return Bug(kind, summary.replace("\n", " "), thread, lines + summary.replace("\n", _GOES_ON), place)


def ended(what: str, thread: str, frame: FrameType) -> Bug:
    """A Bug for a call that ends the process, made in ``frame``. Not masked."""
    summary = f"process ended itself: {what}"
    return Bug(BugKind.DIED, summary, thread, _lines(_theirs(traceback.extract_stack(frame))) + summary)


def _lines(frames: Iterable[traceback.FrameSummary]) -> str:
    """Two for each frame, whatever its file and function are called."""
    return "".join(traceback.format_list([_in_lines(one) for one in frames]))


def _shown(error: BaseException) -> list[traceback.FrameSummary]:
    """The frames of an exception, without functions that hide from tracebacks, as helpers do whose caller is at fault.

    pytest knows them by a variable, as do others that show tracebacks of tests: pytest.fail() itself has it.
    """
    frames = zip(traceback.walk_tb(error.__traceback__), traceback.extract_tb(error.__traceback__), strict=True)
    return [shown for (frame, _), shown in frames if _HIDES not in frame.f_code.co_varnames]


def _theirs(frames: Iterable[traceback.FrameSummary]) -> list[traceback.FrameSummary]:
    """Those of the code under test."""
    return [one for one in frames if not one.filename.startswith(_HOME)]


def _in_lines(frame: traceback.FrameSummary) -> traceback.FrameSummary:
    line = frame.line or ""
    # Of a secret that is put together of several texts none is found in the line by its value.
    told = without_literal(line_of(frame.filename, frame.lineno or 0) if any_planted() and line else line)
    if "\n" not in frame.filename + frame.name and told == line:
        return frame
    file, name = (text.replace("\n", r"\n") for text in (frame.filename, frame.name))
    return traceback.FrameSummary(file, frame.lineno, name, lookup_line=False, line=told)
