"""The repro file ``NAME-7f3a.rfz.json``: everything that runs one finding again, as versioned JSON without a secret.

This module turns text into values and back; files are the campaign's business.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

import attrs
import cattrs
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from redactfuzz.model import strict
from redactfuzz.model.limits import MODULES, NUMBER, SEED, complaint, strict_constant
from redactfuzz.model.messages import alike, alike_but_for_numbers, lasting
from redactfuzz.model.outcome import QUOTING, RESIDUE, UNKNOWN_ENCODING, Bug, BugKind, Leak, LeakKind
from redactfuzz.model.plan import Isolation
from redactfuzz.model.schedule import Action, Granularity, Schedule
from redactfuzz.model.verdict import Label, Verdict

FORMAT = 4
"""Of the files that this version writes. It reads this and every older one."""
SUFFIX = ".rfz.json"
_DIGITS = 4
ABOUT = "One finding of redactfuzz. It holds lines and names of the program's source, and no secret."

_DOUBLE = 3
"""Before this format a second crash could strike in every execution while the handler of the first ran."""

_HASH_SEED = re.compile(r"random|[0-9]{1,10}", re.ASCII)
_NAMES = {"path", "item"}
"""Fields that name a file."""
_ACTED_ON = ("path", "scenario", "item", "program", "planted", "schedule")
"""Fields that say what runs. Others are shown, or are arguments of the scenario, which may hold anything."""
_AGAIN = "take it again from where it came"

JsonValue = None | bool | int | float | str | list[Any] | dict[str, Any]


class ReproError(ValueError):
    """A repro file that cannot be used. The message says what is wrong, where, and what to do."""


@attrs.frozen
class Shown:
    """A canary that the finding's dump held, and in which encoding."""

    canary: str
    encoding: str


@attrs.frozen
class Identity:
    """What makes two findings the same: what leaked, or what went wrong."""

    verdict: Verdict
    canaries: tuple[Shown, ...] = ()
    bug_kind: BugKind | None = None
    bug_summary: str = ""
    place: str = ""
    """Of the leak's last writer, or RESIDUE. Empty where leaks are not distinguished by it."""
    raised_at: str = ""
    """Where the exception of a bug came from. Empty in a file: the code may have changed since."""

    @property
    def primary(self) -> str:
        """The canary that a run must leak to count as this finding."""
        return min((shown.canary for shown in self.canaries), default="")

    @property
    def by_comparison(self) -> bool:
        """Whether only a comparison of dumps that were made with other values shows it."""
        encodings = {shown.encoding for shown in self.canaries if shown.canary == self.primary}
        return encodings == {UNKNOWN_ENCODING}

    @property
    def key(self) -> str:
        """Short text, equal for equal findings."""
        if self.bug_kind is None:
            return f"{self.verdict} {self.primary}" + (f" {self.place}" if self.place else "")
        of_exception = self.bug_kind in QUOTING and self.bug_summary.partition(": ")[0].isidentifier()
        return f"{self.verdict} {self.bug_kind}: {lasting(self.bug_summary, numbers=not of_exception)}"

    def matches(self, leaks: tuple[Leak, ...], bug: Bug | None, *, moved: bool = False) -> bool:
        """Whether an execution with these leaks and this bug shows this finding again.

        ``moved``: its last writer may be another line by now, because the code may have changed since.
        """
        if self.bug_kind is None:
            return any(leak.canary == self.primary and self._at(leak, moved=moved) for leak in leaks)
        if bug is None or bug.kind is not self.bug_kind:
            return False
        if alike(self.bug_summary, bug.summary):
            return True
        if not bug.raised_at or (self.raised_at and not alike(self.raised_at, bug.raised_at)):
            return False
        return alike_but_for_numbers(self.bug_summary, bug.summary)

    def own(self, leaks: tuple[Leak, ...]) -> tuple[Leak, ...]:
        """Those of an execution's leaks that belong to this finding; all, where they are not distinguished."""
        if not self.place:
            return leaks
        return tuple(leak for leak in leaks if leak.canary == self.primary and self._at(leak)) or leaks

    def _at(self, leak: Leak, *, moved: bool = False) -> bool:
        if not self.place:
            return True
        return leak.place == self.place or (moved and self.place != RESIDUE and not leak.residue)

    @classmethod
    def distinct(cls, leaks: tuple[Leak, ...]) -> list[Identity]:
        """One for each canary and place of its last writer, in the order of the leaks."""
        groups: dict[tuple[str, str], list[Leak]] = {}
        for leak in leaks:
            groups.setdefault((leak.canary, leak.place), []).append(leak)
        return [attrs.evolve(cls.of(tuple(group), None), place=place) for (_, place), group in groups.items()]

    @classmethod
    def of(cls, leaks: tuple[Leak, ...], bug: Bug | None) -> Identity:
        """The identity of an execution that leaked or else showed ``bug``. ValueError when it did neither."""
        if leaks:
            pairs = sorted({(leak.canary, leak.encoding) for leak in leaks})
            return cls(Verdict.LEAK, tuple(Shown(canary, encoding) for canary, encoding in pairs))
        if bug is None:
            raise ValueError("an execution without a leak or a bug has no identity")
        return cls(Verdict.BUG, bug_kind=bug.kind, bug_summary=bug.summary, raised_at=bug.raised_at)


@attrs.frozen
class Repro:
    """One finding, ready to run again."""

    scenario: str
    """Name of the scenario in ``path``."""
    path: str
    """Of the scenario's file, relative to the folder in which the campaign ran where that is possible; with ``/``."""
    identity: Identity
    schedule: Schedule
    seed: int
    canary_number: int
    python: str
    """Version that found it, ``3.11.7``."""
    hash_seed: str = "random"
    """PYTHONHASHSEED, or ``random``."""
    isolation: str = "auto"
    kind: LeakKind | None = None
    label: Label | None = None
    cause: str = ""
    preemptions: int = 0
    switches: int = 0
    trace_hash: str = ""
    """Of the recorded execution, in hex; empty when it was not recorded."""
    workload: Mapping[str, JsonValue] = attrs.field(factory=dict)
    """Drawn arguments by name, those that JSON can hold."""
    planted: Mapping[str, JsonValue] = attrs.field(factory=dict)
    """What makes the kind of each canary again: the file serves `redactfuzz scan --canaries` as a registry."""
    workload_note: str = ""
    """What ``workload`` could not hold."""
    tool: str = ""
    """Version of redactfuzz that wrote it."""
    program: Mapping[str, JsonValue] = attrs.field(factory=dict)
    """Of a C or C++ program: how it is built and started, its canaries and its crash; see ``native/run/program.py``."""
    mark: str = ""
    """What the installation that wrote the file says of its text, by which it knows the file again."""
    item: str = ""
    """pytest's name of the test, ``tests/test_x.py::TestRing::test_it[x]``, where only pytest can run it: it takes
    fixtures or parameters, or lies in a class or a function."""

    @property
    def file_name(self) -> str:
        """``NAME-7f3a.rfz.json``: the digits are of ``digest``."""
        return self.named(_DIGITS)

    def named(self, digits: int) -> str:
        """The name of its file, with so many digits: more where another finding has that of four."""
        shown = self.item.partition("::")[2] or self.scenario
        name = re.sub(r"[^A-Za-z0-9_.-]+", "_", shown).strip("._") or "scenario"
        return f"{name[:80]}-{self.digest[:digits]}{SUFFIX}"

    @property
    def digest(self) -> str:
        """A hash of what was found, where, with which seed.

        Not of its schedule: what is made of a finding later takes the place of the file that was shown at first.
        """
        same = [self.path, self.scenario, self.item, self.seed, self.identity.key]
        if self.program:  # the same sources with other arguments or flags are another program
            same.append(json.dumps(self.program, sort_keys=True))
        return hashlib.sha256(json.dumps(same).encode()).hexdigest()


def dumps(repro: Repro) -> str:
    """The text of the file."""
    body = {"about": ABOUT, "format": FORMAT, **_CONVERTER.unstructure(repro)}
    return json.dumps(body, indent=1, ensure_ascii=True, sort_keys=True, allow_nan=False) + "\n"


def loads(text: str, origin: str) -> Repro:
    """Reads what ``dumps`` wrote. ``origin`` names the file in messages. Raises ReproError and nothing else."""
    try:
        body = json.loads(text, parse_constant=strict_constant)
    except ValueError as error:
        at = f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else "somewhere"
        cut = "it is empty" if not text.strip() else f"it is no whole JSON (the text breaks at {at})"
        raise ReproError(f"{origin}: {cut}. The file was truncated or edited; {_AGAIN}.") from None
    except RecursionError:
        raise ReproError(f"{origin}: nested too deeply for a repro file; {_AGAIN}.") from None
    if not isinstance(body, dict) or not _is_number(body.get("format")):
        raise ReproError(f'{origin}: not a repro file (no "format" number at its top). Give a {SUFFIX} file.')
    version = body.pop("format")
    body.pop("about", None)
    if version < _DOUBLE and isinstance(schedule := body.get("schedule"), dict):
        schedule["double"] = True
    if version > FORMAT:
        tool = body.get("tool")
        by = f" by redactfuzz {tool}" if isinstance(tool, str) and len(tool) < 40 and tool.isprintable() else ""
        raise ReproError(
            f"{origin}: written in format {version}{by}; this version reads formats up to {FORMAT}. Upgrade redactfuzz."
        )
    if version < 1:
        raise ReproError(f"{origin}: format {version} does not exist; {_AGAIN}.")
    acted_on = [_as_name(body.get(name)) if name in _NAMES else body.get(name) for name in _ACTED_ON]
    if strange := complaint(acted_on):
        raise ReproError(f"{origin}: {strange}. The file was edited or damaged; {_AGAIN}.")
    try:
        return _in_range(_CONVERTER.structure(body, Repro))
    except Exception as error:  # cattrs raises whatever the wrong value leads to
        where = strict.complaint(error)
        raise ReproError(f"{origin}: {where}. The file was edited or damaged; {_AGAIN}.") from None


def _as_name(value: object) -> object:
    """A name of the file system, in which a byte that is no text stands for itself: only what else is in it matters."""
    if not isinstance(value, str):
        return value
    try:
        return value.encode("utf-8", "surrogateescape").decode("latin-1")
    except UnicodeEncodeError:
        return value


def _in_range(repro: Repro) -> Repro:
    """A repro file that can be run. Raises ValueError, whose note says which field cannot."""
    schedule = repro.schedule
    counted = {
        "canary_number": repro.canary_number,
        "preemptions": repro.preemptions,
        "switches": repro.switches,
        "child": schedule.child,
        "stalls_at": schedule.stalls_at,
        "turned_at": schedule.turned_at,
        "moment": abs(schedule.moment),
    }
    fits = {name: 0 <= number <= NUMBER for name, number in counted.items()}
    fits["nth"] = all(0 < each.nth <= NUMBER for each in schedule.deviations)
    fits["hash_seed"] = _HASH_SEED.fullmatch(repro.hash_seed) is not None
    fits["hash_seed"] = fits["hash_seed"] and (repro.hash_seed == "random" or int(repro.hash_seed) < 1 << 32)
    fits["isolation"] = repro.isolation in {*Isolation}
    for field, modules in (("focus", schedule.focus), ("aside", schedule.aside)):
        named = all(name.isidentifier() for full in modules for name in full.split("."))
        fits[field] = named and len(modules) <= MODULES
    fits["seed"] = 0 <= repro.seed <= SEED
    identity = repro.identity
    of_leak = identity.verdict is Verdict.LEAK and bool(identity.canaries) and identity.bug_kind is None
    fits["identity"] = of_leak or (identity.verdict is Verdict.BUG and identity.bug_kind is not None)
    if wrong := next((name for name, right in fits.items() if not right), ""):
        error = ValueError("out of its range")
        error.add_note(f"attribute {wrong}")
        raise error
    return repro


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _object(value: Any, _: Any) -> dict[str, JsonValue]:
    if not isinstance(value, dict):
        raise ValueError("expected an object")  # noqa: TRY004  caught in loads, where every complaint is one
    return dict(value)


def _converter() -> cattrs.Converter:
    converter = strict.converter((Action, BugKind, Granularity, Label, LeakKind, Verdict), omit_if_default=True)
    plain = override(struct_hook=_object, unstruct_hook=dict)
    objects: dict[str, Any] = dict.fromkeys(("workload", "planted", "program"), plain)
    converter.register_structure_hook(
        Repro, make_dict_structure_fn(Repro, converter, _cattrs_forbid_extra_keys=True, **objects)
    )
    converter.register_unstructure_hook(
        Repro, make_dict_unstructure_fn(Repro, converter, _cattrs_omit_if_default=True, **objects)
    )
    return converter


_CONVERTER = _converter()
